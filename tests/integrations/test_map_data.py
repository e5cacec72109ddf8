"""The supply of Map Runs on a storage: readers and writers are opened for a ticket and closed with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from asl_engine import StateMachine
from asl_engine.errors import StatesError
from asl_engine.execution.commands import END, Cancel, SetTimer
from asl_engine.execution.map_data import DataFailed, ItemsRead, ReadItems
from asl_engine.integrations.map_data import DataSupply, supplier
from asl_engine.states.map_distributed import ItemSource
from tests.build import chain, task
from tests.execution.test_distributed_map import distributed, odd_ones_fail
from tests.execution.test_map_run_data import reader, writer

SOURCE = ItemSource("arn:aws:states:::s3:getObject", {"Bucket": "rows", "Key": "a.csv"}, {})


class Readers:
    """A DataSupply whose readers are made here, and which notes the closed ones."""

    def __init__(self, *items: Any) -> None:
        self.supply = DataSupply(None)
        self.closed = 0
        self.supply._readers[1] = self._read(items)

    def _read(self, items: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
        try:
            for item in items:
                if isinstance(item, Exception):
                    raise item
                yield "S3://rows/a.csv", item
        finally:
            self.closed += 1


def test_items_are_given_in_portions_until_there_are_no_more() -> None:
    readers = Readers(1, 2, 3)
    portions = [readers.supply(ReadItems(1, SOURCE, 2, "S")) for _ in range(2)]
    assert [([item for _, item in portion.items], portion.more) for portion in portions] == [  # type: ignore[union-attr]
        ([1, 2], True),
        ([3], False),
    ]


def test_a_failure_is_told_after_the_items_that_came_before_it() -> None:
    readers = Readers(1, StatesError("States.ItemReaderFailed", "line 2"))
    first, second = (readers.supply(ReadItems(1, SOURCE, 16, "S")) for _ in range(2))
    assert first == ItemsRead(1, [("S3://rows/a.csv", 1)], True)
    assert second == DataFailed(1, "States.ItemReaderFailed", "line 2")


@pytest.mark.parametrize("command", [Cancel(1), END])
def test_a_reader_is_closed_with_its_ticket_and_with_the_execution(command: Any) -> None:
    readers = Readers(1, 2)
    readers.supply(ReadItems(1, SOURCE, 1, "S"))
    readers.supply(Cancel(7))
    readers.supply(SetTimer(1, 0))
    assert readers.closed == 0
    readers.supply(command)
    assert readers.closed == 1


# --- on a folder ------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pytest.importorskip("asl_engine.integrations.result_writer")
    (tmp_path / "rows").mkdir()
    (tmp_path / "results").mkdir()
    (tmp_path / "rows" / "a.csv").write_text("n\n1\n2\n3\n")
    return tmp_path


def test_a_distributed_map_runs_over_a_file_of_a_folder(folder: Path) -> None:
    state = distributed(chain(W=task()), ItemReader=reader(InputType="CSV", CSVHeaderLocation="FIRST_ROW"))
    machine = StateMachine.from_json(chain(S=state))
    assert machine.run(tasks={"work": lambda row: int(row["n"]) * 2}, storage=folder).output == [2, 4, 6]


def test_results_are_written_to_a_folder_with_a_manifest(folder: Path) -> None:
    state = distributed(chain(W=task()), ItemsPath="$.items", ResultWriter=writer(), ToleratedFailureCount=1)
    machine = StateMachine.from_json(chain(S=state))
    execution = machine.run({"items": [1, 2]}, tasks={"work": odd_ones_fail}, storage=str(folder))
    run = execution.map_runs[0]
    details = execution.output["ResultWriterDetails"]
    assert execution.output["MapRunArn"] == run.map_run_arn
    manifest = json.loads((folder / details["Bucket"] / details["Key"]).read_text())
    [failed], [succeeded] = manifest["ResultFiles"]["FAILED"], manifest["ResultFiles"]["SUCCEEDED"]
    [result] = json.loads((folder / "results" / failed["Key"]).read_text())
    assert (result["Error"], result["Input"], result["Status"]) == ("Odd", "1", "FAILED")
    [result] = json.loads((folder / "results" / succeeded["Key"]).read_text())
    assert (result["Output"], result["ExecutionArn"].split(":")[6]) == ("2", f"StateMachine/{run.label}")


def test_an_aborted_map_run_leaves_nothing_written(folder: Path) -> None:
    state = distributed(chain(W={"Type": "Wait", "Seconds": 60}), ItemsPath="$.items", ResultWriter=writer())
    machine = StateMachine.from_json(chain(S=state) | {"TimeoutSeconds": 5})
    assert machine.run({"items": [1, 2]}, storage=folder).status == "TIMED_OUT"
    assert [path for path in (folder / "results").rglob("*") if path.is_file()] == []


def test_a_file_that_is_not_there_fails_the_map_run(folder: Path) -> None:
    state = distributed(chain(W={"Type": "Pass"}), ItemReader=reader(InputType="CSV", CSVHeaderLocation="FIRST_ROW"))
    (folder / "rows" / "a.csv").unlink()
    execution = StateMachine.from_json(chain(S=state)).run(storage=supplier(folder)._storage)
    assert execution.error == "States.ItemReaderFailed"
