"""Measuring a pytest run: one collector a process; the workers of pytest-xdist send theirs to the process that reports.

The rule: what cannot be had is told (a worker that died, a file that cannot be read), never counted as covered.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from asl_engine.testing.coverage.collector import Collector, CoverageDataError
from asl_engine.testing.coverage.reports import DATA_FILE, Report, ReportError, read_report, write_report
from asl_engine.testing.coverage.results import Coverage, coverage_of

KEY = "asl_engine_coverage"
"""Under which a worker sends what it counted."""


class CoveragePlugin:
    """The hooks of one process."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.reports = [_report(text) for text in config.option.asl_cov_report or ["term"]]
        self.least: float | None = config.option.asl_cov_fail_under
        self.is_worker = hasattr(config, "workerinput")
        self.collector = Collector(config.rootpath, under=_folder(config))
        self.data_file = config.rootpath / DATA_FILE
        if config.option.asl_cov_append and not self.is_worker:
            _load(self.collector, self.data_file)
        self.notes: list[str] = []
        self.coverage: Coverage | None = None
        self.told: list[str] = []
        self.failures: list[str] = []

    def pytest_sessionstart(self) -> None:
        """Before anything is imported that could run a machine."""
        self.collector.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """What is counted while a test runs, its fixtures included, belongs to it."""
        with self.collector.test(item.nodeid):
            return (yield)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """A worker of pytest-xdist has ended."""
        data = getattr(node, "workeroutput", {}).get(KEY)
        if data is None:
            self.notes.append(
                f"the worker {node.gateway.id} ended without saying what it covered: {error or 'no data'}"
            )
        else:
            self.collector.combine(json.loads(data))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """A worker sends what it counted; the process that reports judges it all."""
        self.collector.stop()
        if self.is_worker:
            self.config.workeroutput[KEY] = json.dumps(self.collector.as_json())  # type: ignore[attr-defined]
            return
        if self.config.option.collectonly:
            return
        self.coverage = coverage_of(self.collector)
        self._save()
        self._report(self.coverage)
        if self.failures and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _save(self) -> None:
        try:
            self.collector.save(self.data_file)
        except OSError as error:
            self.failures.append(f"the coverage data cannot be written: {error}")

    def _report(self, coverage: Coverage) -> None:
        """Writes the reports, and judges."""
        for kind, path in self.reports:
            if path is None and not coverage.machines and not coverage.faults:
                continue
            try:
                self.told.append(write_report(coverage, Report(kind, path)))
            except OSError as error:
                self.failures.append(f"the {kind} report cannot be written: {error}")
        short = None if self.least is None else coverage.shortfall(self.least)
        if short is not None:
            self.failures.append(f"coverage of state machines: {short}")
        elif self.least is not None:
            self.told.append(f"coverage of state machines: {coverage.share().told}, at least {self.least:g} %")

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """The reports, and whether the coverage is enough."""
        if self.coverage is None:
            return
        terminalreporter.section("state machine coverage")
        for note in self.notes:
            terminalreporter.write_line(f"warning: {note}", yellow=True)
        if not self.coverage.machines:
            below = f" whose file lies below {self.config.option.asl_cov}" if self.config.option.asl_cov else ""
            terminalreporter.write_line(f"no state machine{below} was run", yellow=True)
        for text in self.told:
            terminalreporter.write_line(text)
        for failure in self.failures:
            terminalreporter.write_line(f"FAIL {failure}", red=True, bold=True)


def _folder(config: pytest.Config) -> Path | None:
    given: str = config.option.asl_cov
    if not given:
        return None
    folder = Path(config.invocation_params.dir, given)
    if not folder.exists():
        raise pytest.UsageError(f"--asl-cov={given}: there is no such file or folder")
    return folder


def _report(text: str) -> Report:
    """A report that was asked for. Raises UsageError."""
    try:
        return read_report(text)
    except ReportError as error:
        raise pytest.UsageError(f"--asl-cov-report={text}: {error}") from None


def _load(collector: Collector, file: Path) -> None:
    """What earlier runs have left, where they have. Raises UsageError."""
    try:
        if file.exists():
            collector.load([file])
    except (OSError, CoverageDataError) as error:
        raise pytest.UsageError(f"--asl-cov-append: {error}") from None
