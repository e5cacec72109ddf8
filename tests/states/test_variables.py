"""Variables in both languages: when they are set, who sees them, what is refused, and how much they may hold.

Developer guide "Passing data between states with variables". Each test speaks the language that says it shortest,
or both.
"""

from __future__ import annotations

from typing import Any

import pytest

from asl_engine import DefinitionError, StateMachine, TaskError
from tests.build import Json, catcher, chain, details, each, events, giving, in_turn, parallel, run, task

SCOPE = "VARIABLE_ASSIGNED_IN_OUTER_SCOPE"
LIMIT = "States.DataLimitExceeded"


def jsonata(**states: dict[str, Any]) -> dict[str, Any]:
    """A machine whose every state speaks JSONata."""
    return {"QueryLanguage": "JSONata", **chain(**states)}


def keep(**variables: Json) -> dict[str, Any]:
    """A Pass state that assigns."""
    return {"Type": "Pass", "Assign": variables}


def show(template: Json) -> dict[str, Any]:
    """A Pass state with an Output."""
    return {"Type": "Pass", "Output": template}


def by_path(**fields: Json) -> dict[str, Any]:
    """A Pass state with Parameters; each value a path or an intrinsic function."""
    return {"Type": "Pass", "Parameters": {f"{name}.$": text for name, text in fields.items()}}


def refusals(definition: dict[str, Any]) -> list[tuple[str, str]]:
    """(code, pointer) of every error in a definition."""
    with pytest.raises(DefinitionError) as refused:
        StateMachine.from_json(definition)
    return [(found.code, found.pointer) for found in refused.value.diagnostics if found.severity == "ERROR"]


# --- when they are set ------------------------------------------------------------------------------------------------

SWAPS = [
    chain(A=keep(a=1, b=2), B=keep(**{"a.$": "$b", "b.$": "$a"}), C=by_path(a="$a", b="$b")),
    jsonata(A=keep(a=1, b=2), B=keep(a="{% $b %}", b="{% $a %}"), C=show({"a": "{% $a %}", "b": "{% $b %}"})),
]


@pytest.mark.parametrize("machine", SWAPS, ids=["JSONPath", "JSONata"])
def test_all_of_an_assign_reads_the_values_at_entry_and_is_set_together(machine: dict[str, Any]) -> None:
    assert run(machine).output == {"a": 2, "b": 1}


def test_a_states_own_assign_does_not_reach_its_output() -> None:
    both = {"Type": "Pass", "Assign": {"v": "new"}, "Output": "{% $v %}"}
    assert run(jsonata(A=keep(v="old"), B=both)).output == "old"
    assert run(jsonata(A=keep(v="old"), B=both, C=show("{% [$v, $states.input] %}"))).output == ["new", "old"]


def test_a_failing_assign_sets_nothing() -> None:
    state = task(Assign={"a": 2, "b": "{% $no %}"}, Catch=[catcher("Show")])
    machine = jsonata(Keep=keep(a=1), Work=state, Show=show("{% $a %}"))
    assert run(machine, tasks={"work": giving(1)}).output == 1


def test_a_whole_variable_is_set_anew() -> None:
    assert run(jsonata(A=keep(v={"a": 1}), B=keep(v={"b": 2}), C=show("{% $v %}"))).output == {"b": 2}


RESULTS: list[tuple[dict[str, Any], Json]] = [
    (task(Parameters={"p": 1}, ResultSelector={"s": 1}), {"from": {"p": 1}}),
    ({"Type": "Pass", "Result": 5}, 5),
    ({"Type": "Pass", "InputPath": "$.in"}, {"x": 1}),
    ({"Type": "Wait", "Seconds": 1, "InputPath": "$.in"}, {"x": 1}),
    (parallel(chain(P={"Type": "Pass"})), [{"in": {"x": 1}}]),
]


