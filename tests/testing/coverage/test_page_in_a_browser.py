"""The HTML pages in a real browser, where there is one: what their script does."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from asl_engine import StateMachine, TaskError
from asl_engine.testing import Collector, coverage_of
from asl_engine.testing.coverage.page import machine_page
from tests.build import catcher, chain, task

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(BROWSER is None, reason="needs Chromium")

CLICKS = """
const table = [...document.querySelectorAll("table.sortable")].at(-1), orders = [];
for (const place of [3, 3, 0]) {
  table.tHead.rows[0].cells[place].click();
  orders.push([...table.tBodies[0].rows].map(row => parseInt(row.cells[place].textContent)));
}
document.title = JSON.stringify(orders);
"""
COLOURS = """
const colour = (from, to) => getComputedStyle(document.querySelector(
  `.graph path[data-from="${from}"][data-to="${to}"]`)).stroke;
const state = name => document.querySelector(`.graph g[data-state="${name}"]`);
const faded = element => [...element.querySelectorAll("*")].some(part => getComputedStyle(part).opacity !== "1");
document.title = JSON.stringify({
  used: colour("Work", "Z"), caught: colour("Work", "Rescue"), missed: colour("Rescue", "Never"),
  stroke: getComputedStyle(state("Never").querySelector("rect")).stroke, faded: faded(state("Never")),
});
"""
ROOM = """
const graph = document.querySelector(".graph"), drawing = graph.querySelector("svg");
document.title = JSON.stringify([drawing.clientWidth, drawing.viewBox.baseVal.width, graph.clientWidth]);
"""
GREEN, RED = "rgb(21, 128, 61)", "rgb(196, 55, 44)"


def page_of(machine: dict[str, Any], *inputs: Any, **options: Any) -> str:
    """The page of a machine after it has run with these inputs."""
    with Collector() as collector:
        for given in inputs:
            StateMachine.from_json(machine).run(given, **options)
    return machine_page(coverage_of(collector).machines[0])


def at_least_one(payload: int) -> int:
    if payload < 1:
        raise TaskError("E")
    return payload


def title_after(page: str, script: str, folder: Path) -> Any:
    """The JSON value that a script leaves as the page's title."""
    file = folder / "page.html"
    file.write_text(page.replace("</body>", f"<script>{script}</script></body>"), "utf-8")
    command = [str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'user'}"]
    done = subprocess.run([*command, "--dump-dom", file.as_uri()], capture_output=True, text=True, timeout=60)
    title = re.search(r"<title>(.*?)</title>", done.stdout)
    assert title is not None, done.stderr
    return json.loads(title[1])


def test_a_click_on_a_head_sorts_by_number_and_a_second_one_turns_the_order(tmp_path: Path) -> None:
    again = {"Variable": "$", "NumericLessThan": 12, "Next": "More"}
    more = {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($, 1)"}, "OutputPath": "$.n", "Next": "C"}
    machine = chain(C={"Type": "Choice", "Choices": [again], "Default": "Z"}, More=more, Z={"Type": "Succeed"})
    up, down, lines = title_after(page_of(machine, 0), CLICKS, tmp_path)
    assert (up, down, lines) == (sorted(up), sorted(up, reverse=True), sorted(lines))
    assert {1, 12, 13} <= set(up)


def test_red_is_what_was_missed_and_nothing_fades(tmp_path: Path) -> None:
    rule = {"Variable": "$.no", "IsPresent": True, "Next": "Never"}
    machine = chain(
        Work=task("work", Catch=[catcher("Rescue", "E")], Next="Z"),
        Rescue={"Type": "Choice", "Choices": [rule], "Default": "Z"},
        Never={"Type": "Pass", "Next": "Z"},
        Z={"Type": "Succeed"},
    )
    page = page_of(machine, 1, 0, tasks={"Work": at_least_one})
    told = title_after(page, COLOURS, tmp_path)
    assert told == {"used": GREEN, "caught": GREEN, "missed": RED, "stroke": RED, "faded": False}


def test_a_wide_machine_is_scrolled_and_not_shrunk(tmp_path: Path) -> None:
    rules = [
        {"Variable": "$.n", "NumericEquals": n, "Next": f"A state with a long name, number {n}"} for n in range(30)
    ]
    states = {rule["Next"]: {"Type": "Succeed"} for rule in rules}
    machine = chain(C={"Type": "Choice", "Choices": rules}, **states)
    drawn, meant, room = title_after(page_of(machine, {"n": 3}), ROOM, tmp_path)
    assert round(drawn) == round(meant) > room
