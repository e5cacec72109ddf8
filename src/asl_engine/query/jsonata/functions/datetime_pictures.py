"""Date-time pictures, `[Y0001]-[M01]-[D01]`: read once, then written (here) or parsed (`datetime_parsing`)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from asl_engine.query.jsonata.functions.calendars import Moment, days_from_civil, moment, week_of
from asl_engine.query.jsonata.functions.integer_pictures import MAX_PICTURE, IntegerFormat, read_picture, write
from asl_engine.query.jsonata.messages import JsonataError, too_large
from asl_engine.query.jsonata.values import UNDEFINED, Value

MONTHS = [
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
]
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_DEFAULTS = {
    **dict.fromkeys("YMDdWwXxHhf", "1"),
    **dict.fromkeys("FPCE", "n"),
    **dict.fromkeys("ms", "01"),
    **dict.fromkeys("Zz", "01:01"),
}
_INTEGERS = "YMDdFWwXxHhPmsf"
_ISO = "[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]"


@dataclass(slots=True)
class Marker:
    """`[...]` in a picture. `names`: "upper", "lower" or "title" if the component is written as a name."""

    component: str
    modifier: str = ""
    names: str = ""
    widest: int | None = None
    integer: IntegerFormat | None = None
    year_digits: int = 0


@dataclass(slots=True)
class Picture:
    parts: list[str | Marker] = field(default_factory=list)


@lru_cache(maxsize=128)
def analyse(text: str) -> Picture:
    """Raises D3132, D3133, D3135 or, for a zone, D3131."""
    if len(text) > MAX_PICTURE:
        raise too_large()
    picture = Picture()
    place = 0
    while (opening := text.find("[", place)) >= 0:
        _add_literal(picture, text[place:opening])
        if text.startswith("[[", opening):
            _add_literal(picture, "[")
            place = opening + 2
            continue
        closing = text.find("]", opening)
        if closing < 0:
            raise JsonataError("D3135")
        marker = _read_marker("".join(text[opening + 1 : closing].split()))
        previous = picture.parts[-1] if picture.parts else None
        if marker.integer and isinstance(previous, Marker) and previous.integer:
            previous.integer.parse_width = previous.integer.mandatory
        picture.parts.append(marker)
        place = closing + 1
    _add_literal(picture, text[place:])
    return picture


def _add_literal(picture: Picture, text: str) -> None:
    if text:
        picture.parts.append(text.replace("]]", "]"))


def _read_marker(text: str) -> Marker:
    component = text[:1]
    presentation, comma, width = text[1:].rpartition(",") if "," in text else (text[1:], "", "")
    marker = Marker(component)
    if len(presentation) > 1 and presentation[-1] in "atco":
        presentation, marker.modifier = presentation[:-1], presentation[-1]
    presentation = presentation or _DEFAULTS.get(component, "")
    if not presentation:
        raise JsonataError("D3132", value=component)
    narrowest, marker.widest = _read_width(width) if comma else (None, None)
    if presentation[0] == "n":
        marker.names = "lower"
    elif presentation[0] == "N":
        marker.names = "title" if presentation[1:2] == "n" else "upper"
    elif component in _INTEGERS:
        marker.integer = _read_integer(marker, presentation, narrowest)
    if component in ("Z", "z"):
        marker.integer = read_picture(presentation)
    return marker


def _read_width(text: str) -> tuple[int | None, int | None]:
    least, _, most = text.partition("-")
    return _width(least), _width(most)


def _width(text: str) -> int | None:
    digits = re.match("[0-9]{1,4}", text)
    return int(digits[0]) if digits else None


def _read_integer(marker: Marker, presentation: str, narrowest: int | None) -> IntegerFormat:
    spec = read_picture(f"{presentation};{marker.modifier}" if marker.modifier else presentation)
    spec.mandatory = max(spec.mandatory, narrowest or 0)
    if marker.component in "YMD":
        if marker.widest is not None:
            spec.mandatory = marker.year_digits = marker.widest
        elif spec.mandatory + spec.optional >= 2:
            marker.year_digits = spec.mandatory + spec.optional
    return spec


def format_datetime(millis: int, picture: Value, timezone: Value) -> str:
    offset = 0 if timezone is UNDEFINED else _read_offset(timezone)
    parts = analyse(_ISO if picture is UNDEFINED else picture).parts
    at = moment(millis + offset * 60_000)
    return "".join(part if isinstance(part, str) else _write_marker(part, at, offset) for part in parts)


def _read_offset(text: str) -> int:
    """`+0530` in minutes."""
    found = re.match("[ \t\n\r]*([-+]?)([0-9]{1,6})", text)
    if found is None:
        raise JsonataError("T0410", value=text, index=3)
    hours, minutes = divmod(int(found[2]), 100)
    return (hours * 60 + minutes) * (-1 if found[1] == "-" else 1)


def _write_marker(marker: Marker, at: Moment, offset: int) -> str:
    component = marker.component
    if component in ("Z", "z"):
        return _write_zone(marker, offset)
    if component == "P":
        half = "am" if at.hour < 12 else "pm"
        return half.upper() if marker.names == "upper" else half
    if component in ("C", "E"):
        return "ISO"
    value = fragment(at, component)
    if marker.names:
        return _write_name(marker, value)
    if component == "Y" and marker.year_digits:
        value %= 10**marker.year_digits
    assert marker.integer is not None
    return write(value, marker.integer)


def _write_name(marker: Marker, value: int) -> str:
    names = names_of(marker.component)
    if names is None:
        raise JsonataError("D3133", value=marker.component)
    name = names[value - 1]
    name = name.upper() if marker.names == "upper" else name.lower() if marker.names == "lower" else name
    return name if marker.widest is None else name[: marker.widest]


def names_of(component: str) -> list[str] | None:
    return MONTHS if component in ("M", "x") else WEEKDAYS if component == "F" else None


def _write_zone(marker: Marker, offset: int) -> str:
    spec = marker.integer
    assert spec is not None
    if offset == 0 and marker.modifier == "t":
        return "Z"
    hours, minutes = divmod(abs(offset), 60)
    if spec.every or spec.mandatory in (3, 4):
        text = write(hours * 100 + minutes, spec)
    elif spec.mandatory in (1, 2):
        text = write(hours, spec) + (f":{minutes:02}" if minutes else "")
    else:
        raise JsonataError("D3134", value=spec.mandatory)
    return ("GMT" if marker.component == "z" else "") + ("-" if offset < 0 else "+") + text


def fragment(at: Moment, component: str) -> int:
    """The value of a component that is a number; `P` is 0 before noon and 1 after."""
    if component in "WwXx":
        year, week, month, week_of_month = week_of(at)
        return {"X": year, "W": week, "x": month, "w": week_of_month}[component]
    simple = {
        "Y": at.year,
        "M": at.month,
        "D": at.day,
        "F": at.weekday,
        "H": at.hour,
        "h": at.hour % 12 or 12,
        "P": at.hour // 12,
        "m": at.minute,
        "s": at.second,
        "f": at.milli,
    }
    if component == "d":
        return at.days - days_from_civil(at.year, 1, 1) + 1
    if component not in simple:
        raise JsonataError("D3132", value=component)
    return simple[component]
