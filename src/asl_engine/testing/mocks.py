"""Mocks: what tasks answer in a test, by state name or Resource, call by call; and what they were asked.

The one rule: a mock has one counter in every run. It starts at 0 and advances with each call of the mock, be it a
retry, another turn of a loop, the next item of a Map, inline or distributed, or a task of a nested machine. A call that
has no answer raises MockError, which escapes the run: no Catch takes it for a failure of the task.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from inspect import isawaitable
from typing import Any, NamedTuple

from asl_engine.definition.fields import nearest
from asl_engine.definition.graph import every_state
from asl_engine.drivers.handlers import PENDING, Handler, IntegrationResult, Planned, TaskContext, takes_context
from asl_engine.errors import FailedTest
from asl_engine.execution.commands import InvokeTask
from asl_engine.integrations.registry import Caller, TaskNeed, Tasks, TaskSource, tasks_of
from asl_engine.jsonvalue import Json, copy
from asl_engine.states.resource import Resource
from asl_engine.testing.answers import Answer, Answerable, Calls, answer_of_call, answers_of, number_of
from asl_engine.testing.contracts import Contract, contract_of
from asl_engine.testing.matching import Matcher, matches, shown
from asl_engine.testing.mock import Answers, Call, Mock, MockError
from asl_engine.testing.mock_results import check_mode, check_result, check_results


class Mocks:
    """A table of mocks, to be given as `tasks=`; every run begins its counters anew.

    `answers`: name -> an answer, a callable, an exception, or a list of them. A name is a state's, a Resource, a Lambda
    ARN or the name of a function, as in a table of tasks. `otherwise`: what serves the states that are not mocked.
    `field_validation_mode`: whether results must fit the API that the Resource names, as TestState has it: NONE, or
    PRESENT (what is there must fit), or STRICT (what the API requires must be there too). The last two need the package
    `botocore`; so that a test means the same wherever it runs, NONE is the default.
    """

    def __init__(
        self,
        answers: Mapping[str, Answerable] | None = None,
        *,
        otherwise: Tasks | TaskSource | None = None,
        field_validation_mode: str = "NONE",
    ) -> None:
        self.field_validation_mode = check_mode(field_validation_mode)
        self._mocks: dict[str, Mock] = {}
        self._otherwise = otherwise
        self._lock = threading.RLock()  # a matcher may run another machine with these mocks
        for name, given in (answers or {}).items():
            self(name).given = answers_of(given, name)

    def __call__(self, name: str, *, spec: Callable[..., Any] | Contract | None = None) -> Answers:
        """The answers of the mock of this name, which is made where there is none.

        `spec`: a function decorated with `task`, or a Contract. What the mock is given and what it answers for the
        function is held to it; ContractError escapes the run.
        """
        if not isinstance(name, str):
            raise TypeError(f"a mock has the name of a state, a Resource or a function, not {name!r:.60}")
        mock = self.add(Mock(name))
        if spec is not None:
            mock.contract = contract_of(spec)
        return mock.otherwise

    def add(self, mock: Mock) -> Mock:
        """The mock of this name: the one that is there, else this one."""
        return self._mocks.setdefault(mock.name, mock)

    def __getitem__(self, name: str) -> Mock:
        if name not in self._mocks:
            raise KeyError(f"no mock {name!r}{_near(name, self._mocks)}; there are {listed(self._mocks)}")
        return self._mocks[name]

    def __contains__(self, name: object) -> bool:
        return name in self._mocks

    def __iter__(self) -> Iterator[str]:
        return iter(self._mocks)

    def reset_calls(self) -> None:
        """Forgets the calls of all mocks."""
        for mock in self._mocks.values():
            mock.reset_calls()

    @property
    def unused(self) -> list[str]:
        """The names of the mocks that were never called."""
        return [name for name, mock in self._mocks.items() if not mock.called]

    def assert_all_called(self) -> None:
        """Every mock was called."""
        __tracebackhide__ = True
        if self.unused:
            raise AssertionError(f"never called: {listed(self.unused)}")

    def __repr__(self) -> str:
        return f"<Mocks of {listed(self._mocks)}>"

    # --- a run --------------------------------------------------------------------------------------------------------

    def tasks_for(self, machines: Sequence[Caller], *, awaited: bool = False) -> Tasks:
        """The table of tasks for one execution of the first machine, with counters of its own.

        Raises MockError where a mock has no answers or names no task.
        """
        needs = [need for machine in machines for need in machine.task_needs]
        for mock in self._mocks.values():
            self._check(mock, machines, needs, awaited)
        table = dict(tasks_of(self._otherwise, machines, awaited=awaited))
        mode = check_mode(self.field_validation_mode)
        own = {name: Planned(_Serving(mock, self._lock, mode).plan) for name, mock in self._mocks.items()}
        for need in needs:
            key = next((key for key in need.keys if key in own), None)
            if key is not None:
                table[need.state_name] = own[key]
                check_results(self._mocks[key], need, mode)
        return {**table, **own}

    def _check(self, mock: Mock, machines: Sequence[Caller], needs: Sequence[TaskNeed], awaited: bool) -> None:
        if not mock.every_answer:
            raise MockError(f"{mock.told} has no answers: say what it returns(...) or raises(...)")
        for answer in mock.every_answer:
            if isinstance(answer, Calls):
                takes_context(answer.function, awaited=awaited)  # refuses coroutines that nobody will await
        known = {key for need in needs for key in need.keys}
        if mock.name not in known and all(need.certain for need in needs):
            raise MockError(_unknown(mock, machines, known))


def _unknown(mock: Mock, machines: Sequence[Caller], known: set[str]) -> str:
    """Why a mock stands for no task of the machines."""
    for machine in machines:
        for state in every_state(machine.definition):
            if state.name == mock.name:
                said = f"{mock.name!r} is a {state.type} state, and only Task states call"
                return f"{mock.told} can never be called: {said}"
    where = f"the machine {machines[0].name!r}" if len(machines) == 1 else "the machines"
    names = list(dict.fromkeys(need.state_name for machine in machines for need in machine.task_needs))
    tasks = f"its Task states are {listed(names)}" if names else "it has no Task states"
    return f"{mock.told} stands for no task of {where}{_near(mock.name, known)}; {tasks}"


def _near(name: str, known: Iterable[str]) -> str:
    hint = nearest(name, known)
    return f"; {hint}" if hint else ""


def listed(names: Iterable[str]) -> str:
    """Names for a message."""
    return ", ".join(map(repr, names)) or "none"


class _Serving:
    """A mock in one run: its answers as they stood when the run began, and its counters."""

    def __init__(self, mock: Mock, lock: threading.RLock, mode: str) -> None:
        self._mock = mock
        self._mode = mode
        self._lock = lock
        self._rules = [(matcher, answers.given) for matcher, answers in mock.rules]
        self._otherwise = mock.otherwise.given
        self._calls = 0
        self._given = [0] * (len(self._rules) + 1)

    def plan(self, task: InvokeTask) -> Handler:
        """Counts a call and chooses its answer. Raises MockError where there is none."""
        with self._lock:
            call = Call(task, self._calls)
            self._calls += 1
            self._mock.calls.append(call)
            answer = self._choose(call)
        if self._mock.contract is not None:
            self._mock.contract.check_input(call.input, call.state_name)
        return _Turn(self._mock, call, answer, task.resource, self._mode).do

    def _choose(self, call: Call) -> Answer:
        rule = next((index for index, (matcher, _) in enumerate(self._rules) if self._matches(call, matcher)), None)
        index = len(self._rules) if rule is None else rule
        answers = self._otherwise if rule is None else self._rules[rule][1]
        number = self._given[index]
        self._given[index] += 1
        answer = answer_of_call(answers, number)
        if answer is None:
            raise MockError(self._past_the_end(call, answers, rule, number))
        return answer

    def _matches(self, call: Call, matcher: Matcher) -> bool:
        try:
            return matches(copy(call.input), matcher)
        except Exception as error:  # a user's callable: whatever it raises is the test's failure
            said = f"a matcher of {self._mock.told} raised {type(error).__name__}: {error}"
            raise MockError(f"{said}; the input was {shown(call.input)}") from error

    def _past_the_end(self, call: Call, answers: Sequence[Answer], rule: int | None, number: int) -> str:
        asked = f"the state {call.state_name!r}, attempt {call.attempt}, with the input {shown(call.input)}"
        if not answers:
            matchers = _listed_matchers(matcher for matcher, _ in self._rules)
            return f"{self._mock.told} has no answer for {asked}: it answers only when {matchers}"
        held = int(number_of(answers))
        those = "" if rule is None else f" when {_matcher(self._rules[rule][0])}"
        said = f"{self._mock.told} has {held} answer{'s' * (held != 1)}{those}, and this is call {number + 1} of it"
        hint = "Retries, Map items and loops count too: add answers, or say times= (times=ALWAYS for every call)"
        return f"{said}, made by {asked}. {hint}"


def _matcher(matcher: Matcher) -> str:
    return getattr(matcher, "__name__", repr(matcher)) if callable(matcher) else shown(matcher, 60)


def _listed_matchers(matchers: Iterable[Matcher]) -> str:
    return " or ".join(map(_matcher, matchers))


class _Turn(NamedTuple):
    """One call while it is answered."""

    mock: Mock
    call: Call
    answer: Answer
    resource: Resource
    mode: str

    def do(self, payload: Json, context: TaskContext) -> Any:
        """Gives the answer, and notes what came of it."""
        if self.answer.after:
            context.sleep(self.answer.after)
        try:
            result = self.answer.give(payload, context)
        except Exception as error:
            self._failed(error)
            raise
        return self._await(result) if isawaitable(result) else self._returned(result)

    async def _await(self, result: Any) -> Any:
        try:
            value = await result
        except Exception as error:
            self._failed(error)
            raise
        return self._returned(value)

    def _returned(self, result: Any) -> Any:
        """Holds a result to the contract of the function, and to the API of the service, that the mock stands for."""
        self.call.returned(result)
        if result is PENDING:
            return result
        state_name, is_raw = self.call.state_name, isinstance(result, IntegrationResult)
        if self.mock.contract is not None:
            self.mock.contract.check_output(self.call.answer_of_function(is_raw), state_name)
        if isinstance(self.answer, Calls) and (is_raw or not self.resource.is_lambda_invoke):
            check_result(self.mock, state_name, self.resource, self.call.result, self.mode)
        return result

    def _failed(self, error: Exception) -> None:
        """Notes a failure. An `assert` that failed in a mock's function is the test's: raises MockError."""
        self.call.raised(error)
        if isinstance(error, AssertionError) and not isinstance(error, FailedTest):
            said = f"an assertion failed in {self.mock.told}, called by the state {self.call.state_name!r}: {error}"
            raise MockError(said) from error
