"""Calls and what is called: functions of the expression, built-ins, partial application and `~>`.

A call of a built-in by its name is bound when it is compiled. It is tried without its signature first, where the
classes of the arguments alone show that they fit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from asl_engine.query.jsonata import syntax as s
from asl_engine.query.jsonata.callables import Builtin, Chain, Lambda, PartialFunction, TailCall, call
from asl_engine.query.jsonata.functions import BUILTINS
from asl_engine.query.jsonata.messages import JsonataError
from asl_engine.query.jsonata.scopes import Scope, assigned_names, is_free, new_scope, read_variable
from asl_engine.query.jsonata.shape import Core, Path
from asl_engine.query.jsonata.signature import Signature, parse_signature
from asl_engine.query.jsonata.values import (
    MARKED,
    UNDEFINED,
    Code,
    Frame,
    Function,
    Run,
    Value,
    many,
    reduced,
)

if TYPE_CHECKING:
    from asl_engine.query.jsonata.compile import Compiler

_SEQUENCES = frozenset({"each", "filter", "keys", "map", "match"})
"""The functions whose result is a sequence, never an array."""
_CLASSES: dict[str, tuple[type, ...]] = {"s": (str,), "n": (int, float), "b": (bool,), "o": (dict,), "a": (list,)}


def lambda_code(compiler: Compiler, core: Core, scope: Scope) -> Code:
    what: s.Lambda = core.what
    inner = new_scope("function", scope, assigned_names(what.body), dict.fromkeys(what.parameters))
    level, compiler.level = compiler.level, 0
    outermost, compiler.outermost = compiler.outermost, False
    body = compiler.node(what.body, inner, tail=True).code
    compiler.level, compiler.outermost = level, outermost
    compiler.facts.uses_run = compiler.facts.uses_context = True
    signature = None if what.signature is None else parse_signature(what.signature)
    arity, unset, height = inner.parameters, len(inner.names) - inner.parameters, certain_height(what.body)

    def make(value: Value, frame: Frame, run: Run) -> Value:
        return Lambda(arity, unset, body, height, signature, value, frame)

    return make


def certain_height(core: Core) -> int:
    """How deep a function body nests at least, whichever way its conditions go."""
    what = core.what
    if what.__class__ is s.Condition:
        return 1 + certain_height(what.test)
    if what.__class__ is s.Binary:
        return 1 + max(certain_height(what.lhs), certain_height(what.rhs))
    if what.__class__ is s.Block and what.expressions:
        return 1 + max(map(certain_height, what.expressions))
    return 1


def call_code(compiler: Compiler, core: Core, scope: Scope, *, tail: bool, reduce: bool) -> tuple[Code, bool]:
    """The code of a call, and whether its values are plain."""
    what: s.Call = core.what
    builtin = _builtin_named(what.procedure, scope)
    arguments = [
        compiler.node(argument, scope, escapes=not _only_calls(builtin, place)).code
        for place, argument in enumerate(what.arguments)
    ]
    if builtin is not None:
        return _builtin_call(compiler, builtin, arguments, core, reduce and not tail), not builtin.may_mark
    return _function_call(compiler, arguments, core, scope, tail, reduce), False


def _only_calls(builtin: Builtin | None, place: int) -> bool:
    """Whether what is called does nothing with that argument but to call it, so that it cannot get into a value."""
    parameters = [] if builtin is None else builtin.signature.parameters
    return place < len(parameters) and parameters[place].kind == "f"


def _builtin_named(procedure: Core, scope: Scope) -> Builtin | None:
    if procedure.what.__class__ is s.Variable and not (procedure.stages or procedure.group):
        name = procedure.what.name
        if name in BUILTINS and is_free(scope, name):
            return BUILTINS[name]
    return None


def procedure_name(procedure: Core) -> str | None:
    """What an error calls the function that was to be called."""
    what = procedure.what.steps[0].what if procedure.what.__class__ is Path else procedure.what
    if what.__class__ is s.Variable:
        return str(what.name)
    return str(what.value) if what.__class__ in (s.Name, s.Literal) else None


def _function_call(
    compiler: Compiler, arguments: list[Code], core: Core, scope: Scope, tail: bool, reduce: bool
) -> Code:
    procedure: Core = core.what.procedure
    target = compiler.node(procedure, scope, escapes=False).code
    name, position, level = procedure_name(procedure), core.position, compiler.level
    not_callable = _complaint(procedure, scope, "T1005", "T1006")
    compiler.facts.uses_run = True

    def invoke(value: Value, frame: Frame, run: Run) -> Value:
        function = target(value, frame, run)
        given = [argument(value, frame, run) for argument in arguments]
        if not isinstance(function, Function):
            raise not_callable(value, frame, run)
        run.depth += level
        try:
            result = call(function, given, value, run)
        except JsonataError as error:
            locate(error, position, name)
            raise
        run.depth -= level
        return reduced(result) if result.__class__ in MARKED and reduce else result

    def invoke_last(value: Value, frame: Frame, run: Run) -> Value:
        function = target(value, frame, run)
        given = [argument(value, frame, run) for argument in arguments]
        if function.__class__ is Lambda:
            return TailCall(function, given)
        if not isinstance(function, Function):
            raise not_callable(value, frame, run)
        try:
            return call(function, given, value, run)
        except JsonataError as error:
            locate(error, position, name)
            raise

    return invoke_last if tail else invoke


def _complaint(procedure: Core, scope: Scope, with_hint: str, plain: str) -> Code:
    """The error for what is no function; with a hint if it looks as if a `$` was forgotten."""
    name = procedure_name(procedure)
    variable = None
    if procedure.what.__class__ is Path and name is not None:
        variable = read_variable(scope, name, BUILTINS.get(name, UNDEFINED))

    def complain(value: Value, frame: Frame, run: Run) -> Value:
        hint = variable is not None and variable(value, frame, run) is not UNDEFINED
        return JsonataError(with_hint if hint else plain, procedure.position, token=name)

    return complain


def locate(error: JsonataError, position: int, name: str | None) -> None:
    """Notes on an error where the innermost call stands and what it calls, unless it knows."""
    if error.position is None:
        error.position = position
    if error.token is None:
        error.token = name


def _builtin_call(compiler: Compiler, builtin: Builtin, arguments: list[Code], core: Core, reduce: bool) -> Code:
    signature = builtin.signature
    takes_context = len(arguments) < len(signature.parameters) and any(p.context for p in signature.parameters)
    compiler.facts.uses_context |= takes_context
    compiler.facts.uses_run |= builtin.uses_run
    position, level = core.position, compiler.level
    if builtin.uses_run:
        code = _call_with_run(builtin, arguments, position, level, reduce and builtin.may_mark)
        if compiler.marks_many and builtin.name in _SEQUENCES:
            return lambda value, frame, run: many(code(value, frame, run), run)
        return code
    if not compiler.outermost:
        compiler.facts.uses_run = True
        arguments = [_charging(argument) for argument in arguments[:1]] + arguments[1:]
    code = _quick_call(builtin, signature, arguments, position)
    return reducing(code) if reduce and builtin.may_mark else code


def _charging(argument: Code) -> Code:
    """The first argument of a built-in that may be called in a loop: its work is charged by the argument's size."""

    def charge(value: Value, frame: Frame, run: Run) -> Value:
        result = argument(value, frame, run)
        kind = result.__class__
        if (kind is list or kind is str) and len(result) > 15:
            run.charge(len(result) >> 4)
        return result

    return charge


