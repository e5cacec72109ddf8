"""The table of tasks: which callable serves which Task state.

A key is a state name, the Resource's text, or for Lambda the function's ARN (with or without qualifier) or name. The
state's name wins, then the Resource, then the function. What nothing serves is told before anything runs, wherever it
can be known beforehand; a FunctionName that a path selects is looked up when its task begins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias

from asl_engine.definition.fields import ABSENT
from asl_engine.definition.graph import Machine
from asl_engine.errors import UnservedTaskError
from asl_engine.jsonvalue import Json
from asl_engine.states.program import Program
from asl_engine.states.resource import ACTIVITY, LAMBDA_FUNCTION, Resource, parse_resource

if TYPE_CHECKING:
    from asl_engine.integrations.services.catalogue import Services

Handler: TypeAlias = Callable[..., Any]
Tasks: TypeAlias = Mapping[str, Handler]
Importer: TypeAlias = Callable[[str], "Handler | None"]


LEFT_OVER = ""
"""The key of what serves the tasks that nothing else does: no callable, no importer, no service. No state has it as its
name."""


class Caller(Protocol):
    """What a source of tasks may know of a state machine whose tasks it is to serve."""

    @property
    def name(self) -> str: ...
    @property
    def definition(self) -> Machine: ...
    @property
    def task_needs(self) -> tuple[TaskNeed, ...]: ...


class TaskSource(Protocol):
    """What may be given in place of a table of tasks: it makes one for each execution."""

    def tasks_for(self, machines: Sequence[Caller], *, awaited: bool) -> Tasks:
        """The table for one execution of the first of these machines, which may start the others. `awaited`: coroutine
        functions will be."""


def tasks_of(tasks: Tasks | TaskSource | None, machines: Sequence[Caller], *, awaited: bool = False) -> Tasks:
    """The table of tasks for one execution."""
    if tasks is None:
        return {}
    make = getattr(tasks, "tasks_for", None)
    return tasks if make is None else make(machines, awaited=awaited)  # type: ignore[return-value]


class TaskNeed(NamedTuple):
    """A Task state and the keys that would serve it; `certain` unless only its payload will tell which function."""

    state_name: str
    resource: Resource
    keys: tuple[str, ...]
    certain: bool

    @property
    def has_token(self) -> bool:
        """Whether an answer from outside may end the task."""
        return bool(self.resource.pattern) or self.resource.kind == ACTIVITY


def task_needs(program: Program) -> Iterator[TaskNeed]:
    """What every Task state of a program needs, nested ones included."""
    for step in program.steps.values():
        if step.type == "Task":
            state, resource = step.state, parse_resource(step.state.resource)
            payload = state.parameters if state.arguments is ABSENT else state.arguments
            certain = not resource.is_lambda_invoke or isinstance(_literal_function(payload), str)
            yield TaskNeed(step.name, resource, tuple(keys_for(step.name, resource, payload)), certain)
        for nested in step.nested:
            yield from task_needs(nested)


class StorageNeed(NamedTuple):
    """What a distributed Map does with storage; `reads` tells its ItemReader from its ResultWriter."""

    state_name: str
    reads: bool
    resource: str

    def __str__(self) -> str:
        does = "reads its items" if self.reads else "writes its results"
        return f"the Map state {self.state_name!r} {does} with {self.resource}"


def storage_needs(program: Program) -> Iterator[StorageNeed]:
    """What a program reads from storage or writes to it."""
    for step in program.steps.values():
        if step.type == "Map" and step.state.distributed:
            reader, writer = step.state.item_reader, step.state.result_writer
            if reader is not None:
                yield StorageNeed(step.name, True, reader.resource)
            if writer is not None and writer.resource is not None:
                yield StorageNeed(step.name, False, writer.resource)
        for nested in step.nested:
            yield from storage_needs(nested)


def serve(
    needs: Iterable[TaskNeed],
    tasks: Tasks,
    importer: Importer | None = None,
    services: Services | None = None,
    *,
    polled: bool = False,
) -> dict[str, Handler]:
    """State name -> handler, for all states of which it can be known before they run. States that no callable but one
    of `services` serves are left out; with `polled`, so are the activities that workers poll for.

    Raises UnservedTaskError, naming state, Resource and the nearest keys, for the first task that nothing serves.
    """
    if polled:
        needs = [need for need in needs if need.resource.kind != ACTIVITY or not tasks.keys().isdisjoint(need.keys)]
    if services is not None:
        needs = [need for need in needs if not _left_to(services, need, tasks, importer)]
    return {need.state_name: find(need, tasks, importer) for need in needs if need.certain}


def _left_to(services: Services, need: TaskNeed, tasks: Tasks, importer: Importer | None) -> bool:
    """Whether no callable serves a task, and a service does. Raises UnservedTaskError, saying what is missing."""
    if look_up(need, tasks, importer) is not None:
        return False
    try:
        return services.serves(need)
    except UnservedTaskError:
        if LEFT_OVER not in tasks:
            raise
        return False


def serve_call(state_name: str, resource: Resource, payload: Json, tasks: Tasks, importer: Importer | None) -> Handler:
    """The handler of a call whose payload says which function it is. Raises UnservedTaskError."""
    return find(TaskNeed(state_name, resource, tuple(keys_for(state_name, resource, payload)), True), tasks, importer)


def find(need: TaskNeed, tasks: Tasks, importer: Importer | None) -> Handler:
    """The callable that serves a task. Raises UnservedTaskError."""
    found = look_up(need, tasks, importer)
    if found is None:
        found = tasks.get(LEFT_OVER)
    if found is None:
        raise unserved(need, tasks)
    return found


def look_up(need: TaskNeed, tasks: Tasks, importer: Importer | None) -> Handler | None:
    """The callable that serves a task, None where there is none."""
    for key in need.keys:
        if key in tasks:
            return tasks[key]
    return importer(need.keys[-1]) if importer is not None and calls_function(need.resource) else None


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


def function_keys(resource: Resource, payload: Json) -> list[str]:
    """The names by which a table of tasks may serve this call, the most exact first."""
    if resource.kind == LAMBDA_FUNCTION:
        return _keys_of(resource.text)
    name = payload.get("FunctionName") if isinstance(payload, dict) else None
    return _keys_of(name) if isinstance(name, str) else []


def _keys_of(name: str) -> list[str]:
    """An ARN, with and without its qualifier, and the bare name; `name:qualifier` alike."""
    function = parse_resource(name)
    if function.kind == LAMBDA_FUNCTION:
        unqualified = name.removesuffix(f":{function.qualifier}") if function.qualifier else name
        return list(dict.fromkeys([name, unqualified, str(function.name)]))
    return list(dict.fromkeys([name, name.partition(":")[0]])) if name.count(":") <= 1 else [name]


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
