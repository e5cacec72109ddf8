"""How wide a text is, and how it is broken into lines.

Widths are those of Helvetica (Arial and Liberation Sans have the same), in thousandths of the size, with some room for
fonts that run wider. Nothing is measured with a real font, so that a picture is the same on every machine.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

_WIDTHS = {
    "'ijl": 222,
    '"*`()-\\|[]!,./:; ftI{}r': 333,
    "^Jckgsvxyz": 500,
    "abdehnopqu#$0123456789?_L": 556,
    "+<=>~FTZ": 600,
    "ABEKPSVXY&": 667,
    "CDHNRUw": 722,
    "GOQ": 778,
    "mM": 833,
    "%@W": 1000,
}
_WIDTH_OF = {character: width for characters, width in _WIDTHS.items() for character in characters}
_OTHER, _WIDE = 620, 1000
_ROOM, _BOLD = 1.04, 1.06


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """The width of one line, in the unit of its size."""
    total = sum(_WIDTH_OF.get(character) or _unusual(character) for character in text)
    return total * size / 1000 * _ROOM * (_BOLD if bold else 1)


def _unusual(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return _WIDE if unicodedata.east_asian_width(character) in "WF" or ord(character) > 0xFFFF else _OTHER


def wrap(text: str, room: float, size: float, *, lines: int, bold: bool = False) -> Sequence[str]:
    """The text in at most so many lines, each no wider than the room; an ellipsis where it was cut.

    A line ends at a space, or else after a sign, or where a small letter meets a capital one.
    """
    broken: list[str] = []
    left = text.strip()
    while left and len(broken) < lines:
        last = len(broken) == lines - 1
        fitting = _fitting(left, room, size, bold)
        if fitting == len(left):
            end = fitting
        elif last:
            broken.append(left[: _fitting(left, room - width_of("…", size, bold=bold), size, bold)].rstrip() + "…")
            return broken
        else:
            end = _break_in(left, fitting)
        broken.append(left[:end].rstrip())
        left = left[end:].lstrip()
    return broken


def _fitting(text: str, room: float, size: float, bold: bool) -> int:
    """How many characters go into the room, one at least."""
    used = 0.0
    for place, character in enumerate(text):
        used += width_of(character, size, bold=bold)
        if used > room:
            return max(place, 1)
    return len(text)


def _break_in(text: str, fitting: int) -> int:
    """The best place to break in the second half of what fits, else its end."""
    for place in range(fitting, fitting // 2, -1):
        if text[place] == " ":
            return place
    for place in range(fitting, fitting // 2, -1):
        before, after = text[place - 1], text[place]
        if before in "-_/.:,)" or (before.islower() and after.isupper()):
            return place
    return fitting
