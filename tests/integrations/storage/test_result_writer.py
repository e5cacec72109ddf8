"""ResultWriter: the files that AWS's guide shows, whole or not at all."""

from __future__ import annotations

import errno
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asl_engine import StatesError
from asl_engine.execution.child_results import ChildResult, described
from asl_engine.integrations.result_writer import ResultWriter, transform
from asl_engine.integrations.storage import Boto3Storage, FolderStorage, ObjectSummary, StorageError

PUT = "arn:aws:states:::s3:putObject"
ID = "ad9b5f27-090b-3ac6-9beb-243cd77144a7"
RUN = f"arn:aws:states:us-east-2:123456789012:mapRun:csvProcess/Map:{ID}"
MACHINE = "arn:aws:states:us-east-2:123456789012:stateMachine:csvProcess/Map"
TARGET = {"Bucket": "out", "Prefix": "jobs"}


def child(name: str, status: str = "SUCCEEDED", **fields: Any) -> ChildResult:
    arn = f"arn:aws:states:us-east-2:123456789012:execution:csvProcess/Map:{name}"
    given = {"input": {"n": name}, "name": name, "execution_arn": arn, "state_machine_arn": MACHINE}
    dates = {"start_date": 1738633790099, "stop_date": 1738633790163}
    return ChildResult(status=status, **(given | dates | fields))


GOOD = child("a", output=[1, 2])
PLAIN = child("b", output={"x": "é"})
BAD = child("c", "FAILED", error="Oops", cause="it broke")
LATE = child("d", "TIMED_OUT", error="States.Timeout")
STOPPED = child("e", "ABORTED")
WAITING = ChildResult("PENDING", input={"n": "f"})


@pytest.fixture
def folder(tmp_path: Path) -> FolderStorage:
    (tmp_path / "out").mkdir()
    return FolderStorage(tmp_path)


def export(storage: Any, *results: ChildResult, config: Any = None, target: Any = TARGET, **options: Any) -> Any:
    writer = ResultWriter(PUT, target, config, storage, RUN, **options)
    for result in results:
        writer.write(result)
    return writer.finish()


def files(storage: FolderStorage) -> dict[str, bytes]:
    """Every file below the storage's folder, partial ones too."""
    found = (path for path in storage.root.rglob("*") if path.is_file())
    return {path.relative_to(storage.root).as_posix(): path.read_bytes() for path in found}


# --- what stands for a result -----------------------------------------------------------------------------------------


def test_a_success_is_recorded_as_the_guide_shows() -> None:
    assert described(GOOD) == {
        "ExecutionArn": "arn:aws:states:us-east-2:123456789012:execution:csvProcess/Map:a",
        "Input": '{"n":"a"}',
        "InputDetails": {"Included": True},
        "Name": "a",
        "Output": "[1,2]",
        "OutputDetails": {"Included": True},
        "RedriveCount": 0,
        "RedriveStatus": "NOT_REDRIVABLE",
        "RedriveStatusReason": "Execution is SUCCEEDED and cannot be redriven",
        "StartDate": "2025-02-04T01:49:50.099Z",
        "StateMachineArn": MACHINE,
        "Status": "SUCCEEDED",
        "StopDate": "2025-02-04T01:49:50.163Z",
    }


def test_a_failure_is_recorded_with_its_error() -> None:
    record = described(BAD)
    assert (record["Error"], record["Cause"], record["Status"]) == ("Oops", "it broke", "FAILED")
    assert "Output" not in record
    assert record["OutputDetails"] == {"Included": True}
    assert record["RedriveStatus"] == "REDRIVABLE_BY_MAP_RUN"


def test_what_was_not_started_is_its_input_and_nothing_else() -> None:
    assert described(WAITING) == {"Input": '{"n":"f"}', "InputDetails": {"Included": True}, "Status": "PENDING"}


def test_the_fields_are_in_alphabetical_order() -> None:
    assert [list(described(each)) for each in (GOOD, BAD)] == [sorted(described(each)) for each in (GOOD, BAD)]


TRANSFORMED = [
    (None, [[1, 2], {"x": "é"}]),
    ({}, [[1, 2], {"x": "é"}]),
    ({"OutputType": "JSON"}, [[1, 2], {"x": "é"}]),
    ({"Transformation": "COMPACT"}, [[1, 2], {"x": "é"}]),
    ({"Transformation": "FLATTEN"}, [1, 2, {"x": "é"}]),
    ({"Transformation": "NONE"}, [described(GOOD), described(PLAIN)]),
]


@pytest.mark.parametrize("config, output", TRANSFORMED, ids=lambda each: str(each)[:50])
def test_results_are_transformed(config: Any, output: Any) -> None:
    assert transform([GOOD, PLAIN], config) == output


@pytest.mark.parametrize("transformation", ["NONE", "COMPACT", "FLATTEN"])
def test_a_failed_child_stands_as_it_is_whatever_the_transformation(transformation: str) -> None:
    assert transform([BAD], {"Transformation": transformation}) == [described(BAD)]


