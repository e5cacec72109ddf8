"""What a machine's paths say about its documents: a tree of the names they step through, and what stands at the ends.

From it `draw` makes inputs and task results that the machine can do something with, and, where asked for noise, some
in which values are missing or of another type. Nothing is drawn that breaks what the conversion's report assumes: no
array stands where a path steps by name, no object where it says `[*]`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from asl_engine.jsonvalue import Json
from asl_engine.query.intrinsics.syntax import Argument, Call, Reference, parse_call
from asl_engine.query.jsonpath.segments import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Descendants,
    Exists,
    Filter,
    FilterPath,
    Indices,
    Names,
    Segment,
)
from asl_engine.query.jsonpath.syntax import parse_path
from asl_engine.rewriting.jsonata.choices import ROWS as COMPARISONS

if TYPE_CHECKING:
    from random import Random

POOLS: Final[dict[str, list[Json]]] = {
    "any": ["a", "b c", 0, 1, 7, -3, 1.5, True, False, None, [], [1, "x"], [[1], [2]], [5], {"k": "v"}, ""],
    "printed": ["a", "b c", 0, 12, -3, True, False, None, ""],
    "string": ["a", "b c", "x,y;;z", "", 'it\'s "so"', "a|b.c"],
    "ascii": ["a", "b c", "", "0123"],
    "base64": ["YWJj", "", "YQ=="],
    "json": ["1", '{"a": [1, "x"]}', '"s"', "[[1]]", "null"],
    "whole": [0, 1, 2, 5],
    "positive": [1, 2, 3],
    "array": [[], [1], [1, 2, 2, "x"], [[1], [1], [2]], ["a"], [{"k": 1}, {"k": 1}], [None, True]],
    "object": [{}, {"k": 1}, {"k": [1], "j": {"l": "x"}}],
    "value": [{"k": "v"}, [1, "x", {"k": None}], 3, True, None, []],
    "seconds": [1, 30, "5"],
    "timestamp": ["2024-01-01T00:00:00Z", "2030-06-01T12:00:00.5+02:00", "2023-12-31T23:59:59-01:00"],
    "role": ["arn:aws:iam::123456789012:role/r"],
}
LOOSE: Final = frozenset({"any", "timestamp", "seconds"})
"""The kinds in whose place another type is drawn at times: what then fails or not, fails or not in both."""

ARGUMENTS: Final[dict[str, tuple[str, ...]]] = {
    "States.Format": ("printed",),
    "States.StringToJson": ("json",),
    "States.JsonToString": ("value",),
    "States.ArrayPartition": ("array", "positive"),
    "States.ArrayContains": ("array", "any"),
    "States.ArrayRange": ("whole", "whole", "positive"),
    "States.ArrayGetItem": ("array", "whole"),
    "States.ArrayLength": ("array",),
    "States.ArrayUnique": ("array",),
    "States.Base64Encode": ("ascii",),
    "States.Base64Decode": ("base64",),
    "States.JsonMerge": ("object", "object"),
    "States.MathRandom": ("whole", "positive"),
    "States.MathAdd": ("whole", "whole"),
    "States.StringSplit": ("string",),
}
FIELDS: Final = {
    "ItemsPath": "array",
    "SecondsPath": "seconds",
    "TimestampPath": "timestamp",
    "TimeoutSecondsPath": "seconds",
    "HeartbeatSecondsPath": "seconds",
    "MaxConcurrencyPath": "positive",
    "ToleratedFailureCountPath": "positive",
    "ToleratedFailurePercentagePath": "positive",
    "ErrorPath": "string",
    "CausePath": "string",
    "RoleArn.$": "role",
}
"""The field of a path -> what stands at its end."""


MAX_ITEMS: Final = 20


class Shape:
    """What stands at one place: an object with `names`, an array of `items`, or a value from the `pool`."""

    def __init__(self) -> None:
        self.names: dict[str, Shape] = {}
        self.items: Shape | None = None
        self.kinds: set[str] = set()
        self.values: list[Json] = []
        self.strict = False
        self.least = 0

    def name(self, name: str) -> Shape:
        """The place below a name."""
        return self.names.setdefault(name, Shape())

    def item(self, index: int = -1) -> Shape:
        """The place of every item; the array has one at the index."""
        self.items = self.items or Shape()
        self.least = max(self.least, index + 1)
        return self.items

    def take(self, other: Shape, depth: int) -> None:
        """What is known of another place is known of this one too."""
        if other is self or not depth:
            return
        self.kinds |= other.kinds
        self.values += [value for value in other.values if value not in self.values]
        self.strict, self.least = self.strict or other.strict, max(self.least, other.least)
        for name, below in list(other.names.items()):
            self.name(name).take(below, depth - 1)
        if other.items is not None:
            self.item().take(other.items, depth - 1)


def shape_of(definition: Json) -> Shape:
    """The shape of all documents of a machine taken together."""
    root = Shape()
    places = Places((root,), {})
    _note_variables(definition, places)
    _note(definition, "", places)
    for _ in range(2):
        for name, end in _copies(definition, places):
            if name in root.names:
                end.take(root.names[name], MAX_COPIED)
    return root


MAX_COPIED: Final = 5
"""How deep a value's shape is copied to where the value comes from; shapes may hold themselves."""


