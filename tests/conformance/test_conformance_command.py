"""`python -m conformance` as its users call it: sub-commands, the report file, and the exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])}
    command = [sys.executable, "-m", "conformance", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=120)


def history(output: Any) -> list[dict[str, Any]]:
    details = {"inputDetails": {"truncated": False}}
    given = {"outputDetails": {"truncated": False}, "output": output}
    return [
        {
            "id": 1,
            "previousEventId": 0,
            "timestamp": "timestamp",
            "type": "ExecutionStarted",
            "executionStartedEventDetails": {"input": {"n": 1}, "roleArn": "a_role", **details},
        },
        {
            "id": 2,
            "previousEventId": 0,
            "timestamp": "timestamp",
            "type": "PassStateEntered",
            "stateEnteredEventDetails": {"name": "Only", "input": {"n": 1}, **details},
        },
        {
            "id": 3,
            "previousEventId": 2,
            "timestamp": "timestamp",
            "type": "PassStateExited",
            "stateExitedEventDetails": {"name": "Only", **given},
        },
        {
            "id": 4,
            "previousEventId": 3,
            "timestamp": "timestamp",
            "type": "ExecutionSucceeded",
            "executionSucceededEventDetails": given,
        },
    ]


def execution_case(id_: str, output: Any, **changes: Any) -> dict[str, Any]:
    case: dict[str, Any] = {
        "id": id_,
        "kind": "execution",
        "type": "STANDARD",
        "complete": True,
        "needs": [],
        "definition": {"StartAt": "Only", "States": {"Only": {"Type": "Pass", "End": True}}},
        "input": {"n": 1},
        "context": {"execution_name": "run", "role_arn": "a_role"},
        "aws": {"events": history(output), "status": "SUCCEEDED", "output": output, "error": None, "cause": None},
        "path": [["ExecutionStarted", None], ["PassStateEntered", "Only"], ["PassStateExited", "Only"]],
        "task_results": [],
        "placeholders": [],
        "placeholder_paths": [],
        "events_order_normalised": False,
    }
    return case | changes


def validation_case(id_: str, definition: Any, message: str) -> dict[str, Any]:
    exception = {"Code": "InvalidDefinition", "Message": message} if message else None
    return {
        "id": id_,
        "kind": "validation",
        "type": "STANDARD",
        "complete": True,
        "needs": [],
        "definition": definition,
        "exception": exception,
        "aws": {"events": None, "status": None} | ({} if message else {"result": "OK", "diagnostics": []}),
    }


def write_cases(directory: Path, *cases: dict[str, Any]) -> Path:
    for number, case in enumerate(cases):
        (directory / f"{number}.json").write_text(json.dumps(case))
    return directory


def test_a_run_in_which_all_pass(tmp_path: Path) -> None:
    done = run("aws-recorded", write_cases(tmp_path, execution_case("m/good", {"n": 1})))
    assert done.stdout.splitlines()[-1] == "1 passed, 0 failed, 0 skipped"
    assert "JSONPath, with a history: 1 of 1 (100.0 %)" in done.stdout
    assert (done.returncode, done.stderr) == (0, "")


def test_a_failure_is_reported_with_its_first_difference(tmp_path: Path) -> None:
    directory = write_cases(tmp_path, execution_case("m/bad", {"n": 2}), execution_case("m/good", {"n": 1}))
    done = run("aws-recorded", directory, "--report", tmp_path / "report.txt")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "1 passed, 1 failed, 0 skipped"
    report = json.loads((tmp_path / "report.txt").read_text())
    assert report["cases"][0] == {
        "id": "m/bad",
        "kind": "execution",
        "verdict": "failed",
        "reason": "events[2].stateExitedEventDetails.output.n: expected 2, got 1",
    }


def test_show_judges_one_case_and_shows_both_sides(tmp_path: Path) -> None:
    directory = write_cases(tmp_path, execution_case("m/bad", {"n": 2}), execution_case("m/good", {"n": 1}))
    done = run("aws-recorded", directory, "--show", "m/bad")
    assert "first difference at events[2].stateExitedEventDetails.output.n\n--- expected\n2\n--- got\n1" in done.stdout
    assert done.stdout.splitlines()[-1] == "0 passed, 1 failed, 0 skipped"


def test_an_incomplete_case_is_never_counted_as_passed(tmp_path: Path) -> None:
    lacking = execution_case("m/lacking", {"n": 1}, complete=False, needs=["task outcomes: unknown"])
    directory = write_cases(tmp_path, lacking)
    done = run("aws-recorded", directory)
    assert done.stdout.splitlines()[-1] == "0 passed, 0 failed, 1 skipped"
    assert "skipped 1: incomplete data: task outcomes" in done.stdout
    shown = run("aws-recorded", directory, "--show", "m/lacking")
    assert "judged all the same: passed" in shown.stdout
    assert run("aws-recorded", directory, "--complete-only").returncode == 2


def test_kinds_that_cannot_be_replayed_say_so(tmp_path: Path) -> None:
    script = {"id": "m/script", "kind": "api", "complete": True, "needs": [], "definition": None, "aws": {}}
    done = run("aws-recorded", write_cases(tmp_path, script, execution_case("m/good", {"n": 1})))
    assert "skipped 1: the engine has no API server yet" in done.stdout
    assert done.returncode == 0
    assert run("aws-recorded", tmp_path, "--kind", "execution").stdout.endswith("1 passed, 0 failed, 0 skipped\n")
    assert run("aws-recorded", tmp_path, "--match", "script").stdout.endswith("0 passed, 0 failed, 1 skipped\n")


CODE = "SCHEMA_VALIDATION_FAILED"


@pytest.mark.parametrize(
    "message, passed",
    [
        (f"Invalid State Machine Definition: '{CODE}: must be true or false, not \"yes\" at /States/Only/End'", True),
        (f"Invalid State Machine Definition: '{CODE}: must be true or false, not \"yes\" at /States/Only/Next'", False),
        (f"Invalid State Machine Definition: '{CODE}: another sentence at /States/Only/End'", False),
        ("Invalid State Machine Definition: 'CODE: must be true or false, not \"yes\" at /States/Only/End'", False),
        ("", False),
    ],
)
def test_a_validation_compares_the_verdict_the_place_the_code_and_the_text(
    tmp_path: Path, message: str, passed: bool
) -> None:
    definition = {"StartAt": "Only", "States": {"Only": {"Type": "Pass", "End": "yes"}}}
    done = run("aws-recorded", write_cases(tmp_path, validation_case("m/check", definition, message)))
    assert done.returncode == (0 if passed else 1), done.stdout


def test_the_own_cases_run_from_any_folder(tmp_path: Path) -> None:
    section = tmp_path / "pass"
    section.mkdir()
    case = {
        "description": "a pass",
        "definition": {"StartAt": "Only", "States": {"Only": {"Type": "Pass", "End": True}}},
        "input": 1,
        "expect": {"status": "SUCCEEDED", "output": 1, "path": ["Only"]},
    }
    (section / "good.json").write_text(json.dumps(case))
    done = run("cases", tmp_path)
    assert (done.stdout, done.returncode) == ("1 passed, 0 failed, 0 skipped\n", 0)
    (section / "typo.json").write_text(json.dumps(case | {"expekt": 1}))
    assert "no such field in a case: expekt" in run("cases", tmp_path).stderr


def test_a_folder_that_is_not_there_is_no_success(tmp_path: Path) -> None:
    done = run("aws-recorded", tmp_path / "nowhere")
    assert (done.returncode, done.stderr) == (2, f"{tmp_path / 'nowhere'} does not exist\n")


def test_a_folder_with_something_else_in_it_is_told(tmp_path: Path) -> None:
    tmp_path.joinpath("other.json").write_text("[1]")
    done = run("aws-recorded", tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"{tmp_path / 'other.json'} is no recorded case: it has no 'id'\n"
