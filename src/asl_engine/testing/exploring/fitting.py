"""Making an input fit a JSON Schema: what the validator finds wrong is put right, a finding at a time.

The rule: only the validator says that a value fits. A mend is a guess, and what still does not fit is not tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from asl_engine.jsonvalue import Json
from asl_engine.testing.contracts import Schema, validator_of
from asl_engine.testing.exploring.mending import PLAIN
from asl_engine.testing.exploring.places import put

MOST_MENDS = 50
_OF_TYPE: dict[str, Json] = {
    "object": {},
    "array": [],
    "string": PLAIN,
    "integer": 0,
    "number": 0,
    "boolean": False,
    "null": None,
}


class Fitting:
    """A schema of inputs. Raises FailedTest where it is none, or where the package `jsonschema` is missing."""

    def __init__(self, schema: Schema) -> None:
        self._validator = validator_of(schema, "input")

    def fits(self, value: Json) -> bool:
        """Whether an input may be tried."""
        return bool(self._validator.is_valid(value))

    def fitted(self, value: Json) -> Json:
        """The value with as little changed as was found to make it fit; it may still not."""
        seen: list[Json] = []
        while value not in seen and len(seen) < MOST_MENDS:
            seen.append(value)
            error = next(self._findings(value), None)
            if error is not None:
                value = put(value, tuple(error.absolute_path), _mended(error))
        return value

    def _findings(self, value: Json) -> Iterator[Any]:
        """What is wrong, as plain findings: of alternatives the one that is nearest."""
        for error in sorted(self._validator.iter_errors(value), key=lambda error: list(map(str, error.absolute_path))):
            while error.context:
                error = _nearest(error.context)
            yield error


def _nearest(context: list[Any]) -> Any:
    """The first finding of the alternative that has the fewest, deep ones before shallow ones."""
    branches: dict[Any, list[Any]] = {}
    for error in context:
        branches.setdefault(error.schema_path[0], []).append(error)
    best = min(branches.values(), key=lambda errors: (any(one.validator == "type" for one in errors), len(errors)))
    return best[0]


def _mended(error: Any) -> Json:
    """What to put in the place of a value that breaks a keyword."""
    mend = _MENDS.get(error.validator)
    suggested = [*error.schema.get("examples", ()), *([error.schema["default"]] if "default" in error.schema else ())]
    if error.validator in _REPLACED and suggested:
        return suggested[0]
    return error.instance if mend is None else mend(error.validator_value, error.instance, error.schema)


def _typed(types: Any, value: Any, schema: Any) -> Json:
    if "enum" in schema or "const" in schema:
        return schema["enum"][0] if "enum" in schema else schema["const"]
    return _OF_TYPE[types if isinstance(types, str) else types[0]]


def _with_required(names: Any, value: Any, schema: Any) -> Json:
    return value | {name: PLAIN for name in names if name not in value}


def _known_only(allowed: Any, value: Any, schema: Any) -> Json:
    return {key: member for key, member in value.items() if key in schema.get("properties", {})}


def _with_dependent(wanted: Any, value: Any, schema: Any) -> Json:
    return value | {name: PLAIN for key, names in wanted.items() if key in value for name in names if name not in value}


def _longer(least: int, value: Any, schema: Any) -> Json:
    filler = (value[-1:] or PLAIN) if isinstance(value, str) else [value[-1] if value else PLAIN]
    return value + filler * (least - len(value))


def _multiple(of: Any, value: Any, schema: Any) -> Json:
    return value // of * of


_MENDS: dict[str, Callable[[Any, Any, Any], Json]] = {
    "type": _typed,
    "enum": lambda values, value, schema: values[0],
    "const": lambda only, value, schema: only,
    "required": _with_required,
    "dependentRequired": _with_dependent,
    "additionalProperties": _known_only,
    "minLength": _longer,
    "maxLength": lambda most, value, schema: value[:most],
    "minItems": _longer,
    "maxItems": lambda most, value, schema: value[:most],
    "uniqueItems": lambda unique, value, schema: [one for at, one in enumerate(value) if one not in value[:at]],
    "minimum": lambda least, value, schema: least,
    "maximum": lambda most, value, schema: most,
    "exclusiveMinimum": lambda bound, value, schema: bound + 1,
    "exclusiveMaximum": lambda bound, value, schema: bound - 1,
    "multipleOf": _multiple,
}
_REPLACED = frozenset({"type", "pattern", "minLength", "minimum", "maximum", "enum", "multipleOf", "format"})
"""Keywords of single values, where an example of the schema serves better than a guess."""
