"""Results that mocks give, held to the API that they stand for."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from asl_engine import IntegrationResult
from asl_engine.testing import MockConfig, MockError, Mocks, Returns, ReturnsPayload
from tests.build import run_state, task

INVOKE = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f"}}
PUT_EVENTS = {"Type": "Task", "Resource": "arn:aws:states:::events:putEvents", "Parameters": {"Entries": []}}
GOOD = {"StatusCode": 200, "Payload": {"any": "thing"}}


def run_with(mode: str, state: dict[str, Any], answer: Any) -> Any:
    return run_state(state, tasks=Mocks({"S": answer}, field_validation_mode=mode)).output


@pytest.mark.parametrize("mode", ["STRICT", "PRESENT", "NONE"])
def test_what_the_service_could_give_is_taken(mode: str) -> None:
    assert run_with(mode, INVOKE, Returns(GOOD)) == GOOD


@pytest.mark.parametrize("mode", ["STRICT", "PRESENT"])
def test_what_the_service_would_not_give_is_told_before_anything_runs(mode: str) -> None:
    with pytest.raises(
        MockError, match=rf"'S' gives the state 'S' what .*lambda:invoke would not \({mode}\): Field 'Sta"
    ):
        run_with(mode, INVOKE, [Returns(GOOD), Returns({"StatusCode": "200"})])


def test_nothing_is_held_to_an_api_unless_asked_for() -> None:
    assert run_state(INVOKE, tasks=Mocks({"S": Returns({"StatusCode": "200"})})).status == "SUCCEEDED"


def test_an_answer_to_one_kind_of_input_is_held_to_the_api_too() -> None:
    mocks = Mocks(field_validation_mode="PRESENT")
    mocks("S").when({}).returns({"FailedEntryCount": "none"})
    with pytest.raises(MockError, match="Field 'FailedEntryCount' must be a number"):
        run_state(PUT_EVENTS, tasks=mocks)


def test_a_function_s_result_is_judged_when_it_is_there() -> None:
    with pytest.raises(MockError, match="Field 'FailedEntryCount' must be a number"):
        run_with("STRICT", PUT_EVENTS, lambda payload: {"FailedEntryCount": "none"})
    with pytest.raises(MockError, match="Field 'StatusCode' must be a number"):
        run_with("STRICT", INVOKE, lambda payload: IntegrationResult({"StatusCode": "200"}))


def test_what_a_lambda_function_returns_is_its_own_affair() -> None:
    assert run_with("STRICT", INVOKE, lambda payload: {"StatusCode": "200"})["Payload"] == {"StatusCode": "200"}
    assert run_with("STRICT", INVOKE, ReturnsPayload(7))["Payload"] == 7
    assert run_with("STRICT", task(), Returns({"StatusCode": "200"})) == {"StatusCode": "200"}


def test_the_mocks_of_a_file_can_be_held_to_the_api() -> None:
    config = MockConfig()
    config.add_case("M", "C", {"S": Returns({"StatusCode": "200"})})
    mocks = config.mocks("C")
    mocks.field_validation_mode = "PRESENT"
    with pytest.raises(MockError, match="the response 'S' of the test case 'C' gives the state 'S'"):
        run_state(INVOKE, tasks=mocks)


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(ValueError, match="must be one of STRICT, PRESENT, NONE, not 'strict'"):
        Mocks(field_validation_mode="strict")


def test_without_botocore_a_mode_that_needs_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "botocore", None)
    with pytest.raises(MockError, match=r"'STRICT' needs botocore: pip install"):
        run_with("STRICT", INVOKE, Returns(GOOD))
