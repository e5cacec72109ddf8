"""IAM policies of a run, and the permissions that a definition needs."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asl_engine import Execution, StateMachine
from asl_engine.integrations.iam import machine_needs, minimal_policy
from asl_engine.integrations.permissions import Policy, PolicyError, matches
from tests.build import catcher, chain, each, events, function, giving, run, run_state, task

QUEUE = "https://sqs.eu-west-1.amazonaws.com/111122223333/orders"
QUEUE_ARN = "arn:aws:sqs:eu-west-1:111122223333:orders"


def integration(resource: str, parameters: Any = None, **fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": parameters or {}, **fields}


def send(**fields: Any) -> dict[str, Any]:
    return integration("sqs:sendMessage", {"QueueUrl": QUEUE, "MessageBody": "m"}, **fields)


def statement(effect: str, action: Any, resource: Any = "*") -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def run_under(policy: Any, state: dict[str, Any], **options: Any) -> Any:
    return run_state(state, tasks={"S": giving("well")}, policy=policy, **options)


def test_what_a_policy_allows_is_done() -> None:
    assert run_under(document(statement("Allow", "sqs:SendMessage", QUEUE_ARN)), send()).output == "well"


def test_what_no_policy_allows_fails_the_task() -> None:
    execution = run_under(document(statement("Allow", "sns:*")), send())
    assert execution.error == "States.Permissions"
    assert execution.cause == (
        "User: arn:aws:sts::123456789012:assumed-role/StateMachine/StateMachine is not authorized to perform: "
        f"sqs:SendMessage on resource: {QUEUE_ARN} because no identity-based policy allows the sqs:SendMessage action"
    )
    assert events(execution)[2:5] == ["TaskScheduled", "TaskStarted", "TaskFailed"]


def test_an_explicit_deny_is_told_as_one() -> None:
    policy = document(statement("Allow", "*"), statement("Deny", "sqs:*", "arn:aws:sqs:*:*:orders"))
    cause = run_under(policy, send()).cause
    assert cause.endswith(f"on resource: {QUEUE_ARN} with an explicit deny in an identity-based policy")


def test_a_refused_call_never_reaches_its_callable() -> None:
    called: list[Any] = []
    run_state(send(), tasks={"S": called.append}, policy=document())
    assert called == []


def test_a_refusal_is_caught_and_retried_by_its_name() -> None:
    definition = chain(A=send(Catch=[catcher("Z", "States.Permissions")], Next="Z"), Z={"Type": "Succeed"})
    assert run(definition, tasks={"A": giving(1)}, policy=document()).path == ["A", "Z"]


def test_several_documents_are_one_policy() -> None:
    allow, deny = document(statement("Allow", "*")), document(statement("Deny", "sqs:SendMessage"))
    assert run_under([allow], send()).status == "SUCCEEDED"
    assert run_under([allow, deny], send()).error == "States.Permissions"


@pytest.mark.parametrize(("resource", "well"), [(function("work"), True), (function("other"), False)])
def test_a_function_is_named_by_its_arn(resource: str, well: bool) -> None:
    execution = run_under(document(statement("Allow", "lambda:InvokeFunction", resource)), task("work"))
    assert (execution.status == "SUCCEEDED") is well


def test_a_name_is_an_arn_in_the_executions_own_account() -> None:
    policy = document(statement("Allow", "dynamodb:GetItem", "arn:aws:dynamodb:eu-west-3:42:table/orders"))
    context = {"Execution": {"Id": "arn:aws:states:eu-west-3:42:execution:m:e", "RoleArn": "arn:aws:iam::42:role/r"}}
    state = integration("dynamodb:getItem", {"TableName": "orders"})
    assert run_under(policy, state, context=context).status == "SUCCEEDED"
    assert "assumed-role/r/r is not" in (run_under(document(), state, context=context).cause or "")


def test_a_role_that_may_not_be_assumed_fails_as_recorded() -> None:
    role = "arn:aws:iam::111111111111:role/CrossAccountRole"
    execution = run_under(document(statement("Allow", "sqs:*")), send(Credentials={"RoleArn": role}))
    assert (execution.error, execution.cause) == (
        "States.TaskFailed",
        "The role arn:aws:iam::123456789012:role/StateMachine is not authorized to assume the task state's role, "
        f"{role}.",
    )
    allowed = document(statement("Allow", "sts:AssumeRole", role))
    assert run_under(allowed, send(Credentials={"RoleArn": role})).output == "well"


def test_not_action_and_not_resource_mean_all_others() -> None:
    policy = Policy(document({"Effect": "Allow", "NotAction": "sqs:*", "NotResource": "arn:aws:s3:::secret/*"}))
    assert policy.decide("s3:GetObject", "arn:aws:s3:::open/a") == "Allow"
    assert policy.decide("s3:GetObject", "arn:aws:s3:::secret/a") is None
    assert policy.decide("sqs:SendMessage", QUEUE_ARN) is None


@pytest.mark.parametrize(
    ("given_document", "place"),
    [
        (["text"], "/0"),
        ({"Version": "2012-10-17"}, "/0"),
        (document({**statement("Allow", "*"), "Condition": {}}), "/0/Statement/0/Condition"),
        (document({**statement("Allow", "*"), "Principal": "*"}), "/0/Statement/0/Principal"),
        (document(statement("Maybe", "*")), "/0/Statement/0/Effect"),
        (document({"Effect": "Allow", "Action": "*"}), "/0/Statement/0"),
        (document(statement("Allow", [])), "/0/Statement/0/Action"),
    ],
)
def test_what_is_not_evaluated_is_refused_by_place(given_document: Any, place: str) -> None:
    with pytest.raises(PolicyError, match=f"^{place}: "):
        Policy(given_document)


def test_no_document_allows_nothing() -> None:
    assert Policy([]).decide("sqs:SendMessage", "*") is None


# --- laws -------------------------------------------------------------------------------------------------------------

texts = st.text("ab:/", max_size=6)
patterns = st.text("ab:/*?", max_size=6)
actions = st.text("abAB:*?", min_size=1, max_size=5)
statements = st.builds(statement, st.sampled_from(["Allow", "Deny"]), actions, patterns)


@given(patterns, texts)
def test_wildcards_match_as_shell_patterns_do(pattern: str, text: str) -> None:
    assert matches(pattern, text) == fnmatch.fnmatchcase(text, pattern)


@given(st.lists(statements), st.text("abAB:", min_size=1), texts)
def test_a_deny_always_wins(others: list[dict[str, Any]], action: str, resource: str) -> None:
    policy = Policy(document(*others, statement("Deny", action, resource), statement("Allow", "*")))
    assert policy.decide(action, resource) == "Deny"


@given(st.lists(statements), st.text("abAB:", min_size=1), texts)
def test_the_order_of_statements_does_not_count(found: list[dict[str, Any]], action: str, resource: str) -> None:
    assert Policy(document(*found)).decide(action, resource) == Policy(document(*found[::-1])).decide(action, resource)


@given(st.lists(statements), statements, st.text("abAB:", min_size=1), texts)
def test_a_statement_more_allows_more_or_denies_more(
    found: list[dict[str, Any]], more: dict[str, Any], action: str, resource: str
) -> None:
    before, after = (Policy(document(*all_)).decide(action, resource) for all_ in (found, [*found, more]))
    assert before == after or after == more["Effect"]


# --- what a definition needs ------------------------------------------------------------------------------------------


def needed(definition: dict[str, Any]) -> dict[str, Any]:
    """Action -> the resources that a definition's role needs it on."""
    policy = minimal_policy(machine_needs(read(definition), "m"))
    return {action: row["Resource"] for row in policy["Statement"] for action in row["Action"]}


