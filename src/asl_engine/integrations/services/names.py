"""How AWS writes the names of services: in a Resource, in boto3, in error names and in causes.

Step Functions calls services through two generations of the AWS SDK for Java, and their names show: an optimised
integration fails as `DynamoDB.AmazonDynamoDBException`, an `aws-sdk:` one as `DynamoDb.DynamoDbException` (recorded).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

BOTO3_NAMES = {
    "applicationdiscovery": "discovery",
    "applicationdiscoveryservice": "discovery",
    "cloudwatchlogs": "logs",
    "cognitoidentityprovider": "cognito-idp",
    "configservice": "config",
    "costandusagereport": "cur",
    "costandusagereportservice": "cur",
    "costexplorer": "ce",
    "databasemigration": "dms",
    "databasemigrationservice": "dms",
    "directory": "ds",
    "directoryservice": "ds",
    "directoryservicedata": "ds-data",
    "elasticloadbalancing": "elb",
    "elasticloadbalancingv2": "elbv2",
    "elasticmapreduce": "emr",
    "elasticsearch": "es",
    "elasticsearchservice": "es",
    "eventbridge": "events",
    "iotdataplane": "iot-data",
    "iotjobsdataplane": "iot-jobs-data",
    "lexmodelbuilding": "lex-models",
    "lexmodelbuildingservice": "lex-models",
    "lexmodelsv2": "lexv2-models",
    "lexruntime": "lex-runtime",
    "lexruntimeservice": "lex-runtime",
    "lexruntimev2": "lexv2-runtime",
    "marketplaceentitlement": "marketplace-entitlement",
    "marketplacemetering": "meteringmarketplace",
    "migrationhub": "mgh",
    "pinpointsmsvoice": "sms-voice",
    "serverlessapplicationrepository": "serverlessrepo",
    "sfn": "stepfunctions",
    "simpledb": "sdb",
    "states": "stepfunctions",
}
"""Names in a Resource that boto3 writes otherwise than with hyphens left out."""


def boto3_name(service: str, known: Iterable[str]) -> str | None:
    """The name that boto3 has for a service of a Resource, None where it knows none."""
    names = set(known)
    plain = service.lower()
    for name in (plain, BOTO3_NAMES.get(plain)):
        if name in names:
            return name
    return next((name for name in sorted(names) if name.replace("-", "") == plain.replace("-", "")), None)


_BOUNDARIES = (
    (r"[^A-Za-z0-9]+", " "),
    (r"([^a-z]{2,})v([0-9]+)", r"\1 v\2 "),
    (r"([^A-Z]{2,})V([0-9]+)", r"\1 V\2 "),
    (r"(?<=[a-z])(?=[A-Z][A-Za-z0-9])", " "),
    (r"([A-Z]+)([A-Z][a-z])", r"\1 \2"),
    (r"([0-9])([A-Za-z])", r"\1 \2"),
)
"""Where the AWS SDK for Java 2 sees a new word begin."""


def _words_joined(text: str) -> str:
    for pattern, replacement in _BOUNDARIES:
        text = re.sub(pattern, replacement, text)
    return "".join(word.capitalize() for word in text.split())


def sdk_name(service_id: str) -> str:
    """The name under which errors of an `aws-sdk:` integration stand: the developer guide's "Exception prefix".

    >>> [sdk_name(name) for name in ("DynamoDB", "SFN", "Secrets Manager", "S3", "EventBridge", "CloudWatch Logs")]
    ['DynamoDb', 'Sfn', 'SecretsManager', 'S3', 'EventBridge', 'CloudWatchLogs']
    >>> [sdk_name(name) for name in ("SESv2", "WAFV2", "Config Service", "Directory Service Data")]
    ['SesV2', 'Wafv2', 'Config', 'DirectoryServiceData']
    """
    return _words_joined(service_id).removesuffix("Service")


def sdk_exception_name(shape: str) -> str:
    """The exception of an `aws-sdk:` integration for an error in a service's model.

    >>> [sdk_exception_name(shape) for shape in ("NoSuchKey", "DBInstanceNotFoundFault", "KMSDisabledException")]
    ['NoSuchKeyException', 'DbInstanceNotFoundException', 'KmsDisabledException']
    """
    return _words_joined(exception_name(shape))


def sdk_member(name: str) -> str:
    """How parameters and results of an `aws-sdk:` integration write a member of a service's model.

    An abbreviation at the beginning keeps one capital letter, one further on keeps all (recorded: `ETag` and
    `ChecksumCRC32` of S3); `equals` is no name for a field in Java (developer guide).

    >>> [sdk_member(name) for name in ("taskArn", "DBInstances", "ETag", "ChecksumCRC32", "SSEKMSKeyId", "TTL")]
    ['TaskArn', 'DbInstances', 'ETag', 'ChecksumCRC32', 'SsekmsKeyId', 'Ttl']
    """
    end = 1
    while name[end : end + 1].isupper() and not name[end + 1 : end + 2].islower():
        end += 1
    written = name[:1].upper() + name[1:end].lower() + name[end:]
    return "EqualsValue" if written == "Equals" else written


def optimised_member(name: str) -> str:
    """How parameters and results of an optimised integration write a member of a service's model.

    >>> optimised_member("taskArn"), optimised_member("MD5OfMessageBody")
    ('TaskArn', 'MD5OfMessageBody')
    """
    return name[:1].upper() + name[1:]


class OptimisedName(NamedTuple):
    """How errors of an optimised integration name the service: `prefix.SomeException`, `(Service: service; …`."""

    prefix: str
    service: str

    @property
    def base_exception(self) -> str:
        """The exception of what the service's model does not name."""
        return f"{self.service.removesuffix('v2')}Exception"


OPTIMISED_NAMES = {
    "athena": OptimisedName("Athena", "AmazonAthena"),
    "batch": OptimisedName("Batch", "AWSBatch"),
    "bedrock": OptimisedName("Bedrock", "AmazonBedrock"),
    "codebuild": OptimisedName("CodeBuild", "AWSCodeBuild"),
    "databrew": OptimisedName("GlueDataBrew", "AWSGlueDataBrew"),
    "dynamodb": OptimisedName("DynamoDB", "AmazonDynamoDBv2"),
    "ecs": OptimisedName("ECS", "AmazonECS"),
    "eks": OptimisedName("EKS", "AmazonEKS"),
    "elasticmapreduce": OptimisedName("ElasticMapReduce", "AmazonElasticMapReduce"),
    "emr-containers": OptimisedName("EMRContainers", "AmazonEMRContainers"),
    "emr-serverless": OptimisedName("EMRServerless", "AWSEMRServerless"),
    "events": OptimisedName("EventBridge", "AmazonEventBridge"),
    "glue": OptimisedName("Glue", "AWSGlue"),
    "lambda": OptimisedName("Lambda", "AWSLambda"),
    "mediaconvert": OptimisedName("MediaConvert", "AWSMediaConvert"),
    "sagemaker": OptimisedName("SageMaker", "AmazonSageMaker"),
    "sns": OptimisedName("SNS", "AmazonSNS"),
    "sqs": OptimisedName("SQS", "AmazonSQS"),
    "states": OptimisedName("StepFunctions", "AWSStepFunctions"),
}


def exception_name(shape: str) -> str:
    """The Java class of an error in a service's model.

    >>> [exception_name(shape) for shape in ("NoSuchKey", "ResourceNotFoundException", "DBInstanceNotFoundFault")]
    ['NoSuchKeyException', 'ResourceNotFoundException', 'DBInstanceNotFoundException']
    """
    return shape if shape.endswith("Exception") else f"{shape.removesuffix('Fault')}Exception"
