"""Parquet files: one item for each row, read with pyarrow, a few thousand rows at a time.

AWS documents no table of types. The rule here: what JSON has stays itself, dates and times become ISO 8601 text,
decimals become text with all their digits, bytes become Base64, and what JSON cannot hold is refused by column.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from typing import Any, BinaryIO

from asl_engine.integrations.item_formats.blocks import BLOCK_BYTES, ITEM_BYTES, TOO_LARGE, Unreadable
from asl_engine.jsonvalue import Json

ROWS = 1000
ROW_GROUP_BYTES = 256 * 1024 * 1024
FOOTER_BYTES = 5 * 1024 * 1024
"""Step Functions refuses larger row groups and larger footers."""


def parquet_rows(file: BinaryIO) -> Iterator[Json]:
    """An object for each row. Raises Unreadable."""
    number = 0
    with _seekable(file) as whole:
        for rows in _batches(whole):
            for row in rows:
                number += 1
                yield {name: _json(value, name, number) for name, value in row.items()}


def _batches(file: BinaryIO) -> Iterator[list[dict[str, Any]]]:
    """The rows as Python values, some at a time. Values that pyarrow cannot give so are ValueErrors and KeyErrors."""
    parquet, arrow_exception = _import_parquet()
    before = 0
    try:
        opened = parquet.ParquetFile(file, coerce_int96_timestamp_unit="us")
        _check_sizes(opened.metadata)
        for batch in opened.iter_batches(batch_size=ROWS):
            if batch.nbytes > ITEM_BYTES:
                _check_rows(batch, before)
            before += batch.num_rows
            yield batch.to_pylist(maps_as_pydicts="strict")
    except (arrow_exception, OSError, ValueError, KeyError) as error:
        raise Unreadable(f"is not a Parquet file that can be read: {error}") from None


def _import_parquet() -> tuple[Any, type[Exception]]:
    try:
        import pyarrow  # type: ignore[import-not-found,import-untyped,unused-ignore]
        from pyarrow import parquet  # type: ignore[import-not-found,import-untyped,unused-ignore]
    except ImportError:
        raise Unreadable('is a Parquet file, which needs: pip install "asl-engine[parquet]"') from None
    return parquet, pyarrow.ArrowException


@contextmanager
def _seekable(file: BinaryIO) -> Iterator[BinaryIO]:
    """The file, or a copy of it on disk where it can only be read from its front: the footer stands at the end."""
    if file.seekable():
        yield file
        return
    from shutil import copyfileobj
    from tempfile import TemporaryFile

    with TemporaryFile() as copy:
        copyfileobj(file, copy, BLOCK_BYTES)
        yield copy


def _check_sizes(metadata: Any) -> None:
    if metadata.serialized_size > FOOTER_BYTES:
        raise Unreadable(f"its footer has {metadata.serialized_size} bytes, more than 5 MB")
    for number in range(metadata.num_row_groups):
        size = metadata.row_group(number).total_byte_size
        if size > ROW_GROUP_BYTES:
            raise Unreadable(f"its row group {number} has {size} bytes, more than 256 MB")


def _check_rows(batch: Any, before: int) -> None:
    for index in range(batch.num_rows):
        if batch.slice(index, 1).nbytes > ITEM_BYTES:
            raise Unreadable(f"row {before + index + 1}: {TOO_LARGE}")


_PLAIN = (str, int, bool, type(None))
_AS_JSON: dict[type, Callable[[Any], Json]] = {
    datetime: datetime.isoformat,
    date: date.isoformat,
    time: time.isoformat,
    timedelta: timedelta.total_seconds,
    Decimal: "{:f}".format,
    bytes: lambda value: base64.b64encode(value).decode(),
}


def _json(value: Any, column: str, number: int) -> Json:
    """A column's value as JSON."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is float:
        if not isfinite(value):
            raise Unreadable(f"row {number}: the column {column!r} holds {value}, which is no JSON number")
        return value
    if kind is list:
        return [_json(item, column, number) for item in value]
    if kind is dict:
        return {_name(key): _json(item, column, number) for key, item in value.items()}
    if kind in _AS_JSON:
        return _AS_JSON[kind](value)
    raise Unreadable(f"row {number}: the column {column!r} holds {kind.__name__}, which JSON cannot hold")


def _name(key: Any) -> str:
    return key if type(key) is str else str(_json(key, "", 0))
