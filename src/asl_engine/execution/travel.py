"""Time travel: an execution as it stood at one of its events, and what a fork goes on from.

An execution is a function of its program, input, settings, start time and the journal of (reply, time). So a fresh
execution that is given the first replies of a journal *is* the execution at that time. What one reply sets off, a
*burst*, asks nobody anything and always gives the same events.

The one rule: the execution that is looked at is never touched; what is shown or forked is a twin.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from asl_engine.errors import JournalError
from asl_engine.execution.commands import InvokeTask, SetTimer
from asl_engine.execution.execution import Execution, TransitionLimitError
from asl_engine.execution.frame import Frame, Group, Work
from asl_engine.execution.history import render
from asl_engine.execution.map_data import FinishResults, ReadItems, WriteResult
from asl_engine.execution.map_run import MapRun
from asl_engine.execution.replies import Reply, StopExecution
from asl_engine.jsonvalue import Json, copy, size

if TYPE_CHECKING:
    from asl_engine.execution.history import Record
    from asl_engine.execution.report import StateReport
    from asl_engine.states.program import Program

Entry = tuple[int, Reply, int]
"""How many events there were, the reply that then came, and when."""


class Outstanding(NamedTuple):
    """A command that nobody has answered yet, when it was asked, and how many replies it has had meanwhile that did not
    end it (a heartbeat, TaskSubmitted)."""

    command: InvokeTask | SetTimer
    asked_at: int
    said: int


class Origin(Protocol):
    """Who started an execution, and can serve the tasks of a fork of it: its state machine."""

    @property
    def program(self) -> Program:
        """Its own program, which counts nothing where coverage is measured."""

    def carry_on(
        self,
        original: Execution,
        twin: Execution,
        outstanding: list[Outstanding],
        tasks: Mapping[str, Any] | None,
        until_pending: bool,
    ) -> Execution:
        """Drives the twin on from its outstanding commands."""


class OpenTaskView(NamedTuple):
    """A task that was asked for and not answered. `input` is what it was given, `attempt` counts from 1, `scope` names
    the iterations and branches around it, `ticket` is that of its command."""

    state_name: str
    resource: str
    input: Json
    attempt: int
    scope: tuple[tuple[str, str, int], ...]
    task_token: str | None
    ticket: int


class FrameView(NamedTuple):
    """Where one thread of control stood: in the state `state_name` with the raw `input`. `entered_id` is the event of
    its entry, 0 where its turn to enter had not come; `attempt` counts from 1. `scope` is empty for the outermost."""

    state_name: str
    type: str
    input: Json
    variables: Mapping[str, Json]
    scope: tuple[tuple[str, str, int], ...]
    attempt: int
    entered_id: int


class Moment:
    """An execution as it stood when one of its events had happened; it reads like an `Execution`.

    `event_id` is that event's id. Nothing that is done with what it gives changes the execution.
    """

    def __init__(self, original: Execution, twin: Execution, event_id: int) -> None:
        self.event_id = event_id
        self._original = original
        self._twin = twin

    @property
    def event(self) -> dict[str, Any]:
        """The event, as the history shows it."""
        return {**render(self._twin.records[-1:])[0], "id": self.event_id}

    @property
    def status(self) -> str:
        """RUNNING, until the event was the last one."""
        return self._twin.status

    @property
    def error(self) -> str | None:
        """The error, where the execution had failed."""
        return self._twin.error

    @property
    def cause(self) -> str | None:
        """The cause, where the execution had failed."""
        return self._twin.cause

    @property
    def output(self) -> Json:
        """The output, where the execution had succeeded."""
        return copy(self._twin.output)

    @property
    def history(self) -> list[dict[str, Any]]:
        """The events up to here."""
        return self._twin.history

    @property
    def records(self) -> Sequence[Record]:
        """The events up to here, as the engine keeps them."""
        return tuple(self._twin.records)

    @property
    def path(self) -> list[str]:
        """The names of the states entered up to here."""
        return self._twin.path

    @property
    def elapsed(self) -> float:
        """The seconds since the start, on the execution's clock."""
        return self._twin.elapsed

    def state(self, name: str) -> StateReport:
        """What had happened in a state. Raises KeyError if it had not been entered."""
        return self._twin.state(name)

    @property
    def frames(self) -> list[FrameView]:
        """Where each thread of control stood, outermost first: one, and those of the branches and iterations that had
        begun or were about to."""
        return [_view(frame) for frame in _frames(self._twin._root)]

    @property
    def frame(self) -> FrameView:
        """Where the thread of control stood whose event this is."""
        return _view(self._frame)

    @property
    def input(self) -> Json:
        """The raw input of that thread's state."""
        return copy(self._frame.input)

    @property
    def variables(self) -> dict[str, Json]:
        """The variables which that thread saw."""
        return {name: copy(value) for name, value in self._frame.variables.items()}

    @property
    def context(self) -> dict[str, Json]:
        """The context object which that thread saw."""
        context: dict[str, Json] = copy(self._frame.context())
        return context

    @property
    def open_tasks(self) -> list[OpenTaskView]:
        """The tasks that were asked for and not answered."""
        return [_open_task(frame) for frame in _frames(self._twin._root) if _awaits_task(frame)]

    @property
    def _frame(self) -> Frame:
        return _frame_of_last(self._twin)

    def at(self, event_id: int) -> Moment:
        """The same execution at another event, earlier or later."""
        return moment_at(self._original, event_id)

    def fork(self, tasks: Mapping[str, Any] | None = None, *, until_pending: bool = False) -> Execution:
        """Runs on from here; see `Execution.fork`."""
        return self._original.fork(at=self.event_id, tasks=tasks, until_pending=until_pending)

    def __repr__(self) -> str:
        kind = self._twin.records[-1][0]
        return f"<Moment {self.status} at event {self.event_id}, {kind}>"


