"""Formatting changes the order of fields and the layout, and nothing that is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asl_engine.jsonvalue import dumps
from asl_engine.rewriting.formatting import FormatError, format_text
from asl_engine.rewriting.json_text import WIDTH, format_json
from asl_engine.rewriting.keys import ORDERS, ordered
from asl_engine.rewriting.yaml_reading import json_of
from asl_engine.rewriting.yaml_writing import yaml_of
from asl_engine.states.table import STATE_TYPES
from tests.rewriting.turned import machines
from tests.strategies import json_values

yaml = pytest.importorskip("ruamel.yaml")
WORKFLOWS = Path(__file__).parents[2] / "../shared/suites/workflows"
FILES = sorted(file for file in WORKFLOWS.rglob("*") if file.suffix in (".json", ".yaml"))


def machine(state: str) -> str:
    return '{"States": {"A": ' + state + '}, "StartAt": "A"}'


def state_of(text: str) -> str:
    """The lines of the state A."""
    return "\n".join(line[6:] for line in format_json(machine(text)).splitlines()[4:-3])


def test_fields_come_in_their_order() -> None:
    given = (
        '{"End": true, "Next": 1, "ResultPath": "$.r", "Parameters": {"z": 1, "a": 2}, "Comment": "c", "Type": "Pass"}'
    )
    names = list(json.loads(format_json(machine(given)))["States"]["A"])
    assert names == ["Type", "Comment", "Parameters", "ResultPath", "Next", "End"]


def test_the_top_comes_in_its_order_and_states_stay_where_they_are() -> None:
    given = '{"States": {"B": {}, "A": {}}, "StartAt": "B", "Version": "1.0", "Comment": "c"}'
    made = json.loads(format_json(given))
    assert list(made) == ["Comment", "Version", "StartAt", "States"]
    assert list(made["States"]) == ["B", "A"]


def test_what_the_author_wrote_keeps_its_order() -> None:
    assert state_of('{"Parameters": {"Type": 1, "Comment": 2, "End": {"Next": 1, "Type": 2}}}') == (
        '"Parameters": {"Type": 1, "Comment": 2, "End": {"Next": 1, "Type": 2}}'
    )


def test_rules_and_catchers_are_ordered_too() -> None:
    choices = '"Choices": [{"Next": "B", "And": [{"IsNull": true, "Variable": "$"}]}]'
    given = "{" + choices + ', "Catch": [{"Next": "B", "ErrorEquals": []}]}'
    assert state_of(given).splitlines() == [
        '"Choices": [{"And": [{"Variable": "$", "IsNull": true}], "Next": "B"}],',
        '"Catch": [{"ErrorEquals": [], "Next": "B"}]',
    ]


@pytest.mark.parametrize("number", ["1.0", "1e3", "-0.0", "1E+2", "123456789012345678901234567890", "0.10"])
def test_a_number_keeps_its_text(number: str) -> None:
    assert state_of('{"Result": ' + number + "}") == f'"Result": {number}'


@pytest.mark.parametrize("text", ['"é"', r'"\u00e9"', r'"\/"', '"${Name}"', '"日本"'])
def test_a_string_keeps_its_text(text: str) -> None:
    assert state_of('{"Result": ' + text + "}") == f'"Result": {text}'


def test_a_placeholder_without_quotes_stays() -> None:
    assert state_of('{"MaxConcurrency":${Max}, "Type":"Map"}') == '"Type": "Map",\n"MaxConcurrency": ${Max}'


def test_what_fits_is_put_on_one_line_and_what_does_not_is_not() -> None:
    fits = "x" * (WIDTH - len('      "Result": [""]'))
    assert state_of(f'{{"Result": [\n"{fits}"]}}') == f'"Result": ["{fits}"]'
    assert len(state_of(f'{{"Result": ["{fits}x"]}}').splitlines()) == 3


def test_the_text_ends_with_one_newline() -> None:
    assert format_json(machine("{}") + "\n\n\n").endswith("}\n")


@pytest.mark.parametrize(
    "text, told",
    [
        (machine('{"Type": 1, "Type": 2}'), "line 1, column 30: must not have a key twice"),
        (machine('{"Type": 01}'), "must be JSON, not '01"),
        (machine('{"Type": NaN}'), "must be JSON"),
        (machine('{"Type": 1,}'), "must have a key in double quotes"),
        (machine("[1 2]"), "must have ',' or ']' after an item"),
        (machine('{"a" 1}'), "must have ':' after a key"),
        ("{\n  ?", "line 2, column 3: must be JSON, not '?'"),
        ("", "must be a value, not the end"),
        (machine("1") + "x", "must be JSON"),
        ("[" * 300, "must not nest deeper than 200 levels"),
        ("[]", "not a definition: it must be an object"),
        ("{}", "not a definition: it has no States"),
        ('{"Resources": {}}', "a template (it has 'Resources')"),
    ],
)
def test_what_cannot_be_formatted_is_refused(text: str, told: str) -> None:
    with pytest.raises(FormatError) as caught:
        format_json(text)
    assert told in str(caught.value)


def test_every_field_that_states_take_has_its_place() -> None:
    from asl_engine.definition.fields import specs_of

    for kind, state_type in STATE_TYPES.items():
        missing = specs_of(state_type.cls).keys() - set(ORDERS["state"])
        assert missing == set(), kind


def test_an_unknown_field_stays_behind_the_known_ones() -> None:
    assert ordered(["X", "Next", "Type", "A"], "state") == ["Type", "Next", "X", "A"]


@given(value=json_values, indent=st.sampled_from([None, 1, 4]))
def test_formatting_keeps_the_value_and_twice_is_once(value: Any, indent: int | None) -> None:
    text = json.dumps({"States": {"A": {"Result": value, "Type": "Pass"}}}, indent=indent, ensure_ascii=bool(indent))
    made = format_json(text)
    assert json.loads(made) == json.loads(text)
    assert format_json(made) == made


@given(name=st.sampled_from(sorted(machines())))
def test_the_layout_that_was_there_does_not_matter(name: str) -> None:
    definition = machines()[name]
    assert format_json(dumps(definition)) == format_json(json.dumps(definition, indent=8))


@pytest.mark.skipif(not FILES, reason="needs the collected workflows beside the checkout")
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parts[-3])
def test_real_workflows_keep_their_meaning(file: Path) -> None:
    text, is_yaml = file.read_text(encoding="utf-8-sig"), file.suffix == ".yaml"
    made = format_text(text, yaml=is_yaml)
    load = yaml.YAML(typ="safe").load if is_yaml else json.loads
    assert load(made) == load(text)
    assert format_text(made, yaml=is_yaml) == made


# --- YAML -------------------------------------------------------------------------------------------------------------

YAML = """\
# About the file.

