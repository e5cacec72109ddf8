"""The examples do what they say: every event of the order pipeline, with the example's own tasks."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from asl_engine import Execution, StateMachine, validate

FOLDER = Path(__file__).parents[1] / "examples" / "order_pipeline"
DEFINITION = FOLDER / "order_pipeline.asl.json"


@pytest.fixture(scope="module")
def tasks() -> dict[str, Any]:
    spec = importlib.util.spec_from_file_location("order_pipeline_tasks", FOLDER / "tasks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return dict(module.TASKS)


def run_order(number: int, tasks: dict[str, Any]) -> Execution:
    event = json.loads((FOLDER / "events" / f"order-{number}.json").read_text())
    return StateMachine.from_file(DEFINITION).run(event, tasks=tasks)


def test_the_definition_has_no_errors_and_no_warnings() -> None:
    assert {found.severity for found in validate(DEFINITION.read_text())} <= {"INFO"}


def test_an_order_is_priced_checked_charged_and_stored(tasks: dict[str, Any]) -> None:
    execution = run_order(1001, tasks)
    assert execution.raise_for_status().output == {"total": 77.85, "currency": "EUR"}
    assert execution.path == [
        *("ReadOrder", "AnyLines", "PriceLines", "LookUpPrice", "LookUpPrice", "LookUpPrice"),
        *("CheckOrder", "ReserveStock", "FindCustomer", "Charge", "StoreOrder", "Done"),
    ]


def test_the_slow_price_service_is_timed_out_and_asked_again(tasks: dict[str, Any]) -> None:
    execution = run_order(1001, tasks)
    looked_up = execution.state("LookUpPrice")
    assert (looked_up.attempts, [error.error for error in looked_up.errors]) == (4, ["States.Timeout"])
    assert execution.elapsed == 10 + 1 + 0.2


def test_an_order_without_lines_fails_by_name(tasks: dict[str, Any]) -> None:
    execution = run_order(1002, tasks)
    assert (execution.status, execution.error) == ("FAILED", "EmptyOrder")
    assert (execution.cause, execution.elapsed) == ("order 1002 has no lines", 0)
    assert execution.path == ["ReadOrder", "AnyLines", "EmptyOrder"]


def test_a_file_that_is_no_order_is_quarantined(tasks: dict[str, Any]) -> None:
    execution = run_order(1003, tasks)
    assert (execution.status, execution.error) == ("FAILED", "MalformedOrder")
    assert json.loads(execution.cause or "")["errorMessage"].startswith("s3://orders/incoming/order-1003.json: ")
    assert execution.path == ["ReadOrder", "Quarantine", "Quarantined"]
    assert execution.elapsed == 0


def test_every_event_has_a_test() -> None:
    numbers = sorted(file.stem.removeprefix("order-") for file in (FOLDER / "events").glob("*.json"))
    assert numbers == ["1001", "1002", "1003"]
