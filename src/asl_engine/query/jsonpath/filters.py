"""The condition of a filter becomes a test of one item, with Jayway 2.0.0's notion of comparing.

A literal has no type of its own: it is read as a number beside a number, as a boolean beside a boolean, and as text
beside text. So `@.a == 1` holds for 1 and for "1", and `@.a == x` fails the execution where `a` is a number. Values
that have neither order nor equality, an array beside a number, make every comparison false.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Final, TypeAlias

from asl_engine.jsonvalue import Json
from asl_engine.query.jsonpath.failures import PathMisapplied, PathNotFound
from asl_engine.query.jsonpath.javatext import java_text
from asl_engine.query.jsonpath.segments import (
    AllOf,
    Comparison,
    Condition,
    Exists,
    FilterPath,
    Names,
    Operand,
    Path,
)

Test: TypeAlias = Callable[[Json, Json], bool]
"""(item, whole document) -> whether the item passes."""

Find: TypeAlias = Callable[[Json, Json], Json]
"""(item, whole document) -> what an operand stands for, or MISSING."""

Compile: TypeAlias = Callable[[Path], Callable[[Json], Json]]

MISSING: Final = object()


def compile_condition(condition: Condition, compile_path: Compile) -> Test:
    """The test that a condition makes. It raises PathMisapplied where Jayway's comparison fails."""
    if isinstance(condition, Exists):
        path = FilterPath(True, condition.path.path)  # Jayway: even `$.a`, standing alone, is read from the item
        return _exists(_find(path, compile_path), condition.wanted)
    if isinstance(condition, Comparison):
        return _comparison(condition, compile_path)
    tests = [compile_condition(part, compile_path) for part in reversed(condition.conditions)]
    return _all_of(tests) if isinstance(condition, AllOf) else _any_of(tests)


def _all_of(tests: list[Test]) -> Test:
    """Jayway tests the last condition first, which shows where an earlier one would fail the execution."""

    def test(item: Json, root: Json) -> bool:
        for each in tests:  # noqa: SIM110 - a generator would double the cost
            if not each(item, root):
                return False
        return True

    return test


def _any_of(tests: list[Test]) -> Test:
    def test(item: Json, root: Json) -> bool:
        for each in tests:  # noqa: SIM110 - a generator would double the cost
            if each(item, root):
                return True
        return False

    return test


def _exists(find: Find, wanted: bool) -> Test:
    def test(item: Json, root: Json) -> bool:
        value = find(item, root)
        return (value is not MISSING and value is not None) is wanted

    return test


def _find(operand: FilterPath, compile_path: Compile) -> Find:
    segments = operand.path.segments
    if operand.from_item and len(segments) == 1 and isinstance(segments[0], Names) and len(segments[0].names) == 1:
        return _find_name(segments[0].names[0])
    read = compile_path(operand.path)
    from_item = operand.from_item
    whole = not segments

    def find(item: Json, root: Json) -> Json:
        if whole:
            return item if from_item else root
        try:
            return read(item if from_item else root)
        except PathMisapplied:
            raise
        except PathNotFound:
            return MISSING

    return find


def _find_name(name: str) -> Find:
    """`@.name`, which is most of them."""

    def find(item: Json, root: Json) -> Json:
        try:
            return item[name]
        except (KeyError, TypeError):
            return MISSING

    return find


# --- comparisons ------------------------------------------------------------------------------------------------------

_ORDERS: Final[dict[str, Callable[[Json, Json], bool]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _comparison(comparison: Comparison, compile_path: Compile) -> Test:
    left = _operand(comparison.left, compile_path)
    if isinstance(comparison.right, re.Pattern):
        return _matches(left, comparison.right)
    if isinstance(comparison.right, str):
        return _compared_with_literal(left, comparison.operator, comparison.right)
    right = _operand(comparison.right, compile_path)
    sign = comparison.operator

    def test(item: Json, root: Json) -> bool:
        one = left(item, root)
        if one is MISSING:
            return False
        other = right(item, root)
        return other is not MISSING and _holds(one, sign, other)

    return test


def _operand(operand: Operand, compile_path: Compile) -> Find:
    if isinstance(operand, FilterPath):
        return _find(operand, compile_path)
    return lambda item, root: operand


def _matches(find: Find, pattern: re.Pattern[str]) -> Test:
    """The pattern must match the whole text."""
    fullmatch = pattern.fullmatch

    def test(item: Json, root: Json) -> bool:
        value = find(item, root)
        return value is not MISSING and value is not None and fullmatch(java_text(value)) is not None

    return test


def _compared_with_literal(find: Find, sign: str, literal: str) -> Test:
    """What a literal means to a number and to a text is known beforehand."""
    compare = _ORDERS[sign]
    number = _number_or_none(literal)
    null = literal == "null"

    def test(item: Json, root: Json) -> bool:
        value = find(item, root)
        kind = type(value)
        if kind is str and not null and value != "null":
            return compare(value, literal)
        if number is not None and (kind is int or kind is float):
            return compare(value, number)
        return value is not MISSING and _holds(value, sign, literal)

    return test


def _holds(left: Json, sign: str, right: Json) -> bool:
    if sign not in ("==", "!=") and (left is None) is not (right is None):
        return False
    order = _order(left, right)
    return order is not None and _ORDERS[sign](order, 0)


def _order(left: Json, right: Json) -> int | None:
    """Negative, zero or positive as `left` is less than, equal to or more than `right`; None if they do not compare.

    An object or an array compares only with itself, the very same place in the document.
    """
    if left is right:
        return 0
    left_null, right_null = (value is None or value == "null" for value in (left, right))
    if left_null or right_null:
        return int(right_null) - int(left_null) if left_null is not right_null else 0
    left_kind, right_kind = type(left), type(right)
    if left_kind is str and right_kind is str:
        return _sign(left, right)
    if left_kind in (int, float) and right_kind in (int, float):
        return _sign(left, right)
    if left_kind in (int, float) and right_kind is str:
        return _sign(left, _number(right))
    if left_kind is bool and right_kind in (bool, str):
        return _sign(left, right if right_kind is bool else right.lower() == "true")
    return None


def _sign(left: Json, right: Json) -> int:
    return int(left > right) - int(left < right)


_NUMBER = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,9})?"


def _number_or_none(text: str) -> int | float | None:
    if not re.fullmatch(_NUMBER, text):
        return None
    return int(text) if text.lstrip("+-").isdigit() and len(text) < 300 else float(text)


def _number(text: str) -> int | float:
    """The number that a literal writes. Raises what Java's BigDecimal says of the first wrong character."""
    number = _number_or_none(text)
    if number is None:
        wrong = next((character for character in text if character not in "0123456789.eE+-"), text)
        raise PathMisapplied(
            f'Character {wrong} is neither a decimal digit number, decimal point, nor "e" notation exponential mark.'
        )
    return number
