"""The kinds of reports, and where each is written: what `--asl-cov-report` and `asl coverage report` take."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from asl_engine.errors import AslError
from asl_engine.testing.coverage.lcov import to_lcov
from asl_engine.testing.coverage.page import write_pages
from asl_engine.testing.coverage.results import Coverage
from asl_engine.testing.coverage.terminal import table

DATA_FILE = ".asl-coverage.json"
"""Where a pytest run leaves what it counted, in its root folder."""


class ReportError(AslError, ValueError):
    """A report was asked for that there is not."""


class Report(NamedTuple):
    """A kind of report and where it goes; None for the terminal."""

    kind: str
    path: Path | None


def _write_json(coverage: Coverage, path: Path) -> Path:
    return _write(path, json.dumps(coverage.as_json(), indent=2, ensure_ascii=False) + "\n")


def _write_lcov(coverage: Coverage, path: Path) -> Path:
    return _write(path, to_lcov(coverage))


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


WRITERS: dict[str, tuple[str, Callable[[Coverage, Path], Path]]] = {
    "html": ("asl-coverage", write_pages),
    "json": ("asl-coverage.json", _write_json),
    "lcov": ("asl-coverage.lcov", _write_lcov),
}
"""Type of report -> where it is written unless the user says, and what writes it."""


def read_report(text: str) -> Report:
    """A report as it is asked for: `term`, `html:FOLDER`, `json:FILE`, `lcov:FILE`. Raises ReportError."""
    kind, _, path = text.partition(":")
    if kind == "term" and not path:
        return Report(kind, None)
    if kind not in WRITERS:
        raise ReportError(f"must be term, {', '.join(f'{name}[:PATH]' for name in WRITERS)}")
    return Report(kind, Path(path or WRITERS[kind][0]))


def write_report(coverage: Coverage, report: Report) -> str:
    """Writes a report; what the terminal shows: the report itself, or where it was written. Raises OSError."""
    if report.path is None:
        return table(coverage)
    return f"{report.kind} report: {WRITERS[report.kind][1](coverage, report.path)}"
