"""`test_state`: one state is run as an execution runs it, and answered as AWS's TestState answers.

The rule that keeps it whole: the state is entered, retried, caught and left by `execution/`. What a test changes is
where it ends: the states that follow only say that they were reached, a retry is not made, and the work of a mocked
state is a task that is answered at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from asl_engine.definition.fields import ABSENT
from asl_engine.drivers.clock import Clock, VirtualClock
from asl_engine.drivers.inline import Perform, drive, no_tasks
from asl_engine.errors import EXCEED_TOLERATED_FAILURE_THRESHOLD, StatesError, ValidationException
from asl_engine.execution.commands import InvokeTask
from asl_engine.execution.execution import ABORTED, SUCCEEDED, Execution, Settings
from asl_engine.execution.frame import Frame
from asl_engine.execution.map_runs import THRESHOLD_EXCEEDED
from asl_engine.execution.replies import Reply, TaskFailed, TaskSucceeded
from asl_engine.jsonvalue import Json, dumps, size
from asl_engine.query.scope import Scope
from asl_engine.states.common import State
from asl_engine.states.failure import Failure, compile_matcher
from asl_engine.states.moves import Branch, Invoke, Iterate, Move, StartMapRun
from asl_engine.states.program import Behaviour, Program, Step
from asl_engine.states.resource import TASK, Resource
from asl_engine.states.table import STATE_TYPES, compile_machine
from asl_engine.testing.state_test.context import (
    TestedFrame,
    check_context,
    item_around,
    made_up_context,
    start_time,
)
from asl_engine.testing.state_test.inspection import RESULT, Inspection, watched_language
from asl_engine.testing.state_test.mocking import check_mocking
from asl_engine.testing.state_test.request import INFO, TRACE, Request, read_request
from asl_engine.testing.state_test.subject import Subject, find_subject

if TYPE_CHECKING:
    from asl_engine.integrations.permissions import Policy
    from asl_engine.integrations.registry import Importer, Tasks
    from asl_engine.integrations.services.aws import AwsServices
    from asl_engine.integrations.services.catalogue import Services
    from asl_engine.machine import StateMachine

LONGEST_SECONDS = 300
"""AWS ends a test after five minutes with States.Timeout; here they are minutes of the test's own clock."""

_WORK = Resource("", TASK)
"""The task that stands for the work of a mocked Map or Parallel state."""


def test_state(
    request: Mapping[str, Any],
    *,
    tasks: Tasks | None = None,
    services: Services | None = None,
    aws: AwsServices | None = None,
    machines: Mapping[str, StateMachine] | None = None,
    policy: Policy | Mapping[str, Any] | list[Mapping[str, Any]] | None = None,
    importer: Importer | None = None,
    clock: Clock | None = None,
    seed: int | None = None,
) -> dict[str, Any]:
    """Runs one state, as AWS's TestState does, and gives its response.

    `request` has TestState's parameters: `definition` (of a state, or of a whole machine with `stateName`), `input`,
    `roleArn`, `inspectionLevel`, `revealSecrets`, `variables`, `mock`, `context`, `stateConfiguration`. Where AWS takes
    JSON as a text, the value itself will do. The response's `output` and most of `inspectionData` are JSON texts.

    A Task without a mock is served as in `StateMachine.run`, whose arguments the others are; then it needs no role.
    Raises ApiError with AWS's name for a request that AWS refuses, and UnservedTaskError.

    >>> test_state({"definition": {"Type": "Pass", "Parameters": {"a.$": "$.b"}, "Next": "B"}, "input": {"b": 1}})
    {'output': '{"a":1}', 'nextState': 'B', 'status': 'SUCCEEDED'}
    """
    asked = read_request(request)
    subject = find_subject(asked.definition, asked.state_name)
    check_mocking(asked, subject.state, served=(tasks, services, aws, machines, importer) != (None,) * 5)
    if asked.has_context:
        check_context(asked.context)
    test = StateTest(asked, subject, seed or 0)
    if asked.level == TRACE and services is not None:
        services = test.watch_http(services)
    perform: Perform = test.perform_mock
    if asked.mock is None:
        perform = _perform(test, tasks or {}, services, aws, machines, policy, importer, seed or 0)
    drive(test.execution, perform, clock or VirtualClock(start_time(asked.context, VirtualClock().now())))
    return test.response()


test_state.__test__ = False  # type: ignore[attr-defined]  # pytest takes every test_* for a test


