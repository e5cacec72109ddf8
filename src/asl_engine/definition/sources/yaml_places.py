"""The place of each character of a YAML scalar's value.

Whatever its style, a scalar's value has the same characters as its text in the same order, apart from white space,
which folding, indentation and chomping change, and from escapes, which stand for one character each. So the k-th
character that is no white space has the place of the k-th such unit of the text; white space follows what is before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from asl_engine.definition.sources.documents import Node

_SPACE = frozenset(" \t\r\n\x85\u2028\u2029")
_PROPERTIES = re.compile(r"(?:[!&]\S*\s+)*")
_BLOCK_HEADER = re.compile(r"[|>][-+0-9]*[ \t]*(?:#[^\r\n]*)?")
_DOUBLE = re.compile(r"\\x[0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8}|\\.|.", re.DOTALL)
_SINGLE = re.compile(r"''|.", re.DOTALL)
_ESCAPED_SPACE = frozenset((" ", "\t", "\r", "\n", "t", "n", "r", "N", "L", "P"))
_SPACE_CODES = frozenset(map(ord, _SPACE))


def scalar_offsets(characters: str, node: Node, style: str | None, value: str) -> list[int]:
    """The offset of each character of `value`, and the one behind the last."""
    units = _units(characters, node, style)
    offsets = []
    behind = node.start
    for character in value:
        if character not in _SPACE:
            start, behind = next(units, (behind, behind))
            offsets.append(start)
        else:
            offsets.append(behind)
    return [*offsets, behind]


def _units(characters: str, node: Node, style: str | None) -> Iterator[tuple[int, int]]:
    """(start, end) of each unit of a scalar's text that is no white space in its value."""
    begin = _PROPERTIES.match(characters, node.start, node.end)
    start = begin.end() if begin else node.start
    if style in ("|", ">"):
        header = _BLOCK_HEADER.match(characters, start)
        start = header.end() if header else start
    if style in ('"', "'"):
        form = _DOUBLE if style == '"' else _SINGLE
        found = form.finditer(characters, start + 1, node.end - 1)
        return (match.span() for match in found if not _is_space(match[0]))
    return ((at, at + 1) for at in range(start, node.end) if characters[at] not in _SPACE)


def _is_space(unit: str) -> bool:
    if unit[0] != "\\" or len(unit) == 1:
        return unit in _SPACE
    return unit[1] in _ESCAPED_SPACE if len(unit) == 2 else int(unit[2:], 16) in _SPACE_CODES
