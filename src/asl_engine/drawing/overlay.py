"""What an execution did, state by state and transition by transition, read from its history.

Events are joined by `previousEventId`, never by their order: branches and iterations run side by side. An event belongs
to the visit that its previous event belongs to; an event that ends a state or begins an iteration names it, and so says
how far to climb. A visit that is climbed over has failed, for a failure is the one thing that leaves a state unexited.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from asl_engine.errors import AslError
from asl_engine.records import field, record

if TYPE_CHECKING:
    from asl_engine.execution.execution import Execution

RUNNING, SUCCEEDED, CAUGHT, FAILED, ABORTED = "running", "succeeded", "caught", "failed", "aborted"


class HistoryError(AslError, ValueError):
    """What was given is no history of an execution."""


class Transition(NamedTuple):
    """From a state (None: the start of its machine) to a state; `caught`: after a failure, through a Catch."""

    source: str | None
    target: str
    caught: bool


@record(slots=True)
class StateTally:
    """All visits of one state: how many entered it, what became of them, and the attempts after the first ones."""

    entered: int = 0
    succeeded: int = 0
    caught: int = 0
    failed: int = 0
    aborted: int = 0
    running: int = 0
    retries: int = 0


@record(frozen=True, slots=True)
class Overlay:
    """What an execution did: `states` by name, how often each transition was taken, how often a state that was left
    was the last of its machine (`ended`), and how it all ended (`status`, RUNNING where the history stops earlier)."""

    status: str
    states: Mapping[str, StateTally]
    transitions: Mapping[Transition, int]
    ended: Mapping[str, int]


class _Event(NamedTuple):
    """What the overlay needs of an event; `name` is the state that the event names."""

    id: int
    previous: int
    type: str
    name: str | None


@record(slots=True, eq=False)
class _Visit:
    """One visit of a state, and the visit that it happens inside."""

    name: str
    type: str
    inside: _Visit | None
    outcome: str = RUNNING
    failing: bool = False
    over: bool = False
    attempts: int = 0
    retries: int = 0


@record(slots=True, eq=False)
class _Reading:
    """What is known while the events are read: where each event lies, and what was found."""

    visits: list[_Visit] = field(default_factory=list)
    place: dict[int, _Visit | None] = field(default_factory=lambda: {0: None})
    exits: dict[int, _Visit] = field(default_factory=dict)
    followed: set[int] = field(default_factory=set)
    entries: dict[tuple[int, str], _Visit] = field(default_factory=dict)
    latest: dict[str, _Visit] = field(default_factory=dict)
    """The last visit of each state: after a redrive, events no longer lead back to what they go on with."""
    transitions: dict[Transition, int] = field(default_factory=dict)
    status: str = "RUNNING"


def overlay_of(history: Execution | Iterable[Mapping[str, Any]] | Mapping[str, Any]) -> Overlay:
    """What happened in an execution of this library, or in a history as GetExecutionHistory gives it: its events, or
    the answer with "events". Raises HistoryError for what is no history.

    >>> overlay_of({"events": []}).status
    'RUNNING'
    """
    reading = _Reading()
    for event in _events(history):
        reading.place[event.id] = _rule(event.type)(reading, event)
    return _overlay(reading)


# --- the events, whatever they come as --------------------------------------------------------------------------------


def _events(history: Any) -> Iterator[_Event]:
    records = getattr(history, "records", None)
    if records is not None:
        for number, (kind, previous, _, name, _, _) in enumerate(records, 1):
            yield _Event(number, previous, kind, name)
        return
    events = history.get("events") if isinstance(history, Mapping) else history
    if isinstance(events, (str, bytes)) or not isinstance(events, Iterable):
        raise HistoryError('a history is an array of events, or an object with the array "events"')
    yield from sorted((_event(place, item) for place, item in enumerate(events)), key=lambda event: event.id)


def _event(place: int, item: Any) -> _Event:
    if not isinstance(item, Mapping):
        raise HistoryError(f"/events/{place}: must be an object, not {item!r:.60}")
    number, previous, kind = item.get("id"), item.get("previousEventId", 0), item.get("type")
    for name, value, cls in (("id", number, int), ("previousEventId", previous, int), ("type", kind, str)):
        if not isinstance(value, cls) or isinstance(value, bool):
            raise HistoryError(f"/events/{place}/{name}: must be {_ARTICLE[cls]}, not {value!r:.60}")
    return _Event(number, previous, kind, _name_in(item))  # type: ignore[arg-type]


_ARTICLE = {int: "an integer", str: "a string"}


def _name_in(item: Mapping[str, Any]) -> str | None:
    for key, details in item.items():
        if key.endswith("EventDetails") and isinstance(details, Mapping):
            name = details.get("name") or details.get("state")
            return name if isinstance(name, str) else None
    return None


# --- one rule an event type -------------------------------------------------------------------------------------------


def _entered(reading: _Reading, event: _Event) -> _Visit | None:
    name, before = event.name or "", reading.exits.get(event.previous)
    visit = _Visit(name, event.type.removesuffix("StateEntered"), reading.place.get(event.previous))
    reading.visits.append(visit)
    reading.entries[event.previous, name] = reading.latest[name] = visit
    reading.followed.add(event.previous)
    source, caught = (before.name, before.outcome == CAUGHT) if before else (None, False)
    taken = Transition(source, name, caught)
    reading.transitions[taken] = reading.transitions.get(taken, 0) + 1
    return visit


def _exited(reading: _Reading, event: _Event) -> _Visit | None:
    visit = _climb(reading, event, lambda visit: visit.name == event.name) or reading.latest.get(event.name or "")
    if visit is None:
        return reading.place.get(event.previous)
    visit.outcome = CAUGHT if visit.failing else SUCCEEDED
    reading.exits[event.id] = visit
    return visit.inside


def _begun(reading: _Reading, event: _Event) -> _Visit | None:
    """A task is scheduled, or branches and iterations are begun: once more is a retry."""
    visit = reading.place.get(event.previous)
    if event.type.endswith("StateStarted"):
        kind = event.type.removesuffix("StateStarted")
        visit = _climb(reading, event, lambda visit: visit.type == kind and not visit.over)
    if visit is not None:
        visit.retries += visit.attempts > 0 or visit.failing
        visit.attempts += 1
        visit.failing = False
    return visit


def _failed(reading: _Reading, event: _Event) -> _Visit | None:
    visit = reading.place.get(event.previous)
    if visit is not None:
        visit.failing = True
    return visit


def _evaluation_failed(reading: _Reading, event: _Event) -> _Visit | None:
    """The event names its state; AWS joins a failure on entry to the event before the state was entered."""
    visit = reading.place.get(event.previous)
    if event.name is not None and (visit is None or visit.name != event.name):
        visit = reading.entries.get((event.previous, event.name), visit)
    if visit is not None:
        visit.retries += visit.failing
        visit.failing = True
    return visit


def _group_failed(reading: _Reading, event: _Event) -> _Visit | None:
    kind = event.type.removesuffix("StateFailed")
    visit = _climb(reading, event, lambda visit: visit.type == kind and not visit.over)
    if visit is not None:
        visit.over = visit.failing = True
    return visit


def _group_succeeded(reading: _Reading, event: _Event) -> _Visit | None:
    kind = event.type.removesuffix("StateSucceeded")
    visit = _climb(reading, event, lambda visit: visit.type == kind and not visit.over)
    if visit is not None:
        visit.over = True
    return visit


def _iteration(reading: _Reading, event: _Event) -> _Visit | None:
    return _climb(reading, event, lambda visit: visit.name == event.name)


def _aborted(reading: _Reading, event: _Event) -> _Visit | None:
    visit = reading.place.get(event.previous)
    if visit is not None and visit.outcome == RUNNING:
        visit.outcome = ABORTED
    return visit


def _ended(reading: _Reading, event: _Event) -> _Visit | None:
    reading.status = _STATUSES[event.type]
    if reading.status == "FAILED":
        _climb(reading, event, lambda visit: False)
    for visit in reading.visits:
        if visit.outcome == RUNNING:
            visit.outcome = ABORTED
    return None


def _redriven(reading: _Reading, event: _Event) -> _Visit | None:
    reading.status = "RUNNING"
    return reading.place.get(event.previous)


def _within(reading: _Reading, event: _Event) -> _Visit | None:
    """Any other event lies where the one before it lies."""
    return reading.place.get(event.previous)


def _climb(reading: _Reading, event: _Event, is_it: Callable[[_Visit], bool]) -> _Visit | None:
    """The first visit, from where the previous event lies outwards, that is meant; those on the way have failed."""
    start = visit = reading.place.get(event.previous)
    while visit is not None and not is_it(visit):
        visit = visit.inside
    while start is not visit and start is not None:
        start.outcome, start = FAILED, start.inside
    return visit


_Rule: TypeAlias = "Callable[[_Reading, _Event], _Visit | None]"

_STATUSES = {
    "ExecutionSucceeded": "SUCCEEDED",
    "ExecutionFailed": "FAILED",
    "ExecutionTimedOut": "TIMED_OUT",
    "ExecutionAborted": "ABORTED",
}
_RULES: dict[str, _Rule] = {
    **dict.fromkeys(_STATUSES, _ended),
    "EvaluationFailed": _evaluation_failed,
    "ExecutionRedriven": _redriven,
}
_RULES_BY_END: tuple[tuple[str, _Rule], ...] = (
    ("StateEntered", _entered),
    ("StateExited", _exited),
    ("StateStarted", _begun),
    ("StateFailed", _group_failed),
    ("StateSucceeded", _group_succeeded),
    ("StateAborted", _aborted),
    ("MapIterationStarted", _iteration),
    ("MapIterationFailed", _iteration),
    ("Scheduled", _begun),
    ("Failed", _failed),
    ("TimedOut", _failed),
)


def _rule(kind: str) -> _Rule:
    if kind in _RULES:
        return _RULES[kind]
    return next((rule for end, rule in _RULES_BY_END if kind.endswith(end)), _within)


def _overlay(reading: _Reading) -> Overlay:
    states: dict[str, StateTally] = {}
    for visit in reading.visits:
        tally = states.setdefault(visit.name, StateTally())
        tally.entered += 1
        tally.retries += visit.retries
        setattr(tally, visit.outcome, getattr(tally, visit.outcome) + 1)
    ended: dict[str, int] = {}
    for number, visit in reading.exits.items():
        if number not in reading.followed:
            ended[visit.name] = ended.get(visit.name, 0) + 1
    return Overlay(reading.status, states, reading.transitions, ended)
