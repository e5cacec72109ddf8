"""Pass: specification "Pass State". Its result is `Result`, else its effective input."""

from __future__ import annotations

from typing import ClassVar

from asl_engine.definition.fields import ABSENT, JSONPATH, any_json, asl
from asl_engine.jsonvalue import Json, size
from asl_engine.query.language import Growth, QueryLanguage, Sized
from asl_engine.records import record
from asl_engine.states.common import INPUT_OUTPUT, TRANSITION, State
from asl_engine.states.leaving import compile_immediate, finish_of
from asl_engine.states.program import Step


@record(frozen=True, slots=True, kw_only=True)
class Pass(State):
    """A state that passes its input on, reshaped."""

    takes: ClassVar[frozenset[str]] = INPUT_OUTPUT | TRANSITION | {"Parameters", "ResultPath", "Assign"}

    result: Json = asl("Result", any_json, default=ABSENT, languages=[JSONPATH])


def compile_pass(state: Pass, language: QueryLanguage, steps: dict[str, Step], step: Step) -> None:
    """Binds the step."""
    finish, after = finish_of(state, language, steps)
    result = language.before(state)
    if state.result is not ABSENT:
        result = _literal(state.result, result)
    step.behaviour = compile_immediate(step, result, finish, after)


def _literal(value: Json, before: Sized | None) -> Sized:
    """`Result`; a failing InputPath or Parameters still fails the state."""
    growth = Growth(0, 0, size(value))
    if before is None:
        return Sized(lambda document, scope: value, growth)
    expr = before.expr
    return Sized(lambda document, scope: (expr(document, scope), value)[1], growth)
