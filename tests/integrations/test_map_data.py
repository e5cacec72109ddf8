"""The supply of Map Runs on a storage: readers and writers are opened for a ticket and closed with it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from asl_engine import StateMachine, TaskError
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


ROWS = b"n\n" + b"".join(b"%d\n" % number for number in range(100))
CSV = {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}
FAULTS = [
    (gzip.compress(ROWS)[:-30], CSV, "is damaged or cut short", 0),
    (ROWS[:-1] + b"\xff\n", CSV, "line 101: is not UTF-8 text", 0),
    (ROWS + b'"100\n', CSV, "is not closed", 100),
    (b'{"n": 0}\n[1]\n', {"InputType": "JSONL"}, "line 2: must be a JSON object", 1),
    (b'{"n": 0}\n{"n": 1', {"InputType": "JSONL"}, "line 2, column 8", 1),
    (b'[{"n": 0}, {"n"', {"InputType": "JSON"}, "the file ends before the value does", 1),
    (b'[{"n": 0}, {"n": "', {"InputType": "JSON"}, "the file ends before the value does", 1),
    (b'[{"n": 0}', {"InputType": "JSON"}, "the file ends here", 1),
]


@pytest.mark.parametrize("text, config, words, before", FAULTS, ids=lambda each: repr(each)[:30])
def test_a_file_that_breaks_fails_the_map_run_and_whole_files_tell_of_what_was_done(
    text: bytes, config: dict[str, Any], words: str, before: int, folder: Path
) -> None:
    (folder / "rows" / "a.csv").write_bytes(text)
    state = distributed(chain(W={"Type": "Pass"}), ItemReader=reader(**config), ResultWriter=writer())
    execution = StateMachine.from_json(chain(S=state)).run(storage=folder)
    assert execution.error == "States.ItemReaderFailed"
    assert execution.cause is not None
    assert execution.cause.startswith("rows/a.csv: ")
    assert words in execution.cause
    files = {path.name: path.read_text() for path in folder.rglob("*") if path.is_file() and path.name != "a.csv"}
    if before:
        assert sorted(files) == ["SUCCEEDED_0.json", "manifest.json"]
        assert len(json.loads(files["SUCCEEDED_0.json"])) == before
    else:
        assert files == {}


def test_a_folder_that_refuses_fails_the_map_run_and_leaves_no_manifest(folder: Path) -> None:
    (folder / "results" / "p").write_text("in the way")
    state = distributed(chain(W={"Type": "Pass"}), ItemReader=reader(**CSV), ResultWriter=writer())
    execution = StateMachine.from_json(chain(S=state)).run(storage=folder)
    assert execution.error == "States.ResultWriterFailed"
    assert execution.map_runs[0].status == "FAILED"
    assert sorted(path.name for path in folder.rglob("*") if path.is_file()) == ["a.csv", "p"]


@pytest.fixture(scope="module")
def many_objects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bucket of 10,100 objects."""
    root = tmp_path_factory.mktemp("many")
    (root / "results").mkdir()
    for number in range(101):
        (root / "rows" / f"{number:03}").mkdir(parents=True)
        for last in range(100):
            (root / "rows" / f"{number:03}" / f"{last:02}").touch()
    return root


@pytest.mark.parametrize("percentage, status", [(5, "SUCCEEDED"), (3, "SUCCEEDED"), (2, "FAILED")])
def test_over_10_000_objects_are_listed_and_3_percent_of_them_fail(
    percentage: int, status: str, many_objects: Path
) -> None:
    def work(found: dict[str, Any]) -> int:
        if found["Key"].endswith(("/00", "/01", "/02")):
            raise TaskError("Refused")
        size: int = found["Size"]
        return size

    state = distributed(
        chain(W=task()),
        ItemReader={"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "rows"}},
        ResultWriter=writer(),
        ToleratedFailurePercentage=percentage,
    )
    execution = StateMachine.from_json(chain(S=state)).run(tasks={"work": work}, storage=many_objects)
    [run] = execution.map_runs
    assert (run.status, run.item_counts.total, run.item_counts.failed) == (status, 10_100, 303)
    if status == "FAILED":
        assert execution.error == "States.ExceedToleratedFailureThreshold"
        assert execution.cause == "The specified tolerated failure threshold was exceeded"
