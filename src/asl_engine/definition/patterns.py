"""Which integration patterns a service has: developer guide, "Integrating optimized services with Step Functions"; and
how the names of `aws-sdk:SERVICE:ACTION` are written: "Learning to use AWS service SDK integrations".

The rule that keeps it whole: only services of the table are judged. A service that AWS may add tomorrow is taken, and
so is any action, since callables can serve them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from asl_engine.definition.graph import Machine, every_state
from asl_engine.errors import Diagnostic

SYNC, TOKEN = "sync", "waitForTaskToken"
_NONE: frozenset[str] = frozenset()
_JOB, _CALLBACK = frozenset({SYNC}), frozenset({TOKEN})

PATTERNS: dict[str, frozenset[str]] = {
    "apigateway": _CALLBACK,
    "athena": _JOB,
    "batch": _JOB,
    "bedrock": _JOB | _CALLBACK,
    "codebuild": _JOB,
    "databrew": _JOB,
    "dynamodb": _NONE,
    "ecs": _JOB | _CALLBACK,
    "eks": _JOB | _CALLBACK,
    "elasticmapreduce": _JOB,
    "emr-containers": _JOB,
    "emr-serverless": _JOB,
    "events": _CALLBACK,
    "glue": _JOB,
    "http": _NONE,
    "lambda": _CALLBACK,
    "mediaconvert": _JOB,
    "sagemaker": _JOB,
    "sns": _CALLBACK,
    "sqs": _CALLBACK,
    "states": _JOB | _CALLBACK | {f"{SYNC}:2"},
}
"""Optimised service -> the patterns that it has besides Request Response."""

_SDK = re.compile(r"arn:[\w-]+:states:[^:]*:[^:]*:aws-sdk:.*")
_WELL_FORMED = re.compile(r".*:aws-sdk:[a-z0-9]+:[a-z][A-Za-z0-9]*(\.\w+(:\d)?)?")
"""A service in small letters and an action in camelCase; which they are is never judged."""

_PATTERNED = re.compile(r"arn:[\w-]+:states:[^:]*:[^:]*:(?P<service>(aws-sdk:)?[^:.]+):[^:.]+\.(?P<pattern>[\w:]+)")


def patterns_exist(machine: Machine) -> Iterator[Diagnostic]:
    """A Resource asks for no pattern that its service has not, and writes the names of an SDK's action as AWS does."""
    for state in every_state(machine):
        if state.type == "Task" and _is_refused(state.resource or ""):
            message = (
                f"The resource provided {state.resource} is not recognized. The value is not a valid resource ARN, "
                "or the resource is not available in this region."
            )
            yield Diagnostic("SCHEMA_VALIDATION_FAILED", "ERROR", f"{state.pointer}/Resource", message)


def _is_refused(resource: str) -> bool:
    if _SDK.fullmatch(resource) and not _WELL_FORMED.fullmatch(resource):
        return True
    form = _PATTERNED.fullmatch(resource)
    if form is None:
        return False
    known = _CALLBACK if form["service"].startswith("aws-sdk:") else PATTERNS.get(form["service"])
    return known is not None and form["pattern"] not in known
