"""Parameters and results between Step Functions and boto3, guided by the service's model in botocore.

A Resource's parameters and results are in PascalCase whatever the service's own names are (`TaskArn` where ECS has
`taskArn`). The rule that keeps it whole: the names of a structure's members are changed, keys of maps never are.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from asl_engine.errors import RUNTIME, StatesError
from asl_engine.jsonvalue import Json, dumps
from asl_engine.timestamp import format_timestamp

Moment = Callable[[int], Json]
"""How a time is shown, given milliseconds since the epoch."""


def as_text(moment: int) -> Json:
    """A time as `aws-sdk:` integrations show it: ISO 8601."""
    return format_timestamp(moment)


def as_number(moment: int) -> Json:
    """A time as optimised integrations show it: milliseconds since the epoch."""
    return moment


# --- parameters -------------------------------------------------------------------------------------------------------


class Unfit(Exception):
    """A parameter that the service's model does not take. Only the text of an unknown field is recorded."""


def to_boto3(parameters: dict[str, Json], shape: Any) -> dict[str, Any]:
    """What boto3 takes for a call's parameters. Members that are null are left out. Raises StatesError for one that
    the service has not, or whose value has another type."""
    try:
        given: dict[str, Any] = _structure_to_boto3("", parameters, shape)
    except Unfit as unfit:
        told = f"The Parameters '{dumps(parameters)}' could not be used to start the Task: [{unfit}]"
        raise StatesError(RUNTIME, told) from None
    return given


def _to_boto3(name: str, value: Json, shape: Any) -> Any:
    if getattr(shape, "is_document_type", False):
        return value
    return _TO_BOTO3[shape.type_name](name, value, shape)


def _unfit(name: str, kind: str) -> Unfit:
    return Unfit(f"The value for the field '{name}' must be {kind}")


def _structure_to_boto3(name: str, value: Json, shape: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _unfit(name, "a STRUCTURE")
    given = {}
    for field, held in value.items():
        member = member_of(shape, field)
        if member is None:
            raise Unfit(f'The field "{field}" is not supported by Step Functions')
        if held is not None:
            given[member] = _to_boto3(field, held, shape.members[member])
    return given


def _list_to_boto3(name: str, value: Json, shape: Any) -> list[Any]:
    if not isinstance(value, list):
        raise _unfit(name, "an ARRAY")
    return [_to_boto3(name, held, shape.member) for held in value]


def _map_to_boto3(name: str, value: Json, shape: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _unfit(name, "a MAP")
    return {key: _to_boto3(key, held, shape.value) for key, held in value.items()}


def _text_to_boto3(name: str, value: Json, shape: Any) -> str:
    return value if isinstance(value, str) else dumps(value)


def _blob_to_boto3(name: str, value: Json, shape: Any) -> bytes:
    return _text_to_boto3(name, value, shape).encode()


def _flag_to_boto3(name: str, value: Json, shape: Any) -> Json:
    if not isinstance(value, bool):
        raise _unfit(name, "a BOOLEAN")
    return value


def _integer_to_boto3(name: str, value: Json, shape: Any) -> int:
    """JSON has one kind of number: 1.0 is a whole one."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise _unfit(name, "an INTEGER")
    return int(value)


def _number_to_boto3(name: str, value: Json, shape: Any) -> Json:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _unfit(name, "a DOUBLE")
    return value


def _moment_to_boto3(name: str, value: Json, shape: Any) -> Any:
    """ISO 8601, or seconds since the epoch."""
    from botocore.utils import parse_timestamp

    try:
        if not isinstance(value, bool | dict | list):
            return parse_timestamp(value)
    except (ValueError, OverflowError, RuntimeError):
        pass  # told below, as every other value that is no time
    raise _unfit(name, "a TIMESTAMP")


_TO_BOTO3: dict[str, Callable[[str, Json, Any], Any]] = {
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


def member_of(shape: Any, name: str) -> str | None:
    """The member of a structure that a parameter names: exactly, or but for the case of letters."""
    if name in shape.members:
        return name
    return next((member for member in shape.members if member.lower() == name.lower()), None)


# --- results ----------------------------------------------------------------------------------------------------------


def from_boto3(value: Any, shape: Any, moment: Moment) -> Json:
    """The JSON value of what boto3 gave."""
    if value is None or shape is None:
        return value
    if hasattr(value, "read"):
        return bytes(value.read()).decode("utf-8", "replace")
    return _FROM_BOTO3.get(shape.type_name, _plain)(value, shape, moment)


def _plain(value: Any, shape: Any, moment: Moment) -> Json:
    return value


def _structure(value: Any, shape: Any, moment: Moment) -> Json:
    if not isinstance(value, dict) or getattr(shape, "is_document_type", False):
        return value
    members = shape.members
    return {
        pascal(name): from_boto3(held, members[name], moment)
        for name, held in value.items()
        if name in members and held is not None
    }


def _list(value: Any, shape: Any, moment: Moment) -> Json:
    return [from_boto3(held, shape.member, moment) for held in value]


def _map(value: Any, shape: Any, moment: Moment) -> Json:
    return {key: from_boto3(held, shape.value, moment) for key, held in value.items()}


def _timestamp(value: Any, shape: Any, moment: Moment) -> Json:
    return moment(round(value.timestamp() * 1000)) if hasattr(value, "timestamp") else value


def _blob(value: Any, shape: Any, moment: Moment) -> Json:
    """Text where the bytes are text, else Base64."""
    if isinstance(value, str):
        return value
    try:
        return bytes(value).decode()
    except UnicodeDecodeError:
        return base64.b64encode(bytes(value)).decode()


_FROM_BOTO3: dict[str, Callable[[Any, Any, Moment], Json]] = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "timestamp": _timestamp,
    "blob": _blob,
}


def pascal(name: str) -> str:
    """A member's name as Resources have it.

    >>> pascal("taskArn"), pascal("ETag")
    ('TaskArn', 'ETag')
    """
    return name[:1].upper() + name[1:]
