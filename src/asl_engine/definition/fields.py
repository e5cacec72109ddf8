"""How one field of a definition is read: the JSON name, the reader of its value, and the query languages that have it.

A reader takes (value, place) and gives the value to keep; what is wrong with it is told to the place, never raised.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from asl_engine.errors import Diagnostic
from asl_engine.jsonvalue import Json, dumps
from asl_engine.query.jsonpath.expressions import compile_path_field, compile_text
from asl_engine.query.jsonpath.payload import InvalidTemplate, compile_template
from asl_engine.query.jsonpath.syntax import InvalidPath, parse_reference_path
from asl_engine.records import field, fields_of, record, replace
from asl_engine.timestamp import parse_timestamp

JSONPATH = "JSONPath"
JSONATA = "JSONata"
BOTH = (JSONPATH, JSONATA)

SCHEMA_VALIDATION_FAILED = "SCHEMA_VALIDATION_FAILED"
NOT_RUN_YET = "NOT_RUN_YET"

MAX_SECONDS = 99_999_999
MAX_VARIABLE_NAME = 80

ABSENT: Any = type("Absent", (), {"__repr__": lambda self: "ABSENT", "__bool__": lambda self: False})()
"""Stands where the definition does not set a field whose value may be null."""


@record(frozen=True, slots=True)
class Place:
    """Where the reader stands: the JSON pointer, the query language in force, the definition's own one, which nested
    machines inherit whatever the state around them says (recorded), and the list that findings go to."""

    pointer: str
    query_language: str
    top_language: str
    diagnostics: list[Diagnostic]
    references: list[tuple[str, str]]
    """(JSON pointer, name) of every variable that is read."""
    state_types: Any
    """The table of state types: `Type` -> StateType."""

    def at(self, *keys: str | int) -> Place:
        """The place below this one."""
        tail = "".join(f"/{str(key).replace('~', '~0').replace('/', '~1')}" for key in keys)
        return replace(self, pointer=self.pointer + tail)

    def speaking(self, query_language: str) -> Place:
        """The same place with another query language in force."""
        return replace(self, query_language=query_language)

    def ruled_by(self, top_language: str) -> Place:
        """The same place in a definition with this QueryLanguage at its top."""
        return replace(self, top_language=top_language)

    def reads(self, names: Iterable[str]) -> None:
        """Notes variables that are read here."""
        self.references.extend((self.pointer, name) for name in names)

    def error(self, message: str, code: str = SCHEMA_VALIDATION_FAILED) -> None:
        """Tells one error found here."""
        self.diagnostics.append(Diagnostic(code, "ERROR", self.pointer, message))

    def warning(self, message: str, code: str) -> None:
        """Tells one warning found here."""
        self.diagnostics.append(Diagnostic(code, "WARNING", self.pointer, message))


Reader: TypeAlias = Callable[[Json, Place], Any]


@record(frozen=True, slots=True)
class FieldSpec:
    """What the definition may say in one field."""

    name: str
    read: Reader
    languages: Sequence[str]
    required: bool


def asl(
    name: str, read: Reader, *, default: Any = None, languages: Sequence[str] = BOTH, required: bool = False
) -> Any:
    """A dataclass field that is read from the JSON field `name`."""
    spec = FieldSpec(name, read, languages, required)
    return field(default=default, metadata={"asl": spec})


def specs_of(cls: type) -> dict[str, tuple[str, FieldSpec]]:
    """JSON name -> (attribute, spec) of a dataclass made with `asl` fields."""
    rows: Any = fields_of(cls).items()
    return {spec.name: (attribute, spec) for attribute, spec in rows}


def show(value: Json) -> str:
    """A value as a message shows it: its JSON text, cut to a readable length."""
    text = dumps(value)
    return text if len(text) <= 80 else text[:77] + "..."


def read_object(
    cls: type, value: Json, place: Place, takes: Callable[[str], bool] = lambda name: True
) -> dict[str, Any] | None:
    """The attributes that `cls` takes from a JSON object: name -> value read. None where it is no object at all."""
    if not isinstance(value, dict):
        place.error(f"must be an object, not {show(value)}")
        return None
    specs = {name: row for name, row in specs_of(cls).items() if takes(name)}
    read: dict[str, Any] = {}
    for name, item in value.items():
        if name not in specs:
            place.at(name).error(unknown_field(name, specs))
            continue
        attribute, spec = specs[name]
        if place.query_language not in spec.languages:
            place.at(name).error(f"Field '{name}' is not supported in a {place.query_language} state")
            continue
        read[attribute] = spec.read(item, place.at(name))
    missing = [
        name for name, (_, spec) in specs.items()
        if spec.required and name not in value and place.query_language in spec.languages
    ]  # fmt: skip
    if missing:
        place.error(f"These fields are required: [{', '.join(missing)}]")
    return read


def nearest(word: Any, known: Any, cutoff: float = 0.6) -> str:
    """The words "; did you mean 'X'?" for a near miss, else nothing."""
    from difflib import get_close_matches

    near = get_close_matches(word, known, 1, cutoff) if isinstance(word, str) else []
    if isinstance(word, str) and not near:
        near = [other for other in known if other.lower() == word.lower()]
    return f"; did you mean '{near[0]}'?" if near else ""


def unknown_field(name: str, known: Any) -> str:
    """The sentence about a field that does not exist here."""
    return f"Field '{name}' is not supported{nearest(name, known, 0.75)}"


# --- readers of plain values ------------------------------------------------------------------------------------------


def string(value: Json, place: Place) -> str | None:
    """Any string."""
    if not isinstance(value, str):
        place.error(f"must be a string, not {show(value)}")
        return None
    return value


def filled_string(value: Json, place: Place) -> str | None:
    """A string that is not empty."""
    if value == "":
        place.error("must not be an empty string")
    return string(value, place)


def boolean(value: Json, place: Place) -> bool | None:
    """true or false."""
    if not isinstance(value, bool):
        place.error(f"must be true or false, not {show(value)}")
        return None
    return value


def any_json(value: Json, place: Place) -> Json:
    """Any JSON value, kept as it is."""
    return value


def one_of(*choices: str) -> Reader:
    """One of a few strings."""

    def read(value: Json, place: Place) -> Any:
        if value not in choices:
            place.error(f"must be one of {', '.join(choices)}, not {show(value)}{nearest(value, choices)}")
        return value

    return read


def whole_number(low: int, high: int) -> Reader:
    """An integer from `low` to `high`; 3.0 counts as 3."""

    def read(value: Json, place: Place) -> int | None:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            place.error(f"must be an integer, not {show(value)}")
            return None
        if not low <= value <= high:
            place.error(f"must be between {low} and {high}, not {value}")
        return value

    return read


def number(low: float, high: float) -> Reader:
    """A number from `low` to `high`."""

    def read(value: Json, place: Place) -> float | None:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            place.error(f"must be a number, not {show(value)}")
            return None
        if not low <= value <= high:
            place.error(f"must be between {low:g} and {high:g}, not {show(value)}")
        return value

    return read


def timestamp(value: Json, place: Place) -> str | None:
    """An RFC 3339 timestamp with T and an offset."""
    if not isinstance(value, str) or parse_timestamp(value) is None:
        place.error(f"String does not match RFC3339 timestamp: {show(value)}")
        return None
    return value


def filled_list(read_item: Reader) -> Reader:
    """An array of one or more items, each read by `read_item`."""

    def read(value: Json, place: Place) -> tuple[Any, ...]:
        if not isinstance(value, list) or not value:
            place.error(f"must be an array with at least one item, not {show(value)}")
            return ()
        return tuple(read_item(item, place.at(index)) for index, item in enumerate(value))

    return read


def expression_or(read_literal: Reader) -> Reader:
    """A literal; in JSONata also a string that holds an expression."""

    def read(value: Json, place: Place) -> Any:
        if place.query_language == JSONATA and isinstance(value, str) and value.startswith("{%"):
            return expression(value, place)
        return read_literal(value, place)

    return read


def expression(value: Json, place: Place) -> Json:
    """Any JSON value; in JSONata, expressions in its leaves must compile and read only `$states.input` and context."""
    if place.query_language == JSONATA:
        from asl_engine.definition.expressions import check_template

        check_template(value, place)
    return value


def not_run_yet(what: str) -> Reader:
    """A field that AWS has and this version does not run: refused by name."""

    def read(value: Json, place: Place) -> Json:
        place.error(f"{what} is not run by this version of asl_engine", NOT_RUN_YET)
        return value

    return read


# --- readers of paths and templates -----------------------------------------------------------------------------------


def path(value: Json, place: Place) -> str | None:
    """A path: `$...`, `$$...` or `$variable...`."""
    if not isinstance(value, str):
        place.error(f"must be a path, not {show(value)}")
        return None
    place.reads(variables_in(value))
    try:
        compile_path_field(value)
    except InvalidPath as error:
        place.error(f"Value is not a valid path: {show(value)}: {error}")
    return value


_LITERAL = r"'(?:[^'\\]|\\.)*'"
_READ = r"(?<![$\w])\$([^\W\d]\w*)"


def variables_in(text: str) -> list[str]:
    """The variables that a path or an intrinsic function call reads."""
    return re.findall(_READ, re.sub(_LITERAL, "", text) if text.startswith("States.") else text)


def _note_reads(template: Json, place: Place) -> None:
    if isinstance(template, list):
        for index, item in enumerate(template):
            _note_reads(item, place.at(index))
    elif isinstance(template, dict):
        for key, item in template.items():
            if key.endswith(".$") and isinstance(item, str):
                place.at(key).reads(variables_in(item))
            else:
                _note_reads(item, place.at(key))


def nullable_path(value: Json, place: Place) -> str | None:
    """A path, or null for "nothing"."""
    return None if value is None else path(value, place)


def reference_path(value: Json, place: Place) -> str | None:
    """A Reference Path, or null for "discard"."""
    if value is None:
        return None
    if not isinstance(value, str):
        place.error(f"must be a Reference Path or null, not {show(value)}")
        return None
    try:
        parse_reference_path(value)
    except InvalidPath as error:
        place.error(f"Value is not a Reference Path: {show(value)}: {error}")
    return value


def path_or_intrinsic(value: Json, place: Place) -> str | None:
    """A path or an intrinsic function call."""
    if not isinstance(value, str):
        place.error(f"must be a path or an intrinsic function, not {show(value)}")
        return None
    place.reads(variables_in(value))
    try:
        compile_text(place.pointer.rpartition("/")[2], value)
    except ValueError as error:
        place.error(f"Value is not a valid path or intrinsic function: {show(value)}: {error}")
    return value


def payload_template(value: Json, place: Place) -> Json:
    """A payload template: an object whose `.$` fields are paths or intrinsic function calls."""
    if not isinstance(value, dict):
        place.error(f"must be an object, not {show(value)}")
        return value
    return any_template(value, place)


def any_template(value: Json, place: Place) -> Json:
    """A payload template of any JSON type."""
    _note_reads(value, place)
    try:
        compile_template(value, compile_text)
    except InvalidTemplate as error:
        replace(place, pointer=place.pointer + error.pointer).error(error.message)
    return value


def maybe_template(value: Json, place: Place) -> Json:
    """A template in either language."""
    return expression(value, place) if place.query_language == JSONATA else any_template(value, place)


def assignments(value: Json, place: Place) -> Json:
    """Reads Assign: an object of variables. What its expressions may read depends on who assigns (`read_state`)."""
    if not isinstance(value, dict):
        place.error(f"must be an object, not {show(value)}")
        return None
    for key in value:
        name = key.removesuffix(".$") if place.query_language == JSONPATH else key
        if not name.isidentifier() or len(name) > MAX_VARIABLE_NAME or name == "states":
            place.at(key).error(f"'{name}' is not the name of a variable")
    return any_template(value, place) if place.query_language == JSONPATH else value
