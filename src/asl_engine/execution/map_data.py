"""What a Map Run asks of its driver beside the work of its children: to read items, to write results.

A driver gives these commands to whoever knows storage and hands back the reply, if there is one. All bear the ticket of
their Map Run, which is cancelled when the run has ended: then what was opened for it is closed, and results that were
not finished are abandoned.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from asl_engine.execution.child_results import ChildResult
from asl_engine.states.map_distributed import ItemSource, ResultTarget


class ReadItems(NamedTuple):
    """Answer with ItemsRead: the next items of the source, at most `most`. The first one opens it."""

    ticket: int
    source: ItemSource
    most: int


class WriteResult(NamedTuple):
    """Write what came of a child execution. Needs no reply unless it fails."""

    ticket: int
    target: ResultTarget
    map_run_arn: str
    result: ChildResult


class FinishResults(NamedTuple):
    """Answer with ResultsWritten when all results are safely written."""

    ticket: int
    target: ResultTarget
    map_run_arn: str


DataCommand: TypeAlias = ReadItems | WriteResult | FinishResults
