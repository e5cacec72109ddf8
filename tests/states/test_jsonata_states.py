"""JSONata in states: where expressions stand, what they see, how they fail, and what is refused when they are read.

Developer guide "Transforming data with JSONata"; texts and the ids of EvaluationFailed as recorded.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asl_engine import DefinitionError, StateMachine, TaskError
from tests.build import (
    T0,
    Json,
    catcher,
    chain,
    details,
    each,
    events,
    function,
    giving,
    in_turn,
    parallel,
    retrier,
    run,
    task,
)

NOTHING = "returned nothing (undefined)."
UNSUPPORTED = "returned an unsupported result type."
THREW = "threw an error during evaluation. "
QUERY_FAILED = "States.QueryEvaluationError"


def jsonata(**states: dict[str, Any]) -> dict[str, Any]:
    """A machine whose every state speaks JSONata."""
    return {"QueryLanguage": "JSONata", **chain(**states)}


def giving_out(output: Json, **fields: Any) -> dict[str, Any]:
    """A Pass state with an Output."""
    return {"Type": "Pass", "Output": output, **fields}


def evaluated(expression: str, input: Json = None, **options: Any) -> Json:
    """What an expression gives in a Pass state's Output."""
    return run(jsonata(S=giving_out(f"{{% {expression} %}}")), input, **options).raise_for_status().output


def refusals(definition: dict[str, Any]) -> list[tuple[str, str]]:
    """(code, pointer) of every error in a definition."""
    with pytest.raises(DefinitionError) as refused:
        StateMachine.from_json(definition)
    return [(found.code, found.pointer) for found in refused.value.diagnostics if found.severity == "ERROR"]


# --- where expressions stand ------------------------------------------------------------------------------------------

TEMPLATES: list[tuple[Json, Json]] = [
    ("{% $states.input.n %}", 3),
    ("{%$states.input.n%}", 3),
    (["{% $states.input.n %}", {"deep": [[{"er": "{% $states.input.list %}"}]]}], [3, {"deep": [[{"er": [1, 2]}]]}]),
    ({"{% key %}": "{% 'keys are literals' %}"}, {"{% key %}": "keys are literals"}),
    ({"a": None, "b": True, "c": 1.5, "d": "plain"}, {"a": None, "b": True, "c": 1.5, "d": "plain"}),
    ({"path.$": "$.n"}, {"path.$": "$.n"}),
    (" {% 1 %} ", " {% 1 %} "),
    ("100 % {", "100 % {"),
    ("{% null %}", None),
    ("{% {'kept': 1, 'left out': $states.input.missing} %}", {"kept": 1}),
    ([], []),
    (None, None),
]


@pytest.mark.parametrize("template, output", TEMPLATES)
def test_an_expression_may_stand_in_any_leaf_and_all_else_is_literal(template: Json, output: Json) -> None:
    assert run(jsonata(S=giving_out(template)), {"n": 3, "list": [1, 2]}).output == output


def test_arguments_are_what_a_task_gets_and_output_what_leaves_it() -> None:
    state = task(Arguments={"id": "{% $states.input.id %}"}, Output=["{% $states.input.id %}", "{% $states.result %}"])
    seen: list[Json] = []
    execution = run(jsonata(S=state), {"id": 7}, tasks={"work": lambda payload: seen.append(payload) or "done"})
    assert (seen, execution.output) == ([{"id": 7}], [7, "done"])


def test_without_arguments_a_task_gets_its_input_and_without_output_gives_its_result() -> None:
    assert run(jsonata(S=task()), {"id": 7}, tasks={"work": lambda payload: [payload]}).output == [{"id": 7}]


def test_without_output_a_state_without_work_gives_its_input() -> None:
    states = {"P": {"Type": "Pass"}, "W": {"Type": "Wait", "Seconds": 1}, "E": {"Type": "Succeed"}}
    assert run(jsonata(**states), {"id": 7}).output == {"id": 7}


