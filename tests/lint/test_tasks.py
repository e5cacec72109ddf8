"""Tasks: waits without a limit, tokens that are not handed on, limits beyond the machine's own."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asl_engine.lint.tasks import total_delay
from asl_engine.states.retry import Retrier

from .asking import alone, found, machine, places, task

CALLBACK = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
ACTIVITY = "arn:aws:states:eu-west-1:111122223333:activity:a"


@pytest.mark.parametrize("resource", [CALLBACK, ACTIVITY])
def test_a_wait_for_others_without_a_time_out_is_told(resource: str) -> None:
    assert places(alone(task(Resource=resource)), "CALLBACK_WITHOUT_TIMEOUT") == ["/States/S/Resource"]


@pytest.mark.parametrize(
    "limit",
    [{"TimeoutSeconds": 9}, {"TimeoutSecondsPath": "$.t"}, {"HeartbeatSeconds": 9}, {"HeartbeatSecondsPath": "$.t"}],
)
def test_any_limit_bounds_a_wait_for_others(limit: dict[str, Any]) -> None:
    assert not found(alone(task(Resource=CALLBACK, **limit)), "CALLBACK_WITHOUT_TIMEOUT")


def test_the_machines_own_time_out_bounds_a_wait_for_others() -> None:
    assert not found(alone(task(Resource=CALLBACK), TimeoutSeconds=9), "CALLBACK_WITHOUT_TIMEOUT")


def test_a_task_that_is_answered_at_once_needs_no_time_out() -> None:
    assert not found(alone(task(Resource="arn:aws:states:::sqs:sendMessage")), "CALLBACK_WITHOUT_TIMEOUT")


def callback(**fields: Any) -> dict[str, Any]:
    return alone(task(Resource=CALLBACK, TimeoutSeconds=9, **fields))


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"Parameters": {"Token": "$$.Task.Token"}},
        {"Parameters": {"Name.$": "$$.Execution.Name"}},
        {"Parameters": {"Name.$": "$.Task.Token"}},
        {"QueryLanguage": "JSONata", "Arguments": {"Token": "{% $states.context.Execution.Id %}"}},
        {"QueryLanguage": "JSONata", "Arguments": {"Token": "{% $states.input.Task.Token %}"}},
    ],
)
def test_a_token_that_is_not_handed_on_is_told(fields: dict[str, Any]) -> None:
    assert places(callback(**fields), "TASK_TOKEN_NOT_PASSED") == ["/States/S/Resource"]


@pytest.mark.parametrize(
    "fields",
    [
        {"Parameters": {"Token.$": "$$.Task.Token"}},
        {"Parameters": {"Deep": [{"Context.$": "$$"}]}},
        {"Parameters": {"Task.$": "$$['Task']"}},
        {"Parameters": {"Text.$": "States.Format('token {}', $$.Task.Token)"}},
        {"InputPath": "$$", "Parameters": {"Token.$": "$.Task.Token"}},
        {"InputPath": "$$.Task"},
        {"QueryLanguage": "JSONata", "Arguments": {"Token": "{% $states.context.Task.Token %}"}},
        {"QueryLanguage": "JSONata", "Arguments": "{% $string($states.context) %}"},
        {"QueryLanguage": "JSONata", "Arguments": {"Text": "{% 'token ' & $states.context.Task.Token %}"}},
    ],
)
def test_a_token_may_go_by_any_way(fields: dict[str, Any]) -> None:
    assert not found(callback(**fields), "TASK_TOKEN_NOT_PASSED")


@pytest.mark.parametrize(
    ("state", "place"),
    [
        ({"Type": "Wait", "Seconds": 60}, "/States/S/Seconds"),
        (task(TimeoutSeconds=61), "/States/S/TimeoutSeconds"),
        (task(Retry=[{"ErrorEquals": ["A"], "IntervalSeconds": 20}]), "/States/S/Retry/0"),
        (task(Retry=[{"ErrorEquals": ["A"], "MaxAttempts": 99_999_999}]), "/States/S/Retry/0"),
    ],
)
def test_what_takes_as_long_as_the_machine_may_run_is_told(state: dict[str, Any], place: str) -> None:
    assert places(alone(state, TimeoutSeconds=60), "OUTLASTS_MACHINE") == [place]
    assert not found(alone(state), "OUTLASTS_MACHINE")


@pytest.mark.parametrize(
    "state",
    [
        {"Type": "Wait", "Seconds": 59},
        task(TimeoutSeconds=59),
        task(Retry=[{"ErrorEquals": ["A"], "IntervalSeconds": 8}]),
        task(Retry=[{"ErrorEquals": ["A"], "IntervalSeconds": 20, "JitterStrategy": "FULL"}]),
    ],
)
def test_what_may_end_in_time_is_not_told(state: dict[str, Any]) -> None:
    assert not found(alone(state, TimeoutSeconds=60), "OUTLASTS_MACHINE")


@given(st.integers(1, 50), st.floats(1, 4), st.integers(0, 12), st.one_of(st.none(), st.integers(60, 500)))
def test_the_delays_add_up_as_they_are_waited_for(first: int, rate: float, attempts: int, cap: int | None) -> None:
    retrier = Retrier(
        error_equals=("A",), interval_seconds=first, backoff_rate=rate, max_attempts=attempts, max_delay_seconds=cap
    )
    waited = sum(min(first * rate**attempt, cap or float("inf")) for attempt in range(attempts))
    assert total_delay(retrier) == pytest.approx(waited, rel=1e-6)


def test_a_selector_whose_result_is_thrown_away_is_told() -> None:
    state = task(ResultSelector={"a.$": "$.a"}, ResultPath=None)
    assert places(alone(state), "UNUSED_RESULT_SELECTOR") == ["/States/S/ResultSelector"]
    assert not found(alone(state | {"ResultPath": "$.r"}), "UNUSED_RESULT_SELECTOR")


def test_older_names_of_a_map_are_told() -> None:
    body = machine(P={"Type": "Pass", "End": True})
    old = alone({"Type": "Map", "Iterator": body, "Parameters": {"a": 1}})
    new = alone({"Type": "Map", "ItemProcessor": body, "ItemSelector": {"a": 1}})
    assert places(old, "LEGACY_FIELD") == ["/States/S/Iterator", "/States/S/Parameters"]
    assert not found(new, "LEGACY_FIELD")


@pytest.mark.parametrize("resource", [task()["Resource"], "arn:aws:states:::lambda:invoke"])
def test_a_lambda_task_without_a_retrier_for_passing_failures_is_told(resource: str) -> None:
    [finding] = found(alone(task(Resource=resource, Retry=[{"ErrorEquals": ["Own"]}])), "LAMBDA_WITHOUT_RETRY")
    assert (finding.pointer, finding.severity) == ("/States/S", "INFO")


@pytest.mark.parametrize("name", ["States.ALL", "States.TaskFailed", "Lambda.TooManyRequestsException"])
def test_a_retrier_for_passing_failures_is_enough(name: str) -> None:
    assert not found(alone(task(Retry=[{"ErrorEquals": [name]}])), "LAMBDA_WITHOUT_RETRY")


def test_a_retrier_around_the_task_is_enough() -> None:
    branch = machine(T=task(End=True))
    retried = {"Type": "Parallel", "Branches": [branch], "Retry": [{"ErrorEquals": ["States.ALL"]}]}
    assert not found(alone(retried), "LAMBDA_WITHOUT_RETRY")
    assert found(alone({"Type": "Parallel", "Branches": [branch]}), "LAMBDA_WITHOUT_RETRY")
