"""The search: for every element that no run has used, ways to it are worked out and tried; then every task is made to
fail in every way, wherever a run has met it.

The rule: only a run says that something is covered. What was worked out is a candidate and nothing more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from asl_engine.definition.graph import Machine, every_state
from asl_engine.jsonvalue import Json
from asl_engine.machine import StateMachine
from asl_engine.records import field, record
from asl_engine.states.resource import parse_resource
from asl_engine.testing.choice_inputs import Reach, plain_input, ways_by
from asl_engine.testing.contracts import Schema
from asl_engine.testing.coverage.elements import BODY, CATCHER, DEFAULT, EMPTY, RETRIER, RULE, Element, elements
from asl_engine.testing.exploring.fitting import Fitting
from asl_engine.testing.exploring.mending import (
    ITEMS,
    doubled,
    fault_of,
    got_further,
    got_past,
    mended,
    needs_mending,
    of_other_kinds,
    with_items,
    with_value_at,
)
from asl_engine.testing.exploring.outcomes import error_for, errors_to_try
from asl_engine.testing.exploring.scenarios import Explored, Failing, Ran, Scenario
from asl_engine.testing.exploring.unreachable import unreachable
from asl_engine.testing.exploring.values import literals_in, values_against, values_for
from asl_engine.testing.walks import CATCH as BY_CATCH
from asl_engine.testing.walks import DEFAULT as BY_DEFAULT
from asl_engine.testing.walks import NEXT as BY_NEXT
from asl_engine.testing.walks import RULE as BY_RULE
from asl_engine.testing.walks import Hop, machine_with

MOST_RUNS = 2_000
MOST_MENDED = 20
MOST_LITERALS = 12
MOST_FAILING = 400
"""So many runs with failing tasks are made at a stretch while something is missed."""
MOST_MET = 4
"""So many of the runs that came to a state are tried with other values."""


@record(slots=True, kw_only=True)
class Exploration:
    """What the explorer found. `cases`: the runs that were the first to use an element or to end in their way;
    `covered` and `unreachable` by JSON pointer, the latter with the reason; `missed` what is neither; `tried` how many
    runs went into a missed one; `cut_short` whether `max_runs` ended the search."""

    machine: StateMachine
    elements: tuple[Element, ...]
    cases: list[Ran] = field(default_factory=list)
    covered: set[str] = field(default_factory=set)
    unreachable: dict[str, str] = field(default_factory=dict)
    tried: dict[str, int] = field(default_factory=dict)
    runs: int = 0
    cut_short: bool = False

    @property
    def missed(self) -> list[Element]:
        """What was neither used nor found to be unreachable."""
        known = self.covered | self.unreachable.keys()
        return [element for element in self.elements if element.pointer not in known]

    @property
    def failures(self) -> list[Ran]:
        """The cases that did not succeed."""
        return [case for case in self.cases if case.status != "SUCCEEDED"]

    @property
    def uncaught(self) -> dict[str, list[str]]:
        """Task state -> the errors of it that ended an execution."""
        found: dict[str, list[str]] = {}
        for case in self.cases:
            for state, failing in case.scenario.failing.items():
                if case.status == "FAILED" and case.error == failing.error and case.broke_at == state:
                    found.setdefault(state, []).append(failing.error)
        return {state: sorted(set(errors)) for state, errors in found.items()}


def explore(
    machine: StateMachine,
    *,
    inputs: list[Json] | None = None,
    input_schema: Schema | None = None,
    fits: Callable[[Json], bool] | None = None,
    max_runs: int = MOST_RUNS,
    seed: int = 0,
) -> Exploration:
    """Drives a machine through inputs and task outcomes until no run uses anything new, or `max_runs` were made.

    `inputs` are tried first; others are worked out from what the machine reads, and from these. All are made to fit
    `input_schema`, a JSON Schema or its file, and those that cannot be are not tried; `fits` says too which may be.
    Same machine, inputs and seed, same result. Raises FailedTest for a schema that is none.
    """
    found = Exploration(machine=machine, elements=tuple(elements(machine.definition)))
    found.unreachable = unreachable(machine.definition, found.elements)
    fitting = None if input_schema is None else Fitting(input_schema)
    tests = [test for test in (fitting and fitting.fits, fits) if test]
    search = _Search(found, Explored(machine, seed=seed), max_runs, fitting, tests)
    return search.go(inputs or [])


class _Search:
    def __init__(
        self,
        found: Exploration,
        explored: Explored,
        max_runs: int,
        fitting: Fitting | None,
        tests: list[Callable[[Json], bool]],
    ) -> None:
        self.found, self.explored, self.max_runs = found, explored, max_runs
        self._fitting, self._tests = fitting, tests
        self.definition: Machine = explored.machine.definition
        self._endings: set[tuple[Any, ...]] = set()
        self._known: set[str] = set()

    def go(self, inputs: list[Json]) -> Exploration:
        """The whole search."""
        for given in [*inputs, plain_input(self.definition)]:
            self._try(Scenario(given, {}, {}))
        grown = True
        while grown and self._may_run():
            before = len(self.found.covered)
            self._go_for_what_is_missed()
            paused = not self._let_tasks_fail(self.explored.runs + MOST_FAILING)
            grown = paused or len(self.found.covered) > before
        self.found.runs, self.found.cut_short = self.explored.runs, not self._may_run()
        self._forget_what_was_covered()
        return self.found

    def _forget_what_was_covered(self) -> None:
        for pointer in self.found.covered & self.found.unreachable.keys():
            del self.found.unreachable[pointer]

    def _may_run(self) -> bool:
        return self.explored.runs < self.max_runs

    def _try(self, scenario: Scenario) -> None:
        """Runs a scenario, and mends it as long as its data do not fit and mending gets it further."""
        ran, faults = self._run(scenario), set[str]()
        for _ in range(MOST_MENDED):
            if ran is None or not needs_mending(ran):
                return
            faults.add(fault_of(ran))
            ran = self._mended(ran, faults)

    def _mended(self, ran: Ran, faults: set[str]) -> Ran | None:
        """A run that got further; else one that failed in the same place by none of the faults that were before."""
        for scenario in mended(self.definition, ran):
            after = self._run(scenario)
            if after is not None and got_further(ran, after):
                return after
        other: Ran | None = None
        for scenario in of_other_kinds(ran.scenario):
            after = self._run(scenario)
            if after is not None and got_past(ran, after):
                return after
            if other is None and after is not None and after.path == ran.path and fault_of(after) not in faults:
                other = after
        return other

    def _run(self, scenario: Scenario) -> Ran | None:
        """Runs a scenario that was not run before; keeps it where it shows something new."""
        if self._fitting is not None:
            scenario = scenario._replace(input=self._fitting.fitted(scenario.input))
        name = repr(scenario)
        if name in self._known or not self._may_run():
            return None
        self._known.add(name)
        if not all(fits(scenario.input) for fits in self._tests):
            return None
        ran = self.explored.run(scenario)
        ending = (ran.status, ran.error, ran.broke_at)
        if not ran.hits <= self.found.covered or ending not in self._endings:
            self._endings.add(ending)
            self.found.covered |= ran.hits
            self.found.cases.append(ran)
        return ran

    # --- going for an element -----------------------------------------------------------------------------------------

    def _go_for_what_is_missed(self) -> None:
        for element in self.found.missed:
            if element.pointer not in self.found.covered:
                for scenario in self._scenarios(element):
                    self.found.tried[element.pointer] = self.found.tried.get(element.pointer, 0) + 1
                    self._try(scenario)
                    if element.pointer in self.found.covered:
                        break

    def _scenarios(self, element: Element) -> Iterator[Scenario]:
        state = machine_with(self.definition, element.state).states[element.state]
        index = int(element.pointer.rpartition("/")[2]) if element.kind in (RULE, RETRIER, CATCHER) else 0
        for scenario in self._worked_out(state, element, index) + self._met(state, element):
            if element.kind == RETRIER:
                yield from self._with_retry(scenario, state, index)
            elif element.kind == CATCHER:
                yield from self._with_catch(scenario, state, index)
            else:
                yield scenario
        yield from self._by_other_values(state, element, index)

    def _by_other_values(self, state: Any, element: Element, index: int) -> Iterator[Scenario]:
        """Runs that came here, with other values where the state reads: what a rule asks for, more items for a body."""
        met = [ran for ran in self.found.cases if state.pointer in ran.hits][:MOST_MET]
        for ran in met:
            if element.kind == RULE:
                for keys, value in values_for(state.choices[index]):
                    yield from with_value_at(self.definition, ran, state.name, keys, value)
            elif element.kind == DEFAULT:
                for keys, value in (pair for rule in state.choices for pair in values_against(rule)):
                    yield from with_value_at(self.definition, ran, state.name, keys, value)
            elif element.kind == BODY:
                yield doubled(ran.scenario)
                if state.type == "Map":
                    yield from with_items(self.definition, ran, state.name, ITEMS)
            elif element.kind == EMPTY:
                yield from with_items(self.definition, ran, state.name, [])
        if state.type == "Parallel":
            yield from self._branches_together(state)
        if state.type == "Choice":
            for ran in met[-2:]:
                yield from of_other_kinds(ran.scenario, literals_in(state.choices)[:MOST_LITERALS])

    def _branches_together(self, state: Any) -> Iterator[Scenario]:
        """For a Parallel that no run left: what let each of its branches end, each in a run of its own, in one."""
        ended = [self._run_that_ended(nested) for nested in state.machines()]
        runs = [ran for ran in ended if ran is not None]
        if len(runs) < len(ended):
            return
        for base in runs:
            results = dict(base.scenario.results)
            for nested, ran in zip(state.machines(), runs, strict=True):
                inside = {one.name for one in every_state(nested)}
                results |= {name: value for name, value in ran.scenario.results.items() if name in inside}
            yield Scenario(base.scenario.input, results, {})

    def _run_that_ended(self, nested: Machine) -> Ran | None:
        """A kept run in which a branch came to its end, without a task of it failing where there is one."""
        ends = {f"{one.pointer}/End" for one in nested.states.values()}
        ends |= {one.pointer for one in nested.states.values() if one.type == "Succeed"}
        ended = [ran for ran in self.found.cases if not ends.isdisjoint(ran.hits)]
        return next((ran for ran in ended if not ran.scenario.failing), ended[0] if ended else None)

    def _worked_out(self, state: Any, element: Element, index: int) -> list[Scenario]:
        """What should lead to an element, worked out from the definition."""
        exit = {RULE: BY_RULE, DEFAULT: BY_DEFAULT, CATCHER: BY_CATCH}.get(element.kind, BY_NEXT)
        if exit == BY_NEXT and state.type == "Choice":
            ways = [Hop(state, BY_RULE, number) for number in range(len(state.choices))]
            reaches = [reach for way in ways for reach in ways_by(self.definition, way)[:1]]
        else:
            reaches = ways_by(self.definition, Hop(state, exit, index))
        return [self._as_scenario(reach) for reach in reaches]

    def _met(self, state: Any, element: Element) -> list[Scenario]:
        """What already led to the state on another errand: that may do as well."""
        if state.type == "Choice" and element.kind not in (RULE, DEFAULT):
            return []
        met = [ran.scenario for ran in self.found.cases if state.pointer in ran.hits][:3]
        return [one._replace(failing={name: Failing(by.error) for name, by in one.failing.items()}) for one in met]

    def _as_scenario(self, reach: Reach) -> Scenario:
        """The same, with raw results: what a function gives stands in its Payload."""
        results = {name: self._in_payload(name, value) for name, value in reach.results.items()}
        return Scenario(reach.input, results, {name: Failing(error) for name, error in reach.errors.items()})

    def _in_payload(self, name: str, value: Json) -> Json:
        resource = parse_resource(machine_with(self.definition, name).states[name].resource)
        return {"Payload": value} if resource.is_lambda_invoke and not resource.pattern else value

    def _with_retry(self, scenario: Scenario, state: Any, index: int) -> Iterator[Scenario]:
        error = error_for(state.retry, index)
        if error is not None:
            for task in self._tasks_in(state):
                yield scenario.but(task, Failing(error, times=1))

    def _with_catch(self, scenario: Scenario, state: Any, index: int) -> Iterator[Scenario]:
        error = error_for(state.catch, index)
        if error is not None:
            for task in self._tasks_in(state):
                others = {name: one for name, one in scenario.failing.items() if name not in (state.name, task)}
                yield scenario._replace(failing={**others, task: Failing(error)})
                yield scenario._replace(failing={**others, task: Failing(error, first=1)})

    def _tasks_in(self, state: Any) -> list[str]:
        """The state itself; of a Parallel or Map the tasks inside it, and itself where it reads items from storage."""
        if state.type == "Task":
            return [state.name]
        inside = [one.name for nested in state.machines() for one in every_state(nested) if one.type == "Task"]
        return [*inside, *([state.name] if getattr(state, "item_reader", None) is not None else [])]

    # --- failing tasks ------------------------------------------------------------------------------------------------

    def _let_tasks_fail(self, until: int) -> bool:
        """Every task that a kept run called fails: each error once, and always. What was not reached yet has its turn
        when so many runs were made; False if that is so."""
        for case in list(self.found.cases):
            for state in case.answers:
                if state in case.scenario.failing:
                    continue
                if self.explored.runs >= until and self.found.missed:
                    return False
                for error in errors_to_try(self.definition, state):
                    self._try(case.scenario.but(state, Failing(error)))
                    self._try(case.scenario.but(state, Failing(error, times=1)))
        return True
