"""What the commands share: exit statuses, the error that is shown as one line, reading what the user named."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asl_engine.definition.sources.source import Source

WELL, FINDINGS, UNREADABLE = 0, 1, 2


class UsageError(Exception):
    """Something the user gave cannot be read or used; shown as one line."""


def read(file: str) -> bytes:
    """The bytes of a file, of standard input for `-`. Raises OSError."""
    return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()


def add_substitutions(parser: argparse.ArgumentParser) -> None:
    """Declares the option that says what placeholders stand for."""
    help_ = "what ${NAME} stands for in the definition"
    parser.add_argument("--substitute", metavar="NAME=VALUE", action="append", default=[], help=help_)


def add_choice(parser: argparse.ArgumentParser) -> None:
    """Declares what says which state machine of a file is meant, and what its placeholders stand for."""
    parser.add_argument("--machine", metavar="NAME", help="which state machine, where a template holds several")
    add_substitutions(parser)


def read_substitutions(pairs: Iterable[str]) -> dict[str, str]:
    """Name -> value of what `--substitute` gave. Raises UsageError."""
    found: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not name or not equals:
            raise UsageError(f"--substitute must be NAME=VALUE, not {pair!r}")
        found[name] = value
    return found


def read_sources(file: str, pairs: Iterable[str]) -> list[Source]:
    """The state machines of a file that a user named, with `--substitute` as it was given."""
    from asl_engine.definition.sources.load import load_sources

    return load_sources(file, read=read, substitutions=read_substitutions(pairs))


def tell_notes(source: Source) -> None:
    """Shows what the reader of a file has to say of it."""
    for note in source.notes:
        print(f"asl: {note.message}" + (f"; {note.suggestion}" if note.suggestion else ""), file=sys.stderr)
