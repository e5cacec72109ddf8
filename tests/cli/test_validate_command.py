"""`asl validate`: what it reads, what it prints where, and with which exit status."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import pytest

import asl_engine
from asl_engine.cli import main
from asl_engine.reporting.files import SUFFIXES
from tests.build import chain

SOURCE = Path(asl_engine.__file__).parents[1]
CLEAN = chain(A={"Type": "Succeed"})
WARNED = chain(A={"Type": "Succeed"}, B={"Type": "Succeed"})
REFUSED = chain(A={"Type": "Wait", "Seconds": -1})


class Done(NamedTuple):
    """How a command ended, and what it printed."""

    status: int
    out: str
    err: str


class Shell:
    """A folder with files, and the command run in it, in this process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.monkeypatch = monkeypatch
        self.capsys = capsys

    def write(self, name: str, content: Any) -> None:
        file = Path(name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content if isinstance(content, str) else json.dumps(content, indent=1), encoding="utf-8")

    def validate(self, *arguments: str, stdin: str = "") -> Done:
        self.monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        try:
            status = main(["validate", *arguments])
        except SystemExit as ended:
            status = int(str(ended.code))
        return Done(status, *self.capsys.readouterr())


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    made = Shell(monkeypatch, capsys)
    made.write("clean.asl.json", CLEAN)
    made.write("warned.asl.json", WARNED)
    made.write("refused.asl.json", REFUSED)
    return made


# --- exit status ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "file, fail_on, status",
    [
        ("clean.asl.json", "info", 0),
        ("warned.asl.json", "error", 0),
        ("warned.asl.json", "warning", 1),
        ("warned.asl.json", "info", 1),
        ("refused.asl.json", "error", 1),
        ("none.asl.json", "error", 2),
    ],
)
def test_the_exit_status_follows_the_worst_finding(shell: Shell, file: str, fail_on: str, status: int) -> None:
    assert shell.validate(file, "--fail-on", fail_on).status == status
    assert shell.validate(file, "--severity-threshold", fail_on).status == status


def test_an_unreadable_file_leaves_the_others_their_findings(shell: Shell) -> None:
    done = shell.validate("none.json", "refused.asl.json", "clean.asl.json")
    assert done.status == 2
    assert done.err == "asl: none.json: No such file or directory\n"
    assert "refused.asl.json:" in done.out
    assert done.out.endswith("3 files: 1 error, 1 unreadable\n")


