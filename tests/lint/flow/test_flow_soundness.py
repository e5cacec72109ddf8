"""What the flow claims is true: every input that a state really gets is one that its shape foresees, and a state that
is said to fail always is never left.

Held against machines drawn at random and run here, and against the recorded executions of the service.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asl_engine import StateMachine, TaskError
from asl_engine.definition.reader import read_definition
from asl_engine.errors import AslError
from asl_engine.lint.flow.walk import Flow, flow_of
from asl_engine.states.table import STATE_TYPES
from tests.build import catcher, function
from tests.lint.flow.containment import contains
from tests.properties.machines import Program, programs

RECORDED = Path(__file__).parents[4] / "shared" / "suites" / "aws-recorded"
OTHER_DEFINITION = {
    "scenarios.test_base_scenarios/TestBaseScenarios.test_map_item_reader_base_json_with_items_path"
    "_VALID_ITEMS_PATH_FROM_INPUT": "its history shows another literal than its definition has",
}
Json = Any


def assert_foreseen(flow: Flow, entered: list[tuple[str, Json]], left: set[str]) -> None:
    """Every (state, input) is in the state's shape, and no state that always fails was left but through Catch."""
    for name, input in entered:
        assert name in flow.seen, f"{name} was entered, and the walk did not reach it"
        shape = flow.seen[name].entry.document
        assert contains(shape, input), f"{name} got {input!r:.300}, which is not in {shape}"
    for name in left:
        if not getattr(flow.places[name].state, "catch", ()):
            assert not flow.seen[name].always_fails, f"{name} was left: {flow.seen[name].tellings}"


def run_and_check(definition: dict[str, Any], input: Json, tasks: dict[str, Any]) -> None:
    machine = StateMachine.from_json(definition)
    try:
        execution = machine.run(input, tasks=tasks, max_transitions=80)
    except AslError:  # a loop that does not end
        return
    entered, left = [], set()
    for event in execution.history:
        if "stateEnteredEventDetails" in event:
            details = event["stateEnteredEventDetails"]
            entered.append((details["name"], json.loads(details["input"])))
        elif "stateExitedEventDetails" in event:
            left.add(event["stateExitedEventDetails"]["name"])
    assert_foreseen(flow_of(machine.definition), entered, left)


# --- machines drawn at random -----------------------------------------------------------------------------------------

PATHS = ["$", "$.a", "$.a.b", "$.b", "$.c[0]", "$.c[*].a", "$v", "$v.a", "$$.Execution.Input.a", "$$.State.Name"]
CALLS = [
    "States.Array($.a, $.b)",
    "States.MathAdd($.a, 1)",
    "States.JsonMerge($.a, $.b, false)",
    "States.ArrayGetItem($.c, 0)",
    "States.ArrayLength($.c)",
    "States.Format('{} and {}', $.a, $$.State.Name)",
    "States.ArrayPartition(States.ArrayRange(1, 6, 1), 4)",
    "States.ArrayUnique($.c)",
    "States.JsonToString($)",
    "States.StringSplit($.b, ',')",
]
WHERE = ["$", "$.a", "$.b", "$.a.b", "$.c[0]", None]
leaves = st.sampled_from([1, "x", None, True, {"b": 2}, [{"a": 1}, {"b": "y"}], [], {}, "3"])
objects = st.fixed_dictionaries({}, optional={"a": leaves, "b": leaves, "c": leaves})


@st.composite
def templates(draw: Any) -> dict[str, Any]:
    filled: dict[str, Any] = {}
    for name in draw(st.lists(st.sampled_from("abc"), unique=True, max_size=3)):
        if draw(st.booleans()):
            filled[f"{name}.$"] = draw(st.sampled_from(PATHS + CALLS))
        else:
            filled[name] = draw(leaves)
    return filled


def _some(draw: Any, state: dict[str, Any], name: str, values: Any) -> None:
    if draw(st.integers(0, 2)) == 0:
        state[name] = draw(values)


