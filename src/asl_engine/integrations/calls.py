"""Doing tasks at once: what `perform` does in one go, in two halves. `caller` finds the handler and lays out its call;
the driver has a worker make it, and takes the result.

The one rule: what a worker touches belongs to its call alone: its copy of the payload, its context, its request id.
"""

from __future__ import annotations

from asl_engine.drivers.clock import Clock
from asl_engine.drivers.handlers import TaskContext, Worker, is_coroutine, takes_context
from asl_engine.drivers.live import Call, LiveContext, Post, Prepare
from asl_engine.execution.commands import InvokeTask
from asl_engine.execution.entropy import Entropy
from asl_engine.execution.execution import Execution
from asl_engine.execution.replies import Reply, TaskRefused
from asl_engine.integrations.lambda_ import function_name, handler_payload, invoke_envelope
from asl_engine.integrations.perform import Served, to_activity
from asl_engine.jsonvalue import copy
from asl_engine.states.resource import ACTIVITY

_REQUESTS = 0x2545F4914F6CDD1D
_SPREAD = 0xD1342543DE82EF95
"""An odd number, so that each ticket draws its request id from a seed of its own."""


def caller(served: Served, seed: int, execution: Execution, *, awaited: bool = False) -> Prepare:
    """What a driver asks of a task. `awaited`: the driver awaits coroutines."""

    def prepare(task: InvokeTask, clock: Clock, now: int, post: Post | None) -> tuple[list[Reply], Call | None]:
        handler = served.handler_of(task)
        first: list[Reply] = []
        if task.resource.kind == ACTIVITY:
            first = to_activity(task, handler, served.activities, execution)
            if handler is None or isinstance(first[-1], TaskRefused):
                return first, None
        assert handler is not None
        if isinstance(handler, Worker):
            handler = handler.handler
        with_context = takes_context(handler, awaited=awaited)
        request_id = Entropy(seed ^ _REQUESTS ^ task.ticket * _SPREAD).uuid()
        payload, wrap = task.payload, None
        if task.resource.is_lambda_invoke:
            wrap = None if task.resource.awaits_token else invoke_envelope(payload, lambda: request_id)
            payload = handler_payload(payload)
        context: TaskContext
        name = function_name(task.resource, task.payload)
        if post is None:
            context = TaskContext(task, name, lambda: request_id, clock, now)
        else:
            live = LiveContext(task, name, lambda: request_id, clock, now)
            context = live.attach(post, may_block=not (awaited and is_coroutine(handler)))
        own = copy(payload)
        return first, Call(task, handler, (own, context) if with_context else (own,), context, wrap, request_id)

    return prepare