def _quick_call(builtin: Builtin, signature: Signature, arguments: list[Code], position: int) -> Code:
    implementation, name, quick = builtin.implementation, builtin.name, builtin.quick
    guards = _guards(signature, len(arguments))

    def bound(given: list[Value], context: Value) -> Value:
        try:
            return implementation(*signature.bind(given, context))
        except JsonataError as error:
            locate(error, position, name)
            raise

    def call_any(value: Value, frame: Frame, run: Run) -> Value:
        return bound([argument(value, frame, run) for argument in arguments], value)

    if quick is not None and len(arguments) == 1:
        return _call_quickly(quick, arguments[0], bound)
    if guards is not None and len(arguments) == 1:
        return _call_one(implementation, arguments[0], guards[0], bound)
    if guards is not None and len(arguments) == 2:
        return _call_two(implementation, arguments, guards, bound)
    return call_any


def _guards(signature: Signature, count: int) -> list[tuple[type, ...]] | None:
    """For each argument the classes that fit for certain, if the others may be left out."""
    if count > len(signature.parameters) or any(p.repeat != "?" for p in signature.parameters[count:]):
        return None
    guards = []
    for parameter in signature.parameters[:count]:
        if parameter.repeat == "+" or parameter.item:
            return None
        classes = tuple(each for letter in parameter.letters for each in _CLASSES.get(letter, ()))
        guards.append((list,) if parameter.kind == "a" else classes)
    return guards


