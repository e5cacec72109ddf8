"""A scenario: what one run is given, an input and what its tasks answer; and what came of it.

The rule: a task's answer depends on its state and on the number of the call alone, as in a mock file, so that what was
found here replays there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from typing import Any, BinaryIO, NamedTuple

from asl_engine.drivers.handlers import IntegrationResult
from asl_engine.errors import StatesError, TaskError
from asl_engine.execution.execution import Execution, TransitionLimitError
from asl_engine.integrations.storage import ObjectSummary, StorageError
from asl_engine.jsonvalue import Json
from asl_engine.machine import Measuring, StateMachine
from asl_engine.states.program import Program
from asl_engine.testing.answers import ALWAYS, Answer, Raises, Returns, Times
from asl_engine.testing.coverage.tracing import Notes, traced

MOST_TRANSITIONS = 3_000
"""A run that makes more goes round in circles."""

ENDLESS = "ENDLESS"
"""The status of a run that was cut off there."""


class Failing(NamedTuple):
    """A task fails with an error, from one of its calls on, so many times."""

    error: str
    first: int = 0
    times: Times = ALWAYS


class Scenario(NamedTuple):
    """An input, what tasks answer where they succeed (state name -> raw result), and which fail."""

    input: Json
    results: Mapping[str, Json]
    failing: Mapping[str, Failing]

    def but(self, state: str, failing: Failing) -> Scenario:
        """The same, with one task failing."""
        return self._replace(failing={**self.failing, state: failing})


class Ran(NamedTuple):
    """What came of a scenario: which elements were used, what each state's tasks answered, in the order of calls, and
    what was told of the failure: the cause, or that of the first child of a Map Run that failed."""

    scenario: Scenario
    status: str
    error: str | None
    cause: str | None
    path: tuple[str, ...]
    hits: frozenset[str]
    answers: Mapping[str, tuple[Answer, ...]]
    broke_at: str | None
    told: str | None


class Explored:
    """A machine, made ready to be run many times."""

    def __init__(self, machine: StateMachine, *, seed: int = 0) -> None:
        self.machine = machine
        self.runs = 0
        self._seed = seed
        self._notes = Notes()
        self._program = traced(machine.definition, self._notes)
        self._readers = {need.state_name for need in machine.storage_needs if need.reads}

    def run(self, scenario: Scenario) -> Ran:
        """Runs a scenario in virtual time."""
        self.runs += 1
        self._notes.take()
        answers: dict[str, list[Answer]] = {}
        tasks: dict[str, Any] = {
            need.state_name: _handler(scenario, need.state_name, answers.setdefault(need.state_name, []))
            for need in self.machine.task_needs
        }
        tasks |= {name: giving(items_of(scenario, name)) for name in self._readers}
        execution = self._execute(scenario.input, tasks)
        given = {state: tuple(made) for state, made in answers.items() if made}
        hits = frozenset(pointer for pointer, count in self._notes.take().items() if count)
        if execution is None:
            return Ran(scenario, ENDLESS, None, None, (), hits, given, None, None)
        broken = execution.path[-1] if execution.status != "SUCCEEDED" and execution.path else None
        path = tuple(execution.path)
        ended = (execution.status, execution.error, execution.cause)
        return Ran(scenario, *ended, path, hits, given, broken, _told(execution))

    def _execute(self, input: Json, tasks: Mapping[str, Any]) -> Execution | None:
        with _running(self.machine, self._program):
            try:
                return self.machine.run(
                    input, tasks=tasks, seed=self._seed, storage=NOWHERE, max_transitions=MOST_TRANSITIONS
                )
            except TransitionLimitError:
                return None


def _told(execution: Execution) -> str | None:
    failed = [child.cause for run in execution.map_runs for child in run.failures if child.cause]
    return failed[0] if failed else execution.cause


def items_of(scenario: Scenario, reader: str) -> Json:
    """What a Map that reads its items is given: an array or, where the reading fails, the error's name."""
    failing = scenario.failing.get(reader)
    if failing is not None:
        return failing.error
    given = scenario.results.get(reader)
    return given if isinstance(given, list) else [{} if given is None else given]


def giving(items: Json) -> Callable[[Json], list[Json]]:
    """What stands in `tasks` for the reading of these items."""

    def give(arguments: Json) -> list[Json]:
        if isinstance(items, list):
            return items
        raise StatesError(str(items), "")

    return give


def _handler(scenario: Scenario, name: str, made: list[Answer]) -> Any:
    failing, result = scenario.failing.get(name), scenario.results.get(name, {})

    def answer(payload: Json) -> Any:
        number = len(made)
        if failing is not None and failing.first <= number < failing.first + failing.times:
            made.append(Raises(failing.error, ""))
            raise TaskError(failing.error, "")
        made.append(Returns(result))
        return IntegrationResult(result)

    return answer


@contextmanager
def _running(machine: StateMachine, program: Program) -> Iterator[None]:
    """Runs the machine's traced program; machines that it starts run as they would."""
    before = Measuring.program
    Measuring.program = lambda asked: program if asked is machine else before(asked) if before else asked.program
    try:
        yield
    finally:
        Measuring.program = before


class Nowhere:
    """A storage that holds nothing and forgets what is written."""

    def open(self, bucket: str, key: str, version: str | None = None) -> BinaryIO:
        """Nothing is there."""
        raise StorageError("NoSuchKey", "The specified key does not exist.")

    def list(self, bucket: str, prefix: str) -> Iterator[ObjectSummary]:
        """Nothing."""
        return iter(())

    @contextmanager
    def create(self, bucket: str, key: str) -> Iterator[BinaryIO]:
        """A file that is gone when it is closed."""
        yield BytesIO()


NOWHERE = Nowhere()
