"""Everything the documentation shows is run, every link leads somewhere, and the reference is what the code says.

- ```python blocks run in order, those of one page in one namespace; a `test_*` function that a block defines is called.
- ```pycon blocks, and the docstrings of all modules, are doctests.
- ```console blocks: each line `$ asl …` or `$ python …` is run in the repository's root, and what it prints compared
  (`...` stands for anything); `$ echo $?` shows the last exit status. ```sh blocks are for reading only.
- A page with a block that names a file (```python test_order.py) is a walkthrough: see test_walkthroughs.py.
"""

from __future__ import annotations

import doctest
import importlib
import os
import re
import shlex
import subprocess
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("conformance/*.md")],
    key=lambda page: page.relative_to(ROOT).as_posix(),
)
MODULES = sorted(
    ".".join(file.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")
    for file in SOURCE.rglob("*.py")
    if file.name != "__main__.py"
)
FENCE = re.compile(r"^```(?P<language>\w*)(?P<file>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)")
HEADING = re.compile(r"^#+ (?P<title>.+)$", re.MULTILINE)
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
SECONDS = 60


class Block(NamedTuple):
    """A fenced part of a page: its language, the line it begins at, its text, and the file that it says it is."""

    language: str
    line: int
    text: str
    file: str


def blocks(page: Path, *languages: str) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    found = (
        Block(match["language"], text.count("\n", 0, match.start()) + 2, match["text"], match["file"].strip())
        for match in FENCE.finditer(text)
    )
    return [block for block in found if block.language in languages]


def pages_with(*languages: str) -> list[Any]:
    pages = (page for page in PAGES if not is_walkthrough(page))
    return [pytest.param(page, id=named(page)) for page in pages if blocks(page, *languages)]


def is_walkthrough(page: Path) -> bool:
    """Whether a page builds a project, file by file."""
    return any(block.file for block in blocks(page, "python", "json", "yaml", "toml", "ini"))


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", pages_with("python", "pycon"))
def test_the_python_examples_of_a_page_run(page: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(ROOT)
    module = types.ModuleType(f"examples_of_{page.stem.replace('-', '_')}")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    module.__dict__["tmp_path"] = tmp_path
    for block in blocks(page, "python", "pycon"):
        if block.language == "pycon":
            run_doctest(block, page, module.__dict__)
        else:
            run_python(block, page, module.__dict__)


def run_python(block: Block, page: Path, namespace: dict[str, Any]) -> None:
    """Runs a block so that a failure names the page's line, and calls the tests it defines."""
    before = set(namespace)
    exec(compile("\n" * (block.line - 1) + block.text, str(page), "exec"), namespace)
    for name in sorted(set(namespace) - before):
        if name.startswith("test_") and getattr(namespace[name], "__test__", True):
            namespace[name]()


def run_doctest(block: Block, page: Path, namespace: dict[str, Any]) -> None:
    parsed = doctest.DocTestParser().get_doctest(block.text, namespace, named(page), str(page), block.line - 1)
    told: list[str] = []
    doctest.DocTestRunner(optionflags=OPTIONS).run(parsed, out=told.append, clear_globs=False)
    namespace.update(parsed.globs)
    assert not told, "".join(told)


@pytest.mark.parametrize("page", pages_with("console"))
def test_the_commands_of_a_page_print_what_it_shows(page: Path) -> None:
    for block in blocks(page, "console"):
        status = 0
        for command, expected in commands(block.text):
            if command == "echo $?":
                printed = f"{status}\n"
            else:
                status, printed = run_command(command)
            same = doctest.OutputChecker().check_output(expected, printed, doctest.ELLIPSIS)
            assert same, f"{named(page)}:{block.line}: $ {command}\nshown:\n{expected}\nprinted:\n{printed}"


def commands(text: str) -> Iterator[tuple[str, str]]:
    """Each command of a console block with the output shown below it; a backslash at the end joins lines."""
    joined = text.replace("\\\n", " ")
    for part in re.split(r"^\$ ", joined, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command.strip(), output


def run_command(command: str) -> tuple[int, str]:
    words = shlex.split(command)
    program = {"asl": [sys.executable, "-m", "asl_engine"], "python": [sys.executable]}[words[0]]
    path = os.pathsep.join(filter(None, [str(SOURCE), os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"}
    made = subprocess.run(
        [*program, *words[1:]],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )
    return made.returncode, made.stdout


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_docstrings_hold(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name), optionflags=OPTIONS)
    assert not result.failed


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_relative_link_of_a_page_leads_somewhere(page: Path) -> None:
    prose = FENCE.sub("", page.read_text(encoding="utf-8"))
    targets = [match["target"] for match in LINK.finditer(prose)]
    broken = [target for target in targets if not re.match(r"[a-z]+:", target) and not leads_somewhere(page, target)]
    assert not broken


def leads_somewhere(page: Path, target: str) -> bool:
    """Whether a file is there and, where the link names a heading, whether the file has it."""
    name, _, heading = target.partition("#")
    file = page.parent / name if name else page
    return file.exists() and (not heading or heading in anchors(file))


def anchors(file: Path) -> set[str]:
    """The anchors of a page's headings, as code hosts make them."""
    titles = (match["title"] for match in HEADING.finditer(file.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def test_the_reference_is_what_the_code_says() -> None:
    status, printed = run_command("python docs/generate_reference.py --check")
    assert (status, printed) == (0, "up to date\n"), "run: python docs/generate_reference.py"


def test_a_page_that_is_generated_is_not_left_behind() -> None:
    """Every page of docs/reference/ says that the generator made it."""
    unmarked = [named(page) for page in PAGES if "docs/reference/" in named(page) and not is_generated(page)]
    assert not unmarked


def is_generated(page: Path) -> bool:
    return page.read_text(encoding="utf-8").startswith("<!-- Made by docs/generate_reference.py")
