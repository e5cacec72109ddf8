"""Every code has a page with a bad and a good document, and both are what the page says of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from asl_engine import Diagnostic
from asl_engine.reporting.check import check_file
from asl_engine.reporting.codes import known_codes

PAGES = Path(__file__).parents[2] / "docs" / "diagnostics"
FORM = re.compile(
    r"# (?P<code>[A-Z_]+)\n\n\*\*Severity:\*\* (?P<severity>ERROR|WARNING|INFO)\n\n(?P<text>.+?)\n\n"
    r"## Bad\n\n```(?P<bad_kind>json|yaml)\n(?P<bad>.+?)\n```\n\n"
    r"## Good\n\n```(?P<good_kind>json|yaml)\n(?P<good>.+?)\n```\n",
    re.DOTALL,
)
MISSING_HERE = {"MISSING_DEPENDENCY"}
"""Codes of what no document shows, here a package that is not installed. Tested where it is told."""


class Page(NamedTuple):
    """A page read, its two documents with the ending of a file that would hold them."""

    code: str
    severity: str
    bad: tuple[str, str]
    good: tuple[str, str]


def read_page(file: Path) -> Page:
    found = FORM.fullmatch(file.read_text("utf-8"))
    assert found, f"{file.name} has not the form of a page: code, severity, text, a bad and a good document"
    bad, good = (found["bad_kind"], found["bad"]), (found["good_kind"], found["good"])
    return Page(found["code"], found["severity"], bad, good)


CODES = sorted(known_codes())


def findings(document: tuple[str, str]) -> list[Diagnostic]:
    """What is found in a document."""
    kind, text = document
    files = {f"page.{kind}": text.encode()}

    def read(name: str) -> bytes:
        if name not in files:
            raise FileNotFoundError(2, "No such file or directory", name)
        return files[name]

    report = check_file(f"page.{kind}", read=read, type="STANDARD")
    return [finding for machine in report.machines for finding in machine.findings]


@pytest.mark.parametrize("code", CODES)
def test_a_page_shows_a_document_with_the_mistake_and_one_without(code: str) -> None:
    page = read_page(PAGES / f"{code}.md")
    assert page.code == code
    assert page.severity == known_codes()[code].severity
    if code not in MISSING_HERE:
        assert code in {finding.code for finding in findings(page.bad)}
    assert code not in {finding.code for finding in findings(page.good)}
    assert [finding for finding in findings(page.good) if finding.severity == "ERROR"] == []


@pytest.mark.parametrize("code", sorted(set(CODES) - MISSING_HERE))
def test_a_bad_document_has_no_other_error(code: str) -> None:
    page = read_page(PAGES / f"{code}.md")
    errors = {finding.code for finding in findings(page.bad) if finding.severity == "ERROR"}
    assert errors <= {code}


def test_every_page_is_about_a_code_that_exists() -> None:
    assert {file.stem for file in PAGES.glob("*.md")} - {"README"} == set(CODES)
