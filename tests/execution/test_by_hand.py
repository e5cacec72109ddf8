"""The execution without a driver: replies in, commands out, at times that the caller names."""

from __future__ import annotations

from typing import Any

import pytest

from asl_engine import ExecutionFailed, StateMachine
from asl_engine.execution.commands import Cancel, EndExecution, InvokeTask, SetTimer
from asl_engine.execution.replies import (
    StopExecution,
    TaskFailed,
    TaskHeartbeat,
    TaskSubmitted,
    TaskSucceeded,
    TimerFired,
)
from tests.build import T0, chain, details, each, events, function, parallel, retrier, task
from tests.byhand import begin, broke, gave, tasks_of, timers_of

CALLBACK = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken"}


def test_an_execution_that_has_not_begun_is_running_and_has_no_history() -> None:
    execution = StateMachine.from_json(chain(S={"Type": "Pass"})).start()
    assert (execution.status, execution.history, execution.path) == ("RUNNING", [], [])


def test_a_machine_without_work_ends_at_once() -> None:
    execution, commands = begin(chain(S={"Type": "Pass"}), {"n": 1})
    assert commands == [EndExecution()]
    assert (execution.status, execution.output) == ("SUCCEEDED", {"n": 1})


def test_a_task_is_asked_for_with_all_that_a_driver_needs() -> None:
    _, commands = begin(chain(S=task(TimeoutSeconds=10, Credentials={"RoleArn": "r"})), {"n": 1})
    (invoked,) = tasks_of(commands)
    assert invoked.state_name == "S"
    assert invoked.resource.text == function("work")
    assert invoked.payload == {"n": 1}
    assert invoked.deadline == T0 + 10_000
    assert invoked.credentials == {"RoleArn": "r"}
    assert (invoked.attempt, invoked.scope, invoked.task_token) == (1, (), None)


def test_a_wait_asks_for_a_timer() -> None:
    execution, commands = begin(chain(S={"Type": "Wait", "Seconds": 5}))
    (timer,) = timers_of(commands)
    assert timer.at == T0 + 5_000
    assert execution.receive(TimerFired(timer.ticket), timer.at) == [EndExecution()]
    assert execution.elapsed == 5


def test_a_retry_asks_for_a_timer_and_then_for_the_task_again() -> None:
    execution, commands = begin(chain(S=task(Retry=[retrier("Broken", IntervalSeconds=7)])))
    (timer,) = timers_of(execution.receive(broke(tasks_of(commands)[0].ticket), T0))
    assert timer.at == T0 + 7_000
    (again,) = tasks_of(execution.receive(TimerFired(timer.ticket), timer.at))
    assert again.attempt == 2


def test_the_time_of_a_reply_is_the_time_of_what_follows() -> None:
    execution, commands = begin(chain(S=task()))
    execution.receive(gave(tasks_of(commands)[0].ticket, 1), T0 + 1_500)
    assert (execution.elapsed, execution.history[-1]["timestamp"]) == (1.5, "2024-01-01T00:00:01.500Z")


def test_time_never_goes_back() -> None:
    execution, commands = begin(chain(A=task(), B=task()))
    after = execution.receive(gave(tasks_of(commands)[0].ticket, 1), T0 + 9_000)
    execution.receive(gave(tasks_of(after)[0].ticket, 1), T0 + 1_000)
    assert execution.elapsed == 9


REPLIES = {
    "success": lambda ticket: gave(ticket, "again"),
    "failure": lambda ticket: broke(ticket),
    "heartbeat": TaskHeartbeat,
    "submission": lambda ticket: TaskSubmitted(ticket, {}),
    "timer": TimerFired,
}


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES.keys())
def test_a_repeated_reply_is_ignored(reply: Any) -> None:
    execution, commands = begin(chain(A=task("a"), B=task("b")))
    (invoked,) = tasks_of(commands)
    execution.receive(gave(invoked.ticket, 1), T0)
    before = execution.history
    assert execution.receive(reply(invoked.ticket), T0 + 1) == []
    assert (execution.history, execution.status) == (before, "RUNNING")


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES.keys())
def test_a_reply_to_a_ticket_never_given_is_ignored(reply: Any) -> None:
    execution, _ = begin(chain(A=task("a")))
    before = execution.history
    assert execution.receive(reply(999), T0 + 1) == []
    assert execution.history == before


ENDED = [*REPLIES.values(), lambda ticket: StopExecution("E", "c")]


@pytest.mark.parametrize("reply", ENDED, ids=[*REPLIES, "stop"])
def test_nothing_changes_after_the_end(reply: Any) -> None:
    execution, commands = begin(chain(A=task("a")))
    (invoked,) = tasks_of(commands)
    assert execution.receive(gave(invoked.ticket, 1), T0 + 1)[-1] == EndExecution()
    before = (execution.history, execution.status, execution.output, execution.error, execution.elapsed)
    assert execution.receive(reply(invoked.ticket), T0 + 9_000) == []
    assert (execution.history, execution.status, execution.output, execution.error, execution.elapsed) == before


def test_the_end_cancels_what_is_still_awaited_and_says_so_last() -> None:
    execution, commands = begin({**chain(S=task(TimeoutSeconds=5)), "TimeoutSeconds": 50})
    (invoked,) = tasks_of(commands)
    after = execution.receive(gave(invoked.ticket, 1), T0)
    assert {command.ticket for command in after if isinstance(command, Cancel)} == {
        t.ticket for t in timers_of(commands)
    }
    assert [isinstance(command, EndExecution) for command in after] == [False, False, True]


