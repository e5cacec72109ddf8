"""How long a compiled JSONata expression takes, as ratios to the same value written by hand in Python, in the same run.

`python -m pytest tests/benchmarks` prints the table. The figures are for reading: no test here judges a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from asl_engine.query.jsonata import UNDEFINED, compile_expression
from tests.query.jsonata.expressions import Still

pytest.importorskip("pytest_benchmark", reason="the benchmarks need pytest-benchmark: pip install -e '.[bench]'")

Bindings = dict[str, Any]
ByHand = Callable[[Bindings], Any]
Row = tuple[str, float, float]

ITEMS = [{"name": f"item {n}", "price": n} for n in range(20)]
LARGE = {"n": 5, "rows": [{"number": n, "text": "x" * 80} for n in range(1900)]}
"""About 200 KB of JSON."""


def states(value: Any) -> Bindings:
    return {"states": {"input": value}}


def _object(given: Bindings) -> Any:
    order = given["states"]["input"]
    return {"id": order["id"], "name": order["name"].upper()}


def _filtered(given: Bindings) -> Any:
    return [item["name"] for item in given["states"]["input"]["items"] if item["price"] > 10]


def _mapped(given: Bindings) -> Any:
    return [item["price"] * 2 for item in given["states"]["input"]["items"]]


WORKLOADS: dict[str, tuple[str, Bindings, ByHand]] = {
    "path plus one": ("$states.input.n + 1", states({"n": 5}), lambda given: given["states"]["input"]["n"] + 1),
    "the same, 200 KB": ("$states.input.n + 1", states(LARGE), lambda given: given["states"]["input"]["n"] + 1),
    "comparison": ("$cnt < 1000", {"cnt": 7}, lambda given: given["cnt"] < 1000),
    "object": (
        "{'id': $states.input.id, 'name': $uppercase($states.input.name)}",
        states({"id": 7, "name": "parcel"}),
        _object,
    ),
    "sum of 20": (
        "$sum($states.input.items)",
        states({"items": list(range(20))}),
        lambda given: sum(given["states"]["input"]["items"]),
    ),
    "sum of 1000": (
        "$sum($states.input.items)",
        states({"items": list(range(1000))}),
        lambda given: sum(given["states"]["input"]["items"]),
    ),
    "filter of 20": ("$states.input.items[price > 10].name", states({"items": ITEMS}), _filtered),
    "function over 20": ("$map($states.input.items, function($i) { $i.price * 2 })", states({"items": ITEMS}), _mapped),
    "text": (
        "$states.input.name & '-' & $string($states.input.n)",
        states({"name": "run", "n": 5}),
        lambda given: given["states"]["input"]["name"] + "-" + str(given["states"]["input"]["n"]),
    ),
}


@pytest.fixture(scope="module")
def medians(request: pytest.FixtureRequest) -> Iterator[dict[tuple[str, str], float]]:
    """(workload, side) -> median seconds; the table of ratios is printed when all are measured."""
    measured: dict[tuple[str, str], float] = {}
    yield measured
    both = [name for name in WORKLOADS if {(name, "engine"), (name, "by hand")} <= measured.keys()]
    rows = [(name, measured[name, "engine"], measured[name, "by hand"]) for name in both]
    if rows:
        with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
            request.config.get_terminal_writer().write(f"\n\n{_table(rows)}\n")


def _table(rows: list[Row]) -> str:
    lines = [f"{'JSONata':20}{'engine, µs':>12}{'by hand, µs':>13}{'ratio':>9}"]
    lines += [f"{name:20}{1e6 * ours:12.3f}{1e6 * hand:13.3f}{ours / hand:8.1f}x" for name, ours, hand in rows]
    return "\n".join(lines)


@pytest.mark.parametrize("side", ["by hand", "engine"])
@pytest.mark.parametrize("name", WORKLOADS)
def test_jsonata_speed(name: str, side: str, benchmark: Any, medians: dict[tuple[str, str], float]) -> None:
    text, bindings, by_hand = WORKLOADS[name]
    evaluate, still = compile_expression(text).evaluate, Still()
    assert evaluate(UNDEFINED, bindings, still) == by_hand(bindings)
    benchmark.group = name
    arguments = (UNDEFINED, bindings, still) if side == "engine" else (bindings,)
    work: Callable[..., Any] = evaluate if side == "engine" else by_hand
    benchmark.pedantic(work, args=arguments, rounds=40, iterations=500, warmup_rounds=2)
    if benchmark.stats is not None:
        medians[name, side] = benchmark.stats.stats.median
