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
