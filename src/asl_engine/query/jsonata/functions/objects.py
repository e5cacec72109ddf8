"""Functions on objects, and those that ask what a value is or give up on it."""

from __future__ import annotations

from asl_engine.query.jsonata import values
from asl_engine.query.jsonata.callables import Builtin
from asl_engine.query.jsonata.messages import JsonataError
from asl_engine.query.jsonata.signature import kind_of
from asl_engine.query.jsonata.values import UNDEFINED, Run, Value, sequence

_TYPE_NAMES = {
    "s": "string",
    "n": "number",
    "b": "boolean",
    "l": "null",
    "o": "object",
    "a": "array",
    "f": "function",
}


def keys(run: Run, value: Value) -> Value:
    """The field names of an object, or of all objects in an array, each once."""
    found: dict[str, None] = {}
    _gather_keys(value, found, run)
    return sequence(list(found))


def _gather_keys(value: Value, found: dict[str, None], run: Run) -> None:
    if value.__class__ is dict:
        run.charge(len(value))
        found.update(dict.fromkeys(value))
    elif isinstance(value, list):
        run.charge(len(value))
        for item in value:
            _gather_keys(item, found, run)


def lookup(value: Value, key: Value = UNDEFINED) -> Value:
    return UNDEFINED if key is UNDEFINED else values.lookup(value, key)


def spread(run: Run, value: Value) -> Value:
    """An object as an array of objects with one field each."""
    if value.__class__ is dict:
        run.charge(len(value))
        return sequence([{key: member} for key, member in value.items()])
    if isinstance(value, list):
        found: list[Value] = []
        for item in value:
            part = spread(run, item)
            found.extend(part if isinstance(part, list) else [part])
            run.charge(1)
        return found if value else sequence(found)
    return value


def merge(run: Run, objects: Value) -> Value:
    if objects is UNDEFINED:
        return UNDEFINED
    merged: dict[str, Value] = {}
    for each in objects:
        run.charge(len(each))
        merged.update(each)
    return merged


def type_(value: Value) -> Value:
    return UNDEFINED if value is UNDEFINED else _TYPE_NAMES[kind_of(value)]


def clone(value: Value) -> Value:
    return values.clone(value, values.Budget())


def error(message: Value = UNDEFINED) -> Value:
    text = message or "$error() function evaluated"
    raise JsonataError("D3137", value=text, message=text)


def assert_(condition: Value, message: Value = UNDEFINED) -> Value:
    if condition is True:
        return UNDEFINED
    text = message or "$assert() statement failed"
    raise JsonataError("D3141", value=text, message=text)


FUNCTIONS = (
    Builtin("keys", "<x-:a<s>>", keys, arity=1, uses_run=True, may_mark=True),
    Builtin("lookup", "<x-s:x>", lookup, arity=2, may_mark=True),
    Builtin("spread", "<x-:a<o>>", spread, arity=1, uses_run=True, may_mark=True),
    Builtin("merge", "<a<o>:o>", merge, arity=1, uses_run=True, may_mark=True),
    Builtin("type", "<x:s>", type_, arity=1),
    Builtin("clone", "<(oa)-:o>", clone, arity=1, may_mark=True),
    Builtin("error", "<s?:x>", error, arity=1),
    Builtin("assert", "<bs?:x>", assert_, arity=2),
)
