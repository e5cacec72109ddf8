"""`asl coverage`: joins the coverage data of several test runs, and writes reports of them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from asl_engine.cli.common import FINDINGS, WELL, UsageError

if TYPE_CHECKING:
    from asl_engine.testing.coverage.collector import Collector

_DATA_FILE = ".asl-coverage.json"


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.set_defaults(run=run)
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    combine = actions.add_parser("combine", help="join the data of several runs in one file")
    combine.add_argument("files", metavar="FILE", nargs="+", help="data that pytest --asl-cov has left, oldest first")
    combine.add_argument("--output", metavar="FILE", default=_DATA_FILE, help="(default: %(default)s)")
    combine.set_defaults(act=_combine)
    report = actions.add_parser("report", help="write a report of the data")
    report.add_argument("files", metavar="FILE", nargs="*", help=f"(default: {_DATA_FILE})")
    report.add_argument("--format", metavar="TYPE", default="term", help="term (default), html, json or lcov[:PATH]")
    report.add_argument("--under", metavar="DIR", help="definitions below it that nothing has run count as 0 %%")
    report.add_argument("--fail-under", metavar="N", type=float, help="exit with 1 if less than N %% are covered")
    report.set_defaults(act=_report)


def run(options: argparse.Namespace) -> int:
    """Joins and reports the coverage of state machines that pytest --asl-cov has measured. Files that data name are
    looked for from the current folder."""
    status: int = options.act(options)
    return status


def _combine(options: argparse.Namespace) -> int:
    joined = _collector(options.files)
    joined.save(options.output)
    print(f"{options.output}: {len(joined.tallies)} state machines from {len(options.files)} files")
    return WELL


def _report(options: argparse.Namespace) -> int:
    from asl_engine.testing.coverage.reports import ReportError, read_report, write_report
    from asl_engine.testing.coverage.results import coverage_of

    try:
        report = read_report(options.format)
    except ReportError as error:
        raise UsageError(f"--format {options.format}: {error}") from None
    if options.under is not None and not Path(options.under).exists():
        raise UsageError(f"--under {options.under}: there is no such file or folder")
    if options.fail_under is not None and not 0 <= options.fail_under <= 100:
        raise UsageError(f"--fail-under must be a number from 0 to 100, not {options.fail_under:g}")
    coverage = coverage_of(_collector(options.files or [_DATA_FILE], options.under))
    print(write_report(coverage, report))
    short = None if options.fail_under is None else coverage.shortfall(options.fail_under)
    if short is not None:
        print(f"coverage of state machines: {short}")
    return WELL if short is None else FINDINGS


def _collector(files: list[str], under: str | None = None) -> Collector:
    from asl_engine.testing.coverage.collector import Collector

    joined = Collector(under=under)
    joined.load(files)
    return joined
