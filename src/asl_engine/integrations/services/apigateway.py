"""Amazon API Gateway: developer guide "API Gateway (Optimized)". Recorded: a status of 400 or more fails the task with
`ApiGateway.<n>` and the body as cause; headers and query parameters are arrays of texts.
"""

from __future__ import annotations

from asl_engine.errors import StatesError
from asl_engine.integrations.services.action import HTTP, Call, action
from asl_engine.integrations.services.http import header_bytes, http_of, query_of, result_of
from asl_engine.jsonvalue import Json, dumps


@action("apigateway:invoke", needs=HTTP, check=None)
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
    content = None if body is None else dumps(body).encode()
    if content is not None and not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", "application/json"))
    sent = header_bytes(headers)
    answer = http_of(call).send(str(given.get("Method", "GET")), url, _failed, headers=sent, content=content)
    if answer.status_code >= 400:
        raise StatesError(f"ApiGateway.{answer.status_code}", answer.text)
    return result_of(answer)


def _failed(told: str) -> StatesError:
    return StatesError("ApiGateway.SdkClientException", f"Unable to execute HTTP request: {told}")
