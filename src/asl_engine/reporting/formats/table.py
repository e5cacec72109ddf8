"""The table of formats: a new one is a module beside this one, a row here, and a line in the package's `FORMATS`."""

from __future__ import annotations

from collections.abc import Callable

from asl_engine.reporting.formats.github import as_github
from asl_engine.reporting.formats.json_ import as_json
from asl_engine.reporting.formats.junit import as_junit
from asl_engine.reporting.formats.sarif import as_sarif
from asl_engine.reporting.formats.text import as_text
from asl_engine.reporting.report import Report

WRITERS: dict[str, Callable[[Report], str]] = {
    "text": as_text,
    "json": as_json,
    "sarif": as_sarif,
    "github": as_github,
    "junit": as_junit,
}


def written(report: Report, name: str, *, color: bool = False) -> str:
    """The report in a format, each line ended. `color` is for text alone."""
    return as_text(report, color=color) if name == "text" else WRITERS[name](report)
