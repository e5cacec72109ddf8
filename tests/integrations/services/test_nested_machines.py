"""State machines that start others: in the same virtual time, with the results and failures that AWS shows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from asl_engine import StateMachine, TaskError
from asl_engine.integrations.services.catalogue import Services
from tests.build import T0, catcher, chain, details, events, failing, run, run_state, task
from tests.integrations.services.aws_world import service_task

ARN = "arn:aws:states:eu-west-1:999999999999:stateMachine:Child"
WAIT = {"Type": "Wait", "Seconds": 7}


def child(*, type: str = "STANDARD", **states: dict[str, Any]) -> StateMachine:
    return StateMachine.from_json(chain(**states), name="Child", type=type)


def start(pattern: str = "", **parameters: Any) -> dict[str, Any]:
    return service_task(f"states:startExecution{pattern}", {"StateMachineArn": ARN, **parameters})


def test_sync_leaves_input_and_output_texts() -> None:
    machine = child(W=WAIT, P={"Type": "Pass", "Result": {"done": True}})
    execution = run_state(start(".sync", Input={"n": 1}, Name="one"), machines={ARN: machine})
    assert execution.output == {
        "ExecutionArn": "arn:aws:states:eu-west-1:999999999999:execution:Child:one",
        "Input": '{"n":1}',
        "InputDetails": {"Included": True},
        "Name": "one",
        "Output": '{"done":true}',
        "OutputDetails": {"Included": True},
        "StartDate": T0,
        "StateMachineArn": ARN,
        "Status": "SUCCEEDED",
        "StopDate": T0 + 7000,
    }
    assert execution.elapsed == 7


def test_sync_2_parses_input_and_output() -> None:
    machine = child(P={"Type": "Pass", "Result": [1]})
    output = run_state(start(".sync:2", Input={"n": 1}), machines={ARN: machine}).output
    assert (output["Input"], output["Output"]) == ({"n": 1}, [1])


def test_the_history_shows_what_was_submitted() -> None:
    execution = run_state(start(".sync", Name="one"), machines={ARN: child(W=WAIT)})
    assert events(execution)[2:6] == ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"]
    submitted = json.loads(details(execution.history[4])["output"])
    assert sorted(submitted) == ["ExecutionArn", "SdkHttpMetadata", "SdkResponseMetadata", "StartDate"]
    assert details(execution.history[2])["resource"] == "startExecution.sync"
    times = [event["timestamp"] for event in execution.history[3:6]]
    assert times[0] == times[1] != times[2]


def test_without_sync_the_outer_machine_goes_on_at_once() -> None:
    services = Services(machines={ARN: child(W=WAIT)})
    execution = run_state(start(), services=services)
    assert sorted(execution.output) == ["ExecutionArn", "SdkHttpMetadata", "SdkResponseMetadata", "StartDate"]
    assert execution.elapsed == 0
    assert services.executions[execution.output["ExecutionArn"]].elapsed == 7


def test_a_failure_is_the_cause_of_the_outer_one() -> None:
    machine = child(F={"Type": "Fail", "Error": "Broken", "Cause": "it broke"})
    execution = run_state(start(".sync", Name="one"), machines={ARN: machine})
    cause = json.loads(execution.cause or "")
    assert execution.error == "States.TaskFailed"
    assert (cause["Error"], cause["Cause"], cause["Status"]) == ("Broken", "it broke", "FAILED")
    assert list(cause) == sorted(cause)
    assert "Output" not in cause


def test_a_timeout_inside_is_a_task_failure_outside() -> None:
    definition = {**chain(W=WAIT), "TimeoutSeconds": 3}
    execution = run_state(start(".sync"), machines={ARN: StateMachine.from_json(definition)})
    assert json.loads(execution.cause or "")["Status"] == "TIMED_OUT"
    assert (execution.error, execution.elapsed) == ("States.TaskFailed", 3)


@pytest.mark.parametrize("key", [ARN, "Child"])
@pytest.mark.parametrize("asked", [ARN, f"{ARN}:live", f"{ARN}:3"])
def test_a_machine_is_found_by_arn_or_name(key: str, asked: str) -> None:
    state = service_task("states:startExecution.sync:2", {"StateMachineArn": asked, "Input": 5})
    assert run_state(state, machines={key: child(S={"Type": "Succeed"})}).output["Output"] == 5


def test_a_machine_that_is_not_there_does_not_exist() -> None:
    state = service_task("states:startExecution", {"StateMachineArn": f"{ARN}2"})
    execution = run_state(state, machines={ARN: child(W=WAIT)})
    assert execution.error == "StepFunctions.StateMachineDoesNotExistException"
    expected = f"State Machine Does Not Exist: '{ARN}2' (Service: AWSStepFunctions; Status Code: 400; Error Code: "
    assert (execution.cause or "").startswith(expected + "StateMachineDoesNotExist; Request ID: ")


def test_a_name_is_taken_once() -> None:
    machines = {ARN: child(W=WAIT)}
    definition = chain(A=start(Name="one"), B=start(Name="one"))
    assert run(definition, machines=machines).error == "StepFunctions.ExecutionAlreadyExistsException"


def test_the_tasks_of_the_inner_machine_are_served_as_the_outer_ones() -> None:
    machine = child(T=task("double"))
    state = start(".sync:2", **{"Input.$": "$"})
    output = run_state(state, 4, machines={ARN: machine}, tasks={"double": lambda n: n * 2}).output
    assert output["Output"] == 8


def test_an_inner_failure_can_be_caught_outside() -> None:
    machine = child(T=task("work"))
    outer = chain(
        A=start(".sync") | {"Catch": [catcher("Late", "States.TaskFailed")], "Next": "Late"}, Late={"Type": "Succeed"}
    )
    execution = run(outer, machines={ARN: machine}, tasks={"work": failing("No")})
    assert json.loads(execution.output["Cause"])["Error"] == "No"


def test_machines_nest_and_their_times_add_up() -> None:
    inner = child(W=WAIT)
    middle = StateMachine.from_json(chain(W=WAIT, S=start(".sync")))
    outer = service_task("states:startExecution.sync", {"StateMachineArn": ARN.replace("Child", "Middle")})
    assert run_state(outer, machines={"Child": inner, "Middle": middle}).elapsed == 14


def test_the_inner_context_names_the_execution_that_was_started() -> None:
    machine = child(P={"Type": "Pass", "Parameters": {"id.$": "$$.Execution.Id", "name.$": "$$.StateMachine.Name"}})
    output = run_state(start(".sync:2", Name="one"), machines={ARN: machine}).output
    assert output["Output"] == {"id": output["ExecutionArn"], "name": "Child"}


def test_a_callable_still_serves_start_execution() -> None:
    assert (
        run_state(start(".sync"), tasks={"S": lambda payload: "mine"}, machines={ARN: child(W=WAIT)}).output == "mine"
    )


def test_a_callables_failure_inside_reaches_the_outer_cause() -> None:
    def declined(payload: Any) -> Any:
        raise TaskError("Declined", "no funds")

    execution = run_state(start(".sync"), machines={ARN: child(T=task("pay"))}, tasks={"pay": declined})
    assert json.loads(execution.cause or "")["Cause"] == "no funds"


def test_an_express_machine_answers_synchronously_through_the_sdk() -> None:
    machine = child(type="EXPRESS", P={"Type": "Pass", "Result": 1})
    state = service_task("aws-sdk:sfn:startSyncExecution", {"StateMachineArn": ARN})
    output = run_state(state, machines={ARN: machine}).output
    assert (output["Status"], output["Output"], output["StartDate"]) == ("SUCCEEDED", "1", "2024-01-01T00:00:00Z")


def test_a_standard_machine_does_not() -> None:
    state = service_task("aws-sdk:sfn:startSyncExecution", {"StateMachineArn": ARN})
    assert run_state(state, machines={ARN: child(W=WAIT)}).error == "Sfn.StateMachineTypeNotSupportedException"


def test_runs_may_share_their_services() -> None:
    services = Services(machines={ARN: child(W=WAIT)})
    for _ in range(3):
        assert run_state(start(".sync"), services=services).status == "SUCCEEDED"
    assert len(services.executions) == 3
