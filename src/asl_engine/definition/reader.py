"""Reads a whole definition: JSON text or value -> Machine, and every problem found on the way.

Nothing is thrown early and nothing is ignored: a field that is not read is an error. The table of state types is an
argument, so that this layer knows no state.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from asl_engine.definition.checks import check_machine
from asl_engine.definition.described import Drafting, Schema, described
from asl_engine.definition.fields import (
    JSONATA,
    JSONPATH,
    MAX_SECONDS,
    Place,
    Reading,
    filled_string,
    nearest,
    one_of,
    show,
    string,
    tell_unknown,
    whole_number,
)
from asl_engine.definition.graph import INLINE_PROCESSOR, Machine, ProcessorConfig
from asl_engine.errors import Diagnostic
from asl_engine.jsonvalue import Json, JsonTextError, JsonValueError, adopt, loads

INVALID_JSON_DESCRIPTION = "INVALID_JSON_DESCRIPTION"
NOT_AN_OBJECT = "Definition must be a valid JSON object"
A_JSON_VALUE = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
MAX_DEFINITION_BYTES = 1_048_576
MAX_NAME_LENGTH = 80
DISTRIBUTED = "DISTRIBUTED"

_FIELDS = {
    "StartAt": ("start_at", filled_string),
    "Comment": ("comment", string),
    "Version": ("version", one_of("1.0")),
    "TimeoutSeconds": ("timeout_seconds", whole_number(1, MAX_SECONDS)),
    "QueryLanguage": ("query_language", one_of(JSONPATH, JSONATA)),
}


def _draft_definition(drafting: Drafting) -> Schema:
    return drafting.machine(_FIELDS, _read_state)


@described(_draft_definition)
def read_definition(
    document: str | bytes | Mapping[str, Any], state_types: Mapping[str, Any], express: bool = False
) -> tuple[Machine | None, list[Diagnostic]]:
    """The machine, None if it could not be read at all, and every diagnostic. `express`: AWS's rules for EXPRESS."""
    try:
        value = _document(document)
    except JsonTextError as error:
        return None, [_not_json(document, error)]
    except JsonValueError as error:
        return None, [Diagnostic(INVALID_JSON_DESCRIPTION, "ERROR", error.pointer, error.message)]
    reading = Reading(state_types)
    place = Place(reading, None, "", JSONPATH)
    if not isinstance(value, dict):
        place.error(NOT_AN_OBJECT)
        return None, reading.diagnostics
    machine = read_machine(value, place, _FIELDS)
    if machine is not None:
        check_machine(machine, reading, express)
    return machine, reading.diagnostics


def _not_json(document: str | bytes | Mapping[str, Any], error: JsonTextError) -> Diagnostic:
    """The finding about a text that is not JSON, in AWS's words where they are known (recorded)."""
    text = document.decode("utf-8-sig", "replace") if isinstance(document, bytes) else str(document)
    if not text.strip():
        return Diagnostic("SCHEMA_VALIDATION_FAILED", "ERROR", "", NOT_AN_OBJECT)
    message = error.message
    if error.message == "Expecting value" and error.line is not None and error.column is not None:
        rest = text.split("\n")[error.line - 1][error.column - 1 :]
        token = re.match(r"[^\W\d][\w.]*", rest)
        if token:
            message = f"Unrecognized token '{token[0]}': was expecting {A_JSON_VALUE}"
    return Diagnostic(INVALID_JSON_DESCRIPTION, "ERROR", "", message, error.line, error.column)


def _document(document: str | bytes | Mapping[str, Any]) -> Json:
    if isinstance(document, (str, bytes)):
        text = document if isinstance(document, bytes) else document.encode("utf-8", "surrogatepass")
        if len(text) > MAX_DEFINITION_BYTES:
            raise JsonTextError(f"the definition has {len(text)} bytes, more than AWS's {MAX_DEFINITION_BYTES}")
        return loads(document)
    value, size = adopt(document)
    if size > MAX_DEFINITION_BYTES:
        raise JsonValueError("", f"has {size} bytes, more than AWS's {MAX_DEFINITION_BYTES} for a definition")
    return value


def _draft_nested(drafting: Drafting) -> Schema:
    return drafting.machine(_NESTED_FIELDS, _read_state)


@described(_draft_nested)
def read_nested(value: Json, place: Place) -> Machine | None:
    """A branch of a Parallel state."""
    return _read_nested(value, place, _NESTED_FIELDS)


def _draft_processor(drafting: Drafting) -> Schema:
    return drafting.machine(_PROCESSOR_FIELDS, _read_state)


@described(_draft_processor)
def read_processor(value: Json, place: Place) -> Machine | None:
    """An ItemProcessor or Iterator of a Map state: a machine with a ProcessorConfig."""
    return _read_nested(value, place, _PROCESSOR_FIELDS)