def read(definition: dict[str, Any]) -> Any:
    from asl_engine.definition.reader import read_definition
    from asl_engine.states.table import STATE_TYPES

    machine, diagnostics = read_definition(definition, STATE_TYPES, False)
    assert machine is not None, diagnostics
    return machine


ECS_RULE = ["arn:aws:events:*:*:rule/StepFunctionsGetEventsForECSTaskRule"]
NEEDS = [
    ("sqs:sendMessage", {"QueueUrl": QUEUE}, {"sqs:SendMessage": [QUEUE_ARN]}),
    ("sqs:sendMessage", {"QueueUrl.$": "$.q"}, {"sqs:SendMessage": "*"}),
    ("sns:publish", {"TopicArn": "arn:aws:sns:x:1:t"}, {"sns:Publish": ["arn:aws:sns:x:1:t"]}),
    ("dynamodb:putItem", {"TableName": "t"}, {"dynamodb:PutItem": ["arn:aws:dynamodb:*:*:table/t"]}),
    ("events:putEvents", {"Entries": [{}]}, {"events:PutEvents": ["arn:aws:events:*:*:event-bus/default"]}),
    ("lambda:invoke", {"FunctionName": "f"}, {"lambda:InvokeFunction": ["arn:aws:lambda:*:*:function:f"]}),
    ("aws-sdk:s3:getObject", {"Bucket": "b", "Key": "k"}, {"s3:GetObject": ["arn:aws:s3:::b/k"]}),
    ("aws-sdk:s3:listObjectsV2", {"Bucket": "b"}, {"s3:ListBucket": ["arn:aws:s3:::b"]}),
    ("aws-sdk:s3:putObject", {"Bucket": "b", "Key.$": "$.k"}, {"s3:PutObject": ["arn:aws:s3:::b/*"]}),
    ("aws-sdk:s3:getBucketPolicy", {"Bucket": "b"}, {"s3:GetBucketPolicy": ["arn:aws:s3:::b"]}),
    ("aws-sdk:s3:putObjectTagging", {"Bucket": "b", "Key": "k"}, {"s3:PutObjectTagging": ["arn:aws:s3:::b/k"]}),
    ("aws-sdk:s3:createMultipartUpload", {"Bucket": "b", "Key": "k"}, {"s3:PutObject": ["arn:aws:s3:::b/k"]}),
    ("aws-sdk:s3:listBuckets", {}, {"s3:ListAllMyBuckets": "*"}),
    ("aws-sdk:sqs:deleteMessageBatch", {"QueueUrl": QUEUE}, {"sqs:DeleteMessage": [QUEUE_ARN]}),
    (
        "aws-sdk:secretsmanager:getSecretValue",
        {"SecretId": "db/key"},
        {"secretsmanager:GetSecretValue": ["arn:aws:secretsmanager:*:*:secret:db/key-??????"]},
    ),
    (
        "aws-sdk:eventbridge:putEvents",
        {"Entries": [{"EventBusName": "shop"}]},
        {"events:PutEvents": ["arn:aws:events:*:*:event-bus/shop"]},
    ),
    (
        "aws-sdk:sfn:stopExecution",
        {"ExecutionArn": "arn:aws:states:x:1:execution:m:e"},
        {"states:StopExecution": ["arn:aws:states:x:1:execution:m:e"]},
    ),
    (
        "bedrock:invokeModel",
        {"ModelId": "maker.model-v1"},
        {"bedrock:InvokeModel": ["arn:aws:bedrock:*::foundation-model/maker.model-v1"]},
    ),
    (
        "bedrock:invokeModel",
        {"ModelId": "arn:aws:bedrock:x:1:p/m"},
        {"bedrock:InvokeModel": ["arn:aws:bedrock:x:1:p/m"]},
    ),
    ("ecs:runTask", {"TaskDefinition": "f"}, {"ecs:RunTask": ["arn:aws:ecs:*:*:task-definition/f:*"]}),
    ("ecs:runTask", {"TaskDefinition": "f:3"}, {"ecs:RunTask": ["arn:aws:ecs:*:*:task-definition/f:3"]}),
    ("sns:publish", {"PhoneNumber": "+1", "TopicArn": "no-arn"}, {"sns:Publish": "*"}),
    ("aws-sdk:sfn:describeExecution", {}, {"states:DescribeExecution": "*"}),
    ("aws-sdk:cloudwatchlogs:createLogGroup", {}, {"logs:CreateLogGroup": "*"}),
    ("aws-sdk:lunarbase:land", {}, {"lunarbase:Land": "*"}),
    ("glue:startJobRun", {"JobName": "j"}, {"glue:StartJobRun": "*"}),
    (
        "ecs:runTask.sync",
        {"TaskDefinition.$": "$.d"},
        {
            **dict.fromkeys(["ecs:DescribeTasks", "ecs:RunTask", "ecs:StopTask"], "*"),
            "events:DescribeRule": ECS_RULE,
            "events:PutRule": ECS_RULE,
            "events:PutTargets": ECS_RULE,
        },
    ),
]


