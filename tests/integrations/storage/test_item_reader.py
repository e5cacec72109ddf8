"""ItemReader as a whole: listings, manifests, compression, Parquet, bounds, and what it holds of a large file."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asl_engine import StatesError
from asl_engine.integrations.item_formats.blocks import Unreadable, byte_blocks
from asl_engine.integrations.item_formats.json_items import json_lines
from asl_engine.integrations.item_reader import read_items, read_sourced_items
from asl_engine.integrations.storage import FolderStorage, ObjectSummary
from tests.integrations.storage.items import FIRST_ROW, GET, LIST, failure, read, storing

CSV = b"A,B\n1,2\n3,4\n5,6\n"
ROWS = [{"A": "1", "B": "2"}, {"A": "3", "B": "4"}, {"A": "5", "B": "6"}]


def listed(storage: Any, prefix: str | None = None, **config: Any) -> list[Any]:
    arguments = {"Bucket": "b"} if prefix is None else {"Bucket": "b", "Prefix": prefix}
    return list(read_items(LIST, arguments, config, storage))


def cause_of(resource: str, arguments: Any, config: Any, storage: Any) -> str:
    with pytest.raises(StatesError) as caught:
        list(read_items(resource, arguments, config, storage))
    assert caught.value.error == "States.ItemReaderFailed"
    return caught.value.cause or ""


# --- how many ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("most, count", [(0, 3), (1, 1), (2, 2), (3, 3), (100_000_000, 3)])
def test_max_items_cuts_and_0_does_not(most: int, count: int, tmp_path: Path) -> None:
    assert read(storing(tmp_path, f__csv=CSV), "f.csv", **FIRST_ROW, MaxItems=most) == ROWS[:count]


def test_what_stands_behind_max_items_is_not_read(tmp_path: Path) -> None:
    storage = storing(tmp_path, f=b'{"n": 1}\n{"n": 2}\nno JSON\n')
    assert read(storage, "f", InputType="JSONL", MaxItems=2) == [{"n": 1}, {"n": 2}]


# --- listings ---------------------------------------------------------------------------------------------------------


def test_the_objects_of_a_bucket_are_items_as_aws_shows_them(tmp_path: Path) -> None:
    storage = storing(tmp_path, k__txt=b"hello")
    [item] = listed(storage)
    assert isinstance(item.pop("LastModified"), int)
    etag = '"5d41402abc4b2a76b9719d911017c592"'
    assert item == {"Etag": etag, "Key": "k.txt", "Size": 5, "StorageClass": "STANDARD"}


def test_load_and_flatten_reads_every_object_of_the_listing(tmp_path: Path) -> None:
    storage = storing(tmp_path, a__csv=CSV, b__csv=b"A,B\n7,8\n", c__txt=b"A,B\n")
    flat = listed(storage, "", InputType="CSV", CSVHeaderLocation="FIRST_ROW", Transformation="LOAD_AND_FLATTEN")
    assert flat == [*ROWS, {"A": "7", "B": "8"}]
    assert listed(storage, "b", **FIRST_ROW, Transformation="LOAD_AND_FLATTEN") == [{"A": "7", "B": "8"}]


def test_load_and_flatten_opens_an_object_when_its_items_are_asked_for(tmp_path: Path) -> None:
    storage = storing(tmp_path, a__json=b"[1, 2]", b__json=b"no JSON")
    items = read_items(LIST, {"Bucket": "b"}, {"InputType": "JSON", "Transformation": "LOAD_AND_FLATTEN"}, storage)
    assert [next(items), next(items)] == [1, 2]
    with pytest.raises(StatesError, match=r"b/b\.json: line 1"):
        next(items)


class Consoles:
    """A storage with what the console of AWS makes for a folder."""

    def open(self, bucket: str, key: str, version: str | None = None) -> BinaryIO:
        return io.BytesIO(b"[1]" if key == "d/x" else b"")

    def list(self, bucket: str, prefix: str) -> Iterator[ObjectSummary]:
        yield ObjectSummary("d/", 0, '""', 0)
        yield ObjectSummary("d/x", 3, '""', 0)

    def create(self, bucket: str, key: str) -> Any:
        raise NotImplementedError


def test_what_consoles_make_for_a_folder_is_an_item_but_not_a_file_of_items() -> None:
    assert [item["Key"] for item in listed(Consoles())] == ["d/", "d/x"]
    assert listed(Consoles(), InputType="JSON", Transformation="LOAD_AND_FLATTEN") == [1]


def test_every_item_tells_its_source(tmp_path: Path) -> None:
    storage = storing(tmp_path, a__json=b"[1]", c__json=b"[2]")
    flatten = {"InputType": "JSON", "Transformation": "LOAD_AND_FLATTEN"}
    assert list(read_sourced_items(LIST, {"Bucket": "b"}, flatten, storage)) == [
        ("S3://b/a.json", 1),
        ("S3://b/c.json", 2),
    ]
    assert {source for source, _ in read_sourced_items(LIST, {"Bucket": "b"}, {}, storage)} == {"S3://b"}
    one = read_sourced_items(GET, {"Bucket": "b", "Key": "a.json"}, {"InputType": "JSON"}, storage)
    assert list(one) == [("S3://b/a.json", 1)]


# --- manifests --------------------------------------------------------------------------------------------------------

INVENTORY = {
    "sourceBucket": "source",
    "destinationBucket": "arn:aws:s3:::b",
    "fileFormat": "CSV",
    "fileSchema": "Bucket, Key, Size",
    "files": [{"key": "one.csv.gz", "size": 1}, {"key": "two.csv.gz", "size": 1}],
}


@pytest.mark.parametrize("config", [{"InputType": "MANIFEST"}, {"ManifestType": "S3_INVENTORY"}])
def test_an_inventory_gives_the_objects_that_its_files_name(config: Any, tmp_path: Path) -> None:
    one, two = gzip.compress(b'"source","x y","7"\n'), gzip.compress(b'"source","z","8"\n')
    storage = storing(tmp_path, m=json.dumps(INVENTORY).encode(), one__csv__gz=one, two__csv__gz=two)
    assert read(storage, "m", **config) == [
        {"Bucket": "source", "Key": "x y", "Size": "7"},
        {"Bucket": "source", "Key": "z", "Size": "8"},
    ]


def test_headers_that_the_configuration_says_come_before_the_inventorys(tmp_path: Path) -> None:
    files = {"one__csv__gz": b"B,K,S\nsource,x,7\n", "two__csv__gz": b"B,K,S\n"}
    zipped = {name: gzip.compress(text) for name, text in files.items()}
    storage = storing(tmp_path, m=json.dumps(INVENTORY).encode(), **zipped)
    given = {"CSVHeaderLocation": "GIVEN", "CSVHeaders": ["b", "k"]}
    assert read(storage, "m", InputType="MANIFEST", **given)[1] == {"b": "source", "k": "x"}
    assert read(storage, "m", InputType="MANIFEST", CSVHeaderLocation="FIRST_ROW") == [
        {"B": "source", "K": "x", "S": "7"}
    ]


@pytest.mark.parametrize(
    "changes, what",
    [
        ({"fileFormat": "ORC"}, "fileFormat must be 'CSV', not 'ORC'"),
        ({"fileSchema": 1}, "fileSchema and destinationBucket must be strings"),
        ({"files": {}}, "files must be an array of objects that have a key"),
        ({"files": ["x"]}, "files must be an array of objects that have a key"),
    ],
)
def test_what_is_no_manifest_is_told(changes: Any, what: str, tmp_path: Path) -> None:
    storage = storing(tmp_path, m=json.dumps(INVENTORY | changes).encode())
    assert failure(storage, "m", InputType="MANIFEST") == f"b/m: is no manifest of an S3 inventory: {what}"


def test_a_data_file_of_an_inventory_that_is_not_there_is_named(tmp_path: Path) -> None:
    cause = failure(storing(tmp_path, m=json.dumps(INVENTORY).encode()), "m", InputType="MANIFEST")
    assert cause == "b/one.csv.gz: The specified key does not exist. (NoSuchKey)"


def test_an_athena_manifest_gives_the_items_of_its_files(tmp_path: Path) -> None:
    manifest = b's3://b/one.jsonl\n"s3://b/two.gz"\n'
    storage = storing(tmp_path, m__csv=manifest, one__jsonl=b'{"n": 1}', two__gz=gzip.compress(b'{"n": 2}'))
    config = {"ManifestType": "ATHENA_DATA", "InputType": "JSONL"}
    assert read(storage, "m.csv", **config) == [{"n": 1}, {"n": 2}]
    sources = [source for source, _ in read_sourced_items(GET, {"Bucket": "b", "Key": "m.csv"}, config, storage)]
    assert sources == ["S3://b/one.jsonl", "S3://b/two.gz"]


def test_a_line_of_an_athena_manifest_must_be_a_uri(tmp_path: Path) -> None:
    storage = storing(tmp_path, m=b"s3://b/one\nhttp://b/two\n", one=b"")
    cause = failure(storage, "m", ManifestType="ATHENA_DATA", InputType="JSONL")
    assert cause == "b/m: line 2: must be s3://bucket/key, not http://b/two"


# --- compression ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def zstd() -> Any:
    try:
        from compression import zstd  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        return pytest.importorskip("backports.zstd", reason="needs pip install 'asl-engine[zstd]'")
    return zstd


@pytest.mark.parametrize("name", ["f.csv.gz", "f.csv.gzip", "F.CSV.GZ", "f.csv", "f"])
def test_gzip_is_told_by_the_bytes_whatever_the_name(name: str, tmp_path: Path) -> None:
    storage = storing(tmp_path)
    (tmp_path / "b" / name).write_bytes(gzip.compress(CSV[:9]) + gzip.compress(CSV[9:]))
    assert read(storage, name, **FIRST_ROW) == ROWS


@pytest.mark.parametrize("name", ["f.csv.zst", "f.csv.zstd", "f"])
def test_zstd_is_told_by_the_bytes_whatever_the_name(name: str, zstd: Any, tmp_path: Path) -> None:
    storage = storing(tmp_path)
    (tmp_path / "b" / name).write_bytes(zstd.compress(CSV[:9]) + zstd.compress(CSV[9:]))
    assert read(storage, name, **FIRST_ROW) == ROWS


@pytest.mark.parametrize("name, kind", [("f.csv.gz", "GZIP"), ("f.csv.zst", "ZSTD")])
def test_a_name_that_promises_what_the_bytes_are_not_is_told(name: str, kind: str, tmp_path: Path) -> None:
    storage = storing(tmp_path)
    (tmp_path / "b" / name).write_bytes(bz2.compress(CSV))
    assert failure(storage, name, **FIRST_ROW) == f"b/{name}: is named as a {kind} file, but does not begin as one"


LINES = b"".join(b'{"n": %d, "text": "%s"}\n' % (n, b"x" * (n % 7)) for n in range(400))


@given(st.integers(1, len(gzip.compress(LINES)) - 1))
def test_a_gzip_file_cut_anywhere_fails_cleanly(at: int) -> None:
    with pytest.raises(Unreadable, match=r"cut short|does not begin"):
        list(json_lines(byte_blocks(io.BytesIO(gzip.compress(LINES)[:at]), "f.gz")))


@given(at=st.integers(1, 200))
def test_a_zstd_file_cut_anywhere_fails_cleanly(at: int, zstd: Any) -> None:
    whole = zstd.compress(LINES)
    with pytest.raises(Unreadable, match=r"cut short|does not begin"):
        list(json_lines(byte_blocks(io.BytesIO(whole[: min(at, len(whole) - 1)]), "f.zst")))


def test_a_gzip_file_with_a_wrong_byte_fails_cleanly(tmp_path: Path) -> None:
    whole = bytearray(gzip.compress(LINES))
    whole[-6] ^= 1
    assert "is damaged or cut short" in failure(storing(tmp_path, f=bytes(whole)), "f", InputType="JSONL")


# --- arguments and failures -------------------------------------------------------------------------------------------

REFUSED = [
    (GET, {"Bucket": "b"}, "ItemReader: Key must be a string, not None"),
    (GET, {"Bucket": 1, "Key": "k"}, "ItemReader: Bucket must be a string, not 1"),
    (GET, "text", "ItemReader: its arguments must be an object, not 'text'"),
    (LIST, {"Bucket": "b", "Prefix": 5}, "ItemReader: Prefix must be a string, not 5"),
    (
        LIST,
        {"Bucket": "b", "Key": "k"},
        "ItemReader: s3:listObjectsV2 takes Bucket, Prefix, ExpectedBucketOwner, not Key",
    ),
    (GET, {"Bucket": "b", "Key": "no"}, "b/no: The specified key does not exist. (NoSuchKey)"),
    (GET, {"Bucket": "b", "Key": "../k"}, "b/../k: the key '../k' cannot be a file's path below a bucket's folder"),
]


@pytest.mark.parametrize("resource, arguments, cause", REFUSED, ids=[cause for *_, cause in REFUSED])
def test_arguments_that_name_nothing_are_told(resource: str, arguments: Any, cause: str, tmp_path: Path) -> None:
    assert cause_of(resource, arguments, {"InputType": "JSON"}, storing(tmp_path)).startswith(cause)


def test_without_an_input_type_nothing_is_guessed(tmp_path: Path) -> None:
    cause = failure(storing(tmp_path, k=b"[]"), "k")
    assert cause == "ReaderConfig: InputType must be CSV, JSON, JSONL, PARQUET or MANIFEST, not None"


def test_a_version_of_a_parquet_file_is_refused_as_on_aws(tmp_path: Path) -> None:
    arguments = {"Bucket": "b", "Key": "k", "VersionId": "1"}
    cause = cause_of(GET, arguments, {"InputType": "PARQUET"}, storing(tmp_path))
    assert cause == "ItemReader: VersionId is not supported with InputType PARQUET"


def test_the_partition_of_the_resource_does_not_matter(tmp_path: Path) -> None:
    resource = GET.replace(":aws:", ":aws-cn:")
    assert list(
        read_items(resource, {"Bucket": "b", "Key": "k"}, {"InputType": "JSON"}, storing(tmp_path, k=b"[1]"))
    ) == [1]


class Breaking(io.RawIOBase):
    """A file whose disk fails in the middle."""

    def __init__(self) -> None:
        self.reads = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.reads += 1
        if self.reads > 2:
            raise OSError(5, "Input/output error")
        buffer[:4] = b"[1, "
        return 4


class BreakingStorage(FolderStorage):
    def open(self, bucket: str, key: str, version: str | None = None) -> BinaryIO:
        return io.BufferedReader(Breaking(), 4)  # type: ignore[return-value]


def test_a_disk_that_fails_while_it_is_read_fails_the_reader(tmp_path: Path) -> None:
    assert failure(BreakingStorage(tmp_path), "k", InputType="JSON") == "b/k: [Errno 5] Input/output error"


# --- what is held -----------------------------------------------------------------------------------------------------


class Generated(io.RawIOBase):
    """A file that is made while it is read."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._rest = self._rest or next(self._parts, b"")
        read, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(read)] = read
        return len(read)


