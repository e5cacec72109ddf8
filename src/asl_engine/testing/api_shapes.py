"""Mocked results against the API that they stand for: botocore's model of the service says what may be there.

Developer guide, "Testing state machines with TestState API", "Mock validation modes". Messages as recorded. The rule
that keeps it whole: only what the model defines is judged; a field that it does not know is never a fault. Without
botocore nothing is judged. A `.sync` task is judged by the call that asks for the job's end.

A mock may stand for two things: for the task's result, in which the integration has parsed what the service gives as
text; or for the service's answer itself, which is what TestState takes (AWS's own guidance: "the mock schema expects
`Payload` as a string"; likewise `Output` and the dates of DescribeExecution, boto3 issue 4683).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from asl_engine.integrations.services.names import optimised_member, sdk_member
from asl_engine.jsonvalue import Json

STRICT, PRESENT, NONE = "STRICT", "PRESENT", "NONE"
MODES = (STRICT, PRESENT, NONE)

_SDK = "aws-sdk:"
_UNCHECKED = frozenset({"http", "apigateway"})
"""Services whose results are not validated; EKS's call and runJob are no actions of its API."""

_BOTO3 = {"elasticmapreduce": "emr", "bedrock": "bedrock-runtime"}
"""Services of optimised integrations whose name in boto3 cannot be told from their own."""

_POLLED = {
    "states:startExecution": ("stepfunctions", "DescribeExecution", ()),
    "elasticmapreduce:createCluster": ("emr", "DescribeCluster", ()),
    "elasticmapreduce:terminateCluster": ("emr", "DescribeCluster", ()),
    "eks:createCluster": ("eks", "DescribeCluster", ()),
    "eks:createNodegroup": ("eks", "DescribeNodegroup", ()),
    "eks:createFargateProfile": ("eks", "DescribeFargateProfile", ()),
    "emr-containers:startJobRun": ("emr-containers", "DescribeJobRun", ()),
    "emr-serverless:startJobRun": ("emr-serverless", "GetJobRun", ()),
    "codebuild:startBuildBatch": ("codebuild", "BatchGetBuildBatches", ()),
    "bedrock:createModelCustomizationJob": ("bedrock", "GetModelCustomizationJob", ()),
}
"""What a `.sync` task asks for, of jobs that this package does not run itself."""


class Api(NamedTuple):
    """An action of a service as botocore names them; `found` leads to the task's result in the answer; `parsed` are the
    members that the integration turns from text into any JSON value."""

    service: str
    operation: str
    found: tuple[str | int, ...] = ()
    parsed: frozenset[str] = frozenset()


def shape_faults(
    service: str, action: str, value: Json, mode: str = STRICT, *, pattern: str = "", answer: bool = False
) -> list[str]:
    """What is wrong with a mocked result, in AWS's words, the first fault first; nothing where nothing is known.

    `service` and `action` as a Resource has them (`lambda`, `invoke`; `aws-sdk:s3`, `getObject`), with its `pattern`
    ("", `.sync`, `.sync:2`, `.waitForTaskToken`). `mode`: STRICT, PRESENT (required members may be missing) or NONE.
    With `answer`, the value is the service's answer, as TestState takes it: `Payload` of a function and `Output` of an
    execution are texts, dates too. Otherwise it is the task's result, where they may be what the state gets.
    """
    if mode not in MODES:
        raise ValueError(f"mode must be {', '.join(MODES)}, not {mode!r}")
    api = None if mode == NONE else api_of(service, action, pattern)
    shape = output_shape(api.service, api.operation) if api else None
    if api is None or shape is None:
        return []
    for step in () if answer else api.found:
        shape = shape.member if isinstance(step, int) else _member(shape, step, optimised_member)
        if shape is None:
            return []
    written = sdk_member if service.startswith(_SDK) else optimised_member
    parsed, date = (frozenset[str](), _TEXT) if answer else (api.parsed, _DATE)
    return list(_faults(value, shape, None, Rules(mode == STRICT, parsed, date, written)))


def api_of(service: str, action: str, pattern: str = "") -> Api | None:
    """The API call whose answer is a task's result; None where the result may be anything."""
    if service in _UNCHECKED or pattern == ".waitForTaskToken":
        return None
    if service.startswith(_SDK):
        return Api(service.removeprefix(_SDK), action)
    if pattern:
        return _polled(f"{service}:{action}", pattern)
    parsed = frozenset({"Payload"}) if (service, action) == ("lambda", "invoke") else frozenset()
    return Api(_BOTO3.get(service, service), action, (), parsed)


