"""The line of a file that a finding is about, with a mark under the place: as a terminal shows it, so that the mark
stands where it should under tabs, wide characters and lines of any length.

Only a window of the line is looked at, so that many findings in one long line cost no more than as many short ones.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from asl_engine.errors import Diagnostic

WIDTH = 100
"""How many characters of a long line are shown."""
BEFORE = 30
"""How many of them stand before the place."""
TAB = 4
CUT = "…"
UNSHOWN = "\ufffd"


def lines_of(content: bytes) -> list[str]:
    """The lines of a file, as places count them."""
    return re.split(r"\r\n?|\n", content.decode("utf-8-sig", "replace"))


def excerpt(lines: Sequence[str], finding: Diagnostic) -> tuple[str, str] | None:
    """The line and the mark under it; None where the place is not in the file."""
    if finding.line is None or finding.column is None or finding.line > len(lines):
        return None
    line = lines[finding.line - 1]
    place = min(finding.column - 1, len(line))
    end = max(place + 1, (finding.end_column or 0) - 1)
    start = max(0, place - BEFORE) if len(line) > WIDTH else 0
    window = line[start : start + WIDTH]
    head = CUT if start else ""
    tail = CUT if start + WIDTH < len(line) else ""
    cells = _cells(head + window + tail)
    first = len(head) + place - start
    marked = "".join(cells[first : len(head) + min(end - start, len(window))])
    mark = " " * _columns(cells[:first]) + "^" + "~" * (_columns([marked]) - 1)
    return "".join(cells).rstrip(), mark


def _cells(text: str) -> list[str]:
    """What is shown for each character: a tab's blanks, a stand-in for what would move the cursor or the text."""
    cells: list[str] = []
    column = 0
    for character in text:
        cell = " " * (TAB - column % TAB) if character == "\t" else _cell(character)
        cells.append(cell)
        column += _columns([cell])
    return cells


def _cell(character: str) -> str:
    return UNSHOWN if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") else character


def _columns(cells: Sequence[str]) -> int:
    return sum(_width(character) for cell in cells for character in cell)


def _width(character: str) -> int:
    """How many columns a terminal gives a character."""
    if character.isascii():
        return 1
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def printable(text: str) -> str:
    """A text on one line and safe for a terminal and for XML: what is not a character to look at is written as its
    escape.

    >>> printable("a\\nb\\x1b[31m")
    'a\\\\nb\\\\x1b[31m'
    """
    return text if text.isprintable() else "".join(_escaped(character) for character in text)


def _escaped(character: str) -> str:
    shown = character.isprintable() or unicodedata.category(character) == "Zs"
    return character if shown else character.encode("unicode_escape").decode("ascii")
