"""A call of an intrinsic function becomes an Expr; its name and the number of its arguments are checked beforehand."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from typing import NoReturn

from asl_engine.errors import RUNTIME, StatesError
from asl_engine.jsonvalue import Json
from asl_engine.query.intrinsics.syntax import Argument, Call, InvalidIntrinsic, Literal, Reference, parse_call
from asl_engine.query.intrinsics.table import INTRINSICS, Intrinsic, Refused
from asl_engine.query.scope import Expr, Scope


def compile_intrinsic(text: str, compile_path: Callable[[str], Expr]) -> Expr:
    """The function that evaluates the call. `compile_path` compiles the paths among its arguments.

    Raises InvalidIntrinsic, and what `compile_path` raises. The function raises StatesError as States.Runtime, which
    AWS reports in the place of States.IntrinsicFailure.
    """
    return _compile_call(parse_call(text), compile_path)


def _compile_call(call: Call, compile_path: Callable[[str], Expr]) -> Expr:
    known = INTRINSICS.get(call.name)
    if known is None:
        raise InvalidIntrinsic(_unknown(call))
    if len(call.arguments) < known.least or (known.most is not None and len(call.arguments) > known.most):
        raise InvalidIntrinsic(_miscounted(call, known))
    arguments = _with_pieces(call) if known.template else call.arguments
    if known.scoped:
        return _scoped(call, known, [_expr(argument, compile_path) for argument in arguments])
    if len(arguments) == 1:
        return _unary(call, known, _expr(arguments[0], compile_path))
    if len(arguments) == 2:
        return _binary(call, known, arguments, compile_path)
    return _any_number(call, known, [_expr(argument, compile_path) for argument in arguments])


def _unknown(call: Call) -> str:
    near = get_close_matches(call.name, INTRINSICS, 1)
    hint = f" Did you mean {near[0]}?" if near else ""
    return f"There is no intrinsic function {call.name!r}, called at position {call.position + 1}.{hint}"


def _miscounted(call: Call, known: Intrinsic) -> str:
    if known.most is None:
        wanted = f"at least {known.least}"
    else:
        wanted = str(known.least) if known.most == known.least else f"{known.least} to {known.most}"
    place = f"{call.text} at position {call.position + 1}"
    return f"{call.name} takes {wanted} arguments, not {len(call.arguments)}: {place}."


def _with_pieces(call: Call) -> tuple[Argument, ...]:
    """A literal template goes in as its pieces, and their number is checked here."""
    first = call.arguments[0]
    if not isinstance(first, Literal) or not first.pieces:
        return call.arguments
    places = len(first.pieces) - 1
    if places != len(call.arguments) - 1:
        raise InvalidIntrinsic(
            f"{call.name} has {places} places {{}} for {len(call.arguments) - 1} further arguments: "
            f"{call.text} at position {call.position + 1}."
        )
    return (Literal(first.pieces), *call.arguments[1:])


def _expr(argument: Argument, compile_path: Callable[[str], Expr]) -> Expr:
    if isinstance(argument, Literal):
        value = argument.value
        return lambda document, scope: value
    if isinstance(argument, Reference):
        return compile_path(argument.text)
    return _compile_call(argument, compile_path)


def _fail(call: Call, refusal: Refused) -> NoReturn:
    raise StatesError(RUNTIME, f"The function '{call.text}' had the following error: {refusal}") from None


def _unary(call: Call, known: Intrinsic, argument: Expr) -> Expr:
    function = known.function

    def expr(document: Json, scope: Scope) -> Json:
        try:
            return function(argument(document, scope))
        except Refused as refusal:
            _fail(call, refusal)

    return expr


def _binary(call: Call, known: Intrinsic, arguments: tuple[Argument, ...], compile_path: Callable[[str], Expr]) -> Expr:
    """The second of two arguments is a literal more often than not: it is bound here, once."""
    function = known.function
    first, second = (_expr(argument, compile_path) for argument in arguments)
    if isinstance(arguments[1], Literal):
        literal = arguments[1].value

        def bound(document: Json, scope: Scope) -> Json:
            try:
                return function(first(document, scope), literal)
            except Refused as refusal:
                _fail(call, refusal)

        return bound

    def expr(document: Json, scope: Scope) -> Json:
        try:
            return function(first(document, scope), second(document, scope))
        except Refused as refusal:
            _fail(call, refusal)

    return expr


def _any_number(call: Call, known: Intrinsic, arguments: list[Expr]) -> Expr:
    function = known.function

    def expr(document: Json, scope: Scope) -> Json:
        try:
            return function(*[argument(document, scope) for argument in arguments])
        except Refused as refusal:
            _fail(call, refusal)

    return expr


def _scoped(call: Call, known: Intrinsic, arguments: list[Expr]) -> Expr:
    function = known.function

    def expr(document: Json, scope: Scope) -> Json:
        try:
            return function(scope, *[argument(document, scope) for argument in arguments])
        except Refused as refusal:
            _fail(call, refusal)

    return expr
