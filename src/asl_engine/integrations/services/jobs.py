"""Jobs: integrations that start something long, and with `.sync` wait for its end. One row of `JOBS` a job; the other
actions of their services, which have no `.sync`, stand in `REQUESTS`.

Developer guide "Run a Job (.sync)": the request is submitted, the job's state is asked for until it has ended, and the
task's result is what the service tells of the ended job. A job that failed fails the task with States.TaskFailed and
that as its cause.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from asl_engine.definition.fields import MAX_SECONDS
from asl_engine.errors import TASK_FAILED, TIMEOUT, StatesError
from asl_engine.integrations.services.action import Call, action
from asl_engine.integrations.services.aws import check_request, optimised_request
from asl_engine.integrations.services.catalogue import aws_of, client_of
from asl_engine.jsonvalue import Json, dumps

if TYPE_CHECKING:
    from asl_engine.drivers.handlers import TaskContext
    from asl_engine.integrations.services.aws import AwsServices


class Job(NamedTuple):
    """How a job is asked for: `describe` is the action, `told` what its parameters are, given the submitted parameters
    and the response; `found` are the keys that lead to the job in its answer, `status` those to its state in the job.
    `well` decides whether a job that has ended did so well, where the state's name does not tell. `result` makes the
    task's result of the job and the response to the submission."""

    boto3: str
    describe: str
    told: Callable[[Mapping[str, Json], Mapping[str, Json]], dict[str, Json]]
    found: tuple[str | int, ...]
    status: tuple[str | int, ...]
    succeeded: frozenset[str]
    failed: frozenset[str]
    well: Callable[[Mapping[str, Json]], bool] = lambda job: True
    result: Callable[[dict[str, Json], dict[str, Json]], dict[str, Json]] = lambda job, response: job


def _names(*names: str) -> frozenset[str]:
    return frozenset(names)


def _containers_ended_well(task: Mapping[str, Json]) -> bool:
    """ECS: a task that stopped ended well if it was started and its containers ended so."""
    started = task.get("StopCode") != "TaskFailedToStart"
    return started and all(container.get("ExitCode", 0) == 0 for container in task.get("Containers", []))