def test_a_parallel_states_arguments_are_its_branches_input() -> None:
    branches = chain(A={"Type": "Pass"}), chain(B=giving_out("{% $states.input + 1 %}"))
    state = parallel(*branches, Arguments="{% $states.input.n %}", Output="{% $sum($states.result) %}")
    assert run(jsonata(S=state), {"n": 5}).output == 11


ITEMS: list[tuple[Json, Json]] = [
    ([1, "{% $states.input.n %}"], [1, 5]),
    ("{% [1..$states.input.n] %}", [1, 2, 3, 4, 5]),
    ("{% [] %}", []),
    ("{% {'a': 1} %}", [{"Key": "a", "Value": 1}]),
]


@pytest.mark.parametrize("items, output", ITEMS)
def test_items_is_an_array_or_the_members_of_an_object(items: Json, output: Json) -> None:
    assert run(jsonata(S=each(chain(P={"Type": "Pass"}), Items=items)), {"n": 5}).output == output


def test_an_item_selector_sees_the_maps_input_and_the_item_in_the_context() -> None:
    selector = {
        "item": "{% $states.context.Map.Item.Value %}",
        "index": "{% $states.context.Map.Item.Index %}",
        "factor": "{% $states.input.factor %}",
    }
    state = each(chain(P={"Type": "Pass"}), Items="{% $states.input.list %}", ItemSelector=selector)
    output = run(jsonata(S=state), {"list": ["a", "b"], "factor": 3}).output
    assert output == [{"item": "a", "index": 0, "factor": 3}, {"item": "b", "index": 1, "factor": 3}]


def test_the_first_condition_that_is_true_decides_and_its_output_replaces_the_states() -> None:
    rules = [
        {"Condition": "{% $states.input.n > 10 %}", "Next": "End", "Output": "large"},
        {"Condition": "{% $states.input.n > 5 %}", "Next": "End", "Output": "{% 'middling ' & $states.input.n %}"},
        {"Condition": "{% $states.input.n > 3 %}", "Next": "End"},
    ]
    choice = {"Type": "Choice", "Choices": rules, "Default": "End", "Output": "small"}
    machine = StateMachine.from_json(jsonata(C=choice, End={"Type": "Succeed"}))
    assert [machine.run({"n": n}).output for n in (11, 6, 4, 1)] == ["large", "middling 6", {"n": 4}, "small"]


WAITS: list[tuple[str, Json, float]] = [
    ("Seconds", "{% $states.input.s %}", 30),
    ("Seconds", "{% $states.input.s / 2 %}", 15),
    ("Seconds", 4, 4),
    ("Timestamp", "{% $states.input.t %}", 3600),
    ("Timestamp", "{% $fromMillis($millis() + 60000) %}", 60),
]


@pytest.mark.parametrize("field, value, seconds", WAITS)
def test_a_wait_takes_its_time_from_an_expression(field: str, value: Json, seconds: float) -> None:
    execution = run(jsonata(S={"Type": "Wait", field: value}), {"s": 30, "t": "2024-01-01T01:00:00Z"})
    assert (execution.status, execution.elapsed) == ("SUCCEEDED", seconds)


UNUSABLE: list[tuple[str, Json, str]] = [
    ("Seconds", -1, "The Seconds parameter references a negative value: -1"),
    ("Seconds", 1.5, "The Seconds parameter cannot be parsed as a long value: 1.5"),
    ("Seconds", 100_000_000, "The Seconds parameter references a value greater than 99999999: 100000000"),
    (
        "Timestamp",
        "soon",
        "The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string",
    ),
]


@pytest.mark.parametrize("field, value, text", UNUSABLE)
def test_a_value_that_is_no_time_fails_after_entry(field: str, value: Json, text: str) -> None:
    execution = run(jsonata(S={"Type": "Wait", field: "{% $states.input %}"}), value)
    assert (execution.error, text in (execution.cause or "")) == (QUERY_FAILED, True)
    failed = execution.history[2]
    assert (failed["type"], failed["previousEventId"], details(failed)["location"]) == ("EvaluationFailed", 2, field)


