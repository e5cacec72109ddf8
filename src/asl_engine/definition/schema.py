"""The JSON Schema of definitions, drafted from the same tables of fields that the reader works by.

`read_definition` and every reader below it say with `described` what they take; here it is put together. A schema knows
the query language of each state, as the reader does: the state's own, else the whole definition's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from asl_engine.definition.described import Schema, description_of, reference
from asl_engine.definition.fields import ABSENT, BOTH, JSONATA, JSONPATH, field_table
from asl_engine.definition.reader import MAX_NAME_LENGTH, read_definition
from asl_engine.definition.words import words_of
from asl_engine.jsonvalue import Json, dumps

DIALECTS = {
    "2020-12": "https://json-schema.org/draft/2020-12/schema",
    "draft-07": "http://json-schema.org/draft-07/schema#",
}
"""Name of a draft of JSON Schema -> what `$schema` says. The first is the one that is written unless told otherwise."""

_REFERENCE = "#/$defs/"
_JOINT = "@"
"""Between a definition's name, its query language, and the whole document's, while a schema is drafted."""

_JSONATA_SAID = {"properties": {"QueryLanguage": {"const": JSONATA}}, "required": ["QueryLanguage"]}


def draft_schema(state_types: Mapping[str, Any], query_language: str | None = None, draft: str = "2020-12") -> Schema:
    """The schema of a definition; with `query_language`, only of definitions whose own QueryLanguage it is."""
    definitions: dict[str, Schema] = {}
    drafts = {name: _Drafting(state_types, definitions, name, name) for name in BOTH}
    if query_language is None:
        languages = [drafts[name].of(read_definition) for name in BOTH]
        body = {"type": "object", "if": _JSONATA_SAID, "then": languages[1], "else": languages[0]}
    else:
        body = _only(query_language, drafts[query_language].of(read_definition))
    schema = {
        "$schema": DIALECTS[draft],
        "$id": ":".join(filter(None, ("urn:asl-engine:amazon-states-language", query_language, draft))),
        "title": "Amazon States Language",
        "description": "A state machine of AWS Step Functions.",
        **body,
        "$defs": definitions,
    }
    schema = _with_short_names(_without_repeats(schema))
    return schema if draft == "2020-12" else _as_draft_07(schema)


def _only(query_language: str, machine: Schema) -> Schema:
    """A machine whose QueryLanguage is this one. Unsaid it is JSONPath."""
    said = {**machine["properties"]["QueryLanguage"], "enum": [query_language], "default": JSONPATH}
    required = [*machine["required"], *(["QueryLanguage"] if query_language == JSONATA else [])]
    return machine | {"properties": {**machine["properties"], "QueryLanguage": said}, "required": required}


class _Drafting:
    """Drafts schemas in one query language. What nested machines go by is the language of the whole definition."""

    def __init__(
        self, state_types: Mapping[str, Any], definitions: dict[str, Schema], query_language: str, top_language: str
    ) -> None:
        self.query_language = query_language
        self._state_types = state_types
        self._definitions = definitions
        self._top_language = top_language

    def _speaking(self, query_language: str) -> _Drafting:
        return _Drafting(self._state_types, self._definitions, query_language, self._top_language)

    def of(self, read: Any) -> Schema:
        schema, name = description_of(read)
        if not name:
            return schema(self) if callable(schema) else schema
        return self._defined(name, schema)

    def _defined(self, name: str, schema: Any) -> Schema:
        """Refers to the schema under its name, and drafts it if that was not done yet.

        The name is taken beforehand, as a schema may hold itself.
        """
        long_name = _JOINT.join((name, self.query_language, self._top_language))
        if long_name not in self._definitions:
            self._definitions[long_name] = {}
            self._definitions[long_name] = schema(self) if callable(schema) else schema
        return reference(long_name)

    def fields(self, cls: type, left_out: frozenset[str] = frozenset()) -> Schema:
        specs = field_table(cls, left_out).specs.items()
        taken = {name: row for name, row in specs if self.query_language in row[1].languages}
        readers = {name: spec.read for name, (_, spec) in taken.items()}
        required = [name for name, (_, spec) in taken.items() if spec.required]
        schema = self.named_fields(cls.__name__, readers, required)
        for name, default in _defaults(cls, taken):
            schema["properties"][name]["default"] = default
        return schema

    def named_fields(self, owner: str, readers: Mapping[str, Any], required: Sequence[str] = ()) -> Schema:
        properties = {name: {**words_of(owner, name), **self.of(read)} for name, read in readers.items()}
        schema = {"type": "object", "properties": properties, "additionalProperties": False}
        return schema | ({"required": list(required)} if required else {})

    def machine(self, fields: Mapping[str, tuple[str, Any]], read_state: Any) -> Schema:
        readers = {name: read for name, (_, read) in fields.items()}
        schema = self.named_fields("Machine", readers, ["StartAt", "States"])
        state = self._speaking(self._top_language).of(read_state)
        names = {"propertyNames": {"maxLength": MAX_NAME_LENGTH}, "minProperties": 1}
        states = {**words_of("Machine", "States"), "type": "object", **names, "additionalProperties": state}
        return schema | {"properties": {**schema["properties"], "States": states}}

    def state(self) -> Schema:
        kinds = list(self._state_types)
        type_said = {**words_of("State", "Type"), "enum": kinds, "enumDescriptions": [_sentence(k) for k in kinds]}
        languages = BOTH if self._top_language == JSONPATH else [JSONATA]
        properties = {"Type": type_said, "QueryLanguage": {"enum": list(languages)}}
        schema = {"type": "object", "properties": properties, "required": ["Type"]}
        if self._top_language == JSONATA:
            return schema | self._by_type()
        chosen = {"else": self._by_type(), "then": self._speaking(JSONATA)._by_type()}
        return schema | {"if": _JSONATA_SAID, **chosen}

    def _by_type(self) -> Schema:
        """Each state type's own schema, chosen by `Type`, so that an editor speaks of that type alone."""
        return {"allOf": [self._chosen(kind, row) for kind, row in self._state_types.items()]}

    def _chosen(self, kind: str, row: Any) -> Schema:
        chosen = {"properties": {"Type": {"const": kind}}, "required": ["Type"]}
        return {"if": chosen, "then": self._defined(kind, lambda drafting: _of_type(kind, row.draft(drafting)))}


