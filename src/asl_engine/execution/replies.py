"""What comes back to an execution. A reply with a ticket that is not awaited (late, repeated) is ignored."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from asl_engine.jsonvalue import Json

if TYPE_CHECKING:
    from asl_engine.execution.map_data import DataReply


class TaskScheduled(NamedTuple):
    """An activity took the task into its queue. Not awaited where a worker starts or answers it at once."""

    ticket: int


class TaskStarted(NamedTuple):
    """A worker took an activity's task; its time-out and heartbeat count from now."""

    ticket: int
    worker_name: str | None = None


class TaskRefused(NamedTuple):
    """The task cannot be scheduled at all, for this reason: States.Runtime."""

    ticket: int
    reason: str


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


ENDS_TASK = (TaskSucceeded, TaskFailed, TaskRefused)
"""The replies after which nothing more is heard of a task."""


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


Reply: TypeAlias = (
    "TaskScheduled | TaskStarted | TaskRefused | TaskSubmitted | TaskSucceeded | "
    "TaskFailed | TaskHeartbeat | TimerFired | StopExecution | DataReply"
)
"""DataReplies are those to Map Runs, and stand in `map_data.py`."""
