"""JSON files and JSON Lines: what `json` would read, however the bytes are cut, and only as much as is asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asl_engine.integrations.item_formats.blocks import ITEM_BYTES
from asl_engine.integrations.item_formats.json_items import NOT_ITERABLE, json_array, json_lines
from tests.integrations.storage.items import failure, read, storing

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
).filter(lambda value: "\\ud" not in json.dumps(value) or "\ud800" not in repr(value))


def cut(text: str | bytes, size: int) -> Iterator[bytes]:
    whole = text.encode() if isinstance(text, str) else text
    return (whole[at : at + size] for at in range(0, len(whole), size))


@given(
    st.lists(VALUES, max_size=6),
    st.integers(1, 40),
    st.booleans(),
    st.sampled_from([None, 1]),
    st.sampled_from(["", "\ufeff"]),
)
def test_an_array_is_what_json_reads(items: list[Any], size: int, ascii: bool, indent: int | None, mark: str) -> None:
    text = json.dumps(items, ensure_ascii=ascii, indent=indent)
    assert list(json_array(cut(mark + text, size))) == json.loads(text)


@given(st.lists(VALUES, max_size=4), VALUES, st.integers(1, 40))
def test_a_pointer_leads_to_its_array_past_anything(items: list[Any], other: Any, size: int) -> None:
    text = json.dumps({"a": other, "x/~y": [other, {"b": {"a": other}, "c": items, "d": other}], "z": other})
    assert list(json_array(cut(text, size), "/x~1~0y/1/c")) == items


@given(st.lists(st.dictionaries(st.text(max_size=4), VALUES, max_size=3), max_size=6), st.integers(1, 40))
def test_each_line_is_an_object(items: list[Any], size: int) -> None:
    text = "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items)
    assert list(json_lines(cut(text, size))) == items


def test_numbers_that_a_block_cuts_are_whole() -> None:
    text = "[1.5,-2e+10,0.25E-3,123456,-7]"
    for size in range(1, len(text)):
        assert list(json_array(cut(text, size))) == json.loads(text)


def test_the_items_come_while_the_rest_is_not_read() -> None:
    def blocks() -> Iterator[bytes]:
        yield b'[{"n": 1}, {"n": 2}, '
        raise AssertionError("read on without need")

    items = json_array(blocks())
    assert [next(items), next(items)] == [{"n": 1}, {"n": 2}]


@pytest.mark.parametrize("text", [b'{"a": [1]}', b"5", b'"text"', b"null", b"true"])
def test_what_is_no_array_fails_in_aws_words(text: bytes, tmp_path: Path) -> None:
    assert failure(storing(tmp_path, f=text), "f", InputType="JSON") == NOT_ITERABLE


@pytest.mark.parametrize("pointer", ["/a", "/a/0/c"])
def test_a_pointer_to_what_is_no_array_fails_in_aws_words(pointer: str, tmp_path: Path) -> None:
    storage = storing(tmp_path, f=b'{"a": {"0": {"c": 1}}}')
    assert failure(storage, "f", InputType="JSON", ItemsPointer=pointer) == NOT_ITERABLE


@pytest.mark.parametrize("pointer", ["/b", "/a/2", "/a/01", "/a/x", "/a/0/x", "/"])
def test_a_pointer_to_nothing_fails(pointer: str, tmp_path: Path) -> None:
    storage = storing(tmp_path, f=b'{"a": [5, 6]}')
    assert (
        failure(storage, "f", InputType="JSON", ItemsPointer=pointer)
        == f"b/f: ItemsPointer {pointer!r} names nothing in it"
    )


FAULTS = [
    (b"", "line 1: the file ends before the value does"),
    (b"nonsense", "line 1: Expecting value"),
    (b"[1, 2", "line 1: must be ',' or ']'; the file ends here"),
    (b"[1,\n2,\n", "line 3: the file ends before the value does"),
    (b"[1,\n]", "line 2: Expecting value"),
    (b"[1\n 2]", "line 2: must be ',' or ']', not '2'"),
    (b"[1]\n[2]", "line 2: there is more after the array's end"),
    (b'[1,\n{"a": 1,\n"b" 2}]', "line 3: Expecting ':' delimiter"),
    (b'["a', "line 1: the file ends before the value does"),
    (b"[\nNaN]", "line 2: NaN is not a JSON value"),
    (b"[\n1e999]", "line 2: the number 1e999 is out of range"),
    (b'[\n{"a":1,"a":2}]', "line 2: a key occurs more than once in one object"),
    (b'[\n"\\ud800"]', "line 2: the value holds a lone surrogate: '\\ud800'"),
    (b"[1,\n\xff]", "line 2: is not UTF-8 text: invalid start byte"),
    (b"[" + b"[" * 100_000, "line 1: an item is nested deeper than 200 levels"),
    (b"[" + b"[" * 250 + b"]" * 251, "line 1: " + "/0" * 200 + " is nested deeper than 200 levels"),
    (b'[\n"' + b"x" * (ITEM_BYTES + 1) + b'"]', "line 2: an item is larger than 8 MB"),
]


@pytest.mark.parametrize("text, cause", FAULTS, ids=[cause[:50] for _, cause in FAULTS])
def test_what_is_no_json_names_the_line(text: bytes, cause: str, tmp_path: Path) -> None:
    assert failure(storing(tmp_path, f=text), "f", InputType="JSON") == f"b/f: {cause}"


LINE_FAULTS = [
    (b'{"a": 1}\n\n{"a" 1}\n', "line 3, column 6: Expecting ':' delimiter"),
    (b'{"a": 1}\n[1]\n', "line 2: must be a JSON object, not [1]"),
    (b"5", "line 1: must be a JSON object, not 5"),
    (b'{"a": 1}\n{"a": "\xff"}\n', "line 2: is not UTF-8 text: invalid start byte at byte 8"),
    (b'{"a": 1}\n{"a": ', "line 2, column 7: Expecting value"),
]


@pytest.mark.parametrize("text, cause", LINE_FAULTS, ids=[cause for _, cause in LINE_FAULTS])
def test_what_is_no_json_line_names_the_line(text: bytes, cause: str, tmp_path: Path) -> None:
    assert failure(storing(tmp_path, f=text), "f", InputType="JSONL") == f"b/f: {cause}"


def test_the_elements_of_an_array_may_be_anything(tmp_path: Path) -> None:
    assert read(storing(tmp_path, f=b'[["x"], 1, null]'), "f", InputType="JSON") == [["x"], 1, None]


def test_an_item_of_just_8_mb_is_read(tmp_path: Path) -> None:
    item = {"text": "x" * (ITEM_BYTES - 20)}
    assert read(storing(tmp_path, f=json.dumps([item, 1]).encode()), "f", InputType="JSON") == [item, 1]
