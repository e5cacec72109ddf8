"""Amazon EventBridge: developer guide "EventBridge (Optimized)". One refused entry fails the task (recorded)."""

from __future__ import annotations

from asl_engine.errors import StatesError
from asl_engine.integrations.services.action import Call, action
from asl_engine.integrations.services.aws import optimised_request
from asl_engine.integrations.services.catalogue import client_of
from asl_engine.jsonvalue import Json, dumps


@action("events:putEvents")
def put_events(call: Call) -> Json:
    """{Entries, FailedEntryCount}. A Detail that is no text is sent as its JSON text."""
    result = optimised_request(client_of(call, "events"), "events", "putEvents", call.parameters).result
    answer = {"Entries": result.get("Entries", []), "FailedEntryCount": result.get("FailedEntryCount", 0)}
    if answer["FailedEntryCount"]:
        raise StatesError("EventBridge.FailedEntry", dumps(answer))
    return answer
