"""How long a compiled JSONata expression takes, as ratios to the same value written by hand in Python, in the same run.

`python -m pytest tests/benchmarks` prints the table. The figures are for reading: no test here judges a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from asl_engine.query.jsonata import UNDEFINED, compile_expression
from tests.benchmarks.telling import tell
from tests.query.jsonata.expressions import Still

pytest.importorskip("pytest_benchmark", reason="the benchmarks need pytest-benchmark: pip install -e '.[bench]'")

Bindings = dict[str, Any]
ByHand = Callable[[Bindings], Any]

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


def _engine(text: str, bindings: Bindings) -> Callable[[], Any]:
    evaluate, still = compile_expression(text).evaluate, Still()
    return lambda: evaluate(UNDEFINED, bindings, still)


def _jsonata_python(text: str, bindings: Bindings) -> Callable[[], Any]:
    jsonata = pytest.importorskip("jsonata", reason="a peer: pip install -e '.[peers]'")
    compiled = jsonata.Jsonata(text)
    frame = compiled.create_frame()
    for name, value in bindings.items():
        frame.bind(name, value)
    return lambda: compiled.evaluate(None, frame)


def _jsonata2py(text: str, bindings: Bindings) -> Callable[[], Any]:
    jsonata2py = pytest.importorskip("jsonata2py", reason="a peer: pip install -e '.[peers]'")
    compiled, given = jsonata2py.compile(text), jsonata2py.JsonataBindings()
    for name, value in bindings.items():
        given.bind_value(name, value)
    return lambda: compiled.evaluate(None, given)


def _jsonatapy(text: str, bindings: Bindings) -> Callable[[], Any]:
    compiled = pytest.importorskip("jsonatapy", reason="a peer: pip install -e '.[peers]'").compile(text)
    return lambda: compiled.evaluate(None, bindings)


SIDES: dict[str, Callable[[str, Bindings], Callable[[], Any]]] = {
    "engine": _engine,
    "jsonata-python": _jsonata_python,
    "jsonata2py": _jsonata2py,
    "jsonatapy": _jsonatapy,
}
"""Who evaluates: each compiles beforehand and is given its variables as cheaply as its interface allows."""


@pytest.fixture(scope="module")
def medians(request: pytest.FixtureRequest) -> Iterator[dict[tuple[str, str], float]]:
    """(workload, side) -> median seconds; the table of ratios is printed when all are measured."""
    measured: dict[tuple[str, str], float] = {}
    yield measured
    if measured:
        tell(request, _table(measured))


def _table(measured: dict[tuple[str, str], float]) -> str:
    sides = [side for side in SIDES if any((name, side) in measured for name in WORKLOADS)]
    lines = [f"{'times by hand':20}" + "".join(f"{side:>16}" for side in sides)]
    for name in WORKLOADS:
        hand = measured.get((name, "by hand"))
        if hand:
            ratios = [measured[name, side] / hand if (name, side) in measured else None for side in sides]
            lines.append(f"{name:20}" + "".join(f"{'-' if r is None else f'{r:.1f}x':>16}" for r in ratios))
    return "\n".join(lines)


@pytest.mark.parametrize("side", ["by hand", *SIDES])
@pytest.mark.parametrize("name", WORKLOADS)
def test_jsonata_speed(name: str, side: str, benchmark: Any, medians: dict[tuple[str, str], float]) -> None:
    text, bindings, by_hand = WORKLOADS[name]
    work = SIDES[side](text, bindings) if side in SIDES else lambda: by_hand(bindings)
    assert work() == by_hand(bindings)
    benchmark.group = name
    quick = side in ("engine", "by hand")
    benchmark.pedantic(work, rounds=40 if quick else 8, iterations=500 if quick else 20, warmup_rounds=1)
    if benchmark.stats is not None:
        medians[name, side] = benchmark.stats.stats.median
