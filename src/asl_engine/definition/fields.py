"""How one field of a definition is read: the JSON name, the reader of its value, and the query languages that have it.

A reader takes (value, place) and gives the value to keep; what is wrong with it is told to the place, never raised.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple, TypeAlias

from asl_engine.definition import shapes
from asl_engine.definition.described import Drafting, Schema, described
from asl_engine.errors import Diagnostic
from asl_engine.jsonvalue import Json, dumps
from asl_engine.query.jsonpath.expressions import compile_path_field, compile_text
from asl_engine.query.jsonpath.payload import template_fields
from asl_engine.query.jsonpath.syntax import parse_reference_path
from asl_engine.records import field, fields_of, record
from asl_engine.timestamp import parse_timestamp

JSONPATH = "JSONPath"
JSONATA = "JSONata"
BOTH = (JSONPATH, JSONATA)

SCHEMA_VALIDATION_FAILED = "SCHEMA_VALIDATION_FAILED"

MAX_SECONDS = 99_999_999
MAX_VARIABLE_NAME = 80
MAX_HINTS = 200
"""A document with more findings is no definition with typing errors in it, and looking for near misses takes long."""

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
    kept: type | None
    """What of this type is not empty is kept as it is: no need to ask the reader."""


def asl(
    name: str, read: Reader, *, default: Any = None, languages: Sequence[str] = BOTH, required: bool = False
) -> Any:
    """A dataclass field that is read from the JSON field `name`."""
    spec = FieldSpec(name, read, languages, required, _KEPT_AS_IT_IS.get(read))
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
        elif type(item) is row[1].kept and item != "":
            read[row[0]] = item
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
    hint = nearest(name, known, 0.75) if len(place.reading.diagnostics) < MAX_HINTS else None
    place.at(name).error(f"Field '{name}' is not supported", suggestion=hint)


# --- readers of plain values ------------------------------------------------------------------------------------------


@described({"type": "string"})
def string(value: Json, place: Place) -> str | None:
    """Any string."""
    if not isinstance(value, str):
        place.error(f"must be a string, not {show(value)}")
        return None
    return value


@described({"type": "string", "minLength": 1})
def filled_string(value: Json, place: Place) -> str | None:
    """A string that is not empty."""
    if value == "":
        place.error("must not be an empty string")
    return string(value, place)


@described({"type": "boolean"})
def boolean(value: Json, place: Place) -> bool | None:
    """true or false."""
    if not isinstance(value, bool):
        place.error(f"must be true or false, not {show(value)}")
        return None
    return value


@described({})
def any_json(value: Json, place: Place) -> Json:
    """Any JSON value, kept as it is."""
    return value


@described(shapes.expressions_in("Expressions"), "Expressions")
def leaves(value: Json, place: Place) -> Json:
    """Any JSON value. Its expressions are checked by who knows what they may read."""
    return value


_KEPT_AS_IT_IS: dict[Reader, type] = {string: str, filled_string: str, boolean: bool}


def one_of(*choices: str) -> Reader:
    """One of a few strings."""

    @described({"enum": list(choices)})
    def read(value: Json, place: Place) -> Any:
        if value not in choices:
            place.error(f"must be one of {', '.join(choices)}, not {show(value)}", suggestion=nearest(value, choices))
        return value

    return read


def whole_number(low: int, high: int) -> Reader:
    """An integer from `low` to `high`; 3.0 counts as 3."""

    @described({"type": "integer", "minimum": low, "maximum": high})
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

    @described({"type": "number"} | shapes.bounds(low, high))
    def read(value: Json, place: Place) -> float | None:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            place.error(f"must be a number, not {show(value)}")
            return None
        if not low <= value <= high:
            span = f"between {low:g} and {high:g}" if high < float("inf") else f"{low:g} or more"
            place.error(f"must be {span}, not {show(value)}")
        return value

    return read


@described(shapes.TIMESTAMP)
def timestamp(value: Json, place: Place) -> str | None:
    """An RFC 3339 timestamp with T and an offset."""
    if not isinstance(value, str) or parse_timestamp(value) is None:
        form = f"it is {show(value)}; a timestamp is written like 2024-01-31T12:00:00Z"
        place.error("String does not match RFC3339 timestamp", suggestion=form)
        return None
    return value


def filled_list(read_item: Reader) -> Reader:
    """An array of one or more items, each read by `read_item`."""

    @described(lambda drafting: {"type": "array", "minItems": 1, "items": drafting.of(read_item)})
    def read(value: Json, place: Place) -> tuple[Any, ...]:
        if not isinstance(value, list) or not value:
            place.error(f"must be an array with at least one item, not {show(value)}")
            return ()
        return tuple(read_item(item, place.at(index)) for index, item in enumerate(value))

    return read


def expression_or(read_literal: Reader) -> Reader:
    """A literal; in JSONata also a string that holds an expression."""

    def draft(drafting: Drafting) -> Schema:
        literal = drafting.of(read_literal)
        return shapes.literal_or_expression(literal) if drafting.query_language == JSONATA else literal

    @described(draft)
    def read(value: Json, place: Place) -> Any:
        if place.query_language == JSONATA and isinstance(value, str) and value.startswith("{%"):
            return expression(value, place)
        return read_literal(value, place)

    return read


@described(lambda drafting: drafting.of(leaves) if drafting.query_language == JSONATA else {})
def expression(value: Json, place: Place) -> Json:
    """Any JSON value; in JSONata, expressions in its leaves must compile and read only `$states.input` and context."""
    if place.query_language == JSONATA:
        from asl_engine.definition.expressions import check_template

        check_template(value, place)
    return value


# --- readers of paths and templates -----------------------------------------------------------------------------------


@described(shapes.PATH, "Path")
def path(value: Json, place: Place) -> str | None:
    """A path: `$...`, `$$...` or `$variable...`."""
    if not isinstance(value, str):
        place.error(f"must be a path, not {show(value)}")
        return None
    place.reads(variables_in(value))
    fault = fault_in(value, compile_path_field)
    if fault is not None:
        place.error(f"Value is not a valid path: {show(value)}: {fault}")
    return value


def fault_in(text: str, compile: Callable[[str], object]) -> str | None:
    """What a compiler of expressions has against a text, None if nothing. Definitions repeat their texts."""
    return _known_fault(text, compile) if len(text) < 500 else _fault(text, compile)


def _fault(text: str, compile: Callable[[str], object]) -> str | None:
    try:
        compile(text)
    except ValueError as error:
        return str(error)
    return None


_known_fault = lru_cache(maxsize=2048)(_fault)


def _path_or_call(text: str) -> object:
    return compile_text("", text)


_LITERAL = r"'(?:[^'\\]|\\.)*'"
_READ = r"(?<![$\w])\$([^\W\d]\w*)"


def variables_in(text: str) -> list[str]:
    """The variables that a path or an intrinsic function call reads."""
    if text.rfind("$") == 0 and text[1:2] in ("", ".", "["):
        return []
    return re.findall(_READ, re.sub(_LITERAL, "", text) if text.startswith("States.") else text)


@described(shapes.or_null(shapes.PATH), "NullablePath")
def nullable_path(value: Json, place: Place) -> str | None:
    """A path, or null for "nothing"."""
    return None if value is None else path(value, place)


@described(shapes.or_null(shapes.REFERENCE_PATH), "ReferencePath")
def reference_path(value: Json, place: Place) -> str | None:
    """A Reference Path, or null for "discard"."""
    if value is None:
        return None
    if not isinstance(value, str):
        place.error(f"must be a Reference Path or null, not {show(value)}")
        return None
    fault = fault_in(value, parse_reference_path)
    if fault is not None:
        place.error(f"Value is not a Reference Path: {show(value)}: {fault}")
    return value


@described(lambda drafting: shapes.path_or_call(), "PathOrCall")
def path_or_intrinsic(value: Json, place: Place) -> str | None:
    """A path or an intrinsic function call."""
    if not isinstance(value, str):
        place.error(f"must be a path or an intrinsic function, not {show(value)}")
        return None
    place.reads(variables_in(value))
    fault = fault_in(value, _path_or_call)
    if fault is not None:
        place.error(f"Value is not a valid path or intrinsic function: {show(value)}: {fault}")
    return value


def _draft_payload_template(drafting: Drafting) -> Schema:
    return {"type": "object", **drafting.of(any_template)}


@described(_draft_payload_template)
def payload_template(value: Json, place: Place) -> Json:
    """A payload template: an object whose `.$` fields are paths or intrinsic function calls."""
    if not isinstance(value, dict):
        place.error(f"must be an object, not {show(value)}")
        return value
    return any_template(value, place)


@described(lambda drafting: shapes.template_in("Template", drafting.of(path_or_intrinsic)), "Template")
def any_template(value: Json, place: Place) -> Json:
    """A payload template of any JSON type."""
    for keys, text, fault in template_fields(value):
        if fault is None:
            fault = fault_in(text, _path_or_call)
            variables = variables_in(text)
            if variables:
                _below(place, keys).reads(variables)
        if fault is not None:
            _below(place, keys).error(fault)
    return value


def _below(place: Place, keys: Iterable[str | int]) -> Place:
    for key in keys:
        place = place.at(key)
    return place


@described(lambda drafting: drafting.of(expression if drafting.query_language == JSONATA else any_template))
def maybe_template(value: Json, place: Place) -> Json:
    """A template in either language."""
    return expression(value, place) if place.query_language == JSONATA else any_template(value, place)


def _draft_assignments(drafting: Drafting) -> Schema:
    if drafting.query_language == JSONATA:
        return {"type": "object", "propertyNames": shapes.variables(""), **drafting.of(leaves)}
    return {"type": "object", "propertyNames": shapes.variables(r"(\.\$)?"), **drafting.of(any_template)}


@described(_draft_assignments)
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