JOBS = {
    "athena:startQueryExecution": Job(
        "athena",
        "getQueryExecution",
        lambda given, response: {"QueryExecutionId": response["QueryExecutionId"]},
        (),
        ("QueryExecution", "Status", "State"),
        _names("SUCCEEDED"),
        _names("FAILED", "CANCELLED"),
    ),
    "batch:submitJob": Job(
        "batch",
        "describeJobs",
        lambda given, response: {"Jobs": [response["JobId"]]},
        ("Jobs", 0),
        ("Status",),
        _names("SUCCEEDED"),
        _names("FAILED"),
    ),
    "bedrock:createModelCustomizationJob": Job(
        "bedrock",
        "getModelCustomizationJob",
        lambda given, response: {"JobIdentifier": response["JobArn"]},
        (),
        ("Status",),
        _names("Completed"),
        _names("Failed", "Stopped"),
    ),
    "codebuild:startBuild": Job(
        "codebuild",
        "batchGetBuilds",
        lambda given, response: {"Ids": [response["Build"]["Id"]]},
        ("Builds", 0),
        ("BuildStatus",),
        _names("SUCCEEDED"),
        _names("FAILED", "FAULT", "TIMED_OUT", "STOPPED"),
        result=lambda job, response: {"Build": job},
    ),
    "codebuild:startBuildBatch": Job(
        "codebuild",
        "batchGetBuildBatches",
        lambda given, response: {"Ids": [response["BuildBatch"]["Id"]]},
        ("BuildBatches", 0),
        ("BuildBatchStatus",),
        _names("SUCCEEDED"),
        _names("FAILED", "FAULT", "TIMED_OUT", "STOPPED"),
        result=lambda job, response: {"BuildBatch": job},
    ),
    "databrew:startJobRun": Job(
        "databrew",
        "describeJobRun",
        lambda given, response: {"Name": given["Name"], "RunId": response["RunId"]},
        (),
        ("State",),
        _names("SUCCEEDED"),
        _names("FAILED", "TIMEOUT", "STOPPED"),
    ),
    "ecs:runTask": Job(
        "ecs",
        "describeTasks",
        lambda given, response: {
            "Tasks": [task["TaskArn"] for task in response["Tasks"]],
            **({"Cluster": given["Cluster"]} if given.get("Cluster") else {}),
        },
        ("Tasks", 0),
        ("LastStatus",),
        _names("STOPPED"),
        _names(),
        _containers_ended_well,
    ),
    "eks:createCluster": Job(
        "eks",
        "describeCluster",
        lambda given, response: {"Name": given["Name"]},
        (),
        ("Cluster", "Status"),
        _names("ACTIVE"),
        _names("FAILED"),
    ),
    "eks:createFargateProfile": Job(
        "eks",
        "describeFargateProfile",
        lambda given, response: {name: given[name] for name in ("ClusterName", "FargateProfileName")},
        (),
        ("FargateProfile", "Status"),
        _names("ACTIVE"),
        _names("CREATE_FAILED"),
    ),
    "eks:createNodegroup": Job(
        "eks",
        "describeNodegroup",
        lambda given, response: {name: given[name] for name in ("ClusterName", "NodegroupName")},
        (),
        ("Nodegroup", "Status"),
        _names("ACTIVE"),
        _names("CREATE_FAILED"),
    ),
    "elasticmapreduce:addStep": Job(
        "emr",
        "describeStep",
        lambda given, response: {"ClusterId": given["ClusterId"], "StepId": response["StepId"]},
        (),
        ("Step", "Status", "State"),
        _names("COMPLETED"),
        _names("FAILED", "CANCELLED", "INTERRUPTED"),
    ),
    "elasticmapreduce:createCluster": Job(
        "emr",
        "describeCluster",
        lambda given, response: {"ClusterId": response["ClusterId"]},
        ("Cluster",),
        ("Status", "State"),
        _names("RUNNING", "WAITING"),
        _names("TERMINATED", "TERMINATED_WITH_ERRORS"),
        result=lambda job, response: response,
    ),
    "emr-containers:startJobRun": Job(
        "emr-containers",
        "describeJobRun",
        lambda given, response: {"Id": response["Id"], "VirtualClusterId": response["VirtualClusterId"]},
        ("JobRun",),
        ("State",),
        _names("COMPLETED"),
        _names("FAILED", "CANCELLED"),
    ),
    "emr-serverless:startJobRun": Job(
        "emr-serverless",
        "getJobRun",
        lambda given, response: {"ApplicationId": response["ApplicationId"], "JobRunId": response["JobRunId"]},
        ("JobRun",),
        ("State",),
        _names("SUCCESS"),
        _names("FAILED", "CANCELLED"),
    ),
    "glue:startJobRun": Job(
        "glue",
        "getJobRun",
        lambda given, response: {"JobName": given["JobName"], "RunId": response["JobRunId"]},
        ("JobRun",),
        ("JobRunState",),
        _names("SUCCEEDED"),
        _names("FAILED", "ERROR", "TIMEOUT", "STOPPED"),
    ),
    "mediaconvert:createJob": Job(
        "mediaconvert",
        "getJob",
        lambda given, response: {"Id": response["Job"]["Id"]},
        (),
        ("Job", "Status"),
        _names("COMPLETE"),
        _names("ERROR", "CANCELED"),
    ),
    "sagemaker:createHyperParameterTuningJob": Job(
        "sagemaker",
        "describeHyperParameterTuningJob",
        lambda given, response: {"HyperParameterTuningJobName": given["HyperParameterTuningJobName"]},
        (),
        ("HyperParameterTuningJobStatus",),
        _names("Completed"),
        _names("Failed", "Stopped"),
    ),
    "sagemaker:createLabelingJob": Job(
        "sagemaker",
        "describeLabelingJob",
        lambda given, response: {"LabelingJobName": given["LabelingJobName"]},
        (),
        ("LabelingJobStatus",),
        _names("Completed"),
        _names("Failed", "Stopped"),
    ),
    "sagemaker:createProcessingJob": Job(
        "sagemaker",
        "describeProcessingJob",
        lambda given, response: {"ProcessingJobName": given["ProcessingJobName"]},
        (),
        ("ProcessingJobStatus",),
        _names("Completed"),
        _names("Failed", "Stopped"),
    ),
    "sagemaker:createTrainingJob": Job(
        "sagemaker",
        "describeTrainingJob",
        lambda given, response: {"TrainingJobName": given["TrainingJobName"]},
        (),
        ("TrainingJobStatus",),
        _names("Completed"),
        _names("Failed", "Stopped"),
    ),
    "sagemaker:createTransformJob": Job(
        "sagemaker",
        "describeTransformJob",
        lambda given, response: {"TransformJobName": given["TransformJobName"]},
        (),
        ("TransformJobStatus",),
        _names("Completed"),
        _names("Failed", "Stopped"),
    ),
}
"""Resource without `.sync` -> its job."""

