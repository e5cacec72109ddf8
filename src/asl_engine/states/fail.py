"""Fail: specification "Fail State". Error and Cause are literals, or come from a path or intrinsic function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from asl_engine.definition.described import described, none_beside, together
from asl_engine.definition.fields import JSONPATH, Place, asl, expression_or, path_or_intrinsic, string
from asl_engine.errors import RUNTIME, StatesError
from asl_engine.jsonvalue import Json, dumps
from asl_engine.query.language import QueryLanguage
from asl_engine.query.scope import Expr, Scope
from asl_engine.records import record
from asl_engine.states.common import State, at_most_one
from asl_engine.states.moves import Move
from asl_engine.states.program import Step


@record(frozen=True, slots=True, kw_only=True)
class Fail(State):
    """A state that fails its machine."""

    takes: ClassVar[frozenset[str]] = frozenset()

    error: str | None = asl("Error", expression_or(string))
    error_path: str | None = asl("ErrorPath", path_or_intrinsic, languages=[JSONPATH])
    cause: str | None = asl("Cause", expression_or(string))
    cause_path: str | None = asl("CausePath", path_or_intrinsic, languages=[JSONPATH])


class FailStateError(StatesError):
    """Raised by the behaviour of a Fail state; its texts are the user's own and get no prefix."""


@described(together(none_beside("Error", "ErrorPath"), none_beside("Cause", "CausePath")))
def check_fail(value: dict[str, Json], place: Place) -> None:
    """The rules between a Fail state's fields."""
    at_most_one(value, place, "Error", "ErrorPath")
    at_most_one(value, place, "Cause", "CausePath")


def compile_fail(state: Fail, language: QueryLanguage, steps: dict[str, Step], step: Step) -> None:
    """Binds the step."""
    error = _text(language.fail_text("Error", state.error, state.error_path), "ErrorPath")
    cause = _text(language.fail_text("Cause", state.cause, state.cause_path), "CausePath")

    def behaviour(scope: Scope) -> Move:
        raise FailStateError(error(scope), cause(scope))

    step.behaviour = behaviour


def _text(expr: Expr | None, field: str) -> Callable[[Any], str | None]:
    if expr is None:
        return lambda scope: None

    def text(scope: Scope) -> str:
        value = expr(scope.input, scope)
        if not isinstance(value, str):
            raise StatesError(RUNTIME, f"The {field} field must select a string, but selected {dumps(value)}")
        return value

    return text