# Where it begins.
StartAt: A
Comment: 'quoted'  # beside it
States:
  A:
    Next: B
    # What it is.
    Type: Choice

    Choices:
      - Next: "B"
        # The test.
        Variable: $.a
        IsNull: true
    Comment: |
      several

      lines
  # About B.
  B: {Type: Succeed}
"""
ARRANGED = """\
# About the file.

Comment: 'quoted'  # beside it
# Where it begins.
StartAt: A
States:
  A:
    # What it is.
    Type: Choice
    Comment: |
      several

      lines

    Choices:
        # The test.
      - Variable: $.a
        IsNull: true
        Next: "B"
    Next: B
  # About B.
  B: {Type: Succeed}
"""


def test_keys_of_yaml_move_with_their_comments_and_keep_how_they_are_written() -> None:
    assert format_text(YAML, yaml=True) == ARRANGED
    assert format_text(ARRANGED, yaml=True) == ARRANGED


REFERRING = """\
States:
  A:
    Retry: &r
      - MaxAttempts: 1
    Resource: a
    Type: Task
  B: {Retry: *r}
  C:
    Catch: *r
    Retry: *r
    Type: Task
StartAt: A
"""


def test_an_anchor_stays_before_its_aliases() -> None:
    made = format_text(REFERRING, yaml=True)
    assert made.startswith("StartAt: A\nStates:\n  A:\n    Type: Task\n    Resource: a\n    Retry: &r\n")
    assert "  C:\n    Catch: *r\n    Retry: *r\n    Type: Task\n" in made


def test_placeholders_stay_in_yaml() -> None:
    text = "States:\n  A:\n    MaxConcurrency: ${Max}\n    Type: Map\nStartAt: A\n"
    assert "MaxConcurrency: ${Max}\n" in format_text(text, yaml=True)


@given(name=st.sampled_from(sorted(machines())), chance=st.randoms(use_true_random=False))
def test_yaml_keeps_its_meaning_and_twice_is_once(name: str, chance: Any) -> None:
    text = yaml_of(dumps(_shuffled(machines()[name], chance)))
    made = format_text(text, yaml=True)
    assert json.loads(json_of(made)[0]) == json.loads(json_of(text)[0])
    assert format_text(made, yaml=True) == made


def _shuffled(value: Any, chance: Any) -> Any:
    """The value with the keys of each object in another order."""
    if isinstance(value, dict):
        return {key: _shuffled(value[key], chance) for key in chance.sample(sorted(value), len(value))}
    return [_shuffled(item, chance) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    "text, told",
    [
        ("States: {}\nStates: {}\n", "the key 'States' stands twice"),
        ("a: [", "line"),
        ("- a\n", "must be an object"),
        ("AWSTemplateFormatVersion: '2010-09-09'\n", "a template"),
        ("", "must be an object"),
        ("a: 1\n---\nb: 2\n", "line"),
    ],
)
def test_yaml_that_cannot_be_formatted_is_refused(text: str, told: str) -> None:
    with pytest.raises(FormatError) as caught:
        format_text(text, yaml=True)
    assert told in str(caught.value)
