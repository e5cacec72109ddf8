"""AWS Step Functions itself: executions that a task starts. Developer guide "Step Functions (Optimized)".

A state machine from the run's own table runs in the same virtual time: a request-response task goes on at once, a
`.sync` one when the nested execution has ended. `.sync` leaves Input and Output texts, `.sync:2` parses them
(recorded). Whatever the table does not have goes to boto3, if there are clients.
"""

from __future__ import annotations

from typing import NamedTuple

from asl_engine.drivers.clock import Clock, VirtualClock
from asl_engine.drivers.inline import Perform, drive
from asl_engine.errors import TASK_FAILED, StatesError
from asl_engine.execution.execution import Execution
from asl_engine.integrations.services.action import MACHINES, Call, action
from asl_engine.integrations.services.aws import (
    Failing,
    Naming,
    optimised_naming,
    optimised_request,
    sdk_naming,
    sdk_request,
)
from asl_engine.integrations.services.catalogue import Services, Startable, aws_of, client_of
from asl_engine.jsonvalue import Json, JsonTextError, dumps, loads
from asl_engine.timestamp import format_timestamp

BOTO3 = "stepfunctions"
_TEXTS = ("Input", "Output")


@action("states:startExecution", needs=MACHINES, service=BOTO3)
def start_execution(call: Call) -> Json:
    """{ExecutionArn, StartDate} with the SDK's metadata; the execution goes on by itself."""
    machine = _machine(call)
    if machine is None:
        return optimised_request(client_of(call, BOTO3), "states", "startExecution", call.parameters).with_metadata()
    return _started(_run_nested(call, machine, optimised_naming("states")), call)


@action("states:startExecution.sync", needs=MACHINES, service=BOTO3)
def start_execution_sync(call: Call) -> Json:
    """DescribeExecution's answer, when the execution has ended; Input and Output are JSON texts."""
    return _finished(call)


@action("states:startExecution.sync:2", needs=MACHINES, service=BOTO3)
def start_execution_sync_2(call: Call) -> Json:
    """DescribeExecution's answer, when the execution has ended; Input and Output are parsed."""
    answer = _finished(call)
    return {name: loads(held) if name in _TEXTS else held for name, held in answer.items()}


def _finished(call: Call) -> dict[str, Json]:
    machine = _machine(call)
    answer = _poll(call) if machine is None else _nested(call, machine)
    if answer["Status"] != "SUCCEEDED":
        raise StatesError(TASK_FAILED, dumps(answer))
    return answer


def _nested(call: Call, machine: Startable) -> dict[str, Json]:
    child = _run_nested(call, machine, optimised_naming("states"))
    call.context.submitted(_started(child, call))
    call.context.sleep((child.execution.end_time - child.started) / 1000)
    return describe(child)


def _poll(call: Call) -> dict[str, Json]:
    from asl_engine.integrations.services.jobs import poll

    client = client_of(call, BOTO3)
    response = optimised_request(client, "states", "startExecution", call.parameters)
    call.context.submitted(response.with_metadata())
    arn = {"ExecutionArn": response.result["ExecutionArn"]}

    def ask() -> dict[str, Json]:
        return optimised_request(client, "states", "describeExecution", arn).result

    answer = poll(call.context, aws_of(call), ask, lambda answer: answer.get("Status") != "RUNNING")
    return dict(sorted(answer.items()))


# --- through aws-sdk:sfn ----------------------------------------------------------------------------------------------


def sdk_start_execution(call: Call) -> Json:
    """`aws-sdk:sfn:startExecution`: {ExecutionArn, StartDate}."""
    machine = _machine(call)
    if machine is None:
        return sdk_request(client_of(call, BOTO3), "startExecution", call.parameters).result
    child = _run_nested(call, machine, sdk_naming("SFN"))
    return {"ExecutionArn": child.arn, "StartDate": format_timestamp(child.started)}


def sdk_start_sync_execution(call: Call) -> Json:
    """`aws-sdk:sfn:startSyncExecution`: how an Express execution ended, failed or not."""
    machine = _machine(call)
    if machine is None:
        return sdk_request(client_of(call, BOTO3), "startSyncExecution", call.parameters).result
    if machine.type != "EXPRESS":
        told = "This operation is not supported by this type of state machine"
        raise sdk_naming("SFN")(_refused("StateMachineTypeNotSupported", told, call))
    child = _run_nested(call, machine, sdk_naming("SFN"))
    call.context.sleep((child.execution.end_time - child.started) / 1000)
    answer = describe(child)
    dates = {name: format_timestamp(answer[name]) for name in ("StartDate", "StopDate")}
    return answer | dates


# --- nested executions ------------------------------------------------------------------------------------------------


class Child(NamedTuple):
    """A nested execution that has been run."""

    execution: Execution
    arn: str
    machine_arn: str
    name: str
    input: str
    started: int


