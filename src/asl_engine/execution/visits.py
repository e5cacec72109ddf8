"""What an execution did, as visits of states in lanes, read from its records.

A lane is one thread of control: the execution's own, a branch's or an iteration's. Records are joined by the event that
each one follows, never by their order: branches and iterations run side by side. An event that names a state belongs to
the nearest visit of that name outwards from the event it follows.

Lanes and visits are plain classes: with records, reading 9,000 events took 63 ms, not 10.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from asl_engine.execution.history import Record
from asl_engine.execution.report import StateError
from asl_engine.jsonvalue import Json

BEGUN = frozenset(
    ("LambdaFunctionScheduled", "TaskScheduled", "ActivityScheduled", "MapStateStarted", "ParallelStateStarted")
)
"""An attempt of a state's work begins."""

FAILED = frozenset(
    {
        *("LambdaFunctionFailed", "LambdaFunctionTimedOut", "TaskFailed", "TaskTimedOut"),
        *("ActivityFailed", "ActivityTimedOut", "MapRunFailed", "EvaluationFailed"),
    }
)
"""An attempt fails, with an error of its own."""

_GROUP_FAILED = frozenset(("MapStateFailed", "ParallelStateFailed"))
_GROUP_BEGUN = frozenset(("MapStateStarted", "ParallelStateStarted"))


class Lane:
    """The visits of one thread of control, in order; `index` is the branch's or the item's in the visit `inside`."""

    __slots__ = ("index", "inside", "visits")

    def __init__(self, inside: Visit | None = None, index: int = 0, visits: list[Visit] | None = None) -> None:
        self.inside = inside
        self.index = index
        self.visits: list[Visit] = visits or []


class Visit:
    """One visit of a state: its input, its output once `left`, its attempts, and the lanes of its last attempt in the
    order in which they began.

    Times are milliseconds. `delays` are the times between a failed attempt and the next one.
    """

    __slots__ = (
        *("aborted", "attempts", "delays", "entered_at", "errors", "input", "lane", "lanes", "last_at", "left"),
        *("name", "output", "type"),
    )

    def __init__(self, name: str, type: str, lane: Lane, input: Json, entered_at: int) -> None:
        self.name, self.type, self.lane, self.input = name, type, lane, input
        self.entered_at = self.last_at = entered_at
        self.left = self.aborted = False
        self.output: Json = None
        self.attempts = 0
        self.delays: list[int] = []
        self.errors: list[StateError] = []
        self.lanes: list[Lane] = []


class Visits(NamedTuple):
    """All visits of an execution: `main` is the lane of the whole, `entered` has them in the order of entry, `of` the
    visit that each record belongs to."""

    main: Lane
    entered: list[Visit]
    of: list[Visit | None]


def visits_of(records: Sequence[Record]) -> Visits:
    """The visits that an execution's records tell of."""
    main = Lane()
    reading = Visits(main, [], [None])
    latest: dict[str, Visit] = {}
    lanes: dict[int, Lane] = {}
    for number, (kind, previous, now, name, x, y) in enumerate(records, 1):
        if name is None or kind.startswith("Execution"):
            reading.of.append(reading.of[previous])
            continue
        if kind.endswith("StateEntered"):
            visit = _enter(reading, _lane(reading, records, lanes, previous), kind, name, now, x)
            latest[name] = visit
        else:
            visit = _belongs(reading.of[previous], name) or latest[name]
            if kind == "MapIterationStarted":
                lanes[number] = _new_lane(visit, x)
            _note(visit, kind, now, x, y)
            if _is_retry(visit, kind, records[previous - 1][0]):
                visit.delays.append(now - records[previous - 1][2])
            visit.attempts += kind in BEGUN
        reading.of.append(visit)
    return reading


def _enter(reading: Visits, lane: Lane, kind: str, name: str, now: int, input: Json) -> Visit:
    visit = Visit(name, kind.removesuffix("StateEntered"), lane, input, now)
    lane.visits.append(visit)
    reading.entered.append(visit)
    return visit


def _lane(reading: Visits, records: Sequence[Record], lanes: dict[int, Lane], previous: int) -> Lane:
    """The lane of a state that was entered after the record `previous`."""
    if previous in lanes:
        return lanes[previous]
    visit = reading.of[previous]
    if visit is None:
        return reading.main
    if records[previous - 1][0] == "ParallelStateStarted":
        return _new_lane(visit, len(visit.lanes))
    return visit.lane


def _new_lane(visit: Visit, index: int) -> Lane:
    visit.lanes.append(Lane(visit, index))
    return visit.lanes[-1]


def _belongs(visit: Visit | None, name: str) -> Visit | None:
    """The visit of this name that is, or is around, a visit. None where an expression failed as its state was entered:
    that event follows the one before the entry."""
    while visit is not None and visit.name != name:
        visit = visit.lane.inside
    return visit


def _note(visit: Visit, kind: str, now: int, x: Any, y: Any) -> None:
    """Keeps what a record tells of its visit."""
    visit.last_at = now
    if kind.endswith("StateExited"):
        visit.left, visit.output = True, x
    elif kind.endswith("StateAborted"):
        visit.aborted = True
    elif kind in _GROUP_BEGUN:
        visit.lanes = []
    elif kind in FAILED:
        failure = x if kind == "EvaluationFailed" else y
        visit.errors.append(StateError(failure.error, failure.cause))


def _is_retry(visit: Visit, kind: str, before: str) -> bool:
    """Whether a record begins an attempt after a failed one; one whose expression fails at once does not say so."""
    if kind == "EvaluationFailed":
        return before in FAILED
    return kind in BEGUN and bool(visit.attempts or visit.errors)


# --- questions --------------------------------------------------------------------------------------------------------


def broken(records: Sequence[Record], visits: Visits) -> Visit | None:
    """The state that a failed execution broke in: the innermost one that its last failure came from."""
    at = records[-1][1] if records else 0
    while at and records[at - 1][0] in _GROUP_FAILED:
        at = records[at - 1][1]
    return visits.of[at]


def open_visits(lane: Lane) -> list[Visit]:
    """The innermost states that stood open when a lane's execution ended, or stand open now."""
    last = lane.visits[-1] if lane.visits else None
    if last is None or last.left:
        return []
    return [visit for inner in last.lanes for visit in open_visits(inner)] or [last]
