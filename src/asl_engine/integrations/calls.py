"""Doing tasks at once: what `perform` does in one go, in two halves. `caller` finds the handler and lays out its call;
the driver has a worker make it, and takes the result.

The one rule: what a worker touches belongs to its call alone: its copy of the payload, its context, its request id.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from asl_engine.drivers.clock import Clock
from asl_engine.drivers.handlers import Planned, TaskContext, Worker, is_coroutine, takes_context
from asl_engine.drivers.live import Call, LiveContext, Post, Prepare, call_service
from asl_engine.execution.commands import InvokeTask
from asl_engine.execution.entropy import Entropy
from asl_engine.execution.execution import Execution
from asl_engine.execution.replies import Reply, TaskRefused
from asl_engine.integrations.lambda_ import function_name, handler_payload, invoke_envelope
from asl_engine.integrations.perform import Served, to_activity
from asl_engine.jsonvalue import copy
from asl_engine.states.resource import ACTIVITY

if TYPE_CHECKING:
    from asl_engine.integrations.services.catalogue import Chooser

_REQUESTS = 0x2545F4914F6CDD1D
_SPREAD = 0xD1342543DE82EF95
"""An odd number, so that each ticket draws its request id from a seed of its own."""


def caller(
    served: Served, seed: int, execution: Execution, *, awaited: bool = False, chooser: Chooser | None = None
) -> Prepare:
    """What a driver asks of a task. `awaited`: the driver awaits coroutines. `chooser` says what services do."""

    def serviced(task: InvokeTask, clock: Clock, now: int, post: Post | None) -> tuple[list[Reply], Call | None]:
        assert chooser is not None
        refused = chooser.refusal(task)
        if refused is not None:
            return [refused], None
        action = chooser.action(task)
        if action is None:
            return prepare(task, clock, now, post)
        from asl_engine.integrations.services.catalogue import do_action

        request_id = _request_id(seed, task)
        context = _context(task, request_id, clock, now, post)
        handler = partial(do_action, action, chooser.run(clock, lambda: request_id))
        return [], Call(task, handler, (copy(task.payload), context), context, None, request_id, call_service)

    def prepare(task: InvokeTask, clock: Clock, now: int, post: Post | None) -> tuple[list[Reply], Call | None]:
        handler = served.handler_of(task)
        first: list[Reply] = []
        if task.resource.kind == ACTIVITY:
            first = to_activity(task, handler, served.activities, execution)
            if handler is None or isinstance(first[-1], TaskRefused):
                return first, None
        assert handler is not None
        if isinstance(handler, Planned):
            handler = handler.plan(task)
        if isinstance(handler, Worker):
            handler = handler.handler
        with_context = takes_context(handler, awaited=awaited)
        request_id = _request_id(seed, task)
        payload, wrap = task.payload, None
        if task.resource.is_lambda_invoke:
            wrap = None if task.resource.awaits_token else invoke_envelope(payload, lambda: request_id)
            payload = handler_payload(payload)
        context = _context(task, request_id, clock, now, post, may_block=not (awaited and is_coroutine(handler)))
        own = copy(payload)
        return first, Call(task, handler, (own, context) if with_context else (own,), context, wrap, request_id)

    return prepare if chooser is None else serviced


def _request_id(seed: int, task: InvokeTask) -> str:
    return Entropy(seed ^ _REQUESTS ^ task.ticket * _SPREAD).uuid()


def _context(
    task: InvokeTask, request_id: str, clock: Clock, now: int, post: Post | None, *, may_block: bool = True
) -> TaskContext:
    name = function_name(task.resource, task.payload)
    if post is None:
        return TaskContext(task, name, lambda: request_id, clock, now)
    return LiveContext(task, name, lambda: request_id, clock, now).attach(post, may_block=may_block)
