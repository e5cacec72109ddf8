"""Map, inline: one iteration an item, so many at once, and so many failures tolerated."""

from __future__ import annotations

from typing import Any

import pytest

from asl_engine import Execution, TaskError
from tests.build import T0, chain, details, each, events, parallel, run, run_state, task
from tests.byhand import begin, broke, gave, tasks_of

PASS = {"Type": "Pass"}
WORK = chain(W=task())


def odd_ones_fail(payload: int) -> int:
    if payload % 2:
        raise TaskError("Odd", f"{payload} is odd")
    return payload


def iterations(execution: Execution) -> list[tuple[str, int]]:
    """(what happened, index) of every iteration, in order."""
    marked = [event for event in execution.history if event["type"].startswith("MapIteration")]
    return [(event["type"].removeprefix("MapIteration"), details(event)["index"]) for event in marked]


def test_the_result_lists_the_outputs_in_the_order_of_the_items() -> None:
    execution, commands = begin(chain(S=each(WORK)), ["a", "b", "c"])
    for invoked in reversed(tasks_of(commands)):
        execution.receive(gave(invoked.ticket, invoked.payload.upper()), T0)
    assert execution.output == ["A", "B", "C"]


def test_no_items_give_no_iterations_and_an_empty_list() -> None:
    execution = run_state(each(WORK), [], tasks={"work": odd_ones_fail})
    assert (execution.output, iterations(execution)) == ([], [])
    assert events(execution)[2:4] == ["MapStateStarted", "MapStateSucceeded"]


ITEMS: list[tuple[dict[str, Any], Any, Any]] = [
    ({}, [1, 2], [1, 2]),
    ({"ItemsPath": "$.items"}, {"items": [1, 2]}, [1, 2]),
    ({"ItemsPath": "$.rows[*].n"}, {"rows": [{"n": 1}, {"n": 2}]}, [1, 2]),
    ({"ItemsPath": "$$.Execution.Input.items"}, {"items": [1]}, [1]),
    ({"ItemSelector": {"v.$": "$$.Map.Item.Value", "i.$": "$$.Map.Item.Index"}}, ["x"], [{"v": "x", "i": 0}]),
    ({"Parameters": {"v.$": "$$.Map.Item.Value"}}, ["x"], [{"v": "x"}]),
    ({"ItemSelector": {"all.$": "$.k"}, "ItemsPath": "$.items"}, {"items": [1, 2], "k": 9}, [{"all": 9}] * 2),
    ({"ItemSelector": {"same": 1}}, [1, 2], [{"same": 1}] * 2),
    ({"ItemSelector": {"s.$": "$$.State.Name"}}, [1], [{"s": "S"}]),
    ({"ItemsPath": "$.o"}, {"o": {"a": 1, "b": 2}}, [{"Key": "a", "Value": 1}, {"Key": "b", "Value": 2}]),
    ({"ItemsPath": "$.o", "ItemSelector": {"k.$": "$$.Map.Item.Key"}}, {"o": {"a": 1}}, [{"k": "a"}]),
]


@pytest.mark.parametrize("fields, input, inputs", ITEMS)
def test_an_iterations_input(fields: dict[str, Any], input: Any, inputs: list[Any]) -> None:
    execution = run_state(each(chain(W=PASS), **fields), input)
    assert (execution.error, execution.output) == (None, inputs)


def test_iterator_is_the_older_name_of_item_processor() -> None:
    assert run_state({"Type": "Map", "Iterator": chain(W=PASS)}, [1, 2]).output == [1, 2]


@pytest.mark.parametrize("value", [5, "text", None, {"a": 1}])
def test_what_is_no_array_cannot_be_mapped(value: Any) -> None:
    execution = run_state(each(WORK), value if value is not None else {}, tasks={"work": odd_ones_fail})
    assert execution.error == "States.Runtime"
    assert "Map state input must be an array but was: " in (execution.cause or "")


def test_all_items_begin_at_once_where_nothing_bounds_them() -> None:
    _, commands = begin(chain(S=each(WORK)), list(range(30)))
    assert len(tasks_of(commands)) == 30


@pytest.mark.parametrize("fields", [{}, {"MaxConcurrency": 0}, {"MaxConcurrency": 1000}])
def test_an_inline_map_runs_at_most_40_iterations_at_once(fields: dict[str, Any]) -> None:
    _, commands = begin(chain(S=each(WORK, **fields)), list(range(100)))
    assert len(tasks_of(commands)) == 40


@pytest.mark.parametrize("fields", [{"MaxConcurrency": 2}, {"MaxConcurrencyPath": "$.c", "ItemsPath": "$.items"}])
def test_as_many_iterations_run_as_max_concurrency_says(fields: dict[str, Any]) -> None:
    items = [0, 1, 2, 3]
    execution, commands = begin(chain(S=each(WORK, **fields)), {"c": 2, "items": items} if len(fields) > 1 else items)
    assert [invoked.payload for invoked in tasks_of(commands)] == [0, 1]
    (third,) = tasks_of(execution.receive(gave(tasks_of(commands)[1].ticket, "b"), T0))
    assert third.payload == 2
    assert iterations(execution) == [("Started", 0), ("Started", 1), ("Succeeded", 1), ("Started", 2)]


