"""What a Map Run asks of its driver beside the work of its children, and the replies: items read, results written.

A driver gives these commands to whoever knows storage and hands back the reply, if there is one. All bear the ticket of
their Map Run, which is cancelled when the run has ended: then what was opened for it is closed, and results that were
not finished are abandoned.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from asl_engine.execution.child_results import ChildResult
from asl_engine.jsonvalue import Json
from asl_engine.states.map_distributed import ItemSource, ResultTarget


class ReadItems(NamedTuple):
    """Answer with ItemsRead: the next items of the source, at most `most`. The first one opens it. `state_name` is the
    Map's."""

    ticket: int
    source: ItemSource
    most: int
    state_name: str


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


class ItemsRead(NamedTuple):
    """The next items of a Map Run's data set, each after its `Map.Item.Source`; whether more may follow."""

    ticket: int
    items: Sequence[tuple[str, Json]]
    more: bool


class ResultsWritten(NamedTuple):
    """A Map Run's results are written; `output` is what its state gives."""

    ticket: int
    output: Json


class DataFailed(NamedTuple):
    """A Map Run's items could not be read, or its results not be written."""

    ticket: int
    error: str | None
    cause: str | None


DataReply: TypeAlias = ItemsRead | ResultsWritten | DataFailed
