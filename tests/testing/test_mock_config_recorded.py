"""What AWS recorded, played as a mock file: the same history, the same end.

The conformance runner replays the tasks of a recording by their place in it; here each state's answers stand in the
order of its calls, as a mock file has them. So only recordings whose tasks ran one after the other are played. What no
mock file can say, a service's first response and a worker's name, shows in the history alone: the end is compared.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from asl_engine import Execution, StateMachine
from asl_engine.testing import MockConfig, Raises, Returns
from conformance.compare import first_difference
from conformance.recorded import RecordedCase, read_cases
from conformance.replay import context_object, difference_of

ROOT = Path(__file__).parents[2]
RECORDED = ROOT.parent / "shared" / "suites" / "aws-recorded"
GAPS = json.loads((ROOT / "conformance" / "known_gaps.json").read_text("utf-8"))["aws-recorded"]


def is_playable(case: RecordedCase) -> bool:
    """A complete execution whose tasks all ended, with names for their errors, one after the other."""
    if case.kind != "execution" or not case.complete or case.id in GAPS:
        return False
    results = case.document["task_results"]
    return bool(results) and all(has_ended(result["outcome"]) and not result["scope"] for result in results)


def has_ended(outcome: dict[str, Any]) -> bool:
    return outcome["status"] == "succeeded" or (outcome["status"] == "failed" and outcome["error"] is not None)


PLAYED = [case for case in read_cases(RECORDED) if is_playable(case)] if RECORDED.is_dir() else []


def mock_file_of(case: RecordedCase) -> dict[str, Any]:
    """The document of a mock file with the one case that was recorded."""
    answers: dict[str, list[Returns | Raises]] = {}
    for result in case.document["task_results"]:
        outcome = result["outcome"]
        well = outcome["status"] == "succeeded"
        answer = Returns(outcome["output"]) if well else Raises(outcome["error"], outcome["cause"])
        answers.setdefault(result["state"], []).append(answer)
    config = MockConfig()
    config.add_case("Recorded", "Case", answers)
    return config.to_json()


def tells_more(case: RecordedCase) -> bool:
    """Whether its history shows what no mock file can say."""
    return any("submitted" in result or result["kind"] == "Activity" for result in case.document["task_results"])


def end_of(execution: Execution) -> dict[str, Any]:
    output = execution.output if execution.status == "SUCCEEDED" else None
    return {"status": execution.status, "output": output, "error": execution.error, "path": execution.path}


@pytest.mark.skipif(not RECORDED.is_dir(), reason=f"{RECORDED} is not there")
def test_there_are_recordings_to_play() -> None:
    assert len(PLAYED) > 100
    assert any("numbered_mock_responses" in case.id for case in PLAYED)


@pytest.mark.parametrize("case", PLAYED, ids=lambda case: case.id)
def test_a_recording_played_as_a_mock_file_runs_as_recorded(case: RecordedCase) -> None:
    machine = StateMachine.from_json(case.definition, type=case.document["type"])
    given = case.document["input"]
    execution = machine.run(given, mock_config=mock_file_of(case), test_case="Case", context=context_object(case))
    if tells_more(case):
        path = [name for event, name in case.document["path"] if event.endswith("StateEntered")]
        recorded = {key: case.aws[key] for key in ("status", "output", "error")}
        assert first_difference({**recorded, "path": path}, end_of(execution), case.wildcards) is None
    else:
        assert difference_of(case, execution) is None
