"""Reading histories as GetExecutionHistory gives them, whoever wrote them: AWS, its CLI, boto3, this library.

Branches and iterations run side by side, so the order of events says little; `places` joins them by `previousEventId`.
The one rule: an event that ends something names what it ends or its kind, and so says how far to climb.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from asl_engine.drawing.overlay import HistoryError as HistoryError
from asl_engine.jsonvalue import Json, JsonTextError, loads
from asl_engine.records import record
from asl_engine.timestamp import parse_timestamp

if TYPE_CHECKING:
    from asl_engine.execution.execution import Execution

Event: TypeAlias = dict[str, Any]
History: TypeAlias = "Execution | Iterable[Mapping[str, Any]] | Mapping[str, Any] | str | Path"
"""An execution, its events, an answer of GetExecutionHistory, or the path of a file that holds one of these as JSON."""

Scope: TypeAlias = tuple[tuple[str, str, "int | str"], ...]
"""The iterations ("Map", state, index) and branches ("Parallel", state, the branch's first state) around a state."""

TEXT_FIELDS = ("input", "output", "parameters")


def read_history(given: History) -> list[Event]:
    """The events of a history, by id. Raises HistoryError and OSError.

    >>> read_history([{"id": 1, "type": "ExecutionStarted", "previousEventId": 0}])[0]["type"]
    'ExecutionStarted'
    """
    if hasattr(given, "history"):
        return list(given.history)
    if isinstance(given, (str, Path)):
        return _read_file(Path(given))
    events = given.get("events") if isinstance(given, Mapping) else given
    if isinstance(events, (str, bytes)) or not isinstance(events, Iterable):
        raise HistoryError('a history is an array of events, or an object with the array "events"')
    if isinstance(given, Mapping) and (given.get("nextToken") or given.get("NextToken")):
        raise HistoryError(
            'the history is one page of several: it has a "nextToken". Ask for all pages (the AWS CLI does unless told'
            " otherwise by --no-paginate or --max-items)"
        )
    return sorted((_event(event) for event in events), key=lambda event: event["id"])


def _read_file(file: Path) -> list[Event]:
    try:
        return read_history(loads(file.read_bytes()))
    except (JsonTextError, HistoryError) as error:
        raise HistoryError(f"{file}: {error}") from None


def _event(given: Any) -> Event:
    if not isinstance(given, Mapping):
        raise HistoryError(f"an event must be an object, not {given!r:.60}")
    kind, number = given.get("type"), given.get("id")
    if not isinstance(kind, str) or isinstance(number, bool) or not isinstance(number, int):
        raise HistoryError(
            f"an event must have a type and a number as its id, not {json.dumps(given, default=str):.80}"
        )
    return dict(given)


def details_of(event: Event) -> dict[str, Any]:
    """An event's details, {} where its type has none."""
    return next((value for key, value in event.items() if key.endswith("EventDetails")), {})


def decoded(text: Any) -> Json:
    """The value of a JSON text; what is none, as it is."""
    if not isinstance(text, str):
        return text
    try:
        return loads(text)
    except JsonTextError:
        return text


def time_of(event: Event) -> int | None:
    """Milliseconds since the epoch: boto3 gives datetimes, of which `json.dumps(default=str)` makes texts with a space;
    the CLI texts or seconds. None where none is readable."""
    moment = event.get("timestamp")
    if isinstance(moment, datetime):
        return round(moment.timestamp() * 1000)
    if isinstance(moment, (int, float)):
        return round(moment * 1000)
    return parse_timestamp(moment.replace(" ", "T", 1)) if isinstance(moment, str) else None


# --- where events lie -------------------------------------------------------------------------------------------------


@record(slots=True, eq=False)
class Place:
    """A part of an execution in which events lie: the whole (`kind` is ""), the visit of a state (`kind` is its type),
    an "Iteration" or a "Branch". `over`: it has ended."""

    kind: str
    name: str
    index: int | str = 0
    inside: Place | None = None
    over: bool = False

    @property
    def is_visit(self) -> bool:
        """Whether it is the visit of a state."""
        return self.kind not in ("", "Iteration", "Branch")

    @property
    def scope(self) -> Scope:
        """The iterations and branches around it, itself included, outermost first."""
        outer = () if self.inside is None else self.inside.scope
        kind = {"Iteration": "Map", "Branch": "Parallel"}.get(self.kind)
        return outer if kind is None else (*outer, (kind, self.name, self.index))

    def around(self) -> Iterator[Place]:
        """The place and those it is inside of, innermost first."""
        place: Place | None = self
        while place is not None:
            yield place
            place = place.inside

    def nearest(self, test: Callable[[Place], bool]) -> Place:
        """The innermost place around it, itself included, that passes a test; itself where none does."""
        return next((place for place in self.around() if test(place)), self)


def places(events: Iterable[Event]) -> dict[int, Place]:
    """Event id -> the place in which the event lies."""
    reading = Reading()
    for event in events:
        reading.take(event)
    return reading.found


class Reading:
    """Where events lie, for events that are taken in their order: `found` is by their ids."""

    def __init__(self) -> None:
        self.whole = Place("", "")
        self.found: dict[int, Place] = {}
        self._types: dict[int, str] = {}
        self._latest: dict[str, Place] = {}

    def take(self, event: Event) -> None:
        """The next event."""
        kind, previous = event["type"], event.get("previousEventId", 0)
        before = self.found.get(previous, self.whole)
        details = details_of(event)
        self.found[event["id"]] = self._place(kind, before, self._types.get(previous, ""), details)
        self._types[event["id"]] = kind

    def _place(self, kind: str, before: Place, after: str, details: dict[str, Any]) -> Place:
        """Where an event of a type lies that follows an event of the type `after`, which lies in `before`."""
        state, _, change = kind.partition("State")
        if kind.startswith("Execution"):
            return self.whole
        if change == "Entered":
            return self._enter(state, before, after, str(details.get("name")))
        if change == "Exited":
            return _ended(before.nearest(lambda place: place.is_visit and place.name == details.get("name")))
        if change == "Failed":
            return _ended(before.nearest(lambda place: place.kind == state and not place.over))
        if change:
            return before.nearest(lambda place: place.kind == state and not place.over)
        if kind.startswith("MapIteration"):
            return _iteration(kind, before, str(details.get("name")), details.get("index", 0))
        if kind == "EvaluationFailed":
            return self._latest.get(str(details.get("state")), before)
        return before.nearest(lambda place: place.is_visit)

    def _enter(self, state: str, before: Place, after: str, name: str) -> Place:
        if after == "ParallelStateStarted":
            container: Place | None = Place("Branch", before.name, name, before)
        elif before.is_visit:
            container = before.inside
        else:
            container = before
        visit = self._latest[name] = Place(state, name, 0, container)
        return visit


def _ended(place: Place) -> Place:
    place.over = True
    return place


def _iteration(kind: str, before: Place, name: str, index: int) -> Place:
    if kind == "MapIterationStarted":
        return Place("Iteration", name, index, before.nearest(lambda place: place.is_visit and place.name == name))
    return before.nearest(lambda place: (place.kind, place.name, place.index) == ("Iteration", name, index))
