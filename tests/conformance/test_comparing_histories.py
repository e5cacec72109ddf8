"""The comparing rules for histories: decoded texts, open places, and sorted parallel branches."""

from __future__ import annotations

from typing import Any

from conformance.compare import NOTHING, Wildcards
from conformance.events import events_difference, unordered_events_difference

Event = dict[str, Any]
NONE = Wildcards()


def event(id_: int, type_: str, **details: Any) -> Event:
    made: Event = {"id": id_, "previousEventId": id_ - 1, "timestamp": "timestamp", "type": type_}
    return made | ({"stateExitedEventDetails": details} if details else {})


def test_texts_are_compared_as_values() -> None:
    recorded = [event(1, "PassStateExited", output={"a": 1, "b": 2}), event(2, "PassStateExited", output="[1,2]")]
    engine = [event(1, "PassStateExited", output='{"b":2,"a":1}'), event(2, "PassStateExited", output="[1, 2]")]
    assert events_difference(recorded, engine, NONE) is None


def test_a_text_that_the_recorder_had_decoded_is_the_value() -> None:
    assert events_difference([event(1, "X", output="plain")], [event(1, "X", output='"plain"')], NONE) is None


def test_the_engine_must_give_texts() -> None:
    difference = events_difference([event(1, "X", output={"a": 1})], [event(1, "X", output={"a": 1})], NONE)
    assert difference is not None
    assert difference.got == "not a JSON text: {'a': 1}"


def test_assigned_variables_are_texts_each() -> None:
    recorded = [event(1, "X", assignedVariables={"a": {"k": 1}, "b": "[2]"})]
    engine = [event(1, "X", assignedVariables={"a": '{"k":1}', "b": "[2]"})]
    assert events_difference(recorded, engine, NONE) is None


def test_a_cause_is_decoded_where_the_recorder_had_done_so() -> None:
    recorded = [event(1, "X", cause={"errorType": "E"})]
    assert events_difference(recorded, [event(1, "X", cause='{"errorType": "E"}')], NONE) is None
    assert events_difference(recorded, [event(1, "X", error="E")], NONE) is not None


def test_a_cause_that_is_a_text_keeps_its_spaces() -> None:
    assert events_difference([event(1, "X", cause="[1,2]")], [event(1, "X", cause="[1, 2]")], NONE) is not None


def test_times_and_roles_must_be_there_with_any_value() -> None:
    recorded = [event(1, "X", roleArn="a role")]
    engine = [event(1, "X", roleArn="another") | {"timestamp": 17}]
    assert events_difference(recorded, engine, NONE) is None
    del engine[0]["timestamp"]
    difference = events_difference(recorded, engine, NONE)
    assert difference is not None
    assert difference.place == ("events", 0, "timestamp")


def test_a_payload_may_hold_a_timestamp_of_its_own() -> None:
    recorded = [event(1, "X", output={"timestamp": 1})]
    assert events_difference(recorded, [event(1, "X", output='{"timestamp": 2}')], NONE) is not None


def test_another_type_is_the_first_difference_of_an_event() -> None:
    difference = events_difference([event(1, "A", output="1")], [event(2, "B", output="2")], NONE)
    assert difference is not None
    assert (difference.place, difference.expected, difference.got) == (("events", 0, "type"), "A", "B")


def test_ids_count() -> None:
    difference = events_difference([event(1, "A")], [event(1, "A") | {"previousEventId": 9}], NONE)
    assert difference is not None
    assert difference.place == ("events", 0, "previousEventId")


def test_a_shorter_and_a_longer_history_differ_at_the_end() -> None:
    short, long = [event(1, "A")], [event(1, "A"), event(2, "B")]
    missing, surplus = events_difference(long, short, NONE), events_difference(short, long, NONE)
    assert missing is not None
    assert (missing.place, missing.got) == (("events", 1), NOTHING)
    assert surplus is not None
    assert (surplus.place, surplus.expected) == (("events", 1), NOTHING)


def test_sorted_branches_compare_as_a_multiset_without_ids() -> None:
    recorded = [event(1, "A"), event(0, "B", output="1"), event(0, "B", output="2"), event(4, "End")]
    engine = [event(1, "A"), event(2, "B", output="2"), event(3, "B", output="1"), event(4, "End")]
    assert unordered_events_difference(recorded, engine, NONE) is None


def test_in_a_multiset_each_event_counts_once() -> None:
    recorded = [event(0, "B", output="1"), event(0, "B", output="1"), event(3, "End")]
    engine = [event(1, "B", output="1"), event(2, "B", output="2"), event(3, "End")]
    difference = unordered_events_difference(recorded, engine, NONE)
    assert difference is not None
    assert difference.place[:2] == ("events", 1)


def test_the_recorder_lost_as_many_closing_events_as_the_last_id_tells() -> None:
    recorded = [event(1, "A"), event(3, "End")]
    closing = event(2, "ParallelStateSucceeded")
    assert unordered_events_difference(recorded, [event(1, "A"), closing, event(3, "End")], NONE) is None
    assert unordered_events_difference(recorded, [event(1, "A"), event(3, "End")], NONE) is not None
    assert unordered_events_difference(recorded, [event(1, "A"), closing, closing, event(3, "End")], NONE) is not None
    assert unordered_events_difference(recorded, [event(1, "A"), event(2, "B"), event(3, "End")], NONE) is not None
