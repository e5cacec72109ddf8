"""RFC 3339 timestamps as AWS takes them, to and from integer milliseconds since the epoch.

The strict form of the States language ("Timestamps"): a capital T between date and time, seconds present, and a capital
Z or a numeric offset at the end. Fractions may have 1 to 9 digits (recorded: nanoseconds are accepted).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def parse_timestamp(text: str) -> int | None:
    """Milliseconds since the epoch, or None where the text is not a timestamp."""
    nanoseconds = parse_nanoseconds(text)
    return None if nanoseconds is None else nanoseconds // 1_000_000


def parse_nanoseconds(text: str) -> int | None:
    """Nanoseconds since the epoch, for comparing, or None where the text is not a timestamp."""
    form = _FORM.fullmatch(text)
    if form is None:
        return None
    from dateutil.parser import isoparse

    fraction = form[1] or ""
    try:
        whole = isoparse(text[:19] + form[2])
        return int((whole - _EPOCH).total_seconds()) * 1_000_000_000 + int((fraction[1:] or "0").ljust(9, "0"))
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=128)
def format_timestamp(milliseconds: int) -> str:
    """ISO 8601 in UTC; fractions show 0 or 3 digits, as the context object shows them.

    >>> format_timestamp(0), format_timestamp(1_500)
    ('1970-01-01T00:00:00Z', '1970-01-01T00:00:01.500Z')
    """
    moment = _EPOCH + milliseconds * _MILLISECOND
    text = moment.strftime("%Y-%m-%dT%H:%M:%S") if moment.year >= 1000 else moment.isoformat()[:19]
    thousandths = milliseconds % 1000
    return f"{text}.{thousandths:03d}Z" if thousandths else f"{text}Z"
