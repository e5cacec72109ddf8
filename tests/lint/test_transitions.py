"""Loops: without an exit, without a change, without a pause."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asl_engine.lint.transitions import _groups

from .asking import found, machine, places, task

DESCRIBE = "arn:aws:states:::aws-sdk:glue:getJobRun"


def check(then: str, otherwise: str, **rule: Any) -> dict[str, Any]:
    """A Choice state."""
    rule = rule or {"Variable": "$.status", "StringEquals": "DONE"}
    return {"Type": "Choice", "Choices": [rule | {"Next": then}], "Default": otherwise}


def wait(to: str) -> dict[str, Any]:
    return {"Type": "Wait", "Seconds": 5, "Next": to}


def test_a_loop_that_nothing_leads_out_of_is_told_at_its_first_state() -> None:
    definition = machine(A=check("End", "B"), B=task(Next="C"), C=wait("B"), End={"Type": "Succeed"})
    [finding] = found(definition, "LOOP_WITHOUT_EXIT")
    assert (finding.pointer, finding.message) == ("/States/B", "no way leads out of the loop of 'B', 'C'")


def test_states_that_lead_into_such_a_loop_are_not_told() -> None:
    definition = machine(A=check("End", "B"), B=task(Next="C"), C=task(Next="C"), End={"Type": "Succeed"})
    assert places(definition, "LOOP_WITHOUT_EXIT") == ["/States/C"]


def test_a_catcher_is_a_way_out() -> None:
    looping = task(Next="B", Catch=[{"ErrorEquals": ["States.ALL"], "Next": "End"}])
    assert not found(machine(A=check("End", "B"), B=looping, End={"Type": "Succeed"}), "LOOP_WITHOUT_EXIT")


def test_a_loop_in_a_nested_machine_is_told() -> None:
    branch = machine(A=check("Out", "B"), B=task(Next="B"), Out={"Type": "Succeed"})
    definition = machine(P={"Type": "Parallel", "Branches": [branch], "End": True})
    assert places(definition, "LOOP_WITHOUT_EXIT") == ["/States/P/Branches/0/States/B"]


def test_a_loop_that_asks_for_no_news_is_told() -> None:
    definition = machine(
        Get=task(Next="Check"), Check=check("End", "Pause"), Pause=wait("Check"), End={"Type": "Succeed"}
    )
    [finding] = found(definition, "ENDLESS_LOOP")
    assert (finding.pointer, "'Check', 'Pause'" in finding.message) == ("/States/Check", True)


@pytest.mark.parametrize(
    "between",
    [
        task(Next="Check"),
        {"Type": "Pass", "Parameters": {"status": "DONE"}, "Next": "Check"},
        {"Type": "Pass", "Result": "DONE", "ResultPath": "$.status", "Next": "Check"},
        {"Type": "Pass", "Assign": {"n": 1}, "Next": "Check"},
        {"Type": "Wait", "Seconds": 1, "OutputPath": "$.next", "Next": "Check"},
    ],
)
def test_a_loop_that_changes_something_is_not_told(between: dict[str, Any]) -> None:
    definition = machine(Check=check("End", "Between"), Between=between, End={"Type": "Succeed"})
    assert not found(definition, "ENDLESS_LOOP")


def test_a_loop_that_looks_at_the_clock_is_not_told() -> None:
    late = {"Variable": "$$.State.EnteredTime", "TimestampGreaterThanPath": "$.until"}
    definition = machine(Check=check("End", "Pause", **late), Pause=wait("Check"), End={"Type": "Succeed"})
    assert not found(definition, "ENDLESS_LOOP")


def test_a_pass_state_whose_result_is_thrown_away_changes_nothing() -> None:
    idle = {"Type": "Pass", "Result": 1, "ResultPath": None, "Next": "Check"}
    assert found(machine(Check=check("End", "I"), I=idle, End={"Type": "Succeed"}), "ENDLESS_LOOP")


def polling(**fields: Any) -> dict[str, Any]:
    return task(Resource=DESCRIBE, Next="Check") | fields


def test_polling_without_a_pause_is_told() -> None:
    definition = machine(Get=polling(), Check=check("End", "Get"), End={"Type": "Succeed"})
    [finding] = found(definition, "POLLING_WITHOUT_WAIT")
    assert (finding.pointer, "getJobRun" in finding.message) == ("/States/Get", True)


@pytest.mark.parametrize(
    "fields",
    [
        {"Parameters": {"NextToken.$": "$.NextToken"}},
        {"Resource": "arn:aws:states:::glue:startJobRun.sync"},
        {"Resource": "arn:aws:states:::aws-sdk:glue:startJobRun"},
        {"Resource": "arn:aws:lambda:eu-west-1:111122223333:function:f"},
        {"Assign": {"n.$": "$.n"}},
    ],
)
def test_a_loop_that_is_no_polling_is_not_told(fields: dict[str, Any]) -> None:
    definition = machine(Get=polling(**fields), Check=check("End", "Get"), End={"Type": "Succeed"})
    assert not found(definition, "POLLING_WITHOUT_WAIT")


def test_polling_with_a_pause_is_not_told() -> None:
    definition = machine(Get=polling(), Check=check("End", "Pause"), Pause=wait("Get"), End={"Type": "Succeed"})
    assert not found(definition, "POLLING_WITHOUT_WAIT")


NAMES = st.sampled_from("abcdef")


@given(st.dictionaries(NAMES, st.lists(NAMES, max_size=3)))
def test_groups_are_the_states_that_reach_each_other(graph: dict[str, list[str]]) -> None:
    graph = {name: [to for to in targets if to in graph] for name, targets in graph.items()}
    reached = {name: _after(name, graph) for name in graph}
    looping = {name for name in graph if name in reached[name]}
    expected = {
        frozenset(other for other in looping if other in reached[name] and name in reached[other]) for name in looping
    }
    assert {frozenset(group) for group in _groups(graph)} == expected


def _after(start: str, graph: dict[str, list[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = list(graph[start])
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(graph[name])
    return reached
