"""Golden histories: whole definitions with their inputs, and every event that they leave.

A file of tests/golden holds `definition`, `input`, `tasks` (state -> outcomes in turn: {"output"}, {"error", "cause"},
each perhaps with "sleep"), and what comes of it: `expect` and `history`. `pytest --golden-update` writes the latter two
anew; read the difference before you commit it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from asl_engine import Execution, StateMachine, TaskContext, TaskError

FILES = sorted(Path(__file__).with_name("golden").glob("*.json"))


def handler(outcomes: list[dict[str, Any]]) -> Any:
    """Gives the outcomes in turn."""
    left = list(outcomes)

    def give(payload: Any, context: TaskContext) -> Any:
        outcome = left.pop(0)
        context.sleep(outcome.get("sleep", 0))
        if "error" in outcome:
            raise TaskError(outcome["error"], outcome.get("cause"))
        return outcome["output"]

    return give


def execute(case: dict[str, Any]) -> Execution:
    machine = StateMachine.from_json(case["definition"], name="golden")
    tasks = {state: handler(outcomes) for state, outcomes in case.get("tasks", {}).items()}
    return machine.run(case["input"], tasks=tasks, seed=case.get("seed"))


def outcome(execution: Execution) -> dict[str, Any]:
    return {
        "status": execution.status,
        "output": execution.output,
        "error": execution.error,
        "cause": execution.cause,
        "elapsed": execution.elapsed,
        "path": execution.path,
    }


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_golden_history(file: Path, golden_update: bool) -> None:
    case = json.loads(file.read_text("utf-8"))
    execution = execute(case)
    if golden_update:
        case |= {"expect": outcome(execution), "history": execution.history}
        file.write_text(json.dumps(case, indent=2, ensure_ascii=False) + "\n", "utf-8")
    assert outcome(execution) == case["expect"]
    for number, (event, golden) in enumerate(zip(execution.history, case["history"], strict=False), 1):
        assert event == golden, f"event {number}"
    assert len(execution.history) == len(case["history"])


def test_there_are_golden_files() -> None:
    assert len(FILES) >= 6