def _defaults(cls: Any, taken: Mapping[str, Any]) -> Iterator[tuple[str, Json]]:
    """(field, value) of what stands where a field is not set, if it is a number or a text."""
    for name, (attribute, spec) in taken.items():
        value = getattr(cls, attribute)
        if value is not ABSENT and isinstance(value, (str, int, float)) and not spec.required and value != "":
            yield name, value


def _of_type(kind: str, schema: Schema) -> Schema:
    """A state type's schema with its sentence. What QueryLanguage is where it is unsaid depends on the definition."""
    said = {**words_of("Type", kind), "const": kind}
    language = {name: value for name, value in schema["properties"]["QueryLanguage"].items() if name != "default"}
    properties = {**schema["properties"], "Type": said, "QueryLanguage": language}
    return {"title": f"{kind} state", "description": _sentence(kind), **schema, "properties": properties}


def _sentence(kind: str) -> str:
    sentence: str = words_of("Type", kind)["description"]
    return sentence


def _without_repeats(schema: Schema) -> Schema:
    """Definitions that came out alike in several query languages are made one, until none are left alike."""
    while True:
        first: dict[tuple[str, str], str] = {}
        alike: dict[str, str] = {}
        for name, definition in schema["$defs"].items():
            kept = first.setdefault((name.partition(_JOINT)[0], dumps(definition)), name)
            if kept != name:
                alike[name] = kept
        if not alike:
            return schema
        kept_ones = {name: item for name, item in schema["$defs"].items() if name not in alike}
        schema = _renamed({**schema, "$defs": kept_ones}, alike)


def _with_short_names(schema: Schema) -> Schema:
    """`Map`, then `Map.JSONata`, then `Map.JSONata.JSONata` for the one in a definition that is JSONata throughout."""
    taken: dict[str, str] = {}
    for name in schema["$defs"]:
        base, language, top_language = name.split(_JOINT)
        candidates = (base, f"{base}.{language}", f"{base}.{language}.{top_language}")
        taken[next(short for short in candidates if short not in taken)] = name
    short_of = {name: short for short, name in taken.items()}
    definitions = {short: schema["$defs"][taken[short]] for short in sorted(taken)}
    renamed: Schema = _renamed({**schema, "$defs": definitions}, short_of)
    return renamed


def _renamed(schema: Any, names: Mapping[str, str]) -> Any:
    """The same with other names in its references."""
    if isinstance(schema, list):
        return [_renamed(item, names) for item in schema]
    if not isinstance(schema, dict):
        return schema
    changed = {name: _renamed(item, names) for name, item in schema.items()}
    if "$ref" in changed:
        name = changed["$ref"].removeprefix(_REFERENCE)
        changed["$ref"] = _REFERENCE + names.get(name, name)
    return changed


def _as_draft_07(schema: Json) -> Json:
    """The same in draft 7: other names for the definitions, and nothing may stand beside a `$ref`."""
    if isinstance(schema, list):
        return [_as_draft_07(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    said = {"definitions" if name == "$defs" else name: _as_draft_07(item) for name, item in schema.items()}
    if "$ref" not in said:
        return said
    target = {"$ref": said.pop("$ref").replace(_REFERENCE, "#/definitions/")}
    return {**said, "allOf": [*said.get("allOf", ()), target]} if said else target
