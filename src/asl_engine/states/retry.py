"""Retry: specification "Retrying after error". The tally counts, for each retrier, the attempts of this state visit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from asl_engine.definition.described import Drafting, Schema, described
from asl_engine.definition.fields import Place, asl, number, one_of, read_object, show, string, whole_number
from asl_engine.jsonvalue import Json
from asl_engine.query.scope import Entropy
from asl_engine.records import record
from asl_engine.states.failure import Failure, check_all_is_last, compile_matcher, error_equals

MAX_DELAY_SECONDS = 31_622_400


@record(frozen=True, slots=True, kw_only=True)
class Retrier:
    """One item of a `Retry` list."""

    error_equals: tuple[str, ...] = asl("ErrorEquals", error_equals, default=(), required=True)
    interval_seconds: int = asl("IntervalSeconds", whole_number(1, 99_999_999), default=1)
    max_attempts: int = asl("MaxAttempts", whole_number(0, 99_999_999), default=3)
    backoff_rate: float = asl("BackoffRate", number(1, float("inf")), default=2.0)
    max_delay_seconds: int | None = asl("MaxDelaySeconds", whole_number(1, MAX_DELAY_SECONDS))
    jitter_strategy: str = asl("JitterStrategy", one_of("NONE", "FULL"), default="NONE")
    comment: str | None = asl("Comment", string)


def _draft_retry(drafting: Drafting) -> Schema:
    return {"type": "array", "items": drafting.of(_read_retrier)}


@described(_draft_retry)
def read_retry(value: Json, place: Place) -> tuple[Retrier, ...]:
    """Reads a `Retry` list."""
    if not isinstance(value, list):
        place.error(f"must be an array of retriers, not {show(value)}")
        return ()
    check_all_is_last(value, place)
    retriers = (_read_retrier(item, place.at(index)) for index, item in enumerate(value))
    return tuple(retrier for retrier in retriers if retrier is not None)


@described(lambda drafting: drafting.fields(Retrier), "Retrier")
def _read_retrier(value: Json, place: Place) -> Retrier | None:
    read: dict[str, Any] | None = read_object(Retrier, value, place)
    if read is None:
        return None
    longest = read.get("max_delay_seconds")
    if isinstance(longest, int) and longest <= (read.get("interval_seconds") or 1):
        place.at("MaxDelaySeconds").error(f"must be greater than IntervalSeconds, not {longest}")
    return Retrier(**read)


RetryPolicy = Callable[[Failure, list[int], Entropy], int | None]
"""(failure, tally, entropy) -> the delay in milliseconds before the next attempt, None where none is due.
Counts the attempt in the tally."""


def compile_retry(retriers: Sequence[Retrier]) -> RetryPolicy | None:
    """The policy of a `Retry` list; the first retrier that matches decides, exhausted or not."""
    if not retriers:
        return None
    matchers = [(compile_matcher(retrier.error_equals), retrier) for retrier in retriers]

    def policy(failure: Failure, tally: list[int], entropy: Entropy) -> int | None:
        for index, (matches, retrier) in enumerate(matchers):
            if matches(failure):
                if tally[index] >= retrier.max_attempts:
                    return None
                tally[index] += 1
                return delay_milliseconds(retrier, tally[index] - 1, entropy)
        return None

    return policy


def delay_milliseconds(retrier: Retrier, attempts_made: int, entropy: Entropy) -> int:
    """interval x rate^attempts, capped at MaxDelaySeconds; FULL jitter draws evenly between 0 and that."""
    try:
        seconds = retrier.interval_seconds * retrier.backoff_rate**attempts_made
    except OverflowError:
        seconds = float("inf")
    seconds = min(seconds, retrier.max_delay_seconds or 99_999_999)
    if retrier.jitter_strategy == "FULL":
        seconds *= entropy.random()
    return round(seconds * 1000)
