"""JSON text as a `Document`.

The text is parsed by `jsonvalue.loads`, strictly and fast. The places are found by a second walk over its tokens,
which happens only when a place is asked for, and counts on the first one having taken the text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache

from asl_engine.definition.sources.codes import INVALID_JSON_DESCRIPTION, refused
from asl_engine.definition.sources.documents import Document, Node, Text
from asl_engine.definition.sources.placeholders import mark_bare
from asl_engine.jsonvalue import MAX_DEPTH, Json, JsonTextError, loads

_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[{}\[\]:,]|[^\s"{}\[\]:,]++', re.DOTALL)
_CHARACTER = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL
)

_PLAIN_TOKEN = re.compile(r'"[^\\]*"|-?[0-9]{1,15}|true|false|null')
"""Keys and values that need no second parse to be known as good."""


def read_json(text: Text) -> Document:
    """The document in a JSON text; a placeholder may stand where a value should. Raises SourceError."""
    value, characters = _parsed(text)
    return Document(
        text=text,
        value=value,
        tree=cache(lambda: scan(characters)),
        offsets=lambda node, _: string_offsets(characters, node),
    )


def _parsed(text: Text) -> tuple[Json, str]:
    """The value, and the characters it was read from: as long as the text, with placeholders made strings."""
    try:
        return loads(text.characters), text.characters
    except JsonTextError as error:
        marked = mark_bare(text.characters)
        if marked == text.characters:
            raise refused_json(text, marked, error) from None
    try:
        return loads(marked), marked
    except JsonTextError as error:
        raise refused_json(text, marked, error) from None


def refused_json(text: Text, characters: str, error: JsonTextError) -> Exception:
    """The error with the place that `loads` names or, where it names none, the place of the first fault."""
    if error.line is None or error.column is None:
        offset = _fault(characters) or 0
    else:
        offset = _line_start(characters, error.line) + error.column - 1
    return refused(INVALID_JSON_DESCRIPTION, error.message, text.point(offset))


def _line_start(characters: str, line: int) -> int:
    offset = 0
    for _ in range(line - 1):
        offset = characters.index("\n", offset) + 1
    return offset


def _fault(characters: str) -> int | None:
    """The offset of the first thing that is JSON for Python and not for AWS."""
    keys: list[set[str]] = []
    for role, start, end in _parts(characters):
        token = characters[start:end]
        if role == "open":
            keys.append(set())
        elif role == "close":
            keys.pop()
        if len(keys) > MAX_DEPTH or (role in ("key", "value") and not _is_strict(token)):
            return start
        if role == "key":
            name = _unquoted(token)
            if name in keys[-1]:
                return start
            keys[-1].add(name)
    return None


def _is_strict(token: str) -> bool:
    if _PLAIN_TOKEN.fullmatch(token):
        return True
    try:
        loads(token)
    except JsonTextError:
        return False
    return True


def _parts(characters: str) -> Iterator[tuple[str, int, int]]:
    """(role, start, end) of what stands in a JSON text; the roles are open, close, key and value."""
    in_object: list[bool] = []
    key_is_next = False
    for match in _TOKEN.finditer(characters):
        start, end = match.span()
        sign = characters[start]
        if sign in "{[":
            in_object.append(sign == "{")
            key_is_next = in_object[-1]
            yield "open", start, end
        elif sign in "}]":
            in_object.pop()
            yield "close", start, end
        elif sign == ",":
            key_is_next = in_object[-1]
        elif sign != ":":
            yield "key" if key_is_next else "value", start, end
            key_is_next = False


class _Open:
    """An array or object whose end was not met yet. The key is that of its next member."""

    __slots__ = ("key", "members", "name", "own_key", "start")

    def __init__(self, start: int, own_key: tuple[int, int] | None) -> None:
        self.start = start
        self.own_key = own_key
        self.members: dict[str, Node] = {}
        self.name: str | None = None
        self.key: tuple[int, int] | None = None

    def add(self, node: Node) -> None:
        name = str(len(self.members)) if self.name is None else self.name
        self.members[name] = node
        self.name = self.key = None


_NONE: Mapping[str, Node] = {}


def scan(characters: str) -> Node:
    """The places of all values of a text that is JSON. Linear, and no deeper in the stack for deep values."""
    whole = _Open(0, None)
    stack = [whole]
    for role, start, end in _parts(characters):
        here = stack[-1]
        if role == "key":
            here.name, here.key = _unquoted(characters[start:end]), (start, end)
        elif role == "value":
            here.add(Node(start, end, here.key, _NONE))
        elif role == "open":
            stack.append(_Open(start, here.key))
        else:
            stack.pop()
            stack[-1].add(Node(here.start, end, here.own_key, here.members))
    return whole.members["0"]


def _unquoted(token: str) -> str:
    name: str = json.loads(token) if "\\" in token else token[1:-1]
    return name


def string_offsets(characters: str, node: Node) -> list[int]:
    """The offset of each character of a string, told by the escapes it is written with."""
    inside = _CHARACTER.finditer(characters, node.start + 1, node.end - 1)
    return [*(character.start() for character in inside), node.end - 1]
