"""Functions that call functions. A function is given as many of (value, place, whole) as it takes."""

from __future__ import annotations

from asl_engine.query.jsonata.callables import Builtin, applier, call
from asl_engine.query.jsonata.groups import storable
from asl_engine.query.jsonata.messages import JsonataError
from asl_engine.query.jsonata.values import UNDEFINED, Function, Run, Value, sequence, truth


def map_(run: Run, items: Value, function: Function) -> Value:
    if items is UNDEFINED:
        return UNDEFINED
    run.charge(len(items))
    results = []
    apply = applier(function, run)
    for place, item in enumerate(items):
        result = apply(item, place, items)
        if result is not UNDEFINED:
            results.append(storable(result, run))
    return sequence(results)


def filter_(run: Run, items: Value, function: Function) -> Value:
    if items is UNDEFINED:
        return UNDEFINED
    run.charge(len(items))
    apply = applier(function, run)
    return sequence([item for place, item in enumerate(items) if truth(apply(item, place, items))])


def single(run: Run, items: Value, function: Value = UNDEFINED) -> Value:
    """The one item for which the function is true."""
    if items is UNDEFINED:
        return UNDEFINED
    run.charge(len(items))
    found: list[Value] = []
    apply = None if function is UNDEFINED else applier(function, run)
    for place, item in enumerate(items):
        if apply is None or truth(apply(item, place, items)):
            if found:
                raise JsonataError("D3138", index=place)
            found.append(item)
    if not found:
        raise JsonataError("D3139")
    return found[0]


def reduce(run: Run, items: Value, function: Function, start: Value = UNDEFINED) -> Value:
    if items is UNDEFINED:
        return UNDEFINED
    if function.arity < 2:
        raise JsonataError("D3050", index=1)
    first = 1 if start is UNDEFINED and items else 0
    result = items[0] if first else start
    run.charge(len(items))
    for place in range(first, len(items)):
        arguments = [result, items[place], place, items][: max(2, min(4, function.arity))]
        result = call(function, arguments, None, run)
    return result


def each(run: Run, value: Value, function: Function) -> Value:
    if value is UNDEFINED:
        return UNDEFINED
    run.charge(len(value))
    results = []
    apply = applier(function, run)
    for key, member in value.items():
        result = apply(member, key, value)
        if result is not UNDEFINED:
            results.append(storable(result, run))
    return sequence(results)


def sift(run: Run, value: Value, function: Value = UNDEFINED) -> Value:
    if value is UNDEFINED or not value:
        return UNDEFINED
    if function is UNDEFINED:  # the signature lets it be left out, and the reference then fails in its own code
        raise JsonataError("T0410", index=2, token="sift")
    run.charge(len(value))
    apply = applier(function, run)
    kept = {key: member for key, member in value.items() if truth(apply(member, key, value))}
    return kept or UNDEFINED


FUNCTIONS = (
    Builtin("map", "<af>", map_, arity=2, uses_run=True, may_mark=True),
    Builtin("filter", "<af>", filter_, arity=2, uses_run=True, may_mark=True),
    Builtin("single", "<af?>", single, arity=2, uses_run=True, may_mark=True),
    Builtin("reduce", "<afj?:j>", reduce, arity=3, uses_run=True, may_mark=True),
    Builtin("each", "<o-f:a>", each, arity=2, uses_run=True, may_mark=True),
    Builtin("sift", "<o-f?:o>", sift, arity=2, uses_run=True, may_mark=True),
)