class GeneratedStorage(Consoles):
    def __init__(self, before: bytes, row: bytes, after: bytes, thousands: int) -> None:
        self._parts = [before, *[row * 1000] * thousands, after]

    def open(self, bucket: str, key: str, version: str | None = None) -> BinaryIO:
        return io.BufferedReader(Generated(iter(self._parts)))  # type: ignore[return-value]


LARGE = [
    (b"A,B\n", b'12345,"a, b"\n', b"", FIRST_ROW, 300, 300_000),
    (b"", b'{"n": 12345}\n', b"", {"InputType": "JSONL"}, 60, 60_000),
    (b"[", b'{"n": 12345},\n', b"1]", {"InputType": "JSON"}, 100, 100_001),
    (b'{"x": [', b'{"n": 12345},\n', b'1], "y": [2]}', {"InputType": "JSON", "ItemsPointer": "/y"}, 100, 1),
]


@pytest.mark.parametrize("before, row, after, config, thousands, count", LARGE, ids=["CSV", "JSONL", "JSON", "skipped"])
def test_many_thousands_of_rows_are_read_in_a_few_hundred_kilobytes(
    before: bytes, row: bytes, after: bytes, config: Any, thousands: int, count: int
) -> None:
    storage = GeneratedStorage(before, row, after, thousands)
    tracemalloc.start()
    try:
        items = sum(1 for _ in read_items(GET, {"Bucket": "b", "Key": "k"}, config, storage))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert items == count
    assert peak < 1_000_000
