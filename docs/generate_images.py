"""Draws the pictures in docs/images that come from a definition: `python docs/generate_images.py [--check]`.

Each one is a row of PICTURES. With `--check` nothing is written; pictures that differ are named, and the status is 1.
"""

from __future__ import annotations

import argparse
import json
import sys
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


def is_current(name: str, picture: str) -> bool:
    """Whether the file is there and holds the picture."""
    file = IMAGES / name
    return file.exists() and file.read_text("utf-8") == picture


if __name__ == "__main__":
    sys.exit(main())
