"""Input and output processing: InputPath, Parameters, ResultSelector, ResultPath and OutputPath, in AWS's order."""

from __future__ import annotations

from typing import Any

import pytest

from tests.build import chain, each, in_turn, parallel, run, run_state, task

INPUT = {"a": {"b": 1}, "list": [1, 2]}


def test_the_fields_are_applied_in_their_order() -> None:
    seen: list[Any] = []

    def work(payload: Any) -> Any:
        seen.append(payload)
        return {"answer": {"n": payload["n"] + 1}, "noise": True}

    state = task(
        InputPath="$.a",
        Parameters={"n.$": "$.b"},
        ResultSelector={"m.$": "$.answer.n"},
        ResultPath="$.result",
        OutputPath="$.result",
    )
    execution = run_state(state, INPUT, tasks={"work": work})
    assert (seen, execution.output) == ([{"n": 1}], {"m": 2})


def test_result_path_goes_into_the_raw_input_and_not_into_what_input_path_selects() -> None:
    execution = run_state(task(InputPath="$.a", ResultPath="$.r"), INPUT, tasks={"work": lambda payload: payload})
    assert execution.output == {**INPUT, "r": {"b": 1}}


PASSES: list[tuple[dict[str, Any], Any, Any]] = [
    ({}, INPUT, INPUT),
    ({"InputPath": "$"}, INPUT, INPUT),
    ({"InputPath": "$.a.b"}, INPUT, 1),
    ({"InputPath": None}, INPUT, {}),
    ({"InputPath": "$$.State.Name"}, INPUT, "S"),
    ({"OutputPath": "$.list[1]"}, INPUT, 2),
    ({"OutputPath": "$.list[*]"}, INPUT, [1, 2]),
    ({"OutputPath": None}, INPUT, {}),
    ({"OutputPath": "$$.Execution.Input.a"}, INPUT, {"b": 1}),
    ({"Result": 5}, INPUT, 5),
    ({"Result": None}, INPUT, None),
    ({"Result": {"x.$": "$.a"}}, INPUT, {"x.$": "$.a"}),
    ({"Result": 5, "ResultPath": "$.r"}, INPUT, {**INPUT, "r": 5}),
    ({"Result": 5, "ResultPath": "$.a"}, INPUT, {**INPUT, "a": 5}),
    ({"Result": 5, "ResultPath": "$.x.y"}, INPUT, {**INPUT, "x": {"y": 5}}),
    ({"Result": 5, "ResultPath": "$['x.y']"}, INPUT, {**INPUT, "x.y": 5}),
    ({"Result": 5, "ResultPath": "$.list[1]"}, INPUT, {**INPUT, "list": [1, 5]}),
    ({"Result": 5, "ResultPath": None}, INPUT, INPUT),
    ({"Result": 5, "ResultPath": None, "InputPath": "$.a"}, INPUT, INPUT),
    ({"InputPath": None, "ResultPath": "$.r"}, INPUT, {**INPUT, "r": {}}),
    ({"Parameters": {"x": 1, "y.$": "$.a.b"}}, INPUT, {"x": 1, "y": 1}),
    ({"Parameters": {"deep": {"list": [{"y.$": "$.a.b"}, "$.a", 3]}}}, INPUT, {"deep": {"list": [{"y": 1}, "$.a", 3]}}),
    ({"Parameters": {"y.$": "$$.Execution.Input.a.b"}}, INPUT, {"y": 1}),
    ({"Parameters": {"y.$": "States.ArrayLength($.list)"}}, INPUT, {"y": 2}),
    ({"Parameters": {"y": "$.a"}}, INPUT, {"y": "$.a"}),
    ({"Parameters": {}}, INPUT, {}),
    ({"InputPath": "$.a", "Parameters": {"y.$": "$.b"}}, INPUT, {"y": 1}),
    ({"Parameters": {"y.$": "$.a"}, "Result": 7}, INPUT, 7),
    ({}, 5, 5),
    ({}, "text", "text"),
    ({}, [1], [1]),
    ({}, False, False),
]


@pytest.mark.parametrize("fields, input, output", PASSES)
def test_a_pass_state_reshapes_its_input(fields: dict[str, Any], input: Any, output: Any) -> None:
    execution = run_state({"Type": "Pass", **fields}, input)
    assert (execution.error, execution.output) == (None, output)


