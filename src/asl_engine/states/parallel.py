"""Parallel: specification "Parallel State". Every branch gets the effective input; the result lists their outputs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from asl_engine.definition.fields import asl, filled_list
from asl_engine.definition.graph import Machine
from asl_engine.definition.reader import read_nested
from asl_engine.query.language import IDENTITY, QueryLanguage
from asl_engine.query.scope import Scope
from asl_engine.records import record
from asl_engine.states.catch import Catcher, catch_names, catch_targets, read_catch
from asl_engine.states.common import INPUT_OUTPUT, RESULT, TRANSITION, State
from asl_engine.states.leaving import finish_of
from asl_engine.states.moves import Branch, Move
from asl_engine.states.program import Step
from asl_engine.states.retry import Retrier, read_retry
from asl_engine.states.task import compile_error_handling


@record(frozen=True, slots=True, kw_only=True)
class Parallel(State):
    """A state that runs branches at once."""

    takes: ClassVar[frozenset[str]] = INPUT_OUTPUT | TRANSITION | RESULT | {"Assign"}

    branches: tuple[Machine, ...] = asl("Branches", filled_list(read_nested), default=(), required=True)
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

    def machines(self) -> Iterator[Machine]:
        """The branches."""
        return (branch for branch in self.branches if branch is not None)


def compile_parallel(state: Parallel, language: QueryLanguage, steps: dict[str, Step], step: Step) -> None:
    """Binds the step; `step.nested` holds the branches' programs."""
    before = language.before(state)
    payload = before.expr if before else None
    first_steps = tuple(program.first for program in step.nested)

    def behaviour(scope: Scope) -> Move:
        effective: Any = payload(scope.input, scope) if payload else scope.input
        return Branch(first_steps, effective)

    step.behaviour = behaviour
    step.finish, after = finish_of(state, language, steps)
    step.growth = after.growth if after else IDENTITY
    step.input_growth = before.growth if before else IDENTITY
    compile_error_handling(state, language, steps, step)