@pytest.mark.parametrize("field", ["TimeoutSeconds", "HeartbeatSeconds"])
def test_a_tasks_time_out_may_be_an_expression(field: str) -> None:
    execution = run(
        jsonata(S=task(**{field: "{% $states.input.s %}"})),
        {"s": 5},
        tasks={"work": lambda payload, context: context.sleep(10)},
    )
    assert (execution.error, execution.elapsed) == ("States.Timeout", 5)


def test_a_fail_states_error_and_cause_may_be_expressions() -> None:
    state = {"Type": "Fail", "Error": "{% $states.input.e %}", "Cause": "{% 'because ' & $states.input.n %}"}
    execution = run(jsonata(S=state), {"e": "Mine", "n": 2})
    assert (execution.error, execution.cause) == ("Mine", "because 2")


def test_credentials_may_be_an_expression() -> None:
    seen: list[Json] = []
    state = task(Credentials={"RoleArn": "{% 'arn:aws:iam::' & $states.input.account & ':role/r' %}"})
    run(jsonata(S=state), {"account": "1"}, tasks={"work": lambda payload, context: seen.append(context.credentials)})
    assert seen == [{"RoleArn": "arn:aws:iam::1:role/r"}]


def test_concurrency_and_tolerated_failures_may_be_expressions() -> None:
    state = each(
        chain(W={"Type": "Wait", "Seconds": 1}, T=task()),
        Items="{% [1..4] %}",
        MaxConcurrency="{% $states.input.at_once %}",
        ToleratedFailureCount="{% 1 %}",
    )
    work = in_turn(1, TaskError("Mine"), 3, 4)
    execution = run(jsonata(S=state), {"at_once": 2}, tasks={"work": work}).raise_for_status()
    assert (execution.elapsed, execution.output[0], execution.output[3]) == (2, 1, 4)


# --- what they see ----------------------------------------------------------------------------------------------------


def test_a_catcher_sees_the_error_output_and_the_states_input() -> None:
    state = task(
        Arguments="changed",
        Catch=[catcher("T", Output=["{% $states.errorOutput.Error %}", "{% $states.input.id %}"])],
    )
    execution = run(jsonata(S=state, T={"Type": "Succeed"}), {"id": 1}, tasks={"work": in_turn(TaskError("Mine"))})
    assert execution.output == ["Mine", 1]


def test_without_output_a_catcher_hands_on_the_error_output() -> None:
    machine = jsonata(S=task(Catch=[catcher("T")]), T={"Type": "Succeed"})
    assert run(machine, tasks={"work": in_turn(TaskError("Mine", "why"))}).output == {"Error": "Mine", "Cause": "why"}


def test_the_context_object_is_at_hand() -> None:
    context = {"Execution": {"Name": "run-1"}}
    assert evaluated("$states.context.Execution.Name & ' ' & $states.context.State.Name", context=context) == "run-1 S"
    assert evaluated("$states.context.Execution.Input.n", {"n": 4}) == 4


def test_time_and_chance_are_the_executions_own() -> None:
    drawn = "{% [$random(), $random(), $uuid()] %}"
    machine = StateMachine.from_json(
        jsonata(W={"Type": "Wait", "Seconds": 90}, S=giving_out({"drawn": drawn, "at": "{% [$now(), $millis()] %}"}))
    )
    first, again, other = (machine.run(seed=seed).output for seed in (1, 1, 2))
    assert first == again
    assert first["drawn"] != other["drawn"]
    assert first["drawn"][0] != first["drawn"][1]
    assert first["at"] == ["2024-01-01T00:01:30.000Z", T0 + 90_000]


# --- how they fail ----------------------------------------------------------------------------------------------------

