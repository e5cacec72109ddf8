"""A distributed Map over a CSV file of a million lines in a local folder, its results written beside it: items a second
as a ratio to a plain `csv` loop that builds the same inputs, and the memory it takes.

`python -m pytest tests/benchmarks` prints the table; with `--benchmark-disable` the file has 20,000 lines. No time is
judged. Memory is: the peak of a process of its own may stand 150 MB over that of the bare interpreter.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import asl_engine
from tests.benchmarks import map_over_file
from tests.benchmarks.telling import tell

pytest.importorskip("pytest_benchmark", reason="the benchmarks need pytest-benchmark: pip install -e '.[bench]'")

LINES = 1_000_000
FEW_LINES = 20_000
MEGABYTES = 150
SUCCEEDING = {"csv loop": 1.0, "Pass": 1.0, "task, 3 % fail": 0.97}


def write_rows(root: Path, number: int) -> None:
    """The storage: a bucket with the file, and one for the results."""
    for bucket in ("rows", "results"):
        (root / bucket).mkdir()
    with (root / "rows" / "a.csv").open("w", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(["id", "name", "city", "price"])
        lines.writerows([index, f"name {index}", "Oslo", index * 1.5] for index in range(number))


def measured(side: str, root: Path) -> tuple[int, float]:
    """How many items succeed in a process of its own, and the megabytes that this takes."""
    environment = {**os.environ, "PYTHONPATH": str(Path(asl_engine.__file__).parents[1])}
    command = [sys.executable, map_over_file.__file__, side, str(root)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    succeeded, megabytes = json.loads(done.stdout)
    return succeeded, megabytes


@pytest.fixture(scope="module")
def lines(request: pytest.FixtureRequest) -> int:
    return FEW_LINES if request.config.getoption("benchmark_disable") else LINES


@pytest.fixture(scope="module")
def root(lines: int, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("storage")
    write_rows(folder, lines)
    return folder


@pytest.fixture(scope="module")
def table(request: pytest.FixtureRequest, lines: int) -> Iterator[dict[str, tuple[float, float]]]:
    """side -> seconds and megabytes; the table is printed when all are measured."""
    rows: dict[str, tuple[float, float]] = {}
    yield rows
    if rows.keys() == SUCCEEDING.keys():
        told = [f"{lines:,} lines of CSV".ljust(26) + f"{'items/s':>12}{'ratio':>9}{'MB':>7}"]
        for side, (seconds, megabytes) in rows.items():
            ratio = seconds / rows["csv loop"][0]
            told.append(f"{side:26}{lines / seconds:12,.0f}{ratio:8.1f}x{megabytes:7.1f}")
        tell(request, "\n".join(told))


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of a process's memory is read from /proc")
@pytest.mark.parametrize("side", SUCCEEDING)
def test_a_map_over_a_file(
    side: str, root: Path, lines: int, benchmark: Any, table: dict[str, tuple[float, float]]
) -> None:
    succeeded, megabytes = benchmark.pedantic(measured, args=(side, root), rounds=1)
    assert succeeded == round(lines * SUCCEEDING[side])
    assert megabytes <= MEGABYTES
    if benchmark.stats is not None:
        table[side] = benchmark.stats.stats.median, megabytes
