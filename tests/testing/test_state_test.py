"""`test_state`: one state, run by the engine, with AWS's request and response."""

from __future__ import annotations

import json
from typing import Any

import pytest

from asl_engine import TaskError, UnservedTaskError, test_state
from tests.build import catcher, chain, each, parallel, retrier, task

ROLE = "arn:aws:iam::111111111111:role/r"
LAMBDA = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}
PASS = {"Type": "Pass"}
DISTRIBUTED = {**chain(W=PASS), "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}


def ask(state: dict[str, Any], input: Any = None, *, request: dict[str, Any] | None = None, **given: Any) -> Any:
    """The response at DEBUG, with its texts decoded; inspectionData without the input."""
    asked = {"definition": state, "input": {} if input is None else input, "inspectionLevel": "DEBUG"}
    response = test_state({**asked, **(request or {})}, **given)
    seen = {name: decoded(text) for name, text in response.pop("inspectionData").items() if name != "input"}
    return {name: decoded(text) if name == "output" else text for name, text in response.items()} | {"seen": seen}


def decoded(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def mocked(result: Any = None, **more: Any) -> dict[str, Any]:
    return {"mock": {"result": json.dumps(result), "fieldValidationMode": "NONE"}, **more}


def failing(error: str, cause: str = "why", **more: Any) -> dict[str, Any]:
    return {"mock": {"errorOutput": {"error": error, "cause": cause}}, **more}


# --- stages -----------------------------------------------------------------------------------------------------------


def test_every_stage_of_a_task_is_shown() -> None:
    state = {
        **LAMBDA,
        "InputPath": "$.a",
        "Parameters": {"n.$": "$.n"},
        "ResultSelector": {"x.$": "$.y"},
        "ResultPath": "$.r",
        "OutputPath": "$.r.x",
    }
    got = ask(state, {"a": {"n": 1}}, request=mocked({"y": 2}))
    assert got["seen"] == {
        "afterInputPath": {"n": 1},
        "afterParameters": {"n": 1},
        "result": {"y": 2},
        "afterResultSelector": {"x": 2},
        "afterResultPath": {"a": {"n": 1}, "r": {"x": 2}},
    }
    assert got["output"] == 2


def test_a_stage_is_evaluated_once() -> None:
    state = {"Type": "Pass", "Parameters": {"id.$": "States.UUID()"}, "End": True}
    got = ask(state)
    assert got["seen"]["afterParameters"] == got["seen"]["afterResultPath"] == got["output"]


def test_a_failure_shows_the_stages_before_it() -> None:
    state = {**LAMBDA, "ResultSelector": {"x.$": "$.missing"}}
    got = ask(state, request=mocked({"y": 2}))
    assert (got["status"], got["error"]) == ("FAILED", "States.Runtime")
    assert got["seen"]["result"] == {"y": 2}
    assert "afterResultSelector" not in got["seen"]


def test_jsonata_shows_arguments_result_and_variables() -> None:
    state = {
        **LAMBDA,
        "QueryLanguage": "JSONata",
        "Arguments": {"n": "{% $states.input.n + $given %}"},
        "Assign": {"new": "{% $states.result.y %}"},
        "Output": "{% $states.result.y + 1 %}",
    }
    got = ask(state, {"n": 1}, request=mocked({"y": 2}, variables={"given": 4}))
    assert got["seen"] == {"afterArguments": {"n": 5}, "result": {"y": 2}, "variables": {"given": 4, "new": 2}}
    assert got["output"] == 3


@pytest.mark.parametrize(
    "state, following",
    [
        (
            {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericEquals": 1, "Next": "One"}], "Default": "D"},
            "One",
        ),
        ({"Type": "Wait", "Seconds": 299, "Next": "Later"}, "Later"),
        ({"Type": "Succeed"}, None),
    ],
    ids=lambda value: value["Type"] if isinstance(value, dict) else None,
)
def test_states_without_work_show_their_input_and_where_they_lead(state: dict[str, Any], following: str) -> None:
    got = ask(state, {"n": 1})
    assert got["seen"] == {"afterInputPath": {"n": 1}}
    assert (got["status"], got["output"], got.get("nextState")) == ("SUCCEEDED", {"n": 1}, following)


def test_a_state_that_leads_to_itself_ends_after_one_visit() -> None:
    assert ask({"Type": "Wait", "Seconds": 1, "Next": "StateName"})["nextState"] == "StateName"


def test_a_test_ends_after_five_minutes_of_its_own_clock() -> None:
    got = ask({"Type": "Wait", "Seconds": 301, "End": True})
    assert (got["status"], got["error"]) == ("FAILED", "States.Timeout")


def test_info_shows_no_stages() -> None:
    response = test_state({"definition": {"Type": "Pass", "End": True}})
    assert response == {"output": "{}", "status": "SUCCEEDED"}


# --- Retry and Catch --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields, retries, seconds",
    [
        ({"IntervalSeconds": 2, "BackoffRate": 2.0}, 0, 2),
        ({"IntervalSeconds": 2, "BackoffRate": 2.0}, 1, 4),
        ({"IntervalSeconds": 2, "BackoffRate": 2.0, "MaxDelaySeconds": 5}, 2, 5),
        ({"IntervalSeconds": 600}, 0, 600),
    ],
)
def test_a_retry_is_told_with_its_delay_and_not_made(fields: dict[str, Any], retries: int, seconds: int) -> None:
    state = {**LAMBDA, "Retry": [retrier("Other"), retrier("E", **fields)]}
    got = ask(state, request=failing("E", stateConfiguration={"retrierRetryCount": retries}))
    assert (got["status"], got["error"], got["cause"]) == ("RETRIABLE", "E", "why")
    assert got["seen"]["errorDetails"] == {"retryIndex": 1, "retryBackoffIntervalSeconds": seconds}
    assert "output" not in got


def test_used_up_retries_lead_to_catch() -> None:
    state = {**LAMBDA, "Retry": [retrier("E", MaxAttempts=2)], "Catch": [catcher("X", "F"), catcher("Y", "E")]}
    got = ask(state, {"k": 1}, request=failing("E", stateConfiguration={"retrierRetryCount": 2}))
    assert (got["status"], got["nextState"], got["seen"]["errorDetails"]) == ("CAUGHT_ERROR", "Y", {"catchIndex": 1})
    assert got["output"] == {"Error": "E", "Cause": "why"}


def test_an_error_that_nothing_catches_fails_the_state() -> None:
    got = ask({**LAMBDA, "Catch": [catcher("X", "F")]}, request=failing("E"))
    assert (got["status"], got["error"], got["cause"]) == ("FAILED", "E", "why")
    assert "errorDetails" not in got["seen"]


# --- Map and Parallel -------------------------------------------------------------------------------------------------


def test_a_maps_items_are_shown_selected() -> None:
    selector = {"v.$": "$$.Map.Item.Value", "i.$": "$$.Map.Item.Index", "k.$": "$.k"}
    state = each(chain(W=PASS), ItemsPath="$.items", ItemSelector=selector, MaxConcurrency=3, End=True)
    got = ask(state, {"items": ["a", "b"], "k": 9}, request=mocked([1, 2]))
    assert got["seen"]["afterItemsPath"] == ["a", "b"]
    assert got["seen"]["afterItemSelector"] == [{"v": "a", "i": 0, "k": 9}, {"v": "b", "i": 1, "k": 9}]
    assert (got["seen"]["maxConcurrency"], got["output"]) == (3, [1, 2])


def test_a_distributed_maps_items_are_shown_in_batches() -> None:
    state = each(DISTRIBUTED, ItemsPath="$.items", ItemBatcher={"MaxItemsPerBatch": 2}, End=True)
    got = ask(state, {"items": [1, 2, 3]}, request=mocked([1, 2]))
    assert got["seen"]["afterItemBatcher"] == [{"Items": [1, 2]}, {"Items": [3]}]
    assert got["seen"]["maxConcurrency"] == 0


READ = {
    "Resource": "arn:aws:states:::s3:getObject",
    "Parameters": {"Bucket": "b", "Key": "k"},
    "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
}


def test_what_an_item_reader_would_read_is_read() -> None:
    state = each(DISTRIBUTED, ItemReader=READ, ItemSelector={"n.$": "$$.Map.Item.Value.n"}, End=True)
    got = ask(state, request=mocked([1], stateConfiguration={"mapItemReaderData": "n\n4\n5\n"}))
    assert got["seen"]["afterItemSelector"] == [{"n": "4"}, {"n": "5"}]


def test_items_in_the_input_stand_for_what_an_item_reader_would_read() -> None:
    state = each(DISTRIBUTED, ItemReader=READ, ItemsPath="$.orders", End=True)
    got = ask(state, {"orders": [{"n": "4"}]}, request=mocked([1]))
    assert got["seen"]["afterItemsPath"] == [{"n": "4"}]


def test_a_limit_that_is_no_number_is_not_shown() -> None:
    state = each(DISTRIBUTED, ToleratedFailurePercentagePath="$.p", ItemsPath="$.items", End=True)
    got = ask(state, {"p": "x", "items": []}, request=mocked([1]))
    assert (got["status"], "toleratedFailurePercentage" in got["seen"]) == ("FAILED", False)


@pytest.mark.parametrize(
    "tolerance, failures, status",
    [
        ({"ToleratedFailureCount": 1}, 1, "SUCCEEDED"),
        ({"ToleratedFailureCount": 1}, 2, "CAUGHT_ERROR"),
        ({"ToleratedFailurePercentage": 50}, 2, "SUCCEEDED"),
        ({"ToleratedFailurePercentage": 50}, 3, "CAUGHT_ERROR"),
        ({}, 4, "SUCCEEDED"),
    ],
)
def test_a_map_fails_beyond_what_it_tolerates(tolerance: dict[str, Any], failures: int, status: str) -> None:
    caught = [catcher("X", "States.ExceedToleratedFailureThreshold")]
    state = each(DISTRIBUTED, Catch=caught, End=True, **tolerance)
    got = ask(state, [1, 2, 3, 4], request=mocked([0], stateConfiguration={"mapIterationFailureCount": failures}))
    assert got["status"] == status


def test_a_parallel_takes_one_result_a_branch() -> None:
    state = parallel(chain(A=PASS), chain(B=PASS), ResultPath="$.r", End=True)
    got = ask(state, {"k": 1}, request=mocked([1, 2]))
    assert got["output"] == {"k": 1, "r": [1, 2]}
    assert got["seen"].keys() == {"afterResultSelector", "afterResultPath"}


def test_an_object_of_the_context_is_no_list_of_items() -> None:
    got = ask(each(chain(W=PASS), ItemsPath="$$.Execution.Input", End=True), request=mocked([]))
    assert (got["error"], got["cause"]) == (
        "States.Runtime",
        'Reference path "$.Execution.Input" must point to array.',
    )


# --- context ----------------------------------------------------------------------------------------------------------

SHOW_CONTEXT = {"Type": "Pass", "Parameters": {"c.$": "$$"}, "OutputPath": "$.c", "End": True}


def test_without_a_context_the_state_runs_as_in_an_express_execution() -> None:
    shown = ask(SHOW_CONTEXT, {"n": 1}, request={"roleArn": ROLE})["output"]
    assert shown["Execution"]["Id"].startswith("arn:aws:states:us-east-1:111111111111:express:")
    assert shown["Execution"].keys() == {"Id", "Input", "Name", "RoleArn", "StartTime"}
    assert (shown["Execution"]["Input"], shown["State"]["Name"]) == ({"n": 1}, "StateName")


def test_a_state_in_a_map_works_on_its_first_item() -> None:
    machine = chain(M=each({**DISTRIBUTED, "States": {"W": SHOW_CONTEXT}}))
    shown = ask(machine, {"n": 1}, request={"stateName": "W"})["output"]
    assert shown["Map"]["Item"] == {"Index": 0, "Value": {"n": 1}, "Source": "STATE_DATA"}


def test_a_mocked_context_is_all_that_is_seen() -> None:
    context = {"Execution": {"Name": "n"}, "Task": {"Token": "t"}}
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {"c.$": "$$"},
        "End": True,
    }
    assert ask(state, request=mocked(1, context=context))["seen"]["afterParameters"] == {"c": context}


# --- without a mock ---------------------------------------------------------------------------------------------------


def test_a_task_without_a_mock_is_served_by_a_callable() -> None:
    got = ask(task("double", End=True), 4, tasks={"double": lambda payload: payload * 2})
    assert (got["output"], got["seen"]["result"]) == (8, 8)


def test_a_callables_error_is_caught() -> None:
    def declines(payload: Any) -> None:
        raise TaskError("Declined", "no money")

    got = ask(task("pay", Catch=[catcher("X", "Declined")], End=True), tasks={"pay": declines})
    assert (got["status"], got["nextState"]) == ("CAUGHT_ERROR", "X")


def test_a_task_that_nothing_serves_is_told() -> None:
    with pytest.raises(UnservedTaskError, match="no callable serves the Task state 'StateName'"):
        ask(task("pay", End=True), request={"roleArn": ROLE})


def test_pytest_does_not_take_it_for_a_test() -> None:
    assert test_state.__test__ is False  # type: ignore[attr-defined]
