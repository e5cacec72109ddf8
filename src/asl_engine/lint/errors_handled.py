"""Lints on Retry and Catch: names that no failure of the state can have, and handlers that others leave nothing to.

Developer guide, "Handling errors in Step Functions workflows"; the rule by which ErrorEquals matches stands in
`states/failure.py`, and these lints only say what follows from it for sure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from asl_engine import errors
from asl_engine.definition.fields import JSONATA, nearest
from asl_engine.definition.graph import Machine
from asl_engine.lint.table import Finding, lint
from asl_engine.lint.visits import every_state, for_short_texts, once, resource_of, states_of
from asl_engine.states.resource import TASK

HTTP_SOCKET = "States.Http.Socket"
HTTP_STATUS = "States.Http.StatusCode."
FAILED_AS_RUNTIME = (
    errors.NO_CHOICE_MATCHED,
    "States.IntrinsicFailure",
    "States.ParameterPathFailure",
    "States.ResultPathMatchFailure",
)
"""Names that are reserved; the service reports these failures as States.Runtime (developer guide)."""

PREDEFINED = (
    errors.ALL,
    errors.BRANCH_FAILED,
    errors.DATA_LIMIT_EXCEEDED,
    errors.EXCEED_TOLERATED_FAILURE_THRESHOLD,
    errors.HEARTBEAT_TIMEOUT,
    HTTP_SOCKET,
    errors.ITEM_READER_FAILED,
    errors.PERMISSIONS,
    errors.QUERY_EVALUATION_ERROR,
    errors.RESULT_WRITER_FAILED,
    errors.RUNTIME,
    errors.TASK_FAILED,
    errors.TIMEOUT,
    *FAILED_AS_RUNTIME,
)


class Handler(NamedTuple):
    """One retrier or catcher of a state."""

    state: Any
    field: str
    position: int
    record: Any

    @property
    def names(self) -> Sequence[str]:
        return self.record.error_equals or ()

    def pointer(self, rest: str) -> str:
        """The JSON pointer of something in it."""
        return f"{self.state.pointer}/{self.field}/{self.position}/{rest}"


class Handlers(NamedTuple):
    """The Retry and the Catch of a state."""

    retry: Sequence[Handler]
    catch: Sequence[Handler]


@once
def handlers(machine: Machine) -> Sequence[Handlers]:
    """What every state has that handles errors, state by state."""
    found = []
    for state in every_state(machine):
        retry, catch = getattr(state, "retry", None), getattr(state, "catch", None)
        if retry or catch:
            found.append(Handlers(_rows(state, "Retry", retry), _rows(state, "Catch", catch)))
    return found


def _rows(state: Any, field: str, records: Sequence[Any] | None) -> Sequence[Handler]:
    return [Handler(state, field, index, record) for index, record in enumerate(records or ())]


def _named(machine: Machine) -> Iterator[tuple[Handler, int, str]]:
    """(handler, position, error name) for every name in an ErrorEquals."""
    for retry, catch in handlers(machine):
        for row in (*retry, *catch):
            for position, name in enumerate(row.names):
                yield row, position, name


# --- names ------------------------------------------------------------------------------------------------------------


@lint(
    "UNKNOWN_STATES_ERROR",
    "WARNING",
    "An ErrorEquals names an error that begins with `States.` and does not exist.",
    local=True,
)
def unknown_states_error(machine: Machine) -> Iterator[Finding]:
    """The prefix is the service's own, so nothing reports such a name, but a Fail state of the definition itself."""
    known = {*PREDEFINED, *(state.error for state in states_of(machine, "Fail"))}
    lower = {name.lower() for name in PREDEFINED}
    for row, position, name in _named(machine):
        if name in known or _is_http_status(name):
            continue
        if name.startswith("States.") or name.lower() in lower:
            message = f"'{name}' is none of the predefined errors, and 'States.' begins no others"
            yield Finding(row.pointer(f"ErrorEquals/{position}"), message, _instead(name))


@for_short_texts
def _instead(name: str) -> str:
    return nearest(name, PREDEFINED) or "name a predefined error or the task's own"


def _is_http_status(name: str) -> bool:
    return name.startswith(HTTP_STATUS) and name[len(HTTP_STATUS) :].isdecimal()


@lint(
    "IMPOSSIBLE_ERROR",
    "WARNING",
    "A Retry or Catch names an error that a failure of its state can never have.",
    local=True,
)
def impossible_error(machine: Machine) -> Iterator[Finding]:
    """Sure cases alone; what a Map or Parallel state can fail with includes what the states in it can."""
    for row, position, name in _named(machine):
        source = _SOURCES.get(HTTP_STATUS if _is_http_status(name) else name)
        if source is not None and not source.possible(row.state):
            message = f"'{name}' can never be met here: {source.reason}"
            yield Finding(row.pointer(f"ErrorEquals/{position}"), message, source.suggestion)


