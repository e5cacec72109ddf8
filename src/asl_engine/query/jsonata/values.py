"""What a JSONata expression computes with: JSON values, `UNDEFINED`, functions, and lists that carry a mark.

The reference marks arrays: a *sequence* of no item is undefined and one of a single item is that item, once the
expression that made it is done. For two items or more it matters to `$distinct` alone, so shorter ones bear it here
(`Sequence`), and everything else is a plain list. Marked lists may nest in other values while an expression runs;
`plain` takes the marks off before a value is handed out. Values are never changed in place.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final, Protocol, TypeAlias

from asl_engine.query.jsonata.messages import JsonataError, out_of_steps, too_large


class Undefined:
    """The type of UNDEFINED: no value at all. JSON null is None."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNDEFINED"

    def __bool__(self) -> bool:
        return False


UNDEFINED: Final = Undefined()
Value: TypeAlias = Any
"""A JSON value, UNDEFINED, a Function, or a list of values that may be marked."""
Frame: TypeAlias = Any
"""Where variables stand: at the root the bindings, inside a scope a list [outer frame, value, value ...]."""
Code: TypeAlias = Callable[[Value, Frame, Any], Value]
"""A compiled expression: (context value, frame, Run) -> value."""

MAX_SAFE: Final = 2**53
MAX_WALK: Final = 1 << 20
MAX_TEXT: Final = 1 << 24
MAX_SEQUENCE: Final = 10_000_000


class Environment(Protocol):
    """What an expression may draw from the world: handed in, so that an execution can be replayed."""

    @property
    def now_ms(self) -> int: ...

    def random(self) -> float: ...

    def uuid(self) -> str: ...


class Run:
    """One evaluation: what it may draw from, and what it has left of its limits."""

    depth = 0
    max_depth = 600
    steps = 20_000_000
    marked = False  # whether a marked list, a function or a number that JSON cannot hold may have got into a value
    environment: Environment
    input: Value

    def charge(self, steps: int) -> None:
        self.steps -= steps
        if self.steps < 0:
            raise out_of_steps()


class Sequence(list[Any]):
    """A sequence of no item or one, not yet reduced."""

    __slots__ = ()


class Kept(Sequence):
    """A sequence that stays an array even with one item: what `[]` asks for."""

    __slots__ = ()


class Outer(Sequence):
    """The array that the whole expression is applied to, wrapped to be taken as one value."""

    __slots__ = ()


class Many(list[Any]):
    """A sequence of two or more, in an expression with `$distinct`: the one function that can tell it from an array."""

    __slots__ = ()


class Cons(list[Any]):
    """An array made by an array constructor in a path, which the next step does not flatten."""

    __slots__ = ()


class Tuples(list[dict[str, Any]]):
    """A stream of variable bindings: what `@`, `#` and `%` make of a path. "@" is the context value."""

    __slots__ = ()


class Function:
    """What can be called. `arity` is how many arguments a higher-order function gives it at most."""

    __slots__ = ()
    arity: int

    def call(self, args: list[Value], context: Value, run: Run) -> Value:
        raise NotImplementedError


MARKED: Final = frozenset({Sequence, Kept, Outer})


def sequence(items: list[Value]) -> Value:
    """The items as a result that is still to be reduced."""
    return items if len(items) > 1 else Sequence(items)


def many(value: Value, run: Run) -> Value:
    """The result of a path or a function, marked as the sequence that it is."""
    if value.__class__ is not list:
        return value
    run.marked = True
    return Many(value)


def reduced(value: Value) -> Value:
    """What a value stands for once the expression that made it is done."""
    kind = value.__class__
    if kind is Sequence:
        return value[0] if value else UNDEFINED
    if kind is Kept and not value:
        return UNDEFINED
    return value


def kept(value: Value) -> Value:
    """`value` where the expression asks, by `[]`, to keep an array of one item."""
    return (Kept(value) if value else UNDEFINED) if value.__class__ is Sequence else value


def is_number(value: Value) -> bool:
    kind = value.__class__
    return kind is int or kind is float


def number(value: float) -> float | int:
    """A double as the reference would show it: integral ones without a fraction. Raises D1001 if it is not finite."""
    if value.is_integer():
        if -MAX_SAFE <= value <= MAX_SAFE:
            return int(value)
        return _whole(value) if abs(value) < 1e21 else value
    if value - value != 0:
        raise JsonataError("D1001", value=value)
    return value


def floored(value: float) -> int:
    """The whole number at or below an argument. Raises D1001 where there is none."""
    if value - value != 0:
        raise JsonataError("D1001", value=value)
    return math.floor(value)


def _whole(value: float) -> int:
    """Beyond 2**53 JavaScript writes the shortest digits that name the double, then zeros."""
    digits, _, exponent = repr(value).partition("e")
    whole, _, fraction = digits.partition(".")
    shift = int(exponent or 0) - len(fraction)
    scaled = int(whole + fraction)
    return scaled * int(10**shift) if shift >= 0 else scaled // int(10**-shift)


