"""Real definitions: an error or an unexplained warning fails a file, an explained one is counted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.__main__ import main
from conformance.workflows import EXPLAINED_FILE

CALLBACK = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": True}
CALLBACK |= {"Parameters": {"Token.$": "$$.Task.Token"}}
PASS = {"Type": "Pass", "End": True}


def write(folder: Path, **files: Any) -> Path:
    for name, state in files.items():
        place = folder / name / "statemachine.asl.json"
        place.parent.mkdir()
        place.write_text(json.dumps({"StartAt": "S", "States": {"S": state}}))
    return folder


def test_a_clean_definition_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["workflows", str(write(tmp_path, good=PASS))]) == 0
    assert capsys.readouterr().out.endswith("1 passed, 0 failed, 0 skipped\n")


def test_an_error_fails_its_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["workflows", str(write(tmp_path, good=PASS, bad={**PASS, "Foo": 1}))]) == 1
    told = capsys.readouterr().out
    assert "FAILED bad/statemachine.asl.json: an error: 1:" in told
    assert told.endswith("1 passed, 1 failed, 0 skipped\n")


def test_an_explained_warning_is_counted_with_its_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["workflows", str(write(tmp_path, ask=CALLBACK))]) == 0
    assert "1 warning CALLBACK_WITHOUT_TIMEOUT: true: " in capsys.readouterr().out


def test_a_warning_that_nobody_explained_fails_its_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "DISTRIBUTED_ONLY" not in json.loads(EXPLAINED_FILE.read_text("utf-8"))
    inner = {"StartAt": "I", "States": {"I": PASS}}
    assert (
        main(["workflows", str(write(tmp_path, map={**PASS, "Type": "Map", "ItemProcessor": inner, "Label": "x"}))])
        == 1
    )
    assert "a warning without an explanation: " in capsys.readouterr().out
