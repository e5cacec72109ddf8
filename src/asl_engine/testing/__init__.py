"""The testing kit: what tests of state machines need besides the engine. The public names, loaded when first used.

Where what stands, each with those that it builds upon:

- mocks: `mock`, `answers`, `matching`; runs with them in `mocks`; mock files in `mock_file`, `mock_config`; what is
  held to APIs and schemas in `mock_results`, `api_shapes`, `contracts`; what the fixture `asl` gives in `loading`
- recorded executions: `histories`; `recording`, `replaying`, `writing`; `diffing`, by `comparing`
- snapshots: `snapshots`, kept in `snapshot_files`
- inputs that lead somewhere: `choice_inputs`, by `walks`, `origins`, `stand_ins` and `choice_solving`
- the debugger's session: `debugging`
- rooms of their own: `coverage`, `state_test`, `exploring`, `strategies`
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asl_engine.errors import FailedTest
    from asl_engine.testing.answers import ALWAYS, Calls, LeavesOpen, Raises, Returns, ReturnsPayload, TimesOut
    from asl_engine.testing.api_shapes import shape_faults
    from asl_engine.testing.choice_inputs import Reach, inputs_reaching, plain_input, ways_to_rule
    from asl_engine.testing.comparing import NOTHING, differences, same_leaf
    from asl_engine.testing.contracts import Contract, ContractError, task
    from asl_engine.testing.coverage.collector import Collector, CoverageDataError
    from asl_engine.testing.coverage.results import Coverage, MachineCoverage, coverage_of
    from asl_engine.testing.diffing import Departure, HistoryDiff, diff
    from asl_engine.testing.exploring.files import replay_case, write_exploration
    from asl_engine.testing.exploring.search import Exploration, explore
    from asl_engine.testing.loading import Asl, LoadedMachine
    from asl_engine.testing.mock import Answers, Call, Mock, MockError
    from asl_engine.testing.mock_config import MockConfig, MockConfigError, load_mock_config
    from asl_engine.testing.mock_file import MockFinding
    from asl_engine.testing.mocks import Mocks
    from asl_engine.testing.recording import RecordedTask, Recording, RecordingError, read_recording, recording_from_aws
    from asl_engine.testing.replaying import FOREVER, RecordedAnswers, replay
    from asl_engine.testing.snapshot_files import Snapshot
    from asl_engine.testing.snapshots import snapshot_of
    from asl_engine.testing.state_test.run import test_state
    from asl_engine.testing.writing import beyond_mocks, mock_config_of, write_recording

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

__all__ = [
    "ALWAYS",
    "FOREVER",
    "NOTHING",
    "Answers",
    "Asl",
    "Call",
    "Calls",
    "Collector",
    "Contract",
    "ContractError",
    "Coverage",
    "CoverageDataError",
    "Departure",
    "Exploration",
    "FailedTest",
    "HistoryDiff",
    "LeavesOpen",
    "LoadedMachine",
    "MachineCoverage",
    "Mock",
    "MockConfig",
    "MockConfigError",
    "MockError",
    "MockFinding",
    "Mocks",
    "Raises",
    "Reach",
    "RecordedAnswers",
    "RecordedTask",
    "Recording",
    "RecordingError",
    "Returns",
    "ReturnsPayload",
    "Snapshot",
    "TimesOut",
    "beyond_mocks",
    "coverage_of",
    "diff",
    "differences",
    "explore",
    "inputs_reaching",
    "load_mock_config",
    "mock_config_of",
    "plain_input",
    "read_recording",
    "recording_from_aws",
    "replay",
    "replay_case",
    "same_leaf",
    "shape_faults",
    "snapshot_of",
    "task",
    "test_state",
    "ways_to_rule",
    "write_exploration",
    "write_recording",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'asl_engine.testing' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value
