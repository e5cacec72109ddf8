"""Machines drawn with the public strategies, together with what becomes of their tasks by hand or through a driver.

A task's outcome is a function of (state, scope, attempt) alone: the same in whatever order tasks are answered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from asl_engine import TaskContext, TaskError
from asl_engine.execution.commands import InvokeTask
from asl_engine.execution.replies import Reply
from asl_engine.jsonvalue import adopt
from asl_engine.testing.strategies import machines
from tests.byhand import broke, gave
from tests.strategies import json_values

Json = Any
Draw = Callable[[st.SearchStrategy[Any]], Any]

ERRORS = ["Busy", "Broken", "States.Timeout", "States.Permissions"]


@dataclass(frozen=True)
class Outcome:
    """A task's result or, where `error` is set, its failure; `sleep` is how long it takes."""

    output: Json = None
    error: str | None = None
    sleep: float = 0


@dataclass(frozen=True)
class Program:
    """A definition, an input for it, and the outcomes that its tasks draw from."""

    definition: dict[str, Any]
    input: Json
    outcomes: tuple[Outcome, ...]
    seed: int

    def outcome(self, state: str, scope: tuple[tuple[str, str, int], ...], attempt: int) -> Outcome:
        """What becomes of one attempt of a task."""
        number = sum(map(ord, state)) + 7 * attempt + sum(3 * index + len(name) for _, name, index in scope)
        return self.outcomes[number % len(self.outcomes)]

    def handler(self, payload: Json, context: TaskContext) -> Json:
        """Serves every task through the inline driver."""
        outcome = self.outcome(context.state_name, context.scope, context.attempt)
        context.sleep(outcome.sleep)
        if outcome.error is not None:
            raise TaskError(outcome.error, "drawn")
        return outcome.output

    def answer(self, task: InvokeTask) -> Reply:
        """Serves every task by hand."""
        outcome = self.outcome(task.state_name, task.scope, task.attempt)
        if outcome.error is not None:
            return broke(task.ticket, outcome.error, "drawn")
        return gave(task.ticket, adopt(outcome.output)[0])

    @property
    def tasks(self) -> dict[str, Any]:
        """The table of tasks for `machine.run`."""
        return {"work": self.handler}


_results = json_values | st.fixed_dictionaries({"a": json_values, "list": st.lists(st.integers(), max_size=2)})
_good = st.builds(Outcome, output=_results)
_any = st.builds(
    Outcome,
    output=_results,
    error=st.none() | st.sampled_from(ERRORS),
    sleep=st.sampled_from([0, 0, 0.5, 3, 100]),
)


@st.composite
def programs(draw: Draw, *, failing: bool = True) -> Program:
    """Machines with inputs and outcomes; without `failing`, nothing in them can fail and tasks take no time."""
    definition = draw(machines(failing=failing, catch=failing, retry=failing, invoke=False))
    items = draw(st.lists(json_values, max_size=3))
    input = {"list": items, "none": [], "a": draw(json_values)}
    outcomes = draw(st.lists(_any if failing else _good, min_size=1, max_size=5))
    return Program(definition, input, tuple(outcomes), draw(st.integers(0, 3)))
