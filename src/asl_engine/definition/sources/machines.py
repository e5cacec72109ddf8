"""From a place that holds a definition to a `Source`: placeholders replaced, notes made, places kept."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from asl_engine.definition.sources.codes import (
    AMBIGUOUS_YAML,
    INVALID_JSON_DESCRIPTION,
    UNRESOLVED_SUBSTITUTION,
    UNSUPPORTED_SOURCE,
    refused,
    told,
)
from asl_engine.definition.sources.documents import Document
from asl_engine.definition.sources.placeholders import PLACEHOLDER, Find, Refused, Substitution
from asl_engine.definition.sources.source import Source, Span
from asl_engine.errors import Diagnostic
from asl_engine.jsonvalue import Json, dumps
from asl_engine.records import record

MakeSource: TypeAlias = Callable[[], Source]
"""Reads one state machine of a file. Raises SourceError; others of the same file may still be well."""

TYPES = ("STANDARD", "EXPRESS")


@record(frozen=True, slots=True, kw_only=True)
class Definition:
    """Where a definition stands: at `base` of `document`, as `value`. `origin` takes a JSON pointer into `value` to
    one into what stands in the document."""

    document: Document
    value: Json
    base: str = ""
    origin: Callable[[str], str] = str


def make_source(
    definition: Definition,
    *,
    file: str,
    name: str,
    find: Find,
    told_names: set[tuple[str, str]],
    type: Json = None,
    pattern: re.Pattern[str] = PLACEHOLDER,
) -> Source:
    """The source. `told_names`: (file, placeholder) of the notes made so far, so that each is made once. Raises
    SourceError."""
    substitution = Substitution(find, pattern)
    document, value, base = definition.document, definition.value, definition.base
    try:
        carried_out = substitution.carried_out(value)
    except Refused as error:
        span = document.span(base + definition.origin(error.pointer))
        raise refused(INVALID_JSON_DESCRIPTION, error.message, span, error.pointer) from None
    for unknown in substitution.unknown.values():
        if unknown.pointer == "" and not isinstance(carried_out, dict):
            message = f"the definition is ${{{unknown.name}}}, and nothing says what that stands for"
            raise refused(UNSUPPORTED_SOURCE, message, document.span(base))

    def locate(pointer: str) -> Span:
        return document.span(base + definition.origin(substitution.origin(value, pointer)))

    notes = [*_remarks(document, base), *_unresolved(substitution, definition, told_names)]
    kind = type if type in TYPES else None
    return Source(file=file, name=name, document=carried_out, locate=locate, type=kind, notes=tuple(notes))


def _remarks(document: Document, base: str) -> Iterator[Diagnostic]:
    """What is ambiguous in the definition's part of a YAML file."""
    if not document.remarks:
        return
    node = document.node(base)
    first = bisect_left(document.remarks, (node.start,))
    for start, end, message in document.remarks[first : bisect_left(document.remarks, (node.end,))]:
        yield told(AMBIGUOUS_YAML, message, document.text.span(start, end) or document.text.point(start))


def _unresolved(
    substitution: Substitution, definition: Definition, told_names: set[tuple[str, str]]
) -> Iterator[Diagnostic]:
    """A note about each placeholder that nothing resolved, at its first use."""
    for name, pointer, neutral in substitution.unknown.values():
        span = definition.document.span(definition.base + definition.origin(pointer))
        if (span.file, name) not in told_names:
            told_names.add((span.file, name))
            message = f"nothing says what ${{{name}}} stands for; {dumps(neutral)} is taken for it"
            yield told(UNRESOLVED_SUBSTITUTION, message, span, pointer, f"give it with --substitute '{name}=...'")


def refuse_tags(document: Document) -> None:
    """CloudFormation's tags belong into templates. Raises SourceError."""
    for offset, tag in document.tags:
        message = f"the tag {tag} is CloudFormation's, and this file is no template"
        raise refused(UNSUPPORTED_SOURCE, message, document.text.point(offset))


def given(substitutions: Mapping[str, str]) -> Find:
    """Finds what the caller gave, and nothing else."""
    return lambda sigil, name: substitutions.get(name)
