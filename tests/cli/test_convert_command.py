"""`asl convert`: to YAML, to JSON, to JSONata."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from asl_engine.cli import main

pytest.importorskip("ruamel.yaml")

PATHS = {
    "StartAt": "A",
    "States": {
        "A": {"Type": "Pass", "Parameters": {"x.$": "$.a"}, "Next": "B"},
        "B": {"Type": "Pass", "OutputPath": "$..x", "End": True},
    },
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "m.asl.json"
    path.write_text(json.dumps(PATHS))
    return path


def converted(file: Path, *options: str) -> tuple[int, Path]:
    output = file.with_name("out.json")
    return main(["convert", str(file), "--output", str(output), *options]), output


def test_json_becomes_yaml_and_json_again(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["convert", str(file), "--to", "yaml"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("StartAt: A\nStates:\n  A:\n    Type: Pass\n")
    file.with_suffix(".yaml").write_text(out)
    assert main(["convert", str(file.with_suffix(".yaml")), "--to", "json"]) == 0
    again, err = capsys.readouterr()
    assert (json.loads(again), err) == (PATHS, "")


def test_lost_comments_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "m.asl.yaml"
    file.write_text("# why\nStartAt: A\nStates: {A: {Type: Succeed}}\n")
    assert main(["convert", str(file), "--to", "json"]) == 0
    assert capsys.readouterr().err == f"asl: {file}: its comments are lost\n"


def test_jsonata_is_written_with_a_report_of_what_was_not_turned(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, output = converted(file, "--to", "jsonata", "--report", "-")
    assert status == 1
    made = json.loads(output.read_text())
    assert made["States"]["A"]["Output"] == {"x": "{% $states.input.a %}"}
    assert made["States"]["B"] == PATHS["States"]["B"]  # type: ignore[index]
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "turned 1 state: A"
    assert lines[1].startswith("not turned: B/OutputPath: ")
    assert lines[-1].startswith("proved on 50 inputs, of which ")


def test_the_report_is_json_where_its_file_says_so(file: Path) -> None:
    report = file.with_name("report.json")
    converted(file, "--to", "jsonata", "--report", str(report), "--prove", "5")
    found = json.loads(report.read_text())
    assert found["turned"] == ["A"]
    assert found["notes"][0]["pointer"] == "/States/B/OutputPath"
    assert found["proof"]["runs"] == 5


def test_only_the_states_named_are_turned(file: Path) -> None:
    status, output = converted(file, "--to", "jsonata", "--state", "A")
    assert status == 0
    assert json.loads(output.read_text())["States"]["A"]["QueryLanguage"] == "JSONata"


def test_yaml_becomes_jsonata_in_yaml(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "m.asl.yaml"
    file.write_text("StartAt: A\nStates: {A: {Type: Pass, OutputPath: $.a, End: true}}\n")
    assert main(["convert", str(file), "--to", "jsonata", "--prove", "0"]) == 0
    assert "Output: '{% $states.input.a %}'\n" in capsys.readouterr().out


def test_a_machine_that_cannot_be_run_is_turned_and_not_proved(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from asl_engine import DefinitionError
    from asl_engine.rewriting.jsonata import prove as proving

    def refuse(*_: Any) -> None:
        raise DefinitionError([])

    monkeypatch.setattr(proving, "prove", refuse)
    status, _ = converted(file, "--to", "jsonata", "--state", "A")
    assert status == 0
    assert "not proved, as the definition cannot be run" in capsys.readouterr().err


@pytest.mark.parametrize(
    "options, told",
    [
        (["--to", "yaml", "--state", "A"], "belong to --to jsonata"),
        (["--to", "jsonata", "--report", "-"], "--report - needs --output"),
        (["--to", "jsonata", "--state", "C"], "there is no state named 'C'"),
    ],
)
def test_a_wrong_call_is_told_in_one_line(
    options: list[str], told: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["convert", str(file), *options]) == 2
    err = capsys.readouterr().err
    assert told in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("to", ["yaml", "json", "jsonata"])
@pytest.mark.parametrize("content", [b"{", b"\xff", b'{"States": 1, "StartAt": "A"}', b'{"Resources": {}}', b"1"])
def test_bad_input_is_told_without_a_traceback(
    to: str, content: bytes, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_bytes(content)
    assert main(["convert", str(file), "--to", to]) == (
        0 if content.startswith(b'{"States"') and to != "jsonata" else 2
    )
    assert "Traceback" not in capsys.readouterr().err
