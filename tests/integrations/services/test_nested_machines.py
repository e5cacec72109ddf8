"""State machines that start others: in the same virtual time, with the results and failures that AWS shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from asl_engine import PENDING, Activities, Execution, StateMachine, TaskError
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


# --- tokens -----------------------------------------------------------------------------------------------------------

TOKEN = {"token.$": "$$.Task.Token"}


def send(outcome: str, **parameters: Any) -> dict[str, Any]:
    return service_task(f"aws-sdk:sfn:sendTask{outcome}", {"TaskToken.$": "$.token", **parameters}, ResultPath=None)


def test_an_inner_machine_answers_the_token_of_the_task_that_started_it() -> None:
    machine = child(W=WAIT, S=send("Success", Output={"ok": True}))
    execution = run_state(start(".waitForTaskToken", Input=TOKEN), machines={ARN: machine})
    assert (execution.output, execution.elapsed) == ({"ok": True}, 7)
    assert events(execution)[2:6] == ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"]


def test_it_may_say_no() -> None:
    machine = child(S=send("Failure", Error="No", Cause="not today"))
    execution = run_state(start(".waitForTaskToken", Input=TOKEN), machines={ARN: machine})
    assert (execution.error, execution.cause) == ("No", "not today")


def test_an_answer_holds_the_time_until_it_comes() -> None:
    machine = StateMachine.from_json(chain(A=start(".waitForTaskToken", Input=TOKEN)))
    answering = {ARN: child(W=WAIT, S=send("Success", Output="1"))}
    execution = machine.run(machines=answering, until_pending=True)
    assert (execution.status, execution.output, execution.elapsed) == ("SUCCEEDED", 1, 7)


@pytest.mark.parametrize(
    ("bounds", "waits", "end"),
    [
        ({"TimeoutSeconds": 5}, [7], ("States.Timeout", 5, ["Sfn.TaskTimedOutException"])),
        ({"TimeoutSeconds": 9}, [7], (None, 7, [None])),
        ({"HeartbeatSeconds": 5}, [7], ("States.Timeout", 5, ["Sfn.TaskTimedOutException"])),
        ({"HeartbeatSeconds": 5}, [4, 4, 4], (None, 12, [None, None, None])),
        ({"HeartbeatSeconds": 5}, [4, 7], ("States.Timeout", 9, [None, "Sfn.TaskTimedOutException"])),
        (
            {"HeartbeatSeconds": 5, "TimeoutSeconds": 6},
            [4, 4],
            ("States.Timeout", 6, [None, "Sfn.TaskTimedOutException"]),
        ),
    ],
)
def test_a_late_answer_is_refused_and_a_heartbeat_puts_the_end_off(bounds: Any, waits: list[int], end: Any) -> None:
    states: dict[str, Any] = {}
    for number, seconds in enumerate(waits):
        states[f"W{number}"] = {"Type": "Wait", "Seconds": seconds}
        states[f"S{number}"] = send("Heartbeat") if number + 1 < len(waits) else send("Success", Output="{}")
    services = Services(machines={ARN: child(**states)})
    execution = run_state(start(".waitForTaskToken", Input=TOKEN) | bounds, services=services)
    (inner,) = services.executions.values()
    told = [inner.error if number + 1 == len(waits) else None for number in range(len(waits))]
    assert (execution.error, execution.elapsed, told) == end


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"TaskToken": "none", "Output": "x"}, "Sfn.InvalidTokenException"),
        ({"TaskToken": "00000000-0000-4000-8000-000000000000", "Output": "{}"}, "Sfn.TaskDoesNotExistException"),
        ({"TaskToken": "none", "Output": None}, "Sfn.SfnException"),
        ({"TaskToken": 7, "Output": "{}"}, "Sfn.InvalidTokenException"),
    ],
)
def test_what_is_no_answer_is_refused(parameters: Any, error: str) -> None:
    state = service_task("aws-sdk:sfn:sendTaskSuccess", parameters)
    execution = run_state(state, machines={ARN: child(W=WAIT)})
    assert execution.error == error
    assert "(Service: Sfn, Status Code: 400, Request ID: " in (execution.cause or "")


def test_an_output_that_is_no_json_is_refused_and_the_task_stays_open() -> None:
    services = Services(machines={ARN: child(S=send("Success", Output="{bad"))})
    execution = run_state(start(".waitForTaskToken", Input=TOKEN), services=services)
    assert [inner.error for inner in services.executions.values()] == ["Sfn.InvalidOutputException"]
    (token,) = execution.pending_tokens
    execution.send_task_success(token, 1)
    assert execution.output == 1


def test_a_branch_answers_the_token_of_its_sibling() -> None:
    asking = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken"}
    asking["Parameters"] = {"FunctionName": "ask", "Payload": TOKEN}  # type: ignore[assignment]
    tokens: list[str] = []

    def ask(payload: Any) -> Any:
        tokens.append(payload["token"])
        return PENDING

    give = chain(G=task("give"), S=send("Success", Output="[1]"))
    definition = chain(B={"Type": "Parallel", "Branches": [chain(A=asking), give]})
    given = {"ask": ask, "give": lambda payload: {"token": tokens[0]}}
    execution = run(definition, tasks=given, machines={ARN: child(W=WAIT)})
    assert execution.output[0] == [1]


def waiting(*, type: str = "STANDARD") -> StateMachine:
    return child(W=WAIT, A=service_task("sqs:sendMessage.waitForTaskToken", {"MessageBody": TOKEN}))


@pytest.mark.parametrize(("pattern", "output"), [(".sync", '{"n":1}'), (".sync:2", {"n": 1})])
def test_an_inner_machine_that_waits_for_an_answer_leaves_the_outer_task_open(pattern: str, output: Any) -> None:
    services = Services(machines={ARN: waiting()})
    execution = run_state(start(pattern), services=services, tasks={"A": PENDING})
    (inner,) = services.executions.values()
    assert (execution.status, inner.status) == ("RUNNING", "RUNNING")
    (token,) = inner.pending_tokens
    inner.send_task_success(token, {"n": 1})
    assert (inner.output, execution.output["Output"]) == ({"n": 1}, output)
    assert (execution.output["StopDate"], execution.elapsed) == (T0 + 7000, 7)


def test_its_failure_reaches_the_outer_task_too() -> None:
    services = Services(machines={ARN: waiting()})
    execution = run_state(start(".sync"), services=services, tasks={"A": PENDING})
    (inner,) = services.executions.values()
    inner.send_task_failure(next(iter(inner.pending_tokens)), "No")
    assert (execution.error, json.loads(execution.cause or "")["Error"]) == ("States.TaskFailed", "No")


def test_an_outer_task_that_has_timed_out_is_not_answered() -> None:
    services = Services(machines={ARN: waiting()})
    execution = run_state(start(".sync") | {"TimeoutSeconds": 60}, services=services, tasks={"A": PENDING})
    assert (execution.error, execution.elapsed) == ("States.Timeout", 60)
    (inner,) = services.executions.values()
    inner.send_task_success(next(iter(inner.pending_tokens)), 1)
    assert inner.status == "SUCCEEDED"


# --- what is each execution's own -------------------------------------------------------------------------------------


def test_every_execution_draws_numbers_of_its_own() -> None:
    machine = child(P={"Type": "Pass", "Parameters": {"id.$": "States.UUID()"}})
    each = chain(Each={"Type": "Map", "ItemProcessor": chain(S=start(".sync:2"))})
    first, again = (run(each, [1, 2, 3], machines={ARN: machine}).output for _ in range(2))
    assert len({one["Output"]["id"] for one in first}) == 3
    assert first == again


def test_an_inner_distributed_map_has_the_outer_storage(tmp_path: Path) -> None:
    (tmp_path / "bucket").mkdir()
    (tmp_path / "bucket" / "items.json").write_text("[1, 2]")
    reader = {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSON"}}
    reader["Parameters"] = {"Bucket": "bucket", "Key": "items.json"}
    mode = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    processor = chain(P={"Type": "Pass"}) | {"ProcessorConfig": mode}
    machine = child(M={"Type": "Map", "ItemReader": reader, "ItemProcessor": processor})
    execution: Execution = run_state(start(".sync:2"), machines={ARN: machine}, storage=tmp_path)
    assert execution.output["Output"] == [1, 2]


def test_workers_of_the_outer_store_do_the_activities_of_an_inner_machine() -> None:
    store = Activities()
    arn = store.create_activity("paint")
    machine = child(P={"Type": "Task", "Resource": arn})
    execution = run_state(start(".sync:2", Input={"wall": 1}), machines={ARN: machine}, activities=store)
    work = store.get_activity_task(arn, "brush")
    assert (execution.status, work and work["input"]) == ("RUNNING", {"wall": 1})
    assert work is not None
    store.send_task_success(str(work["taskToken"]), "painted")
    assert execution.output["Output"] == "painted"


def test_an_express_machine_has_no_end_to_wait_for() -> None:
    machine = child(type="EXPRESS", P={"Type": "Pass"})
    assert run_state(start(), machines={ARN: machine}).status == "SUCCEEDED"
    error = run_state(start(".sync"), machines={ARN: machine}).error
    assert error == "StepFunctions.StateMachineTypeNotSupportedException"


@pytest.mark.parametrize("name", ["a b", "", "x" * 81, "a/b"])
def test_a_name_that_no_execution_may_have_is_refused(name: str) -> None:
    execution = run_state(start(Name=name), machines={ARN: child(W=WAIT)})
    assert execution.error == "StepFunctions.InvalidNameException"


def test_a_machine_must_be_named() -> None:
    execution = run_state(service_task("states:startExecution", {}), machines={ARN: child(W=WAIT)})
    assert execution.error == "StepFunctions.AWSStepFunctionsException"
    assert (execution.cause or "").startswith("1 validation error detected: Value null at 'stateMachineArn' failed")
