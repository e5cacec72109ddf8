"""How a state that succeeded leaves: its output, its variables, and the state that follows, composed once."""

from __future__ import annotations

from asl_engine.jsonvalue import Json
from asl_engine.query.language import IDENTITY, Growth, QueryLanguage, Sized
from asl_engine.query.scope import Expr, Scope
from asl_engine.states.common import State
from asl_engine.states.moves import Next
from asl_engine.states.program import Behaviour, Finish, Step


def compile_finish(after: Sized | None, assign: Expr | None, following: Step | None) -> Finish:
    """result -> Next, leaving out the parts that the definition does not use."""
    expr = after.expr if after else None
    if assign is not None:
        return _finish_with_variables(expr, assign, following)
    if expr is None:
        return lambda result, scope: (result, following, None)
    return lambda result, scope: (expr(result, scope), following, None)


def _finish_with_variables(expr: Expr | None, assign: Expr, following: Step | None) -> Finish:
    def finish(result: Json, scope: Scope) -> Next:
        assigned = assign(result, scope)
        return (expr(result, scope) if expr else result), following, assigned

    return finish


def compile_immediate(step: Step, result: Sized | None, finish: Finish, after: Sized | None) -> Behaviour:
    """The behaviour of a state that leaves at once with `result` (None: its raw input); bounds its output in `step`."""
    step.factor, step.added = immediate_growth(result.growth if result else IDENTITY, after)
    if result is None:
        return lambda scope: finish(scope.input, scope)
    expr = result.expr
    return lambda scope: finish(expr(scope.input, scope), scope)


def immediate_growth(result: Growth, after: Sized | None) -> tuple[int, int]:
    """(factor, constant): the output has at most factor x raw input + constant bytes."""
    outer = after.growth if after else IDENTITY
    factor = outer.input + outer.document * (result.input + result.document)
    return factor, outer.constant + outer.document * result.constant


def following_step(state: State, steps: dict[str, Step]) -> Step | None:
    """The step that `Next` names, None where the state ends its machine."""
    return None if state.next is None else steps[state.next]


def finish_of(state: State, language: QueryLanguage, steps: dict[str, Step]) -> tuple[Finish, Sized | None]:
    """The finish of a state that has a Next, and what its output is made by."""
    after = language.after(state)
    return compile_finish(
        after, language.assign(state.assign, "Assign", "ResultSelector" in state.takes), following_step(state, steps)
    ), after
