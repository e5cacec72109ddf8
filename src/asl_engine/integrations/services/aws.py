"""AWS services through boto3: which client is asked, how a request is made, what its failure is called.

The rule that keeps it whole: no client is made unless the user gave one, a way to make one, or the address of an
endpoint; so that the real AWS is reached only by someone who said so.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from asl_engine.errors import StatesError, UnservedTaskError
from asl_engine.integrations.lambda_ import sdk_metadata
from asl_engine.integrations.services.names import (
    OPTIMISED_NAMES,
    OptimisedName,
    boto3_name,
    exception_name,
    sdk_exception_name,
    sdk_name,
)
from asl_engine.integrations.services.shapes import OPTIMISED_STYLE, SDK_STYLE, Style, from_boto3, to_boto3, unfit
from asl_engine.jsonvalue import Json
from asl_engine.states.resource import Resource

Client = Any
ClientFactory = Callable[[str], Client]
POLL_SECONDS = 10


class AwsServices:
    """boto3 clients that serve tasks.

    `client`: a function from a service's name in boto3 to a client (`boto3.client` itself will do, under moto), a
    mapping of such names to clients, or one client, which serves its own service. `endpoint_url`: clients are made for
    this address, with the keys of `session`, else with made-up ones. `assume_role`: role ARN -> boto3 session, asked
    where a state has Credentials; without it, Credentials change nothing. `poll_seconds` is how often the state of a
    `.sync` job is asked for, in the execution's time; `wait` is called with these seconds, to let real time pass.
    """

    def __init__(
        self,
        *,
        client: ClientFactory | Mapping[str, Client] | Client | None = None,
        session: Any = None,
        endpoint_url: str | None = None,
        region_name: str = "us-east-1",
        assume_role: Callable[[str], Any] | None = None,
        poll_seconds: float = POLL_SECONDS,
        wait: Callable[[float], object] | None = None,
    ) -> None:
        self._given: Any = client
        self._session = session
        self._endpoint_url = endpoint_url
        self._region = region_name
        self._assume_role = assume_role
        self._clients: dict[tuple[str, str | None], Client] = {}
        self._making = threading.Lock()
        self.poll_seconds = poll_seconds
        self.wait = wait

    def reaches(self, service: str) -> bool:
        """Whether there is a client for a service. Raises UnservedTaskError where nothing at all was given."""
        if self._given is None and self._endpoint_url is None:
            raise UnservedTaskError(
                f"AwsServices was given neither client= nor endpoint_url=, so that nothing serves {service!r}: "
                "the real AWS is never called unless clients for it are given"
            )
        if isinstance(self._given, Mapping):
            return service in self._given or self._endpoint_url is not None
        if hasattr(self._given, "meta"):
            return bool(self._given.meta.service_model.service_name == service) or self._endpoint_url is not None
        return True

    def client(self, service: str, role: str | None = None) -> Client:
        """The client of a service, for the state machine's own role or another one."""
        role = role if self._assume_role is not None else None
        key = service, role
        with self._making:  # boto3's default session does not bear two threads making clients
            if key not in self._clients:
                self._clients[key] = self._make(service, role)
            return self._clients[key]

    def _make(self, service: str, role: str | None) -> Client:
        if role is not None and self._assume_role is not None:
            return self._session_client(self._assume_role(role), service)
        if isinstance(self._given, Mapping):
            if service in self._given:
                return self._given[service]
        elif hasattr(self._given, "meta"):
            if self._given.meta.service_model.service_name == service:
                return self._given
        elif self._given is not None:
            return self._given(service)
        return self._session_client(self._session, service)

    def _session_client(self, session: Any, service: str) -> Client:
        import boto3
        from botocore.config import Config

        if session is None:
            session = boto3.Session("made-up", "made-up")
        config = Config(parameter_validation=False, retries={"max_attempts": 0})
        region = session.region_name or self._region
        return session.client(service, endpoint_url=self._endpoint_url, region_name=region, config=config)


class Failing(NamedTuple):
    """A service's refusal, before it has a name: the code it gave, its message, the shape of its model if any."""

    code: str
    message: str
    shape: str | None
    status: int
    request_id: str
    extended_request_id: str | None = None


