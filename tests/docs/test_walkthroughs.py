"""Pages that build a project from an empty folder are followed to the letter, block by block.

- A block that names a file (```python test_order.py) is that file's new content; after `added to` and the name it is
  added to its end.
- ```console blocks: each line `$ pytest …`, `$ asl …` or `$ python …` is run in the folder, and what it prints compared
  (`...` stands for anything). ```sh and ```text blocks are for reading only.
"""

from __future__ import annotations

import doctest
import os
import shlex
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

from tests.docs.test_documented_examples import PAGES, SECONDS, SOURCE, Block, blocks, commands, is_walkthrough, named

PLUGINS = "asl_engine.pytest_plugin,asl_engine.pytest_coverage"
INSTALLED = bool(entry_points(group="pytest11", name="asl_engine"))
PROGRAMS = {"pytest": ["-m", "pytest"], "asl": ["-m", "asl_engine"], "python": []}
ADDED = "added to "


def pages() -> list[Any]:
    return [pytest.param(page, id=named(page)) for page in PAGES if is_walkthrough(page)]


@pytest.mark.parametrize("page", pages())
def test_a_walkthrough_can_be_followed(page: Path, tmp_path: Path) -> None:
    for block in blocks(page, "python", "json", "yaml", "toml", "ini", "console"):
        if block.language == "console":
            follow(block, page, tmp_path)
        else:
            put(block, page, tmp_path)


def put(block: Block, page: Path, folder: Path) -> None:
    """Writes the file that a block is."""
    assert block.file, f"{named(page)}:{block.line}: a block of a walkthrough is a file; it must say which"
    file = folder / block.file.removeprefix(ADDED)
    file.parent.mkdir(parents=True, exist_ok=True)
    before = file.read_text("utf-8") + "\n\n" if block.file.startswith(ADDED) else ""
    file.write_text(before + block.text, "utf-8")


def follow(block: Block, page: Path, folder: Path) -> None:
    """Runs the commands of a block and compares what they print."""
    for command, expected in commands(block.text):
        printed = run(command, folder)
        same = doctest.OutputChecker().check_output(expected, printed, doctest.ELLIPSIS)
        assert same, f"{named(page)}:{block.line}: $ {command}\nshown:\n{expected}\nprinted:\n{printed}"


def run(command: str, folder: Path) -> str:
    """What a command prints, without the spaces at the ends of lines."""
    words = shlex.split(command)
    made = subprocess.run(
        [sys.executable, *PROGRAMS[words[0]], *words[1:]],
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )
    return "".join(f"{line.rstrip()}\n" for line in made.stdout.splitlines())


def environment() -> dict[str, str]:
    """As a reader has it: the package installed, with its plugins; and no other settings of pytest."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "SFN_", "GITHUB_"))}
    kept.pop("CI", None)
    path = os.pathsep.join(filter(None, [str(SOURCE), os.environ.get("PYTHONPATH")]))
    plugins = {} if INSTALLED else {"PYTEST_PLUGINS": PLUGINS}
    return {**kept, **plugins, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8", "COLUMNS": "80"}