REQUESTS = (
    "athena:getQueryExecution",
    "athena:getQueryResults",
    "athena:stopQueryExecution",
    "codebuild:batchDeleteBuilds",
    "codebuild:batchGetReports",
    "codebuild:deleteBuildBatch",
    "codebuild:retryBuildBatch",
    "codebuild:stopBuild",
    "codebuild:stopBuildBatch",
    "eks:deleteCluster",
    "eks:deleteFargateProfile",
    "eks:deleteNodegroup",
    "emr-containers:createVirtualCluster",
    "emr-containers:deleteVirtualCluster",
    "emr-serverless:cancelJobRun",
    "emr-serverless:createApplication",
    "emr-serverless:deleteApplication",
    "emr-serverless:startApplication",
    "emr-serverless:stopApplication",
    "sagemaker:createEndpoint",
    "sagemaker:createEndpointConfig",
    "sagemaker:createModel",
    "sagemaker:updateEndpoint",
)
"""Actions that are one request and its response."""

_BOTO3 = {"elasticmapreduce": "emr"}
"""Services of Resources that boto3 names otherwise."""


def start(call: Call) -> Json:
    """The service's response, with the SDK's metadata."""
    service = call.resource.service or ""
    client = client_of(call, _BOTO3.get(service, service))
    if service == "elasticmapreduce":
        return _EMR[call.resource.action or ""](call)
    return optimised_request(client, service, call.resource.action or "", call.parameters).with_metadata()


def run_to_its_end(call: Call) -> Json:
    """What the service tells of the job when it has ended."""
    job = JOBS[f"{call.resource.service}:{call.resource.action}"]
    response: Any = start(call)
    call.context.submitted(response)
    _check_started(response)
    client, service = client_of(call, job.boto3), call.resource.service or ""
    told = job.told(call.parameters, response)
    ends = job.succeeded | job.failed

    def ask() -> dict[str, Json]:
        found: dict[str, Json] = at(optimised_request(client, service, job.describe, told).result, job.found)
        return found

    answer = poll(call.context, aws_of(call), ask, lambda answer: at(answer, job.status) in ends)
    if at(answer, job.status) not in job.succeeded or not job.well(answer):
        raise StatesError(TASK_FAILED, dumps(answer))
    return job.result(answer, response)


def _check_started(response: Mapping[str, Json]) -> None:
    """ECS says within its response that it could start nothing."""
    if response.get("Failures") and not response.get("Tasks"):
        raise StatesError("ECS.AmazonECSException", dumps(response["Failures"]))


def _emr(call: Call, action: str, given: Mapping[str, Json]) -> dict[str, Json]:
    return optimised_request(client_of(call, "emr"), "elasticmapreduce", action, given).with_metadata()


def _add_step(call: Call) -> dict[str, Json]:
    """EMR takes steps in numbers; the integration takes one and gives its id."""
    given = {"JobFlowId": call.parameters.get("ClusterId"), "Steps": [call.parameters.get("Step")]}
    answer = _emr(call, "addJobFlowSteps", given)
    answer["StepId"] = answer.pop("StepIds")[0]
    return answer


def _create_cluster(call: Call) -> dict[str, Json]:
    """EMR calls clusters job flows."""
    answer = _emr(call, "runJobFlow", call.parameters)
    answer["ClusterId"] = answer.pop("JobFlowId")
    return dict(sorted(answer.items()))


def _terminate_cluster(call: Call) -> dict[str, Json]:
    return _emr(call, "terminateJobFlows", {"JobFlowIds": [call.parameters.get("ClusterId")]})


_EMR: dict[str, Callable[[Call], dict[str, Json]]] = {
    "addStep": _add_step,
    "createCluster": _create_cluster,
    "terminateCluster": _terminate_cluster,
}
"""Actions that EMR's own API has under other names."""


def poll(
    context: TaskContext, aws: AwsServices, ask: Callable[[], dict[str, Json]], ended: Callable[[dict[str, Json]], bool]
) -> dict[str, Json]:
    """Asks until a job has ended, or until the task's time-out has passed, which the execution tells itself.

    The older a job is, the more seldom it is asked for, after a tenth of its age: one that never ends is asked for less
    than 200 times before the longest time-out that a task may have.
    """
    answer = ask()
    while not ended(answer):
        age = (context.now - context.started) / 1000
        if age > MAX_SECONDS or context.get_remaining_time_in_millis() <= 0:
            raise StatesError(TIMEOUT, "")
        pause = max(aws.poll_seconds, age / 10)
        context.sleep(pause)
        if aws.wait is not None:
            aws.wait(pause)
        answer = ask()
    return answer


def at(value: Json, keys: Iterable[str | int]) -> Json:
    """What stands below a value, None where nothing does."""
    for key in keys:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return None
    return value


for _name in REQUESTS:
    action(_name)(start)
action("elasticmapreduce:terminateCluster", service="emr", check=None)(start)
for _name, _job in JOBS.items():
    _check = None if _job.boto3 == "emr" else check_request
    action(_name, service=_job.boto3, check=_check)(start)
    action(f"{_name}.sync", service=_job.boto3, check=_check)(run_to_its_end)
