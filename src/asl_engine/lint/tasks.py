"""Lints on the work of single states: waits without a limit, limits that cannot be reached, results thrown away.

Each lint looks at one state, and at the TimeoutSeconds of the whole definition where that matters.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

from asl_engine import errors
from asl_engine.definition.fields import ABSENT, JSONATA
from asl_engine.definition.graph import Machine
from asl_engine.lint.table import Finding, lint
from asl_engine.lint.visits import every_state, leaves, resource_of, states_of
from asl_engine.states.resource import ACTIVITY, LAMBDA_FUNCTION
from asl_engine.states.retry import Retrier

LAMBDA_TRANSIENT = (
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
    "Lambda.ClientExecutionTimeoutException",
)
"""Failures of the Lambda service that pass by themselves. Developer guide, "Best practices"."""


@lint(
    "CALLBACK_WITHOUT_TIMEOUT",
    "WARNING",
    "A task that waits for a callback or an activity worker has no time-out, and may wait for a year.",
    local=True,
)
def callback_without_timeout(machine: Machine) -> Iterator[Finding]:
    """A time-out of the whole machine is enough; a heartbeat is, too."""
    if machine.timeout_seconds is not None:
        return
    for state in states_of(machine, "Task"):
        resource = resource_of(state.resource)
        if (resource.awaits_token or resource.kind == ACTIVITY) and not _is_bounded(state):
            what = "a callback" if resource.awaits_token else "an activity worker"
            message = f"'{state.name}' waits for {what} without TimeoutSeconds or HeartbeatSeconds, up to a year"
            yield Finding(f"{state.pointer}/Resource", message, "set TimeoutSeconds or HeartbeatSeconds")


def _is_bounded(state: Any) -> bool:
    limits = (state.timeout_seconds, state.timeout_seconds_path, state.heartbeat_seconds, state.heartbeat_seconds_path)
    return any(limit is not None for limit in limits)


_OTHER_PARTS = r"(?:Execution|State|StateMachine|Map)\b"
_TOKEN_IN_PATH = re.compile(rf"\$\$(?!\.{_OTHER_PARTS}|\[['\"]{_OTHER_PARTS})")
_TOKEN_IN_JSONATA = re.compile(
    rf"\$states\b(?!\s*\.\s*(?:input|result|errorOutput)\b|\s*\.\s*context\s*\.\s*{_OTHER_PARTS})"
)


@lint(
    "TASK_TOKEN_NOT_PASSED",
    "WARNING",
    "A `.waitForTaskToken` task does not hand its token on, so nobody can answer it.",
    local=True,
)
def task_token_not_passed(machine: Machine) -> Iterator[Finding]:
    """The token may go within a larger part of the context object, or through a function."""
    for state in states_of(machine, "Task"):
        if resource_of(state.resource).awaits_token and not _passes_token(state):
            message = f"'{state.name}' waits for its task token to come back, but does not hand it on"
            token = "$states.context.Task.Token" if state.query_language == JSONATA else "$$.Task.Token"
            yield Finding(f"{state.pointer}/Resource", message, f"pass {token} to the task")


def _passes_token(state: Any) -> bool:
    if state.query_language == JSONATA:
        arguments = "" if state.arguments is ABSENT else state.arguments
        return any(_TOKEN_IN_JSONATA.search(leaf.text) for leaf in leaves(state.pointer, "Arguments", arguments))
    if state.parameters is None:
        return bool(_TOKEN_IN_PATH.match(state.input_path or ""))
    paths = (leaf.text for leaf in leaves(state.pointer, "Parameters", state.parameters) if leaf.key.endswith(".$"))
    from_context = (state.input_path or "").startswith("$$")
    return any(_TOKEN_IN_PATH.search(text) or (from_context and "$" in text) for text in paths)


# --- limits -----------------------------------------------------------------------------------------------------------


@lint(
    "OUTLASTS_MACHINE",
    "WARNING",
    "A wait, a time-out or the delays of a retrier are longer than the whole machine may run.",
)
def outlasts_machine(machine: Machine) -> Iterator[Finding]:
    """A distributed Map's children are executions of their own, but the Map itself does not outlive its machine."""
    limit = machine.timeout_seconds
    if limit is None:
        return
    for state in every_state(machine):
        for pointer, seconds, what in _durations(state):
            if seconds >= limit:
                message = f"{what} {_shown(seconds)} seconds, but the machine's TimeoutSeconds is {limit}"
                yield Finding(f"{state.pointer}/{pointer}", message, "shorten it, or give the machine more time")


