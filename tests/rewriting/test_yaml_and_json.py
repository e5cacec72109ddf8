"""A definition goes from JSON to YAML and back, and says the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asl_engine.rewriting.formatting import FormatError
from asl_engine.rewriting.json_text import format_json
from asl_engine.rewriting.yaml_reading import json_of
from asl_engine.rewriting.yaml_writing import yaml_of
from tests.strategies import json_values

ruamel = pytest.importorskip("ruamel.yaml")
WORKFLOWS = Path(__file__).parents[2] / "../shared/suites/workflows"
FILES = sorted(WORKFLOWS.rglob("*.json"))

TRICKY = [
    *("yes", "No", "on", "null", "~", "true", "1", "1.0", "1e3", "0x10", "1_000", "12:30", "2024-01-01", "+1", ".5"),
    *("", " a", "a ", "a: b", "a:", "- a", "? a", "#a", "a #b", "a#b", "*a", "&a", "!a", "%a", "@a", "`a", "{a", "[a"),
    *("'a'", '"a"', "a\nb", "a\n", "\na", " a\nb", "a\n\n", "a\n\n\nb", "a\tb", "a\r\nb", "\u2028", "\x85", "\ufeff"),
    *("${X}", "$.a", "<<", "=", "|", ">", "---", "...", "a\n---\nb", "é", "\U0001f600", "\x00", "\x7f", "a  b", "\t"),
    *("{% $x %}", "{% ( $a := 1;\n  $a + 1 ) %}", "word " * 40 + "end", "x" * 200, "word  two " * 30 + "end"),
]
JSON_AS_YAML_READS_IT = st.recursive(
    json_values | st.sampled_from(TRICKY),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(TRICKY) | st.text(max_size=3), inner),
    max_leaves=8,
)


def read_by_others(text: str) -> Any:
    return ruamel.YAML(typ="safe", pure=True).load(text)


@given(value=json_values | st.builds(list, st.lists(st.sampled_from(TRICKY), max_size=3)))
def test_what_is_written_is_read_back(value: Any) -> None:
    made, has_comments = json_of(yaml_of(json.dumps(value)))
    assert json.loads(made) == value
    assert not has_comments


@pytest.mark.parametrize("text", TRICKY)
def test_a_string_is_a_string_to_every_reader(text: str) -> None:
    assert read_by_others(yaml_of(json.dumps({"a": [text], text: 1}))) == {"a": [text], text: 1}


@given(value=json_values)
def test_other_readers_of_yaml_read_the_same(value: Any) -> None:
    assert read_by_others(yaml_of(json.dumps({"v": value}))) == {"v": value}


@pytest.mark.parametrize("number", ["1.0", "1e3", "-0.0", "123456789012345678901234567890"])
def test_a_number_keeps_its_text_both_ways(number: str) -> None:
    assert yaml_of(f'{{"a": {number}}}') == f"a: {number}\n"
    assert json_of(f"a: {number}\n")[0] == f'{{"a": {number}}}'


def test_lines_become_a_block_scalar() -> None:
    assert yaml_of(json.dumps({"a": "{% (\n  1;\n  2\n) %}"})) == "a: |-\n  {% (\n    1;\n    2\n  ) %}\n"


def test_a_long_expression_is_folded() -> None:
    text = yaml_of(json.dumps({"a": "{% " + "$states.input.value & " * 10 + "'' %}"}))
    assert text.startswith("a: >-\n  {% $states")
    assert max(map(len, text.splitlines())) <= 100


def test_nested_arrays_begin_on_the_dash() -> None:
    assert yaml_of('{"a": [[1, 2], {"b": 1, "c": []}]}') == "a:\n  - - 1\n    - 2\n  - b: 1\n    c: []\n"


def test_a_placeholder_of_a_number_goes_both_ways_without_quotes() -> None:
    text = yaml_of('{"MaxConcurrency": ${Max}, "Resource": "${Arn}"}')
    assert text == "MaxConcurrency: ${Max}\nResource: ${Arn}\n"
    assert json_of(text)[0] == '{"MaxConcurrency": ${Max}, "Resource": "${Arn}"}'


def test_aliases_are_written_out_and_dates_stay_texts() -> None:
    assert json_of("a: &x [1, .5, 0x10]\nb: *x\nc: 2024-01-01\n")[0] == (
        '{"a": [1, 0.5, 16], "b": [1, 0.5, 16], "c": "2024-01-01"}'
    )


@pytest.mark.parametrize(
    "text, found", [("a: 1 # c\n", True), ("# c\na: 1\n", True), ("a: '# b'\n", False), ("a: |\n  # b\n", False)]
)
def test_comments_are_noticed(text: str, found: bool) -> None:
    assert json_of(text)[1] is found


@pytest.mark.parametrize(
    "text, told",
    [
        ("a: !Sub x\n", "line 1, column 4: the tag !Sub has no place"),
        ("a: .inf\n", ".inf is not a number that JSON can hold"),
        ("a: {<<: {b: 1}}\n", "a merge key"),
        ("? [a]\n: 1\n", "a key must be a string"),
        ("", "holds nothing"),
        ("a: &a [*a]\n", "must not nest deeper"),
    ],
)
def test_what_json_cannot_hold_is_refused(text: str, told: str) -> None:
    with pytest.raises(FormatError) as caught:
        json_of(text)
    assert told in str(caught.value)


def test_aliases_of_aliases_do_not_explode() -> None:
    rows = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    with pytest.raises(FormatError, match="more than 200000 values"):
        json_of("\n".join(rows))


@pytest.mark.skipif(not FILES, reason="needs the collected workflows beside the checkout")
@pytest.mark.parametrize("file", FILES[::3], ids=lambda file: file.parts[-3])
def test_real_workflows_go_to_yaml_and_back(file: Path) -> None:
    text = format_json(file.read_text(encoding="utf-8-sig"))
    assert format_json(json_of(yaml_of(text))[0]) == text
