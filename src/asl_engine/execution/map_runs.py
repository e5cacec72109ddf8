"""Map Runs in an execution: they are started, fed with items, and ended, and leave their events.

Recorded: the chain of events is MapStateStarted, MapRunStarted, MapRunSucceeded, MapStateSucceeded; MapStateExited
follows MapRunStarted. A failure goes on in the chain: MapRunFailed, MapStateFailed. A Map Run starts one child at a
time, when nothing else can go on, so that items are read no earlier than they are needed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from asl_engine.errors import (
    DATA_LIMIT_EXCEEDED,
    EXCEED_TOLERATED_FAILURE_THRESHOLD,
    ITEM_READER_FAILED,
    RUNTIME,
    StatesError,
)
from asl_engine.execution.child import ChildExecution
from asl_engine.execution.child_results import PENDING, ChildResult
from asl_engine.execution.execution import EXPRESS_SECONDS
from asl_engine.execution.map_data import DataFailed, FinishResults, ItemsRead, ReadItems, ResultsWritten, WriteResult
from asl_engine.execution.map_run import PAYLOAD_LIMIT, READ_AT_ONCE, ChildInput, MapRun
from asl_engine.jsonvalue import size
from asl_engine.states.failure import Failure
from asl_engine.states.moves import StartMapRun

if TYPE_CHECKING:
    from asl_engine.execution.execution import Execution
    from asl_engine.execution.frame import Frame

THRESHOLD_EXCEEDED = "The specified tolerated failure threshold was exceeded"


def start(execution: Execution, frame: Frame, move: StartMapRun) -> None:
    """Starts a Map Run. States.Runtime in its settings fails the state without MapStateFailed (recorded)."""
    execution.record("MapStateStarted", frame, len(move.items or ()))
    try:
        settings = move.plan.settle(move.document, frame)
    except StatesError as error:
        failure = execution.explain(frame, error)
        return execution.fail_frame(frame, failure) if error.error == RUNTIME else execution.rescue(frame, failure)
    run = frame.work = MapRun(frame, move.plan, settings, move.document, execution.desk.new_ticket(frame))
    run.child_ended, run.take_turn = partial(_child_ended, run), partial(_feed, run)
    execution.map_runs.append(run)
    if not execution.root.settings.keep_journal:
        execution.root.journal = None
    execution.record("MapRunStarted", frame, run.map_run_arn)
    if move.items is not None:
        run.supply(move.items, move.keys)
    _tell(run)
    _let_feed(run)


def _let_feed(run: MapRun) -> None:
    """Gives the run its turn to start a child, unless it has one already."""
    if not run.hungry and run.has_room:
        run.hungry = True
        run.frame.execution.root.hungry.append(run)


def _tell(run: MapRun) -> None:
    progress = run.frame.execution.progress
    if progress is not None:
        progress(run)


def _feed(run: MapRun) -> None:
    """The run's turn: starts one child, or asks for items, or ends where nothing is left."""
    run.hungry = False
    if run.status != "RUNNING" or run.finishing:
        return
    execution = run.frame.execution
    try:
        given = run.next_input()
    except StatesError as error:
        return _fail(run, execution.explain(run.frame, error))
    if given is not None:
        _begin(run, given)
    elif run.wants_items:
        _ask_for_items(run)
    elif run.used_up and not run.open:
        _all_ended(run)


def _ask_for_items(run: MapRun) -> None:
    if not run.asked:
        assert run.settings.source is not None
        run.asked = True
        run.frame.execution.desk.ask(ReadItems(run.ticket, run.settings.source, READ_AT_ONCE, run.state_name))


def _begin(run: MapRun, given: ChildInput) -> None:
    if given.bound > PAYLOAD_LIMIT:
        what = f"The state/task '{run.state_name}' was given an input with a size exceeding the maximum number of bytes"
        return _fail(run, Failure(DATA_LIMIT_EXCEEDED, f"{what} service limit.", by_name_only=True))
    child = ChildExecution(run, run.started, given.value, given.bound, given.item_count)
    run.began(child)
    child.begin()
    if run.plan.express and run.express_limit is None:
        _watch(run)
    _let_feed(run)


def _watch(run: MapRun) -> None:
    """Times out Express children. They begin in order and may all take equally long: one timer, for the oldest that is
    open, is enough for any number of them."""
    frame = run.frame
    oldest = next(iter(run.open.values()))
    at = oldest.start_time + EXPRESS_SECONDS * 1000
    run.express_limit = frame.execution.desk.set_timer(frame, at, lambda _: _time_out_children(run))


def _time_out_children(run: MapRun) -> None:
    run.express_limit = None
    begun_by = run.frame.execution.now - EXPRESS_SECONDS * 1000
    for child in [child for child in run.open.values() if child.start_time <= begun_by]:
        if child.status == "RUNNING":
            child.time_out()
    if run.open and run.status == "RUNNING" and run.express_limit is None:
        _watch(run)


