"""Choice rules that never decide, and inputs that no rule takes."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from asl_engine import StateMachine
from asl_engine.jsonvalue import Json

from .asking import deciding, found, places

RULE = "/States/S/Choices"


def asks(operator: str, operand: Json, variable: str = "$.a") -> dict[str, Any]:
    return {"Variable": variable, operator: operand}


IS_ONE, IS_TWO = asks("NumericEquals", 1), asks("NumericEquals", 2)
OTHER = asks("StringEquals", "x", "$.b")


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (OTHER, OTHER),
        (OTHER, {"And": [IS_ONE, OTHER]}),
        ({"Or": [OTHER, IS_ONE]}, OTHER),
        ({"Or": [OTHER, IS_ONE]}, {"Or": [IS_ONE, OTHER]}),
        (asks("NumericGreaterThan", 5), asks("NumericGreaterThan", 10)),
        (asks("NumericGreaterThan", 5), asks("NumericEquals", 6)),
        (asks("NumericLessThanEquals", 5), asks("NumericLessThan", 5)),
        ({"Not": asks("NumericLessThan", 5)}, asks("NumericGreaterThanEquals", 5)),
        (asks("IsPresent", False), {"Not": asks("IsPresent", True)}),
        (asks("StringEqualsPath", "$.c"), asks("StringEqualsPath", "$.c")),
    ],
)
def test_a_rule_that_an_earlier_one_takes_is_told(earlier: dict[str, Any], later: dict[str, Any]) -> None:
    assert places(deciding(earlier, later), "SHADOWED_CHOICE_RULE") == [f"{RULE}/1"]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (OTHER, asks("StringEquals", "y", "$.b")),
        (OTHER, asks("StringEquals", "x", "$.c")),
        ({"And": [IS_ONE, OTHER]}, OTHER),
        (OTHER, {"Or": [IS_ONE, OTHER]}),
        (asks("NumericGreaterThan", 10), asks("NumericGreaterThan", 5)),
        (asks("NumericLessThan", 5), asks("NumericLessThanEquals", 5)),
        (asks("NumericEquals", 1), asks("NumericEquals", 1.5)),
        (asks("StringEquals", "1"), asks("NumericEquals", 1)),
        (asks("IsPresent", True), asks("IsPresent", False)),
        (asks("StringEqualsPath", "$.c"), asks("StringEquals", "$.c")),
    ],
)
def test_a_rule_that_may_still_decide_is_not_told(earlier: dict[str, Any], later: dict[str, Any]) -> None:
    assert not found(deciding(earlier, later), "SHADOWED_CHOICE_RULE")


def test_the_message_names_the_rule_that_takes_it() -> None:
    [finding] = found(deciding(IS_ONE, OTHER, OTHER), "SHADOWED_CHOICE_RULE")
    assert "Choices[1] takes everything" in finding.message


@pytest.mark.parametrize(
    ("earlier", "later", "told"),
    [
        ("$a = 1", "$a=1", True),
        ("$a = 1", "$a = 1 and $b", True),
        ("$a", "$not($not($a))", True),
        ("true", "$a", True),
        ("$a = 1", "$a = 2", False),
        ("$random() < 0.5", "$random() < 0.5", False),
        ("$a < 5", "$a <= 5", False),
    ],
)
def test_conditions_in_jsonata_are_compared_by_what_they_say(earlier: str, later: str, told: bool) -> None:
    rules = [{"Condition": f"{{% {text} %}}"} for text in (earlier, later)]
    assert bool(found(deciding(*rules, language="JSONata"), "SHADOWED_CHOICE_RULE")) is told


@pytest.mark.parametrize(
    "tests",
    [
        [asks("StringEquals", "x"), asks("StringEquals", "y")],
        [asks("StringEquals", "1"), asks("NumericEquals", 1)],
        [asks("BooleanEquals", True), asks("BooleanEquals", False)],
        [asks("NumericLessThan", 1), asks("NumericGreaterThan", 1)],
        [asks("NumericLessThan", 1), asks("NumericGreaterThanEquals", 1)],
        [asks("NumericEquals", 5), asks("NumericLessThan", 5)],
        [asks("IsNull", True), asks("StringEquals", "")],
        [asks("IsPresent", False), asks("StringEquals", "")],
        [OTHER, {"Not": OTHER}],
        [{"Not": {"Or": [OTHER, IS_ONE]}}, IS_ONE],
        [IS_ONE, {"And": [OTHER, IS_TWO]}],
    ],
)
def test_a_rule_that_contradicts_itself_is_told(tests: list[dict[str, Any]]) -> None:
    assert places(deciding({"And": tests}), "IMPOSSIBLE_CHOICE_RULE") == [RULE + "/0"]


@pytest.mark.parametrize(
    "tests",
    [
        [asks("IsPresent", False)],
        [asks("IsPresent", False), asks("IsPresent", True, "$.b")],
        [asks("IsPresent", True), asks("StringEquals", "x")],
        [asks("StringMatches", "x*"), asks("StringEquals", "xy")],
        [asks("IsTimestamp", True), asks("StringEquals", "x")],
        [asks("NumericLessThanEquals", 1), asks("NumericGreaterThanEquals", 1)],
        [asks("IsNumeric", False), asks("IsString", False)],
        [{"Not": asks("StringEquals", "x")}, asks("NumericEquals", 1)],
        [{"Or": [IS_ONE, IS_TWO]}, IS_ONE],
    ],
)
def test_a_rule_that_can_hold_is_not_told(tests: list[dict[str, Any]]) -> None:
    assert not found(deciding({"And": tests}), "IMPOSSIBLE_CHOICE_RULE")


def test_a_rule_whose_condition_is_false_is_told() -> None:
    assert found(deciding({"Condition": "{% false %}"}, language="JSONata"), "IMPOSSIBLE_CHOICE_RULE")


@pytest.mark.parametrize(
    "rules",
    [
        [asks("StringEquals", "x"), asks("StringEquals", "y")],
        [asks("IsPresent", True)],
        [asks("NumericLessThan", 5), asks("NumericGreaterThan", 5)],
        [{"And": [asks("IsPresent", True), IS_ONE]}, asks("IsPresent", False)],
    ],
)
def test_rules_that_leave_an_input_over_are_told(rules: list[dict[str, Any]]) -> None:
    assert places(deciding(*rules, default=False), "NO_DEFAULT") == ["/States/S"]
    assert not found(deciding(*rules), "NO_DEFAULT")


@pytest.mark.parametrize(
    "rules",
    [
        [asks("IsPresent", True), asks("IsPresent", False)],
        [asks("BooleanEquals", True), asks("BooleanEquals", False)],
        [OTHER, {"Not": OTHER}],
        [asks("NumericLessThan", 5), asks("NumericGreaterThanEquals", 5)],
        [asks("NumericLessThan", 6), asks("NumericGreaterThan", 5)],
        [asks("NumericLessThan", 5), IS_ONE | {"NumericEquals": 5}, asks("NumericGreaterThan", 5)],
        [asks("StringLessThan", "m"), asks("StringGreaterThanEquals", "m")],
        [asks("IsPresent", False), {"And": [asks("IsPresent", True), OTHER]}, {"And": [{"Not": OTHER}]}],
        [{"And": [IS_ONE, OTHER]}, {"Not": {"And": [IS_ONE, OTHER]}}],
    ],
)
def test_rules_that_take_every_input_need_no_default(rules: list[dict[str, Any]]) -> None:
    assert not found(deciding(*rules, default=False), "NO_DEFAULT")


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["$a", "$not($a)"], False),
        (["$a = 1", "$a != 1"], False),
        (["$a < 1", "$a >= 1"], False),
        (["$a = true", "$a = false"], False),
        (["$a", "true"], False),
        (["$a = 1", "$a = 2"], True),
        (["$a"], True),
    ],
)
def test_conditions_in_jsonata_may_take_every_input(texts: list[str], told: bool) -> None:
    rules = [{"Condition": f"{{% {text} %}}"} for text in texts]
    assert bool(found(deciding(*rules, default=False, language="JSONata"), "NO_DEFAULT")) is told


def test_a_condition_of_many_levels_is_compared_as_a_whole() -> None:
    text = " or ".join(f"$a = {number}" for number in range(100))
    rules = [{"Condition": f"{{% {text} %}}"}] * 2
    assert found(deciding(*rules, language="JSONata"), "SHADOWED_CHOICE_RULE")


VALUES: list[Json] = [0, 1, 1.5, 2, "", "x", True, False, None]
NUMBERS = (
    "NumericEquals",
    "NumericLessThan",
    "NumericGreaterThan",
    "NumericLessThanEquals",
    "NumericGreaterThanEquals",
)
TESTS = st.one_of(
    st.builds(asks, st.sampled_from(NUMBERS), st.sampled_from([0, 1, 1.5, 2]), st.sampled_from(["$.a", "$.b"])),
    st.builds(asks, st.sampled_from([f"{name}Path" for name in NUMBERS]), st.just("$.b"), st.just("$.a")),
    st.builds(asks, st.just("StringEquals"), st.sampled_from(["", "x"]), st.sampled_from(["$.a", "$.b"])),
    st.builds(
        asks,
        st.sampled_from(["BooleanEquals", "IsNull", "IsString", "IsNumeric", "IsPresent"]),
        st.booleans(),
        st.sampled_from(["$.a", "$.b"]),
    ),
)
RULES = st.recursive(
    TESTS,
    lambda inner: st.one_of(
        st.builds(lambda rules: {"And": rules}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda rules: {"Or": rules}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda rule: {"Not": rule}, inner),
    ),
    max_leaves=5,
)


def decided(definition: dict[str, Any]) -> set[str]:
    """The states that a Choice leads to, over every pair of values."""
    machine = StateMachine.from_json(definition)
    return {machine.run({"a": a, "b": b}).path[-1] for a, b in product(VALUES, repeat=2)}


NOT_BELOW_ONE = {"Not": asks("NumericLessThan", 1, "$.a")}
NOT_TRUE = {"Not": asks("BooleanEquals", True, "$.a")}


@pytest.mark.parametrize("operator", ["NumericGreaterThanEquals", "NumericGreaterThan", "StringGreaterThan"])
def test_a_test_against_a_path_and_its_not_contradict_each_other(operator: str) -> None:
    asked = asks(f"{operator}Path", "$.b", "$.a")
    [finding] = found(deciding({"And": [{"Not": asked}, asked]}), "IMPOSSIBLE_CHOICE_RULE")
    assert f'it asks for not {operator}Path "$.b" and for the opposite' in finding.message


@given(st.lists(RULES, min_size=1, max_size=4))
@example([asks("NumericGreaterThan", 0, "$.a"), NOT_BELOW_ONE])
@example([asks("NumericGreaterThanEquals", 1, "$.a"), NOT_BELOW_ONE])
@example([asks("BooleanEquals", False, "$.a"), NOT_TRUE])
@example([{"And": [asks("IsString", True, "$.a"), NOT_BELOW_ONE, NOT_TRUE]}])
@example([{"And": [{"Not": asks(f"{name}Path", "$.b", "$.a")} for name in NUMBERS]}])
@example([{"And": [NOT_BELOW_ONE, {"Not": asks("NumericGreaterThanEquals", 1, "$.a")}]}])
def test_no_input_is_decided_by_a_rule_that_is_told(rules: list[dict[str, Any]]) -> None:
    ends = {f"E{index}": {"Type": "Succeed"} for index in range(len(rules))} | {"D": {"Type": "Succeed"}}
    choices = [rule | {"Next": f"E{index}"} for index, rule in enumerate(rules)]
    states = {"S": {"Type": "Choice", "Choices": choices, "Default": "D"}} | ends
    definition = {"StartAt": "S", "States": states}
    told = places(definition, "SHADOWED_CHOICE_RULE") + places(definition, "IMPOSSIBLE_CHOICE_RULE")
    if told:
        assert decided(definition).isdisjoint({f"E{pointer.rpartition('/')[2]}" for pointer in told})