FAILURES: list[tuple[dict[str, Any], str, str, str]] = [
    (giving_out("{% $states.input.no %}"), "$states.input.no", "Output", NOTHING),
    (giving_out({"a": [0, {"b": "{% $no %}"}]}), "$no", "Output/a[1]/b", NOTHING),
    (giving_out("{% $sum %}"), "$sum", "Output", UNSUPPORTED),
    (giving_out("{% {'f': function($x){$x}} %}"), "{'f': function($x){$x}}", "Output", UNSUPPORTED),
    (giving_out("{% 1() %}"), "1()", "Output", THREW + "T1006: Attempted to invoke a non-function"),
    (giving_out("{% $error('mine') %}"), "$error('mine')", "Output", THREW + "D3137: mine"),
    (giving_out("{% $eval('1') %}"), "$eval('1')", "Output", THREW + "T1006: Attempted to invoke a non-function"),
    ({"Type": "Pass", "Assign": {"v": ["{% $no %}"]}}, "$no", "Assign/v[0]", NOTHING),
    (task(Arguments={"Name": "{% $no %}"}), "$no", "Arguments/Name", NOTHING),
    (task(TimeoutSeconds="{% $no %}"), "$no", "TimeoutSeconds", NOTHING),
    (
        {"Type": "Wait", "Seconds": "{% '5' %}"},
        "'5'",
        "Seconds",
        "returned an unexpected result type. Expected 'number', but was 'string' for value: \"5\"",
    ),
    (
        each(chain(P={"Type": "Pass"}), Items="{% 1 %}"),
        "1",
        "Items",
        "returned an unexpected result type. Expected 'array', but was 'number' for value: 1",
    ),
    (
        {"Type": "Fail", "Error": "{% 1 %}"},
        "1",
        "Error",
        "returned an unexpected result type. Expected 'string', but was 'number' for value: 1",
    ),
]


@pytest.mark.parametrize("state, expression, location, text", FAILURES)
def test_a_failure_names_the_expression_and_the_field(
    state: dict[str, Any], expression: str, location: str, text: str
) -> None:
    execution = run(jsonata(S=state), tasks={"work": giving(1)} if state["Type"] == "Task" else None)
    where = "An error occurred while executing the state 'S' (entered at the event id #2). "
    cause = f"{where}The JSONata expression '{expression}' specified for the field '{location}' {text}"
    assert (execution.status, execution.error, execution.cause) == ("FAILED", QUERY_FAILED, cause)
    assert details(execution.history[2]) == {
        "error": QUERY_FAILED,
        "cause": cause,
        "location": location,
        "state": "S",
    }


def test_a_condition_must_be_a_boolean_and_is_named_by_its_index() -> None:
    rules = [{"Condition": "{% false %}", "Next": "T"}, {"Condition": "{% 'yes' %}", "Next": "T"}]
    execution = run(jsonata(S={"Type": "Choice", "Choices": rules}, T={"Type": "Succeed"}))
    assert execution.error == QUERY_FAILED
    assert "'Choices[1]/Condition' returned an unexpected result type. Expected 'boolean', but was 'string'" in str(
        execution.cause
    )


def test_a_failure_on_entry_follows_what_the_entered_event_follows() -> None:
    history = run(jsonata(A={"Type": "Pass"}, S=giving_out("{% $no %}"))).history
    assert [(event["type"], event["previousEventId"]) for event in history[-3:]] == [
        ("PassStateEntered", 3),
        ("EvaluationFailed", 3),
        ("ExecutionFailed", 5),
    ]


def test_a_failure_after_the_work_follows_the_works_last_event() -> None:
    history = run(jsonata(S=task(Output="{% $no %}")), tasks={"work": giving(1)}).history
    assert [(event["type"], event["previousEventId"]) for event in history[-3:]] == [
        ("LambdaFunctionSucceeded", 4),
        ("EvaluationFailed", 5),
        ("ExecutionFailed", 6),
    ]


