"""Hypothesis strategies for small valid JSONPath machines, and for what becomes of their tasks.

A machine is drawn as nested chains: each state goes on to the next one of its chain or, from a Choice or a Catch, to a
later one, so that every run ends. Inner machines assign other variables than outer ones. A task's outcome is a function
of (state, scope, attempt) alone: the same in whatever order concurrent tasks are answered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from asl_engine import TaskContext, TaskError
from asl_engine.execution.commands import InvokeTask
from asl_engine.execution.replies import Reply
from asl_engine.jsonvalue import adopt
from tests.build import function
from tests.byhand import broke, gave
from tests.strategies import json_values

Json = Any
Draw = Callable[[st.SearchStrategy[Any]], Any]

ERRORS = ["Busy", "Broken", "States.Timeout", "States.Permissions"]
MATCHERS = [["States.ALL"], ["Busy"], ["Broken", "Busy"], ["States.TaskFailed"], ["States.Timeout"]]
REFERENCES = ["$", "$.r", "$.a.b", None]
SELECTIONS = ["$", "$.list[*]", "$..a", "$$.State.Name", "$[?(@.a)]", None]
SAFE_TEMPLATES = [
    {"k": 1, "all.$": "$"},
    {"here.$": "$$.State.Name", "deep": [{"n.$": "States.MathAdd(1, 2)"}]},
    {"text.$": "States.JsonToString($)", "id.$": "$$.Execution.Input"},
]
TEMPLATES = [*SAFE_TEMPLATES, {"deep": {"x.$": "$..a"}}, {"b.$": "$.a.b"}]
SECONDS = [0, 1, 5, 60]


@dataclass(frozen=True)
class Outcome:
    """A task's result or, where `error` is set, its failure; `sleep` is how long it takes."""

    output: Json = None
    error: str | None = None
    sleep: float = 0


@dataclass(frozen=True)
class Program:
    """A definition, an input for it, and the outcomes that its tasks draw from."""

    definition: dict[str, Any]
    input: Json
    outcomes: tuple[Outcome, ...]
    seed: int

    def outcome(self, state: str, scope: tuple[tuple[str, str, int], ...], attempt: int) -> Outcome:
        """What becomes of one attempt of a task."""
        number = sum(map(ord, state)) + 7 * attempt + sum(3 * index + len(name) for _, name, index in scope)
        return self.outcomes[number % len(self.outcomes)]

    def handler(self, payload: Json, context: TaskContext) -> Json:
        """Serves every task through the inline driver."""
        outcome = self.outcome(context.state_name, context.scope, context.attempt)
        context.sleep(outcome.sleep)
        if outcome.error is not None:
            raise TaskError(outcome.error, "drawn")
        return outcome.output

    def answer(self, task: InvokeTask) -> Reply:
        """Serves every task by hand."""
        outcome = self.outcome(task.state_name, task.scope, task.attempt)
        if outcome.error is not None:
            return broke(task.ticket, outcome.error, "drawn")
        return gave(task.ticket, adopt(outcome.output)[0])

    @property
    def tasks(self) -> dict[str, Any]:
        """The table of tasks for `machine.run`."""
        return {"work": self.handler}


class _Names:
    """State names, each one used once in a machine."""

    def __init__(self) -> None:
        self._count = 0

    def fresh(self, kind: str) -> str:
        self._count += 1
        return f"{kind}{self._count}"


def _maybe(draw: Draw, state: dict[str, Any], name: str, values: list[Any]) -> None:
    """Sets a field, one time in three."""
    if draw(st.integers(0, 2)) == 0:
        state[name] = draw(st.sampled_from(values))


def _pass(draw: Draw, names: _Names, depth: int, failing: bool) -> dict[str, Any]:
    state: dict[str, Any] = {"Type": "Pass"}
    _maybe(draw, state, "Result", [None, 5, {"a": {"b": [1, 2]}}, [1, "x"]])
    if failing:
        _maybe(draw, state, "Parameters", TEMPLATES)
        _maybe(draw, state, "InputPath", SELECTIONS)
        _maybe(draw, state, "ResultPath", REFERENCES)
        _maybe(draw, state, "OutputPath", SELECTIONS)
    _maybe(draw, state, "Assign", [{f"v{depth}": 1}, {f"v{depth}.$": "$", f"w{depth}": [1]}])
    return state


def _wait(draw: Draw, names: _Names, depth: int, failing: bool) -> dict[str, Any]:
    return {"Type": "Wait", "Seconds": draw(st.sampled_from(SECONDS))}


def _task(draw: Draw, names: _Names, depth: int, failing: bool) -> dict[str, Any]:
    state: dict[str, Any] = {"Type": "Task", "Resource": function("work")}
    _maybe(draw, state, "Parameters", TEMPLATES if failing else SAFE_TEMPLATES)
    if failing:
        _maybe(draw, state, "ResultPath", REFERENCES)
        _maybe(draw, state, "TimeoutSeconds", [2, 30])
        _maybe(draw, state, "HeartbeatSeconds", [1])
    return state


