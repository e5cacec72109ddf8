"""Services over HTTP: clients that the engine makes for the address of an endpoint, here moto's server, read back by
boto3."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from asl_engine import Execution, StateMachine
from asl_engine.integrations.services.aws import AwsServices
from tests.build import chain
from tests.integrations.services.aws_world import REGION, service_task

Client = Callable[[str], Any]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def client(endpoint: str) -> Client:
    session = boto3.Session("reader", "reader", region_name=REGION)
    return lambda service: session.client(service, endpoint_url=endpoint)


def on_threads(machine: StateMachine, order: Any, aws: AwsServices) -> Execution:
    return machine.run(order, aws=aws, executor=2)


def on_asyncio(machine: StateMachine, order: Any, aws: AwsServices) -> Execution:
    return asyncio.run(machine.arun(order, aws=aws))


def in_one_thread(machine: StateMachine, order: Any, aws: AwsServices) -> Execution:
    return machine.run(order, aws=aws)


@pytest.mark.parametrize("run", [in_one_thread, on_threads, on_asyncio])
def test_a_machine_writes_to_four_services_and_they_have_it(
    endpoint: str, client: Client, run: Callable[[StateMachine, Any, AwsServices], Execution]
) -> None:
    name = run.__name__.replace("_", "-")
    url = client("sqs").create_queue(QueueName=name)["QueueUrl"]
    client("sqs").create_queue(QueueName=f"{name}-copy")
    topic = client("sns").create_topic(Name=name)["TopicArn"]
    client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:123456789012:{name}-copy")
    client("s3").create_bucket(Bucket=name)
    client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    item = {"id": {"S.$": "$.id"}, "paid": {"BOOL.$": "$.paid"}}
    definition = chain(
        Send=service_task("sqs:sendMessage", {"QueueUrl": url, "MessageBody.$": "$"}, ResultPath=None),
        Tell=service_task("sns:publish", {"TopicArn": topic, "Message.$": "$"}, ResultPath=None),
        Keep=service_task("dynamodb:putItem", {"TableName": name, "Item": item}, ResultPath=None),
        Store=service_task("aws-sdk:s3:putObject", {"Bucket": name, "Key.$": "$.id", "Body.$": "$"}, ResultPath=None),
    )
    order = {"id": "o-1", "paid": True}
    execution = run(StateMachine.from_json(definition), order, AwsServices(endpoint_url=endpoint))
    assert execution.output == order, execution.cause

    (message,) = client("sqs").receive_message(QueueUrl=url)["Messages"]
    (copied,) = client("sqs").receive_message(QueueUrl=f"{url}-copy")["Messages"]
    assert [json.loads(message["Body"]), json.loads(json.loads(copied["Body"])["Message"])] == [order, order]
    (kept,) = client("dynamodb").scan(TableName=name)["Items"]
    assert kept == {"id": {"S": "o-1"}, "paid": {"BOOL": True}}
    assert json.loads(client("s3").get_object(Bucket=name, Key="o-1")["Body"].read()) == order
