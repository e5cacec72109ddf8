"""What the tests of services share: machines of service tasks, run against moto, and clients to read back by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from asl_engine import Execution
from asl_engine.integrations.services.aws import AwsServices
from tests.build import run_state

REGION = "us-east-1"


def client(service: str) -> Any:
    return boto3.client(service, region_name=REGION)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsServices]:
    """Clients of moto's AWS, empty for each test."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        yield AwsServices(client=client)


def service_task(resource: str, parameters: Any, **fields: Any) -> dict[str, Any]:
    """A Task state of an integration, its parameters as given."""
    return {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": parameters, **fields}


def call(aws: AwsServices, resource: str, parameters: Any, **options: Any) -> Execution:
    """One call of a service by a machine of one state."""
    return run_state(service_task(resource, parameters), aws=aws, **options)


def output(aws: AwsServices, resource: str, parameters: Any) -> Any:
    """The result of one call, which must succeed."""
    execution = call(aws, resource, parameters)
    assert execution.status == "SUCCEEDED", (execution.error, execution.cause)
    return execution.output


def queue() -> str:
    return str(client("sqs").create_queue(QueueName="orders")["QueueUrl"])


def table() -> str:
    client("dynamodb").create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return "orders"
