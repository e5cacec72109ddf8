"""Retry and Catch: names that never match, and handlers that nothing reaches."""

from __future__ import annotations

from typing import Any

import pytest

from .asking import alone, found, machine, places, task


def catching(*lists: list[str], state: dict[str, Any] | None = None) -> dict[str, Any]:
    catchers = [{"ErrorEquals": names, "Next": "End"} for names in lists]
    return machine(S=(state or task()) | {"Catch": catchers, "Next": "End"}, End={"Type": "Succeed"})


@pytest.mark.parametrize("name", ["States.Timout", "States.Taskfailed", "states.all", "States.Http.StatusCode.x"])
def test_a_predefined_name_misspelt_is_told(name: str) -> None:
    assert places(catching([name]), "UNKNOWN_STATES_ERROR") == ["/States/S/Catch/0/ErrorEquals/0"]


def test_the_name_that_was_meant_is_suggested() -> None:
    [finding] = found(catching(["States.Timout"]), "UNKNOWN_STATES_ERROR")
    assert finding.suggestion == "did you mean 'States.Timeout'?"


@pytest.mark.parametrize("name", ["States.Timeout", "States.Http.StatusCode.404", "Own.Error", "Statesman"])
def test_other_names_are_taken(name: str) -> None:
    assert not found(catching([name]), "UNKNOWN_STATES_ERROR")


def test_a_name_that_a_fail_state_reports_is_taken() -> None:
    branch = machine(F={"Type": "Fail", "Error": "States.Own"})
    definition = catching(["States.Own"], state={"Type": "Parallel", "Branches": [branch]})
    assert not found(definition, "UNKNOWN_STATES_ERROR")


@pytest.mark.parametrize(
    "name",
    [
        "States.Runtime",
        "States.NoChoiceMatched",
        "States.ParameterPathFailure",
        "States.BranchFailed",
        "States.ItemReaderFailed",
        "States.ResultWriterFailed",
        "States.ExceedToleratedFailureThreshold",
        "States.HeartbeatTimeout",
        "States.QueryEvaluationError",
        "States.Http.Socket",
        "States.Http.StatusCode.404",
    ],
)
def test_an_error_that_a_lambda_task_cannot_have_is_told(name: str) -> None:
    assert places(catching(["E", name]), "IMPOSSIBLE_ERROR") == ["/States/S/Catch/0/ErrorEquals/1"]


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("States.HeartbeatTimeout", task(HeartbeatSeconds=5)),
        ("States.HeartbeatTimeout", task(HeartbeatSecondsPath="$.h")),
        ("States.QueryEvaluationError", task(QueryLanguage="JSONata")),
        ("States.Http.Socket", task(Resource="arn:aws:states:::http:invoke")),
        ("States.Http.StatusCode.503", task(Resource="arn:aws:states:::http:invoke")),
        ("States.BranchFailed", {"Type": "Parallel", "Branches": [alone({"Type": "Pass"}) | {"StartAt": "S"}]}),
        ("States.Timeout", task()),
        ("States.DataLimitExceeded", task()),
        ("States.Permissions", task()),
    ],
)
def test_an_error_that_the_state_can_have_is_not_told(name: str, state: dict[str, Any]) -> None:
    if "Branches" in state:
        state["Branches"] = [machine(Inner={"Type": "Pass", "End": True})]
    assert not found(catching([name], state=state), "IMPOSSIBLE_ERROR")


def test_a_parallel_state_may_fail_as_a_map_within_it_does() -> None:
    body = {"ItemProcessor": machine(P={"Type": "Pass", "End": True})}
    branch = machine(M={"Type": "Map", "ToleratedFailureCount": 1, "End": True} | body)
    definition = catching(["States.ExceedToleratedFailureThreshold"], state={"Type": "Parallel", "Branches": [branch]})
    assert not found(definition, "IMPOSSIBLE_ERROR")


def test_an_error_named_before_never_comes_to_a_later_item() -> None:
    definition = catching(["A", "B"], ["C", "A"])
    assert places(definition, "UNREACHABLE_HANDLER") == ["/States/S/Catch/1/ErrorEquals/1"]


def test_task_failed_takes_specific_errors_that_come_later() -> None:
    [finding] = found(catching(["States.TaskFailed"], ["Own.Error"]), "UNREACHABLE_HANDLER")
    assert finding.pointer == "/States/S/Catch/1/ErrorEquals/0"
    assert finding.suggestion == "move this item before Catch[0]"


@pytest.mark.parametrize("name", ["States.Timeout", "States.DataLimitExceeded", "States.ALL"])
def test_task_failed_leaves_these_to_later_items(name: str) -> None:
    assert not found(catching(["States.TaskFailed"], [name]), "UNREACHABLE_HANDLER")


def test_a_missed_heartbeat_is_taken_as_a_timeout() -> None:
    state = task(HeartbeatSeconds=5)
    assert found(catching(["States.Timeout"], ["States.HeartbeatTimeout"], state=state), "UNREACHABLE_HANDLER")
    assert not found(catching(["States.HeartbeatTimeout"], ["States.Timeout"], state=state), "UNREACHABLE_HANDLER")


def test_retry_and_catch_may_name_the_same_error() -> None:
    definition = catching(["A"], state=task(Retry=[{"ErrorEquals": ["A"]}]))
    assert not found(definition, "UNREACHABLE_HANDLER")


def test_a_last_retrier_without_attempts_has_no_effect() -> None:
    retry = [{"ErrorEquals": ["A"]}, {"ErrorEquals": ["B"], "MaxAttempts": 0}]
    assert places(alone(task(Retry=retry)), "RETRIER_WITHOUT_EFFECT") == ["/States/S/Retry/1/MaxAttempts"]


def test_a_retrier_without_attempts_before_another_keeps_errors_from_it() -> None:
    retry = [{"ErrorEquals": ["A"], "MaxAttempts": 0}, {"ErrorEquals": ["States.ALL"]}]
    assert not found(alone(task(Retry=retry)), "RETRIER_WITHOUT_EFFECT")


def test_handlers_are_looked_at_even_where_other_fields_are_wrong() -> None:
    definition = catching(["States.Timout"], state=task(Nonsense=1))
    assert found(definition, "UNKNOWN_STATES_ERROR")
