"""What a path is once it is read: segments in a row, and the conditions of its filters.

Each segment prints as Jayway json-path 2.0.0 spells it, because AWS's error texts show paths in that spelling.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeAlias

from asl_engine.records import record


@record(frozen=True, slots=True)
class Names:
    """`.name`, `['name']`, or several names that select one object: `['a','b']`."""

    names: tuple[str, ...]

    def __str__(self) -> str:
        return "[" + ", ".join(f"'{name}'" for name in self.names) + "]"


@record(frozen=True, slots=True)
class Indices:
    """`[0]` or `[0,2]`."""

    indices: tuple[int, ...]

    def __str__(self) -> str:
        return "[" + ",".join(map(str, self.indices)) + "]"


@record(frozen=True, slots=True)
class Slice:
    """`[1:3]`, `[1:]` or `[:3]`."""

    start: int | None
    stop: int | None

    def __str__(self) -> str:
        start, stop = ("" if bound is None else bound for bound in (self.start, self.stop))
        return f"[{start}:{stop}]"


@record(frozen=True, slots=True)
class FromEnd:
    """`[(@.length-1)]`, which counts from the end."""

    distance: int

    def __str__(self) -> str:
        return f"[@.size()-{self.distance}]"


@record(frozen=True, slots=True)
class Wildcard:
    """`.*` or `[*]`."""

    def __str__(self) -> str:
        return "[*]"


@record(frozen=True, slots=True)
class Descendants:
    """`..`: the next segment is tried on this value and on everything below it."""

    def __str__(self) -> str:
        return ".."


@record(frozen=True, slots=True)
class Filter:
    """`[?(@.price < 10)]`: what stands between the round brackets."""

    condition: Condition

    def __str__(self) -> str:
        return "[?]"


@record(frozen=True, slots=True)
class Exists:
    """`@.a`, true when the path finds something that is not null; `!@.a`, its negation."""

    path: FilterPath
    wanted: bool


@record(frozen=True, slots=True)
class Comparison:
    """`@.a < 3`. A literal is text that has no type until it meets a value; a pattern stands only beside `=~`."""

    left: Operand
    operator: str
    right: Operand


@record(frozen=True, slots=True)
class AllOf:
    """Conditions joined by `&&`."""

    conditions: tuple[Condition, ...]


@record(frozen=True, slots=True)
class AnyOf:
    """Conditions joined by `||`, which binds more loosely than `&&`."""

    conditions: tuple[Condition, ...]


@record(frozen=True, slots=True)
class FilterPath:
    """A definite path in a filter: `@...` from the item under test, `$...` from the whole document."""

    from_item: bool
    path: Path


Condition: TypeAlias = Exists | Comparison | AllOf | AnyOf
Operand: TypeAlias = FilterPath | str | re.Pattern[str]
Segment: TypeAlias = Names | Indices | Slice | FromEnd | Wildcard | Descendants | Filter


@record(frozen=True, slots=True)
class Path:
    """A path, read. `definite` when it can select one value only; `normal` is Jayway's own spelling of it."""

    text: str
    segments: tuple[Segment, ...]

    @property
    def definite(self) -> bool:
        return definite(self.segments)

    @property
    def normal(self) -> str:
        return "$" + "".join(map(str, self.segments))


def definite(segments: tuple[Segment, ...]) -> bool:
    """Whether the segments can select one value only. Several names select one object, so they count as definite."""
    return all(
        isinstance(segment, Names | FromEnd) or (isinstance(segment, Indices) and len(segment.indices) == 1)
        for segment in segments
    )


def leading_keys(segments: Iterable[Segment]) -> tuple[str | int, ...]:
    """The names and positions that a path begins with, up to the first segment that is more than one of these."""
    keys: list[str | int] = []
    for segment in segments:
        if isinstance(segment, Names) and len(segment.names) == 1:
            keys.append(segment.names[0])
        elif isinstance(segment, Indices) and len(segment.indices) == 1 and segment.indices[0] >= 0:
            keys.append(segment.indices[0])
        else:
            break
    return tuple(keys)
