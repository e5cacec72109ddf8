"""Whether a JSON value is one of those that a shape stands for: what shapes mean, and what they are tested against."""

from __future__ import annotations

from typing import Any

from asl_engine.jsonvalue import size
from asl_engine.lint.flow.shape import NOT_CONSTANT, Members, Shape

KINDS = {type(None): "null", bool: "boolean", int: "number", float: "number", str: "string"}


def contains(shape: Shape, value: Any) -> bool:
    if size(value) < shape.least:
        return False
    if isinstance(value, dict):
        return shape.fields is not None and _holds(shape.fields, value)
    if isinstance(value, list):
        return shape.items is not None and _holds(shape.items, dict(enumerate(value)))
    same = shape.constant is NOT_CONSTANT or (type(shape.constant) is type(value) and shape.constant == value)
    return KINDS[type(value)] in shape.scalars and same


def _holds(members: Members, values: dict[Any, Any]) -> bool:
    missing = [key for key, found in members.known.items() if found.always and key not in values]
    return not missing and all(_holds_one(members, key, value) for key, value in values.items())


def _holds_one(members: Members, key: Any, value: Any) -> bool:
    if key in members.known:
        return contains(members.known[key].shape, value)
    return members.rest is None or contains(members.rest, value)
