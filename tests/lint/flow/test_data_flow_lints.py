"""What the data-flow lints tell, and what they leave alone."""

from __future__ import annotations

from typing import Any

import pytest

from asl_engine import validate
from tests.build import catcher, chain, each, parallel, task

CODES = {"UNSET_FIELD", "TYPE_MISMATCH", "RULE_NEVER_MATCHES", "PAYLOAD_TOO_LARGE", "MAYBE_UNASSIGNED_VARIABLE"}
INVOKE = "arn:aws:states:::lambda:invoke"


def told(definition: dict[str, Any]) -> list[tuple[str, str]]:
    """(code, pointer) of what these lints find."""
    return [(found.code, found.pointer) for found in validate(definition) if found.code in CODES]


def messages(definition: dict[str, Any]) -> list[str]:
    return [str(found) for found in validate(definition) if found.code in CODES]


def ended(result: Any, **fields: Any) -> dict[str, Any]:
    """A Pass state that knows what it gives, and a second one that reads it."""
    return chain(Known={"Type": "Pass", "Result": result}, Reader={"Type": "Pass", **fields})


def jsonata(**states: Any) -> dict[str, Any]:
    return {"QueryLanguage": "JSONata", **chain(**states)}


# --- fields that no path sets -----------------------------------------------------------------------------------------

READER = "/States/Reader"
UNSET = {
    "Parameters": (ended({"name": 1}, Parameters={"x.$": "$.nme"}), f"{READER}/Parameters/x.$"),
    "a deep field": (ended({"a": {"b": 1}}, Parameters={"x": [{"y.$": "$.a.c"}]}), f"{READER}/Parameters/x/0/y.$"),
    "InputPath": (ended({"a": 1}, InputPath="$.b"), f"{READER}/InputPath"),
    "OutputPath": (ended({"a": 1}, Parameters={"c.$": "$.a"}, OutputPath="$.a"), f"{READER}/OutputPath"),
    "an argument of a call": (ended({"a": 1}, Parameters={"x.$": "States.Array($.b)"}), f"{READER}/Parameters/x.$"),
    "a field of a scalar": (ended({"a": "text"}, Parameters={"x.$": "$.a.b"}), f"{READER}/Parameters/x.$"),
    "an item of an empty array": (ended({"a": []}, Parameters={"x.$": "$.a[0]"}), f"{READER}/Parameters/x.$"),
    "Assign": (ended({"a": 1}, Assign={"v.$": "$.b"}), f"{READER}/Assign/v.$"),
    "the context object": (ended({}, Parameters={"x.$": "$$.Execution.Nme"}), f"{READER}/Parameters/x.$"),
    "a Map's item outside of one": (ended({}, Parameters={"x.$": "$$.Map.Item.Value"}), f"{READER}/Parameters/x.$"),
    "a variable's field": (
        chain(A={"Type": "Pass", "Assign": {"v": {"a": 1}}}, B={"Type": "Pass", "Parameters": {"x.$": "$v.b"}}),
        "/States/B/Parameters/x.$",
    ),
    "the result of lambda:invoke": (
        chain(
            T={**task(), "Resource": INVOKE, "Parameters": {"FunctionName": "f"}, "ResultSelector": {"x.$": "$.Body"}}
        ),
        "/States/T/ResultSelector/x.$",
    ),
    "ErrorPath": (
        chain(A={"Type": "Pass", "Result": {"e": 1}}, F={"Type": "Fail", "ErrorPath": "$.Error"}),
        "/States/F/ErrorPath",
    ),
    "a Choice's first Variable": (
        chain(
            A={"Type": "Pass", "Result": {"e": 1}},
            C={"Type": "Choice", "Choices": [{"Variable": "$.x", "NumericEquals": 1, "Next": "E"}], "Default": "E"},
            E={"Type": "Succeed"},
        ),
        "/States/C/Choices/0/Variable",
    ),
    "a caught error": (
        chain(T=task(Catch=[catcher("H")], End=True), H={"Type": "Pass", "InputPath": "$.Message", "End": True}),
        "/States/H/InputPath",
    ),
    "a branch's output by its place": (
        chain(
            P=parallel(ended({"a": 1}), chain(Other={"Type": "Pass", "Result": {"b": 1}})),
            R={"Type": "Pass", "Parameters": {"x.$": "$[1].a"}},
        ),
        "/States/R/Parameters/x.$",
    ),
    "an iteration's input": (
        chain(
            M=each(
                chain(I={"Type": "Pass", "InputPath": "$.c"}),
                ItemSelector={"a.$": "$$.Map.Item.Value", "b": 1},
            )
        ),
        "/States/M/ItemProcessor/States/I/InputPath",
    ),
    "a Map's item itself": (
        ended(
            [{"a": 1}],
            Type="Map",
            ItemSelector={"x.$": "$$.Map.Item.Value.b"},
            ItemProcessor=chain(I={"Type": "Succeed"}),
        ),
        f"{READER}/ItemSelector/x.$",
    ),
    "a JSONata path": (
        jsonata(A={"Type": "Pass", "Output": {"a": 1}}, B={"Type": "Pass", "Output": "{% $states.input.b %}"}),
        "/States/B/Output",
    ),
    "JSONata's context": (
        jsonata(B={"Type": "Pass", "Output": {"x": "{% $states.context.Execution.Nme %}"}}),
        "/States/B/Output/x",
    ),
}


