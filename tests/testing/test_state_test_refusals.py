"""What TestState refuses: AWS's exception names, and its texts where they are known."""

from __future__ import annotations

from typing import Any

import pytest

from asl_engine import ApiError, test_state
from tests.build import chain, each, parallel

PASS = {"Type": "Pass", "End": True}
TASK = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}
SYNC = {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync", "End": True}
ACTIVITY = {"Type": "Task", "Resource": "arn:aws:states:us-east-1:111111111111:activity:a", "End": True}
MAP = each(chain(W={"Type": "Pass"}), End=True)
BRANCHES = parallel(chain(A={"Type": "Pass"}), chain(B={"Type": "Pass"}), End=True)
RESULT = {"mock": {"result": "{}"}}

REFUSED: list[tuple[str, dict[str, Any], str, str]] = [
    ("no definition", {}, "ParamValidationError", 'Missing required parameter in input: "definition"'),
    ("an unknown parameter", {"definition": PASS, "x": 1}, "ParamValidationError", 'Unknown parameter in input: "x"'),
    ("an empty name", {"definition": PASS, "stateName": ""}, "ParamValidationError", "valid min length: 1"),
    ("a type", {"definition": PASS, "revealSecrets": 1}, "ParamValidationError", "Invalid type for parameter reveal"),
    ("a level", {"definition": PASS, "inspectionLevel": "ALL"}, "ValidationException", "at 'inspectionLevel' failed"),
    ("a long input", {"definition": PASS, "input": "x" * 262_145}, "ValidationException", "equal to 262144"),
    ("an input", {"definition": PASS, "input": "{"}, "InvalidExecutionInput", "Invalid State Machine Execution Input"),
    ("variables", {"definition": PASS, "variables": "[]"}, "ValidationException", "must be a JSON object"),
    ("no type", {"definition": {"End": True}}, "InvalidDefinition", "These fields are required: [Type] at /"),
    ("no JSON", {"definition": "{"}, "InvalidDefinition", "Invalid State Machine Definition: 'INVALID_JSON"),
    ("no state", {"definition": chain(A=PASS), "stateName": "B"}, "ValidationException", "State not found in defin"),
    ("Pass, mocked", {"definition": PASS, **RESULT}, "ValidationException", "State type 'Pass' is not supported when"),
    ("Map, unmocked", {"definition": MAP}, "InvalidDefinition", "does not support Map or Parallel states"),
    ("Task without role", {"definition": TASK}, "ValidationException", "RoleArn must be specified when testing a Task"),
    ("a job", {"definition": SYNC, "roleArn": "r"}, "ValidationException", "when no mock is specified"),
    ("an activity", {"definition": ACTIVITY, "roleArn": "r"}, "ValidationException", "Activity tasks"),
    (
        "secrets",
        {"definition": TASK, **RESULT, "revealSecrets": True},
        "ValidationException",
        "RevealSecrets when a mo",
    ),
    (
        "a function's payload as a value",
        {"definition": TASK, "mock": {"result": {"Payload": {"n": 1}}}},
        "ValidationException",
        "Mock result schema validation error: Field 'Payload' must be a string",
    ),
    ("no mock in it", {"definition": TASK, "mock": {}}, "ValidationException", "[result, errorOutput]"),
    ("no JSON mocked", {"definition": TASK, "mock": {"result": "{"}}, "ValidationException", "must be valid JSON"),
    ("a Map's object", {"definition": MAP, **RESULT}, "ValidationException", "Mocked result must be an array."),
    ("a branch less", {"definition": BRANCHES, "mock": {"result": "[1]"}}, "ValidationException", "1 elements for 2"),
    ("a context alone", {"definition": PASS, "context": {}}, "ValidationException", "when a mock is specified"),
    (
        "a context's field",
        {"definition": TASK, **RESULT, "context": {"State": {"Title": "x"}}},
        "ValidationException",
        "Invalid Context object provided: Field 'Title' is not allowed",
    ),
    (
        "a context's type",
        {"definition": TASK, **RESULT, "context": {"State": {"RetryCount": "x"}}},
        "ValidationException",
        "Invalid Context object provided: State.RetryCount must be a number",
    ),
    (
        "too many failures",
        {
            "definition": MAP,
            "input": [1],
            "mock": {"result": "[1]"},
            "stateConfiguration": {"mapIterationFailureCount": 2},
        },
        "ValidationException",
        "Map iteration failure count must be less than or equal to the number of Map iterations",
    ),
    (
        "an unknown cause",
        {"definition": MAP, "mock": {"result": "[]"}, "stateConfiguration": {"errorCausedByState": "Z"}},
        "ValidationException",
        "errorCausedByState 'Z' is not a state",
    ),
]


@pytest.mark.parametrize("request_, code, message", [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_is_refused(request_: dict[str, Any], code: str, message: str) -> None:
    with pytest.raises(ApiError) as raised:
        test_state(request_)
    assert (raised.value.code, message in raised.value.message) == (code, True), raised.value.message
