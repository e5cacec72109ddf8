"""What serves the tasks that no callable serves: services, other state machines, HTTP; and what a run may do.

A callable always wins. The rule that keeps it whole: whether a Resource is served is known before the execution
begins, from the Resource alone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from weakref import ReferenceType, ref

from asl_engine.drivers.clock import Clock
from asl_engine.drivers.handlers import PENDING, Handler, IntegrationResult, TaskContext
from asl_engine.drivers.inline import Perform, Supply
from asl_engine.errors import StatesError, UnservedTaskError
from asl_engine.execution.commands import InvokeTask
from asl_engine.execution.execution import RUNNING, Execution
from asl_engine.execution.replies import Reply, TaskFailed, TaskSucceeded
from asl_engine.integrations.lambda_ import function_name
from asl_engine.integrations.registry import Importer, StorageNeed, TaskNeed, Tasks, keys_for, look_up
from asl_engine.integrations.services.action import HTTP, MACHINES, Action, Call, find_action
from asl_engine.jsonvalue import Json, adopt, copy
from asl_engine.states.resource import Resource

if TYPE_CHECKING:
    from asl_engine.integrations.activities import Activities
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
    @property
    def storage_needs(self) -> tuple[StorageNeed, ...]: ...

    def supply(self, storage: Any, tasks: Tasks | None = None) -> Supply: ...
    def start(
        self,
        input: Json = None,
        *,
        seed: int | None = None,
        context: Mapping[str, Any] | None = None,
        activity_workers: bool = False,
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
        self._open: list[ReferenceType[Execution]] = []
        self._attending = threading.Lock()

    def attend(self, execution: Execution) -> None:
        """Takes an execution whose tokens others of the same services may answer."""
        with self._attending:  # nested machines are started by workers, several at once
            self._open[:] = [*(each for each in self._open if _is_open(each())), ref(execution)]

    def open_executions(self) -> list[Execution]:
        """The executions that run with these services and have not ended, and those that have ended of late."""
        return [execution for each in tuple(self._open) if (execution := each()) is not None]

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
        return joined._of_one_run_with(self)

    def _of_one_run_with(self, other: Services) -> Services:
        """Shares what other services know of executions."""
        self.executions, self._open, self._attending = other.executions, other._open, other._attending
        return self

    def unrestricted(self) -> Services:
        """These services without a policy, for a nested machine, which has a role of its own."""
        if self.policy is None:
            return self
        return Services(aws=self.aws, machines=self.machines, http=self.http)._of_one_run_with(self)


def _is_open(execution: Execution | None) -> bool:
    return execution is not None and execution.status == RUNNING


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
    execution: Execution | None
    activities: Activities | None


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


class Chooser:
    """What does a task where services are at hand: nothing, where the policy refuses it; a callable, where one serves
    it; else the service's action."""

    def __init__(
        self,
        services: Services,
        handlers: Mapping[str, Handler],
        tasks: Tasks,
        importer: Importer | None,
        seed: int,
        identity: Identity,
        activities: Activities | None = None,
    ) -> None:
        self.services, self._handlers, self._tasks, self._importer = services, handlers, tasks, importer
        self._seed, self._identity = seed, identity
        self._activities = activities
        self._execution: Execution | None = None

    def refusal(self, task: InvokeTask) -> TaskFailed | None:
        """The policy's."""
        if self.services.policy is None:
            return None
        from asl_engine.integrations.permissions import refusal

        refused = refusal(self.services.policy, task, self._identity)
        return None if refused is None else TaskFailed(task.ticket, refused.error, refused.cause)

    def action(self, task: InvokeTask) -> Action | None:
        """The service's, None where a callable does it."""
        return self._action(task.state_name, task.resource, task.payload)

    def _action(self, state_name: str, resource: Resource, payload: Json) -> Action | None:
        if state_name in self._handlers:
            return None
        keys = tuple(keys_for(state_name, resource, payload))
        if look_up(TaskNeed(state_name, resource, keys, True), self._tasks, self._importer) is not None:
            return None
        action = find_action(resource)
        return action if action is not None and self.services.has(action) else None

    def attend(self, execution: Execution) -> None:
        """Takes the execution: its tasks' parameters are judged before they are scheduled, its tokens may be
        answered."""
        self._execution = execution
        self.services.attend(execution)
        execution.settings = execution.settings._replace(check_task=self._check)

    def _check(self, state_name: str, resource: Resource, payload: Json) -> None:
        """Raises StatesError for parameters with which a service's task could not be started."""
        action = self._action(state_name, resource, payload)
        if action is not None and action.check is not None:
            action.check(resource, payload, action.service)

    def run(self, clock: Clock, new_request_id: Callable[[], str]) -> Run:
        """The execution, as an action knows it."""
        return Run(
            self.services,
            self._tasks,
            self._importer,
            self._seed,
            clock,
            self._identity,
            new_request_id,
            self._execution,
            self._activities,
        )


def services_performer(perform: Perform, chooser: Chooser, new_request_id: Callable[[], str]) -> Perform:
    """What does a task with services at hand, for a driver that does one after the other."""

    def served(task: InvokeTask, clock: Clock, now: int) -> list[tuple[int, Reply]]:
        refused = chooser.refusal(task)
        if refused is not None:
            return [(clock.now(), refused)]
        action = chooser.action(task)
        if action is None:
            return perform(task, clock, now)
        return perform_action(action, task, chooser.run(clock, new_request_id), now)

    return served


def perform_action(action: Action, task: InvokeTask, run: Run, now: int) -> list[tuple[int, Reply]]:
    """Does a task by a service's action; its replies, each with its time."""
    context = TaskContext(task, function_name(task.resource, task.payload), run.new_request_id, run.clock, now)
    reply: Reply
    try:
        result = do_action(action, run, copy(task.payload), context)
    except StatesError as error:
        reply = TaskFailed(task.ticket, error.error, error.cause)
    else:
        if result is PENDING:
            return context.replies
        reply = TaskSucceeded(task.ticket, *adopt(result.output))
    return [*context.replies, (context.now, reply)]


def do_action(action: Action, run: Run, payload: Json, context: TaskContext) -> Any:
    """Calls a service as if it were a handler: gives its IntegrationResult, or PENDING where a token will be answered.
    Raises StatesError for what the service refuses."""
    task = context.task
    parameters = payload if isinstance(payload, dict) else {}
    result: Any = action.serve(Call(parameters, payload, task.resource, task, context, run))
    if result is PENDING:
        return PENDING
    if task.resource.awaits_token:
        context.submitted(result)
        return PENDING
    return IntegrationResult(result)


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
