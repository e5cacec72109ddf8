"""One mock: its answers, which may depend on the input, and what it was asked.

The one rule: what is said here is said before a run and read after it; in between, `mocks` counts and notes the calls.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from asl_engine.drivers.handlers import PENDING, IntegrationResult
from asl_engine.errors import FailedTest, StatesError
from asl_engine.execution.checks import same
from asl_engine.execution.commands import InvokeTask
from asl_engine.integrations.lambda_ import handler_payload
from asl_engine.jsonvalue import Json, copy
from asl_engine.testing.answers import (
    ALWAYS,
    Answer,
    Calls,
    LeavesOpen,
    Raises,
    Returns,
    ReturnsPayload,
    Times,
    TimesOut,
    answers_of,
    check_order,
)
from asl_engine.testing.contracts import Contract
from asl_engine.testing.matching import Matcher, differences, is_said_again, shown


class MockError(FailedTest):
    """A mock that cannot be right: it names no task, has no answer to a call, or answers what the service would not."""


class Call:
    """One call of a mock.

    `input` is what a callable in its place would have got (for `lambda:invoke` the `Payload`), `parameters` the task's
    whole input. `number` counts the mock's calls in this run from 0, as mock files do; `attempt` counts from 1 in each
    visit of the state; `scope` names the iterations and branches around it. `outcome` is "running", "returned",
    "raised" or "left open", with `result`, or `error` and `cause`.
    """

    def __init__(self, task: InvokeTask, number: int) -> None:
        self.state_name = task.state_name
        self.resource = task.resource.text
        self.parameters: Json = copy(task.payload)
        invokes = task.resource.is_lambda_invoke
        self.input: Json = handler_payload(self.parameters) if invokes else self.parameters
        self._has_envelope = invokes and not task.resource.awaits_token
        self.number = number
        self.attempt = task.attempt
        self.scope = task.scope
        self.outcome = "running"
        self.result: Json = None
        self.error: str | None = None
        self.cause: str | None = None

    def returned(self, result: Any) -> None:
        """Notes how it ended."""
        self.outcome = "left open" if result is PENDING else "returned"
        if result is not PENDING:
            self.result = result.output if isinstance(result, IntegrationResult) else result

    def answer_of_function(self, is_raw: bool) -> Json:
        """What the function would have returned: of a raw result of `lambda:invoke` its Payload."""
        if is_raw and self._has_envelope:
            return self.result.get("Payload") if isinstance(self.result, dict) else None
        return self.result

    def raised(self, error: Exception) -> None:
        """Notes how it failed."""
        self.outcome = "raised"
        states_error = error if isinstance(error, StatesError) else StatesError(type(error).__name__, str(error))
        self.error, self.cause = states_error.error, states_error.cause

    def __repr__(self) -> str:
        return f"<Call {self.number} of {self.state_name!r} with {shown(self.input, 80)}: {self.outcome}>"


class Answers:
    """The answers of a mock to one kind of input, one after the other.

    `returns`, `raises` and their like set them anew; each with `then_` before it adds one more. All give the same
    object back, so that they can be chained.
    """

    def __init__(self, mock: Mock) -> None:
        self._mock = mock
        self.given: tuple[Answer, ...] = ()

    def answers(self, *answers: Answer | Callable[..., Any] | Exception) -> Answers:
        """Sets all answers at once."""
        self.given = answers_of(answers, self._mock.name)
        return self

    def then(self, *answers: Answer | Callable[..., Any] | Exception) -> Answers:
        """Adds answers."""
        given = (*self.given, *answers_of(answers, self._mock.name))
        check_order(given)
        self.given = given
        return self

    def returns(self, value: Json, *, times: Times = 1, after: float = 0) -> Answers:
        """The task's raw result is `value`."""
        return self.answers(Returns(value, times, after))

    def then_returns(self, value: Json, *, times: Times = 1, after: float = 0) -> Answers:
        """And then it is `value`."""
        return self.then(Returns(value, times, after))

    def returns_payload(self, value: Json, *, times: Times = 1, after: float = 0) -> Answers:
        """The Lambda function returns `value`."""
        return self.answers(ReturnsPayload(value, times, after))

    def then_returns_payload(self, value: Json, *, times: Times = 1, after: float = 0) -> Answers:
        """And then it returns `value`."""
        return self.then(ReturnsPayload(value, times, after))

    def raises(
        self, error: str | Exception, cause: str | None = None, *, times: Times = 1, after: float = 0
    ) -> Answers:
        """The task fails."""
        return self.answers(Raises(error, cause, times, after))

    def then_raises(
        self, error: str | Exception, cause: str | None = None, *, times: Times = 1, after: float = 0
    ) -> Answers:
        """And then it fails."""
        return self.then(Raises(error, cause, times, after))

    def calls(self, function: Callable[..., Any], *, times: Times = ALWAYS, after: float = 0) -> Answers:
        """The task does what `function` does, called as any callable of a task."""
        return self.answers(Calls(function, times, after))

    def then_calls(self, function: Callable[..., Any], *, times: Times = ALWAYS, after: float = 0) -> Answers:
        """And then it does what `function` does."""
        return self.then(Calls(function, times, after))

    def leaves_open(self, *, times: Times = 1) -> Answers:
        """The task waits for its token."""
        return self.answers(LeavesOpen(times))

    def then_leaves_open(self, *, times: Times = 1) -> Answers:
        """And then it waits for its token."""
        return self.then(LeavesOpen(times))

    def times_out(self, *, times: Times = 1) -> Answers:
        """The task is silent until it is timed out."""
        return self.answers(TimesOut(times))

    def then_times_out(self, *, times: Times = 1) -> Answers:
        """And then it is silent until it is timed out."""
        return self.then(TimesOut(times))

    def when(self, matcher: Matcher) -> Answers:
        """The answers to inputs of which the matcher is a part, or of which it, a callable, says so."""
        return self._mock.when(matcher)

    @property
    def otherwise(self) -> Answers:
        """The answers to all other inputs."""
        return self._mock.otherwise

    def __repr__(self) -> str:
        return f"<Answers of {self._mock.name!r}: {len(self.given)}>"


