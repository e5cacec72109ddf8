"""The pytest plugin of state machine coverage: `--asl-cov[=DIR]`, `--asl-cov-report`, `--asl-cov-fail-under`,
`--asl-cov-append`.

It declares its options and nothing more; what measures is imported when the option is used.
"""

from __future__ import annotations

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
        type=float,
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
        if config.option.asl_cov_report or config.option.asl_cov_fail_under is not None:
            raise pytest.UsageError("--asl-cov-report and --asl-cov-fail-under need --asl-cov[=DIR]")
        return
    from asl_engine.testing.coverage.plugin import CoveragePlugin

    config.pluginmanager.register(CoveragePlugin(config), "asl_engine_coverage_measuring")