@pytest.mark.parametrize("state, value", RESULTS)
def test_in_a_jsonpath_assign_the_document_is_the_states_result(state: dict[str, Any], value: Json) -> None:
    machine = chain(S={**state, "Assign": {"v.$": "$"}}, T=by_path(v="$v"))
    tasks = {"work": lambda payload: {"from": payload}} if state["Type"] == "Task" else None
    assert run(machine, {"in": {"x": 1}}, tasks=tasks).output == {"v": value}


def test_the_exit_event_shows_what_was_assigned_as_json_texts() -> None:
    history = run(jsonata(A=keep(n=1, text="t", list=[1, {"a": None}]))).history
    assert details(history[2])["assignedVariables"] == {"n": "1", "text": '"t"', "list": '[1,{"a":null}]'}


def test_an_exit_event_without_assign_shows_none() -> None:
    history = run(jsonata(A=keep(n=1), B={"Type": "Pass"})).history
    assert "assignedVariables" not in details(history[4])


def test_a_choice_rules_assign_replaces_the_states() -> None:
    rule = {"Condition": "{% $states.input.big %}", "Next": "Show", "Assign": {"v": "rule"}}
    choice = {"Type": "Choice", "Choices": [rule], "Default": "Show", "Assign": {"v": "state"}}
    machine = StateMachine.from_json(jsonata(C=choice, Show=show("{% $v %}")))
    assert [machine.run({"big": big}).output for big in (True, False)] == ["rule", "state"]


# --- who sees them ----------------------------------------------------------------------------------------------------


def test_an_inner_machine_reads_what_is_around_it() -> None:
    inner = each(chain(P=show("{% $states.input * $factor %}")), Items="{% $states.input %}")
    assert run(jsonata(A=keep(factor=10), M=parallel(chain(E=inner))), [1, 2]).output == [[10, 20]]


def test_siblings_do_not_see_each_other() -> None:
    first, second = chain(A=keep(v=1), B=show("{% $v %}")), chain(C={"Type": "Pass"}, D=show("{% $exists($v) %}"))
    assert run(jsonata(P=parallel(first, second))).output == [1, False]


def test_each_iteration_has_its_own() -> None:
    inner = chain(Keep=keep(v="{% $states.input %}"), Wait={"Type": "Wait", "Seconds": 1}, Show=show("{% $v %}"))
    assert run(jsonata(E=each(inner, Items=[1, 2, 3]))).output == [1, 2, 3]


def test_inner_variables_end_with_their_machine() -> None:
    machine = jsonata(P=parallel(chain(A=keep(v=1))), After=show("{% $exists($v) %}"))
    assert run(machine).output is False


def test_a_catcher_assigns_in_the_scope_of_its_state() -> None:
    fails = catcher("Show", Assign={"why": "{% $states.errorOutput.Error %}"})
    machine = jsonata(P=parallel(chain(T=task()), Catch=[fails]), Show=show("{% $why %}"))
    assert run(machine, tasks={"work": in_turn(TaskError("Mine"))}).output == "Mine"


def test_a_retried_state_has_assigned_nothing_before() -> None:
    state = task(
        Arguments="{% $exists($v) %}",
        Assign={"v": "{% $states.result.ok %}"},
        Output="{% $states.result.ok %}",
        Retry=[{"ErrorEquals": ["States.ALL"]}],
    )
    seen: list[Json] = []
    answer = in_turn({}, {"ok": 1})
    execution = run(jsonata(S=state), tasks={"work": lambda payload: seen.append(payload) or answer(payload)})
    assert (execution.output, seen) == (1, [False, False])


