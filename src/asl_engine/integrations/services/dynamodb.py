"""Amazon DynamoDB: developer guide "DynamoDB (Optimized)". Items stand in DynamoDB's own form, {"S": "text"}."""

from __future__ import annotations

from asl_engine.integrations.services.action import Call, action
from asl_engine.integrations.services.aws import optimised_request
from asl_engine.integrations.services.catalogue import client_of
from asl_engine.jsonvalue import Json


def _request(call: Call) -> Json:
    client = client_of(call, "dynamodb")
    return optimised_request(client, "dynamodb", call.resource.action or "", call.parameters).with_metadata()


@action("dynamodb:getItem")
def get_item(call: Call) -> Json:
    """{Item}, where there is one, with the SDK's metadata."""
    return _request(call)


@action("dynamodb:putItem")
def put_item(call: Call) -> Json:
    """What ReturnValues asks for, with the SDK's metadata."""
    return _request(call)


@action("dynamodb:updateItem")
def update_item(call: Call) -> Json:
    """What ReturnValues asks for, with the SDK's metadata."""
    return _request(call)


@action("dynamodb:deleteItem")
def delete_item(call: Call) -> Json:
    """What ReturnValues asks for, with the SDK's metadata."""
    return _request(call)
