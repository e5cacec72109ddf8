"""Tasks that run at once: what is running, what is due, and in which order results are taken.

It waits for nothing itself; `concurrent` and `aio` wait for it, on threads and on an event loop.

The one rule: everything happens in the one thread (or loop) of the driver. Workers only put what they have into a
queue; what nobody awaits any more is dropped here and reaches neither the execution nor its history.

On a virtual clock time stands still while tasks run, and results are taken in the order in which the tasks were asked
for, so that a run repeats exactly; on any other clock they are taken as they come.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any, Final, NamedTuple, Protocol, TypeAlias

from asl_engine.drivers.clock import Clock, VirtualClock
from asl_engine.drivers.handlers import Handler, TaskContext, failure, reply_to
from asl_engine.drivers.inline import Supply
from asl_engine.errors import FailedTest, StatesError
from asl_engine.execution.commands import END, Cancel, Command, InvokeTask, SetTimer
from asl_engine.execution.execution import RUNNING, Execution
from asl_engine.execution.replies import Reply, TaskFailed, TaskHeartbeat, TaskSubmitted, TaskSucceeded, TimerFired
from asl_engine.jsonvalue import Json, adopt

Outcome: TypeAlias = tuple[bool, Any]
"""(True, what the handler returned) or (False, the TaskFailed that its exception makes)."""

Post: TypeAlias = Callable[["Arrival"], None]
"""Puts something into the driver's queue, from any thread."""


class Done(NamedTuple):
    """A call has ended; `outcome` gives its Outcome, or raises what the executor raised."""

    ticket: int
    outcome: Callable[[], Outcome]


class Answer(NamedTuple):
    """A task was answered from outside. On a virtual clock it counts from the time `at`."""

    at: int
    reply: Reply


Arrival: TypeAlias = "Reply | Done | Answer"


class Call:
    """One task that a handler does. `handle` is what cancels it: a future. `work` is how a worker calls the handler."""

    def __init__(
        self,
        task: InvokeTask,
        handler: Handler,
        arguments: tuple[Any, ...],
        context: TaskContext,
        wrap: Callable[[Json], Json] | None,
        request_id: str,
        work: Work | None = None,
    ) -> None:
        self._work = work or call_handler
        self.ticket = task.ticket
        self.handler = handler
        self.arguments = arguments
        self.context = context
        self.handle: Cancellable | None = None
        self._wrap = wrap
        self._request_id = request_id

    def job(self) -> tuple[Any, ...]:
        """What a worker does, as `submit` takes it: everything in it can go to another process if the handler and its
        arguments can."""
        return self._work, self.handler, self.arguments, self.ticket, self._request_id

    def reply(self, outcome: Outcome) -> Reply | None:
        """The reply that ends the task; None where it is left open."""
        succeeded, value = outcome
        if not succeeded:
            assert isinstance(value, TaskFailed)
            return value
        return reply_to(value, self.ticket, self._wrap, lambda: self._request_id)

    def cancel(self) -> None:
        """Nobody waits any more: what has not begun never does, what runs may see it in its context."""
        self.context.cancel()
        if self.handle is not None:
            self.handle.cancel()


class Cancellable(Protocol):
    """A future, of threads or of a loop."""

    def cancel(self) -> object:
        """Keeps it from beginning."""


Work: TypeAlias = Callable[[Handler, "tuple[Any, ...]", int, str], Outcome]
"""What a worker does with a call: (handler, arguments, ticket, request id) -> its outcome."""


def call_handler(handler: Handler, arguments: tuple[Any, ...], ticket: int, request_id: str) -> Outcome:
    """Calls a user's handler: whatever it raises is the task's failure."""
    try:
        return True, handler(*arguments)
    except FailedTest:
        raise
    except Exception as error:  # a user's handler: whatever it raises is the task's failure
        return False, failure(error, ticket, lambda: request_id)


