"""`pytest --asl-cov` in real pytest runs, each in a process of its own; with the workers of pytest-xdist too."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

import asl_engine
from asl_engine import pytest_coverage
from asl_engine.testing.coverage.lcov import to_lcov
from asl_engine.testing.coverage.results import Coverage

pytest_plugins = ["pytester"]

MACHINE = {
    "StartAt": "Big",
    "States": {
        "Big": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.n", "NumericGreaterThan": 10, "Next": "Yes"}],
            "Default": "No",
        },
        "Yes": {"Type": "Pass", "Result": "yes", "End": True},
        "No": {"Type": "Fail", "Error": "Small"},
    },
}
TESTS = """
from asl_engine import StateMachine

MACHINE = StateMachine.from_file("machines/big.asl.json")

def test_yes():
    assert MACHINE.run({"n": 11}).output == "yes"

def test_no():
    assert MACHINE.run({"n": 1}).error == "Small"
"""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTHONPATH", str(Path(asl_engine.__file__).parents[1]))
    machines = pytester.mkdir("machines")
    (machines / "big.asl.json").write_text(json.dumps(MACHINE, indent=2))
    pytester.makepyfile(test_big=TESTS)
    return pytester


def run(project: pytest.Pytester, *options: str) -> pytest.RunResult:
    return project.runpytest_subprocess("-p", "asl_engine.pytest_coverage", *options)


def test_the_table_names_what_is_missing(project: pytest.Pytester) -> None:
    result = run(project, "--asl-cov", "-k", "yes")
    result.stdout.fnmatch_lines(
        [
            "*state machine coverage*",
            "state machine*states*transitions*rules*retriers*catchers*bodies*cover",
            "machines/big.asl.json*2/3*2/3*1/2*-*-*-*67%",
            "*Big: default -> No",
            "*Fail No never entered",
            "total *67%",
        ]
    )
    assert result.ret == 0


def test_all_tests_together_cover_it_all(project: pytest.Pytester) -> None:
    run(project, "--asl-cov").stdout.fnmatch_lines(["total*3/3*3/3*2/2*100%"])


@pytest.mark.parametrize("least, status", [(60, 0), (66.6, 0), (66.7, 1), (100, 1)])
def test_too_little_coverage_fails_the_run(project: pytest.Pytester, least: float, status: int) -> None:
    result = run(project, "--asl-cov", f"--asl-cov-fail-under={least}", "-k", "yes")
    assert result.ret == status
    word = "FAIL coverage" if status else "coverage"
    result.stdout.fnmatch_lines(
        [f"{word} of state machines: 66.66 %, {'less than' if status else 'at least'} {least:g} %"]
    )


def test_where_nothing_was_measured_no_coverage_is_enough(project: pytest.Pytester) -> None:
    project.mkdir("other")
    result = run(project, "--asl-cov=other", "--asl-cov-fail-under=1")
    result.stdout.fnmatch_lines(
        [
            "no state machine whose file lies below other was run",
            "FAIL coverage of state machines: no state machine was measured, and 1 % are asked for",
        ]
    )
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.no_fnmatch_line("total*")


def test_a_report_that_cannot_be_written_fails_the_run_and_stops_no_other(project: pytest.Pytester) -> None:
    (project.path / "file").write_text("")
    result = run(project, "--asl-cov", "--asl-cov-report=html:file/pages", "--asl-cov-report=json")
    result.stdout.fnmatch_lines(["json report: asl-coverage.json", "FAIL the html report cannot be written: *file*"])
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_collecting_alone_measures_nothing_and_leaves_the_data(project: pytest.Pytester) -> None:
    run(project, "--asl-cov")
    before = (project.path / ".asl-coverage.json").read_text()
    run(project, "--asl-cov", "--collect-only").stdout.no_fnmatch_line("*state machine coverage*")
    assert (project.path / ".asl-coverage.json").read_text() == before


def test_workers_counts_are_added_up(project: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    plain, spread = (project.path / name for name in ("plain.json", "spread.json"))
    run(project, "--asl-cov", f"--asl-cov-report=json:{plain}")
    result = run(
        project,
        "-p",
        "xdist.plugin",
        "-n",
        "2",
        "--asl-cov",
        "--asl-cov-report=term",
        f"--asl-cov-report=json:{spread}",
    )
    result.stdout.fnmatch_lines(["total*3/3*3/3*2/2*100%"])
    assert json.loads(spread.read_text()) == json.loads(plain.read_text())


def test_a_worker_that_dies_is_told(project: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    project.makepyfile(test_dies="import os\n\ndef test_dies():\n    os._exit(3)\n")
    result = run(project, "-p", "xdist.plugin", "-n", "1", "--max-worker-restart=0", "--asl-cov")
    result.stdout.fnmatch_lines(["warning: the worker gw0 ended without saying what it covered*"])
    assert result.ret != 0


def test_only_definitions_below_the_folder_are_measured_run_or_not(project: pytest.Pytester) -> None:
    (project.path / "machines" / "never.asl.json").write_text(json.dumps(MACHINE))
    (project.path / "other.asl.json").write_text(json.dumps(MACHINE))
    result = run(project, "--asl-cov=machines")
    result.stdout.fnmatch_lines(["machines/big.asl.json*100%", "machines/never.asl.json*0/3*0%"])
    result.stdout.no_fnmatch_line("other*")


def test_reports_are_written_where_they_are_wanted(project: pytest.Pytester) -> None:
    result = run(
        project, "--asl-cov", "--asl-cov-report=html:out", "--asl-cov-report=json", "--asl-cov-report=lcov:c.info"
    )
    result.stdout.fnmatch_lines(
        ["html report: out/index.html", "json report: asl-coverage.json", "lcov report: c.info"]
    )
    index = (project.path / "out" / "index.html").read_text()
    page = (project.path / "out" / "machines_big.asl.json.html").read_text()
    assert 'href="machines_big.asl.json.html"' in index
    assert "<svg" in page
    found = json.loads((project.path / "asl-coverage.json").read_text())
    [machine] = found["machines"]
    assert (found["percent"], machine["file"]) == (100, "machines/big.asl.json")
    tests = {element["pointer"]: element["tests"] for element in machine["elements"]}
    assert tests["/States/No"] == ["test_big.py::test_no"]
    lines = (project.path / "c.info").read_text().splitlines()
    assert "SF:machines/big.asl.json" in lines
    branches = [line.split(",") for line in lines if line.startswith("BRDA:")]
    assert [branch[-1] for branch in branches] == ["1", "1"]


@pytest.mark.parametrize(
    "options, message",
    [
        (["--asl-cov=nowhere"], "*--asl-cov=nowhere: there is no such file or folder*"),
        (["--asl-cov", "--asl-cov-report=xml"], "*--asl-cov-report=xml: must be term, html[[]:PATH], *"),
        (["--asl-cov-fail-under=90"], "*--asl-cov-fail-under needs --asl-cov*"),
        (["--asl-cov-append"], "*--asl-cov-append needs --asl-cov*"),
        (["--asl-cov", "--asl-cov-fail-under=nan"], "*must be a number from 0 to 100, not 'nan'*"),
        (["--asl-cov", "--asl-cov-fail-under=101"], "*must be a number from 0 to 100, not '101'*"),
        (["--asl-cov", "--asl-cov-fail-under=90%"], "*must be a number from 0 to 100, not '90%'*"),
    ],
)
def test_wrong_options_are_refused_before_anything_runs(
    project: pytest.Pytester, options: list[str], message: str
) -> None:
    result = run(project, *options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([message])


def test_without_the_option_the_engine_is_not_imported(project: pytest.Pytester) -> None:
    project.makepyfile(
        test_big="import sys\n\ndef test_nothing():\n"
        "    loaded = {name for name in sys.modules if name.startswith('asl_engine.')}\n"
        "    assert loaded == {'asl_engine.pytest_coverage'}\n"
    )
    assert run(project).ret == 0


def test_the_package_declares_the_plugin() -> None:
    declared = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]["entry-points"]
    assert declared["pytest11"]["asl_engine_coverage"] == pytest_coverage.__name__


def test_a_tracefile_of_nothing_is_empty() -> None:
    assert to_lcov(Coverage(())) == ""


def read_lcov(text: str) -> dict[str, dict[str, list[list[str]]]]:
    """A tracefile by file and kind of line, read strictly: every total must be what its lines come to."""
    files: dict[str, dict[str, list[list[str]]]] = {}
    assert text.endswith("end_of_record\n")
    for part in text.split("end_of_record\n")[:-1]:
        rows: dict[str, list[list[str]]] = {}
        for line in part.splitlines():
            kind, colon, rest = line.partition(":")
            assert colon, line
            rows.setdefault(kind, []).append(rest.split(","))
        assert set(rows) <= {"TN", "SF", "BRDA", "BRF", "BRH", "DA", "LF", "LH"}
        lines = [int(row[0]) for row in rows["DA"]]
        assert lines == sorted(set(lines))
        branches = rows.get("BRDA", [])
        assert len({tuple(row[:3]) for row in branches}) == len(branches)
        for total, count in (
            ("LF", len(lines)),
            ("LH", sum(int(row[1]) > 0 for row in rows["DA"])),
            ("BRF", len(branches)),
            ("BRH", sum(row[3] not in ("-", "0") for row in branches)),
        ):
            assert rows[total] == [[str(count)]], total
        files[rows["SF"][0][0]] = rows
    return files


def test_lcov_holds_to_its_format_and_tells_lines_and_branches(project: pytest.Pytester) -> None:
    run(project, "--asl-cov", "--asl-cov-report=lcov:c.info", "-k", "yes")
    rows = read_lcov((project.path / "c.info").read_text())["machines/big.asl.json"]
    text = (project.path / "machines/big.asl.json").read_text().splitlines()
    hits = {text[int(line) - 1].strip(): int(count) for line, count in rows["DA"]}
    assert (hits['"Big": {'], hits['"Default": "No"']) == (1, 0)
    assert [row[3] for row in rows["BRDA"]] == ["1", "0"]


def test_appending_adds_to_what_the_run_before_has_left(project: pytest.Pytester) -> None:
    run(project, "--asl-cov", "-k", "yes")
    result = run(project, "--asl-cov", "--asl-cov-append", "--asl-cov-fail-under=100", "-k", "no")
    assert result.ret == 0


def test_a_run_that_does_not_append_begins_anew(project: pytest.Pytester) -> None:
    run(project, "--asl-cov", "-k", "yes")
    assert run(project, "--asl-cov", "--asl-cov-fail-under=100", "-k", "no").ret == 1


def test_data_that_cannot_be_added_to_are_refused(project: pytest.Pytester) -> None:
    (project.path / ".asl-coverage.json").write_text("[]")
    result = run(project, "--asl-cov", "--asl-cov-append")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: --asl-cov-append: *.asl-coverage.json: must be coverage data*"])
