"""`${Name}` in definitions: what it is replaced by, what stands in for it, and that places stay true."""

from __future__ import annotations

from typing import Any

import pytest

from asl_engine.machine import validate
from tests.definition.sources.written import fault, load, place, shown, span_at, unresolved


def machine(fields: str) -> str:
    return f'{{"StartAt": "A", "States": {{"A": {{"Type": "Task", {fields}, "End": true}}}}}}'


def read(fields: str, **substitutions: str) -> dict[str, Any]:
    (source,) = load(machine(fields), substitutions=substitutions)
    state: dict[str, Any] = source.document["States"]["A"]
    return state


@pytest.mark.parametrize(
    "field, given, value",
    [
        ('"Resource": "${A}"', "arn:x", "arn:x"),
        ('"Resource": "x${A}-${A}y"', "1", "x1-1y"),
        ('"Comment": "${A}"', "60", "60"),
        ('"TimeoutSeconds": "${A}"', "60", 60),
        ('"TimeoutSeconds": "${A}"', "{% 1 %}", "{% 1 %}"),
        ('"TimeoutSeconds": ${A}', "60", 60),
        ('"Parameters": ${A}', '{"a": [1]}', {"a": [1]}),
        ('"Comment": "{% $x = \'${A}\' %}"', "v", "{% $x = 'v' %}"),
        ('"Comment": "quote ${A}"', 'a"b', 'quote a"b'),
    ],
)
def test_a_placeholder_is_replaced_by_what_is_given(field: str, given: str, value: Any) -> None:
    assert list(read(field, A=given).values())[1] == value


@pytest.mark.parametrize(
    "field, value",
    [
        ('"Resource": "${Fn}"', "arn:aws:lambda:us-east-1:123456789012:function:Fn"),
        ('"Resource": "arn:${AWSPartition}:states:::lambda:invoke"', "arn:aws:states:::lambda:invoke"),
        (
            '"Resource": "arn:aws:lambda:${Region}:${AccountId}:function:f"',
            "arn:aws:lambda:us-east-1:123456789012:function:f",
        ),
        ('"TimeoutSeconds": "${T}"', 99_999_999),
        ('"HeartbeatSeconds": "${T}"', 1),
        ('"MaxConcurrency": ${T}', 1),
        ('"Parameters": ${T}', {}),
        ('"ResultPath": "${T}"', "$"),
        ('"x.$": "${T}"', "$"),
        ('"Timestamp": "${T}"', "2024-01-01T00:00:00Z"),
        ('"Comment": "{% $count($x) > ${Min} %}"', "{% $count($x) > 1 %}"),
        ('"Comment": "{% $x.${field} %}"', "{% $x.field %}"),
        ('"TableName": "pre-${Table.Name}"', "pre-Table_Name"),
    ],
)
def test_a_placeholder_that_stands_for_nothing_known_gets_a_stand_in(field: str, value: Any) -> None:
    assert list(read(field).values())[1] == value


def test_a_payload_has_no_fields_of_the_language() -> None:
    state = read('"Parameters": {"Seconds": "${S}", "Mode": "${M}", "Path": "${P}", "a.$": "${Q}"}', S="5")
    assert state["Parameters"] == {"Seconds": "5", "Mode": "M", "Path": "P", "a.$": "$"}


@pytest.mark.parametrize("text", ["{% ${'k': 1} %}", "$.a", "${", "{% $sum(x){a: b} %}", "${ }", "$${}"])
def test_what_is_no_placeholder_stays(text: str) -> None:
    assert read(f'"Comment": "{text}"')["Comment"] == text


def test_each_unknown_name_is_told_once_at_its_first_use() -> None:
    text = '{"StartAt": "A",\n "Comment": "${X} ${Y}",\n "States": {"A": {"Type": "Succeed", "Comment": "${X}"}}}'
    (source,) = load(text)
    told = [(n.code, n.severity, n.pointer, n.line, n.column, n.suggestion) for n in source.notes]
    assert told == [
        ("UNRESOLVED_SUBSTITUTION", "INFO", "/Comment", 2, 2, "give it with --substitute 'X=...'"),
        ("UNRESOLVED_SUBSTITUTION", "INFO", "/Comment", 2, 2, "give it with --substitute 'Y=...'"),
    ]
    assert unresolved(source)[0] == 'nothing says what ${X} stands for; "X" is taken for it'


def test_what_stands_in_raises_no_alarm() -> None:
    text = machine(
        '"Resource": "${Fn}", "TimeoutSeconds": ${T}, "HeartbeatSeconds": "${H}", '
        '"Retry": [{"ErrorEquals": ["x"], "IntervalSeconds": ${I}, "MaxDelaySeconds": "${D}", "BackoffRate": "${B}"}]'
    )
    (source,) = load(text)
    assert [found for found in validate(source.document) if found.severity == "ERROR"] == []


def test_places_stay_true_behind_placeholders_outside_quotes() -> None:
    text = '{"StartAt": "A", "TimeoutSeconds": ${Max}, "Coment": "x",\n "States": {"A": {"Wait": ${W}, "Tpe": 1}}}'
    (source,) = load(text, substitutions={"Max": "123456789"})
    assert source.document["TimeoutSeconds"] == 123456789
    assert span_at(source, "/Coment") == place(text, '"Coment"')
    assert span_at(source, "/States/A/Tpe") == place(text, '"Tpe"')
    assert shown(text, source.locate("/TimeoutSeconds")) == '"TimeoutSeconds": ${Max}'


def test_a_text_that_is_no_json_stays_so_with_placeholders_in_it() -> None:
    text = '{"StartAt": ${A},\n "States" {}}'
    found = fault(text)
    assert (found.code, found.line, found.column) == ("INVALID_JSON_DESCRIPTION", *place(text, "{}"))


def test_a_key_may_hold_a_placeholder_and_is_located() -> None:
    text = machine('"Parameters": {"a": 1, "${T}.$": "$.x"}')
    (source,) = load(text, substitutions={"T": "b"})
    assert source.document["States"]["A"]["Parameters"] == {"a": 1, "b.$": "$.x"}
    assert span_at(source, "/States/A/Parameters/b.$") == place(text, '"${T}.$"')


def test_keys_that_become_one_are_refused() -> None:
    text = machine('"Parameters": {"b": 1, "${T}": 2}')
    found = fault(text, substitutions={"T": "b"})
    assert (found.line, found.column) == place(text, '"${T}"')
    assert "the key 'b' occurs more than once when placeholders are replaced" in found.message


def test_a_value_without_quotes_must_be_json() -> None:
    text = machine('"MaxConcurrency": ${T}')
    found = fault(text, substitutions={"T": "many"})
    assert (found.line, found.column) == place(text, '"MaxConcurrency"')
    assert found.message == "${T} stands outside quotes, and its value 'many' is not JSON"


def test_values_that_make_a_definition_endless_are_refused() -> None:
    found = fault(machine('"Comment": "' + "${T}" * 1000 + '"'), substitutions={"T": "x" * 2000})
    assert "is longer than 1048576 characters when placeholders are replaced" in found.message


def test_placeholders_in_yaml_are_replaced_alike() -> None:
    text = "StartAt: A\nStates:\n  A: {Type: Task, Resource: '${Fn}', TimeoutSeconds: '${T}', '${K}': 1}\n"
    (source,) = load(text, "m.asl.yaml", substitutions={"T": "9", "K": "Key"})
    state = source.document["States"]["A"]
    assert (state["TimeoutSeconds"], state["Key"]) == (9, 1)
    assert span_at(source, "/States/A/Key") == place(text, "'${K}'")
    assert [note.line for note in source.notes] == [3]
