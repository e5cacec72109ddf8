"""The inline driver: one thread, in the caller's own time; virtual time by default.

Commands are carried out in the order they were given. A task that takes no time answers before the next one is begun;
one that lets time pass answers in its turn, with the timers, by time and then by the order of asking.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush

from asl_engine.drivers.clock import Clock
from asl_engine.execution.commands import END, Command, InvokeTask, SetTimer
from asl_engine.execution.execution import RUNNING, Execution
from asl_engine.execution.replies import Reply, TimerFired

Supply = Callable[[Command], "Reply | None"]
"""Reads a Map Run's items and writes its results: takes every command that is no task and no timer."""

Perform = Callable[[InvokeTask, Clock, int], "list[tuple[int, Reply]]"]
"""(task, clock, now) -> its replies, each with its time."""


def no_tasks(task: InvokeTask, clock: Clock, now: int) -> list[tuple[int, Reply]]:
    """Serves a machine that has no Task states."""
    raise AssertionError(f"a machine without Task states asked for {task}")


def drive(execution: Execution, perform: Perform, clock: Clock, supply: Supply | None = None) -> Execution:
    """Runs an execution to its end. `supply` is needed where a distributed Map reads items or writes results."""
    if supply is None:
        return _drive(execution, perform, clock, None)
    try:
        return _drive(execution, perform, clock, supply)
    finally:
        supply(END)  # however it ended: nothing stays open


def _drive(execution: Execution, perform: Perform, clock: Clock, supply: Supply | None) -> Execution:
    first = execution.start(clock.now())
    if execution.status != RUNNING:
        return execution
    waiting: list[tuple[int, int, Reply]] = []
    commands: deque[Command] = deque(first)
    asked = 0
    while execution.status == RUNNING:
        if commands:
            command = commands.popleft()
            if isinstance(command, SetTimer):
                asked += 1
                heappush(waiting, (command.at, asked, TimerFired(command.ticket)))
            elif isinstance(command, InvokeTask) and execution.is_awaited(command.ticket):
                for at, reply in perform(command, clock, execution.now):
                    if at <= execution.now and not (waiting and waiting[0][0] <= at):
                        commands.extend(execution.receive(reply, at))
                    else:
                        asked += 1
                        heappush(waiting, (at, asked, reply))
            elif supply is not None:
                answer = supply(command)
                if answer is not None:
                    commands.extend(execution.receive(answer, execution.now))
            continue
        if not waiting:  # only an answer from outside, such as a task token's, could go on
            break
        at, _, reply = heappop(waiting)
        if execution.is_awaited(reply.ticket):  # type: ignore[union-attr]
            clock.wait_until(at)
            commands.extend(execution.receive(reply, max(at, execution.now)))
    return execution
