"""The request of TestState: its parameters, checked in the order and the words of AWS.

API reference "TestState", "MockInput", "TestStateConfiguration". What an SDK refuses before it sends anything (types,
names, lengths below the least) is a ParamValidationError, what the service refuses a ValidationException. The rule that
keeps it whole: where AWS takes JSON as a text, a JSON value is taken as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from asl_engine.errors import ApiError, InvalidExecutionInput, ParamValidationError, ValidationException
from asl_engine.execution.execution import PAYLOAD_LIMIT
from asl_engine.jsonvalue import Json, JsonTextError, JsonValueError, adopt, dumps, loads
from asl_engine.testing.api_shapes import MODES, STRICT

INFO, DEBUG, TRACE = "INFO", "DEBUG", "TRACE"
DEFINITION_LIMIT = 1_048_576
ONE_MOCK = "A test mock should have only one of the following fields: [result, errorOutput]."


class Mock(NamedTuple):
    """What stands for the state's work: a result, or an error (`failed`)."""

    failed: bool
    result: Json
    error: str | None
    cause: str | None
    mode: str


class Configuration(NamedTuple):
    """What has happened before, or inside, the state: `reader_data` is the text that an ItemReader would read."""

    retries: int
    caused_by: str | None
    failures: int | None
    reader_data: str | None


class Request(NamedTuple):
    """A request that is well formed. `context` is None where none is mocked; `machine` tells a whole definition."""

    definition: str
    state_name: str | None
    input: Json
    role: str | None
    level: str
    reveal_secrets: bool
    variables: dict[str, Json]
    mock: Mock | None
    context: Json
    has_context: bool
    configuration: Configuration


class Parameter(NamedTuple):
    """What one parameter may be. `text`: a JSON value may stand for its text. `inner`: the members of an object."""

    types: tuple[type, ...]
    text: bool = False
    shortest: int = 0
    longest: int | None = None
    least: int | None = None
    values: tuple[str, ...] = ()
    inner: Mapping[str, Parameter] = {}


def _json(longest: int = PAYLOAD_LIMIT, shortest: int = 0) -> Parameter:
    return Parameter((str,), text=True, shortest=shortest, longest=longest)


_NAME = Parameter((str,), shortest=1, longest=80)
_NUMBER = Parameter((int,), least=0)

PARAMETERS: Mapping[str, Parameter] = {
    "definition": _json(DEFINITION_LIMIT, 1),
    "roleArn": Parameter((str,), shortest=1, longest=256),
    "input": _json(),
    "inspectionLevel": Parameter((str,), values=(INFO, DEBUG, TRACE)),
    "revealSecrets": Parameter((bool,)),
    "variables": _json(),
    "stateName": _NAME,
    "mock": Parameter(
        (dict,),
        inner={
            "result": _json(),
            "errorOutput": Parameter(
                (dict,),
                inner={"error": Parameter((str,), longest=256), "cause": Parameter((str,), longest=32_768)},
            ),
            "fieldValidationMode": Parameter((str,), values=MODES),
        },
    ),
    "context": _json(),
    "stateConfiguration": Parameter(
        (dict,),
        inner={
            "retrierRetryCount": _NUMBER,
            "errorCausedByState": _NAME,
            "mapIterationFailureCount": _NUMBER,
            "mapItemReaderData": _json(),
        },
    ),
}


def read_request(given: Mapping[str, Any]) -> Request:
    """The request in a mapping. Raises ApiError."""
    if not isinstance(given, Mapping):
        raise TypeError(f"a request must be a mapping of TestState's parameters, not {given!r:.60}")
    faults = [*_missing(given), *_faults(given, PARAMETERS, "input")]
    if faults:
        raise ParamValidationError("Parameter validation failed:\n" + "\n".join(faults))
    texts = _as_texts(given, PARAMETERS)
    broken = [*_broken(texts, PARAMETERS, "")]
    if broken:
        count = f"{len(broken)} validation error{'s' if len(broken) > 1 else ''} detected"
        raise ValidationException(f"{count}: {'; '.join(broken)}")
    return Request(
        definition=texts["definition"],
        state_name=texts.get("stateName"),
        input=_parsed_input(texts.get("input", "{}")),
        role=texts.get("roleArn"),
        level=texts.get("inspectionLevel", INFO),
        reveal_secrets=texts.get("revealSecrets", False),
        variables=_variables(texts.get("variables", "{}")),
        mock=_mock(texts["mock"]) if "mock" in texts else None,
        context=_parsed("Context", texts["context"]) if "context" in texts else None,
        has_context="context" in texts,
        configuration=_configuration(texts.get("stateConfiguration", {})),
    )