class Mock:
    """One mock: what it was asked. `name` is the state's name, the Resource or the function that it stands for.

    `calls` holds every call since it was made, of all runs, in the order in which the tasks were asked for. The
    assertions have the names and the meaning of those of `unittest.mock`; where these take arguments, here stands the
    task's input.
    """

    def __init__(self, name: str, told: str | None = None) -> None:
        self.name = name
        self.told = told or f"the mock {name!r}"
        self.calls: list[Call] = []
        self.otherwise = Answers(self)
        self.rules: list[tuple[Matcher, Answers]] = []
        self.contract: Contract | None = None

    @property
    def every_answer(self) -> list[Answer]:
        """All its answers, whatever the input."""
        those = [*(answers for _, answers in self.rules), self.otherwise]
        return [answer for answers in those for answer in answers.given]

    def when(self, matcher: Matcher) -> Answers:
        """The answers to inputs that match; the first matcher that does decides. Said again, they begin anew."""
        for known, answers in self.rules:
            if is_said_again(known, matcher):
                return answers
        self.rules.append((matcher, Answers(self)))
        return self.rules[-1][1]

    # --- what it was asked --------------------------------------------------------------------------------------------

    @property
    def inputs(self) -> list[Json]:
        """The inputs of its calls."""
        return [call.input for call in self.calls]

    @property
    def called(self) -> bool:
        """Whether it was called."""
        return bool(self.calls)

    @property
    def call_count(self) -> int:
        """How often it was called."""
        return len(self.calls)

    @property
    def last_call(self) -> Call:
        """Its last call. Raises AssertionError where there was none."""
        self.assert_called()
        return self.calls[-1]

    def reset_calls(self) -> None:
        """Forgets its calls; the answers stay."""
        self.calls.clear()

    def assert_called(self) -> None:
        """It was called."""
        __tracebackhide__ = True
        self._assert(self.called, "to have been called")

    def assert_not_called(self) -> None:
        """It was never called."""
        __tracebackhide__ = True
        self._assert(not self.calls, "not to have been called")

    def assert_called_times(self, count: int) -> None:
        """It was called so often."""
        __tracebackhide__ = True
        self._assert(self.call_count == count, f"to have been called {_times(count)}")

    def assert_called_once(self) -> None:
        """It was called exactly once."""
        __tracebackhide__ = True
        self.assert_called_times(1)

    def assert_called_with(self, input: Any) -> None:
        """Its last call had this input."""
        __tracebackhide__ = True
        self.assert_called()
        found = list(differences(self.calls[-1].input, input))
        where = "".join(f"\n  {sentence}" for sentence in found)
        self._assert(not found, f"to have been called last with {shown(input)}:{where}")

    def assert_called_once_with(self, input: Any) -> None:
        """It was called exactly once, with this input."""
        __tracebackhide__ = True
        self.assert_called_once()
        self.assert_called_with(input)

    def assert_any_call(self, input: Any) -> None:
        """One of its calls had this input."""
        __tracebackhide__ = True
        self._assert(any(same(given, input) for given in self.inputs), f"to have been called with {shown(input)}")

    def assert_has_calls(self, inputs: Sequence[Any], *, any_order: bool = False) -> None:
        """Its calls had these inputs: one after the other without another between them, or in any order."""
        __tracebackhide__ = True
        order = "in any order" if any_order else "one after the other"
        held = _in_any_order(self.inputs, inputs) if any_order else _in_a_row(self.inputs, inputs)
        self._assert(held, f"to have been called with {shown(list(inputs))}, {order}")

    def _assert(self, holds: bool, expected: str) -> None:
        __tracebackhide__ = True
        if not holds:
            calls = "".join(f"\n  {call!r}" for call in self.calls)
            raise AssertionError(f"expected {self.told} {expected}\nit was called {_times(self.call_count)}{calls}")

    def __repr__(self) -> str:
        return f"<Mock {self.name!r}, called {_times(self.call_count)}>"


def _times(count: int) -> str:
    return {0: "never", 1: "once"}.get(count, f"{count} times")


def _in_a_row(given: Sequence[Json], expected: Sequence[Any]) -> bool:
    starts = range(len(given) - len(expected) + 1)
    return any(all(map(same, given[start : start + len(expected)], expected)) for start in starts)


def _in_any_order(given: Sequence[Json], expected: Sequence[Any]) -> bool:
    left = list(given)
    for wanted in expected:
        index = next((index for index, value in enumerate(left) if same(value, wanted)), None)
        if index is None:
            return False
        del left[index]
    return True
