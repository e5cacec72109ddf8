"""Amazon API Gateway: developer guide "API Gateway (Optimized)". Recorded: a status of 400 or more fails the task with
`ApiGateway.<n>` and the body as cause; headers and query parameters are arrays of texts. Null values in a body are sent
only with AllowNullValues.
"""

from __future__ import annotations

from asl_engine.errors import StatesError
from asl_engine.integrations.services.action import HTTP, Call, action
from asl_engine.integrations.services.http import (
    METHODS,
    header_bytes,
    http_of,
    missing_fields,
    query_of,
    result_of,
    unknown_fields,
)
from asl_engine.integrations.services.shapes import unfit
from asl_engine.jsonvalue import Json, dumps
from asl_engine.states.resource import Resource

_FIELDS = frozenset(
    (
        "AllowNullValues",
        "ApiEndpoint",
        "AuthType",
        "Headers",
        "Method",
        "Path",
        "QueryParameters",
        "RequestBody",
        "Stage",
    )
)


def check_parameters(resource: Resource, parameters: Json, service: str | None) -> None:
    """What the integration needs and takes. Raises StatesError. (The forms of headers and query parameters are judged
    whoever serves the task: `states/parameters.py`.)"""
    given = parameters if isinstance(parameters, dict) else {}
    wrong = unknown_fields(given, _FIELDS)
    wrong += missing_fields(given, "ApiEndpoint", "Method")
    if given.get("Method") not in (None, *METHODS):
        wrong.append("The value of the field 'Method' has an invalid format")
    if wrong:
        raise unfit(parameters, ", ".join(wrong))


@action("apigateway:invoke", needs=HTTP, check=check_parameters)
def invoke(call: Call) -> Json:
    """{Headers, ResponseBody, StatusCode, StatusText}."""
    given = call.parameters
    parts = [str(given[name]).strip("/") for name in ("ApiEndpoint", "Stage", "Path") if given.get(name)]
    query = query_of(given.get("QueryParameters"))
    url = f"https://{'/'.join(parts)}" + (f"?{query}" if query else "")
    headers = [
        (name, text) for name, held in (given.get("Headers") or {}).items() for text in (held or []) if text is not None
    ]
    body = given.get("RequestBody")
    if given.get("AllowNullValues") is not True:
        body = _without_nulls(body)
    content = None if body is None else dumps(body).encode()
    if content is not None and not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", "application/json"))
    sent = header_bytes(headers)
    answer = http_of(call).send(str(given["Method"]), url, _failed, headers=sent, content=content)
    if answer.status_code >= 400:
        raise StatesError(f"ApiGateway.{answer.status_code}", answer.text)
    return result_of(answer)


def _without_nulls(body: Json) -> Json:
    """A body without the members that are null, at any depth."""
    if isinstance(body, dict):
        return {name: _without_nulls(held) for name, held in body.items() if held is not None}
    return [_without_nulls(held) for held in body] if isinstance(body, list) else body


def _failed(told: str) -> StatesError:
    return StatesError("ApiGateway.SdkClientException", f"Unable to execute HTTP request: {told}")
