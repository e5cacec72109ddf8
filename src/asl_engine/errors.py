"""The three kinds of failure, never mixed.

The document is wrong: `Diagnostic`s, gathered, carried by `DefinitionError`. The execution fails: `StatesError`, which
Retry and Catch see. We are wrong: any other exception, which escapes. Error names are those of the States language
specification, "Appendix A: Predefined Error Codes", and of the developer guide's page on error handling.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from asl_engine.records import record

ALL = "States.ALL"
BRANCH_FAILED = "States.BranchFailed"
DATA_LIMIT_EXCEEDED = "States.DataLimitExceeded"
EXCEED_TOLERATED_FAILURE_THRESHOLD = "States.ExceedToleratedFailureThreshold"
HEARTBEAT_TIMEOUT = "States.HeartbeatTimeout"
ITEM_READER_FAILED = "States.ItemReaderFailed"
NO_CHOICE_MATCHED = "States.NoChoiceMatched"
PERMISSIONS = "States.Permissions"
QUERY_EVALUATION_ERROR = "States.QueryEvaluationError"
RESULT_WRITER_FAILED = "States.ResultWriterFailed"
RUNTIME = "States.Runtime"
TASK_FAILED = "States.TaskFailed"
TIMEOUT = "States.Timeout"


class AslError(Exception):
    """What every exception of this library derives from."""


class StatesError(AslError):
    """An execution's failure: the error name and the cause text that Retry and Catch see. Either may be None (a Fail
    state may leave both out)."""

    def __init__(self, error: str | None, cause: str | None = None) -> None:
        super().__init__(error, cause)
        self.error = error
        self.cause = cause

    def __str__(self) -> str:
        return ": ".join(part for part in (self.error, self.cause) if part) or "failed without an error name"


class QueryEvaluationError(StatesError):
    """A JSONata expression failed: States.QueryEvaluationError.

    `location` is the field, as in `Output/a[0]`, None where AWS names none. `on_entry` tells a failure of the state's
    entry from one that follows it (recorded).
    """

    def __init__(self, cause: str, location: str | None = None, on_entry: bool = True) -> None:
        super().__init__(QUERY_EVALUATION_ERROR, cause)
        self.location = location
        self.on_entry = on_entry


class JournalError(AslError):
    """An execution cannot be shown as it was, or forked: it has kept no journal, or the past cannot be had again."""


class TaskError(StatesError):
    """Raised by a task's callable to fail with exactly this error name and cause; each a string or None.

    >>> raise TaskError("Card.Declined", "insufficient funds")
    Traceback (most recent call last):
    asl_engine.errors.TaskError: Card.Declined: insufficient funds
    """

    def __init__(self, error: str | None, cause: str | None = None) -> None:
        for name, text in (("error", error), ("cause", cause)):
            if text is not None and not isinstance(text, str):
                raise TypeError(f"TaskError's {name} must be a string or None, not {text!r:.60}")
        super().__init__(error, cause)


class ExecutionFailed(StatesError):
    """Raised by `Execution.raise_for_status()`: the execution ended otherwise than SUCCEEDED."""

    def __init__(self, status: str, error: str | None, cause: str | None) -> None:
        super().__init__(error, cause)
        self.status = status


class InputError(AslError, ValueError):
    """The input of an execution is not JSON that Step Functions would take: says where, which rule, and the value."""


class FailedTest(AslError, AssertionError):
    """Raised while a task is done: what fails is the test, not the execution. It escapes `run`; no Retry, no Catch and
    no history sees it."""


class UnservedTaskError(AslError, LookupError):
    """A Task state's Resource is served by no callable: names the state, the Resource and the nearest keys."""


@record(frozen=True, slots=True)
class Diagnostic:
    """One finding about a definition.

    `code` is stable (AWS's where AWS has one), `severity` is "ERROR", "WARNING" or "INFO", `pointer` is the JSON
    pointer of the place, `message` a sentence with the value, `suggestion` what to do about it. `file`, `line`,
    `column` and `end_column` (from 1, the end exclusive) say where that stands, None where it is not known.
    """

    code: str
    severity: str
    pointer: str
    message: str
    line: int | None = None
    column: int | None = None
    suggestion: str | None = None
    file: str | None = None
    end_column: int | None = None

    def __str__(self) -> str:
        place = self.pointer or "/"
        if self.line is not None:
            place = f"{self.line}:{self.column}: {place}"
        hint = f"; {self.suggestion}" if self.suggestion else ""
        return f"{place}: {self.message}{hint} [{self.code}]"


class DefinitionError(AslError, ValueError):
    """A definition that cannot run. `diagnostics` holds every finding, errors and warnings, in document order."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics: Sequence[Diagnostic] = tuple(diagnostics)
        super().__init__("\n".join(_told(found) for found in self.diagnostics if found.severity == "ERROR"))


def _told(found: Diagnostic) -> str:
    """A finding with the file that it is in: `order.asl.json:3:7: /States/Pay: ...`."""
    if found.file is None:
        return str(found)
    return f"{found.file}:{found}" if found.line is not None else f"{found.file}: {found}"


class ApiError(AslError):
    """What the Step Functions API refuses. The class has AWS's name, `message` AWS's text where that is known."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    @property
    def code(self) -> str:
        """AWS's name of the error."""
        return type(self).__name__


class InvalidToken(ApiError):
    """A task token that no execution can have given out."""


class TaskDoesNotExist(ApiError):
    """A task token of the right form that was never given out here."""


class TaskTimedOut(ApiError):
    """The task of this token is closed: it was answered before, timed out, or ended with its execution."""


class InvalidOutput(ApiError):
    """A task's output that is not JSON, or larger than 256 KiB."""


class InvalidName(ApiError):
    """A name that AWS does not take for an activity."""


class InvalidArn(ApiError):
    """A text that is not the ARN of an activity."""


class ActivityDoesNotExist(ApiError):
    """No activity has this ARN (any more)."""


class ParamValidationError(ApiError):
    """A request that an AWS SDK would not send: a parameter of the wrong type, missing, unknown or too short."""


class ValidationException(ApiError):
    """A request that breaks a rule of the API."""


class InvalidDefinition(ApiError):
    """A definition that cannot be used, in a request that carries one."""


class InvalidExecutionInput(ApiError):
    """An input that is not JSON."""
