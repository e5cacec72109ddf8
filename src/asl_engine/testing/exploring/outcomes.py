"""Which errors are worth trying at a state: those its own retriers and catchers name, those of the states around it,
and one that nothing names.

The rule: an error is tried by its name. A time-out is tried as the error that it becomes, so that a mock file, which
knows no time, can say it too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from asl_engine.definition.graph import Machine
from asl_engine.errors import ALL, TASK_FAILED, TIMEOUT
from asl_engine.states.failure import Failure, compile_matcher
from asl_engine.testing.walks import holder_of

UNNAMED = "Explored.Error"
"""The error that no definition names."""


def errors_to_try(machine: Machine, name: str) -> list[str]:
    """The names of errors, each once: the state's own first, then those of the states around it, then UNNAMED."""
    handlers = [handler for state in [*_around(machine, name)][::-1] for handler in _handlers(state)]
    names = [error for handler in handlers for error in handler.error_equals]
    return list(dict.fromkeys([*filter(None, map(_tried, names)), UNNAMED]))


def error_for(handlers: Sequence[Any], index: int) -> str | None:
    """A name to raise so that the retrier or catcher of this index is the first to match; None where there is none."""
    names = [*map(_tried, handlers[index].error_equals), UNNAMED]
    return next((name for name in names if name and _is_first(handlers, index, Failure(name, ""))), None)


def can_be_first(handlers: Sequence[Any], index: int) -> bool:
    """Whether any failure comes to the retrier or catcher of this index: one that has a name, or a missed heartbeat,
    which no name that a task raises stands for."""
    missed_heartbeat = Failure(TIMEOUT, "", heartbeat=True)
    return error_for(handlers, index) is not None or _is_first(handlers, index, missed_heartbeat)


def _is_first(handlers: Sequence[Any], index: int, failure: Failure) -> bool:
    earlier, own = (compile_matcher(handler.error_equals) for handler in handlers[:index]), handlers[index]
    return compile_matcher(own.error_equals)(failure) and not any(taken(failure) for taken in earlier)


def _tried(error: str) -> str | None:
    """What to raise so that a name matches; None where any error will do."""
    return None if error in (ALL, TASK_FAILED) else error


def _handlers(state: Any) -> Iterator[Any]:
    yield from getattr(state, "retry", ())
    yield from getattr(state, "catch", ())


def _around(machine: Machine, name: str) -> Iterator[Any]:
    """The states around a state, outermost first, and itself. Raises KeyError."""
    while name not in machine.states:
        holder, machine = holder_of(machine, name)
        yield holder
    yield machine.states[name]
