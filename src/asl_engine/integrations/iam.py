"""Which IAM actions a task needs, and on which resources.

Developer guide, "How Step Functions generates IAM policies for integrated services" and the page of each integration.

One row of `OPTIMISED` an integration. The rule that keeps it whole: a resource is named only where the parameters name
it as a constant, and is "*" otherwise, as AWS's own generated policies have it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from asl_engine.definition.fields import ABSENT
from asl_engine.definition.graph import Machine, every_machine
from asl_engine.integrations.services.names import BOTO3_NAMES
from asl_engine.jsonvalue import Json
from asl_engine.states.resource import LAMBDA_FUNCTION, Resource, parse_resource

ANY = "*"
SDK = "aws-sdk:"


class Owner(NamedTuple):
    """Where resources are that are named without an ARN, and the state machine whose role it is."""

    partition: str = "aws"
    region: str = ANY
    account: str = ANY
    machine: str = ANY

    def arn(self, service: str, rest: str) -> str:
        """The ARN of something in this account and region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{rest}"


class Permission(NamedTuple):
    """Actions that must be allowed on resources."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]


class Need(NamedTuple):
    """What a state needs, for `asl permissions`."""

    state_name: str
    resource: str
    permissions: tuple[Permission, ...]


Named = Callable[[Mapping[str, Json], Owner], "str | list[str]"]
"""The ARN, or ARNs, that constant parameters name; "*" where they do not."""


def constant(parameters: Mapping[str, Json], name: str) -> str | None:
    """A parameter's text, None where it is not there or made when the state runs."""
    value = parameters.get(name)
    return None if not isinstance(value, str) or value.startswith("{%") else value


def by_arn(*names: str) -> Callable[[Mapping[str, Json], Owner], str]:
    """The ARN stands in one of these parameters."""

    def named(parameters: Mapping[str, Json], owner: Owner) -> str:
        return next((text for name in names if (text := constant(parameters, name))), ANY)

    return named


def in_account(service: str, kind: str, name: str) -> Named:
    """The parameter is an ARN or the name of something in the account."""

    def named(parameters: Mapping[str, Json], owner: Owner) -> str:
        text = constant(parameters, name)
        if text is None:
            return ANY
        return text if text.startswith("arn:") else owner.arn(service, f"{kind}{text}")

    return named


def own_machine(parameters: Mapping[str, Json], owner: Owner) -> str:
    """The state machine itself."""
    return owner.machine


def anything(parameters: Mapping[str, Json], owner: Owner) -> str:
    """No resource can be named."""
    return ANY


def queue(parameters: Mapping[str, Json], owner: Owner) -> str:
    """SQS names a queue by its URL: https://sqs.REGION.amazonaws.com/ACCOUNT/NAME."""
    from urllib.parse import urlsplit

    url = urlsplit(constant(parameters, "QueueUrl") or "")
    parts = url.path.strip("/").split("/")
    if len(parts) != 2:
        return ANY
    host = (url.hostname or "").split(".")
    region = host[1] if host[0] == "sqs" and len(host) > 2 else owner.region
    return f"arn:{owner.partition}:sqs:{region}:{parts[0]}:{parts[1]}"


def buses(parameters: Mapping[str, Json], owner: Owner) -> list[str]:
    """EventBridge: the buses of all entries."""
    entries = parameters.get("Entries")
    if not isinstance(entries, list):
        return [ANY]
    names = [_bus(entry) for entry in entries]
    return [
        name if name == ANY or name.startswith("arn:") else owner.arn("events", f"event-bus/{name}") for name in names
    ]


def _bus(entry: Json) -> str:
    if not isinstance(entry, dict) or "EventBusName.$" in entry:
        return ANY
    return (constant(entry, "EventBusName") or ANY) if "EventBusName" in entry else "default"


def executions(parameters: Mapping[str, Json], owner: Owner) -> str:
    """The executions of the state machine that is started."""
    arn = constant(parameters, "StateMachineArn")
    return ANY if arn is None else f"{arn.replace(':stateMachine:', ':execution:')}:*"


def api(parameters: Mapping[str, Json], owner: Owner) -> str:
    """API Gateway: API-ID/STAGE/METHOD/PATH."""
    endpoint = constant(parameters, "ApiEndpoint")
    if endpoint is None:
        return ANY
    stage, method, path = (constant(parameters, name) or ANY for name in ("Stage", "Method", "Path"))
    return owner.arn("execute-api", f"{endpoint.split('.')[0]}/{stage}/{method}/{path.strip('/')}")


def connection(parameters: Mapping[str, Json], owner: Owner) -> str:
    """HTTP: the connection that authorises the request."""
    given = parameters.get("Authentication")
    return by_arn("ConnectionArn")(given, owner) if isinstance(given, dict) else ANY


