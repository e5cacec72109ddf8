"""The testing kit: what tests of state machines need besides the engine. The public names, loaded when first used."""

from __future__ import annotations

import importlib
from typing import Any

_HOMES: dict[str, tuple[str, ...]] = {
    "asl_engine.testing.coverage.collector": ("Collector", "CoverageDataError"),
    "asl_engine.testing.coverage.results": ("Coverage", "MachineCoverage", "coverage_of"),
    "asl_engine.errors": ("FailedTest",),
    "asl_engine.testing.exploring.search": ("Exploration", "explore"),
    "asl_engine.testing.exploring.files": ("replay_case", "write_exploration"),
    "asl_engine.testing.answers": (
        "ALWAYS",
        "Calls",
        "LeavesOpen",
        "Raises",
        "Returns",
        "ReturnsPayload",
        "TimesOut",
    ),
    "asl_engine.testing.contracts": ("Contract", "ContractError", "task"),
    "asl_engine.testing.loading": ("Asl", "LoadedMachine"),
    "asl_engine.testing.mock": ("Answers", "Call", "Mock", "MockError"),
    "asl_engine.testing.mock_config": ("MockConfig", "MockConfigError", "load_mock_config"),
    "asl_engine.testing.mock_file": ("MockFinding",),
    "asl_engine.testing.mocks": ("Mocks",),
    "asl_engine.testing.snapshot_files": ("Snapshot",),
    "asl_engine.testing.snapshots": ("snapshot_of",),
    "asl_engine.testing.recording": (
        "RecordedTask",
        "Recording",
        "RecordingError",
        "read_recording",
        "recording_from_aws",
    ),
    "asl_engine.testing.replaying": ("FOREVER", "RecordedAnswers", "replay"),
    "asl_engine.testing.diffing": ("Departure", "HistoryDiff", "diff"),
    "asl_engine.testing.comparing": ("NOTHING", "differences", "same_leaf"),
    "asl_engine.testing.writing": ("beyond_mocks", "mock_config_of", "write_recording"),
    "asl_engine.testing.choice_inputs": ("Reach", "inputs_reaching", "plain_input", "ways_to_rule"),
    "asl_engine.testing.api_shapes": ("shape_faults",),
    "asl_engine.testing.state_test.run": ("test_state",),
}
"""Module -> the names that it gives."""

_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'asl_engine.testing' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value
