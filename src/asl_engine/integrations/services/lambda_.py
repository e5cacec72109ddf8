"""AWS Lambda, where boto3 calls the function: developer guide "Lambda (Optimized)".

A function's own error is the task's: its errorType is the error name and its whole report the cause (recorded).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from asl_engine.errors import StatesError
from asl_engine.integrations.services.action import Call, action
from asl_engine.integrations.services.aws import Response, optimised_request
from asl_engine.integrations.services.catalogue import client_of
from asl_engine.jsonvalue import Json, JsonTextError, dumps, loads


@action("lambda:invoke")
def invoke(call: Call) -> Json:
    """{ExecutedVersion, Payload, SdkHttpMetadata, SdkResponseMetadata, StatusCode}."""
    given = dict(call.parameters)
    if "Payload" in given:
        given["Payload"] = dumps(given["Payload"])
    response = _invoke(call, given)
    answer = response.with_metadata()
    if "Payload" in answer:
        answer["Payload"] = _decoded(answer["Payload"])
    return answer


@action("lambda:function", service="lambda", check=None)
def function(call: Call) -> Json:
    """The function's own answer, where the Resource is its ARN."""
    response = _invoke(call, {"FunctionName": call.resource.text, "Payload": dumps(call.payload)})
    return _decoded(response.result.get("Payload", ""))


def _invoke(call: Call, parameters: Mapping[str, Any]) -> Response:
    response = optimised_request(client_of(call, "lambda"), "lambda", "invoke", parameters)
    if response.result.get("FunctionError"):
        raise _function_error(response.result.get("Payload", ""))
    return response


def _function_error(text: Json) -> StatesError:
    report = _decoded(text)
    name = report.get("errorType") if isinstance(report, dict) else None
    return StatesError(name if isinstance(name, str) else "Lambda.Unknown", str(text))


def _decoded(text: Json) -> Json:
    try:
        return loads(text) if text else None
    except JsonTextError:
        return text