def secret_of_connections(parameters: Mapping[str, Json], owner: Owner) -> str:
    """HTTP: where EventBridge keeps what connections know."""
    return f"arn:{owner.partition}:secretsmanager:*:*:secret:events!connection/*"


def bucket(parameters: Mapping[str, Json], owner: Owner) -> str:
    """S3: a bucket."""
    name = constant(parameters, "Bucket")
    return ANY if name is None else f"arn:{owner.partition}:s3:::{name}"


def s3_object(parameters: Mapping[str, Json], owner: Owner) -> str:
    """S3: an object, or all objects of a bucket where the key is not known."""
    found = bucket(parameters, owner)
    return found if found == ANY else f"{found}/{constant(parameters, 'Key') or ANY}"


def rule(name: str) -> tuple[tuple[str, ...], Named]:
    """`.sync`: the rule by which EventBridge tells that a job has ended."""
    actions = ("events:DescribeRule", "events:PutRule", "events:PutTargets")
    return actions, lambda parameters, owner: owner.arn("events", f"rule/{name}")


Row = tuple[tuple[str, ...], Named]

_TABLE = in_account("dynamodb", "table/", "TableName")
_FUNCTION = in_account("lambda", "function:", "FunctionName")
_MACHINE = in_account("states", "stateMachine:", "StateMachineArn")
_SAGEMAKER = "sagemaker"
_PASS_ROLE: Row = (("iam:PassRole",), by_arn("RoleArn", "ServiceRole", "JobFlowRole"))

OPTIMISED: dict[str, tuple[Row, ...]] = {
    "apigateway:invoke": ((("execute-api:Invoke",), api),),
    "athena:getQueryExecution": ((("athena:GetQueryExecution",), anything),),
    "athena:getQueryResults": ((("athena:GetQueryResults",), anything),),
    "athena:startQueryExecution": ((("athena:StartQueryExecution",), anything),),
    "athena:stopQueryExecution": ((("athena:StopQueryExecution",), anything),),
    "batch:submitJob": ((("batch:SubmitJob",), anything),),
    "bedrock:invokeModel": ((("bedrock:InvokeModel",), by_arn("ModelId")),),
    "codebuild:startBuild": ((("codebuild:StartBuild",), in_account("codebuild", "project/", "ProjectName")),),
    "databrew:startJobRun": ((("databrew:StartJobRun",), anything),),
    "dynamodb:deleteItem": ((("dynamodb:DeleteItem",), _TABLE),),
    "dynamodb:getItem": ((("dynamodb:GetItem",), _TABLE),),
    "dynamodb:putItem": ((("dynamodb:PutItem",), _TABLE),),
    "dynamodb:updateItem": ((("dynamodb:UpdateItem",), _TABLE),),
    "ecs:runTask": ((("ecs:RunTask",), in_account("ecs", "task-definition/", "TaskDefinition")),),
    "elasticmapreduce:addStep": ((("elasticmapreduce:AddJobFlowSteps",), anything),),
    "elasticmapreduce:createCluster": ((("elasticmapreduce:RunJobFlow",), anything), _PASS_ROLE),
    "events:putEvents": ((("events:PutEvents",), buses),),
    "glue:startJobRun": ((("glue:StartJobRun",), anything),),
    "http:invoke": (
        (("states:InvokeHTTPEndpoint",), own_machine),
        (("events:RetrieveConnectionCredentials",), connection),
        (("secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"), secret_of_connections),
    ),
    "lambda:invoke": ((("lambda:InvokeFunction",), _FUNCTION),),
    "mediaconvert:createJob": ((("mediaconvert:CreateJob",), anything), (("iam:PassRole",), by_arn("Role"))),
    "sagemaker:createProcessingJob": (((f"{_SAGEMAKER}:CreateProcessingJob",), anything), _PASS_ROLE),
    "sagemaker:createTrainingJob": (((f"{_SAGEMAKER}:CreateTrainingJob",), anything), _PASS_ROLE),
    "sagemaker:createTransformJob": (((f"{_SAGEMAKER}:CreateTransformJob",), anything),),
    "sns:publish": ((("sns:Publish",), by_arn("TopicArn", "TargetArn")),),
    "sqs:sendMessage": ((("sqs:SendMessage",), queue),),
    "states:startExecution": ((("states:StartExecution",), _MACHINE),),
}
"""Integration -> what its call needs."""

