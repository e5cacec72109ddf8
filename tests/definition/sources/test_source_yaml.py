"""Definitions in files of YAML: values, places, and what is refused."""

from __future__ import annotations

import contextlib
import io
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asl_engine.definition.sources.documents import file_text, pointer_to
from asl_engine.definition.sources.source import SourceError
from asl_engine.definition.sources.yaml_text import read_yaml
from tests.definition.sources.test_source_json import members, values
from tests.definition.sources.written import fault, load, place, shown, span_at

ruamel_yaml = pytest.importorskip("ruamel.yaml")

MACHINE = """# a machine
StartAt: Pay
States:
  Pay: &pay
    Type: Task   # told
    Resource: "arn:aws:lambda:us-east-1:123456789012:function:pay"
    Retry:
      - ErrorEquals: [Busy, 'It''s']
        MaxAttempts: 2
    End: true
  Again:
    <<: *pay
    Comment: >-
      folded
      words
"""


def value_of(text: str) -> Any:
    return read_yaml(file_text("f.yaml", text.encode())).value


@pytest.mark.parametrize(
    "pointer, text",
    [
        ("", "S"),
        ("/StartAt", "StartAt: Pay"),
        ("/States/Pay", "Pay"),
        ("/States/Pay/Type", "Type: Task"),
        ("/States/Pay/Retry/0/ErrorEquals", "ErrorEquals: [Busy, 'It''s']"),
        ("/States/Pay/Retry/0/ErrorEquals/1", "'It''s'"),
        ("/States/Pay/Retry/0/MaxAttempts", "MaxAttempts: 2"),
        ("/States/Again/Type", "Type: Task"),
        ("/States/Again/Comment", "Comment"),
        ("/States/Again/Nowhere", "Again"),
    ],
)
def test_a_member_is_located_in_the_yaml_file(pointer: str, text: str) -> None:
    (source,) = load(MACHINE, "m.asl.yaml")
    assert shown(MACHINE, source.locate(pointer)) == text


def test_a_merged_mapping_has_its_own_members_and_those_of_the_anchor() -> None:
    (source,) = load(MACHINE, "m.asl.yaml")
    again = source.document["States"]["Again"]
    assert again == {**source.document["States"]["Pay"], "Comment": "folded words"}


def test_own_members_win_over_merged_ones_and_the_first_merged_over_the_next() -> None:
    assert value_of("a: &a {x: 1, y: 1}\nb: &b {x: 2, z: 2}\nc: {<<: [*a, *b], y: 3}")["c"] == {"x": 1, "y": 3, "z": 2}


SCALARS = [
    ("true", True), ("False", False), ("null", None), ("~", None), ("", None), ("12", 12), ("-3", -3), ("0x1F", 31),
    ("0o17", 15), ("1.5", 1.5), ("1e3", 1000.0), (".5", 0.5), ("'1'", "1"), ('"true"', "true"), ("! 1", "1"),
    ("!!str yes", "yes"), ('!!int "1"', 1), ("!!str .nan", ".nan"),
    ("!!str 1", "1"), ("!!int 1", 1), ("2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z"), ("2024-01-01", "2024-01-01"),
    ("1.2.3", "1.2.3"), ("$.x", "$.x"), ("y", "y"), ("=", "="), ('"\\u00e9\\x41"', "éA"), ("text # no", "text"),
]  # fmt: skip


@pytest.mark.parametrize("text, value", SCALARS, ids=[text for text, _ in SCALARS])
def test_scalars_are_what_yaml_1_2_says(text: str, value: Any) -> None:
    read = value_of(f"a: {text}")["a"]
    assert (type(read), read) == (type(value), value)


