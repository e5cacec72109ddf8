"""What an execution asks of its driver. A ticket joins a command to its reply.

Named tuples rather than frozen dataclasses, here and in replies and moves: as immutable, and made in a third of the
time (0.25 against 0.9 us for InvokeTask).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from asl_engine.jsonvalue import Json
from asl_engine.states.resource import Resource

if TYPE_CHECKING:
    from asl_engine.execution.map_data import DataCommand


class InvokeTask(NamedTuple):
    """Do a task.

    `payload` is shared with the execution: a driver hands a copy to what may change it. `deadline` is when the task
    will be timed out, in milliseconds since the epoch, None where it never will. `attempt` counts from 1 in each state
    visit. `scope` names the iterations and branches around the task, outermost first, as ("Map", state name, index) or
    ("Parallel", state name, branch).
    """

    ticket: int
    state_name: str
    resource: Resource
    payload: Json
    deadline: int | None
    credentials: Json
    attempt: int
    scope: tuple[tuple[str, str, int], ...]
    task_token: str | None


class SetTimer(NamedTuple):
    """Answer with TimerFired at a time, in milliseconds since the epoch."""

    ticket: int
    at: int


class Cancel(NamedTuple):
    """The reply to this ticket, task or timer, is no longer awaited."""

    ticket: int


class EndExecution(NamedTuple):
    """The execution has ended; nothing more will be asked."""


Command: TypeAlias = "InvokeTask | SetTimer | Cancel | EndExecution | DataCommand"
"""DataCommands are those of Map Runs, and stand in `map_data.py`."""
END = EndExecution()