SYNC: dict[str, tuple[Row, ...]] = {
    "athena:startQueryExecution": ((("athena:GetQueryExecution", "athena:StopQueryExecution"), anything),),
    "batch:submitJob": (
        (("batch:DescribeJobs", "batch:TerminateJob"), anything),
        rule("StepFunctionsGetEventsForBatchJobsRule"),
    ),
    "codebuild:startBuild": (
        (("codebuild:BatchGetBuilds", "codebuild:StopBuild"), in_account("codebuild", "project/", "ProjectName")),
        rule("StepFunctionsGetEventForCodeBuildStartBuildRule"),
    ),
    "databrew:startJobRun": ((("databrew:ListJobRuns", "databrew:StopJobRun"), anything),),
    "ecs:runTask": (
        (("ecs:DescribeTasks", "ecs:StopTask"), anything),
        rule("StepFunctionsGetEventsForECSTaskRule"),
    ),
    "elasticmapreduce:addStep": (
        (("elasticmapreduce:CancelSteps", "elasticmapreduce:DescribeStep"), anything),
        rule("StepFunctionsGetEventForEMRAddJobFlowStepsRule"),
    ),
    "elasticmapreduce:createCluster": (
        (("elasticmapreduce:DescribeCluster", "elasticmapreduce:TerminateJobFlows"), anything),
        rule("StepFunctionsGetEventForEMRRunJobFlowRule"),
    ),
    "glue:startJobRun": ((("glue:BatchStopJobRun", "glue:GetJobRun", "glue:GetJobRuns"), anything),),
    "mediaconvert:createJob": (
        (("mediaconvert:CancelJob", "mediaconvert:GetJob"), anything),
        rule("StepFunctionsGetEventsForMediaConvertJobRule"),
    ),
    "sagemaker:createProcessingJob": (
        ((f"{_SAGEMAKER}:DescribeProcessingJob", f"{_SAGEMAKER}:StopProcessingJob"), anything),
        rule("StepFunctionsGetEventsForSageMakerProcessingJobsRule"),
    ),
    "sagemaker:createTrainingJob": (
        ((f"{_SAGEMAKER}:DescribeTrainingJob", f"{_SAGEMAKER}:StopTrainingJob"), anything),
        rule("StepFunctionsGetEventsForSageMakerTrainingJobsRule"),
    ),
    "sagemaker:createTransformJob": (
        ((f"{_SAGEMAKER}:DescribeTransformJob", f"{_SAGEMAKER}:StopTransformJob"), anything),
        rule("StepFunctionsGetEventsForSageMakerTransformJobsRule"),
    ),
    "states:startExecution": (
        (("states:DescribeExecution", "states:StopExecution"), executions),
        rule("StepFunctionsGetEventsForStepFunctionsExecutionRule"),
    ),
}
"""Integration -> what `.sync` needs besides: to see the job's end, and to stop the job with the task."""

SDK_ACTIONS: dict[tuple[str, str], str] = {
    ("lambda", "invoke"): "lambda:InvokeFunction",
    ("s3", "headObject"): "s3:GetObject",
    ("s3", "headBucket"): "s3:ListBucket",
    ("s3", "listObjects"): "s3:ListBucket",
    ("s3", "listObjectsV2"): "s3:ListBucket",
    ("s3", "copyObject"): "s3:PutObject",
    ("s3", "deleteObjects"): "s3:DeleteObject",
    ("sqs", "sendMessageBatch"): "sqs:SendMessage",
}
"""Actions of the API that IAM calls otherwise."""

_SDK_NAMED: dict[str, Named] = {
    "dynamodb": _TABLE,
    "lambda": _FUNCTION,
    "secretsmanager": by_arn("SecretId"),
    "sns": by_arn("TopicArn", "TargetArn"),
    "sqs": queue,
    "states": _MACHINE,
}

_PREFIXES = {"cloudwatch": "cloudwatch", "stepfunctions": "states", "emr": "elasticmapreduce", "logs": "logs"}
"""boto3 name -> IAM prefix, where the name by which requests are signed is another one, or boto3 is not installed."""


def permissions_of(resource: Resource, parameters: Json, owner: Owner) -> tuple[Permission, ...]:
    """What calling a Resource with these parameters needs; the first row is the call itself."""
    given = parameters if isinstance(parameters, dict) else {}
    return tuple(
        Permission(actions, (named,) if isinstance(named, str) else tuple(dict.fromkeys(named)))
        for actions, find in _rows(resource)
        for named in [find(given, owner)]
    )


def _rows(resource: Resource) -> tuple[Row, ...]:
    if resource.kind == LAMBDA_FUNCTION:
        return ((("lambda:InvokeFunction",), lambda parameters, owner: resource.text),)
    if resource.service is None or resource.action is None:
        return ()
    if resource.service.startswith(SDK):
        return (_sdk_row(resource.service.removeprefix(SDK).lower(), resource.action),)
    name = f"{resource.service}:{resource.action}"
    rows = OPTIMISED.get(name) or (((f"{resource.service}:{_capital(resource.action)}",), anything),)
    return rows + SYNC.get(name, ()) if resource.pattern.startswith(".sync") else rows


