"""Scripts of API calls: which are judged, and which differences are found."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.api import NEEDS_SERVER, judge_api
from conformance.recorded import RecordedCase
from conformance.report import FAILED, PASSED, SKIPPED, Judgement


def step(op: str, recorded: Any = None, exception: Any = None, **params: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"op": op, "params": params, "raises": exception is not None, "exception": exception}
    return made if recorded is None else {**made, "recorded": {"answer": {**recorded, "ResponseMetadata": {}}}}


def judge(*steps: dict[str, Any]) -> Judgement:
    return judge_api(RecordedCase("script", "api", True, (), None, {"steps": list(steps)}))


CREATED = {"activityArn": "activity_arn", "creationDate": "creation-date"}
GONE = {"Code": "ActivityDoesNotExist", "Message": "Activity Does Not Exist: 'activity_arn'"}


def test_a_script_of_activities_is_played() -> None:
    steps = [
        step("create_activity", CREATED, name="paint"),
        step("delete_activity", {}, activityArn="activity_arn"),
        step("describe_activity", exception=GONE, activityArn="activity_arn"),
    ]
    assert judge(*steps).verdict == PASSED


def test_a_script_that_needs_a_server_is_skipped() -> None:
    judgement = judge(step("create_activity", CREATED, name="a"), step("create_state_machine", definition="{}"))
    assert (judgement.verdict, judgement.reason) == (SKIPPED, NEEDS_SERVER)


@pytest.mark.parametrize(
    "wrong, told",
    [
        (step("create_activity", {**CREATED, "tags": []}, name="paint"), "tags"),
        (step("create_activity", CREATED, name="no name"), "raised"),
        (step("create_activity", exception=GONE, name="paint"), "exception"),
        (step("list_activities", {"activities": [CREATED]}), "activities"),
    ],
)
def test_a_step_that_differs_fails_the_script(wrong: dict[str, Any], told: str) -> None:
    judgement = judge(wrong)
    assert judgement.verdict == FAILED
    assert told in judgement.reason
    assert judgement.reason.startswith("steps[0] ")