@pytest.mark.parametrize(
    "text, value",
    [("yes", True), ("Off", False), ("on", True), ("NO", False), ("010", "010"), ("1:30", "1:30"), ("1_000", "1_000")],
)
def test_what_yaml_1_1_reads_otherwise_is_remarked_upon(text: str, value: Any) -> None:
    (source,) = load(f"StartAt: A\nStates: {{A: {{Type: Pass,\n  Result: {text}}}}}", "m.yaml")
    assert source.document["States"]["A"]["Result"] == value
    ((code, severity, line, column),) = [(n.code, n.severity, n.line, n.column) for n in source.notes]
    assert (code, severity, line, column) == ("AMBIGUOUS_YAML", "WARNING", 3, 11)


@pytest.mark.parametrize("name", ["1", "yes", "null", "1.0", "010"])
def test_a_state_whose_name_is_no_text_is_named_as_written_and_remarked_upon(name: str) -> None:
    (source,) = load(f"StartAt: x\nStates:\n  {name}:\n    Type: Pass\n", "m.yaml")
    assert list(source.document["States"]) == [name]
    (note,) = source.notes
    assert (note.line, note.column, note.message) == (3, 3, f"the key {name} is read as text; put quotes around it")


REFUSED = [
    ("a: 1\nb: 2\na: 3", (3, 1), "'a' occurs more than once"),
    ("a:\n  b: !include x.yaml", (2, 6), "the tag !include is not supported"),
    ("a: !!python/object/apply:os.system [ls]", (1, 4), "the tag !!python/object/apply:os.system is not supported"),
    ("a: !!binary aGk=", (1, 4), "the tag !!binary is not supported"),
    ("a: !!timestamp 2024-01-01", (1, 4), "!!timestamp"),
    ("a: !!int true", (1, 4), "is not what its tag !!int says"),
    ("%TAG ! tag:yaml.org,2002:python/\n---\na: !name:os.system x", (3, 4), "python/name:os.system"),
    ("a: .nan", (1, 4), ".nan is not a JSON value"),
    ("a: 1e999", (1, 4), "out of range"),
    ("a: " + "9" * 5000, (1, 4), "more than 4,300 digits"),
    ("a: &x [1, *x]", (1, 11), "stands inside its own anchor"),
    ("a: *x", (1, 4), "the alias *x has no anchor"),
    ("? [a]\n: b", (1, 3), "as a key is not supported"),
    ("<<: 1", (1, 5), "the merge key << takes a mapping"),
    ("a: 1\n---\nb: 2", None, "more than one document"),
    ("a: [1,\nb: 2", None, "is not YAML"),
    ("a: 'x\ty\x00'", None, "is not YAML"),
    ("", (1, 1), "is empty"),
    ("# nothing\n", (1, 1), "is empty"),
    ('a: "\\ud800"', (1, 4), "lone surrogate"),
    ("a: " + "[" * 300 + "]" * 300, (1, 203), "nested deeper than 200"),
    ("- " * 300, None, "nested deeper than 200"),
    ("StartAt: A\nStates: !Ref x", (2, 9), "this file is no template"),
]  # fmt: skip


@pytest.mark.parametrize("text, where, message", REFUSED, ids=[message for _, _, message in REFUSED])
def test_what_is_refused_is_told_with_its_place(text: str, where: tuple[int, int] | None, message: str) -> None:
    found = fault(text, "m.asl.yaml")
    assert message in found.message
    assert where in (None, (found.line, found.column))


