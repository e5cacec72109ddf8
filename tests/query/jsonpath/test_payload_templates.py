"""Payload templates: which keys are filled, what stays constant, and where a fault is."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asl_engine.query.jsonpath.expressions import compile_text
from asl_engine.query.jsonpath.payload import InvalidTemplate, compile_template
from tests.query.scopes import FixedScope

SCOPE = FixedScope()


def fill(template: Any, document: Any) -> Any:
    return compile_template(template, compile_text)(document, SCOPE)


@pytest.mark.parametrize(
    "template, expected",
    [
        ({"a.$": "$.n"}, {"a": 5}),
        ({"a.$": "$.n", "b": 1}, {"a": 5, "b": 1}),
        ({"b": 1, "a.$": "$.n", "c.$": "$.s"}, {"b": 1, "a": 5, "c": "x"}),
        ({"o": {"p": {"q.$": "$.n"}}}, {"o": {"p": {"q": 5}}}),
        ([{"a.$": "$.n"}, "$.n", 1, [{"b.$": "$.s"}]], [{"a": 5}, "$.n", 1, [{"b": "x"}]]),
        ({"a": "$.n"}, {"a": "$.n"}),
        ({"a.$.$": "$.n"}, {"a.$": 5}),
        ({".$": "$.n"}, {"": 5}),
        ({"a.$": "States.Array($.n, 'x')"}, {"a": [5, "x"]}),
        ("text", "text"),
        (None, None),
        ({}, {}),
    ],
)
def test_only_the_fields_that_end_in_dot_dollar_are_filled(template: Any, expected: Any) -> None:
    assert fill(template, {"n": 5, "s": "x"}) == expected


def test_the_keys_keep_their_order() -> None:
    assert list(fill({"z.$": "$", "b": 1, "a.$": "$", "c": 2}, 0)) == ["z", "b", "a", "c"]


def test_a_template_without_fields_is_handed_out_as_it_stands() -> None:
    template = {"a": [1, {"b": None}]}
    assert fill(template, {}) is template


def test_filling_twice_shares_nothing_that_was_filled() -> None:
    expr = compile_template({"k": 1, "a": {"b.$": "$"}}, compile_text)
    first = expr(1, SCOPE)
    assert expr(2, SCOPE) == {"k": 1, "a": {"b": 2}}
    assert first == {"k": 1, "a": {"b": 1}}


@pytest.mark.parametrize(
    "template, pointer, words",
    [
        ({"a.$": 1}, "/a.$", "must be a string, a path or a call, not 1"),
        ({"x": [{}, {"a.$": None}]}, "/x/1/a.$", "not null"),
        ({"a": 1, "a.$": "$"}, "/a.$", "the key 'a' twice"),
        ({"a.$": "$", "a": 1}, "/a", "the key 'a' twice"),
        ({"o/~": {"a.$": "$."}}, "/o~1~0/a.$", "must not end with '.'"),
        ({"a.$": "plain"}, "/a.$", "must have '(' after 'plain'"),
        ({"a.$": "States.Nothing()"}, "/a.$", "There is no intrinsic function 'States.Nothing'"),
    ],
)
def test_a_fault_is_told_with_its_place(template: Any, pointer: str, words: str) -> None:
    with pytest.raises(InvalidTemplate) as caught:
        compile_template(template, compile_text)
    assert caught.value.pointer == pointer
    assert words in caught.value.message


def test_a_bottomless_template_is_refused() -> None:
    template: Any = {}
    for _ in range(10_000):
        template = [template]
    with pytest.raises(InvalidTemplate, match="nested deeper"):
        compile_template(template, compile_text)


LITERALS: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc.", max_size=3), inner, max_size=3),
)


@given(LITERALS)
def test_a_template_without_fields_gives_itself(template: Any) -> None:
    assert fill(template, {}) == template


@given(LITERALS, LITERALS)
def test_neither_template_nor_document_is_changed(template: Any, document: Any) -> None:
    whole = {"fixed": template, "filled.$": "$"}
    before = copy.deepcopy((whole, document))
    assert fill(whole, document) == {"fixed": template, "filled": document}
    assert (whole, document) == before
