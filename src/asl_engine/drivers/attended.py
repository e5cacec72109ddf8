"""The attended driver: the inline driver's order and time, for executions that wait for answers from outside.

Its one rule: it stops where nothing can happen without an answer; and whoever answers holds the time: an answer goes on
only up to where time would pass while another task is left open, as does `until_pending` from the start.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from heapq import heappop, heappush
from math import inf

from asl_engine.drivers.clock import Clock
from asl_engine.drivers.inline import Perform, Supply
from asl_engine.execution.commands import END, Command, InvokeTask, SetTimer
from asl_engine.execution.execution import RUNNING, Execution
from asl_engine.execution.replies import ENDS_TASK, Reply, TimerFired


class Attended:
    """One execution and what is due: `_waiting` holds (time, order of asking, reply), `_answers` what was answered
    while a task was carried out, `_left_open` the tickets of tasks that only an answer from outside will end. `on_end`
    is called once when the execution has ended."""

    on_end: Callable[[], None] | None = None

    def __init__(self, execution: Execution, perform: Perform, clock: Clock, supply: Supply | None = None) -> None:
        self.execution = execution
        self.perform = perform
        self.clock = clock
        self.supply = supply
        self._commands: deque[Command] = deque()
        self._waiting: list[tuple[int, int, Reply]] = []
        self._answers: list[tuple[int, Reply]] = []
        self._left_open: set[int] = set()
        self._asked = 0
        self._busy = False
        execution.driver = self

    def begin(self, *, until_pending: bool = False) -> Execution:
        """Starts the execution and goes as far as it goes, or as `until_pending` lets it."""
        self.take_over(self.execution.start(self.clock.now()))
        return self.run_on(until_pending=until_pending)

    def take_over(self, commands: Iterable[Command]) -> None:
        """Takes over an execution that has begun, from the commands which nobody has answered; goes on no further."""
        self._commands.extend(commands)

    def run_on(self, *, until_pending: bool = False) -> Execution:
        """Goes as far as it goes, or as `until_pending` lets it."""
        self._go_on(None, until_pending)
        return self.execution

    def step(self) -> bool:
        """Carries out one command or takes what is due next; False where only an answer could go on, or time would pass
        while a task is open for one."""
        if self._commands:
            self._carry_out(self._commands.popleft())
            return True
        return self._next_reply(None, True)

    def hand_in(self, reply: Reply) -> None:
        """Takes an answer, and goes on no further."""
        self._queue(self.clock.now(), reply)

    # --- what an execution asks (`execution.callbacks.Driver`) --------------------------------------------------------

    def answer(self, execution: Execution, make: Callable[[], Reply], at: int = 0) -> None:
        """Takes an answer; one that a handler gives while it runs is taken as soon as the handler has returned."""
        self._answers.append((max(at, self.clock.now()), make()))
        if not self._busy:
            self._take_answers()
            self._go_on(None, True)

    def _take_answers(self) -> None:
        answers, self._answers = self._answers, []
        for at, reply in answers:
            self._queue(at, reply)
            if isinstance(reply, ENDS_TASK):
                self._left_open.discard(reply.ticket)

    def advance(self, seconds: float) -> None:
        """Lets time pass; never back. Raises ValueError for a negative number, and for one that is not finite."""
        if not 0 <= seconds < inf:
            raise ValueError(f"time goes on by 0 or more seconds, not {seconds!r}")
        self._refuse_while_busy("advance")
        end = self.clock.now() + round(seconds * 1000)
        self._go_on(end, False)
        if self.execution.status == RUNNING:
            self.clock.wait_until(end)
            self.execution.now = max(self.execution.now, end)

    def resume(self) -> None:
        """Goes on through time-outs, until it ends or nothing can happen without an answer."""
        self._refuse_while_busy("resume")
        self._go_on(None, False)

    def _refuse_while_busy(self, name: str) -> None:
        if self._busy:
            raise RuntimeError(f"{name}() was called from a handler of the same execution, which is going on already")

    # --- the loop -----------------------------------------------------------------------------------------------------

    def _go_on(self, until: int | None, stop_at_pending: bool) -> None:
        """Carries out commands and replies: up to a time, or, with `stop_at_pending`, up to where time would pass while
        a task is open for an answer."""
        self._busy = True
        returned = False
        try:
            while self.execution.status == RUNNING:
                if self._commands:
                    self._carry_out(self._commands.popleft())
                elif not self._next_reply(until, stop_at_pending):
                    break
            returned = True
        finally:
            self._busy = False
            if self.supply is not None and (not returned or self.execution.status != RUNNING):
                self.supply(END)  # nothing stays open
        if self.on_end is not None and self.execution.status != RUNNING:
            on_end, self.on_end = self.on_end, None
            on_end()

    def _carry_out(self, command: Command) -> None:
        if isinstance(command, SetTimer):
            self._queue(command.at, TimerFired(command.ticket))
        elif isinstance(command, InvokeTask) and self.execution.is_awaited(command.ticket):
            replies = self.perform(command, self.clock, self.execution.now)
            if not (replies and isinstance(replies[-1][1], ENDS_TASK)):
                self._left_open.add(command.ticket)
            for at, reply in replies:
                now = self.execution.now
                if at <= now and not (self._waiting and self._waiting[0][0] <= at):
                    self._take(reply, at)
                else:
                    self._queue(at, reply)
            self._take_answers()
        elif self.supply is not None:
            answer = self.supply(command)
            if answer is not None:
                self._take(answer, self.execution.now)

    def _next_reply(self, until: int | None, stop_at_pending: bool) -> bool:
        """Takes what is due next, if it may be waited for."""
        waiting = self._waiting
        while waiting and not self.execution.is_awaited(waiting[0][2].ticket):  # type: ignore[union-attr]
            heappop(waiting)
        if not waiting:
            return False
        at = waiting[0][0]
        if until is not None and at > until:
            return False
        if stop_at_pending and at > max(self.clock.now(), self.execution.now) and self._is_left_open():
            return False
        reply = heappop(waiting)[2]
        self.clock.wait_until(at)
        self._take(reply, max(at, self.execution.now))
        return True

    def _is_left_open(self) -> bool:
        self._left_open = {ticket for ticket in self._left_open if self.execution.is_awaited(ticket)}
        return bool(self._left_open)

    def _queue(self, at: int, reply: Reply) -> None:
        self._asked += 1
        heappush(self._waiting, (at, self._asked, reply))

    def _take(self, reply: Reply, now: int) -> None:
        self._commands.extend(self.execution.receive(reply, now))
