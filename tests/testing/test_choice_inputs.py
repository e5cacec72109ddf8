"""Inputs chosen for Choice rules: each one, run, leads the machine out of the Choice by the rule it was chosen for."""

from __future__ import annotations

from typing import Any

import pytest

from asl_engine import StateMachine, TaskError
from asl_engine.states.choice_rules import DATA_TESTS
from asl_engine.testing.choice_inputs import Reach, inputs_reaching, ways_to_rule
from tests.build import catcher, chain, each, parallel, task

ENDS = {"Yes": {"Type": "Succeed"}, "No": {"Type": "Succeed"}}
OPERANDS = {
    "String": "m",
    "Numeric": 5,
    "Boolean": True,
    "Timestamp": "2024-06-01T12:00:00Z",
    "Is": True,
}


def choice(*rules: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A Choice that goes to Yes by its last rule, and to No by any other or by Default."""
    named = [{**rule, "Next": "Yes" if rule is rules[-1] else "No"} for rule in rules]
    return {"Type": "Choice", "Choices": named, "Default": "No", **fields}


def machine(*rules: dict[str, Any], **fields: Any) -> StateMachine:
    return StateMachine.from_json({"StartAt": "C", "States": {"C": choice(*rules, **fields), **ENDS}})


def run(machine: StateMachine, reach: Reach) -> list[str]:
    """The path taken with what a way asks."""

    def answer(payload: Any, context: Any) -> Any:
        if context.state_name in reach.errors:
            raise TaskError(reach.errors[context.state_name])
        return reach.results.get(context.state_name, {})

    return machine.run(reach.input, tasks={need.state_name: answer for need in machine.task_needs}).path


def operand(operator: str) -> Any:
    family = next(family for family in OPERANDS if operator.startswith(family))
    return "$.other" if operator.endswith("Path") else "m*" if operator == "StringMatches" else OPERANDS[family]


@pytest.mark.parametrize("operator", DATA_TESTS)
def test_each_of_the_39_comparisons_is_solved_both_ways(operator: str) -> None:
    drawn = machine({"Variable": "$.a.b", operator: operand(operator)})
    assert {drawn.run(input).path[-1] for input in inputs_reaching(drawn, "C", 0)} == {"Yes"}
    assert {drawn.run(input).path[-1] for input in inputs_reaching(drawn, "C")} == {"No"}


N = "$.n"
COMPOUND = {
    "between": [{"And": [{"Variable": N, "NumericGreaterThan": 3}, {"Variable": N, "NumericLessThan": 4}]}],
    "behind two": [{"Variable": N, "NumericLessThan": 3}, {"Variable": N, "NumericLessThan": 4}],
    "guarded": [{"And": [{"Variable": "$.o.x", "IsPresent": True}, {"Variable": "$.o.x", "StringEquals": "on"}]}],
    "none of them": [{"Not": {"Or": [{"Variable": N, "IsString": True}, {"Variable": N, "NumericEquals": 1}]}}],
    "parent and child": [{"And": [{"Variable": "$.o", "IsPresent": True}, {"Variable": "$.o.x", "IsNull": True}]}],
    "two values": [{"And": [{"Variable": N, "NumericEquals": 2}, {"Variable": "$.m", "NumericGreaterThanPath": N}]}],
    "an item": [{"Variable": "$.list[1].k", "StringEquals": "k"}],
    "the execution's input": [{"Variable": "$$.Execution.Input.k", "StringEquals": "k"}],
}


@pytest.mark.parametrize("rules", COMPOUND.values(), ids=COMPOUND)
def test_rules_that_hang_together_are_solved(rules: list[dict[str, Any]]) -> None:
    drawn = machine(*rules)
    ways = ways_to_rule(drawn, "C", len(rules) - 1)
    assert {run(drawn, way)[-1] for way in ways} == {"Yes"}
    assert {run(drawn, way)[-1] for way in ways_to_rule(drawn, "C")} == {"No"}


CONDITIONS = [
    "$states.input.a.b = 'on'",
    "$states.input.n > 3 and $states.input.n < 4",
    "$states.input.kind in ['a', 'b']",
    "$not($exists($states.input.error))",
    "$count($states.input.items) > 2",
    "($states.input.n >= 10 or $states.input.rush) and $states.input.kind != 'x'",
    "$states.context.Execution.Input.k = 1",
    "$states.input.list[0].k = 'k'",
    "$states.input.flag",
    "$length($states.input.name) = 3 or $contains($states.input.name, 'z')",
]


@pytest.mark.parametrize("condition", CONDITIONS)
def test_jsonata_conditions_are_solved(condition: str) -> None:
    drawn = machine({"Condition": f"{{% {condition} %}}"}, QueryLanguage="JSONata")
    ways = ways_to_rule(drawn, "C", 0)
    assert ways
    assert {run(drawn, way)[-1] for way in ways} == {"Yes"}


def test_a_rule_that_an_earlier_one_covers_is_never_reached() -> None:
    drawn = machine({"Variable": N, "NumericLessThan": 5}, {"Variable": N, "NumericLessThan": 3})
    assert inputs_reaching(drawn, "C", 1) == []


def test_a_rule_against_a_constant_is_never_reached() -> None:
    states = {"P": {"Type": "Pass", "Result": {"n": 1}, "Next": "C"}, "C": choice({"Variable": N, "NumericEquals": 2})}
    assert inputs_reaching(StateMachine.from_json({"StartAt": "P", "States": states | ENDS}), "C", 0) == []


RULE = {"Variable": "$.kind", "StringEquals": "big"}
JSONATA_RULE = {"Condition": "{% $states.input.kind = 'big' %}"}
BEFORE: dict[str, dict[str, Any]] = {
    "InputPath": {"Type": "Pass", "InputPath": "$.order"},
    "Parameters": {"Type": "Pass", "Parameters": {"kind.$": "$.deep[0].kind", "other": 1}},
    "ResultPath": {"Type": "Pass", "Parameters": {"x": 1}, "ResultPath": "$.added"},
    "OutputPath": {"Type": "Wait", "Seconds": 1, "OutputPath": "$.order"},
    "a result": task(),
    "a selected result": task(ResultSelector={"kind.$": "$.body.kind"}),
    "lambda:invoke": {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": "f", "Payload.$": "$.send.this"},
        "OutputPath": "$.Payload",
    },
    "a discarded result": task(ResultPath=None),
    "Output": {"Type": "Pass", "QueryLanguage": "JSONata", "Output": {"kind": "{% $states.input.k %}"}},
    "a merged output": {
        "Type": "Pass",
        "QueryLanguage": "JSONata",
        "Output": "{% $merge([$states.input.o, {'n': 1}]) %}",
    },
    "a result in Output": task(QueryLanguage="JSONata", Output={"kind": "{% $states.result.a.b %}"}),
    "a Choice": {
        "Type": "Choice",
        "Choices": [{"Variable": "$.go", "BooleanEquals": True, "Next": "C"}],
        "Default": "No",
    },
}


@pytest.mark.parametrize("state", BEFORE.values(), ids=BEFORE)
def test_what_a_rule_reads_is_traced_through_the_states_before_it(state: dict[str, Any]) -> None:
    first = state if state["Type"] == "Choice" else {**state, "Next": "C"}
    drawn = StateMachine.from_json({"StartAt": "First", "States": {"First": first, "C": choice(RULE), **ENDS}})
    ways = ways_to_rule(drawn, "C", 0)
    assert ways
    assert {run(drawn, way)[-1] for way in ways} == {"Yes"}


@pytest.mark.parametrize("language", ["JSONPath", "JSONata"])
def test_what_a_rule_reads_is_traced_through_variables(language: str) -> None:
    rules = {
        "JSONPath": {"Variable": "$level.n", "NumericEquals": 3},
        "JSONata": {"Condition": "{% $level.n = 3 %}"},
    }
    states = {
        "P": {"Type": "Pass", "Assign": {"level.$": "$.a"}, "Next": "Q"},
        "Q": {"Type": "Pass", "Parameters": {}, "Next": "C"},
        "C": choice(rules[language], QueryLanguage=language),
    }
    drawn = StateMachine.from_json({"StartAt": "P", "States": states | ENDS})
    assert inputs_reaching(drawn, "C", 0) == [{"a": {"n": 3}}]


INNER = {"StartAt": "C", "States": {"C": choice(RULE), **ENDS}}
AROUND = {
    "Map": each(INNER, ItemsPath="$.orders"),
    "ItemSelector": each(INNER, ItemsPath="$.orders", ItemSelector={"kind.$": "$$.Map.Item.Value.what"}),
    "Items": each(INNER, QueryLanguage="JSONata", Items="{% $states.input.o %}"),
    "Parallel": parallel(chain(A=task("A")), INNER, Parameters={"kind.$": "$.what"}),
}


@pytest.mark.parametrize("state", AROUND.values(), ids=AROUND)
def test_a_nested_choice_is_reached(state: dict[str, Any]) -> None:
    drawn = StateMachine.from_json(chain(Around=state))
    ways = ways_to_rule(drawn, "C", 0)
    assert ways
    assert all("Yes" in run(drawn, way) for way in ways)


def test_a_way_through_a_catcher_says_which_error_must_come() -> None:
    states = {
        "T": task(Next="No", Catch=[catcher("C", "Busy", ResultPath=None)]),
        "C": choice(RULE),
    }
    drawn = StateMachine.from_json({"StartAt": "T", "States": states | ENDS})
    [way] = ways_to_rule(drawn, "C", 0)
    assert way == Reach({"kind": "big"}, {}, {"T": "Busy"})
    assert run(drawn, way) == ["T", "C", "Yes"]


def test_what_other_states_read_has_a_stand_in() -> None:
    pay = task(Parameters={"id.$": "$.order.id", "total.$": "States.MathAdd($.order.price, 1)"}, ResultPath=None)
    states = {"C": choice(RULE), **ENDS, "Yes": {**pay, "End": True}}
    drawn = StateMachine.from_json({"StartAt": "C", "States": states})
    assert inputs_reaching(drawn, "C", 0) == [{"kind": "big", "order": {"id": "x", "price": 1}}]


def test_a_state_that_is_not_there_or_has_no_such_rule_is_told() -> None:
    drawn = machine(RULE)
    with pytest.raises(KeyError, match="no state is named 'D'"):
        inputs_reaching(drawn, "D", 0)
    with pytest.raises(ValueError, match="'Yes' is a Succeed state, which has no rules"):
        inputs_reaching(drawn, "Yes", 0)
    with pytest.raises(ValueError, match="'C' has no rule 1: its rules are 0 to 0"):
        inputs_reaching(drawn, "C", 1)
