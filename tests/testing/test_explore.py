"""The explorer covers what can be covered, says what cannot, and leaves cases that replay."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from asl_engine import StateMachine
from asl_engine.machine import Measuring
from asl_engine.testing import Collector, coverage_of, explore, load_mock_config, replay_case, write_exploration
from asl_engine.testing.exploring.files import CASES_FILE, MOCK_FILE, departures
from asl_engine.testing.exploring.fitting import Fitting
from asl_engine.testing.exploring.places import keys_of, put
from asl_engine.testing.exploring.report import as_json, as_text
from asl_engine.testing.exploring.search import Exploration
from tests.build import chain, task

ROOT = Path(__file__).parents[2]
SUITE = ROOT.parent / "shared" / "suites" / "workflows"
ORDERS = ROOT / "examples" / "order_pipeline" / "order_pipeline.asl.json"


def explored(document: dict[str, Any], **given: Any) -> Exploration:
    return explore(StateMachine.from_json(document), **given)


def states(*ends: str, **own: Any) -> dict[str, Any]:
    return {"StartAt": next(iter(own)), "States": {**own, **{end: {"Type": "Succeed"} for end in ends}}}


def missed(found: Exploration) -> list[str]:
    return [element.pointer for element in found.missed]


# --- what is found ----------------------------------------------------------------------------------------------------


def test_the_order_pipeline_is_covered_wholly() -> None:
    found = explore(StateMachine.from_file(ORDERS))
    assert missed(found) == []
    assert found.unreachable == {}
    assert departures(found) == []


RULES: list[tuple[dict[str, Any], Any]] = [
    ({"Variable": "$.n", "NumericGreaterThan": 5}, None),
    ({"And": [{"Variable": "$.a", "IsPresent": True}, {"Variable": "$.a.b", "StringEquals": "yes"}]}, None),
    ({"Not": {"Variable": "$.a", "IsPresent": True}}, None),
    ({"Variable": "$.list[0]", "IsPresent": False}, None),
    ({"Variable": "$.when", "TimestampLessThan": "2024-06-01T00:00:00Z"}, None),
    ({"Variable": "$.name", "StringMatches": "log-*.txt"}, None),
    ({"Condition": "{% $states.input.kind = 'big' %}"}, "JSONata"),
    ({"Condition": "{% $states.input.n >= 10 and $states.input.on = true %}"}, "JSONata"),
]


@pytest.mark.parametrize("rule, language", RULES, ids=[json.dumps(rule)[:40] for rule, _ in RULES])
def test_both_ways_of_a_choice_are_found(rule: dict[str, Any], language: str | None) -> None:
    choice = {"Type": "Choice", "Choices": [{**rule, "Next": "Yes"}], "Default": "No"}
    document = states("Yes", "No", Pick=choice) | ({"QueryLanguage": language} if language else {})
    assert missed(explored(document)) == []


def test_a_rule_on_the_result_of_a_task_is_found() -> None:
    rule = {"Variable": "$.job.State", "StringEquals": "DONE", "Next": "Yes"}
    ask = task(ResultSelector={"State.$": "$.Job.Status"}, ResultPath="$.job", Next="Pick")
    document = states("Yes", Ask=ask, Pick={"Type": "Choice", "Choices": [rule], "Default": "Ask"})
    assert missed(explored(document)) == []


def test_every_retrier_and_catcher_that_can_be_used_is() -> None:
    retry = [{"ErrorEquals": ["Busy"], "MaxAttempts": 2}, {"ErrorEquals": ["States.Timeout"]}]
    catch = [{"ErrorEquals": ["Broken"], "Next": "A"}, {"ErrorEquals": ["States.ALL"], "Next": "B"}]
    assert missed(explored(states("A", "B", "C", Work=task(Retry=retry, Catch=catch, Next="C")))) == []


def test_errors_inside_a_map_and_a_parallel_reach_their_catchers() -> None:
    each = {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": chain(One=task()), "Next": "Both"}
    each["Catch"] = [{"ErrorEquals": ["Bad"], "Next": "A"}]
    both = {"Type": "Parallel", "Branches": [chain(Two=task())], "Next": "A"}
    both["Retry"], both["Catch"] = [{"ErrorEquals": ["Slow"]}], [{"ErrorEquals": ["States.ALL"], "Next": "B"}]
    assert missed(explored(states("A", "B", Each=each, Both=both))) == []


def test_the_items_of_a_distributed_map_are_given() -> None:
    reader = {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key.$": "$.key"}}
    reader["ReaderConfig"] = {"InputType": "JSONL"}  # type: ignore[assignment]
    body = chain(One=task(Parameters={"id.$": "$.order.id"}))
    body["ProcessorConfig"] = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    rows = {"Type": "Map", "ItemReader": reader, "ItemProcessor": body, "Next": "A"}
    rows["Catch"] = [{"ErrorEquals": ["States.ItemReaderFailed"], "Next": "B"}]
    found = explored(states("A", "B", Rows=rows))
    assert (missed(found), departures(found)) == ([], [])


def test_text_that_must_be_json_is_json() -> None:
    read = {"Type": "Pass", "Parameters": {"value.$": "States.StringToJson($.body)"}, "End": True}
    assert missed(explored({"StartAt": "Read", "States": {"Read": read}})) == []


LAMBDA = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f"}}


def pick(**rule: Any) -> dict[str, Any]:
    return {"Type": "Choice", "Choices": [{**rule, "Next": "A"}], "Default": "B"}


def jsonata(document: dict[str, Any]) -> dict[str, Any]:
    return {"QueryLanguage": "JSONata", **document}


def each(body: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"Type": "Map", "ItemProcessor": body, "Next": "A", **fields}


def polled(done: str) -> dict[str, Any]:
    """Asks until the answer is `done`."""
    again = {"Type": "Choice", "Choices": [{"Variable": "$.state", "StringEquals": done, "Next": f"Is {done}"}]}
    wait = {"Type": "Wait", "Seconds": 1, "Next": f"Ask {done}"}
    asks = {f"Ask {done}": task(Next=f"Look {done}"), f"Look {done}": {**again, "Default": f"Wait {done}"}}
    return {
        "StartAt": f"Ask {done}",
        "States": {**asks, f"Wait {done}": wait, f"Is {done}": {"Type": "Succeed"}},
    }


BATCHED = {
    **chain(One=task(Parameters={"n.$": "$.Items[0].n"})),
    "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
}
FOUND: dict[str, dict[str, Any]] = {
    "what a function's payload holds": states(
        "A", "B", Ask={**LAMBDA, "OutputPath": "$.Payload", "Next": "Pick"}, Pick=pick(Variable="$.go", IsNull=True)
    ),
    "what Parameters read below InputPath": states(
        "A", Get={"Type": "Pass", "InputPath": "$.detail", "Parameters": {"n.$": "$.n"}, "Next": "A"}
    ),
    "what an ItemSelector reads of an item": states(
        "A", Each=each(chain(One=task(Parameters={"n.$": "$.n"})), ItemSelector={"n.$": "$$.Map.Item.Value.id"})
    ),
    "what a state reads of each item of a batch": states(
        "A", Each=each(BATCHED, ItemsPath="$.rows", ItemBatcher={"MaxItemsPerBatch": 2})
    ),
    "items in the execution's input": states(
        "A",
        Forget={"Type": "Pass", "Result": {}, "Next": "Each"},
        Each=each(chain(One=task(Parameters={"n.$": "$.n"})), ItemsPath="$$.Execution.Input.rows"),
    ),
    "items behind a slice": states("A", Each=each(chain(One=task()), InputPath="$.rows[1:]")),
    "a number as text": jsonata(
        states("A", "B", Pick=pick(Condition="{% $number($states.input.n) * 2 > 100 %}")),
    ),
    "a time to wait for": states("A", Until={"Type": "Wait", "TimestampPath": "$.when", "Next": "A"}),
    "a computed text": states(
        "A",
        "B",
        Write={"Type": "Pass", "Parameters": {"text.$": "States.JsonToString($.value)"}, "Next": "Pick"},
        Pick=pick(Variable="$.text", StringMatches="*Z*"),
    ),
    "branches that wait for different answers": states(
        "A", Both={"Type": "Parallel", "Branches": [polled("DONE"), polled("COMPLETE")], "Next": "A"}
    ),
}


@pytest.mark.parametrize("document", FOUND.values(), ids=FOUND)
def test_data_that_lead_everywhere_are_found(document: dict[str, Any]) -> None:
    found = explored(document)
    assert (missed(found), departures(found)) == ([], [])


# --- what is told -----------------------------------------------------------------------------------------------------


def test_a_handler_behind_another_is_told_as_unreachable() -> None:
    catch = [{"ErrorEquals": ["Broken"], "Next": "A"}, {"ErrorEquals": ["Broken"], "Next": "B"}]
    found = explored(states("A", "B", Work=task(Catch=catch, Next="A")))
    assert set(found.unreachable) == {"/States/Work/Catch/1", "/States/B"}
    assert "cannot be reached:" in as_text(found)


def test_a_retrier_without_attempts_is_told_as_unreachable() -> None:
    retry = [{"ErrorEquals": ["Busy"], "MaxAttempts": 0}, {"ErrorEquals": ["States.ALL"]}]
    found = explored(states("A", Work=task(Retry=retry, Next="A")))
    assert (missed(found), set(found.unreachable)) == ([], {"/States/Work/Retry/0"})


def test_a_parallel_with_a_branch_that_always_fails_is_told_to_be_left_by_no_other_way() -> None:
    late = chain(Wait={"Type": "Wait", "Seconds": 1, "Next": "Late"}, Late={"Type": "Fail", "Error": "Late"})
    catch = [{"ErrorEquals": ["Late"], "Next": "B"}]
    found = explored(
        states("A", "B", Race={"Type": "Parallel", "Branches": [chain(One=task()), late], "Catch": catch, "Next": "A"})
    )
    assert (missed(found), set(found.unreachable)) == ([], {"/States/Race/Next", "/States/A"})


def test_a_handler_with_one_dead_name_is_used_by_another() -> None:
    catch = [{"ErrorEquals": ["Broken"], "Next": "A"}, {"ErrorEquals": ["Broken", "Bad"], "Next": "B"}]
    found = explored(states("A", "B", Work=task(Catch=catch, Next="A")))
    assert (missed(found), found.unreachable) == ([], {})


def test_a_handler_whose_every_name_is_dead_is_told_as_unreachable() -> None:
    retry = [{"ErrorEquals": ["Broken"]}, {"ErrorEquals": ["Bad"]}, {"ErrorEquals": ["Broken", "Bad"]}]
    found = explored(chain(Work=task(Retry=retry)))
    assert set(found.unreachable) == {"/States/Work/Retry/2"}


@pytest.mark.parametrize("before", ["States.TaskFailed", "Broken"])
def test_a_catcher_of_missed_heartbeats_is_not_called_unreachable(before: str) -> None:
    catch = [{"ErrorEquals": [before], "Next": "A"}, {"ErrorEquals": ["States.HeartbeatTimeout"], "Next": "B"}]
    found = explored(states("A", "B", Work=task(HeartbeatSeconds=5, Catch=catch, Next="A")))
    assert found.unreachable == {}


EMPTY_MAP = "/States/Each/ItemProcessor/empty"


def test_errors_that_nothing_catches_are_told() -> None:
    catch = [{"ErrorEquals": ["Broken"], "Next": "A"}]
    found = explored(states("A", Work=task(Catch=catch, Next="A")))
    assert found.uncaught == {"Work": ["Explored.Error"]}
    assert "errors of tasks that nothing catches:\n  Work: Explored.Error" in as_text(found)


def test_inputs_that_go_round_in_circles_are_told() -> None:
    again = {"Variable": "$.again", "BooleanEquals": True, "Next": "Pick"}
    found = explored(states("Out", Pick={"Type": "Choice", "Choices": [again], "Default": "Out"}))
    assert missed(found) == []
    assert {"again": True} in as_json(found)["endless"]  # type: ignore[operator]


def test_what_was_not_reached_says_how_the_nearest_run_failed() -> None:
    never = {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, $.n)"}, "Next": "Done"}
    found = explored(states("Done", Read={"Type": "Pass", "Result": {"n": "text"}, "Next": "Add"}, Add=never))
    assert missed(found) == ["/States/Add/Next", "/States/Done"]
    assert "the nearest run failed: An error occurred while executing the state 'Add'" in as_text(found)


def test_only_inputs_that_fit_are_tried() -> None:
    rule = {"Variable": "$.n", "NumericLessThan": 0, "Next": "Less"}
    document = states("Less", "More", Pick={"Type": "Choice", "Choices": [rule], "Default": "More"})

    def fits(value: Any) -> bool:
        return not isinstance(value.get("n"), int | float) or value["n"] >= 0

    found = explored(document, fits=fits)
    assert "/States/Less" in missed(found)
    assert all(fits(case.scenario.input) for case in found.cases)


def test_no_more_runs_are_made_than_allowed() -> None:
    found = explore(StateMachine.from_file(ORDERS), max_runs=25)
    assert (found.runs, found.cut_short) == (25, True)
    assert "the search was cut short" in as_text(found)


# --- inputs that fit a schema -----------------------------------------------------------------------------------------

ORDER_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["id", "kind", "amount", "lines", "buyer"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string", "pattern": "^o-[0-9]+$", "examples": ["o-17"]},
        "kind": {"enum": ["gift", "plain"]},
        "amount": {"type": "integer", "minimum": 10, "multipleOf": 10},
        "lines": {"type": "array", "minItems": 2, "items": {"$ref": "#/$defs/line"}},
        "buyer": {"oneOf": [{"type": "object", "required": ["mail"]}, {"type": "string", "minLength": 30}]},
    },
    "$defs": {"line": {"type": "object", "required": ["sku"], "properties": {"sku": {"type": "string"}}}},
}


def test_inputs_are_made_to_fit_a_schema() -> None:
    rule = {"Variable": "$.kind", "StringEquals": "plain", "Next": "Plain"}
    pick = {"Type": "Choice", "Choices": [rule], "Default": "Each"}
    each = {"Type": "Map", "ItemsPath": "$.lines", "ItemProcessor": chain(One=task()), "End": True}
    found = explored(states("Plain", Pick=pick, Each=each), input_schema=ORDER_SCHEMA)
    assert missed(found) == [EMPTY_MAP], "the schema asks for two lines"
    assert found.cases
    checker = Draft202012Validator(ORDER_SCHEMA)
    assert all(checker.is_valid(case.scenario.input) for case in found.cases)


@pytest.mark.parametrize(
    "schema",
    [
        {"const": {"a": 1}},
        {"type": ["string", "null"], "maxLength": 0},
        {"type": "number", "exclusiveMinimum": 3, "exclusiveMaximum": 5},
        {"type": "array", "minItems": 1, "maxItems": 1, "uniqueItems": True, "items": {"const": 4}},
        {"type": "object", "dependentRequired": {"a": ["b"]}, "required": ["a"]},
        {"allOf": [{"required": ["a"]}, {"properties": {"a": {"type": "boolean"}}}], "type": "object"},
        {"anyOf": [{"type": "string", "minLength": 4}, {"type": "object", "required": ["a", "b"]}]},
    ],
    ids=lambda schema: json.dumps(schema)[:50],
)
@pytest.mark.parametrize("value", [{}, {"a": 1}, [1, 1], "abc", 9, None], ids=repr)
def test_a_value_is_mended_until_it_fits(schema: Any, value: Any) -> None:
    fitting = Fitting(schema)
    assert fitting.fits(fitting.fitted(value))


def test_a_value_that_fits_is_left_as_it_is() -> None:
    assert Fitting({"required": ["a"]}).fitted({"a": [1], "b": 2}) == {"a": [1], "b": 2}


def test_a_schema_that_no_guess_meets_leaves_nothing_to_try() -> None:
    found = explored(chain(A={"Type": "Pass"}), input_schema={"type": "string", "pattern": "^[0-9]{7}$"})
    assert (found.runs, found.cases) == (0, [])
    assert "no input was found that may be tried" in as_text(found)


def test_the_same_machine_gives_the_same_exploration() -> None:
    one, two = (as_json(explore(StateMachine.from_file(ORDERS))) for _ in range(2))
    assert one == two


READS = "$states.input.snd & $states.input.fst & $states.input.third & $string($states.input.n)"
EXPLORE = """
import json, sys
from asl_engine import StateMachine
from asl_engine.testing import explore
from asl_engine.testing.exploring.report import as_json
print(json.dumps(as_json(explore(StateMachine.from_json(sys.argv[1])))))
"""


def test_another_process_gives_the_same_exploration() -> None:
    """Texts have other hashes there, and sets of them another order."""
    read = {"Type": "Pass", "QueryLanguage": "JSONata", "Output": f"{{% {READS} %}}"}
    text = json.dumps(chain(Read=read, Work=task("work")))
    told = {
        subprocess.run(
            [sys.executable, "-c", EXPLORE, text],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(told) == 1


def test_exploring_leaves_a_collector_alone() -> None:
    machine = StateMachine.from_json(chain(A={"Type": "Pass"}))
    with Collector() as collector:
        explore(StateMachine.from_json(chain(B={"Type": "Pass"})))
        machine.run()
    assert Measuring.program is None
    assert [one.elements[0].state for one in coverage_of(collector).machines] == ["A"]


# --- what is left to tests --------------------------------------------------------------------------------------------


def test_the_written_cases_replay(tmp_path: Path) -> None:
    machine = StateMachine.from_file(ORDERS)
    write_exploration(explore(machine), tmp_path / "cases")
    config = load_mock_config(tmp_path / "cases" / MOCK_FILE)
    cases = json.loads((tmp_path / "cases" / CASES_FILE).read_text())
    assert config.cases(machine.name) == list(cases)
    for name, case in cases.items():
        execution = replay_case(machine, config, name, case)
        assert (execution.status, execution.error, execution.path) == (case["status"], case["error"], case["path"])


REAL = [
    "saga-pattern-sam/statemachine/statemachine.asl.json",
    "account-vending-machine/statemachine/statemachine.asl.json",
    "curbside-pickup/statemachine/statemachine.asl.yaml",
    "sfn-rekognition-video-catalog-workflow/statemachine/statemachine.asl.json",
    "s3-glacier-multi-file-restore-sam/statemachine/statemachine.asl.json",
    "checkout-processing-workflow/statemachine/checkout_workflow.asl.json",
    "eventbridge-rules-to-schedules/statemachine/statemachine.asl.json",
    "bedrock-evaluations-sam/statemachine/statemachine.asl.json",
    "dynamically-process-data-with-map-state/statemachine/statemachine.asl.json",
    "sfn-athena-query/statemachine/statemachine.asl.json",
    "vod-transcode-delivery-cdk/typescript/statemachine/transcoding-statemachine.asl.json.asl.json",
    "distributed-data-stream-aggregator/statemachine/data-processing-child.asl.json",
]


@pytest.mark.skipif(not SUITE.is_dir(), reason="needs the suite of real workflows beside the project")
@pytest.mark.parametrize("name", REAL)
def test_real_workflows_are_covered_and_replay(name: str) -> None:
    found = explore(StateMachine.from_file(SUITE / name))
    assert (missed(found), departures(found)) == ([], [])


# --- parts ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path, keys",
    [(".a.b", ("a", "b")), ("['a b'][0].c", ("a b", 0, "c")), (".a[*].b", ("a", 0, "b")), (".a..b", ("a",)), ("", ())],
)
def test_the_keys_of_a_path(path: str, keys: tuple[Any, ...]) -> None:
    assert keys_of(path) == keys


@settings(max_examples=50)
@given(
    document=st.recursive(st.none() | st.integers(), lambda inner: st.dictionaries(st.sampled_from("ab"), inner)),
    keys=st.lists(st.sampled_from(["a", "b"]) | st.integers(0, 2), max_size=4),
)
def test_what_is_put_stands_there_and_the_document_stays(document: Any, keys: list[Any]) -> None:
    before = json.dumps(document)
    found = put(document, keys, "here")
    for key in keys:
        found = found[key]
    assert found == "here"
    assert json.dumps(document) == before
