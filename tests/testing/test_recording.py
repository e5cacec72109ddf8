"""A recorded execution is read, replayed, and written as a mock file, what is expected, and a test."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from asl_engine import Execution, StateMachine, TaskContext, TaskError, Worker
from asl_engine.drawing.overlay import HistoryError
from asl_engine.execution.replies import StopExecution
from asl_engine.testing import RecordingError, diff, mock_config_of, read_recording, replay, write_recording
from asl_engine.testing.histories import read_history
from asl_engine.testing.recording import recording_from_aws
from asl_engine.testing.writing import beyond_mocks
from tests.build import T0, catcher, chain, each, failing, giving, parallel, retrier, task
from tests.properties.machines import Program, programs

ACTIVITY = "arn:aws:states:us-east-1:123456789012:activity:weigh"
SYNC = "arn:aws:states:::glue:startJobRun.sync"
ARN = "arn:aws:states:us-east-1:123456789012:execution:Order:one"


def busy_once(payload: Any, context: TaskContext) -> Any:
    context.sleep(2)
    if context.attempt == 1:
        raise TaskError("Busy", "come again")
    return payload * 10


def executed(definition: dict[str, Any], input: Any = None, **tasks: Any) -> tuple[StateMachine, Execution]:
    machine = StateMachine.from_json(definition, name="Order")
    return machine, machine.run(input, tasks=tasks, context={"Execution": {"Name": "one"}})


def mapped() -> tuple[StateMachine, Execution]:
    return executed(chain(Each=each(chain(Weigh=task("weigh", Retry=[retrier("Busy")])))), [1, 2], weigh=busy_once)


# --- reading ----------------------------------------------------------------------------------------------------------


def test_a_recording_holds_every_attempt_of_every_task() -> None:
    machine, execution = mapped()
    recording = read_recording(execution, machine)
    assert [(found.state, found.scope, found.attempt, found.outcome) for found in recording.tasks] == [
        ("Weigh", (("Map", "Each", 0),), 1, "failed"),
        ("Weigh", (("Map", "Each", 1),), 1, "failed"),
        ("Weigh", (("Map", "Each", 0),), 2, "succeeded"),
        ("Weigh", (("Map", "Each", 1),), 2, "succeeded"),
    ]
    assert [found.output for found in recording.tasks[2:]] == [10, 20]
    assert recording.tasks[0].error == "Busy"
    assert recording.tasks[0].seconds == 2


def test_a_recording_holds_the_way_and_the_end() -> None:
    machine, execution = mapped()
    recording = read_recording(execution, machine)
    assert (recording.input, recording.output, recording.status) == ([1, 2], [10, 20], "SUCCEEDED")
    assert list(recording.path) == execution.path
    assert recording.context["Execution"]["StartTime"] == "2024-01-01T00:00:00Z"


def test_a_branch_is_told_by_its_index() -> None:
    machine, execution = executed(
        chain(Both=parallel(chain(A=task("a")), chain(B=task("b")))), a=giving(1), b=giving(2)
    )
    scopes = {found.state: found.scope for found in read_recording(execution, machine).tasks}
    assert scopes == {"A": (("Parallel", "Both", 0),), "B": (("Parallel", "Both", 1),)}


def test_a_caught_failure_in_nested_maps_leads_back_out() -> None:
    inner = each(chain(Work=task("work")), ItemsPath="$")
    definition = chain(
        Outer=each(chain(Inner=inner), Catch=[catcher("After")]), Other=task("work"), After=task("after")
    )
    machine, execution = executed(definition, [[1], [2]], work=failing("No"), after=giving(5))
    recording = read_recording(execution, machine)
    assert [(found.state, found.scope) for found in recording.tasks][-1] == ("After", ())
    assert recording.tasks[0].scope == (("Map", "Outer", 0), ("Map", "Inner", 0))


def as_cli(execution: Execution) -> dict[str, Any]:
    """The history as the AWS CLI writes it: another order of keys, times with an offset."""
    events = [{**event, "timestamp": event["timestamp"].replace("Z", "+00:00")} for event in execution.history]
    return {"events": list(reversed(events))}


def test_a_file_of_the_aws_cli_is_read_in_any_order(tmp_path: Path) -> None:
    machine, execution = mapped()
    file = tmp_path / "history.json"
    file.write_text(json.dumps(as_cli(execution)), encoding="utf-8")
    assert read_recording(file, machine).tasks == read_recording(execution, machine).tasks


@pytest.mark.parametrize(
    "written",
    [str, datetime.datetime.timestamp, datetime.datetime.isoformat, lambda moment: moment],
    ids=["as json.dumps(default=str) writes it", "seconds", "ISO", "as boto3 gives it"],
)
def test_times_are_read_in_every_form_that_they_come_in(written: Any) -> None:
    machine, execution = executed(chain(Wait={"Type": "Wait", "Seconds": 5}, Work=task("work")), work=giving(1))
    moments = [datetime.datetime.fromisoformat(event["timestamp"]) for event in execution.history]
    events = [{**event, "timestamp": written(at)} for event, at in zip(execution.history, moments, strict=True)]
    assert read_recording(events, machine).tasks == read_recording(execution, machine).tasks


@pytest.mark.parametrize(
    "spoil, message",
    [
        (lambda events: events[1:], "does not begin with ExecutionStarted"),
        (lambda events: events[:3] + events[4:], "no event 4"),
        (lambda events: events[:-1], "still running, or its last events"),
        (lambda events: [], "the first events are missing"),
        (lambda events: [{**event, "timestamp": "noon"} for event in events], "its timestamp 'noon' is no time"),
    ],
)
def test_a_history_that_is_not_whole_is_refused(spoil: Any, message: str) -> None:
    machine, execution = mapped()
    with pytest.raises(RecordingError, match=message):
        read_recording(spoil(execution.history), machine)


def test_a_history_without_data_is_refused() -> None:
    machine, execution = mapped()
    events = execution.history
    events[0]["executionStartedEventDetails"] = {"roleArn": "x"}
    with pytest.raises(RecordingError, match="asked for without it"):
        read_recording(events, machine)


def test_a_truncated_output_is_refused_with_its_event() -> None:
    machine, execution = mapped()
    events = execution.history
    events[-1]["executionSucceededEventDetails"]["outputDetails"] = {"truncated": True}
    with pytest.raises(RecordingError, match=r"event \d+, ExecutionSucceeded: its output is truncated"):
        read_recording(events, machine)


def test_a_redriven_execution_is_refused() -> None:
    machine, execution = mapped()
    events = execution.history
    events[5] = {"id": 6, "type": "ExecutionRedriven", "previousEventId": 0, "timestamp": "2024-01-01T00:00:00Z"}
    with pytest.raises(RecordingError, match="event 6, ExecutionRedriven"):
        read_recording(events, machine)


@pytest.mark.parametrize(
    "given, message",
    [
        ({"events": [], "nextToken": "more"}, "one page of several"),
        ({"States": {}}, "an array of events"),
        (["no event"], "must be an object"),
        ([{"id": "1", "type": "ExecutionStarted"}], "a number as its id"),
    ],
)
def test_what_is_no_history_is_refused(given: Any, message: str) -> None:
    with pytest.raises(HistoryError, match=message):
        read_history(given)


def test_a_file_that_is_no_json_is_refused_by_its_name(tmp_path: Path) -> None:
    file = tmp_path / "history.json"
    file.write_text("{", encoding="utf-8")
    with pytest.raises(HistoryError, match=r"history\.json: "):
        read_history(file)


def test_a_recording_is_read_from_aws_page_by_page() -> None:
    boto3 = pytest.importorskip("boto3")
    from botocore.stub import Stubber

    _, execution = mapped()
    start = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)
    events = [{**event, "timestamp": start} for event in execution.history]
    machine_arn = "arn:aws:states:us-east-1:123456789012:stateMachine:Order"
    definition = json.dumps(chain(Each=each(chain(Weigh=task("weigh", Retry=[retrier("Busy")])))))
    client = boto3.client("stepfunctions", "us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    described = {
        "executionArn": ARN, "stateMachineArn": machine_arn, "name": "one", "status": "SUCCEEDED", "startDate": start,
    }  # fmt: skip
    asked = {
        "stateMachineArn": machine_arn, "name": "Order", "definition": definition, "roleArn": "arn:aws:iam::1:role/r",
        "updateDate": start,
    }  # fmt: skip
    page = {"executionArn": ARN, "includeExecutionData": True}
    with Stubber(client) as stub:
        stub.add_response("describe_execution", described, {"executionArn": ARN})
        stub.add_response("describe_state_machine_for_execution", asked, {"executionArn": ARN})
        stub.add_response("get_execution_history", {"events": events[:9], "nextToken": "t"}, page)
        stub.add_response("get_execution_history", {"events": events[9:]}, {**page, "nextToken": "t"})
        recording = recording_from_aws(client, ARN)
    assert (recording.name, recording.machine.name) == ("one", "Order")
    assert recording.context["Execution"]["Id"] == ARN
    assert replay(recording.machine, recording).output == execution.output


# --- replaying --------------------------------------------------------------------------------------------------------


@given(programs())
def test_a_replayed_recording_is_the_execution_again(program: Program) -> None:
    machine = StateMachine.from_json(program.definition)
    execution = machine.run(
        program.input, tasks=program.tasks, seed=program.seed, context={"Execution": {"Name": "one"}}
    )
    again = replay(machine, read_recording(execution, machine), seed=program.seed)
    assert str(diff(execution, again, ids=True, times=True)) == "the histories tell the same"
    assert (again.status, again.path, again.elapsed) == (execution.status, execution.path, execution.elapsed)


def test_a_replay_takes_the_time_that_it_took() -> None:
    machine, execution = mapped()
    recording = read_recording(execution, machine)
    assert replay(machine, recording).elapsed == execution.elapsed == 5
    assert replay(machine, recording, timed=False).elapsed == 1


def test_a_task_that_timed_out_times_out_again() -> None:
    machine, execution = executed(
        chain(Slow=task("slow", TimeoutSeconds=3)), slow=lambda payload, context: context.sleep(10)
    )
    again = replay(machine, read_recording(execution, machine))
    assert (again.error, again.elapsed) == ("States.Timeout", 3)


def test_a_long_task_with_heartbeats_is_kept_alive() -> None:
    def beating(payload: Any, context: TaskContext) -> Any:
        for _ in range(5):
            context.sleep(4)
            context.heartbeat()

    machine, execution = executed(chain(Beat=task("beat", HeartbeatSeconds=5)), beat=beating)
    again = replay(machine, read_recording(execution, machine))
    assert (again.status, again.elapsed) == ("SUCCEEDED", execution.elapsed)


def test_an_activity_is_answered_by_its_recorded_worker() -> None:
    machine = StateMachine.from_json(chain(Weigh={"Type": "Task", "Resource": ACTIVITY}))
    execution = machine.run(tasks={"Weigh": Worker(giving(7), "worker-1")})
    again = replay(machine, read_recording(execution, machine))
    assert diff(execution, again, ids=True, times=True).is_empty
    assert again.history[3]["activityStartedEventDetails"] == {"workerName": "worker-1"}


def test_what_was_submitted_is_submitted_again() -> None:
    def started(payload: Any, context: TaskContext) -> Any:
        context.submitted({"JobRunId": "jr"})
        return {"JobRunState": "SUCCEEDED"}

    machine, execution = executed(chain(Job={"Type": "Task", "Resource": SYNC}), Job=started)
    assert diff(execution, replay(machine, read_recording(execution, machine)), ids=True, times=True).is_empty


def test_a_machine_that_asks_for_more_than_was_recorded_is_told() -> None:
    machine, execution = executed(chain(A=task("a")), a=giving(1))
    other = StateMachine.from_json(chain(A=task("a"), B=task("b")))
    recording = read_recording(execution, machine)
    with pytest.raises(RecordingError, match="nothing was recorded for attempt 1 of B"):
        replay(other, recording)
    assert replay(other, recording, strict=False).error == "Recording.NoAnswer"


def test_an_execution_that_was_stopped_is_told_and_replayed_only_where_asked_for() -> None:
    machine = StateMachine.from_json(chain(Rest={"Type": "Wait", "Seconds": 60}))
    execution = machine.start()
    execution.start(T0)
    execution.receive(StopExecution("Enough"), T0 + 1000)
    recording = read_recording(execution, machine)
    assert "was stopped from outside" in recording.notes[0]
    with pytest.raises(RecordingError, match="stopped from outside"):
        replay(machine, recording)
    assert replay(machine, recording, strict=False).elapsed == 60


# --- writing ----------------------------------------------------------------------------------------------------------


def test_a_mock_file_has_a_response_for_each_state_numbered_as_asked() -> None:
    machine, execution = mapped()
    mocks = mock_config_of(read_recording(execution, machine))
    assert mocks == {
        "StateMachines": {"Order": {"TestCases": {"Recorded": {"Weigh": "Weigh"}}}},
        "MockedResponses": {
            "Weigh": {
                "0-1": {"Throw": {"Error": "Busy", "Cause": "come again"}},
                "2": {"Return": 10},
                "3": {"Return": 20},
            }
        },
    }


def test_what_a_mock_file_cannot_say_is_said() -> None:
    machine, execution = mapped()
    assert beyond_mocks(read_recording(execution, machine)) == [
        "Weigh: several iterations or branches called it, and answers are given in the order recorded in AWS"
    ]
    machine, execution = executed(
        chain(Slow=task("slow", TimeoutSeconds=3, HeartbeatSeconds=2)), slow=lambda _, context: context.sleep(9)
    )
    assert beyond_mocks(read_recording(execution, machine)) == [
        "Slow: a task timed out; its mock fails with States.Timeout at once",
        "Slow: heartbeats are not recorded",
    ]


def test_the_storage_that_a_map_reads_is_beyond_mocks() -> None:
    body = {**chain(Keep={"Type": "Pass"}), "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
    read = {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key": "k"}}
    definition = chain(Rows=each(body, ItemReader={**read, "ReaderConfig": {"InputType": "JSON"}}))
    machine = StateMachine.from_json(definition)
    execution = machine.run({}, tasks={"Rows": giving([1, 2])})
    said = beyond_mocks(read_recording(execution, machine))
    assert "the Map state 'Rows' reads its items with arn:aws:states:::s3:getObject: give the run its storage=" in said


def test_an_aborted_task_fails_by_name_in_the_mock_file() -> None:
    definition = chain(Both=parallel(chain(A=task("a")), chain(B=task("b"))))
    machine, execution = executed(definition, a=failing("No"), b=giving(1))
    recording = read_recording(execution, machine)
    responses: Any = mock_config_of(recording)["MockedResponses"]
    assert responses["B"]["0"]["Throw"]["Error"] == "Recording.Aborted" if "B" in responses else True
    definition = chain(Both=parallel(chain(A=task("a")), chain(B=task("b"))))
    slow = executed(definition, a=lambda _, context: context.sleep(1) or fail(), b=lambda _, c: c.sleep(5))
    recording = read_recording(slow[1], slow[0])
    responses = mock_config_of(recording)["MockedResponses"]
    assert responses["B"]["0"]["Throw"]["Error"] == "Recording.Aborted"
    assert "B: a task was aborted" in " ".join(beyond_mocks(recording))


def fail() -> None:
    raise TaskError("No")


def test_a_map_run_is_told_as_what_has_histories_of_its_own() -> None:
    processor = {**chain(Item={"Type": "Pass"}), "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}}
    machine, execution = executed(chain(Each=each(processor)), [1])
    [note] = read_recording(execution, machine).notes
    assert "have histories of their own" in note


def test_parts_that_aws_has_hidden_are_told() -> None:
    machine, execution = executed(chain(A=task("a")), a=giving({"token": "HIDDEN_DUE_TO_SECURITY_REASONS"}))
    notes = read_recording(execution, machine).notes
    assert notes[0] == "event 5, LambdaFunctionSucceeded: its output has parts that AWS has hidden, and is given so"


def test_the_files_are_a_mock_file_what_is_expected_and_a_test(tmp_path: Path) -> None:
    machine, execution = mapped()
    files = write_recording(read_recording(execution, machine), tmp_path / "rec", definition=tmp_path / "order.json")
    assert [file.name for file in files] == ["MockConfigFile.json", "expected.json", "test_order_recorded.py"]
    expected = json.loads(files[1].read_text(encoding="utf-8"))
    assert (expected["path"], expected["output"]) == (execution.path, [10, 20])
    assert '"../order.json"' in files[2].read_text(encoding="utf-8")
    compile(files[2].read_text(encoding="utf-8"), str(files[2]), "exec")


def test_the_written_test_passes(tmp_path: Path) -> None:
    definition = chain(Each=each(chain(Weigh=task("weigh", Retry=[retrier("Busy")]))))
    (tmp_path / "order.json").write_text(json.dumps(definition), encoding="utf-8")
    machine, execution = mapped()
    write_recording(read_recording(execution, machine), tmp_path / "rec", definition=tmp_path / "order.json")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