# --- what an SDK refuses ----------------------------------------------------------------------------------------------


def _missing(given: Mapping[str, Any]) -> Iterator[str]:
    if "definition" not in given:
        yield 'Missing required parameter in input: "definition"'


def _faults(given: Mapping[str, Any], known: Mapping[str, Parameter], where: str) -> Iterator[str]:
    for name, value in given.items():
        if name not in known:
            yield f'Unknown parameter in {where}: "{name}", must be one of: {", ".join(known)}'
        else:
            path = name if where == "input" else f"{where}.{name}"
            yield from _fault(value, known[name], path)


def _fault(value: Any, parameter: Parameter, path: str) -> Iterator[str]:
    is_bool = isinstance(value, bool) and bool not in parameter.types
    if not parameter.text and (is_bool or not isinstance(value, parameter.types)):
        valid = ", ".join(str(kind) for kind in parameter.types)
        yield f"Invalid type for parameter {path}, value: {value}, type: {type(value)}, valid types: {valid}"
    elif isinstance(value, str) and len(value) < parameter.shortest:
        yield (f"Invalid length for parameter {path}, value: {len(value)}, valid min length: {parameter.shortest}")
    elif parameter.least is not None and value < parameter.least:
        yield f"Invalid range for parameter {path}, value: {value}, valid min value: {parameter.least}"
    elif parameter.inner:
        yield from _faults(value, parameter.inner, path)


# --- what the service refuses -----------------------------------------------------------------------------------------


def _as_texts(given: Mapping[str, Any], known: Mapping[str, Parameter]) -> dict[str, Any]:
    """The parameters with every JSON value as its text. Raises ParamValidationError."""
    return {
        name: _as_texts(value, known[name].inner)
        if known[name].inner
        else (_text(name, value) if known[name].text else value)
        for name, value in given.items()
    }


def _text(name: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    try:
        return dumps(adopt(value)[0])
    except JsonValueError as error:
        raise ParamValidationError(f"Parameter validation failed:\n{name} is not JSON: {error}") from None


def _broken(given: Mapping[str, Any], known: Mapping[str, Parameter], before: str) -> Iterator[str]:
    for name, value in given.items():
        parameter, path = known[name], f"{before}{name}"
        if parameter.inner:
            yield from _broken(value, parameter.inner, f"{path}.")
        elif parameter.values and value not in parameter.values:
            told = f"Member must satisfy enum value set: [{', '.join(parameter.values)}]"
            yield f"Value '{value}' at '{path}' failed to satisfy constraint: {told}"
        elif parameter.longest is not None and len(value.encode()) > parameter.longest:
            told = f"Member must have length less than or equal to {parameter.longest}"
            yield f"Value at '{path}' failed to satisfy constraint: {told}"


def _parsed_input(text: str) -> Json:
    try:
        return loads(text)
    except JsonTextError as error:
        raise InvalidExecutionInput(f"Invalid State Machine Execution Input: '{error}'") from None


def _parsed(name: str, text: str, error: type[ApiError] = ValidationException) -> Json:
    try:
        return loads(text)
    except JsonTextError as fault:
        raise error(f"{name} must be valid JSON: {fault}") from None


def _variables(text: str) -> dict[str, Json]:
    value = _parsed("Variables", text)
    if not isinstance(value, dict):
        raise ValidationException("Variables must be a JSON object")
    return value


def _mock(given: Mapping[str, Any]) -> Mock:
    if ("result" in given) == ("errorOutput" in given):
        raise ValidationException(ONE_MOCK)
    mode = given.get("fieldValidationMode", STRICT)
    if "result" in given:
        return Mock(False, _mocked_result(given["result"]), None, None, mode)
    output = given["errorOutput"]
    if "error" not in output:
        raise ValidationException("The field 'error' is required in a mock's errorOutput")
    return Mock(True, None, output["error"], output.get("cause"), mode)


def _mocked_result(text: str) -> Json:
    try:
        return loads(text)
    except JsonTextError:
        raise ValidationException("Mocked result must be valid JSON") from None


def _configuration(given: Mapping[str, Any]) -> Configuration:
    return Configuration(
        given.get("retrierRetryCount", 0),
        given.get("errorCausedByState"),
        given.get("mapIterationFailureCount"),
        given.get("mapItemReaderData"),
    )
