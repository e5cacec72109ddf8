"""Handlers: how a callable that serves a task is called, and what its result or its exception means.

A handler is called as `f(payload)` or, if it takes two positional arguments, `f(payload, context)`. The payload is its
own to change. What it returns must be a JSON value; what it raises becomes the error that Lambda reports.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any, TypeAlias

from asl_engine.drivers.clock import Clock
from asl_engine.errors import FailedTest, StatesError
from asl_engine.execution.commands import InvokeTask
from asl_engine.execution.replies import Reply, TaskFailed, TaskHeartbeat, TaskSubmitted, TaskSucceeded
from asl_engine.jsonvalue import Json, JsonValueError, adopt, copy, dumps

Handler: TypeAlias = Callable[..., Any]

CO_VARARGS, CO_COROUTINE = 0x04, 0x80
"""Flags of code objects, as `inspect` names them; importing it costs more than the whole of a small run."""


class IntegrationResult:
    """Returned by a handler: the whole result of a service integration, to be taken as it is.

    Without it, what a handler returns for `lambda:invoke` is the function's own answer and goes into `Payload`.
    """

    def __init__(self, output: Json) -> None:
        self.output = output


class Pending:
    """The type of `PENDING`; it is a handler too, one that does nothing and leaves every task open."""

    __slots__ = ()
    __name__ = "PENDING"

    def __reduce__(self) -> str:
        return "PENDING"

    def __call__(self, payload: Json) -> Pending:
        """Leaves the task open."""
        return self

    def __repr__(self) -> str:
        return "PENDING"


PENDING = Pending()
"""Returned by a handler: the task stays open until its token is answered from outside. In a table of tasks: no handler
at all, each task waits for its answer."""


class Worker:
    """A callable that serves an activity under a worker's name, which the event ActivityStarted shows.

    It stands in a table of tasks in place of the callable itself, and is it for tasks of any other kind.
    """

    def __init__(self, handler: Handler, name: str) -> None:
        self.handler = handler
        self.name = name

    def __call__(self, payload: Json, context: TaskContext) -> Any:
        """Calls the handler."""
        return self.handler(payload, context) if takes_context(self.handler) else self.handler(payload)


class Planned:
    """A handler whose answer is chosen when its call is laid out: in the driver's own thread, and in the order in which
    tasks are asked for. `plan` gives the callable `(payload, context)` that then does the task, on whatever worker."""

    def __init__(self, plan: Callable[[InvokeTask], Handler]) -> None:
        self.plan = plan

    def __call__(self, payload: Json, context: TaskContext) -> Any:
        """Plans and does the task in one go."""
        return self.plan(context.task)(payload, context)


class TaskContext:
    """What a handler may know and do about its call, named as Lambda's context object names it where Lambda has it.

    `state_name`, `resource`, `attempt` (from 1, within this state visit), `scope` (the iterations and branches around
    it, outermost first), `task_token` (None where the Resource has none), `function_name` (None where it is none),
    `cancelled` (whether anybody still waits for the result; it changes only where tasks run at once).
    """

    cancelled = False

    def __init__(
        self, task: InvokeTask, function_name: str | None, new_request_id: Callable[[], str], clock: Clock, now: int
    ) -> None:
        self.task = task
        self.state_name = task.state_name
        self.resource = task.resource.text
        self.pattern = task.resource.pattern
        self.attempt = task.attempt
        self.scope = task.scope
        self.task_token = task.task_token
        self.credentials = copy(task.credentials)
        self.function_name = function_name
        self._new_request_id = new_request_id
        self._request_id: str | None = None
        self.ticket = task.ticket
        self.deadline = task.deadline
        self._clock = clock
        self._now = self.started = now
        self.replies: list[tuple[int, Reply]] = []

    @property
    def aws_request_id(self) -> str:
        """The id of this call."""
        if self._request_id is None:
            self._request_id = self._new_request_id()
        return self._request_id

    @property
    def now(self) -> int:
        """The task's own time, in milliseconds since the epoch."""
        return max(self._now, self._clock.now())

    def sleep(self, seconds: float) -> None:
        """Lets time pass for this task: on a virtual clock it costs nothing, and others go on meanwhile."""
        self._now = self.now + round(seconds * 1000)

    def heartbeat(self) -> None:
        """Says that the task is alive (HeartbeatSeconds starts anew)."""
        self.replies.append((self.now, TaskHeartbeat(self.ticket)))

    def submitted(self, response: Json) -> None:
        """The service's response to a `.sync` or `.waitForTaskToken` request, for its TaskSubmitted event."""
        self.replies.append((self.now, TaskSubmitted(self.ticket, adopt(response)[0])))

    def cancel(self) -> None:
        """Says that nobody waits for the result any more. For drivers."""
        self.cancelled = True

    def get_remaining_time_in_millis(self) -> int:
        """Until the task is timed out; the default time-out is 99,999,999 seconds."""
        return 99_999_999_000 if self.deadline is None else max(0, self.deadline - self.now)


