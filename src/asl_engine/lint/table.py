"""The table of lints, and how they are run.

A lint is a generator function (machine) -> findings, registered with its code, its severity and a sentence. A `local`
lint copes with states that were read in part and with transitions that lead nowhere, so it runs on whatever could be
read, however much of the machine it looks at; the others run only on a definition without errors, whose shape is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import NamedTuple, TypeAlias

from asl_engine.definition.graph import Machine
from asl_engine.errors import Diagnostic


class Finding(NamedTuple):
    """What a lint yields: the JSON pointer of the place, a sentence with the value, and what to do about it."""

    pointer: str
    message: str
    suggestion: str | None = None


Check: TypeAlias = Callable[[Machine], Iterator[Finding]]


class Lint(NamedTuple):
    """One row of the table. `machine` given to `check` is always the outermost one."""

    code: str
    severity: str
    summary: str
    local: bool
    check: Check


LINTS: list[Lint] = []
MODULES: tuple[str, ...] = (
    "errors_handled",
    "tasks",
    "literals",
    "intrinsics",
    "variables",
    "choices",
    "transitions",
    "data_flow",
)
"""The modules of this package whose lints are in the table, loaded when lints first run."""


def lint(code: str, severity: str, summary: str, *, local: bool = False) -> Callable[[Check], Check]:
    """Registers a check."""

    def register(check: Check) -> Check:
        LINTS.append(Lint(code, severity, summary, local, check))
        return check

    return register


def all_lints() -> list[Lint]:
    """Every lint, in the order of the table."""
    for module in MODULES:
        import_module(f"asl_engine.lint.{module}")
    return LINTS


def run_lints(machine: Machine, *, has_errors: bool) -> Iterator[Diagnostic]:
    """Every finding about a definition; of the local lints alone where reading it found errors."""
    for row in all_lints():
        if row.local or not has_errors:
            for pointer, message, suggestion in row.check(machine):
                yield Diagnostic(row.code, row.severity, pointer, message, suggestion=suggestion)
