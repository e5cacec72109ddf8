"""The attended driver differs from the inline one only where a task is left open; and what both tell the execution."""

from __future__ import annotations

from typing import Any

from hypothesis import given

from asl_engine import PENDING, StateMachine, VirtualClock
from asl_engine.drivers.attended import Attended
from asl_engine.execution.replies import TaskRefused, TaskScheduled, TaskStarted, TimerFired
from asl_engine.integrations.perform import performer
from asl_engine.integrations.registry import serve
from tests.build import T0, catcher, chain, details, events, run
from tests.byhand import begin, broke, gave, tasks_of, timers_of
from tests.execution.test_callbacks import CALLBACK
from tests.integrations.test_activities import PAINT
from tests.properties.machines import Program, programs
from tests.properties.test_laws import all_of, check_history


@given(programs())
def test_without_open_tasks_it_gives_what_the_inline_driver_gives(program: Program) -> None:
    machine = StateMachine.from_json(program.definition)
    perform = performer(serve(machine.task_needs, program.tasks), program.tasks, program.seed)
    execution = Attended(machine.start(program.input, seed=program.seed), perform, VirtualClock()).begin()
    assert all_of(execution) == all_of(machine.run(program.input, tasks=program.tasks, seed=program.seed))


def test_an_answered_execution_has_a_well_formed_history() -> None:
    execution = run(chain(Ask=CALLBACK, Again=CALLBACK), tasks={"Ask": PENDING, "Again": PENDING})
    while execution.status == "RUNNING":
        for token in execution.pending_tokens:
            execution.send_task_success(token, 1)
    check_history(execution)


# --- the replies of an activity, by hand ------------------------------------------------------------------------------

BOUNDED = {**PAINT, "TimeoutSeconds": 60, "HeartbeatSeconds": 10}


def asked(state: dict[str, Any]) -> Any:
    """An execution whose activity's task was asked for, and the task's ticket."""
    execution, commands = begin(chain(S=state), activity_workers=True)
    assert timers_of(commands) == []
    return execution, tasks_of(commands)[0].ticket


def test_an_activitys_task_is_scheduled_and_started_by_replies() -> None:
    execution, ticket = asked(BOUNDED)
    assert events(execution)[-1] == "TaskStateEntered"
    assert execution.receive(TaskScheduled(ticket), T0 + 1) == []
    timers = timers_of(execution.receive(TaskStarted(ticket, "w"), T0 + 1000))
    assert sorted(timer.at for timer in timers) == [T0 + 11_000, T0 + 61_000]
    assert events(execution)[2:] == ["ActivityScheduled", "ActivityStarted"]
    assert details(execution.history[3]) == {"workerName": "w"}


def test_a_worker_that_starts_a_task_has_it_scheduled() -> None:
    execution, ticket = asked(PAINT)
    execution.receive(TaskStarted(ticket), T0)
    execution.receive(TaskScheduled(ticket), T0)
    execution.receive(TaskStarted(ticket, "another"), T0)
    assert events(execution)[2:] == ["ActivityScheduled", "ActivityStarted"]
    assert details(execution.history[3]) == {}


def test_an_answer_says_that_the_task_was_scheduled_and_started() -> None:
    for reply, ending in ((lambda t: gave(t, 1), "ActivitySucceeded"), (broke, "ActivityFailed")):
        execution, ticket = asked(PAINT)
        execution.receive(reply(ticket), T0)
        assert events(execution)[2:5] == ["ActivityScheduled", "ActivityStarted", ending]


def test_a_refused_task_leaves_no_event_and_no_timer() -> None:
    execution, ticket = asked({**BOUNDED, "Catch": [catcher("S")]})
    execution.receive(TaskRefused(ticket, "There is no such thing."), T0)
    assert events(execution) == ["ExecutionStarted", "TaskStateEntered", "ExecutionFailed"]
    assert execution.error == "States.Runtime"


def test_a_task_that_was_started_at_once_is_not_started_again() -> None:
    execution, commands = begin(chain(S=BOUNDED))
    (task,) = tasks_of(commands)
    before = execution.history
    for reply in (TaskScheduled(task.ticket), TaskStarted(task.ticket, "late")):
        assert execution.receive(reply, T0) == []
    assert execution.history == before
    execution.receive(TaskRefused(task.ticket, "Too late."), T0)
    assert all(execution.receive(TimerFired(timer.ticket), T0) == [] for timer in timers_of(commands))
