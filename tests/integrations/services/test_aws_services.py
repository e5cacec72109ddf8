"""Services through boto3, against moto: what they get, what the task's result is, how they fail."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import boto3
import pytest
from botocore.config import Config

from asl_engine import StateMachine, UnservedTaskError
from asl_engine.integrations.services.action import ACTIONS
from asl_engine.integrations.services.aws import AwsServices, model_of, operation_name
from asl_engine.integrations.services.jobs import JOBS, REQUESTS
from tests.build import catcher, chain, details, events, run, run_state, task
from tests.integrations.services.aws_world import REGION, aws, call, client, output, queue, service_task, table

__all__ = ["aws"]


def messages(url: str) -> list[str]:
    received = client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    return [message["Body"] for message in received.get("Messages", [])]


def test_a_machine_writes_to_four_services(aws: AwsServices) -> None:
    url, name = queue(), table()
    topic = client("sns").create_topic(Name="orders")["TopicArn"]
    copy = client("sqs").create_queue(QueueName="copy")["QueueUrl"]
    client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:copy")
    client("s3").create_bucket(Bucket="orders")
    order = {"id": "o-1", "total": 12.5}
    definition = chain(
        Send=service_task("sqs:sendMessage", {"QueueUrl": url, "MessageBody.$": "$"}, ResultPath=None),
        Tell=service_task("sns:publish", {"TopicArn": topic, "Message.$": "$"}, ResultPath="$.told"),
        Keep=service_task("dynamodb:putItem", {"TableName": name, "Item": {"id": {"S.$": "$.id"}}}, ResultPath=None),
        Store=service_task(
            "aws-sdk:s3:putObject", {"Bucket": "orders", "Key.$": "$.id", "Body.$": "$.total"}, ResultPath=None
        ),
    )
    execution = run(definition, order, aws=aws)
    assert execution.status == "SUCCEEDED", execution.cause
    assert [json.loads(body) for body in messages(url)] == [order]
    assert [json.loads(json.loads(body)["Message"]) for body in messages(copy)] == [order]
    assert execution.output["told"]["SdkHttpMetadata"]["HttpStatusCode"] == 200
    assert client("dynamodb").get_item(TableName=name, Key={"id": {"S": "o-1"}})["Item"] == {"id": {"S": "o-1"}}
    assert client("s3").get_object(Bucket="orders", Key="o-1")["Body"].read() == b"12.5"


@pytest.mark.parametrize(
    ("body", "sent"), [("plain", "plain"), ({"a": [1]}, '{"a":[1]}'), (True, "true"), (7, "7"), ([], "[]")]
)
def test_a_message_body_that_is_no_text_is_sent_as_json(aws: AwsServices, body: Any, sent: str) -> None:
    url = queue()
    result = output(aws, "sqs:sendMessage", {"QueueUrl": url, "MessageBody": body})
    assert sorted(result) == ["MD5OfMessageBody", "MessageId", "SdkHttpMetadata", "SdkResponseMetadata"]
    assert result["SdkHttpMetadata"]["HttpHeaders"]["Content-Type"] == "application/x-amz-json-1.0"
    assert messages(url) == [sent]


def test_message_attributes_reach_the_queue(aws: AwsServices) -> None:
    url = queue()
    attributes = {"kind": {"DataType": "String", "StringValue": "order"}}
    output(aws, "sqs:sendMessage", {"QueueUrl": url, "MessageBody": "m", "MessageAttributes": attributes})
    received = client("sqs").receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"][0]
    assert received["MessageAttributes"] == attributes


def test_items_are_written_changed_read_and_deleted(aws: AwsServices) -> None:
    key = {"TableName": table(), "Key": {"id": {"S": "1"}}}
    output(aws, "dynamodb:putItem", {"TableName": "orders", "Item": {"id": {"S": "1"}, "n": {"N": "1"}}})
    change = {"UpdateExpression": "SET n = :n", "ExpressionAttributeValues": {":n": {"N": "2"}}}
    changed = output(aws, "dynamodb:updateItem", {**key, **change, "ReturnValues": "UPDATED_NEW"})
    assert changed["Attributes"] == {"n": {"N": "2"}}
    assert output(aws, "dynamodb:getItem", key)["Item"] == {"id": {"S": "1"}, "n": {"N": "2"}}
    output(aws, "dynamodb:deleteItem", key)
    assert "Item" not in output(aws, "dynamodb:getItem", key)


def test_an_sdk_result_has_no_metadata_but_an_optimised_one_has(aws: AwsServices) -> None:
    item = {"TableName": table(), "Item": {"id": {"S": "1"}}}
    assert output(aws, "aws-sdk:dynamodb:putItem", item) == {}
    assert sorted(output(aws, "dynamodb:putItem", item)) == ["SdkHttpMetadata", "SdkResponseMetadata"]


def test_events_reach_the_bus(aws: AwsServices) -> None:
    entry = {"Detail": {"order": 1}, "DetailType": "placed", "Source": "shop"}
    result = output(aws, "events:putEvents", {"Entries": [entry]})
    assert sorted(result) == ["Entries", "FailedEntryCount"]
    assert (result["FailedEntryCount"], list(result["Entries"][0])) == (0, ["EventId"])


def test_a_rule_passes_an_event_on(aws: AwsServices) -> None:
    url = queue()
    client("events").put_rule(Name="r", EventPattern='{"source":["shop"]}')
    client("events").put_targets(Rule="r", Targets=[{"Id": "q", "Arn": "arn:aws:sqs:us-east-1:123456789012:orders"}])
    output(aws, "events:putEvents", {"Entries": [{"Detail": {"order": 1}, "DetailType": "placed", "Source": "shop"}]})
    (body,) = messages(url)
    assert json.loads(body)["detail"] == {"order": 1}


@pytest.mark.parametrize("resource", ["states:startExecution", "aws-sdk:sfn:startExecution"])
def test_a_state_machine_of_aws_is_started(aws: AwsServices, resource: str) -> None:
    definition = json.dumps(chain(S={"Type": "Succeed"}))
    role = "arn:aws:iam::123456789012:role/any"
    arn = client("stepfunctions").create_state_machine(name="m", definition=definition, roleArn=role)["stateMachineArn"]
    started = output(aws, resource, {"StateMachineArn": arn, "Input": {"n": 1}})
    found = client("stepfunctions").describe_execution(executionArn=started["ExecutionArn"])
    assert json.loads(found["input"]) == {"n": 1}
    assert isinstance(started["StartDate"], int if resource.startswith("states") else str)


def test_one_refused_event_fails_the_task(aws: AwsServices) -> None:
    good = {"Detail": "{}", "DetailType": "placed", "Source": "shop"}
    execution = call(aws, "events:putEvents", {"Entries": [good, {**good, "Detail": "no object"}]})
    assert execution.error == "EventBridge.FailedEntry"
    cause = json.loads(execution.cause or "")
    assert cause["FailedEntryCount"] == 1
    assert cause["Entries"][1]["ErrorCode"] == "MalformedDetail"


@pytest.mark.parametrize(
    ("body", "text"), [("text", "text"), (["a", 1], '["a",1]'), ({"k": None}, '{"k":null}'), (True, "true"), ("", "")]
)
def test_an_object_of_s3_is_written_and_read_as_text(aws: AwsServices, body: Any, text: str) -> None:
    client("s3").create_bucket(Bucket="photos")
    where = {"Bucket": "photos", "Key": "k"}
    output(aws, "aws-sdk:s3:putObject", {**where, "Body": body})
    read = output(aws, "aws-sdk:s3:getObject", where)
    assert (read["Body"], read["ContentLength"]) == (text, len(text))
    assert read["LastModified"].endswith("Z")


def test_results_are_in_pascal_case_whatever_the_service_writes(aws: AwsServices) -> None:
    made = output(aws, "aws-sdk:ecs:createCluster", {"ClusterName": "c"})
    assert made["Cluster"]["ClusterName"] == "c"
    assert made["Cluster"]["ClusterArn"].startswith("arn:aws:ecs:")


def test_abbreviations_are_written_as_the_sdk_for_java_writes_them(aws: AwsServices) -> None:
    wanted = {"DbInstanceIdentifier": "d", "DbInstanceClass": "db.t3.micro", "Engine": "mysql", "AllocatedStorage": 20}
    made = output(
        aws, "aws-sdk:rds:createDBInstance", {**wanted, "MasterUsername": "u", "MasterUserPassword": "secret1"}
    )
    assert made["DbInstance"]["DbInstanceClass"] == "db.t3.micro"
    read = output(aws, "aws-sdk:rds:describeDBInstances", {"DbInstanceIdentifier": "d"})
    assert read["DbInstances"][0]["DbInstanceStatus"] == "available"
    sent = {"QueueUrl": queue(), "MessageBody": "m"}
    assert sorted(output(aws, "aws-sdk:sqs:sendMessage", sent)) == ["Md5OfMessageBody", "MessageId"]
    assert "MD5OfMessageBody" in output(aws, "sqs:sendMessage", sent)


def test_keys_of_maps_keep_their_case(aws: AwsServices) -> None:
    output(aws, "aws-sdk:sqs:createQueue", {"QueueName": "q", "Tags": {"team": "a", "Cost": "b"}})
    url = client("sqs").get_queue_url(QueueName="q")["QueueUrl"]
    assert output(aws, "aws-sdk:sqs:listQueueTags", {"QueueUrl": url})["Tags"] == {"team": "a", "Cost": "b"}


FAILURES = [
    (
        "dynamodb:putItem",
        {"TableName": "none", "Item": None},
        "DynamoDB.AmazonDynamoDBException",
        "1 validation error detected: Value null at 'item' failed to satisfy constraint: Member must not be null "
        "(Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ValidationException; Request ID: ",
    ),
    (
        "aws-sdk:dynamodb:putItem",
        {"TableName": "none", "Item": None},
        "DynamoDb.DynamoDbException",
        "1 validation error detected: Value null at 'item' failed to satisfy constraint: Member must not be null "
        "(Service: DynamoDb, Status Code: 400, Request ID: ",
    ),
    (
        "sqs:sendMessage",
        {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/q", "MessageBody": None},
        "SQS.AmazonSQSException",
        "The request must contain the parameter MessageBody. (Service: AmazonSQS; Status Code: 400; Error Code: "
        "MissingParameter; Request ID: ",
    ),
    (
        "aws-sdk:dynamodb:getItem",
        {"TableName": "none", "Key": {"id": {"S": "1"}}},
        "DynamoDb.ResourceNotFoundException",
        "Requested resource not found (Service: DynamoDb, Status Code: 400, Request ID: ",
    ),
    (
        "sqs:sendMessage",
        {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/none", "MessageBody": "m"},
        "SQS.QueueDoesNotExistException",
        "(Service: AmazonSQS; Status Code: 400; Error Code: AWS.SimpleQueueService.NonExistentQueue; Request ID: ",
    ),
    (
        "aws-sdk:rds:deleteDBInstance",
        {"DbInstanceIdentifier": "none"},
        "Rds.DbInstanceNotFoundException",
        "DBInstance none not found. (Service: Rds, Status Code: 404, Request ID: ",
    ),
    (
        "aws-sdk:s3:headBucket",
        {"Bucket": "no-such-bucket"},
        "S3.NoSuchBucketException",
        " (Service: S3, Status Code: 404, Request ID: ",
    ),
    (
        "aws-sdk:s3:listObjects",
        {"Bucket": "no-such-bucket"},
        "S3.NoSuchBucketException",
        "The specified bucket does not exist (Service: S3, Status Code: 404, Request ID: ",
    ),
    (
        "sns:publish",
        {"TopicArn": "arn:aws:sns:us-east-1:123456789012:none", "Message": "m"},
        "SNS.NotFoundException",
        "(Service: AmazonSNS; Status Code: 404; Error Code: NotFound; Request ID: ",
    ),
    (
        "lambda:invoke",
        {"FunctionName": "none", "Payload": {}},
        "Lambda.ResourceNotFoundException",
        "(Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; Request ID: ",
    ),
    (
        "states:startExecution",
        {"StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:none"},
        "StepFunctions.StateMachineDoesNotExistException",
        "(Service: AWSStepFunctions; Status Code: 400; Error Code: StateMachineDoesNotExist; Request ID: ",
    ),
]


@pytest.mark.parametrize(("resource", "parameters", "error", "cause"), FAILURES, ids=[row[0] for row in FAILURES])
def test_a_refusal_has_the_name_and_the_words_of_aws(
    aws: AwsServices, resource: str, parameters: Any, error: str, cause: str
) -> None:
    execution = call(aws, resource, parameters)
    assert execution.error == error
    assert cause in (execution.cause or "")


def test_a_refusal_is_caught_by_its_name(aws: AwsServices) -> None:
    parameters = {"TableName": "none", "Key": {"id": {"S": "1"}}}
    get = service_task("dynamodb:getItem", parameters, Catch=[catcher("Late", "DynamoDB.ResourceNotFoundException")])
    assert run(chain(Get=get | {"Next": "Late"}, Late={"Type": "Succeed"}), aws=aws).path == ["Get", "Late"]


def test_an_endpoint_that_nobody_answers_is_a_client_exception() -> None:
    nowhere = AwsServices(endpoint_url="http://127.0.0.1:9")
    url = "https://sqs.us-east-1.amazonaws.com/123456789012/q"
    execution = call(nowhere, "sqs:sendMessage", {"QueueUrl": url, "MessageBody": "m"})
    assert execution.error == "SQS.SdkClientException"
    assert (execution.cause or "").startswith("Unable to execute HTTP request: ")


def test_an_endpoint_is_asked_with_made_up_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "REAL-KEY")
    asked: list[str] = []

    class Queue(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            asked.append(self.headers["Authorization"])
            self.send_response(200)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.end_headers()
            self.wfile.write(b'{"MessageId": "m-1"}')

        def log_message(self, *arguments: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Queue) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        local = AwsServices(endpoint_url=f"http://127.0.0.1:{server.server_port}")
        queue_url = "https://sqs.us-east-1.amazonaws.com/123456789012/q"
        result = output(local, "sqs:sendMessage", {"QueueUrl": queue_url, "MessageBody": "m"})
        thread.join()
    assert result["MessageId"] == "m-1"
    assert "made-up" in asked[0]
    assert "REAL-KEY" not in asked[0]


UNSUPPORTED = [
    ("aws-sdk:sqs:createQueue", {"QueueName": "q", "Colour": "red"}, "Colour"),
    ("aws-sdk:sqs:createQueue", {"queueName": "q"}, "queueName"),
    ("aws-sdk:rds:describeDBInstances", {"DBInstanceIdentifier": "d"}, "DBInstanceIdentifier"),
    ("aws-sdk:batch:submitJob", {"RetryStrategy": {"evaluateOnExit": []}}, "evaluateOnExit"),
    ("aws-sdk:ec2:describeInstances", {"Filter": []}, "Filter"),
    ("lambda:invoke", {"FunctionName": "f", "TaskToken": "t"}, "TaskToken"),
    ("dynamodb:putItem", {"TableName": "t", "Items": {}}, "Items"),
    ("states:startExecution", {"StateMachineArn": "m", "Inputs": {}}, "Inputs"),
    ("glue:startJobRun.sync", {"Job": "n"}, "Job"),
    ("sqs:sendMessage.waitForTaskToken", {"Token": "t"}, "Token"),
]


@pytest.mark.parametrize(("resource", "parameters", "field"), UNSUPPORTED)
def test_a_parameter_that_a_service_has_not_starts_no_task(
    aws: AwsServices, resource: str, parameters: Any, field: str
) -> None:
    state = service_task(resource, parameters, Catch=[catcher("Late", "States.ALL")])
    execution = run(chain(S=state, Late={"Type": "Succeed"}), aws=aws)
    assert execution.error == "States.Runtime"
    assert execution.cause == (
        "An error occurred while executing the state 'S' (entered at the event id #2). The Parameters "
        f"'{json.dumps(parameters, separators=(',', ':'))}' could not be used to start the Task: "
        f'[The field "{field}" is not supported by Step Functions]'
    )
    assert events(execution) == ["ExecutionStarted", "TaskStateEntered", "ExecutionFailed"]


def test_parameters_that_are_no_object_start_no_task(aws: AwsServices) -> None:
    state = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage"}
    execution = run_state(state, "text", aws=aws)
    assert execution.error == "States.Runtime"
    assert "The Parameters '\"text\"' could not be used to start the Task" in (execution.cause or "")


def test_a_callables_parameters_are_its_own_affair(aws: AwsServices) -> None:
    state = service_task("sqs:sendMessage", {"Colour": "red"})
    assert run_state(state, tasks={"S": lambda payload: payload["Colour"]}, aws=aws).output == "red"


@pytest.mark.parametrize("fields", [{"BOOL": True}, {"Bool": True}])
def test_an_attribute_may_be_written_as_dynamodb_has_it_too(aws: AwsServices, fields: Any) -> None:
    item = {"id": {"S": "1"}, "done": fields}
    output(aws, "aws-sdk:dynamodb:putItem", {"TableName": table(), "Item": item})
    assert client("dynamodb").get_item(TableName="orders", Key={"id": {"S": "1"}})["Item"]["done"] == {"BOOL": True}
    read = output(aws, "aws-sdk:dynamodb:getItem", {"TableName": "orders", "Key": {"id": {"S": "1"}}})
    assert read["Item"] == {"id": {"S": "1"}, "done": {"Bool": True}}
    plain = output(aws, "dynamodb:getItem", {"TableName": "orders", "Key": {"id": {"S": "1"}}})
    assert plain["Item"]["done"] == {"BOOL": True}


QUEUE = "https://sqs.us-east-1.amazonaws.com/123456789012/q"
UNFIT = [
    ("sqs:sendMessage", {"QueueUrl": QUEUE, "DelaySeconds": "soon"}, "DelaySeconds", "an INTEGER"),
    ("sqs:sendMessage", {"QueueUrl": QUEUE, "DelaySeconds": True}, "DelaySeconds", "an INTEGER"),
    ("sqs:sendMessage", {"QueueUrl": QUEUE, "DelaySeconds": 1.5}, "DelaySeconds", "an INTEGER"),
    ("sqs:sendMessage", {"QueueUrl": QUEUE, "MessageAttributes": "text"}, "MessageAttributes", "a MAP"),
    ("sqs:sendMessage", {"QueueUrl": QUEUE, "MessageAttributes": {"a": "x"}}, "a", "a STRUCTURE"),
    ("events:putEvents", {"Entries": "x"}, "Entries", "an ARRAY"),
    ("events:putEvents", {"Entries": [{"Time": "when"}]}, "Time", "a TIMESTAMP"),
    ("events:putEvents", {"Entries": [{"Time": {}}]}, "Time", "a TIMESTAMP"),
    ("dynamodb:putItem", {"TableName": "t", "Item": {"id": {"BOOL": "x"}}}, "BOOL", "a BOOLEAN"),
    ("aws-sdk:cloudwatch:putMetricData", {"MetricData": [{"Value": "x"}]}, "Value", "a DOUBLE"),
]


@pytest.mark.parametrize(("resource", "parameters", "field", "kind"), UNFIT)
@pytest.mark.parametrize("validating", [True, False])
def test_a_value_of_another_type_fails_the_state_whatever_the_client_checks(
    aws: AwsServices, resource: str, parameters: Any, field: str, kind: str, validating: bool
) -> None:
    def lax(service: str) -> Any:
        return boto3.client(service, region_name=REGION, config=Config(parameter_validation=validating))

    execution = call(AwsServices(client=lax), resource, parameters)
    assert execution.error == "States.Runtime"
    told = f"could not be used to start the Task: [The value for the field '{field}' must be {kind}]"
    assert (execution.cause or "").endswith(told)
    assert json.dumps(parameters, separators=(",", ":")) in (execution.cause or "")


def test_a_text_may_be_a_truth_value(aws: AwsServices) -> None:
    item = {"id": {"S": "1"}, "yes": {"BOOL": "true"}, "no": {"BOOL": "false"}}
    output(aws, "dynamodb:putItem", {"TableName": table(), "Item": item})
    kept = client("dynamodb").get_item(TableName="orders", Key={"id": {"S": "1"}})["Item"]
    assert (kept["yes"], kept["no"]) == ({"BOOL": True}, {"BOOL": False})


def test_a_whole_number_and_a_time_are_taken_as_json_writes_them(aws: AwsServices) -> None:
    assert output(aws, "sqs:sendMessage", {"QueueUrl": queue(), "MessageBody": "m", "DelaySeconds": 1.0})
    entry = {"Source": "a", "DetailType": "b", "Detail": {}, "Time": "2024-01-02T03:04:05Z"}
    assert output(aws, "events:putEvents", {"Entries": [entry]})["FailedEntryCount"] == 0


def test_an_action_that_a_service_has_not_is_told_before_anything_runs(aws: AwsServices) -> None:
    ran: list[Any] = []
    machine = chain(First=task() | {"Next": "Then"}, Then=service_task("aws-sdk:s3:levitate", {}))
    with pytest.raises(UnservedTaskError, match="'s3' of boto3 has no action 'levitate'"):
        run(machine, tasks={"First": ran.append}, aws=aws)
    assert ran == []


def test_a_client_without_credentials_is_a_client_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, "/nowhere")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    bare = boto3.Session().client("sqs", region_name=REGION, endpoint_url="http://127.0.0.1:9")
    execution = call(AwsServices(client=bare), "sqs:sendMessage", {"QueueUrl": QUEUE, "MessageBody": "m"})
    assert (execution.error, execution.cause) == ("SQS.SdkClientException", "Unable to locate credentials")


def test_a_callback_task_sends_its_message_and_stays_open(aws: AwsServices) -> None:
    url = queue()
    body = {"token.$": "$$.Task.Token"}
    ask = service_task("sqs:sendMessage.waitForTaskToken", {"QueueUrl": url, "MessageBody": body}, TimeoutSeconds=30)
    execution = run_state(ask, aws=aws)
    (sent,) = messages(url)
    assert len(json.loads(sent)["token"]) > 10
    assert events(execution)[2:6] == ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskTimedOut"]
    assert "MessageId" in json.loads(details(execution.history[4])["output"])
    assert (execution.error, execution.elapsed) == ("States.Timeout", 30)


def test_a_callback_task_without_a_timeout_leaves_the_execution_running(aws: AwsServices) -> None:
    ask = service_task("sqs:sendMessage.waitForTaskToken", {"QueueUrl": queue(), "MessageBody": "m"})
    execution = run_state(ask, aws=aws)
    assert (execution.status, events(execution)[-1]) == ("RUNNING", "TaskSubmitted")


def test_a_callable_wins_over_a_service(aws: AwsServices) -> None:
    state = service_task("sqs:sendMessage", {"QueueUrl": "none", "MessageBody": "m"})
    assert run_state(state, tasks={"S": lambda payload: "mine"}, aws=aws).output == "mine"


def test_without_client_or_endpoint_nothing_is_called() -> None:
    machine = StateMachine.from_json(chain(S=service_task("sqs:sendMessage", {})))
    with pytest.raises(UnservedTaskError, match="neither client= nor endpoint_url="):
        machine.run(aws=AwsServices())
    with pytest.raises(UnservedTaskError, match="no callable serves"):
        machine.run()


def test_a_service_that_boto3_does_not_know_needs_a_callable(aws: AwsServices) -> None:
    state = service_task("aws-sdk:lunarbase:land", {})
    assert run_state(state, tasks={"arn:aws:states:::aws-sdk:lunarbase:land": lambda payload: 1}, aws=aws).output == 1
    with pytest.raises(UnservedTaskError, match="lunarbase"):
        run_state(state, aws=aws)


@pytest.mark.parametrize(
    ("resource", "told"),
    [
        ("aws-sdk:events:putEvents", "as 'aws-sdk:eventbridge'"),
        ("aws-sdk:stepfunctions:listStateMachines", "as 'aws-sdk:sfn'"),
        ("aws-sdk:rds:describeDbInstances", "has no action 'describeDbInstances'"),
    ],
)
def test_a_name_that_aws_writes_otherwise_is_told(aws: AwsServices, resource: str, told: str) -> None:
    with pytest.raises(UnservedTaskError, match=told):
        call(aws, resource, {})


def test_a_single_client_serves_its_own_service_only(aws: AwsServices) -> None:
    url = queue()
    only = AwsServices(client=client("sqs"))
    assert "MessageId" in output(only, "sqs:sendMessage", {"QueueUrl": url, "MessageBody": "m"})
    with pytest.raises(UnservedTaskError):
        call(only, "sns:publish", {})


def test_a_mapping_of_clients_serves_what_it_names(aws: AwsServices) -> None:
    url = queue()
    some = AwsServices(client={"sqs": client("sqs")})
    assert "MessageId" in output(some, "sqs:sendMessage", {"QueueUrl": url, "MessageBody": "m"})
    with pytest.raises(UnservedTaskError):
        call(some, "sns:publish", {})


def test_credentials_choose_the_session_that_their_role_gives(aws: AwsServices) -> None:
    import boto3

    asked: list[str] = []

    def assume(role: str) -> Any:
        asked.append(role)
        return boto3.Session("other", "other")

    url, role = queue(), "arn:aws:iam::999999999999:role/Other"
    state = service_task("sqs:sendMessage", {"QueueUrl": url, "MessageBody": "m"}, Credentials={"RoleArn": role})
    execution = run_state(state, aws=AwsServices(client=client, assume_role=assume))
    assert execution.status == "SUCCEEDED", execution.cause
    assert asked == [role]


def test_a_batch_job_is_submitted_and_followed_to_its_end() -> None:
    batch = FakeService("batch", submit_job={"jobArn": "a", "jobName": "n", "jobId": "j-1"})
    batch.answers["describe_jobs"] = [
        {"jobs": [{"jobId": "j-1", "jobName": "n", "jobQueue": "q", "startedAt": 1, "status": status}]}
        for status in ("RUNNING", "RUNNING", "SUCCEEDED")
    ]
    execution = run_job("batch:submitJob.sync", {"JobName": "n", "JobQueue": "q", "JobDefinition": "d"}, batch)
    assert (execution.output["Status"], execution.elapsed) == ("SUCCEEDED", 20)
    assert events(execution)[4:6] == ["TaskSubmitted", "TaskSucceeded"]
    assert json.loads(details(execution.history[4])["output"])["JobId"] == "j-1"
    assert batch.asked("describe_jobs") == [{"jobs": ["j-1"]}] * 3


def test_a_job_that_fails_is_the_cause_of_the_tasks_failure() -> None:
    glue = FakeService("glue", start_job_run={"JobRunId": "r"})
    glue.answers["get_job_run"] = [{"JobRun": {"Id": "r", "JobRunState": "FAILED", "ErrorMessage": "no"}}]
    execution = run_job("glue:startJobRun.sync", {"JobName": "n"}, glue)
    assert execution.error == "States.TaskFailed"
    assert json.loads(execution.cause or "")["ErrorMessage"] == "no"


@pytest.mark.parametrize(("exit_code", "status"), [(0, "SUCCEEDED"), (1, "FAILED")])
def test_an_ecs_task_ends_as_its_containers_do(exit_code: int, status: str) -> None:
    ecs = FakeService("ecs", run_task={"tasks": [{"taskArn": "t"}], "failures": []})
    stopped = {"taskArn": "t", "lastStatus": "STOPPED", "containers": [{"exitCode": exit_code}]}
    ecs.answers["describe_tasks"] = [{"tasks": [stopped]}]
    execution = run_job("ecs:runTask.sync", {"TaskDefinition": "d", "Cluster": "c"}, ecs)
    assert execution.status == status
    assert ecs.asked("describe_tasks") == [{"cluster": "c", "tasks": ["t"]}]


def test_a_job_that_never_ends_is_ended_by_the_tasks_timeout() -> None:
    glue = FakeService("glue", start_job_run={"JobRunId": "r"})
    glue.answers["get_job_run"] = [{"JobRun": {"Id": "r", "JobRunState": "RUNNING"}}]
    execution = run_job("glue:startJobRun.sync", {"JobName": "n"}, glue, TimeoutSeconds=3600)
    assert (execution.error, execution.elapsed) == ("States.Timeout", 3600)
    forever = run_job("glue:startJobRun.sync", {"JobName": "n"}, glue)
    assert forever.error == "States.Timeout"


def test_without_sync_a_job_is_only_submitted() -> None:
    glue = FakeService("glue", start_job_run={"JobRunId": "r"})
    execution = run_job("glue:startJobRun", {"JobName": "n", "Arguments": {"--Size": "1"}}, glue)
    assert execution.output["JobRunId"] == "r"
    assert glue.asked("start_job_run") == [{"JobName": "n", "Arguments": {"--Size": "1"}}]


JOB_RUNS: list[tuple[str, Any, tuple[str, str, Any], tuple[str, Any, Any], tuple[str, str]]] = [
    (
        "athena:startQueryExecution",
        {"QueryString": "select 1"},
        ("athena", "start_query_execution", {"QueryExecutionId": "q"}),
        ("get_query_execution", {"QueryExecutionId": "q"}, {"QueryExecution": {"Status": {"State": "?"}}}),
        ("SUCCEEDED", "CANCELLED"),
    ),
    (
        "batch:submitJob",
        {"JobName": "n", "JobQueue": "q", "JobDefinition": "d"},
        ("batch", "submit_job", {"jobId": "j", "jobName": "n"}),
        ("describe_jobs", {"jobs": ["j"]}, {"jobs": [{"jobId": "j", "status": "?"}]}),
        ("SUCCEEDED", "FAILED"),
    ),
    (
        "bedrock:createModelCustomizationJob",
        {
            "JobName": "n",
            "CustomModelName": "c",
            "RoleArn": "r",
            "BaseModelIdentifier": "b",
            "TrainingDataConfig": {},
            "OutputDataConfig": {},
        },
        ("bedrock", "create_model_customization_job", {"jobArn": "arn:j"}),
        ("get_model_customization_job", {"jobIdentifier": "arn:j"}, {"jobArn": "arn:j", "status": "?"}),
        ("Completed", "Stopped"),
    ),
    (
        "codebuild:startBuild",
        {"ProjectName": "p"},
        ("codebuild", "start_build", {"build": {"id": "b"}}),
        ("batch_get_builds", {"ids": ["b"]}, {"builds": [{"id": "b", "buildStatus": "?"}]}),
        ("SUCCEEDED", "FAULT"),
    ),
    (
        "codebuild:startBuildBatch",
        {"ProjectName": "p"},
        ("codebuild", "start_build_batch", {"buildBatch": {"id": "b"}}),
        ("batch_get_build_batches", {"ids": ["b"]}, {"buildBatches": [{"id": "b", "buildBatchStatus": "?"}]}),
        ("SUCCEEDED", "STOPPED"),
    ),
    (
        "databrew:startJobRun",
        {"Name": "n"},
        ("databrew", "start_job_run", {"RunId": "r"}),
        ("describe_job_run", {"Name": "n", "RunId": "r"}, {"JobName": "n", "State": "?"}),
        ("SUCCEEDED", "TIMEOUT"),
    ),
    (
        "eks:createCluster",
        {"Name": "c", "RoleArn": "r", "ResourcesVpcConfig": {}},
        ("eks", "create_cluster", {"cluster": {"name": "c"}}),
        ("describe_cluster", {"name": "c"}, {"cluster": {"name": "c", "status": "?"}}),
        ("ACTIVE", "FAILED"),
    ),
    (
        "eks:createFargateProfile",
        {"ClusterName": "c", "FargateProfileName": "f", "PodExecutionRoleArn": "r"},
        ("eks", "create_fargate_profile", {"fargateProfile": {}}),
        (
            "describe_fargate_profile",
            {"clusterName": "c", "fargateProfileName": "f"},
            {"fargateProfile": {"status": "?"}},
        ),
        ("ACTIVE", "CREATE_FAILED"),
    ),
    (
        "eks:createNodegroup",
        {"ClusterName": "c", "NodegroupName": "g", "Subnets": ["s"], "NodeRole": "r"},
        ("eks", "create_nodegroup", {"nodegroup": {}}),
        ("describe_nodegroup", {"clusterName": "c", "nodegroupName": "g"}, {"nodegroup": {"status": "?"}}),
        ("ACTIVE", "CREATE_FAILED"),
    ),
    (
        "elasticmapreduce:addStep",
        {"ClusterId": "c", "Step": {"Name": "s", "HadoopJarStep": {"Jar": "j"}}},
        ("emr", "add_job_flow_steps", {"StepIds": ["s"]}),
        ("describe_step", {"ClusterId": "c", "StepId": "s"}, {"Step": {"Id": "s", "Status": {"State": "?"}}}),
        ("COMPLETED", "INTERRUPTED"),
    ),
    (
        "elasticmapreduce:createCluster",
        {"Name": "c", "Instances": {}},
        ("emr", "run_job_flow", {"JobFlowId": "j"}),
        ("describe_cluster", {"ClusterId": "j"}, {"Cluster": {"Id": "j", "Status": {"State": "?"}}}),
        ("WAITING", "TERMINATED_WITH_ERRORS"),
    ),
    (
        "emr-containers:startJobRun",
        {"VirtualClusterId": "v"},
        ("emr-containers", "start_job_run", {"id": "r", "virtualClusterId": "v"}),
        ("describe_job_run", {"id": "r", "virtualClusterId": "v"}, {"jobRun": {"id": "r", "state": "?"}}),
        ("COMPLETED", "CANCELLED"),
    ),
    (
        "emr-serverless:startJobRun",
        {"ApplicationId": "a", "ExecutionRoleArn": "arn:aws:iam::1:role/r"},
        ("emr-serverless", "start_job_run", {"applicationId": "a", "jobRunId": "r"}),
        ("get_job_run", {"applicationId": "a", "jobRunId": "r"}, {"jobRun": {"jobRunId": "r", "state": "?"}}),
        ("SUCCESS", "FAILED"),
    ),
    (
        "glue:startJobRun",
        {"JobName": "n"},
        ("glue", "start_job_run", {"JobRunId": "r"}),
        ("get_job_run", {"JobName": "n", "RunId": "r"}, {"JobRun": {"Id": "r", "JobRunState": "?"}}),
        ("SUCCEEDED", "ERROR"),
    ),
    (
        "mediaconvert:createJob",
        {"Role": "arn:aws:iam::1:role/r", "Settings": {}},
        ("mediaconvert", "create_job", {"Job": {"Id": "j"}}),
        ("get_job", {"Id": "j"}, {"Job": {"Id": "j", "Status": "?"}}),
        ("COMPLETE", "CANCELED"),
    ),
    *(
        (
            f"sagemaker:create{kind}Job",
            {f"{kind}JobName": "n", **required},
            ("sagemaker", f"create_{name}_job", {f"{kind}JobArn": "arn:j"}),
            (f"describe_{name}_job", {f"{kind}JobName": "n"}, {f"{kind}JobName": "n", f"{kind}JobStatus": "?"}),
            ("Completed", "Stopped"),
        )
        for kind, name, required in (
            ("HyperParameterTuning", "hyper_parameter_tuning", {"HyperParameterTuningJobConfig": {}}),
            (
                "Labeling",
                "labeling",
                {
                    "LabelAttributeName": "l",
                    "InputConfig": {},
                    "OutputConfig": {},
                    "RoleArn": "r",
                    "HumanTaskConfig": {},
                },
            ),
            ("Processing", "processing", {"ProcessingResources": {}, "AppSpecification": {}, "RoleArn": "r"}),
            (
                "Training",
                "training",
                {
                    "AlgorithmSpecification": {},
                    "RoleArn": "r",
                    "OutputDataConfig": {},
                    "ResourceConfig": {},
                    "StoppingCondition": {},
                },
            ),
            (
                "Transform",
                "transform",
                {"ModelName": "m", "TransformInput": {}, "TransformOutput": {}, "TransformResources": {}},
            ),
        )
    ),
]


@pytest.mark.parametrize(("resource", "parameters", "start", "ask", "ends"), JOB_RUNS, ids=[row[0] for row in JOB_RUNS])
def test_a_job_ends_well_or_badly_as_its_service_says(
    resource: str, parameters: Any, start: Any, ask: Any, ends: tuple[str, str]
) -> None:
    (service, submit, submitted), (describe, told, description) = start, ask

    def run_to(end: str) -> Any:
        fake = FakeService(service, **{submit: submitted})
        fake.answers[describe] = [json.loads(json.dumps(description).replace("?", state)) for state in ("BUSY", end)]
        execution = run_job(f"{resource}.sync", parameters, fake)
        assert fake.asked(describe) == [told, told]
        return execution

    well, badly = (run_to(end) for end in ends)
    assert well.status == "SUCCEEDED", well.cause
    assert ends[0] in json.dumps(well.output) or resource == "elasticmapreduce:createCluster"
    assert badly.error == "States.TaskFailed"
    assert ends[1] in (badly.cause or "")


def test_a_build_is_shown_as_one() -> None:
    fake = FakeService("codebuild", start_build={"build": {"id": "b"}})
    fake.answers["batch_get_builds"] = [{"builds": [{"id": "b", "buildStatus": "SUCCEEDED", "reportArns": ["r"]}]}]
    execution = run_job("codebuild:startBuild.sync", {"ProjectName": "p"}, fake)
    assert execution.output == {"Build": {"Id": "b", "BuildStatus": "SUCCEEDED", "ReportArns": ["r"]}}


def test_a_cluster_is_known_by_its_id() -> None:
    fake = FakeService("emr", run_job_flow={"JobFlowId": "j"}, terminate_job_flows={})
    fake.answers["describe_cluster"] = [{"Cluster": {"Id": "j", "Status": {"State": "WAITING"}}}]
    made = run_job("elasticmapreduce:createCluster.sync", {"Name": "c", "Instances": {}}, fake).output
    assert sorted(made) == ["ClusterId", "SdkHttpMetadata", "SdkResponseMetadata"]
    run_job("elasticmapreduce:terminateCluster", {"ClusterId": made["ClusterId"]}, fake)
    assert fake.asked("terminate_job_flows") == [{"JobFlowIds": ["j"]}]


def test_every_job_is_tested() -> None:
    assert {row[0] for row in JOB_RUNS} | {"ecs:runTask"} == set(JOBS)


def test_an_execution_of_aws_is_followed_to_its_end() -> None:
    arn = "arn:aws:states:us-east-1:123456789012:execution:m:e"
    states = FakeService("stepfunctions", start_execution={"executionArn": arn, "startDate": 0})
    told = {"executionArn": arn, "name": "e", "input": "{}", "redriveCount": 0, "redriveStatus": "NOT_REDRIVABLE"}
    states.answers["describe_execution"] = [
        {**told, "status": "RUNNING"},
        {**told, "status": "SUCCEEDED", "output": "[1]", "outputDetails": {"included": True}},
    ]
    asked = {"StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:m"}
    execution = run_job("states:startExecution.sync:2", asked, states)
    described = {"ExecutionArn": arn, "Name": "e", "Input": {}, "Output": [1], "OutputDetails": {"Included": True}}
    assert execution.output == {**described, "Status": "SUCCEEDED"}
    assert execution.elapsed == 10


@pytest.mark.parametrize("name", REQUESTS)
def test_every_plain_request_is_an_action_of_its_service(name: str) -> None:
    service, action = name.split(":")
    assert operation_name(model_of(service), action)
    assert f"{name}.sync" not in ACTIONS


def test_a_plain_request_is_made_and_its_response_given(aws: AwsServices) -> None:
    made = output(aws, "sagemaker:createModel", {"ModelName": "m", "ExecutionRoleArn": "arn:aws:iam::1:role/r"})
    assert sorted(made) == ["ModelArn", "SdkHttpMetadata", "SdkResponseMetadata"]
    assert client("sagemaker").describe_model(ModelName="m")["ModelArn"] == made["ModelArn"]


def test_an_ecs_task_that_could_not_be_started_fails() -> None:
    ecs = FakeService("ecs", run_task={"tasks": [{"taskArn": "t"}], "failures": []})
    stopped = {"taskArn": "t", "lastStatus": "STOPPED", "stopCode": "TaskFailedToStart", "containers": [{"name": "c"}]}
    ecs.answers["describe_tasks"] = [{"tasks": [stopped]}]
    assert run_job("ecs:runTask.sync", {"TaskDefinition": "d"}, ecs).error == "States.TaskFailed"


def test_the_answer_of_a_lambda_function_is_the_payload() -> None:
    service = FakeService("lambda", invoke={"StatusCode": 200, "Payload": b'{"n":2}', "ExecutedVersion": "3"})
    execution = run_job("lambda:invoke", {"FunctionName": "f", "Payload": {"n": 1}}, service)
    assert (execution.output["Payload"], execution.output["ExecutedVersion"]) == ({"n": 2}, "3")
    assert service.asked("invoke") == [{"FunctionName": "f", "Payload": b'{"n":1}'}]


def test_the_error_of_a_lambda_function_is_the_tasks() -> None:
    report = '{"errorMessage":"no","errorType":"Declined","requestId":"r","stackTrace":[]}'
    service = FakeService(
        "lambda", invoke={"StatusCode": 200, "FunctionError": "Unhandled", "Payload": report.encode()}
    )
    execution = run_job("lambda:invoke", {"FunctionName": "f", "Payload": {}}, service)
    assert (execution.error, execution.cause) == ("Declined", report)


def test_a_function_by_its_arn_gives_its_bare_answer() -> None:
    service = FakeService("lambda", invoke={"StatusCode": 200, "Payload": b"[1]"})
    arn = "arn:aws:lambda:us-east-1:123456789012:function:f"
    state = {"Type": "Task", "Resource": arn}
    assert run_state(state, {"n": 1}, aws=AwsServices(client=service.client)).output == [1]


class FakeService:
    """A client of the real model whose answers are set, for services that moto does not run."""

    def __init__(self, service: str, **answers: Any) -> None:
        import boto3

        self.calls: list[tuple[str, Any]] = []
        self.answers: dict[str, list[Any]] = {name: [answer] for name, answer in answers.items()}
        self._real = boto3.Session("a", "b").client(service, region_name="us-east-1")
        self.meta = self._real.meta

    def client(self, service: str) -> Any:
        return self

    def asked(self, name: str) -> list[Any]:
        return [given for called, given in self.calls if called == name]

    def __getattr__(self, name: str) -> Any:
        def answer(**given: Any) -> Any:
            self.calls.append((name, given))
            left = self.answers[name]
            found = left.pop(0) if len(left) > 1 else left[0]
            return {**found, "ResponseMetadata": {"RequestId": "r", "HTTPStatusCode": 200, "HTTPHeaders": {}}}

        return answer


def run_job(resource: str, parameters: Any, service: FakeService, **fields: Any) -> Any:
    return run_state(service_task(resource, parameters, **fields), aws=AwsServices(client=service.client))
