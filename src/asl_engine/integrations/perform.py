"""Doing a task for the inline driver: its handler is called, and its result or exception becomes replies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from asl_engine.drivers.clock import Clock
from asl_engine.drivers.handlers import Handler, TaskContext, call, takes_context
from asl_engine.drivers.inline import Perform
from asl_engine.execution.commands import InvokeTask
from asl_engine.execution.entropy import Entropy
from asl_engine.execution.replies import Reply, TaskSubmitted
from asl_engine.integrations.lambda_ import function_name, handler_payload, invoke_envelope
from asl_engine.integrations.registry import Importer, Tasks, serve_call
from asl_engine.jsonvalue import Json, copy

if TYPE_CHECKING:
    from asl_engine.integrations.services.catalogue import Identity, Services


def performer(
    handlers: Mapping[str, Handler],
    tasks: Tasks,
    seed: int,
    importer: Importer | None = None,
    services: Services | None = None,
    identity: Identity | None = None,
) -> Perform:
    """What an inline driver does with a task. `handlers` serve states by name, `tasks` what only a payload tells,
    `services` what no callable serves; these know the execution by its `identity`."""
    requests: list[Entropy] = []
    takes: dict[int, bool] = {}

    def new_request_id() -> str:
        if not requests:
            requests.append(Entropy(seed ^ 0x2545F4914F6CDD1D))
        return requests[0].uuid()

    def perform(task: InvokeTask, clock: Clock, now: int) -> list[tuple[int, Reply]]:
        resource, payload = task.resource, task.payload
        handler = handlers.get(task.state_name)
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
        return [(clock.now(), reply)]

    if services is None:
        return perform
    from asl_engine.integrations.services.catalogue import identity_of, services_performer

    known = identity or identity_of(None, "StateMachine")
    return services_performer(perform, handlers, tasks, importer, services, seed, known, new_request_id)


def _perform_in_context(
    handler: Handler, with_context: bool, payload: Json, context: TaskContext, wrap: Callable[[Json], Json] | None
) -> list[tuple[int, Reply]]:
    """A call whose handler takes the context, or whose task is first submitted."""
    arguments = (payload, context) if with_context else (payload,)
    reply = call(handler, arguments, context.ticket, wrap, lambda: context.aws_request_id)
    replies = context.replies
    if context.pattern and not any(isinstance(earlier, TaskSubmitted) for _, earlier in replies):
        replies.insert(0, (context.started, TaskSubmitted(context.ticket, {})))
    replies.append((context.now, reply))
    return replies