def test_without_a_resource_the_results_are_the_output() -> None:
    writer = ResultWriter(None, None, {"Transformation": "FLATTEN"}, None, RUN)
    writer.write(GOOD)
    writer.write(PLAIN)
    assert writer.finish() == [1, 2, {"x": "é"}]


# --- the files --------------------------------------------------------------------------------------------------------


def test_results_of_one_kind_stand_together_in_one_file(folder: FolderStorage) -> None:
    output = export(folder, GOOD, BAD, PLAIN, WAITING, LATE, STOPPED)
    key = f"jobs/{ID}/manifest.json"
    assert output == {"MapRunArn": RUN, "ResultWriterDetails": {"Bucket": "out", "Key": key}}
    written = {name: json.loads(text) for name, text in files(folder).items()}
    manifest = written.pop(f"out/{key}")
    assert written == {
        f"out/jobs/{ID}/SUCCEEDED_0.json": [described(GOOD), described(PLAIN)],
        f"out/jobs/{ID}/FAILED_0.json": [described(BAD), described(LATE), described(STOPPED)],
        f"out/jobs/{ID}/PENDING_0.json": [described(WAITING)],
    }
    assert list(manifest) == ["DestinationBucket", "MapRunArn", "ResultFiles"]
    assert (manifest["DestinationBucket"], manifest["MapRunArn"]) == ("out", RUN)
    assert list(manifest["ResultFiles"]) == ["FAILED", "PENDING", "SUCCEEDED"]
    for listed in manifest["ResultFiles"].values():
        for file in listed:
            assert file["Size"] == len(files(folder)[f"out/{file['Key']}"])


def test_a_map_run_without_results_has_a_manifest_alone(folder: FolderStorage) -> None:
    export(folder)
    [text] = files(folder).values()
    assert json.loads(text)["ResultFiles"] == {"FAILED": [], "PENDING": [], "SUCCEEDED": []}


@pytest.mark.parametrize("prefix", [{"Prefix": "jobs/"}, {"Prefix": ""}, {}])
def test_the_prefix_is_joined_with_one_slash(prefix: Any, folder: FolderStorage) -> None:
    key = export(folder, target={"Bucket": "out", **prefix})["ResultWriterDetails"]["Key"]
    assert key == (f"jobs/{ID}/manifest.json" if prefix.get("Prefix") else f"{ID}/manifest.json")


def test_json_lines_have_a_value_on_each_line(folder: FolderStorage) -> None:
    export(folder, GOOD, PLAIN, BAD, config={"OutputType": "JSONL", "Transformation": "FLATTEN"})
    assert files(folder)[f"out/jobs/{ID}/SUCCEEDED_0.json"] == '1\n2\n{"x":"é"}\n'.encode()
    assert json.loads(files(folder)[f"out/jobs/{ID}/FAILED_0.json"]) == described(BAD)


@given(
    st.lists(st.lists(st.text(max_size=9), max_size=3), max_size=12),
    st.integers(1, 60),
    st.sampled_from(["JSON", "JSONL"]),
)
def test_files_are_split_before_they_are_too_large(outputs: list[Any], size: int, form: str) -> None:
    storage = Memory()
    results = [child(str(number), output=output) for number, output in enumerate(outputs)]
    config = {"Transformation": "FLATTEN", "OutputType": form}
    output = export(storage, *results, config=config, file_bytes=size)
    manifest = json.loads(storage.objects[output["ResultWriterDetails"]["Key"]])
    values: list[Any] = []
    for number, file in enumerate(manifest["ResultFiles"]["SUCCEEDED"]):
        assert file["Key"] == f"jobs/{ID}/SUCCEEDED_{number}.json"
        text = storage.objects[file["Key"]].decode()
        held = (
            json.loads(text) if form == "JSON" else [json.loads(line) for line in text.removesuffix("\n").split("\n")]
        )
        assert file["Size"] == len(text.encode())
        assert file["Size"] <= size or len(held) == 1
        values += held
    assert values == [each for output in outputs for each in output]


# --- what goes wrong --------------------------------------------------------------------------------------------------


class Memory:
    """A storage in memory that refuses what it is told to: `full_after` bytes, keys that end in `refusing`."""

    def __init__(self, *, full_after: int = 1_000_000, refusing: str = "?") -> None:
        self.objects: dict[str, bytes] = {}
        self.written = 0
        self.full_after = full_after
        self.refusing = refusing

    def open(self, bucket: str, key: str, version: str | None = None) -> BinaryIO:
        return io.BytesIO(self.objects[key])

    def list(self, bucket: str, prefix: str) -> Iterator[ObjectSummary]:
        return iter(())

    @contextmanager
    def create(self, bucket: str, key: str) -> Iterator[BinaryIO]:
        file = Disk(self)
        yield file
        if key.endswith(self.refusing):
            raise StorageError("AccessDenied", "Access Denied")
        self.objects[key] = file.getvalue()


