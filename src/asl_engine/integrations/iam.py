"""Which IAM actions a task needs, and on which resources.

Developer guide, "How Step Functions generates IAM policies for integrated services" and the page of each integration.

One row of `OPTIMISED` an integration. The rule that keeps it whole: which actions is said here, on which resources is
said by functions of `iam_resources`, and nothing else knows of either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from asl_engine.definition.fields import ABSENT
from asl_engine.definition.graph import Machine, every_machine
from asl_engine.integrations.iam_resources import (
    ANY,
    Named,
    Owner,
    anything,
    api,
    bucket,
    buses,
    by_arn,
    connection,
    constant,
    executions,
    in_account,
    machine_or_execution,
    model,
    own_machine,
    queue,
    rule,
    s3_object,
    secret,
    secret_of_connections,
    task_definition,
)
from asl_engine.integrations.services.names import BOTO3_NAMES
from asl_engine.jsonvalue import Json
from asl_engine.states.resource import LAMBDA_FUNCTION, Resource, parse_resource

SDK = "aws-sdk:"


class Permission(NamedTuple):
    """Actions that must be allowed on resources."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]


class Need(NamedTuple):
    """What a state needs, for `asl permissions`."""

    state_name: str
    resource: str
    permissions: tuple[Permission, ...]


Row = tuple[tuple[str, ...], Named]

_TABLE = in_account("dynamodb", "table/", "TableName")
_FUNCTION = in_account("lambda", "function:", "FunctionName")
_MACHINE = in_account("states", "stateMachine:", "StateMachineArn")
_PROJECT = in_account("codebuild", "project/", "ProjectName")
_PASS_ROLE: Row = (("iam:PassRole",), by_arn("RoleArn", "ServiceRole", "JobFlowRole"))

