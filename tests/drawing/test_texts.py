"""Mermaid and DOT: what stands in quotes is what was meant, whatever it is; and the words of edges and nodes."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asl_engine import StateMachine
from asl_engine.drawing import draw, overlay_of
from asl_engine.drawing.model import graph_of
from asl_engine.drawing.wording import cut, shown
from tests.build import catcher, chain, each, parallel, retrier, task
from tests.drawing.pictures import machine_of
from tests.properties.machines import Program, programs

NASTY = [
    'a"b<script>&amp;\\',
    "1. list",
    "2) list",
    "- x",
    "end",
    "_a_ *b* `c` **d**",
    "$$x$$ #35; #quot; %%{init}%%",
    "日本語\n\ttab 😀",
    "x|y]; --> z",
    "\x00\x07\ufffe",
    "ends with \\",
    " ",
]
DOLLARS_JOINED = "\u2060"
ERRORS = [retrier("States.Timeout", MaxAttempts=3), retrier("Busy", "Broken", MaxAttempts=0)]


def named(name: str, text: str = "x") -> Any:
    """A machine with this name and text in all places."""
    rule = {"Variable": "$.a", "StringEquals": text, "Next": name}
    branch = {
        "StartAt": f"{name}?",
        "States": {f"{name}?": {"Type": "Choice", "Choices": [{**rule, "Next": f"{name}?"}]}},
    }
    state = parallel(branch, Catch=[catcher(name, text or "x")], End=True)
    return machine_of({"StartAt": name, "States": {name: state}})


def mermaid_texts(text: str) -> list[str]:
    return [decoded(quoted[1:-1]) for quoted in re.findall(r'"[^"\n]*"', text)]


def decoded(text: str) -> str:
    """What Mermaid shows for a text in quotes."""
    assert not re.search(r"[<>\\`*_\[\]{}|~$@;]", re.sub(r"<br/>|#\d+;", "", text)), text
    return re.sub(r"#(\d+);", lambda match: chr(int(match[1])), text).replace(DOLLARS_JOINED, "")


@pytest.mark.parametrize("name", NASTY)
def test_mermaid_shows_any_name_as_it_is(name: str) -> None:
    assert f"{cut(shown(name), 80)}, Parallel" in mermaid_texts(draw(named(name), format="mermaid"))


@settings(max_examples=150)
@given(st.text(min_size=1, max_size=90), st.text(max_size=90))
def test_mermaid_keeps_any_text_in_its_quotes(name: str, text: str) -> None:
    picture = draw(named(name, text), format="mermaid")
    assert f"{cut(shown(name), 80)}, Parallel" in mermaid_texts(picture)
    assert re.fullmatch(r"[\w\s#:,.{}()\[\]|<>=\-]*", re.sub(r'"[^"\n]*"', "", picture))


@pytest.mark.parametrize("name", ["1. x", "- x", "+ x", "1) x", "# x", "> x"])
def test_no_name_begins_a_list_or_a_heading(name: str) -> None:
    node = draw(machine_of(chain(**{name: {"Type": "Pass"}})), format="mermaid").splitlines()[2]
    assert re.search(r'"(\d|#\d+;)', node)
    assert not re.search(r'"(\d+[.)]|[-+>]|# )', node)


def test_what_stands_between_pairs_of_dollars_is_no_formula() -> None:
    rule = {"Variable": "$$.a", "StringEqualsPath": "$$.b", "Next": "A"}
    picture = draw(
        machine_of({"StartAt": "A", "States": {"A": {"Type": "Choice", "Choices": [rule]}}}), format="mermaid"
    )
    shown_by_mermaid = re.sub(r"#(\d+);", lambda match: chr(int(match[1])), picture)
    assert "$$" not in shown_by_mermaid
    assert "1: $$.a == $$.b" in mermaid_texts(picture)


def dot_strings(text: str) -> list[str]:
    return [re.sub(r"\\(.)", r"\1", quoted[1:-1]) for quoted in re.findall(r'"(?:[^"\\]|\\.)*"', text)]


@settings(max_examples=150)
@given(st.text(min_size=1, max_size=90), st.text(max_size=90))
def test_dot_keeps_any_text_in_its_quotes(name: str, text: str) -> None:
    picture = draw(named(name, text), format="dot", name=text)
    assert shown(text) in dot_strings(picture)
    assert re.fullmatch(r"[\w\s{}\[\]=>.-]*", re.sub(r'"(?:[^"\\\n]|\\.)*"', "", picture))


def accepted_by_graphviz(text: str) -> str:
    done = subprocess.run(["dot", "-Tsvg"], input=text.encode(), capture_output=True, check=False)
    assert (done.returncode, done.stderr.decode()) == (0, "")
    return done.stdout.decode()


needs_graphviz = pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")


@needs_graphviz
@pytest.mark.parametrize("name", NASTY)
def test_graphviz_takes_any_name(name: str) -> None:
    assert accepted_by_graphviz(draw(named(name), format="dot"))


@needs_graphviz
@settings(max_examples=15)
@given(programs(), st.sampled_from(["TB", "LR"]))
def test_graphviz_takes_any_machine_with_any_execution(program: Program, direction: str) -> None:
    machine = StateMachine.from_json(program.definition)
    execution = machine.run(program.input, tasks=program.tasks, seed=program.seed)
    text = draw(machine, format="dot", direction=direction, overlay=overlay_of(execution))
    drawn = accepted_by_graphviz(text)
    assert all(name in drawn for name in execution.path)


@settings(max_examples=60)
@given(programs())
def test_mermaid_styles_as_many_edges_as_there_are(program: Program) -> None:
    machine = StateMachine.from_json(program.definition)
    execution = machine.run(program.input, tasks=program.tasks, seed=program.seed)
    text = draw(machine, format="mermaid", overlay=overlay_of(execution))
    edges = re.findall(r"^ *[gn]\w+ (?:-->|==>|-\.->)", text, re.MULTILINE)
    styled = [int(number) for numbers in re.findall(r"linkStyle ([\d,]+) ", text) for number in numbers.split(",")]
    assert sorted(styled) == list(range(len(edges)))
    assert text.count("subgraph ") == len(re.findall(r"^ *end$", text, re.MULTILINE))


# --- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"Variable": "$.n", "NumericGreaterThan": 3}, "$.n > 3"),
        ({"Variable": "$.n", "NumericLessThanEqualsPath": "$.m"}, "$.n <= $.m"),
        ({"Variable": "$.s", "StringEquals": 'a "b"'}, '$.s == "a \\"b\\""'),
        ({"Variable": "$.s", "StringMatches": "a*"}, '$.s matches "a*"'),
        ({"Variable": "$.b", "BooleanEquals": True}, "$.b == true"),
        ({"Variable": "$.t", "TimestampLessThan": "2024-01-01T00:00:00Z"}, '$.t < "2024-01-01T00:00:00Z"'),
        ({"Variable": "$.x", "IsPresent": False}, "$.x is not present"),
        ({"Variable": "$.x", "IsNumeric": True}, "$.x is a number"),
        ({"Not": {"Variable": "$.x", "IsNull": True}}, "not ($.x is null)"),
        (
            {"And": [{"Variable": "$.a", "IsNull": True}, {"Or": [{"Variable": "$.b", "IsNull": True}] * 2}]},
            "$.a is null and ($.b is null or $.b is null)",
        ),
    ],
)
def test_a_rule_in_words(rule: dict[str, Any], words: str) -> None:
    machine = machine_of({"StartAt": "C", "States": {"C": {"Type": "Choice", "Choices": [{**rule, "Next": "C"}]}}})
    assert [edge.lines for edge in graph_of(machine).edges if edge.kind == "choice"] == [(f"1: {words}",)]


def test_a_jsonata_condition_is_shown_as_its_text_on_one_line() -> None:
    rule = {"Condition": "{% $states.input.n\n    > 3 %}", "Next": "C"}
    states = {"C": {"Type": "Choice", "Choices": [rule]}}
    graph = graph_of(machine_of({"QueryLanguage": "JSONata", "StartAt": "C", "States": states}))
    assert graph.edges[-1].lines == ("1: $states.input.n > 3",)


def test_rules_and_default_that_lead_to_one_state_are_one_edge() -> None:
    rules = [
        {"Variable": "$.a", "IsNull": flag, "Next": target} for flag, target in ((True, "A"), (True, "B"), (False, "A"))
    ]
    choice = {"Type": "Choice", "Choices": rules, "Default": "A"}
    graph = graph_of(machine_of(chain(C=choice, A={"Type": "Succeed"}, B={"Type": "Succeed"})))
    lines = {edge.target_name: edge.lines for edge in graph.edges if edge.source_name == "C"}
    assert lines == {"A": ("1: $.a is null", "3: $.a is not null", "default"), "B": ("2: $.a is null",)}


def test_retries_are_told_at_the_state_and_are_no_edges() -> None:
    graph = graph_of(machine_of(chain(A=task(Retry=ERRORS))))
    assert graph.nodes[1].retries == ("retry 3×: States.Timeout", "no retry: Busy, Broken")
    assert [edge.kind for edge in graph.edges] == ["next", "next"]


def test_a_state_that_is_not_there_is_drawn_as_missing() -> None:
    graph = graph_of(machine_of({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "Gone"}}}))
    assert [(node.kind, node.name) for node in graph.nodes] == [("Start", ""), ("Pass", "A"), ("Missing", "Gone")]


def test_branches_and_item_processors_are_graphs_of_their_own() -> None:
    graph = graph_of(machine_of(chain(P=parallel(chain(A=task()), chain(B=task())), M=each(chain(C=task())))))
    parts = {node.name: [part.title for part in node.parts] for node in graph.nodes if node.parts}
    assert parts == {"P": ["branch 1", "branch 2"], "M": ["for each item"]}
