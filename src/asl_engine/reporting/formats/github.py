"""A report as GitHub's workflow commands: printed in a job, each becomes an annotation beside its line.

What ends a command or a property is escaped, so that no message can begin a command of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from asl_engine.errors import Diagnostic
from asl_engine.reporting.excerpt import printable
from asl_engine.reporting.formats.text import sentence
from asl_engine.reporting.report import Report

_COMMANDS = {"ERROR": "error", "WARNING": "warning", "INFO": "notice"}
_IN_MESSAGE = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTY = _IN_MESSAGE | str.maketrans({":": "%3A", ",": "%2C"})
STANDARD_INPUT = "-"


def as_github(report: Report) -> str:
    """The report as a command a line; nothing where nothing was found."""
    return "".join(f"{line}\n" for line in _lines(report))


def command(name: str, message: str, **properties: object) -> str:
    """One workflow command; a property that is None is left out.

    >>> command("error", "100%\\nsure", file="a,b.json", line=3, col=None)
    '::error file=a%2Cb.json,line=3::100%25%0Asure'
    """
    told = ",".join(f"{key}={_escaped(value, _IN_PROPERTY)}" for key, value in properties.items() if value is not None)
    return f"::{name}{' ' if told else ''}{told}::{_escaped(message, _IN_MESSAGE)}"


def _lines(report: Report) -> Iterator[str]:
    for file in report.files:
        if file.unreadable is not None:
            yield command("error", f"cannot be read: {printable(file.unreadable)}", file=printable(file.file))
        for finding in file.findings():
            yield _command(finding, file.file)


def _command(finding: Diagnostic, file: str) -> str:
    name = finding.file or file
    message = "\n".join(filter(None, (sentence(finding), finding.suggestion and printable(finding.suggestion))))
    return command(
        _COMMANDS[finding.severity],
        message,
        file=None if name == STANDARD_INPUT else printable(name),
        line=finding.line,
        col=finding.column,
        endColumn=finding.end_column,
        title=finding.code,
    )


def _escaped(value: object, escapes: dict[int, str]) -> str:
    return str(value).translate(escapes)