def _call_quickly(quick: object, argument: Code, bound: object) -> Code:
    assert callable(quick)
    assert callable(bound)

    def call_quickly(value: Value, frame: Frame, run: Run) -> Value:
        given = argument(value, frame, run)
        result = quick(given)
        return bound([given], value) if result is NotImplemented else result

    return call_quickly


def _call_one(implementation: object, argument: Code, guard: tuple[type, ...], bound: object) -> Code:
    assert callable(implementation)
    assert callable(bound)

    def call_one(value: Value, frame: Frame, run: Run) -> Value:
        given = argument(value, frame, run)
        if given.__class__ in guard:
            try:
                return implementation(given)
            except JsonataError:
                pass
        return bound([given], value)

    return call_one


def _call_two(implementation: object, arguments: list[Code], guards: list[tuple[type, ...]], bound: object) -> Code:
    assert callable(implementation)
    assert callable(bound)
    first, second = arguments
    first_guard, second_guard = guards

    def call_two(value: Value, frame: Frame, run: Run) -> Value:
        one, other = first(value, frame, run), second(value, frame, run)
        if one.__class__ in first_guard and other.__class__ in second_guard:
            try:
                return implementation(one, other)
            except JsonataError:
                pass
        return bound([one, other], value)

    return call_two


def _call_with_run(builtin: Builtin, arguments: list[Code], position: int, level: int, reduce: bool) -> Code:
    """Built-ins that call functions back, or draw from the environment."""

    def call_with_run(value: Value, frame: Frame, run: Run) -> Value:
        given = [argument(value, frame, run) for argument in arguments]
        run.depth += level
        try:
            result = builtin.call(given, value, run)
        except JsonataError as error:
            locate(error, position, builtin.name)
            raise
        run.depth -= level
        return reduced(result) if reduce and result.__class__ in MARKED else result

    return call_with_run


def reducing(code: Code) -> Code:
    def reduce(value: Value, frame: Frame, run: Run) -> Value:
        result = code(value, frame, run)
        return reduced(result) if result.__class__ in MARKED else result

    return reduce


def partial_code(compiler: Compiler, core: Core, scope: Scope) -> Code:
    what: s.Partial = core.what
    target = compiler.node(what.procedure, scope, escapes=False).code
    not_callable = _complaint(what.procedure, scope, "T1007", "T1008")
    holes = [place for place, each in enumerate(what.arguments) if each.what.__class__ is s.Placeholder]
    given = [None if place in holes else compiler.node(each, scope).code for place, each in enumerate(what.arguments)]
    compiler.facts.uses_run = True

    def apply_partly(value: Value, frame: Frame, run: Run) -> Value:
        arguments = [UNDEFINED if code is None else code(value, frame, run) for code in given]
        function = target(value, frame, run)
        if not isinstance(function, Function):
            raise not_callable(value, frame, run)
        return PartialFunction(function, arguments, holes)

    return apply_partly


def apply_code(compiler: Compiler, core: Core, scope: Scope, *, reduce: bool) -> Code:
    """`lhs ~> rhs`: a call with lhs as first argument, a call of the function rhs, or a chain of two functions."""
    what: s.Apply = core.what
    lhs = compiler.node(what.lhs, scope).code
    compiler.facts.uses_run = True
    rhs: Core = what.rhs
    if rhs.what.__class__ is s.Call:
        return _apply_call(compiler, lhs, rhs, scope, reduce)
    target = compiler.node(rhs, scope, escapes=False).code
    level, position = compiler.level, core.position

    def apply(value: Value, frame: Frame, run: Run) -> Value:
        argument = lhs(value, frame, run)
        function = target(value, frame, run)
        if not isinstance(function, Function):
            raise JsonataError("T2006", position, value=function)
        if isinstance(argument, Function):
            run.marked = True
            return Chain(argument, function)
        run.depth += level
        result = call(function, [argument], None, run)
        run.depth -= level
        return reduced(result) if result.__class__ in MARKED and reduce else result

    return apply


def _apply_call(compiler: Compiler, lhs: Code, rhs: Core, scope: Scope, reduce: bool) -> Code:
    builtin = _builtin_named(rhs.what.procedure, scope)
    given = [
        compiler.node(each, scope, escapes=not _only_calls(builtin, place)).code
        for place, each in enumerate(rhs.what.arguments, 1)
    ]
    arguments = [lhs, *given]
    if builtin is not None:
        return _builtin_call(compiler, builtin, arguments, rhs, reduce)
    return _function_call(compiler, arguments, rhs, scope, False, reduce)