def call_service(handler: Handler, arguments: tuple[Any, ...], ticket: int, request_id: str) -> Outcome:
    """Calls a service: what it refuses is the task's failure; any other exception is ours, and escapes the run."""
    try:
        return True, handler(*arguments)
    except StatesError as error:
        return False, failure(error, ticket, lambda: request_id)


class LiveContext(TaskContext):
    """The context of a task in real time: what it says is heard at once, and sleeping takes as long as it says."""

    def attach(self, post: Post, *, may_block: bool) -> LiveContext:
        """Joins it to a driver's queue; a coroutine may not block."""
        self._post = post
        self._may_block = may_block
        self._gone = threading.Event()
        return self

    def sleep(self, seconds: float) -> None:
        """Sleeps; wakes early when the task is cancelled. Raises RuntimeError in a coroutine."""
        if not self._may_block:
            raise RuntimeError("context.sleep would hold up the event loop in real time; await asyncio.sleep instead")
        self._gone.wait(seconds)

    def heartbeat(self) -> None:
        """Says that the task is alive."""
        self._post(TaskHeartbeat(self.ticket))

    def submitted(self, response: Json) -> None:
        """The service's response to the request."""
        self._post(TaskSubmitted(self.ticket, adopt(response)[0]))

    def cancel(self) -> None:
        """Wakes the sleeper."""
        super().cancel()
        self._gone.set()


Prepare: TypeAlias = Callable[[InvokeTask, Clock, int, Post | None], "tuple[list[Reply], Call | None]"]
"""(task, clock, now, queue for live replies or None) -> its first replies, and the call to make."""


class _Finished:
    """The type of FINISHED."""


FINISHED: Final = _Finished()
"""What `Live.step` gives when the execution has ended, or may go no further."""