FIELDS: list[tuple[dict[str, Any], Json]] = [
    ({"Type": "Pass", "InputPath": "$v.list"}, [1, 2]),
    ({"Type": "Pass", "OutputPath": "$v.n"}, 3),
    ({"Type": "Pass", "Parameters": {"x.$": "$v.list[1]"}}, {"x": 2}),
    ({"Type": "Pass", "Parameters": {"x.$": "$v.list[*]"}}, {"x": [1, 2]}),
    ({"Type": "Pass", "Parameters": {"x.$": "States.MathAdd($v.n, 1)"}}, {"x": 4}),
    (task(ResultSelector={"x.$": "$v.n"}), {"x": 3}),
    (each(chain(P={"Type": "Pass"}), ItemsPath="$v.list"), [1, 2]),
    (each(chain(P={"Type": "Pass"}), ItemsPath="$v.list", ItemSelector={"x.$": "$v.n"}), [{"x": 3}, {"x": 3}]),
    (each(chain(P={"Type": "Pass"}), ItemsPath="$v.list", MaxConcurrencyPath="$v.n"), [1, 2]),
    (task(TimeoutSecondsPath="$v.n", ResultPath="$.r"), {"r": "done"}),
    ({"Type": "Wait", "SecondsPath": "$v.n"}, {}),
    ({"Type": "Wait", "TimestampPath": "$v.at"}, {}),
]


@pytest.mark.parametrize("state, output", FIELDS)
def test_every_path_field_may_read_a_variable(state: dict[str, Any], output: Json) -> None:
    machine = chain(A=keep(v={"list": [1, 2], "n": 3, "at": "2024-01-01T00:00:03Z"}), S=state)
    tasks = {"work": giving("done")} if state["Type"] == "Task" else None
    assert run(machine, tasks=tasks).raise_for_status().output == output


@pytest.mark.parametrize("rule", [{"NumericEquals": 3}, {"NumericEqualsPath": "$v.same"}, {"IsPresent": True}])
def test_a_choice_may_test_a_variable(rule: dict[str, Any]) -> None:
    choice = {"Type": "Choice", "Choices": [{"Variable": "$v.n", **rule, "Next": "Yes"}]}
    assert run(chain(A=keep(v={"n": 3, "same": 3}), C=choice, Yes={"Type": "Succeed"})).path[-1] == "Yes"


def test_a_fail_states_paths_may_read_a_variable() -> None:
    execution = run(
        chain(A=keep(v={"e": "Mine", "c": "why"}), F={"Type": "Fail", "ErrorPath": "$v.e", "CausePath": "$v.c"})
    )
    assert (execution.error, execution.cause) == ("Mine", "why")


def test_a_variable_named_like_a_function_is_read_as_a_value_and_the_function_still_called() -> None:
    machine = jsonata(A=keep(sum=5, count=[1]), B=show("{% [$sum, $sum([1, 2]), $count($count)] %}"))
    assert run(machine).output == [5, 3, 1]


@pytest.mark.parametrize("text", ["$nope", "$nope.a", "States.Format('{}', $nope)"])
def test_a_path_to_a_variable_that_was_never_set_is_a_runtime_error(text: str) -> None:
    assert run(chain(S=by_path(v=text))).error == "States.Runtime"


# --- what is refused --------------------------------------------------------------------------------------------------

NAMES = ["a.b", "a-b", "1a", "", "$a", "a b", "states", "x" * 81]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_name_of_a_variable_is_refused(name: str) -> None:
    assert refusals(jsonata(S=keep(**{name: 1}))) == [("SCHEMA_VALIDATION_FAILED", f"/States/S/Assign/{name}")]
    assert refusals(chain(S=keep(**{f"{name}.$": "$"}))) == [("SCHEMA_VALIDATION_FAILED", f"/States/S/Assign/{name}.$")]


@pytest.mark.parametrize("name", ["a", "_a1", "été", "x" * 80, "class"])
def test_an_identifier_is_the_name_of_a_variable(name: str) -> None:
    assert run(jsonata(A=keep(**{name: 1}), B=show(f"{{% ${name} %}}"))).output == 1


@pytest.mark.parametrize("value", [[], "{% {} %}", 1, None])
def test_an_assign_is_an_object(value: Json) -> None:
    assert refusals(jsonata(S={"Type": "Pass", "Assign": value})) == [("SCHEMA_VALIDATION_FAILED", "/States/S/Assign")]


