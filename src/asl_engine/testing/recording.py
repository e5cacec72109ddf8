"""A recorded execution: what its history says of every task, its input, its way and its end.

The one rule: what cannot be taken from a history is said, in an error where nothing can be done with the rest and else
in `Recording.notes`; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from asl_engine.definition.graph import Machine
from asl_engine.errors import AslError
from asl_engine.jsonvalue import Json, dumps
from asl_engine.machine import StateMachine
from asl_engine.records import record
from asl_engine.testing.histories import (
    Event,
    History,
    Place,
    Scope,
    decoded,
    details_of,
    places,
    read_history,
    time_of,
)

SUCCEEDED, FAILED, TIMED_OUT, OPEN = "succeeded", "failed", "timed_out", "open"
HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
"""What AWS shows in the place of secrets."""
STATUS = {
    "ExecutionSucceeded": "SUCCEEDED",
    "ExecutionFailed": "FAILED",
    "ExecutionTimedOut": "TIMED_OUT",
    "ExecutionAborted": "ABORTED",
}
"""The events that end a history -> how the execution ended."""
_ENDINGS = {
    "Succeeded": SUCCEEDED,
    "TimedOut": TIMED_OUT,
    "ScheduleFailed": FAILED,
    "StartFailed": FAILED,
    "SubmitFailed": FAILED,
    "Failed": FAILED,
}
_KINDS = ("LambdaFunction", "Activity", "Task")
_BEGINNINGS = tuple(f"{kind}Scheduled" for kind in _KINDS)


class RecordingError(AslError, ValueError):
    """A history cannot be recorded or replayed."""


@record(slots=True)
class RecordedTask:
    """One attempt of a task, as recorded.

    `scope` names the iterations and branches around it as `TaskContext.scope` does; `attempt` counts from 1 in each
    visit of the state. `kind` is Task, LambdaFunction or Activity. `outcome` is "succeeded" with `output`, "failed" or
    "timed_out" with `error` and `cause`, or "open": nothing answered it before it was aborted or the execution ended.
    Times are milliseconds since the epoch, None where the history hides them; `event_id` is that of its scheduling.
    """

    state: str
    scope: Scope
    attempt: int
    kind: str
    resource: str
    input: Json
    event_id: int
    heartbeat_seconds: int | None = None
    worker_name: str | None = None
    submitted: Json = None
    is_submitted: bool = False
    outcome: str = OPEN
    output: Json = None
    error: str | None = None
    cause: str | None = None
    started_at: int | None = None
    ended_at: int | None = None

    @property
    def key(self) -> tuple[str, Scope, int]:
        """What tells it from all others, unless its state is visited again in the same scope."""
        return self.state, self.scope, self.attempt

    @property
    def seconds(self) -> float:
        """How long it took; 0 where the history does not say."""
        known = self.started_at is not None and self.ended_at is not None
        return max(0, self.ended_at - self.started_at) / 1000 if known else 0  # type: ignore[operator]

    def __str__(self) -> str:
        return attempt_named(*self.key)


def attempt_named(state: str, scope: Iterable[tuple[str, str, int | str]], attempt: int) -> str:
    """An attempt of a task for a message: `attempt 1 of Work in Each[2]`."""
    where = ", ".join(f"{name}[{index}]" for _, name, index in scope)
    return f"attempt {attempt} of {state}" + (f" in {where}" if where else "")


@record(frozen=True, slots=True)
class Recording:
    """A recorded execution of a state machine.

    `context` is what `StateMachine.run` takes as such. `path` names the states entered, `events` is the whole history.
    `notes` says what a replay cannot have: child executions of distributed Maps, mostly.
    """

    name: str
    input: Json
    context: dict[str, Any]
    tasks: tuple[RecordedTask, ...]
    path: tuple[str, ...]
    status: str
    output: Json
    error: str | None
    cause: str | None
    events: tuple[Event, ...]
    notes: tuple[str, ...]
    machine: StateMachine


def read_recording(history: History, machine: StateMachine, *, name: str = "recorded") -> Recording:
    """A recording from a history: a file, events, or the answer of GetExecutionHistory. `machine` is what was executed;
    `name` the execution's. Raises RecordingError, HistoryError and OSError."""
    events = read_history(history)
    _check(events)
    started, last = events[0], events[-1]
    start, end = details_of(started), details_of(last)
    execution: dict[str, Any] = {"Name": name}
    moment = time_of(started)
    if moment is not None:
        from asl_engine.timestamp import format_timestamp

        execution["StartTime"] = format_timestamp(moment)
    if start.get("roleArn"):
        execution["RoleArn"] = start["roleArn"]
    return Recording(
        name,
        decoded(start["input"]),
        {"Execution": execution},
        tuple(_tasks(events, machine)),
        tuple(details_of(event)["name"] for event in events if event["type"].endswith("StateEntered")),
        STATUS[last["type"]],
        decoded(end.get("output")),
        end.get("error"),
        end.get("cause"),
        tuple(events),
        tuple(_notes(events)),
        machine,
    )


def recording_from_aws(client: Any, execution_arn: str) -> Recording:
    """A recording of an execution in AWS, through a boto3 client for `stepfunctions`: the execution and its state
    machine as it was executed are described, and every page of the history is read.

    Raises RecordingError, HistoryError and botocore's errors.
    """
    described = client.describe_execution(executionArn=execution_arn)
    executed = client.describe_state_machine_for_execution(executionArn=execution_arn)
    events = history_from_aws(client, execution_arn)
    machine = StateMachine.from_json(executed["definition"], name=executed["name"])
    recording = read_recording(events, machine, name=described["name"])
    recording.context["Execution"]["Id"] = execution_arn
    recording.context["StateMachine"] = {"Id": described["stateMachineArn"], "Name": executed["name"]}
    return recording


