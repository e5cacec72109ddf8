"""Every code that a finding may have, from the tables of those who find: the reader, the sources, the lints, and the
markers in comments. A code that is named anywhere, in a configuration or a marker, stands in here or is refused."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from asl_engine.definition.codes import CODES, Code
from asl_engine.definition.fields import nearest

INVALID_IGNORE = "INVALID_IGNORE"
UNKNOWN_IGNORE = "UNKNOWN_IGNORE"
UNUSED_IGNORE = "UNUSED_IGNORE"

MARKER_CODES = (
    Code(INVALID_IGNORE, "WARNING", "A marker in a Comment names no code, or the code of an error, which stays."),
    Code(UNKNOWN_IGNORE, "WARNING", "A marker in a Comment names a code that does not exist."),
    Code(UNUSED_IGNORE, "WARNING", "A marker in a Comment names a code that is not found there."),
)


@cache
def known_codes() -> dict[str, Code]:
    """Name -> code, of all there are, by name."""
    from asl_engine.definition.sources.codes import SOURCE_CODES
    from asl_engine.lint.table import all_lints

    rows = [
        *MARKER_CODES,
        *SOURCE_CODES,
        *(Code(row.code, row.severity, row.summary) for row in all_lints()),
        *CODES.values(),
    ]
    found = {row.name: row for row in rows}
    return {name: found[name]._replace(summary=_sentence(found[name].summary)) for name in sorted(found)}


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def unknown(what: str, word: str, known: Iterable[str]) -> str:
    """The sentence about a word that does not exist.

    >>> unknown("code", "UNREACHABLE", known_codes())
    "unknown code 'UNREACHABLE'; did you mean 'UNREACHABLE_STATE'?"
    """
    hint = nearest(word, known)
    return f"unknown {what} '{word}'{f'; {hint}' if hint else ''}"
