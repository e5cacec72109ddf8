"""Functions on points in time, in milliseconds since 1970. Pictures live in `datetime_pictures`, loaded when used."""

from __future__ import annotations

import math
import re

from asl_engine.query.jsonata.callables import Builtin
from asl_engine.query.jsonata.messages import JsonataError
from asl_engine.query.jsonata.values import UNDEFINED, Run, Value

_ISO = re.compile(
    r"(\d{4})(?:-([01]\d))?(?:-([0-3]\d))?"
    r"(?:T([0-2]\d):([0-5]\d):([0-5]\d))?(?:\.(\d+))?(?:([+-])([0-2]\d):?([0-5]\d)|Z)?"
)
_MAX_MILLIS = 8_640_000_000_000_000
"""What a JavaScript Date can hold."""


def now(run: Run, picture: Value = UNDEFINED, timezone: Value = UNDEFINED) -> Value:
    return from_millis(run.environment.now_ms, picture, timezone)


def millis(run: Run) -> Value:
    return run.environment.now_ms


def from_millis(moment: Value, picture: Value = UNDEFINED, timezone: Value = UNDEFINED) -> Value:
    if moment is UNDEFINED:
        return UNDEFINED
    if not math.isfinite(moment) or abs(moment) > _MAX_MILLIS:
        raise JsonataError("D1001", value=moment)
    from asl_engine.query.jsonata.functions.datetime_pictures import format_datetime

    return format_datetime(math.trunc(moment), picture, timezone)


def to_millis(run: Run, text: Value, picture: Value = UNDEFINED) -> Value:
    if text is UNDEFINED:
        return UNDEFINED
    if picture is UNDEFINED:
        return _from_iso(text)
    from asl_engine.query.jsonata.functions.datetime_parsing import parse_datetime

    return parse_datetime(text, picture, run.environment.now_ms)


def _from_iso(text: str) -> Value:
    """An ISO 8601 text; without a zone it is taken as UTC."""
    from asl_engine.query.jsonata.functions.calendars import days_from_civil, days_in_month

    found = _ISO.fullmatch(text)
    if found is None:
        raise JsonataError("D3110", value=text)
    year, month, day, hour, minute, second = (
        int(part or default) for part, default in zip(found.groups()[:6], (0, 1, 1, 0, 0, 0), strict=True)
    )
    if not 1 <= month <= 12 or not 1 <= day <= days_in_month(year, month) or hour > 24:
        raise JsonataError("D3110", value=text)
    fraction = int((found[7] or "0")[:3].ljust(3, "0"))
    offset = (int(found[9]) * 60 + int(found[10])) * (-1 if found[8] == "-" else 1) if found[8] else 0
    minutes = (days_from_civil(year, month, day) * 24 + hour) * 60 + minute - offset
    return (minutes * 60 + second) * 1000 + fraction


FUNCTIONS = (
    Builtin("now", "<s?s?:s>", now, arity=2, uses_run=True),
    Builtin("millis", "<:n>", millis, arity=0, uses_run=True),
    Builtin("fromMillis", "<n-s?s?:s>", from_millis, arity=3),
    Builtin("toMillis", "<s-s?:n>", to_millis, arity=2, uses_run=True),
)
