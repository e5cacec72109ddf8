"""`asl run`: runs a definition with Python callables for its tasks and prints its output."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from asl_engine.cli.common import FINDINGS, WELL
from asl_engine.cli.given import add_loading, import_handler, load_machine, load_tasks, mocked, read_input, tell_failure


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
    option("--mock-config", metavar="FILE", help="a mock configuration file (default: what SFN_MOCK_CONFIG names)")
    option("--test-case", metavar="NAME", help="which test case of it; states that it does not name run for real")
    add_loading(parser)
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

    machine = load_machine(options)
    tasks = mocked(options, machine, load_tasks(options.tasks) if options.tasks else {})
    importer = import_handler if options.import_handlers else None
    handlers = serve(machine.task_needs, tasks, importer)
    supply = machine.supply(options.storage, tasks) if machine.storage_needs else None
    execution = machine.start(read_input(options.input), seed=options.seed)
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
    tell_failure(execution)
    if execution.cause:
        print(execution.cause, file=sys.stderr)
