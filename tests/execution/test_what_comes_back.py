"""What a caller reads of an execution: the context object, its history, its path, and what happened in each state."""

from __future__ import annotations

import json
from typing import Any

import pytest

from asl_engine import Execution, StateMachine, TaskContext, TaskError
from tests.build import chain, details, each, events, failing, in_turn, parallel, retrier, run, run_state, task

WHOLE_CONTEXT = {"Type": "Pass", "InputPath": "$$"}
GIVEN = {
    "Execution": {
        "Id": "arn:aws:states:eu-west-1:111122223333:execution:orders:run-7",
        "Name": "run-7",
        "RoleArn": "arn:aws:iam::111122223333:role/orders",
        "StartTime": "2030-05-06T07:08:09Z",
    },
    "StateMachine": {"Id": "arn:aws:states:eu-west-1:111122223333:stateMachine:orders", "Name": "orders"},
}


# --- the context object -----------------------------------------------------------------------------------------------


def test_the_context_object_has_its_fixed_parts_and_the_state() -> None:
    machine = StateMachine.from_json(chain(S=WHOLE_CONTEXT), name="orders")
    context = machine.run({"n": 1}).output
    name = context["Execution"]["Name"]
    assert context == {
        "Execution": {
            "Id": f"arn:aws:states:us-east-1:123456789012:execution:orders:{name}",
            "Input": {"n": 1},
            "Name": name,
            "RoleArn": "arn:aws:iam::123456789012:role/orders",
            "StartTime": "2024-01-01T00:00:00Z",
            "RedriveCount": 0,
        },
        "StateMachine": {"Id": "arn:aws:states:us-east-1:123456789012:stateMachine:orders", "Name": "orders"},
        "State": {"Name": "S", "EnteredTime": "2024-01-01T00:00:00Z"},
    }


def test_the_caller_gives_the_fixed_parts() -> None:
    context = run_state(WHOLE_CONTEXT, {"n": 1}, context=GIVEN).output
    assert context["Execution"].items() >= GIVEN["Execution"].items()
    assert context["StateMachine"] == GIVEN["StateMachine"]
    assert context["Execution"]["Input"] == {"n": 1}


def test_virtual_time_begins_at_the_start_time_given() -> None:
    assert run_state(WHOLE_CONTEXT, context=GIVEN).history[0]["timestamp"] == "2030-05-06T07:08:09Z"


def test_the_entered_time_is_that_of_each_state() -> None:
    machine = chain(A={"Type": "Wait", "Seconds": 5}, B={"Type": "Pass", "InputPath": "$$.State.EnteredTime"})
    assert run(machine).output == "2024-01-01T00:00:05Z"


def test_each_frame_sees_its_own_state_and_item() -> None:
    reading = {"Type": "Pass", "Parameters": {"s.$": "$$.State.Name", "v.$": "$$.Map.Item.Value"}}
    execution = run_state(each(chain(P=parallel(chain(A=reading), chain(B=reading)))), ["x", "y"])
    assert execution.output == [[{"s": name, "v": value} for name in "AB"] for value in "xy"]


def test_the_executions_input_does_not_change() -> None:
    machine = chain(A={"Type": "Pass", "Result": 5}, B={"Type": "Pass", "InputPath": "$$.Execution.Input"})
    assert run(machine, {"n": 1}).output == {"n": 1}


@pytest.mark.parametrize("state, counted", [(task(), True), ({"Type": "Pass"}, False)])
def test_only_states_that_may_be_retried_have_a_retry_count(state: dict[str, Any], counted: bool) -> None:
    state = {**state, "Parameters": {"state.$": "$$.State"}}
    output = run_state(state, tasks={"work": lambda payload: payload}).output
    assert ("RetryCount" in output["state"]) is counted


def test_the_seed_fixes_the_executions_name_and_its_uuids() -> None:
    state = {"Type": "Pass", "Parameters": {"name.$": "$$.Execution.Name", "id.$": "States.UUID()"}}
    runs = [run_state(state, seed=seed).output for seed in (1, 1, 2)]
    assert runs[0] == runs[1]
    assert runs[0]["id"] != runs[2]["id"]
    assert runs[0]["name"] != runs[2]["name"]


# --- history and path -------------------------------------------------------------------------------------------------


def test_the_history_is_that_of_get_execution_history() -> None:
    execution = run_state(task(), {"n": 1}, tasks={"work": lambda payload: "ä"})
    started, entered, scheduled, begun, succeeded, exited, ended = execution.history
    assert started["executionStartedEventDetails"]["input"] == '{"n":1}'
    assert entered == {
        "timestamp": "2024-01-01T00:00:00Z",
        "type": "TaskStateEntered",
        "id": 2,
        "previousEventId": 0,
        "stateEnteredEventDetails": {"name": "S", "input": '{"n":1}', "inputDetails": {"truncated": False}},
    }
    assert details(scheduled)["input"] == '{"n":1}'
    assert begun == {
        "timestamp": "2024-01-01T00:00:00Z",
        "type": "LambdaFunctionStarted",
        "id": 4,
        "previousEventId": 3,
    }
    assert details(succeeded)["output"] == details(exited)["output"] == details(ended)["output"] == '"ä"'