def takes_context(handler: Handler, *, awaited: bool = False) -> bool:
    """Whether a handler wants the context: a second positional parameter that it needs or that is named `context`.

    (`lambda payload, key=key: ...` binds a name early and wants none.) Raises TypeError for a coroutine function unless
    it will be `awaited`.
    """
    if type(handler) is Planned:
        return True
    if type(handler) is not FunctionType or hasattr(handler, "__wrapped__"):
        return _signature_takes_context(handler, awaited)
    code = handler.__code__
    if code.co_flags & CO_COROUTINE and not awaited:
        raise _coroutine(handler)
    count, required = code.co_argcount, code.co_argcount - len(handler.__defaults__ or ())
    return bool(code.co_flags & CO_VARARGS) or required > 1 or (count > 1 and code.co_varnames[1] == "context")


def _signature_takes_context(handler: Handler, awaited: bool) -> bool:
    """The same for methods, callable objects and decorated functions."""
    import inspect

    if not awaited and is_coroutine(handler):
        raise _coroutine(handler)
    try:
        parameters = list(inspect.signature(handler).parameters.values())
    except (TypeError, ValueError):
        return False
    if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters):
        return True
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return len(positional) > 1 and (positional[1].default is inspect.Parameter.empty or positional[1].name == "context")


def is_coroutine(handler: Handler) -> bool:
    """Whether a handler is a coroutine function."""
    import inspect

    return inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(type(handler).__call__)


def _coroutine(handler: Handler) -> TypeError:
    return TypeError(f"the handler {handler!r} is a coroutine function, which `arun` awaits and `run` does not")


def call(
    handler: Handler,
    arguments: tuple[Any, ...],
    ticket: int,
    wrap: Callable[[Json], Json] | None,
    request_id: Callable[[], str],
) -> Reply | None:
    """Calls a handler; the reply that its result or exception makes, None where it leaves the task open. `wrap` puts a
    plain result in its envelope."""
    try:
        result = handler(*arguments)
    except FailedTest:
        raise
    except Exception as error:  # a user's handler: whatever it raises is the task's failure
        return failure(error, ticket, request_id)
    return reply_to(result, ticket, wrap, request_id)


def failure(error: Exception, ticket: int, request_id: Callable[[], str]) -> TaskFailed:
    """The reply that a handler's exception makes."""
    if isinstance(error, StatesError):
        return TaskFailed(ticket, _printable(error.error), _printable(error.cause))
    return TaskFailed(ticket, type(error).__name__, lambda_cause(error, request_id()))


def reply_to(
    result: Any, ticket: int, wrap: Callable[[Json], Json] | None, request_id: Callable[[], str]
) -> Reply | None:
    """The reply that a handler's result makes."""
    if result is PENDING:
        return None
    if isinstance(result, IntegrationResult):
        result, wrap = result.output, None
    try:
        output, size = adopt(result if wrap is None else wrap(result))
    except JsonValueError as error:
        return TaskFailed(ticket, "Runtime.MarshalError", _marshal_cause(error, request_id()))
    return TaskSucceeded(ticket, output, size)


def lambda_cause(error: BaseException, request_id: str) -> str:
    """The Cause that Lambda's Python runtime reports: JSON with message, type, request id and stack."""
    import traceback

    frames = traceback.extract_tb(error.__traceback__)[1:]
    report = {
        "errorMessage": _message(error),
        "errorType": type(error).__name__,
        "requestId": request_id,
        "stackTrace": traceback.format_list(frames),
    }
    return str(_printable(dumps(report)))


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as second:  # a user's exception whose own __str__ fails
        return f"<no message: __str__ raised {type(second).__name__}>"


def _printable(text: str | None) -> str | None:
    """The text with lone surrogates, which no JSON text may hold, replaced."""
    return None if text is None else text.encode("utf-8", "replace").decode()


def _marshal_cause(error: JsonValueError, request_id: str) -> str:
    message = f"Unable to marshal response: {error}"
    return dumps(
        {"errorMessage": message, "errorType": "Runtime.MarshalError", "requestId": request_id, "stackTrace": []}
    )
