"""What a template's resources are called once deployed, told by their types: made-up ARNs of the right shape.

A deployment gives these names, so nothing about them is unknown to the template's author, and no note is made of them.
"""

from __future__ import annotations

from asl_engine.definition.sources.stand_ins import ACCOUNT, PARTITION, REGION

_ARNS = {
    "AWS::Batch::JobDefinition": "batch:{region}:{account}:job-definition/{id}:1",
    "AWS::Batch::JobQueue": "batch:{region}:{account}:job-queue/{id}",
    "AWS::CodeBuild::Project": "codebuild:{region}:{account}:project/{id}",
    "AWS::DynamoDB::GlobalTable": "dynamodb:{region}:{account}:table/{id}",
    "AWS::DynamoDB::Table": "dynamodb:{region}:{account}:table/{id}",
    "AWS::ECS::Cluster": "ecs:{region}:{account}:cluster/{id}",
    "AWS::ECS::TaskDefinition": "ecs:{region}:{account}:task-definition/{id}:1",
    "AWS::Events::Connection": "events:{region}:{account}:connection/{id}",
    "AWS::Events::EventBus": "events:{region}:{account}:event-bus/{id}",
    "AWS::Glue::Crawler": "glue:{region}:{account}:crawler/{id}",
    "AWS::Glue::Job": "glue:{region}:{account}:job/{id}",
    "AWS::IAM::Role": "iam::{account}:role/{id}",
    "AWS::Kinesis::Stream": "kinesis:{region}:{account}:stream/{id}",
    "AWS::Lambda::Alias": "lambda:{region}:{account}:function:{id}:live",
    "AWS::Lambda::Function": "lambda:{region}:{account}:function:{id}",
    "AWS::Lambda::Version": "lambda:{region}:{account}:function:{id}:1",
    "AWS::Logs::LogGroup": "logs:{region}:{account}:log-group:{id}:*",
    "AWS::S3::Bucket": "s3:::{lower}",
    "AWS::SNS::Topic": "sns:{region}:{account}:{id}",
    "AWS::SQS::Queue": "sqs:{region}:{account}:{id}",
    "AWS::SecretsManager::Secret": "secretsmanager:{region}:{account}:secret:{id}-a1b2c3",
    "AWS::Serverless::Function": "lambda:{region}:{account}:function:{id}",
    "AWS::Serverless::SimpleTable": "dynamodb:{region}:{account}:table/{id}",
    "AWS::Serverless::StateMachine": "states:{region}:{account}:stateMachine:{id}",
    "AWS::StepFunctions::Activity": "states:{region}:{account}:activity:{id}",
    "AWS::StepFunctions::StateMachine": "states:{region}:{account}:stateMachine:{id}",
}
"""Resource type -> its ARN, behind the partition."""

_REF_IS_ARN = {
    *("AWS::Batch::JobDefinition", "AWS::Batch::JobQueue", "AWS::ECS::TaskDefinition", "AWS::Lambda::Alias"),
    *("AWS::Lambda::Version", "AWS::SNS::Topic", "AWS::SecretsManager::Secret", "AWS::Serverless::StateMachine"),
    *("AWS::StepFunctions::Activity", "AWS::StepFunctions::StateMachine"),
}
_URLS = {"AWS::SQS::Queue": "https://sqs.{region}.amazonaws.com/{account}/{id}"}


def resource_attribute(type: str, logical_id: str, attribute: str | None) -> str | None:
    """What `Ref` (no attribute) or `Fn::GetAtt` give for a resource of a template; None where that is not known."""
    arn, url = _ARNS.get(type), _URLS.get(type)
    shape: str | None
    if arn is None:
        return None
    if attribute is None:
        shape = f"arn:{PARTITION}:{arn}" if type in _REF_IS_ARN else url or _name_of(type)
    elif attribute.endswith("Arn"):
        shape = f"arn:{PARTITION}:{arn}"
    else:
        shape = url if attribute.endswith("Url") else _name_of(type) if attribute.endswith("Name") else None
    return shape and shape.format(region=REGION, account=ACCOUNT, id=logical_id, lower=logical_id.lower())


def _name_of(type: str) -> str:
    return "{lower}" if type == "AWS::S3::Bucket" else "{id}"
