"""Succeed: specification "Succeed State". Ends its machine with its input, selected by InputPath and OutputPath."""

from __future__ import annotations

from typing import ClassVar

from asl_engine.query.language import QueryLanguage
from asl_engine.records import record
from asl_engine.states.common import INPUT_OUTPUT, State
from asl_engine.states.leaving import compile_finish, compile_immediate
from asl_engine.states.program import Step


@record(frozen=True, slots=True, kw_only=True)
class Succeed(State):
    """A terminal state."""

    takes: ClassVar[frozenset[str]] = INPUT_OUTPUT


def compile_succeed(state: Succeed, language: QueryLanguage, steps: dict[str, Step], step: Step) -> None:
    """Binds the step."""
    after = language.after(state)
    step.behaviour = compile_immediate(step, language.before(state), compile_finish(after, None, None), after)
