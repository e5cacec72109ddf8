"""Parameters and results between Step Functions and boto3, guided by the service's model in botocore.

A Resource's parameters and results are in PascalCase whatever the service's own names are (`TaskArn` where ECS has
`taskArn`); which PascalCase, and how times are shown, is the `Style` of the integration. The rule that keeps it whole:
the names of a structure's members are changed, keys of maps never are.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any, NamedTuple

from asl_engine.errors import RUNTIME, StatesError
from asl_engine.integrations.services.names import optimised_member, sdk_member
from asl_engine.jsonvalue import Json, dumps
from asl_engine.timestamp import format_timestamp


class Style(NamedTuple):
    """How an integration writes: `member` a member of the service's model, `moment` a time, given in milliseconds since
    the epoch. `exact`: a parameter must be written so and no other way."""

    member: Callable[[str], str]
    moment: Callable[[int], Json]
    exact: bool

    def find(self, shape: Any, field: str) -> str | None:
        """The member of a structure that a parameter names, None for none. A member all in capitals (`BOOL` of
        DynamoDB) may be written as the service has it: no recording says that AWS refuses this."""
        for name in shape.members:
            if self.member(name) == field or (name == field and (name.isupper() or not self.exact)):
                return str(name)
        if self.exact:
            return None
        return next((name for name in shape.members if name.lower() == field.lower()), None)


def as_number(moment: int) -> Json:
    """A time as optimised integrations show it: milliseconds since the epoch."""
    return moment


SDK_STYLE = Style(sdk_member, format_timestamp, True)
OPTIMISED_STYLE = Style(optimised_member, as_number, False)


# --- parameters -------------------------------------------------------------------------------------------------------


class Unfit(Exception):
    """A parameter that the service's model does not take. Only the text of an unknown field is known to be AWS's."""


def to_boto3(parameters: dict[str, Json], shape: Any, style: Style) -> dict[str, Any]:
    """What boto3 takes for a call's parameters. Members that are null are left out. Raises StatesError for one that
    the service has not, or whose value has another type."""
    try:
        given: dict[str, Any] = _structure_to_boto3("", parameters, shape, style)
    except Unfit as found:
        raise unfit(parameters, str(found)) from None
    return given


def unfit(parameters: Json, why: str) -> StatesError:
    """The failure of a task that parameters cannot start, in AWS's words around the reason."""
    return StatesError(RUNTIME, f"The Parameters '{dumps(parameters)}' could not be used to start the Task: [{why}]")


def _to_boto3(name: str, value: Json, shape: Any, style: Style) -> Any:
    if getattr(shape, "is_document_type", False):
        return value
    return _TO_BOTO3[shape.type_name](name, value, shape, style)


def _unfit(name: str, kind: str) -> Unfit:
    return Unfit(f"The value for the field '{name}' must be {kind}")


def _structure_to_boto3(name: str, value: Json, shape: Any, style: Style) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _unfit(name, "a STRUCTURE")
    given = {}
    for field, held in value.items():
        member = style.find(shape, field)
        if member is None:
            raise Unfit(f'The field "{field}" is not supported by Step Functions')
        if held is not None:
            given[member] = _to_boto3(field, held, shape.members[member], style)
    return given


def _list_to_boto3(name: str, value: Json, shape: Any, style: Style) -> list[Any]:
    if not isinstance(value, list):
        raise _unfit(name, "an ARRAY")
    return [_to_boto3(name, held, shape.member, style) for held in value]


def _map_to_boto3(name: str, value: Json, shape: Any, style: Style) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _unfit(name, "a MAP")
    return {key: _to_boto3(key, held, shape.value, style) for key, held in value.items()}


def _text_to_boto3(name: str, value: Json, shape: Any, style: Style) -> str:
    return value if isinstance(value, str) else dumps(value)


def _blob_to_boto3(name: str, value: Json, shape: Any, style: Style) -> bytes:
    return _text_to_boto3(name, value, shape, style).encode()


def _flag_to_boto3(name: str, value: Json, shape: Any, style: Style) -> Json:
    """A text that is `true` or `false` will do: machines in use write `BOOL.$` with States.JsonToString."""
    if isinstance(value, str) and value in ("true", "false"):
        return value == "true"
    if not isinstance(value, bool):
        raise _unfit(name, "a BOOLEAN")
    return value


def _integer_to_boto3(name: str, value: Json, shape: Any, style: Style) -> int:
    """JSON has one kind of number: 1.0 is a whole one."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise _unfit(name, "an INTEGER")
    return int(value)


def _number_to_boto3(name: str, value: Json, shape: Any, style: Style) -> Json:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _unfit(name, "a DOUBLE")
    return value


def _moment_to_boto3(name: str, value: Json, shape: Any, style: Style) -> Any:
    """ISO 8601, or seconds since the epoch."""
    from botocore.utils import parse_timestamp

    try:
        if not isinstance(value, bool | dict | list):
            return parse_timestamp(value)
    except (ValueError, OverflowError, RuntimeError):
        pass  # told below, as every other value that is no time
    raise _unfit(name, "a TIMESTAMP")


_TO_BOTO3: dict[str, Callable[[str, Json, Any, Style], Any]] = {
    "blob": _blob_to_boto3,
    "boolean": _flag_to_boto3,
    "double": _number_to_boto3,
    "float": _number_to_boto3,
    "integer": _integer_to_boto3,
    "list": _list_to_boto3,
    "long": _integer_to_boto3,
    "map": _map_to_boto3,
    "string": _text_to_boto3,
    "structure": _structure_to_boto3,
    "timestamp": _moment_to_boto3,
}
"""Type of a shape in botocore's models -> the value that boto3 takes for one of a field's name."""


# --- results ----------------------------------------------------------------------------------------------------------


def from_boto3(value: Any, shape: Any, style: Style) -> Json:
    """The JSON value of what boto3 gave."""
    if value is None or shape is None:
        return value
    if hasattr(value, "read"):
        return bytes(value.read()).decode("utf-8", "replace")
    return _FROM_BOTO3.get(shape.type_name, _plain)(value, shape, style)


def _plain(value: Any, shape: Any, style: Style) -> Json:
    return value


def _structure(value: Any, shape: Any, style: Style) -> Json:
    if not isinstance(value, dict) or getattr(shape, "is_document_type", False):
        return value
    members = shape.members
    return {
        style.member(name): from_boto3(held, members[name], style)
        for name, held in value.items()
        if name in members and held is not None
    }


def _list(value: Any, shape: Any, style: Style) -> Json:
    return [from_boto3(held, shape.member, style) for held in value]


def _map(value: Any, shape: Any, style: Style) -> Json:
    return {key: from_boto3(held, shape.value, style) for key, held in value.items()}


def _timestamp(value: Any, shape: Any, style: Style) -> Json:
    return style.moment(round(value.timestamp() * 1000)) if hasattr(value, "timestamp") else value


def _blob(value: Any, shape: Any, style: Style) -> Json:
    """Text where the bytes are text, else Base64."""
    if isinstance(value, str):
        return value
    try:
        return bytes(value).decode()
    except UnicodeDecodeError:
        return base64.b64encode(bytes(value)).decode()


_FROM_BOTO3: dict[str, Callable[[Any, Any, Style], Json]] = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "timestamp": _timestamp,
    "blob": _blob,
}
