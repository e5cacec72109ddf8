"""Executions that run inside another one: how a state machine of the run's table is started, and what is told of it.

The nested machine's tasks are served as the outer one's are, by the same callables, services, storage and workers, but
under a role of its own: no policy. It has a driver of its own, in the same time; where it waits for an answer from
outside, the driver stops, and goes on when the answer comes.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import NamedTuple

from asl_engine.drivers.attended import Attended
from asl_engine.drivers.clock import Clock, VirtualClock
from asl_engine.execution.execution import Execution
from asl_engine.integrations.activities import is_name
from asl_engine.integrations.services.action import Call
from asl_engine.integrations.services.aws import Failing, Naming
from asl_engine.integrations.services.catalogue import Services, Startable
from asl_engine.jsonvalue import Json, JsonTextError, dumps, loads
from asl_engine.timestamp import format_timestamp

BOTO3 = "stepfunctions"


class Child(NamedTuple):
    """A nested execution that has been run, to its end or to where it waits for an answer."""

    execution: Execution
    driver: Attended
    arn: str
    machine_arn: str
    name: str
    input: str
    started: int

    def on_end(self, call: Callable[[], None]) -> None:
        """Has something called when the execution, which waits, has ended."""
        self.driver.on_end = call


def find_machine(services: Services, arn: str) -> Startable | None:
    """The machine of an ARN, by the ARN whole, without version or alias, or by its name."""
    parts = arn.split(":")
    keys = [arn, ":".join(parts[:7]), parts[6] if len(parts) > 6 else arn]
    return next((services.machines[key] for key in keys if key in services.machines), None)


def refused(code: str, message: str, call: Call) -> Failing:
    """A refusal of the API."""
    return Failing(code, message, code, 400, call.context.aws_request_id)


def run_nested(call: Call, machine: Startable, naming: Naming, before: Callable[[Child], None] | None = None) -> Child:
    """Runs a machine from now on, on a clock of its own where time is virtual; `before` is called first."""
    given = call.parameters
    machine_arn = _machine_arn(call)
    kind = "execution" if machine.type == "STANDARD" else "express"
    beginning = f"{machine_arn.replace(':stateMachine:', f':{kind}:')}:"
    name = given.get("Name")
    if not isinstance(name, str):
        name = _new_name(call, beginning)
    elif not is_name(name):
        raise naming(refused("InvalidName", f"Invalid Name: '{name}'", call))
    arn = beginning + name
    if arn in call.run.services.executions:
        raise naming(refused("ExecutionAlreadyExists", f"Execution Already Exists: '{arn}'", call))
    text = _input_text(given.get("Input"))
    try:
        value = loads(text)
    except JsonTextError:
        raise naming(
            refused("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{text}'", call)
        ) from None
    now = call.context.now
    context = {
        "Execution": {"Id": arn, "Name": name, "StartTime": format_timestamp(now)},
        "StateMachine": {"Id": machine_arn, "Name": machine_arn.split(":")[6]},
    }
    execution = machine.start(value, seed=_seed(call.run.seed, arn), context=context, activity_workers=True)
    call.run.services.executions[arn] = execution
    child = Child(execution, _driver(call, machine, execution, now), arn, machine_arn, name, text, now)
    if before is not None:
        before(child)
    child.driver.begin()
    return child


def _seed(outer: int, arn: str) -> int:
    """A seed of its own for each execution, so that no two draw the same tokens, UUIDs and random numbers."""
    return int.from_bytes(sha256(f"{outer}:{arn}".encode()).digest()[:8])


def _new_name(call: Call, beginning: str) -> str:
    """A name that no execution has. Runs of one seed draw the same ids, and may share their services."""
    while True:
        name = call.run.new_request_id()
        if beginning + name not in call.run.services.executions:
            return name


def _driver(call: Call, machine: Startable, execution: Execution, now: int) -> Attended:
    from asl_engine.integrations.perform import performer
    from asl_engine.integrations.registry import serve

    run = call.run
    services, seed = run.services.unrestricted(), execution.settings.seed
    storage = None if run.execution is None else run.execution.served[4]
    supply = machine.supply(storage, run.tasks) if machine.storage_needs else None
    handlers = serve(machine.task_needs, run.tasks, run.importer, services, polled=run.activities is not None)
    perform = performer(
        handlers,
        run.tasks,
        seed,
        run.importer,
        services,
        run.identity,
        activities=run.activities,
        execution=execution,
    )
    if run.activities is not None:
        run.activities.attend(execution)
    execution.served = (run.tasks, run.importer, services, run.identity, storage)
    clock: Clock = VirtualClock(now) if isinstance(run.clock, VirtualClock) else run.clock
    return Attended(execution, perform, clock, supply)


def _machine_arn(call: Call) -> str:
    given = str(call.parameters["StateMachineArn"])
    if given.startswith("arn:"):
        return ":".join(given.split(":")[:7])
    return call.run.identity.arn("states", f"stateMachine:{given}")


def _input_text(value: Json) -> str:
    """StartExecution's input: a text as it is, any other value as JSON text, {} for none (recorded)."""
    if value is None:
        return "{}"
    return value if isinstance(value, str) else dumps(value)


def started(child: Child, call: Call) -> dict[str, Json]:
    """StartExecution's answer, with the SDK's metadata."""
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
