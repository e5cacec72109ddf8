"""Sample machines that people use: the data-flow lints are silent on them, but for two real mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from asl_engine.definition.reader import read_definition
from asl_engine.lint.table import all_lints
from asl_engine.states.table import STATE_TYPES

WORKFLOWS = Path(__file__).parents[4] / "shared" / "suites" / "workflows"
CODES = {"UNSET_FIELD", "TYPE_MISMATCH", "RULE_NEVER_MATCHES", "PAYLOAD_TOO_LARGE", "MAYBE_UNASSIGNED_VARIABLE"}
REAL_MISTAKES = {
    ("app-control-concurrency-with-dynamodb-tf", "TYPE_MISMATCH"): "a catcher puts its error into an item, a number",
    ("emit-and-wait", "UNSET_FIELD"): "a state that does not wait for a token reads one",
}


@pytest.mark.skipif(not WORKFLOWS.is_dir(), reason="the sample machines are not beside this checkout")
def test_sample_machines_raise_no_false_alarm() -> None:
    found, checked = set(), 0
    rows = [row for row in all_lints() if row.code in CODES]
    for file in sorted(WORKFLOWS.rglob("*.json")):
        machine, diagnostics = read_definition(file.read_bytes(), STATE_TYPES)
        if machine is None or any(told.severity == "ERROR" for told in diagnostics):
            continue
        checked += 1
        name = file.relative_to(WORKFLOWS).parts[0]
        found.update((name, row.code) for row in rows if list(row.check(machine)))
    assert found == REAL_MISTAKES.keys()
    assert checked > 60
