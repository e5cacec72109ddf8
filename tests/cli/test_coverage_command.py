"""`asl coverage combine` and `asl coverage report`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from asl_engine import StateMachine
from asl_engine.cli import main
from asl_engine.testing import Collector
from tests.build import chain

RULES = [{"Variable": "$.n", "NumericEquals": n, "Next": "Z"} for n in (1, 2)]
DEFINITION = chain(C={"Type": "Choice", "Choices": RULES, "Default": "Z"}, Z={"Type": "Succeed"})


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three data files, one for each way through the machine."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "flow.asl.json").write_text(json.dumps(DEFINITION), "utf-8")
    for n in (1, 2, 3):
        with Collector() as collector:
            StateMachine.from_file("flow.asl.json").run({"n": n})
        collector.save(tmp_path / f"{n}.json")
    return tmp_path


def test_the_data_of_several_runs_are_joined(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["coverage", "combine", "1.json", "2.json", "3.json"]) == 0
    assert main(["coverage", "report", "--fail-under", "100"]) == 0
    assert "100%" in capsys.readouterr().out


def test_too_little_is_a_finding(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["coverage", "report", "1.json", "--fail-under", "90"]) == 1
    assert "60.00 %, less than 90 %" in capsys.readouterr().out


def test_a_definition_that_nothing_ran_counts_below_the_folder(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (runs / "never.asl.json").write_text(json.dumps(DEFINITION), "utf-8")
    assert main(["coverage", "report", "1.json", "--under", "."]) == 0
    assert "never.asl.json" in capsys.readouterr().out


def test_a_report_is_written_to_its_file(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["coverage", "report", "1.json", "--format", "html:pages"]) == 0
    assert capsys.readouterr().out == "html report: pages/index.html\n"


@pytest.mark.parametrize(
    "words", [["flow.asl.json"], ["nowhere.json"], ["1.json", "--format", "pdf"], ["1.json", "--fail-under", "nan"]]
)
def test_what_cannot_be_read_or_written_is_one_line(
    runs: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["coverage", "report", *words]) == 2
    assert capsys.readouterr().err.startswith("asl: ")


def test_nothing_measured_is_not_enough(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (runs / "none.json").write_text('{"version": 1, "machines": {}}')
    assert main(["coverage", "report", "none.json", "--fail-under", "1"]) == 1
    assert "no state machine was measured" in capsys.readouterr().out
