"""The HTML pages in a real browser, where there is one: what their script does."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from asl_engine import StateMachine
from asl_engine.testing import Collector, coverage_of
from asl_engine.testing.coverage.page import machine_page
from tests.build import chain

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
CLICKS = """<script>
const table = [...document.querySelectorAll("table.sortable")].at(-1), orders = [];
for (const place of [3, 3, 0]) {
  table.tHead.rows[0].cells[place].click();
  orders.push([...table.tBodies[0].rows].map(row => parseInt(row.cells[place].textContent)));
}
document.title = JSON.stringify(orders);
</script></body>"""


@pytest.mark.skipif(BROWSER is None, reason="needs Chromium")
def test_a_click_on_a_head_sorts_by_number_and_a_second_one_turns_the_order(tmp_path: Path) -> None:
    again = {"Variable": "$", "NumericLessThan": 12, "Next": "More"}
    more = {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($, 1)"}, "OutputPath": "$.n", "Next": "C"}
    machine = chain(C={"Type": "Choice", "Choices": [again], "Default": "Z"}, More=more, Z={"Type": "Succeed"})
    with Collector() as collector:
        StateMachine.from_json(machine).run(0)
    page = tmp_path / "page.html"
    page.write_text(machine_page(coverage_of(collector).machines[0]).replace("</body>", CLICKS), "utf-8")
    command = [str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'user'}"]
    done = subprocess.run([*command, "--dump-dom", page.as_uri()], capture_output=True, text=True, timeout=60)
    title = re.search(r"<title>(.*?)</title>", done.stdout)
    assert title is not None, done.stderr
    up, down, lines = json.loads(title[1])
    assert (up, down, lines) == (sorted(up), sorted(up, reverse=True), sorted(lines))
    assert {1, 12, 13} <= set(up)
