"""What a mocked task answers: one class an answer, and the sequences that are made of them.

The one rule: an answer says what happens to one call, `times` how many calls one after the other it serves; nothing
here counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from inspect import signature
from typing import Any, Protocol, TypeAlias

from asl_engine.drivers.handlers import PENDING, IntegrationResult, TaskContext, takes_context
from asl_engine.errors import TIMEOUT, TaskError
from asl_engine.jsonvalue import Json, JsonValueError, adopt
from asl_engine.records import record
from asl_engine.testing.matching import shown

ALWAYS = float("inf")
"""As `times=`: this answer is given to every call from here on."""

Times: TypeAlias = float
"""A whole number of calls, 1 or more, or ALWAYS."""


class Answer(Protocol):
    """What happens to a call. `times`: how many calls it serves; `after`: how many seconds it takes."""

    @property
    def times(self) -> Times: ...
    @property
    def after(self) -> float: ...

    def give(self, payload: Json, context: TaskContext) -> Any:
        """What a handler would return or raise."""


def _check(answer: Answer) -> None:
    times, after = answer.times, answer.after
    if isinstance(times, bool) or not (times == ALWAYS or (isinstance(times, int) and times >= 1)):
        raise ValueError(f"times must be a whole number of calls, 1 or more, or ALWAYS, not {times!r}")
    if isinstance(after, bool) or not isinstance(after, (int, float)) or not 0 <= after < ALWAYS:
        raise ValueError(f"after must be a number of seconds, 0 or more, not {after!r}; times_out() never answers")


@record(frozen=True)
class Returns:
    """The task's raw result, as the service gives it: for `lambda:invoke` the whole response, with its `Payload`; for a
    Lambda function called by its ARN what the function returns."""

    value: Json
    times: Times = 1
    after: float = 0

    def __post_init__(self) -> None:
        _check(self)
        _check_json(self.value)

    def give(self, payload: Json, context: TaskContext) -> Any:
        """The result, taken as it is."""
        return IntegrationResult(self.value)


@record(frozen=True)
class ReturnsPayload:
    """What a Lambda function returns: for `lambda:invoke` it is put into `Payload`, with what AWS adds around it."""

    value: Json
    times: Times = 1
    after: float = 0

    def __post_init__(self) -> None:
        _check(self)
        _check_json(self.value)

    def give(self, payload: Json, context: TaskContext) -> Any:
        """The function's answer."""
        return self.value


def _check_json(value: Any) -> None:
    try:
        adopt(value)
    except JsonValueError as error:
        raise ValueError(f"what a mock returns must be a JSON value: {error}") from None


@record(frozen=True)
class Raises:
    """A failure: an error name and a cause, or an exception as a Python function in Lambda would raise it."""

    error: str | Exception | None
    cause: str | None = None
    times: Times = 1
    after: float = 0

    def __post_init__(self) -> None:
        _check(self)
        if not isinstance(self.error, Exception):
            TaskError(self.error, self.cause)  # says what may stand there
        elif self.cause is not None:
            raise ValueError(f"{self.error!r} brings its own cause; leave out cause={self.cause!r}")

    def give(self, payload: Json, context: TaskContext) -> Any:
        """Raises it."""
        if isinstance(self.error, Exception):
            raise self.error.with_traceback(None)
        raise TaskError(self.error, self.cause)


@record(frozen=True)
class Calls:
    """What a function gives, called as a task's callable is: `f(payload)` or `f(payload, context)`."""

    function: Callable[..., Any]
    times: Times = ALWAYS
    after: float = 0

    def __post_init__(self) -> None:
        _check(self)
        if not callable(self.function):
            raise TypeError(f"a mock calls a callable, not {self.function!r:.60}")
        _check_callable_as_task(self.function)

    def give(self, payload: Json, context: TaskContext) -> Any:
        """Calls it; a coroutine function gives its coroutine."""
        if takes_context(self.function, awaited=True):
            return self.function(payload, context)
        return self.function(payload)


def _check_callable_as_task(function: Callable[..., Any]) -> None:
    """A function that cannot be called as a task's callable is a mistake of the test, which no Catch may swallow."""
    try:
        accepted = signature(function)
    except (TypeError, ValueError):
        return  # a builtin that does not say what it takes
    given = (None, None) if takes_context(function, awaited=True) else (None,)
    try:
        accepted.bind(*given)
    except TypeError as error:
        said = f"a mock calls f(payload) or f(payload, context), and {function!r:.80} cannot be called so: {error}"
        raise TypeError(said) from None


@record(frozen=True)
class LeavesOpen:
    """Nothing: the task stays open until its token is answered from outside."""

    times: Times = 1
    after: float = 0

    def __post_init__(self) -> None:
        _check(self)

    def give(self, payload: Json, context: TaskContext) -> Any:
        """Leaves it open."""
        return PENDING


@record(frozen=True)
class TimesOut:
    """Nothing, and no heartbeat, until HeartbeatSeconds or TimeoutSeconds is over; AWS's own bound is 99,999,999 s."""

    times: Times = 1
    after: float = 0

    def __post_init__(self) -> None:
        _check(self)

    def give(self, payload: Json, context: TaskContext) -> Any:
        """Sleeps for longer than the task may take."""
        context.sleep(context.get_remaining_time_in_millis() / 1000 + 1)
        raise TaskError(TIMEOUT, "")


ANSWERS = (Returns, ReturnsPayload, Raises, Calls, LeavesOpen, TimesOut)
Answerable: TypeAlias = "Answer | Callable[..., Any] | Exception | Iterable[Answer | Callable[..., Any] | Exception]"
"""What may stand for answers in a table of mocks: an answer, a callable, an exception to raise, or several of them."""


def answers_of(given: Answerable, name: str) -> tuple[Answer, ...]:
    """The answers that an entry of a table stands for. Raises TypeError and ValueError."""
    entries = given if isinstance(given, (list, tuple)) else [given]
    answers = tuple(_answer(entry, name) for entry in entries)
    if not answers:
        raise ValueError(f"the mock {name!r} has no answers")
    check_order(answers)
    return answers


def _answer(entry: Any, name: str) -> Answer:
    if isinstance(entry, ANSWERS):
        return entry
    if isinstance(entry, Exception):
        return Raises(entry)
    if callable(entry) and not isinstance(entry, type):
        return Calls(entry)
    raise TypeError(
        f"the mock {name!r} cannot answer with {entry!r:.60}: say Returns(...) for a result, Raises(...) for an error,"
        " or give a callable"
    )


def check_order(answers: Sequence[Answer]) -> None:
    """An answer for every call must be the last. Raises ValueError."""
    for answer in answers[:-1]:
        if answer.times == ALWAYS:
            raise ValueError(f"{answer!r:.80} answers every call, so that nothing after it is ever given: say times=")


def answer_of_call(answers: Sequence[Answer], number: int) -> Answer | None:
    """The answer to call `number` (from 0), None past the end."""
    left: float = number
    for answer in answers:
        if left < answer.times:
            return answer
        left -= answer.times
    return None


def number_of(answers: Sequence[Answer]) -> Times:
    """How many calls they serve."""
    return sum(answer.times for answer in answers)


def outline(answer: Answer) -> str:
    """An answer in a few words."""
    if isinstance(answer, Returns):
        return f"returns {shown(answer.value, 60)}"
    return repr(answer)