def test_a_failing_expression_on_entry_is_retried_and_sees_the_count() -> None:
    state = task(
        Arguments="{% $states.context.State.RetryCount < 2 ? $error('not yet') : 'now' %}",
        Retry=[retrier(QUERY_FAILED, IntervalSeconds=3, BackoffRate=1)],
    )
    execution = run(jsonata(S=state), tasks={"work": lambda payload: payload})
    assert (execution.output, execution.elapsed) == ("now", 6)
    assert events(execution).count("EvaluationFailed") == 2


def test_a_failing_output_is_retried_with_the_work() -> None:
    state = task(Output="{% $states.result + 1 %}", Retry=[retrier("States.ALL")])
    execution = run(jsonata(S=state), tasks={"work": in_turn("one", 1)})
    assert (execution.output, execution.state("S").attempts) == (2, 2)


@pytest.mark.parametrize("name", [QUERY_FAILED, "States.ALL", "States.TaskFailed"])
@pytest.mark.parametrize("field", ["Arguments", "Output"])
def test_a_failing_expression_is_caught(field: str, name: str) -> None:
    state = task(**{field: "{% $no %}"}, Catch=[catcher("T", name, Output="{% $states.errorOutput.Error %}")])
    assert run(jsonata(S=state, T={"Type": "Succeed"}), tasks={"work": giving(1)}).output == QUERY_FAILED


def test_a_catcher_whose_own_expression_fails_fails_the_state() -> None:
    state = task(Catch=[catcher("T", Output={"x": "{% $no %}"})])
    execution = run(jsonata(S=state, T={"Type": "Succeed"}), tasks={"work": in_turn(TaskError("Mine"))})
    assert execution.error == QUERY_FAILED
    assert "'Catch[0]/Output/x'" in (execution.cause or "")


ENDLESS = [
    "( $f := function($x){ 1 + $f($x) }; $f(1) )",
    "( $f := function($x){ $f($x) }; $f(1) )",
    "[1..1e9]",
    "$map([1..9999999], function($x){ [1..1000] })",
    "$pad('a', 1e9)",
    "$match($states.input.text, /^(a+)+$/)",
    "$contains($states.input.text, /^(a|aa)+$/)",
    "1/0",
]


@pytest.mark.parametrize("expression", ENDLESS)
def test_what_would_never_end_ends_as_a_failed_expression(expression: str) -> None:
    execution = run(jsonata(S=giving_out(f"{{% {expression} %}}")), {"text": "a" * 60 + "!"})
    assert execution.error == QUERY_FAILED
    assert THREW in (execution.cause or "")


# --- what is refused --------------------------------------------------------------------------------------------------

UNREADABLE = ["{% $ %}", "{% $$ %}", "{% $$.a %}", "{% a.b %}", "{% 1 + %}", "{% %}", "{%%}", "{%}", "{% 1", "1 %}"]
UNREADABLE += [" {% 1 %}", "{% 1 %} ", "{% 1 ?? 2 %}", "{% 1 ?: 2 %}", "{% ( %}", "{% /(/ %}", "{% 'open %}"]


@pytest.mark.parametrize("text", UNREADABLE)
def test_an_expression_that_is_none_is_refused_with_its_place(text: str) -> None:
    assert refusals(jsonata(S=giving_out({"a": [text]}))) == [("INVALID_JSONATA_EXPRESSION", "/States/S/Output/a/0")]


NEEDS_NO_CONTEXT = ["$states.input.a[b = 1].b", "$map([1], function($v){ $v })", "[1, 2][$ > 1]", "$states.input{b: 1}"]


@pytest.mark.parametrize("expression", NEEDS_NO_CONTEXT)
def test_bare_names_and_the_context_may_stand_inside_a_path(expression: str) -> None:
    assert StateMachine.from_json(jsonata(S=giving_out(f"{{% {expression} %}}")))