def _perform(
    test: StateTest,
    tasks: Tasks,
    services: Services | None,
    aws: AwsServices | None,
    machines: Mapping[str, StateMachine] | None,
    policy: Any,
    importer: Importer | None,
    seed: int,
) -> Perform:
    """What serves the task of a state without a mock, as `StateMachine.run` finds it. Raises UnservedTaskError."""
    from asl_engine.integrations.perform import performer
    from asl_engine.integrations.registry import serve, task_needs
    from asl_engine.machine import services_of_run

    needs = tuple(task_needs(test.execution.program))
    if not needs:
        return no_tasks
    settings = test.execution.settings
    served = services_of_run(services, aws, machines, policy, settings.context, settings.machine_name)
    known, who = served or (None, None)
    return performer(serve(needs, tasks, importer, known), tasks, seed, importer, known, who, execution=test.execution)


class TestedExecution(Execution):
    """An execution of one state, which makes no second attempt."""

    __test__ = False

    def __init__(self, test: StateTest, program: Program, context: dict[str, Any], seed: int) -> None:
        request = test.request
        settings = Settings(context["StateMachine"]["Name"], True, seed, context)
        super().__init__(program, request.input, size(request.input), settings)
        self._test = test
        frame = self._root = TestedFrame(self, program.first, request.input, size(request.input), request.variables, 0)
        frame.mocked = request.context
        frame.item = item_around(test.subject.around, request.input)
        frame.retry_count = request.configuration.retries

    @property
    def variables(self) -> Mapping[str, Json]:
        """The variables after the state."""
        return self._root.variables

    def explain(self, frame: Frame, error: StatesError, entering: bool = False) -> Failure:
        """The failure that an error makes: a test names no place in a history (recorded)."""
        return Failure(error.error, error.cause)

    def rescue(self, frame: Frame, failure: Failure) -> None:
        """Retry, else Catch, as always, after the retries that the request tells of."""
        self._test.failure = failure
        frame.tally = [self._test.request.configuration.retries] * frame.step.retriers
        super().rescue(frame, failure)

    def fail_frame(self, frame: Frame, failure: Failure) -> None:
        """Fails the state."""
        self._test.failure = failure
        super().fail_frame(frame, failure)

    def attempt(self, frame: Frame) -> None:
        """The test ends where a retry would begin."""
        self._close(ABORTED)