FAILURES: list[tuple[dict[str, Any], Any, str]] = [
    ({"InputPath": "$.no"}, INPUT, "Invalid path '$.no' : No results for path: $['no']"),
    ({"OutputPath": "$.no"}, INPUT, "Invalid path '$.no' : No results for path: $['no']"),
    ({"Parameters": {"y.$": "$.no"}}, {"a": 1}, "The JSONPath '$.no' specified for the field 'y.$' could not be found"),
    ({"Result": 5, "ResultPath": "$.r"}, [1], "Unable to apply ReferencePath $.r to input [1]"),
    ({"Result": 5, "ResultPath": "$.a.b.c"}, INPUT, "Unable to apply ReferencePath $.a.b.c to input"),
    ({"Result": 5, "ResultPath": "$.list[2]"}, INPUT, "Unable to apply ReferencePath $.list[2] to input"),
    ({"Parameters": {"y.$": "$none.x"}}, INPUT, "'$none.x'"),
]


@pytest.mark.parametrize("fields, input, words", FAILURES)
def test_what_cannot_be_selected_or_placed_fails_as_runtime(fields: dict[str, Any], input: Any, words: str) -> None:
    execution = run_state({"Type": "Pass", **fields}, input)
    assert (execution.status, execution.error) == ("FAILED", "States.Runtime")
    assert words in (execution.cause or "")


def test_a_failing_expression_names_the_state_and_the_event_that_entered_it() -> None:
    execution = run(chain(A={"Type": "Pass"}, B={"Type": "Pass", "InputPath": "$.no"}), {})
    assert (execution.cause or "").startswith(
        "An error occurred while executing the state 'B' (entered at the event id #4). "
    )


def test_a_failing_result_selector_runs_after_the_task_and_is_not_caught() -> None:
    state = task(ResultSelector={"x.$": "$.no"}, Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Z"}], Next="Z")
    execution = run(chain(S=state, Z={"Type": "Succeed"}), {}, tasks={"work": lambda payload: {}})
    assert (execution.error, execution.path) == ("States.Runtime", ["S"])


def test_parallels_result_selector_reads_the_list_of_outputs() -> None:
    branches = [chain(A={"Type": "Pass", "Result": 1}), chain(B={"Type": "Pass", "Result": 2})]
    state = parallel(*branches, ResultSelector={"second.$": "$[1]"}, ResultPath="$.r", OutputPath="$.r")
    assert run_state(state, {}).output == {"second": 2}


def test_parallels_parameters_are_every_branchs_input() -> None:
    branches = [chain(A={"Type": "Pass"}), chain(B={"Type": "Pass"})]
    assert run_state(parallel(*branches, Parameters={"n.$": "$.a.b"}), INPUT).output == [{"n": 1}, {"n": 1}]


def test_maps_input_path_comes_before_its_items_path() -> None:
    state = each(chain(A={"Type": "Pass"}), InputPath="$.in", ItemsPath="$.items", ResultPath="$.out")
    assert run_state(state, {"in": {"items": [1]}}).output == {"in": {"items": [1]}, "out": [1]}


def test_waits_output_is_its_selected_input() -> None:
    assert run_state({"Type": "Wait", "Seconds": 1, "InputPath": "$.a", "OutputPath": "$.b"}, INPUT).output == 1


def test_succeed_selects_its_input_and_output() -> None:
    assert run_state({"Type": "Succeed", "InputPath": "$.a", "OutputPath": "$.b"}, INPUT).output == 1


def test_variables_are_those_of_the_state_entry_and_visible_from_the_next_state_on() -> None:
    machine = chain(
        A={"Type": "Pass", "Assign": {"n": 1}},
        B={"Type": "Pass", "Parameters": {"was.$": "$n"}, "Assign": {"n": 2, "m.$": "$n"}},
        C={"Type": "Pass", "Parameters": {"b.$": "$", "n.$": "$n", "m.$": "$m"}},
    )
    assert run(machine).output == {"b": {"was": 1}, "n": 2, "m": 1}


def test_a_tasks_assign_reads_its_result_beside_the_result_selector() -> None:
    state = task(ResultSelector={"kept.$": "$.a"}, Assign={"whole.$": "$"})
    machine = chain(S=state, T={"Type": "Pass", "Parameters": {"whole.$": "$whole", "out.$": "$"}})
    output = run(machine, tasks={"work": in_turn({"a": 1, "b": 2})}).output
    assert output == {"whole": {"a": 1, "b": 2}, "out": {"kept": 1}}


def test_a_branch_reads_outer_variables_and_its_own_end_with_it() -> None:
    inner = chain(B={"Type": "Pass", "Assign": {"own": 1}}, C={"Type": "Pass", "Parameters": {"o.$": "$outer"}})
    machine = chain(
        A={"Type": "Pass", "Assign": {"outer": 7}},
        P=parallel(inner, ResultPath="$.p"),
        Z={"Type": "Pass", "Parameters": {"own.$": "$own"}},
    )
    execution = run(machine, {})
    assert execution.state("P").output["p"] == [{"o": 7}]
    assert execution.error == "States.Runtime"
