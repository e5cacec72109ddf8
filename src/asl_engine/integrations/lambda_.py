"""Lambda: a function called by its ARN, or through the optimised integration `lambda:invoke`.

Recorded: `lambda:invoke` gives {ExecutedVersion, Payload, SdkHttpMetadata, SdkResponseMetadata, StatusCode}.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from asl_engine.jsonvalue import Json, dumps
from asl_engine.states.resource import LAMBDA_FUNCTION, Resource, parse_resource

LATEST = "$LATEST"


def handler_payload(payload: Json) -> Json:
    """What `lambda:invoke` gives the function: its Payload, {} where it has none."""
    return payload.get("Payload", {}) if isinstance(payload, dict) else payload


def invoke_envelope(payload: Json, new_request_id: Callable[[], str]) -> Callable[[Json], Json]:
    """Puts a function's answer where `lambda:invoke` has it."""
    qualifier = payload.get("Qualifier") if isinstance(payload, dict) else None

    def wrap(answer: Any) -> dict[str, Any]:
        try:
            length = str(len(dumps(answer).encode()))
        except (TypeError, ValueError):
            length = "0"
        headers = {"Connection": "keep-alive", "Content-Length": length, "Content-Type": "application/json"}
        headers["x-amzn-RequestId"] = request_id = new_request_id()
        return {
            "ExecutedVersion": qualifier if isinstance(qualifier, str) else LATEST,
            "Payload": answer,
            **sdk_metadata(headers, request_id),
            "StatusCode": 200,
        }

    return wrap


def sdk_metadata(headers: Mapping[str, str], request_id: str, status: int = 200) -> dict[str, Any]:
    """What the SDK tells beside a result, as most optimised integrations show it."""
    http = {
        "AllHttpHeaders": {name: [text] for name, text in headers.items()},
        "HttpHeaders": dict(headers),
        "HttpStatusCode": status,
    }
    return {"SdkHttpMetadata": http, "SdkResponseMetadata": {"RequestId": request_id}}


def function_name(resource: Resource, payload: Json) -> str | None:
    """The bare name of the function that a task calls, None where it calls none."""
    if resource.kind == LAMBDA_FUNCTION:
        return resource.name
    name = payload.get("FunctionName") if isinstance(payload, dict) else None
    if not resource.is_lambda_invoke or not isinstance(name, str):
        return None
    return parse_resource(name).name or name.partition(":")[0]
