"""The strategies give valid machines, reach what they say they reach, and shrink to what a person would write."""

from __future__ import annotations

import subprocess
import sys
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from asl_engine import StateMachine, validate
from asl_engine.testing.strategies import Answers, Fails, TimesOut, inputs_for, json_values, machines, task_outcomes
from tests.build import catcher, chain, each, retrier, task

QUICK = settings(
    max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate, Phase.shrink]
)
FINDING = settings(max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck))


def states_of(definition: dict[str, Any]) -> list[dict[str, Any]]:
    """Every state, nested ones too."""
    found = []
    for state in definition["States"].values():
        found.append(state)
        for inner in [*state.get("Branches", ()), *([state["ItemProcessor"]] if "ItemProcessor" in state else ())]:
            found += states_of(inner)
    return found


@QUICK
@given(machines(distributed=True, max_depth=3))
def test_a_machine_drawn_has_no_errors(definition: dict[str, Any]) -> None:
    assert [found for found in validate(definition) if found.severity == "ERROR"] == []


@QUICK
@given(machines(failing=False), st.lists(json_values(max_leaves=3), max_size=3))
def test_without_failing_only_tasks_fail(definition: dict[str, Any], items: list[Any]) -> None:
    machine = StateMachine.from_json(definition)
    tasks = {need.state_name: Answers([{}]) for need in machine.task_needs}
    assert machine.run({"list": items, "none": []}, tasks=tasks).status == "SUCCEEDED"


@pytest.mark.parametrize("language", ["JSONPath", "JSONata"])
def test_a_language_may_be_chosen(language: str) -> None:
    @QUICK
    @given(machines(languages=[language]))
    def check(definition: dict[str, Any]) -> None:
        default = definition.get("QueryLanguage", "JSONPath")
        assert {state.get("QueryLanguage", default) for state in states_of(definition)} == {language}

    check()


@QUICK
@given(machines(types=["Pass", "Choice"], max_states=3))
def test_the_types_and_the_size_may_be_chosen(definition: dict[str, Any]) -> None:
    assert {state["Type"] for state in states_of(definition)} <= {"Pass", "Choice"}
    assert len(definition["States"]) <= 3


@pytest.mark.parametrize("options", [{"languages": ["JSON"]}, {"types": ["Loop"]}, {"types": []}])
def test_an_option_that_there_is_not_is_told(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be some of"):
        find(machines(**options), lambda definition: True)


def test_the_smallest_machine_is_one_state_with_its_type_alone() -> None:
    assert find(machines(), lambda definition: True, settings=FINDING) == {
        "StartAt": "Succeed",
        "States": {"Succeed": {"Type": "Succeed"}},
    }


def has_type(kind: str) -> Any:
    return lambda definition: any(state["Type"] == kind for state in states_of(definition))


SMALLEST = {
    "Pass": {"Type": "Pass", "End": True},
    "Task": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:work", "End": True},
    "Fail": {"Type": "Fail", "Error": "Busy"},
}


@pytest.mark.parametrize("kind", SMALLEST)
def test_the_smallest_machine_with_a_state_of_a_type_is_that_state(kind: str) -> None:
    found = find(machines(), has_type(kind), settings=FINDING)
    assert found == {"StartAt": kind, "States": {kind: SMALLEST[kind]}}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", ["Choice", "Wait", "Parallel", "Map"])
def test_no_state_stands_before_one_that_cannot_be_last(kind: str, seed: int) -> None:
    found = find(machines(languages=["JSONPath"]), has_type(kind), settings=FINDING, random=Random(seed))
    outermost = [state["Type"] for state in found["States"].values()]
    assert outermost == [kind, "Succeed"], found


def succeeds(*outcomes: Any) -> Any:
    """Whether a machine succeeds that runs a task, and all its tasks have these outcomes."""

    def holds(definition: dict[str, Any]) -> bool:
        machine = StateMachine.from_json(definition)
        tasks = {need.state_name: Answers(outcomes) for need in machine.task_needs}
        execution = machine.run({"list": [], "none": []}, tasks=tasks)
        return execution.status == "SUCCEEDED" and "Task" in execution.path

    return holds


def test_the_smallest_machine_with_a_catcher_that_is_taken_has_two_states() -> None:
    definition = find(machines(types=["Task", "Succeed", "Pass"]), succeeds(Fails("Busy")), settings=FINDING)
    assert set(definition["States"]) == {"Task", "Succeed"}
    assert definition["States"]["Task"].keys() == {"Type", "Resource", "Catch", "Next"}


def test_the_smallest_machine_whose_retry_helps_is_one_task() -> None:
    definition = find(machines(catch=False, types=["Task", "Succeed"]), succeeds(Fails("Busy"), {}), settings=FINDING)
    assert definition["States"].keys() == {"Task"}
    assert definition["States"]["Task"].keys() == {"Type", "Resource", "Retry", "End"}


RULES = [
    {"Variable": "$.n", "NumericGreaterThan": 100, "Next": "A"},
    {"And": [{"Variable": "$.n", "IsPresent": True}, {"Variable": "$.n", "NumericEquals": 7}], "Next": "B"},
]
CHOOSING = {
    "StartAt": "Ask",
    "States": {
        "Ask": task(ResultPath="$.answer", Next="C"),
        "C": {"Type": "Choice", "Choices": RULES, "Default": "D"},
        "D": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.answer.status", "StringEquals": "DONE", "Next": "Done"}],
            "Default": "Other",
        },
        **{name: {"Type": "Succeed"} for name in ("A", "B", "Done", "Other")},
    },
}


