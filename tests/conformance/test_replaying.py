"""Replaying a recording: which recorded result answers which task, and what is done with its outcome."""

from __future__ import annotations

from typing import Any

import pytest

from asl_engine import StateMachine
from asl_engine.testing import RecordedAnswers
from conformance.objects import RecordedObjects
from conformance.recorded import RecordedCase, class_notes, task_names
from conformance.replay import judge_execution, recorded_answers

LAMBDA = "arn:aws:lambda:eu-west-1:123456789012:function:work"
TOPIC = "arn:aws:states:::sns:publish.waitForTaskToken"


def result(
    state: str, status: str = "succeeded", *, attempt: int = 1, scope: Any = (), **outcome: Any
) -> dict[str, Any]:
    kind = outcome.pop("kind", "LambdaFunction")
    submitted = outcome.pop("submitted", None)
    made = {"state": state, "scope": list(scope), "attempt": attempt, "kind": kind, "submitted": submitted}
    return made | {"outcome": {"status": status} | outcome}


def run(definition: dict[str, Any], recordings: RecordedAnswers, value: Any = None) -> Any:
    tasks = dict.fromkeys(task_names(definition), recordings.answer)
    return StateMachine.from_json(definition).run(value, tasks=tasks)


def machine(**state: Any) -> dict[str, Any]:
    return {"StartAt": "Work", "States": {"Work": {"Type": "Task", "Resource": LAMBDA, "End": True} | state}}


def test_attempts_are_answered_by_their_number() -> None:
    recordings = recorded_answers(
        [result("Work", attempt=2, output="second"), result("Work", "failed", error="Busy", cause="later")]
    )
    execution = run(machine(Retry=[{"ErrorEquals": ["Busy"]}]), recordings)
    assert (execution.status, execution.output, recordings.unused) == ("SUCCEEDED", "second", [])


def test_iterations_are_answered_by_their_index() -> None:
    scopes = [[{"map": "Each", "index": index}] for index in (1, 0)]
    recordings = recorded_answers([result("Work", scope=scope, output=scope[0]["index"]) for scope in scopes])
    definition = {"StartAt": "Each", "States": {"Each": {"Type": "Map", "ItemProcessor": machine(), "End": True}}}
    assert run(definition, recordings, ["a", "b"]).output == [0, 1]


def test_branches_are_answered_by_the_name_of_their_state() -> None:
    recordings = recorded_answers([result("Work", scope=[{"parallel": "Both"}], output=1)])
    definition = {"StartAt": "Both", "States": {"Both": {"Type": "Parallel", "Branches": [machine()], "End": True}}}
    assert run(definition, recordings).output == [1]


def test_a_recorded_time_out_times_the_task_out() -> None:
    execution = run(machine(TimeoutSeconds=5), recorded_answers([result("Work", "timed_out", error="States.Timeout")]))
    assert (execution.status, execution.error) == ("FAILED", "States.Timeout")


def test_what_was_submitted_is_in_the_history_of_a_task_that_failed_later() -> None:
    recordings = recorded_answers([result("Work", "failed", kind="Task", submitted={"id": 1}, error="No", cause=None)])
    parameters = {"Message.$": "$$.Task.Token"}
    execution = run(machine(Resource=TOPIC, Parameters=parameters), recordings)
    submitted = [event for event in execution.history if event["type"] == "TaskSubmitted"]
    assert submitted[0]["taskSubmittedEventDetails"]["output"] == '{"id":1}'
    assert execution.error == "No"


def test_a_task_that_was_not_recorded_fails_by_name() -> None:
    recordings = recorded_answers([result("Other", output=1)])
    execution = run(machine(), recordings)
    assert execution.error == "Recording.NoAnswer"
    assert recordings.unanswered == ["attempt 1 of Work"]
    assert recordings.unused == ["attempt 1 of Other"]


def recorded(definition: Any, **changes: Any) -> RecordedCase:
    document = {
        "type": "STANDARD",
        "input": {},
        "context": {},
        "task_results": [],
        "aws": {"events": None, "status": "SUCCEEDED", "output": {}, "error": None, "cause": None},
    }
    return RecordedCase("m/case", "execution", True, (), definition, document | changes)