def _copies(value: Json, places: Places) -> Iterator[tuple[str, Shape]]:
    """(name, the place that a template copies to it): what is read of the one later must stand in the other."""
    if isinstance(value, list):
        for item in value:
            yield from _copies(item, places)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key.endswith(".$") and isinstance(item, str) and item.startswith("$"):
                yield from ((key.removesuffix(".$"), end) for end in _ends(item, places))
            else:
                yield from _copies(item, places)


class Places(NamedTuple):
    """Where paths begin: at the documents themselves, and below a state's InputPath; and where variables come from."""

    roots: tuple[Shape, ...]
    variables: dict[str, Shape]


def _note_variables(value: Json, places: Places) -> None:
    if isinstance(value, list):
        for item in value:
            _note_variables(item, places)
    elif isinstance(value, dict):
        for key, text in (value.get("Assign") or {}).items():
            if key.endswith(".$") and text.startswith("$."):
                places.variables.update((key.removesuffix(".$"), end) for end in _ends(text, places))
        for item in value.values():
            _note_variables(item, places)


def _note(value: Json, field: str, places: Places) -> None:
    if isinstance(value, dict):
        if "Variable" in value:
            _note_comparison(value, places)
        below = _below_input_path(value, places)
        for key, item in value.items():
            _note(item, key, places if key in ("InputPath", "ItemProcessor", "Iterator", "Branches") else below)
    elif isinstance(value, list):
        for item in value:
            _note(item, "", places)
    elif isinstance(value, str) and (field.endswith((".$", "Path")) or field == "Variable"):
        _note_text(value, FIELDS.get(field, "any"), places)


def _below_input_path(state: dict[str, Json], places: Places) -> Places:
    path = state.get("InputPath")
    if not isinstance(path, str) or path == "$":
        return places
    return places._replace(roots=(*places.roots[:1], *_ends(path, places)[:1]))


def _note_text(text: str, kind: str, places: Places) -> None:
    if text.startswith("$"):
        for end in _ends(text, places):
            end.kinds.add(kind)
    elif text.startswith("States."):
        _note_call(parse_call(text), places)


def _note_call(call: Call, places: Places) -> None:
    kinds = ARGUMENTS.get(call.name, ("any",))
    for index, argument in enumerate(call.arguments):
        _note_argument(argument, kinds[min(index, len(kinds) - 1)], places)


def _note_argument(argument: Argument, kind: str, places: Places) -> None:
    if isinstance(argument, Reference):
        _note_text(argument.text, kind, places)
    elif isinstance(argument, Call):
        _note_call(argument, places)


def _note_comparison(rule: Json, places: Places) -> None:
    """Values near the operand, so that each side of a comparison is met."""
    operator = next((name for name in rule if name in COMPARISONS), "IsPresent")
    ends = _ends(rule["Variable"], places)
    if operator.endswith("Path"):
        ends += _ends(rule[operator], places)
        near: list[Json] = ["a", "b"] if operator.startswith("String") else [1, 2, 2.5, True, False]
        near = POOLS["timestamp"] if operator.startswith("Timestamp") else near
    else:
        near = _near(rule[operator]) if not operator.startswith("Is") else ["a", 1, True, None, *POOLS["timestamp"]]
    for end in ends:
        end.kinds.add("any")
        end.values += near


