"""Local lints run on definitions with errors, of which only a part could be read."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from asl_engine.machine import validate

from .asking import machine, task

JUNK = st.sampled_from(
    [None, True, 0, -1, 3.5, "", "x", "$.a", "{% $a", "States.UUID()", [], {}, [None], [1], ["$.a"], {"a.$": 5}]
)
WHOLE = machine(
    S=task(
        Retry=[{"ErrorEquals": ["A"], "IntervalSeconds": 1, "MaxAttempts": 2, "BackoffRate": 2}],
        Catch=[{"ErrorEquals": ["States.ALL"], "Next": "C", "Assign": {"v": 1}}],
        Parameters={"a": ["$.a"], "b.$": "States.MathAdd($.a, 1)"},
        TimeoutSeconds=5,
        Next="C",
    ),
    C={
        "Type": "Choice",
        "Choices": [{"And": [{"Variable": "$.a", "StringEquals": "x"}], "Next": "M"}],
        "Default": "P",
    },
    M={"Type": "Map", "ItemProcessor": machine(I={"Type": "Pass", "Result": {"a": 1}, "End": True}), "Next": "P"},
    P={"Type": "Pass", "QueryLanguage": "JSONata", "Output": {"a": "{% $states.input.a %}"}, "End": True},
) | {"TimeoutSeconds": 60}


def spoilt(value: Any, place: int, junk: Any, count: list[int]) -> Any:
    """The value with the `place`-th of the values in it replaced."""
    count[0] += 1
    if count[0] == place:
        return junk
    if isinstance(value, dict):
        return {key: spoilt(item, place, junk, count) for key, item in value.items()}
    return [spoilt(item, place, junk, count) for item in value] if isinstance(value, list) else value


@given(st.integers(2, 80), JUNK, st.integers(2, 80), JUNK)
def test_whatever_could_not_be_read_is_told_and_nothing_is_raised(
    one: int, first: Any, other: int, second: Any
) -> None:
    definition = spoilt(spoilt(WHOLE, one, first, [0]), other, second, [0])
    assert all(finding.message for finding in validate(definition))
