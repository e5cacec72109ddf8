"""Choice: the 39 data-test expressions, the boolean expressions, and the way a Choice state decides."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asl_engine import Execution
from asl_engine.states.choice_rules import DATA_TESTS
from tests.build import chain, run

EARLY, LATE = "2024-01-01T00:00:00Z", "2024-01-01T00:00:01Z"
EARLY_ELSEWHERE = "2024-01-01T01:00:00+01:00"
SUCCEED = {"Type": "Succeed"}
IS_NULL = {"Variable": "$.v", "IsNull": True}
IS_STRING = {"Variable": "$.v", "IsString": True}


def choose(rule: dict[str, Any], input: Any) -> Execution:
    choice = {"Type": "Choice", "Choices": [{**rule, "Next": "Yes"}], "Default": "No"}
    return run(chain(S=choice, Yes=SUCCEED, No=SUCCEED), input)


def holds(rule: dict[str, Any], value: Any, **others: Any) -> bool:
    """Whether a rule holds for $.v."""
    return choose(rule, {"v": value, **others}).path == ["S", "Yes"]


ORDER = {
    "Equals": (False, True, False),
    "LessThan": (True, False, False),
    "GreaterThan": (False, False, True),
    "LessThanEquals": (True, True, False),
    "GreaterThanEquals": (False, True, True),
}
"""Comparison -> whether it holds for a value below, at and above the operand."""

SAMPLES = {
    "String": ("apple", "banana", "cherry"),
    "Numeric": (-1.5, 2, 10**20),
    "Timestamp": ("2024-01-01T00:00:00.5Z", "2024-01-01T00:00:01Z", "2024-01-01T00:00:01.001Z"),
}
COMPARISONS = [
    (f"{kind}{comparison}", operand, value, expected)
    for kind, values in SAMPLES.items()
    for comparison, row in ORDER.items()
    for operand in [values[1]]
    for value, expected in zip(values, row, strict=True)
]


@pytest.mark.parametrize("operator, operand, value, expected", COMPARISONS)
def test_a_comparison_with_a_literal(operator: str, operand: Any, value: Any, expected: bool) -> None:
    assert holds({"Variable": "$.v", operator: operand}, value) is expected


@pytest.mark.parametrize("operator, operand, value, expected", COMPARISONS)
def test_a_comparison_with_a_path(operator: str, operand: Any, value: Any, expected: bool) -> None:
    assert holds({"Variable": "$.v", f"{operator}Path": "$.w"}, value, w=operand) is expected


OTHERS: list[tuple[str, Any, Any, bool]] = [
    ("BooleanEquals", True, True, True),
    ("BooleanEquals", True, False, False),
    ("BooleanEquals", False, False, True),
    ("NumericEquals", 1, 1.0, True),
    ("StringEquals", "", "", True),
    ("StringEquals", "a", "A", False),
    ("StringLessThan", "a", "B", True),
    ("StringLessThan", "\uff61", "\U00010000", True),
    ("TimestampEquals", EARLY, EARLY_ELSEWHERE, True),
    ("TimestampLessThan", LATE, EARLY_ELSEWHERE, True),
    ("TimestampEquals", EARLY, "2024-01-01", False),
    ("IsNull", True, None, True),
    ("IsNull", True, 0, False),
    ("IsNull", False, 0, True),
    ("IsNull", False, None, False),
    ("IsPresent", True, None, True),
    ("IsPresent", False, None, False),
    ("IsNumeric", True, 1.5, True),
    ("IsNumeric", True, "1.5", False),
    ("IsNumeric", True, True, False),
    ("IsNumeric", False, "1.5", True),
    ("IsString", True, "", True),
    ("IsString", True, 1, False),
    ("IsString", False, None, True),
    ("IsBoolean", True, False, True),
    ("IsBoolean", True, 0, False),
    ("IsBoolean", False, "true", True),
    ("IsTimestamp", True, EARLY, True),
    ("IsTimestamp", True, EARLY_ELSEWHERE, True),
    ("IsTimestamp", True, "2024-01-01", False),
    ("IsTimestamp", True, 1_704_067_200, False),
    ("IsTimestamp", False, "soon", True),
    ("StringMatches", "log-*.txt", "log-1.txt", True),
    ("StringMatches", "log-*.txt", "log-.txt", True),
    ("StringMatches", "log-*.txt", "log-1.txt.gz", False),
    ("StringMatches", "*", "", True),
    ("StringMatches", "a*b*c", "a--b\n--c", True),
    ("StringMatches", "a.c", "abc", False),
    ("StringMatches", "a[b]*", "a[b]c", True),
    ("StringMatches", r"100\*", "100*", True),
    ("StringMatches", r"100\*", "1000", False),
    ("StringMatches", r"c:\\*", "c:\\x", True),
    ("StringMatches", "ä*", "äb", True),
    ("StringMatches", "1", 1, False),
]


@pytest.mark.parametrize("operator, operand, value, expected", OTHERS)
def test_a_data_test(operator: str, operand: Any, value: Any, expected: bool) -> None:
    assert holds({"Variable": "$.v", operator: operand}, value) is expected


def test_the_tables_show_every_operator() -> None:
    by_path = {f"{operator}Path" for operator, *_ in COMPARISONS} | {"BooleanEqualsPath"}
    assert {row[0] for row in COMPARISONS + OTHERS} | by_path == DATA_TESTS.keys()
    assert len(DATA_TESTS) == 39


@pytest.mark.parametrize("value, expected", [(True, True), (False, False), (1, False), (None, False)])
def test_boolean_equals_path(value: Any, expected: bool) -> None:
    assert holds({"Variable": "$.v", "BooleanEqualsPath": "$.w"}, value, w=True) is expected


VALUES = {"String": "1", "Numeric": 1, "Timestamp": EARLY, "Boolean": True, "None": None, "Array": [1], "Object": {}}
KINDS = {"String": {"String", "Timestamp"}, "Numeric": {"Numeric"}, "Timestamp": {"Timestamp"}, "Boolean": {"Boolean"}}
MISMATCHES = [
    (kind, comparison, other)
    for kind, own in KINDS.items()
    for comparison in (ORDER if kind != "Boolean" else ["Equals"])
    for other in VALUES.keys() - own
]


@pytest.mark.parametrize("kind, comparison, other", sorted(MISMATCHES))
def test_a_value_of_another_type_is_no_match_and_no_error(kind: str, comparison: str, other: str) -> None:
    operator, operand, value = f"{kind}{comparison}", VALUES[kind], VALUES[other]
    assert not holds({"Variable": "$.v", operator: operand}, value)
    assert not holds({"Variable": "$.v", f"{operator}Path": "$.w"}, value, w=operand)
    assert not holds({"Variable": "$.v", f"{operator}Path": "$.w"}, operand, w=value)


@pytest.mark.parametrize("operator", sorted(DATA_TESTS.keys() - {"IsPresent"}))
def test_a_variable_that_is_not_there_is_an_error(operator: str) -> None:
    operand = "$.v" if operator.endswith("Path") else OPERANDS[operator]
    execution = choose({"Variable": "$.missing", operator: operand}, {"v": 1})
    assert (execution.status, execution.error) == ("FAILED", "States.Runtime")
    assert "Invalid path '$.missing'" in (execution.cause or "")


OPERANDS: dict[str, Any] = {operator: operand for operator, operand, *_ in COMPARISONS + OTHERS}


@pytest.mark.parametrize("operator", sorted(name for name in DATA_TESTS if name.endswith("Path")))
def test_an_operand_path_that_is_not_there_is_an_error(operator: str) -> None:
    execution = choose({"Variable": "$.v", operator: "$.missing"}, {"v": 1})
    assert execution.error == "States.Runtime"
    assert "Invalid path '$.missing'" in (execution.cause or "")


@pytest.mark.parametrize("path", ["$.missing", "$.v.deeper", "$.list[3]", "$.missing.deeper"])
def test_is_present_is_no_error_where_nothing_is(path: str) -> None:
    absent = choose({"Variable": path, "IsPresent": False}, {"v": 1, "list": [0]})
    assert absent.path == ["S", "Yes"]


@pytest.mark.parametrize("variable, value", [("$", "x"), ("$$.State.Name", "S"), ("$.list[1]", "x"), ("$['a b']", "x")])
def test_a_variable_may_be_any_path(variable: str, value: str) -> None:
    input = "x" if variable == "$" else {"list": [0, "x"], "a b": "x"}
    assert choose({"Variable": variable, "StringEquals": value}, input).path == ["S", "Yes"]


TRUTHS = [
    ({"And": [IS_NULL, IS_NULL]}, None, True),
    ({"And": [IS_NULL, IS_STRING]}, None, False),
    ({"Or": [IS_STRING, IS_NULL]}, None, True),
    ({"Or": [IS_STRING, IS_STRING]}, None, False),
    ({"Not": IS_STRING}, None, True),
    ({"Not": IS_NULL}, None, False),
    ({"Not": {"Or": [IS_STRING, {"Not": {"And": [IS_NULL]}}]}}, None, True),
]


@pytest.mark.parametrize("rule, value, expected", TRUTHS)
def test_a_boolean_expression(rule: dict[str, Any], value: Any, expected: bool) -> None:
    assert holds(rule, value) is expected


@pytest.mark.parametrize("operator, first", [("And", "IsString"), ("Or", "IsNull")])
def test_a_boolean_expression_stops_where_it_is_decided(operator: str, first: str) -> None:
    guarded = [{"Variable": "$.v", first: True}, {"Variable": "$.missing", "StringEquals": "x"}]
    assert choose({operator: guarded}, {"v": None}).status == "SUCCEEDED"


def test_the_first_rule_that_holds_decides() -> None:
    rules = [{**IS_STRING, "Next": "A"}, {**IS_NULL, "Next": "B"}, {**IS_NULL, "Next": "C"}]
    choice = {"Type": "Choice", "Choices": rules, "Default": "A"}
    assert run(chain(S=choice, A=SUCCEED, B=SUCCEED, C=SUCCEED), {"v": None}).path == ["S", "B"]


def test_no_rule_and_no_default_fails() -> None:
    choice = {"Type": "Choice", "Choices": [{**IS_STRING, "Next": "A"}]}
    execution = run(chain(S=choice, A=SUCCEED), {"v": None})
    assert (execution.status, execution.error) == ("FAILED", "States.Runtime")


def test_input_path_and_output_path_select_what_is_tested_and_what_goes_on() -> None:
    rule = {"Variable": "$.v", "NumericEquals": 1, "Next": "A"}
    choice = {"Type": "Choice", "Choices": [rule], "InputPath": "$.in", "OutputPath": "$.v"}
    assert run(chain(S=choice, A=SUCCEED), {"in": {"v": 1}}).output == 1


def test_a_rule_assigns_its_own_variables() -> None:
    choice = {
        "Type": "Choice",
        "Choices": [{**IS_NULL, "Next": "A", "Assign": {"by": "rule"}}],
        "Default": "A",
        "Assign": {"by": "default"},
    }
    machine = chain(S=choice, A={"Type": "Pass", "Parameters": {"by.$": "$by"}})
    assert [run(machine, {"v": value}).output["by"] for value in (None, 1)] == ["rule", "default"]


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])))
def test_strings_are_ordered_wholly(one: str, other: str) -> None:
    less, equal, greater = (
        holds({"Variable": "$.v", f"String{comparison}": other}, one)
        for comparison in ("LessThan", "Equals", "GreaterThan")
    )
    assert [less, equal, greater].count(True) == 1
    assert equal is (one == other)


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_equals_itself_by_path(value: float) -> None:
    assert holds({"Variable": "$.v", "NumericEqualsPath": "$.v"}, value)
