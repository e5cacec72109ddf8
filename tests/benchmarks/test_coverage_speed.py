"""What counting costs: the same machines run with and without a collector, as a ratio measured in one run.

`python -m pytest tests/benchmarks` prints the table. The figures are for reading: no test here judges a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from asl_engine import StateMachine
from asl_engine.testing import Collector
from tests.benchmarks.telling import tell
from tests.build import chain, each, task

pytest.importorskip("pytest_benchmark", reason="the benchmarks need pytest-benchmark: pip install -e '.[bench]'")

MACHINES: dict[str, tuple[dict[str, Any], Any]] = {
    "100 Pass states": (chain(**{f"S{n}": {"Type": "Pass", "Result": n, "ResultPath": "$.n"} for n in range(100)}), {}),
    "100 Task states": (chain(**{f"T{n}": task() for n in range(100)}), {}),
    "a Map over 100 items": (chain(M=each(chain(T=task()))), list(range(100))),
}


@pytest.fixture(scope="module")
def medians(request: pytest.FixtureRequest) -> Iterator[dict[tuple[str, str], float]]:
    measured: dict[tuple[str, str], float] = {}
    yield measured
    lines = [f"{'machine':24}{'plain':>10}{'measured':>10}{'ratio':>8}"]
    for name in MACHINES:
        if (name, "plain") in measured and (name, "measured") in measured:
            plain, counted = measured[name, "plain"], measured[name, "measured"]
            lines.append(f"{name:24}{plain * 1e6:8.0f}us{counted * 1e6:8.0f}us{counted / plain:7.2f}x")
    tell(request, "\n".join(lines))


@pytest.mark.parametrize("side", ["plain", "measured"])
@pytest.mark.parametrize("name", MACHINES)
def test_counting(name: str, side: str, benchmark: Any, medians: dict[tuple[str, str], float]) -> None:
    document, input = MACHINES[name]
    machine, collector = StateMachine.from_json(document), Collector()
    tasks = {need.state_name: (lambda payload: payload) for need in machine.task_needs}
    benchmark.group = name
    if side == "measured":
        collector.start()
    try:
        benchmark(machine.run, input, tasks=tasks)
    finally:
        if side == "measured":
            collector.stop()
    if benchmark.stats is not None:
        medians[name, side] = benchmark.stats.stats.median
