"""Lint on calls of intrinsic functions that fail whatever their input is.

The functions themselves are asked, so no rule stands twice: a call of literals alone is carried out; in another call
each literal is tried by itself, beside values that the function takes. What the reader refuses (unknown names, numbers
of arguments) is not told again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from asl_engine.definition.fields import JSONPATH
from asl_engine.definition.graph import Machine
from asl_engine.jsonvalue import Json
from asl_engine.lint.table import Finding, lint
from asl_engine.lint.visits import Where, for_short_texts, pointer_of, texts_of_templates

UNKNOWN: Any = object()
"""The value of an argument that only an execution knows."""

LEAST, MOST = -(2**31), 2**31 - 1

GOOD: dict[str, tuple[Json, ...]] = {
    "States.ArrayPartition": ([], 1),
    "States.ArrayContains": ([], None),
    "States.ArrayRange": (0, 0, MOST),
    "States.ArrayGetItem": ([None], 0),
    "States.ArrayLength": ([],),
    "States.ArrayUnique": ([],),
    "States.Base64Encode": ("",),
    "States.Base64Decode": ("",),
    "States.Hash": ("", "MD5"),
    "States.JsonMerge": ({}, {}, False),
    "States.JsonToString": (None,),
    "States.MathAdd": (0, 0),
    "States.MathRandom": (LEAST, MOST, 0),
    "States.StringSplit": ("", ""),
    "States.StringToJson": ("null",),
}
"""Arguments that each function takes, and beside which any one that it may take is taken too."""


@lint("INTRINSIC_ALWAYS_FAILS", "WARNING", "A call of an intrinsic function fails whatever the input is.", local=True)
def intrinsic_always_fails(machine: Machine) -> Iterator[Finding]:
    """A literal of the wrong type or out of range, such as a chunk size of 0."""
    for state, place, text in _calls(machine):
        if state.query_language == JSONPATH:
            for refusal in _refusals(text):
                yield Finding(pointer_of(place), f"the call fails whatever the input is: {refusal}")


def _calls(machine: Machine) -> Iterator[tuple[Any, Where, str]]:
    """(state, place, text) of every call."""
    for state, texts in texts_of_templates(machine):
        for leaf in texts:
            if leaf.text.startswith("States.") and leaf.key.endswith(".$") and not leaf.in_array:
                yield state, leaf.place, leaf.text
        if state.type == "Fail":
            for name, text in (("ErrorPath", state.error_path), ("CausePath", state.cause_path)):
                if text and text.startswith("States."):
                    yield state, (state.pointer, name), text


@for_short_texts
def _refusals(text: str) -> Sequence[str]:
    from asl_engine.query.intrinsics import InvalidIntrinsic
    from asl_engine.query.intrinsics.syntax import parse_call

    found: list[str] = []
    try:
        _value(parse_call(text), found)
    except InvalidIntrinsic:
        return []
    return found


def _value(argument: Any, found: list[str]) -> Json:
    """The value of an argument, UNKNOWN where only an execution knows it; gathers what calls refuse."""
    from asl_engine.query.intrinsics import INTRINSICS
    from asl_engine.query.intrinsics.syntax import Call, Literal

    if isinstance(argument, Literal):
        return argument.value
    if not isinstance(argument, Call) or argument.name not in INTRINSICS:
        return UNKNOWN
    values = [_value(inner, found) for inner in argument.arguments]
    return _called(argument, INTRINSICS[argument.name], values, found)


def _called(call: Any, known: Any, values: list[Json], found: list[str]) -> Json:
    if known.template:
        if isinstance(values[0], (str, tuple)) or values[0] is UNKNOWN:
            return UNKNOWN  # places and arguments of a literal template were counted when it was read
        found.append(f"The template must be a string, in '{call.text}'")
        return UNKNOWN
    if any(value is UNKNOWN for value in values):
        for index, value in enumerate(values):
            if value is not UNKNOWN:
                _carry_out(call, known, _beside_good(call.name, index, value), found)
        return UNKNOWN
    return _carry_out(call, known, values, found)


def _beside_good(name: str, index: int, value: Json) -> list[Json]:
    """Arguments that are refused only if this one is refused."""
    good = list(GOOD.get(name, ()))
    if index >= len(good):
        return good
    if name == "States.ArrayGetItem" and isinstance(value, (int, float)):
        value = min(value, 0)  # the array may be as long as the index asks for
    good[index] = value
    return good


class _NoChance:
    """Stands in for the scope of a function that draws, whose value nobody asks for here."""

    @property
    def entropy(self) -> _NoChance:
        return self

    def random(self) -> float:
        """The least number."""
        return 0.0

    def uuid(self) -> str:
        """No identifier."""
        return ""


def _carry_out(call: Any, known: Any, values: list[Json], found: list[str]) -> Json:
    from asl_engine.query.intrinsics.table import Refused

    if len(values) < known.least or (known.most is not None and len(values) > known.most):
        return UNKNOWN
    try:
        if known.scoped:
            known.function(_NoChance(), *values)
            return UNKNOWN
        result: Json = known.function(*values)
        return result
    except Refused as refusal:
        found.append(f"{str(refusal).removesuffix('.')}, in '{call.text}'")
        return UNKNOWN