RESULT = "{% $states.result %}"
ERROR = "{% $states.errorOutput %}"
MISPLACED: list[tuple[dict[str, Any], str]] = [
    (giving_out(RESULT), "Output"),
    ({"Type": "Pass", "Assign": {"v": RESULT}}, "Assign/v"),
    (task(Arguments=RESULT), "Arguments"),
    (task(Output=ERROR), "Output"),
    (task(Credentials={"RoleArn": RESULT}), "Credentials/RoleArn"),
    (task(Catch=[catcher("T", Output=RESULT)]), "Catch/0/Output"),
    (task(Catch=[catcher("T", Assign={"v": RESULT})]), "Catch/0/Assign/v"),
    (each(chain(P={"Type": "Pass"}), Items=RESULT), "Items"),
    (each(chain(P={"Type": "Pass"}), Items=[], ItemSelector=[ERROR]), "ItemSelector/0"),
    ({"Type": "Wait", "Seconds": RESULT}, "Seconds"),
    ({"Type": "Choice", "Choices": [{"Condition": RESULT, "Next": "T"}]}, "Choices/0/Condition"),
]


@pytest.mark.parametrize("state, place", MISPLACED)
def test_a_result_or_error_output_where_there_is_none_is_refused(state: dict[str, Any], place: str) -> None:
    found = refusals(jsonata(S=state, T={"Type": "Succeed"}))
    assert found == [("SCHEMA_VALIDATION_FAILED", f"/States/S/{place}")]


PATHS: list[tuple[str, dict[str, Any]]] = [
    *(("Pass", {name: "$"}) for name in ("InputPath", "OutputPath", "ResultPath")),
    *(("Pass", {name: {}}) for name in ("Parameters", "Result")),
    *(("Task", {name: "$.s"}) for name in ("TimeoutSecondsPath", "HeartbeatSecondsPath")),
    ("Task", {"ResultSelector": {}}),
    ("Map", {"ItemsPath": "$"}),
    *(("Map", {f"{name}Path": "$"}) for name in ("MaxConcurrency", "ToleratedFailureCount")),
    *(("Wait", {name: "$.s"}) for name in ("SecondsPath", "TimestampPath")),
    *(("Fail", {name: "$.s"}) for name in ("ErrorPath", "CausePath")),
]
NEEDED: dict[str, dict[str, Any]] = {
    "Task": {"Resource": function("work")},
    "Map": {"ItemProcessor": chain(P={"Type": "Pass"})},
}


@pytest.mark.parametrize("kind, fields", PATHS)
def test_a_field_of_jsonpath_is_refused_in_a_jsonata_state(kind: str, fields: dict[str, Any]) -> None:
    [name] = fields
    found = refusals(jsonata(S={"Type": kind, **NEEDED.get(kind, {}), **fields}))
    assert found == [("SCHEMA_VALIDATION_FAILED", f"/States/S/{name}")]


EXPRESSIONS = [giving_out(1), task(Arguments={}), each(chain(P={"Type": "Pass"}), Items=[1])]


@pytest.mark.parametrize("state", EXPRESSIONS)
def test_a_field_of_jsonata_is_refused_in_a_jsonpath_state(state: dict[str, Any]) -> None:
    [name] = state.keys() & {"Output", "Arguments", "Items"}
    assert refusals(chain(S=state)) == [("SCHEMA_VALIDATION_FAILED", f"/States/S/{name}")]


# --- both languages in one machine ------------------------------------------------------------------------------------


def test_a_state_may_speak_jsonata_in_a_jsonpath_machine() -> None:
    machine = chain(
        A={"Type": "Pass", "Parameters": {"n.$": "$.n"}, "Assign": {"seen.$": "$.n"}},
        B=giving_out("{% {'n': $states.input.n + $seen} %}", QueryLanguage="JSONata"),
        C={"Type": "Pass", "Parameters": {"n.$": "$.n", "seen.$": "$seen"}},
    )
    assert run(machine, {"n": 2}).output == {"n": 4, "seen": 2}


