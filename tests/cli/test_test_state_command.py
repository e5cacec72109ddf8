"""`asl test-state`, as a shell runs it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from asl_engine.cli import main
from tests.build import chain, task

PASS = {"Type": "Pass", "Parameters": {"a.$": "$.b"}, "Next": "Other"}


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    status = main(["test-state", *arguments])
    shown = capsys.readouterr()
    return status, json.loads(shown.out) if status != 2 else shown.err


@pytest.fixture
def state(tmp_path: Path) -> str:
    file = tmp_path / "state.json"
    file.write_text(json.dumps(PASS))
    return str(file)


@pytest.fixture
def machine(tmp_path: Path) -> str:
    file = tmp_path / "machine.json"
    file.write_text(json.dumps(chain(Double=task("double"), Done={"Type": "Succeed"})))
    return str(file)


def test_a_lone_state_is_tested(state: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(capsys, state, "--input", '{"b": 1}') == (
        0,
        {"output": '{"a":1}', "nextState": "Other", "status": "SUCCEEDED"},
    )


def test_a_lone_state_may_be_yaml(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "s.yaml").write_text("Type: Pass\nEnd: true\n")
    assert call(capsys, str(tmp_path / "s.yaml"))[0] == 0


def test_decode_prints_values(state: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, got = call(capsys, state, "--input", '{"b": 1}', "--inspection-level", "DEBUG", "--decode")
    assert (got["output"], got["inspectionData"]["afterParameters"]) == ({"a": 1}, {"a": 1})


def test_a_state_of_a_machine_is_mocked(machine: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, got = call(capsys, machine, "--state", "Double", "--mock-error", "E", "--mock-cause", "why")
    assert (status, got) == (1, {"error": "E", "cause": "why", "status": "FAILED"})


def test_a_task_is_served_by_callables(machine: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "handlers.py").write_text("def double(payload):\n    return payload * 2\n")
    options = ("--state", "Double", "--tasks", str(tmp_path / "handlers.py"), "--input", "4")
    assert call(capsys, machine, *options)[1]["output"] == "8"


def test_a_request_file_says_what_the_options_leave_open(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "request.json"
    file.write_text(json.dumps({"definition": json.dumps(PASS), "input": '{"b": 1}'}))
    assert call(capsys, "--request", str(file))[1]["output"] == '{"a":1}'
    assert call(capsys, "--request", str(file), "--input", '{"b": 2}')[1]["output"] == '{"a":2}'


@pytest.mark.parametrize(
    "arguments, told",
    [
        ((), "say which definition"),
        (("STATE", "--mock-result", "{}"), "ValidationException: State type 'Pass' is not supported"),
        (("STATE", "--input", "{"), "InvalidExecutionInput: "),
        (("missing.json",), "missing.json: No such file"),
    ],
)
def test_what_cannot_be_asked_is_told_in_one_line(
    arguments: tuple[str, ...], told: str, state: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, message = call(capsys, *(state if argument == "STATE" else argument for argument in arguments))
    assert (status, told in message, message.count("\n")) == (2, True, 1), message