def _read_nested(value: Json, place: Place, fields: Any) -> Machine | None:
    if not isinstance(value, dict):
        place.error(f"must be an object with StartAt and States, not {show(value)}")
        return None
    return read_machine(value, place, fields)


def _draft_config(drafting: Drafting) -> Schema:
    readers = {"Mode": one_of("INLINE", DISTRIBUTED), "ExecutionType": one_of("STANDARD", "EXPRESS")}
    distributed = {"properties": {"Mode": {"const": DISTRIBUTED}}, "required": ["Mode"]}
    rules = {"then": {"required": ["ExecutionType"]}, "else": {"properties": {"ExecutionType": False}}}
    return drafting.named_fields("ProcessorConfig", readers) | {"if": distributed, **rules}


@described(_draft_config)
def _processor_config(value: Json, place: Place) -> ProcessorConfig:
    """Reads ProcessorConfig: Mode, and for DISTRIBUTED its ExecutionType."""
    if not isinstance(value, dict):
        place.error(f"must be an object, not {show(value)}")
        return INLINE_PROCESSOR
    distributed = value.get("Mode") == DISTRIBUTED
    known = {"Mode": one_of("INLINE", DISTRIBUTED)}
    if distributed:
        known["ExecutionType"] = one_of("STANDARD", "EXPRESS")
        if "ExecutionType" not in value:
            place.error("These fields are required: [ExecutionType]")
    for name, item in value.items():
        if name in known:
            known[name](item, place.at(name))
        elif name == "ExecutionType":
            place.at(name).error("Field 'ExecutionType' is not supported with Mode INLINE")
        else:
            tell_unknown(name, known, place)
    return (
        ProcessorConfig(mode=DISTRIBUTED, execution_type=value.get("ExecutionType"))
        if distributed
        else INLINE_PROCESSOR
    )


_NESTED_FIELDS = {name: _FIELDS[name] for name in ("StartAt", "Comment")}
_PROCESSOR_FIELDS = {**_NESTED_FIELDS, "ProcessorConfig": ("processor_config", _processor_config)}


def read_machine(value: dict[str, Json], place: Place, fields: Any) -> Machine | None:
    """The machine in a JSON object, or None where it has no states to speak of."""
    read: dict[str, Any] = {}
    language = value.get("QueryLanguage", JSONPATH) if "QueryLanguage" in fields else place.reading.top_language
    place = place.speaking(language if language in (JSONPATH, JSONATA) else JSONPATH)
    if "QueryLanguage" in fields:
        place.reading.top_language = place.query_language
    for name, item in value.items():
        if name in fields:
            attribute, reader = fields[name]
            read[attribute] = reader(item, place.at(name))
        elif name != "States":
            tell_unknown(name, [*fields, "States"], place)
    missing = [name for name in ("States", "StartAt") if name not in value]
    if missing:
        place.error(f"These fields are required: [{', '.join(missing)}]")
        return None
    states = _read_states(value["States"], place.at("States"))
    if states is None or not isinstance(read["start_at"], str):
        return None
    read["query_language"] = place.query_language
    return Machine(pointer=place.pointer, states=states, **read)


def _read_states(value: Json, place: Place) -> dict[str, Any] | None:
    if not isinstance(value, dict) or not value:
        place.error(f"must be an object with at least one state, not {show(value)}")
        return None
    states = {name: _read_state(name, item, place.at(name)) for name, item in value.items()}
    return {name: state for name, state in states.items() if state is not None}


@described(lambda drafting: drafting.state(), "State")
def _read_state(name: str, value: Json, place: Place) -> Any:
    if len(name) > MAX_NAME_LENGTH:
        place.error(f"the state's name has {len(name)} characters, more than {MAX_NAME_LENGTH}", "INVALID_STATE_NAME")
    if not isinstance(value, dict):
        place.error(f"must be an object, not {show(value)}")
        return None
    if "Type" not in value:
        place.error("These fields are required: [Type]")
        return None
    kind = value["Type"]
    if not isinstance(kind, str) or kind not in place.reading.state_types:
        _tell_type(kind, place.at("Type"))
        return None
    return place.reading.state_types[kind].read(name, value, _in_language(value, place))


def _tell_type(kind: Json, place: Place) -> None:
    """AWS's sentence (recorded)."""
    types = place.reading.state_types
    message = f"The field 'Type' should have one of these values: [{', '.join(types)}]"
    place.error(message, suggestion=nearest(kind, types) or f"it is {show(kind)}")


def _in_language(value: dict[str, Json], place: Place) -> Place:
    """The place with the state's own QueryLanguage in force."""
    own = value.get("QueryLanguage", place.query_language)
    if own not in (JSONPATH, JSONATA):
        return place
    if own == JSONPATH and place.reading.top_language == JSONATA:
        place.error("'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine")
    return place.speaking(own)
