"""How long validating takes, as a ratio to `json.loads` of the same text, measured in the same run.

The text is as long as AWS allows, 1 MiB: the example machine and the project's own cases, over and over, in the
branches of one Parallel state. Two figures: what AWS itself would say (reading and its rules), and all of it, lints
included.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from asl_engine import DefinitionError, StateMachine, validate
from conformance.own_cases import read_own_cases
from conformance.report import GAPS_FILE
from tests.benchmarks.telling import tell
from tests.properties.mutations import renamed

pytest.importorskip("pytest_benchmark", reason="the benchmarks need pytest-benchmark: pip install -e '.[bench]'")

EXAMPLE = Path(__file__).parents[2] / "examples" / "order_pipeline" / "order_pipeline.asl.json"
MIB = 1_048_576


@cache
def largest_definition() -> str:
    """A definition of nearly 1 MiB without errors."""
    branches: list[Any] = []
    size = 1000
    for number, machine in enumerate(cycle(_machines())):
        branch = renamed(machine, f" {number}")
        size += len(json.dumps(branch)) + 2
        if size > MIB:
            break
        branches.append(branch)
    state = {"Type": "Parallel", "Branches": branches, "End": True}
    return json.dumps({"StartAt": "All", "States": {"All": state}})


def _machines() -> Iterator[dict[str, Any]]:
    definitions = [json.loads(EXAMPLE.read_text("utf-8"))]
    definitions += [case["definition"] for case in read_own_cases(GAPS_FILE.with_name("cases"))]
    for definition in definitions:
        machine = {key: definition[key] for key in ("StartAt", "States") if key in definition}
        if definition.get("QueryLanguage") != "JSONata" and _is_valid(machine):
            yield machine


def _is_valid(machine: dict[str, Any]) -> bool:
    try:
        StateMachine.from_json(machine)
    except DefinitionError:
        return False
    text = json.dumps(machine)
    return "Assign" not in text and "Label" not in text  # whose names would stand in the definition twice


def _read(text: str) -> Any:
    from asl_engine.definition.reader import read_definition
    from asl_engine.states.table import STATE_TYPES

    return read_definition(text, STATE_TYPES)


WORK: dict[str, Callable[[str], Any]] = {
    "json.loads": json.loads,
    "read, with AWS's rules": _read,
    "validate, with all lints": validate,
}


@pytest.fixture(scope="module")
def medians(request: pytest.FixtureRequest) -> Iterator[dict[str, float]]:
    measured: dict[str, float] = {}
    yield measured
    if len(measured) == len(WORK):
        base = measured["json.loads"]
        lines = [f"{name:28}{1e3 * taken:10.1f} ms{taken / base:8.1f}x" for name, taken in measured.items()]
        tell(request, "\n".join(lines))


@pytest.mark.parametrize("name", WORK)
def test_validating_the_largest_definition(name: str, benchmark: Any, medians: dict[str, float]) -> None:
    text = largest_definition()
    assert 0.9 * MIB < len(text) <= MIB
    assert [found for found in validate(text) if found.severity == "ERROR"] == []
    benchmark(WORK[name], text)
    if benchmark.stats is not None:
        medians[name] = benchmark.stats.stats.median