Naming = Callable[[Failing], StatesError]


@lru_cache(maxsize=64)
def model_of(service: str) -> Any:
    """botocore's model of a service, by its name in boto3; None where botocore is not there, or does not know it."""
    try:
        from botocore.exceptions import UnknownServiceError
        from botocore.session import Session
    except ImportError:
        return None
    try:
        return Session().get_service_model(service)
    except UnknownServiceError:
        return None


def check_request(resource: Resource, parameters: Json, service: str | None) -> None:
    """Judges the parameters of a task before it is scheduled. Raises StatesError for what AWS could not start it with:
    a parameter that the service has not, a value of another type."""
    model = model_of(service) if service is not None else None
    if model is None:
        return
    if not isinstance(parameters, dict):
        raise unfit(parameters, "The parameters must be an object")
    shape = model.operation_model(operation_name(model, resource.action or "")).input_shape
    to_boto3(parameters, shape or _no_members(), SDK_STYLE if resource.is_sdk else OPTIMISED_STYLE)


def optimised_naming(service: str) -> Naming:
    """How an optimised integration tells a failure."""
    name = OPTIMISED_NAMES.get(service) or OptimisedName(service, service)

    def named(failing: Failing) -> StatesError:
        exception = exception_name(failing.shape) if failing.shape else name.base_exception
        cause = (
            f"{failing.message} (Service: {name.service}; Status Code: {failing.status}; Error Code: {failing.code}; "
            f"Request ID: {failing.request_id}; Proxy: null)"
        )
        return StatesError(f"{name.prefix}.{exception}", cause)

    return named


def sdk_naming(service_id: str) -> Naming:
    """How an `aws-sdk:` integration tells a failure."""
    name = sdk_name(service_id)

    def named(failing: Failing) -> StatesError:
        exception = sdk_exception_name(failing.shape) if failing.shape else f"{name}Exception"
        extended = f", Extended Request ID: {failing.extended_request_id}" if failing.extended_request_id else ""
        ids = f"Service: {name}, Status Code: {failing.status}, Request ID: {failing.request_id}{extended}"
        return StatesError(f"{name}.{exception}", f"{failing.message} ({ids}) (SDK Attempt Count: 1)")

    return named


_HEADERS = {
    "content-length": "Content-Length",
    "content-type": "Content-Type",
    "date": "Date",
    "server": "Server",
    "x-amzn-requestid": "x-amzn-RequestId",
}
"""Names of headers as recorded; boto3 gives them in small letters."""


class Response(NamedTuple):
    """What a service answered: the result in PascalCase, and what stands beside it."""

    result: dict[str, Json]
    request_id: str
    headers: Mapping[str, str]
    status: int

    def with_metadata(self) -> dict[str, Json]:
        """The result with the SDK's metadata, as most optimised integrations show it."""
        headers = {_HEADERS.get(name.lower(), name): text for name, text in self.headers.items()}
        metadata = sdk_metadata(headers, self.request_id, self.status)
        return dict(sorted({**self.result, **metadata}.items()))


def optimised_request(client: Client, service: str, action: str, parameters: Mapping[str, Json]) -> Response:
    """A request of an optimised integration. Raises StatesError."""
    return request(client, action, parameters, optimised_naming(service), OPTIMISED_STYLE)


def sdk_request(client: Client, action: str, parameters: Mapping[str, Json]) -> Response:
    """A request of an `aws-sdk:` integration. Raises StatesError."""
    naming = sdk_naming(client.meta.service_model.metadata["serviceId"])
    return request(client, action, parameters, naming, SDK_STYLE)


