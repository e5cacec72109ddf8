"""A text that was parsed, with the place of each part: what the readers of JSON and of YAML both give.

Places are offsets into the text that was parsed; only a `Text` knows the line and the column of an offset. So a text
that was put together from parts of a file (a definition inside a string) is read like a file of its own, and its
places still are places of the file.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from functools import cache
from re import finditer
from typing import NamedTuple

from asl_engine.definition.sources.codes import INVALID_JSON_DESCRIPTION, refused
from asl_engine.definition.sources.source import Span
from asl_engine.jsonvalue import Json
from asl_engine.records import record


@record(frozen=True, slots=True)
class Text:
    """Characters, and where each stands in `file`: `place` gives the line and column that it begins at, also of the
    offset behind the last one; `behind` where it ends, which for an escape is not one column on."""

    file: str
    characters: str
    place: Callable[[int], tuple[int, int]]
    behind: Callable[[int], tuple[int, int]]

    def span(self, start: int, end: int) -> Span | None:
        """The characters from `start` to before `end`; None where they do not stand on one line."""
        line, column = self.place(start)
        last_line, end_column = self.behind(max(start, end - 1))
        if line != last_line or end_column <= column:
            return None
        return Span(self.file, line, column, end_column)

    def point(self, offset: int) -> Span:
        """One character."""
        line, column = self.place(offset)
        return Span(self.file, line, column, max(column + 1, self.behind(offset)[1]))


def file_text(file: str, content: bytes) -> Text:
    """The text of a file: UTF-8, with or without a byte order mark. Raises SourceError."""
    try:
        characters = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        good = content[: error.start].decode("utf-8-sig")
        message = f"is not UTF-8 text: {error.reason} at byte {error.start}"
        raise refused(INVALID_JSON_DESCRIPTION, message, _in_file(file, good).point(len(good))) from None
    return _in_file(file, characters)


def _in_file(file: str, characters: str) -> Text:
    @cache
    def line_starts() -> list[int]:
        return [0, *(line_end.end() for line_end in finditer(r"\r\n?|\n", characters))]

    def place(offset: int) -> tuple[int, int]:
        line = bisect_right(line_starts(), offset)
        return line, offset - line_starts()[line - 1] + 1

    def behind(offset: int) -> tuple[int, int]:
        line, column = place(offset)
        return line, column + 1

    return Text(file, characters, place, behind)


class Node(NamedTuple):
    """Where a value stands: its own text, its key's text where it is a member, and the nodes of its members; those of
    an array are named "0", "1", ..."""

    start: int
    end: int
    key: tuple[int, int] | None
    members: Mapping[str, Node]


@record(frozen=True, slots=True, kw_only=True)
class Document:
    """A parsed text. `tree` finds the places when first called; `offsets` the place of each character of a string
    value; `remarks` are (start, end, message) of what is ambiguous; `tags` are the offsets of CloudFormation's tags.
    """

    text: Text
    value: Json
    tree: Callable[[], Node]
    offsets: Callable[[Node, str], list[int]]
    remarks: tuple[tuple[int, int, str], ...] = ()
    tags: tuple[tuple[int, str], ...] = ()

    def node(self, pointer: str) -> Node:
        """The node that a JSON pointer names, else the nearest around it."""
        node = self.tree()
        for token in tokens(pointer):
            if token not in node.members:
                break
            node = node.members[token]
        return node

    def span(self, pointer: str) -> Span:
        """The member that a JSON pointer names: key and value where they stand on one line, else the key alone, or of
        what has no key the first character."""
        node = self.node(pointer)
        start, behind = node.key or (node.start, node.start + 1)
        return self.text.span(start, node.end) or self.text.span(start, behind) or self.text.point(start)

    def characters(self, pointer: str) -> list[int]:
        """The offset of each character of the string that a JSON pointer names, and the one behind the last."""
        return self.offsets(self.node(pointer), value_at(self.value, pointer))


def tokens(pointer: str) -> list[str]:
    """The parts of a JSON pointer, unescaped."""
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def pointer_to(*parts: str | int) -> str:
    """The JSON pointer made of keys and indices."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)


def member(value: Json, token: str) -> Json:
    """The member that one part of a JSON pointer names, None where there is none."""
    if isinstance(value, dict):
        return value.get(token)
    if isinstance(value, list) and token.isdecimal() and int(token) < len(value):
        return value[int(token)]
    return None


def members_of(value: Json) -> dict[str, Json]:
    """The members of an object; of anything else none."""
    return value if isinstance(value, dict) else {}


def value_at(value: Json, pointer: str) -> Json:
    """The value that a JSON pointer names; it must be there."""
    for token in tokens(pointer):
        value = member(value, token)
    return value
