"""Draws the pictures in docs/images that come from a definition: `python docs/generate_images.py [--check]`.

Each drawing is a row of PICTURES. With `--check` nothing is written; drawings that differ are named, and the status is
1. The page in COVERAGE is photographed by Chromium, where it is installed; what a browser draws differs from machine to
machine, so that it is never checked.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
ORDERS = ROOT / "examples" / "order_pipeline"

sys.path[:0] = [str(ROOT / "src"), str(ORDERS)]

PICTURES: Mapping[str, Mapping[str, Any]] = {
    "order-pipeline.svg": {"event": "order-1001.json"},
    "order-quarantined.svg": {"event": "order-1003.json"},
}
"""File -> the event whose execution is shown in the order pipeline."""

COVERAGE, WINDOW = "coverage.png", "1100,2050"
"""The coverage of the order pipeline after all its events, and the size of the window that shows it."""


def main() -> int:
    """Draws the pictures, or says which are not up to date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a picture is not up to date")
    check = parser.parse_args().check
    stale = {name: picture for name, picture in drawn().items() if not is_current(name, picture)}
    for name, picture in () if check else stale.items():
        (IMAGES / name).write_text(picture, encoding="utf-8")
    if check and stale:
        print("not up to date:", *stale)
        return 1
    print("up to date" if not stale else f"drawn: {', '.join(stale)}")
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if not check:
        print(photographed(browser) if browser else f"{COVERAGE} needs Chromium, which is not here")
    return 0


def drawn() -> dict[str, str]:
    """File -> what should be in it."""
    from tasks import TASKS

    from asl_engine import StateMachine
    from asl_engine.drawing import draw, overlay_of

    machine = StateMachine.from_file(ORDERS / "order_pipeline.asl.json")
    pictures = {}
    for name, row in PICTURES.items():
        event = json.loads((ORDERS / "events" / row["event"]).read_text("utf-8"))
        pictures[name] = draw(machine, overlay=overlay_of(machine.run(event, tasks=TASKS)))
    return pictures


def photographed(browser: str) -> str:
    """Takes the picture of the coverage page; what was done."""
    from tasks import TASKS

    from asl_engine import StateMachine
    from asl_engine.testing import Collector, coverage_of
    from asl_engine.testing.coverage.page import machine_page

    machine = StateMachine.from_file(ORDERS / "order_pipeline.asl.json")
    with Collector(ORDERS) as collector:
        for event in sorted((ORDERS / "events").glob("*.json")):
            machine.run(json.loads(event.read_text("utf-8")), tasks=TASKS)
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "page.html")
        page.write_text(machine_page(coverage_of(collector).machines[0]), "utf-8")
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--window-size={WINDOW}"]
        picture = f"--screenshot={IMAGES / COVERAGE}"
        command = [browser, *options, f"--user-data-dir={folder}/user", picture, page.as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    return f"photographed: {COVERAGE}"


def is_current(name: str, picture: str) -> bool:
    """Whether the file is there and holds the picture."""
    file = IMAGES / name
    return file.exists() and file.read_text("utf-8") == picture


if __name__ == "__main__":
    sys.exit(main())
