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
PENDING = "PENDING"

_INCLUDED = {"Included": True}


class ChildResult(NamedTuple):
    """One child execution that ended, or that was never started (PENDING). Dates are milliseconds since the epoch.

    `redrive_status` is what DescribeExecution would tell; left out, it is told by the status.
    """

    status: str
    input: Json = None
    output: Json = None
    error: str | None = None
    cause: str | None = None
    name: str = ""
    execution_arn: str = ""
    state_machine_arn: str = ""
    start_date: int | None = None
    stop_date: int | None = None
    redrive_count: int = 0
    redrive_status: str | None = None


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
    """A result in the form NONE: what DescribeExecution tells of it, input and output as JSON text. A child that was
    never started has no name, no ARN and no dates: its input is all there is."""
    if result.status == PENDING:
        return {"Input": dumps(result.input), "InputDetails": _INCLUDED, "Status": PENDING}
    succeeded = result.status == "SUCCEEDED"
    redrive_status = "NOT_REDRIVABLE" if succeeded else "REDRIVABLE_BY_MAP_RUN"
    members: dict[str, Json] = {
        "Cause": result.cause,
        "Error": result.error,
        "ExecutionArn": result.execution_arn,
        "Input": dumps(result.input),
        "InputDetails": _INCLUDED,
        "Name": result.name,
        "Output": dumps(result.output) if succeeded else None,
        "OutputDetails": _INCLUDED,  # of a failed child too, which has no Output
        "RedriveCount": result.redrive_count,
        "RedriveStatus": result.redrive_status or redrive_status,
        "RedriveStatusReason": "Execution is SUCCEEDED and cannot be redriven" if succeeded else None,
        "StartDate": _date(result.start_date),
        "StateMachineArn": result.state_machine_arn,
        "Status": result.status,
        "StopDate": _date(result.stop_date),
    }
    return {name: value for name, value in members.items() if value is not None}


def _date(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else format_timestamp(milliseconds)
