"""What Map Runs read and write, for a driver: ReadItems, WriteResult and FinishResults done on a storage.

A reader and a writer belong to the ticket of a Map Run. When the ticket is cancelled or the execution has ended they
are closed, and results that were not finished are abandoned: nothing half-written stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from asl_engine.errors import StatesError
from asl_engine.execution.commands import Cancel, Command, EndExecution
from asl_engine.execution.map_data import DataFailed, FinishResults, ItemsRead, ReadItems, ResultsWritten, WriteResult
from asl_engine.execution.replies import Reply
from asl_engine.jsonvalue import Json

if TYPE_CHECKING:
    from pathlib import Path

    from asl_engine.integrations.given_items import ItemsGiven
    from asl_engine.integrations.storage import Storage


def supplier(storage: Storage | str | Path | None, given: Mapping[str, ItemsGiven] | None = None) -> DataSupply:
    """The supply of a driver from a Storage, or from the path of a folder; `given` holds callables that give the items
    of Map states, by the state's name."""
    from asl_engine.integrations.storage import as_storage

    return DataSupply(as_storage(storage), given)


class DataSupply:
    """Does the data commands of Map Runs; other commands are none of its business."""

    def __init__(self, storage: Storage | None, given: Mapping[str, ItemsGiven] | None = None) -> None:
        self._storage = storage
        self._given = given or {}
        self._readers: dict[int, Iterator[tuple[str, Json]]] = {}
        self._broken: dict[int, StatesError] = {}
        self._writers: dict[int, Any] = {}

    def __call__(self, command: Command) -> Reply | None:
        """The reply to a command, None where it has none."""
        do = _COMMANDS.get(type(command))
        return None if do is None else do(self, command)

    def _read(self, command: ReadItems) -> Reply:
        """The next items; what breaks the reading is told once the items before it were given."""
        ticket = command.ticket
        items: list[tuple[str, Json]] = []
        if ticket in self._broken:
            return _failed(ticket, self._broken.pop(ticket))
        try:
            items.extend(islice(self._reader(command), command.most))  # keeps what came before a failure
        except StatesError as error:
            if not items:
                return _failed(ticket, error)
            self._broken[ticket] = error
        return ItemsRead(ticket, items, len(items) == command.most or ticket in self._broken)

    def _reader(self, command: ReadItems) -> Iterator[tuple[str, Json]]:
        reader = self._readers.get(command.ticket)
        if reader is None:
            reader = self._readers[command.ticket] = self._open(command)
        return reader

    def _open(self, command: ReadItems) -> Iterator[tuple[str, Json]]:
        if command.state_name in self._given:
            from asl_engine.integrations.given_items import given_items

            return given_items(self._given[command.state_name], command.source, command.state_name)
        from asl_engine.integrations.item_reader import read_sourced_items

        assert self._storage is not None, "a machine that reads from storage was begun without one"
        return read_sourced_items(*command.source, self._storage)

    def _write(self, command: WriteResult) -> Reply | None:
        try:
            self._writer(command).write(command.result)
        except StatesError as error:
            return _failed(command.ticket, error)
        return None

    def _finish(self, command: FinishResults) -> Reply:
        try:
            output = self._writer(command).finish()
        except StatesError as error:
            return _failed(command.ticket, error)
        del self._writers[command.ticket]
        return ResultsWritten(command.ticket, output)

    def _writer(self, command: WriteResult | FinishResults) -> Any:
        writer = self._writers.get(command.ticket)
        if writer is None:
            from asl_engine.integrations.result_writer import ResultWriter

            writer = ResultWriter(*command.target, self._storage, command.map_run_arn)
            self._writers[command.ticket] = writer
        return writer

    def _cancel(self, command: Cancel) -> None:
        self._close(command.ticket)

    def _end(self, command: EndExecution) -> None:
        for ticket in [*self._readers, *self._writers]:
            self._close(ticket)

    def _close(self, ticket: int) -> None:
        reader: Any = self._readers.pop(ticket, None)
        writer = self._writers.pop(ticket, None)
        self._broken.pop(ticket, None)
        if hasattr(reader, "close"):
            reader.close()
        if writer is not None:
            writer.abandon()


def _failed(ticket: int, error: StatesError) -> DataFailed:
    return DataFailed(ticket, error.error, error.cause)


_COMMANDS: dict[type, Callable[[DataSupply, Any], Reply | None]] = {
    ReadItems: DataSupply._read,
    WriteResult: DataSupply._write,
    FinishResults: DataSupply._finish,
    Cancel: DataSupply._cancel,
    EndExecution: DataSupply._end,
}
