"""`asl diff`: where two histories part, or a definition and a recorded execution of it."""

from __future__ import annotations

import argparse
import json
from typing import Any

from asl_engine.cli.common import FINDINGS, WELL
from asl_engine.cli.given import add_loading, load_machine


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    option = parser.add_argument
    option("first", metavar="FILE|HISTORY", help="the expected history; or a definition, to run with recorded answers")
    option("history", metavar="HISTORY", help="a file with the answer of GetExecutionHistory, or an execution's ARN")
    option("--storage", metavar="DIR", help="where distributed Maps read and write: a folder with a folder a bucket")
    option("--ids", action="store_true", help="compare the ids of events too")
    option("--times", action="store_true", help="compare timestamps too")
    option("--arns", action="store_true", help="compare ARNs too")
    option("--ignore", metavar="NAME", action="append", default=[], help="a member that counts nowhere: requestId")
    option("--json", action="store_true", help="print the departures as JSON")
    add_loading(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Tells where two histories part, or a definition run with the recorded answers from the recording; exits with 1
    where they do."""
    from asl_engine.cli.record import events_of
    from asl_engine.testing.diffing import diff

    recorded = events_of(options.history)
    if _is_history(options.first):
        expected, got = events_of(options.first), recorded
    else:
        expected, got = recorded, _replayed(options, recorded)
    found = diff(expected, got, ids=options.ids, times=options.times, arns=options.arns, ignore=options.ignore)
    if options.json:
        print(json.dumps([departure._asdict() for departure in found.departures], ensure_ascii=False, default=repr))
    else:
        print(found)
    return FINDINGS if found else WELL


def _is_history(name: str) -> bool:
    """Whether a file holds a history: an array, or an object with `events`. Any other one is a definition."""
    from asl_engine.cli.common import read
    from asl_engine.jsonvalue import JsonTextError, loads

    if name.startswith("arn:"):
        return True
    try:
        document = loads(read(name))
    except JsonTextError:
        return False
    return isinstance(document, list) or (isinstance(document, dict) and "events" in document)


def _replayed(options: argparse.Namespace, recorded: list[dict[str, Any]]) -> list[dict[str, Any]]:
    from asl_engine.testing.recording import read_recording
    from asl_engine.testing.replaying import replay

    options.file = options.first
    machine = load_machine(options)
    return replay(machine, read_recording(recorded, machine), storage=options.storage, strict=False).history