def laughs(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for level in range(1, levels):
        aliases = ", ".join([f"*a{level - 1}"] * 10)
        lines.append(f"a{level}: &a{level} [{aliases}]")
    return "\n".join(lines)


@pytest.mark.parametrize(
    "text",
    [
        laughs(12),
        "a: &a " + "x" * 1000 + "\nb: [" + ", ".join(["*a"] * 3000) + "]",
        "a: &a {"
        + ", ".join(f"k{i}: 1" for i in range(1000))
        + "}\n"
        + "\n".join(f"b{i}: {{<<: *a}}" for i in range(999)),
    ],
    ids=["billion laughs", "a long text often", "a merge often"],
)
def test_an_alias_that_explodes_is_refused(text: str) -> None:
    assert "with its aliases written out" in fault(text, "m.yaml").message


def test_aliases_that_nest_too_deep_are_refused() -> None:
    text = "a0: &a0 [x]\n" + "\n".join(f"a{i}: &a{i} [*a{i - 1}]" for i in range(1, 250))
    assert "nested deeper than 200" in fault(text, "m.yaml").message


def test_without_ruamel_yaml_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ruamel.yaml", None)
    found = fault("StartAt: A", "m.asl.yaml")
    assert found.code == "MISSING_DEPENDENCY"
    assert 'pip install "asl-engine[yaml]"' in found.message


def test_standard_input_is_told_by_its_content() -> None:
    assert load("StartAt: A\nStates: {}\n", "-")[0].document == {"StartAt": "A", "States": {}}
    assert load('{"StartAt": "A", "States": {}}', "-")[0].document == {"StartAt": "A", "States": {}}


STYLES = {
    "plain": "a: one two\n",
    "single": "a: 'one ''two'''\n",
    "double": 'a: "one \\"two\\" \\u00e9\\n!"\n',
    "literal": "a: |\n    one\n\n      two\n    three\n",
    "folded": "a: >-\n  one\n  two\n\n  three\n",
    "long plain": "a: one\n  two\n  three\n",
    "long double": 'a: "one\n  two \\\n  three"\n',
    "tagged": "a: !!str\n  one two\n",
    "header": "a: |2-  # told\n    one\n",
    "anchored": "a: &x 'one'\n",
}


@pytest.mark.parametrize("text", STYLES.values(), ids=STYLES)
def test_each_character_of_a_scalar_stands_where_it_is_written(text: str) -> None:
    document = read_yaml(file_text("f", text.encode()))
    words, offsets = document.value["a"], document.characters("/a")
    assert len(offsets) == len(words) + 1
    escapes = {"\\u00e9": "é", '\\"': '"', "''": "'"}
    for character, start in zip(words, offsets, strict=False):
        if not character.isspace():
            piece = next((escape for escape in escapes if text.startswith(escape, start)), text[start])
            assert escapes.get(piece, piece) == character


def test_lines_of_a_block_are_found_by_line() -> None:
    text = "a: |\r\n  one\r\n\r\n   two\r\n"
    document = read_yaml(file_text("f", text.encode()))
    assert document.value["a"] == "one\n\n two\n"
    assert document.text.place(document.characters("/a")[6]) == (4, 4)


def dumped(value: Any) -> str:
    """YAML text of a value, as ruamel.yaml writes it."""
    out = io.StringIO()
    ruamel_yaml.YAML(typ="safe", pure=True).dump(value, out)
    return out.getvalue()


@given(values)
def test_what_ruamel_writes_is_read_back_with_the_places_of_all_values(value: Any) -> None:
    try:
        text = dumped(value)
        text.encode()
        document = read_yaml(file_text("f", text.encode()))
    except (UnicodeEncodeError, SourceError, ruamel_yaml.error.YAMLError):
        assert any(needs_care(item) for _, item in members(value))
        return
    if not any(needs_care(item) for _, item in members(value)):
        assert document.value == value
    for path, item in members(document.value):
        node = document.node(pointer_to(*path))
        column = document.text.place(node.start)[1]
        if not any(needs_care(part) for _, part in members(item)):
            assert value_of(" " * (column - 1) + text[node.start : node.end]) == item


def needs_care(item: Any) -> bool:
    """Whether ruamel.yaml writes a text that YAML, or Unicode, gives no way to write or to read back."""
    keys = item if isinstance(item, dict) else [item]
    return any(isinstance(key, str) and not (key.isascii() and key.isprintable()) for key in keys)


@given(st.text(st.sampled_from("ab:-?[]{}&*!|>'\"% \n#,<~0.\\t"), max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(SourceError):
        assert load(text, "m.yaml")


def test_a_unicode_line_is_counted_in_characters() -> None:
    text = "StartAt: A\nStates:\n  'é😀': {Type: Pass, Nxt: B}\n"
    (source,) = load(text, "m.yaml")
    assert span_at(source, "/States/é😀/Nxt") == place(text, "Nxt")
