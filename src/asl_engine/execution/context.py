"""The context object, `$$`: developer guide "Accessing execution data from the Context object"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from asl_engine.jsonvalue import Json
from asl_engine.timestamp import format_timestamp

if TYPE_CHECKING:
    from asl_engine.execution.frame import Frame

ACCOUNT = "123456789012"
REGION = "us-east-1"
_RETRIED = frozenset({"Task", "Parallel", "Map"})


def fixed_parts(
    given: Mapping[str, Any] | None, *, machine_name: str, express: bool, execution_name: str, start: int, input: Json
) -> dict[str, Json]:
    """The parts that do not change during an execution, `Execution` and `StateMachine`, from what the caller gave and
    defaults for the rest."""
    given = given or {}
    machine: dict[str, Json] = {"Id": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{machine_name}"}
    machine["Name"] = machine_name
    machine |= given.get("StateMachine", {})
    own = given.get("Execution", {})
    name = own.get("Name", execution_name)
    kind = "express" if express else "execution"
    execution: dict[str, Json] = {
        "Id": f"arn:aws:states:{REGION}:{ACCOUNT}:{kind}:{machine['Name']}:{name}",
        "Input": input,
        "Name": name,
        "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/{machine['Name']}",
        "StartTime": format_timestamp(start),
    }
    if not express:
        execution["RedriveCount"] = 0
    return {"Execution": execution | own, "StateMachine": machine}


def context_object(frame: Frame) -> dict[str, Json]:
    """The context object as a frame sees it now."""
    step, fixed = frame.step, frame.execution.fixed_context()
    state: dict[str, Json] = {"Name": step.name, "EnteredTime": format_timestamp(frame.entered_at)}
    if step.type in _RETRIED:
        state["RetryCount"] = frame.retry_count
    context: dict[str, Json] = {"Execution": fixed["Execution"], "StateMachine": fixed["StateMachine"], "State": state}
    if step.needs_token:
        context["Task"] = {"Token": frame.execution.token_of(frame)}
    item = map_item(frame)
    if item is not None:
        context["Map"] = {"Item": item}
    return context


def map_item(frame: Frame) -> dict[str, Json] | None:
    """The item of the innermost Map around the frame."""
    group = frame.group
    while group is not None:
        if group.first_step is not None:
            index = frame.index
            if group.keys is None:
                return {"Index": index, "Value": group.items[index]}
            return {"Index": index, "Key": group.keys[index], "Value": group.items[index]["Value"]}
        frame = group.parent
        group = frame.group
    return None
