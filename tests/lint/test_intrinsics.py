"""Calls of intrinsic functions that fail whatever the input is."""

from __future__ import annotations

import pytest

from asl_engine.lint.intrinsics import GOOD
from asl_engine.query.intrinsics import INTRINSICS

from .asking import alone, found, places


def calling(text: str) -> dict[str, object]:
    return alone({"Type": "Pass", "Parameters": {"a.$": text}})


@pytest.mark.parametrize(
    "text",
    [
        "States.ArrayPartition($.a, 0)",
        "States.ArrayPartition($.a, 'two')",
        "States.ArrayRange(0, $.end, 0)",
        "States.ArrayRange(0, 1000, 1)",
        "States.ArrayRange(1, 1000000000000, 1)",
        "States.ArrayGetItem($.a, -1)",
        "States.ArrayLength('abc')",
        "States.Hash($.a, 'SHA-3')",
        "States.JsonMerge($.a, $.b, true)",
        "States.JsonMerge('{}', $.b, false)",
        "States.MathRandom(5, 5)",
        "States.MathAdd($.a, 'one')",
        "States.MathAdd($.a, 3000000000)",
        "States.StringSplit($.a, 5)",
        "States.StringToJson('{')",
        "States.Base64Decode('?')",
        "States.Format(5)",
        "States.Format('{}', States.ArrayPartition($.a, 0))",
        "States.ArrayGetItem(States.Array(1, 2), 2)",
        f"States.Base64Encode('{'x' * 10_001}')",
    ],
)
def test_a_call_that_always_fails_is_told(text: str) -> None:
    assert places(calling(text), "INTRINSIC_ALWAYS_FAILS") == ["/States/S/Parameters/a.$"]


@pytest.mark.parametrize(
    "text",
    [
        "States.ArrayPartition($.a, 4)",
        "States.ArrayRange(-5000, $.end, 1)",
        "States.ArrayRange($.start, 5000, 1)",
        "States.ArrayRange(0, 5000, $.step)",
        "States.ArrayGetItem($.a, 1000000)",
        "States.Hash($.a, 'SHA-512')",
        "States.Hash('a', $.algorithm)",
        "States.JsonMerge($.a, $.b, false)",
        "States.MathRandom(5, $.end)",
        "States.MathRandom($.start, -5, 1)",
        "States.MathRandom(1, 6)",
        "States.MathAdd(2147483647, $.a)",
        "States.StringSplit('a,b', ',')",
        "States.Format('{}', States.UUID())",
        "States.ArrayContains($.a, null)",
        "States.ArrayLength(States.Array())",
    ],
)
def test_a_call_that_may_work_is_not_told(text: str) -> None:
    assert not found(calling(text), "INTRINSIC_ALWAYS_FAILS")


def test_a_fail_states_call_is_read_too() -> None:
    definition = alone({"Type": "Fail", "CausePath": "States.Hash($.a, 'none')"})
    assert places(definition, "INTRINSIC_ALWAYS_FAILS") == ["/States/S/CausePath"]


def test_every_function_with_a_fixed_number_of_arguments_has_arguments_to_try() -> None:
    fixed = {name: row.most for name, row in INTRINSICS.items() if row.most}
    assert {name: len(values) for name, values in GOOD.items()} == fixed
