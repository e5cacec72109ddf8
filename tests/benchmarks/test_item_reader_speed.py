"""How fast items are read from files, as ratios to a plain loop with `csv` or `json` over the same bytes, in one run.

`python -m pytest tests/benchmarks` prints the table. The figures are for reading: no test here judges a time.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from asl_engine.integrations.item_formats.blocks import byte_blocks
from asl_engine.integrations.item_formats.csv_rows import csv_rows
from asl_engine.integrations.item_formats.json_items import json_array, json_lines
from tests.benchmarks.telling import tell

pytest.importorskip("pytest_benchmark", reason="the benchmarks need pytest-benchmark: pip install -e '.[bench]'")

ROWS = 50_000
Read = Callable[[bytes], int]


def _csv(quoting: Any, note: str) -> bytes:
    written = io.StringIO(newline="")
    writer = csv.writer(written, quoting=quoting, lineterminator="\n")
    writer.writerow(["id", "name", "city", "price", "note"])
    writer.writerows([n, f"name {n}", "Oslo", n * 1.5, note if n % 4 == 0 else "plain"] for n in range(ROWS))
    return written.getvalue().encode()


def _objects() -> list[dict[str, Any]]:
    return [{"id": n, "name": f"name {n}", "city": "Oslo", "price": n * 1.5} for n in range(ROWS)]


def _csv_by_hand(text: bytes) -> int:
    rows = csv.reader(io.TextIOWrapper(io.BytesIO(text), "utf-8", newline=""))
    headers = next(rows)
    return sum(1 for row in rows if dict(zip(headers, row, strict=True)))


def _csv_read(text: bytes) -> int:
    return sum(1 for _ in csv_rows(byte_blocks(io.BytesIO(text), "f.csv"), ",", None))


def _lines_by_hand(text: bytes) -> int:
    return sum(1 for line in io.BytesIO(text) if json.loads(line))


def _lines_read(text: bytes) -> int:
    return sum(1 for _ in json_lines(byte_blocks(io.BytesIO(text), "f.jsonl")))


def _array_by_hand(text: bytes) -> int:
    return len(json.loads(text))


def _array_read(text: bytes) -> int:
    return sum(1 for _ in json_array(byte_blocks(io.BytesIO(text), "f.json")))


WORKLOADS: dict[str, tuple[Callable[[], bytes], Read, Read]] = {
    "CSV": (lambda: _csv(csv.QUOTE_MINIMAL, "plain"), _csv_read, _csv_by_hand),
    "CSV, all fields quoted": (lambda: _csv(csv.QUOTE_ALL, "plain"), _csv_read, _csv_by_hand),
    "CSV, quotes in a quarter": (lambda: _csv(csv.QUOTE_MINIMAL, 'a "word", two'), _csv_read, _csv_by_hand),
    "JSON Lines": (
        lambda: "".join(json.dumps(each) + "\n" for each in _objects()).encode(),
        _lines_read,
        _lines_by_hand,
    ),
    "JSON array": (lambda: json.dumps(_objects()).encode(), _array_read, _array_by_hand),
}


@pytest.fixture(scope="module")
def medians(request: pytest.FixtureRequest) -> Iterator[dict[tuple[str, str], float]]:
    """(workload, side) -> median seconds; the table of ratios is printed when all are measured."""
    measured: dict[tuple[str, str], float] = {}
    yield measured
    lines = [f"{'file':26}{'items/s':>12}{'by hand':>12}{'ratio':>9}"]
    for name in WORKLOADS:
        if (name, "reader") in measured and (name, "by hand") in measured:
            ours, hand = measured[name, "reader"], measured[name, "by hand"]
            lines.append(f"{name:26}{ROWS / ours:12,.0f}{ROWS / hand:12,.0f}{ours / hand:8.2f}x")
    tell(request, "\n".join(lines))


@pytest.mark.parametrize("side", ["by hand", "reader"])
@pytest.mark.parametrize("workload", WORKLOADS)
def test_reading_speed(workload: str, side: str, benchmark: Any, medians: dict[tuple[str, str], float]) -> None:
    make, reader, by_hand = WORKLOADS[workload]
    text = make()
    read = reader if side == "reader" else by_hand
    assert read(text) == ROWS
    benchmark.group = workload
    benchmark(read, text)
    if benchmark.stats is not None:
        medians[workload, side] = benchmark.stats.stats.median
