"""The SVG picture, read back from its coordinates: nothing overlaps, every edge joins what it should."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asl_engine import StateMachine
from asl_engine.drawing import draw, overlay_of
from asl_engine.drawing.lattice import Box, Link, lattice_of
from asl_engine.drawing.model import every_graph, graph_of
from asl_engine.drawing.wording import shown
from tests.build import catcher, chain, each, function, parallel, retrier, task
from tests.drawing.pictures import Area, Picture, Point, around, machine_of
from tests.properties.machines import Program, programs

ROOT = Path(__file__).parents[2]
WORKFLOWS = ROOT.parent / "shared" / "suites" / "workflows"
ORDERS = ROOT / "examples" / "order_pipeline" / "order_pipeline.asl.json"

SAGA = {
    "StartAt": "S0",
    "States": {
        **{f"S{n}": task(Next=f"S{n + 1}", Catch=[catcher("Undo")]) for n in range(12)},
        "S12": {"Type": "Succeed"},
        "Undo": {"Type": "Fail"},
    },
}
WIDE = {
    "StartAt": "Pick",
    "States": {
        "Pick": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.n", "NumericEquals": n, "Next": f"N{n}"} for n in range(9)],
            "Default": "Pick",
        },
        **{f"N{n}": {"Type": "Pass", "End": True} for n in range(9)},
    },
}
NESTED = chain(
    Outer=each(
        chain(Both=parallel(chain(A=task(Retry=[retrier("Busy")])), chain(Inner=each(chain(B=task()))))),
        Catch=[catcher("After")],
    ),
    Loop=task(Next="Outer", Catch=[catcher("Loop", "Again"), catcher("After")]),
    After={"Type": "Wait", "Seconds": 5},
)
UNREACHED = {
    "StartAt": "A",
    "States": {
        "A": {"Type": "Pass", "Next": "B"},
        "B": {"Type": "Pass", "End": True},
        "Alone": {"Type": "Pass", "Next": "B"},
        "Round": {"Type": "Pass", "Next": "About"},
        "About": {"Type": "Pass", "Next": "Round"},
        "Self": {"Type": "Pass", "Next": "Self"},
    },
}
MACHINES = {
    "saga": SAGA,
    "wide": WIDE,
    "nested": NESTED,
    "unreached": UNREACHED,
    "orders": json.loads(ORDERS.read_text()),
}
directions = pytest.mark.parametrize("direction", ["TB", "LR"])
machines = pytest.mark.parametrize("definition", MACHINES.values(), ids=MACHINES)


def check(definition: dict[str, Any], direction: str, **options: Any) -> Picture:
    """All laws of a picture."""
    machine = machine_of(definition)
    picture = Picture(draw(machine, direction=direction, **options))
    nesting = around(machine)
    assert sorted(name for name, _ in picture.states) == sorted(map(shown, nesting))
    check_areas(picture, nesting)
    check_edges(picture, machine, nesting)
    check_labels(picture)
    return picture


def check_areas(picture: Picture, nesting: dict[str, frozenset[str]]) -> None:
    for (name, area), (other, another) in combinations(picture.states, 2):
        if other in nesting[name]:
            assert another.holds(area), f"{name} is not inside {other}"
        elif name in nesting[other]:
            assert area.holds(another), f"{other} is not inside {name}"
        else:
            assert not area.overlaps(another), f"{name} overlaps {other}"


def check_edges(picture: Picture, machine: Any, nesting: dict[str, frozenset[str]]) -> None:
    expected = [
        (shown(edge.source_name or "Start"), shown(edge.target_name or "End"), edge.kind)
        for graph in every_graph(graph_of(machine))
        for edge in graph.edges
    ]
    assert sorted((edge.source, edge.target, edge.kind) for edge in picture.edges) == sorted(expected)
    marks = [area for _, area in picture.marks]
    for edge in picture.edges:
        check_end(picture, marks, edge.source, edge.points[0], "Start")
        check_end(picture, marks, edge.target, edge.points[-1], "End")
        for name, area in picture.states:
            containers = nesting.get(edge.source, frozenset()) | nesting.get(edge.target, frozenset())
            if name not in containers and not is_mark_edge(edge):
                assert not any(map(area.has_inside, edge.points)), f"{edge.source} -> {edge.target} runs through {name}"


def is_mark_edge(edge: Any) -> bool:
    return edge.source == "Start" or edge.target == "End"


def check_end(picture: Picture, marks: list[Area], name: str, point: Point, mark: str) -> None:
    areas = marks if name == mark else [picture.area(name)]
    assert any(area.has_on_border(point) for area in areas), f"an edge ends beside {name}, at {point}"


def check_labels(picture: Picture) -> None:
    """Labels have a ground of their own: rectangles that stand in no group and have no border."""
    grounds = [
        Area(x, y, x + width, y + height)
        for rectangle in picture.root.findall("{http://www.w3.org/2000/svg}rect")
        if rectangle.get("stroke") is None
        for x, y, width, height in [[float(rectangle.get(key) or 0) for key in ("x", "y", "width", "height")]]
    ]
    for one, other in combinations(grounds, 2):
        assert not one.overlaps(other), "two labels overlap"
    for ground in grounds:
        for name, area in picture.states:
            assert area.holds(ground) or not area.overlaps(ground), f"a label overlaps {name}"


@directions
@machines
def test_every_state_stands_once_and_apart_and_edges_join_what_they_should(
    definition: dict[str, Any], direction: str
) -> None:
    check(definition, direction)


@settings(max_examples=60)
@given(programs(), st.sampled_from(["TB", "LR"]))
def test_any_machine_is_drawn_without_overlaps(program: Program, direction: str) -> None:
    check(program.definition, direction)


@settings(max_examples=40)
@given(programs(), st.sampled_from(["TB", "LR"]))
def test_any_execution_is_drawn_without_overlaps(program: Program, direction: str) -> None:
    execution = StateMachine.from_json(program.definition).run(program.input, tasks=program.tasks, seed=program.seed)
    check(program.definition, direction, overlay=overlay_of(execution))


@settings(max_examples=100)
@given(st.text(min_size=1, max_size=90), st.text(max_size=200))
def test_any_name_and_text_makes_well_formed_xml_that_says_it(name: str, text: str) -> None:
    rule = {"Variable": "$.a", "StringEquals": text, "Next": name}
    machine = machine_of({"StartAt": name, "States": {name: {"Type": "Choice", "Choices": [rule]}}})
    picture = Picture(draw(machine, name=text))
    assert [state for state, _ in picture.states] == [_in_attribute(shown(name))]


def _in_attribute(text: str) -> str:
    """As XML reads an attribute back: white space becomes spaces."""
    element = ElementTree.Element("a", {"b": text})
    return ElementTree.fromstring(ElementTree.tostring(element, encoding="utf-8")).get("b") or ""


def test_a_very_long_name_is_cut_in_the_node_and_whole_in_the_title() -> None:
    name = "Reconcile" * 8
    picture = Picture(draw(machine_of(chain(**{name: task()}))))
    area = picture.area(name)
    assert area.right - area.left < 260
    assert name not in picture.texts
    assert name in picture.title(name)


def test_a_wide_character_takes_more_room_than_a_narrow_one() -> None:
    wide, narrow = (Picture(draw(machine_of(chain(**{name: task()})))).area(name) for name in ("注文" * 6, "il" * 6))
    assert wide.right - wide.left > narrow.right - narrow.left


def test_the_same_definition_gives_the_same_picture() -> None:
    assert draw(machine_of(NESTED)) == draw(machine_of(NESTED))


def test_a_picture_has_no_scripts_links_or_styles() -> None:
    picture = Picture(draw(machine_of(NESTED)))
    tags = {element.tag.removeprefix("{http://www.w3.org/2000/svg}") for element in picture.root.iter()}
    assert tags <= {"svg", "title", "desc", "defs", "marker", "rect", "circle", "path", "g", "text"}


def test_types_are_told_by_words_and_icons_and_not_by_colour_alone() -> None:
    picture = Picture(draw(machine_of(NESTED)))
    assert {"TASK", "MAP", "PARALLEL", "WAIT"} <= set(picture.texts)


def test_a_distributed_map_is_told_from_an_inline_one() -> None:
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    body = {**chain(A={"Type": "Pass"}), "ProcessorConfig": config}
    picture = Picture(draw(machine_of(chain(M=each(body), N=each(chain(B={"Type": "Pass"}))))))
    assert picture.texts.count("DISTRIBUTED MAP") == picture.texts.count("MAP") == 1


def test_labels_can_be_left_out() -> None:
    assert "default" in Picture(draw(machine_of(WIDE))).texts
    assert "default" not in Picture(draw(machine_of(WIDE), labels=False)).texts


def test_what_was_taken_is_told_in_words_and_drawn_above_the_rest() -> None:
    definition = chain(
        Work=task(Retry=[retrier("Busy", MaxAttempts=1)], Catch=[catcher("Sorry", "Busy")]),
        Done={"Type": "Succeed"},
        Sorry={"Type": "Fail", "Error": "Sorry"},
    )
    execution = StateMachine.from_json(definition).run({}, tasks={"Work": lambda payload: {}["busy"]})
    assert execution.status == "FAILED"
    picture = Picture(draw(machine_of(definition), overlay=overlay_of(execution)))
    assert "1×, failed" in picture.texts
    assert not any("×" in text for text in picture.texts if "Done" in text)
    assert [edge.source for edge in picture.edges][-1] == "Start"


def test_only_known_formats_and_directions_are_drawn() -> None:
    machine = machine_of(NESTED)
    with pytest.raises(ValueError, match="format must be one of mermaid, dot, svg, not 'png'"):
        draw(machine, format="png")
    with pytest.raises(ValueError, match="direction must be one of TB, LR, not 'RL'"):
        draw(machine, direction="RL")


@pytest.mark.skipif(not WORKFLOWS.is_dir(), reason="the suite of workflows is not beside the checkout")
def test_real_definitions_are_drawn_without_overlaps() -> None:
    files = sorted(WORKFLOWS.rglob("*.asl.json"))
    assert len(files) > 80
    for file in files:
        definition = json.loads(file.read_text("utf-8"))
        names = list(around(machine_of(definition)))
        for direction in ("TB", "LR") if len(names) < 40 else ("TB",):
            check(definition, direction)


def test_a_hundred_catches_that_lead_to_one_state_share_one_line() -> None:
    count = 100
    links = [Link(node, node + 1, None, ("next", node)) for node in range(count)]
    links += [Link(node, count + 1, Box(50, 10), "catch") for node in range(count)]
    lattice = lattice_of([Box(100, 40)] * (count + 2), links)
    assert len(lattice.kinds) < 5 * count


def test_a_task_shows_what_it_calls() -> None:
    invoke = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Parameters": {"FunctionName": function("charge")},
    }
    other = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:getObject"}
    texts = Picture(draw(machine_of(chain(A=invoke, B=other, C=task("pack"))))).texts
    assert {"lambda charge.waitForTaskToken", "s3:getObject", "lambda pack"} <= set(texts)


def test_a_picture_grows_with_its_definition_and_not_faster() -> None:
    def saga(count: int) -> dict[str, Any]:
        states = {f"S{n}": task(Next=f"S{n + 1}", Catch=[catcher("Undo")]) for n in range(count)}
        return {"StartAt": "S0", "States": {**states, f"S{count}": {"Type": "Succeed"}, "Undo": {"Type": "Fail"}}}

    assert len(draw(machine_of(saga(200)))) < 2.2 * len(draw(machine_of(saga(100))))
