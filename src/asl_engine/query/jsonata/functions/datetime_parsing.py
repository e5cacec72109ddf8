"""Texts to points in time by a picture. What the picture does not name is taken from now if it is greater than what it
names, and is the least possible if it is smaller; a gap in between is an error."""

from __future__ import annotations

import re
from collections.abc import Callable

from asl_engine.query.jsonata.functions.calendars import DAY, days_from_civil, moment
from asl_engine.query.jsonata.functions.datetime_pictures import Marker, analyse, fragment, names_of
from asl_engine.query.jsonata.functions.integer_pictures import parse
from asl_engine.query.jsonata.messages import JsonataError
from asl_engine.query.jsonata.values import UNDEFINED, Value

Parser = Callable[[str], int | None]


def parse_datetime(text: str, picture: str, now_ms: int) -> Value:
    """Milliseconds since 1970, or UNDEFINED if the text does not match the picture."""
    markers = [part for part in analyse(picture).parts if isinstance(part, Marker)]
    matchers = [_matcher(marker) for marker in markers]
    patterns = iter(matchers)
    pattern = "".join(
        re.escape(part) if isinstance(part, str) else f"({next(patterns)[0]})" for part in analyse(picture).parts
    )
    found = re.compile(pattern, re.IGNORECASE | re.ASCII).fullmatch(text)
    if found is None or not markers:
        return UNDEFINED
    components: dict[str, int] = {}
    for marker, (_, parser), part in zip(markers, matchers, found.groups(), strict=True):
        value = parser(part)
        if value is None:
            return UNDEFINED
        components[marker.component] = value
    return _assemble(components, now_ms)


def _matcher(marker: Marker) -> tuple[str, Parser]:
    """The pattern of a component's text, and what the text stands for."""
    spec = marker.integer
    if marker.component in ("Z", "z") and spec is not None:
        separator = spec.separators[0][1] if spec.separators else ""
        pattern = "[-+][0-9]+" + (re.escape(separator) + "[0-9]+" if separator else "")
        return ("GMT" if marker.component == "z" else "") + pattern, lambda text: _offset(text, separator)
    if marker.component == "f" and spec is not None and spec.style == "decimal":
        return spec.pattern, lambda text: int(text[:3].ljust(3, "0"))
    if spec is not None:
        return spec.pattern, lambda text: int(parse(text, spec))
    names = ["am", "pm"] if marker.component == "P" else names_of(marker.component)
    if names is None:
        raise JsonataError("D3133", value=marker.component)
    first = 0 if marker.component == "P" else 1
    values = {name[: marker.widest].lower(): value for value, name in enumerate(names, first)}
    return "[a-zA-Z]+", lambda text: values.get(text.lower())


def _offset(text: str, separator: str) -> int:
    """A zone's minutes."""
    digits = text.removeprefix("GMT").removeprefix("gmt")
    sign, digits = (-1 if digits[0] == "-" else 1), digits[1:]
    if separator:
        hours, _, minutes = digits.partition(separator)
    elif len(digits) <= 2:
        hours, minutes = digits, "0"
    else:
        hours, minutes = digits[:2], digits[2:]
    return sign * (int(hours) * 60 + int(minutes))


def _assemble(given: dict[str, int], now_ms: int) -> Value:
    date = _date_components(given)
    half_days = bool({"P", "h"} & given.keys()) and "H" not in given
    values = _fill(given, date + ("Phmsf" if half_days else "Hmsf"), now_ms)
    if date[0] == "X":
        raise JsonataError("D3136")
    year = values["Y"] + 1900 if 0 <= values["Y"] <= 99 else values["Y"]
    if "d" in date:
        days = days_from_civil(year, 1, 1) + values["d"] - 1
    else:
        days = days_from_civil(year, max(values["M"], 1), 1) + values["D"] - 1
    hour = values["h"] % 12 + 12 * values["P"] if half_days else values["H"]
    minutes = hour * 60 + values["m"] - given.get("Z", given.get("z", 0))
    result = days * DAY + (minutes * 60 + values["s"]) * 1000 + values["f"]
    if abs(result) > 8_640_000_000_000_000:
        raise JsonataError("D1001", value=result)
    return result


def _date_components(given: dict[str, int]) -> str:
    """Which kind of date the components make: by month, by day of the year, or by week."""
    date = {component for component in given if component in "YXMxWwdD"}
    if date <= set("YMD"):
        return "YMD"
    if date <= set("Yd"):
        return "Yd"
    if date <= set("Xxw"):
        return "XxwF"
    return "XWF" if date <= set("XW") else "YMD"


def _fill(given: dict[str, int], components: str, now_ms: int) -> dict[str, int]:
    now = moment(now_ms)
    values: dict[str, int] = {}
    begun = ended = False
    for component in components:
        if component in given:
            if ended:
                raise JsonataError("D3136")
            begun = True
            values[component] = given[component]
        elif begun:
            values[component] = 1 if component in "MDd" else 0
            ended = True
        else:
            values[component] = fragment(now, component)
    return values
