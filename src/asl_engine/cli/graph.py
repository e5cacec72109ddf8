"""`asl graph`: a definition as a picture, and what an execution did in it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asl_engine.cli.common import WELL, UsageError, add_choice, read, read_sources
from asl_engine.errors import DefinitionError
from asl_engine.jsonvalue import Json, JsonTextError, loads

if TYPE_CHECKING:
    from asl_engine.definition.graph import Machine
    from asl_engine.definition.sources.source import Source
    from asl_engine.drawing import Overlay

_FORMATS = ("mermaid", "dot", "svg")
_ENDINGS = {".svg": "svg", ".dot": "dot", ".gv": "dot"}
"""The ending of an output file -> its format; any other is Mermaid."""


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    option = parser.add_argument
    option("file", metavar="FILE", help="a definition or a template that holds one; - for standard input")
    option("--format", choices=_FORMATS, help="(default: what --output ends in, else mermaid)")
    option("--output", metavar="FILE", help="where to write it (standard output)")
    option("--direction", choices=["TB", "LR"], default="TB", help="from top to bottom (default) or left to right")
    option("--no-labels", action="store_true", help="leave out when transitions are taken")
    add_choice(parser)
    path = parser.add_argument_group("the path of an execution")
    path.add_argument("--input", metavar="JSON|@FILE|-", help="run it with this input and show the path it takes")
    path.add_argument("--tasks", metavar="FILE.py|MODULE", help="where the callables are, as for asl run")
    path.add_argument("--seed", type=int, help="fixes jitter, UUIDs and random numbers")
    path.add_argument("--history", metavar="FILE", help="show the path in this history: GetExecutionHistory's answer")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Draws a definition as Mermaid, DOT or SVG, and shows what an execution did in it."""
    from asl_engine.drawing import draw
    from asl_engine.machine import choose

    if options.history and (options.input is not None or options.tasks):
        raise UsageError("--history and --input or --tasks exclude each other: which execution is to be shown?")
    source = choose(read_sources(options.file, options.substitute), options.machine)
    machine = _read(source)
    picture = draw(
        machine,
        format=options.format or _format_of(options.output),
        overlay=_overlay(options, source, machine),
        direction=options.direction,
        labels=not options.no_labels,
        name=source.name,
    )
    _write(options.output, picture)
    return WELL


def _format_of(output: str | None) -> str:
    return _ENDINGS.get(Path(output or "").suffix.lower(), "mermaid")


def _read(source: Source) -> Machine:
    """The definition, drawn as far as it can be read; what is wrong with it is `asl validate`'s affair."""
    from asl_engine.definition.reader import read_definition
    from asl_engine.states.table import STATE_TYPES

    machine, diagnostics = read_definition(source.document, STATE_TYPES)
    if machine is None:
        raise UsageError(_cannot("be drawn", source, diagnostics))
    count = sum(found.severity == "ERROR" for found in diagnostics)
    if count:
        errors = f"{count} error{'s' * (count > 1)}"
        print(f"asl: the definition has {errors}, and is drawn as far as it could be read", file=sys.stderr)
    return machine


def _cannot(what: str, source: Source, diagnostics: Any) -> str:
    lines = [f"{source.file}: {found.severity.lower()}: {found}" for found in diagnostics if found.severity == "ERROR"]
    return "\n".join([f"the definition cannot {what}", *lines])


def _overlay(options: argparse.Namespace, source: Source, machine: Machine) -> Overlay | None:
    from asl_engine.drawing import overlay_of

    if options.history:
        return _overlay_of_history(options.history, machine)
    if options.input is None and not options.tasks:
        return None
    return overlay_of(_execute(options, source))


def _overlay_of_history(file: str, machine: Machine) -> Overlay:
    from asl_engine.definition.graph import every_state
    from asl_engine.drawing import HistoryError, overlay_of

    try:
        overlay = overlay_of(_read_history(file))
    except HistoryError as error:
        raise UsageError(f"{file}: {error}") from None
    known = {state.name for state in every_state(machine)}
    foreign = [name for name in overlay.states if name not in known]
    if foreign:
        raise UsageError(f"{file}: is the history of another definition, which has the state {foreign[0]!r}")
    return overlay


def _execute(options: argparse.Namespace, source: Source) -> Any:
    from asl_engine.cli.given import load_tasks, read_input, tell_failure
    from asl_engine.machine import StateMachine

    tasks = load_tasks(options.tasks) if options.tasks else {}
    try:
        machine = StateMachine.from_source(source)
    except DefinitionError as error:
        raise UsageError(_cannot("run", source, error.diagnostics)) from None
    execution = machine.run(read_input(options.input or "{}"), tasks=tasks, seed=options.seed)
    if execution.status != "SUCCEEDED":
        tell_failure(execution)
    return execution


def _read_history(file: str) -> Any:
    """The events in a file: GetExecutionHistory's answer, its events alone, or what `asl run` prints with `--json` or
    `--history`."""
    text = read(file)
    try:
        value = loads(text)
    except JsonTextError as error:
        events = _event_lines(text)
        if not events:
            raise UsageError(f"{file}: {error}") from None
        return events
    if isinstance(value, dict) and "events" not in value and "history" in value:
        return value["history"]
    return [value] if _is_event(value) else value


def _event_lines(text: bytes) -> list[Json]:
    """The events at the beginning of a text that has one a line."""
    events: list[Json] = []
    for line in text.splitlines():
        try:
            value = loads(line)
        except JsonTextError:
            break
        if not _is_event(value):
            break
        events.append(value)
    return events


def _is_event(value: Json) -> bool:
    return isinstance(value, dict) and "type" in value and "id" in value


def _write(output: str | None, picture: str) -> None:
    if output is None or output == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(picture.encode())
        return
    from asl_engine.rewriting.files import replace_file

    replace_file(Path(output), picture)
