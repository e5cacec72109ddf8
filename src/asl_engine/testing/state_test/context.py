"""What the state under test sees of the world: the context object, mocked or made up, and the frame that shows it.

Developer guide, "Using context field in the TestState API" and "Automatic Context population". A mocked context is
shown as it is given and nothing is added (recorded); what may stand in one is the table `MEMBERS`. Without one the
state runs as in an EXPRESS execution (recorded).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from asl_engine.errors import ValidationException
from asl_engine.execution.context import ACCOUNT, REGION
from asl_engine.execution.entropy import Entropy
from asl_engine.execution.frame import Frame
from asl_engine.jsonvalue import Json
from asl_engine.states.common import State
from asl_engine.states.map import Map
from asl_engine.timestamp import parse_timestamp


class Kind(NamedTuple):
    """What a member of the context object must be, and how that is told."""

    told: str
    fits: Callable[[Json], bool]


_STRING = Kind("a string", lambda value: isinstance(value, str))
_NUMBER = Kind("a number", lambda value: isinstance(value, (int, float)) and not isinstance(value, bool))
_MOMENT = Kind("a valid timestamp", lambda value: isinstance(value, str) and parse_timestamp(value) is not None)
_ANY = Kind("a JSON value", lambda value: True)

MEMBERS: Mapping[str, Mapping[str, Kind]] = {
    "Execution": {
        "Id": _STRING,
        "Input": _ANY,
        "Name": _STRING,
        "RoleArn": _STRING,
        "StartTime": _MOMENT,
        "RedriveCount": _NUMBER,
        "RedriveTime": _MOMENT,
    },
    "State": {"EnteredTime": _MOMENT, "Name": _STRING, "RetryCount": _NUMBER},
    "StateMachine": {"Id": _STRING, "Name": _STRING},
    "Task": {"Token": _STRING},
}


def check_context(context: Json) -> None:
    """A mocked context object holds what AWS knows of one. Raises ValidationException."""
    if not isinstance(context, dict):
        raise _invalid("must be a JSON object")
    for name, part in context.items():
        if name == "Map":
            raise _invalid("'Map' field is not supported when mocking a Context object")
        if name not in MEMBERS:
            raise _invalid(f"Field '{name}' is not allowed")
        if not isinstance(part, dict):
            raise _invalid(f"{name} must be an object")
        for field, value in part.items():
            _check_member(name, field, value)


def _check_member(part: str, field: str, value: Json) -> None:
    kind = MEMBERS[part].get(field)
    if kind is None:
        raise _invalid(f"Field '{field}' is not allowed")
    if not kind.fits(value):
        raise _invalid(f"{part}.{field} must be {kind.told}")


def _invalid(told: str) -> ValidationException:
    return ValidationException(f"Invalid Context object provided: {told}")


def made_up_context(role: str | None, seed: int) -> dict[str, Any]:
    """The fixed parts of the context object of a test without a mocked one, in the account of the role."""
    chance = Entropy(seed ^ 0x3C6EF372)
    machine, name = chance.uuid(), chance.uuid()
    parts = (role or "").split(":")
    account = parts[4] if len(parts) > 5 and parts[4] else ACCOUNT
    place = f"arn:aws:states:{REGION}:{account}"
    execution = {"Id": f"{place}:express:{machine}:{name}", "Name": name}
    if role is not None:
        execution["RoleArn"] = role
    return {"Execution": execution, "StateMachine": {"Id": f"{place}:stateMachine:{machine}", "Name": machine}}


def start_time(context: Json, otherwise: int) -> int:
    """When the state is entered: as a mocked context says, in milliseconds since the epoch."""
    context = context if isinstance(context, dict) else {}
    told = [context.get("State", {}).get("EnteredTime"), context.get("Execution", {}).get("StartTime")]
    moments = [parse_timestamp(text) for text in told if isinstance(text, str)]
    return next((moment for moment in moments if moment is not None), otherwise)


class TestedFrame(Frame):
    """The frame of the state under test, or of an iteration below it.

    `mocked` is the mocked context object, None where none is; `item` the iteration of a Map that the state stands in.
    """

    __slots__ = ("item", "mocked")
    __test__ = False

    mocked: dict[str, Json] | None
    item: dict[str, Json] | None

    def context(self) -> dict[str, Json]:
        """The context object as the state sees it."""
        shown = Frame.context(self) if self.mocked is None else self.mocked
        item = self.map_item()
        return shown if item is None else {**shown, "Map": {"Item": item}}

    def map_item(self) -> dict[str, Json] | None:
        """The item of the iteration, of the state's own Map or of the one around it."""
        return Frame.map_item(self) if self.group is not None else self.item


def item_around(around: tuple[State, ...], input: Json) -> dict[str, Json] | None:
    """The item that a state in a Map works on: the first one, with the state's input as its value."""
    innermost = next((state for state in reversed(around) if isinstance(state, Map)), None)
    if innermost is None:
        return None
    item: dict[str, Json] = {"Index": 0, "Value": input}
    return {**item, "Source": "STATE_DATA"} if innermost.distributed else item
