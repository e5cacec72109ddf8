"""How AWS writes the names of services, exceptions and members: developer guide, "Supported AWS SDK service
integrations", which lists the services in a Resource and the prefix of each one's errors."""

from __future__ import annotations

import pytest
from botocore.session import Session

from asl_engine.integrations.services.aws import known_service, model_of
from asl_engine.integrations.services.names import boto3_name, sdk_member, sdk_name

GUIDE = """
    AcmPca AmplifyUiBuilder ApiGateway ApiGatewayV2 ApplicationDiscovery Appflow B2Bi BcmDataExports BedrockAgentRuntime
    Billingconductor ChimeSdkIdentity CleanRoomsMl CloudHsmV2 CloudWatch CloudWatchLogs Codeartifact
    CodestarNotifications CognitoIdentityProvider Config ConnectCampaignsV2 CostAndUsageReport CostExplorer DataBrew
    DatabaseMigration Directory DirectoryServiceData DocDb DynamoDb DynamoDbStreams Ec2 Ec2InstanceConnect Efs
    ElasticLoadBalancing ElasticLoadBalancingV2 Elasticsearch Emr EmrContainers EventBridge FSx Forecastquery
    GreengrassV2 Iam Identitystore Imagebuilder Inspector2 IoTFleetWise IoTSiteWise Iot IotJobsDataPlane Ivschat
    KinesisAnalyticsV2 KinesisVideoWebRtcStorage Lambda LexModelBuilding LexModelsV2 LexRuntime LexRuntimeV2 M2 MTurk
    Macie2 MarketplaceEntitlement MarketplaceMetering MediaPackageVod MemoryDb MigrationHub Mq OpenSearchServerless
    PinpointSmsVoice PinpointSmsVoiceV2 QBusiness QuickSight Rds RdsData RedshiftData Resiliencehub ResourceExplorer2
    ResourceGroupsTaggingApi Route53 Route53RecoveryCluster S3 S3Control SageMaker SageMakerA2IRuntime SagemakerEdge
    Savingsplans Scheduler SecretsManager ServerlessApplicationRepository ServiceCatalogAppRegistry ServiceDiscovery
    Ses SesV2 Sfn Sns Sqs Ssm SsmQuickSetup SsoOidc Sts TimestreamInfluxDb VpcLattice WafRegional Wafv2 WorkSpacesWeb
    XRay
"""
"""Prefixes of the guide's list; the service in a Resource is the same in small letters."""


@pytest.mark.parametrize("prefix", GUIDE.split())
def test_a_service_of_the_guide_is_found_and_its_errors_bear_its_prefix(prefix: str) -> None:
    service = known_service(prefix.lower())
    assert service is not None
    assert sdk_name(model_of(service).metadata["serviceId"]) == prefix


def test_a_service_that_boto3_does_not_know_has_no_name() -> None:
    assert boto3_name("lunarbase", Session().get_available_services()) is None


@pytest.mark.parametrize("service", ["rds", "s3", "dynamodb", "ec2", "iam", "cloudfront", "route53", "sqs"])
def test_no_two_members_of_a_structure_are_written_alike(service: str) -> None:
    model = model_of(service)
    for shape in map(model.shape_for, model.shape_names):
        members = list(shape.members) if shape.type_name == "structure" else []
        assert len({sdk_member(name) for name in members}) == len(members)
