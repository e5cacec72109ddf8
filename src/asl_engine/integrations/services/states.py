"""AWS Step Functions itself: executions that a task starts, tokens that it answers. Developer guide "Step Functions
(Optimized)".

A state machine from the run's own table runs in the same virtual time: a request-response task goes on at once, a
`.sync` one when the nested execution has ended. `.sync` leaves Input and Output texts, `.sync:2` parses them
(recorded). Whatever the table does not have goes to boto3, if there are clients.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from asl_engine.drivers.handlers import PENDING
from asl_engine.errors import TASK_FAILED, ApiError, InvalidOutput, StatesError
from asl_engine.execution import callbacks
from asl_engine.execution.execution import RUNNING, Execution
from asl_engine.execution.replies import Reply
from asl_engine.integrations.services.action import MACHINES, Call, action
from asl_engine.integrations.services.aws import (
    Naming,
    missing_members,
    optimised_naming,
    optimised_request,
    sdk_naming,
    sdk_request,
)
from asl_engine.integrations.services.catalogue import aws_of, client_of
from asl_engine.integrations.services.nested import BOTO3, Child, describe, find_machine, refused, run_nested, started
from asl_engine.jsonvalue import Json, JsonTextError, dumps, loads
from asl_engine.timestamp import format_timestamp

_TEXTS = ("Input", "Output")
_DESCRIBED = frozenset(
    {
        "Cause",
        "Error",
        "ExecutionArn",
        "Input",
        "InputDetails",
        "Name",
        "Output",
        "OutputDetails",
        "StartDate",
        "StateMachineArn",
        "Status",
        "StopDate",
        "TraceHeader",
    }
)
"""What `.sync` shows of DescribeExecution's answer (recorded): nothing of redrives, versions and aliases."""
OPTIMISED, SDK = optimised_naming("states"), sdk_naming("SFN")

Finish = Callable[[dict[str, Json]], Json]
"""What becomes of DescribeExecution's answer."""


@action("states:startExecution", needs=MACHINES, service=BOTO3)
def start_execution(call: Call) -> Json:
    """{ExecutionArn, StartDate} with the SDK's metadata; the execution goes on by itself."""
    machine = _machine(call, OPTIMISED)
    if machine is None:
        return optimised_request(client_of(call, BOTO3), "states", "startExecution", call.parameters).with_metadata()
    told = partial(_submit, call) if call.resource.awaits_token else None
    return started(run_nested(call, machine, OPTIMISED, told), call)


def _submit(call: Call, child: Child) -> None:
    """The task is submitted before the nested execution may answer its token."""
    call.context.submitted(started(child, call))


@action("states:startExecution.sync", needs=MACHINES, service=BOTO3)
def start_execution_sync(call: Call) -> Any:
    """DescribeExecution's answer, when the execution has ended; Input and Output are JSON texts."""
    return _finished(call, lambda answer: answer)


@action("states:startExecution.sync:2", needs=MACHINES, service=BOTO3)
def start_execution_sync_2(call: Call) -> Any:
    """DescribeExecution's answer, when the execution has ended; Input and Output are parsed."""
    return _finished(
        call, lambda answer: {name: loads(held) if name in _TEXTS else held for name, held in answer.items()}
    )


def _finished(call: Call, finish: Finish) -> Any:
    machine = _machine(call, OPTIMISED)
    if machine is None:
        return _ended_well(_poll(call), finish)
    if machine.type == "EXPRESS":  # DescribeExecution, by which AWS would see its end, does not take it
        raise OPTIMISED(refused("StateMachineTypeNotSupported", _NOT_OF_THIS_TYPE, call))
    child = run_nested(call, machine, OPTIMISED)
    call.context.submitted(started(child, call))
    if child.execution.status == RUNNING:
        child.on_end(partial(_answer_when_ended, call, child, finish))
        return PENDING
    call.context.sleep((child.execution.end_time - child.started) / 1000)
    return _ended_well(describe(child), finish)


def _ended_well(answer: dict[str, Json], finish: Finish) -> Json:
    if answer["Status"] != "SUCCEEDED":
        raise StatesError(TASK_FAILED, dumps(answer))
    return finish(answer)


def _answer_when_ended(call: Call, child: Child, finish: Finish) -> None:
    """A nested execution that waited for an answer has ended: so does the task that started it, if it still waits."""
    outer, token = call.run.execution, call.task.task_token
    if outer is None or token is None or token not in outer.pending_tokens:
        return
    try:
        result = _ended_well(describe(child), finish)
    except StatesError as error:
        _answer(outer, partial(callbacks.failure, outer, token, error.error, error.cause), child.execution.end_time)
    else:
        _answer(outer, partial(callbacks.success, outer, token, result), child.execution.end_time)