class Live:
    """One execution whose tasks run at once. `launch` begins a call and sees to it that `post` gets its Done; `give_up`
    is told of a call that was cancelled, once all that are cancelled together are."""

    def __init__(
        self,
        execution: Execution,
        prepare: Prepare,
        clock: Clock,
        launch: Callable[[Call], None],
        post: Post,
        supply: Supply | None = None,
        give_up: Callable[[Call], None] = lambda call: None,
    ) -> None:
        self.execution = execution
        self.clock = clock
        self.virtual = isinstance(clock, VirtualClock)
        self._prepare = prepare
        self._launch = launch
        self._post = post
        self._supply = supply
        self._give_up = give_up
        self._cancelled: list[Call] = []
        self._commands: deque[Command] = deque()
        self._timers: list[tuple[int, int, Reply]] = []
        self._asked = 0
        self._running: dict[int, Call] = {}
        self._done: dict[int, Done] = {}
        self._early: dict[int, list[Answer]] = {}
        self._left_open: set[int] = set()

    def begin(self) -> None:
        """Starts the execution."""
        self._commands.extend(self.execution.start(self.clock.now()))

    def arrive(self, item: Arrival) -> None:
        """Takes what a worker put into the queue."""
        if isinstance(item, Answer):
            self._take_answer(item)
        elif not isinstance(item, Done):
            self._take(item)
        elif item.ticket not in self._running:
            self._done.pop(item.ticket, None)
        elif self.virtual:
            self._done[item.ticket] = item
        else:
            self._end_call(item)

    def _take_answer(self, answer: Answer) -> None:
        """Takes an answer; on a virtual clock not before the call that it answers has ended, and in its own time."""
        ticket: int = answer.reply.ticket  # type: ignore[union-attr]
        if self.virtual and ticket in self._running:
            self._early.setdefault(ticket, []).append(answer)
        elif self.virtual and answer.at > max(self.clock.now(), self.execution.now):
            self._queue(answer.at, answer.reply)
            if isinstance(answer.reply, TaskSucceeded | TaskFailed):
                self._left_open.discard(ticket)
        else:
            self._take(answer.reply)

    def step(self, until: int | None = None, stop_at_pending: bool = False) -> float | _Finished | None:
        """Does all that can be done now. Gives the seconds to wait for an arrival before the next step, None where
        there is no bound; FINISHED at the end, at the time `until`, or, with `stop_at_pending`, where only an answer
        from outside could come before time passes."""
        while self.execution.status == RUNNING:
            if self._commands:
                self._carry_out(self._commands.popleft())
                continue
            while self._cancelled:
                self._give_up(self._cancelled.pop())
            if self.virtual and self._running:
                oldest = self._done.pop(next(iter(self._running)), None)
                if oldest is None:
                    return None
                self._end_call(oldest)
                continue
            at = self._next_due()
            if until is not None and (at is None or at > until):
                at = until
            now = max(self.clock.now(), self.execution.now)
            if (at is None or at > now) and stop_at_pending and not self._running and self._is_left_open():
                return FINISHED
            if at is None:
                return None
            if not self.virtual and at > self.clock.now():
                return (at - self.clock.now()) / 1000
            self.clock.wait_until(at)
            if until is not None and at >= until and not (self._timers and self._timers[0][0] <= at):
                self.execution.now = max(self.execution.now, until)
                return FINISHED
            self._take(heappop(self._timers)[2], at)
        return FINISHED

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs and nothing is due: only an answer from outside could change that."""
        return not self._running and self._next_due() is None

    def cancel(self) -> None:
        """Nothing that runs matters any more, and nothing stays open."""
        if self._supply is not None:
            self._supply(END)
        for call in self._running.values():
            call.cancel()
        self._running.clear()
        self._done.clear()

    # --- commands and replies -----------------------------------------------------------------------------------------

    def _carry_out(self, command: Command) -> None:
        if isinstance(command, SetTimer):
            self._queue(command.at, TimerFired(command.ticket))
        elif isinstance(command, Cancel):
            call = self._running.pop(command.ticket, None)
            self._done.pop(command.ticket, None)
            self._early.pop(command.ticket, None)
            if call is not None:
                call.cancel()
                self._cancelled.append(call)
            elif self._supply is not None:
                self._supply(command)
        elif isinstance(command, InvokeTask) and self.execution.is_awaited(command.ticket):
            post = None if self.virtual else self._post
            first, call = self._prepare(command, self.clock, self.execution.now, post)
            for reply in first:
                self._take(reply)
            if call is None:
                self._left_open.add(command.ticket)
            else:
                self._running[command.ticket] = call
                self._launch(call)
        elif self._supply is not None:
            answer = self._supply(command)
            if answer is not None:
                self._take(answer)

    def _end_call(self, done: Done) -> None:
        """Takes what a call gave: what its context noted, on a virtual clock at the times it did, then its result."""
        call = self._running.pop(done.ticket)
        context, reply = call.context, call.reply(done.outcome())
        replies = list(context.replies)
        if context.pattern and not any(isinstance(earlier, TaskSubmitted) for _, earlier in replies):
            replies.insert(0, (context.started, TaskSubmitted(call.ticket, {})))
        if reply is not None:
            replies.append((context.now, reply))
        else:
            self._left_open.add(call.ticket)
        for at, one in replies:
            if at <= self.execution.now or not self.virtual:
                self._take(one)
            else:
                self._queue(at, one)
        for answer in self._early.pop(call.ticket, ()):
            self._take_answer(answer)

    def _next_due(self) -> int | None:
        """When the next timer that matters fires."""
        timers = self._timers
        while timers and not self.execution.is_awaited(timers[0][2].ticket):  # type: ignore[union-attr]
            heappop(timers)
        return timers[0][0] if timers else None

    def _is_left_open(self) -> bool:
        self._left_open = {ticket for ticket in self._left_open if self.execution.is_awaited(ticket)}
        return bool(self._left_open)

    def _queue(self, at: int, reply: Reply) -> None:
        self._asked += 1
        heappush(self._timers, (at, self._asked, reply))

    def _take(self, reply: Reply, at: int = 0) -> None:
        now = max(at, self.clock.now(), self.execution.now)
        self._commands.extend(self.execution.receive(reply, now))
