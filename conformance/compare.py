"""The comparing rules for values: when does what the engine gave equal what was expected?

One rule keeps it whole: a comparison never says only "different", it names the first place where the two part.

- Objects compare without the order of their keys; 1 equals 1.0, true does not equal 1.
- A placeholder token stands for anything. Where text stands around the token, that text must match.
- A leaf whose whole text is `date` or `timestamp` may hide one. `<json-input:1>` stands for
  the JSON text of a state's input.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, TypeAlias

from asl_engine.testing import NOTHING, differences, same_leaf

Json: TypeAlias = Any
Place: TypeAlias = tuple[str | int, ...]

JSON_INPUT = "<json-input:1>"


@dataclass(frozen=True, slots=True)
class Difference:
    """The first place where expected and got part; NOTHING where one side has no such key or item."""

    place: Place
    expected: Json
    got: Json

    def __str__(self) -> str:
        return f"{render_place(self.place)}: expected {_short(self.expected)}, got {_short(self.got)}"


@dataclass(frozen=True, slots=True)
class Wildcards:
    """Where a recording leaves open what stands there.

    `tokens` are texts that stand for anything, wherever in a leaf; `leaves` do so only as the whole of one; `places`
    hold anything, whatever stands there. `inputs` are the values whose JSON text `<json-input:1>` may stand for; any
    JSON text will do where there are none.
    """

    tokens: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()
    places: frozenset[Place] = frozenset()
    inputs: tuple[Json, ...] = ()


NO_WILDCARDS = Wildcards()


def first_difference(
    expected: Json, got: Json, wildcards: Wildcards = NO_WILDCARDS, place: Place = ()
) -> Difference | None:
    """None if `got` is what `expected` allows, else the first place where it is not."""

    def matches(expected: Json, got: Json, place: Place) -> bool:
        return _leaf_matches(expected, got, wildcards, place)

    found = next(differences(expected, got, matches, place), None)
    return None if found is None else Difference(*found)


def _leaf_matches(expected: Json, got: Json, wildcards: Wildcards, place: Place) -> bool:
    if isinstance(expected, str):
        held = [token for token in wildcards.tokens if token in expected]
        if expected in held or expected in wildcards.leaves:
            return True
        if held:
            return isinstance(got, str) and _text_matches(expected, got, held, wildcards.inputs)
    return place in wildcards.places or same_leaf(expected, got)


def _text_matches(expected: str, got: str, tokens: list[str], inputs: tuple[Json, ...]) -> bool:
    """Whether `got` reads as `expected` with some text in the place of each token."""
    longest_first = "|".join(re.escape(token) for token in sorted(tokens, key=len, reverse=True))
    pieces = re.split(f"({longest_first})", expected)
    pattern = "".join("(.*)" if piece in tokens else re.escape(piece) for piece in pieces)
    match = re.fullmatch(pattern, got, re.DOTALL)
    if match is None:
        return False
    stood_in = zip((piece for piece in pieces if piece in tokens), match.groups(), strict=True)
    return all(_is_input(text, inputs) for token, text in stood_in if token == JSON_INPUT)


def _is_input(text: str, inputs: tuple[Json, ...]) -> bool:
    if not is_json_text(text):
        return False
    return not inputs or any(first_difference(value, json.loads(text)) is None for value in inputs)


def is_json_text(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def render_place(place: Place) -> str:
    """`("events", 3, "output", "a b")` -> `events[3].output["a b"]`."""
    text = ""
    for step in place:
        if isinstance(step, str) and re.fullmatch(r"[\w$-]+", step):
            text += f".{step}" if text else step
        else:
            text += f"[{json.dumps(step)}]"
    return text or "the whole"


def _short(value: Json, width: int = 200) -> str:
    text = repr(value) if value is NOTHING else json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= width else f"{text[: width - 3]}..."


def explain(difference: Difference) -> str:
    """A difference in full: the place, then both sides as indented JSON."""
    lines = [f"first difference at {render_place(difference.place)}"]
    for side, value in (("expected", difference.expected), ("got", difference.got)):
        lines += [f"--- {side}", _pretty(value)]
    if isinstance(difference.expected, str) and isinstance(difference.got, str):
        lines.append(f"--- they part after {_common_start(difference.expected, difference.got)!r}")
    return "\n".join(lines)


def _pretty(value: Json) -> str:
    return repr(value) if value is NOTHING else json.dumps(value, indent=2, ensure_ascii=False, default=repr)


def _common_start(one: str, other: str, width: int = 60) -> str:
    parted = (index for index, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    common = one[: next(parted, min(len(one), len(other)))]
    return common if len(common) <= width else f"...{common[-width:]}"
