"""The comparing rules for histories.

- `input`, `output`, `parameters` and assigned variables are JSON texts in the engine's events; the recorder decoded
  those that began with `{`. Both sides are decoded, then compared as values.
- A cause is compared as a text, or decoded where the recorder had decoded it.
- An event's `timestamp` and `roleArn` must be there, with whatever value.
- Where the recorder sorted parallel branches, events are compared as a multiset without ids.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from asl_engine.testing import NOTHING

from .compare import Difference, Json, Place, Wildcards, first_difference, is_json_text

TEXT_FIELDS = ("input", "output", "parameters")
PARALLEL_CLOSINGS = ("ParallelStateSucceeded", "ParallelStateFailed", "ParallelStateExited")


def events_difference(expected: list[Json], got: list[Json], wildcards: Wildcards) -> Difference | None:
    """Compares two histories event by event: order, types, ids, details."""
    wanted = [decoded_recorded_event(event) for event in expected]
    given = [decoded_engine_event(event) for event in got]
    for index, (one, other) in enumerate(zip(wanted, given, strict=False)):
        difference = event_difference(one, other, wildcards, ("events", index))
        if difference is not None:
            return difference
    return first_difference([e["type"] for e in wanted], [e.get("type") for e in given], place=("events",))


def event_difference(
    expected: dict[str, Json], got: dict[str, Json], wildcards: Wildcards, place: Place
) -> Difference | None:
    """Compares two decoded events. A difference in type is named first: the details then differ in everything."""
    types = first_difference(expected.get("type"), got.get("type"), place=(*place, "type"))
    return types or first_difference(expected, _with_cause_like(expected, got), wildcards, place)


def unordered_events_difference(expected: list[Json], got: list[Json], wildcards: Wildcards) -> Difference | None:
    """Compares two histories as multisets without ids.

    The recorder's sorting also lost events: those that close a Parallel state. How many is known, since the last event
    keeps its id, and so the engine must show exactly that many more, of exactly these types.
    """
    remaining = [_without_ids(decoded_engine_event(event)) for event in got]
    for index, event in enumerate(expected):
        wanted = _without_ids(decoded_recorded_event(event))
        found = _matching(wanted, remaining, wildcards, ("events", index))
        if isinstance(found, Difference):
            return found
        del remaining[found]
    return _unexplained(remaining, expected[-1]["id"] - len(expected))


def _matching(wanted: Json, remaining: list[Json], wildcards: Wildcards, place: Place) -> int | Difference:
    """The index of the event in `remaining` that `wanted` allows, or how the nearest one of its type differs."""
    nearest: Difference | None = None
    for index, event in enumerate(remaining):
        difference = event_difference(wanted, event, wildcards, place)
        if difference is None:
            return index
        if event.get("type") == wanted["type"]:
            nearest = nearest or difference
    return nearest or Difference(place, wanted, NOTHING)


def _unexplained(remaining: list[Json], lost: int) -> Difference | None:
    strange = [event for event in remaining if event.get("type") not in PARALLEL_CLOSINGS]
    if strange:
        return Difference(("events", "beyond the recorded ones"), NOTHING, strange[0])
    if len(remaining) != lost:
        return Difference(("events", "closing a Parallel, lost by the recorder"), lost, [e["type"] for e in remaining])
    return None


def _without_ids(event: dict[str, Json]) -> dict[str, Json]:
    return {key: value for key, value in event.items() if key not in ("id", "previousEventId")}


def decoded_recorded_event(event: dict[str, Json]) -> dict[str, Json]:
    """A recorded event with its texts decoded; a text that is no JSON was decoded by the recorder already."""
    return _decoded_event(event, lambda value: decoded_text(value) if isinstance(value, str) else value)


def decoded_engine_event(event: dict[str, Json]) -> dict[str, Json]:
    """An event of the engine with its texts decoded; what is not a JSON text is shown as such, and matches nothing."""
    return _decoded_event(event, _engine_text)


def _engine_text(value: Json) -> Json:
    return json.loads(value) if isinstance(value, str) and is_json_text(value) else f"not a JSON text: {value!r}"


def decoded_text(text: str) -> Json:
    """The value of a JSON text; any other text as it is."""
    return json.loads(text) if is_json_text(text) else text


def _decoded_event(event: dict[str, Json], decode: Callable[[Json], Json]) -> dict[str, Json]:
    return {
        key: _decoded_details(value, decode) if isinstance(value, dict) else "*" if key == "timestamp" else value
        for key, value in event.items()
    }


def _decoded_details(details: dict[str, Json], decode: Callable[[Json], Json]) -> dict[str, Json]:
    decoded = {key: decode(value) if key in TEXT_FIELDS else value for key, value in details.items()}
    if "roleArn" in decoded:
        decoded["roleArn"] = "*"
    if isinstance(decoded.get("assignedVariables"), dict):
        decoded["assignedVariables"] = {name: decode(text) for name, text in decoded["assignedVariables"].items()}
    return decoded


def _with_cause_like(expected: dict[str, Json], got: dict[str, Json]) -> dict[str, Json]:
    """`got` with its cause decoded where the recorder had decoded the expected one."""
    for key, details in expected.items():
        given = got.get(key)
        if isinstance(details, dict) and isinstance(given, dict) and isinstance(details.get("cause"), (dict, list)):
            return got | {key: given | {"cause": decoded_text(given.get("cause", ""))}}
    return got
