"""Maps that are only entered with items have no part "no items"; every other Map has one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from asl_engine import StateMachine
from asl_engine.testing.coverage.elements import EMPTY, elements
from tests.build import chain

EACH = {"Type": "Map", "ItemsPath": "$.lines", "ItemProcessor": chain(One={"Type": "Pass"}), "End": True}
HAS_ONE = {"Variable": "$.lines[0]", "IsPresent": True}
IS_SURE = [
    (HAS_ONE, True),
    ({"Variable": "$.lines[1].sku", "StringEquals": "a"}, True),
    ({"And": [{"Variable": "$.n", "IsNumeric": True}, HAS_ONE]}, True),
    ({"And": [{"Variable": "$.n", "IsNumeric": True}, {"Variable": "$.lines[0]", "IsNull": False}]}, False),
    ({"Or": [{"Variable": "$.n", "IsPresent": True}, HAS_ONE]}, False),
    ({"Not": HAS_ONE}, False),
    ({"Variable": "$.lines[0]", "IsPresent": False}, False),
    ({"Variable": "$.lines", "IsPresent": True}, False),
    ({"Variable": "$.others[0]", "IsPresent": True}, False),
]


def may_be_empty(document: dict[str, Any]) -> list[str]:
    machine = StateMachine.from_json(document).definition
    return [element.state for element in elements(machine) if element.kind == EMPTY]


def guarded(rule: dict[str, Any] = HAS_ONE, choice: Any = None, each: Any = None, **others: Any) -> dict[str, Any]:
    """A machine whose Choice leads to the Map by one rule."""
    pick = {"Type": "Choice", "Choices": [{**rule, "Next": "Each"}], "Default": "Done", **(choice or {})}
    states = {"Pick": pick, "Each": {**EACH, **(each or {})}, "Done": {"Type": "Succeed"}, **others}
    return {"StartAt": "Pick", "States": states}


@pytest.mark.parametrize("rule, sure", IS_SURE, ids=[json.dumps(rule)[:60] for rule, _ in IS_SURE])
def test_a_map_behind_a_test_of_its_items_always_has_some(rule: dict[str, Any], sure: bool) -> None:
    assert may_be_empty(guarded(rule)) == ([] if sure else ["Each"])


OTHER_WAYS: list[dict[str, Any]] = [
    {"choice": {"Default": "Each"}},
    {"choice": {"Default": "Other"}, "Other": {"Type": "Pass", "Result": {"lines": []}, "Next": "Each"}},
    {"choice": {"InputPath": "$.order"}},
    {"choice": {"OutputPath": "$.order"}},
    {"each": {"InputPath": "$.order"}},
    {"each": {"ItemsPath": "$.others"}},
    {"each": {"ItemsPath": "$.lines[1:]"}},
]


@pytest.mark.parametrize("change", OTHER_WAYS, ids=[json.dumps(change)[:60] for change in OTHER_WAYS])
def test_a_map_that_anything_else_leads_to_may_have_none(change: dict[str, Any]) -> None:
    assert may_be_empty(guarded(**change)) == ["Each"]


def test_a_map_that_a_machine_starts_at_may_have_none() -> None:
    looping = guarded(each={"End": None, "Next": "Pick"})
    del looping["States"]["Each"]["End"]
    assert may_be_empty(looping) == []
    assert may_be_empty({**looping, "StartAt": "Each"}) == ["Each"]


def test_a_map_inside_another_machine_is_told_apart() -> None:
    outer = {"Type": "Map", "ItemProcessor": guarded(), "End": True}
    assert may_be_empty({"StartAt": "Outer", "States": {"Outer": outer}}) == ["Outer"]
