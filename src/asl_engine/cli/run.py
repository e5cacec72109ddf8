"""`asl run`: runs a definition with Python callables for its tasks and prints its output."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from asl_engine.cli.common import FINDINGS, WELL, UsageError, add_substitutions
from asl_engine.errors import DefinitionError, Diagnostic
from asl_engine.jsonvalue import Json, JsonTextError, loads


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    option = parser.add_argument
    option("file", metavar="FILE", help="a definition or a template that holds one; - for standard input")
    option(
        "--input", default="{}", metavar="JSON|@FILE|-", help="the input: JSON text, @ and a file, or - (default {})"
    )
    option("--tasks", metavar="FILE.py|MODULE", help="where the callables are: its TASKS table, else its functions")
    option("--storage", metavar="DIR", help="where distributed Maps read and write: a folder with a folder a bucket")
    option("--import-handlers", action="store_true", help="import callables named by dotted Lambda function names")
    option("--seed", type=int, help="fixes jitter, UUIDs and random numbers")
    option("--type", choices=["STANDARD", "EXPRESS"], help="the type of state machine (default: what the file says)")
    option("--machine", metavar="NAME", help="which state machine, where a template holds several")
    add_substitutions(parser)
    option("--real-time", action="store_true", help="wait in real time instead of jumping")
    option("--history", action="store_true", help="print the history, as GetExecutionHistory gives it")
    option("--json", action="store_true", help="print one JSON object with everything and nothing else")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Runs a definition with Python callables for its tasks, in virtual time, and prints its output."""
    from asl_engine.drivers.clock import RealClock, VirtualClock
    from asl_engine.drivers.inline import drive
    from asl_engine.integrations.perform import performer
    from asl_engine.integrations.registry import serve

    machine = _load(options)
    tasks = _load_tasks(options.tasks) if options.tasks else {}
    importer = _import_handler if options.import_handlers else None
    handlers = serve(machine.task_needs, tasks, importer)
    supply = machine.supply(options.storage) if machine.storage_needs else None
    execution = machine.start(_read_input(options.input), seed=options.seed)
    watch = _Watch(execution, sys.stderr if sys.stderr.isatty() and not options.json else None)
    perform = watch.before(performer(handlers, tasks, execution.settings.seed, importer))
    if not options.json:
        from asl_engine.cli.progress import MapRunProgress

        execution.progress = MapRunProgress(sys.stderr)
    drive(execution, perform, RealClock() if options.real_time else VirtualClock(), supply)
    watch.show()
    if options.json:
        print(json.dumps(_report(execution), ensure_ascii=False))
    else:
        _print(execution, options.history)
    return WELL if execution.status == "SUCCEEDED" else FINDINGS


def _load(options: argparse.Namespace) -> Any:
    from asl_engine.cli.common import read_sources
    from asl_engine.machine import StateMachine, choose

    try:
        source = choose(read_sources(options.file, options.substitute), options.machine)
        machine = StateMachine.from_source(source, type=options.type)
    except DefinitionError as error:
        lines = [f"{options.file}: {_line(diagnostic)}" for diagnostic in error.diagnostics]
        raise UsageError("the definition cannot run\n" + "\n".join(lines)) from None
    for note in source.notes:
        print(f"asl: {note.message}" + (f"; {note.suggestion}" if note.suggestion else ""), file=sys.stderr)
    return machine


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