def request(client: Client, action: str, parameters: Mapping[str, Json], naming: Naming, style: Style) -> Response:
    """Calls a client's method for an action in camelCase. Raises StatesError, named as `naming` does."""
    from botocore import xform_name
    from botocore.exceptions import BotoCoreError, ClientError

    model = client.meta.service_model
    operation = model.operation_model(operation_name(model, action))
    arguments = to_boto3(dict(parameters), operation.input_shape or _no_members(), style)
    missing = _missing(arguments, operation)
    if missing:
        raise naming(_refusal(missing, model))
    try:
        answer = getattr(client, xform_name(operation.name))(**arguments)
    except ClientError as error:
        raise naming(_failing(error.response, model, operation.name)) from None
    except BotoCoreError as error:
        prefix = naming(Failing("", "", None, 0, "")).error or ""
        raise StatesError(f"{prefix.partition('.')[0]}.SdkClientException", _client_cause(error)) from None
    metadata = answer.pop("ResponseMetadata", {})
    result: Any = from_boto3(answer, operation.output_shape, style) if operation.output_shape else {}
    headers = metadata.get("HTTPHeaders", {})
    return Response(result, metadata.get("RequestId", ""), headers, metadata.get("HTTPStatusCode", 200))


def _no_members() -> Any:
    """The shape of what an operation takes that takes nothing."""
    from botocore.model import StructureShape

    return StructureShape("Nothing", {"type": "structure", "members": {}})


def operation_name(model: Any, action: str) -> str:
    """The model's name of an action in camelCase. Raises UnservedTaskError."""
    for name in model.operation_names:
        if name[:1].lower() + name[1:] == action:
            return str(name)
    raise UnservedTaskError(f"the service {model.service_name!r} of boto3 has no action {action!r}: give a callable")


def _missing(arguments: Mapping[str, Any], operation: Any) -> list[str]:
    """The required members that were not given, but for idempotency tokens, which boto3 makes up."""
    required = operation.input_shape.required_members if operation.input_shape else []
    return [name for name in required if name not in arguments and name not in operation.idempotent_members]


def _refusal(missing: list[str], model: Any) -> Failing:
    """What a service says of parameters that it needs and did not get (recorded: DynamoDB and SQS)."""
    if model.service_name == "sqs":
        return Failing("MissingParameter", f"The request must contain the parameter {missing[0]}.", None, 400, _ID)
    return missing_members(missing)


def missing_members(missing: list[str]) -> Failing:
    """What most services say of parameters that they need and did not get."""
    told = "; ".join(
        f"Value null at '{name[:1].lower()}{name[1:]}' failed to satisfy constraint: Member must not be null"
        for name in missing
    )
    count = f"{len(missing)} validation error{'s' if len(missing) > 1 else ''} detected"
    return Failing("ValidationException", f"{count}: {told}", None, 400, _ID)


_ID = "00000000-0000-0000-0000-000000000000"
"""The request id of a refusal that no service made."""


_BODILESS = {("s3", "HeadObject"): "NoSuchKey", ("s3", "HeadBucket"): "NoSuchBucket"}
"""Requests whose refusal has no body to tell what a status of 404 means; the AWS SDK for Java knows it."""


def _failing(response: Mapping[str, Any], model: Any, operation: str) -> Failing:
    error, metadata = response.get("Error", {}), response.get("ResponseMetadata", {})
    code = str(error.get("Code", "Unknown"))
    if code == "404":
        code = _BODILESS.get((model.service_name, operation), code)
    name = _shape_name(code, model) or _shape_name(str(error.get("QueryErrorCode", "")), model)
    extended = metadata.get("HostId") if model.service_name == "s3" else None
    status = metadata.get("HTTPStatusCode", 400)
    return Failing(code, error.get("Message", ""), name, status, metadata.get("RequestId", _ID), extended)


def _shape_name(code: str, model: Any) -> str | None:
    """The error of the service's model that a code names, by its own code or by its name."""
    shape = model.shape_for_error_code(code)
    if shape is not None:
        return str(shape.name)
    names = (each.name for each in model.error_shapes)
    return next((name for name in names if exception_name(name) == exception_name(code)), None)


def _client_cause(error: Any) -> str:
    """What the SDK says of a request that never reached a service."""
    from urllib.parse import urlsplit

    from botocore.exceptions import EndpointConnectionError

    if isinstance(error, EndpointConnectionError):
        host = urlsplit(str(error.kwargs.get("endpoint_url", ""))).hostname
        return f"Unable to execute HTTP request: {host}: Name or service not known"
    return str(error)


def known_service(service: str) -> str | None:
    """The name in boto3 of a service in an `aws-sdk:` Resource, None where boto3 knows none."""
    from botocore.session import Session

    return boto3_name(service, Session().get_available_services())
