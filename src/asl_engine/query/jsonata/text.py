"""Values as text: what `$string` and `&` make of them, written as JavaScript writes JSON."""

from __future__ import annotations

import math
from json.encoder import encode_basestring

from asl_engine.query.jsonata.messages import JsonataError, too_large
from asl_engine.query.jsonata.values import MAX_TEXT, UNDEFINED, Function, Value


def to_text(value: Value, pretty: bool = False) -> str:
    """A value as text: a string as it is, a function as "", the rest as JSON with numbers of at most 15 digits."""
    kind = value.__class__
    if kind is str:
        return str(value)
    if kind is int or kind is float:
        if not math.isfinite(value):
            raise JsonataError("D3001", value=str(value))
        return number_text(value)
    if isinstance(value, Function):
        return ""
    parts: list[str] = []
    _write(value, parts, "\n" if pretty else "")
    text = "".join(parts)
    if len(text) > MAX_TEXT:
        raise too_large()
    return text


def number_text(value: int | float) -> str:
    """A number as JavaScript prints it once rounded to 15 significant digits."""
    if value.__class__ is int and -(10**15) < value < 10**15:
        return str(value)
    return javascript_number(float(f"{float(value):.15g}"))


def javascript_number(value: float) -> str:
    """The shortest digits that name the double, with an exponent below 1e-6 and from 1e21 on."""
    if value == 0:
        return "0"
    mantissa, _, exponent_text = repr(abs(float(value))).partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent_text or 0)
    point -= len(whole + fraction) - len(digits)
    digits = digits.rstrip("0")
    return ("-" if value < 0 else "") + _place_point(digits, point)


def _place_point(digits: str, point: int) -> str:
    """`point`: how many digits stand before the decimal point."""
    count = len(digits)
    if count <= point <= 21:
        return digits + "0" * (point - count)
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return "0." + "0" * -point + digits
    mantissa = digits[0] + ("." + digits[1:] if count > 1 else "")
    return f"{mantissa}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def _write(value: Value, parts: list[str], line: str) -> None:
    kind = value.__class__
    if kind is str:
        parts.append(encode_basestring(value))
    elif kind is int or kind is float:
        if not math.isfinite(value):
            raise JsonataError("D1001", value=str(value))
        parts.append(number_text(value))
    elif value is True or value is False:
        parts.append("true" if value else "false")
    elif kind is dict:
        _write_all(value, parts, line, "{}")
    elif isinstance(value, list):
        _write_all(value, parts, line, "[]")
    else:
        parts.append('""' if isinstance(value, Function) else "null")


def _write_all(value: Value, parts: list[str], line: str, brackets: str) -> None:
    """The members of an object or array; `line` is "" or the line break and indentation that stand before the whole."""
    inner = line + "  " if line else ""
    separator = brackets[0] + inner
    for item in value:
        if value.__class__ is dict:
            member = value[item]
            if member is UNDEFINED:
                continue
            parts.append(separator + encode_basestring(item) + (": " if line else ":"))
        else:
            member = item
            parts.append(separator)
        _write(member, parts, inner)
        separator = "," + inner
    parts.append(brackets if separator[0] == brackets[0] else line + brackets[1])
