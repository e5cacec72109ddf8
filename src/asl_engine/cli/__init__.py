"""The command `asl`: one module a sub-command, each with `add(parser)` and the function it sets as `run`.

Exit status: 0 well, 1 findings or a failed execution, 2 what was asked for could not be read or done. No traceback is
ever shown for what a user gave.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from asl_engine.cli.common import UNREADABLE, UsageError
from asl_engine.errors import AslError

COMMANDS = {
    "coverage": "join and report the coverage of state machines",
    "convert": "write a definition as YAML or JSON, or in JSONata",
    "debug": "step through an execution, forwards and back",
    "diff": "tell where two histories part",
    "explore": "find out what can happen in a definition",
    "fmt": "put the fields of definitions in their order",
    "graph": "draw a definition, with the path of an execution",
    "permissions": "tell which IAM actions a definition needs",
    "record": "make a test of a recorded execution",
    "run": "run a definition",
    "validate": "tell every mistake in definitions",
    "schema": "print the JSON Schema of definitions, for editors",
    "test-state": "run one state, as AWS's TestState does",
}
"""Name -> the line that `asl --help` shows; the command is the module of that name in this package."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; the exit status."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
        sys.stdout.flush()
        return status
    except (UsageError, AslError) as error:
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
    for name, line in COMMANDS.items():
        module = import_module(f"asl_engine.cli.{name.replace('-', '_')}")
        module.add(commands.add_parser(name, help=line, description=module.run.__doc__))
    return parser