OPTIMISED: dict[str, tuple[Row, ...]] = {
    "apigateway:invoke": ((("execute-api:Invoke",), api),),
    "athena:getQueryExecution": ((("athena:GetQueryExecution",), anything),),
    "athena:getQueryResults": ((("athena:GetQueryResults",), anything),),
    "athena:startQueryExecution": ((("athena:StartQueryExecution",), anything),),
    "athena:stopQueryExecution": ((("athena:StopQueryExecution",), anything),),
    "batch:submitJob": ((("batch:SubmitJob",), anything),),
    "bedrock:invokeModel": ((("bedrock:InvokeModel",), model),),
    "codebuild:startBuild": ((("codebuild:StartBuild",), _PROJECT),),
    "codebuild:startBuildBatch": ((("codebuild:StartBuildBatch",), _PROJECT),),
    "databrew:startJobRun": ((("databrew:StartJobRun",), anything),),
    "dynamodb:deleteItem": ((("dynamodb:DeleteItem",), _TABLE),),
    "dynamodb:getItem": ((("dynamodb:GetItem",), _TABLE),),
    "dynamodb:putItem": ((("dynamodb:PutItem",), _TABLE),),
    "dynamodb:updateItem": ((("dynamodb:UpdateItem",), _TABLE),),
    "ecs:runTask": ((("ecs:RunTask",), task_definition),),
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
    "sagemaker:createHyperParameterTuningJob": (
        (("sagemaker:CreateHyperParameterTuningJob",), anything),
        _PASS_ROLE,
    ),
    "sagemaker:createProcessingJob": ((("sagemaker:CreateProcessingJob",), anything), _PASS_ROLE),
    "sagemaker:createTrainingJob": ((("sagemaker:CreateTrainingJob",), anything), _PASS_ROLE),
    "sagemaker:createTransformJob": ((("sagemaker:CreateTransformJob",), anything),),
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
    "bedrock:createModelCustomizationJob": (
        (("bedrock:GetModelCustomizationJob", "bedrock:StopModelCustomizationJob"), anything),
    ),
    "codebuild:startBuild": (
        (("codebuild:BatchGetBuilds", "codebuild:StopBuild"), _PROJECT),
        rule("StepFunctionsGetEventForCodeBuildStartBuildRule"),
    ),
    "codebuild:startBuildBatch": (
        (("codebuild:BatchGetBuildBatches", "codebuild:StopBuildBatch"), _PROJECT),
        rule("StepFunctionsGetEventForCodeBuildStartBuildBatchRule"),
    ),
    "databrew:startJobRun": ((("databrew:ListJobRuns", "databrew:StopJobRun"), anything),),
    "ecs:runTask": (
        (("ecs:DescribeTasks", "ecs:StopTask"), anything),
        rule("StepFunctionsGetEventsForECSTaskRule"),
    ),
    "eks:createCluster": ((("eks:DescribeCluster",), anything),),
    "eks:createFargateProfile": ((("eks:DescribeFargateProfile",), anything),),
    "eks:createNodegroup": ((("eks:DescribeNodegroup",), anything),),
    "elasticmapreduce:addStep": (
        (("elasticmapreduce:CancelSteps", "elasticmapreduce:DescribeStep"), anything),
        rule("StepFunctionsGetEventForEMRAddJobFlowStepsRule"),
    ),
    "elasticmapreduce:createCluster": (
        (("elasticmapreduce:DescribeCluster", "elasticmapreduce:TerminateJobFlows"), anything),
        rule("StepFunctionsGetEventForEMRRunJobFlowRule"),
    ),
    "emr-containers:startJobRun": ((("emr-containers:CancelJobRun", "emr-containers:DescribeJobRun"), anything),),
    "emr-serverless:startJobRun": (
        (("emr-serverless:CancelJobRun", "emr-serverless:GetJobRun"), anything),
        rule("StepFunctionsGetEventsForEMRServerlessJobRule"),
    ),
    "glue:startJobRun": ((("glue:BatchStopJobRun", "glue:GetJobRun", "glue:GetJobRuns"), anything),),
    "mediaconvert:createJob": (
        (("mediaconvert:CancelJob", "mediaconvert:GetJob"), anything),
        rule("StepFunctionsGetEventsForMediaConvertJobRule"),
    ),
    "sagemaker:createHyperParameterTuningJob": (
        (("sagemaker:DescribeHyperParameterTuningJob", "sagemaker:StopHyperParameterTuningJob"), anything),
        rule("StepFunctionsGetEventsForSageMakerHyperParameterTuningJobsRule"),
    ),
    "sagemaker:createLabelingJob": ((("sagemaker:DescribeLabelingJob", "sagemaker:StopLabelingJob"), anything),),
    "sagemaker:createProcessingJob": (
        (("sagemaker:DescribeProcessingJob", "sagemaker:StopProcessingJob"), anything),
        rule("StepFunctionsGetEventsForSageMakerProcessingJobsRule"),
    ),
    "sagemaker:createTrainingJob": (
        (("sagemaker:DescribeTrainingJob", "sagemaker:StopTrainingJob"), anything),
        rule("StepFunctionsGetEventsForSageMakerTrainingJobsRule"),
    ),
    "sagemaker:createTransformJob": (
        (("sagemaker:DescribeTransformJob", "sagemaker:StopTransformJob"), anything),
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
    ("lambda", "invokeAsync"): "lambda:InvokeFunction",
    ("s3", "completeMultipartUpload"): "s3:PutObject",
    ("s3", "copyObject"): "s3:PutObject",
    ("s3", "createMultipartUpload"): "s3:PutObject",
    ("s3", "deleteObjects"): "s3:DeleteObject",
    ("s3", "headBucket"): "s3:ListBucket",
    ("s3", "headObject"): "s3:GetObject",
    ("s3", "listBuckets"): "s3:ListAllMyBuckets",
    ("s3", "listMultipartUploads"): "s3:ListBucketMultipartUploads",
    ("s3", "listObjects"): "s3:ListBucket",
    ("s3", "listObjectsV2"): "s3:ListBucket",
    ("s3", "listObjectVersions"): "s3:ListBucketVersions",
    ("s3", "listParts"): "s3:ListMultipartUploadParts",
    ("s3", "selectObjectContent"): "s3:GetObject",
    ("s3", "uploadPart"): "s3:PutObject",
    ("s3", "uploadPartCopy"): "s3:PutObject",
    ("sns", "publishBatch"): "sns:Publish",
    ("sqs", "changeMessageVisibilityBatch"): "sqs:ChangeMessageVisibility",
    ("sqs", "deleteMessageBatch"): "sqs:DeleteMessage",
    ("sqs", "sendMessageBatch"): "sqs:SendMessage",
}
"""Actions of the API that IAM calls otherwise."""

_SDK_NAMED: dict[str, Named] = {
    "dynamodb": _TABLE,
    "lambda": _FUNCTION,
    "events": buses,
    "secretsmanager": secret,
    "sns": by_arn("TopicArn", "TargetArn"),
    "sqs": queue,
    "states": machine_or_execution,
}

_PREFIXES = {"cloudwatch": "cloudwatch", "stepfunctions": "states", "emr": "elasticmapreduce", "logs": "logs"}
"""boto3 name -> IAM prefix, where the name by which requests are signed is another one, or boto3 is not installed."""


def permissions_of(resource: Resource, parameters: Json, owner: Owner) -> tuple[Permission, ...]:
    """What calling a Resource with these parameters needs; the first row is the call itself."""
    given = parameters if isinstance(parameters, dict) else {}
    return tuple(
        Permission(actions, (named,) if isinstance(named, str) else tuple(dict.fromkeys(named)) or (ANY,))
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
        return (told,), s3_object if told.endswith(_OF_OBJECTS) or "Object" in told else bucket
    return (told,), _SDK_NAMED.get(prefix, _own_arn(prefix))


_OF_OBJECTS = ("AbortMultipartUpload", "ListMultipartUploadParts")
"""S3 actions on objects that do not say so in their names."""


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
        found.append(reader_permission(reader.resource, _parameters(reader), owner))
    if writer is not None and writer.resource is not None:
        found.append(writer_permission(_parameters(writer), owner))
    return Need(state.name, "distributed Map", tuple(found))


def reader_permission(resource: str, parameters: Json, owner: Owner) -> Permission:
    """What an ItemReader needs."""
    given = parameters if isinstance(parameters, dict) else {}
    if resource.endswith("listObjectsV2"):
        return Permission(("s3:ListBucket",), (bucket(given, owner),))
    return Permission(("s3:GetObject",), (s3_object(given, owner),))


def writer_permission(parameters: Json, owner: Owner) -> Permission:
    """What a ResultWriter needs."""
    given = parameters if isinstance(parameters, dict) else {}
    where, prefix = bucket(given, owner), constant(given, "Prefix")
    objects = where if where == ANY else f"{where}/{f'{prefix}/*' if prefix else ANY}"
    actions = ("s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject")
    return Permission(actions, (objects,))


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