@pytest.mark.parametrize(
    "arguments, words",
    [
        ([], "usage: asl validate"),
        (["clean.asl.json", "--format", "xml"], "invalid choice: 'xml'"),
        (["clean.asl.json", "--max-findings", "-1"], "must be a whole number, not '-1'"),
        (["clean.asl.json", "--type", "FAST"], "invalid choice: 'FAST'"),
        (["clean.asl.json", "--ignore", "UNREACHABLE"], "unknown code 'UNREACHABLE'; did you mean"),
        (["clean.asl.json", "--select", "X"], "--select: unknown code 'X'"),
        (
            ["clean.asl.json", "--severity", "UNREACHABLE_STATE"],
            "--severity must be CODE=LEVEL, not 'UNREACHABLE_STATE'",
        ),
        (["clean.asl.json", "--severity", "UNREACHABLE_STATE=bad"], "must be one of error, warning, info, off"),
        (["clean.asl.json", "--substitute", "=x"], "--substitute must be NAME=VALUE, not '=x'"),
        (["clean.asl.json", "--config", "none.toml"], "none.toml: No such file"),
        (["clean.asl.json", "--config", "a.toml", "--no-config"], "not allowed with argument"),
        (["clean.asl.json", "--output", "none/out.txt"], "none/out.txt: No such file"),
        (["clean.asl.json", "--output", "."], ".: Is a directory"),
        (["empty"], "empty: holds no file named *.asl.json"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(shell: Shell, arguments: list[str], words: str) -> None:
    Path("empty").mkdir()
    done = shell.validate(*arguments)
    assert (done.status, done.out) == (2, "")
    assert words in done.err


# --- what is read -----------------------------------------------------------------------------------------------------


def test_a_folder_is_looked_through(shell: Shell) -> None:
    assert shell.validate(".").out.endswith("3 files: 1 error, 1 warning\n")


def test_standard_input_is_a_file_like_any_other(shell: Shell) -> None:
    done = shell.validate("-", stdin=json.dumps(REFUSED))
    assert done.status == 1
    assert done.out.startswith("-:1:")


def test_standard_input_has_the_name_and_the_configuration_it_is_given(shell: Shell) -> None:
    shell.write("sub/pyproject.toml", '[tool.asl]\nignore = ["UNREACHABLE_STATE"]')
    done = shell.validate("-", "--stdin-filename", "sub/new.asl.json", stdin=json.dumps(WARNED))
    assert done.out == "1 file: no findings, 1 ignored\n"
    done = shell.validate("-", "--stdin-filename", "sub/new.asl.json", stdin=json.dumps(REFUSED))
    assert done.out.startswith("sub/new.asl.json:1:")


def test_substitutions_are_given_on_the_command_line(shell: Shell) -> None:
    shell.write("m.asl.json", chain(A={"Type": "Task", "Resource": "${Pay}"}))
    assert "UNRESOLVED_SUBSTITUTION" in shell.validate("m.asl.json").out
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:pay"
    assert "UNRESOLVED_SUBSTITUTION" not in shell.validate("m.asl.json", "--substitute", f"Pay={arn}").out


def test_the_type_is_given_on_the_command_line(shell: Shell) -> None:
    shell.write("m.asl.json", chain(A={"Type": "Task", "Resource": "arn:aws:states:::ecs:runTask.sync"}))
    assert "Express state machine" not in shell.validate("m.asl.json").out
    assert "Express state machine" in shell.validate("m.asl.json", "--type", "EXPRESS").out


# --- what is wanted ---------------------------------------------------------------------------------------------------


def test_codes_are_ignored_on_the_command_line(shell: Shell) -> None:
    done = shell.validate("warned.asl.json", "--ignore", "UNASSIGNED_VARIABLE,UNREACHABLE_STATE", "--fail-on", "info")
    assert (done.status, done.out) == (0, "1 file: no findings, 1 ignored\n")


def test_severities_are_set_on_the_command_line(shell: Shell) -> None:
    assert shell.validate("warned.asl.json", "--severity", "UNREACHABLE_STATE=error").status == 1
    assert shell.validate("warned.asl.json", "--severity", "UNREACHABLE_STATE=off", "--fail-on", "info").status == 0


def test_codes_are_selected_on_the_command_line(shell: Shell) -> None:
    assert "UNREACHABLE" not in shell.validate("warned.asl.json", "--select", "UNASSIGNED_VARIABLE").out


def test_each_file_has_the_configuration_nearest_to_it(shell: Shell) -> None:
    shell.write("sub/pyproject.toml", '[tool.asl]\nignore = ["UNREACHABLE_STATE"]')
    shell.write("sub/deep/warned.asl.json", WARNED)
    done = shell.validate("warned.asl.json", "sub")
    assert "\nsub/" not in f"\n{done.out}"
    assert done.out.endswith("2 files: 1 warning, 1 ignored\n")


def test_the_configuration_may_be_named_or_left_out(shell: Shell) -> None:
    shell.write("pyproject.toml", '[tool.asl]\nignore = ["UNREACHABLE_STATE"]')
    shell.write("strict.toml", 'severity = {UNREACHABLE_STATE = "error"}')
    statuses = [
        shell.validate("warned.asl.json", "--fail-on", "warning", *more).status
        for more in ([], ["--no-config"], ["--config", "strict.toml"])
    ]
    assert statuses == [0, 1, 1]


def test_a_bad_configuration_is_told_with_its_file(shell: Shell) -> None:
    shell.write("pyproject.toml", "[tool.asl]\nignroe = []")
    done = shell.validate("clean.asl.json")
    assert done.status == 2
    assert done.err.endswith("pyproject.toml: unknown key 'ignroe'; did you mean 'ignore'?\n")


# --- what is printed --------------------------------------------------------------------------------------------------


def test_text_is_what_is_printed_unless_told(shell: Shell) -> None:
    shell.write("m.json", REFUSED)
    assert shell.validate("m.json").out.splitlines() == [
        "m.json:6:4: error SCHEMA_VALIDATION_FAILED /States/A/Seconds: must be between 0 and 99999999, not -1",
        '  6 |    "Seconds": -1,',
        "    |    ^~~~~~~~~~~~~",
        "1 file: 1 error",
    ]


def test_quiet_prints_nothing_where_all_is_well(shell: Shell) -> None:
    assert shell.validate("clean.asl.json", "warned.asl.json", "--quiet") == (0, "", "")


def test_colours_are_printed_when_asked_for(shell: Shell) -> None:
    assert "\x1b[" not in shell.validate("refused.asl.json").out
    assert "\x1b[31m" in shell.validate("refused.asl.json", "--color", "always").out


def test_a_file_is_written_in_place_of_printing(shell: Shell) -> None:
    shell.write("out.sarif", "old")
    done = shell.validate("refused.asl.json", "--format", "sarif", "--output", "out.sarif")
    assert done == (1, "", "asl: 1 file: 1 error\n")
    assert json.loads(Path("out.sarif").read_text("utf-8"))["version"] == "2.1.0"
    assert [name for name in os.listdir() if "out" in name] == ["out.sarif"]


def test_a_file_that_cannot_be_replaced_stays_as_it_was(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*names: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    shell.write("out.txt", "old")
    monkeypatch.setattr(os, "replace", fail)
    done = shell.validate("refused.asl.json", "--output", "out.txt")
    assert (done.status, done.err) == (2, "asl: out.txt: Operation not permitted\n")
    assert Path("out.txt").read_text() == "old"
    assert [name for name in os.listdir() if "out" in name] == ["out.txt"]


def test_what_is_no_file_is_written_to_and_not_replaced(shell: Shell) -> None:
    assert shell.validate("clean.asl.json", "--output", os.devnull).status == 0
    assert not Path(os.devnull).is_file()


def test_at_most_so_many_findings_are_told(shell: Shell) -> None:
    done = shell.validate("refused.asl.json", "warned.asl.json", "--max-findings", "0")
    assert done == (1, "2 files: 1 error, 1 warning, 2 not shown\n", "")


def test_the_codes_are_listed_with_severity_and_sentence(shell: Shell) -> None:
    done = shell.validate("--list-codes")
    rows = {line.split()[0]: line.split()[1] for line in done.out.splitlines()}
    assert done.status == 0
    assert (rows["UNREACHABLE_STATE"], rows["SCHEMA_VALIDATION_FAILED"]) == ("warning", "error")
    listed = json.loads(shell.validate("--list-codes", "--format", "json").out)
    assert [row["code"] for row in listed] == list(rows)


@pytest.mark.parametrize("format", ["text", "json", "sarif", "github", "junit"])
def test_control_characters_in_a_name_are_told_in_every_format(shell: Shell, format: str) -> None:
    shell.write("m.json", '{"StartAt": "A", "States": {"A": {"Type": "Succeed", "\\u001b日": 1}}}')
    assert shell.validate("m.json", "--format", format).status == 1


ROOT = Path(__file__).parents[2]


def test_the_pre_commit_hooks_take_what_a_folder_is_looked_through_for() -> None:
    yaml = pytest.importorskip("ruamel.yaml", reason="ruamel.yaml is not installed")
    hooks = yaml.YAML(typ="safe").load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert [hook["id"] for hook in hooks] == ["asl-validate", "asl-fmt"]
    for hook in hooks:
        names = [f"a/b{suffix}" for suffix in (*SUFFIXES, ".json", ".yaml")]
        assert [name for name in names if re.search(hook["files"], name)] == names[: len(SUFFIXES)]


def test_the_pre_commit_hook_is_a_command_that_passes_over_clean_files(shell: Shell) -> None:
    hooks = (ROOT / ".pre-commit-hooks.yaml").read_text("utf-8")
    (entry,) = re.findall(r"entry: asl validate (.+)", hooks)
    assert shell.validate(*entry.split(), "clean.asl.json") == (0, "", "")


def run_outside(*arguments: str, **options: Any) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), **options.pop("environment", {})}
    return subprocess.Popen([sys.executable, "-m", "asl_engine", "validate", *arguments], env=environment, **options)


def test_a_reader_that_stops_reading_is_no_failure(shell: Shell) -> None:
    shell.write("many.asl.json", chain(**{f"S{number}": {"Type": "Succeed"} for number in range(2000)}))
    with run_outside("many.asl.json", stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_a_terminal_without_unicode_gets_escapes(shell: Shell) -> None:
    shell.write("m.json", chain(日={"Type": "Wait", "Seconds": -1}))
    with run_outside("m.json", stdout=subprocess.PIPE, environment={"PYTHONIOENCODING": "ascii"}) as process:
        assert process.stdout is not None
        assert b"/States/\\u65e5/Seconds" in process.stdout.read()
    assert process.returncode == 1


def test_xml_is_printed_whole_whatever_the_terminals_encoding(shell: Shell) -> None:
    shell.write("m.json", chain(日={"Type": "Wait", "Seconds": -1}))
    done = shell.validate("m.json", "--format", "junit")
    assert done.out.isascii()
    assert "/States/日/Seconds" in ElementTree.tostring(ElementTree.fromstring(done.out), encoding="unicode")
