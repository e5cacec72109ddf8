"""The command `asl`, as a shell runs it: what it prints, where, and with which exit status."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import asl_engine
from tests.build import chain, function, task

SOURCE = Path(asl_engine.__file__).parents[1]
DOUBLE = chain(Double=task("double"))
ECHO = chain(Echo={"Type": "Pass"})
HANDLERS = """
def double(payload):
    return payload * 2

def with_context(payload, context):
    return [context.state_name, context.attempt]

def fails(payload):
    raise ValueError("no good: " + str(payload))

_private = len
"""


class Shell:
    """A folder with files, and the command run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, content: Any) -> str:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            file.write_bytes(content)
        else:
            file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return name

    def asl(self, *arguments: str, stdin: str | bytes = "") -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1"}
        given = stdin.encode() if isinstance(stdin, str) else stdin
        command = [sys.executable, "-m", "asl_engine", *arguments]
        done = subprocess.run(command, input=given, capture_output=True, cwd=self.folder, env=environment)
        return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    made = Shell(tmp_path)
    made.write("double.json", DOUBLE)
    made.write("echo.json", ECHO)
    made.write("handlers.py", HANDLERS)
    return made


# --- asl run ----------------------------------------------------------------------------------------------------------


def test_run_prints_the_output_as_json(shell: Shell) -> None:
    done = shell.asl("run", "echo.json", "--input", '{"n": [1, "ä"]}')
    assert (done.returncode, json.loads(done.stdout), done.stderr) == (0, {"n": [1, "ä"]}, "")


def test_the_input_is_an_empty_object_unless_given(shell: Shell) -> None:
    assert json.loads(shell.asl("run", "echo.json").stdout) == {}


def test_the_input_may_lie_in_a_file(shell: Shell) -> None:
    shell.write("in.json", {"n": "ä"})
    assert json.loads(shell.asl("run", "echo.json", "--input", "@in.json").stdout) == {"n": "ä"}


def test_the_input_may_come_from_standard_input(shell: Shell) -> None:
    assert json.loads(shell.asl("run", "echo.json", "--input", "-", stdin='{"n": 1}').stdout) == {"n": 1}


def test_the_definition_may_come_from_standard_input(shell: Shell) -> None:
    assert json.loads(shell.asl("run", "-", "--input", "5", stdin=json.dumps(ECHO)).stdout) == 5


@pytest.mark.parametrize("tasks", ["handlers.py", "handlers", "./handlers.py"])
def test_tasks_are_the_functions_of_a_file_or_module(shell: Shell, tasks: str) -> None:
    assert shell.asl("run", "double.json", "--tasks", tasks, "--input", "21").stdout == "42\n"


def test_a_modules_table_says_what_serves_which_task(shell: Shell) -> None:
    shell.write("tables.py", f"TASKS = {{{function('double')!r}: lambda payload: 'from the table'}}\ndouble = len")
    assert shell.asl("run", "double.json", "--tasks", "tables.py").stdout == '"from the table"\n'


def test_tasks_may_take_the_context(shell: Shell) -> None:
    shell.write("m.json", chain(Ask=task("with_context")))
    assert json.loads(shell.asl("run", "m.json", "--tasks", "handlers.py").stdout) == ["Ask", 1]


def test_functions_with_dotted_names_are_imported_when_asked_for(shell: Shell) -> None:
    shell.write("app/orders.py", "def charge(payload):\n    return 'charged'\n")
    shell.write("m.json", chain(Charge=task("app.orders.charge")))
    assert shell.asl("run", "m.json", "--import-handlers").stdout == '"charged"\n'
    refused = shell.asl("run", "m.json")
    assert refused.returncode == 2
    assert "no callable serves the Task state 'Charge'" in refused.stderr


def test_a_failed_execution_says_why_on_standard_error(shell: Shell) -> None:
    shell.write("m.json", chain(F=task("fails")))
    done = shell.asl("run", "m.json", "--tasks", "handlers.py", "--input", "7")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("asl: FAILED in F: ValueError\n")
    assert '"errorMessage":"no good: 7"' in done.stderr


