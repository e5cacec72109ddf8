"""Lambda: a function called by its ARN, or through the optimised integration `lambda:invoke`.

Recorded: `lambda:invoke` gives {ExecutedVersion, Payload, SdkHttpMetadata, SdkResponseMetadata, StatusCode}.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from asl_engine.jsonvalue import Json, dumps
from asl_engine.states.resource import LAMBDA_FUNCTION, Resource, parse_resource

LATEST = "$LATEST"


def function_keys(resource: Resource, payload: Json) -> list[str]:
    """The names by which a table of tasks may serve this call, the most exact first."""
    if resource.kind == LAMBDA_FUNCTION:
        return _keys_of(resource.text)
    name = payload.get("FunctionName") if isinstance(payload, dict) else None
    return _keys_of(name) if isinstance(name, str) else []


def _keys_of(name: str) -> list[str]:
    """An ARN, with and without its qualifier, and the bare name; `name:qualifier` alike."""
    function = parse_resource(name)
    if function.kind == LAMBDA_FUNCTION:
        unqualified = name.removesuffix(f":{function.qualifier}") if function.qualifier else name
        return list(dict.fromkeys([name, unqualified, str(function.name)]))
    return list(dict.fromkeys([name, name.partition(":")[0]])) if name.count(":") <= 1 else [name]


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
        metadata = {
            "AllHttpHeaders": {name: [text] for name, text in headers.items()},
            "HttpHeaders": headers,
            "HttpStatusCode": 200,
        }
        return {
            "ExecutedVersion": qualifier if isinstance(qualifier, str) else LATEST,
            "Payload": answer,
            "SdkHttpMetadata": metadata,
            "SdkResponseMetadata": {"RequestId": request_id},
            "StatusCode": 200,
        }

    return wrap
