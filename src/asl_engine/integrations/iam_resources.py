"""The resources that a call's parameters name, as IAM writes them. Service authorization reference, "Resource types".

The rule that keeps it whole: a resource is named only where the parameters name it as a constant, and is "*" otherwise,
as AWS's own generated policies have it; what is given is an ARN or "*".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from asl_engine.jsonvalue import Json

ANY = "*"


class Owner(NamedTuple):
    """Where resources are that are named without an ARN, and the state machine whose role it is."""

    partition: str = "aws"
    region: str = ANY
    account: str = ANY
    machine: str = ANY

    def arn(self, service: str, rest: str) -> str:
        """The ARN of something in this account and region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{rest}"


Named = Callable[[Mapping[str, Json], Owner], "str | list[str]"]
"""The ARN, or ARNs, that constant parameters name; "*" where they do not."""


def constant(parameters: Mapping[str, Json], name: str) -> str | None:
    """A parameter's text, None where it is not there or made when the state runs."""
    value = parameters.get(name)
    return None if not isinstance(value, str) or value.startswith("{%") else value


def by_arn(*names: str) -> Callable[[Mapping[str, Json], Owner], str]:
    """The ARN stands in one of these parameters."""

    def named(parameters: Mapping[str, Json], owner: Owner) -> str:
        texts = (constant(parameters, name) or "" for name in names)
        return next((text for text in texts if text.startswith("arn:")), ANY)

    return named


def in_account(service: str, kind: str, name: str) -> Callable[[Mapping[str, Json], Owner], str]:
    """The parameter is an ARN or the name of something in the account."""

    def named(parameters: Mapping[str, Json], owner: Owner) -> str:
        text = constant(parameters, name)
        if text is None:
            return ANY
        return text if text.startswith("arn:") else owner.arn(service, f"{kind}{text}")

    return named


def task_definition(parameters: Mapping[str, Json], owner: Owner) -> str:
    """ECS: a family without a revision may be any of its revisions."""
    found = in_account("ecs", "task-definition/", "TaskDefinition")(parameters, owner)
    return found if found == ANY or ":" in found.rpartition("/")[2] else f"{found}:*"


def secret(parameters: Mapping[str, Json], owner: Owner) -> str:
    """Secrets Manager ends a secret's ARN with six characters that its name has not."""
    found = in_account("secretsmanager", "secret:", "SecretId")(parameters, owner)
    return found if found == ANY or found == constant(parameters, "SecretId") else f"{found}-??????"


def model(parameters: Mapping[str, Json], owner: Owner) -> str:
    """Bedrock: a foundation model by its id, anything else by its ARN."""
    text = constant(parameters, "ModelId")
    if text is None or text.startswith("arn:"):
        return text or ANY
    return f"arn:{owner.partition}:bedrock:{owner.region}::foundation-model/{text}"


def machine_or_execution(parameters: Mapping[str, Json], owner: Owner) -> str:
    """Step Functions: what the parameters name, by ARN or by the machine's name."""
    found = in_account("states", "stateMachine:", "StateMachineArn")(parameters, owner)
    return (
        by_arn("ExecutionArn", "ActivityArn", "MapRunArn", "ResourceArn")(parameters, owner) if found == ANY else found
    )


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