def test_history_prints_an_event_a_line_and_then_the_output(shell: Shell) -> None:
    lines = shell.asl("run", "echo.json", "--history", "--input", "5").stdout.splitlines()
    kinds = [json.loads(line)["type"] for line in lines[:-1]]
    assert kinds == ["ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"]
    assert lines[-1] == "5"


def test_json_prints_one_object_with_everything(shell: Shell) -> None:
    shell.write("m.json", chain(A={"Type": "Wait", "Seconds": 5}, B={"Type": "Fail", "Error": "E", "Cause": "c"}))
    done = shell.asl("run", "m.json", "--json")
    report = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (1, "")
    assert report.keys() == {"status", "output", "error", "cause", "elapsed", "path", "history"}
    assert (report["status"], report["error"], report["elapsed"]) == ("FAILED", "E", 5)
    assert report["path"] == ["A", "B"]
    assert report["history"][-1]["type"] == "ExecutionFailed"


def test_waits_take_no_time_and_nothing_is_shown_where_nobody_watches(shell: Shell) -> None:
    shell.write("m.json", chain(W={"Type": "Wait", "Seconds": 99_999_999}))
    done = shell.asl("run", "m.json")
    assert (done.returncode, done.stdout, done.stderr) == (0, "{}\n", "")


def test_the_seed_fixes_the_run(shell: Shell) -> None:
    shell.write("m.json", chain(S={"Type": "Pass", "Parameters": {"id.$": "States.UUID()"}}))
    outputs = [shell.asl("run", "m.json", "--seed", seed).stdout for seed in ("1", "1", "2")]
    assert outputs[0] == outputs[1] != outputs[2]


def test_a_definition_with_warnings_runs(shell: Shell) -> None:
    shell.write("m.json", chain(A={"Type": "Succeed"}, B={"Type": "Succeed"}))
    assert shell.asl("run", "m.json").returncode == 0


# --- asl validate -----------------------------------------------------------------------------------------------------


# --- bad input: one clear message, never a traceback ------------------------------------------------------------------

DEEP = "[" * 10_000 + "]" * 10_000
BAD_TEXTS: list[tuple[str | bytes, str]] = [
    ('{"n": 1,\n "m" 2}', "line 2, column 6"),
    ("nothing", "line 1, column 1"),
    ("[NaN]", "NaN is not a JSON value"),
    ("-Infinity", "-Infinity is not a JSON value"),
    ("1e999", "the number 1e999 is out of range"),
    ("1" * 5000, "number"),
    ('{"a": 1, "a": 2}', "the key 'a' occurs more than once"),
    (r'"\ud800"', "lone surrogate"),
    (DEEP, "nested deeper than 200 levels"),
    (b'"\xff"', "not UTF-8"),
    (b"\x00", "line 1, column 1"),
]
BAD_IDS = [words for _, words in BAD_TEXTS]


def told(done: subprocess.CompletedProcess[str], words: str) -> bool:
    """Whether a command ended with 2, one message that holds the words, and no traceback."""
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode == 2 and done.stdout == "" and words in done.stderr


@pytest.mark.parametrize("text, words", BAD_TEXTS, ids=BAD_IDS)
def test_a_bad_input_file_is_told(shell: Shell, text: str | bytes, words: str) -> None:
    shell.write("in.json", text)
    done = shell.asl("run", "echo.json", "--input", "@in.json")
    assert told(done, words)
    assert done.stderr.startswith("asl: in.json: ")


@pytest.mark.parametrize("text, words", BAD_TEXTS, ids=BAD_IDS)
def test_a_bad_definition_is_told_with_its_place(shell: Shell, text: str | bytes, words: str) -> None:
    shell.write("bad.json", text)
    words = words.replace("line ", "").replace(", column ", ":") if words.startswith("line") else words
    assert told(shell.asl("run", "bad.json"), words)
    checked = shell.asl("validate", "bad.json")
    assert (checked.returncode, checked.stderr) == (1, "")
    assert words in checked.stdout


