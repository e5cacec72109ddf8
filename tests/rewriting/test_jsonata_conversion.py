"""What a JSONPath state becomes in JSONata, and what is said of it."""

from __future__ import annotations

from typing import Any

import pytest

from asl_engine import DefinitionError, validate
from asl_engine.rewriting.jsonata import ConversionError, convert
from asl_engine.rewriting.jsonata.report import ASSUMES, CHANGES, NOT_TURNED, as_json, as_text
from tests.build import catcher, chain, each, parallel, task
from tests.rewriting.turned import machines

DONE = {"Type": "Succeed"}


def turned(**state: Any) -> dict[str, Any]:
    """The one state S in JSONata, without what never changes."""
    made = convert(chain(S=state, D=DONE)).document
    return {name: item for name, item in made["States"]["S"].items() if name not in ("Type", "Next", "Resource")}


def evaluated(text: str) -> Any:
    """What the text of a `.$` field becomes."""
    return turned(Type="Pass", Parameters={"x.$": text})["Output"]["x"]


def chosen(**rule: Any) -> str:
    state = turned(Type="Choice", Choices=[{**rule, "Next": "D"}], Default="D")
    return str(state["Choices"][0]["Condition"])


def reasons(definition: dict[str, Any], kind: str = NOT_TURNED) -> list[str]:
    return [str(note) for note in convert(definition).report if note.kind == kind]


@pytest.mark.parametrize(
    "text, made",
    [
        ("$.a.b", "{% $states.input.a.b %}"),
        ("$['a b'].and", "{% $states.input.`a b`.`and` %}"),
        ("$.a[0].b", "{% $states.input.a[0].b %}"),
        ("$$.Execution.Id", "{% $states.context.Execution.Id %}"),
        ("$v.x", "{% $v.x %}"),
        ("$.a[*].b", "{% [$map($states.input.a, function($i) { $i.b })[]] %}"),
        ("$.a[?(@.b == 'x')]", "{% [$filter($states.input.a, function($i) { $i.b = 'x' })[]] %}"),
        ("$.a[1:]", "{% [$filter($states.input.a, function($v, $i) { $i >= 1 })[]] %}"),
        ("$['a','b']", "{% {'a': $states.input.a, 'b': $states.input.b} %}"),
        ("States.Array($.a, 'x', 1)", ["{% $states.input.a %}", "x", 1]),
        ("States.UUID()", "{% $uuid() %}"),
        ("States.MathAdd($.a, -1)", "{% $states.input.a - 1 %}"),
        ("States.Format('n{}', $.a)", "{% $exists($states.input.a) ? 'n' & $states.input.a %}"),
        ("States.StringSplit($.a, ',')", "{% $exists($states.input.a) ? [$split($states.input.a, ',')[$ != '']] %}"),
        ("States.ArrayLength($.a)", "{% $exists($states.input.a) ? $count($states.input.a) %}"),
    ],
)
def test_a_text_is_told_in_jsonata(text: str, made: Any) -> None:
    assert evaluated(text) == made


@pytest.mark.parametrize(
    "rule, made",
    [
        (
            {"Variable": "$.a", "NumericGreaterThan": 3},
            "{% $exists($states.input.a) ? $type($states.input.a) = 'number' and $states.input.a > 3 %}",
        ),
        ({"Variable": "$.a", "IsPresent": True}, "{% $exists($states.input.a) %}"),
        (
            {"Variable": "$.a.b", "IsPresent": True},
            "{% $type($states.input.a) = 'object' and $exists($states.input.a.b) %}",
        ),
        (
            {"And": [{"Variable": "$.a", "IsPresent": True}, {"Variable": "$.a", "StringEquals": "x"}]},
            "{% $exists($states.input.a) and $states.input.a = 'x' %}",
        ),
        (
            {"Variable": "$.a", "StringMatches": "a*.b"},
            "{% $exists($states.input.a) ? $type($states.input.a) = 'string' and "
            "$contains($states.input.a, /^a[\\s\\S]*\\.b$/) %}",
        ),
    ],
)
def test_a_rule_is_told_in_jsonata(rule: dict[str, Any], made: str) -> None:
    assert chosen(**rule) == made


def test_a_state_without_paths_gets_no_expressions() -> None:
    assert turned(**task()) == {}