def _durations(state: Any) -> Iterator[tuple[str, float, str]]:
    """(field, seconds, the beginning of a sentence) for every duration that a state fixes."""
    for name, attribute, what in (
        ("Seconds", "seconds", "the state waits"),
        ("TimeoutSeconds", "timeout_seconds", "the task times out after"),
    ):
        value = getattr(state, attribute, None)
        if isinstance(value, int):
            yield name, value, what
    for index, retrier in enumerate(getattr(state, "retry", ())):
        if retrier.jitter_strategy == "NONE":
            yield f"Retry/{index}", total_delay(retrier), "the delays of the retrier add up to"


def _shown(seconds: float) -> str:
    return f"{seconds:.0f}" if seconds < 1e15 else "endlessly many"


def total_delay(retrier: Retrier) -> float:
    """The seconds that all of a retrier's delays add up to: a geometric series up to the cap, then the cap."""
    first, rate, attempts = retrier.interval_seconds, retrier.backoff_rate, retrier.max_attempts
    cap = retrier.max_delay_seconds or math.inf
    if rate <= 1:
        return min(first, cap) * attempts
    growing = min(attempts, max(0, math.ceil(math.log(cap / first, rate)))) if cap < math.inf else attempts
    try:
        grown = first * (rate**growing - 1) / (rate - 1)
    except OverflowError:
        return math.inf
    return grown + (cap * (attempts - growing) if attempts > growing else 0)


# --- results and older names ------------------------------------------------------------------------------------------


@lint(
    "UNUSED_RESULT_SELECTOR",
    "WARNING",
    "A ResultSelector makes a result that `ResultPath: null` throws away.",
    local=True,
)
def unused_result_selector(machine: Machine) -> Iterator[Finding]:
    """Assign reads the result itself, beside the ResultSelector, not what this makes of it."""
    for state in every_state(machine):
        if state.result_selector is not None and state.result_path is None:
            message = "the selected result is thrown away, as ResultPath is null"
            suggestion = "remove ResultSelector, or say in ResultPath where the result goes"
            yield Finding(f"{state.pointer}/ResultSelector", message, suggestion)


@lint("LEGACY_FIELD", "INFO", "A Map state uses the older name of a field.", local=True)
def legacy_field(machine: Machine) -> Iterator[Finding]:
    """Developer guide, "Map workflow state": Iterator and Parameters are deprecated."""
    for state in states_of(machine, "Map"):
        for old, new, value in (
            ("Iterator", "ItemProcessor", state.iterator),
            ("Parameters", "ItemSelector", state.parameters),
        ):
            if value is not None:
                message = f"'{old}' is the older name of a Map state's '{new}'"
                yield Finding(f"{state.pointer}/{old}", message, f"rename it to {new}")


@lint("LAMBDA_WITHOUT_RETRY", "INFO", "A Lambda task does not retry the service's passing failures.", local=True)
def lambda_without_retry(machine: Machine) -> Iterator[Finding]:
    """A retrier of a Map or Parallel state around the task serves as well."""
    yield from _unretried(machine)


def _unretried(machine: Machine) -> Iterator[Finding]:
    for state in machine.states.values():
        retries_these = any(_retries_passing(retrier) for retrier in getattr(state, "retry", ()))
        if retries_these:
            continue
        if state.type == "Task" and _calls_lambda(state.resource):
            message = f"'{state.name}' calls Lambda and retries none of its passing failures, as {LAMBDA_TRANSIENT[0]}"
            yield Finding(state.pointer, message, f"add a retrier for {', '.join(LAMBDA_TRANSIENT[:4])}")
        for nested in state.machines():
            yield from _unretried(nested)


_TAKE_PASSING = frozenset({errors.ALL, errors.TASK_FAILED, *LAMBDA_TRANSIENT})


def _retries_passing(retrier: Retrier) -> bool:
    return retrier.max_attempts != 0 and not _TAKE_PASSING.isdisjoint(retrier.error_equals)


def _calls_lambda(resource: str) -> bool:
    parsed = resource_of(resource)
    return parsed.kind == LAMBDA_FUNCTION or parsed.is_lambda_invoke
