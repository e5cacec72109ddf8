"""What comes back to an execution. A reply with a ticket that is not awaited (late, repeated) is ignored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from asl_engine.jsonvalue import Json


class TaskSubmitted(NamedTuple):
    """A `.sync` or `.waitForTaskToken` task's request was accepted, with this response."""

    ticket: int
    output: Json


class TaskSucceeded(NamedTuple):
    """A task gave its result, a private JSON value of `size` bytes."""

    ticket: int
    output: Json
    size: int


class TaskFailed(NamedTuple):
    """A task failed with an error name and a cause."""

    ticket: int
    error: str | None
    cause: str | None


class TaskHeartbeat(NamedTuple):
    """A task is alive: its heartbeat time starts anew."""

    ticket: int


class TimerFired(NamedTuple):
    """The time of a timer has come."""

    ticket: int


class StopExecution(NamedTuple):
    """Someone stops the execution."""

    error: str | None = None
    cause: str | None = None


class ItemsRead(NamedTuple):
    """The next items of a Map Run's data set, each after its `Map.Item.Source`; whether more may follow."""

    ticket: int
    items: Sequence[tuple[str, Json]]
    more: bool


class ResultsWritten(NamedTuple):
    """A Map Run's results are written; `output` is what its state gives."""

    ticket: int
    output: Json


class DataFailed(NamedTuple):
    """A Map Run's items could not be read, or its results not be written."""

    ticket: int
    error: str | None
    cause: str | None


Reply: TypeAlias = (
    TaskSubmitted
    | TaskSucceeded
    | TaskFailed
    | TaskHeartbeat
    | TimerFired
    | StopExecution
    | ItemsRead
    | ResultsWritten
    | DataFailed
)
