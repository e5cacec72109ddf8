"""What a check found, file by file and machine by machine, and the counts: what every format writes down.

The counts are made before anything is left out, so that what is not shown is still told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from asl_engine.errors import Diagnostic
from asl_engine.records import field, record, replace

SEVERITIES = ("ERROR", "WARNING", "INFO")
"""The worst first."""


@record(frozen=True, slots=True, kw_only=True)
class MachineReport:
    """The wanted findings about one state machine, in the order of their places, and how many were ignored. `name` is
    None where the file could not be read as far as its machines."""

    name: str | None
    findings: tuple[Diagnostic, ...] = ()
    ignored: int = 0


@record(frozen=True, slots=True, kw_only=True)
class FileReport:
    """What one file gave. `unreadable` says why the file could not be opened at all. `texts` holds the content of each
    file that was read for it."""

    file: str
    machines: tuple[MachineReport, ...] = ()
    unreadable: str | None = None
    texts: Mapping[str, bytes] = field(default_factory=dict)

    def findings(self) -> Iterator[Diagnostic]:
        """The findings of all its machines."""
        for machine in self.machines:
            yield from machine.findings


class Counts(NamedTuple):
    """How many files, findings of each severity, findings ignored, findings left out, files that cannot be opened."""

    files: int
    errors: int
    warnings: int
    infos: int
    ignored: int
    hidden: int
    unreadable: int


@record(frozen=True, slots=True, kw_only=True)
class Report:
    """What one run of the command found. `fail_on` is the mildest severity that makes the run a failure; `quiet` says
    that nobody asked for more than what failed."""

    files: tuple[FileReport, ...]
    counts: Counts
    fail_on: str
    quiet: bool = False

    def fails(self, severity: str) -> bool:
        """Whether a finding of this severity makes the run a failure."""
        return SEVERITIES.index(severity) <= SEVERITIES.index(self.fail_on)

    @property
    def failed(self) -> bool:
        """Whether any finding makes the run a failure."""
        found = (self.counts.errors, self.counts.warnings, self.counts.infos)
        return any(number and self.fails(severity) for severity, number in zip(SEVERITIES, found, strict=True))


def make_report(
    files: Iterable[FileReport], *, fail_on: str = "ERROR", quiet: bool = False, at_most: int | None = None
) -> Report:
    """The report about files. `quiet` leaves out the findings that do not fail the run; at most `at_most` stay."""
    all_files = tuple(files)
    report = Report(files=all_files, counts=_counts(all_files), fail_on=fail_on, quiet=quiet)
    shown = tuple(_cut(report, at_most))
    hidden = _number(all_files) - _number(shown)
    return replace(report, files=shown, counts=report.counts._replace(hidden=hidden))


def _counts(files: tuple[FileReport, ...]) -> Counts:
    found = Counter(finding.severity for file in files for finding in file.findings())
    ignored = sum(machine.ignored for file in files for machine in file.machines)
    unreadable = sum(file.unreadable is not None for file in files)
    return Counts(len(files), found["ERROR"], found["WARNING"], found["INFO"], ignored, 0, unreadable)


def _number(files: tuple[FileReport, ...]) -> int:
    return sum(len(machine.findings) for file in files for machine in file.machines)


def _cut(report: Report, at_most: int | None) -> Iterator[FileReport]:
    left = at_most
    for file in report.files:
        machines = []
        for machine in file.machines:
            findings = [found for found in machine.findings if not report.quiet or report.fails(found.severity)][:left]
            left = None if left is None else left - len(findings)
            machines.append(replace(machine, findings=tuple(findings)))
        yield replace(file, machines=tuple(machines))


def sum_line(counts: Counts) -> str:
    """One line on all that was found.

    >>> sum_line(Counts(files=2, errors=1, warnings=0, infos=0, ignored=3, hidden=0, unreadable=0))
    '2 files: 1 error, 3 ignored'
    """
    rows = (
        (counts.errors, "error", "errors"),
        (counts.warnings, "warning", "warnings"),
        (counts.infos, "info", "infos"),
    )
    parts = [_count(*row) for row in rows if row[0]] or ["no findings"]
    more = ((counts.ignored, "ignored"), (counts.hidden, "not shown"), (counts.unreadable, "unreadable"))
    parts += [f"{number} {word}" for number, word in more if number]
    return f"{_count(counts.files, 'file', 'files')}: {', '.join(parts)}"


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
