"""The comparing rules for values: what counts as equal, and which place a difference names."""

from __future__ import annotations

import pytest

from conformance.compare import NOTHING, Difference, Wildcards, explain, first_difference, render_place

TOKENS = Wildcards(tokens=("<uuid:1>", "<id>", "<json-input:1>"), leaves=("date",))


@pytest.mark.parametrize(
    "expected, got",
    [
        ({"a": 1, "b": [None]}, {"b": [None], "a": 1}),
        (1, 1.0),
        ("date", "date"),
        ([], []),
    ],
)
def test_equal_values_have_no_difference(expected: object, got: object) -> None:
    assert first_difference(expected, got) is None


@pytest.mark.parametrize(
    "expected, got, place",
    [
        ({"a": {"b": 1}}, {"a": {"b": 2}}, ("a", "b")),
        ({"a": 1}, {}, ("a",)),
        ({}, {"a": 1}, ("a",)),
        ([1, 2], [1], (1,)),
        ([1], [1, 2], (1,)),
        ([1, 2, 3], [1, 5, 6], (1,)),
        (True, 1, ()),
        (0, False, ()),
        (None, "null", ()),
        ({}, [], ()),
        ("1", 1, ()),
    ],
)
def test_a_difference_names_the_first_place(expected: object, got: object, place: tuple[str | int, ...]) -> None:
    difference = first_difference(expected, got)
    assert difference is not None
    assert difference.place == place


def test_a_missing_key_and_a_key_too_many_are_told_apart() -> None:
    assert first_difference({"a": 1}, {}) == Difference(("a",), 1, NOTHING)
    assert first_difference({}, {"a": 1}) == Difference(("a",), NOTHING, 1)


@pytest.mark.parametrize(
    "expected, got",
    [
        ("<uuid:1>", 42),
        ("<uuid:1>", {"any": "thing"}),
        ("date", "2026-01-01"),
        ("arn:<id>:<id>", "arn:a:b:c"),
        ("no input '<json-input:1>'", "no input '{\"a\": [1]}'"),
    ],
)
def test_a_token_stands_for_anything(expected: object, got: object) -> None:
    assert first_difference(expected, got, TOKENS) is None


@pytest.mark.parametrize(
    "expected, got",
    [
        ("arn:<id>/x", "arn:a/y"),
        ("arn:<id>", 7),
        ("no input '<json-input:1>'", "no input 'not JSON'"),
        ("update", "other"),
        ("a date in a text", "a day in a text"),
    ],
)
def test_the_text_around_a_token_must_match(expected: object, got: object) -> None:
    assert first_difference(expected, got, TOKENS) is not None


def test_a_json_input_is_one_of_the_states_inputs_where_they_are_known() -> None:
    wildcards = Wildcards(tokens=("<json-input:1>",), inputs=({"a": 1},))
    assert first_difference("in '<json-input:1>'", "in '{\"a\": 1}'", wildcards) is None
    assert first_difference("in '<json-input:1>'", "in '{\"a\": 2}'", wildcards) is not None


def test_a_wildcard_must_be_there() -> None:
    assert first_difference({"a": "<uuid:1>"}, {}, TOKENS) == Difference(("a",), "<uuid:1>", NOTHING)


def test_a_wildcard_place_takes_any_leaf() -> None:
    wildcards = Wildcards(places=frozenset({("a", 0)}))
    assert first_difference({"a": [1]}, {"a": [2]}, wildcards) is None
    assert first_difference({"a": [1, 1]}, {"a": [2, 2]}, wildcards) is not None


def test_a_place_reads_like_an_expression() -> None:
    assert render_place(("events", 3, "details", "a b")) == 'events[3].details["a b"]'


def test_an_explanation_shows_both_sides_and_where_texts_part() -> None:
    text = explain(Difference(("cause",), "the path $.x", "the path $.y"))
    assert text.splitlines() == [
        "first difference at cause",
        "--- expected",
        '"the path $.x"',
        "--- got",
        '"the path $.y"',
        "--- they part after 'the path $.'",
    ]
