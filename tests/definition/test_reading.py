"""What a definition says, field by field, as the frozen data that it is read into."""

from __future__ import annotations

from typing import Any

import pytest

from asl_engine import StateMachine
from asl_engine.definition.graph import Machine, every_machine
from tests.build import chain, function

INNER = {"StartAt": "In", "States": {"In": {"Type": "Succeed"}}}
END = {"Type": "Succeed"}
COMMON = {"Comment": "c", "QueryLanguage": "JSONPath"}
PATHS = {"InputPath": "$.i", "OutputPath": "$.o"}
COMMON_READ = {"comment": "c", "query_language": "JSONPath"}
PATHS_READ = {"input_path": "$.i", "output_path": "$.o"}
RETRY = [
    {
        "ErrorEquals": ["Busy"],
        "IntervalSeconds": 2,
        "MaxAttempts": 5,
        "BackoffRate": 1.5,
        "MaxDelaySeconds": 60,
        "JitterStrategy": "FULL",
    }
]
CATCH = [{"ErrorEquals": ["States.ALL"], "Next": "Z", "ResultPath": "$.e", "Assign": {"x": 1}}]

STATES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "Pass": (
        {
            **COMMON,
            **PATHS,
            "Parameters": {"a": 1},
            "Result": None,
            "ResultPath": "$.r",
            "Assign": {"v": 1},
            "Next": "Z",
        },
        {**COMMON_READ, **PATHS_READ, "parameters": {"a": 1}, "result": None, "result_path": "$.r", "assign": {"v": 1}},
    ),
    "Task": (
        {
            **COMMON,
            **PATHS,
            "Resource": function("f"),
            "Parameters": {"a.$": "$.a"},
            "ResultSelector": {"b.$": "$.b"},
            "ResultPath": None,
            "TimeoutSeconds": 10,
            "HeartbeatSecondsPath": "$.h",
            "Credentials": {"RoleArn": "r"},
            "Next": "Z",
        },
        {
            "resource": function("f"),
            "parameters": {"a.$": "$.a"},
            "result_selector": {"b.$": "$.b"},
            "result_path": None,
            "timeout_seconds": 10,
            "timeout_seconds_path": None,
            "heartbeat_seconds": None,
            "heartbeat_seconds_path": "$.h",
            "credentials": {"RoleArn": "r"},
            "next": "Z",
            "end": None,
        },
    ),
    "Choice": (
        {**COMMON, **PATHS, "Choices": [{"Variable": "$.a", "IsNull": True, "Next": "Z"}], "Default": "Z"},
        {**COMMON_READ, **PATHS_READ, "default": "Z", "next": None},
    ),
    "Wait": (
        {**COMMON, **PATHS, "Seconds": 5, "Next": "Z"},
        {**COMMON_READ, "seconds": 5, "seconds_path": None, "timestamp": None, "timestamp_path": None},
    ),
    "Succeed": ({**COMMON, **PATHS}, {**COMMON_READ, **PATHS_READ, "next": None}),
    "Fail": (
        {**COMMON, "Error": "E", "CausePath": "$.c"},
        {**COMMON_READ, "error": "E", "error_path": None, "cause": None, "cause_path": "$.c"},
    ),
    "Parallel": (
        {
            **COMMON,
            **PATHS,
            "Branches": [INNER],
            "Parameters": {},
            "ResultSelector": {},
            "ResultPath": "$",
            "Next": "Z",
        },
        {**COMMON_READ, **PATHS_READ, "parameters": {}, "result_selector": {}, "result_path": "$"},
    ),
    "Map": (
        {
            **COMMON,
            **PATHS,
            "ItemProcessor": INNER,
            "ItemsPath": "$.items",
            "ItemSelector": {"n": 1},
            "MaxConcurrency": 3,
            "ToleratedFailureCountPath": "$.c",
            "ToleratedFailurePercentage": 12.5,
            "Next": "Z",
        },
        {
            "items_path": "$.items",
            "item_selector": {"n": 1},
            "max_concurrency": 3,
            "max_concurrency_path": None,
            "tolerated_failure_count": None,
            "tolerated_failure_count_path": "$.c",
            "tolerated_failure_percentage": 12.5,
        },
    ),
}