@pytest.mark.parametrize("kind", ["Succeed", "Fail"])
def test_a_state_that_ends_the_machine_assigns_nothing(kind: str) -> None:
    found = refusals(jsonata(S={"Type": kind, "Assign": {"v": 1}}))
    assert found == [("SCHEMA_VALIDATION_FAILED", "/States/S/Assign")]


def test_an_inner_machine_may_not_assign_an_outer_name() -> None:
    inner = chain(B=keep(v=2))
    place = "States/B/Assign/v"
    assert refusals(jsonata(A=keep(v=1), P=parallel(inner))) == [(SCOPE, f"/States/P/Branches/0/{place}")]
    assert refusals(jsonata(P=parallel(inner), A=keep(v=1))) == [(SCOPE, f"/States/P/Branches/0/{place}")]
    assert refusals(chain(A=keep(**{"v.$": "$"}), E=each(inner))) == [(SCOPE, f"/States/E/ItemProcessor/{place}")]


def test_a_catchers_and_a_rules_names_count_as_the_outer_scopes() -> None:
    place = "/States/P/Branches/0/States/B/Assign/v"
    other = parallel(chain(O={"Type": "Pass"}), Catch=[catcher("Z", Assign={"v": 1})])
    assert refusals(jsonata(Q=other, P=parallel(chain(B=keep(v=2))), Z={"Type": "Pass"})) == [(SCOPE, place)]
    choice = {"Type": "Choice", "Choices": [{"Condition": True, "Next": "P", "Assign": {"v": 1}}]}
    assert refusals(jsonata(C=choice, P=parallel(chain(B=keep(v=2))))) == [(SCOPE, place)]


def test_siblings_may_use_one_name() -> None:
    first, second = chain(A=keep(v=1), B=show("{% $v %}")), chain(C=keep(v=2), D=show("{% $v %}"))
    assert run(jsonata(P=parallel(first, second))).output == [1, 2]


def test_a_result_path_sets_no_variable() -> None:
    machine = chain(A=keep(v=1), S={"Type": "Pass", "ResultPath": "$v.a"})
    assert refusals(machine) == [("SCHEMA_VALIDATION_FAILED", "/States/S/ResultPath")]


# --- how much they hold -----------------------------------------------------------------------------------------------

LARGE = "x" * 200_000


def test_one_assign_holds_at_most_256_kib() -> None:
    machine = StateMachine.from_json(jsonata(S=keep(a="{% $states.input.a %}", b="{% $states.input.b %}")))
    overhead = len('{"a":"","b":""}')
    fits = {"a": LARGE, "b": "x" * (262_144 - 200_000 - overhead)}
    assert machine.run(fits).status == "SUCCEEDED"
    twice = jsonata(S=keep(a="{% $states.input %}", b="{% $states.input %}"))
    execution = run(twice, LARGE)
    assert (execution.error, "PassStateExited" in events(execution)) == (LIMIT, False)


def test_too_large_an_assign_is_caught_by_its_name_only() -> None:
    def caught_by(name: str) -> str:
        state = task(Assign=dict.fromkeys("ab", "{% $states.result %}"), Output="small", Catch=[catcher("T", name)])
        return run(jsonata(S=state, T={"Type": "Pass"}), tasks={"work": giving(LARGE)}).status

    assert (caught_by(LIMIT), caught_by("States.ALL")) == ("SUCCEEDED", "FAILED")


def test_an_execution_holds_at_most_10_mib() -> None:
    def status(count: int) -> str | None:
        return run(jsonata(**{f"S{n}": keep(**{f"v{n}": "{% $states.input %}"}) for n in range(count)}), LARGE).error

    assert (status(52), status(53)) == (None, LIMIT)


def test_setting_a_variable_anew_frees_what_it_held() -> None:
    states = {f"S{n}": keep(v="{% $states.input %}") for n in range(120)}
    assert run(jsonata(**states), LARGE).status == "SUCCEEDED"
