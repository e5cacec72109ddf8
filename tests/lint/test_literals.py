"""Texts that look evaluated and are not."""

from __future__ import annotations

from typing import Any

import pytest

from .asking import alone, deciding, found, places, task


@pytest.mark.parametrize("text", ["$.a", "$$.Execution.Id", "$.a[0].b", "$['a']", "States.UUID()", "$..a"])
def test_a_path_or_call_without_the_ending_of_its_key_is_told(text: str) -> None:
    definition = alone(task(Parameters={"Key": {"S/x": text}}))
    assert places(definition, "NO_DOLLAR") == ["/States/S/Parameters/Key/S~1x"]


@pytest.mark.parametrize(
    "text", ["$", "$5", "$.", "costs $.a", "States of mind", "States.Nonsense()", "$USD", "$.a and"]
)
def test_a_text_that_does_not_read_as_a_path_or_call_is_not_told(text: str) -> None:
    assert not found(alone(task(Parameters={"a": text})), "NO_DOLLAR")


@pytest.mark.parametrize("template", [{"a.$": "$.a"}, {"InputPath": "$.a"}, {"InputPathsMap": {"a": "$.detail"}}])
def test_keys_that_say_what_the_text_is_are_not_told(template: dict[str, Any]) -> None:
    assert not found(alone(task(Parameters=template)), "NO_DOLLAR")


def test_a_path_in_an_array_is_told_how_to_build_the_array() -> None:
    [finding] = found(alone(task(Parameters={"list": ["$.a"]})), "NO_DOLLAR")
    assert finding.pointer == "/States/S/Parameters/list/0"
    assert finding.suggestion == "build the array with States.Array(...) under the key 'list.$'"


@pytest.mark.parametrize("field", ["ResultSelector", "Assign"])
def test_every_template_is_read(field: str) -> None:
    assert places(alone(task(**{field: {"a": "$.a"}})), "NO_DOLLAR") == [f"/States/S/{field}/a"]


def test_a_path_that_is_compared_as_text_is_told() -> None:
    definition = deciding({"Variable": "$.a", "StringEquals": "$.b"})
    [finding] = found(definition, "NO_PATH")
    assert (finding.pointer, finding.suggestion) == ("/States/S/Choices/0/StringEquals", "use StringEqualsPath")


@pytest.mark.parametrize("field", ["Error", "Cause"])
@pytest.mark.parametrize("text", ["$.a", "States.Format('{}', $.a)"])
def test_a_path_as_the_text_of_a_fail_state_is_told(field: str, text: str) -> None:
    assert places(alone({"Type": "Fail", field: text}), "NO_PATH") == [f"/States/S/{field}"]


@pytest.mark.parametrize("error", ["States.Timeout", "Paid $.50", None])
def test_a_plain_text_of_a_fail_state_is_not_told(error: str | None) -> None:
    assert not found(alone({"Type": "Fail"} | ({"Error": error} if error else {})), "NO_PATH")


def test_a_path_in_a_result_is_told() -> None:
    definition = alone({"Type": "Pass", "Result": {"a.$": "$.a", "b": "plain"}})
    assert places(definition, "PASS_RESULT_IS_STATIC") == ["/States/S/Result/a.$"]


def passing(output: Any, **fields: Any) -> dict[str, Any]:
    return alone({"Type": "Pass", "QueryLanguage": "JSONata", "Output": output} | fields)


@pytest.mark.parametrize(
    "text",
    [
        " {% $states.input.a %}",
        "{{% $states.input.a %}}",
        "order-{% $states.input.a %}!",
        "$states.input.a",
        "$states.context.Execution.Id",
        "$.a",
        "States.UUID()",
    ],
)
def test_a_text_in_jsonata_that_looks_evaluated_is_told(text: str) -> None:
    assert places(passing({"a": [text]}), "NOT_AN_EXPRESSION") == ["/States/S/Output/a/0"]


@pytest.mark.parametrize(
    "text", ["{% $states.input.a %}", "plain", "$5", "$unknown", "{% if x %}{{ y }}{% endif %}x", ""]
)
def test_other_texts_in_jsonata_are_not_told(text: str) -> None:
    assert not found(passing({"a": text}), "NOT_AN_EXPRESSION")


def test_the_name_of_a_variable_in_jsonata_is_told() -> None:
    assert places(passing("$n", Assign={"n": 1}), "NOT_AN_EXPRESSION") == ["/States/S/Output"]


def test_a_key_for_paths_in_jsonata_is_told() -> None:
    assert places(passing({"a.$": "$.a"}), "NOT_AN_EXPRESSION") == ["/States/S/Output/a.$"]


def test_jsonpath_lints_leave_jsonata_alone() -> None:
    assert not found(passing({"a": "$.a"}), "NO_DOLLAR")
