"""Choice rules: specification "Choice Rule". The 39 data-test expressions stand in one table.

A value of another type than the operator's makes a test false, never an error. A Variable that is not there is an
error, but for IsPresent.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from asl_engine.definition.fields import Reader, boolean, number, path, string, timestamp
from asl_engine.jsonvalue import Json
from asl_engine.timestamp import parse_nanoseconds

Types = frozenset[type]
STRING: Types = frozenset({str})
NUMBER: Types = frozenset({int, float})
BOOLEAN: Types = frozenset({bool})
ANY: Types = frozenset({str, int, float, bool, type(None), list, dict})


def timestamps(compare: Callable[[int, int], bool]) -> Callable[[str, str], bool]:
    """A comparison of two timestamps' moments; false unless both are timestamps."""

    def test(value: str, operand: str) -> bool:
        one, other = parse_nanoseconds(value), parse_nanoseconds(operand)
        return one is not None and other is not None and compare(one, other)

    return test


def strings(compare: Callable[[Any, Any], bool]) -> Callable[[str, str], bool]:
    """A comparison by UTF-16 code units, as Java orders strings."""

    def test(value: str, operand: str) -> bool:
        return compare(value.encode("utf-16-be", "surrogatepass"), operand.encode("utf-16-be", "surrogatepass"))

    return test


def matches_pattern(value: str, pattern: str) -> bool:
    """StringMatches: `*` stands for any characters, `\\*` for a star, `\\\\` for a backslash."""
    return _pattern(pattern).fullmatch(value) is not None


@lru_cache(maxsize=256)
def _pattern(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"(\\.|\*+)", pattern)
    source = "".join(
        ".*" if part.startswith("*") else re.escape(part[1] if len(part) == 2 and part[0] == "\\" else part)
        for part in parts
    )
    return re.compile(source, re.DOTALL)


def is_type(holds: Callable[[Json], bool]) -> Callable[[Json, bool], bool]:
    """A type test: whether the value is of the type, compared with the operand."""
    return lambda value, operand: holds(value) is operand


class DataTest(NamedTuple):
    """An operator: the types a value must have, the comparison with the operand, and how the operand is read."""

    types: Types
    test: Callable[[Any, Any], bool]
    read: Reader

    @property
    def by_path(self) -> bool:
        """Whether the operand is a path to the value to compare with."""
        return self.read is path


ANY_NUMBER = number(float("-inf"), float("inf"))
BEFORE, AFTER = timestamps(operator.lt), timestamps(operator.gt)
NOT_AFTER, NOT_BEFORE = timestamps(operator.le), timestamps(operator.ge)
SAME_MOMENT = timestamps(operator.eq)

DATA_TESTS: dict[str, DataTest] = {
    "StringEquals": DataTest(STRING, operator.eq, string),
    "StringEqualsPath": DataTest(STRING, operator.eq, path),
    "StringLessThan": DataTest(STRING, strings(operator.lt), string),
    "StringLessThanPath": DataTest(STRING, strings(operator.lt), path),
    "StringGreaterThan": DataTest(STRING, strings(operator.gt), string),
    "StringGreaterThanPath": DataTest(STRING, strings(operator.gt), path),
    "StringLessThanEquals": DataTest(STRING, strings(operator.le), string),
    "StringLessThanEqualsPath": DataTest(STRING, strings(operator.le), path),
    "StringGreaterThanEquals": DataTest(STRING, strings(operator.ge), string),
    "StringGreaterThanEqualsPath": DataTest(STRING, strings(operator.ge), path),
    "StringMatches": DataTest(STRING, matches_pattern, string),
    "NumericEquals": DataTest(NUMBER, operator.eq, ANY_NUMBER),
    "NumericEqualsPath": DataTest(NUMBER, operator.eq, path),
    "NumericLessThan": DataTest(NUMBER, operator.lt, ANY_NUMBER),
    "NumericLessThanPath": DataTest(NUMBER, operator.lt, path),
    "NumericGreaterThan": DataTest(NUMBER, operator.gt, ANY_NUMBER),
    "NumericGreaterThanPath": DataTest(NUMBER, operator.gt, path),
    "NumericLessThanEquals": DataTest(NUMBER, operator.le, ANY_NUMBER),
    "NumericLessThanEqualsPath": DataTest(NUMBER, operator.le, path),
    "NumericGreaterThanEquals": DataTest(NUMBER, operator.ge, ANY_NUMBER),
    "NumericGreaterThanEqualsPath": DataTest(NUMBER, operator.ge, path),
    "BooleanEquals": DataTest(BOOLEAN, operator.is_, boolean),
    "BooleanEqualsPath": DataTest(BOOLEAN, operator.is_, path),
    "TimestampEquals": DataTest(STRING, SAME_MOMENT, timestamp),
    "TimestampEqualsPath": DataTest(STRING, SAME_MOMENT, path),
    "TimestampLessThan": DataTest(STRING, BEFORE, timestamp),
    "TimestampLessThanPath": DataTest(STRING, BEFORE, path),
    "TimestampGreaterThan": DataTest(STRING, AFTER, timestamp),
    "TimestampGreaterThanPath": DataTest(STRING, AFTER, path),
    "TimestampLessThanEquals": DataTest(STRING, NOT_AFTER, timestamp),
    "TimestampLessThanEqualsPath": DataTest(STRING, NOT_AFTER, path),
    "TimestampGreaterThanEquals": DataTest(STRING, NOT_BEFORE, timestamp),
    "TimestampGreaterThanEqualsPath": DataTest(STRING, NOT_BEFORE, path),
    "IsNull": DataTest(ANY, is_type(lambda value: value is None), boolean),
    "IsPresent": DataTest(ANY, is_type(lambda value: True), boolean),
    "IsNumeric": DataTest(ANY, is_type(lambda value: type(value) in NUMBER), boolean),
    "IsString": DataTest(ANY, is_type(lambda value: type(value) is str), boolean),
    "IsBoolean": DataTest(ANY, is_type(lambda value: type(value) is bool), boolean),
    "IsTimestamp": DataTest(
        ANY, is_type(lambda value: type(value) is str and parse_nanoseconds(value) is not None), boolean
    ),
}  # fmt: skip
