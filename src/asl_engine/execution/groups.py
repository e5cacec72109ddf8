"""Parallel and Map in an execution: children are forked, gathered, and cancelled with their group.

Recorded: MapIterationSucceeded and MapIterationFailed are no link of an iteration's own chain of events, but MapState-
Succeeded and MapStateExited follow the last MapIterationSucceeded; ParallelStateExited follows the last branch's end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from asl_engine.errors import EXCEED_TOLERATED_FAILURE_THRESHOLD, StatesError
from asl_engine.execution.frame import Frame, Group, Work
from asl_engine.states.failure import Failure
from asl_engine.states.moves import Branch, Iterate

if TYPE_CHECKING:
    from asl_engine.execution.execution import Execution
    from asl_engine.execution.map_run import MapRun

INLINE_CONCURRENCY = 40
"""At most this many iterations of an inline Map run at once (developer guide, "Map state processing modes")."""

UNKNOWN = 1 << 40
"""The bound of what must be measured."""

_ABORTED = frozenset({"Task", "Wait", "Map", "Parallel"})


def branch(execution: Execution, frame: Frame, move: Branch) -> None:
    """Forks the branches of a Parallel."""
    execution.record("ParallelStateStarted", frame)
    group = frame.work = Group(frame, len(move.first_steps))
    growth = frame.step.input_growth
    bound = (growth.input + growth.document) * frame.bound + growth.constant
    for index, first in enumerate(move.first_steps):
        child = Frame(execution, first, move.payload, bound, frame.variables, frame.previous, group, index)
        child.started = True
        group.running[index] = child
        execution.make_ready(child)


def iterate(execution: Execution, frame: Frame, move: Iterate) -> None:
    """Forks the first iterations of a Map; each one that ends begins the next."""
    count = len(move.items)
    execution.record("MapStateStarted", frame, count)
    group = frame.work = Group(frame, count)
    group.items, group.keys, group.document = move.items, move.keys, move.payload
    group.first_step = move.first_step
    group.tolerated_count, group.tolerated_percentage = move.tolerated_count, move.tolerated_percentage
    if count == 0:
        return _gather(execution, group, frame.previous, frame.previous)
    concurrency = min(move.max_concurrency or INLINE_CONCURRENCY, INLINE_CONCURRENCY)
    group.waiting.extend(range(min(concurrency, count), count))
    for index in range(min(concurrency, count)):
        _fork_iteration(execution, group, index, frame.previous)
    return None


def _fork_iteration(execution: Execution, group: Group, index: int, previous: int) -> None:
    parent = group.parent
    assert group.first_step is not None
    bound = parent.bound if parent.step.items_in_document else UNKNOWN
    child = Frame(execution, group.first_step, group.items[index], bound, parent.variables, previous, group, index)
    group.running[index] = child
    execution.make_ready(child)


def begin(execution: Execution, child: Frame) -> bool:
    """Begins an iteration whose turn has come: makes its input. False where that failed the Map."""
    child.started = True
    group = child.group
    assert group is not None
    parent, records = group.parent, execution.records
    records.append(("MapIterationStarted", child.previous, execution.now, parent.step.name, child.index, None))
    child.previous = len(records)
    selector = parent.step.item_input
    if selector is None:
        return True
    first, child.step, child.entered_at = child.step, parent.step, parent.entered_at
    try:
        child.input = selector(group.document, child)
    except StatesError as error:
        child_failed(execution, child, execution.explain(parent, error))
        return False
    child.step = first
    growth, step = parent.step.item_growth, parent.step
    items_bound = parent.bound if step.items_in_document else UNKNOWN
    child.bound = growth.input * items_bound + growth.document * parent.bound + growth.constant
    return True


def child_succeeded(execution: Execution, child: Frame) -> None:
    """Keeps a child's output; the last one ends the state."""
    group = child.group
    assert group is not None
    child.ended = True
    del group.running[child.index]
    group.results[child.index] = child.input
    group.bounds += child.bound + 1
    last = previous = child.previous
    if group.first_step is not None:
        records = execution.records
        records.append(("MapIterationSucceeded", previous, execution.now, group.parent.step.name, child.index, None))
        last = len(records)
    _go_on(execution, group, previous, last)


def _go_on(execution: Execution, group: Group, previous: int, last: int) -> None:
    """One child has ended: the next one begins after the event `previous`, or the state ends after `last`."""
    group.unfinished -= 1
    if group.waiting:
        _fork_iteration(execution, group, group.waiting.popleft(), previous)
    elif not group.unfinished:
        _gather(execution, group, last, last)


def _gather(execution: Execution, group: Group, previous: int, last: int) -> None:
    parent = group.parent
    parent.previous = previous
    execution.aside(f"{parent.step.type}StateSucceeded", parent, parent.step.name)
    parent.previous = last
    execution.finish(parent, group.results, group.bounds + 2)


def child_failed(execution: Execution, child: Frame, failure: Failure) -> None:
    """A child failed: its group fails with the same error, unless it is a Map that tolerates it."""
    group = child.group
    assert group is not None
    parent = group.parent
    child.ended = True
    del group.running[child.index]
    group.failures += 1
    if child.step.type == "Task":
        _abort_state(execution, child)
    if group.first_step is not None:
        execution.aside("MapIterationFailed", child, parent.step.name, child.index)
        if group.tolerates():
            group.results[child.index] = failure.output()
            group.bounds += len(failure.error or "") + 6 * len(failure.cause or "") + 32
            return _go_on(execution, group, child.previous, child.previous)
        if group.tolerated_count is not None or group.tolerated_percentage is not None:
            cause = "The specified tolerated failure threshold was exceeded"
            failure = Failure(EXCEED_TOLERATED_FAILURE_THRESHOLD, cause)
    _abort_children(execution, group)
    parent.previous = child.previous
    return execution.rescue(parent, failure)


def abort(execution: Execution, frame: Frame) -> None:
    """Ends a frame and all below it, with the events that say so."""
    frame.ended = True
    if isinstance(frame.work, Group):
        _abort_children(execution, frame.work)
    _abort_state(execution, frame)


def _abort_children(execution: Execution, group: Group) -> None:
    for child in list(group.running.values()):
        abort(execution, child)
        if group.first_step is not None and child.started:
            execution.aside("MapIterationAborted", child, group.parent.step.name, child.index)
    group.running.clear()
    group.waiting.clear()


def _abort_state(execution: Execution, frame: Frame) -> None:
    """The Aborted event of a state that was entered and not left, and the end of what it awaited."""
    if isinstance(frame.work, Work):
        execution.desk.forget(frame.work.ticket, frame.work.deadline, frame.work.heartbeat)
    elif frame.work is not None and not isinstance(frame.work, Group):
        return _abort_map_run(execution, frame, frame.work)
    frame.work = None
    if frame.entered_id and frame.step.type in _ABORTED:
        execution.aside(f"{frame.step.type}StateAborted", frame, frame.step.name)


def _abort_map_run(execution: Execution, frame: Frame, run: MapRun) -> None:
    """MapStateAborted follows MapRunAborted; what comes after both follows neither."""
    from asl_engine.execution import map_runs

    previous, frame.work = frame.previous, None
    map_runs.abort(run)
    execution.aside("MapStateAborted", frame, frame.step.name)
    frame.previous = previous