def _answer(execution: Execution, make: Callable[[int], Reply], at: int) -> None:
    """Hands an answer to an execution's driver, as of a time of its clock."""
    assert execution.driver is not None
    execution.driver.answer(execution, lambda: make(at), at)


def _poll(call: Call) -> dict[str, Json]:
    from asl_engine.integrations.services.jobs import poll

    client = client_of(call, BOTO3)
    response = optimised_request(client, "states", "startExecution", call.parameters)
    call.context.submitted(response.with_metadata())
    arn = {"ExecutionArn": response.result["ExecutionArn"]}

    def ask() -> dict[str, Json]:
        answer = optimised_request(client, "states", "describeExecution", arn).result
        return {name: held for name, held in answer.items() if name in _DESCRIBED}

    answer = poll(call.context, aws_of(call), ask, lambda answer: answer.get("Status") != "RUNNING")
    return dict(sorted(answer.items()))


def _machine(call: Call, naming: Naming) -> Any:
    """The state machine that a call names. None where the table has none and clients may; else it does not exist."""
    services, arn = call.run.services, call.parameters.get("StateMachineArn")
    found = find_machine(services, arn) if isinstance(arn, str) else None
    if found is None and services.aws is None:
        if arn is None:
            raise naming(missing_members(["stateMachineArn"]))
        message = f"State Machine Does Not Exist: '{arn}'"
        raise naming(refused("StateMachineDoesNotExist", message, call))
    return found


# --- through aws-sdk:sfn ----------------------------------------------------------------------------------------------

_NOT_OF_THIS_TYPE = "This operation is not supported by this type of state machine"


def sdk_start_execution(call: Call) -> Json:
    """`aws-sdk:sfn:startExecution`: {ExecutionArn, StartDate}."""
    machine = _machine(call, SDK)
    if machine is None:
        return sdk_request(client_of(call, BOTO3), "startExecution", call.parameters).result
    child = run_nested(call, machine, SDK)
    return {"ExecutionArn": child.arn, "StartDate": format_timestamp(child.started)}


def sdk_start_sync_execution(call: Call) -> Json:
    """`aws-sdk:sfn:startSyncExecution`: how an Express execution ended, failed or not."""
    machine = _machine(call, SDK)
    if machine is None:
        return sdk_request(client_of(call, BOTO3), "startSyncExecution", call.parameters).result
    if machine.type != "EXPRESS":
        raise SDK(refused("StateMachineTypeNotSupported", _NOT_OF_THIS_TYPE, call))
    child = run_nested(call, machine, SDK)
    call.context.sleep((child.execution.end_time - child.started) / 1000)
    answer = describe(child)
    dates = {name: format_timestamp(answer[name]) for name in ("StartDate", "StopDate")}
    return answer | dates


def sdk_send_task_success(call: Call) -> Json:
    """`aws-sdk:sfn:sendTaskSuccess`, of a token that this run gave out; Output is JSON text, or any other value."""
    given = call.parameters.get("Output")
    text = given if isinstance(given, str) else dumps(given)

    def answer(execution: Execution, token: str, at: int) -> Reply:
        callbacks.open_task(execution, token, at)  # a token that is refused is told before an output that is
        try:
            output = loads(text)
        except JsonTextError as error:
            raise InvalidOutput(f"Invalid Output: '{error}'") from None
        return callbacks.success(execution, token, output, at)

    return _send(call, answer, "Output")


def sdk_send_task_failure(call: Call) -> Json:
    """`aws-sdk:sfn:sendTaskFailure`."""
    error, cause = (
        held if isinstance(held, str | None) else dumps(held)
        for held in (call.parameters.get("Error"), call.parameters.get("Cause"))
    )
    return _send(call, lambda execution, token, at: callbacks.failure(execution, token, error, cause, at))


def sdk_send_task_heartbeat(call: Call) -> Json:
    """`aws-sdk:sfn:sendTaskHeartbeat`."""
    return _send(call, callbacks.heartbeat)


def _send(call: Call, answer: Callable[[Execution, str, int], Reply], *needed: str) -> Json:
    missing = [name for name in (*needed, "TaskToken") if call.parameters.get(name) is None]
    if missing:
        raise SDK(missing_members(missing))
    token = call.parameters["TaskToken"]
    holder = next((each for each in call.run.services.open_executions() if token in each.tasks_by_token), None)
    if holder is None and call.run.services.aws is not None:
        return sdk_request(client_of(call, BOTO3), call.resource.action or "", call.parameters).result
    try:
        if holder is None or holder.driver is None:
            raise callbacks.unknown_token(token)
        _answer(holder, lambda at: answer(holder, token, at), call.context.now)
    except ApiError as error:
        raise SDK(refused(error.code, error.message, call)) from None
    return {}