def test_what_the_engine_refuses_fails() -> None:
    processor = {"ProcessorConfig": {"Mode": "INLINE"}, **machine()}
    assert judge_execution(recorded({"StartAt": "Nowhere", "States": {}})).verdict == "failed"
    broken = {"StartAt": "A", "States": {"A": {"Type": "Map", "ItemProcessor": processor}}}
    assert "refuses" in judge_execution(recorded(broken)).reason


DISTRIBUTED = {
    "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
    "StartAt": "Done",
    "States": {"Done": {"Type": "Succeed"}},
}


@pytest.mark.parametrize(
    "date, follows, verdict",
    [
        ("19-08-2024, 08:59:42", "MapRunSucceeded", "passed"),
        ("13-11-2024, 15:09:11", "MapRunSucceeded", "failed"),
        ("13-11-2024, 15:09:11", "MapRunStarted", "passed"),
        ("19-08-2024, 08:59:42", "MapRunStarted", "passed"),
    ],
)
def test_a_recording_is_read_as_aws_shows_it_now(date: str, follows: str, verdict: str) -> None:
    definition = {"StartAt": "M", "States": {"M": {"Type": "Map", "ItemProcessor": DISTRIBUTED, "End": True}}}
    events = StateMachine.from_json(definition).run([]).history
    [followed] = [event["id"] for event in events if event["type"] == follows]
    shown = [event | ({"previousEventId": followed} if event["type"] == "MapStateExited" else {}) for event in events]
    aws = {"events": shown, "status": "SUCCEEDED", "output": [], "error": None, "cause": None}
    path = [["MapStateEntered", "M"]]
    changes = {"events_order_normalised": False, "path": path, "recorded_date": date, "input": []}
    case = recorded(definition, aws=aws, **changes, placeholders=["arn:aws:states"])
    assert judge_execution(case).verdict == verdict


def test_a_cause_of_unknown_spacing_is_compared_decoded() -> None:
    fails = {"StartAt": "A", "States": {"A": {"Type": "Fail", "Error": "E", "Cause": '{"k":  1}'}}}
    aws = {"events": None, "status": "FAILED", "output": None, "error": "E", "cause": '{"k":1}'}
    assert judge_execution(recorded(fails, aws=aws)).verdict == "failed"
    decoded = aws | {"cause_object": {"k": 1}, "cause_exact": False}
    assert judge_execution(recorded(fails, aws=decoded)).verdict == "passed"


def test_classes_count_only_plain_complete_executions() -> None:
    plain = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
    notes = class_notes([recorded(plain), recorded(plain | {"QueryLanguage": "JSONata"})], frozenset({"m/case"}))
    assert notes[1] == "JSONPath, with a result only: 1 of 1 (100.0 %)"
    assert notes[3] == "both languages, with a result only: 2 of 2 (100.0 %)"


def test_a_token_that_the_recorder_numbered_again_is_still_a_token() -> None:
    case = recorded({}, placeholders=["<id>"], aws={"events": None})
    assert "<<id>:1>" in case.wildcards.tokens


def test_the_objects_of_a_case_are_listed_as_s3_lists_them_and_results_are_kept_beside_them() -> None:
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    state = {
        "Type": "Map",
        "ItemReader": {"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "b", "Prefix": "k"}},
        "ItemProcessor": {"ProcessorConfig": config, "StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}},
        "End": True,
    }
    objects = RecordedObjects({"b/k.txt": "hello", "b/other": "", "c/k": ""})
    execution = StateMachine.from_json({"StartAt": "M", "States": {"M": state}}).run(storage=objects)
    etag = '"5d41402abc4b2a76b9719d911017c592"'
    found = {"Etag": etag, "Key": "k.txt", "LastModified": 0, "Size": 5, "StorageClass": "STANDARD"}
    assert execution.output == [found]

    writer = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "c", "Prefix": "out"}}
    machine = StateMachine.from_json({"StartAt": "M", "States": {"M": state | {"ResultWriter": writer}}})
    key = machine.run(storage=objects).output["ResultWriterDetails"]["Key"]
    assert objects.open("c", key).read().startswith(b'{"DestinationBucket":"c"')