class Disk(io.BytesIO):
    def __init__(self, storage: Memory) -> None:
        super().__init__()
        self.storage = storage

    def write(self, written: Any) -> int:
        self.storage.written += len(written)
        if self.storage.written > self.storage.full_after:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(written)


def cause_of(call: Any) -> str:
    with pytest.raises(StatesError) as caught:
        call()
    assert caught.value.error == "States.ResultWriterFailed"
    return caught.value.cause or ""


@pytest.mark.parametrize("full_after", [0, 1, 400, 700, 1100])
def test_a_full_disk_fails_the_map_and_leaves_no_file(full_after: int) -> None:
    storage = Memory(full_after=full_after)
    cause = cause_of(lambda: export(storage, GOOD, BAD, PLAIN))
    assert cause == f"ResultWriter: out/jobs/{ID}/: [Errno 28] No space left on device"
    assert storage.objects == {}


def test_a_disk_that_is_full_at_the_manifest_leaves_no_manifest() -> None:
    storage = Memory()
    export(storage, GOOD, BAD)
    almost = Memory(full_after=storage.written - 1)
    assert "No space left" in cause_of(lambda: export(almost, GOOD, BAD))
    assert storage.objects.keys() - almost.objects.keys() == {f"jobs/{ID}/manifest.json"}


@pytest.mark.parametrize("refusing", ["SUCCEEDED_0.json", "FAILED_0.json", "manifest.json"])
def test_a_refusal_at_the_end_leaves_no_manifest(refusing: str) -> None:
    storage = Memory(refusing=refusing)
    cause = cause_of(lambda: export(storage, GOOD, BAD))
    assert cause == f"ResultWriter: out/jobs/{ID}/: Access Denied (AccessDenied)"
    assert not any(key.endswith("manifest.json") for key in storage.objects)


def test_after_a_failure_everything_fails_alike() -> None:
    writer = ResultWriter(PUT, TARGET, None, Memory(full_after=0), RUN)
    first = cause_of(lambda: writer.write(GOOD))
    assert cause_of(lambda: writer.write(BAD)) == first
    assert cause_of(writer.finish) == first
    writer.abandon()


def test_a_bucket_that_is_not_there_fails_the_map(folder: FolderStorage) -> None:
    cause = cause_of(lambda: export(folder, GOOD, target={"Bucket": "elsewhere"}))
    assert cause.startswith(f"ResultWriter: elsewhere/{ID}/: The specified bucket does not exist")
    assert files(folder) == {}


def test_a_prefix_that_leads_out_of_the_folder_fails_the_map(folder: FolderStorage) -> None:
    cause = cause_of(lambda: export(folder, GOOD, target={"Bucket": "out", "Prefix": "../.."}))
    assert "cannot be a file's path" in cause
    assert files(folder) == {}


def test_what_is_abandoned_leaves_no_file(folder: FolderStorage) -> None:
    writer = ResultWriter(PUT, TARGET, None, folder, RUN)
    for result in (GOOD, BAD, WAITING):
        writer.write(result)
    assert len(files(folder)) == 3
    writer.abandon()
    assert files(folder) == {}


def test_a_file_in_the_way_of_a_folder_fails_the_map(folder: FolderStorage) -> None:
    (folder.root / "out" / "jobs").write_text("in the way")
    cause_of(lambda: export(folder, GOOD))
    assert files(folder) == {"out/jobs": b"in the way"}


WRONG = [
    ({}, "ResultWriter: Bucket is missing"),
    ({"Bucket": 5}, "ResultWriter: Bucket must be a string, not 5"),
    ("text", "ResultWriter: its arguments must be an object, not 'text'"),
    (
        {"Bucket": "b", "Key": "k"},
        "ResultWriter: s3:putObject takes Bucket, Prefix, ExpectedBucketOwner, not Key",
    ),
]


@pytest.mark.parametrize("target, cause", WRONG, ids=[cause for _, cause in WRONG])
def test_arguments_that_name_no_place_fail_the_map(target: Any, cause: str) -> None:
    assert cause_of(lambda: ResultWriter(PUT, target, None, Memory(), RUN)) == cause


def test_without_a_storage_there_is_nowhere_to_write() -> None:
    assert "storage=" in cause_of(lambda: ResultWriter(PUT, TARGET, None, None, RUN))


def test_results_are_exported_to_a_bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    boto3 = pytest.importorskip("boto3", reason="needs boto3: pip install 'asl-engine[test]'")
    moto = pytest.importorskip("moto", reason="needs moto: pip install 'asl-engine[test]'")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with moto.mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="out")
        key = export(Boto3Storage(client), GOOD, BAD)["ResultWriterDetails"]["Key"]
        manifest = json.load(client.get_object(Bucket="out", Key=key)["Body"])
        [file] = manifest["ResultFiles"]["FAILED"]
        assert json.load(client.get_object(Bucket="out", Key=file["Key"])["Body"]) == [described(BAD)]
