"""Definitions in files of JSON: values, and the place of each."""

from __future__ import annotations

import json
import random
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from asl_engine.definition.sources.documents import file_text, pointer_to
from asl_engine.definition.sources.json_text import read_json
from asl_engine.definition.sources.load import load_sources
from asl_engine.definition.sources.source import located
from asl_engine.machine import validate
from tests.definition.sources.written import fault, load, place, shown, span_at

WORKFLOWS = Path(__file__).parents[4] / "shared" / "suites" / "workflows"
FILES = sorted(path for path in WORKFLOWS.rglob("*.asl.*"))

MACHINE = """{
  "StartAt": "A/b~c",
  "States": {
    "A/b~c": {
      "Type": "Pass",
      "Result": {"é": [1, "two", {"x": null}]},
      "Result\\u0041": 1,
      "End": true
    }
  }
}
"""


@pytest.mark.parametrize(
    "pointer, text",
    [
        ("", "{"),
        ("/StartAt", '"StartAt": "A/b~c"'),
        ("/States", '"States"'),
        ("/States/A~1b~0c", '"A/b~c"'),
        ("/States/A~1b~0c/Type", '"Type": "Pass"'),
        ("/States/A~1b~0c/Result", '"Result": {"é": [1, "two", {"x": null}]}'),
        ("/States/A~1b~0c/Result/é/1", '"two"'),
        ("/States/A~1b~0c/Result/é/2", '{"x": null}'),
        ("/States/A~1b~0c/Result/é/2/x", '"x": null'),
        ("/States/A~1b~0c/ResultA", '"Result\\u0041": 1'),
    ],
)
def test_a_member_is_located_from_its_key_to_its_value_or_by_its_key_alone(pointer: str, text: str) -> None:
    (source,) = load(MACHINE)
    assert shown(MACHINE, source.locate(pointer)) == text


@pytest.mark.parametrize("pointer", ["/States/A~1b~0c/Nothing/here", "/States/A~1b~0c/Typo"])
def test_what_is_not_there_is_located_at_the_nearest_place_around_it(pointer: str) -> None:
    (source,) = load(MACHINE)
    assert source.locate(pointer) == source.locate("/States/A~1b~0c")


def test_a_finding_gets_file_line_and_columns() -> None:
    text = MACHINE.replace('"End": true', '"End": true, "Nxt": "B"')
    (source,) = load(text, "dir/m.asl.json")
    [found] = [one for one in located(source, validate(source.document)) if one.pointer.endswith("Nxt")]
    assert (found.file, found.line, found.column) == ("dir/m.asl.json", *place(text, '"Nxt"'))
    assert found.end_column is not None
    assert found.end_column - found.column == len('"Nxt": "B"')  # type: ignore[operator]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_lines_end_as_files_have_it(ending: str) -> None:
    (source,) = load(MACHINE.replace("\n", ending))
    assert span_at(source, "/States/A~1b~0c/Type") == (5, 7)


def test_a_byte_order_mark_has_no_column() -> None:
    (source,) = load(b'\xef\xbb\xbf{"StartAt": "A", "States": {}}')
    assert span_at(source, "/StartAt") == (1, 2)


def test_columns_count_characters_and_a_tab_is_one() -> None:
    (source,) = load('{"Comment": "😀é",\t"StartAt": "A"}')
    assert span_at(source, "/StartAt") == (1, 19)


@pytest.mark.parametrize(
    "file, name",
    [
        ("a/b/order.asl.json", "order"),
        ("c:\\x\\order.json", "order"),
        ("order.asl.yaml", "order"),
        ("order.asl", "order"),
        ("-", "StateMachine"),
    ],
)
def test_a_machine_is_named_as_its_file(file: str, name: str) -> None:
    assert load('{"StartAt": "A", "States": {}}', file)[0].name == name


