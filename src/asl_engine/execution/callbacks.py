"""Answers from outside: which tasks a token can answer now, and the reply that an answer makes.

Developer guide, "Wait for a Callback with Task Token"; API reference, SendTaskSuccess, SendTaskFailure and
SendTaskHeartbeat. The one rule: a token answers once. From the moment an answer is accepted every other one is refused,
and no time-out undoes it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, Protocol

from asl_engine.errors import InvalidOutput, InvalidToken, TaskDoesNotExist, TaskTimedOut
from asl_engine.execution.frame import STARTED, OpenTask
from asl_engine.execution.replies import Reply, TaskFailed, TaskHeartbeat, TaskStarted, TaskSucceeded
from asl_engine.jsonvalue import Json, JsonValueError, adopt, copy

if TYPE_CHECKING:
    from asl_engine.execution.execution import Execution

OUTPUT_LIMIT = 262_144
CLOSED = "Task Timed Out: 'Provided task does not exist anymore'"
_FORM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class PendingTask(NamedTuple):
    """A task that can be answered. Times in milliseconds since the epoch; `deadline` and `heartbeat_deadline` are None
    where nothing bounds them. `input` is what the task was given, `since` when it started."""

    state_name: str
    resource: str
    input: Json
    since: int
    deadline: int | None
    heartbeat_deadline: int | None
    attempt: int
    scope: tuple[tuple[str, str, int], ...]


class Driver(Protocol):
    """What an execution asks of the driver that attends it."""

    def answer(self, execution: Execution, make: Callable[[], Reply], at: int = 0) -> None:
        """Takes the reply that `make` gives, and goes on; on a clock of its own not before the time `at`. What `make`
        raises is the caller's."""

    def advance(self, seconds: float) -> None:
        """Lets time pass."""

    def resume(self) -> None:
        """Goes on as far as it goes without an answer."""


def pending_tokens(execution: Execution) -> dict[str, PendingTask]:
    """Token -> task, in the order in which they were asked for."""
    return {token: _describe(task) for token, task in execution.tasks_by_token.items() if _is_open(execution, task)}


def is_known(execution: Execution, token: str) -> bool:
    """Whether this execution gave the token out, to a task that is open or closed."""
    return token in execution.tasks_by_token


def _is_open(execution: Execution, task: OpenTask) -> bool:
    return (task.stage == STARTED or task.taken) and not task.answered and execution.is_awaited(task.work.ticket)


def _describe(task: OpenTask) -> PendingTask:
    frame, move = task.frame, task.work.invoke
    assert move is not None
    deadline = None if move.timeout_seconds is None else task.since + move.timeout_seconds * 1000
    heartbeat = task.heartbeat_at or None
    attempt, scope = frame.retry_count + 1, frame.scope_path()
    name, resource = frame.step.name, move.resource.text
    return PendingTask(name, resource, copy(move.payload), task.since, deadline, heartbeat, attempt, scope)


def take(execution: Execution, token: str, worker_name: str | None) -> TaskStarted:
    """The reply that a worker took an activity's task, which from now on may be answered."""
    task = execution.tasks_by_token[token]
    task.taken = True
    return TaskStarted(task.work.ticket, worker_name)


def success(execution: Execution, token: str, output: Json, at: int = 0) -> TaskSucceeded:
    """The reply of SendTaskSuccess, sent at a time. Raises as `Execution.send_task_success` says."""
    task = open_task(execution, token, at)
    try:
        adopted, size = adopt(output)
    except JsonValueError as error:
        raise InvalidOutput(f"Invalid Output: '{error}'") from None
    if size > OUTPUT_LIMIT:
        raise InvalidOutput(f"Invalid Output: 'the output has {size} bytes, more than {OUTPUT_LIMIT}'")
    task.answered = True
    return TaskSucceeded(task.work.ticket, adopted, size)


def failure(execution: Execution, token: str, error: str | None, cause: str | None, at: int = 0) -> TaskFailed:
    """The reply of SendTaskFailure. Raises TypeError where error or cause is no text."""
    for name, text in (("error", error), ("cause", cause)):
        if text is not None and not isinstance(text, str):
            raise TypeError(f"send_task_failure's {name} must be a string or None, not {text!r:.60}")
    task = open_task(execution, token, at)
    task.answered = True
    return TaskFailed(task.work.ticket, error, cause)


def heartbeat(execution: Execution, token: str, at: int = 0) -> TaskHeartbeat:
    """The reply of SendTaskHeartbeat."""
    task = open_task(execution, token, at)
    move = task.work.invoke
    if at and task.heartbeat_at and move is not None and move.heartbeat_seconds is not None:
        task.heartbeat_at = at + move.heartbeat_seconds * 1000
    return TaskHeartbeat(task.work.ticket)


def open_task(execution: Execution, token: str, at: int = 0) -> OpenTask:
    """The open task of a token, which must be open at the time `at` still, where that is one to come. Raises
    InvalidToken, TaskDoesNotExist and TaskTimedOut; the texts are AWS's, but for that of TaskDoesNotExist."""
    if not isinstance(token, str) or token not in execution.tasks_by_token:
        raise unknown_token(token)
    task = execution.tasks_by_token[token]
    if not _is_open(execution, task):
        no_worker_has_it = not (task.stage == STARTED or task.taken) and execution.is_awaited(task.work.ticket)
        raise unknown_token(token) if no_worker_has_it else TaskTimedOut(CLOSED)
    pending = _describe(task)
    if any(bound is not None and at > bound for bound in (pending.deadline, pending.heartbeat_deadline)):
        raise TaskTimedOut(CLOSED)
    return task


def unknown_token(token: object) -> InvalidToken | TaskDoesNotExist:
    """Why a token that nobody gave out is refused: it has no token's form, or nobody's."""
    if not isinstance(token, str) or not _FORM.fullmatch(token):
        return InvalidToken("Invalid Token: 'Invalid token'")
    return TaskDoesNotExist(f"Task Does Not Exist: '{token}'")
