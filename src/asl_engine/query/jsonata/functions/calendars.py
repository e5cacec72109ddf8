"""The calendar in integers: days since 1970-01-01, without the bounds of `datetime`."""

from __future__ import annotations

from typing import NamedTuple

DAY = 86_400_000
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class Moment(NamedTuple):
    """A point in time taken apart; `weekday` is 1 for Monday to 7 for Sunday."""

    days: int
    year: int
    month: int
    day: int
    weekday: int
    hour: int
    minute: int
    second: int
    milli: int


def moment(millis: int) -> Moment:
    days, rest = divmod(millis, DAY)
    seconds, milli = divmod(rest, 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return Moment(days, *civil_from_days(days), (days + 3) % 7 + 1, hour, minute, second, milli)


def days_from_civil(year: int, month: int, day: int) -> int:
    """Months beyond 1..12 and days beyond the month's carry over. Years are counted from March, so that leap days end
    them."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    year -= month <= 2
    era, of_era = divmod(year, 400)
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def civil_from_days(days: int) -> tuple[int, int, int]:
    era, of_era = divmod(days + 719_468, 146_097)
    year_of_era = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * of_year + 2) // 153
    month = shifted + 3 if shifted < 10 else shifted - 9
    return year_of_era + era * 400 + (month <= 2), month, of_year - (153 * shifted + 2) // 5 + 1


def days_in_month(year: int, month: int) -> int:
    leap = month == 2 and ((year % 4 == 0 and year % 100 != 0) or year % 400 == 0)
    return 29 if leap else _MONTH_DAYS[month - 1]


def week_of(at: Moment) -> tuple[int, int, int, int]:
    """(ISO year, week of the year, month, week of the month): a week belongs where its Thursday lies."""
    thursday = at.days + 4 - at.weekday
    year, month, day = civil_from_days(thursday)
    week = (thursday - days_from_civil(year, 1, 1)) // 7 + 1
    return year, week, month, (day - 1) // 7 + 1
