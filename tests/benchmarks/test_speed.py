"""How long the engine takes, as ratios to the same work written by hand in Python, measured in the same run.

`python -m pytest tests/benchmarks` prints the table. The figures are for reading: no test here judges a time.
"""

from __future__ import annotations

import copy
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import asl_engine
from asl_engine import StateMachine
from tests.benchmarks.telling import tell
from tests.build import chain, each, parallel, task

pytest.importorskip("pytest_benchmark", reason="the benchmarks need pytest-benchmark: pip install -e '.[bench]'")

ORDER = {"id": "o-1", "lines": [{"sku": f"s-{n}", "quantity": n, "price": 1.5} for n in range(20)]}
LARGE = {"rows": [{"number": n, "text": "x" * 80} for n in range(1900)]}
"""About 200 KB of JSON."""

Work = Callable[[], Any]
Row = tuple[str, float, float]


def add_one(payload: Any) -> Any:
    """The task of the benchmarks, and the function that the code written by hand calls."""
    return {**payload, "n": payload.get("n", 0) + 1}


# --- the same work, by the engine and by hand -------------------------------------------------------------------------


def _engine(definition: dict[str, Any], input: Any, **tasks: Any) -> Work:
    machine = StateMachine.from_json(definition)
    return lambda: machine.run(input, tasks=tasks).raise_for_status().output


def pass_chain() -> tuple[Work, Work]:
    """100 Pass states, each putting a result into the payload."""
    definition = chain(**{f"S{n}": {"Type": "Pass", "Result": n, "ResultPath": "$.n"} for n in range(100)})

    def by_hand() -> Any:
        payload = copy.deepcopy(ORDER)
        for n in range(100):
            payload = {**payload, "n": n}
        return payload

    return _engine(definition, ORDER), by_hand


def choice_loop() -> tuple[Work, Work]:
    """300 rounds of Choice and a counting Pass."""
    rule = {"Variable": "$.n", "NumericLessThan": 300, "Next": "Count"}
    definition = {
        "StartAt": "More",
        "States": {
            "More": {"Type": "Choice", "Choices": [rule], "Default": "Done"},
            "Count": {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "Next": "More"},
            "Done": {"Type": "Succeed"},
        },
    }

    def by_hand() -> Any:
        payload = {"n": 0}
        while payload["n"] < 300:
            payload = {"n": payload["n"] + 1}
        return payload

    return _engine(definition, {"n": 0}), by_hand


def map_of_tasks() -> tuple[Work, Work]:
    """200 items, a task each."""
    items = [{"n": n} for n in range(200)]
    definition = chain(M=each(chain(W=task())))

    def by_hand() -> Any:
        return [add_one(copy.deepcopy(item)) for item in items]

    return _engine(definition, items, work=add_one), by_hand


def parallel_of_tasks() -> tuple[Work, Work]:
    """20 branches, a task each, all with the same order."""
    definition = chain(P=parallel(*(chain(**{f"B{n}": task()}) for n in range(20))))

    def by_hand() -> Any:
        return [add_one(copy.deepcopy(ORDER)) for _ in range(20)]

    return _engine(definition, ORDER, work=add_one), by_hand


def task_chain() -> tuple[Work, Work]:
    """50 tasks, one after the other."""
    definition = chain(**{f"T{n}": task() for n in range(50)})

    def by_hand() -> Any:
        payload = copy.deepcopy(ORDER)
        for _ in range(50):
            payload = add_one(copy.deepcopy(payload))
        return payload

    return _engine(definition, ORDER, work=add_one), by_hand


def large_payload() -> tuple[Work, Work]:
    """200 KB through 30 Pass states that each add a little, and one task."""
    states = {f"S{n}": {"Type": "Pass", "Result": n, "ResultPath": "$.n"} for n in range(30)}
    definition = chain(**states, T=task())

    def by_hand() -> Any:
        payload = copy.deepcopy(LARGE)
        for n in range(30):
            payload = {**payload, "n": n}
        return add_one(copy.deepcopy(payload))

    return _engine(definition, LARGE, work=add_one), by_hand


THREE_STATES = """
from asl_engine import StateMachine
states = {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "C"}, "C": {"Type": "Succeed"}}
StateMachine.from_json({"StartAt": "A", "States": states}).run({})
"""


def fresh_process() -> tuple[Work, Work]:
    """A process that imports the package and runs three states, against one that does nothing."""
    environment = {**os.environ, "PYTHONPATH": str(Path(asl_engine.__file__).parents[1])}

    def python(program: str) -> Work:
        return lambda: subprocess.run([sys.executable, "-c", program], check=True, env=environment).returncode

    return python(THREE_STATES), python("pass")


WORKLOADS = [pass_chain, choice_loop, map_of_tasks, parallel_of_tasks, task_chain, large_payload, fresh_process]


@pytest.fixture(scope="module")
def medians(request: pytest.FixtureRequest) -> Iterator[dict[tuple[str, str], float]]:
    """(workload, side) -> median seconds; the table of ratios is printed when all are measured."""
    measured: dict[tuple[str, str], float] = {}
    yield measured
    rows = [row for workload in WORKLOADS if (row := _row(workload.__name__, measured))]
    if rows:
        tell(request, _table(rows))


def _row(name: str, measured: dict[tuple[str, str], float]) -> Row | None:
    if (name, "engine") not in measured or (name, "by hand") not in measured:
        return None
    return name, measured[name, "engine"], measured[name, "by hand"]


def _table(rows: list[Row]) -> str:
    lines = [f"{'workload':20}{'engine, ms':>12}{'by hand, ms':>13}{'ratio':>9}"]
    lines += [f"{name:20}{1e3 * ours:12.3f}{1e3 * hand:13.3f}{ours / hand:8.1f}x" for name, ours, hand in rows]
    return "\n".join(lines)


@pytest.mark.parametrize("side", ["by hand", "engine"])
@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda workload: workload.__name__)
def test_speed(
    workload: Callable[[], tuple[Work, Work]],
    side: str,
    benchmark: Any,
    medians: dict[tuple[str, str], float],
) -> None:
    engine, by_hand = workload()
    assert engine() == by_hand()
    benchmark.group = workload.__name__
    benchmark(engine if side == "engine" else by_hand)
    if benchmark.stats is not None:
        medians[workload.__name__, side] = benchmark.stats.stats.median
