"""What serves the tasks that no callable serves: services, other state machines, HTTP; and what a run may do.

A callable always wins. The rule that keeps it whole: whether a Resource is served is known before the execution
begins, from the Resource alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from asl_engine.drivers.clock import Clock
from asl_engine.drivers.handlers import Handler, TaskContext
from asl_engine.drivers.inline import Perform
from asl_engine.errors import StatesError, UnservedTaskError
from asl_engine.execution.commands import InvokeTask
from asl_engine.execution.execution import Execution
from asl_engine.execution.replies import Reply, TaskFailed, TaskSucceeded
from asl_engine.integrations.lambda_ import function_name
from asl_engine.integrations.registry import Importer, TaskNeed, Tasks, keys_for, look_up
from asl_engine.integrations.services.action import HTTP, MACHINES, Action, Call, find_action
from asl_engine.jsonvalue import Json, adopt, copy

if TYPE_CHECKING:
    from asl_engine.integrations.permissions import Policy
    from asl_engine.integrations.services.aws import AwsServices
    from asl_engine.integrations.services.http import HttpServices


class Startable(Protocol):
    """What a nested state machine must be able to do; a StateMachine is."""

    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def task_needs(self) -> tuple[TaskNeed, ...]: ...

    def start(
        self, input: Json = None, *, seed: int | None = None, context: Mapping[str, Any] | None = None
    ) -> Execution: ...


class Services:
    """What serves tasks besides callables, and under which policy.

    `aws`: boto3 clients. `machines`: ARN or name of a state machine -> StateMachine, for `states:startExecution`.
    `http`: how `http:invoke` and `apigateway:invoke` reach the network. `policy`: an IAM policy document or several;
    a call that it does not allow fails with States.Permissions.

    `executions` holds what nested machines ran, by execution ARN.
    """

    def __init__(
        self,
        *,
        aws: AwsServices | None = None,
        machines: Mapping[str, Startable] | None = None,
        http: HttpServices | None = None,
        policy: Policy | Mapping[str, Any] | list[Mapping[str, Any]] | None = None,
    ) -> None:
        self.aws = aws
        self.machines = dict(machines or {})
        self.http = http
        self.policy = None if policy is None else _policy(policy)
        self.executions: dict[str, Execution] = {}

    def serves(self, need: TaskNeed) -> bool:
        """Whether a task that no callable serves is served here. Raises UnservedTaskError, saying what is missing."""
        action = find_action(need.resource)
        return action is not None and self.has(action)

    def has(self, action: Action) -> bool:
        """Whether what an action needs was given."""
        if action.needs == HTTP:
            return self.http is not None
        if action.needs == MACHINES and self.machines:
            return True
        return self.aws is not None and self.aws.reaches(action.service or "")

    def with_(self, aws: AwsServices | None, machines: Mapping[str, Startable] | None, policy: Any) -> Services:
        """These services with what one run adds; executions are told here."""
        joined = Services(
            aws=aws or self.aws,
            machines={**self.machines, **(machines or {})},
            http=self.http,
            policy=self.policy if policy is None else policy,
        )
        joined.executions = self.executions
        return joined

    def unrestricted(self) -> Services:
        """These services without a policy, for a nested machine, which has a role of its own."""
        if self.policy is None:
            return self
        free = Services(aws=self.aws, machines=self.machines, http=self.http)
        free.executions = self.executions
        return free


def services_of_run(
    services: Services | None, aws: AwsServices | None, machines: Mapping[str, Startable] | None, policy: Any
) -> Services | None:
    """What the arguments of a run come to, None where none was given."""
    if aws is None and machines is None and policy is None:
        return services
    return (services or Services()).with_(aws, machines, policy)


def _policy(given: Any) -> Policy:
    from asl_engine.integrations.permissions import Policy

    return given if isinstance(given, Policy) else Policy(given)


class Run(NamedTuple):
    """One execution, as the services that work for it know it."""

    services: Services
    tasks: Tasks
    importer: Importer | None
    seed: int
    clock: Clock
    identity: Identity
    new_request_id: Callable[[], str]


class Identity(NamedTuple):
    """Who calls: partition, region, account and role of the execution, and its state machine."""

    partition: str
    region: str
    account: str
    role: str
    machine: str

    def arn(self, service: str, rest: str, *, regional: bool = True) -> str:
        """The ARN of something in this account."""
        region, account = (self.region, self.account) if regional else ("", "")
        return f"arn:{self.partition}:{service}:{region}:{account}:{rest}"


def identity_of(context: Mapping[str, Any] | None, machine_name: str) -> Identity:
    """The identity that the context object tells, with the engine's own account and region where it does not."""
    from asl_engine.execution.context import fixed_parts

    parts = fixed_parts(context, machine_name=machine_name, express=False, execution_name="", start=0, input=None)
    execution = parts["Execution"]
    _, partition, _, region, account, *_ = [*str(execution["Id"]).split(":"), "", "", "", "", ""]
    return Identity(partition or "aws", region, account, str(execution["RoleArn"]), str(parts["StateMachine"]["Id"]))


