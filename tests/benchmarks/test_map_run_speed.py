"""What a child execution costs, as a ratio to a plain loop that makes the same inputs and calls the same function.

`python -m pytest tests/benchmarks` prints the table. The figures are for reading: no test here judges a time. Memory
is judged, in a process of its own: it must not grow with the number of items.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import asl_engine
from asl_engine import StateMachine, VirtualClock
from asl_engine.drivers.inline import drive
from asl_engine.integrations.perform import performer
from asl_engine.integrations.registry import serve
from tests.benchmarks.telling import tell
from tests.build import chain, task
from tests.execution.test_distributed_map import distributed
from tests.execution.test_map_run_data import Items, reader, writer

pytest.importorskip("pytest_benchmark", reason="the benchmarks need pytest-benchmark: pip install -e '.[bench]'")

NUMBER = 20_000
MEGABYTES = 150
Work = Callable[[], int]


def rows(number: int) -> Iterator[dict[str, str]]:
    return ({"id": str(index), "name": f"n-{index}", "price": "1.50"} for index in range(number))


class Forgetting(Items):
    """A supply that keeps no results."""

    def __call__(self, command: Any) -> Any:
        self.written.clear()
        self.asked.clear()
        return super().__call__(command)


def over_rows(number: int, processor: dict[str, Any], tasks: dict[str, Any], **fields: Any) -> int:
    """A distributed Map over so many rows; how many items succeeded."""
    state = distributed(processor, ItemReader=reader(), ResultWriter=writer(), **fields)
    machine = StateMachine.from_json(chain(S=state))
    execution = machine.start()
    perform = performer(serve(machine.task_needs, tasks), tasks, 0)
    drive(execution, perform, VirtualClock(), Forgetting(rows(number))).raise_for_status()
    return execution.map_runs[0].item_counts.succeeded


def passing() -> tuple[Work, Work]:
    """A Pass state for each row."""
    return (
        lambda: over_rows(NUMBER, chain(W={"Type": "Pass"}), {}),
        lambda: sum(1 for row in rows(NUMBER) if row is not None),
    )


def calling() -> tuple[Work, Work]:
    """A task for each row, its input made by an ItemSelector."""
    selector = {"row.$": "$$.Map.Item.Value", "at.$": "$$.Map.Item.Index"}
    return (
        lambda: over_rows(NUMBER, chain(W=task()), {"work": dict.copy}, ItemSelector=selector),
        lambda: len([dict.copy({"row": row, "at": index})["at"] for index, row in enumerate(rows(NUMBER))]),
    )


def batched() -> tuple[Work, Work]:
    """A task for each hundred rows."""

    def by_hand() -> int:
        done, batch = 0, []
        for row in rows(NUMBER):
            batch.append(row)
            if len(batch) == 100:
                done += len({"Items": batch}["Items"])
                batch = []
        return done

    batcher = {"MaxItemsPerBatch": 100}
    return lambda: over_rows(NUMBER, chain(W=task()), {"work": len}, ItemBatcher=batcher), by_hand


WORKLOADS = [passing, calling, batched]


@pytest.fixture(scope="module")
def medians(request: pytest.FixtureRequest) -> Iterator[dict[tuple[str, str], float]]:
    """(workload, side) -> median seconds; the table is printed when all are measured."""
    measured: dict[tuple[str, str], float] = {}
    yield measured
    lines = [f"{'Map Run':12}{'items/s':>12}{'us/item':>10}{'ratio':>9}"]
    for name in (workload.__name__ for workload in WORKLOADS):
        if (name, "engine") in measured and (name, "by hand") in measured:
            ours, hand = measured[name, "engine"], measured[name, "by hand"]
            lines.append(f"{name:12}{NUMBER / ours:12,.0f}{1e6 * ours / NUMBER:10.2f}{ours / hand:8.1f}x")
    tell(request, "\n".join(lines))


@pytest.mark.parametrize("side", ["by hand", "engine"])
@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda workload: workload.__name__)
def test_map_run_speed(
    workload: Callable[[], tuple[Work, Work]], side: str, benchmark: Any, medians: dict[tuple[str, str], float]
) -> None:
    engine, by_hand = workload()
    assert engine() == by_hand() == NUMBER
    benchmark.group = workload.__name__
    benchmark.pedantic(engine if side == "engine" else by_hand, rounds=3)
    if benchmark.stats is not None:
        medians[workload.__name__, side] = benchmark.stats.stats.median


PEAK = """
from tests.benchmarks.map_over_file import peak_megabytes
before = peak_megabytes()
from tests.benchmarks.test_map_run_speed import over_rows
from tests.build import chain, task
def slow(row, context):
    context.sleep(1)
    return row
assert over_rows(50_000, chain(W=task()), {"work": slow}) == 50_000
print(peak_megabytes() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of a process's memory is read from /proc")
def test_ten_thousand_open_children_find_room() -> None:
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(asl_engine.__file__).parents[1]), str(root)])}
    done = subprocess.run([sys.executable, "-c", PEAK], capture_output=True, text=True, check=True, env=environment)
    assert float(done.stdout) <= MEGABYTES
