"""A debugger's session: an execution that is carried out one command at a time, and a cursor over its events.

The one rule: the cursor moves over what has been recorded; only where it has reached the end is one more command
carried out. What is changed in the past is changed in a fork: the session goes on with that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from asl_engine.definition.fields import nearest
from asl_engine.definition.graph import every_state
from asl_engine.drivers.attended import Attended
from asl_engine.drivers.clock import Clock, VirtualClock
from asl_engine.drivers.handlers import reply_to
from asl_engine.errors import AslError
from asl_engine.execution.commands import END, InvokeTask
from asl_engine.execution.entropy import Entropy
from asl_engine.execution.execution import RUNNING, Execution
from asl_engine.execution.replies import Reply, TaskFailed, TaskSubmitted
from asl_engine.execution.travel import Moment, OpenTaskView, prefix
from asl_engine.integrations.forking import as_asked
from asl_engine.integrations.lambda_ import invoke_envelope
from asl_engine.integrations.perform import performer
from asl_engine.integrations.registry import Importer, TaskNeed, Tasks, keys_for, look_up
from asl_engine.jsonvalue import Json
from asl_engine.machine import StateMachine
from asl_engine.query.jsonata import UNDEFINED, JsonataError, compile_expression
from asl_engine.states.resource import parse_resource
from asl_engine.testing.histories import Place, Reading

if TYPE_CHECKING:
    from asl_engine.execution.history import Record

Stop = Callable[[int], bool]
"""Whether to stop at an event, by its id."""


class DebugError(AslError):
    """What was asked of a session cannot be done."""


class Breakpoint(NamedTuple):
    """Stops where a state is entered; with a `condition`, a JSONata expression, only where that is true."""

    state: str
    condition: str | None

    def __str__(self) -> str:
        return self.state if self.condition is None else f"{self.state} if {self.condition}"


class Session:
    """An execution of a machine, and the event `cursor` that is looked at."""

    def __init__(
        self,
        machine: StateMachine,
        input: Json = None,
        *,
        tasks: Tasks | None = None,
        importer: Importer | None = None,
        seed: int | None = None,
        storage: Any = None,
    ) -> None:
        self.machine = machine
        self.breakpoints: list[Breakpoint] = []
        self._tasks = tasks or {}
        self._importer = importer
        self._supply = machine.supply(storage) if machine.storage_needs else None
        found = {need.state_name: look_up(need, self._tasks, importer) for need in machine.task_needs if need.certain}
        handlers = {name: handler for name, handler in found.items() if handler is not None}
        self._by_callable = performer(handlers, self._tasks, seed or 0, importer)
        self._answers: dict[int, Reply] = {}
        self._performed: set[int] = set()
        execution = machine.start(input, seed=seed, keep_journal=True)
        self._attend(execution, execution.start(VirtualClock().now()), self._perform)
        self.cursor = 1

    def _attend(self, execution: Execution, commands: Any, perform: Any) -> None:
        self.execution = execution
        self._driver = Attended(execution, perform, VirtualClock(execution.now), self._supply)
        self._driver.take_over(commands)
        self._places = Reading()

    def close(self) -> None:
        """Closes what was opened for distributed Maps."""
        if self._supply is not None:
            self._supply(END)

    # --- looking ------------------------------------------------------------------------------------------------------

    @property
    def moment(self) -> Moment:
        """The execution as it stood at the cursor."""
        return self.execution.at(self.cursor)

    @property
    def record(self) -> Record:
        """The event at the cursor."""
        return self.execution.records[self.cursor - 1]

    @property
    def is_over(self) -> bool:
        """Whether the cursor is at the event that ended the execution."""
        return self.cursor == len(self.execution.records) and self.execution.status != RUNNING

    def evaluate(self, expression: str) -> Json:
        """The value of a JSONata expression at the cursor: `$` is the state's input, `$states.input` and
        `$states.context` are there, and the variables. None where it has no value. Raises AslError."""
        moment = self.moment
        bindings: dict[str, Any] = {"states": {"input": moment.input, "context": moment.context}, **moment.variables}
        world = _World(self.execution)
        try:
            value = compile_expression(expression).evaluate(moment.input, bindings, world)
        except JsonataError as error:
            raise DebugError(f"{expression}: {error}") from None
        return None if value is UNDEFINED else value

    # --- moving -------------------------------------------------------------------------------------------------------

    def forward(self, stop: Stop) -> bool:
        """Moves the cursor on to the next event where to stop, or to the last one there is; whether it moved."""
        before = self.cursor
        while self._advance_cursor():
            if stop(self.cursor) or self.is_over:
                break
        return self.cursor != before

    def back(self, stop: Stop) -> bool:
        """Moves the cursor back to an event where to stop, or to the first one; whether it moved."""
        before = self.cursor
        while self.cursor > 1:
            self.cursor -= 1
            if stop(self.cursor):
                break
        return self.cursor != before

    def go_to(self, event_id: int) -> None:
        """Moves the cursor to an event that has been recorded. Raises DebugError."""
        if not 1 <= event_id <= len(self.execution.records):
            raise DebugError(f"there are the events 1 to {len(self.execution.records)} so far, not {event_id}")
        self.cursor = event_id

    def _advance_cursor(self) -> bool:
        """To the next event, carrying out what is necessary; False where only an answer could go on."""
        execution = self.execution
        while self.cursor == len(execution.records):
            if execution.status != RUNNING or not self._driver.step():
                return False
        self.cursor += 1
        return True

    def is_entry(self, event_id: int) -> bool:
        """Whether a state is entered at an event."""
        return self.execution.records[event_id - 1][0].endswith("StateEntered")

    def is_entry_outside(self, event_id: int, *, of: int, leaving: bool) -> bool:
        """Whether a state is entered at an event that is not inside the state of the event `of`; with `leaving`, nor
        beside it in the same iteration, branch or machine."""
        if not self.is_entry(event_id):
            return False
        around = list(self._container(of).around())
        return self._container(event_id) in (around[1:] if leaving else around)

    def _container(self, event_id: int) -> Place:
        """The iteration, the branch or the machine in which the state of an event stands."""
        records = self.execution.records
        for number in range(len(self._places.found) + 1, len(records) + 1):
            self._places.take(_as_event(number, records[number - 1]))
        place = self._places.found[event_id].nearest(lambda around: around.is_visit)
        return place.inside if place.is_visit and place.inside is not None else place

    def is_break(self, event_id: int) -> bool:
        """Whether a breakpoint stops at an event, the cursor being there."""
        name = self.execution.records[event_id - 1][3]
        return self.is_entry(event_id) and any(
            found.state == name and (found.condition is None or self.evaluate(found.condition) is True)
            for found in self.breakpoints
        )

    def add_breakpoint(self, state: str, condition: str | None = None) -> Breakpoint:
        """Stops where a state is entered from now on. Raises DebugError for a state that is not there, and for a
        condition that is no expression."""
        if state not in self.machine_states:
            hint = nearest(state, self.machine_states)
            raise DebugError(f"there is no state {state!r}" + (f"; {hint}" if hint else ""))
        if condition is not None:
            try:
                compile_expression(condition)
            except JsonataError as error:
                raise DebugError(f"{condition}: {error}") from None
        found = Breakpoint(state, condition)
        self.breakpoints.append(found)
        return found

    @property
    def machine_states(self) -> dict[str, str]:
        """The name of every state -> the JSON pointer to it."""
        return {state.name: state.pointer for state in every_state(self.machine.definition)}

    # --- changing -----------------------------------------------------------------------------------------------------

    def succeed(self, task: OpenTaskView, value: Json) -> None:
        """Answers a task of the moment at the cursor; in the past, the execution goes on from there anew. For
        `lambda:invoke` the value is what the function returns."""
        resource = parse_resource(task.resource)
        wrap = None
        if resource.is_lambda_invoke and not resource.awaits_token:
            wrap = invoke_envelope(task.input, Entropy(task.ticket).uuid)
        reply = reply_to(value, task.ticket, wrap, Entropy(task.ticket).uuid)
        assert reply is not None
        self._answer(reply, task.ticket)

    def fail(self, task: OpenTaskView, error: str, cause: str | None) -> None:
        """Fails a task of the moment at the cursor; in the past, the execution goes on from there anew."""
        self._answer(TaskFailed(task.ticket, error, cause), task.ticket)

    def _answer(self, reply: Reply, ticket: int) -> None:
        self._rewind()
        if ticket in self._performed:
            self._driver.hand_in(reply)
        else:
            self._answers[ticket] = reply

    def advance(self, seconds: float) -> None:
        """Lets time pass from the cursor on, with all that falls due in it; in the past, anew from there."""
        self._rewind()
        self._driver.advance(seconds)

    def _rewind(self) -> None:
        """Forgets what came after the cursor, unless all of it was settled by then."""
        journal = self.execution.journal
        if journal is None or all(recorded < self.cursor for recorded, _, _ in journal):
            return
        twin, outstanding = prefix(self.execution, self.cursor)
        twin.origin = self.machine
        self._answers.clear()
        self._performed.clear()
        self._attend(twin, [asked.command for asked in outstanding], as_asked(self._perform, outstanding))

    # --- tasks --------------------------------------------------------------------------------------------------------

    def _perform(self, task: InvokeTask, clock: Clock, now: int) -> list[tuple[int, Reply]]:
        """What becomes of a task: the answer that was given by hand, a callable's, or none yet."""
        self._performed.add(task.ticket)
        reply = self._answers.pop(task.ticket, None)
        if reply is not None:
            return [(now, reply)]
        keys = tuple(keys_for(task.state_name, task.resource, task.payload))
        if look_up(TaskNeed(task.state_name, task.resource, keys, True), self._tasks, self._importer) is not None:
            return self._by_callable(task, clock, now)
        return [(now, TaskSubmitted(task.ticket, {}))] if task.resource.pattern else []


class _World:
    """What an expression draws of the world: nothing of the execution's own chance."""

    def __init__(self, execution: Execution) -> None:
        self.now_ms = execution.now
        self._entropy = Entropy(0)

    def random(self) -> float:
        """A number in [0, 1)."""
        return self._entropy.random()

    def uuid(self) -> str:
        """A UUID."""
        return self._entropy.uuid()


def _as_event(number: int, record: Record) -> dict[str, Any]:
    """As much of an event as `Reading` looks at."""
    kind, previous, _, name, x, _ = record
    details = {"name": name, "state": name, "index": x}
    return {"id": number, "type": kind, "previousEventId": previous, "anyEventDetails": details}
