"""`asl permissions`, as a shell runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from asl_engine.cli import main
from asl_engine.integrations.permissions import Policy
from tests.build import chain


@pytest.fixture
def definition(tmp_path: Path) -> str:
    publish = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sns:publish",
        "Parameters": {"TopicArn": "arn:aws:sns:x:1:t"},
    }
    file = tmp_path / "machine.json"
    file.write_text(json.dumps(chain(Tell=publish, Done={"Type": "Succeed"})))
    return str(file)


def test_each_state_is_listed_with_what_it_needs(definition: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["permissions", definition]) == 0
    assert capsys.readouterr().out == "Tell: arn:aws:states:::sns:publish\n  sns:Publish on arn:aws:sns:x:1:t\n"


def test_json_is_a_policy_document_that_a_run_takes(definition: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["permissions", definition, "--format", "json"]) == 0
    policy = Policy(json.loads(capsys.readouterr().out))
    assert policy.decide("sns:Publish", "arn:aws:sns:x:1:t") == "Allow"


def test_a_definition_without_tasks_needs_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "machine.json"
    file.write_text(json.dumps(chain(Done={"Type": "Succeed"})))
    assert main(["permissions", str(file)]) == 0
    assert capsys.readouterr().out == "no permissions needed\n"


@pytest.mark.parametrize("text", ["{", '{"StartAt": "A", "States": {}}'])
def test_a_definition_that_cannot_be_read_is_told_in_one_message(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "machine.json"
    file.write_text(text)
    assert main(["permissions", str(file)]) == 2
    assert capsys.readouterr().err.startswith(f"asl: {file}")
