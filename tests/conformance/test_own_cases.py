"""The project's own cases, each one a test, and the runner that judges them."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.own_cases import judge_case, read_own_cases
from conformance.report import FAILED, GAPS_FILE, PASSED, read_gaps

CASES = list(read_own_cases(GAPS_FILE.with_name("cases")))
GAPS = read_gaps("cases")


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_an_own_case(case: dict[str, Any]) -> None:
    judgement = judge_case(case)
    expected = FAILED if case["id"] in GAPS else PASSED
    assert judgement.verdict == expected, f"{judgement.reason}\n{judgement.detail}"


TASK = {
    "id": "x/task",
    "definition": {
        "StartAt": "Work",
        "States": {
            "Work": {
                "Type": "Task",
                "Resource": "arn:aws:lambda:eu-west-1:123456789012:function:work",
                "Retry": [{"ErrorEquals": ["Busy"], "MaxAttempts": 1}],
                "End": True,
            }
        },
    },
    "tasks": {"Work": [{"output": 1}]},
    "expect": {"status": "SUCCEEDED", "output": 1},
}


def judged(**changes: Any) -> tuple[str, str]:
    judgement = judge_case(TASK | changes)
    return judgement.verdict, judgement.reason


def test_a_case_that_holds_passes() -> None:
    assert judged() == (PASSED, "")


def test_a_difference_is_told_with_its_place() -> None:
    verdict, reason = judged(expect={"output": 2})
    assert (verdict, reason) == (FAILED, "output: expected 2, got 1")


def test_outcomes_that_no_task_asked_for_fail_the_case() -> None:
    assert judged(tasks={"Work": [{"output": 1}, {"output": 2}]}) == (FAILED, "1 outcomes of Work were not asked for")


def test_an_invocation_beyond_the_plan_fails_the_case() -> None:
    verdict, reason = judged(tasks={"Work": [{"error": "Busy"}]}, expect={"status": "FAILED"})
    assert (verdict, reason) == (FAILED, "Work was invoked beyond the plan")


def test_events_are_compared_in_order_with_a_subset_of_their_details() -> None:
    started = ["ExecutionStarted", {"id": 1, "input": {}}]
    rest = ["TaskStateEntered", "LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunctionSucceeded"]
    end = [["TaskStateExited", {"output": 1}], ["ExecutionSucceeded"]]
    events = [started, *([type_] for type_ in rest), *end]
    assert judged(expect={"events": events}) == (PASSED, "")
    assert judged(expect={"events": events[:-1]})[0] == FAILED
    wrong = [started, *([type_] for type_ in rest), ["TaskStateExited", {"output": 2}], ["ExecutionSucceeded"]]
    assert judged(expect={"events": wrong}) == (FAILED, "events[5].output: expected 2, got 1")


def test_a_refused_definition_fails_the_case() -> None:
    verdict, reason = judged(definition={"StartAt": "Nowhere", "States": {}})
    assert verdict == FAILED
    assert reason.startswith("DefinitionError")
