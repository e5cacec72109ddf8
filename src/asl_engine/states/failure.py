"""A failure on its way through Retry and Catch, and the rule by which `ErrorEquals` matches it.

Specification "Errors", developer guide "Handling errors in Step Functions workflows":
- States.ALL matches every error but States.Runtime, and but States.DataLimitExceeded where a state's own payload grew
  too large. (Recorded: a *task result* that is too large is caught by States.ALL.)
- States.TaskFailed matches every error but States.Timeout and those that States.ALL does not match.
- States.Runtime is never retried and never caught.
- A missed heartbeat is reported as States.Timeout; it also answers to States.HeartbeatTimeout.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from asl_engine.definition.described import described
from asl_engine.definition.fields import Place, show
from asl_engine.errors import ALL, HEARTBEAT_TIMEOUT, RUNTIME, TASK_FAILED, TIMEOUT
from asl_engine.jsonvalue import Json
from asl_engine.records import record


@record(frozen=True, slots=True)
class Failure:
    """What failed a state: error name and cause as reported, and how matchers may take it."""

    error: str | None
    cause: str | None
    heartbeat: bool = False
    by_name_only: bool = False

    def output(self) -> dict[str, Json]:
        """The Error Output that a Catch hands on."""
        return {"Error": self.error, "Cause": self.cause}


Matcher = Callable[[Failure], bool]


def compile_matcher(error_equals: Sequence[str]) -> Matcher:
    """The test whether a failure is one of those that `ErrorEquals` names."""
    names = frozenset(error_equals)
    every, task_failed, heartbeat = ALL in names, TASK_FAILED in names, HEARTBEAT_TIMEOUT in names

    def matches(failure: Failure) -> bool:
        if failure.error == RUNTIME:
            return False
        if failure.error in names or (failure.heartbeat and heartbeat):
            return True
        if failure.by_name_only:
            return False
        return every or (task_failed and failure.error != TIMEOUT)

    return matches


_NAME = {"type": "string", "minLength": 1, "examples": [ALL, TASK_FAILED, TIMEOUT, HEARTBEAT_TIMEOUT]}
_ALONE = {"if": {"contains": {"const": ALL}}, "then": {"maxItems": 1}}


@described({"type": "array", "minItems": 1, "items": _NAME, **_ALONE}, "ErrorEquals")
def error_equals(value: Json, place: Place) -> tuple[str, ...]:
    """Reads ErrorEquals: names of errors; States.ALL stands alone."""
    if not isinstance(value, list) or not value:
        place.error(f"must be an array with at least one error name, not {show(value)}")
        return ()
    for index, name in enumerate(value):
        if not isinstance(name, str) or not name:
            place.at(index).error(f"must be an error name, not {show(name)}")
    if ALL in value and len(value) > 1:
        place.error(f"'{ALL}' must stand alone, not beside {show([name for name in value if name != ALL])}")
    return tuple(name for name in value if isinstance(name, str))


def check_all_is_last(value: Json, place: Place) -> None:
    """Tells where a retrier or catcher for States.ALL is not the last of its list."""
    if isinstance(value, list):
        for index, item in enumerate(value[:-1]):
            if isinstance(item, dict) and item.get("ErrorEquals") == [ALL]:
                place.at(index).at("ErrorEquals").error(f"'{ALL}' is only allowed in the last item")