def _machine(call: Call) -> Startable | None:
    """The state machine that a call names. None where the table has none and clients may; else it does not exist."""
    services, arn = call.run.services, call.parameters.get("StateMachineArn")
    found = find_machine(services, arn) if isinstance(arn, str) else None
    if found is None and services.aws is None:
        naming = optimised_naming("states") if call.resource.service == "states" else sdk_naming("SFN")
        message = f"State Machine Does Not Exist: '{arn}'"
        raise naming(_refused("StateMachineDoesNotExist", message, call))
    return found


def find_machine(services: Services, arn: str) -> Startable | None:
    """The machine of an ARN, by the ARN whole, without version or alias, or by its name."""
    parts = arn.split(":")
    keys = [arn, ":".join(parts[:7]), parts[6] if len(parts) > 6 else arn]
    return next((services.machines[key] for key in keys if key in services.machines), None)


def _refused(code: str, message: str, call: Call) -> Failing:
    return Failing(code, message, code, 400, call.context.aws_request_id)


def _run_nested(call: Call, machine: Startable, naming: Naming) -> Child:
    """Runs a machine from now on to its end, on a clock of its own where time is virtual."""
    given = call.parameters
    machine_arn = _machine_arn(call)
    kind = "execution" if machine.type == "STANDARD" else "express"
    beginning = f"{machine_arn.replace(':stateMachine:', f':{kind}:')}:"
    name = given.get("Name")
    if not isinstance(name, str) or not name:
        name = _new_name(call, beginning)
    arn = beginning + name
    if arn in call.run.services.executions:
        raise naming(_refused("ExecutionAlreadyExists", f"Execution Already Exists: '{arn}'", call))
    text = _input_text(given.get("Input"))
    try:
        value = loads(text)
    except JsonTextError:
        raise naming(
            _refused("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{text}'", call)
        ) from None
    started = call.context.now
    context = {
        "Execution": {"Id": arn, "Name": name, "StartTime": format_timestamp(started)},
        "StateMachine": {"Id": machine_arn, "Name": machine_arn.split(":")[6]},
    }
    execution = machine.start(value, seed=call.run.seed, context=context)
    call.run.services.executions[arn] = execution
    drive(execution, _perform_nested(call, machine, execution), _clock(call.run.clock, started))
    return Child(execution, arn, machine_arn, name, text, started)


def _new_name(call: Call, beginning: str) -> str:
    """A name that no execution has. Runs of one seed draw the same ids, and may share their services."""
    while True:
        name = call.run.new_request_id()
        if beginning + name not in call.run.services.executions:
            return name


def _perform_nested(call: Call, machine: Startable, execution: Execution) -> Perform:
    """The nested machine's tasks are served as the outer one's, but under a role of its own: no policy."""
    from asl_engine.integrations.perform import performer
    from asl_engine.integrations.registry import serve

    run = call.run
    services = run.services.unrestricted()
    handlers = serve(machine.task_needs, run.tasks, run.importer, services)
    return performer(handlers, run.tasks, run.seed, run.importer, services, run.identity, execution=execution)


def _machine_arn(call: Call) -> str:
    given = str(call.parameters["StateMachineArn"])
    if given.startswith("arn:"):
        return ":".join(given.split(":")[:7])
    return call.run.identity.arn("states", f"stateMachine:{given}")


def _clock(clock: Clock, now: int) -> Clock:
    return VirtualClock(now) if isinstance(clock, VirtualClock) else clock


def _input_text(value: Json) -> str:
    """StartExecution's input: a text as it is, any other value as JSON text, {} for none (recorded)."""
    if value is None:
        return "{}"
    return value if isinstance(value, str) else dumps(value)


def _started(child: Child, call: Call) -> dict[str, Json]:
    from asl_engine.integrations.lambda_ import sdk_metadata

    request_id = call.context.aws_request_id
    body = dumps({"executionArn": child.arn, "startDate": child.started / 1000})
    headers = {
        "connection": "keep-alive",
        "Content-Length": str(len(body)),
        "Content-Type": "application/x-amz-json-1.0",
        "x-amzn-RequestId": request_id,
    }
    return {"ExecutionArn": child.arn, **sdk_metadata(headers, request_id), "StartDate": child.started}


def describe(child: Child) -> dict[str, Json]:
    """DescribeExecution's answer about a nested execution that has ended, its members in order."""
    execution = child.execution
    answer: dict[str, Json] = {
        "ExecutionArn": child.arn,
        "Input": child.input,
        "InputDetails": {"Included": True},
        "Name": child.name,
        "StartDate": child.started,
        "StateMachineArn": child.machine_arn,
        "Status": execution.status,
        "StopDate": execution.end_time,
    }
    if execution.status == "SUCCEEDED":
        answer |= {"Output": dumps(execution.output), "OutputDetails": {"Included": True}}
    ends = {"Error": execution.error, "Cause": execution.cause}
    answer |= {name: text for name, text in ends.items() if text is not None}
    return dict(sorted(answer.items()))
