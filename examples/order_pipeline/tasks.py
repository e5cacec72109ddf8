"""The order pipeline's tasks: plain functions in place of Lambda functions and services.

`TASKS` says which Task each one serves: by Lambda ARN or function name, by Resource, or by state name.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
PRICES = {"tea-100": 4.5, "tea-250": 9.9, "cup-blue": 12.0, "kettle": 49.0}
STOCK = {"tea-100": 500, "tea-250": 20, "cup-blue": 36, "kettle": 1}
CUSTOMERS = {
    "c-17": {"id": {"S": "c-17"}, "tier": {"S": "gold"}},
    "c-18": {"id": {"S": "c-18"}, "tier": {"S": "basic"}},
}


class MalformedOrder(Exception):
    """The object in S3 is no order."""


class OutOfStock(Exception):
    """A line cannot be delivered now."""


class CardDeclined(Exception):
    """The customer's bank says no."""


def read_order(event: dict[str, Any]) -> Any:
    """Stands for a function that reads the object from S3: here, a file of the same name in `bucket/`."""
    file = FOLDER / "bucket" / event["key"]
    try:
        return json.loads(file.read_text())
    except (OSError, json.JSONDecodeError) as error:
        raise MalformedOrder(f"s3://{event['bucket']}/{event['key']}: {error}") from error


def look_up_price(item: dict[str, Any], context: Any) -> dict[str, Any]:
    """A slow price service: its first answer for the kettle takes longer than the state's time-out."""
    line = item["line"]
    context.sleep(30 if line["sku"] == "kettle" and context.attempt == 1 else 0.2)
    return {"sku": line["sku"], "amount": PRICES[line["sku"]] * line["quantity"], "currency": item["currency"]}


def reserve_stock(request: dict[str, Any]) -> dict[str, str]:
    """Reserves one of each."""
    missing = [sku for sku in request["lines"] if not STOCK[sku]]
    if missing:
        raise OutOfStock(", ".join(missing))
    return {"reservation": "r-" + "-".join(sorted(request["lines"]))}


def get_customer(request: dict[str, Any]) -> dict[str, Any]:
    """DynamoDB's GetItem on the table of customers."""
    item = CUSTOMERS.get(request["Key"]["id"]["S"])
    return {"Item": item} if item else {}


def charge(request: dict[str, Any]) -> dict[str, Any]:
    """Charges the customer; gold customers have a tenth off."""
    total = sum(request["amounts"]) * (0.9 if request["tier"] == "gold" else 1)
    if total > 1000:
        raise CardDeclined(f"{total:.2f} {request['currency']} is over the limit")
    return {"total": round(total, 2), "currency": request["currency"]}


def put_order(request: dict[str, Any]) -> dict[str, Any]:
    """DynamoDB's PutItem."""
    return {}


def quarantine(request: dict[str, Any]) -> dict[str, str]:
    """SQS's SendMessage."""
    return {"MessageId": "m-1"}


TASKS = {
    "arn:aws:lambda:eu-west-1:123456789012:function:read-order": read_order,
    "look-up-price": look_up_price,
    "reserve-stock": reserve_stock,
    "charge": charge,
    "arn:aws:states:::dynamodb:getItem": get_customer,
    "StoreOrder": put_order,
    "arn:aws:states:::sqs:sendMessage": quarantine,
}