def _child_ended(run: MapRun, child: ChildExecution) -> None:
    """A child has ended, aborted ones too: it is counted, its result kept or written."""
    run.ended(child)
    if run.settings.target is not None and run.status == "RUNNING":
        _write(run, child.outcome())
    run.ended_child = child
    _tell(run)
    run.ended_child = None
    if run.status != "RUNNING" or run.finishing:
        return
    if child.status == "SUCCEEDED" or run.tolerates():
        return _let_feed(run)
    _fail(run, Failure(EXCEED_TOLERATED_FAILURE_THRESHOLD, THRESHOLD_EXCEEDED))


def _write(run: MapRun, result: ChildResult) -> None:
    assert run.settings.target is not None
    run.frame.execution.desk.ask(WriteResult(run.ticket, run.settings.target, run.map_run_arn, result))


def _all_ended(run: MapRun) -> None:
    if not run.tolerates():
        return _fail(run, Failure(EXCEED_TOLERATED_FAILURE_THRESHOLD, THRESHOLD_EXCEEDED))
    if run.settings.target is not None:
        return _finish_results(run)
    output = run.output()
    if output is None:
        what = f"The state/task '{run.state_name}' returned a result with a size exceeding the maximum number of bytes"
        return _fail(run, Failure(DATA_LIMIT_EXCEEDED, f"{what} service limit.", by_name_only=True))
    _succeed(run, *output)


def _finish_results(run: MapRun) -> None:
    assert run.settings.target is not None
    run.finishing = True
    run.frame.execution.desk.ask(FinishResults(run.ticket, run.settings.target, run.map_run_arn))


def _succeed(run: MapRun, result: Any, bound: int) -> None:
    frame = run.frame
    execution = frame.execution
    _count_results(run)
    _end(run, "SUCCEEDED")
    previous = frame.previous
    execution.aside("MapRunSucceeded", frame, frame.step.name)
    frame.previous = len(execution.records)
    execution.aside("MapStateSucceeded", frame, frame.step.name)
    frame.previous = previous
    execution.finish(frame, result, bound)


def _count_results(run: MapRun) -> None:
    for counts in (run.item_counts, run.execution_counts):
        counts.results_written = counts.total


def _end(run: MapRun, status: str) -> None:
    run.status, run.stop_date = status, run.frame.execution.now
    desk = run.frame.execution.desk
    desk.forget(run.ticket)
    if run.express_limit is not None:
        desk.forget(run.express_limit)
    run.drop()
    _tell(run)


def _fail(run: MapRun, failure: Failure) -> None:
    """Ends the children that run; the state fails, with a ResultWriter once the results so far are written."""
    run.error, run.cause = failure.error, failure.cause
    run.failure = failure
    run.finishing = True
    for child in list(run.open.values()):
        child.abort()
    if run.settings.target is not None and run.started:
        _write_pending(run)
        return _finish_results(run)
    _end_failed(run)


def _write_pending(run: MapRun) -> None:
    """Tells of the items at hand that no child was started for."""
    try:
        while (given := run.next_input()) is not None:
            _write(run, ChildResult(PENDING, given.value))
    except StatesError:
        return  # an item whose selector fails has no input to tell of


def _end_failed(run: MapRun) -> None:
    frame, failure = run.frame, run.failure
    assert failure is not None
    _end(run, "FAILED")
    frame.execution.record("MapRunFailed", frame, None, failure)
    frame.execution.rescue(frame, failure)


def abort(run: MapRun) -> None:
    """Ends a run whose Map state is aborted, with the event that says so."""
    frame = run.frame
    execution = frame.execution
    run.status = "ABORTED"
    for child in list(run.open.values()):
        child.abort()
    _end(run, "ABORTED")
    execution.aside("MapRunAborted", frame, frame.step.name)
    frame.previous = len(execution.records)


# --- replies ----------------------------------------------------------------------------------------------------------


def _items_read(execution: Execution, reply: ItemsRead) -> None:
    run = _awaiting(execution, reply.ticket)
    if run is not None and not run.finishing:
        run.read(reply.items, more=reply.more)
        _let_feed(run)


def _results_written(execution: Execution, reply: ResultsWritten) -> None:
    run = _awaiting(execution, reply.ticket)
    if run is None or not run.finishing:
        return
    if run.failure is not None:
        _count_results(run)
        return _end_failed(run)
    _succeed(run, reply.output, size(reply.output))


def _data_failed(execution: Execution, reply: DataFailed) -> None:
    """A failure that came before stays the run's failure. Where results cannot be written, no more are."""
    run = _awaiting(execution, reply.ticket)
    if run is None:
        return
    if run.failure is not None:
        return _end_failed(run)
    if reply.error != ITEM_READER_FAILED:
        run.settings = run.settings._replace(target=None)
    _fail(run, Failure(reply.error, reply.cause))


def _awaiting(execution: Execution, ticket: int) -> MapRun | None:
    frame = execution.desk.awaiting(ticket)
    return frame.work if frame is not None and isinstance(frame.work, MapRun) else None


RECEIVE: dict[type, Callable[[Execution, Any], None]] = {
    ItemsRead: _items_read,
    ResultsWritten: _results_written,
    DataFailed: _data_failed,
}
