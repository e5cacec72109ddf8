"""`asl schema`: prints the JSON Schema of definitions, for editors."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

from asl_engine.cli.common import WELL, UsageError

QUERY_LANGUAGES = ("JSONPath", "JSONata")
DRAFTS = ("2020-12", "draft-07")
"""Said here once more, because the tables they stand in are too heavy to load with every command."""


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument(
        "--query-language", choices=QUERY_LANGUAGES, help="only definitions whose own QueryLanguage this is"
    )
    parser.add_argument("--draft", choices=DRAFTS, default=DRAFTS[0], help="of JSON Schema (default: %(default)s)")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write to a file")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Prints the JSON Schema of definitions, for editors."""
    from asl_engine.definition.schema import draft_schema
    from asl_engine.states.table import STATE_TYPES

    schema = draft_schema(STATE_TYPES, options.query_language, options.draft)
    text = json.dumps(schema, indent=2)
    if options.output is None:
        print(text)
    else:
        _write(options.output, text + "\n")
    return WELL


def _write(file: Path, text: str) -> None:
    try:
        if file.exists() and not file.is_file():
            file.write_text(text, encoding="utf-8")  # a device, a pipe
        else:
            _replace(file.resolve(), text)
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror or error}") from None


def _replace(file: Path, text: str) -> None:
    """Writes a file as a whole or not at all."""
    beside = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        beside.write_text(text, encoding="utf-8")
        os.replace(beside, file)
    finally:
        beside.unlink(missing_ok=True)
