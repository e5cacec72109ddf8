"""The command `asl graph`: what it prints, what it writes, what it refuses in a line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import asl_engine
from asl_engine import StateMachine
from asl_engine.cli import main
from asl_engine.drawing import draw, overlay_of
from tests.build import catcher, chain, function, task

WORK = chain(Work=task("work", Catch=[catcher("Sorry", "Busy")]), Done={"Type": "Succeed"}, Sorry={"Type": "Fail"})
TEMPLATE = {
    "AWSTemplateFormatVersion": "2010-09-09",
    "Resources": {
        name: {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {"Definition": chain(**{f"{name}State": {"Type": "Pass"}})},
        }
        for name in ("First", "Second")
    },
}
TASKS = """
class Busy(Exception):
    pass

def work(payload):
    if payload.get("busy"):
        raise Busy("no")
    return payload
"""


class Told:
    """What one call of the command printed and answered."""

    def __init__(self, status: int, output: str, errors: str) -> None:
        self.status, self.output, self.errors = status, output, errors


@pytest.fixture
def asl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Any:
    monkeypatch.chdir(tmp_path)
    for name, content in (("work.asl.json", WORK), ("template.json", TEMPLATE)):
        Path(name).write_text(json.dumps(content), "utf-8")
    Path("tasks.py").write_text(TASKS, "utf-8")

    def call(*arguments: str) -> Told:
        status = main(["graph", *arguments])
        printed = capfdbinary.readouterr()
        return Told(status, printed.out.decode(), printed.err.decode())

    return call


def run_with(input: Any) -> Any:
    def work(payload: Any) -> Any:
        if payload.get("busy"):
            raise asl_engine.TaskError("Busy", "no")
        return payload

    return StateMachine.from_json(WORK).run(input, tasks={"Work": work})


def expected(**options: Any) -> str:
    return draw(StateMachine.from_json(WORK, name="work"), **options)


def test_mermaid_is_printed_unless_asked_otherwise(asl: Any) -> None:
    told = asl("work.asl.json")
    assert (told.status, told.output, told.errors) == (0, expected(format="mermaid"), "")


@pytest.mark.parametrize("format", ["mermaid", "dot", "svg"])
def test_format_direction_and_labels_are_passed_on(asl: Any, format: str) -> None:
    told = asl("work.asl.json", "--format", format, "--direction", "LR", "--no-labels")
    assert told.output == expected(format=format, direction="LR", labels=False)


@pytest.mark.parametrize(
    ("file", "format"), [("a.svg", "svg"), ("a.dot", "dot"), ("A.GV", "dot"), ("a.mmd", "mermaid"), ("a", "mermaid")]
)
def test_the_ending_of_the_output_file_says_the_format(asl: Any, file: str, format: str) -> None:
    told = asl("work.asl.json", "--output", file)
    assert (told.output, Path(file).read_text("utf-8")) == ("", expected(format=format))


def test_nothing_is_left_beside_the_output_file(asl: Any) -> None:
    before = set(os.listdir())
    asl("work.asl.json", "--output", "a.svg")
    assert set(os.listdir()) - before == {"a.svg"}


def test_an_input_runs_the_machine_and_shows_its_path(asl: Any) -> None:
    told = asl("work.asl.json", "--input", '{"n": 1}', "--tasks", "tasks.py")
    assert told.output == expected(format="mermaid", overlay=overlay_of(run_with({"n": 1})))
    assert (told.status, told.errors) == (0, "")


def test_a_failed_execution_is_drawn_and_told(asl: Any) -> None:
    told = asl("work.asl.json", "--input", '{"busy": true}', "--tasks", "tasks.py")
    assert told.output == expected(format="mermaid", overlay=overlay_of(run_with({"busy": True})))
    assert (told.status, told.errors) == (0, "asl: FAILED in Sorry: no error name\n")


@pytest.mark.parametrize(
    "wrap",
    [
        lambda events: json.dumps(events),
        lambda events: json.dumps({"events": events}),
        lambda events: json.dumps({"status": "SUCCEEDED", "history": events}),
        lambda events: "\n".join(map(json.dumps, events)) + '\n{\n  "n": 1\n}\n',
    ],
    ids=["events", "answer", "asl run --json", "asl run --history"],
)
def test_a_history_is_taken_in_each_form_that_it_comes_in(asl: Any, wrap: Any) -> None:
    execution = run_with({"n": 1})
    Path("history").write_text(wrap(execution.history), "utf-8")
    assert asl("work.asl.json", "--history", "history").output == expected(
        format="mermaid", overlay=overlay_of(execution)
    )


def test_a_machine_of_a_template_is_chosen_by_its_name(asl: Any) -> None:
    told = asl("template.json", "--machine", "Second")
    assert "SecondState" in told.output
    assert "FirstState" not in told.output


def test_a_definition_with_errors_is_drawn_as_far_as_it_can_be_read(asl: Any) -> None:
    Path("bad.json").write_text(json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}}), "utf-8")
    told = asl("bad.json", "--format", "svg")
    assert told.status == 0
    assert "NO SUCH STATE" in [element.text for element in ElementTree.fromstring(told.output).iter()]
    assert told.errors == "asl: the definition has 1 error, and is drawn as far as it could be read\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.json"], "none.json: No such file or directory"),
        (["tasks.py"], "tasks.py"),
        (["template.json"], "First, Second"),
        (["template.json", "--machine", "Third"], "none is named 'Third': First, Second"),
        (["work.asl.json", "--input", "{"], "--input: line 1"),
        (["work.asl.json", "--input", "{}"], "no callable serves the Task state 'Work'"),
        (["work.asl.json", "--history", "tasks.py"], "tasks.py: line 2"),
        (
            ["work.asl.json", "--history", "work.asl.json"],
            "work.asl.json: a history is an array of events, or an object",
        ),
        (["work.asl.json", "--history", "other.json"], "is the history of another definition, which has the state 'X'"),
        (["work.asl.json", "--history", "other.json", "--tasks", "tasks.py"], "exclude each other"),
        (["work.asl.json", "--output", "none/a.svg"], "No such file or directory"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(asl: Any, arguments: list[str], message: str) -> None:
    event = {"id": 1, "previousEventId": 0, "type": "PassStateEntered", "stateEnteredEventDetails": {"name": "X"}}
    Path("other.json").write_text(json.dumps([event]), "utf-8")
    told = asl(*arguments)
    assert (told.status, told.output) == (2, "")
    assert told.errors.startswith("asl: ")
    assert message in told.errors
    assert told.errors.count("\n") == 1


def test_a_picture_is_utf_8_whatever_the_terminal_says(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(chain(Zahlung=task(function("ü")), 支払={"Type": "Pass"})), "utf-8")
    environment = {**os.environ, "PYTHONPATH": str(Path(asl_engine.__file__).parents[1]), "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "asl_engine", "graph", "a.json", "--format", "svg"]
    done = subprocess.run(command, capture_output=True, cwd=tmp_path, env=environment, check=True)
    assert "支払" in done.stdout.decode("utf-8")
