"""Activities: the store's calls as AWS answers them, and the tasks that handlers or polling workers do."""

from __future__ import annotations

from typing import Any

import pytest

from asl_engine import (
    PENDING,
    Activities,
    ActivityDoesNotExist,
    ApiError,
    Execution,
    InvalidArn,
    InvalidName,
    InvalidToken,
    TaskDoesNotExist,
    TaskTimedOut,
    UnservedTaskError,
    Worker,
)
from tests.build import catcher, chain, details, each, events, run
from tests.execution.test_callbacks import CALLBACK, NOBODY

ARN = "arn:aws:states:us-east-1:123456789012:activity:paint"
PAINT = {"Type": "Task", "Resource": ARN}


def store() -> Activities:
    activities = Activities()
    activities.create_activity("paint")
    return activities


def started(execution: Execution) -> list[dict[str, Any]]:
    return [details(event) for event in execution.history if event["type"] == "ActivityStarted"]


def test_an_activity_has_an_arn() -> None:
    assert Activities().create_activity("paint") == ARN
    elsewhere = Activities(region="eu-west-1", account="111111111111")
    assert elsewhere.create_activity("paint") == "arn:aws:states:eu-west-1:111111111111:activity:paint"


def test_creating_an_activity_twice_gives_the_same_one() -> None:
    activities = store()
    assert activities.create_activity("paint") == ARN
    assert [activity["name"] for activity in activities.list_activities()] == ["paint"]


def test_an_activity_is_described() -> None:
    assert store().describe_activity(ARN) == {
        "activityArn": ARN,
        "name": "paint",
        "creationDate": "2024-01-01T00:00:00Z",
        "encryptionConfiguration": {"type": "AWS_OWNED_KEY"},
    }


def test_activities_are_listed_in_the_order_of_their_creation() -> None:
    activities = Activities()
    for name in ("b", "a", "c"):
        activities.create_activity(name)
    assert [activity["name"] for activity in activities.list_activities()] == ["b", "a", "c"]


def test_deleting_an_activity_twice_is_no_error() -> None:
    activities = store()
    activities.delete_activity(ARN)
    activities.delete_activity(ARN)
    assert activities.list_activities() == []


@pytest.mark.parametrize("name", ["", "n" * 81, *(f"a{letter}b" for letter in ' <>{}[]?*"#%\\^|~`$&,;:/\n\x00\x85')])
def test_a_name_that_aws_does_not_take_is_invalid(name: str) -> None:
    with pytest.raises(InvalidName) as refused:
        Activities().create_activity(name)
    assert (refused.value.code, refused.value.message) == ("InvalidName", f"Invalid Name: '{name}'")


@pytest.mark.parametrize("call", ["describe_activity", "get_activity_task"])
def test_an_activity_that_is_not_there_is_said_so(call: str) -> None:
    with pytest.raises(ActivityDoesNotExist, match=f"^Activity Does Not Exist: '{ARN}'$"):
        getattr(Activities(), call)(ARN)


@pytest.mark.parametrize("call", ["describe_activity", "delete_activity", "get_activity_task", "add"])
@pytest.mark.parametrize("arn", ["paint", "arn:aws:states:us-east-1:123456789012:stateMachine:paint"])
def test_what_is_no_activitys_arn_is_invalid(call: str, arn: str) -> None:
    with pytest.raises(InvalidArn, match=r"^Invalid Arn: '"):
        getattr(Activities(), call)(arn)


def test_a_callable_serves_an_activity_at_once() -> None:
    execution = run(chain(Paint=PAINT), tasks={ARN: lambda payload: "red"})
    assert events(execution)[2:5] == ["ActivityScheduled", "ActivityStarted", "ActivitySucceeded"]
    assert started(execution) == [{}]


def test_a_worker_shows_its_name() -> None:
    execution = run(chain(Paint=PAINT), tasks={ARN: Worker(lambda payload: "red", "brush-1")})
    assert (execution.output, started(execution)) == ("red", [{"workerName": "brush-1"}])


def test_a_worker_serves_other_tasks_as_its_callable_does() -> None:
    execution = run(chain(Ask=CALLBACK), tasks={"Ask": Worker(lambda payload, context: context.attempt, "w")})
    assert execution.output == 1


def test_an_activity_that_does_not_exist_fails_its_task_before_it_is_scheduled() -> None:
    execution = run(chain(Paint=PAINT), tasks={ARN: len}, activities=Activities())
    assert events(execution) == ["ExecutionStarted", "TaskStateEntered", "ExecutionFailed"]
    assert execution.error == "States.Runtime"
    assert execution.cause == (
        "An error occurred while executing the state 'Paint' (entered at the event id #2). "
        f"The activity {ARN} does not exist."
    )


def test_an_activity_that_does_not_exist_cannot_be_caught() -> None:
    execution = run(chain(Paint={**PAINT, "Catch": [catcher("End")]}, End={"Type": "Succeed"}), activities=Activities())
    assert execution.error == "States.Runtime"


def test_an_activity_needs_a_callable_or_a_store() -> None:
    with pytest.raises(UnservedTaskError, match="paint"):
        run(chain(Paint=PAINT))