# --- the twin ---------------------------------------------------------------------------------------------------------


class _Reached(BaseException):
    """The event where a burst is to stop has happened."""


class _RecordsUntil(list["Record"]):
    """The records of a twin that stops within a burst: at the event of this id and kind."""

    def __init__(self, event_id: int, kind: str) -> None:
        self._end = event_id, kind

    def append(self, record: Record) -> None:
        """Adds a record."""
        super().append(record)
        if (len(self), record[0]) == self._end:
            raise _Reached


def moment_at(execution: Execution, event_id: int) -> Moment:
    """The execution as it stood at an event. Raises JournalError and ValueError."""
    journal = _journal(execution, event_id)
    twin = _twin(execution, execution.program if execution.origin is None else execution.origin.program)
    given = _entries_before(journal, event_id)
    kind = execution.records[event_id - 1][0]
    # a burst that ends with the event is gone through to its end, where it asks for what it asks for; but a thread that
    # ended with the event is then no longer there to be looked at
    stops = _burst_ends_at(execution, journal, len(given)) != event_id or kind.endswith("Exited")
    if stops:
        twin.records = _RecordsUntil(event_id, kind)
    try:
        twin.start(execution.start_time)
        for _, reply, now in given:
            twin.receive(reply, now)
    except (_Reached, TransitionLimitError):
        pass
    if stops:
        _settle(twin)
    return Moment(execution, twin, event_id)