USES: list[tuple[list[str], str]] = [
    (["run", "none.json"], "none.json: No such file"),
    (["run", "."], "Is a directory"),
    (["run", "echo.json", "--input", "@none.json"], "none.json: No such file"),
    (["run", "echo.json", "--input", "{'a': 1}"], "--input: line 1, column 2"),
    (["run", "double.json"], "no callable serves the Task state 'Double'"),
    (["run", "double.json", "--tasks", "none.py"], "no file none.py"),
    (["run", "double.json", "--tasks", "nowhere.to.be.found"], "nowhere"),
    (["run", "double.json", "--tasks", "broken.py"], "SyntaxError"),
    (["run", "double.json", "--tasks", "raising.py"], "ZeroDivisionError"),
    (["run", "double.json", "--tasks", "importing.py"], "no_such_module"),
    (["run", "double.json", "--tasks", "table.py"], "TASKS"),
    (["run", "bad.json"], "the definition cannot run"),
    (["run", "large.json"], "more than AWS's 1048576"),
    (["run", "echo.json", "--input", "@large.json"], "more than AWS's limit of 262144"),
    (["run", "dotted.json", "--import-handlers"], "no_such_module"),
    (["run", "dotless.json", "--import-handlers"], "no callable serves"),
]


@pytest.mark.parametrize("arguments, words", USES, ids=[" ".join(arguments[1:]) for arguments, _ in USES])
def test_what_cannot_be_done_is_told_in_one_message(shell: Shell, arguments: list[str], words: str) -> None:
    shell.write("broken.py", "def (")
    shell.write("raising.py", "1 / 0")
    shell.write("importing.py", "import no_such_module")
    shell.write("table.py", "TASKS = {'double': 5}")
    shell.write("bad.json", {"StartAt": "A"})
    shell.write("large.json", {**chain(S={"Type": "Succeed"}), "Comment": "x" * 1_100_000})
    shell.write("dotted.json", chain(S=task("no_such_module.f")))
    shell.write("dotless.json", chain(S=task("f")))
    assert told(shell.asl(*arguments), words)


@pytest.mark.parametrize("arguments", [[], ["jump"], ["run"], ["run", "echo.json", "--seed", "x"], ["validate"]])
def test_a_wrong_command_line_shows_the_usage(shell: Shell, arguments: list[str]) -> None:
    done = shell.asl(*arguments)
    assert told(done, "usage: asl")


def test_a_handler_that_gives_no_json_fails_the_execution_and_not_the_command(shell: Shell) -> None:
    shell.write("odd.py", "def double(payload):\n    return {1, 2}\n")
    done = shell.asl("run", "double.json", "--tasks", "odd.py")
    assert (done.returncode, done.stderr.splitlines()[0]) == (1, "asl: FAILED in Double: Runtime.MarshalError")
    assert "Traceback" not in done.stderr


def test_a_terminal_shows_states_as_they_are_entered(shell: Shell) -> None:
    pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")
    shell.write("m.json", chain(A={"Type": "Wait", "Seconds": 90}, B=task("double")))
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "asl_engine", "run", "m.json", "--tasks", "handlers.py", "--input", "2"]
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=theirs, cwd=shell.folder, env=environment)
    shown = os.read(ours, 10_000).decode()
    os.close(theirs)
    os.close(ours)
    assert done.stdout == b"4\n"
    lines = [re.sub(r"\x1b\[\d*m", "", line).split() for line in shown.splitlines()]
    assert lines == [["0.000s", "Wait", "A"], ["90.000s", "Task", "B"]]


def test_the_version_is_the_packages(shell: Shell) -> None:
    assert shell.asl("--version").stdout == f"asl {asl_engine.__version__}\n"


def test_a_reader_that_stops_reading_causes_no_traceback(shell: Shell) -> None:
    shell.write("m.json", chain(**{f"S{number}": {"Type": "Pass"} for number in range(3000)}))
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    command = [sys.executable, "-m", "asl_engine", "run", "m.json", "--history"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=shell.folder, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        complaint = process.stderr.read().decode()
    assert "Traceback" not in complaint
