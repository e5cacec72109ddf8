"""Amazon SQS: developer guide "Amazon SQS (Optimized)". A MessageBody that is no text is sent as its JSON text."""

from __future__ import annotations

from asl_engine.integrations.services.action import Call, action
from asl_engine.integrations.services.aws import optimised_request
from asl_engine.integrations.services.catalogue import client_of
from asl_engine.jsonvalue import Json


@action("sqs:sendMessage")
def send_message(call: Call) -> Json:
    """{MD5OfMessageBody, MessageId} with the SDK's metadata."""
    return optimised_request(client_of(call, "sqs"), "sqs", "sendMessage", call.parameters).with_metadata()