def test_a_result_is_merged_into_the_input() -> None:
    state = turned(**task(ResultPath="$.r"))
    assert state == {"Output": "{% $merge([$states.input, {'r': $states.result}]) %}"}


def test_a_discarded_result_leaves_the_input() -> None:
    assert turned(**task(ResultPath=None)) == {"Output": "{% $states.input %}"}


def test_parameters_become_arguments_with_input_path_folded_in() -> None:
    state = turned(**task(InputPath="$.a", Parameters={"x.$": "$.b", "y": "z"}))
    assert state == {"Arguments": {"x": "{% $states.input.a.b %}", "y": "z"}}


def test_a_catcher_merges_the_error_output() -> None:
    state = turned(**task(Catch=[catcher("D", ResultPath="$.error")]))
    assert state["Catch"][0]["Output"] == "{% $merge([$states.input, {'error': $states.errorOutput}]) %}"


def test_what_is_read_without_being_used_is_still_asked_for() -> None:
    state = turned(**task(InputPath="$.a", Parameters={"x": 1}))
    assert state == {"Arguments": "{% $exists($states.input.a) ? {'x': 1} %}"}


def test_a_literal_that_looks_like_an_expression_stays_a_literal() -> None:
    assert turned(Type="Pass", Result="{% 1 %}") == {"Output": "{% '{% 1 %}' %}"}


def test_an_iterator_becomes_an_item_processor() -> None:
    state = turned(Type="Map", Iterator=chain(X=DONE), Parameters={"v.$": "$$.Map.Item.Value"}, ItemsPath="$.l")
    assert state["ItemSelector"] == {"v": "{% $states.context.Map.Item.Value %}"}
    assert state["Items"] == "{% $states.input.l %}"
    assert list(state["ItemProcessor"]["States"]) == ["X"]


def test_a_distributed_map_is_turned_with_its_parts() -> None:
    config = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}}
    reader = {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "JSON", "MaxItemsPath": "$.max"},
        "Parameters": {"Bucket.$": "$.bucket", "Key": "k"},
    }
    batcher = {"MaxItemsPerBatchPath": "$.batch", "BatchInput": {"all.$": "$.x"}}
    state = turned(**each(chain(X=DONE) | config, ItemReader=reader, ItemBatcher=batcher))
    assert state["ItemReader"]["Arguments"] == {"Bucket": "{% $states.input.bucket %}", "Key": "k"}
    assert state["ItemReader"]["ReaderConfig"] == {"InputType": "JSON", "MaxItems": "{% $number($states.input.max) %}"}
    assert state["ItemBatcher"] == {
        "MaxItemsPerBatch": "{% $number($states.input.batch) %}",
        "BatchInput": {"all": "{% $states.input.x %}"},
    }


# --- the whole --------------------------------------------------------------------------------------------------------


def test_a_machine_that_is_turned_whole_says_so_at_its_top() -> None:
    made = convert(chain(P=parallel(chain(X={"Type": "Pass", "OutputPath": "$.a"})), D=DONE)).document
    assert next(iter(made)) == "QueryLanguage"
    assert "QueryLanguage" not in str(made["States"])


def test_a_state_that_cannot_be_turned_stays_and_the_others_say_jsonata_themselves() -> None:
    stays = {"Type": "Pass", "OutputPath": "$..a", "Next": "B"}
    made = convert(chain(A=stays, B={"Type": "Pass", "OutputPath": "$.b"}))
    assert "QueryLanguage" not in made.document
    assert made.document["States"]["A"] == stays
    assert made.document["States"]["B"]["QueryLanguage"] == "JSONata"
    assert made.turned == ("B",)
    assert validate(made.document) == []


def test_only_the_states_named_are_turned() -> None:
    made = convert(chain(A={"Type": "Pass", "OutputPath": "$.a"}, B={"Type": "Pass", "OutputPath": "$.b"}), ["B"])
    assert made.turned == ("B",)
    assert made.document["States"]["A"]["OutputPath"] == "$.a"


def test_a_state_within_a_state_that_stays_is_turned() -> None:
    inner = chain(X={"Type": "Pass", "OutputPath": "$.x"})
    made = convert(chain(M=each(inner, ItemsPath="$..l")))
    assert made.turned == ("X",)
    assert validate(made.document) == []


