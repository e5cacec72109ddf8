"""Tasks in an execution: the events they leave, their time-outs and heartbeats, and what their replies do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asl_engine.errors import DATA_LIMIT_EXCEEDED, RUNTIME, TIMEOUT, StatesError
from asl_engine.execution.commands import InvokeTask
from asl_engine.execution.frame import ASKED, SCHEDULED, STARTED, Frame, OpenTask, Work
from asl_engine.execution.replies import (
    TaskFailed,
    TaskHeartbeat,
    TaskRefused,
    TaskScheduled,
    TaskStarted,
    TaskSubmitted,
    TaskSucceeded,
)
from asl_engine.jsonvalue import size
from asl_engine.states.failure import Failure
from asl_engine.states.moves import Invoke
from asl_engine.states.resource import ACTIVITY, TASK

if TYPE_CHECKING:
    from asl_engine.execution.execution import Execution

PAYLOAD_LIMIT = 262_144


def invoke(execution: Execution, frame: Frame, move: Invoke) -> None:
    """Schedules and starts a task; sets its timers."""
    growth, step = frame.step.input_growth, frame.step
    bound = (growth.input + growth.document) * frame.bound + growth.constant
    if bound > PAYLOAD_LIMIT and size(move.payload) > PAYLOAD_LIMIT:
        cause = (
            f"The state/task '{step.name}' was given an input with a size exceeding the maximum number of bytes service"
            " limit."
        )
        return execution.rescue(frame, Failure(DATA_LIMIT_EXCEEDED, cause, by_name_only=True))
    if execution.settings.check_task is not None:
        try:
            execution.settings.check_task(step.name, move.resource, move.payload)
        except StatesError as error:
            return execution.rescue(frame, execution.explain(frame, error))
    kind = move.resource.kind
    work = frame.work = Work(execution.desk.new_ticket(frame), move)
    token = None
    if step.needs_token:
        token = token_of(execution, frame)
        task = work.open = execution.tasks_by_token[token] = OpenTask(frame, work, execution.now)
        if kind == ACTIVITY and execution.settings.activity_workers:
            task.stage = ASKED
    if work.open is None or work.open.stage == STARTED:
        execution.record(kind + "Scheduled", frame, move, execution.region() if kind == TASK else None)
        execution.record(kind + "Started", frame, move)
        if move.timeout_seconds is not None or move.heartbeat_seconds is not None:
            _start_clocks(execution, frame, work, move)
    deadline = None if move.timeout_seconds is None else execution.now + move.timeout_seconds * 1000
    scope = frame.scope_path() if frame.group is not None else execution.scope
    attempt = frame.retry_count + 1
    command = InvokeTask(
        work.ticket, step.name, move.resource, move.payload, deadline, move.credentials, attempt, scope, token
    )
    execution.desk.ask(command)


def _start_clocks(execution: Execution, frame: Frame, work: Work, move: Invoke) -> None:
    if move.timeout_seconds is not None:
        at = execution.now + move.timeout_seconds * 1000
        work.deadline = execution.desk.set_timer(frame, at, lambda late: _timed_out(execution, late, False))
    if move.heartbeat_seconds is not None:
        _start_heartbeat(execution, frame, work, move.heartbeat_seconds)


def _start_heartbeat(execution: Execution, frame: Frame, work: Work, seconds: int) -> None:
    at = execution.now + seconds * 1000
    if work.open is not None:
        work.open.heartbeat_at = at
    work.heartbeat = execution.desk.set_timer(frame, at, lambda late: _timed_out(execution, late, True))


def token_of(execution: Execution, frame: Frame) -> str:
    """The task token of the frame's present attempt: the same as often as it is asked for, another for each attempt."""
    key = (frame.entered_id, frame.retry_count)
    return execution.tokens.setdefault(key, execution.entropy.uuid())


def _unstarted(execution: Execution, ticket: int) -> OpenTask | None:
    """The activity's task of a ticket, if no worker has it yet."""
    frame = execution.desk.awaiting(ticket)
    if frame is None or not isinstance(frame.work, Work) or frame.work.open is None:
        return None
    return None if frame.work.open.stage == STARTED else frame.work.open


def scheduled(execution: Execution, reply: TaskScheduled) -> None:
    """An activity's queue took the task."""
    task = _unstarted(execution, reply.ticket)
    if task is not None:
        _schedule(execution, task)


