"""The table of actions: which function serves which Resource, and what it is given.

A row is a decorated function, `@action("sqs:sendMessage", needs=AWS)`. The rule that keeps it whole: a function takes a
`Call` and gives the result that AWS would give, or raises `StatesError` with AWS's error name and cause; the pattern
(`.waitForTaskToken`) is not its affair, but `.sync` is, and has a row of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from asl_engine.drivers.handlers import TaskContext
from asl_engine.integrations.services.aws import check_request
from asl_engine.jsonvalue import Json
from asl_engine.states.resource import LAMBDA_FUNCTION, Resource

if TYPE_CHECKING:
    from asl_engine.execution.commands import InvokeTask
    from asl_engine.integrations.services.catalogue import Run

AWS, HTTP, MACHINES = "aws", "http", "machines"
"""What an action needs: boto3 clients, HTTP, or a table of state machines (clients will do as well)."""

SDK = "aws-sdk:"
JOBS = "asl_engine.integrations.services.jobs"


class Call(NamedTuple):
    """One call of an action: its parameters, {} where they are no object; its Resource; what is known of the task; and
    the run that it belongs to."""

    parameters: dict[str, Json]
    payload: Json
    resource: Resource
    task: InvokeTask
    context: TaskContext
    run: Run


Serve = Callable[[Call], Json]
Check = Callable[[Resource, Json, "str | None"], None]
"""(Resource, parameters, service's name in boto3): raises StatesError where no task can be started with them."""


class Action(NamedTuple):
    """One row of the table. `service` is the service's name in boto3, for the actions that need AWS; `check` judges the
    parameters before the task is scheduled."""

    serve: Serve
    needs: str
    service: str | None
    check: Check | None = None


ACTIONS: dict[str, Action] = {}

_HOMES = {
    "apigateway": "apigateway",
    "dynamodb": "dynamodb",
    "events": "events",
    "http": "http",
    "lambda": "lambda_",
    "sns": "sns",
    "sqs": "sqs",
    "states": "states",
}
"""Service -> the module of this package that holds its actions; any other service's are in `jobs`."""


def action(
    *names: str, needs: str = AWS, service: str | None = None, check: Check | None = check_request
) -> Callable[[Serve], Serve]:
    """Registers a function for Resources `arn:aws:states:::NAME`."""

    def register(serve: Serve) -> Serve:
        for name in names:
            boto3_name = service or (name.partition(":")[0] if needs == AWS else None)
            ACTIONS[name] = Action(serve, needs, boto3_name, check)
        return serve

    return register


def find_action(resource: Resource) -> Action | None:
    """The row of a Resource, None where no service of this package serves it."""
    if resource.kind == LAMBDA_FUNCTION:
        return _row("lambda", "lambda:function")
    if resource.service is None:
        return None
    if resource.service.startswith(SDK):
        sdk: Any = import_module("asl_engine.integrations.services.aws_sdk")
        found: Action = sdk.row(resource)
        return found
    pattern = "" if resource.awaits_token else resource.pattern
    return _row(resource.service, f"{resource.service}:{resource.action}{pattern}")


def _row(service: str, name: str) -> Action | None:
    home = _HOMES.get(service)
    import_module(f"asl_engine.integrations.services.{home}" if home else JOBS)
    return ACTIONS.get(name)
