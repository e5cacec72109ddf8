"""The HTTP of a Task under test, as TRACE shows it. API reference "InspectionDataRequest", "InspectionDataResponse".

The rule that keeps it whole: what a connection adds to a request is a secret, and shown only where that is asked for;
what the state's definition says and what the server answers are none.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from typing import Any
from urllib.parse import urlsplit

from asl_engine.integrations.services.catalogue import Services
from asl_engine.integrations.services.http import Asked, Exchange, result_of


def watched_services(services: Services, kept: dict[str, Any], *, reveal_secrets: bool) -> Services:
    """The same services; `kept` gets the `request` and the `response` of the last HTTP exchange."""
    if services.http is None:
        return services

    def watch(exchange: Exchange) -> None:
        kept["request"] = _request(exchange.sent if reveal_secrets else exchange.given)
        if exchange.answer is not None:
            kept["response"] = _response(exchange.answer, kept["request"]["protocol"])

    watched = copy(services)
    watched.http = copy(services.http)
    watched.http.watch = watch
    return watched


def _request(asked: Asked) -> dict[str, str]:
    shown = {
        "protocol": urlsplit(asked.url).scheme,
        "method": asked.method,
        "url": asked.url,
        "headers": _headers(asked.headers.items()),
    }
    return shown if asked.content is None else {**shown, "body": asked.content.decode("utf-8", "replace")}


def _response(answer: Any, protocol: str) -> dict[str, str]:
    told = result_of(answer)
    return {
        "protocol": protocol,
        "statusCode": str(told["StatusCode"]),
        "statusMessage": told["StatusText"],
        "headers": _headers((name, ", ".join(texts)) for name, texts in told["Headers"].items()),
        "body": answer.text,
    }


def _headers(pairs: Iterable[tuple[str, str]]) -> str:
    """Headers in one text, as AWS shows them: `[name: value, name: value]`."""
    return f"[{', '.join(f'{name}: {text}' for name, text in pairs)}]"
