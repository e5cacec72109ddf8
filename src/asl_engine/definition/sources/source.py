"""A definition together with where it stands: what every reader of files gives, whatever the file was."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from asl_engine.errors import AslError, Diagnostic
from asl_engine.jsonvalue import Json
from asl_engine.records import record, replace


class Span(NamedTuple):
    """A place in a file: lines and columns count characters from 1; `end_column` is the first one after it, on the
    same line."""

    file: str
    line: int
    column: int
    end_column: int


@record(frozen=True, slots=True, kw_only=True)
class Source:
    """One state machine's definition as found in a file.

    `file`: the file that was named. `name`: the machine's name (a template's logical id, else the file's stem).
    `type`: STANDARD or EXPRESS, None where the file does not say. `document`: the definition as a JSON value,
    substitutions carried out. `locate`: JSON pointer -> the member it names (from its key to the end of its value
    where that stands on one line, else the key alone); a pointer to what is not there gives the nearest place around
    it. `notes`: what was noticed on the way, already located.
    """

    file: str
    name: str
    document: Json
    locate: Callable[[str], Span]
    type: str | None = None
    notes: tuple[Diagnostic, ...] = ()


class SourceError(AslError):
    """A file that cannot be read as a definition or as a template that holds one. `diagnostic` says where and why."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(f"{diagnostic.file}:{diagnostic}" if diagnostic.file else str(diagnostic))
        self.diagnostic = diagnostic


def located(source: Source, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The diagnostics about a source's document, each with its file, line and columns."""
    return [_located(source, diagnostic) for diagnostic in diagnostics]


def _located(source: Source, diagnostic: Diagnostic) -> Diagnostic:
    file, line, column, end_column = source.locate(diagnostic.pointer)
    return replace(diagnostic, file=file, line=line, column=column, end_column=end_column)