@pytest.mark.parametrize(("resource", "parameters", "expected"), NEEDS, ids=[f"{row[0]}-{row[1]}" for row in NEEDS])
def test_an_integration_needs_these_actions(resource: str, parameters: Any, expected: dict[str, Any]) -> None:
    assert needed(chain(S=integration(resource, parameters))) == expected


def test_a_nested_execution_is_watched_and_stopped() -> None:
    arn = "arn:aws:states:x:1:stateMachine:c"
    found = needed(chain(S=integration("states:startExecution.sync:2", {"StateMachineArn": arn})))
    assert found["states:StartExecution"] == [arn]
    assert found["states:DescribeExecution"] == ["arn:aws:states:x:1:execution:c:*"]
    assert found["events:PutRule"] == ["arn:aws:events:*:*:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"]


def test_credentials_need_the_role_and_nothing_else() -> None:
    found = needed(chain(S=send(Credentials={"RoleArn": "arn:aws:iam::1:role/r"})))
    assert found == {"sts:AssumeRole": ["arn:aws:iam::1:role/r"]}


def test_a_distributed_map_needs_its_own_machine_and_its_files() -> None:
    processor = {**chain(P={"Type": "Pass"}), "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
    reader = {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "JSON"},
        "Parameters": {"Bucket": "in", "Key": "k.json"},
    }
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "out", "Prefix": "p"}}
    found = needed(chain(M=each(processor, ItemReader=reader, ResultWriter=writer)))
    assert found["states:StartExecution"] == ["arn:aws:states:*:*:stateMachine:m"]
    assert found["s3:PutObject"] == ["arn:aws:s3:::out/p/*"]
    assert found["s3:GetObject"] == ["arn:aws:s3:::in/k.json", "arn:aws:s3:::out/p/*"]


