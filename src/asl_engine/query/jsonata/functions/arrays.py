"""Functions on arrays: aggregation, and arrays from arrays."""

from __future__ import annotations

import math
import operator
import sys
from collections.abc import Hashable
from functools import reduce

from asl_engine.query.jsonata import values
from asl_engine.query.jsonata.callables import Builtin, callback
from asl_engine.query.jsonata.messages import JsonataError
from asl_engine.query.jsonata.values import UNDEFINED, Function, Many, Run, Value, is_number, sequence, text_key


def sum_(items: Value) -> Value:
    return UNDEFINED if items is UNDEFINED else _number(_add(items))


def _add(items: list[Value]) -> float:
    """From left to right, as doubles are added; from Python 3.12 on `sum` would correct the rounding on the way."""
    if sys.version_info >= (3, 12):
        return reduce(operator.add, items, 0)
    return sum(items)


def _number(value: float) -> Value:
    return values.integer(value) if value.__class__ is int else values.number(float(value))


def _sum_quickly(items: Value) -> Value:
    """The sum of a plain list of numbers; a list that holds anything else goes the long way."""
    if items.__class__ is list:
        kinds = [*map(type, items)]
        if items and kinds.count(kinds[0]) == len(items):
            if kinds[0] is int:
                return values.integer(sum(items))
            if kinds[0] is float:
                return values.number(_add(items))
        elif {*kinds} == {int, float}:
            return values.number(float(_add(items)))
    return NotImplemented


def count(items: Value) -> Value:
    return 0 if items is UNDEFINED else len(items)


def _count_quickly(items: Value) -> Value:
    return len(items) if items.__class__ is list else NotImplemented


def max_(items: Value) -> Value:
    return UNDEFINED if items is UNDEFINED or not items else max(items)


def min_(items: Value) -> Value:
    return UNDEFINED if items is UNDEFINED or not items else min(items)


def average(items: Value) -> Value:
    if items is UNDEFINED or not items:
        return UNDEFINED
    return _number(_add(items) / len(items))


def append(one: Value, other: Value = UNDEFINED) -> Value:
    return values.append(one, other)


def exists(value: Value) -> Value:
    return value is not UNDEFINED


def reverse(items: Value) -> Value:
    return UNDEFINED if items is UNDEFINED else items[::-1] if len(items) > 1 else items


def distinct(items: Value) -> Value:
    if not isinstance(items, list) or len(items) < 2:
        return items
    budget = values.Budget()
    seen: set[Hashable] = set()
    found = []
    for item in items:
        key = _key(item, budget)
        if key not in seen:
            seen.add(key)
            found.append(item)
    return sequence(found) if items.__class__ is Many else found


def _key(value: Value, budget: values.Budget) -> Hashable:
    """Something that equals another value's key exactly if the values are deeply equal."""
    kind = value.__class__
    if kind is str or kind is int or kind is float:
        return value  # type: ignore[no-any-return]
    if kind is dict:
        budget.spend(len(value) + 1)
        return dict, frozenset((key, _key(item, budget)) for key, item in value.items())
    if isinstance(value, list):
        budget.spend(len(value) + 1)
        return list, tuple(_key(item, budget) for item in value)
    return (kind, value)


def shuffle(run: Run, items: Value) -> Value:
    """Each item in turn takes a random place among those before it."""
    if items is UNDEFINED or len(items) < 2:
        return items
    run.charge(len(items))
    shuffled = list(items)
    for place in range(len(shuffled)):
        other = min(place, math.floor(run.environment.random() * (place + 1)))
        shuffled[place], shuffled[other] = shuffled[other], shuffled[place]
    return shuffled


def zip_(*arrays: Value) -> Value:
    if any(array is UNDEFINED for array in arrays):
        return []
    return [list(items) for items in zip(*arrays, strict=False)]


def sort(run: Run, items: Value, comparator: Value = UNDEFINED) -> Value:
    """Stable. The comparator says whether its first argument is to stand after its second."""
    if items is UNDEFINED or len(items) < 2:
        return items
    run.charge(4 * len(items))
    if isinstance(comparator, Function):
        return _merge_sort(items, comparator, run)
    if all(map(is_number, items)):
        return sorted(items)
    if all(item.__class__ is str for item in items):
        return sorted(items) if all(map(str.isascii, items)) else sorted(items, key=text_key)
    raise JsonataError("D3070", value=items, index=1)


def _merge_sort(items: list[Value], comparator: Function, run: Run) -> list[Value]:
    """By hand, so that a comparator that contradicts itself still gives what the reference gives."""
    if len(items) < 2:
        return items
    middle = len(items) // 2
    left, right = _merge_sort(items[:middle], comparator, run), _merge_sort(items[middle:], comparator, run)
    merged: list[Value] = []
    at_left = at_right = 0
    while at_left < len(left) and at_right < len(right):
        if _is_true(callback(comparator, run, left[at_left], right[at_right])):
            merged.append(right[at_right])
            at_right += 1
        else:
            merged.append(left[at_left])
            at_left += 1
    return merged + left[at_left:] + right[at_right:]


def _is_true(value: Value) -> bool:
    """As JavaScript sees it: objects and arrays are true."""
    return (value.__class__ is not bool and isinstance(value, (list, dict, Function))) or bool(value)


FUNCTIONS = (
    Builtin("sum", "<a<n>:n>", sum_, arity=1, quick=_sum_quickly),
    Builtin("count", "<a:n>", count, arity=1, quick=_count_quickly),
    Builtin("max", "<a<n>:n>", max_, arity=1),
    Builtin("min", "<a<n>:n>", min_, arity=1),
    Builtin("average", "<a<n>:n>", average, arity=1),
    Builtin("append", "<xx:a>", append, arity=2, may_mark=True),
    Builtin("exists", "<x:b>", exists, arity=1),
    Builtin("reverse", "<a:a>", reverse, arity=1, may_mark=True),
    Builtin("distinct", "<x:x>", distinct, arity=1, may_mark=True),
    Builtin("shuffle", "<a:a>", shuffle, arity=1, uses_run=True, may_mark=True),
    Builtin("zip", "<a+>", zip_, arity=0, may_mark=True),
    Builtin("sort", "<af?:a>", sort, arity=2, uses_run=True, may_mark=True),
)
