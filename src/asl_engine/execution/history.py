"""The history: recorded as small tuples, rendered as GetExecutionHistory's dicts when asked for.

A record is (type, previous event id, time, state name, x, y); its id is its place in the list, from 1. What x and y
hold is the type's own affair: its row in HISTORY_EVENTS makes the event's details from them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from asl_engine.jsonvalue import Json, dumps
from asl_engine.timestamp import format_timestamp

Record: TypeAlias = "tuple[str, int, int, str | None, Any, Any]"
Text: TypeAlias = Callable[[Json], str]
Details: TypeAlias = Callable[[Text, Any, Any, Any], dict[str, Any]]

NOT_TRUNCATED = {"truncated": False}


def _input(value: str) -> dict[str, Any]:
    return {"input": value, "inputDetails": {"truncated": False}}


def _output(value: str) -> dict[str, Any]:
    return {"output": value, "outputDetails": {"truncated": False}}


def _execution_started(text: Text, name: Any, value: Any, role: Any) -> dict[str, Any]:
    return {**_input(text(value)), "roleArn": role}


def _execution_succeeded(text: Text, name: Any, value: Any, y: Any) -> dict[str, Any]:
    return _output(text(value))


def _failed(text: Text, name: Any, error: Any, cause: Any) -> dict[str, Any]:
    """`error` and `cause`, each only where it is set."""
    details = {} if error is None else {"error": error}
    return details if not cause else {**details, "cause": cause}


def _state_entered(text: Text, name: Any, value: Any, y: Any) -> dict[str, Any]:
    return {"name": name, "input": text(value), "inputDetails": {"truncated": False}}


def _state_exited(text: Text, name: Any, value: Any, assigned: Any) -> dict[str, Any]:
    details = {"name": name, "output": text(value), "outputDetails": {"truncated": False}}
    if assigned:
        details["assignedVariables"] = {key: dumps(item) for key, item in sorted(assigned.items())}
        details["assignedVariablesDetails"] = {"truncated": False}
    return details


def _map_started(text: Text, name: Any, length: Any, y: Any) -> dict[str, Any]:
    return {"length": length}


def _iteration(text: Text, name: Any, index: Any, y: Any) -> dict[str, Any]:
    return {"name": name, "index": index}


def _map_run_started(text: Text, name: Any, arn: Any, y: Any) -> dict[str, Any]:
    return {"mapRunArn": arn}


def _map_run_failed(text: Text, name: Any, x: Any, failure: Any) -> dict[str, Any]:
    return _failed(text, name, failure.error, failure.cause)


def _bounds(invoke: Any) -> dict[str, Any]:
    details = {}
    if invoke.timeout_seconds is not None:
        details["timeoutInSeconds"] = invoke.timeout_seconds
    if invoke.heartbeat_seconds is not None:
        details["heartbeatInSeconds"] = invoke.heartbeat_seconds
    if invoke.credentials is not None:
        details["taskCredentials"] = {"roleArn": invoke.credentials.get("RoleArn")}
    return details


def _lambda_scheduled(text: Text, name: Any, invoke: Any, y: Any) -> dict[str, Any]:
    return {"resource": invoke.resource.text, **_input(text(invoke.payload)), **_bounds(invoke)}


def _task_scheduled(text: Text, name: Any, invoke: Any, region: Any) -> dict[str, Any]:
    parameters = {"region": region, "parameters": text(invoke.payload)}
    return {**_of_task(invoke), **parameters, **_bounds(invoke)}


def _of_task(invoke: Any) -> dict[str, Any]:
    resource = invoke.resource
    return {"resourceType": resource.event_resource_type, "resource": resource.event_resource}


def _task_started(text: Text, name: Any, invoke: Any, y: Any) -> dict[str, Any]:
    return _of_task(invoke)


def _activity_started(text: Text, name: Any, invoke: Any, worker: Any) -> dict[str, Any]:
    return {} if worker is None else {"workerName": worker}


def _task_output(text: Text, name: Any, invoke: Any, value: Any) -> dict[str, Any]:
    return {**_of_task(invoke), **_output(text(value))}


def _lambda_output(text: Text, name: Any, invoke: Any, value: Any) -> dict[str, Any]:
    return _output(text(value))


def _task_failed(text: Text, name: Any, invoke: Any, failure: Any) -> dict[str, Any]:
    return {**_of_task(invoke), **_failed(text, name, failure.error, failure.cause)}


def _lambda_failed(text: Text, name: Any, invoke: Any, failure: Any) -> dict[str, Any]:
    return _failed(text, name, failure.error, failure.cause)


def _evaluation_failed(text: Text, name: Any, failure: Any, location: Any) -> dict[str, Any]:
    details = {"error": failure.error, "cause": failure.cause, "state": name}
    return details if location is None else {**details, "location": location}


ENTERED = ("stateEnteredEventDetails", _state_entered)
EXITED = ("stateExitedEventDetails", _state_exited)

HISTORY_EVENTS: dict[str, tuple[str, Details] | None] = {
    "ExecutionStarted": ("executionStartedEventDetails", _execution_started),
    "ExecutionSucceeded": ("executionSucceededEventDetails", _execution_succeeded),
    "ExecutionFailed": ("executionFailedEventDetails", _failed),
    "ExecutionTimedOut": ("executionTimedOutEventDetails", _failed),
    "ExecutionAborted": ("executionAbortedEventDetails", _failed),
    "PassStateEntered": ENTERED,
    "PassStateExited": EXITED,
    "TaskStateEntered": ENTERED,
    "TaskStateExited": EXITED,
    "TaskStateAborted": None,
    "ChoiceStateEntered": ENTERED,
    "ChoiceStateExited": EXITED,
    "WaitStateEntered": ENTERED,
    "WaitStateExited": EXITED,
    "WaitStateAborted": None,
    "SucceedStateEntered": ENTERED,
    "SucceedStateExited": EXITED,
    "FailStateEntered": ENTERED,
    "ParallelStateEntered": ENTERED,
    "ParallelStateExited": EXITED,
    "ParallelStateStarted": None,
    "ParallelStateSucceeded": None,
    "ParallelStateFailed": None,
    "ParallelStateAborted": None,
    "MapStateEntered": ENTERED,
    "MapStateExited": EXITED,
    "MapStateStarted": ("mapStateStartedEventDetails", _map_started),
    "MapStateSucceeded": None,
    "MapStateFailed": None,
    "MapStateAborted": None,
    "MapIterationStarted": ("mapIterationStartedEventDetails", _iteration),
    "MapIterationSucceeded": ("mapIterationSucceededEventDetails", _iteration),
    "MapIterationFailed": ("mapIterationFailedEventDetails", _iteration),
    "MapIterationAborted": ("mapIterationAbortedEventDetails", _iteration),
    "MapRunStarted": ("mapRunStartedEventDetails", _map_run_started),
    "MapRunSucceeded": None,
    "MapRunFailed": ("mapRunFailedEventDetails", _map_run_failed),
    "MapRunAborted": None,
    "LambdaFunctionScheduled": ("lambdaFunctionScheduledEventDetails", _lambda_scheduled),
    "LambdaFunctionStarted": None,
    "LambdaFunctionSucceeded": ("lambdaFunctionSucceededEventDetails", _lambda_output),
    "LambdaFunctionFailed": ("lambdaFunctionFailedEventDetails", _lambda_failed),
    "LambdaFunctionTimedOut": ("lambdaFunctionTimedOutEventDetails", _lambda_failed),
    "ActivityScheduled": ("activityScheduledEventDetails", _lambda_scheduled),
    "ActivityStarted": ("activityStartedEventDetails", _activity_started),
    "ActivitySucceeded": ("activitySucceededEventDetails", _lambda_output),
    "ActivityFailed": ("activityFailedEventDetails", _lambda_failed),
    "ActivityTimedOut": ("activityTimedOutEventDetails", _lambda_failed),
    "TaskScheduled": ("taskScheduledEventDetails", _task_scheduled),
    "TaskStarted": ("taskStartedEventDetails", _task_started),
    "TaskSubmitted": ("taskSubmittedEventDetails", _task_output),
    "TaskSucceeded": ("taskSucceededEventDetails", _task_output),
    "TaskFailed": ("taskFailedEventDetails", _task_failed),
    "TaskTimedOut": ("taskTimedOutEventDetails", _task_failed),
    "EvaluationFailed": ("evaluationFailedEventDetails", _evaluation_failed),
}


def render(records: Sequence[Record]) -> list[dict[str, Any]]:
    """The records as GetExecutionHistory's events: inputs and outputs are JSON text, timestamps ISO 8601 in UTC."""
    text, moment = _once(dumps), _once(format_timestamp)
    events: list[dict[str, Any]] = []
    for number, (kind, previous, now, name, x, y) in enumerate(records, 1):
        event: dict[str, Any] = {"timestamp": moment(now), "type": kind, "id": number, "previousEventId": previous}
        row = HISTORY_EVENTS[kind]
        if row is not None:
            event[row[0]] = row[1](text, name, x, y)
        events.append(event)
    return events


def _once(function: Callable[[Any], str]) -> Callable[[Any], str]:
    """The function, remembering its last argument: one state's output is the next one's input."""
    last: Any = function
    result = ""

    def remembered(value: Any) -> str:
        nonlocal last, result
        if value is not last:
            result, last = function(value), value
        return result

    return remembered
