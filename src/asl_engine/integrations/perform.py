"""Doing a task for the drivers that do one after the other: its handler is called, and its result or exception becomes
replies. `Served` is what every driver needs to know of a task before it calls anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from asl_engine.drivers.clock import Clock
from asl_engine.drivers.handlers import Handler, TaskContext, Worker, call, takes_context
from asl_engine.drivers.inline import Perform
from asl_engine.execution.commands import InvokeTask
from asl_engine.execution.entropy import Entropy
from asl_engine.execution.replies import Reply, TaskRefused, TaskScheduled, TaskStarted, TaskSubmitted
from asl_engine.integrations.lambda_ import function_name, handler_payload, invoke_envelope
from asl_engine.integrations.registry import Importer, Tasks, serve_call
from asl_engine.jsonvalue import Json, copy
from asl_engine.states.resource import ACTIVITY

if TYPE_CHECKING:
    from asl_engine.execution.execution import Execution
    from asl_engine.integrations.activities import Activities
    from asl_engine.integrations.services.catalogue import Identity, Services


class Served(NamedTuple):
    """What a table of tasks is, ready to serve: `handlers` by state name, `tasks` where only a payload tells which."""

    handlers: Mapping[str, Handler]
    tasks: Tasks
    importer: Importer | None = None
    activities: Activities | None = None

    def handler_of(self, task: InvokeTask) -> Handler | None:
        """The callable that serves a task; None for an activity's that workers poll."""
        handler = self.handlers.get(task.state_name)
        if handler is None and not (self.activities is not None and task.resource.kind == ACTIVITY):
            handler = serve_call(task.state_name, task.resource, task.payload, self.tasks, self.importer)
        return handler


def performer(
    handlers: Mapping[str, Handler],
    tasks: Tasks,
    seed: int,
    importer: Importer | None = None,
    services: Services | None = None,
    identity: Identity | None = None,
    *,
    activities: Activities | None = None,
    execution: Execution | None = None,
) -> Perform:
    """What an inline driver does with a task. `handlers` serve states by name, `tasks` what only a payload tells,
    `services` what no callable serves; these know the execution by its `identity`. `activities` is the store of the
    activities that exist, and needs the `execution` that asks; services judge its parameters."""
    requests: list[Entropy] = []
    takes: dict[int, bool] = {}

    def new_request_id() -> str:
        if not requests:
            requests.append(Entropy(seed ^ 0x2545F4914F6CDD1D))
        return requests[0].uuid()

    def perform(task: InvokeTask, clock: Clock, now: int) -> list[tuple[int, Reply]]:
        resource, payload = task.resource, task.payload
        handler = handlers.get(task.state_name)
        if resource.kind == ACTIVITY:
            first = [(now, reply) for reply in to_activity(task, handler, activities, execution)]
            return _perform_activity(task, handler, first, TaskContext(task, None, new_request_id, clock, now))
        if handler is None:
            handler = serve_call(task.state_name, resource, payload, tasks, importer)
        with_context = takes.get(id(handler))
        if with_context is None:
            with_context = takes[id(handler)] = takes_context(handler)
        wrap = None
        if resource.is_lambda_invoke:
            wrap = None if resource.awaits_token else invoke_envelope(payload, new_request_id)
            payload = handler_payload(payload)
        if with_context or resource.pattern:
            context = TaskContext(task, function_name(resource, task.payload), new_request_id, clock, now)
            return _perform_in_context(handler, with_context, copy(payload), context, wrap)
        reply = call(handler, (copy(payload),), task.ticket, wrap, new_request_id)
        if reply is None:
            raise no_token(task)
        return [(clock.now(), reply)]

    if services is None:
        return perform
    from asl_engine.integrations.services.catalogue import Chooser, identity_of, services_performer

    known = identity or identity_of(None, "StateMachine")
    chooser = Chooser(services, handlers, tasks, importer, seed, known, activities)
    if execution is not None:
        chooser.attend(execution)
    return services_performer(perform, chooser, new_request_id)


def to_activity(
    task: InvokeTask, handler: Handler | None, activities: Activities | None, execution: Execution | None
) -> list[Reply]:
    """The first replies to an activity's task: it is refused, waits in a queue, or a worker has it at once."""
    arn = task.resource.text
    if activities is not None and not activities.exists(arn):
        return [TaskRefused(task.ticket, f"The activity {arn} does not exist.")]
    if handler is not None:
        name = handler.name if isinstance(handler, Worker) else None
        return [TaskScheduled(task.ticket), TaskStarted(task.ticket, name)]
    assert activities is not None
    assert execution is not None
    activities.offer(task, execution)
    return [TaskScheduled(task.ticket)]


def _perform_activity(
    task: InvokeTask, handler: Handler | None, first: list[tuple[int, Reply]], context: TaskContext
) -> list[tuple[int, Reply]]:
    if handler is None or isinstance(first[-1][1], TaskRefused):
        return first
    handler = handler.handler if isinstance(handler, Worker) else handler
    context.replies += first
    return _perform_in_context(handler, takes_context(handler), copy(task.payload), context, None)


def no_token(task: InvokeTask) -> TypeError:
    """Why a task may not be left open."""
    return TypeError(
        f"the handler of the state {task.state_name!r} left its task open, but {task.resource.text!r} has no task token"
        " that could answer it: only .waitForTaskToken and .sync tasks and activities have one"
    )


def _perform_in_context(
    handler: Handler, with_context: bool, payload: Json, context: TaskContext, wrap: Callable[[Json], Json] | None
) -> list[tuple[int, Reply]]:
    """A call whose handler takes the context, or whose task is first submitted."""
    arguments = (payload, context) if with_context else (payload,)
    reply = call(handler, arguments, context.ticket, wrap, lambda: context.aws_request_id)
    replies = context.replies
    if context.pattern and not any(isinstance(earlier, TaskSubmitted) for _, earlier in replies):
        replies.insert(0, (context.started, TaskSubmitted(context.ticket, {})))
    if reply is not None:
        replies.append((context.now, reply))
    elif context.task_token is None:
        raise no_token(context.task)
    return replies