FAULTS = [
    ('{"StartAt": "A"\n "States": {}}', (2, 2), "Expecting ',' delimiter"),
    (
        '{"StartAt": "A",\n\n  "States": {"A": {"Type": "Pass", "Type": "Fail"}}}',
        (3, 36),
        "'Type' occurs more than once",
    ),
    ('{"a": {"k": 1, "\\u006b": 2}}', (1, 16), "'k' occurs more than once"),
    ('{"a": [1,\n NaN]}', (2, 2), "NaN is not a JSON value"),
    ('{"a": [1,\n -1e999]}', (2, 2), "out of range"),
    ('{"a": [1,\n "\\ud800"]}', (2, 2), "lone surrogate"),
    ('{"StartAt": "A"} x', (1, 18), "Extra data"),
    ('{"StartAt": "A", "b": ' + "[" * 300 + "]" * 300 + "}", (1, 222), "deeper than 200"),
    ("[" * 100_000, None, "deeper than 200"),
    ('{"a": "\x00"}', (1, 8), "Invalid control character"),
    ("", (1, 1), "Expecting value"),
    ('{"a": ' + "9" * 5000 + "}", (1, 7), "more than 4,300 digits"),
]


@pytest.mark.parametrize("text, where, message", FAULTS, ids=[message for _, _, message in FAULTS])
def test_what_is_no_json_is_told_with_its_place(text: str, where: tuple[int, int] | None, message: str) -> None:
    found = fault(text)
    assert found.code == "INVALID_JSON_DESCRIPTION"
    assert message in found.message
    assert where in (None, (found.line, found.column))


def test_what_is_no_utf_8_is_told_with_its_place() -> None:
    found = fault(b'{"a":\n "\xff"}')
    assert (found.code, found.line, found.column) == ("INVALID_JSON_DESCRIPTION", 2, 3)
    assert "is not UTF-8" in found.message


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=20,
)


def members(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], Any]]:
    """Every value in a value, with the keys to it."""
    found = [(path, value)]
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        found.extend(members(item, (*path, key)))
    return found


def spaced(value: Any, dice: random.Random) -> str:
    """JSON text with white space strewn at random."""
    space = "".join(dice.choice([" ", "\n", "\t", "\r\n", ""]) for _ in range(3))
    if isinstance(value, dict):
        inside = [
            f"{space}{json.dumps(k, ensure_ascii=dice.random() < 0.5)}{space}:{spaced(v, dice)}"
            for k, v in value.items()
        ]
        return space + "{" + ",".join(inside) + space + "}" + space
    if isinstance(value, list):
        return space + "[" + ",".join(spaced(item, dice) for item in value) + space + "]"
    return space + json.dumps(value, ensure_ascii=dice.random() < 0.5) + space


@given(values, st.integers(0, 5))
@example({"~1": {"/": ["\U0001f600", '\\"\n']}}, 1)
def test_the_place_of_every_value_holds_its_text(value: Any, seed: int) -> None:
    try:
        text = spaced(value, random.Random(seed))
        text.encode()
    except UnicodeEncodeError:
        return
    document = read_json(file_text("f", text.encode()))
    for path, item in members(document.value):
        node = document.node(pointer_to(*path))
        assert json.loads(text[node.start : node.end]) == item
        if path and isinstance(path[-1], str):
            assert node.key is not None
            assert json.loads(text[slice(*node.key)]) == path[-1]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), st.booleans())
def test_each_character_of_a_string_has_the_place_of_its_escape(words: str, is_ascii: bool) -> None:
    text = json.dumps([words], ensure_ascii=is_ascii)
    document = read_json(file_text("f", text.encode()))
    offsets = document.characters("/0")
    pieces = [text[start:end] for start, end in pairwise(offsets)]
    assert len(offsets) == len(words) + 1
    assert [json.loads(f'"{piece}"') for piece in pieces] == list(words)


def test_places_are_found_only_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr("asl_engine.definition.sources.json_text.scan", lambda text: asked.append(text) or 1 / 0)
    (source,) = load(MACHINE)
    assert asked == []
    with pytest.raises(ZeroDivisionError):
        source.locate("")


@pytest.mark.skipif(not FILES, reason="the sample workflows are not here")
@pytest.mark.parametrize("path", FILES, ids=lambda path: "/".join(path.parts[-3:]))
def test_every_sample_workflow_loads(path: Path) -> None:
    if path.suffix != ".json":
        pytest.importorskip("ruamel.yaml")
    (source,) = load_sources(str(path), read=lambda file: Path(file).read_bytes())
    lines = path.read_text("utf-8-sig").split("\n")
    for state in source.document["States"]:
        span = source.locate(pointer_to("States", state))
        told = lines[span.line - 1][span.column - 1 : span.end_column - 1]
        assert state in (told, told.strip("\"'").replace('\\"', '"')) or told.startswith(f'"{state}"')