def _sdk_row(service: str, action: str) -> Row:
    prefix = iam_prefix(service)
    told = SDK_ACTIONS.get((prefix, action), f"{prefix}:{_capital(action)}")
    if prefix == "s3":
        return (told,), bucket if told.endswith("Bucket") else s3_object
    return (told,), _SDK_NAMED.get(prefix, _own_arn(prefix))


def _own_arn(prefix: str) -> Named:
    """A parameter that is an ARN of the service itself."""

    def named(parameters: Mapping[str, Json], owner: Owner) -> str:
        texts = (constant(parameters, name) or "" for name in parameters)
        return next(
            (text for text in texts if text.split(":")[:1] == ["arn"] and text.split(":")[2:3] == [prefix]), ANY
        )

    return named


@lru_cache(maxsize=256)
def iam_prefix(service: str) -> str:
    """What IAM calls a service of an `aws-sdk:` Resource: as botocore's model signs requests, where it is installed."""
    try:
        from botocore.session import Session

        from asl_engine.integrations.services.aws import known_service
    except ImportError:
        name = BOTO3_NAMES.get(service, service)
        return _PREFIXES.get(name, name)
    known = known_service(service)
    if known is None:
        return service
    return _PREFIXES.get(known) or str(Session().get_service_model(known).signing_name)


def _capital(action: str) -> str:
    return action[:1].upper() + action[1:]


# --- a whole machine --------------------------------------------------------------------------------------------------


def machine_needs(machine: Machine, name: str) -> Iterator[Need]:
    """What every state of a definition needs, nested ones included, in whatever account it will be."""
    somewhere = Owner()
    owner = somewhere._replace(machine=somewhere.arn("states", f"stateMachine:{name}"))
    for level in every_machine(machine):
        for state in level.states.values():
            if state.type == "Task":
                yield _task_need(state, owner)
            elif state.type == "Map" and _is_distributed(state):
                yield _map_need(state, name, owner)


def _task_need(state: Any, owner: Owner) -> Need:
    resource = parse_resource(state.resource)
    if state.credentials is None:
        return Need(state.name, state.resource, permissions_of(resource, _parameters(state), owner))
    role = constant(state.credentials, "RoleArn") if isinstance(state.credentials, dict) else None
    return Need(state.name, state.resource, (Permission(("sts:AssumeRole",), (role or ANY,)),))


def _parameters(state: Any) -> Json:
    return state.parameters if state.arguments is ABSENT else state.arguments


def _is_distributed(state: Any) -> bool:
    return any(nested.processor_config.mode == "DISTRIBUTED" for nested in state.machines())


def _map_need(state: Any, name: str, owner: Owner) -> Need:
    found = [
        Permission(("states:StartExecution",), (owner.machine,)),
        Permission(("states:DescribeExecution", "states:StopExecution"), (owner.arn("states", f"execution:{name}/*"),)),
    ]
    reader, writer = getattr(state, "item_reader", None), getattr(state, "result_writer", None)
    if reader is not None:
        found += _reader_permissions(reader, owner)
    if writer is not None and writer.resource is not None:
        found += _writer_permissions(writer, owner)
    return Need(state.name, "distributed Map", tuple(found))


def _reader_permissions(reader: Any, owner: Owner) -> list[Permission]:
    given = _parameters(reader)
    given = given if isinstance(given, dict) else {}
    if str(reader.resource).endswith("listObjectsV2"):
        return [Permission(("s3:ListBucket",), (bucket(given, owner),))]
    return [Permission(("s3:GetObject",), (s3_object(given, owner),))]


def _writer_permissions(writer: Any, owner: Owner) -> list[Permission]:
    given = _parameters(writer)
    given = given if isinstance(given, dict) else {}
    where, prefix = bucket(given, owner), constant(given, "Prefix")
    objects = where if where == ANY else f"{where}/{f'{prefix}/*' if prefix else ANY}"
    actions = ("s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject")
    return [Permission(actions, (objects,))]


def minimal_policy(needs: Iterable[Need]) -> dict[str, Json]:
    """The policy document that allows what states need, and nothing else: one statement for each set of resources."""
    resources: dict[str, set[str]] = {}
    for need in needs:
        for permission in need.permissions:
            for action in permission.actions:
                resources.setdefault(action, set()).update(permission.resources)
    statements: dict[tuple[str, ...], list[str]] = {}
    for action in sorted(resources):
        named = resources[action]
        statements.setdefault((ANY,) if ANY in named else tuple(sorted(named)), []).append(action)
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": actions, "Resource": ANY if named == (ANY,) else list(named)}
            for named, actions in sorted(statements.items(), key=lambda row: row[1])
        ],
    }
