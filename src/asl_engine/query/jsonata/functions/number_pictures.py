"""`$formatNumber`: numbers by picture, as XPath's format-number defines them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from asl_engine.query.jsonata.functions.integer_pictures import MAX_PICTURE, regular_interval
from asl_engine.query.jsonata.functions.numbers import round_half_even
from asl_engine.query.jsonata.messages import JsonataError, too_large

_DEFAULTS = {
    "decimal-separator": ".",
    "grouping-separator": ",",
    "exponent-separator": "e",
    "minus-sign": "-",
    "percent": "%",
    "per-mille": "\u2030",
    "zero-digit": "0",
    "digit": "#",
    "pattern-separator": ";",
}


@dataclass(slots=True)
class _Symbols:
    point: str
    group: str
    exponent: str
    minus: str
    percent: str
    per_mille: str
    zero: str
    digit: str
    separator: str

    @property
    def digits(self) -> str:
        """The ten digits of the family that `zero` begins."""
        return "".join(chr(ord(self.zero) + place) for place in range(10))

    @property
    def active(self) -> str:
        return self.digits + self.point + self.exponent + self.group + self.digit + self.separator


@dataclass(slots=True)
class _Picture:
    """A sub-picture taken apart."""

    text: str
    prefix: str
    suffix: str
    active: str
    mantissa: str
    exponent: str | None
    integer: str
    fraction: str


def format_number(value: float, picture: str, options: dict[str, Any]) -> str:
    symbols = _symbols(options)
    if len(picture) > MAX_PICTURE:
        raise too_large()
    pictures = [_take_apart(text, symbols) for text in picture.split(symbols.separator)]
    if len(pictures) > 2:
        raise JsonataError("D3080")
    for each in pictures:
        _check(each, symbols)
    chosen = pictures[0]
    prefix = chosen.prefix
    if value < 0:
        chosen = pictures[-1]
        prefix = chosen.prefix if len(pictures) == 2 else symbols.minus + chosen.prefix
    return prefix + _write(abs(value), chosen, symbols) + chosen.suffix


def _symbols(options: dict[str, Any]) -> _Symbols:
    values = {**_DEFAULTS, **{key: value for key, value in options.items() if key in _DEFAULTS}}
    for key, value in values.items():
        if not isinstance(value, str) or not value or (key == "zero-digit" and len(value) != 1):
            raise JsonataError("T0410", value=options, index=3)
    return _Symbols(*values.values())


def _take_apart(text: str, symbols: _Symbols) -> _Picture:
    """Passive characters stand before and after the active ones."""
    places = [place for place, char in enumerate(text) if char in symbols.active and char != symbols.exponent]
    if not places:
        raise JsonataError("D3086")
    prefix, suffix = text[: places[0]], text[places[-1] + 1 :]
    active = text[places[0] : places[-1] + 1]
    mantissa, mark, exponent = active.partition(symbols.exponent)
    integer, _, fraction = mantissa.partition(symbols.point)
    return _Picture(text, prefix, suffix, active, mantissa, exponent if mark else None, integer, fraction)


def _check(picture: _Picture, symbols: _Symbols) -> None:
    for code, wrong in _faults(picture, symbols):
        if wrong:
            raise JsonataError(code)


def _faults(picture: _Picture, symbols: _Symbols) -> list[tuple[str, bool]]:
    """In the order in which the reference looks for them."""
    text, integer, fraction, group, point = (
        picture.text,
        picture.integer,
        picture.fraction,
        symbols.group,
        symbols.point,
    )
    digits, optional = symbols.digits, symbols.digit
    percents, per_milles = text.count(symbols.percent), text.count(symbols.per_mille)
    before_optional = integer.partition(optional)[0] if optional in integer else ""
    after_optional = fraction.rpartition(optional)[2] if optional in fraction else ""
    exponent = picture.exponent
    return [
        ("D3081", text.count(point) > 1),
        ("D3082", percents > 1),
        ("D3083", per_milles > 1),
        ("D3084", percents > 0 and per_milles > 0),
        ("D3085", not any(char in digits or char == optional for char in picture.mantissa)),
        ("D3086", any(char not in symbols.active for char in picture.active)),
        ("D3087", group + point in text or point + group in text),
        ("D3088", point not in text and integer.endswith(group)),
        ("D3089", group + group in text),
        ("D3090", any(char in digits for char in before_optional)),
        ("D3091", any(char in digits for char in after_optional)),
        ("D3092", bool(exponent) and (percents > 0 or per_milles > 0)),
        ("D3093", exponent is not None and (not exponent or any(char not in digits for char in exponent))),
    ]


def _write(value: float, picture: _Picture, symbols: _Symbols) -> str:
    least_integer, least_fraction, most_fraction, least_exponent = _sizes(picture, symbols)
    if symbols.percent in picture.text:
        value *= 100
    elif symbols.per_mille in picture.text:
        value *= 1000
    exponent = 0
    if picture.exponent is not None:
        scaling = _count(picture.integer, symbols.digits)
        value, exponent = _scale(value, scaling)
    text = f"{round_half_even(float(value), most_fraction):.{most_fraction}f}"
    integer, _, fraction = text.partition(".")
    integer, fraction = integer.lstrip("0").rjust(least_integer, "0"), fraction.rstrip("0").ljust(least_fraction, "0")
    written = _grouped_integer(integer, picture, symbols)
    if fraction and symbols.point in picture.text:
        written += symbols.point + _grouped_fraction(fraction, picture, symbols)
    if picture.exponent is not None:
        sign = symbols.minus if exponent < 0 else ""
        written += symbols.exponent + sign + _digits(str(abs(exponent)).rjust(least_exponent, "0"), symbols)
    return written


def _sizes(picture: _Picture, symbols: _Symbols) -> tuple[int, int, int, int]:
    """The least digits before the point, the least and most after it, and the least of the exponent."""
    digits, optional = symbols.digits, symbols.digit
    integer = _count(picture.integer, digits)
    least, most = _count(picture.fraction, digits), _count(picture.fraction, digits + optional)
    exponent = picture.exponent
    if integer == 0 and most == 0:
        if exponent is not None:
            least = most = 1
        else:
            integer = 1
    if exponent is not None and integer == 0 and optional in picture.integer:
        integer = 1
    if integer == 0 and least == 0:
        least = 1
    return integer, least, most, _count(exponent or "", digits)


def _count(text: str, characters: str) -> int:
    return sum(char in characters for char in text)


def _scale(value: float, digits: int) -> tuple[float, int]:
    """A mantissa with so many digits before the point, and its exponent."""
    exponent = 0
    if value == 0:
        return value, exponent
    low, high = 10.0 ** (digits - 1), 10.0**digits
    while value < low:
        value *= 10
        exponent -= 1
    while value > high:
        value /= 10
        exponent += 1
    return value, exponent


def _digits(text: str, symbols: _Symbols) -> str:
    if symbols.zero == "0":
        return text
    return "".join(symbols.digits[int(char)] for char in text)


def _places(part: str, symbols: _Symbols, *, before: bool) -> list[int]:
    """For each grouping separator how many digits stand after it, or before it."""
    digits = symbols.digits + symbols.digit
    return [
        _count(part[:place] if before else part[place:], digits)
        for place, char in enumerate(part)
        if char == symbols.group
    ]


def _grouped_integer(text: str, picture: _Picture, symbols: _Symbols) -> str:
    places = _places(picture.integer, symbols, before=False)
    interval = regular_interval(places) if places else 0
    if interval:
        places = [interval * count for count in range(1, (len(text) - 1) // interval + 1)]
    end = len(text)
    text = _digits(text, symbols)
    for place in sorted(places):
        if place < end:
            text = text[: end - place] + symbols.group + text[end - place :]
    return text


def _grouped_fraction(text: str, picture: _Picture, symbols: _Symbols) -> str:
    text = _digits(text, symbols)
    for place in reversed(_places(picture.fraction, symbols, before=True)):
        if place < len(text):
            text = text[:place] + symbols.group + text[place:]
    return text