def _parallel(draw: Draw, names: _Names, depth: int, failing: bool) -> dict[str, Any]:
    count = draw(st.integers(1, 3))
    return {"Type": "Parallel", "Branches": [_machine(draw, names, depth - 1, failing) for _ in range(count)]}


def _map(draw: Draw, names: _Names, depth: int, failing: bool) -> dict[str, Any]:
    state: dict[str, Any] = {"Type": "Map", "ItemProcessor": _machine(draw, names, depth - 1, failing)}
    state["ItemsPath"] = draw(st.sampled_from(["$$.Execution.Input.list", "$$.Execution.Input.none"]))
    _maybe(draw, state, "MaxConcurrency", [0, 1, 2])
    _maybe(draw, state, "ItemSelector", [{"i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value"}])
    if failing:
        _maybe(draw, state, "ToleratedFailureCount", [0, 1])
    return state


def _handle_errors(draw: Draw, state: dict[str, Any], later: list[str]) -> None:
    if draw(st.booleans()):
        matchers = draw(st.sampled_from([MATCHERS[:1], MATCHERS[1:3], MATCHERS[3:]]))
        state["Retry"] = [
            {"ErrorEquals": names, "MaxAttempts": draw(st.integers(0, 3)), "JitterStrategy": "FULL"}
            for names in matchers
        ]
    if later and draw(st.booleans()):
        target = draw(st.sampled_from(later))
        state["Catch"] = [{"ErrorEquals": draw(st.sampled_from(MATCHERS)), "Next": target}]
        _maybe(draw, state["Catch"][0], "ResultPath", ["$", None])


def _choice(draw: Draw, following: str, later: list[str]) -> dict[str, Any]:
    tests = [
        {"Variable": "$.a", "IsPresent": True},
        {"Variable": "$", "IsString": True},
        {"Variable": "$", "IsNull": True},
    ]
    rule = draw(st.sampled_from([*tests, {"Not": tests[0]}, {"And": tests[:2]}, {"Or": tests}]))
    return {"Type": "Choice", "Choices": [{**rule, "Next": draw(st.sampled_from(later))}], "Default": following}


_LEAVES = {"Pass": _pass, "Wait": _wait, "Task": _task}
_NESTING = {"Parallel": _parallel, "Map": _map}


def _machine(draw: Draw, names: _Names, depth: int, failing: bool) -> dict[str, Any]:
    """A chain of 1 to 4 states, each going on to the next."""
    kinds = [*_LEAVES, "Choice", *(_NESTING if depth else [])]
    chosen = [names.fresh(draw(st.sampled_from(kinds))) for _ in range(draw(st.integers(0, 3)))]
    last = names.fresh(draw(st.sampled_from(["Succeed", "Pass", "Task", *(["Fail"] if failing else [])])))
    states: dict[str, Any] = {}
    for name, later in [(name, [*chosen[place + 1 :], last]) for place, name in enumerate(chosen)]:
        kind = name.rstrip("0123456789")
        if kind == "Choice":
            states[name] = _choice(draw, later[0], later)
            continue
        states[name] = {**(_LEAVES | _NESTING)[kind](draw, names, depth, failing), "Next": later[0]}
        if kind in ("Task", "Parallel", "Map") and failing:
            _handle_errors(draw, states[name], later)
    states[last] = _last(draw, names, last.rstrip("0123456789"), depth, failing)
    return {"StartAt": next(iter(states)), "States": states}


def _last(draw: Draw, names: _Names, kind: str, depth: int, failing: bool) -> dict[str, Any]:
    if kind == "Fail":
        return {"Type": "Fail", "Error": draw(st.sampled_from(["Busy", "Over"]))}
    if kind == "Succeed":
        return {"Type": "Succeed"}
    return {**_LEAVES[kind](draw, names, depth, failing), "End": True}


_results = json_values | st.fixed_dictionaries({"a": json_values, "list": st.lists(st.integers(), max_size=2)})
_good = st.builds(Outcome, output=_results)
_any = st.builds(
    Outcome,
    output=_results,
    error=st.none() | st.sampled_from(ERRORS),
    sleep=st.sampled_from([0, 0, 0.5, 3, 100]),
)


@st.composite
def programs(draw: Draw, *, failing: bool = True) -> Program:
    """Machines with inputs and outcomes; without `failing`, nothing in them can fail and tasks take no time."""
    definition = _machine(draw, _Names(), 2, failing)
    if failing and draw(st.integers(0, 5)) == 0:
        definition["TimeoutSeconds"] = draw(st.sampled_from([1, 50, 1000]))
    items = draw(st.lists(json_values, max_size=3))
    input = {"list": items, "none": [], "a": draw(json_values)}
    outcomes = draw(st.lists(_any if failing else _good, min_size=1, max_size=5))
    return Program(definition, input, tuple(outcomes), draw(st.integers(0, 3)))