def _schedule(execution: Execution, task: OpenTask) -> None:
    if task.stage == ASKED:
        task.stage = SCHEDULED
        execution.record("ActivityScheduled", task.frame, task.work.invoke)


def started(execution: Execution, reply: TaskStarted) -> None:
    """A worker took an activity's task: developer guide, "Task state fields": its time-outs count from here."""
    task = _unstarted(execution, reply.ticket)
    if task is not None and task.work.invoke is not None:
        _start(execution, task, reply.worker_name)
        _start_clocks(execution, task.frame, task.work, task.work.invoke)


def _start(execution: Execution, task: OpenTask, worker_name: str | None = None) -> None:
    _schedule(execution, task)
    task.stage, task.since = STARTED, execution.now
    execution.record("ActivityStarted", task.frame, task.work.invoke, worker_name)


def refused(execution: Execution, reply: TaskRefused) -> None:
    """The task could not be scheduled: no event says that it was (recorded for an activity that does not exist)."""
    frame = execution.desk.answered(reply.ticket)
    if frame is not None and isinstance(frame.work, Work):
        if frame.work.deadline or frame.work.heartbeat:
            execution.desk.forget(frame.work.deadline, frame.work.heartbeat)
        execution.rescue(frame, execution.explain(frame, StatesError(RUNTIME, reply.reason)))


def submitted(execution: Execution, reply: TaskSubmitted) -> None:
    """A `.sync` or `.waitForTaskToken` task's request was accepted."""
    frame = execution.desk.awaiting(reply.ticket)
    if frame is not None and isinstance(frame.work, Work) and not frame.work.submitted:
        frame.work.submitted = True
        execution.record("TaskSubmitted", frame, frame.work.invoke, reply.output)


def beat(execution: Execution, reply: TaskHeartbeat) -> None:
    """A heartbeat: the time for the next one starts now."""
    frame = execution.desk.awaiting(reply.ticket)
    if frame is not None and isinstance(frame.work, Work) and frame.work.heartbeat:
        work = frame.work
        execution.desk.forget(work.heartbeat)
        assert work.invoke is not None
        assert work.invoke.heartbeat_seconds is not None
        _start_heartbeat(execution, frame, work, work.invoke.heartbeat_seconds)


def succeeded(execution: Execution, reply: TaskSucceeded) -> None:
    """A task's result: too large a one fails the task."""
    frame = execution.desk.answered(reply.ticket)
    if frame is None:
        return None
    move = _close(execution, frame)
    if reply.size > PAYLOAD_LIMIT:
        cause = (
            f"The state/task '{move.resource.text}' returned a result with a size exceeding the maximum number of bytes"
            " service limit."
        )
        return _fail(execution, frame, move, Failure(DATA_LIMIT_EXCEEDED, cause))
    execution.record(f"{move.resource.kind}Succeeded", frame, move, reply.output)
    execution.finish(frame, reply.output, reply.size)


def failed(execution: Execution, reply: TaskFailed) -> None:
    """A task's error."""
    frame = execution.desk.answered(reply.ticket)
    if frame is not None:
        _fail(execution, frame, _close(execution, frame), Failure(reply.error, reply.cause))


def _fail(execution: Execution, frame: Frame, move: Invoke, failure: Failure) -> None:
    execution.record(f"{move.resource.kind}Failed", frame, move, failure)
    execution.rescue(frame, failure)


def _timed_out(execution: Execution, frame: Frame, heartbeat: bool) -> None:
    assert isinstance(frame.work, Work)
    if frame.work.open is not None and frame.work.open.answered:
        return execution.root.unhear()  # what was accepted from outside wins, even where it has yet to arrive
    execution.desk.forget(frame.work.ticket)
    move = _close(execution, frame)
    failure = Failure(TIMEOUT, "", heartbeat=heartbeat)
    execution.record(f"{move.resource.kind}TimedOut", frame, move, failure)
    execution.rescue(frame, failure)


def _close(execution: Execution, frame: Frame) -> Invoke:
    """Ends what the frame awaited; the work it was."""
    work = frame.work
    assert isinstance(work, Work)
    assert work.invoke is not None
    if work.deadline or work.heartbeat:
        execution.desk.forget(work.deadline, work.heartbeat)
    if work.open is not None and work.open.stage != STARTED:
        _start(execution, work.open)
    frame.work = None
    return work.invoke
