"""What an exploration leaves to tests: a mock file of Step Functions Local, and what each of its cases is given and
comes to.

The rule: a case is written only if it replays, so that nobody inherits a test that fails.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from asl_engine.execution.execution import Execution
from asl_engine.jsonvalue import Json
from asl_engine.machine import StateMachine
from asl_engine.testing.answers import Raises
from asl_engine.testing.exploring.scenarios import ENDLESS, NOWHERE, Ran, giving, items_of
from asl_engine.testing.exploring.search import Exploration
from asl_engine.testing.mock_config import MockConfig

NOT_CALLED = "Explored.NotCalled"
MOCK_FILE, CASES_FILE = "MockConfigFile.json", "cases.json"


def named_cases(exploration: Exploration) -> dict[str, Ran]:
    """Name -> case, those that were cut off left out."""
    ended = [case for case in exploration.cases if case.status != ENDLESS]
    return {f"{number:02}-{_words(case)}": case for number, case in enumerate(ended, 1)}


def _words(case: Ran) -> str:
    parts = [case.status, *([case.error] if case.error else []), *([case.broke_at] if case.broke_at else [])]
    return re.sub(r"[^A-Za-z0-9.]+", "-", "-".join(parts)).strip("-")[:60]


def mock_config_of_cases(exploration: Exploration) -> MockConfig:
    """A test case for each case: what every task answered, call by call; one that was not called would fail."""
    config = MockConfig()
    needs = exploration.machine.task_needs
    uncalled = {need.state_name: (Raises(NOT_CALLED, "no run of this case came here"),) for need in needs}
    for name, case in named_cases(exploration).items():
        config.add_case(exploration.machine.name, name, {**uncalled, **case.answers})
    return config


def cases_of(exploration: Exploration) -> dict[str, Json]:
    """Name -> a JSON object: the input, the items of Maps that read theirs, and what comes of it."""
    readers = {need.state_name for need in exploration.machine.storage_needs if need.reads}
    return {
        name: {
            "input": case.scenario.input,
            "items": {reader: items_of(case.scenario, reader) for reader in sorted(readers)},
            "status": case.status,
            "error": case.error,
            "path": list(case.path),
        }
        for name, case in named_cases(exploration).items()
    }


def replay_case(machine: StateMachine, config: Any, name: str, case: Mapping[str, Any]) -> Execution:
    """Runs a written case, by its name in the mock file and what `cases.json` holds of it."""
    readers = {reader: giving(items) for reader, items in case["items"].items()}
    return machine.run(case["input"], mock_config=config, test_case=name, tasks=readers, storage=NOWHERE)


def departures(exploration: Exploration) -> list[str]:
    """The cases that do not replay to the same path and end."""
    config, cases = mock_config_of_cases(exploration), cases_of(exploration)
    return [name for name, case in cases.items() if not _same(exploration.machine, config, name, case)]


def _same(machine: StateMachine, config: MockConfig, name: str, case: Any) -> bool:
    ran = replay_case(machine, config, name, case)
    return [ran.status, ran.error, ran.path] == [case["status"], case["error"], case["path"]]


def write_exploration(exploration: Exploration, folder: str | Path) -> list[Path]:
    """Writes the mock file and `cases.json` into a folder, which is made where it is not there."""
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    mock_config_of_cases(exploration).write(place / MOCK_FILE)
    text = json.dumps(cases_of(exploration), indent=2, ensure_ascii=False) + "\n"
    (place / CASES_FILE).write_text(text, "utf-8")
    return [place / MOCK_FILE, place / CASES_FILE]
