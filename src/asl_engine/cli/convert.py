"""`asl convert`: a definition as YAML or JSON, or in the other query language."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asl_engine.cli.common import FINDINGS, WELL, UsageError, read
from asl_engine.errors import DefinitionError
from asl_engine.jsonvalue import JsonTextError, loads
from asl_engine.rewriting.files import is_yaml, replace_file, text_of
from asl_engine.rewriting.formatting import FormatError

if TYPE_CHECKING:
    from asl_engine.rewriting.jsonata.prove import Proof

TEXT, JSON = "text", "json"


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument("file", metavar="FILE", help="a definition, ASL JSON or YAML; - for standard input")
    parser.add_argument("--to", required=True, choices=["yaml", "json", "jsonata"], help="what to make of it")
    parser.add_argument("--output", metavar="FILE", help="where to write it (standard output)")
    only = parser.add_argument_group("with --to jsonata")
    only.add_argument("--state", action="append", metavar="NAME", help="turn this state alone; may be repeated")
    only.add_argument(
        "--report", metavar="FILE", help="where to write the report (standard error); - for standard output"
    )
    only.add_argument("--report-format", choices=[TEXT, JSON], help="json by default for a FILE that ends in .json")
    only.add_argument(
        "--prove", type=_count, nargs="?", const=50, default=50, metavar="N", help="inputs to compare on (50)"
    )
    only.add_argument("--seed", type=int, default=0, metavar="N", help="draws other inputs")
    parser.set_defaults(run=run)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) > 100_000:
        raise argparse.ArgumentTypeError(f"must be a number from 0 to 100000, not {text!r}")
    return int(text)


def run(options: argparse.Namespace) -> int:
    """Writes a definition as YAML or JSON, or turns its JSONPath states into JSONata ones."""
    _check(options)
    text = _text(options.file)
    source, from_yaml = _as_json(options.file, text, comments_lost=options.to != "yaml")
    if options.to == "jsonata":
        return _to_jsonata(options, source, from_yaml)
    if options.to == "yaml":
        _write(options.output, text if from_yaml else _yaml(source))
    else:
        _write(options.output, _formatted(options.file, source))
    return WELL


def _check(options: argparse.Namespace) -> None:
    if options.to != "jsonata" and (options.state or options.report or options.report_format):
        raise UsageError("--state, --report and --report-format belong to --to jsonata")
    if options.report == "-" and options.output is None:
        raise UsageError("--report - needs --output: the definition goes to standard output")


def _text(file: str) -> str:
    try:
        return text_of(read(file))
    except FormatError as error:
        raise UsageError(f"{file}: {error}") from None


def _as_json(file: str, text: str, *, comments_lost: bool) -> tuple[str, bool]:
    """The definition's JSON text, and whether the file is YAML."""
    if not (is_yaml(Path(file)) if file != "-" else not text.lstrip().startswith("{")):
        return text, False
    from asl_engine.rewriting.yaml_reading import json_of

    try:
        made, has_comments = json_of(text)
    except FormatError as error:
        raise UsageError(f"{file}: {error}") from None
    if has_comments and comments_lost:
        print(f"asl: {file}: its comments are lost", file=sys.stderr)
    return made, True


def _formatted(file: str, source: str) -> str:
    from asl_engine.rewriting.json_text import format_json

    try:
        return format_json(source)
    except FormatError as error:
        raise UsageError(f"{file}: {error}") from None


def _yaml(source: str) -> str:
    from asl_engine.rewriting.json_text import format_json
    from asl_engine.rewriting.yaml_writing import yaml_of

    try:
        return yaml_of(format_json(source))
    except FormatError as error:
        raise UsageError(str(error)) from None


def _write(output: str | None, text: str) -> None:
    if output in (None, "-"):
        sys.stdout.write(text)
    else:
        replace_file(Path(str(output)), text)


# --- JSONata ----------------------------------------------------------------------------------------------------------


def _to_jsonata(options: argparse.Namespace, source: str, from_yaml: bool) -> int:
    from asl_engine.rewriting.jsonata import convert
    from asl_engine.rewriting.jsonata.report import NOT_TURNED

    document = _value(options.file, source)
    try:
        made = convert(document, options.state)
    except DefinitionError as error:
        raise UsageError(f"{options.file} has errors: {error}") from None
    proof, unproved = _proof(document, made.document, options) if made.turned else (None, "")
    text = json.dumps(made.document, ensure_ascii=False)
    _write(options.output, _yaml(text) if from_yaml else _formatted(options.file, text))
    _report(options, made, proof, unproved)
    refused = any(note.kind == NOT_TURNED for note in made.report)
    return FINDINGS if refused or (proof is not None and proof.differs) else WELL


def _value(file: str, source: str) -> Any:
    try:
        return loads(source)
    except JsonTextError as error:
        raise UsageError(f"{file}: {error}") from None


def _proof(document: Any, made: Any, options: argparse.Namespace) -> tuple[Proof | None, str]:
    """The comparison, or why there is none."""
    if not options.prove:
        return None, ""
    from asl_engine.rewriting.jsonata.prove import prove

    try:
        return prove(document, made, options.prove, options.seed), ""
    except DefinitionError as error:
        return None, f"not proved, as the definition cannot be run: {error}"


def _report(options: argparse.Namespace, made: Any, proof: Proof | None, unproved: str) -> None:
    from asl_engine.rewriting.jsonata.report import as_json, as_text

    chosen = options.report_format or (JSON if (options.report or "").endswith(".json") else TEXT)
    if chosen == JSON:
        content = as_json(made.turned, made.report) | {"proof": proof.as_json() if proof else None}
        text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
    else:
        text = as_text(made.turned, made.report) + (str(proof) if proof else f"{unproved}\n" if unproved else "")
    if options.report is None:
        sys.stderr.write(text)
    else:
        _write(options.report, text)
