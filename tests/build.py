"""What tests make machines of: states in few words, and the run of a machine in one call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from asl_engine import Execution, StateMachine, TaskError

Json = Any
T0 = 1_704_067_200_000
"""2024-01-01T00:00:00Z, where virtual time begins."""


def function(name: str) -> str:
    """The ARN of a Lambda function."""
    return f"arn:aws:lambda:eu-west-1:123456789012:function:{name}"


def chain(**states: dict[str, Any]) -> dict[str, Any]:
    """A machine of states in the order given: each one without Next or End goes on to the one after it."""
    names = list(states)
    linked: dict[str, Any] = {}
    for name, following in zip(names, [*names[1:], None], strict=True):
        state = dict(states[name])
        if state["Type"] not in ("Choice", "Succeed", "Fail") and not state.keys() & {"Next", "End"}:
            state |= {"End": True} if following is None else {"Next": following}
        linked[name] = state
    return {"StartAt": names[0], "States": linked}


def task(name: str = "work", **fields: Any) -> dict[str, Any]:
    """A Task state that calls a Lambda function."""
    return {"Type": "Task", "Resource": function(name), **fields}


def retrier(*errors: str, **fields: Any) -> dict[str, Any]:
    return {"ErrorEquals": list(errors), **fields}


def catcher(next_state: str, *errors: str, **fields: Any) -> dict[str, Any]:
    return {"ErrorEquals": list(errors or ["States.ALL"]), "Next": next_state, **fields}


def parallel(*branches: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"Type": "Parallel", "Branches": list(branches), **fields}


def each(processor: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A Map state."""
    return {"Type": "Map", "ItemProcessor": processor, **fields}


def run(definition: dict[str, Any], input: Json = None, **options: Any) -> Execution:
    """One execution of a definition."""
    return StateMachine.from_json(definition).run(input, **options)


def run_state(state: dict[str, Any], input: Json = None, **options: Any) -> Execution:
    """One execution of a machine with the one state `S`."""
    return run(chain(S=state), input, **options)


def giving(result: Json) -> Callable[[Json], Json]:
    """A handler that gives always the same result."""
    return lambda payload: result


def failing(error: str, cause: str | None = None) -> Callable[[Json], Json]:
    """A handler that fails, always."""

    def handler(payload: Json) -> Json:
        raise TaskError(error, cause)

    return handler


def in_turn(*outcomes: Any) -> Callable[[Json], Json]:
    """A handler that gives its outcomes one after the other; an exception is raised, the last one stays."""
    left = list(outcomes)

    def handler(payload: Json) -> Json:
        outcome = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return handler


def events(execution: Execution) -> list[str]:
    """The types of the history's events."""
    return [event["type"] for event in execution.history]


def details(event: dict[str, Any]) -> dict[str, Any]:
    """An event's details, {} where its type has none."""
    found = [value for key, value in event.items() if key.endswith("EventDetails")]
    return found[0] if found else {}
