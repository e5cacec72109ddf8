"""`asl explore`: drives a definition through inputs and task outcomes, and tells what can happen."""

from __future__ import annotations

import argparse
import json

from asl_engine.cli.common import FINDINGS, WELL, UsageError
from asl_engine.cli.given import add_loading, load_machine, read_input
from asl_engine.errors import FailedTest


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    option = parser.add_argument
    option("file", metavar="FILE", help="a definition or a template that holds one")
    option("--input", metavar="JSON|@FILE", action="append", default=[], help="an input to try first; may be repeated")
    option("--input-schema", metavar="FILE", help="a JSON Schema: inputs are made to fit it, and no others are tried")
    option("--output", "-o", metavar="DIR", help="write the cases: a mock file and cases.json")
    option("--max-runs", type=_runs, default=2000, metavar="N", help="make no more runs (default 2000)")
    option("--seed", type=int, default=0, help="fixes jitter, UUIDs and random numbers (default 0)")
    option("--json", action="store_true", help="print one JSON object")
    add_loading(parser)
    parser.set_defaults(run=run)


def _runs(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"must be a whole number from 1, not {text!r}")
    return int(text)


def run(options: argparse.Namespace) -> int:
    """Drives a definition through inputs and task outcomes until nothing new is covered; tells what was reached, how
    executions fail, and which errors nothing catches. Exit status 1 where something that may be reachable was not."""
    from asl_engine.testing.exploring import files, report
    from asl_engine.testing.exploring.search import explore

    machine = load_machine(options)
    inputs = [read_input(text) for text in options.input]
    bounds = {"max_runs": options.max_runs, "seed": options.seed}
    try:
        found = explore(machine, inputs=inputs, input_schema=options.input_schema, **bounds)
    except FailedTest as error:
        raise UsageError(f"{options.input_schema}: {error}") from None
    print(json.dumps(report.as_json(found), ensure_ascii=False) if options.json else report.as_text(found))
    if options.output:
        departed = files.departures(found)
        if departed:
            raise UsageError(f"nothing was written, as cases do not replay: {', '.join(departed)}")
        written = files.write_exploration(found, options.output)
        if not options.json:
            print(f"wrote {', '.join(map(str, written))}; every case replays to the same path")
    return FINDINGS if found.missed else WELL
