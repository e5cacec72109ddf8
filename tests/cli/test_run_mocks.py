"""`asl run --mock-config FILE --test-case NAME`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from asl_engine.cli import main
from tests.build import chain, each, task

MOCKS: dict[str, Any] = {
    "StateMachines": {"M": {"TestCases": {"Both": {"A": "One", "B": "Two"}, "First": {"A": "One"}, "None": {}}}},
    "MockedResponses": {"One": {"0": {"Return": 1}}, "Two": {"0": {"Return": {"two": 2}}}},
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SFN_MOCK_CONFIG", raising=False)
    Path("machine.json").write_text(json.dumps(chain(A=task("a"), B=task("b"))), encoding="utf-8")
    Path("mocks.json").write_text(json.dumps(MOCKS), encoding="utf-8")
    Path("tasks.py").write_text("def a(payload):\n    return 10\n\ndef b(payload):\n    return payload + 1\n", "utf-8")
    return tmp_path


def test_a_test_case_answers_the_tasks(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "machine.json", "--mock-config", "mocks.json", "--test-case", "Both"]) == 0
    assert json.loads(capsys.readouterr().out) == {"two": 2}


def test_states_that_the_case_does_not_name_are_served_by_the_tasks(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mocked = ["--mock-config", "mocks.json", "--test-case", "First"]
    assert main(["run", "machine.json", "--tasks", "tasks.py", *mocked]) == 0
    assert json.loads(capsys.readouterr().out) == 2


def test_the_environment_names_the_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SFN_MOCK_CONFIG", "mocks.json")
    assert main(["run", "machine.json", "--test-case", "Both"]) == 0


def test_the_environment_alone_mocks_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SFN_MOCK_CONFIG", "mocks.json")
    assert main(["run", "machine.json", "--tasks", "tasks.py"]) == 0
    assert json.loads(capsys.readouterr().out) == 11


@pytest.mark.parametrize(
    "options, message",
    [
        (["--test-case", "Both"], "--test-case needs --mock-config, or SFN_MOCK_CONFIG in the environment"),
        (["--mock-config", "mocks.json"], "say which test case is meant; there are 'Both', 'First', 'None'"),
        (["--mock-config", "mocks.json", "--test-case", "Bth"], "did you mean 'Both'?"),
        (["--mock-config", "gone.json", "--test-case", "Both"], "gone.json: No such file"),
        (["--mock-config", "machine.json", "--test-case", "Both"], "machine.json:1:1: /: 'StateMachines' is missing"),
        (["--mock-config", "mocks.json", "--test-case", "None"], "'None' does not mock the state 'A', and no callable"),
    ],
)
def test_what_cannot_be_used_is_told_in_a_line(
    folder: Path, capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    assert main(["run", "machine.json", *options]) == 2
    assert message in capsys.readouterr().err


def test_a_call_past_the_last_step_is_told_in_a_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("machine.json").write_text(json.dumps(chain(Each=each(chain(A=task("a"))))), encoding="utf-8")
    assert (
        main(["run", "machine.json", "--input", "[1, 2]", "--mock-config", "mocks.json", "--test-case", "First"]) == 2
    )
    assert "the response 'One' of the test case 'First' has 1 answer, and this is call 2" in capsys.readouterr().err


def test_a_response_that_no_case_uses_is_a_warning(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    responses = {**MOCKS["MockedResponses"], "Spare": {"0": {"Return": 1}}}
    Path("mocks.json").write_text(json.dumps({**MOCKS, "MockedResponses": responses}), encoding="utf-8")
    assert main(["run", "machine.json", "--mock-config", "mocks.json", "--test-case", "Both"]) == 0
    assert "/MockedResponses/Spare: no test case uses this response" in capsys.readouterr().err
