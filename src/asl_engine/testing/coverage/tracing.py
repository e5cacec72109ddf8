"""Noting what executions do: a machine's program compiled once more, with steps that note what they use.

The history does not say which of two Choice rules with the same Next was taken, nor which retrier made a retry. So the
steps of a program of its own are wrapped; a machine that is not measured runs its own program, as fast as ever.

The rule: a way counts when it was gone, not when it was chosen. A limit may stop a state as it leaves; then the history
has no exit where the state chose its way.
"""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any, NamedTuple

from asl_engine.definition.graph import Machine
from asl_engine.execution.execution import PAYLOAD_LIMIT
from asl_engine.query.scope import Entropy, Scope
from asl_engine.states.failure import Failure, compile_matcher
from asl_engine.states.moves import Iterate, Next
from asl_engine.states.program import Program, Step
from asl_engine.states.table import compile_machine
from asl_engine.testing.coverage.elements import empty_pointer

Hits = Counter[str]
"""JSON pointer of an element -> how often it was used."""

_HELD_AT_MOST = 200
"""So many ways are held before those that the histories have decided are counted."""


class _Held(NamedTuple):
    """A way that was chosen: it is gone if the record at `place` is the state's exit."""

    pointer: str
    records: list[Any]
    place: int
    previous: int
    exit: str

    @property
    def is_decided(self) -> bool:
        return self.place < len(self.records)

    @property
    def is_gone(self) -> bool:
        return self.is_decided and self.records[self.place][:2] == (self.exit, self.previous)


class Notes:
    """What the executions of a machine have used since it was last taken. They may run in any thread."""

    def __init__(self) -> None:
        self._hits: Hits = Counter()
        self._held: dict[int, _Held] = {}
        self._room = _HELD_AT_MOST
        self._retriers: dict[int, tuple[list[int], str]] = {}
        self._lock = threading.Lock()

    def count(self, pointer: str) -> None:
        """It was used."""
        self._hits[pointer] += 1

    def leave(self, pointer: str, frame: Any, move: Next) -> None:
        """A frame is about to leave its state at once. Where no limit can stop it, that is as good as done."""
        step = frame.step
        if frame.bound * step.factor + step.added > PAYLOAD_LIMIT or move[2]:
            self.hold(pointer, frame)
        else:
            self._hits[pointer] += 1

    def hold(self, pointer: str, frame: Any) -> None:
        """A frame is about to leave its state, unless a limit stops it. One history holds one way at a time."""
        records = frame.execution.records
        held = _Held(pointer, records, len(records), frame.previous, frame.step.exited)
        with self._lock:
            before = self._held.get(id(records))
            self._held[id(records)] = held
            if before is not None and before.is_gone:
                self._hits[before.pointer] += 1
            if len(self._held) > self._room:
                self._settle()
                self._room = 2 * len(self._held) + _HELD_AT_MOST

    def choose(self, tally: list[int], pointer: str) -> None:
        """A retrier will make a retry after its delay, if the execution lives to see it."""
        self._retriers[id(tally)] = tally, pointer

    def retry(self, tally: list[int] | None) -> None:
        """The retry is made."""
        chosen = self._retriers.pop(id(tally), None)
        if chosen is not None:
            self._hits[chosen[1]] += 1

    def take(self) -> Hits:
        """What was used since the last time."""
        with self._lock:
            self._settle()
            taken, self._hits = self._hits, Counter()
            return taken

    def _settle(self) -> None:
        """Counts the ways that were gone; keeps those that are not decided yet."""
        for key, held in list(self._held.items()):
            if held.is_decided:
                del self._held[key]
                if held.is_gone:
                    self._hits[held.pointer] += 1


def traced(machine: Machine, notes: Notes) -> Program:
    """A program of the machine that notes what it does."""
    program = compile_machine(machine, notes.leave)
    _trace(program, machine, notes)
    return program


def _trace(program: Program, machine: Machine, notes: Notes) -> None:
    for step in program.steps.values():
        _trace_step(step, notes)
        for nested, body in zip(step.state.machines(), step.nested, strict=True):
            _trace(body, nested, notes)
            _count_beginnings(body.first, nested.pointer, notes)
            if step.type == "Map":
                _count_empty(step, empty_pointer(nested), notes)


def _trace_step(step: Step, notes: Notes) -> None:
    pointer, onward = step.state.pointer, _onward(step)
    behaviour, finish = step.behaviour, step.finish
    count, leave, hold = notes.count, notes.leave, notes.hold

    def counted_behaviour(frame: Any) -> Any:
        if frame.retry_count:
            notes.retry(frame.tally)
        else:
            count(pointer)
        move: Any = behaviour(frame)
        if onward is not None and type(move) is tuple:
            leave(onward, frame, move)
        return move

    def counted_finish(result: Any, frame: Scope) -> Any:
        move = finish(result, frame)
        if onward is not None:
            hold(onward, frame)
        return move

    step.behaviour, step.finish = counted_behaviour, counted_finish
    _trace_retry(step, f"{pointer}/Retry", notes)
    _trace_catch(step, f"{pointer}/Catch", notes)


def _onward(step: Step) -> str | None:
    """The pointer of the state's Next or End; a Choice's rules note themselves."""
    if step.state.next is not None:
        return f"{step.state.pointer}/Next"
    return f"{step.state.pointer}/End" if step.state.end else None


def _trace_retry(step: Step, pointer: str, notes: Notes) -> None:
    retry = step.retry
    if retry is None:
        return

    def noted(failure: Failure, tally: list[int], entropy: Entropy) -> int | None:
        before = list(tally)
        delay = retry(failure, tally, entropy)
        for index, (earlier, later) in enumerate(zip(before, tally, strict=True)):
            if later > earlier:
                notes.choose(tally, f"{pointer}/{index}")
        return delay

    step.retry = noted


def _trace_catch(step: Step, pointer: str, notes: Notes) -> None:
    catch = step.catch
    if catch is None:
        return
    matchers = [compile_matcher(catcher.error_equals) for catcher in step.state.catch]

    def noted(failure: Failure, frame: Scope) -> Any:
        caught = catch(failure, frame)
        if caught is not None:
            index = next(index for index, matches in enumerate(matchers) if matches(failure))
            notes.hold(f"{pointer}/{index}", frame)
        return caught

    step.catch = noted


def _count_beginnings(first: Step, pointer: str, notes: Notes) -> None:
    """A body is entered with its first state, unless another state of the body led there."""
    behaviour = first.behaviour

    def counted(frame: Any) -> Any:
        if not frame.retry_count and _is_at_start(frame):
            notes.count(pointer)
        return behaviour(frame)

    first.behaviour = counted


def _is_at_start(frame: Any) -> bool:
    records = frame.execution.records
    before = records[frame.entered_id - 1][1]
    return not before or not records[before - 1][0].endswith("StateExited")


def _count_empty(step: Step, pointer: str, notes: Notes) -> None:
    """An inline Map knows its items as it begins, a distributed one when it has read them all."""
    behaviour, finish = step.behaviour, step.finish

    def noted(frame: Any) -> Any:
        move = behaviour(frame)
        if type(move) is Iterate and not move.items:
            notes.count(pointer)
        return move

    def noted_finish(result: Any, frame: Any) -> Any:
        run = next(run for run in reversed(frame.execution.map_runs) if run.frame is frame)
        if not run.item_counts.total:
            notes.count(pointer)
        return finish(result, frame)

    step.behaviour = noted
    if step.state.distributed:
        step.finish = noted_finish
