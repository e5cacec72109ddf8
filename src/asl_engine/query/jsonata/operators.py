"""Operators as closures: each takes the code of its operands and gives the code of the whole.

The common cases (two integers, two strings) are decided by class alone; everything else goes to the function that
knows all rules and raises T2001, T2002, T2009, T2010 or D1001.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from asl_engine.query.jsonata.messages import JsonataError, too_large
from asl_engine.query.jsonata.text import to_text
from asl_engine.query.jsonata.values import (
    MAX_SAFE,
    MAX_SEQUENCE,
    MAX_TEXT,
    UNDEFINED,
    Code,
    Frame,
    Run,
    Value,
    equal,
    integer,
    is_number,
    number,
    sequence,
    text_less,
    truth,
)

_LOW = -MAX_SAFE
_SCALARS = frozenset({str, int, float})


def binary(op: str, lhs: Code, rhs: Code, position: int) -> Code:
    return _BINARY[op](lhs, rhs, position)


# Arithmetic.


def _add(lhs: Code, rhs: Code, position: int) -> Code:
    def add(value: Value, frame: Frame, run: Run) -> Value:
        one, other = lhs(value, frame, run), rhs(value, frame, run)
        if one.__class__ is int and other.__class__ is int and _LOW <= (result := one + other) <= MAX_SAFE:
            return result
        return _compute("+", one, other, position)

    return add


def add_constant(op: str, lhs: Code, shown: int, position: int) -> Code:
    """`lhs + shown`, or `lhs - shown`."""
    constant = shown if op == "+" else -shown

    def add(value: Value, frame: Frame, run: Run) -> Value:
        one = lhs(value, frame, run)
        if one.__class__ is int and _LOW <= (result := one + constant) <= MAX_SAFE:
            return result
        return _compute(op, one, shown, position)

    return add


def _subtract(lhs: Code, rhs: Code, position: int) -> Code:
    def subtract(value: Value, frame: Frame, run: Run) -> Value:
        one, other = lhs(value, frame, run), rhs(value, frame, run)
        if one.__class__ is int and other.__class__ is int and _LOW <= (result := one - other) <= MAX_SAFE:
            return result
        return _compute("-", one, other, position)

    return subtract


def _multiply(lhs: Code, rhs: Code, position: int) -> Code:
    def multiply(value: Value, frame: Frame, run: Run) -> Value:
        one, other = lhs(value, frame, run), rhs(value, frame, run)
        if one.__class__ is int and other.__class__ is int and _LOW <= (result := one * other) <= MAX_SAFE:
            return result
        return _compute("*", one, other, position)

    return multiply


def _divide(lhs: Code, rhs: Code, position: int) -> Code:
    def divide(value: Value, frame: Frame, run: Run) -> Value:
        result = _compute("/", lhs(value, frame, run), rhs(value, frame, run), position)
        if result.__class__ is float and not math.isfinite(result):
            run.marked = True
        return result

    return divide


def _remainder(lhs: Code, rhs: Code, position: int) -> Code:
    def remainder(value: Value, frame: Frame, run: Run) -> Value:
        result = _compute("%", lhs(value, frame, run), rhs(value, frame, run), position)
        if result.__class__ is float and not math.isfinite(result):
            run.marked = True
        return result

    return remainder


def _compute(op: str, one: Value, other: Value, position: int) -> Value:
    """Arithmetic as doubles do it. Dividing by zero gives Infinity or NaN, which no operator takes in turn (D1001)."""
    if one is not UNDEFINED and not is_number(one):
        raise JsonataError("T2001", position, token=op, value=one)
    if other is not UNDEFINED and not is_number(other):
        raise JsonataError("T2002", position, token=op, value=other)
    if one is UNDEFINED or other is UNDEFINED:
        return UNDEFINED
    try:
        for operand in (one, other):
            if not math.isfinite(operand):
                raise JsonataError("D1001", position, value=operand)
        result = _ARITHMETIC[op](one, other)
        if op in "/%" and result.__class__ is float and not math.isfinite(result):
            return result
        return integer(result) if result.__class__ is int else number(result)
    except OverflowError:
        raise JsonataError("D1001", position, value=math.inf) from None
    except JsonataError as error:
        error.position = position
        raise


def _quotient(one: float, other: float) -> float:
    if other == 0:
        return math.nan if one == 0 else math.copysign(math.inf, one)
    return float(one) / other


def _modulo(one: float, other: float) -> float:
    return math.nan if other == 0 else math.fmod(one, other)


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _quotient,
    "%": _modulo,
}


def negate(operand: Code, position: int) -> Code:
    def negate(value: Value, frame: Frame, run: Run) -> Value:
        result = operand(value, frame, run)
        if result is UNDEFINED:
            return UNDEFINED
        if not is_number(result):
            raise JsonataError("D1002", position, token="-", value=result)
        return -result

    return negate


# Comparison.


def _less(lhs: Code, rhs: Code, position: int) -> Code:
    def less(value: Value, frame: Frame, run: Run) -> Value:
        one, other = lhs(value, frame, run), rhs(value, frame, run)
        if one.__class__ is int and other.__class__ is int:
            return one < other
        return _compare("<", one, other, position)

    return less


def _greater(lhs: Code, rhs: Code, position: int) -> Code:
    def greater(value: Value, frame: Frame, run: Run) -> Value:
        one, other = lhs(value, frame, run), rhs(value, frame, run)
        if one.__class__ is int and other.__class__ is int:
            return one > other
        return _compare(">", one, other, position)

    return greater


def _less_or_equal(lhs: Code, rhs: Code, position: int) -> Code:
    def less_or_equal(value: Value, frame: Frame, run: Run) -> Value:
        one, other = lhs(value, frame, run), rhs(value, frame, run)
        if one.__class__ is int and other.__class__ is int:
            return one <= other
        return _compare("<=", one, other, position)

    return less_or_equal


def _greater_or_equal(lhs: Code, rhs: Code, position: int) -> Code:
    def greater_or_equal(value: Value, frame: Frame, run: Run) -> Value:
        one, other = lhs(value, frame, run), rhs(value, frame, run)
        if one.__class__ is int and other.__class__ is int:
            return one >= other
        return _compare(">=", one, other, position)

    return greater_or_equal


def compare_constant(op: str, lhs: Code, constant: int | float, position: int) -> Code:
    """`lhs op constant` for the four orderings."""

    def less(value: Value, frame: Frame, run: Run) -> Value:
        one = lhs(value, frame, run)
        return one < constant if one.__class__ is int else _compare("<", one, constant, position)

    def greater(value: Value, frame: Frame, run: Run) -> Value:
        one = lhs(value, frame, run)
        return one > constant if one.__class__ is int else _compare(">", one, constant, position)

    def less_or_equal(value: Value, frame: Frame, run: Run) -> Value:
        one = lhs(value, frame, run)
        return one <= constant if one.__class__ is int else _compare("<=", one, constant, position)

    def greater_or_equal(value: Value, frame: Frame, run: Run) -> Value:
        one = lhs(value, frame, run)
        return one >= constant if one.__class__ is int else _compare(">=", one, constant, position)

    return {"<": less, ">": greater, "<=": less_or_equal, ">=": greater_or_equal}[op]


def equals_constant(lhs: Code, constant: Any, position: int) -> Code:
    """`lhs = constant`, a string or a number."""
    kind = constant.__class__

    def equals(value: Value, frame: Frame, run: Run) -> Value:
        one = lhs(value, frame, run)
        return one == constant if one.__class__ is kind else equal(one, constant)

    return equals


def _compare(op: str, one: Value, other: Value, position: int) -> Value:
    """Numbers with numbers, strings with strings; undefined on either side gives undefined."""
    for operand in (one, other):
        if operand is not UNDEFINED and operand.__class__ is not str and not is_number(operand):
            raise JsonataError("T2010", position, token=op, value=operand)
    if one is UNDEFINED or other is UNDEFINED:
        return UNDEFINED
    if (one.__class__ is str) != (other.__class__ is str):
        raise JsonataError("T2009", position, token=op, value=one, value2=other)
    if one.__class__ is str:
        return _TEXT_ORDER[op](one, other)
    return _NUMBER_ORDER[op](one, other)


_NUMBER_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_TEXT_ORDER: dict[str, Callable[[str, str], bool]] = {
    "<": text_less,
    ">": lambda one, other: text_less(other, one),
    "<=": lambda one, other: not text_less(other, one),
    ">=": lambda one, other: not text_less(one, other),
}


def equality(op: str, lhs: Code, rhs: Code, *, charging: bool) -> Code:
    """`=` and `!=`, both false if either side is undefined. `charging`: in a loop, where the Run is at hand."""

    def equals(value: Value, frame: Frame, run: Run) -> Value:
        one, other = lhs(value, frame, run), rhs(value, frame, run)
        if one is UNDEFINED or other is UNDEFINED:
            return False
        if one.__class__ is other.__class__ and one.__class__ in _SCALARS:
            return one == other
        return equal(one, other, run if charging else None)

    def differs(value: Value, frame: Frame, run: Run) -> Value:
        one, other = lhs(value, frame, run), rhs(value, frame, run)
        if one is UNDEFINED or other is UNDEFINED:
            return False
        if one.__class__ is other.__class__ and one.__class__ in _SCALARS:
            return one != other
        return not equal(one, other, run if charging else None)

    return equals if op == "=" else differs


def _includes(lhs: Code, rhs: Code, position: int) -> Code:
    def includes(value: Value, frame: Frame, run: Run) -> Value:
        one, other = lhs(value, frame, run), rhs(value, frame, run)
        if one is UNDEFINED or other is UNDEFINED:
            return False
        if not isinstance(other, list):
            return equal(one, other, run)
        run.charge(len(other))
        return any(equal(one, item, run) for item in other)

    return includes


# Logic, text, ranges.


def _and(lhs: Code, rhs: Code, position: int) -> Code:
    def both(value: Value, frame: Frame, run: Run) -> Value:
        one = lhs(value, frame, run)
        if one is not True and not truth(one):
            return False
        try:
            other = rhs(value, frame, run)
        except JsonataError as error:
            raise _laid_to("and", error, position) from None
        return other is True or truth(other)

    return both


def _or(lhs: Code, rhs: Code, position: int) -> Code:
    def either(value: Value, frame: Frame, run: Run) -> Value:
        one = lhs(value, frame, run)
        if one is True or truth(one):
            return True
        try:
            other = rhs(value, frame, run)
        except JsonataError as error:
            raise _laid_to("or", error, position) from None
        return other is True or truth(other)

    return either


def _laid_to(op: str, error: JsonataError, position: int) -> JsonataError:
    """The reference lays whatever fails on the right of `and` and `or` to the operator itself."""
    error.token = op
    error.position = position
    return error


def concatenation(parts: list[Code], position: int) -> Code:
    """`a & b & c`: the parts as text, undefined as none."""

    def concatenate(value: Value, frame: Frame, run: Run) -> Value:
        texts = []
        for part in parts:
            item = part(value, frame, run)
            texts.append(item if item.__class__ is str else "" if item is UNDEFINED else to_text(item))
        result = "".join(texts)
        if len(result) > MAX_TEXT:
            raise too_large()
        run_cost = len(result) >> 8
        if run_cost:
            run.charge(run_cost)
        return result

    return concatenate


def _concatenate(lhs: Code, rhs: Code, position: int) -> Code:
    return concatenation([lhs, rhs], position)


def _range(lhs: Code, rhs: Code, position: int) -> Code:
    def make_range(value: Value, frame: Frame, run: Run) -> Value:
        first, last = lhs(value, frame, run), rhs(value, frame, run)
        if first is not UNDEFINED and not _is_whole(first):
            raise JsonataError("T2003", position, value=first)
        if last is not UNDEFINED and not _is_whole(last):
            raise JsonataError("T2004", position, value=last)
        if first is UNDEFINED or last is UNDEFINED or first > last:
            return UNDEFINED
        size = int(last) - int(first) + 1
        if size > MAX_SEQUENCE:
            raise JsonataError("D2014", position, value=size)
        run.charge(size)
        return sequence(list(range(int(first), int(last) + 1)))

    return make_range


def _is_whole(value: Value) -> bool:
    return value.__class__ is int or (value.__class__ is float and value.is_integer())


_BINARY: dict[str, Callable[[Code, Code, int], Code]] = {
    "+": _add,
    "-": _subtract,
    "*": _multiply,
    "/": _divide,
    "%": _remainder,
    "<": _less,
    ">": _greater,
    "<=": _less_or_equal,
    ">=": _greater_or_equal,
    "in": _includes,
    "and": _and,
    "or": _or,
    "&": _concatenate,
    "..": _range,
}
USES_RUN = frozenset({"/", "%", "&", "..", "in"})
"""The operators that need the Run: to mark what JSON cannot hold, or to charge for what they make."""
