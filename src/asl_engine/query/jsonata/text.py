"""Values as text: what `$string` and `&` make of them, written as JavaScript writes JSON."""

from __future__ import annotations

import math
from json.encoder import encode_basestring

from asl_engine.query.jsonata.messages import JsonataError, too_large
from asl_engine.query.jsonata.values import MAX_TEXT, Function, Value


def to_text(value: Value, pretty: bool = False) -> str:
    """A value as text: a string as it is, a function as "", the rest as JSON with numbers of at most 15 digits."""
    kind = value.__class__
    if kind is str:
        return str(value)
    if kind is int or kind is float:
        if not math.isfinite(value):
            raise JsonataError("D3001", value=value)
        return number_text(value)
    if isinstance(value, Function):
        return ""
    writer = _Writer()
    writer.value(value, "\n" if pretty else "")
    return "".join(writer.parts)


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


class _Writer:
    """Gathers the parts of a JSON text, as long as it does not grow too large."""

    __slots__ = ("parts", "size")

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.size = 0

    def add(self, part: str) -> None:
        self.parts.append(part)
        self.size += len(part)
        if self.size > MAX_TEXT:
            raise too_large()

    def value(self, value: Value, line: str) -> None:
        """`line` is "" or the line break and indentation that stand before the value's own brackets."""
        kind = value.__class__
        if kind is str:
            self.add(encode_basestring(value))
        elif kind is int or kind is float:
            if not math.isfinite(value):
                raise JsonataError("D1001", value=value)
            self.add(number_text(value))
        elif value is True or value is False:
            self.add("true" if value else "false")
        elif kind is dict:
            self.object(value, line)
        elif isinstance(value, list):
            self.array(value, line)
        else:
            self.add('""' if isinstance(value, Function) else "null")

    def object(self, value: dict[str, Value], line: str) -> None:
        inner = line + "  " if line else ""
        separator = "{" + inner
        for key, member in value.items():
            self.add(separator + encode_basestring(key) + (": " if line else ":"))
            self.value(member, inner)
            separator = "," + inner
        self.add(line + "}" if value else "{}")

    def array(self, value: list[Value], line: str) -> None:
        inner = line + "  " if line else ""
        separator = "[" + inner
        for item in value:
            self.add(separator)
            self.value(item, inner)
            separator = "," + inner
        self.add(line + "]" if value else "[]")
