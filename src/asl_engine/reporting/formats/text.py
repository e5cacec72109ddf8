"""A report for people: each finding with its place, its line and a mark under it, then the sum.

Nothing from a definition or a file's name reaches the terminal unescaped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from asl_engine.errors import Diagnostic
from asl_engine.reporting.excerpt import excerpt, lines_of, printable
from asl_engine.reporting.report import Report, sum_line

_RESET = "\x1b[0m"
_BOLD, _FAINT, _RED, _YELLOW, _BLUE, _CYAN = (f"\x1b[{number}m" for number in (1, 2, 31, 33, 34, 36))
_SEVERITY = {"ERROR": _RED, "WARNING": _YELLOW, "INFO": _BLUE}


def as_text(report: Report, *, color: bool = False) -> str:
    """The report as lines."""
    return "".join(f"{line}\n" for line in _lines(report, color))


def wants_color(choice: str, environment: Mapping[str, str], is_terminal: bool) -> bool:
    """Whether to colour: `choice` is always, never or auto. For auto NO_COLOR, FORCE_COLOR and TERM=dumb decide in
    this order (each counts when it is not empty), and then whether it is a terminal."""
    if choice != "auto":
        return choice == "always"
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return True
    return is_terminal and environment.get("TERM") != "dumb"


def place_of(finding: Diagnostic, file: str) -> str:
    """file:line:column, as far as it is known."""
    parts = (finding.file or file, finding.line, finding.column)
    return ":".join(printable(str(part)) for part in parts if part is not None)


def sentence(finding: Diagnostic) -> str:
    """The JSON pointer of the place and the message."""
    return printable(f"{finding.pointer}: {finding.message}" if finding.pointer else finding.message)


def _lines(report: Report, color: bool) -> Iterator[str]:
    for file in report.files:
        lines = {name: lines_of(content) for name, content in file.texts.items()} if any(file.findings()) else {}
        for finding in file.findings():
            yield _headline(finding, file.file, color)
            yield from _excerpt(finding, lines, color)
            if finding.suggestion:
                yield f"{_painted('help:', _CYAN, color)} {printable(finding.suggestion)}"
    if not report.quiet:
        yield sum_line(report.counts)


def _headline(finding: Diagnostic, file: str, color: bool) -> str:
    severity = _painted(finding.severity.lower(), _SEVERITY[finding.severity], color)
    place = _painted(place_of(finding, file), _BOLD, color)
    return f"{place}: {severity} {finding.code} {sentence(finding)}"


def _excerpt(finding: Diagnostic, lines: Mapping[str, list[str]], color: bool) -> Iterator[str]:
    shown = excerpt(lines.get(finding.file or "", []), finding)
    if shown is not None:
        number = str(finding.line)
        bar = _painted("|", _FAINT, color)
        yield f"  {number} {bar} {shown[0]}"
        yield f"  {' ' * len(number)} {bar} {_painted(shown[1], _SEVERITY[finding.severity], color)}"


def _painted(text: str, paint: str, color: bool) -> str:
    return f"{paint}{text}{_RESET}" if color else text