def services_performer(
    perform: Perform,
    handlers: Mapping[str, Handler],
    tasks: Tasks,
    importer: Importer | None,
    services: Services,
    seed: int,
    identity: Identity,
    new_request_id: Callable[[], str],
) -> Perform:
    """What does a task with services at hand: a callable where one serves it, else the service's action."""

    def served(task: InvokeTask, clock: Clock, now: int) -> list[tuple[int, Reply]]:
        policy = services.policy
        if policy is not None:
            from asl_engine.integrations.permissions import refusal

            refused = refusal(policy, task, identity)
            if refused is not None:
                return [(clock.now(), TaskFailed(task.ticket, refused.error, refused.cause))]
        action = None if _by_callable(task, handlers, tasks, importer) else find_action(task.resource)
        if action is None or not services.has(action):
            return perform(task, clock, now)
        run = Run(services, tasks, importer, seed, clock, identity, new_request_id)
        return perform_action(action, task, run, now)

    return served


def _by_callable(task: InvokeTask, handlers: Mapping[str, Handler], tasks: Tasks, importer: Importer | None) -> bool:
    if task.state_name in handlers:
        return True
    keys = tuple(keys_for(task.state_name, task.resource, task.payload))
    return look_up(TaskNeed(task.state_name, task.resource, keys, True), tasks, importer) is not None


def perform_action(action: Action, task: InvokeTask, run: Run, now: int) -> list[tuple[int, Reply]]:
    """Does a task by a service's action; its replies, each with its time."""
    name = function_name(task.resource, task.payload)
    context = TaskContext(task, name, run.new_request_id, run.clock, now)
    payload = copy(task.payload)
    parameters = payload if isinstance(payload, dict) else {}
    reply: Reply
    try:
        result = action.serve(Call(parameters, payload, task.resource, task, context, run))
    except StatesError as error:
        reply = TaskFailed(task.ticket, error.error, error.cause)
    else:
        if task.resource.awaits_token:
            context.submitted(result)
            return context.replies
        reply = TaskSucceeded(task.ticket, *adopt(result))
    return [*context.replies, (context.now, reply)]


def aws_of(call: Call) -> AwsServices:
    """The boto3 clients of a call's run. Raises UnservedTaskError where there are none."""
    aws = call.run.services.aws
    if aws is None:
        raise UnservedTaskError(f"{call.resource.text!r} needs aws=AwsServices(...), which was not given")
    return aws


def client_of(call: Call, service: str) -> Any:
    """The client for a call: of the role that its Credentials name, if any."""
    credentials = call.task.credentials
    role = credentials.get("RoleArn") if isinstance(credentials, dict) else None
    return aws_of(call).client(service, role if isinstance(role, str) else None)