def _near(operand: Json) -> list[Json]:
    if isinstance(operand, bool):
        return [True, False]
    if isinstance(operand, str):
        return [operand, operand.replace("*", "x"), operand.replace("*", ""), operand + "z", *POOLS["timestamp"]]
    return [operand, operand + 1, operand - 1, str(operand)]


def _ends(text: str, places: Places) -> list[Shape]:
    """The places at the end of a path; those on the way come to be."""
    start = re.match(r"\$\$|\$\w*", text)
    segments = parse_path("$" + text[start.end() :]).segments if start else ()
    if start is not None and start[0] == "$$":
        texts = [segment.names[0] for segment in segments if isinstance(segment, Names)]
        if texts[:2] == ["Execution", "Input"]:
            return _walk(segments[2:], places.roots[0])
        return _walk(segments[3:], places.roots[0]) if texts[:3] == ["Map", "Item", "Value"] else []
    if start is not None and start[0] != "$":
        return _walk(segments, places.variables.get(start[0][1:], places.roots[0]))
    return [end for root in places.roots for end in _walk(segments, root)]


def _walk(segments: tuple[Segment, ...], place: Shape) -> list[Shape]:
    for index, segment in enumerate(segments):
        if isinstance(segment, Names):
            if len(segment.names) > 1:
                return [place.name(name) for name in segment.names]
            place = place.name(segment.names[0])
        elif isinstance(segment, Descendants):
            return []
        else:
            place.strict = place.strict or not isinstance(segment, Indices)
            place = place.item(max(segment.indices) if isinstance(segment, Indices) else -1)
            if isinstance(segment, Filter):
                _note_filter(segment.condition, place)
        if index == len(segments) - 1:
            return [place]
    return [place]


def _note_filter(condition: Condition, item: Shape) -> None:
    if isinstance(condition, AllOf | AnyOf):
        for part in condition.conditions:
            _note_filter(part, item)
    elif isinstance(condition, Exists):
        _walk(condition.path.path.segments, item)[0].kinds.add("any")
    elif isinstance(condition, Comparison) and isinstance(condition.left, FilterPath):
        end = _walk(condition.left.path.segments, item)[0]
        end.strict = True
        end.values += _compared(str(condition.right))


def _compared(literal: str) -> list[Json]:
    if literal in ("true", "false"):
        return [True, False]
    if re.fullmatch(r"-?[0-9]+", literal):
        return [int(literal), int(literal) + 1, int(literal) - 1, literal, None]
    return [literal, literal + "x", "", None]


# --- drawing ----------------------------------------------------------------------------------------------------------


def draw(shape: Shape, chance: Random, noise: float, depth: int = 0) -> Json:
    """A value of the shape. `noise`: how often a value is missing or of another type, from 0 to 1."""
    if shape.names and not (shape.items and chance.random() < (0.5 if depth else 0.2)):
        if depth and noise and chance.random() < noise:
            return chance.choice(["x", 3, None, True, {}])
        return dict(_members(shape, chance, noise, depth))
    if shape.items is not None and not (shape.kinds and chance.random() < 0.1):
        length = chance.choice([0, 1, 1, 2, 3]) if not shape.least or chance.random() < noise else shape.least
        return [draw(shape.items, chance, noise, depth + 1) for _ in range(min(length, MAX_ITEMS))]
    return _end(shape, chance, noise)


def _members(shape: Shape, chance: Random, noise: float, depth: int) -> Iterator[tuple[str, Json]]:
    for name, below in shape.names.items():
        if chance.random() >= noise:
            yield name, draw(below, chance, noise, depth + 1)
    if chance.random() < 0.3:
        yield "extra", chance.choice(POOLS["any"])


def _end(shape: Shape, chance: Random, noise: float) -> Json:
    if shape.values and chance.random() < 0.8:
        return chance.choice(shape.values)
    if shape.strict and shape.items is not None:
        return []
    if shape.strict and shape.values:
        return chance.choice(shape.values)
    special = sorted(shape.kinds - {"any"})
    if not special or (set(special) <= LOOSE and chance.random() < noise):
        return chance.choice(POOLS["any"])
    return chance.choice(POOLS[chance.choice(special)])
