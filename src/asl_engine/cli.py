"""The command `asl`: run and validate definitions from a shell.

Exit status: 0 well, 1 findings or a failed execution, 2 what was asked for could not be read or done. No traceback is
ever shown for what a user gave.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from asl_engine.errors import AslError, DefinitionError, Diagnostic
from asl_engine.jsonvalue import Json, JsonTextError, loads

WELL, FINDINGS, UNREADABLE = 0, 1, 2


class UsageError(Exception):
    """Something the user gave cannot be read or used; shown as one line."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; the exit status."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
        sys.stdout.flush()
        return status
    except UsageError as error:
        return _complain(str(error))
    except AslError as error:
        return _complain(str(error))
    except OSError as error:
        return _complain(f"{error.filename or 'file'}: {error.strerror or error}")
    except KeyboardInterrupt:
        return _complain("interrupted")


def _complain(message: str) -> int:
    print(f"asl: {message}", file=sys.stderr)
    return UNREADABLE


def _parser() -> argparse.ArgumentParser:
    from asl_engine import __version__

    parser = argparse.ArgumentParser("asl", description="AWS Step Functions in your Python process.")
    parser.add_argument("--version", action="version", version=f"asl {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_run(commands.add_parser("run", help="run a definition", description=_run.__doc__))
    check = commands.add_parser("validate", help="tell every mistake in definitions", description=_validate.__doc__)
    check.add_argument("files", nargs="+", metavar="FILE", help="a definition, ASL JSON; - for standard input")
    check.set_defaults(run=_validate)
    return parser


def _add_run(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("file", metavar="FILE", help="the definition, ASL JSON; - for standard input")
    add("--input", default="{}", metavar="JSON|@FILE|-", help="the input: JSON text, @ and a file, or - (default {})")
    add("--tasks", metavar="FILE.py|MODULE", help="where the tasks' callables are: its TASKS table, else its functions")
    add("--import-handlers", action="store_true", help="import callables named by dotted Lambda function names")
    add("--seed", type=int, help="fixes jitter, UUIDs and random numbers")
    add("--type", default="STANDARD", choices=["STANDARD", "EXPRESS"], help="the type of state machine")
    add("--real-time", action="store_true", help="wait in real time instead of jumping")
    add("--history", action="store_true", help="print the history, as GetExecutionHistory gives it")
    add("--json", action="store_true", help="print one JSON object with everything and nothing else")
    parser.set_defaults(run=_run)


# --- asl validate -----------------------------------------------------------------------------------------------------


def _validate(options: argparse.Namespace) -> int:
    """Tells every problem of definitions: a line each, with place, sentence and code."""
    from asl_engine.machine import validate

    worst = WELL
    for file in options.files:
        try:
            found = validate(_read(file))
        except OSError as error:
            print(f"{file}: {error.strerror or error}", file=sys.stderr)
            worst = UNREADABLE
            continue
        for diagnostic in found:
            print(f"{file}:{diagnostic.severity.lower()}: {diagnostic}")
        if any(diagnostic.severity == "ERROR" for diagnostic in found):
            worst = max(worst, FINDINGS)
        elif not found:
            print(f"{file}: ok")
    return worst


def _read(file: str) -> bytes:
    return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()


# --- asl run ----------------------------------------------------------------------------------------------------------


def _run(options: argparse.Namespace) -> int:
    """Runs a definition with Python callables for its tasks, in virtual time, and prints its output."""
    from asl_engine.drivers.clock import RealClock, VirtualClock
    from asl_engine.drivers.inline import drive
    from asl_engine.integrations.perform import performer
    from asl_engine.integrations.registry import serve

    machine = _load(options.file, options.type)
    tasks = _load_tasks(options.tasks) if options.tasks else {}
    importer = _import_handler if options.import_handlers else None
    handlers = serve(machine.task_needs, tasks, importer)
    execution = machine.start(_read_input(options.input), seed=options.seed)
    watch = _Watch(execution, sys.stderr if sys.stderr.isatty() and not options.json else None)
    perform = watch.before(performer(handlers, tasks, execution.settings.seed, importer))
    drive(execution, perform, RealClock() if options.real_time else VirtualClock())
    watch.show()
    if options.json:
        print(json.dumps(_report(execution), ensure_ascii=False))
    else:
        _print(execution, options.history)
    return WELL if execution.status == "SUCCEEDED" else FINDINGS


def _load(file: str, kind: str) -> Any:
    from asl_engine.machine import StateMachine

    name = "StateMachine" if file == "-" else Path(file).name.removesuffix(".json").removesuffix(".asl")
    try:
        return StateMachine.from_json(_read(file), name=name, type=kind)
    except DefinitionError as error:
        lines = [f"{file}: {_line(diagnostic)}" for diagnostic in error.diagnostics]
        raise UsageError("the definition cannot run\n" + "\n".join(lines)) from None


def _line(diagnostic: Diagnostic) -> str:
    return f"{diagnostic.severity.lower()}: {diagnostic}"


def _read_input(text: str) -> Json:
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


def _load_tasks(name: str) -> dict[str, Any]:
    module = _load_module(name)
    table = getattr(module, "TASKS", None)
    if isinstance(table, dict):
        for key, value in table.items():
            if not callable(value):
                raise UsageError(f"--tasks {name}: TASKS[{key!r}] is not callable but {type(value).__name__}")
        return table
    own = {key: value for key, value in vars(module).items() if callable(value) and not key.startswith("_")}
    return {key: value for key, value in own.items() if getattr(value, "__module__", None) == module.__name__}


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


def _import_handler(name: str) -> Any:
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


class _Watch:
    """Shows states on a terminal as they are entered."""

    def __init__(self, execution: Any, terminal: Any) -> None:
        self._execution = execution
        self._terminal = terminal
        self._shown = 0

    def before(self, perform: Any) -> Any:
        """The same performer, showing what was entered before each task."""

        def watched(*task: Any) -> Any:
            self.show()
            return perform(*task)

        return watched

    def show(self) -> None:
        """Shows what was entered since the last time."""
        records = self._execution.records
        if self._terminal is not None:
            for kind, _, now, name, _, _ in records[self._shown :]:
                if kind.endswith("StateEntered"):
                    seconds = (now - self._execution.start_time) / 1000
                    line = f"\x1b[2m{seconds:>9.3f}s\x1b[0m \x1b[36m{kind.removesuffix('StateEntered'):8}\x1b[0m {name}"
                    print(line, file=self._terminal, flush=True)
        self._shown = len(records)


def _report(execution: Any) -> dict[str, Any]:
    return {
        "status": execution.status,
        "output": execution.output,
        "error": execution.error,
        "cause": execution.cause,
        "elapsed": execution.elapsed,
        "path": execution.path,
        "history": execution.history,
    }


def _print(execution: Any, history: bool) -> None:
    if history:
        for event in execution.history:
            print(json.dumps(event, ensure_ascii=False))
    if execution.status == "SUCCEEDED":
        print(json.dumps(execution.output, ensure_ascii=False, indent=2))
        return
    print(f"asl: {execution.status}: {execution.error or 'no error name'}", file=sys.stderr)
    if execution.cause:
        print(execution.cause, file=sys.stderr)
