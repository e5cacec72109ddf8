"""`asl validate`: tells every problem of definitions, in the format and to the degree that is asked for."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from asl_engine.cli.common import (
    FINDINGS,
    UNREADABLE,
    WELL,
    UsageError,
    add_substitutions,
    read,
    read_substitutions,
)
from asl_engine.reporting.formats import FORMATS

if TYPE_CHECKING:
    from asl_engine.reporting.policy import Policy
    from asl_engine.reporting.report import Report

STANDARD_INPUT = "-"


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    _add_what(parser)
    _add_policy(parser)
    _add_output(parser)
    parser.set_defaults(run=run, usage_error=parser.error)


def _add_what(parser: argparse.ArgumentParser) -> None:
    option = parser.add_argument
    what = "a definition or template, a folder of *.asl.json, *.asl.yaml and *.asl.yml, or - for standard input"
    option("paths", nargs="*", metavar="PATH", help=what)
    option("--stdin-filename", metavar="FILE", help="what standard input is called, and where its configuration is")
    option("--type", choices=["STANDARD", "EXPRESS"], help="the type of the machines (default: what the file says)")
    add_substitutions(parser)
    option("--list-codes", action="store_true", help="tell every code that a finding may have, and nothing else")


def _add_policy(parser: argparse.ArgumentParser) -> None:
    option = parser.add_argument
    option("--ignore", metavar="CODE", action="append", default=[], help="leave findings out; several: CODE,CODE")
    option("--select", metavar="CODE", action="append", default=[], help="tell only these, and errors")
    option("--severity", metavar="CODE=LEVEL", action="append", default=[], help="error, warning, info or off")
    mildest = "the mildest severity that makes the exit status 1 (default error)"
    levels = ["error", "warning", "info"]
    option("--fail-on", "--severity-threshold", choices=levels, default="error", help=mildest)
    where = parser.add_mutually_exclusive_group()
    nearest = "the configuration (default: the nearest pyproject.toml above each file that has [tool.asl])"
    where.add_argument("--config", metavar="FILE", type=Path, help=nearest)
    where.add_argument("--no-config", action="store_true", help="read no configuration")


def _add_output(parser: argparse.ArgumentParser) -> None:
    option = parser.add_argument
    option("--format", choices=FORMATS, default="text", help="how findings are told (default text)")
    option("--color", choices=["auto", "always", "never"], default="auto", help="colours in text (default auto)")
    option("--output", metavar="FILE", type=Path, help="write to a file, as a whole or not at all")
    option("--max-findings", metavar="N", type=_count, help="tell at most N findings; the sum counts them all")
    option("--quiet", action="store_true", help="tell only what makes the exit status 1, and no sum")


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"must be a whole number, not {text!r}")
    return int(text)


def run(options: argparse.Namespace) -> int:
    """Tells every problem of definitions: place, rule, value, and what to do about it."""
    if options.list_codes:
        _print(_codes(options.format), options.format)
        return WELL
    if not options.paths:
        options.usage_error("the following arguments are required: PATH")
    report = _checked(options)
    _tell(report, options)
    if report.counts.unreadable:
        return UNREADABLE
    return FINDINGS if report.failed else WELL


def _codes(format: str) -> str:
    import json

    from asl_engine.reporting.codes import known_codes

    codes = known_codes().values()
    if format == "json":
        rows = [{"code": code.name, "severity": code.severity.lower(), "summary": code.summary} for code in codes]
        return json.dumps(rows, indent=2) + "\n"
    width = max(len(code.name) for code in codes)
    return "".join(f"{code.name:{width}}  {code.severity.lower():7}  {code.summary}\n" for code in codes)


def _checked(options: argparse.Namespace) -> Report:
    from asl_engine.reporting.check import check_file
    from asl_engine.reporting.files import named_files
    from asl_engine.reporting.report import make_report

    policy_of = _policies(options)
    name = options.stdin_filename or STANDARD_INPUT
    content = _reader(name if STANDARD_INPUT in options.paths else None)
    files = [name if path == STANDARD_INPUT else path for path in named_files(options.paths)]
    reports = [check_file(file, read=content, policy=policy_of(file), type=options.type) for file in files]
    return make_report(reports, fail_on=options.fail_on.upper(), quiet=options.quiet, at_most=options.max_findings)


def _reader(stdin_name: str | None) -> Callable[[str], bytes]:
    """What reads a file, where one of the names may stand for standard input."""
    return lambda file: read(STANDARD_INPUT if file == stdin_name else file)


def _policies(options: argparse.Namespace) -> Callable[[str], Policy]:
    """What gives a file's policy: the configuration, then the command line. A wrong option is told before any file."""
    from asl_engine.reporting.config import nearest_policies, read_policy
    from asl_engine.reporting.policy import Policy, with_choices

    ignore, select = _each_code(options.ignore, "--ignore"), _each_code(options.select, "--select")
    levels, substitutions = _levels(options.severity), read_substitutions(options.substitute)
    fixed = Policy() if options.no_config else read_policy(options.config) if options.config else None
    nearest = nearest_policies()

    def policy_of(file: str) -> Policy:
        policy = nearest(Path(file).parent) if fixed is None else fixed
        return with_choices(policy, ignore=ignore, select=select, levels=levels, substitutions=substitutions)

    return policy_of


def _each_code(given: Iterable[str], option: str) -> list[str]:
    from asl_engine.reporting.config import checked_code

    return [checked_code(code.strip(), option) for codes in given for code in codes.split(",")]


def _levels(given: Iterable[str]) -> dict[str, str]:
    from asl_engine.reporting.config import checked_level

    pairs = [text.partition("=") for text in given]
    wrong = ["".join(pair) for pair in pairs if not pair[1]]
    if wrong:
        raise UsageError(f"--severity must be CODE=LEVEL, not {wrong[0]!r}")
    return {code: checked_level(code, level, "--severity") for code, _, level in pairs}


def _tell(report: Report, options: argparse.Namespace) -> None:
    from asl_engine.reporting.formats.table import written
    from asl_engine.reporting.formats.text import wants_color
    from asl_engine.reporting.report import sum_line

    for file in report.files:
        if file.unreadable is not None:
            print(f"asl: {file.file}: {file.unreadable}", file=sys.stderr)
    is_terminal = options.output is None and sys.stdout.isatty()
    text = written(report, options.format, color=wants_color(options.color, os.environ, is_terminal))
    if options.output is None:
        _print(text, options.format)
    else:
        _write(options.output, text)
        if not options.quiet:
            print(f"asl: {sum_line(report.counts)}", file=sys.stderr)


def _print(text: str, format: str) -> None:
    """Writes to standard output, in whatever encoding it has; a reader that stops reading is no failure. XML printed
    is ASCII, since it says of itself that it is UTF-8."""
    encoding, errors = sys.stdout.encoding or "utf-8", "backslashreplace"
    if format == "junit":
        encoding, errors = "ascii", "xmlcharrefreplace"
    try:
        sys.stdout.write(text.encode(encoding, errors).decode(encoding))
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _write(file: Path, text: str) -> None:
    """Writes a file as a whole: a reader sees the old content or the new one, never a part. What is no file, such as
    a pipe, is written to as it is."""
    from asl_engine.rewriting.files import replace_file

    try:
        if file.exists() and not file.is_file():
            file.write_bytes(text.encode("utf-8"))
        else:
            replace_file(file, text)
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror or error}") from None
