"""`asl explore`: what it prints, what it writes, and its exit status."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from asl_engine.cli import main
from asl_engine.testing.exploring import files
from tests.build import chain

CHOICE = {
    "StartAt": "Size",
    "States": {
        "Size": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.n", "NumericGreaterThan": 5, "Next": "Big"}],
            "Default": "Small",
        },
        "Big": {"Type": "Succeed"},
        "Small": {"Type": "Fail", "Error": "Small"},
    },
}


@pytest.fixture
def definition(tmp_path: Path) -> Path:
    file = tmp_path / "size.asl.json"
    file.write_text(json.dumps(CHOICE))
    return file


def test_all_covered_is_well(definition: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explore", str(definition)]) == 0
    printed = capsys.readouterr().out
    assert "size: states 3/3, transitions 2/2, rules 2/2;" in printed
    assert "FAILED Small at Small" in printed


def test_what_is_not_reached_is_a_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "stuck.asl.json"
    stuck = chain(A={"Type": "Pass", "Result": 1}, B={"Type": "Pass", "InputPath": "$.never"}, C={"Type": "Pass"})
    file.write_text(json.dumps(stuck))
    assert main(["explore", str(file)]) == 1
    assert "not reached:" in capsys.readouterr().out


def test_a_schema_says_which_inputs_may_be(definition: Path, tmp_path: Path) -> None:
    schema: dict[str, Any] = {"type": "object", "properties": {"n": {"maximum": 5}}}
    (tmp_path / "schema.json").write_text(json.dumps(schema))
    assert main(["explore", str(definition), "--input-schema", str(tmp_path / "schema.json")]) == 1


def test_what_a_schema_requires_is_put_in(definition: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    schema = {"required": ["id"], "properties": {"id": {"type": "string"}}}
    (tmp_path / "schema.json").write_text(json.dumps(schema))
    assert main(["explore", str(definition), "--json", "--input-schema", str(tmp_path / "schema.json")]) == 0
    cases = json.loads(capsys.readouterr().out)["cases"].values()
    assert {case["input"]["id"] for case in cases} == {"x"}


def test_a_search_that_was_cut_short_says_so(definition: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explore", str(definition), "--max-runs", "1"]) == 1
    assert "the search was cut short" in capsys.readouterr().out


def test_nothing_is_written_where_a_case_does_not_replay(
    definition: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "departures", lambda found: ["01-SUCCEEDED"])
    assert main(["explore", str(definition), "-o", str(tmp_path / "out")]) == 2
    assert "nothing was written, as cases do not replay: 01-SUCCEEDED" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_what_is_no_schema_is_told(definition: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "schema.json").write_text('{"type": "thing"}')
    assert main(["explore", str(definition), "--input-schema", str(tmp_path / "schema.json")]) == 2
    assert "schema.json: input_schema is not a JSON Schema: $.type: 'thing'" in capsys.readouterr().err


def test_the_cases_are_written(definition: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explore", str(definition), "-o", str(tmp_path / "out")]) == 0
    assert "every case replays to the same path" in capsys.readouterr().out
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["MockConfigFile.json", "cases.json"]


def test_json_is_one_object(definition: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explore", str(definition), "--json", "--input", '{"n": 7}']) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["missed"], found["unreachable"]) == ([], {})
    assert next(iter(found["cases"].values()))["input"] == {"n": 7}


def test_a_definition_that_cannot_run_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.json").write_text('{"StartAt": "A", "States": {}}')
    assert main(["explore", str(tmp_path / "bad.json")]) == 2
    assert "cannot run" in capsys.readouterr().err


@pytest.mark.parametrize("number", ["0", "-5", "many"])
def test_a_search_makes_at_least_one_run(number: str, definition: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["explore", str(definition), f"--max-runs={number}"])
    assert f"must be a whole number from 1, not '{number}'" in capsys.readouterr().err
