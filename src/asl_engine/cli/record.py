"""`asl record`: a recorded execution becomes a mock file, what is expected, and a test."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from asl_engine.cli.common import WELL
from asl_engine.cli.given import add_loading, load_machine


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    option = parser.add_argument
    option("history", metavar="HISTORY", help="a file with the answer of GetExecutionHistory, or an execution's ARN")
    option(
        "--definition", metavar="FILE", required=True, help="the definition that was executed, or a template with it"
    )
    option("-o", "--output", metavar="DIR", default="recorded", help="where to write (default: recorded)")
    add_loading(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Writes the answers of a recorded execution as a mock file, with its expected path and output and a test."""
    from asl_engine.testing.recording import read_recording
    from asl_engine.testing.writing import beyond_mocks, write_recording

    options.file = options.definition
    machine = load_machine(options)
    recording = read_recording(events_of(options.history), machine)
    for file in write_recording(recording, options.output, definition=options.definition):
        print(file)
    for note in beyond_mocks(recording):
        print(f"asl: {note}", file=sys.stderr)
    return WELL


def events_of(history: str) -> list[dict[str, Any]]:
    """The events in a file, or in AWS where the user named an execution by its ARN."""
    from asl_engine.testing.histories import read_history

    if not history.startswith("arn:"):
        return read_history(history)
    from asl_engine.testing.recording import history_from_aws

    return history_from_aws(_client(history), history)


def _client(arn: str) -> Any:
    """A client in the execution's region, with the credentials that boto3 finds."""
    try:
        import boto3
    except ImportError:
        from asl_engine.cli.common import UsageError

        raise UsageError("reading from AWS needs boto3: pip install 'asl-engine[aws]'") from None
    return boto3.client("stepfunctions", region_name=arn.split(":")[3] or None)
