"""What a Map Run keeps of a child execution that ended, and the forms in which a state output shows it.

Developer guide, "ResultWriter (Map)": COMPACT gives the outputs, FLATTEN also opens those that are arrays, NONE adds
what is known of the execution. A child that failed always stands as NONE has it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from asl_engine.jsonvalue import Json, dumps
from asl_engine.timestamp import format_timestamp

NONE, COMPACT, FLATTEN = "NONE", "COMPACT", "FLATTEN"

_INCLUDED = {"Included": True}


class ChildResult(NamedTuple):
    """One child execution that ended. Dates are milliseconds since the epoch."""

    status: str
    input: Json
    output: Json
    error: str | None
    cause: str | None
    name: str
    execution_arn: str
    state_machine_arn: str
    start_date: int
    stop_date: int


def state_output(results: Iterable[ChildResult], transformation: str | None) -> list[Json]:
    """The results, in the order given, as a Map state without a ResultWriter's Resource gives them."""
    shown: list[Json] = []
    for result in results:
        if result.status != "SUCCEEDED" or transformation == NONE:
            shown.append(described(result))
        elif transformation == FLATTEN and isinstance(result.output, list):
            shown.extend(result.output)
        else:
            shown.append(result.output)
    return shown


def described(result: ChildResult) -> dict[str, Json]:
    """A result in the form NONE: the members of DescribeExecution, inputs and outputs as JSON text."""
    shown: dict[str, Json] = {"ExecutionArn": result.execution_arn}
    if result.error is not None:
        shown["Error"] = result.error
    if result.cause is not None:
        shown["Cause"] = result.cause
    shown |= {"Input": dumps(result.input), "InputDetails": _INCLUDED, "Name": result.name}
    if result.status == "SUCCEEDED":
        shown |= {"Output": dumps(result.output), "OutputDetails": _INCLUDED}
    shown |= {"RedriveCount": 0, **_redrive(result.status)}
    shown |= {"StartDate": format_timestamp(result.start_date), "StateMachineArn": result.state_machine_arn}
    return {**shown, "Status": result.status, "StopDate": format_timestamp(result.stop_date)}


def _redrive(status: str) -> dict[str, Json]:
    if status == "SUCCEEDED":
        reason = "Execution is SUCCEEDED and cannot be redriven"
        return {"RedriveStatus": "NOT_REDRIVABLE", "RedriveStatusReason": reason}
    return {"RedriveStatus": "REDRIVABLE_BY_MAP_RUN"}