def test_a_task_waits_in_the_queue_of_its_activity() -> None:
    execution = run(chain(Paint=PAINT), activities=store())
    assert (execution.status, events(execution)[-1], execution.pending_tokens) == ("RUNNING", "ActivityScheduled", {})


def test_a_worker_polls_and_answers() -> None:
    activities = store()
    execution = run(chain(Paint=PAINT), {"wall": 1}, activities=activities)
    polled = activities.get_activity_task(ARN, "brush-1")
    assert polled is not None
    assert polled == {"taskToken": next(iter(execution.pending_tokens)), "input": {"wall": 1}}
    activities.send_task_success(polled["taskToken"], "painted")
    assert (execution.output, started(execution)) == ("painted", [{"workerName": "brush-1"}])


def test_a_worker_need_not_have_a_name() -> None:
    activities = store()
    execution = run(chain(Paint=PAINT), activities=activities)
    activities.get_activity_task(ARN)
    assert started(execution) == [{}]


def test_an_empty_queue_gives_nothing() -> None:
    assert store().get_activity_task(ARN) is None


def test_the_oldest_task_is_polled_first_and_each_once() -> None:
    activities = store()
    run(chain(M=each(chain(Paint=PAINT))), ["a", "b"], activities=activities)
    polled = [activities.get_activity_task(ARN) for _ in range(3)]
    assert [task and task["input"] for task in polled] == ["a", "b", None]


def test_a_worker_reports_a_failure() -> None:
    activities = store()
    execution = run(chain(Paint=PAINT), activities=activities)
    polled = activities.get_activity_task(ARN)
    assert polled is not None
    activities.send_task_failure(polled["taskToken"], "Dry", "no paint")
    assert events(execution)[-2:] == ["ActivityFailed", "ExecutionFailed"]
    assert (execution.error, execution.cause) == ("Dry", "no paint")


def test_an_activitys_time_out_counts_from_when_a_worker_has_it() -> None:
    activities = store()
    execution = run(chain(Paint={**PAINT, "TimeoutSeconds": 60}), activities=activities)
    execution.advance(1000)
    activities.get_activity_task(ARN)
    execution.advance(59)
    assert execution.status == "RUNNING"
    execution.advance(1)
    assert events(execution)[-2:] == ["ActivityTimedOut", "ExecutionFailed"]


def test_an_activitys_heartbeat_counts_from_when_a_worker_has_it() -> None:
    activities = store()
    execution = run(chain(Paint={**PAINT, "HeartbeatSeconds": 10}), activities=activities)
    execution.advance(1000)
    polled = activities.get_activity_task(ARN)
    assert polled is not None
    execution.advance(9)
    activities.send_task_heartbeat(polled["taskToken"])
    execution.resume()
    assert execution.elapsed == 1019


def test_a_task_that_was_not_polled_cannot_be_answered() -> None:
    execution = run(chain(Paint=PAINT), activities=store())
    (token,) = execution.tasks_by_token
    with pytest.raises(TaskDoesNotExist):
        execution.send_task_success(token, 1)


def test_a_task_whose_execution_timed_out_is_not_handed_out() -> None:
    activities = store()
    execution = run({**chain(Paint=PAINT), "TimeoutSeconds": 5}, activities=activities)
    assert execution.status == "TIMED_OUT"
    assert activities.get_activity_task(ARN) is None


def test_a_deleted_activity_keeps_what_its_queue_holds_waiting() -> None:
    activities = store()
    execution = run(chain(Paint=PAINT), activities=activities)
    activities.delete_activity(ARN)
    with pytest.raises(ActivityDoesNotExist):
        activities.get_activity_task(ARN)
    assert execution.status == "RUNNING"


def test_the_store_finds_the_execution_of_a_token() -> None:
    activities = store()
    one = run(chain(Ask=CALLBACK), tasks={"Ask": PENDING}, seed=1, activities=activities)
    two = run(chain(Ask=CALLBACK), tasks={"Ask": PENDING}, seed=2, activities=activities)
    activities.send_task_success(next(iter(two.pending_tokens)), "two")
    assert (one.status, two.output) == ("RUNNING", "two")


def test_the_store_refuses_tokens_that_nobody_gave_out() -> None:
    with pytest.raises(InvalidToken):
        store().send_task_success("nothing", 1)
    with pytest.raises(TaskDoesNotExist):
        store().send_task_heartbeat(NOBODY)


def test_the_store_refuses_a_token_of_an_ended_execution() -> None:
    activities = store()
    execution = run(chain(Ask=CALLBACK), tasks={"Ask": len}, activities=activities)
    with pytest.raises(TaskTimedOut):
        activities.send_task_failure(next(iter(execution.tasks_by_token)))


def test_two_running_executions_of_one_seed_are_told_apart_or_refused() -> None:
    activities = store()
    execution = run(chain(Ask=CALLBACK), tasks={"Ask": PENDING}, activities=activities)
    run(chain(Ask=CALLBACK), tasks={"Ask": PENDING}, activities=activities)
    with pytest.raises(ApiError, match="give each its own seed"):
        activities.send_task_success(next(iter(execution.pending_tokens)), 1)
