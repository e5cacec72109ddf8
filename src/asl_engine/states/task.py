"""Task: specification "Task State". Its work is named by `Resource` and done by whoever serves it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from asl_engine.definition.described import Drafting, Schema, described, none_beside, together
from asl_engine.definition.fields import (
    JSONATA,
    JSONPATH,
    MAX_SECONDS,
    Place,
    asl,
    expression_or,
    maybe_template,
    path,
    path_or_intrinsic,
    show,
    tell_unknown,
    whole_number,
)
from asl_engine.errors import RUNTIME, QueryEvaluationError, StatesError
from asl_engine.jsonvalue import Json, dumps
from asl_engine.query.language import IDENTITY, QueryLanguage, Sized
from asl_engine.query.scope import Expr, Scope
from asl_engine.records import record
from asl_engine.states.catch import Catcher, catch_names, catch_targets, compile_catch, read_catch
from asl_engine.states.common import INPUT_OUTPUT, RESULT, TRANSITION, State, at_most_one
from asl_engine.states.leaving import finish_of
from asl_engine.states.moves import Invoke, Move
from asl_engine.states.parameters import parameter_check
from asl_engine.states.program import Step
from asl_engine.states.resource import ACTIVITY, parse_resource
from asl_engine.states.retry import Retrier, compile_retry, read_retry
from asl_engine.states.wait import whole

INVALID_RESOURCE = "INVALID_RESOURCE"
_SECONDS = expression_or(whole_number(1, MAX_SECONDS))


def _draft_credentials(drafting: Drafting) -> Schema:
    properties: dict[str, Schema] = {"RoleArn": {"type": "string", "allOf": [drafting.of(maybe_template)]}}
    if drafting.query_language != JSONATA:
        properties["RoleArn.$"] = drafting.of(path_or_intrinsic)
    return {"type": "object", "properties": properties, "additionalProperties": False, "minProperties": 1}


@described(_draft_credentials)
def read_credentials(value: Json, place: Place) -> Json:
    """Reads Credentials: an object with RoleArn."""
    if not isinstance(value, dict):
        place.error(f"must be an object, not {show(value)}")
        return None
    for name in value.keys() - ({"RoleArn"} if place.query_language == JSONATA else {"RoleArn", "RoleArn.$"}):
        tell_unknown(name, ["RoleArn"], place)
    return maybe_template(value, place)


@described({"type": "string", "minLength": 1, "pattern": r"^(?!\{%)", "examples": ["arn:aws:states:::lambda:invoke"]})
def read_resource(value: Json, place: Place) -> str:
    """Reads Resource: the ARN of a function, an activity or an integration. Any other text runs here, if something
    serves it (a name that a template will put in), and is a warning, as AWS takes ARNs alone."""
    if not isinstance(value, str) or not value:
        place.error(f"must be a resource ARN, not {show(value)}", INVALID_RESOURCE)
        return ""
    if value.startswith("{%"):
        place.error(f"must be a constant, not the expression {show(value)}", INVALID_RESOURCE)
    elif not value.startswith("arn:"):
        place.warning(f"Value is not a valid resource ARN: {show(value)}; AWS would refuse it", INVALID_RESOURCE)
    return value


@record(frozen=True, slots=True, kw_only=True)
class Task(State):
    """A state that has work done."""

    takes: ClassVar[frozenset[str]] = INPUT_OUTPUT | TRANSITION | RESULT | {"Assign"}

    resource: str = asl("Resource", read_resource, default="", required=True)
    timeout_seconds: int | str | None = asl("TimeoutSeconds", _SECONDS)
    timeout_seconds_path: str | None = asl("TimeoutSecondsPath", path, languages=[JSONPATH])
    heartbeat_seconds: int | str | None = asl("HeartbeatSeconds", _SECONDS)
    heartbeat_seconds_path: str | None = asl("HeartbeatSecondsPath", path, languages=[JSONPATH])
    credentials: Json = asl("Credentials", read_credentials)
    retry: tuple[Retrier, ...] = asl("Retry", read_retry, default=())
    catch: tuple[Catcher, ...] = asl("Catch", read_catch, default=())

    def assigned_names(self) -> Iterator[tuple[str, str]]:
        """The state's own variables and its catchers'."""
        yield from State.assigned_names(self)
        yield from catch_names(self.catch, self.pointer)

    def targets(self) -> Iterator[tuple[str, str]]:
        """Next and the catchers' targets."""
        yield from State.targets(self)
        yield from catch_targets(self.catch, self.pointer)