def read(document: dict[str, Any]) -> Machine:
    return StateMachine.from_json(document).definition


@pytest.mark.parametrize("kind", STATES)
def test_every_field_of_a_state_is_read(kind: str) -> None:
    fields, expected = STATES[kind]
    state = read(chain(S={"Type": kind, **fields}, Z=END)).states["S"]
    assert {name: getattr(state, name) for name in expected} == expected
    assert (state.name, state.type, state.pointer) == ("S", kind, "/States/S")


@pytest.mark.parametrize("kind", ["Task", "Parallel", "Map"])
def test_retriers_and_catchers_are_read(kind: str) -> None:
    state = read(chain(S={"Type": kind, **STATES[kind][0], "Retry": RETRY, "Catch": CATCH}, Z=END)).states["S"]
    (retrier,), (catcher,) = state.retry, state.catch
    assert (retrier.error_equals, retrier.interval_seconds, retrier.max_attempts) == (("Busy",), 2, 5)
    assert (retrier.backoff_rate, retrier.max_delay_seconds, retrier.jitter_strategy) == (1.5, 60, "FULL")
    assert (catcher.error_equals, catcher.next, catcher.result_path) == (("States.ALL",), "Z", "$.e")
    assert catcher.assign == {"x": 1}


def test_a_retriers_defaults_are_those_of_the_specification() -> None:
    document = chain(S={"Type": "Task", "Resource": "f", "Retry": [{"ErrorEquals": ["Busy"]}]})
    (retrier,) = read(document).states["S"].retry
    found = retrier.interval_seconds, retrier.max_attempts, retrier.backoff_rate, retrier.max_delay_seconds
    assert found == (1, 3, 2.0, None)


def test_the_machines_own_fields_are_read() -> None:
    machine = read({**chain(S=END), "Comment": "c", "Version": "1.0", "TimeoutSeconds": 9})
    assert (machine.start_at, machine.comment, machine.version, machine.timeout_seconds) == ("S", "c", "1.0", 9)


def test_a_rule_is_read_with_everything_nested_in_it() -> None:
    inner = {"Variable": "$.a", "NumericLessThan": 5}
    document = chain(S={"Type": "Choice", "Choices": [{"Not": {"And": [inner, inner]}, "Next": "Z"}]}, Z=END)
    (rule,) = read(document).states["S"].choices
    leaf = rule.rules[0].rules[1]
    assert (rule.operator, rule.next, rule.rules[0].operator) == ("Not", "Z", "And")
    assert (leaf.variable, leaf.operator, leaf.operand) == ("$.a", "NumericLessThan", 5)
    assert leaf.pointer == "/States/S/Choices/0/Not/And/1"


def test_nested_machines_are_found_outermost_first() -> None:
    inner = {"StartAt": "M", "States": {"M": {"Type": "Map", "Iterator": INNER, "End": True}}}
    document = chain(S={"Type": "Parallel", "Branches": [inner, {"StartAt": "B", "States": {"B": END}}]})
    assert [machine.start_at for machine in every_machine(read(document))] == ["S", "M", "In", "B"]


def test_a_definition_as_read_cannot_be_changed() -> None:
    machine = read(chain(S=END))
    with pytest.raises(AttributeError):
        machine.start_at = "T"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        machine.states["S"].comment = "c"


def test_a_machine_does_not_follow_later_changes_of_the_document() -> None:
    document = chain(S={"Type": "Pass", "Result": {"n": [1]}})
    machine = StateMachine.from_json(document)
    document["States"]["S"]["Result"]["n"].append(2)
    assert machine.run().output == {"n": [1]}
