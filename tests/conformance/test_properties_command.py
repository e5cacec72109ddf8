"""`python -m conformance properties`: laws that hold pass, one that does not is shown with its smallest example."""

from __future__ import annotations

import pytest

from conformance import laws
from conformance.__main__ import main
from conformance.properties import judge_law


def test_every_law_holds_on_a_few_machines(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["properties", "--examples", "3"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown == ["each law was held against 3 machines", f"{len(laws.LAWS)} passed, 0 failed, 0 skipped"]


def test_a_law_that_does_not_hold_is_shown_with_the_smallest_example(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing_waits(example: laws.Example) -> None:
        if '"Wait"' in str(example.definition).replace("'", '"'):
            raise laws.Broken("something waits")

    monkeypatch.setitem(laws.LAWS, "nothing waits", nothing_waits)
    found = judge_law("nothing waits", 200)
    assert found.verdict == "failed"
    assert found.reason.startswith("something waits; smallest example: ")
    assert '"States": {"Wait": {"Type": "Wait", "Seconds": 1, "Next": "Succeed"}' in found.reason


def test_a_law_may_be_chosen_and_other_machines_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["properties", "--examples", "5", "--match", "history ends once", "--seed", "7"]) == 0
    assert "1 passed, 0 failed, 0 skipped" in capsys.readouterr().out
