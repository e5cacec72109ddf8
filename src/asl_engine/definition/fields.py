"""How one field of a definition is read: the JSON name, the reader of its value, and the query languages that have it.

A reader takes (value, place) and gives the value to keep; what is wrong with it is told to the place, never raised.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple, TypeAlias

from asl_engine.errors import Diagnostic
from asl_engine.jsonvalue import Json, dumps
from asl_engine.query.jsonpath.expressions import compile_path_field, compile_text
from asl_engine.query.jsonpath.payload import template_fields
from asl_engine.query.jsonpath.syntax import InvalidPath, parse_reference_path
from asl_engine.records import field, fields_of, record
from asl_engine.timestamp import parse_timestamp

JSONPATH = "JSONPath"
JSONATA = "JSONata"
BOTH = (JSONPATH, JSONATA)

SCHEMA_VALIDATION_FAILED = "SCHEMA_VALIDATION_FAILED"

MAX_SECONDS = 99_999_999
MAX_VARIABLE_NAME = 80

ABSENT: Any = type("Absent", (), {"__repr__": lambda self: "ABSENT", "__bool__": lambda self: False})()
"""Stands where the definition does not set a field whose value may be null."""


class Reading:
    """What one reading of a definition gathers and goes by, wherever in the document it stands."""

    __slots__ = ("diagnostics", "references", "state_types", "top_language")

    def __init__(self, state_types: Any) -> None:
        self.diagnostics: list[Diagnostic] = []
        self.references: list[tuple[str, str]] = []
        """(JSON pointer, name) of every variable that is read."""
        self.state_types = state_types
        """The table of state types: `Type` -> StateType."""
        self.top_language = JSONPATH
        """The definition's own QueryLanguage, which nested machines inherit whatever the state around them says
        (recorded)."""


class Place:
    """Where the reader stands: a way down from the top, and the query language in force there.

    Made for every field of a document, so the JSON pointer is put together only when it is asked for.
    """

    __slots__ = ("_key", "_parent", "_pointer", "query_language", "reading")

    def __init__(self, reading: Reading, parent: Place | None, key: str | int, query_language: str) -> None:
        self.reading = reading
        self._parent = parent
        self._key = key
        self._pointer: str | None = None
        self.query_language = query_language

    def at(self, key: str | int) -> Place:
        """The place below this one."""
        return Place(self.reading, self, key, self.query_language)

    def speaking(self, query_language: str) -> Place:
        """The same place with another query language in force."""
        return Place(self.reading, self._parent, self._key, query_language)

    @property
    def pointer(self) -> str:
        """The JSON pointer of this place."""
        if self._pointer is None:
            parent, key = self._parent, self._key
            if type(key) is str and ("/" in key or "~" in key):
                key = key.replace("~", "~0").replace("/", "~1")
            self._pointer = "" if parent is None else f"{parent.pointer}/{key}"
        return self._pointer

    def reads(self, names: Iterable[str]) -> None:
        """Notes variables that are read here."""
        for name in names:
            self.reading.references.append((self.pointer, name))

    def error(self, message: str, code: str = SCHEMA_VALIDATION_FAILED, suggestion: str | None = None) -> None:
        """Tells one error found here."""
        self._tell(code, "ERROR", message, suggestion)

    def warning(self, message: str, code: str, suggestion: str | None = None) -> None:
        """Tells one warning found here."""
        self._tell(code, "WARNING", message, suggestion)

    def _tell(self, code: str, severity: str, message: str, suggestion: str | None) -> None:
        self.reading.diagnostics.append(Diagnostic(code, severity, self.pointer, message, suggestion=suggestion))


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


class FieldTable(NamedTuple):
    """The fields that an object may have: JSON name -> (attribute, spec), and the specs of those it must have."""

    specs: dict[str, tuple[str, FieldSpec]]
    required: list[FieldSpec]


@cache
def field_table(cls: type, left_out: frozenset[str] = frozenset()) -> FieldTable:
    """The table of a dataclass made with `asl` fields, without those left out."""
    specs = {name: row for name, row in specs_of(cls).items() if name not in left_out}
    return FieldTable(specs, [spec for _, spec in specs.values() if spec.required])


def read_object(cls: type, value: Json, place: Place, left_out: frozenset[str] = frozenset()) -> dict[str, Any] | None:
    """The attributes that `cls` takes from a JSON object: name -> value read. None where it is no object at all."""
    if not isinstance(value, dict):
        place.error(f"must be an object, not {show(value)}")
        return None
    specs, required = field_table(cls, left_out)
    language = place.query_language
    read: dict[str, Any] = {}
    for name, item in value.items():
        row = specs.get(name)
        if row is None:
            tell_unknown(name, specs, place)
        elif language not in row[1].languages:
            place.at(name).error(f"Field '{name}' is not supported in a {language} state")
        else:
            read[row[0]] = row[1].read(item, place.at(name))
    missing = [spec.name for spec in required if spec.name not in value and language in spec.languages]
    if missing:
        place.error(f"These fields are required: [{', '.join(missing)}]")
    return read


def nearest(word: Any, known: Any, cutoff: float = 0.6) -> str | None:
    """The question "did you mean 'X'?" for a near miss, else None."""
    from difflib import get_close_matches

    near = get_close_matches(word, known, 1, cutoff) if isinstance(word, str) else []
    if isinstance(word, str) and not near:
        near = [other for other in known if other.lower() == word.lower()]
    return f"did you mean '{near[0]}'?" if near else None


def tell_unknown(name: str, known: Any, place: Place) -> None:
    """Tells a field that does not exist in the object at `place`."""
    place.at(name).error(f"Field '{name}' is not supported", suggestion=nearest(name, known, 0.75))


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
            place.error(f"must be one of {', '.join(choices)}, not {show(value)}", suggestion=nearest(value, choices))
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
        form = f"it is {show(value)}; a timestamp is written like 2024-01-31T12:00:00Z"
        place.error("String does not match RFC3339 timestamp", suggestion=form)
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
    for keys, text, fault in template_fields(value):
        if fault is None and "$" in text:
            fault, variables = _checked_text(text)
            if variables:
                _below(place, keys).reads(variables)
        elif fault is None:
            fault = _checked_text(text)[0]
        if fault is not None:
            _below(place, keys).error(fault)
    return value


@lru_cache(maxsize=4096)
def _checked_text(text: str) -> tuple[str | None, list[str]]:
    """What is wrong with the text of a `.$` field, if anything, and the variables it reads."""
    try:
        compile_text("", text)
    except ValueError as error:
        return str(error), variables_in(text)
    return None, variables_in(text)


def _below(place: Place, keys: Iterable[str | int]) -> Place:
    for key in keys:
        place = place.at(key)
    return place


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