def _reshaping(draw: Any, state: dict[str, Any]) -> dict[str, Any]:
    _some(draw, state, "InputPath", st.sampled_from([*PATHS, None]))
    _some(draw, state, "ResultPath", st.sampled_from(WHERE))
    _some(draw, state, "OutputPath", st.sampled_from([*PATHS, None]))
    return state


def _pass(draw: Any, depth: int, names: list[str]) -> dict[str, Any]:
    state: dict[str, Any] = {"Type": "Pass"}
    _some(draw, state, "Result", leaves | objects)
    _some(draw, state, "Parameters", templates())
    if not depth:
        _some(draw, state, "Assign", st.sampled_from([{"v": 1}, {"v.$": "$"}, {"v.$": "$.a"}]))
    return _reshaping(draw, state)


def _task(draw: Any, depth: int, names: list[str]) -> dict[str, Any]:
    invoke = draw(st.booleans())
    state: dict[str, Any] = {"Type": "Task", "Resource": function("work")}
    if invoke:
        state |= {"Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "work"}}
    _some(draw, state, "ResultSelector", templates() | st.just({"a.$": "$.Payload"}))
    if draw(st.booleans()):
        state["Catch"] = [catcher(draw(st.sampled_from(names)), ResultPath=draw(st.sampled_from(WHERE)))]
    return _reshaping(draw, state)


def _wait(draw: Any, depth: int, names: list[str]) -> dict[str, Any]:
    return {"Type": "Wait", "SecondsPath": draw(st.sampled_from(["$.a", "$.b", "$v"]))}


def _map(draw: Any, depth: int, names: list[str]) -> dict[str, Any]:
    state: dict[str, Any] = {"Type": "Map", "ItemProcessor": _machine(draw, depth + 1, names[0])}
    _some(draw, state, "ItemsPath", st.sampled_from(["$.c", "$.a", "$v"]))
    _some(draw, state, "ItemSelector", templates() | st.just({"a.$": "$$.Map.Item.Value", "b.$": "$.b"}))
    _some(draw, state, "ToleratedFailureCount", st.just(1))
    return _reshaping(draw, state)


def _parallel(draw: Any, depth: int, names: list[str]) -> dict[str, Any]:
    branches = [_machine(draw, depth + 1, f"{names[0]}{side}") for side in "lr"]
    return _reshaping(draw, {"Type": "Parallel", "Branches": branches})


TESTS = [
    {"IsPresent": True},
    {"IsPresent": False},
    {"NumericEquals": 1},
    {"IsString": True},
    {"StringEqualsPath": "$.b"},
]


def _rule(draw: Any) -> dict[str, Any]:
    tests = [
        {"Variable": draw(st.sampled_from(["$.a", "$.a.b", "$.b", "$v", "$v.a"])), **draw(st.sampled_from(TESTS))}
        for _ in range(2)
    ]
    return draw(st.sampled_from([tests[0], {"Not": tests[0]}, {"And": tests}, {"Or": tests}]))  # type: ignore[no-any-return]


def _choice(draw: Any, depth: int, names: list[str]) -> dict[str, Any]:
    rules = [{**_rule(draw), "Next": draw(st.sampled_from(names))} for _ in range(draw(st.integers(1, 2)))]
    return {"Type": "Choice", "Choices": rules, "Default": names[0]}


def _machine(draw: Any, depth: int, prefix: str) -> dict[str, Any]:
    """Some states in a row; a Choice may also lead back."""
    kinds = [_pass, _pass, _task, _wait, _choice, *([_map, _parallel] if depth < 2 else [])]
    chosen = draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=4))
    names = [f"{prefix}{number}" for number in range(len(chosen) + 1)]
    states: dict[str, Any] = {}
    for number, make in enumerate(chosen):
        targets = [names[number + 1], *draw(st.permutations(names))[:2]]
        state = make(draw, depth, targets)
        states[names[number]] = state if make is _choice else {**state, "Next": names[number + 1]}
    states[names[-1]] = {"Type": "Pass", "End": True}
    return {"StartAt": names[0], "States": states}


@st.composite
def machines(draw: Any) -> dict[str, Any]:
    """A machine that begins with a known object as often as not."""
    definition = _machine(draw, 0, "s")
    if draw(st.booleans()):
        first = {"Type": "Pass", "Result": draw(objects), "Next": definition["StartAt"]}
        definition = {"StartAt": "known", "States": {"known": first, **definition["States"]}}
    return definition


