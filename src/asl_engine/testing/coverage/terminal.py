"""The table that a terminal shows: a line a machine, and below it what is missing, named."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from asl_engine.testing.coverage.elements import STATE, Element
from asl_engine.testing.coverage.results import COLUMNS, Coverage, MachineCoverage, Share

MOST_MISSING = 12
"""So many missing elements are named of each machine; the other reports name all."""


def table(coverage: Coverage) -> str:
    """The lines of the report."""
    rows = [_row(machine.label, machine.share) for machine in coverage.machines]
    total = _row("total", coverage.share)
    head = ["state machine", *COLUMNS, "cover"]
    widths = [max(len(row[place]) for row in [head, *rows, total]) for place in range(len(head))]
    rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
    lines = [_line(head, widths), rule]
    for machine, row in zip(coverage.machines, rows, strict=True):
        lines += [_line(row, widths), *_missing(machine)]
    lines += [rule, _line(total, widths), *(f"not read: {fault}" for fault in coverage.faults)]
    return "\n".join(lines)


def _row(label: str, share: Callable[..., Share]) -> list[str]:
    return [label, *(str(share(*kinds)) for kinds in COLUMNS.values()), _rounded(share())]


def _rounded(share: Share) -> str:
    """100% only where nothing is missing, 0% only where nothing is covered."""
    if not share.total:
        return "-"
    percent = round(share.percent)
    return f"{percent if share.covered in (0, share.total) else min(99, max(1, percent))}%"


def _line(cells: list[str], widths: list[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    return "  ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)])


def _missing(machine: MachineCoverage) -> Iterator[str]:
    missing = machine.missing
    unentered = {element.state for element in missing if element.kind == STATE}
    told = [element for element in missing if element.kind == STATE or element.state not in unentered]
    for element in told[:MOST_MISSING]:
        yield f"    {machine.line_of(element.pointer):>4}: {_says(element)}"
    if len(told) > MOST_MISSING:
        yield f"          and {len(told) - MOST_MISSING} more"


def _says(element: Element) -> str:
    return f"{element.says} never entered" if element.kind == STATE else element.says
