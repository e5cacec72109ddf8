"""Items that a Map Run reads and results that it writes: what it asks of its driver, and what the replies do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from asl_engine import Execution, StateMachine, VirtualClock
from asl_engine.drivers.inline import drive
from asl_engine.execution.commands import Cancel, Command, InvokeTask
from asl_engine.execution.map_data import DataFailed, FinishResults, ItemsRead, ReadItems, ResultsWritten, WriteResult
from asl_engine.execution.replies import Reply, StopExecution
from asl_engine.integrations.perform import performer
from asl_engine.integrations.registry import serve
from tests.build import T0, chain, details, events, task
from tests.byhand import begin, gave, tasks_of
from tests.execution.test_distributed_map import distributed, odd_ones_fail

PASS = {"Type": "Pass"}
SOURCE = "S3://rows/a.csv"


def reader(**config: Any) -> dict[str, Any]:
    place = {"Bucket": "rows", "Key": "a.csv"}
    return {"Resource": "arn:aws:states:::s3:getObject", "Parameters": place, "ReaderConfig": config}


def writer(**config: Any) -> dict[str, Any]:
    place = {"Bucket": "results", "Prefix": "p"}
    target = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": place}
    return {**target, "WriterConfig": config} if config else target


def reads_of(commands: list[Command]) -> list[ReadItems]:
    return [command for command in commands if isinstance(command, ReadItems)]


class Items:
    """A supply of items, endless unless bounded, that notes how many were taken and what was written."""

    def __init__(self, items: Iterator[Any]) -> None:
        self.items, self.taken = items, 0
        self.written: list[Any] = []
        self.asked: list[str] = []

    def __call__(self, command: Command) -> Reply | None:
        self.asked.append(type(command).__name__)
        if isinstance(command, ReadItems):
            read = [item for _, item in zip(range(command.most), self.items, strict=False)]
            self.taken += len(read)
            return ItemsRead(command.ticket, [(SOURCE, item) for item in read], len(read) == command.most)
        if isinstance(command, WriteResult):
            self.written.append(command.result)
        return ResultsWritten(command.ticket, {"written": True}) if isinstance(command, FinishResults) else None


def run(state: dict[str, Any], supply: Any, **tasks: Any) -> Execution:
    machine = StateMachine.from_json(chain(S=state))
    perform = performer(serve(machine.task_needs, tasks), tasks, 0)
    return drive(machine.start(), perform, VirtualClock(), supply)


# --- by hand ----------------------------------------------------------------------------------------------------------


def test_a_reader_is_asked_with_its_arguments_and_its_settled_configuration() -> None:
    state = distributed(chain(W=PASS), ItemReader=reader(InputType="CSV", MaxItemsPath="$.most"))
    execution, commands = begin(chain(S=state), {"most": "5"})
    [read] = reads_of(commands)
    assert (read.source.resource, read.source.arguments) == (
        "arn:aws:states:::s3:getObject",
        {"Bucket": "rows", "Key": "a.csv"},
    )
    assert (read.source.config["InputType"], read.source.config["MaxItems"]) == ("CSV", 5)
    assert details(execution.history[2]) == {"length": 0}


def test_items_are_asked_for_only_when_a_child_can_be_started() -> None:
    state = distributed(chain(W=task()), ItemReader=reader(), MaxConcurrency=1)
    execution, commands = begin(chain(S=state))
    [read] = reads_of(commands)
    commands = execution.receive(ItemsRead(read.ticket, [(SOURCE, 1), (SOURCE, 2)], True), T0)
    [first] = tasks_of(commands)
    assert reads_of(commands) == []
    commands = execution.receive(gave(first.ticket, 10), T0)
    [second] = tasks_of(commands)
    assert reads_of(commands) == []
    commands = execution.receive(gave(second.ticket, 20), T0)
    assert (len(reads_of(commands)), tasks_of(commands)) == (1, [])
    execution.receive(ItemsRead(read.ticket, [], False), T0)
    assert execution.output == [10, 20]


def test_an_items_source_is_in_the_context_object() -> None:
    selector = {"from.$": "$$.Map.Item.Source", "i.$": "$$.Map.Item.Index"}
    execution, commands = begin(chain(S=distributed(chain(W=PASS), ItemReader=reader(), ItemSelector=selector)))
    [read] = reads_of(commands)
    execution.receive(ItemsRead(read.ticket, [("S3://a/1", "x"), ("S3://a/2", "y")], False), T0)
    assert execution.output == [{"from": "S3://a/1", "i": 0}, {"from": "S3://a/2", "i": 1}]


def test_a_batch_is_filled_from_several_readings() -> None:
    batcher = {"MaxItemsPerBatch": 3}
    execution, commands = begin(chain(S=distributed(chain(W=PASS), ItemReader=reader(), ItemBatcher=batcher)))
    [read] = reads_of(commands)
    for items in ([1, 2], [3, 4]):
        execution.receive(ItemsRead(read.ticket, [(SOURCE, item) for item in items], True), T0)
    execution.receive(ItemsRead(read.ticket, [], False), T0)
    assert execution.output == [{"Items": [1, 2, 3]}, {"Items": [4]}]


def test_a_failed_reading_fails_the_map_run_with_its_error() -> None:
    state = distributed(chain(W=task()), ItemReader=reader())
    execution, commands = begin(chain(S=state))
    [read] = reads_of(commands)
    [invoked] = tasks_of(execution.receive(ItemsRead(read.ticket, [(SOURCE, 1)], True), T0))
    after = execution.receive(DataFailed(read.ticket, "States.ItemReaderFailed", "line 2: no row"), T0)
    assert (execution.error, execution.cause) == ("States.ItemReaderFailed", "line 2: no row")
    assert events(execution)[-3:] == ["MapRunFailed", "MapStateFailed", "ExecutionFailed"]
    assert {Cancel(invoked.ticket), Cancel(read.ticket)} <= set(after)
    assert execution.map_runs[0].execution_counts.aborted == 1


def test_what_is_read_after_the_end_changes_nothing() -> None:
    execution, commands = begin(chain(S=distributed(chain(W=task()), ItemReader=reader())))
    [read] = reads_of(commands)
    stopped = execution.receive(StopExecution("Enough", None), T0)
    assert (execution.status, Cancel(read.ticket) in stopped) == ("ABORTED", True)
    assert execution.receive(ItemsRead(read.ticket, [(SOURCE, 1)], True), T0) == []
    assert events(execution)[-3:] == ["MapRunAborted", "MapStateAborted", "ExecutionAborted"]


def test_a_reply_that_is_too_late_for_a_child_is_ignored() -> None:
    execution, commands = begin(chain(S=distributed(chain(W=task()))), [1, 2])
    first, second = tasks_of(commands)
    execution.receive(gave(first.ticket, 1), T0)
    assert execution.receive(gave(first.ticket, 5), T0) == []
    execution.receive(gave(second.ticket, 2), T0)
    assert execution.output == [1, 2]


def test_the_tickets_of_all_children_differ() -> None:
    _, commands = begin(chain(S=distributed(chain(W=task(TimeoutSeconds=9)))), [1, 2, 3])
    tickets = [command.ticket for command in commands if not isinstance(command, Cancel)]  # type: ignore[union-attr]
    assert len(set(tickets)) == len(tickets) == 6
    assert [command.payload for command in commands if isinstance(command, InvokeTask)] == [1, 2, 3]


# --- driven -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("most, at_once", [(1, 16), (5, 16), (100, 112)])
def test_no_more_is_read_than_the_open_children_need(most: int, at_once: int) -> None:
    supply = Items(iter(range(10_000)))

    def stop_early(payload: int, context: Any) -> int:
        context.sleep(1)
        if payload == 0:
            raise ValueError("enough")
        return payload

    run(distributed(chain(W=task()), ItemReader=reader(), MaxConcurrency=most), supply, work=stop_early)
    assert supply.taken == at_once


def test_children_that_end_at_once_never_stand_in_a_crowd() -> None:
    most = 0

    def watch(run: Any) -> None:
        nonlocal most
        most = max(most, run.execution_counts.running)

    machine = StateMachine.from_json(chain(S=distributed(chain(W=PASS), ItemReader=reader(), ResultWriter=writer())))
    execution = machine.start()
    execution.progress = watch
    drive(execution, performer({}, {}, 0), VirtualClock(), Items(iter(range(5_000))))
    assert (execution.status, most) == ("SUCCEEDED", 0)  # whenever one has ended, no other one is open


def test_a_percentage_is_judged_when_all_items_are_known() -> None:
    state = distributed(chain(W=task()), ItemReader=reader(), ToleratedFailurePercentage=50, MaxConcurrency=1)
    tolerant = run(state, Items(iter([1, 3, 2, 4])), work=odd_ones_fail)
    assert (tolerant.status, tolerant.map_runs[0].item_counts.failed) == ("SUCCEEDED", 2)
    supply = Items(iter([1, 3, 5, 2, 4]))
    assert run(state, supply, work=odd_ones_fail).error == "States.ExceedToleratedFailureThreshold"
    assert supply.taken == 5


def test_results_are_written_as_children_end_and_the_writer_gives_the_output() -> None:
    state = distributed(chain(W=task()), ItemReader=reader(), ResultWriter=writer(), ToleratedFailureCount=1)
    supply = Items(iter([1, 2]))
    execution = run(state, supply, work=odd_ones_fail)
    assert execution.output == {"written": True}
    assert [(result.status, result.input, result.output) for result in supply.written] == [
        ("FAILED", 1, None),
        ("SUCCEEDED", 2, 2),
    ]
    assert supply.asked[-2:] == ["FinishResults", "EndExecution"]


def test_a_failed_map_run_writes_what_was_done_aborted_and_never_begun() -> None:
    state = distributed(chain(W=task()), ResultWriter=writer(), ItemsPath="$.items", MaxConcurrency=2)
    machine = StateMachine.from_json(chain(S=state))

    def work(payload: int, context: Any) -> int:
        context.sleep(payload)
        return odd_ones_fail(payload)

    supply = Items(iter(()))
    perform = performer(serve(machine.task_needs, {"work": work}), {}, 0)
    execution = drive(machine.start({"items": [3, 90, 5, 6]}), perform, VirtualClock(), supply)
    assert execution.error == "States.ExceedToleratedFailureThreshold"
    assert [(result.status, result.input) for result in supply.written] == [
        ("FAILED", 3),
        ("ABORTED", 90),
        ("PENDING", 5),
        ("PENDING", 6),
    ]
    [map_run] = execution.map_runs
    assert map_run.execution_counts.results_written == map_run.execution_counts.total


@pytest.mark.parametrize("fails_at", [WriteResult, FinishResults])
def test_a_writer_that_fails_fails_the_map_run(fails_at: type) -> None:
    class Full(Items):
        def __call__(self, command: Command) -> Reply | None:
            if isinstance(command, fails_at):
                return DataFailed(command.ticket, "States.ResultWriterFailed", "disk full")  # type: ignore[attr-defined]
            return super().__call__(command)

    execution = run(distributed(chain(W=PASS), ItemReader=reader(), ResultWriter=writer()), Full(iter([1, 2])))
    assert (execution.error, execution.cause) == ("States.ResultWriterFailed", "disk full")
    assert events(execution)[-3:] == ["MapRunFailed", "MapStateFailed", "ExecutionFailed"]


def test_a_supply_is_told_of_the_end_however_it_comes() -> None:
    supply = Items(iter([1]))
    with pytest.raises(KeyboardInterrupt):
        run(distributed(chain(W=task()), ItemReader=reader()), supply, work=interrupted)
    assert supply.asked[-1] == "EndExecution"


def interrupted(payload: Any) -> Any:
    raise KeyboardInterrupt