class _Source(NamedTuple):
    """Which states can fail with an error, and what to say of the others."""

    possible: Callable[[Any], bool]
    reason: str
    suggestion: str | None = "remove the name"


def _within(holds: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """Whether it holds for the state or one that is nested in it."""

    def possible(state: Any) -> bool:
        return holds(state) or any(possible(inner) for each in state.machines() for inner in each.states.values())

    return possible


def _never(state: Any) -> bool:
    return False


def _is(kind: str) -> Callable[[Any], bool]:
    return lambda state: bool(state.type == kind)


def _has_heartbeat(state: Any) -> bool:
    return state.type != "Task" or state.heartbeat_seconds is not None or state.heartbeat_seconds_path is not None


def _may_call_http(state: Any) -> bool:
    resource = resource_of(state.resource) if state.type == "Task" else None
    return resource is not None and (resource.kind == TASK and resource.service in (None, "http"))


_RESERVED = _Source(
    _never,
    "the name is reserved, and the service reports such a failure as States.Runtime, which is never handled",
    "prevent the failure: test with IsPresent, or give the Choice state a Default",
)
_CALLS_HTTP = _Source(_within(_may_call_http), "only an http:invoke task can fail with it")

_SOURCES = {
    errors.RUNTIME: _Source(_never, "an execution that fails with States.Runtime is never retried and never caught"),
    **dict.fromkeys(FAILED_AS_RUNTIME, _RESERVED),
    errors.BRANCH_FAILED: _Source(_within(_is("Parallel")), "only a Parallel state has branches"),
    errors.EXCEED_TOLERATED_FAILURE_THRESHOLD: _Source(_within(_is("Map")), "only a Map state tolerates failures"),
    errors.ITEM_READER_FAILED: _Source(
        _within(lambda state: getattr(state, "item_reader", None) is not None),
        "no Map state here has an ItemReader",
    ),
    errors.RESULT_WRITER_FAILED: _Source(
        _within(lambda state: getattr(state, "result_writer", None) is not None),
        "no Map state here has a ResultWriter",
    ),
    errors.HEARTBEAT_TIMEOUT: _Source(
        _has_heartbeat, "the task has no HeartbeatSeconds", "set HeartbeatSeconds, or remove the name"
    ),
    errors.QUERY_EVALUATION_ERROR: _Source(
        _within(lambda state: state.query_language == JSONATA), "only JSONata expressions fail with it"
    ),
    HTTP_SOCKET: _CALLS_HTTP,
    HTTP_STATUS: _CALLS_HTTP,
}


# --- handlers that are never used -------------------------------------------------------------------------------------


@lint(
    "UNREACHABLE_HANDLER",
    "WARNING",
    "An error in a Retry or Catch is taken by an earlier item of the same list.",
    local=True,
)
def unreachable_handler(machine: Machine) -> Iterator[Finding]:
    """The first item that matches decides, exhausted or not."""
    for both in handlers(machine):
        for rows in both:
            taken: dict[str, Handler] = {}
            for row in rows:
                yield from _taken_before(row, taken)
                for name in row.names:
                    taken.setdefault(name, row)


_NOT_TASK_FAILED = {errors.ALL, errors.TIMEOUT, errors.HEARTBEAT_TIMEOUT, errors.DATA_LIMIT_EXCEEDED, errors.RUNTIME}


def _taken_before(row: Handler, taken: dict[str, Handler]) -> Iterator[Finding]:
    for place, name in enumerate(row.names):
        wider = _takes(name, taken)
        if wider is not None:
            earlier = taken[wider]
            message = f"'{name}' never comes here: {earlier.field}[{earlier.position}] takes it, which names '{wider}'"
            suggestion = "remove it" if wider == name else f"move this item before {earlier.field}[{earlier.position}]"
            yield Finding(row.pointer(f"ErrorEquals/{place}"), message, suggestion)


def _takes(name: str, taken: dict[str, Handler]) -> str | None:
    """The earlier name that takes every failure that `name` matches."""
    if name in taken:
        return name
    if name == errors.HEARTBEAT_TIMEOUT and errors.TIMEOUT in taken:
        return errors.TIMEOUT  # a missed heartbeat is reported as States.Timeout
    return errors.TASK_FAILED if errors.TASK_FAILED in taken and name not in _NOT_TASK_FAILED else None


@lint(
    "RETRIER_WITHOUT_EFFECT",
    "WARNING",
    "A retrier with MaxAttempts 0 stands last, where it keeps nothing from being retried.",
    local=True,
)
def retrier_without_effect(machine: Machine) -> Iterator[Finding]:
    """MaxAttempts 0 says "do not retry", which matters only if a later retrier would."""
    for retry, _ in handlers(machine):
        for row in reversed(retry):
            if row.record.max_attempts != 0:
                break
            message = f"the retrier for {', '.join(row.names)} has MaxAttempts 0, and no later one would retry these"
            yield Finding(row.pointer("MaxAttempts"), message, "remove the retrier, or give it attempts")
