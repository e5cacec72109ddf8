"""Timestamps: RFC 3339 in the strict form of the States language, to and from milliseconds."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asl_engine.timestamp import format_timestamp, parse_nanoseconds, parse_timestamp

FIRST = round(datetime(1, 1, 1, tzinfo=UTC).timestamp() * 1000)
LAST = round(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp() * 1000)

READ = {
    "1970-01-01T00:00:00Z": 0,
    "2024-01-01T00:00:00Z": 1_704_067_200_000,
    "2024-01-01T00:00:00.5Z": 1_704_067_200_500,
    "2024-01-01T00:00:00.123456789Z": 1_704_067_200_123,
    "2024-01-01T02:00:00+02:00": 1_704_067_200_000,
    "2023-12-31T18:30:00-05:30": 1_704_067_200_000,
    "2024-01-01T00:00:00-00:00": 1_704_067_200_000,
    "2024-02-29T12:00:00Z": 1_709_208_000_000,
    "1969-12-31T23:59:59Z": -1_000,
}

REFUSED = [
    "",
    "2024-01-01",
    "2024-01-01T00:00:00",
    "2024-01-01T00:00Z",
    "2024-01-01 00:00:00Z",
    "2024-01-01t00:00:00Z",
    "2024-01-01T00:00:00z",
    "2024-01-01T00:00:00.Z",
    "2024-01-01T00:00:00.1234567890Z",
    "2024-01-01T00:00:00,5Z",
    "2024-01-01T00:00:00+0200",
    "2024-01-01T00:00:00+02",
    "2024-01-01T00:00:00Z ",
    "2024-01-01T00:00:00Z\n",
    "20240101T000000Z",
    "2024-13-01T00:00:00Z",
    "2023-02-29T00:00:00Z",
    "2024-01-01T24:00:00Z",
    "2024-01-01T00:60:00Z",
    "2024-01-01T00:00:00+24:00",
    "2024-01-01T00:00:00+18:01",
    "2024-01-01T00:00:00-19:00",
    "٢٠٢٤-01-01T00:00:00Z",
    "0000-01-01T00:00:00Z",
]


@pytest.mark.parametrize("text, milliseconds", READ.items(), ids=READ.keys())
def test_a_timestamp_is_milliseconds_since_the_epoch(text: str, milliseconds: int) -> None:
    assert parse_timestamp(text) == milliseconds


@pytest.mark.parametrize("text", REFUSED)
def test_a_text_of_any_other_form_is_no_timestamp(text: str) -> None:
    assert parse_timestamp(text) is None


def test_nanoseconds_tell_moments_apart_that_milliseconds_do_not() -> None:
    one, other = "2024-01-01T00:00:00.000000001Z", "2024-01-01T00:00:00.000000002Z"
    assert parse_timestamp(one) == parse_timestamp(other)
    assert parse_nanoseconds(other) - parse_nanoseconds(one) == 1


@given(st.integers(FIRST, LAST))
def test_what_is_written_reads_back_as_the_same_moment(milliseconds: int) -> None:
    assert parse_timestamp(format_timestamp(milliseconds)) == milliseconds


WRITTEN = {
    0: "1970-01-01T00:00:00Z",
    1_704_067_200_000: "2024-01-01T00:00:00Z",
    1_704_067_200_050: "2024-01-01T00:00:00.050Z",
    -1: "1969-12-31T23:59:59.999Z",
    -62_135_596_800_000: "0001-01-01T00:00:00Z",
}


@pytest.mark.parametrize("milliseconds, text", WRITTEN.items(), ids=WRITTEN.values())
def test_a_moment_is_written_in_utc_with_no_or_three_digits_of_fraction(milliseconds: int, text: str) -> None:
    assert format_timestamp(milliseconds) == text


@given(st.text(max_size=30))
def test_any_text_is_a_timestamp_or_none(text: str) -> None:
    assert parse_timestamp(text) is None or isinstance(parse_timestamp(text), int)