class StateTest:
    """One test: the execution that runs the state, and what becomes of the state in it."""

    def __init__(self, request: Request, subject: Subject, seed: int) -> None:
        self.request, self.subject = request, subject
        self.inspection = Inspection(subject.state)
        self.failure: Failure | None = None
        self.retry: tuple[int, int] | None = None
        self.caught: int | None = None
        self.next_state: str | None = None
        self.exchange: dict[str, Any] = {}
        self._exceeded = False
        step = self._compile(subject.state)
        program = Program(step, {step.name: step}, LONGEST_SECONDS)
        self.execution = TestedExecution(self, program, made_up_context(request.role, seed), seed)

    # --- the step, watched ------------------------------------------------------------------------------------------

    def _compile(self, state: State) -> Step:
        """The state as the engine compiles it, by a language that notes, and with an end behind every transition."""
        step = Step(state.name, state.type, state)
        step.nested = tuple(compile_machine(nested) for nested in state.machines())
        following = {target: self._end(target) for target, _ in state.targets()}
        STATE_TYPES[state.type].compile(state, watched_language(state, self.inspection), following, step)
        step.behaviour = self._watched(step.behaviour)
        self._watch_finish(step)
        self._watch_error_handling(step)
        return step

    def _end(self, name: str) -> Step:
        """What stands for a state that would follow."""

        def behaviour(scope: Scope) -> Move:
            self.next_state = name
            return scope.input, None, None

        return Step(name, "Succeed", None, behaviour)

    def _watched(self, behaviour: Behaviour) -> Behaviour:
        literal = getattr(self.subject.state, "result", ABSENT)

        def watched(scope: Any) -> Move:
            if literal is not ABSENT:
                self.inspection.note(RESULT, literal)
            move = behaviour(scope)
            if isinstance(move, (Iterate, StartMapRun)):
                self._inspect_map(scope, move)
            return Invoke(_WORK, None, None, None, None) if isinstance(move, (Branch, Iterate, StartMapRun)) else move

        return watched

    def _watch_finish(self, step: Step) -> None:
        finish = step.finish

        def watched(result: Json, scope: Scope) -> Any:
            self.inspection.note(RESULT, result)
            return finish(result, scope)

        step.finish = watched

    def _watch_error_handling(self, step: Step) -> None:
        """Keeps which retrier or catcher answers, and the delay."""
        retry, catch, state = step.retry, step.catch, step.state
        if retry is not None:

            def watched_retry(failure: Failure, tally: list[int], entropy: Any) -> int | None:
                delay = retry(failure, tally, entropy)
                if delay is not None:
                    self.retry = _first_match(state.retry, failure), delay
                return delay

            step.retry = watched_retry
        if catch is not None:

            def watched_catch(failure: Failure, scope: Scope) -> Any:
                caught = catch(failure, scope)
                if caught is not None:
                    self.caught = _first_match(state.catch, failure)
                return caught

            step.catch = watched_catch

    # --- mocked work ------------------------------------------------------------------------------------------------

    def _inspect_map(self, frame: TestedFrame, move: Iterate | StartMapRun) -> None:
        """Notes the items of a Map, and whether as many iterations failed as it does not tolerate."""
        from asl_engine.testing.state_test.map_inspection import inspect_map

        configuration = self.request.configuration
        iterations = inspect_map(frame, move, self.inspection, configuration.reader_data)
        mock = self.request.mock
        if iterations is None and mock is not None and isinstance(mock.result, list):
            iterations = len(mock.result)
        failures = configuration.failures or 0
        if iterations is not None and failures > iterations:
            raise ValidationException(
                "Map iteration failure count must be less than or equal to the number of Map iterations"
            )
        self._exceeded = self._is_beyond_tolerance(failures, iterations or 0)

    def _is_beyond_tolerance(self, failures: int, iterations: int) -> bool:
        """A Map that sets no tolerance fails by no number of iterations here (recorded)."""
        limits = self.inspection.as_json()
        count, percentage = limits.get("toleratedFailureCount"), limits.get("toleratedFailurePercentage")
        if count is not None and failures > count:
            return True
        return percentage is not None and 100 * failures > percentage * iterations

    def perform_mock(self, task: InvokeTask, clock: Clock, now: int) -> list[tuple[int, Reply]]:
        """Answers the state's task with the mock."""
        mock = self.request.mock
        assert mock is not None
        if mock.failed:
            return [(now, TaskFailed(task.ticket, mock.error, mock.cause))]
        if self._exceeded:
            return [(now, TaskFailed(task.ticket, EXCEED_TOLERATED_FAILURE_THRESHOLD, THRESHOLD_EXCEEDED))]
        return [(now, TaskSucceeded(task.ticket, mock.result, size(mock.result)))]

    # --- HTTP -------------------------------------------------------------------------------------------------------

    def watch_http(self, services: Services) -> Services:
        """The same services, whose last HTTP request and response are kept to be shown."""
        from asl_engine.testing.state_test.exchange import watched_services

        return watched_services(services, self.exchange, reveal_secrets=self.request.reveal_secrets)

    # --- the response -----------------------------------------------------------------------------------------------

    def response(self) -> dict[str, Any]:
        """TestState's response."""
        status = self._status()
        told: dict[str, Any] = {}
        if self.execution.status == SUCCEEDED:
            told["output"] = dumps(self.execution.output)
        if status != "SUCCEEDED":
            told |= self._error(status)
        if self.request.level != INFO:
            told["inspectionData"] = self._inspection_data(status)
        if self.next_state is not None:
            told["nextState"] = self.next_state
        return told | {"status": status}

    def _status(self) -> str:
        if self.retry is not None:
            return "RETRIABLE"
        if self.execution.status == SUCCEEDED:
            return "SUCCEEDED" if self.caught is None else "CAUGHT_ERROR"
        return "FAILED"

    def _error(self, status: str) -> dict[str, str]:
        execution, failure = self.execution, self.failure
        if status == "FAILED" or failure is None:
            error, cause = execution.error, execution.cause
        else:
            error, cause = failure.error, failure.cause
        return {name: text for name, text in (("error", error), ("cause", cause)) if text is not None}

    def _inspection_data(self, status: str) -> dict[str, Any]:
        told: dict[str, Any] = {"input": dumps(self.request.input), **self.inspection.as_json(), **self.exchange}
        if self.execution.variables:
            told["variables"] = dumps(dict(self.execution.variables))
        if status == "RETRIABLE" and self.retry is not None:
            index, delay = self.retry
            told["errorDetails"] = {"retryIndex": index, "retryBackoffIntervalSeconds": delay // 1000}
        elif status == "CAUGHT_ERROR":
            told["errorDetails"] = {"catchIndex": self.caught}
        return told


def _first_match(rules: Sequence[Any], failure: Failure) -> int:
    """The index of the retrier or catcher that answers a failure, which the engine takes by the same rule."""
    return next(index for index, rule in enumerate(rules) if compile_matcher(rule.error_equals)(failure))
