"""The codes of what is found before a definition can be read. Codes are stable, and all of them stand in this table."""

from __future__ import annotations

from asl_engine.definition.codes import Code
from asl_engine.definition.sources.source import SourceError, Span
from asl_engine.errors import Diagnostic

INVALID_JSON_DESCRIPTION = "INVALID_JSON_DESCRIPTION"
NO_STATE_MACHINE = "NO_STATE_MACHINE"
UNSUPPORTED_SOURCE = "UNSUPPORTED_SOURCE"
UNREADABLE_DEFINITION = "UNREADABLE_DEFINITION"
UNSUPPORTED_YAML = "UNSUPPORTED_YAML"
MISSING_DEPENDENCY = "MISSING_DEPENDENCY"
AMBIGUOUS_YAML = "AMBIGUOUS_YAML"
UNRESOLVED_SUBSTITUTION = "UNRESOLVED_SUBSTITUTION"

SOURCE_CODES = (
    Code(INVALID_JSON_DESCRIPTION, "ERROR", "The text is not JSON or YAML that AWS would take."),
    Code(NO_STATE_MACHINE, "ERROR", "The file is read, and holds no state machine of a kind that is known."),
    Code(UNSUPPORTED_SOURCE, "ERROR", "The definition stands where it cannot be read from, such as a bucket."),
    Code(UNREADABLE_DEFINITION, "ERROR", "A template names a definition file that cannot be opened."),
    Code(UNSUPPORTED_YAML, "ERROR", "The YAML has a tag, an alias or a value that is refused."),
    Code(MISSING_DEPENDENCY, "ERROR", "The file is YAML, and ruamel.yaml is not installed."),
    Code(AMBIGUOUS_YAML, "WARNING", "An unquoted YAML word or number that tools read in different ways."),
    Code(UNRESOLVED_SUBSTITUTION, "INFO", "Nothing says what a placeholder stands for; a stand-in is used."),
)
_SEVERITIES = {row.name: row.severity for row in SOURCE_CODES}


def told(code: str, message: str, span: Span, pointer: str = "", suggestion: str | None = None) -> Diagnostic:
    """The diagnostic about a place."""
    file, line, column, end_column = span
    return Diagnostic(code, _SEVERITIES[code], pointer, message, line, column, suggestion, file, end_column)


def refused(code: str, message: str, span: Span, pointer: str = "", suggestion: str | None = None) -> SourceError:
    """The exception about a place."""
    return SourceError(told(code, message, span, pointer, suggestion))