_BOUNDS = ("TimeoutSeconds", "HeartbeatSeconds")


@described(together(*(none_beside(name, f"{name}Path") for name in _BOUNDS)))
def check_task(value: dict[str, Json], place: Place) -> None:
    """The rules between a Task state's fields."""
    for name in _BOUNDS:
        at_most_one(value, place, name, f"{name}Path")
    timeout, heartbeat = value.get("TimeoutSeconds"), value.get("HeartbeatSeconds")
    if isinstance(timeout, int) and isinstance(heartbeat, int) and heartbeat >= timeout:
        place.at("HeartbeatSeconds").error(f"must be less than TimeoutSeconds {timeout}, not {heartbeat}")
    credentials = value.get("Credentials")
    if isinstance(credentials, dict):
        if not {"RoleArn", "RoleArn.$"} & credentials.keys():
            place.at("Credentials").error("These fields are required: [RoleArn]")
        elif not isinstance(role := credentials.get("RoleArn", ""), str):
            place.at("Credentials").at("RoleArn").error(f"must be a string, not {show(role)}")


def compile_task(state: Task, language: QueryLanguage, steps: dict[str, Step], step: Step) -> None:
    """Binds the step."""
    resource = parse_resource(state.resource)
    before = language.before(state)
    payload = before.expr if before else None
    selected = language.selected(state)
    bounds = _compile_bounds(state, language, selected)
    credentials = _compile_credentials(state, language)
    check = parameter_check(resource)

    def behaviour(scope: Scope) -> Move:
        effective = payload(scope.input, scope) if payload else scope.input
        timeout, heartbeat = bounds(scope) if bounds else (None, None)
        if check is not None:
            check(effective)
        return Invoke(resource, effective, timeout, heartbeat, credentials(scope.input, scope) if credentials else None)

    step.behaviour = behaviour
    step.finish, after = finish_of(state, language, steps)
    step.growth = after.growth if after else IDENTITY
    step.input_growth = before.growth if before else IDENTITY
    step.needs_token = bool(resource.pattern) or resource.kind == ACTIVITY
    compile_error_handling(state, language, steps, step)


def compile_error_handling(state: State, language: QueryLanguage, steps: dict[str, Step], step: Step) -> None:
    """Binds Retry and Catch of a state that has them."""
    step.retry, step.retriers = compile_retry(state.retry), len(state.retry)  # type: ignore[attr-defined]
    step.catch = compile_catch(state.catch, language, steps)  # type: ignore[attr-defined]


def _compile_credentials(state: Task, language: QueryLanguage) -> Expr | None:
    """The role that a task takes on: an object whose RoleArn is a string."""
    if state.credentials is None:
        return None
    role = language.value("Credentials/RoleArn", state.credentials.get("RoleArn"), None)
    if role is not None:
        return lambda document, scope: {"RoleArn": role(document, scope)}
    template = language.template("Credentials", state.credentials).expr

    def credentials(document: Json, scope: Scope) -> Json:
        filled: Any = template(document, scope)
        if not isinstance(arn := filled.get("RoleArn"), str):
            raise StatesError(RUNTIME, f"The RoleArn of Credentials must be a string, but was {dumps(arn)}.")
        return filled

    return credentials


Bounds = Callable[[Scope], tuple[int | None, int | None]]


def _compile_bounds(state: Task, language: QueryLanguage, selected: Sized | None) -> Bounds | None:
    timeout = language.value("TimeoutSeconds", state.timeout_seconds, state.timeout_seconds_path)
    heartbeat = language.value("HeartbeatSeconds", state.heartbeat_seconds, state.heartbeat_seconds_path)
    if timeout is None and heartbeat is None:
        return None
    select = selected.expr if selected else None

    def bounds(scope: Scope) -> tuple[int | None, int | None]:
        document = select(scope.input, scope) if select else scope.input
        return (
            _seconds(timeout(document, scope), "TimeoutSeconds", state.timeout_seconds_path) if timeout else None,
            _seconds(heartbeat(document, scope), "HeartbeatSeconds", state.heartbeat_seconds_path)
            if heartbeat
            else None,
        )

    return bounds


def _seconds(value: Json, field: str, path: str | None) -> int:
    number = whole(value, written=path is not None)
    if number is None or not 1 <= number <= MAX_SECONDS:
        where, name = (f"{path} == ", f"{field}Path") if path else ("", field)
        message = f"The {name} parameter must be an integer between 1 and {MAX_SECONDS}: {where}{dumps(value)}"
        raise StatesError(RUNTIME, message) if path else QueryEvaluationError(message, field)
    return number
