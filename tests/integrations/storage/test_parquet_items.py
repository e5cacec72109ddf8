"""Parquet files, written by pyarrow itself: rows as JSON, row groups as they come."""

from __future__ import annotations

import datetime
import io
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from asl_engine.integrations.item_formats import parquet_rows as module
from asl_engine.integrations.storage import FolderStorage
from tests.integrations.storage.items import failure, read, storing

pa = pytest.importorskip("pyarrow", reason="needs pyarrow: pip install 'asl-engine[parquet]'")
pq = pytest.importorskip("pyarrow.parquet")


def file_of(table: Any, **options: Any) -> bytes:
    written = io.BytesIO()
    pq.write_table(table, written, **options)
    return written.getvalue()


def parquet(storage: Any) -> list[Any]:
    return read(storage, "f", InputType="PARQUET")


MOMENT = datetime.datetime(2024, 2, 29, 12, 30, 15, 250_000, tzinfo=datetime.UTC)
TYPES = [
    (pa.int64(), 2**60, 2**60),
    (pa.bool_(), True, True),
    (pa.string(), "é", "é"),
    (pa.string(), None, None),
    (pa.float64(), 1.5, 1.5),
    (pa.decimal128(20, 4), Decimal("12345678901234.5600"), "12345678901234.5600"),
    (pa.timestamp("us", "UTC"), MOMENT, "2024-02-29T12:30:15.250000+00:00"),
    (pa.timestamp("ms"), MOMENT.replace(tzinfo=None), "2024-02-29T12:30:15.250000"),
    (pa.date32(), MOMENT.date(), "2024-02-29"),
    (pa.time64("us"), MOMENT.time(), "12:30:15.250000"),
    (pa.duration("us"), datetime.timedelta(seconds=90), 90.0),
    (pa.binary(), b"\xff\x00", "/wA="),
    (pa.list_(pa.date32()), [MOMENT.date(), None], ["2024-02-29", None]),
    (pa.struct([("x", pa.decimal128(5, 2))]), {"x": Decimal("1.50")}, {"x": "1.50"}),
    (pa.map_(pa.string(), pa.int64()), [("k", 1)], {"k": 1}),
    (pa.map_(pa.int64(), pa.int64()), [(7, 1)], {"7": 1}),
]


@pytest.mark.parametrize("kind, value, item", TYPES, ids=[str(kind) for kind, *_ in TYPES])
def test_a_value_is_given_as_json(kind: Any, value: Any, item: Any, tmp_path: Path) -> None:
    table = pa.table({"c": pa.array([value], kind)})
    assert parquet(storing(tmp_path, f=file_of(table))) == [{"c": item}]


@pytest.mark.parametrize("compression", ["none", "snappy", "gzip", "zstd"])
def test_rows_come_in_order_through_all_row_groups(compression: str, tmp_path: Path) -> None:
    table = pa.table({"n": range(2500), "s": [str(n) for n in range(2500)]})
    storage = storing(tmp_path, f=file_of(table, row_group_size=700, compression=compression))
    assert parquet(storage) == [{"n": n, "s": str(n)} for n in range(2500)]


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_number_that_json_lacks_names_its_row_and_column(number: float, tmp_path: Path) -> None:
    cause = failure(storing(tmp_path, f=file_of(pa.table({"c": [1.0, number]}))), "f", InputType="PARQUET")
    assert cause == f"b/f: row 2: the column 'c' holds {number}, which is no JSON number"


@pytest.mark.parametrize("text", [b"", b"PAR1", b"no Parquet at all"])
def test_what_is_no_parquet_file_is_told(text: bytes, tmp_path: Path) -> None:
    cause = failure(storing(tmp_path, f=text), "f", InputType="PARQUET")
    assert cause.startswith("b/f: is not a Parquet file that can be read: ")


def test_a_parquet_file_cut_short_is_told(tmp_path: Path) -> None:
    whole = file_of(pa.table({"n": range(5000)}))
    cause = failure(storing(tmp_path, f=whole[:-20]), "f", InputType="PARQUET")
    assert cause.startswith("b/f: is not a Parquet file that can be read: ")


def test_a_file_that_can_only_be_read_from_its_front_is_read(tmp_path: Path) -> None:
    class Forward(io.BytesIO):
        def seekable(self) -> bool:
            return False

    class ForwardStorage(FolderStorage):
        def open(self, bucket: str, key: str, version: str | None = None) -> BinaryIO:
            with super().open(bucket, key, version) as file:
                return Forward(file.read())

    storing(tmp_path, f=file_of(pa.table({"n": [1]})))
    assert parquet(ForwardStorage(tmp_path)) == [{"n": 1}]


@pytest.mark.parametrize(
    "name, cause",
    [("FOOTER_BYTES", "its footer has"), ("ROW_GROUP_BYTES", "its row group 0 has"), ("ITEM_BYTES", "row 1")],
)
def test_what_is_larger_than_aws_takes_is_refused(
    name: str, cause: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(module, name, 10)
    storage = storing(tmp_path, f=file_of(pa.table({"s": ["x" * 50, "y" * 50]})))
    assert failure(storage, "f", InputType="PARQUET").startswith(f"b/f: {cause}")