def _polled(name: str, pattern: str) -> Api | None:
    from asl_engine.integrations.services.jobs import JOBS

    if name in _POLLED:
        parsed = frozenset({"Input", "Output"}) if pattern == ".sync:2" else frozenset()
        return Api(*_POLLED[name], parsed)
    job = JOBS.get(name)
    return Api(job.boto3, job.describe, job.found) if job else None


@lru_cache(maxsize=256)
def output_shape(service: str, operation: str) -> Any:
    """botocore's shape of an operation's answer; None where botocore does not know it, or is not installed."""
    try:
        from botocore.session import Session
    except ImportError:
        return None
    from asl_engine.integrations.services.names import boto3_name

    session = Session()
    name = boto3_name(service, session.get_available_services())
    if name is None:
        return None
    model = session.get_service_model(name)
    known = next((each for each in model.operation_names if each.lower() == operation.lower()), None)
    return model.operation_model(known).output_shape if known else None


# --- a value and a shape ----------------------------------------------------------------------------------------------


class Rules(NamedTuple):
    """How strictly a value is judged: whether required members must be there, which members may be anything, what a
    date may be, and how members are written."""

    strict: bool
    parsed: frozenset[str]
    date: Kind
    written: Callable[[str], str]


def _faults(value: Json, shape: Any, name: str | None, rules: Rules) -> Iterator[str]:
    """What is wrong with a value; `name` is the member that holds it."""
    if getattr(shape, "is_document_type", False) or value is None:
        return
    kind = rules.date if shape.type_name == "timestamp" else _KINDS.get(shape.type_name)
    if kind is None:
        return
    field = "Mock result" if name is None else f"Field '{name}'"
    if isinstance(value, bool) != (bool in kind.types) or not isinstance(value, kind.types):
        yield f"{field} must be {kind.told}"
        return
    yield from (f"{field} {fault}" for fault in kind.limits(value, shape))
    yield from _inner_faults(value, shape, name, rules)


def _inner_faults(value: Json, shape: Any, name: str | None, rules: Rules) -> Iterator[str]:
    if shape.type_name == "structure":
        yield from _member_faults(value, shape, rules)
    elif shape.type_name == "list":
        for each in value:
            yield from _faults(each, shape.member, name, rules)
    elif shape.type_name == "map":
        for each in value.values():
            yield from _faults(each, shape.value, name, rules)


def _member_faults(value: dict[str, Json], shape: Any, rules: Rules) -> Iterator[str]:
    if rules.strict:
        for required in map(rules.written, shape.required_members):
            if required not in value:
                yield f"Required field '{required}' is missing"
    for name, held in value.items():
        member = None if name in rules.parsed else _member(shape, name, rules.written)
        if member is not None:
            yield from _faults(held, member, name, rules)


def _member(shape: Any, name: str, written: Callable[[str], str]) -> Any:
    """The member of a structure under the name that Resources give it; None where there is none."""
    return next((held for member, held in shape.members.items() if written(member) == name), None)


Limits = Callable[[Any, Any], Iterator[str]]


def _range(value: float, shape: Any) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and value < least:
        yield "is less than the minimum value"
    if most is not None and value > most:
        yield "exceeds the maximum value"


def _length(value: str | list[Json] | dict[str, Json], shape: Any) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and len(value) < least:
        yield "is smaller than the minimum length"
    if most is not None and len(value) > most:
        yield "exceeds the maximum length"


def _text(value: str, shape: Any) -> Iterator[str]:
    allowed = shape.metadata.get("enum")
    if allowed and value not in allowed:
        yield "is not an expected value"
    else:
        yield from _length(value, shape)


def _nothing(value: Json, shape: Any) -> Iterator[str]:
    return iter(())


class Kind(NamedTuple):
    """What a JSON value of a kind of shape is, how AWS says so, and the limits that the shape may set."""

    types: tuple[type, ...]
    told: str
    limits: Limits


_NUMBER = Kind((int, float), "a number", _range)
_TEXT = Kind((str,), "a string", _text)
_DATE = Kind((str, int, float), "a string", _nothing)
_KINDS = {
    "structure": Kind((dict,), "an object", _nothing),
    "map": Kind((dict,), "an object", _length),
    "list": Kind((list,), "an array", _length),
    "string": _TEXT,
    "character": _TEXT,
    "blob": Kind((str,), "a string", _length),
    "boolean": Kind((bool,), "a boolean", _nothing),
    **dict.fromkeys(("integer", "long", "float", "double"), _NUMBER),
}
