"""Judging a recorded TestState call: the same request, and the response or the exception that AWS gave.

A recorded text that began with `{` was decoded by the recorder, others were not: both sides are compared as values.
"""

from __future__ import annotations

import json
import traceback
from typing import Any

from asl_engine import ApiError, IntegrationResult, TaskError, test_state

from .compare import Json, explain, first_difference
from .events import decoded_text
from .recorded import RecordedCase
from .report import FAILED, PASSED, Judgement

TEXTS = ("definition", "input", "variables", "context")
"""Parameters that the recorder decoded."""

LONE_NAME = "StateName"
"""The name that AWS gives to a state that has none."""

RESPONSE_TEXTS = frozenset(
    {
        *("output", "input", "result", "variables", "afterArguments", "afterInputPath", "afterItemBatcher"),
        *("afterItemSelector", "afterItemsPath", "afterItemsPointer", "afterParameters", "afterResultPath"),
        "afterResultSelector",
    }
)


def judge_test_state(case: RecordedCase) -> Judgement:
    """Makes the call and compares what comes of it."""
    try:
        got = call(case)
    except Exception as error:  # the engine is on trial here: whatever it raises is its failure, not the runner's
        reason = f"the engine raised {type(error).__name__}: {error}"
        return Judgement(case.id, case.kind, FAILED, reason, traceback.format_exc())
    difference = first_difference(expected_of(case), got, case.wildcards)
    if difference is None:
        return Judgement(case.id, case.kind, PASSED)
    return Judgement(case.id, case.kind, FAILED, str(difference), explain(difference))


def call(case: RecordedCase) -> dict[str, Json]:
    """The response with its texts decoded, or {"exception": {Code, Message}}. A recorded result is that of the state
    under test, which has no name of its own where its definition is all there is."""
    request, results = request_of(case), case.document.get("task_results") or []
    tasks = {request.get("stateName", LONE_NAME): _answer(result) for result in results}
    try:
        return decoded(test_state(request, tasks=tasks or None))
    except ApiError as error:
        return {"exception": {"Code": error.code, "Message": error.message}}


def request_of(case: RecordedCase) -> dict[str, Any]:
    """The request as it was sent."""
    request = dict(case.document["request"])
    for name in TEXTS:
        if name in request and not isinstance(request[name], str):
            request[name] = json.dumps(request[name])
    return request


def _answer(result: dict[str, Any]) -> Any:
    outcome = result["outcome"]

    def answer(payload: Json) -> Any:
        if outcome["status"] == "failed":
            raise TaskError(outcome["error"], outcome["cause"])
        return IntegrationResult(outcome["output"]) if result.get("kind") == "Task" else outcome["output"]

    return answer


def expected_of(case: RecordedCase) -> dict[str, Json]:
    """What AWS gave, in the form of `call`."""
    exception = case.document.get("exception")
    return {"exception": exception} if exception else decoded(case.aws["response"])


def decoded(response: dict[str, Json]) -> dict[str, Json]:
    """A response, or its inspectionData, with every JSON text as a value."""
    return {name: _decoded(name, value) for name, value in response.items()}


def _decoded(name: str, value: Json) -> Json:
    if name == "inspectionData":
        return decoded(value)
    return decoded_text(value) if name in RESPONSE_TEXTS and isinstance(value, str) else value
