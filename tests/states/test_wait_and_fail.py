"""Wait's four forms, in virtual time; Fail's error and cause, from literals, paths and intrinsic functions."""

from __future__ import annotations

from typing import Any

import pytest

from asl_engine import VirtualClock
from tests.build import T0, chain, events, run, run_state

AT_THE_HOUR = "2024-01-01T01:00:00Z"

WAITS: list[tuple[dict[str, Any], Any, float]] = [
    ({"Seconds": 0}, {}, 0),
    ({"Seconds": 90}, {}, 90),
    ({"Seconds": 99_999_999}, {}, 99_999_999),
    ({"SecondsPath": "$.s"}, {"s": 5}, 5),
    ({"SecondsPath": "$.s"}, {"s": "5"}, 5),
    ({"SecondsPath": "$$.Execution.Input.s"}, {"s": 7}, 7),
    ({"SecondsPath": "$.s", "InputPath": "$.in"}, {"in": {"s": 8}}, 8),
    ({"Timestamp": AT_THE_HOUR}, {}, 3600),
    ({"Timestamp": "2024-01-01T01:00:00.250Z"}, {}, 3600.25),
    ({"Timestamp": "2024-01-01T02:00:00+01:00"}, {}, 3600),
    ({"Timestamp": "2023-12-31T23:59:59Z"}, {}, 0),
    ({"TimestampPath": "$.t"}, {"t": AT_THE_HOUR}, 3600),
    ({"TimestampPath": "$.t"}, {"t": "1999-01-01T00:00:00Z"}, 0),
]


@pytest.mark.parametrize("fields, input, seconds", WAITS)
def test_a_wait_takes_its_time_and_passes_its_input_on(fields: dict[str, Any], input: Any, seconds: float) -> None:
    execution = run_state({"Type": "Wait", **fields}, input)
    assert (execution.status, execution.elapsed) == ("SUCCEEDED", seconds)
    assert execution.output == (input.get("in", input))


UNUSABLE: list[tuple[str, Any]] = [
    ("SecondsPath", -1),
    ("SecondsPath", 1.5),
    ("SecondsPath", "soon"),
    ("SecondsPath", None),
    ("SecondsPath", True),
    ("SecondsPath", 100_000_000),
    ("SecondsPath", "--5"),
    ("SecondsPath", "1" * 5000),
    ("TimestampPath", "2024-01-01"),
    ("TimestampPath", 1_704_067_200),
    ("TimestampPath", None),
]


@pytest.mark.parametrize("field, value", UNUSABLE, ids=[f"{field} {value!r:.20}" for field, value in UNUSABLE])
def test_a_value_that_is_no_time_fails_naming_the_path(field: str, value: Any) -> None:
    execution = run_state({"Type": "Wait", field: "$.x"}, {"x": value})
    assert (execution.status, execution.error) == ("FAILED", "States.Runtime")
    assert f"The {field} parameter" in (execution.cause or "")
    assert "$.x == " in (execution.cause or "")


@pytest.mark.parametrize("field", ["SecondsPath", "TimestampPath"])
def test_a_path_that_finds_no_time_fails(field: str) -> None:
    execution = run_state({"Type": "Wait", field: "$.no"}, {})
    assert execution.error == "States.Runtime"
    assert f"The {field} parameter does not reference an input value: $.no" in (execution.cause or "")


def test_waits_add_up() -> None:
    machine = chain(A={"Type": "Wait", "Seconds": 5}, B={"Type": "Wait", "Timestamp": AT_THE_HOUR})
    assert run(machine).elapsed == 3600


def test_a_waits_events_carry_the_times_of_entry_and_exit() -> None:
    history = run_state({"Type": "Wait", "Seconds": 2}).history
    assert [(event["type"], event["timestamp"]) for event in history] == [
        ("ExecutionStarted", "2024-01-01T00:00:00Z"),
        ("WaitStateEntered", "2024-01-01T00:00:00Z"),
        ("WaitStateExited", "2024-01-01T00:00:02Z"),
        ("ExecutionSucceeded", "2024-01-01T00:00:02Z"),
    ]


def test_a_clock_may_start_at_any_time() -> None:
    execution = run_state({"Type": "Wait", "Timestamp": AT_THE_HOUR}, clock=VirtualClock(T0 + 3_599_000))
    assert execution.elapsed == 1


FAILS: list[tuple[dict[str, Any], str | None, str | None]] = [
    ({}, None, None),
    ({"Error": "E"}, "E", None),
    ({"Cause": "c"}, None, "c"),
    ({"Error": "E", "Cause": "c"}, "E", "c"),
    ({"ErrorPath": "$.e", "CausePath": "$.c"}, "from input", "because"),
    ({"ErrorPath": "$$.State.Name"}, "S", None),
    ({"Error": "E", "CausePath": "States.Format('{} and {}', $.c, $.n)"}, "E", "because and 5"),
    ({"CausePath": "States.JsonToString($.n)"}, None, "5"),
    ({"ErrorPath": "States.ArrayGetItem(States.StringSplit($.e, ' '), 1)"}, "input", None),
]


@pytest.mark.parametrize("fields, error, cause", FAILS)
def test_a_fail_state_fails_with_its_error_and_cause(
    fields: dict[str, Any], error: str | None, cause: str | None
) -> None:
    execution = run_state({"Type": "Fail", **fields}, {"e": "from input", "c": "because", "n": 5})
    assert (execution.status, execution.error, execution.cause) == ("FAILED", error, cause)
    assert execution.output is None


@pytest.mark.parametrize("field", ["ErrorPath", "CausePath"])
def test_a_fail_path_must_select_a_string(field: str) -> None:
    execution = run_state({"Type": "Fail", field: "$.n"}, {"n": 5})
    assert execution.error == "States.Runtime"
    assert field in (execution.cause or "")


@pytest.mark.parametrize("field", ["ErrorPath", "CausePath"])
def test_a_fail_path_that_finds_nothing_is_a_runtime_error(field: str) -> None:
    execution = run_state({"Type": "Fail", field: "$.no"}, {})
    assert execution.error == "States.Runtime"
    assert f"'$.no' specified for the field '{field}'" in (execution.cause or "")


def test_a_fail_state_is_entered_and_never_exited() -> None:
    assert events(run_state({"Type": "Fail"})) == ["ExecutionStarted", "FailStateEntered", "ExecutionFailed"]