@pytest.mark.parametrize("end", ["A", "B", "Done", "Other"])
def test_inputs_and_outcomes_reach_every_rule(end: str) -> None:
    machine = StateMachine.from_json(CHOOSING)
    drawn = st.tuples(inputs_for(machine), task_outcomes(machine))
    find(drawn, lambda given: machine.run(given[0], tasks=given[1]).path[-1] == end, settings=FINDING)


def test_inputs_give_a_map_items_and_none() -> None:
    machine = StateMachine.from_json(chain(M={**each(chain(Work=task())), "ItemsPath": "$.order.lines"}))
    for items in ([], ["x"]):
        drawn = find(
            inputs_for(machine), lambda given, items=items: given == {"order": {"lines": items}}, settings=FINDING
        )
        assert machine.run(drawn, tasks={"Work": lambda item: item}).path.count("Work") == len(items)


def test_outcomes_reach_every_retrier_and_catcher() -> None:
    work = task(
        TimeoutSeconds=5,
        Retry=[retrier("Busy", MaxAttempts=1), retrier("States.Timeout", MaxAttempts=1)],
        Catch=[catcher("Later", "Broken"), catcher("Timed", "States.Timeout"), catcher("Any")],
    )
    ends = {name: {"Type": "Succeed"} for name in ("Later", "Timed", "Any")}
    machine = StateMachine.from_json({"StartAt": "T", "States": {"T": {**work, "End": True}, **ends}})
    for end in ends:
        find(
            task_outcomes(machine),
            lambda tasks, end=end: machine.run({}, tasks=tasks).path[-1] == end,
            settings=FINDING,
        )
    find(task_outcomes(machine), lambda tasks: machine.run({}, tasks=tasks).elapsed > 1, settings=FINDING)


def test_outcomes_are_shown_as_they_could_be_written() -> None:
    machine = StateMachine.from_json(chain(T=task(Catch=[])))
    tasks = find(task_outcomes(machine), lambda tasks: isinstance(tasks["T"].outcomes[0], Fails), settings=FINDING)
    assert repr(tasks["T"]) == "Answers([Fails(error='Unexpected', cause=None)])"
    timed = find(task_outcomes(machine), lambda tasks: isinstance(tasks["T"].outcomes[0], TimesOut), settings=FINDING)
    assert machine.run({}, tasks=timed).error == "States.Timeout"


def test_json_values_shrink_to_null() -> None:
    assert find(json_values(), lambda value: True) is None


def test_without_hypothesis_the_import_says_what_is_missing() -> None:
    code = "import sys; sys.modules['hypothesis'] = None; import asl_engine.testing.strategies"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "ImportError: asl_engine.testing.strategies needs Hypothesis: pip install" in done.stderr
