"""Verdicts, known gaps, the report's form and the exit status."""

from __future__ import annotations

import json
from pathlib import Path

from conformance.report import FAILED, KNOWN_GAP, PASSED, SKIPPED, Judgement, read_gaps, render, summarise, write

GOOD = Judgement("m/good", "execution", PASSED)
BAD = Judgement("m/bad", "execution", FAILED, "status: expected 1, got 2")
LEFT = Judgement("m/left", "api", SKIPPED, "no server")


def test_the_report_has_the_agreed_form(tmp_path: Path) -> None:
    write(summarise([GOOD, BAD, LEFT], {}), tmp_path / "report.json")
    assert json.loads((tmp_path / "report.json").read_text()) == {
        "passed": 1,
        "failed": 1,
        "skipped": 1,
        "cases": [
            {"id": "m/good", "kind": "execution", "verdict": "passed", "reason": ""},
            {"id": "m/bad", "kind": "execution", "verdict": "failed", "reason": "status: expected 1, got 2"},
            {"id": "m/left", "kind": "api", "verdict": "skipped", "reason": "no server"},
        ],
    }


def test_a_known_gap_counts_as_failed_but_not_in_the_exit_status() -> None:
    report = summarise([GOOD, BAD], {"m/bad": "a bug of the recorder"})
    assert (report.passed, report.failed, report.exit_status()) == (1, 1, 0)
    assert report.judgements[1].verdict == KNOWN_GAP
    assert report.judgements[1].reason == "a bug of the recorder [status: expected 1, got 2]"


def test_a_failure_that_is_not_known_sets_the_exit_status() -> None:
    assert summarise([GOOD, BAD], {"m/good-not-run": "x"}).exit_status() == 1


def test_a_known_gap_that_passes_is_an_error_and_is_named() -> None:
    report = summarise([GOOD], {"m/good": "was broken"})
    assert report.exit_status() == 1
    assert "ERROR m/good passes" in render(report)


def test_the_last_line_holds_the_sums() -> None:
    lines = render(summarise([GOOD, BAD, LEFT], {}), ["a note"]).splitlines()
    assert lines == [
        "FAILED m/bad: status: expected 1, got 2",
        "skipped 1: no server",
        "a note",
        "1 passed, 1 failed, 1 skipped",
    ]


def test_every_known_gap_gives_its_reason() -> None:
    for section in ("aws-recorded", "jsonpath", "cases"):
        assert all(reason.strip() for reason in read_gaps(section).values())