def history_from_aws(client: Any, execution_arn: str) -> list[Event]:
    """The events of every page of an execution's history, through a boto3 client for `stepfunctions`."""
    pages = client.get_paginator("get_execution_history").paginate(
        executionArn=execution_arn, includeExecutionData=True
    )
    return [event for page in pages for event in page["events"]]


# --- what makes a history unfit ---------------------------------------------------------------------------------------


def _check(events: list[Event]) -> None:
    """Raises RecordingError for a history that is not a whole one with its data."""
    if not events or events[0]["type"] != "ExecutionStarted":
        raise RecordingError("the history does not begin with ExecutionStarted: the first events are missing")
    ids = [event["id"] for event in events]
    if ids != list(range(1, len(ids) + 1)):
        gap = next(number for number, found in enumerate(ids, 1) if number != found)
        raise RecordingError(f"the history has no event {gap}: it is not whole")
    if events[-1]["type"] not in STATUS:
        raise RecordingError(
            f"the history ends with {events[-1]['type']}: the execution was still running, or its last events are"
            " missing"
        )
    for event in events:
        _check_event(event)


def _check_event(event: Event) -> None:
    kind, details = event["type"], details_of(event)
    place = f"event {event['id']}, {kind}"
    if event.get("timestamp") is not None and time_of(event) is None:
        raise RecordingError(f"{place}: its timestamp {event['timestamp']!r} is no time")
    if kind == "ExecutionRedriven":
        raise RecordingError(f"{place}: the execution was redriven, which a replay cannot do")
    if kind in ("ExecutionStarted", "ExecutionSucceeded") and not details.keys() & {"input", "output"}:
        raise RecordingError(
            f"{place}: has no data. The history was asked for without it: leave out --no-include-execution-data, and"
            " take a role that may read it"
        )
    for key, about in details.items():
        if key.endswith("Details") and isinstance(about, dict) and about.get("truncated") is True:
            raise RecordingError(
                f"{place}: its {key.removesuffix('Details')} is truncated, so that it cannot be given again"
            )


def _notes(events: list[Event]) -> Iterator[str]:
    for event in events:
        if event["type"] == "MapRunStarted":
            arn = details_of(event).get("mapRunArn")
            yield f"event {event['id']}: the child executions of {arn} have histories of their own, which are not here"
        if event["type"] == "ExecutionAborted":
            yield f"event {event['id']}: the execution was stopped from outside, which nothing here does again"
        if HIDDEN in str(details_of(event).get("output")):
            yield f"event {event['id']}, {event['type']}: its output has parts that AWS has hidden, and is given so"


# --- tasks ------------------------------------------------------------------------------------------------------------


def _tasks(events: list[Event], machine: StateMachine) -> Iterator[RecordedTask]:
    """Every attempt of every task, in the order in which they were scheduled."""
    branches = dict(_branches(machine.definition))
    found = places(events)
    current: dict[int, RecordedTask] = {}
    failures: dict[int, int] = {}
    for event in events:
        place, kind = found[event["id"]], event["type"]
        if kind in _BEGINNINGS or (kind.endswith("ScheduleFailed") and not _is_open(current.get(id(place)))):
            task = current[id(place)] = _scheduled(event, place, failures.get(id(place), 0) + 1, branches)
            yield task
        if place.is_visit and id(place) in current:
            _tell(current[id(place)], event)
        if kind.endswith(("Failed", "TimedOut")) and place.is_visit:
            failures[id(place)] = failures.get(id(place), 0) + 1


def _is_open(task: RecordedTask | None) -> bool:
    return task is not None and task.outcome == OPEN


def _branches(machine: Machine) -> Iterator[tuple[str, int]]:
    """The first state of every branch -> the branch's index."""
    for state in machine.states.values():
        for index, nested in enumerate(state.machines()):
            yield nested.start_at, index
            yield from _branches(nested)


def _scheduled(event: Event, place: Place, attempt: int, branches: dict[str, int]) -> RecordedTask:
    details = details_of(event)
    kind = next(kind for kind in _KINDS if event["type"].startswith(kind))
    given = details.get("parameters") if kind == "Task" else details.get("input")
    scope = tuple(
        (around, name, branches.get(str(index), index) if around == "Parallel" else index)
        for around, name, index in place.scope
    )
    resource = str(details.get("resource"))
    return RecordedTask(
        place.name, scope, attempt, kind, resource, decoded(given), event["id"], details.get("heartbeatInSeconds")
    )


def _tell(task: RecordedTask, event: Event) -> None:
    """What an event of a visit says of its task."""
    details = details_of(event)
    change = next((event["type"].removeprefix(kind) for kind in _KINDS if event["type"].startswith(kind)), "")
    if change in ("Scheduled", "Started"):
        task.started_at = time_of(event)
        task.worker_name = details.get("workerName", task.worker_name)
    elif change == "Submitted":
        task.submitted, task.is_submitted = decoded(details.get("output")), True
    elif change in _ENDINGS:
        task.outcome, task.ended_at = _ENDINGS[change], time_of(event)
        task.output = decoded(details.get("output"))
        task.error, task.cause = details.get("error"), _text(details.get("cause"))


def _text(cause: Any) -> str | None:
    """A cause is a text, even where a recorder has decoded it."""
    return cause if cause is None or isinstance(cause, str) else dumps(cause)
