"""State machines for tests: found beside the test, read once a session, each test with mocks of its own.

The one rule: what was read is shared and never changes; mocks and tasks belong to one test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asl_engine.integrations.registry import Tasks, TaskSource, tasks_of
from asl_engine.machine import STANDARD, StateMachine
from asl_engine.testing.mock import Answers
from asl_engine.testing.mock_config import MockConfig, MockFile, config_of, load_mock_config
from asl_engine.testing.mocks import Mocks

if TYPE_CHECKING:
    from asl_engine.testing.contracts import Contract


class LoadedMachine(StateMachine):
    """A state machine in a test, with mocks of its own.

    `mocks` holds them, `tasks` what serves the states that are not mocked, `test_case` the case of a mock file that
    every run plays, None for none.
    """

    def __init__(
        self,
        machine: StateMachine,
        shared: Mocks,
        *,
        tasks: Tasks | TaskSource | None = None,
        mock_config: MockFile | None = None,
        test_case: str | None = None,
    ) -> None:
        vars(self).update(vars(machine))
        self.mocks = Mocks(field_validation_mode=shared.field_validation_mode)
        self.tasks = tasks
        self.test_case = test_case
        self._shared = shared
        self._mock_config = mock_config

    def mock(self, name: str, *, spec: Callable[..., Any] | Contract | None = None) -> Answers:
        """The answers of the mock of a state, Resource, Lambda ARN or function of this machine, held to a contract."""
        return self.mocks(name, spec=spec)

    def _table(
        self,
        tasks: Tasks | TaskSource | None,
        called: Sequence[Any],
        mock_config: MockFile | None,
        test_case: str | None,
        awaited: bool = False,
    ) -> Tasks:
        """The table of tasks for one execution: mocks, then the case of a mock file, then `tasks` of run and load."""
        given = {**tasks_of(self.tasks, called, awaited=awaited), **tasks_of(tasks, called, awaited=awaited)}
        case = test_case or self.test_case
        config = mock_config or (self._mock_config if case else None)
        table = super()._table(given, called, config, case, awaited)
        for name in self._shared:
            if _may_call(called, name):
                self.mocks.add(self._shared[name])
        return {**table, **self.mocks.tasks_for(called, awaited=awaited)}


def _may_call(machines: Sequence[StateMachine], name: str) -> bool:
    """Whether a mock of this name may stand for a task of one of the machines."""
    return any(name in need.keys or not need.certain for machine in machines for need in machine.task_needs)


class Library:
    """What was read in a session, by file and by what was asked of it. A file that changed is read again."""

    def __init__(self) -> None:
        self._machines: dict[tuple[Any, ...], StateMachine] = {}
        self._mock_files: dict[tuple[Any, ...], MockConfig] = {}

    def machine(
        self, path: Path, name: str | None, type: str | None, substitutions: Mapping[str, str] | None
    ) -> StateMachine:
        """A machine from a file. Raises OSError and DefinitionError."""
        key = (*_state_of(path), name, type, tuple(sorted((substitutions or {}).items())))
        if key not in self._machines:
            self._machines[key] = StateMachine.from_file(path, name=name, type=type, substitutions=substitutions)
        return self._machines[key]

    def mock_file(self, path: Path) -> MockConfig:
        """A mock configuration from a file. Raises OSError and MockConfigError."""
        key = _state_of(path)
        if key not in self._mock_files:
            self._mock_files[key] = load_mock_config(path)
        return self._mock_files[key]


def _state_of(path: Path) -> tuple[Any, ...]:
    state = path.stat()
    return str(path), state.st_mtime_ns, state.st_size


class Asl:
    """What the fixture `asl` gives a test: machines from files, and mocks.

    `folders` are looked through for relative paths, in this order. `mocks` holds the mocks that all machines of the
    test share. `mock_file` is the mock configuration file for what names none; `field_validation_mode` holds all
    mocks to the APIs that they stand for, as that of `Mocks` does.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        library: Library,
        mock_file: Path | None = None,
        field_validation_mode: str = "NONE",
    ) -> None:
        self.folders = tuple(dict.fromkeys(folders))
        self.mocks = Mocks(field_validation_mode=field_validation_mode)
        self._library = library
        self._mock_file = mock_file

    def load(
        self,
        path: str | Path,
        *,
        substitutions: Mapping[str, str] | None = None,
        name: str | None = None,
        type: str | None = None,
        tasks: Tasks | TaskSource | None = None,
        mock_config: MockFile | None = None,
        test_case: str | None = None,
    ) -> LoadedMachine:
        """A machine from a file, as `StateMachine.from_file` reads it; `tasks` serves what is not mocked.

        With a `test_case` every run plays this case of the mock configuration. A relative path is looked for in the
        test's folder, in those of the setting `asl_definitions`, and in pytest's root folder. Raises OSError,
        DefinitionError with every finding, and MockConfigError.
        """
        machine = self._library.machine(find(path, self.folders), name, type, substitutions)
        config = self._config(mock_config) or self._mock_file
        return LoadedMachine(machine, self.mocks, tasks=tasks, mock_config=config, test_case=test_case)

    def from_json(
        self,
        definition: str | bytes | Mapping[str, Any],
        *,
        name: str | None = None,
        type: str = STANDARD,
        tasks: Tasks | TaskSource | None = None,
    ) -> LoadedMachine:
        """A machine from ASL as JSON text or as a Python value. Raises DefinitionError with every finding."""
        machine = StateMachine.from_json(definition, name=name, type=type)
        return LoadedMachine(machine, self.mocks, tasks=tasks, mock_config=self._mock_file)

    def mock(self, name: str, *, spec: Callable[..., Any] | Contract | None = None) -> Answers:
        """The answers of a mock that all machines of the test share; a machine's own mock of this name goes before."""
        return self.mocks(name, spec=spec)

    def cases(self, path: str | Path, *, name: str | None = None, mock_config: MockFile | None = None) -> list[str]:
        """The names of the test cases that a mock configuration has for the machine in a file, which is not read.

        Raises OSError, MockConfigError, and LookupError where no mock configuration is known.
        """
        config = self._config(mock_config) or self._mock_file
        if config is None:
            raise LookupError(
                "no mock configuration file: give mock_config=, --asl-mock-config, the setting asl_mock_config or"
                " SFN_MOCK_CONFIG"
            )
        read = self._library.mock_file(config) if isinstance(config, Path) else config_of(config)
        return read.cases(name or stem_of(path))

    def _config(self, given: MockFile | None) -> MockFile | None:
        return self._library.mock_file(find(given, self.folders)) if isinstance(given, (str, Path)) else given


def stem_of(path: str | Path) -> str:
    """What a machine in a file is called, as far as the file's name tells."""
    from asl_engine.definition.sources.load import stem

    return stem(str(path))


def find(path: str | Path, folders: Sequence[Path]) -> Path:
    """The file of a relative path in the first folder that has it. Raises FileNotFoundError."""
    for folder in folders:
        if (folder / path).is_file():
            return (folder / path).resolve()
    places = ", ".join(map(str, folders))
    raise FileNotFoundError(2, f"no such file in {places}", str(path))