def test_a_jsonata_machine_has_no_jsonpath_state() -> None:
    state = {"Type": "Pass", "QueryLanguage": "JSONPath"}
    assert refusals(jsonata(S=state)) == [("SCHEMA_VALIDATION_FAILED", "/States/S")]
    nested = jsonata(S=parallel(chain(P=state)))
    assert refusals(nested) == [("SCHEMA_VALIDATION_FAILED", "/States/S/Branches/0/States/P")]


def test_a_nested_machine_speaks_as_the_top_level_not_as_the_state_around_it() -> None:
    inner = {"Type": "Pass", "Parameters": {"n.$": "$.n"}}
    around = parallel(chain(P=inner), QueryLanguage="JSONata", Output="{% $states.result.n %}")
    assert run(chain(S=around), {"n": 2, "m": 3}).output == 2
    refused = parallel(chain(P=giving_out(1)), QueryLanguage="JSONata")
    assert refusals(chain(S=refused)) == [("SCHEMA_VALIDATION_FAILED", "/States/S/Branches/0/States/P/Output")]


# --- twins ------------------------------------------------------------------------------------------------------------

PATHS_TWIN = StateMachine.from_json(
    chain(
        Keep={"Type": "Pass", "Assign": {"n.$": "$.n", "twice.$": "States.MathAdd($.n, $.n)"}},
        Which={
            "Type": "Choice",
            "Choices": [{"Variable": "$.n", "NumericGreaterThan": 0, "Next": "Each"}],
            "Default": "Small",
        },
        Small={"Type": "Pass", "Parameters": {"text.$": "$.text", "n.$": "$n", "rest.$": "$.rest"}, "End": True},
        Each=each(
            chain(Add={"Type": "Pass", "Parameters": {"sum.$": "States.MathAdd($.item, $twice)", "of.$": "$.item"}}),
            ItemsPath="$.items",
            ItemSelector={"item.$": "$$.Map.Item.Value"},
            Assign={"sums.$": "$"},
        ),
        Show={"Type": "Pass", "Parameters": {"sums.$": "$sums", "count.$": "States.ArrayLength($sums)"}},
    )
)
JSONATA_TWIN = StateMachine.from_json(
    jsonata(
        Keep={"Type": "Pass", "Assign": {"n": "{% $states.input.n %}", "twice": "{% $states.input.n * 2 %}"}},
        Which={
            "Type": "Choice",
            "Choices": [{"Condition": "{% $states.input.n > 0 %}", "Next": "Each"}],
            "Default": "Small",
        },
        Small={
            "Type": "Pass",
            "Output": {"text": "{% $states.input.text %}", "n": "{% $n %}", "rest": "{% $states.input.rest %}"},
            "End": True,
        },
        Each=each(
            chain(Add=giving_out({"sum": "{% $states.input.item + $twice %}", "of": "{% $states.input.item %}"})),
            Items="{% $states.input.items %}",
            ItemSelector={"item": "{% $states.context.Map.Item.Value %}"},
            Assign={"sums": "{% $states.result %}"},
        ),
        Show=giving_out({"sums": "{% $sums %}", "count": "{% $count($sums) %}"}),
    )
)
small = st.integers(-1000, 1000)
leaves = st.none() | st.booleans() | small | st.text("ab {%}$.", max_size=5)
rests = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner))
twin_inputs = st.fixed_dictionaries(
    {"n": small, "items": st.lists(small, max_size=4), "text": st.text(max_size=5), "rest": rests}
)


@given(twin_inputs)
def test_a_jsonpath_machine_and_its_jsonata_twin_do_the_same(input: Json) -> None:
    by_path, by_jsonata = PATHS_TWIN.run(input).raise_for_status(), JSONATA_TWIN.run(input).raise_for_status()
    assert (by_jsonata.output, by_jsonata.path) == (by_path.output, by_path.path)
    assert assigned_in(by_jsonata.history) == assigned_in(by_path.history)


def assigned_in(history: list[dict[str, Any]]) -> list[Json]:
    """What each exit event assigned."""
    return [details(event).get("assignedVariables") for event in history if event["type"].endswith("Exited")]
