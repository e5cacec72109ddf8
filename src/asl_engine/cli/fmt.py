"""`asl fmt`: writes definitions in their canonical form."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from asl_engine.cli.common import FINDINGS, UNREADABLE, WELL, read
from asl_engine.rewriting.files import definition_files, is_yaml, replace_file, text_of
from asl_engine.rewriting.formatting import FormatError, format_text


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument(
        "paths",
        nargs="*",
        default=["."],
        metavar="PATH",
        help="a definition, or a folder in which every *.asl.json, *.asl.yaml and *.asl.yml is meant (the current "
        "one); - reads standard input and writes to standard output",
    )
    parser.add_argument("--check", action="store_true", help="write nothing; list what would change, and exit with 1")
    parser.add_argument("--diff", action="store_true", help="write nothing; show what would change")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Puts the fields of definitions in their order and lays them out. What the definitions say does not change."""
    return max((_format(path, options) for path in _paths(options.paths)), default=WELL)


def _paths(given: list[str]) -> Iterator[str]:
    for path in given:
        yield from [path] if path == "-" else map(str, definition_files(Path(path)))


def _format(path: str, options: argparse.Namespace) -> int:
    """Formats one file; its exit status."""
    try:
        content = read(path)
        text = text_of(content)
        made = format_text(text, yaml=_says_yaml(path, text))
        return _done(path, text, made, made.encode() != content, options)
    except FormatError as error:
        print(f"{_named(path)}: {error}", file=sys.stderr)
    except BrokenPipeError:
        raise
    except OSError as error:
        print(f"{_named(path)}: {error.strerror or error}", file=sys.stderr)
    return UNREADABLE


def _says_yaml(path: str, text: str) -> bool:
    return not text.lstrip().startswith("{") if path == "-" else is_yaml(Path(path))


def _named(path: str) -> str:
    return "<stdin>" if path == "-" else path


def _done(path: str, text: str, made: str, changed: bool, options: argparse.Namespace) -> int:
    if options.diff and changed:
        sys.stdout.writelines(_difference(path, text, made))
    if options.check or options.diff:
        if changed and not options.diff:
            print(f"would format {_named(path)}")
        return FINDINGS if changed and options.check else WELL
    if path == "-":
        sys.stdout.write(made)
    elif changed:
        replace_file(Path(path), made)
        print(f"formatted {path}")
    return WELL


def _difference(path: str, text: str, made: str) -> Iterator[str]:
    from difflib import unified_diff

    name = _named(path)
    for line in unified_diff(text.splitlines(True), made.splitlines(True), name, f"{name} (formatted)"):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
