"""What a command line gives to run a machine: the definition, an input, callables, mocks.

Shared by every command that runs one, or a state of it, or shows a run.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asl_engine.cli.common import UsageError, add_choice, read_sources, tell_notes
from asl_engine.errors import DefinitionError, Diagnostic
from asl_engine.jsonvalue import Json, JsonTextError, loads

if TYPE_CHECKING:
    from asl_engine.execution.execution import Execution
    from asl_engine.integrations.registry import Tasks
    from asl_engine.machine import StateMachine


def add_loading(parser: argparse.ArgumentParser) -> None:
    """Declares what `load_machine` asks for besides the file."""
    types = ["STANDARD", "EXPRESS"]
    parser.add_argument("--type", choices=types, help="the type of state machine (default: what the file says)")
    add_choice(parser)


def load_machine(options: argparse.Namespace) -> StateMachine:
    """The machine of the file that was named, notes about it told. Raises UsageError with every finding."""
    from asl_engine.machine import StateMachine, choose

    try:
        source = choose(read_sources(options.file, options.substitute), options.machine)
        machine = StateMachine.from_source(source, type=options.type)
    except DefinitionError as error:
        lines = [f"{options.file}: {_line(diagnostic)}" for diagnostic in error.diagnostics]
        raise UsageError("the definition cannot run\n" + "\n".join(lines)) from None
    tell_notes(source)
    return machine


def _line(diagnostic: Diagnostic) -> str:
    return f"{diagnostic.severity.lower()}: {diagnostic}"


def read_input(text: str) -> Json:
    """A JSON value from JSON text, from a file after @, or from standard input for -. Raises UsageError."""
    where = "--input"
    source: str | bytes = text
    if text == "-":
        where, source = "standard input", sys.stdin.buffer.read()
    elif text.startswith("@"):
        where, source = text[1:], Path(text[1:]).read_bytes()
    try:
        return loads(source)
    except JsonTextError as error:
        raise UsageError(f"{where}: {error}") from None


def load_tasks(name: str) -> dict[str, Any]:
    """The callables of a module: its TASKS table, else its own functions by name. Raises UsageError."""
    module = _load_module(name)
    table = getattr(module, "TASKS", None)
    if isinstance(table, dict):
        for key, value in table.items():
            if not callable(value):
                raise UsageError(f"--tasks {name}: TASKS[{key!r}] is not callable but {type(value).__name__}")
        return table
    own = {key: value for key, value in vars(module).items() if callable(value) and not key.startswith("_")}
    return {key: value for key, value in own.items() if getattr(value, "__module__", None) == module.__name__}


def mocked(options: argparse.Namespace, machine: Any, tasks: Tasks) -> Tasks:
    """The tasks, with the mocks of the test case that the user named."""
    if options.mock_config is None and options.test_case is None:
        return tasks
    from asl_engine.integrations.registry import tasks_of
    from asl_engine.testing.mock_config import default_path, load_mock_config

    file = options.mock_config or default_path()
    if file is None:
        raise UsageError("--test-case needs --mock-config, or SFN_MOCK_CONFIG in the environment")
    config = load_mock_config(file)
    for warning in config.findings:
        print(f"asl: warning: {warning}", file=sys.stderr)
    return tasks_of(config.mocks(options.test_case, machine.name, otherwise=tasks), (machine,))


def _load_module(name: str) -> Any:
    import importlib
    import importlib.util

    try:
        if not name.endswith(".py"):
            return importlib.import_module(name)
        if not Path(name).is_file():
            raise UsageError(f"--tasks: no file {name}")
        spec = importlib.util.spec_from_file_location(Path(name).stem, name)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    except UsageError:
        raise
    except Exception as error:  # a user's module: whatever its import raises is told in a line
        raise UsageError(f"--tasks {name}: {type(error).__name__}: {error}") from None


def import_handler(name: str) -> Any:
    """The callable that a dotted function name names (`app.orders.charge`), None where it names none."""
    import importlib

    module, dot, attribute = name.rpartition(".")
    if not dot:
        return None
    sys.path.insert(0, "")
    try:
        return getattr(importlib.import_module(module), attribute, None)
    except ImportError as error:
        raise UsageError(f"--import-handlers: {name}: {error}") from None
    finally:
        sys.path.remove("")


def tell_failure(execution: Execution) -> None:
    """Tells on standard error how an execution ended, in which state, by what: `asl: FAILED in Charge: Declined`."""
    from asl_engine.execution.account import culprits_of, status_and_place
    from asl_engine.execution.visits import visits_of

    status = status_and_place(execution, culprits_of(execution, visits_of(execution.records)))
    print(f"asl: {status}: {execution.error or 'no error name'}", file=sys.stderr)
