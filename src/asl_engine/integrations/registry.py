"""The table of tasks: which callable serves which Task state.

A key is a state name, the Resource's text, or for Lambda the function's ARN (with or without qualifier) or name. The
state's name wins, then the Resource, then the function. What nothing serves is told before anything runs, wherever it
can be known beforehand; a FunctionName that a path selects is looked up when its task begins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from asl_engine.definition.fields import ABSENT
from asl_engine.drivers.clock import Clock
from asl_engine.drivers.handlers import Call, Handler, TaskContext, call, takes_context
from asl_engine.drivers.inline import Perform
from asl_engine.errors import UnservedTaskError
from asl_engine.execution.commands import InvokeTask
from asl_engine.execution.entropy import Entropy
from asl_engine.execution.replies import Reply, TaskSubmitted
from asl_engine.integrations.lambda_ import function_keys, handler_payload, invoke_envelope
from asl_engine.jsonvalue import Json, copy
from asl_engine.states.program import Program
from asl_engine.states.resource import LAMBDA_FUNCTION, Resource, parse_resource

Tasks = Mapping[str, Handler]
Importer = Callable[[str], "Handler | None"]


class TaskNeed(NamedTuple):
    """A Task state and the keys that would serve it; `certain` unless only its payload will tell which function."""

    state_name: str
    resource: Resource
    payload: Json
    keys: tuple[str, ...]
    certain: bool
    function_name: str | None


def task_needs(program: Program) -> Iterator[TaskNeed]:
    """What every Task state of a program needs, nested ones included."""
    for step in program.steps.values():
        if step.type == "Task":
            state, resource = step.state, parse_resource(step.state.resource)
            payload = state.parameters if state.arguments is ABSENT else state.arguments
            certain = not resource.is_lambda_invoke or isinstance(_literal_function(payload), str)
            keys, name = tuple(keys_for(step.name, resource, payload)), _function_name(resource, payload)
            yield TaskNeed(step.name, resource, payload, keys, certain, name)
        for nested in step.nested:
            yield from task_needs(nested)


class Service(NamedTuple):
    """What serves a task: the handler, whether it takes the context, and the function's name if it is one."""

    handler: Handler
    with_context: bool
    function_name: str | None


def serve(needs: Iterable[TaskNeed], tasks: Tasks, importer: Importer | None = None) -> dict[str, Service]:
    """State name -> service, for all states of which it can be known before they run.

    Raises UnservedTaskError, naming state, Resource and the nearest keys, for the first task that nothing serves.
    """
    services: dict[str, Service] = {}
    for need in needs:
        if need.certain:
            handler = _find(need.keys, need.resource, tasks, importer)
            if handler is None:
                raise unserved(need, tasks)
            services[need.state_name] = Service(handler, takes_context(handler), need.function_name)
    return services


def _find(keys: Sequence[str], resource: Resource, tasks: Tasks, importer: Importer | None) -> Handler | None:
    for key in keys:
        if key in tasks:
            return tasks[key]
    return importer(keys[-1]) if importer is not None and calls_function(resource) else None


def _literal_function(payload: Json) -> Any:
    name = payload.get("FunctionName") if isinstance(payload, dict) else None
    return None if isinstance(name, str) and name.startswith("{%") else name


def calls_function(resource: Resource) -> bool:
    """Whether a Resource calls a Lambda function."""
    return resource.kind == LAMBDA_FUNCTION or resource.is_lambda_invoke


def keys_for(state_name: str, resource: Resource, payload: Json) -> list[str]:
    """The keys that would serve a task, the strongest first."""
    keys = [state_name, resource.text]
    if calls_function(resource):
        keys += [key for key in function_keys(resource, payload) if key not in keys]
    return keys


def unserved(need: TaskNeed, tasks: Tasks) -> UnservedTaskError:
    """The error that names what nothing serves."""
    from difflib import get_close_matches

    near = list(dict.fromkeys(match for key in need.keys for match in get_close_matches(key, tasks, 2, 0.6)))
    if near:
        given = f"the nearest keys given are {', '.join(map(repr, near))}"
    else:
        given = f"the keys given are {', '.join(map(repr, tasks))}" if tasks else "no tasks were given"
    return UnservedTaskError(
        f"no callable serves the Task state {need.state_name!r} with Resource {need.resource.text!r}: "
        f"give one under {' or '.join(map(repr, need.keys))}; {given}"
    )


def performer(services: dict[str, Service], tasks: Tasks, seed: int, importer: Importer | None = None) -> Perform:
    """What an inline driver does with a task: calls its handler, and gives its replies with their times."""
    requests: list[Entropy] = []

    def new_request_id() -> str:
        if not requests:
            requests.append(Entropy(seed ^ 0x2545F4914F6CDD1D))
        return requests[0].uuid()

    def perform(task: InvokeTask, clock: Clock, now: int) -> list[tuple[int, Reply]]:
        service = services.get(task.state_name) or _late_service(task, tasks, importer)
        resource, payload = task.resource, task.payload
        if resource.is_lambda_invoke:
            wrap = None if resource.awaits_token else invoke_envelope(payload, new_request_id)
            payload = handler_payload(payload)
        else:
            wrap = None
        if not service.with_context and not resource.pattern:
            plain = Call(task.ticket, service.handler, (copy(payload),), wrap, new_request_id)
            return [(clock.now(), call(plain))]
        context = TaskContext(task, service.function_name, new_request_id, clock, now)
        return _perform_with(context, task, service, copy(payload), wrap)

    return perform


def _perform_with(
    context: TaskContext, task: InvokeTask, service: Service, payload: Json, wrap: Callable[[Json], Json] | None
) -> list[tuple[int, Reply]]:
    """A call whose handler takes the context, or whose task is first submitted."""
    arguments = (payload, context) if service.with_context else (payload,)
    reply = call(Call(task.ticket, service.handler, arguments, wrap, lambda: context.aws_request_id))
    replies = context.replies
    if task.resource.pattern and not any(isinstance(earlier, TaskSubmitted) for _, earlier in replies):
        replies.append((context.now, TaskSubmitted(task.ticket, {})))
    replies.append((context.now, reply))
    return replies


def _late_service(task: InvokeTask, tasks: Tasks, importer: Importer | None) -> Service:
    """The service of a task whose payload says which function it calls."""
    keys = tuple(keys_for(task.state_name, task.resource, task.payload))
    need = TaskNeed(
        task.state_name, task.resource, task.payload, keys, True, _function_name(task.resource, task.payload)
    )
    handler = _find(keys, task.resource, tasks, importer)
    if handler is None:
        raise unserved(need, tasks)
    return Service(handler, takes_context(handler), need.function_name)


def _function_name(resource: Resource, payload: Json) -> str | None:
    if resource.kind == LAMBDA_FUNCTION:
        return resource.name
    name = payload.get("FunctionName") if isinstance(payload, dict) else None
    if not resource.is_lambda_invoke or not isinstance(name, str):
        return None
    return parse_resource(name).name or name.partition(":")[0]
