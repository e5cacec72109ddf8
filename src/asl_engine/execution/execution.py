"""The execution: replies in, commands out. Pure: it reads no clock, sleeps nowhere, starts nothing itself.

Its rules:
- Frames that can go on stand in a ready queue; a fork puts its children there and enters none of them, so that a
  failure in one branch is seen before the next branch begins.
- A failure takes one way: `_rescue` asks Retry, then Catch, then fails the frame and with it the group around it.
- After EndExecution nothing changes any more; replies nobody waits for are ignored.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from asl_engine.errors import (
    DATA_LIMIT_EXCEEDED,
    RUNTIME,
    TIMEOUT,
    AslError,
    ExecutionFailed,
    JournalError,
    QueryEvaluationError,
    StatesError,
)
from asl_engine.execution import groups, tasks
from asl_engine.execution.assertions import Assertions
from asl_engine.execution.commands import END, Command
from asl_engine.execution.context import REGION, fixed_parts
from asl_engine.execution.desk import Desk
from asl_engine.execution.entropy import Entropy
from asl_engine.execution.frame import Frame, OpenTask, Work
from asl_engine.execution.replies import (
    Reply,
    StopExecution,
    TaskFailed,
    TaskHeartbeat,
    TaskRefused,
    TaskScheduled,
    TaskStarted,
    TaskSubmitted,
    TaskSucceeded,
    TimerFired,
)
from asl_engine.jsonvalue import Json, copy, size
from asl_engine.query.language import Growth
from asl_engine.states.fail import FailStateError
from asl_engine.states.failure import Failure
from asl_engine.states.moves import Branch, Invoke, Iterate, Next, StartMapRun, WaitUntil
from asl_engine.states.program import Program
from asl_engine.states.resource import Resource

if TYPE_CHECKING:
    from asl_engine.execution.callbacks import Driver, PendingTask
    from asl_engine.execution.history import Record
    from asl_engine.execution.map_run import MapRun
    from asl_engine.execution.report import StateReport
    from asl_engine.execution.travel import Moment, Origin

PAYLOAD_LIMIT = 262_144
VARIABLES_LIMIT = 10 * 1_048_576
EVENT_LIMIT = 25_000
EXPRESS_SECONDS = 300
"""An Express execution is timed out after five minutes."""
DEFAULT_MAX_TRANSITIONS = 1_000_000

RUNNING = "RUNNING"
SUCCEEDED = "SUCCEEDED"
FAILED = "FAILED"
TIMED_OUT = "TIMED_OUT"
ABORTED = "ABORTED"


class TransitionLimitError(AslError):
    """The execution made more transitions than the caller allows."""


class Settings(NamedTuple):
    """What an execution is started with, besides program and input. `activity_workers`: an activity's task is scheduled
    and started by the driver's replies, not at once. `keep_journal`: even where a Map Run starts. `check_task`: given a
    Task's name, Resource and parameters, raises StatesError where what serves it could not be asked so; then no task is
    scheduled."""

    machine_name: str = "StateMachine"
    express: bool = False
    seed: int = 0
    context: Mapping[str, Any] | None = None
    max_transitions: int = DEFAULT_MAX_TRANSITIONS
    activity_workers: bool = False
    keep_journal: bool = False
    check_task: Callable[[str, Resource, Json], None] | None = None


DEFAULT_SETTINGS = Settings()


class Execution(Assertions):
    """One run of a program.

    `status` is RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED; `error` and `cause` are set where it did not succeed.
    `progress` is called with a Map Run whenever something of it has changed.
    """

    status = RUNNING
    error: str | None = None
    cause: str | None = None
    transitions = 0
    now = start_time = end_time = 0
    scope: tuple[tuple[str, str, int], ...] = ()
    progress: Callable[[MapRun], None] | None = None
    _result: Json = None
    _output_taken = False
    _assigned_bytes = 0
    driver: Driver | None = None
    _entropy: Entropy | None = None
    _fixed_context: dict[str, Json] | None = None
    _hungry: deque[MapRun] | None = None
    _map_runs: list[MapRun] | None = None
    journal: list[tuple[int, Reply, int]] | None = None
    """Every reply that came: how many events there were then, the reply, and when (`travel`); None where none is
    kept."""
    origin: Origin | None = None
    served: tuple[Mapping[str, Any], Any, Any, Any, Any] = ({}, None, None, None, None)
    """What `run` was given to serve the tasks, for forks: tasks, importer, services, identity, storage."""

    def __init__(self, program: Program, input: Json, input_size: int, settings: Settings = DEFAULT_SETTINGS) -> None:
        self.program = program
        self.settings = settings
        self.records: list[Record] = []
        self.journal = []
        self.tokens: dict[tuple[int, int], str] = {}
        self.tasks_by_token: dict[str, OpenTask] = {}
        self._event_limit = 1 << 62 if settings.express else EVENT_LIMIT - 1
        self._ready: deque[Frame] = deque()
        self.desk = Desk()
        self.root = self
        self._root = Frame(self, program.first, input, input_size, {}, 0)

    # --- the two calls of a driver ------------------------------------------------------------------------------------

    def start(self, now: int) -> list[Command]:
        """Begins at a time, in milliseconds since the epoch. To be called once."""
        self.now = self.start_time = now
        role = self.fixed_context()["Execution"].get("RoleArn") if self.settings.context else None
        self.records.append(("ExecutionStarted", 0, now, None, self._root.input, role))
        seconds = self.program.timeout_seconds
        if self.settings.express:
            seconds = EXPRESS_SECONDS if seconds is None else min(seconds, EXPRESS_SECONDS)
        if seconds is not None:
            self.desk.set_timer(self._root, now + seconds * 1000, self._time_out)
        self._ready.append(self._root)
        return self._run()

    def receive(self, reply: Reply, now: int) -> list[Command]:
        """Takes a reply at a time; time never goes back."""
        if self.status != RUNNING:
            return []
        if now > self.now:
            self.now = now
        if self.journal is not None:
            self.journal.append((len(self.records), reply, self.now))
        if self._map_runs is None:
            _RECEIVE[type(reply)](self, reply)
        else:
            self._pass_on(reply)
        return self._run()

    def _pass_on(self, reply: Any) -> None:
        """Takes a reply that may concern a Map Run, or a child execution of one."""
        from asl_engine.execution import map_runs

        frame = None if type(reply) is StopExecution else self.desk.awaiting(reply.ticket)
        take = _RECEIVE.get(type(reply)) or map_runs.RECEIVE[type(reply)]
        take(self if frame is None else frame.execution, reply)

    def is_awaited(self, ticket: int) -> bool:
        """Whether a reply to this ticket still matters."""
        return self.desk.awaits(ticket)

    def _run(self) -> list[Command]:
        ready = self._ready
        while True:
            while ready and self.status == RUNNING:
                frame = ready.popleft()
                if not frame.ended:
                    frame.execution._advance(frame)
            if not self._hungry or self.status != RUNNING:
                return self.desk.taken()
            self._hungry.popleft().take_turn()

    # --- one frame, as far as it goes ---------------------------------------------------------------------------------

    def _advance(self, frame: Frame) -> None:
        """Runs a frame from the entry of its state until it must wait or its machine ends."""
        if frame.group is not None and not frame.started and not groups.begin(self, frame):
            return None
        records, now, step = self.records, self.now, frame.step
        append = records.append
        while True:
            self.transitions += 1
            if len(records) >= self._event_limit or self.transitions > self.settings.max_transitions:
                return self._limit_reached()
            append((step.entered, frame.previous, now, step.name, frame.input, None))
            frame.previous = frame.entered_id = len(records)
            frame.entered_at = now
            try:
                move = step.behaviour(frame)
            except StatesError as error:
                return self.rescue(frame, self.explain(frame, error, entering=True))
            if type(move) is not tuple:
                return _BEGIN[type(move)](self, frame, move)
            output, following, assigned = move  # type: ignore[misc]
            bound = frame.bound * step.factor + step.added
            if bound > PAYLOAD_LIMIT:
                bound = size(output)
                if bound > PAYLOAD_LIMIT:
                    return self.rescue(frame, too_large(step.name))
            if assigned and not self._assign(frame, assigned):
                return
            append((step.exited, frame.previous, now, step.name, output, assigned))
            frame.previous = len(records)
            frame.input, frame.bound = output, bound
            if following is None:
                return self._end_root(frame) if frame.group is None else groups.child_succeeded(self, frame)
            frame.step = step = following

    def attempt(self, frame: Frame) -> None:
        """Does the work of the frame's state once more, after the delay of a retry."""
        frame.retry_count += 1
        self.transitions += 1
        if len(self.records) >= self._event_limit or self.transitions > self.settings.max_transitions:
            return self._limit_reached()
        try:
            move: Any = frame.step.behaviour(frame)
        except StatesError as error:
            return self.rescue(frame, self.explain(frame, error))
        _BEGIN[type(move)](self, frame, move)

    def finish(self, frame: Frame, result: Json, result_bound: int) -> None:
        """Leaves the frame's state with the result of what took time."""
        frame.work = None
        try:
            move = frame.step.finish(result, frame)
        except StatesError as error:
            return self.rescue(frame, self.explain(frame, error))
        growth = frame.step.growth
        self._leave(frame, move, growth, result_bound)

    def _leave(self, frame: Frame, move: Next, growth: Growth, document_bound: int) -> None:
        output, following, assigned = move
        step = frame.step
        bound = growth.input * frame.bound + growth.document * document_bound + growth.constant
        if bound > PAYLOAD_LIMIT:
            bound = size(output)
            if bound > PAYLOAD_LIMIT:
                return self.rescue(frame, too_large(step.name))
        if assigned and not self._assign(frame, assigned):
            return
        self.records.append((step.exited, frame.previous, self.now, step.name, output, assigned))
        frame.previous = len(self.records)
        frame.input, frame.bound, frame.work = output, bound, None
        frame.entered_id = frame.retry_count = 0
        frame.tally = None
        if following is None:
            return self._end_root(frame) if frame.group is None else groups.child_succeeded(self, frame)
        frame.step = following
        self._ready.append(frame)

    def _assign(self, frame: Frame, assigned: dict[str, Json]) -> bool:
        """Sets a state's variables all at once; False where AWS's limits fail the state instead."""
        total = size(assigned)
        variables = {**frame.variables, **assigned}
        self._assigned_bytes += total
        if self._assigned_bytes > VARIABLES_LIMIT:
            self._assigned_bytes = size(variables)
        if total > PAYLOAD_LIMIT or self._assigned_bytes > VARIABLES_LIMIT:
            limit = PAYLOAD_LIMIT if total > PAYLOAD_LIMIT else VARIABLES_LIMIT
            cause = f"The variables assigned by the state '{frame.step.name}' exceed the limit of {limit} bytes."
            self.rescue(frame, Failure(DATA_LIMIT_EXCEEDED, cause, by_name_only=True))
            return False
        frame.variables = variables
        return True

    def _wait(self, frame: Frame, move: WaitUntil) -> None:
        if move.at <= self.now:
            return self.finish(frame, move.result, frame.bound)
        ticket = self.desk.set_timer(frame, move.at, self._wait_over)
        frame.work = Work(ticket, None, move.result)

    def _wait_over(self, frame: Frame) -> None:
        assert isinstance(frame.work, Work)
        self.finish(frame, frame.work.result, frame.bound)

    # --- failure ------------------------------------------------------------------------------------------------------

    def explain(self, frame: Frame, error: StatesError, entering: bool = False) -> Failure:
        """The failure that an expression or a Fail state's error makes, with AWS's opening words for the former."""
        if isinstance(error, FailStateError):
            return Failure(error.error, error.cause)
        place = f"the state '{frame.step.name}' (entered at the event id #{frame.entered_id})"
        failure = Failure(error.error, f"An error occurred while executing {place}. {error.cause or ''}")
        if isinstance(error, QueryEvaluationError):
            if entering and error.on_entry:
                frame.previous = self.records[frame.entered_id - 1][1]
            self.record("EvaluationFailed", frame, failure, error.location)
        return failure

    def rescue(self, frame: Frame, failure: Failure) -> None:
        """The one way of every failure: Retry, else Catch, else the frame fails."""
        step = frame.step
        frame.work = None
        if step.retry is not None:
            frame.tally = frame.tally or [0] * step.retriers
            delay = step.retry(failure, frame.tally, self.entropy)
            if delay is not None:
                frame.work = Work(self.desk.set_timer(frame, self.now + delay, self.attempt))
                return None
        if step.type in ("Map", "Parallel"):
            self.record(f"{step.type}StateFailed", frame)
        if step.catch is not None:
            try:
                caught = step.catch(failure, frame)
            except StatesError as error:
                return self.fail_frame(frame, self.explain(frame, error))
            if caught is not None:
                move, growth = caught
                return self._leave(frame, move, growth, size(failure.output()))
        self.fail_frame(frame, failure)

    def fail_frame(self, frame: Frame, failure: Failure) -> None:
        """Fails the frame, and what is around it: its group, or the execution."""
        if frame.group is not None:
            return groups.child_failed(self, frame, failure)
        self._end(FAILED, "ExecutionFailed", failure.error, failure.cause or None)

    # --- the end ------------------------------------------------------------------------------------------------------

    def _end_root(self, frame: Frame) -> None:
        """The machine has ended well, and with it the execution."""
        if len(self.records) > self._event_limit:
            return self._limit_reached()
        frame.ended = True
        self._result = frame.input
        self.records.append(("ExecutionSucceeded", frame.previous, self.now, None, frame.input, None))
        self._close(SUCCEEDED)

    def _end(self, status: str, event: str, error: str | None, cause: str | None) -> None:
        self.error, self.cause = error, cause
        self.records.append((event, self._root.previous, self.now, error, error, cause))
        self._close(status)

    def _close(self, status: str) -> None:
        self.status = status
        self.end_time = self.now
        self.desk.forget_all()
        self._ready.clear()
        self.desk.ask(END)

    def _time_out(self, frame: Frame) -> None:
        groups.abort(self, frame)
        self._end(TIMED_OUT, "ExecutionTimedOut", TIMEOUT, None)

    def _stop(self, reply: StopExecution) -> None:
        groups.abort(self, self._root)
        self._end(ABORTED, "ExecutionAborted", reply.error, reply.cause)

    def _limit_reached(self) -> None:
        if self.transitions > self.settings.max_transitions:
            self._close(ABORTED)
            raise TransitionLimitError(f"the execution made more than {self.settings.max_transitions} transitions")
        del self.records[EVENT_LIMIT - 1 :]
        self._root.previous = len(self.records)
        cause = f"The execution reached the maximum number of history events ({EVENT_LIMIT})."
        self._end(FAILED, "ExecutionFailed", RUNTIME, cause)

    # --- answers from outside -----------------------------------------------------------------------------------------

    @property
    def pending_tokens(self) -> dict[str, PendingTask]:
        """The tasks that a token can answer now: task token -> what is known of the task."""
        from asl_engine.execution.callbacks import pending_tokens

        return pending_tokens(self)

    def send_task_success(self, token: str, output: Json) -> None:
        """Ends the task of a token with its output, a JSON value, and goes on as `run` did.

        Raises InvalidToken, TaskDoesNotExist, TaskTimedOut (the task is closed) and InvalidOutput.
        """
        from asl_engine.execution.callbacks import success

        self._attended().answer(self, lambda: success(self, token, output))

    def send_task_failure(self, token: str, error: str | None = None, cause: str | None = None) -> None:
        """Fails the task of a token and goes on as `run` did. Raises what `send_task_success` does."""
        from asl_engine.execution.callbacks import failure

        self._attended().answer(self, lambda: failure(self, token, error, cause))

    def send_task_heartbeat(self, token: str) -> None:
        """Says that a token's task is alive: HeartbeatSeconds starts anew. Raises what `send_task_success` does."""
        from asl_engine.execution.callbacks import heartbeat

        self._attended().answer(self, lambda: heartbeat(self, token))

    def advance(self, seconds: float) -> None:
        """Lets this much time pass, with all that falls due in it."""
        self._attended().advance(seconds)

    def resume(self) -> None:
        """Goes on, through time-outs too, to the end or until nothing can happen without an answer."""
        self._attended().resume()

    def _attended(self) -> Driver:
        if self.driver is None:
            raise AslError(
                "no driver attends this execution: give it replies with receive(), or run a machine whose tasks have"
                " tokens"
            )
        return self.driver

    # --- time travel --------------------------------------------------------------------------------------------------

    def at(self, event_id: int) -> Moment:
        """The execution as it stood when an event of its history had happened; ids count from 1.

        Raises ValueError where there is no such event, and JournalError where a Map Run has started: its replies may
        be too many to keep, unless `keep_journal=True` asked for them.
        """
        from asl_engine.execution.travel import moment_at

        return moment_at(self, event_id)

    def fork(self, *, at: int, tasks: Mapping[str, Any] | None = None, until_pending: bool = False) -> Execution:
        """Another execution, with the same past up to an event, run on from there in virtual time.

        What was answered by that event stays, time included. Every task that was still unanswered then, and all later
        ones, are asked anew: of `tasks`, laid key by key over those that `run` was given. A task that was under way
        counts as begun when it was: an answer that would have come by then comes at once. Seed, input, context object
        and settings are those of this execution.

        Raises what `at` does, JournalError where a Map Run before the event read from storage or wrote to it, and
        UnservedTaskError.
        """
        from asl_engine.execution.travel import prefix

        if self.origin is None:
            raise JournalError("this execution was not started by a StateMachine, so nobody serves the tasks of a fork")
        twin, outstanding = prefix(self, at)
        return self.origin.carry_on(self, twin, outstanding, tasks, until_pending)

    def unhear(self) -> None:
        """Takes the last reply, which changed nothing, out of the journal."""
        if self.journal:
            self.journal.pop()

    # --- what a caller reads ------------------------------------------------------------------------------------------

    @property
    def output(self) -> Json:
        """The output of an execution that succeeded, else None. The value is the caller's own."""
        if not self._output_taken:
            self._result, self._output_taken = copy(self._result), True
        return self._result

    @property
    def history(self) -> list[dict[str, Any]]:
        """GetExecutionHistory's events: ids, previousEventId, ISO timestamps, inputs and outputs as JSON text."""
        from asl_engine.execution.history import render

        return render(self.records)

    @property
    def map_runs(self) -> list[MapRun]:
        """The Map Runs that the distributed Maps of this execution started, in that order."""
        if self._map_runs is None:
            self._map_runs = []
        return self._map_runs

    @property
    def path(self) -> list[str]:
        """The names of the states entered, in order."""
        from asl_engine.execution.report import path_of

        return path_of(self.records)

    def state(self, name: str) -> StateReport:
        """What happened in a state: inputs, outputs, attempts, errors, seconds. Raises KeyError if never entered."""
        from asl_engine.execution.report import state_report

        return state_report(self.records, name)

    @property
    def elapsed(self) -> float:
        """The seconds between start and end, or now, on the execution's clock."""
        return ((self.now if self.status == RUNNING else self.end_time) - self.start_time) / 1000

    def raise_for_status(self) -> Execution:
        """Itself if it succeeded; raises ExecutionFailed otherwise."""
        if self.status != SUCCEEDED:
            raise ExecutionFailed(self.status, self.error, self.cause)
        return self

    def __repr__(self) -> str:
        return f"<Execution {self.status} after {self.transitions} transitions>"

    # --- for groups and tasks -----------------------------------------------------------------------------------------

    def record(self, kind: str, frame: Frame, x: Any = None, y: Any = None) -> None:
        """Adds an event of the frame's thread; the thread's next event follows it."""
        self.records.append((kind, frame.previous, self.now, frame.step.name, x, y))
        frame.previous = len(self.records)

    def aside(self, kind: str, frame: Frame, name: str, x: Any = None) -> None:
        """Adds an event that the thread's next event does not follow."""
        self.records.append((kind, frame.previous, self.now, name, x, None))

    def make_ready(self, frame: Frame) -> None:
        """Lets a frame go on when its turn comes."""
        self._ready.append(frame)

    @property
    def hungry(self) -> deque[MapRun]:
        """The Map Runs whose turn to start a child will come, this execution's and those of its children."""
        if self._hungry is None:
            self._hungry = deque()
        return self._hungry

    @property
    def entropy(self) -> Entropy:
        """The execution's chance, fixed by its seed."""
        if self._entropy is None:
            self._entropy = Entropy(self.settings.seed)
        return self._entropy

    def fixed_context(self) -> dict[str, Json]:
        """The context object's parts that do not change, made when first asked for."""
        if self._fixed_context is None:
            self._fixed_context = fixed_parts(
                self.settings.context,
                machine_name=self.settings.machine_name,
                express=self.settings.express,
                execution_name=Entropy(self.settings.seed ^ 0x5DEECE66D).uuid(),
                start=self.start_time,
                input=self.records[0][4] if self.records else self._root.input,
            )
        return self._fixed_context

    def region(self) -> str:
        """The region that Task events show: the execution's own."""
        parts = self.fixed_context()["Execution"]["Id"].split(":")
        return parts[3] if len(parts) > 3 and parts[3] else REGION

    def token_of(self, frame: Frame) -> str:
        """The task token of a frame's present attempt."""
        return tasks.token_of(self, frame)


def too_large(name: str) -> Failure:
    """The failure of a state whose output passes the payload limit."""
    cause = (
        f"The state/task '{name}' returned a result with a size exceeding the maximum number of bytes service limit."
    )
    return Failure(DATA_LIMIT_EXCEEDED, cause, by_name_only=True)


def _start_map_run(execution: Execution, frame: Frame, move: StartMapRun) -> None:
    from asl_engine.execution import map_runs

    map_runs.start(execution, frame, move)


_BEGIN: dict[type, Callable[[Execution, Frame, Any], None]] = {
    WaitUntil: Execution._wait,
    Invoke: tasks.invoke,
    Branch: groups.branch,
    Iterate: groups.iterate,
    StartMapRun: _start_map_run,
}

_RECEIVE: dict[type, Callable[[Execution, Any], None]] = {
    TaskScheduled: tasks.scheduled,
    TaskStarted: tasks.started,
    TaskRefused: tasks.refused,
    TaskSubmitted: tasks.submitted,
    TaskSucceeded: tasks.succeeded,
    TaskFailed: tasks.failed,
    TaskHeartbeat: tasks.beat,
    TimerFired: lambda execution, reply: execution.desk.fire(reply.ticket),
    StopExecution: Execution._stop,
}
