"""Paths as tests write them, and whether an execution took one.

A path is a sequence of state names; `...` (Ellipsis) stands for any steps, none too. A Map's or Parallel's name alone
says nothing of its inside. A list after it does: of names, the path of every iteration or branch; of lists, the path of
each in order, where `...` again stands for any.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import EllipsisType
from typing import Any, NamedTuple, TypeVar

from asl_engine.execution.visits import Lane, Visit

Item = TypeVar("Item")
Part = TypeVar("Part")


class Expected(NamedTuple):
    """One step of a path: a state's name, and what its lanes must have done, None where that is left open."""

    name: str
    inside: list[Any] | None = None

    def fits(self, visit: Visit) -> bool:
        """Whether a visit is this step."""
        return visit.name == self.name and (self.inside is None or lanes_fit(self.inside, visit.lanes))


def steps_of(path: Sequence[Any]) -> list[Expected | EllipsisType]:
    """The steps that a path's parts make. Raises TypeError."""
    steps: list[Expected | EllipsisType] = []
    for part in path:
        last = steps[-1] if steps else None
        if isinstance(part, str):
            steps.append(Expected(part))
        elif isinstance(part, EllipsisType):
            steps.append(part)
        elif isinstance(part, (list, tuple)) and isinstance(last, Expected) and last.inside is None:
            steps[-1] = Expected(last.name, list(part))
        else:
            raise TypeError(f"a path has state names, ..., and after a Map's or Parallel's name a list, not {part!r}")
    return steps


def lane_fits(path: Sequence[Any], lane: Lane) -> bool:
    """Whether a lane took a path."""
    return matches(steps_of(path), lane.visits, Expected.fits)


def lanes_fit(inside: list[Any], lanes: Sequence[Lane]) -> bool:
    """Whether the lanes of a Map or Parallel did what a list says. Raises TypeError."""
    if not any(isinstance(part, str) for part in inside) and any(isinstance(part, (list, tuple)) for part in inside):
        return matches(inside, lanes, lane_fits)
    return all(lane_fits(inside, lane) for lane in lanes) if inside else not lanes


def matches(pattern: Sequence[Part | EllipsisType], items: Sequence[Item], fits: Callable[[Part, Item], bool]) -> bool:
    """Whether items match a pattern in which `...` stands for any number of them."""
    ends = {0}
    for part in pattern:
        if isinstance(part, EllipsisType):
            ends = set(range(min(ends), len(items) + 1))
        else:
            ends = {end + 1 for end in ends if end < len(items) and fits(part, items[end])}
        if not ends:
            return False
    return len(items) in ends


def written(lane: Lane) -> list[Any]:
    """A lane's path as `assert_path` takes it, with what happened inside its states."""
    path: list[Any] = []
    for visit in lane.visits:
        path.append(visit.name)
        if visit.lanes:
            inner = [written(lane) for lane in visit.lanes]
            alike = inner[0] and all(other == inner[0] for other in inner)
            path.append(inner[0] if alike else inner)
    return path


# --- two paths side by side -------------------------------------------------------------------------------------------

MOST_CELLS = 250_000
"""Longer paths are not aligned: the cost is the product of their lengths."""


class Row(NamedTuple):
    """A place of two paths side by side; a side that has nothing there is None."""

    expected: Any
    got: Any


def aligned(
    pattern: Sequence[Part | EllipsisType], items: Sequence[Item], fits: Callable[[Part, Item], bool]
) -> list[Row]:
    """A pattern beside the items it was meant for, as few of either as can be standing alone."""
    if len(pattern) * len(items) > MOST_CELLS:
        return [*(Row(part, None) for part in pattern), *(Row(None, item) for item in items)]
    costs = _costs(pattern, items, fits)
    rows: list[Row] = []
    at, to = 0, 0
    while at < len(pattern):
        part, cost = pattern[at], costs[at][to]
        if isinstance(part, EllipsisType):
            if cost == costs[at + 1][to]:
                at += 1
            else:
                rows.append(Row(..., items[to]))
                to += 1
        elif to < len(items) and cost == costs[at + 1][to + 1] and fits(part, items[to]):
            rows.append(Row(part, items[to]))
            at, to = at + 1, to + 1
        elif cost == costs[at + 1][to] + 1:
            rows.append(Row(part, None))
            at += 1
        else:
            rows.append(Row(None, items[to]))
            to += 1
    return rows + [Row(None, item) for item in items[to:]]


def _costs(
    pattern: Sequence[Part | EllipsisType], items: Sequence[Item], fits: Callable[[Part, Item], bool]
) -> list[list[int]]:
    """How many stand alone at least in the rest of both, from each place of the pattern and each item on."""
    width = len(items)
    costs = [list(range(width, -1, -1))]
    for part in reversed(pattern):
        below = costs[-1]
        row = [below[width] + (not isinstance(part, EllipsisType))]
        for to in range(width - 1, -1, -1):
            if isinstance(part, EllipsisType):
                row.append(min(below[to], row[-1]))
            elif fits(part, items[to]):
                row.append(below[to + 1])
            else:
                row.append(1 + min(below[to], row[-1]))
        costs.append(row[::-1])
    return costs[::-1]