def test_the_document_given_is_not_changed() -> None:
    given = chain(A={"Type": "Pass", "OutputPath": "$.a"})
    before = repr(given)
    convert(given)
    assert repr(given) == before


def test_a_jsonata_machine_is_left_alone() -> None:
    given = {"QueryLanguage": "JSONata", **chain(A={"Type": "Pass", "Output": "{% 1 %}"})}
    made = convert(given)
    assert (made.document, made.turned, made.report) == (given, (), [])


@pytest.mark.parametrize("name", machines())
def test_what_is_made_has_no_errors(name: str) -> None:
    found = validate(convert(machines()[name]).document)
    assert [str(each) for each in found if each.severity == "ERROR"] == []


def test_a_definition_with_errors_is_refused() -> None:
    with pytest.raises(DefinitionError, match="Nowhere"):
        convert(chain(A={"Type": "Pass", "Next": "Nowhere"}))


def test_a_name_that_no_state_has_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(ConversionError, match="no state named 'Worc'; did you mean 'Work'"):
        convert(chain(Work=DONE), ["Worc"])


# --- the report -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "state, reason",
    [
        ({"OutputPath": "$..a"}, "S/OutputPath: .. has no exact counterpart"),
        ({"OutputPath": "$.a[*].b[*]"}, "S/OutputPath: the path goes on with [*] below [*]"),
        ({"OutputPath": "$.a[?(@.b == 1)][0]"}, "S/OutputPath: [0] after [?]"),
        ({"OutputPath": "$.a[1:-1]"}, "S/OutputPath: [1:-1] means something else"),
        ({"OutputPath": "$.a[?(@.b =~ /x/)]"}, "S/OutputPath: the filter compares"),
        ({"OutputPath": "$.a`b"}, "S/OutputPath: the name 'a`b' holds a backtick"),
        ({"ResultPath": "$.a[0]"}, "S/ResultPath: $.a[0] puts the result into an array"),
        ({"Parameters": {"x.$": "States.Format($.f, 1)"}}, "only a literal template can be turned"),
        ({"Parameters": {"x.$": "States.StringSplit($.a, $.b)"}}, "only a literal can be turned"),
        ({"Parameters": {"x.$": "States.JsonMerge($.a, $.b, true)"}}, "only the shallow merge"),
        ({"Parameters": {"x.$": "States.JsonToString('a')"}}, "the JSON text of a string has no exact counterpart"),
        ({"Parameters": {"a": 1}, "OutputPath": "$.b"}, "the state always fails"),
        ({"Result": 5, "OutputPath": "$.b"}, "the state always fails"),
        ({"Assign": {"é.$": "$.a"}}, "has letters that JSONata does not take"),
    ],
)
def test_what_cannot_be_turned_is_told_with_its_reason(state: dict[str, Any], reason: str) -> None:
    given = chain(S={"Type": "Pass", **state})
    [told] = reasons(given)
    assert reason in told
    assert convert(given).turned == ()


def test_an_assumption_names_the_argument() -> None:
    given = chain(S={"Type": "Pass", "Parameters": {"x.$": "States.ArrayLength($.a)"}})
    assert "S/Parameters/x.$: $.a in States.ArrayLength($.a) is an array" in reasons(given, ASSUMES)


def test_a_catch_that_takes_more_than_before_is_told() -> None:
    given = chain(S=task(Parameters={"x.$": "$.a"}, Catch=[catcher("D")]), D=DONE)
    [told] = reasons(given, CHANGES)
    assert told.startswith("S/Catch: takes a failing expression too")


def test_a_catch_of_a_named_error_changes_nothing() -> None:
    assert reasons(chain(S=task(Parameters={"x.$": "$.a"}, Catch=[catcher("D", "Busy")]), D=DONE), CHANGES) == []


def test_the_report_lists_what_was_turned_and_what_was_not() -> None:
    made = convert(chain(A={"Type": "Pass", "OutputPath": "$..a"}, B=DONE))
    text = as_text(made.turned, made.report)
    assert text.startswith("turned 1 state: B\nnot turned: A/OutputPath: ")
    found = as_json(made.turned, made.report)
    assert found["notes"][0]["pointer"] == "/States/A/OutputPath"
