"""`asl record` and `asl diff`, as a shell runs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import asl_engine
from asl_engine import Execution, StateMachine
from tests.build import chain, each, giving, task

SOURCE = Path(asl_engine.__file__).parents[1]
ORDER = chain(Each=each(chain(Price=task("price"))), Ship=task("ship"))


def asl(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "asl_engine", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment)


def executed(price: Any = lambda line: line * 10) -> Execution:
    return StateMachine.from_json(ORDER).run([1, 2], tasks={"price": price, "ship": giving("shipped")})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "order.asl.json", ORDER)
    write(tmp_path / "history.json", {"events": executed().history})
    write(tmp_path / "other.json", {"events": executed(lambda line: line * 11).history})
    return tmp_path


def write(file: Path, value: Any) -> None:
    file.write_text(json.dumps(value), encoding="utf-8")


# --- record -----------------------------------------------------------------------------------------------------------


def test_a_recording_is_written_as_three_files(folder: Path) -> None:
    done = asl(folder, "record", "history.json", "--definition", "order.asl.json", "-o", "tests")
    assert done.returncode == 0
    assert done.stdout.split() == ["tests/MockConfigFile.json", "tests/expected.json", "tests/test_order_recorded.py"]
    mocks = json.loads((folder / "tests/MockConfigFile.json").read_text(encoding="utf-8"))
    assert mocks["StateMachines"]["order"]["TestCases"]["Recorded"] == {"Price": "Price", "Ship": "Ship"}
    assert mocks["MockedResponses"]["Price"] == {"0": {"Return": 10}, "1": {"Return": 20}}


def test_what_a_mock_file_cannot_say_goes_to_standard_error(folder: Path) -> None:
    done = asl(folder, "record", "history.json", "--definition", "order.asl.json")
    assert done.stderr == (
        "asl: Price: several iterations or branches called it, and answers are given in the order recorded in AWS\n"
    )


@pytest.mark.parametrize(
    "spoiled, message",
    [
        ({"events": []}, "the first events are missing"),
        ({"events": [], "nextToken": "t"}, "one page of several"),
        ({"States": {}}, "a history is an array of events"),
    ],
)
def test_a_history_that_does_not_do_is_told_in_a_line(folder: Path, spoiled: Any, message: str) -> None:
    write(folder / "history.json", spoiled)
    done = asl(folder, "record", "history.json", "--definition", "order.asl.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (folder / "recorded").exists()


# --- diff -------------------------------------------------------------------------------------------------------------


def test_equal_histories_exit_with_0(folder: Path) -> None:
    done = asl(folder, "diff", "history.json", "history.json")
    assert (done.returncode, done.stdout) == (0, "the histories tell the same\n")


def test_histories_that_part_exit_with_1_and_say_where(folder: Path) -> None:
    done = asl(folder, "diff", "history.json", "other.json")
    assert done.returncode == 1
    assert done.stdout.startswith("the histories part at event 12, LambdaFunctionSucceeded of Price in Each[0]\n")


def test_a_definition_is_run_with_the_recorded_answers(folder: Path) -> None:
    assert asl(folder, "diff", "order.asl.json", "history.json").returncode == 0


def test_a_definition_that_was_changed_departs_from_what_was_recorded(folder: Path) -> None:
    changed = json.loads(json.dumps(ORDER))
    changed["States"]["Ship"]["InputPath"] = "$[0]"
    write(folder / "order.asl.json", changed)
    done = asl(folder, "diff", "order.asl.json", "history.json")
    assert done.returncode == 1
    assert "/lambdaFunctionScheduledEventDetails/input: expected [10, 20], got 10" in done.stdout


def test_a_definition_that_asks_for_more_than_was_recorded_departs(folder: Path) -> None:
    changed = json.loads(json.dumps(ORDER))
    changed["States"]["Ship"] |= {"Next": "Bill", "End": None}
    del changed["States"]["Ship"]["End"]
    changed["States"]["Bill"] = task("bill", End=True)
    write(folder / "order.asl.json", changed)
    done = asl(folder, "diff", "order.asl.json", "history.json")
    assert done.returncode == 1
    assert "TaskStateEntered of Bill: was not expected" in done.stdout


def test_departures_are_printed_as_json(folder: Path) -> None:
    found = json.loads(asl(folder, "diff", "--json", "history.json", "other.json").stdout)
    assert (found[0]["pointer"], found[0]["expected"], found[0]["got"]) == (
        "/lambdaFunctionSucceededEventDetails/output",
        10,
        11,
    )


def test_an_ignored_member_counts_nowhere(folder: Path) -> None:
    done = asl(folder, "diff", "--ignore", "output", "--ignore", "input", "history.json", "other.json")
    assert done.returncode == 0


def test_a_file_that_is_not_there_exits_with_2(folder: Path) -> None:
    done = asl(folder, "diff", "history.json", "none.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "none.json" in done.stderr


def test_an_execution_in_aws_is_named_by_its_arn(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moto, boto3 = pytest.importorskip("moto"), pytest.importorskip("boto3")
    from asl_engine.cli.record import events_of

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with moto.mock_aws():
        client = boto3.client("stepfunctions", "eu-west-1")
        role = "arn:aws:iam::123456789012:role/r"
        made = client.create_state_machine(name="order", definition=json.dumps(ORDER), roleArn=role)
        begun = client.start_execution(stateMachineArn=made["stateMachineArn"], input="{}")
        events = events_of(begun["executionArn"])
    assert events[0]["type"] == "ExecutionStarted"