@pytest.mark.parametrize("name", UNSET)
def test_a_path_that_is_sure_to_find_nothing_is_told(name: str) -> None:
    definition, pointer = UNSET[name]
    assert told(definition) == [("UNSET_FIELD", pointer)]


def test_the_message_says_what_is_there_and_what_was_meant() -> None:
    [message] = messages(ended({"name": 1, "age": 2}, Parameters={"x.$": "$.nmae"}))
    assert "no path to here sets 'nmae'; $ has 'name', 'age'" in message
    assert "did you mean 'name'?" in message


def test_one_mistake_does_not_hide_the_next() -> None:
    definition = chain(
        A={"Type": "Pass", "Result": {"a": 1}},
        B={"Type": "Pass", "Parameters": {"x.$": "$.b"}},
        C={"Type": "Pass", "Parameters": {"y.$": "$.c"}},
    )
    assert [pointer for _, pointer in told(definition)] == ["/States/B/Parameters/x.$", "/States/C/Parameters/y.$"]


def test_a_counter_that_only_the_loop_sets_is_told() -> None:
    definition = chain(
        A={"Type": "Pass", "Result": {"go": True}},
        B={"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}},
        C={"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericLessThan": 3, "Next": "B"}], "Default": "E"},
        E={"Type": "Succeed"},
    )
    assert told(definition) == [("UNSET_FIELD", "/States/B/Parameters/n.$")]


