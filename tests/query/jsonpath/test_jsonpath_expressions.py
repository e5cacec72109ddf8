"""Paths as the fields of a state write them: which document they read, and AWS's texts when they find nothing."""

from typing import Any

import pytest

from asl_engine.errors import StatesError
from asl_engine.query.jsonpath import InvalidPath
from asl_engine.query.jsonpath.expressions import compile_path_field, compile_text
from tests.query.scopes import FixedScope

DOCUMENT = {"n": 5, "deep": {"list": [1, 2]}}
SCOPE = FixedScope(
    variables={"order": {"id": 7, "lines": [{"sku": "x"}]}, "prénom": "Zoé"},
    context_object={"Execution": {"Name": "run-1"}},
)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("$", DOCUMENT),
        ("$.n", 5),
        ("$.deep.list[1]", 2),
        ("$.deep.list[*]", [1, 2]),
        ("$$", {"Execution": {"Name": "run-1"}}),
        ("$$.Execution.Name", "run-1"),
        ("$order", {"id": 7, "lines": [{"sku": "x"}]}),
        ("$order.id", 7),
        ("$order.lines[0].sku", "x"),
        ("$order['id']", 7),
        ("$prénom", "Zoé"),
    ],
)
def test_a_path_reads_the_document_the_context_object_or_a_variable(text: str, expected: Any) -> None:
    assert compile_text("x.$", text)(DOCUMENT, SCOPE) == expected
    assert compile_path_field(text)(DOCUMENT, SCOPE) == expected


def test_the_whole_document_is_handed_on_as_it_is() -> None:
    assert compile_path_field("$")(DOCUMENT, SCOPE) is DOCUMENT
    assert compile_path_field("$")(None, SCOPE) is None


@pytest.mark.parametrize("text", ["$.gone", "$$.gone", "$order.gone"])
def test_a_template_field_is_told_with_its_name_and_the_input(text: str) -> None:
    with pytest.raises(StatesError) as caught:
        compile_text("value.$", text)({"a": "é"}, SCOPE)
    assert caught.value.error == "States.Runtime"
    assert caught.value.cause == (
        f"The JSONPath '{text}' specified for the field 'value.$' could not be found in the input '{{\"a\":\"é\"}}'"
    )


@pytest.mark.parametrize(
    "text, reason",
    [
        ("$.gone", "No results for path: $['gone']"),
        ("$.deep.gone.x", "Missing property in path $['deep']['gone']"),
        ("$$.gone", "No results for path: $['gone']"),
        ("$order.gone", "No results for path: $['gone']"),
        ("$.deep.list[2]", "Index out of bounds when evaluating path $['deep']['list'][2]"),
    ],
)
def test_a_path_field_is_told_with_jayways_reason(text: str, reason: str) -> None:
    with pytest.raises(StatesError) as caught:
        compile_path_field(text)(DOCUMENT, SCOPE)
    assert caught.value.error == "States.Runtime"
    assert caught.value.cause == f"Invalid path '{text}' : {reason}"


def test_an_undefined_variable_is_named() -> None:
    with pytest.raises(StatesError, match=r"The variable '\$nobody' in '\$nobody\.x' is not defined"):
        compile_text("x.$", "$nobody.x")({}, SCOPE)


@pytest.mark.parametrize("text", ["", "n", "States.UUID()", "$.", "$$.", "$$x", "$order.", "$order x", "$1"])
def test_a_path_field_takes_paths_only(text: str) -> None:
    with pytest.raises(InvalidPath):
        compile_path_field(text)


def test_a_missing_argument_of_a_call_is_told_as_the_fields_path() -> None:
    with pytest.raises(StatesError, match=r"The JSONPath '\$\.gone' specified for the field 'x\.\$'"):
        compile_text("x.$", "States.Array($.n, $.gone)")(DOCUMENT, SCOPE)
