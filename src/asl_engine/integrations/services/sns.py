"""Amazon SNS: developer guide "Amazon SNS (Optimized)". A Message that is no text is sent as its JSON text."""

from __future__ import annotations

from asl_engine.integrations.services.action import Call, action
from asl_engine.integrations.services.aws import optimised_request
from asl_engine.integrations.services.catalogue import client_of
from asl_engine.jsonvalue import Json


@action("sns:publish")
def publish(call: Call) -> Json:
    """{MessageId} with the SDK's metadata."""
    return optimised_request(client_of(call, "sns"), "sns", "publish", call.parameters).with_metadata()