def test_tickets_are_awaited_until_they_are_answered() -> None:
    execution, commands = begin(chain(A=task(), B=task()))
    (invoked,) = tasks_of(commands)
    assert execution.is_awaited(invoked.ticket)
    execution.receive(gave(invoked.ticket, 1), T0)
    assert not execution.is_awaited(invoked.ticket)


# --- stopping ---------------------------------------------------------------------------------------------------------


def test_a_stopped_execution_is_aborted_with_the_reason_given() -> None:
    execution, _ = begin(chain(S=task()))
    after = execution.receive(StopExecution("Operator", "end of day"), T0 + 3_000)
    assert after[-1] == EndExecution()
    assert (execution.status, execution.error, execution.cause) == ("ABORTED", "Operator", "end of day")
    assert (events(execution)[-1], execution.elapsed, execution.output) == ("ExecutionAborted", 3, None)
    assert details(execution.history[-1]) == {"error": "Operator", "cause": "end of day"}


def test_stopping_needs_no_reason() -> None:
    execution, _ = begin(chain(S=task()))
    execution.receive(StopExecution(), T0)
    assert (execution.status, execution.error, execution.cause) == ("ABORTED", None, None)


def test_stopping_cancels_everything_below() -> None:
    inner = parallel(chain(A=task("a")), chain(B={"Type": "Wait", "Seconds": 5}))
    execution, commands = begin(chain(S=each(chain(P=inner))), [1, 2])
    after = execution.receive(StopExecution(), T0)
    asked = {c.ticket for c in commands if isinstance(c, (InvokeTask, SetTimer))}
    assert {command.ticket for command in after if isinstance(command, Cancel)} == asked
    aborted = events(execution)
    assert aborted.count("TaskStateAborted") == aborted.count("WaitStateAborted") == 2
    assert aborted.count("ParallelStateAborted") == aborted.count("MapIterationAborted") == 2


def test_raise_for_status_says_how_it_ended() -> None:
    execution, commands = begin(chain(S=task()))
    execution.receive(broke(tasks_of(commands)[0].ticket, "Mine", "c"), T0)
    with pytest.raises(ExecutionFailed, match="Mine: c") as caught:
        execution.raise_for_status()
    assert (caught.value.status, caught.value.error, caught.value.cause) == ("FAILED", "Mine", "c")


def test_raise_for_status_gives_the_execution_that_succeeded() -> None:
    execution, _ = begin(chain(S={"Type": "Succeed"}))
    assert execution.raise_for_status() is execution


# --- integrations' events and tokens ----------------------------------------------------------------------------------


def test_a_submission_leaves_its_event_once() -> None:
    execution, commands = begin(chain(S=CALLBACK))
    (invoked,) = tasks_of(commands)
    for _ in range(2):
        execution.receive(TaskSubmitted(invoked.ticket, {"MessageId": "m"}), T0)
    execution.receive(gave(invoked.ticket, "answer"), T0)
    assert events(execution)[2:-2] == ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"]
    assert details(execution.history[4])["output"] == '{"MessageId":"m"}'


def test_a_task_token_is_the_one_its_payload_was_given() -> None:
    state = {**CALLBACK, "Parameters": {"token.$": "$$.Task.Token"}}
    _, commands = begin(chain(S=state))
    (invoked,) = tasks_of(commands)
    assert invoked.payload == {"token": invoked.task_token}


def test_each_attempt_and_each_task_has_its_own_token() -> None:
    state = {**CALLBACK, "Retry": [retrier("Broken")]}
    execution, commands = begin(chain(P=parallel(chain(A=state), chain(B=state))))
    a, b = tasks_of(commands)
    (timer,) = timers_of(execution.receive(broke(a.ticket), T0))
    (again,) = tasks_of(execution.receive(TimerFired(timer.ticket), timer.at))
    assert len({a.task_token, b.task_token, again.task_token}) == 3


FAMILIES = {
    function("f"): "LambdaFunction",
    "arn:aws:states:eu-west-1:123456789012:activity:paint": "Activity",
    "arn:aws:states:::sqs:sendMessage": "Task",
    "arn:aws:states:::aws-sdk:s3:listBuckets": "Task",
    "anything else": "Task",
}


@pytest.mark.parametrize("resource, family", FAMILIES.items(), ids=FAMILIES.values())
def test_a_tasks_events_belong_to_its_kind_of_resource(resource: str, family: str) -> None:
    machine = chain(S={"Type": "Task", "Resource": resource, "TimeoutSeconds": 5})
    answers = {
        "Succeeded": lambda commands: TaskSucceeded(tasks_of(commands)[0].ticket, 1, 1),
        "Failed": lambda commands: TaskFailed(tasks_of(commands)[0].ticket, "E", "c"),
        "TimedOut": lambda commands: TimerFired(timers_of(commands)[0].ticket),
    }
    for ending, answer in answers.items():
        execution, commands = begin(machine)
        execution.receive(answer(commands), T0 + 5_000)
        assert events(execution)[2:5] == [f"{family}Scheduled", f"{family}Started", f"{family}{ending}"]


def test_an_integrations_events_name_service_and_action() -> None:
    execution, _ = begin(chain(S={**CALLBACK, "Parameters": {"QueueUrl": "q"}, "HeartbeatSeconds": 5}))
    assert details(execution.history[2]) == {
        "resourceType": "sqs",
        "resource": "sendMessage.waitForTaskToken",
        "region": "us-east-1",
        "parameters": '{"QueueUrl":"q"}',
        "heartbeatInSeconds": 5,
    }