class _Work:
    """A task's callable: its outcomes in turn, the string "fail" standing for a failure."""

    def __init__(self, outcomes: list[Json]) -> None:
        self.outcomes = outcomes
        self.count = 0

    def __call__(self, payload: Json) -> Json:
        self.count += 1
        outcome = self.outcomes[self.count % len(self.outcomes)]
        if outcome == "fail":
            raise TaskError("Broken", None)
        return outcome


outcomes = st.lists(leaves | objects | st.just("fail"), min_size=1, max_size=3)


@given(machines(), objects | leaves, outcomes)
def test_what_a_state_gets_is_foreseen(definition: dict[str, Any], input: Json, outcomes: list[Json]) -> None:
    run_and_check(definition, input, {"work": _Work(outcomes)})


@given(programs())
def test_what_the_states_of_other_drawn_machines_get_is_foreseen(program: Program) -> None:
    run_and_check(program.definition, program.input, program.tasks)


JSONATA = [
    "$states.input", "$states.input.a", "$states.input.a.b", "$v", "$v.a", "$states.context.State.Name",
    "$exists($states.input.a) ? $states.input.a : 7", "1", "$append($v, 1)", "$states.input.c.a",
]  # fmt: skip


@st.composite
def jsonata_machines(draw: Any) -> dict[str, Any]:
    """JSONata states in a row, with a Choice that may lead back."""
    expressions = st.sampled_from([f"{{% {text} %}}" for text in JSONATA])
    values = st.dictionaries(st.sampled_from("abc"), expressions | leaves, max_size=3) | expressions
    names = [f"s{number}" for number in range(draw(st.integers(2, 5)))]
    states: dict[str, Any] = {}
    for name, following in zip(names, [*names[1:], "end"], strict=True):
        if draw(st.integers(0, 3)) == 0:
            test = draw(st.sampled_from(["$exists($states.input.a)", "$not($exists($v)) and true", "$v = 1"]))
            rule = {"Condition": f"{{% {test} %}}", "Next": draw(st.sampled_from([*names, "end"]))}
            states[name] = {"Type": "Choice", "Choices": [rule], "Default": following}
            _some(draw, rule, "Output", values)
            continue
        states[name] = {"Type": "Pass", "Next": following}
        _some(draw, states[name], "Output", values)
        _some(draw, states[name], "Assign", st.fixed_dictionaries({"v": expressions | leaves}))
    states["end"] = {"Type": "Succeed"}
    return {"QueryLanguage": "JSONata", "StartAt": "s0", "States": states}


@given(jsonata_machines(), objects | leaves)
def test_what_a_jsonata_state_gets_is_foreseen(definition: dict[str, Any], input: Json) -> None:
    run_and_check(definition, input, {})


# --- recorded executions ----------------------------------------------------------------------------------------------


def _value(text: Json) -> Json:
    """An input as recorded: JSON text, or the value itself."""
    try:
        return json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return text


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded executions are not beside this checkout")
def test_what_the_service_recorded_is_foreseen() -> None:
    checked = 0
    for file in sorted(RECORDED.glob("*/*.json")):
        case = json.loads(file.read_text(encoding="utf-8"))
        if case["kind"] != "execution" or case["id"] in OTHER_DEFINITION:
            continue
        machine, diagnostics = read_definition(case["definition"], STATE_TYPES)
        if machine is None or any(found.severity == "ERROR" for found in diagnostics):
            continue
        flow = flow_of(machine)
        events = case["aws"].get("events") or ()
        entered = [event["stateEnteredEventDetails"] for event in events if "stateEnteredEventDetails" in event]
        left = {event["stateExitedEventDetails"]["name"] for event in events if "stateExitedEventDetails" in event}
        inputs = [(state["name"], _value(state.get("input"))) for state in entered if state["name"] in flow.places]
        assert_foreseen(flow, inputs, left & flow.places.keys())
        checked += len(inputs)
    assert checked > 500
