"""The parts of a path that need no compiling: fields, wildcards, descendants, and the flattening of their results."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from asl_engine.query.jsonata.messages import too_large
from asl_engine.query.jsonata.values import (
    MARKED,
    MAX_SEQUENCE,
    UNDEFINED,
    Code,
    Cons,
    Frame,
    Kept,
    Many,
    Outer,
    Run,
    Sequence,
    Value,
    lookup,
    reduced,
    sequence,
)

if TYPE_CHECKING:
    from asl_engine.query.jsonata.compile import Compiler


_LISTS = frozenset({list, Cons, Many, *MARKED})


class inner:
    """While it is open, the compiler is in a context other than that of the whole expression."""

    __slots__ = ("was",)

    def __init__(self, compiler: Compiler) -> None:
        self.was = compiler.outermost
        compiler.outermost = False

    def close(self, compiler: Compiler) -> None:
        compiler.outermost = self.was


def flatten(results: list[Value]) -> list[Value]:
    """The results of a step as one list: arrays give their items, save those that an array constructor made."""
    if _LISTS.isdisjoint(map(type, results)):
        return results
    flat: list[Value] = []
    for result in results:
        if isinstance(result, list) and result.__class__ is not Cons:
            flat.extend(result)
            if len(flat) > MAX_SEQUENCE:
                raise too_large()
        else:
            flat.append(result)
    return flat


def final(results: list[Value]) -> Value:
    """The results of a last step: a single array stays as it is; the others give one sequence, not yet reduced."""
    if len(results) == 1:
        only = results[0]
        if not isinstance(only, list):
            return Sequence(results)
        if only.__class__ not in MARKED:
            return only
    return sequence(flatten(results))


def keep(result: Value) -> Value:
    """What `[]` in a path makes of its result: an array that stays one."""
    kind = result.__class__
    if kind is Cons:
        return Kept([result])
    return Kept(result) if kind is Sequence and result else result


def field(name: str) -> Code:
    """A field as a step of its own."""

    def read(value: Value, frame: Frame, run: Run) -> Value:
        return reduced(lookup(value, name))

    return read


def fields_flat(name: str) -> Callable[[list[Value], Frame, Run], list[Value]]:
    """The field of every item, flattened: a plain name in the middle of a path."""

    def read(items: list[Value], frame: Frame, run: Run) -> list[Value]:
        try:
            results = [item[name] for item in items]
        except (KeyError, TypeError):
            return flatten(field_of_all(items, name))
        return results if _LISTS.isdisjoint(map(type, results)) else flatten(field_of_all(items, name))

    return read


def fields_final(name: str) -> Code:
    """The field of every item, not yet reduced: a plain name at the end of a path."""

    def read(items: list[Value], frame: Frame, run: Run) -> Value:
        try:
            results = [item[name] for item in items]
        except (KeyError, TypeError):
            return final(field_of_all(items, name))
        return sequence(results) if _LISTS.isdisjoint(map(type, results)) else final(field_of_all(items, name))

    return read


def field_of_all(items: list[Value], name: str) -> list[Value]:
    """The field of every item, one result for each that has it."""
    try:
        results = [item[name] for item in items]
    except (KeyError, TypeError):
        found = [lookup(item, name) for item in items]
        results = [reduced(result) for result in found]
        return [result for result in results if result is not UNDEFINED]
    return results if MARKED.isdisjoint(map(type, results)) else [*filter(_defined, map(reduced, results))]


def _defined(value: Value) -> bool:
    return value is not UNDEFINED


def wildcard(value: Value, frame: Frame, run: Run) -> Value:
    """`*`: the values of an object's fields, arrays flattened; of an array, its items. Unreduced."""
    if value.__class__ is Outer:
        value = value[0]
    found: list[Value] = []
    joined = False
    for member in value.values() if value.__class__ is dict else value if isinstance(value, list) else ():
        if isinstance(member, list):
            found.extend(_deep_flatten(member))
            joined = True
        else:
            found.append(member)
    run.charge(len(found))
    return found if joined else sequence(found)


def _deep_flatten(items: list[Value]) -> list[Value]:
    flat: list[Value] = []
    for item in items:
        if isinstance(item, list):
            flat.extend(_deep_flatten(item))
            if len(flat) > MAX_SEQUENCE:
                raise too_large()
        else:
            flat.append(item)
    return flat


def descendants(value: Value, frame: Frame, run: Run) -> Value:
    """`**`: the value and everything below it, but no arrays."""
    if value is UNDEFINED:
        return UNDEFINED
    found: list[Value] = []
    _descend(value, found)
    run.charge(len(found))
    return found[0] if len(found) == 1 else found if found else UNDEFINED


def _descend(value: Value, found: list[Value]) -> None:
    if isinstance(value, list):
        for item in value:
            _descend(item, found)
        return
    found.append(value)
    if len(found) > MAX_SEQUENCE:
        raise too_large()
    if value.__class__ is dict:
        for item in value.values():
            _descend(item, found)