def test_one_at_a_time_takes_the_sum_of_the_times() -> None:
    wait = chain(W={"Type": "Wait", "SecondsPath": "$"})
    assert run_state(each(wait, MaxConcurrency=1), [3, 1, 2]).elapsed == 6
    assert run_state(each(wait), [3, 1, 2]).elapsed == 3


def test_a_failing_iteration_fails_the_map_with_its_own_error_and_aborts_the_rest() -> None:
    execution, commands = begin(chain(S=each(WORK)), [0, 1, 2])
    execution.receive(broke(tasks_of(commands)[1].ticket, "Mine", "c"), T0)
    assert (execution.status, execution.error, execution.cause) == ("FAILED", "Mine", "c")
    ends = iterations(execution)[3:]
    assert sorted(ends) == [("Aborted", 0), ("Aborted", 2), ("Failed", 1)]


def test_items_not_yet_begun_are_never_begun_after_a_failure() -> None:
    invoked: list[int] = []

    def work(payload: int) -> int:
        invoked.append(payload)
        return odd_ones_fail(payload)

    run_state(each(WORK, MaxConcurrency=1), [0, 1, 2, 3], tasks={"work": work})
    assert invoked == [0, 1]


TOLERANCES: list[tuple[dict[str, Any], list[int], bool]] = [
    ({"ToleratedFailureCount": 2}, [1, 3, 0], True),
    ({"ToleratedFailureCount": 1}, [1, 3, 0], False),
    ({"ToleratedFailureCount": 0}, [0, 1], False),
    ({"ToleratedFailurePercentage": 50}, [1, 3, 0, 0], True),
    ({"ToleratedFailurePercentage": 49}, [1, 3, 0, 0], False),
    ({"ToleratedFailurePercentage": 100}, [1, 1], True),
    ({"ToleratedFailureCount": 3, "ToleratedFailurePercentage": 10}, [1, 0], False),
    ({"ToleratedFailureCount": 0, "ToleratedFailurePercentage": 100}, [1, 0], False),
]


@pytest.mark.parametrize("fields, items, tolerated", TOLERANCES)
def test_failures_are_tolerated_up_to_the_threshold(fields: dict[str, Any], items: list[int], tolerated: bool) -> None:
    execution = run_state(each(WORK, **fields), items, tasks={"work": odd_ones_fail})
    expected = (None, None)
    if not tolerated:
        error = "States.ExceedToleratedFailureThreshold"
        expected = (error, "The specified tolerated failure threshold was exceeded")
    assert (execution.error, execution.cause) == expected


@pytest.mark.parametrize("name", ["ToleratedFailureCount", "ToleratedFailurePercentage"])
def test_a_threshold_may_come_from_a_path(name: str) -> None:
    state = each(WORK, ItemsPath="$.items", **{f"{name}Path": "$.t"})
    results = [
        run_state(state, {"items": [1, 0], "t": value}, tasks={"work": odd_ones_fail}).status for value in (0, 60)
    ]
    assert results == ["FAILED", "SUCCEEDED"]


def test_a_tolerated_failure_leaves_its_error_output_in_the_result() -> None:
    execution = run_state(each(WORK, ToleratedFailureCount=1), [1, 2], tasks={"work": odd_ones_fail})
    assert execution.output == [{"Error": "Odd", "Cause": "1 is odd"}, 2]


@pytest.mark.parametrize("value", [-1, "x", None, 1.5, True])
def test_a_concurrency_that_is_no_number_fails(value: Any) -> None:
    execution = run_state(each(chain(W=PASS), ItemsPath="$.i", MaxConcurrencyPath="$.c"), {"i": [1], "c": value})
    assert execution.error == "States.Runtime"
    assert "MaxConcurrency" in (execution.cause or "")


def test_maps_nest_and_each_sees_its_own_item() -> None:
    inner = each(chain(W=PASS), ItemSelector={"v.$": "$$.Map.Item.Value"})
    assert run_state(each(chain(M=inner)), [[1, 2], [3]]).output == [[{"v": 1}, {"v": 2}], [{"v": 3}]]


def test_a_state_inside_an_iteration_sees_the_item_of_the_map_around_it() -> None:
    reading = {"Type": "Pass", "Parameters": {"i.$": "$$.Map.Item.Index"}}
    inner = parallel(chain(W=reading))
    assert run_state(each(chain(P=inner)), ["a", "b"]).output == [[{"i": 0}], [{"i": 1}]]


def test_after_the_map_no_item_is_left_in_the_context_object() -> None:
    machine = chain(M=each(chain(W=PASS)), S={"Type": "Pass", "InputPath": "$$.Map.Item.Index"})
    assert run(machine, [1]).error == "States.Runtime"


def test_a_failing_item_selector_fails_the_map() -> None:
    execution = run_state(each(chain(W=PASS), ItemSelector={"v.$": "$$.Map.Item.Value.no"}), [{}])
    assert execution.error == "States.Runtime"
    assert "the state 'S'" in (execution.cause or "")


def test_a_task_knows_the_iteration_it_is_in() -> None:
    scopes: list[Any] = []
    run_state(each(WORK), ["a", "b"], tasks={"work": lambda payload, context: scopes.append(context.scope)})
    assert scopes == [(("Map", "S", 0),), (("Map", "S", 1),)]


def test_the_started_event_says_how_many_items_there_are() -> None:
    started = next(e for e in run_state(each(chain(W=PASS)), [1, 2, 3]).history if e["type"] == "MapStateStarted")
    assert details(started) == {"length": 3}