def test_a_history_is_the_callers_own() -> None:
    execution = run_state({"Type": "Pass"}, {"n": 1})
    execution.history[0].clear()
    assert execution.history[0]["type"] == "ExecutionStarted"


def test_a_history_is_json() -> None:
    execution = run_state(each(chain(W=task(Credentials={"RoleArn": "r"}))), [1], tasks={"work": lambda payload: 1})
    assert json.loads(json.dumps(execution.history)) == execution.history


def test_assigned_variables_stand_in_the_exited_event() -> None:
    execution = run_state({"Type": "Pass", "Assign": {"b": [1], "a": "x"}})
    assert details(execution.history[2])["assignedVariables"] == {"a": '"x"', "b": "[1]"}


def test_the_path_names_states_in_the_order_of_entry() -> None:
    inner = parallel(chain(A={"Type": "Wait", "Seconds": 2}, B={"Type": "Pass"}), chain(C={"Type": "Pass"}))
    assert run(chain(S=inner, Z={"Type": "Succeed"})).path == ["S", "A", "C", "B", "Z"]


def test_a_map_iterations_chain_begins_at_its_own_started_event() -> None:
    history = run_state(each(chain(W={"Type": "Pass"})), [1, 2]).history
    started = [event["id"] for event in history if event["type"] == "MapIterationStarted"]
    entered = [event["previousEventId"] for event in history if event["type"] == "PassStateEntered"]
    assert entered == started


# --- output and states ------------------------------------------------------------------------------------------------


def test_the_output_is_the_callers_own() -> None:
    machine = StateMachine.from_json(chain(S={"Type": "Pass", "Result": {"list": [1]}}))
    first = machine.run()
    first.output["list"].append(2)
    assert machine.run().output == {"list": [1]}
    assert details(first.history[-1])["output"] == '{"list":[1]}'


def report_of(execution: Execution, name: str) -> dict[str, Any]:
    report = execution.state(name)
    return {
        "type": report.type,
        "inputs": report.inputs,
        "outputs": report.outputs,
        "attempts": report.attempts,
        "errors": [(error.error, error.cause) for error in report.errors],
    }


def test_a_states_report_has_inputs_outputs_attempts_and_errors() -> None:
    state = task(Retry=[retrier("Busy")])
    execution = run_state(state, 1, tasks={"work": in_turn(TaskError("Busy", "later"), TaskError("Busy"), "done")})
    assert report_of(execution, "S") == {
        "type": "Task",
        "inputs": [1],
        "outputs": ["done"],
        "attempts": 3,
        "errors": [("Busy", "later"), ("Busy", None)],
    }


def test_a_state_that_was_entered_often_reports_every_visit() -> None:
    execution = run_state(each(chain(W={"Type": "Pass", "Result": 0})), ["a", "b"])
    report = execution.state("W")
    assert (report.visits, report.inputs, report.outputs) == (2, ["a", "b"], [0, 0])
    assert (report.input, report.output) == ("b", 0)


def test_a_state_that_failed_has_no_output() -> None:
    report = run_state(task(), 1, tasks={"work": failing("E")}).state("S")
    assert (report.inputs, report.outputs) == ([1], [])


def test_a_report_is_the_callers_own() -> None:
    execution = run_state({"Type": "Pass"}, {"list": []})
    execution.state("S").input["list"].append(1)
    assert execution.state("S").input == {"list": []}


def test_a_state_never_entered_is_named() -> None:
    with pytest.raises(KeyError, match="never entered a state named 'T'; it entered S"):
        run_state({"Type": "Pass"}).state("T")


def test_attempts_of_maps_and_parallels_are_their_runs() -> None:
    state = parallel(chain(A=task()), Retry=[retrier("Busy", MaxAttempts=1)])
    execution = run_state(state, tasks={"work": failing("Busy")})
    assert execution.state("S").attempts == 2


def test_a_failed_execution_has_no_output() -> None:
    execution = run_state(task(), {"n": 1}, tasks={"work": failing("E", "c")})
    assert (execution.output, execution.error, execution.cause) == (None, "E", "c")
    assert details(execution.history[-1]) == {"error": "E", "cause": "c"}


def test_elapsed_counts_the_time_that_tasks_let_pass() -> None:
    def work(payload: Any, context: TaskContext) -> None:
        context.sleep(0.25)

    execution = run(chain(A=task(), B=task()), tasks={"work": work})
    assert execution.elapsed == 0.5
    assert events(execution)[-1] == "ExecutionSucceeded"
