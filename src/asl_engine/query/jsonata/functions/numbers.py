"""Functions on numbers, and `$boolean` and `$not`."""

from __future__ import annotations

import math
import re

from asl_engine.query.jsonata.callables import Builtin
from asl_engine.query.jsonata.messages import JsonataError
from asl_engine.query.jsonata.values import UNDEFINED, Value, floored, integer, is_number, truth
from asl_engine.query.jsonata.values import number as as_number

_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?([Ee][-+]?[0-9]+)?")
_RADIX = re.compile("0[xX][0-9A-Fa-f]+|0[oO][0-7]+|0[bB][01]+")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def number(value: Value) -> Value:
    if value is UNDEFINED or is_number(value):
        return value
    if value is True or value is False:
        return int(value)
    if value.__class__ is str:
        if _DECIMAL.fullmatch(value):
            return _decimal(value)
        if _RADIX.fullmatch(value):
            return integer(int(value, 0))
    raise JsonataError("D3030", value=value, index=1)


def _decimal(text: str) -> Value:
    value = float(text)
    if not math.isfinite(value):
        raise JsonataError("D3030", value=text, index=1)
    return as_number(value)


def absolute(value: Value) -> Value:
    return UNDEFINED if value is UNDEFINED else abs(value)


def floor(value: Value) -> Value:
    return UNDEFINED if value is UNDEFINED else as_number(float(math.floor(_finite(value))))


def ceil(value: Value) -> Value:
    return UNDEFINED if value is UNDEFINED else as_number(float(math.ceil(_finite(value))))


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise JsonataError("D1001", value=value)
    return value


def round_(value: Value, precision: Value = UNDEFINED) -> Value:
    """Half goes to the even neighbour; negative precision rounds before the point."""
    if value is UNDEFINED:
        return UNDEFINED
    places = 0 if precision is UNDEFINED else floored(precision)
    if value.__class__ is int and places >= 0:
        return value
    return round_half_even(_finite(value), places)


def round_half_even(value: float, places: int) -> Value:
    from decimal import ROUND_HALF_EVEN, Decimal

    exact = Decimal(repr(value))
    if places > 400 or -exact.as_tuple().exponent <= places:  # type: ignore[operator]
        return value
    if exact.adjusted() + 1 < -places:
        return 0
    scaled = exact.scaleb(places).quantize(Decimal(1), ROUND_HALF_EVEN).scaleb(-places)
    return as_number(float(scaled))


def sqrt(value: Value) -> Value:
    if value is UNDEFINED:
        return UNDEFINED
    if value < 0:
        raise JsonataError("D3060", value=value, index=1)
    return as_number(math.sqrt(_finite(value)))


def power(base: Value, exponent: Value = UNDEFINED) -> Value:
    if base is UNDEFINED:
        return UNDEFINED
    try:
        result = math.pow(base, math.nan if exponent is UNDEFINED else exponent)
    except (OverflowError, ValueError, ZeroDivisionError):
        result = math.nan
    if not math.isfinite(result):
        raise JsonataError("D3061", value=base, exp=exponent, index=1)
    return as_number(result)


def format_base(value: Value, radix: Value = UNDEFINED) -> Value:
    if value is UNDEFINED:
        return UNDEFINED
    base = 10 if radix is UNDEFINED else round_(radix)
    if base < 2 or base > 36:
        raise JsonataError("D3100", value=base)
    whole = int(round_(value))
    digits: list[str] = []
    rest = abs(whole)
    while rest or not digits:
        rest, digit = divmod(rest, base)
        digits.append(_DIGITS[digit])
    return ("-" if whole < 0 else "") + "".join(reversed(digits))


def format_number(value: Value, picture: Value, options: Value = UNDEFINED) -> Value:
    if value is UNDEFINED:
        return UNDEFINED
    if picture is UNDEFINED:
        raise JsonataError("T0410", index=2, token="formatNumber")
    from asl_engine.query.jsonata.functions.number_pictures import format_number as format_picture

    return format_picture(_finite(value), picture, {} if options is UNDEFINED else options)


def format_integer(value: Value, picture: Value) -> Value:
    if value is UNDEFINED:
        return UNDEFINED
    if picture is UNDEFINED:
        raise JsonataError("T0410", index=2, token="formatInteger")
    from asl_engine.query.jsonata.functions.integer_pictures import format_integer as format_picture

    return format_picture(math.floor(_finite(value)), picture)


def parse_integer(text: Value, picture: Value) -> Value:
    if text is UNDEFINED:
        return UNDEFINED
    if picture is UNDEFINED:
        raise JsonataError("T0410", index=2, token="parseInteger")
    from asl_engine.query.jsonata.functions.integer_pictures import parse_integer as parse_picture

    return parse_picture(text, picture)


def boolean(value: Value) -> Value:
    return UNDEFINED if value is UNDEFINED else truth(value)


def not_(value: Value) -> Value:
    return UNDEFINED if value is UNDEFINED else not truth(value)


FUNCTIONS = (
    Builtin("number", "<(nsb)-:n>", number, arity=1),
    Builtin("abs", "<n-:n>", absolute, arity=1),
    Builtin("floor", "<n-:n>", floor, arity=1),
    Builtin("ceil", "<n-:n>", ceil, arity=1),
    Builtin("round", "<n-n?:n>", round_, arity=2),
    Builtin("sqrt", "<n-:n>", sqrt, arity=1),
    Builtin("power", "<n-n:n>", power, arity=2),
    Builtin("formatBase", "<n-n?:s>", format_base, arity=2),
    Builtin("formatNumber", "<n-so?:s>", format_number, arity=3),
    Builtin("formatInteger", "<n-s:s>", format_integer, arity=2),
    Builtin("parseInteger", "<s-s:n>", parse_integer, arity=2),
    Builtin("boolean", "<x-:b>", boolean, arity=1),
    Builtin("not", "<x-:b>", not_, arity=1),
)
