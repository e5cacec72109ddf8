"""The kinds of function value, and how they are called.

A call in tail position gives a `TailCall` back to the loop in `call`, so that endless recursion in tail position takes
no Python stack; other recursion is counted in `Run.depth`, by expressions entered, as the reference counts it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from asl_engine.query.jsonata.messages import JsonataError, out_of_steps
from asl_engine.query.jsonata.signature import Signature, parse_signature
from asl_engine.query.jsonata.values import UNDEFINED, Code, Frame, Function, Run, Value

STEPS_A_CALL = 10


class Unbound:
    """The type of UNBOUND: a variable of a scope that nothing was assigned to yet."""

    __slots__ = ()


UNBOUND = Unbound()


class Lambda(Function):
    """A function of the expression: its code, and the frame and context where it was made."""

    __slots__ = ("arity", "body", "context", "frame", "height", "locals", "signature")

    def __init__(
        self, arity: int, unset: int, body: Code, height: int, signature: Signature | None, context: Value, frame: Frame
    ) -> None:
        self.arity = arity
        self.locals = [UNBOUND] * unset
        self.body = body
        self.height = height
        self.signature = signature
        self.context = context
        self.frame = frame

    def enter(self, arguments: list[Value], context: Value, run: Run) -> Value:
        """Runs the body once; what comes back may be a TailCall."""
        if self.signature is not None:
            arguments = self.signature.bind(arguments, context)
        missing = self.arity - len(arguments)
        if missing > 0:
            arguments = arguments + [UNDEFINED] * missing
        elif missing < 0:
            arguments = arguments[: self.arity]
        return self.body(self.context, [self.frame, *arguments, *self.locals], run)

    def call(self, arguments: list[Value], context: Value, run: Run) -> Value:
        return call(self, arguments, context, run)


class TailCall:
    __slots__ = ("arguments", "function")

    def __init__(self, function: Lambda, arguments: list[Value]) -> None:
        self.function = function
        self.arguments = arguments


def call(function: Function, arguments: list[Value], context: Value, run: Run) -> Value:
    """Calls a function value; the result is not reduced."""
    if function.__class__ is not Lambda:
        return function.call(arguments, context, run)
    while True:
        run.steps -= STEPS_A_CALL
        if run.steps < 0:
            raise out_of_steps()
        if run.depth + function.height > run.max_depth:
            raise JsonataError("U1001")
        result = function.enter(arguments, context, run)
        if result.__class__ is not TailCall:
            return result
        function, arguments = result.function, result.arguments


class Builtin(Function):
    """A function of the library: a row of a table in `functions/`.

    `implementation` takes its arguments by position, UNDEFINED for a missing one, after the Run if `uses_run`.
    `quick` may answer a call of one argument without the signature's help, or say NotImplemented.
    """

    __slots__ = ("arity", "implementation", "may_mark", "name", "quick", "signature_text", "uses_run")

    def __init__(
        self,
        name: str,
        signature: str,
        implementation: Callable[..., Value],
        *,
        arity: int,
        uses_run: bool = False,
        may_mark: bool = False,
        quick: Callable[[Value], Value] | None = None,
    ) -> None:
        self.name = name
        self.signature_text = signature
        self.implementation = implementation
        self.arity = arity
        self.uses_run = uses_run
        self.may_mark = may_mark
        self.quick = quick

    @property
    def signature(self) -> Signature:
        return parse_signature(self.signature_text)

    def call(self, arguments: list[Value], context: Value, run: Run) -> Value:
        try:
            bound = parse_signature(self.signature_text).bind(arguments, context)
            return self.implementation(run, *bound) if self.uses_run else self.implementation(*bound)
        except JsonataError as error:
            if error.token is None:
                error.token = self.name
            raise


class PartialFunction(Function):
    """A function with some arguments already given; `holes` are the places of the others."""

    __slots__ = ("arguments", "arity", "function", "holes")

    def __init__(self, function: Function, arguments: list[Value], holes: list[int]) -> None:
        self.function = function
        self.arguments = arguments
        self.holes = holes
        self.arity = len(holes)

    def call(self, arguments: list[Value], context: Value, run: Run) -> Value:
        filled = list(self.arguments)
        for place, argument in zip(self.holes, [*arguments, *[UNDEFINED] * len(self.holes)], strict=False):
            filled[place] = argument
        return call(self.function, filled, context, run)


class Chain(Function):
    """`first ~> second`, as a function of one argument."""

    __slots__ = ("arity", "first", "second")

    def __init__(self, first: Function, second: Function) -> None:
        self.first = first
        self.second = second
        self.arity = 1

    def call(self, arguments: list[Value], context: Value, run: Run) -> Value:
        argument = arguments[0] if arguments else UNDEFINED
        run.depth += 1
        if run.depth > run.max_depth:
            raise JsonataError("U1001")
        result = call(self.second, [call(self.first, [argument], None, run)], None, run)
        run.depth -= 1
        return result


class Native(Function):
    """A Python function as a value: a matcher's `next`, a transform, a regular expression."""

    __slots__ = ("arity", "function", "signature")

    def __init__(self, function: Callable[[list[Value], Run], Value], arity: int, signature: str | None = None) -> None:
        self.function = function
        self.arity = arity
        self.signature = signature

    def call(self, arguments: list[Value], context: Value, run: Run) -> Value:
        if self.signature is not None:
            arguments = parse_signature(self.signature).bind(arguments, context)
        return self.function(arguments, run)


def callback(function: Function, run: Run, *arguments: Any) -> Value:
    """Calls what a higher-order function was given, with as many of the arguments as it takes (at least one)."""
    return applier(function, run)(*arguments)


def applier(function: Function, run: Run) -> Callable[..., Value]:
    """The same to be called many times."""
    count = max(function.arity, 1)

    def apply(*arguments: Value) -> Value:
        return call(function, list(arguments[:count]), None, run)

    if not isinstance(function, Lambda) or function.signature is not None or function.arity != 1 or function.locals:
        return apply
    if run.depth + function.height > run.max_depth:
        raise JsonataError("U1001")
    body, context, frame = function.body, function.context, function.frame

    def apply_to_one(argument: Value, *others: Value) -> Value:
        run.steps -= STEPS_A_CALL
        if run.steps < 0:
            raise out_of_steps()
        result = body(context, [frame, argument], run)
        return call(result.function, result.arguments, None, run) if result.__class__ is TailCall else result

    return apply_to_one
