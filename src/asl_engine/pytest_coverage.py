"""The pytest plugin of state machine coverage: `--asl-cov[=DIR]`, `--asl-cov-report`, `--asl-cov-fail-under`,
`--asl-cov-append`.

It declares its options and nothing more; what measures is imported when the option is used.
"""

from __future__ import annotations

import argparse

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options."""
    group = parser.getgroup("asl_engine", "state machines (asl_engine)")
    group.addoption(
        "--asl-cov",
        nargs="?",
        const="",
        default=None,
        metavar="DIR",
        help="measure the coverage of state machines; with DIR only of those whose file lies below it, and of all "
        "definitions there, run or not",
    )
    group.addoption(
        "--asl-cov-report",
        action="append",
        default=[],
        metavar="TYPE[:PATH]",
        help="term, html[:FOLDER], json[:FILE] or lcov[:FILE]; may be given several times (term)",
    )
    group.addoption(
        "--asl-cov-fail-under",
        type=_percent,
        default=None,
        metavar="PERCENT",
        help="fail the test run where the coverage in all is less",
    )
    group.addoption(
        "--asl-cov-append",
        action="store_true",
        default=False,
        help="add to what earlier runs have left in .asl-coverage.json",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Measures where it was asked for."""
    if config.option.asl_cov is None:
        others = ("asl_cov_report", "asl_cov_fail_under", "asl_cov_append")
        given = [name for name in others if getattr(config.option, name) not in ([], None, False)]
        if given:
            raise pytest.UsageError(f"--{given[0].replace('_', '-')} needs --asl-cov[=DIR]")
        return
    from asl_engine.testing.coverage.plugin import CoveragePlugin

    config.pluginmanager.register(CoveragePlugin(config), "asl_engine_coverage_measuring")


def _percent(text: str) -> float:
    """A percentage, as the option is given it. Raises ArgumentTypeError."""
    try:
        percent = float(text)
    except ValueError:
        percent = -1
    if not 0 <= percent <= 100:
        raise argparse.ArgumentTypeError(f"must be a number from 0 to 100, not {text!r}")
    return percent
