"""Replaying a recorded execution: the engine runs the definition, the recording answers its tasks.

The one rule: a task is answered by (state, scope, attempt), so that the order of concurrent branches is the engine's
own; each recorded answer is given once.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from typing import Any

from asl_engine.drivers.handlers import IntegrationResult, TaskContext, Worker
from asl_engine.errors import TaskError
from asl_engine.execution.execution import Execution
from asl_engine.integrations.activities import Activities
from asl_engine.jsonvalue import Json
from asl_engine.machine import StateMachine
from asl_engine.testing.recording import FAILED, SUCCEEDED, RecordedTask, Recording, RecordingError, attempt_named

FOREVER = 10**9
"""Seconds: longer than any time-out, so that a task that sleeps for it is timed out or aborted."""

NO_ANSWER = "Recording.NoAnswer"
Key = tuple[str, tuple[tuple[Any, ...], ...], int]


class RecordedAnswers:
    """Recorded tasks, ready to be given: `answer` is a callable that serves any Task state.

    `unanswered` names the tasks that found no answer, `unused` the answers that no task asked for. With `timed`, tasks
    take as long as they did.
    """

    def __init__(self, tasks: Iterable[RecordedTask], *, timed: bool = True) -> None:
        self.unanswered: list[str] = []
        self._timed = timed
        self._waiting: defaultdict[Key, deque[RecordedTask]] = defaultdict(deque)
        self._workers: dict[str, str] = {}
        for task in tasks:
            self._waiting[_key(*task.key)].append(task)
            if task.worker_name is not None:
                self._workers[task.state] = task.worker_name

    def answer(self, payload: Json, context: TaskContext) -> Json:
        """What was recorded for this attempt; a failure named Recording.NoAnswer where nothing was."""
        waiting = self._waiting[_key(context.state_name, context.scope, context.attempt)]
        if not waiting:
            asked = attempt_named(context.state_name, context.scope, context.attempt)
            self.unanswered.append(asked)
            raise TaskError(NO_ANSWER, f"nothing was recorded for {asked}")
        return _give(waiting.popleft(), context, self._timed)

    @property
    def unused(self) -> list[str]:
        """Recorded answers that no task asked for."""
        return [str(task) for waiting in self._waiting.values() for task in waiting]

    def tasks(self, states: Iterable[str]) -> dict[str, Callable[..., Any]]:
        """A table of tasks for `StateMachine.run` that serves these states."""
        return {
            state: Worker(self.answer, self._workers[state]) if state in self._workers else self.answer
            for state in states
        }


def _key(state: str, scope: Iterable[tuple[Any, ...]], attempt: int) -> Key:
    """Which branch of a Parallel a task stands in, its state's name says."""
    return state, tuple(tuple(entry) if entry[0] == "Map" else tuple(entry[:2]) for entry in scope), attempt


def _give(task: RecordedTask, context: TaskContext, timed: bool) -> Json:
    if task.is_submitted:
        context.submitted(task.submitted)
    if task.outcome not in (SUCCEEDED, FAILED):
        context.sleep(FOREVER)
        raise TaskError(NO_ANSWER, f"the recorded outcome of {task} is {task.outcome}, so that nobody may read this")
    if timed:
        _take_time(task, context)
    if task.outcome == FAILED:
        raise TaskError(task.error, task.cause)
    return IntegrationResult(task.output) if task.kind == "Task" else task.output


def _take_time(task: RecordedTask, context: TaskContext) -> None:
    """Lets as much time pass as it took, but no time-out: it was in time. A history does not tell of heartbeats; there
    must have been some."""
    left = min(task.seconds, context.get_remaining_time_in_millis() / 1000 - 0.001)
    beat = (task.heartbeat_seconds or 0) * 0.9
    while beat and left > beat:
        context.sleep(beat)
        context.heartbeat()
        left -= beat
    context.sleep(max(0, left))


def replay(
    machine: StateMachine,
    recording: Recording,
    *,
    storage: Any = None,
    seed: int | None = None,
    timed: bool = True,
    strict: bool = True,
) -> Execution:
    """Runs a machine with the input, the context object and the answers of a recording.

    `storage` is what distributed Maps read and write; `seed` fixes jitter, UUIDs and random numbers. With
    `timed`, tasks take as long in virtual time as they did.

    Raises RecordingError where a task asked for what was not recorded, and for an execution that was stopped from
    outside, unless `strict` is False: then the task fails with Recording.NoAnswer, and the execution goes on.
    """
    if strict and recording.status == "ABORTED":
        raise RecordingError("the recorded execution was stopped from outside; strict=False goes on instead")
    answers = RecordedAnswers(recording.tasks, timed=timed)
    execution = machine.run(
        recording.input,
        tasks=answers.tasks(need.state_name for need in machine.task_needs),
        seed=seed,
        context=recording.context,
        activities=known_activities(recording.tasks),
        storage=storage,
    )
    if strict and answers.unanswered:
        raise RecordingError("nothing was recorded for " + "; ".join(answers.unanswered))
    return execution


def known_activities(tasks: Iterable[RecordedTask]) -> Activities:
    """The activities that were there: those that a recorded task was scheduled for."""
    store = Activities()
    for task in tasks:
        if task.kind == "Activity" and not store.exists(task.resource):
            store.add(task.resource)
    return store
