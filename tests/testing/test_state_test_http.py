"""TRACE: the HTTP request and response of a Task, and which of it is secret."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from asl_engine import ApiKey, Connection, HttpServices, Services, test_state

ARN = "arn:aws:events:us-east-1:111111111111:connection/c/1"
STATE = {
    "Type": "Task",
    "Resource": "arn:aws:states:::http:invoke",
    "Parameters": {
        "Method": "POST",
        "ApiEndpoint": "https://api.example.com/orders",
        "Authentication": {"ConnectionArn": ARN},
        "Headers": {"mine": "h1"},
        "RequestBody": {"n": 1},
    },
    "End": True,
}


def ask(level: str, status: int = 200, *, reveal: bool = False) -> dict[str, Any]:
    answer = httpx.Response(status, json={"ok": True})
    connection = Connection(ApiKey("X-Key", "secret"), query={"token": "secret"}, body={"pin": "secret"})
    http = HttpServices(connections={ARN: connection}, transport=httpx.MockTransport(lambda request: answer))
    request = {"definition": STATE, "inspectionLevel": level, "revealSecrets": reveal}
    return test_state(request, services=Services(http=http))


def test_what_the_connection_adds_is_hidden() -> None:
    request = ask("TRACE")["inspectionData"]["request"]
    assert request == {
        "protocol": "https",
        "method": "POST",
        "url": "https://api.example.com/orders",
        "headers": "[mine: h1, User-Agent: Amazon|StepFunctions|HttpInvoke|us-east-1, Range: bytes=0-262144, "
        "Content-Type: application/json; charset=UTF-8]",
        "body": '{"n":1}',
    }


def test_secrets_are_shown_where_they_are_asked_for() -> None:
    request = ask("TRACE", reveal=True)["inspectionData"]["request"]
    assert request["url"] == "https://api.example.com/orders?token=secret"
    assert "X-Key: secret" in request["headers"]
    assert request["body"] == '{"n":1,"pin":"secret"}'


@pytest.mark.parametrize("status, outcome", [(200, "SUCCEEDED"), (404, "FAILED")])
def test_the_response_is_shown_whatever_it_is(status: int, outcome: str) -> None:
    got = ask("TRACE", status)
    response = got["inspectionData"]["response"]
    assert (got["status"], response["statusCode"], response["body"]) == (outcome, str(status), '{"ok":true}')


def test_debug_shows_no_http() -> None:
    assert ask("DEBUG")["inspectionData"].keys().isdisjoint({"request", "response"})