def prefix(execution: Execution, event_id: int) -> tuple[Execution, list[Outstanding]]:
    """A twin with every burst that had begun by an event, and the commands that nobody has answered.

    Raises JournalError, ValueError.
    """
    journal = _journal(execution, event_id)
    twin = _twin(execution, execution.program)
    asked = [(command, execution.start_time) for command in twin.start(execution.start_time)]
    said: dict[int, int] = {}
    for _, reply, now in _entries_before(journal, event_id):
        if not isinstance(reply, StopExecution):
            said[reply.ticket] = said.get(reply.ticket, 0) + 1
        asked += [(command, twin.now) for command in twin.receive(reply, now)]
    if any(isinstance(command, (ReadItems, WriteResult, FinishResults)) for command, _ in asked):
        raise JournalError(
            "a Map Run has read from storage or written to it, which a fork cannot take back: fork at an event before"
            " that"
        )
    return twin, [
        Outstanding(command, at, said.get(command.ticket, 0))
        for command, at in asked
        if isinstance(command, (InvokeTask, SetTimer)) and twin.is_awaited(command.ticket)
    ]


def _journal(execution: Execution, event_id: int) -> list[Entry]:
    if execution.journal is None:
        raise JournalError(
            "the execution has kept no journal, so it cannot be shown as it was or forked: a Map Run has started, and"
            " its replies may be too many to keep; ask for it with keep_journal=True"
        )
    count = len(execution.records)
    if isinstance(event_id, bool) or not isinstance(event_id, int) or not 1 <= event_id <= count:
        raise ValueError(f"the execution has the events 1 to {count}, not {event_id!r}")
    return execution.journal


def _twin(execution: Execution, program: Program) -> Execution:
    given = execution.records[0][4]
    return type(execution)(program, given, size(given), execution.settings)


def _entries_before(journal: list[Entry], event_id: int) -> list[Entry]:
    """The replies whose bursts had begun by the event."""
    return [entry for entry in journal if entry[0] < event_id]


def _burst_ends_at(execution: Execution, journal: list[Entry], number: int) -> int:
    """The last event of the burst that the reply of this number (0: the start) set off."""
    return journal[number][0] if number < len(journal) else len(execution.records)


# --- frames -----------------------------------------------------------------------------------------------------------


def _settle(twin: Execution) -> None:
    """Does for the frame of the last event what it would have done itself, had it gone on."""
    kind, _, now, *_ = twin.records[-1]
    if kind.endswith("StateEntered"):
        frame = _frame_of_last(twin)
        frame.previous = frame.entered_id = len(twin.records)
        frame.entered_at = now


def _frames(frame: Frame) -> Iterator[Frame]:
    yield frame
    if isinstance(frame.work, Group):
        for child in frame.work.running.values():
            yield from _frames(child)
    elif isinstance(frame.work, MapRun):
        for execution in frame.work.open.values():
            yield from _frames(execution._root)


def _frame_of_last(twin: Execution) -> Frame:
    """The frame that the last event belongs to: of its state, and at this event or the one before it."""
    kind, previous, _, name, x, _ = twin.records[-1]
    frames = [frame for frame in _frames(twin._root) if frame.execution is twin]
    if kind == "MapIterationStarted":
        inside = [frame for frame in frames if frame.group is not None and frame.group.parent.step.name == name]
        return next((frame for frame in inside if frame.index == x), twin._root)
    named = [frame for frame in frames if frame.step.name == name]
    exact = [frame for frame in named if frame.previous in (len(twin.records), previous)]
    return (exact or named or [twin._root])[0]


def _view(frame: Frame) -> FrameView:
    variables = {name: copy(value) for name, value in frame.variables.items()}
    step, attempt = frame.step, frame.retry_count + 1
    return FrameView(
        step.name, step.type, copy(frame.input), variables, frame.scope_path(), attempt, frame.entered_id
    )  # fmt: skip


def _awaits_task(frame: Frame) -> bool:
    return isinstance(frame.work, Work) and frame.work.invoke is not None


def _open_task(frame: Frame) -> OpenTaskView:
    assert isinstance(frame.work, Work)
    invoke = frame.work.invoke
    assert invoke is not None
    token = frame.execution.token_of(frame) if frame.step.needs_token else None
    return OpenTaskView(
        frame.step.name,
        invoke.resource.text,
        copy(invoke.payload),
        frame.retry_count + 1,
        frame.scope_path(),
        token,
        frame.work.ticket,
    )
