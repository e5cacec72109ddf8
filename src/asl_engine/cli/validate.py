"""`asl validate`: tells every problem of definitions."""

from __future__ import annotations

import argparse
import sys

from asl_engine.cli.common import FINDINGS, UNREADABLE, WELL, read


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="a definition, ASL JSON; - for standard input")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Tells every problem of definitions: a line each, with place, sentence and code."""
    from asl_engine.machine import validate

    worst = WELL
    for file in options.files:
        try:
            found = validate(read(file))
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
