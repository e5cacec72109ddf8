"""`aws-sdk:SERVICE:ACTION`: any action of any service, as boto3's model of the service has it.

Developer guide "Learning to use AWS service SDK integrations". Action names are in camelCase, parameters and results
in PascalCase; errors are named after the SDK's exception. No list of services is kept: what boto3 knows is served.
"""

from __future__ import annotations

from functools import lru_cache

from asl_engine.errors import UnservedTaskError
from asl_engine.integrations.services.action import AWS, MACHINES, SDK, Action, Call
from asl_engine.integrations.services.aws import check_request, known_service, model_of, operation_name, sdk_request
from asl_engine.integrations.services.catalogue import client_of
from asl_engine.integrations.services.names import sdk_name
from asl_engine.integrations.services.states import (
    sdk_send_task_failure,
    sdk_send_task_heartbeat,
    sdk_send_task_success,
    sdk_start_execution,
    sdk_start_sync_execution,
)
from asl_engine.jsonvalue import Json
from asl_engine.states.resource import Resource

_OWN = {
    ("sfn", "sendTaskFailure"): sdk_send_task_failure,
    ("sfn", "sendTaskHeartbeat"): sdk_send_task_heartbeat,
    ("sfn", "sendTaskSuccess"): sdk_send_task_success,
    ("sfn", "startExecution"): sdk_start_execution,
    ("sfn", "startSyncExecution"): sdk_start_sync_execution,
}
"""Actions that a run with a table of state machines serves itself."""


def row(resource: Resource) -> Action | None:
    """How an `aws-sdk:` Resource is served; None where boto3 does not know the service, or is not installed. Raises
    UnservedTaskError where the service is known and has no such action, or AWS writes its name otherwise."""
    name = (resource.service or "").removeprefix(SDK)
    known = _known(name)
    own = _OWN.get((name, resource.action or ""))
    if own is not None:
        return Action(own, MACHINES, known, check_request)
    if known is None:
        return None
    model = model_of(known)
    written = sdk_name(model.metadata["serviceId"]).lower()
    if written != name:
        raise UnservedTaskError(f"AWS writes the service of {resource.text!r} as 'aws-sdk:{written}': give a callable")
    operation_name(model, resource.action or "")
    return Action(call_service, AWS, known, check_request)


@lru_cache(maxsize=256)
def _known(name: str) -> str | None:
    try:
        return known_service(name)
    except ImportError:
        return None


def call_service(call: Call) -> Json:
    """The action's result, in PascalCase; a stream as text."""
    service = _known((call.resource.service or "").removeprefix(SDK)) or ""
    return sdk_request(client_of(call, service), call.resource.action or "", call.parameters).result
