"""A report as JUnit XML: a test suite a file, a test a state machine, which fails with the findings that fail the run.

The names of the tests do not depend on what is found, so that a test keeps its history. Whatever XML cannot hold is
written as an escape.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from asl_engine.errors import Diagnostic
from asl_engine.reporting.excerpt import printable
from asl_engine.reporting.formats.text import place_of, sentence
from asl_engine.reporting.report import FileReport, MachineReport, Report

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


def as_junit(report: Report) -> str:
    """The report as an XML document."""
    suites = [_Suite(report, file) for file in report.files]
    totals = {name: sum(suite.counts[name] for suite in suites) for name in ("tests", "failures", "errors")}
    body = [line for suite in suites for line in suite.lines()]
    return "".join(f"{line}\n" for line in [_HEAD, _open("testsuites", name="asl validate", **totals), *body, _END])


_END = "</testsuites>"


class _Suite:
    """One file's tests, and the counts that stand before them."""

    def __init__(self, report: Report, file: FileReport) -> None:
        self.file = file
        self.failing = [[found for found in machine.findings if report.fails(found.severity)]
                        for machine in file.machines]  # fmt: skip
        unreadable = int(file.unreadable is not None)
        failures = sum(map(bool, self.failing))
        self.counts = {"tests": len(file.machines) + unreadable, "failures": failures, "errors": unreadable}

    def lines(self) -> Iterator[str]:
        yield "  " + _open("testsuite", name=self.file.file, **self.counts)
        if self.file.unreadable is not None:
            yield "    " + _open("testcase", classname=self.file.file, name="read")
            yield f"      {_open('error', message=self.file.unreadable)}</error>"
            yield "    </testcase>"
        for machine, failing in zip(self.file.machines, self.failing, strict=True):
            yield from _case(self.file.file, machine, failing)
        yield "  </testsuite>"


def _case(file: str, machine: MachineReport, failing: list[Diagnostic]) -> Iterator[str]:
    yield "    " + _open("testcase", classname=file, name=machine.name or "read")
    if failing:
        first = failing[0]
        more = f" (and {len(failing) - 1} more)" if len(failing) > 1 else ""
        start = _open("failure", type=first.code, message=sentence(first) + more)
        yield f"      {start}{_told(failing, file)}</failure>"
    others = [found for found in machine.findings if found not in failing]
    if others:
        yield f"      <system-out>{_told(others, file)}</system-out>"
    yield "    </testcase>"


def _told(findings: list[Diagnostic], file: str) -> str:
    return escape("\n".join(_line(found, file) for found in findings))


def _line(finding: Diagnostic, file: str) -> str:
    help = f" (help: {printable(finding.suggestion)})" if finding.suggestion else ""
    return f"{place_of(finding, file)}: {finding.severity.lower()} {finding.code} {sentence(finding)}{help}"


def _open(tag: str, **attributes: object) -> str:
    return f"<{tag}{''.join(f' {name}={quoteattr(printable(str(value)))}' for name, value in attributes.items())}>"