def mapping(folder: Path, actions: Sequence[str], **fields: Any) -> Execution:
    """A distributed Map over a file, run by a role that may do these actions."""
    (folder / "in").mkdir()
    (folder / "out").mkdir()
    (folder / "in" / "k.json").write_text("[1]")
    processor = {**chain(P={"Type": "Pass"}), "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
    allowed = {"Statement": {"Effect": "Allow", "Action": list(actions), "Resource": "arn:aws:s3:::*"}}
    return run(chain(M=each(processor, **fields)), [1], storage=folder, policy=allowed)


READ_FILE = {
    "Resource": "arn:aws:states:::s3:getObject",
    "ReaderConfig": {"InputType": "JSON"},
    "Parameters": {"Bucket": "in", "Key": "k.json"},
}
LIST_FILES = {"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "in"}}
WRITE = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "out", "Prefix": "p"}}


@pytest.mark.parametrize(
    ("fields", "needs"),
    [
        ({"ItemReader": READ_FILE}, ["s3:GetObject"]),
        ({"ItemReader": LIST_FILES}, ["s3:ListBucket"]),
        (
            {"ResultWriter": WRITE},
            ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"],
        ),
    ],
)
def test_what_a_distributed_map_reads_and_writes_is_judged(tmp_path: Path, fields: Any, needs: list[str]) -> None:
    for name, actions in (("well", needs), ("badly", needs[:-1] or ["s3:PutObject"])):
        (tmp_path / name).mkdir()
        execution = mapping(tmp_path / name, actions, **fields)
        assert execution.error == (None if name == "well" else "States.Permissions")
    assert "is not authorized to perform: s3:" in (execution.cause or "")
    assert list((tmp_path / "badly" / "out").iterdir()) == []


def test_no_entries_are_on_any_bus() -> None:
    assert needed(chain(S=integration("events:putEvents", {"Entries": []}))) == {"events:PutEvents": "*"}


def test_states_of_branches_and_maps_count_too() -> None:
    inner = chain(I=integration("sns:publish", {"TopicArn": "arn:aws:sns:x:1:t"}))
    assert list(needed(chain(M=each(inner), S=send()))) == ["sns:Publish", "sqs:SendMessage"]


@pytest.mark.parametrize(("resource", "parameters", "expected"), NEEDS, ids=[f"{row[0]}-{row[1]}" for row in NEEDS])
def test_a_machine_runs_under_the_policy_that_it_is_said_to_need(resource: str, parameters: Any, expected: Any) -> None:
    constant = {name: value for name, value in parameters.items() if not name.endswith(".$")}
    definition = chain(S=integration(resource, constant))
    policy = minimal_policy(machine_needs(StateMachine.from_json(definition).definition, "m"))
    assert run(definition, tasks={"S": giving(1)}, policy=policy).status == "SUCCEEDED"
    for row in policy["Statement"]:
        less = {**policy, "Statement": [other for other in policy["Statement"] if other is not row]}
        assert run(definition, tasks={"S": giving(1)}, policy=less).error == "States.Permissions"
