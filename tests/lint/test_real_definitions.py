"""Lints on definitions that others wrote: what is told there was looked at, and is true."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from asl_engine.lint.table import all_lints
from asl_engine.machine import validate

WORKFLOWS = Path(__file__).parents[3] / "shared" / "suites" / "workflows"

TOLD = {
    "CALLBACK_WITHOUT_TIMEOUT": 22,
    "LAMBDA_WITHOUT_RETRY": 22,
    "LEGACY_FIELD": 16,
    "NO_DEFAULT": 2,
    "UNKNOWN_STATES_ERROR": 4,
    "UNREACHABLE_HANDLER": 6,
    "UNUSED_VARIABLE": 1,
}
"""How often each lint on states and transitions tells something: each of these was found to be so."""


@pytest.mark.skipif(not WORKFLOWS.is_dir(), reason="the suite of real workflows is not here")
def test_nothing_is_told_of_real_workflows_that_is_not_so() -> None:
    ours = {row.code for row in all_lints() if "flow" not in row.check.__module__}
    files = sorted(WORKFLOWS.rglob("*.asl.json"))
    found = Counter(each.code for file in files for each in validate(json.loads(file.read_text("utf-8"))))
    assert {code: count for code, count in found.items() if code in ours and code not in TOLD} == {}
    assert all(found[code] <= most for code, most in TOLD.items())
