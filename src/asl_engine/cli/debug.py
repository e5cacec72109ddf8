"""`asl debug`: steps through an execution in the terminal, forwards and back."""

from __future__ import annotations

import argparse
import sys

from asl_engine.cli.common import WELL, UsageError
from asl_engine.cli.given import add_loading, import_handler, load_machine, load_tasks, mocked, read_input


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    option = parser.add_argument
    option("file", metavar="FILE", help="a definition or a template that holds one")
    option("--input", default="{}", metavar="JSON|@FILE", help="the input: JSON text, or @ and a file (default {})")
    option("--tasks", metavar="FILE.py|MODULE", help="where callables are; what they do not serve, you are asked for")
    option("--storage", metavar="DIR", help="where distributed Maps read and write: a folder with a folder a bucket")
    option("--import-handlers", action="store_true", help="import callables named by dotted Lambda function names")
    option("--seed", type=int, help="fixes jitter, UUIDs and random numbers")
    option("--mock-config", metavar="FILE", help="a mock configuration file (default: what SFN_MOCK_CONFIG names)")
    option("--test-case", metavar="NAME", help="which test case of it answers tasks")
    option("--break", dest="breaks", metavar="STATE", action="append", default=[], help="stop where it is entered")
    option("--command", "-c", metavar="COMMAND", action="append", default=[], help="what to do first: as typed")
    add_loading(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Steps through an execution: next, continue, break, back, input, variables, answer; `help` lists all commands."""
    from asl_engine.cli.debugger import Prompt
    from asl_engine.testing.debugging import Session

    if "-" in (options.file, options.input):
        raise UsageError("standard input is where commands are typed: name a file")
    machine = load_machine(options)
    session = Session(
        machine,
        read_input(options.input),
        tasks=mocked(options, machine, load_tasks(options.tasks) if options.tasks else {}) or None,
        importer=import_handler if options.import_handlers else None,
        seed=options.seed,
        storage=options.storage,
    )
    for state in options.breaks:
        session.add_breakpoint(state)
    prompt = Prompt(session, sys.stdin, sys.stdout)
    prompt.type_first(options.command)
    try:
        prompt.cmdloop()
    finally:
        session.close()
    return WELL
