"""A callable under a Map state's name gives the items that an ItemReader would read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from asl_engine import Execution, StateMachine, StatesError, UnservedTaskError
from tests.build import chain

TOLERANT = {"ToleratedFailureCount": 9}


def machine(reader: dict[str, Any] | None = None, **fields: Any) -> StateMachine:
    config = {"ReaderConfig": {"InputType": "JSONL", **(reader or {})}}
    return StateMachine.from_json(
        chain(
            Orders={
                "Type": "Map",
                "ItemReader": {
                    "Resource": "arn:aws:states:::s3:getObject",
                    "Parameters": {"Bucket": "orders", "Key.$": "$.day"},
                    **config,
                },
                "ItemProcessor": {
                    "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                    "StartAt": "Keep",
                    "States": {"Keep": {"Type": "Pass", "End": True}},
                },
                **fields,
            }
        )
    )


def run(read: Any, reader: dict[str, Any] | None = None, **fields: Any) -> Execution:
    return machine(reader, **fields).run({"day": "monday.jsonl"}, tasks={"Orders": read})


def test_a_callable_gives_the_items_and_no_storage_is_asked_for() -> None:
    assert run(lambda arguments: [{"n": 1}, {"n": 2}]).output == [{"n": 1}, {"n": 2}]


def test_it_gets_the_arguments_of_the_item_reader() -> None:
    asked = []
    run(lambda arguments: asked.append(arguments) or [])
    assert asked == [{"Bucket": "orders", "Key": "monday.jsonl"}]


def test_max_items_bounds_them_and_what_is_behind_is_not_asked_for() -> None:
    given = []

    def read(arguments: Any) -> Iterator[int]:
        for number in range(100):
            given.append(number)
            yield number

    assert run(read, {"MaxItems": 3}).output == [0, 1, 2]
    assert given == [0, 1, 2]


def test_the_items_tell_the_object_as_their_source() -> None:
    selector = {"ItemSelector": {"from.$": "$$.Map.Item.Source", "n.$": "$$.Map.Item.Value"}}
    assert run(lambda arguments: [7], **selector).output == [{"from": "S3://orders/monday.jsonl", "n": 7}]


def broken(arguments: Any) -> Iterator[int]:
    yield 1
    raise KeyError("day")


def refused(arguments: Any) -> Iterator[int]:
    raise StatesError("States.ItemReaderFailed", "no such day")


@pytest.mark.parametrize(
    "read, cause",
    [
        (broken, "the callable that gives the items of the Map state 'Orders' raised KeyError: 'day'"),
        (refused, "no such day"),
        (lambda arguments: "text", "the items given for the Map state 'Orders' must be an iterable, not 'text'"),
        (lambda arguments: 7, "the items given for the Map state 'Orders' must be an iterable, not 7"),
        (lambda arguments: [1, {2}], "the items given for the Map state 'Orders': item 1: "),
    ],
)
def test_what_goes_wrong_is_the_item_readers_failure(read: Any, cause: str) -> None:
    execution = run(read, **TOLERANT)
    assert (execution.status, execution.error) == ("FAILED", "States.ItemReaderFailed")
    assert cause in (execution.cause or "")


def test_each_run_and_each_retry_of_the_map_asks_anew() -> None:
    asked = []

    def read(arguments: Any) -> list[int]:
        asked.append(arguments)
        if len(asked) == 1:
            raise OSError("not yet")
        return [1]

    retry = [{"ErrorEquals": ["States.ItemReaderFailed"], "IntervalSeconds": 5, "MaxAttempts": 1}]
    assert run(read, Retry=retry).output == [1]
    assert len(asked) == 2


def test_a_result_writer_still_asks_for_a_storage() -> None:
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b", "Prefix": "p"}}
    with pytest.raises(UnservedTaskError, match="'Orders' writes its results with"):
        run(lambda arguments: [], ResultWriter=writer)
