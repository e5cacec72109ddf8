"""What AWS changed after recordings were made: a recording older than a change is read as AWS would show it now.

A change stands here only where recordings before and after it differ in nothing else, and its date lies between them.
"""

from __future__ import annotations

from datetime import datetime

from .compare import Json

EXIT_FOLLOWS_MAP_RUN_STARTED = datetime(2024, 10, 1)
"""MapStateExited of a distributed Map once followed MapRunSucceeded (recordings of September 2023 to August 2024). Now
it follows MapRunStarted (recordings of November 2024 to March 2025, without exception)."""


def as_aws_shows_now(events: list[dict[str, Json]], recorded_date: str | None) -> list[dict[str, Json]]:
    """The events of a recording, with what AWS has changed since; a recording without a date is taken as new."""
    if recorded_date is None or datetime.strptime(recorded_date, "%d-%m-%Y, %H:%M:%S") >= EXIT_FOLLOWS_MAP_RUN_STARTED:
        return events
    succeeded = [event for event in events if event["type"] == "MapRunSucceeded"]
    return [_exit_now(event, succeeded) if event["type"] == "MapStateExited" else event for event in events]


def _exit_now(event: dict[str, Json], succeeded: list[dict[str, Json]]) -> dict[str, Json]:
    for followed in succeeded:
        if followed["id"] == event["previousEventId"]:
            return event | {"previousEventId": followed["previousEventId"]}
    return event
