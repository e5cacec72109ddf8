"""Mocked results held against botocore's models."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from asl_engine.testing import shape_faults
from asl_engine.testing.api_shapes import output_shape

pytest.importorskip("botocore")


@pytest.mark.parametrize(
    "service, action, value, faults",
    [
        ("lambda", "invoke", {"StatusCode": "200"}, ["Field 'StatusCode' must be a number"]),
        ("lambda", "invoke", {"Payload": {"any": ["thing"]}}, []),
        ("events", "putEvents", {"Entries": [{"EventId": "a"}, {"EventId": []}]}, ["Field 'EventId' must be a string"]),
        ("events", "putEvents", {"Entries": "x"}, ["Field 'Entries' must be an array"]),
        ("events", "putEvents", {"entries": "x", "Unknown": 1}, []),
        ("aws-sdk:s3", "getObject", {"StorageClass": "Papyrus"}, ["Field 'StorageClass' is not an expected value"]),
        (
            "aws-sdk:kms",
            "encrypt",
            {"CiphertextBlob": ""},
            ["Field 'CiphertextBlob' is smaller than the minimum length"],
        ),
        ("aws-sdk:sfn", "sendTaskSuccess", {"x": 1}, []),
        ("http", "invoke", 5, []),
        ("nothing", "known", 5, []),
    ],
)
def test_a_result_is_judged_by_its_api(service: str, action: str, value: Any, faults: list[str]) -> None:
    assert shape_faults(service, action, value) == faults


def test_required_members_count_in_strict_mode_alone() -> None:
    missing = ["Required field 'ExecutionArn' is missing", "Required field 'StartDate' is missing"]
    assert sorted(shape_faults("states", "startExecution", {})) == missing
    assert shape_faults("states", "startExecution", {}, "PRESENT") == []


def test_no_mode_judges_nothing() -> None:
    assert shape_faults("lambda", "invoke", {"StatusCode": "200"}, "NONE") == []


def test_a_sync_task_is_judged_by_what_asks_for_its_end() -> None:
    described = {"ExecutionArn": "a", "StateMachineArn": "m", "Status": "SUCCEEDED", "StartDate": 1, "Output": {"n": 1}}
    assert shape_faults("states", "startExecution", described, pattern=".sync:2") == []
    assert shape_faults("states", "startExecution", described, pattern=".sync") == ["Field 'Output' must be a string"]
    assert shape_faults("glue", "startJobRun", {"Attempt": "1"}, pattern=".sync") == [
        "Field 'Attempt' must be a number"
    ]


@pytest.mark.parametrize(
    "name, pattern, result, fault",
    [
        ("lambda:invoke", "", {"Payload": {"n": 1}}, "Field 'Payload' must be a string"),
        ("states:startExecution", ".sync:2", {"Output": {"n": 1}}, "Field 'Output' must be a string"),
        ("states:startExecution", "", {"StartDate": 1.5}, "Field 'StartDate' must be a string"),
        ("glue:startJobRun", ".sync", {"JobRun": {"Attempt": "1"}}, "Field 'Attempt' must be a number"),
    ],
)
def test_the_service_s_answer_holds_texts_where_the_task_s_result_holds_values(
    name: str, pattern: str, result: Any, fault: str
) -> None:
    service, action = name.split(":")
    assert shape_faults(service, action, result, "PRESENT", pattern=pattern) == []
    assert shape_faults(service, action, result, "PRESENT", pattern=pattern, answer=True) == [fault]


def test_what_a_token_brings_may_be_anything() -> None:
    assert shape_faults("sqs", "sendMessage", [1], pattern=".waitForTaskToken") == []


def test_without_botocore_nothing_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    output_shape.cache_clear()
    monkeypatch.setitem(sys.modules, "botocore.session", None)
    assert shape_faults("lambda", "invoke", {"StatusCode": "200"}) == []
    output_shape.cache_clear()


def test_an_unknown_mode_is_an_error() -> None:
    with pytest.raises(ValueError, match="mode must be STRICT, PRESENT, NONE, not 'LOOSE'"):
        shape_faults("lambda", "invoke", {}, "LOOSE")