def integer(value: int) -> float | int:
    """A Python integer as a double would hold it."""
    if -MAX_SAFE <= value <= MAX_SAFE:
        return value
    try:
        return number(float(value))
    except OverflowError:
        raise JsonataError("D1001", value=math.inf) from None


def truth(value: Value) -> bool:
    """What `$boolean` makes of a value; undefined counts as false."""
    if value is True or value is False:
        return bool(value)
    if isinstance(value, list):
        return _truth_of_list(value, Budget())
    if value is None or value is UNDEFINED or isinstance(value, Function):
        return False
    return bool(value == value and value)


def _truth_of_list(items: list[Value], budget: Budget) -> bool:
    budget.spend(1)
    return any(_truth_of_list(item, budget) if isinstance(item, list) else truth(item) for item in items)


class Budget:
    """How many arrays and objects a walk through a value may meet: values may share parts, and so be far larger to
    walk through than to hold."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = MAX_WALK

    def spend(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise too_large()


def equal(one: Value, other: Value, run: Run | None = None) -> bool:
    """Deep equality: 1 equals 1.0 but not true, objects compare without order, functions by identity."""
    kind = one.__class__
    if kind is str or kind is int or kind is float:
        return other.__class__ is not bool and bool(one == other)
    if kind is not dict and not isinstance(one, list):
        return one is other
    budget = Budget()
    result = _equal_parts(one, other, budget)
    if run is not None:
        run.charge(MAX_WALK - budget.left)
    return result


def _equal_parts(one: Value, other: Value, budget: Budget) -> bool:
    kind = one.__class__
    if kind is dict:
        if other.__class__ is not dict or one.keys() != other.keys():
            return False
        budget.spend(len(one) + 1)
        return all(_equal_parts(item, other[key], budget) for key, item in one.items())
    if isinstance(one, list):
        if not isinstance(other, list) or len(one) != len(other):
            return False
        budget.spend(len(one) + 1)
        return all(_equal_parts(item, it, budget) for item, it in zip(one, other, strict=True))
    if kind is str or kind is int or kind is float:
        return other.__class__ is not bool and bool(one == other)
    return one is other


def text_key(text: str) -> Any:
    """Strings compare by UTF-16 code units."""
    return text.encode("utf-16-be", "surrogatepass")


def text_less(one: str, other: str) -> bool:
    if one.isascii() or other.isascii():
        return one < other
    return bool(text_key(one) < text_key(other))


def lookup(value: Value, key: str) -> Value:
    """The field `key` of an object, or of every object in an array; unreduced."""
    if value.__class__ is dict:
        return value.get(key, UNDEFINED)
    if not isinstance(value, list):
        return UNDEFINED
    found: list[Value] = []
    for item in value:
        result = item.get(key, UNDEFINED) if item.__class__ is dict else lookup(item, key)
        if isinstance(result, list):
            found.extend(result)
            if len(found) > MAX_SEQUENCE:
                raise too_large()
        elif result is not UNDEFINED:
            found.append(result)
    return sequence(found)


def append(one: Value, other: Value) -> Value:
    """Two values as one array; undefined adds nothing."""
    if one is UNDEFINED:
        return other
    if other is UNDEFINED:
        return one
    joined = [*(one if isinstance(one, list) else [one]), *(other if isinstance(other, list) else [other])]
    if len(joined) > MAX_SEQUENCE:
        raise too_large()
    return joined


def as_list(value: Value) -> list[Value]:
    return value if isinstance(value, list) else [value]


def plain(value: Value, run: Run) -> Value:
    """`value` as it is handed out: JSON, UNDEFINED, or the Function that is or that hides in it."""
    if not run.marked:
        return list(value) if isinstance(value, list) and value.__class__ is not list else value
    functions: list[Function] = []
    result = value if value is UNDEFINED else _plain(value, functions, Budget())
    return functions[0] if functions else result


def _plain(value: Value, functions: list[Function], budget: Budget) -> Value:
    if isinstance(value, list):
        budget.spend(len(value) + 1)
        return [_plain(item, functions, budget) for item in value]
    kind = value.__class__
    if kind is dict:
        budget.spend(len(value) + 1)
        return {key: _plain(item, functions, budget) for key, item in value.items()}
    if kind is float and not math.isfinite(value):
        raise JsonataError("D1001", value=value)
    if isinstance(value, Function):
        functions.append(value)
    return None if value is UNDEFINED else value


def clone(value: Value, budget: Budget) -> Value:
    """A deep copy that shares nothing that can change."""
    if isinstance(value, list):
        budget.spend(len(value) + 1)
        return [clone(item, budget) for item in value]
    if value.__class__ is dict:
        budget.spend(len(value) + 1)
        return {key: clone(item, budget) for key, item in value.items()}
    return value
