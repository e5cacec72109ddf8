"""Outcomes for the tasks of a machine, such that every retrier and catcher can be reached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from hypothesis import strategies as st

from asl_engine.definition.graph import Machine
from asl_engine.drivers.handlers import TaskContext
from asl_engine.errors import ALL, HEARTBEAT_TIMEOUT, TASK_FAILED, TIMEOUT, TaskError
from asl_engine.jsonvalue import Json
from asl_engine.machine import StateMachine
from asl_engine.records import record
from asl_engine.testing.strategies.inputs import AnyMachine, as_machine, ways_to_all_rules
from asl_engine.testing.strategies.values import json_values

GENERAL = frozenset({ALL, TASK_FAILED, TIMEOUT, HEARTBEAT_TIMEOUT})
"""Names that stand for many errors, or for time-outs."""

FOREVER = 10**9
"""Seconds: longer than any time-out."""


@record(frozen=True, slots=True)
class Fails:
    """A task fails with this error."""

    error: str
    cause: str | None = None


@record(frozen=True, slots=True)
class TimesOut:
    """A task does not answer within its TimeoutSeconds; one that has none fails with States.Timeout."""


class Answers:
    """A task's outcomes, attempt by attempt; the last one counts for all further attempts.

    A handler to stand in `tasks=`: its outcome depends on nothing but the attempt, so a run repeats exactly.
    """

    def __init__(self, outcomes: Sequence[Json | Fails | TimesOut]) -> None:
        self.outcomes = tuple(outcomes)

    def __call__(self, payload: Json, context: TaskContext) -> Json:
        outcome = self.outcomes[min(context.attempt, len(self.outcomes)) - 1]
        if isinstance(outcome, TimesOut):
            if context.deadline is None:
                raise TaskError(TIMEOUT)
            context.sleep(FOREVER)
            return None
        if isinstance(outcome, Fails):
            raise TaskError(outcome.error, outcome.cause)
        return outcome

    def __repr__(self) -> str:
        return f"Answers({list(self.outcomes)!r})"


def task_outcomes(machine: AnyMachine, *, max_attempts: int = 4) -> st.SearchStrategy[dict[str, Answers]]:
    """State name -> Answers, for every Task of the machine: to be given as `tasks=`.

    An outcome is a value (any, or one that leads to a Choice rule which reads it), an error that a retrier or a catcher
    of the task or of a state around it names, an error that none names, or a time-out. Shrinks to tasks that answer {}
    at once. Raises DefinitionError.
    """
    compiled = as_machine(machine)
    asked = _asked_results(compiled)
    errors = dict(_errors_named(compiled.definition, frozenset({"Unexpected"})))
    names = [need.state_name for need in compiled.task_needs]
    plain = {name: Answers([{}]) for name in names}
    if not names:
        return st.just(plain)

    def answers(name: str) -> st.SearchStrategy[tuple[str, Answers]]:
        outcomes = st.lists(_outcome(asked.get(name, []), errors[name]), min_size=1, max_size=max_attempts)
        return st.tuples(st.just(name), outcomes.map(Answers))

    several = [*names, names[0]]  # one name alone would take no draw, and a machine could not shrink to one task
    drawn = st.lists(st.sampled_from(several).flatmap(answers), max_size=len(names) + 2)
    return drawn.map(lambda pairs: {**plain, **dict(pairs)})


def _outcome(results: list[Json], errors: list[str]) -> st.SearchStrategy[Any]:
    values = st.sampled_from([{}, *results]) | json_values(max_leaves=4)
    failures = st.sampled_from([Fails(name) for name in errors])
    return values | failures | st.just(TimesOut())


def _asked_results(machine: StateMachine) -> dict[str, list[Json]]:
    """Task -> the results that lead to Choice rules."""
    found: dict[str, list[Json]] = {}
    for reach in ways_to_all_rules(machine):
        for name, result in reach.results.items():
            known = found.setdefault(name, [])
            if result not in known:
                known.append(result)
    return found


def _errors_named(machine: Machine, around: frozenset[str]) -> Iterator[tuple[str, list[str]]]:
    """Task -> the error names that its retriers and catchers, or those of states around it, wait for, and one that only
    States.ALL takes."""
    for state in machine.states.values():
        handlers = (*getattr(state, "retry", ()), *getattr(state, "catch", ()))
        named = around.union(*(handler.error_equals for handler in handlers))
        if state.type == "Task":
            yield state.name, sorted(named - GENERAL)
        for inner in state.machines():
            yield from _errors_named(inner, named)