def branching(rule: dict[str, Any], *, default: str = "No") -> dict[str, Any]:
    """What is set is known, but for `token`, which only one of two ways sets."""
    return chain(
        First={"Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "With"}], "Default": "Wo"},
        With={"Type": "Pass", "Result": {"token": 1}, "Next": "Ask"},
        Wo={"Type": "Pass", "Result": {"other": 1}, "Next": "Ask"},
        Ask={"Type": "Choice", "Choices": [{**rule, "Next": "Yes"}], "Default": default},
        Yes={"Type": "Pass", "InputPath": "$.token", "End": True},
        No={"Type": "Pass", "InputPath": "$.other", "End": True},
    )


QUIET = {
    "the execution's input": chain(A={"Type": "Pass", "InputPath": "$.anything.at.all"}),
    "a field that one path sets": branching({"Variable": "$.token", "NumericEquals": 1}),
    "a field that was asked for": ended({"a": 1}, Parameters={"x.$": "$.a"}),
    "IsPresent": branching({"Variable": "$.token", "IsPresent": True}),
    "a wildcard": ended({"a": 1}, Parameters={"x.$": "$.b[*]"}),
    "what stands in the text of a task": chain(T=task(ResultPath="$.r"), R={"Type": "Pass", "InputPath": "$.r.x.y"}),
    "an item in an iteration": chain(M=each(chain(I={"Type": "Pass", "InputPath": "$$.Map.Item.Value"}))),
    "the Lambda result": chain(
        T={**task(), "Resource": INVOKE, "Parameters": {"FunctionName": "f"}, "ResultSelector": {"x.$": "$.Payload.y"}}
    ),
    "a task token": chain(
        T={**task(), "Resource": f"{INVOKE}.waitForTaskToken", "Parameters": {"t.$": "$$.Task.Token"}}
    ),
    "a merged object": ended(
        {"a": {"x": 1}, "b": {"y": 2}},
        Parameters={"m.$": "States.JsonMerge($.a, $.b, false)"},
        OutputPath="$.m.y",
    ),
    "a path within a larger JSONata expression": jsonata(
        A={"Type": "Pass", "Output": {"a": 1}}, B={"Type": "Pass", "Output": "{% $states.input.b & 'x' %}"}
    ),
    "an array that JSONata looks into": jsonata(
        A={"Type": "Pass", "Output": [{"a": 1}, {"b": 2}]}, B={"Type": "Pass", "Output": "{% $states.input.b %}"}
    ),
    "a nested null that ResultPath fills": ended({"a": None}, ResultPath="$.a.b"),
}


@pytest.mark.parametrize("name", QUIET)
def test_what_may_be_there_is_not_told(name: str) -> None:
    assert told(QUIET[name]) == []


def test_a_field_is_gone_on_the_way_where_it_was_not_present() -> None:
    definition = branching({"Not": {"Variable": "$.token", "IsPresent": True}}, default="No")
    assert told(definition) == [("UNSET_FIELD", "/States/Yes/InputPath")]


# --- types ------------------------------------------------------------------------------------------------------------

MISMATCHES = {
    "SecondsPath": (ended({"s": {}}, Type="Wait", SecondsPath="$.s"), "/SecondsPath"),
    "SecondsPath to a text": (ended({"s": "soon"}, Type="Wait", SecondsPath="$.s"), "/SecondsPath"),
    "TimestampPath": (ended({"s": 3}, Type="Wait", TimestampPath="$.s"), "/TimestampPath"),
    "ItemsPath": (
        ended({"s": 3}, Type="Map", ItemsPath="$.s", ItemProcessor=chain(I={"Type": "Succeed"})),
        "/ItemsPath",
    ),
    "an intrinsic function": (ended({"s": "3"}, Parameters={"x.$": "States.MathAdd($.s, 1)"}), "/Parameters/x.$"),
    "ResultPath": (ended("text", Parameters={}, ResultPath="$.r"), "/ResultPath"),
    "ResultPath below a scalar": (ended({"a": 1}, ResultPath="$.a.b"), "/ResultPath"),
}


@pytest.mark.parametrize("name", MISMATCHES)
def test_a_value_of_the_wrong_type_is_told(name: str) -> None:
    definition, field = MISMATCHES[name]
    assert told(definition) == [("TYPE_MISMATCH", f"{READER}{field}")]


@pytest.mark.parametrize("value", [5, "5"])
def test_a_number_or_its_text_is_good_for_seconds(value: Any) -> None:
    assert told(ended({"s": value}, Type="Wait", SecondsPath="$.s")) == []


def test_a_rule_that_compares_another_type_is_told() -> None:
    rule = {"Variable": "$.n", "NumericEquals": 3, "Next": "E"}
    definition = chain(
        A={"Type": "Pass", "Result": {"n": "3"}},
        C={"Type": "Choice", "Choices": [rule], "Default": "E"},
        E={"Type": "Succeed"},
    )
    assert told(definition) == [("RULE_NEVER_MATCHES", "/States/C/Choices/0/Variable")]


# --- sizes ------------------------------------------------------------------------------------------------------------

LONG = "x" * 150_000


@pytest.mark.parametrize(
    "fields",
    [
        {"Parameters": {"a.$": "$.t", "b.$": "$.t"}},
        {"Parameters": {"a.$": "States.Format('{}{}', $.t, $.t)"}},
        {"Parameters": {"a.$": "States.JsonToString($)", "b.$": "$.t"}},
        {"Parameters": {"a.$": "States.Array($.t, $.t)"}},
        {"Result": LONG, "ResultPath": "$.r"},
    ],
)
def test_a_payload_that_must_be_too_large_is_told(fields: dict[str, Any]) -> None:
    assert told(ended({"t": LONG}, **fields)) == [("PAYLOAD_TOO_LARGE", READER)]


def test_a_variable_that_must_be_too_large_is_told() -> None:
    definition = ended({"t": LONG}, Assign={"v": {"a.$": "$.t", "b.$": "$.t"}})
    assert told(definition) == [("PAYLOAD_TOO_LARGE", f"{READER}/Assign")]


def test_a_payload_that_just_fits_is_not_told() -> None:
    text = "x" * (262_144 - len('{"t":""}'))
    assert told(ended({"t": text})) == []
    assert told(ended({"t": text + "x"})) == [("PAYLOAD_TOO_LARGE", "/States/Known"), ("PAYLOAD_TOO_LARGE", READER)]


# --- variables --------------------------------------------------------------------------------------------------------


def forked(reader: dict[str, Any], **assigning: Any) -> dict[str, Any]:
    """Two ways to `R`, of which one goes through a state that assigns `v`."""
    return chain(
        C={"Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "A"}], "Default": "B"},
        A={"Type": "Pass", "Assign": {"v": 1}, "Next": "R"},
        B={"Type": "Pass", "Next": "R", **assigning},
        R={"Type": "Pass", **reader},
    )


READS = {"Parameters": {"x.$": "$v"}}
MAYBE = ("MAYBE_UNASSIGNED_VARIABLE", "/States/R/Parameters/x.$")


def test_a_variable_that_one_way_leaves_unset_is_told_with_that_way() -> None:
    [message] = messages(forked(READS))
    assert "'$v' may be unset: nothing assigns it on the way C -> B -> R" in message


def test_a_variable_that_every_way_sets_is_not_told() -> None:
    assert told(forked(READS, Assign={"v.$": "$"})) == []


def test_a_state_does_not_see_its_own_assignment() -> None:
    assert told(chain(R={"Type": "Pass", "Assign": {"v": 1}, **READS})) == [MAYBE]


def test_a_catcher_does_not_run_the_states_assign() -> None:
    definition = chain(
        T=task(Assign={"v": 1}, Catch=[catcher("R")]),
        R={"Type": "Pass", **READS},
    )
    assert told(definition) == [MAYBE]
    definition["States"]["T"]["Catch"][0]["Assign"] = {"v": 2}
    assert told(definition) == []


def test_a_rules_assign_stands_in_place_of_the_states() -> None:
    rule = {"Variable": "$.x", "IsPresent": True, "Next": "R"}
    choice = {"Type": "Choice", "Choices": [rule], "Default": "R", "Assign": {"v": 1}}
    definition = chain(C=choice, R={"Type": "Pass", **READS})
    assert told(definition) == [MAYBE]
    rule["Assign"] = {"v": 2}
    assert told(definition) == []


def test_a_variable_that_was_asked_for_is_not_told() -> None:
    definition = chain(
        C={"Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "A"}], "Default": "D"},
        A={"Type": "Pass", "Assign": {"v": 1}},
        D={"Type": "Choice", "Choices": [{"Variable": "$v", "IsPresent": True, "Next": "R"}], "Default": "E"},
        R={"Type": "Pass", **READS, "End": True},
        E={"Type": "Succeed"},
    )
    assert told(definition) == []


def test_inner_machines_see_outer_variables_and_their_own_vanish() -> None:
    inner = chain(I={"Type": "Pass", "Assign": {"w": 1}, "Parameters": {"x.$": "$v"}})
    definition = chain(A={"Type": "Pass", "Assign": {"v": 1}}, M=each(inner), R={"Type": "Pass", **READS})
    assert told(definition) == []
    before = chain(M=each(inner), R={"Type": "Pass", "Assign": {"v": 1}})
    assert told(before) == [("MAYBE_UNASSIGNED_VARIABLE", "/States/M/ItemProcessor/States/I/Parameters/x.$")]


def test_a_distributed_map_does_not_see_outer_variables() -> None:
    inner = chain(I={"Type": "Pass", "Parameters": {"x.$": "$v"}})
    inner["ProcessorConfig"] = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    [message] = messages(chain(A={"Type": "Pass", "Assign": {"v": 1}}, M=each(inner)))
    assert "the states of a distributed Map do not see the variables around it" in message


def test_a_variable_that_nothing_assigns_is_left_to_its_own_rule() -> None:
    assert told(chain(R={"Type": "Pass", **READS})) == []


JSONATA_READS = {
    "$v": True,
    "$v + 1": True,
    "$v.a": True,
    "$sum([$v, 1])": False,
    "$exists($v) ? $v + 1 : 0": False,
    "$type($v) = 'number' ? $v : 0": False,
    "$v ? $v : 'none'": False,
    "$append($v, 1)": False,
    "'text: $v'": False,
    "($v := 3; $v + 1)": False,
    "$map([1], function($v) { $v + 1 })": False,
    "$v & 'x'": False,
}


@pytest.mark.parametrize("text", JSONATA_READS)
def test_jsonata_may_guard_what_is_unset(text: str) -> None:
    definition = {
        "QueryLanguage": "JSONata",
        **chain(
            C={"Type": "Choice", "Choices": [{"Condition": "{% $states.input.x = 1 %}", "Next": "A"}], "Default": "R"},
            A={"Type": "Pass", "Assign": {"v": {"a": 1}}},
            R={"Type": "Pass", "Output": f"{{% {text} %}}"},
        ),
    }
    expected = [("MAYBE_UNASSIGNED_VARIABLE", "/States/R/Output")] if JSONATA_READS[text] else []
    assert told(definition) == expected


def test_a_jsonata_condition_guards_its_way() -> None:
    definition = {
        "QueryLanguage": "JSONata",
        **chain(
            C={"Type": "Choice", "Choices": [{"Condition": "{% $states.input.x = 1 %}", "Next": "A"}], "Default": "D"},
            A={"Type": "Pass", "Assign": {"v": 1}},
            D={"Type": "Choice", "Choices": [{"Condition": "{% $exists($v) %}", "Next": "R"}], "Default": "E"},
            R={"Type": "Pass", "Output": "{% $v %}", "End": True},
            E={"Type": "Succeed"},
        ),
    }
    assert told(definition) == []


def test_the_order_of_what_is_told_does_not_change() -> None:
    definition = forked({"Parameters": {"x.$": "$v", "y.$": "$$.Nothing", "z.$": "$$.Execution.Nme"}})
    assert messages(definition) == messages(definition)
    assert len(messages(definition)) == 3
