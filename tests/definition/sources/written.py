"""Files as dictionaries, and where in them a piece of text stands: counted here by hand, not by the engine."""

from __future__ import annotations

from typing import Any

from asl_engine.definition.sources.load import load_sources
from asl_engine.definition.sources.source import Source, SourceError, Span
from asl_engine.errors import Diagnostic


def load(
    text: str | bytes, file: str = "m.asl.json", others: dict[str, str] | None = None, **options: Any
) -> list[Source]:
    """The sources of a file with this text; `others` are the files beside it."""
    files = {file: text, **(others or {})}

    def read(name: str) -> bytes:
        if name not in files:
            raise FileNotFoundError(2, "No such file or directory", name)
        content = files[name]
        return content if isinstance(content, bytes) else content.encode()

    return load_sources(file, read=read, **options)


def fault(
    text: str | bytes, file: str = "m.asl.json", others: dict[str, str] | None = None, **options: Any
) -> Diagnostic:
    """The diagnostic of a file that cannot be read."""
    try:
        load(text, file, others, **options)
    except SourceError as error:
        return error.diagnostic
    raise AssertionError("was read")


def place(text: str, needle: str) -> tuple[int, int]:
    """Line and column, from 1, of the one place where `needle` stands."""
    assert text.count(needle) == 1, f"{needle!r} stands {text.count(needle)} times"
    before = text[: text.index(needle)]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def shown(text: str, span: Span) -> str:
    """The characters that a span covers."""
    return text.split("\n")[span.line - 1][span.column - 1 : span.end_column - 1]


def span_at(source: Source, pointer: str) -> tuple[int, int]:
    """Line and column that a pointer is located at."""
    span = source.locate(pointer)
    return span.line, span.column


def unresolved(source: Source) -> list[str]:
    """The messages about placeholders that stand for nothing known."""
    return [note.message for note in source.notes if note.code == "UNRESOLVED_SUBSTITUTION"]
