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


def to_boto3(value: Json, shape: Any) -> Any:
    """What boto3 takes for a JSON value. Members that are null are left out. Raises StatesError for unknown ones."""
    return _TO_BOTO3.get(shape.type_name, _as_it_is)(value, shape)


def _as_it_is(value: Json, shape: Any) -> Any:
    return value


def _structure_to_boto3(value: Json, shape: Any) -> Any:
    if not isinstance(value, dict) or getattr(shape, "is_document_type", False):
        return value
    given = {}
    for name, held in value.items():
        member = member_of(shape, name)
        if member is None:
            told = f'[The field "{name}" is not supported by Step Functions]'
            raise StatesError(RUNTIME, f"The Parameters '{dumps(value)}' could not be used to start the Task: {told}")
        if held is not None:
            given[member] = to_boto3(held, shape.members[member])
    return given


def _list_to_boto3(value: Json, shape: Any) -> Any:
    return [to_boto3(held, shape.member) for held in value] if isinstance(value, list) else value


def _map_to_boto3(value: Json, shape: Any) -> Any:
    return {key: to_boto3(held, shape.value) for key, held in value.items()} if isinstance(value, dict) else value


def _text_to_boto3(value: Json, shape: Any) -> Any:
    return value if isinstance(value, str) else dumps(value)


def _blob_to_boto3(value: Json, shape: Any) -> Any:
    return (value if isinstance(value, str) else dumps(value)).encode()


_TO_BOTO3: dict[str, Callable[[Json, Any], Any]] = {
    "structure": _structure_to_boto3,
    "list": _list_to_boto3,
    "map": _map_to_boto3,
    "string": _text_to_boto3,
    "blob": _blob_to_boto3,
}


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
