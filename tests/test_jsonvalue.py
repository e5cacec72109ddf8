"""JSON values: read strictly, measured exactly, copied wholly, and never changed in place."""

from __future__ import annotations

import contextlib
import copy as deep
import enum
import json
import math
from collections import OrderedDict, defaultdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asl_engine.jsonvalue import (
    MAX_DEPTH,
    JsonTextError,
    JsonValueError,
    adopt,
    copy,
    dumps,
    equal,
    loads,
    put,
    size,
    text_size,
)
from tests.strategies import json_values, scalars, texts


def compact(value: Any) -> str:
    """The compact JSON text, by the standard library's slow and plain way."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def containers(value: Any) -> set[int]:
    """The identities of all arrays and objects in a value."""
    if not isinstance(value, (dict, list)):
        return set()
    inner = value.values() if isinstance(value, dict) else value
    return {id(value)}.union(*map(containers, inner))


# --- text and size ----------------------------------------------------------------------------------------------------


@given(json_values)
def test_a_values_text_is_its_compact_json(value: Any) -> None:
    assert dumps(value) == compact(value)


@given(json_values)
def test_adopt_measures_the_bytes_of_the_compact_text(value: Any) -> None:
    assert adopt(value) == (value, len(compact(value).encode()))


@given(json_values)
def test_size_is_the_bytes_of_the_compact_text(value: Any) -> None:
    assert size(value) == len(compact(value).encode())


@given(texts)
def test_a_strings_size_counts_quotes_and_escapes(text: str) -> None:
    assert text_size(text) == len(compact(text).encode())


@given(json_values)
def test_a_text_read_again_is_the_same_value(value: Any) -> None:
    assert dumps(loads(dumps(value))) == dumps(value)


# --- adopting ---------------------------------------------------------------------------------------------------------


@given(json_values)
def test_an_adopted_value_shares_nothing_that_can_change(value: Any) -> None:
    assert containers(adopt(value)[0]).isdisjoint(containers(value))


class Size(enum.IntEnum):
    SMALL = 1


class Colour(enum.StrEnum):
    RED = "red"


class Shade(str, enum.Enum):  # noqa: UP042 - what users wrote before 3.11
    DARK = "dark"


ADOPTED = [
    ((1, (2,)), [1, [2]]),
    (OrderedDict(a=1), {"a": 1}),
    (defaultdict(list, a=[1]), {"a": [1]}),
    (Size.SMALL, 1),
    (Colour.RED, "red"),
    (Shade.DARK, "dark"),
    ({Colour.RED: 1}, {"red": 1}),
]


@pytest.mark.parametrize("value, adopted", ADOPTED, ids=repr)
def test_a_subclass_counts_as_what_it_derives_from(value: Any, adopted: Any) -> None:
    kept, measured = adopt(value)
    assert (kept, type(kept), measured) == (adopted, type(adopted), len(compact(adopted)))


REFUSED = [
    (object(), "", "is not a JSON value but object"),
    ({"a": {1, 2}}, "/a", "is not a JSON value but set"),
    ({"a": [0, b"x"]}, "/a/1", "is not a JSON value but bytes"),
    ({"a": {1: 2}}, "/a", "has the key 1, which is not a string"),
    ({None: 2}, "", "has the key None, which is not a string"),
    ([math.nan], "/0", "must be a finite number, not nan"),
    ([[math.inf]], "/0/0", "must be a finite number, not inf"),
    ({"a": "\ud800"}, "/a", "holds a lone surrogate"),
    ({"\udfff": 1}, "", "holds a lone surrogate"),
    (10**5000, "", "number"),
]


@pytest.mark.parametrize("value, pointer, words", REFUSED, ids=[words for *_, words in REFUSED])
def test_what_json_cannot_hold_is_told_with_its_place(value: Any, pointer: str, words: str) -> None:
    with pytest.raises(JsonValueError) as caught:
        adopt(value)
    assert caught.value.pointer == pointer
    assert words in caught.value.message


def nested(depth: int) -> Any:
    value: Any = 0
    for _ in range(depth):
        value = [value]
    return value


def test_a_value_may_nest_as_deep_as_the_limit() -> None:
    assert adopt(nested(MAX_DEPTH))[1] == 2 * MAX_DEPTH + 1


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 10_000])
def test_a_value_that_nests_deeper_is_refused(depth: int) -> None:
    with pytest.raises(JsonValueError, match=f"nested deeper than {MAX_DEPTH} levels"):
        adopt(nested(depth))


def test_a_value_that_contains_itself_is_refused() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(JsonValueError, match="nested deeper"):
        adopt(value)


# --- reading ----------------------------------------------------------------------------------------------------------

UNREADABLE = {
    "NaN": ("[NaN]", "NaN is not a JSON value"),
    "Infinity": ("Infinity", "Infinity is not a JSON value"),
    "-Infinity": ('{"a": -Infinity}', "-Infinity is not a JSON value"),
    "a number out of range": ("[1e999]", "the number 1e999 is out of range"),
    "an integer of 5,000 digits": ("1" * 5000, "number"),
    "a duplicate key": ('{"a": 1, "b": 2, "a": 3}', "the key 'a' occurs more than once"),
    "a duplicate key spelt otherwise": (r'{"a": 1, "\u0061": 3}', "the key 'a' occurs more than once"),
    "a lone surrogate": (r'["\ud800"]', "lone surrogate"),
    "a lone surrogate in a key": (r'{"\udc00": 1}', "lone surrogate"),
    "bytes that are not UTF-8": (b'"\xff"', "not UTF-8 text"),
    "bytes in UTF-16": ('{"a": 1}'.encode("utf-16"), "not UTF-8 text"),
    "10,000 arrays": ("[" * 10_000 + "]" * 10_000, "nested deeper than 200 levels"),
    "10,000 objects": ('{"a":' * 10_000 + "1" + "}" * 10_000, "nested deeper than 200 levels"),
    "201 arrays": ("[" * 201 + "]" * 201, "nested deeper than 200 levels"),
    "an empty text": ("", "Expecting value"),
    "a text after the value": ("1 2", "Extra data"),
}


@pytest.mark.parametrize("text, words", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_text_that_is_no_strict_json_is_refused(text: str | bytes, words: str) -> None:
    with pytest.raises(JsonTextError) as caught:
        loads(text)
    assert words in caught.value.message


MALFORMED = [("{", 1, 2), ('{\n  "a": 1,\n  "b" 2\n}', 3, 7), ("[1,\n2,,3]", 2, 3), ("\n\n  nul", 3, 3), ("'a'", 1, 1)]


@pytest.mark.parametrize("text, line, column", MALFORMED, ids=[text for text, *_ in MALFORMED])
def test_malformed_json_is_told_with_line_and_column(text: str, line: int, column: int) -> None:
    with pytest.raises(JsonTextError) as caught:
        loads(text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert str(caught.value).startswith(f"line {line}, column {column}: ")


def test_a_byte_order_mark_is_passed_over() -> None:
    assert loads('{"a": "ä"}'.encode("utf-8-sig")) == {"a": "ä"}


def test_an_escaped_surrogate_pair_is_one_character() -> None:
    assert loads(r'"\ud83d\ude00"') == "😀"


@given(st.text(max_size=20) | st.binary(max_size=20))
def test_reading_any_text_gives_a_value_or_a_json_text_error(text: str | bytes) -> None:
    try:
        value = loads(text)
    except JsonTextError:
        return
    assert adopt(value)[0] == value


# --- copying and putting ----------------------------------------------------------------------------------------------


@given(json_values)
def test_a_copy_is_equal_and_shares_nothing_that_can_change(value: Any) -> None:
    copied = copy(value)
    assert dumps(copied) == dumps(value)
    assert containers(copied).isdisjoint(containers(value))


@given(json_values, st.lists(texts | st.integers(0, 2), max_size=4), json_values)
def test_put_never_changes_the_value_it_is_given(value: Any, keys: list[str | int], new: Any) -> None:
    before = deep.deepcopy(value)
    with contextlib.suppress(TypeError, IndexError):
        put(value, keys, new)
    assert dumps(value) == dumps(before)


@given(st.dictionaries(texts, scalars), st.lists(texts, min_size=1, max_size=4), json_values)
def test_what_was_put_stands_at_its_place(value: dict[str, Any], keys: list[str], new: Any) -> None:
    try:
        found = put(value, keys, new)
    except TypeError:
        return
    for key in keys:
        found = found[key]
    assert found is new


PUT = [
    ({"a": 1}, ["b"], {"a": 1, "b": 0}),
    ({"a": 1}, ["a"], {"a": 0}),
    ({}, ["a", "b", "c"], {"a": {"b": {"c": 0}}}),
    ({"a": None}, ["a", "b"], {"a": {"b": 0}}),
    ({"a": [1, 2]}, ["a", 1], {"a": [1, 0]}),
    ([{"a": 1}], [0, "b"], [{"a": 1, "b": 0}]),
    (5, [], 0),
]


@pytest.mark.parametrize("value, keys, result", PUT, ids=repr)
def test_put_replaces_adds_and_makes_objects(value: Any, keys: list[str | int], result: Any) -> None:
    assert put(value, keys, 0) == result


UNPUTTABLE = [(5, ["a"], TypeError), ({"a": 1}, ["a", "b"], TypeError), ({}, [0], TypeError), ([1], [1], IndexError)]


@pytest.mark.parametrize("value, keys, error", UNPUTTABLE, ids=repr)
def test_put_refuses_a_key_that_does_not_fit(value: Any, keys: list[str | int], error: type[Exception]) -> None:
    with pytest.raises(error):
        put(value, keys, 0)


def test_put_shares_what_does_not_lie_on_the_way() -> None:
    value = {"big": [1, 2], "small": {"a": 1}}
    assert put(value, ["small", "a"], 2)["big"] is value["big"]


# --- equality ---------------------------------------------------------------------------------------------------------


@given(json_values)
def test_a_value_equals_its_copy(value: Any) -> None:
    assert equal(value, copy(value))


@given(json_values, json_values)
def test_equality_is_symmetric(one: Any, other: Any) -> None:
    assert equal(one, other) == equal(other, one)


@given(json_values, json_values)
def test_values_with_the_same_text_are_equal(one: Any, other: Any) -> None:
    assert equal(one, other) or dumps(one) != dumps(other)


EQUALITIES = [
    (1, 1.0, True),
    (1, True, False),
    (0, False, False),
    (None, False, False),
    ("1", 1, False),
    ({"a": 1, "b": 2}, {"b": 2.0, "a": 1}, True),
    ({"a": True}, {"a": 1}, False),
    ([1, 2], [2, 1], False),
    ([], {}, False),
    ({"a": None}, {}, False),
]


@pytest.mark.parametrize("one, other, same", EQUALITIES, ids=repr)
def test_equality_is_that_of_json(one: Any, other: Any, same: bool) -> None:
    assert equal(one, other) is same
