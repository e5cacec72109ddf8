"""RFC 3339 timestamps as AWS takes them, to and from integer milliseconds since the epoch.

The strict form of the States language ("Timestamps"): a capital T between date and time, seconds present, and a capital
Z or a numeric offset at the end. Fractions may have 1 to 9 digits (recorded: nanoseconds are accepted).
"""

from __future__ import annotations

import re
from functools import lru_cache

_FORM = r"(?a)\d{4}-\d\d-\d\dT([01]\d|2[0-3]):\d\d:\d\d(\.\d{1,9})?(Z|[+-]((0\d|1[0-7]):[0-5]\d|18:00))"
"""Texts, not compiled patterns, here and elsewhere: `re` compiles them when first used, which keeps importing cheap."""


def parse_timestamp(text: str) -> int | None:
    """Milliseconds since the epoch, or None where the text is not a timestamp."""
    nanoseconds = parse_nanoseconds(text)
    return None if nanoseconds is None else nanoseconds // 1_000_000


def parse_nanoseconds(text: str) -> int | None:
    """Nanoseconds since the epoch, for comparing, or None where the text is not a timestamp."""
    form = re.fullmatch(_FORM, text)
    if form is None:
        return None
    from datetime import UTC, datetime

    from dateutil.parser import isoparse

    fraction = form[2] or ""
    try:
        whole = isoparse(text[:19] + form[3])
        seconds = int((whole - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
        return seconds * 1_000_000_000 + int((fraction[1:] or "0").ljust(9, "0"))
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=128)
def format_timestamp(milliseconds: int) -> str:
    """ISO 8601 in UTC; fractions show 0 or 3 digits, as the context object shows them.

    >>> format_timestamp(0), format_timestamp(1_500)
    ('1970-01-01T00:00:00Z', '1970-01-01T00:00:01.500Z')
    """
    from datetime import UTC, datetime, timedelta

    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    except OverflowError:  # virtual time may go where calendars end
        moment = datetime.max.replace(tzinfo=UTC)
    text = moment.strftime("%Y-%m-%dT%H:%M:%S") if moment.year >= 1000 else moment.isoformat()[:19]
    thousandths = milliseconds % 1000
    return f"{text}.{thousandths:03d}Z" if thousandths else f"{text}Z"
