"""`asl test-state`: runs one state as AWS's TestState does and prints its response."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from asl_engine.cli.common import FINDINGS, WELL, UsageError, add_choice, read
from asl_engine.errors import ApiError, DefinitionError
from asl_engine.jsonvalue import Json, JsonTextError, loads

TEXT = "JSON|@FILE|-"


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    option = parser.add_argument
    option(
        "definition", metavar="DEFINITION", nargs="?", help="a state, or with --state a machine; - for standard input"
    )
    option("--state", metavar="NAME", help="which state of a whole machine, nested ones included")
    add_choice(parser)
    option("--request", metavar="FILE", help="a request of TestState as JSON; the other options change it")
    option("--input", metavar=TEXT, help="the state's input (default {})")
    option("--variables", metavar=TEXT, help="the workflow's variables: an object")
    option("--inspection-level", choices=["INFO", "DEBUG", "TRACE"], help="how much is shown (default INFO)")
    option("--reveal-secrets", action="store_true", default=None, help="show what a connection adds to HTTP requests")
    option("--role-arn", metavar="ARN", help="the role that the context object shows")
    _add_mock(parser.add_argument_group("a mock in the place of the state's work").add_argument)
    _add_configuration(parser.add_argument_group("what happened before, or inside, the state").add_argument)
    option("--tasks", metavar="FILE.py|MODULE", help="where callables are, for a Task without a mock: as for asl run")
    option("--import-handlers", action="store_true", help="import callables named by dotted Lambda function names")
    option("--seed", type=int, help="fixes jitter, UUIDs and random numbers")
    option("--decode", action="store_true", help="print the response with its JSON texts as values")
    parser.set_defaults(run=run)


def _add_mock(option: Any) -> None:
    option("--mock-result", metavar=TEXT, help="the result")
    option("--mock-error", metavar="NAME", help="the error that the work fails with")
    option("--mock-cause", metavar="TEXT", help="the error's cause")
    option(
        "--field-validation-mode", choices=["STRICT", "PRESENT", "NONE"], help="how a result is held against the API"
    )
    option("--context", metavar=TEXT, help="the context object")


def _add_configuration(option: Any) -> None:
    option("--retries", type=int, metavar="N", help="how often the state was retried (retrierRetryCount)")
    option("--error-caused-by", metavar="STATE", help="which state in a Map or Parallel state failed")
    option("--failed-iterations", type=int, metavar="N", help="how many iterations failed (mapIterationFailureCount)")
    option("--reader-data", metavar="TEXT|@FILE|-", help="what an ItemReader reads (mapItemReaderData)")


def run(options: argparse.Namespace) -> int:
    """Runs one state of a definition as AWS's TestState does, in this process, and prints its response.

    The exit status is 0 where the state SUCCEEDED, 1 where it did not, 2 for a request that AWS would refuse.
    """
    from asl_engine.cli.given import import_handler, load_tasks
    from asl_engine.testing.state_test.run import test_state

    try:
        response = test_state(
            _request(options),
            tasks=load_tasks(options.tasks) if options.tasks else None,
            importer=import_handler if options.import_handlers else None,
            seed=options.seed,
        )
    except ApiError as error:
        raise UsageError(f"{error.code}: {error.message}") from None
    print(json.dumps(_decoded(response) if options.decode else response, ensure_ascii=False, indent=2))
    return WELL if response["status"] == "SUCCEEDED" else FINDINGS


# --- the request ------------------------------------------------------------------------------------------------------


def _request(options: argparse.Namespace) -> dict[str, Any]:
    """What `--request` holds, with what the other options say."""
    request = dict(_request_file(options.request)) if options.request else {}
    parts = {
        "definition": _definition(options),
        "stateName": options.state,
        "input": _text(options.input),
        "variables": _text(options.variables),
        "inspectionLevel": options.inspection_level,
        "revealSecrets": options.reveal_secrets,
        "roleArn": options.role_arn,
        "context": _text(options.context),
        "mock": _mock(options, request.get("mock")),
        "stateConfiguration": {**request.get("stateConfiguration", {}), **_configuration(options)} or None,
    }
    return request | _given(parts)


def _request_file(file: str) -> Mapping[str, Any]:
    try:
        request = loads(read(file))
    except JsonTextError as error:
        raise UsageError(f"{file}: {error}") from None
    if not isinstance(request, dict):
        raise UsageError(f"{file}: must hold an object with TestState's parameters")
    return request


def _definition(options: argparse.Namespace) -> Json:
    """The state or machine of the file that was named, None where none was."""
    if options.definition is None:
        if not options.request:
            raise UsageError("say which definition: a file, - for standard input, or --request")
        return None
    if options.state is None:
        return _lone_state(options.definition)
    from asl_engine.cli.common import read_sources, tell_notes
    from asl_engine.definition.sources.source import SourceError
    from asl_engine.machine import choose

    try:
        source = choose(read_sources(options.definition, options.substitute), options.machine)
    except SourceError as error:
        raise UsageError(str(error.diagnostic)) from None
    except DefinitionError as error:
        raise UsageError(str(error)) from None
    tell_notes(source)
    return source.document


def _lone_state(file: str) -> Json:
    from asl_engine.definition.sources.files import parse
    from asl_engine.definition.sources.source import SourceError

    try:
        return parse(file, read(file)).value
    except SourceError as error:
        raise UsageError(str(error.diagnostic)) from None


def _mock(options: argparse.Namespace, mock: Any) -> dict[str, Any] | None:
    parts = dict(mock or {})
    if options.mock_result is not None or options.mock_error is not None:
        parts = {name: value for name, value in parts.items() if name not in ("result", "errorOutput")}
    if options.mock_error is not None or options.mock_cause is not None:
        parts["errorOutput"] = _given({"error": options.mock_error, "cause": options.mock_cause})
    parts |= _given({"result": _text(options.mock_result), "fieldValidationMode": options.field_validation_mode})
    return parts or None


def _configuration(options: argparse.Namespace) -> dict[str, Any]:
    return _given(
        {
            "retrierRetryCount": options.retries,
            "errorCausedByState": options.error_caused_by,
            "mapIterationFailureCount": options.failed_iterations,
            "mapItemReaderData": _text(options.reader_data),
        }
    )


def _given(parts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parts.items() if value is not None}


def _text(option: str | None) -> str | None:
    """The text of an option, or of the file that it names after @, or of standard input for -."""
    if option is None:
        return None
    if option == "-":
        return sys.stdin.buffer.read().decode()
    return Path(option[1:]).read_text("utf-8") if option.startswith("@") else option


# --- the response -----------------------------------------------------------------------------------------------------

_NO_JSON = frozenset({"error", "cause", "nextState", "status", "request", "response"})


def _decoded(response: Mapping[str, Any]) -> dict[str, Any]:
    """A response with its JSON texts as values."""
    return {name: value if name in _NO_JSON else _decoded_value(value) for name, value in response.items()}


def _decoded_value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _decoded(value)
    return json.loads(value) if isinstance(value, str) else value
