"""Executions driven by hand: a driver of a few lines, which keeps the journal of replies it gave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from asl_engine import Execution, StateMachine
from asl_engine.execution.commands import Cancel, Command, InvokeTask, SetTimer
from asl_engine.execution.replies import Reply, TaskFailed, TaskSucceeded, TimerFired
from asl_engine.jsonvalue import size
from tests.build import T0

Journal = list[tuple[Reply, int]]


def gave(ticket: int, output: Any) -> TaskSucceeded:
    """The reply of a task that gave a result."""
    return TaskSucceeded(ticket, output, size(output))


def broke(ticket: int, error: str = "Broken", cause: str | None = None) -> TaskFailed:
    """The reply of a task that failed."""
    return TaskFailed(ticket, error, cause)


def tasks_of(commands: list[Command]) -> list[InvokeTask]:
    return [command for command in commands if isinstance(command, InvokeTask)]


def timers_of(commands: list[Command]) -> list[SetTimer]:
    return [command for command in commands if isinstance(command, SetTimer)]


def begin(definition: dict[str, Any], input: Any = None, **options: Any) -> tuple[Execution, list[Command]]:
    """An execution that has just begun, and its first commands."""
    execution = StateMachine.from_json(definition).start(input, **options)
    return execution, execution.start(T0)


@dataclass
class Hand:
    """Carries out commands: each task is answered by `answer`, and `choose` picks among the tasks that are open."""

    execution: Execution
    answer: Callable[[InvokeTask], Reply]
    choose: Callable[[int], int] = lambda count: 0
    journal: Journal = field(default_factory=list)
    commands: list[list[Command]] = field(default_factory=list)
    invoked: list[InvokeTask] = field(default_factory=list)

    def drive(self, now: int = T0) -> Execution:
        """To the end: tasks take no time; when none is open, time goes on to the next timer."""
        open_tasks: list[InvokeTask] = []
        timers: list[SetTimer] = []
        fresh = self.execution.start(now)
        while True:
            self.commands.append(fresh)
            gone = {command.ticket for command in fresh if isinstance(command, Cancel)}
            self.invoked += tasks_of(fresh)
            open_tasks = [task for task in open_tasks + tasks_of(fresh) if task.ticket not in gone]
            timers = [timer for timer in timers + timers_of(fresh) if timer.ticket not in gone]
            if self.execution.status != "RUNNING":
                return self.execution
            if open_tasks:
                reply = self.answer(open_tasks.pop(self.choose(len(open_tasks))))
            else:
                timers.sort(key=lambda timer: (timer.at, timer.ticket))
                timer = timers.pop(0)
                now, reply = max(now, timer.at), TimerFired(timer.ticket)
            self.journal.append((reply, now))
            fresh = self.execution.receive(reply, now)


def replay(machine: StateMachine, input: Any, journal: Journal, **options: Any) -> Execution:
    """A fresh execution that is given the same replies."""
    execution = machine.start(input, **options)
    execution.start(T0)
    for reply, now in journal:
        execution.receive(reply, now)
    return execution
