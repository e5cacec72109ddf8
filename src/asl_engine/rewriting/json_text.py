"""JSON text laid out anew with every string and number as it was written.

The text is read into a tree of its own tokens, not of values: 1.0 stays 1.0, 1e3 stays 1e3, an escape stays an escape.
A placeholder such as `${Max}` may stand where a value may. What fits is written on one line, but for machines and
states; nothing else of the layout is read, so that formatting twice is formatting once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final, NamedTuple, TypeAlias

from asl_engine.jsonvalue import MAX_DEPTH
from asl_engine.rewriting.formatting import FormatError, check_definition
from asl_engine.rewriting.keys import kind_below, ordered

WIDTH: Final = 100
"""The longest line in characters onto which an array or object is put whole."""

OPEN: Final = frozenset({"machine", "machines", "states", "state"})
"""What is never put on one line, unless it is empty."""


def format_json(text: str) -> str:
    """A definition in two-space JSON. Raises FormatError."""
    tree = parse(text)
    check_definition(tree.members if isinstance(tree, Object) else None)
    return "".join(_layout(tree, "machine", "", 0, 0)) + "\n"


class Atom(NamedTuple):
    """A string, number, word or placeholder, as written."""

    text: str

    @property
    def flat(self) -> str:
        return self.text


class Array(NamedTuple):
    """`width` is the length of its text on one line."""

    items: list[Node]
    width: int

    @property
    def flat(self) -> str:
        return f"[{', '.join(item.flat for item in self.items)}]"


class Object(NamedTuple):
    """The members by decoded key: (the key as written, the value)."""

    members: dict[str, tuple[str, Node]]
    width: int

    @property
    def flat(self) -> str:
        return "{" + ", ".join(f"{key}: {value.flat}" for key, value in self.members.values()) + "}"


Node: TypeAlias = "Atom | Array | Object"


def _width(node: Node) -> int:
    return len(node.text) if isinstance(node, Atom) else node.width


# --- reading ----------------------------------------------------------------------------------------------------------

_TOKEN = re.compile(
    r"""[ \t\r\n]*(?:
        (?P<mark>[\[\]{}:,])
      | (?P<string>"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")
      | (?P<atom>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![\w.])|(?:true|false|null)\b|\$\{[^{}"\s]+\})
      | (?P<end>$)
      | (?P<wrong>.)
    )""",
    re.VERBOSE | re.DOTALL,
)


class _Tokens:
    """The tokens of a text, one after the other."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._matches = _TOKEN.finditer(text)
        self.next()

    def next(self) -> str:
        """Goes on to the next token; gives the one before it."""
        before = getattr(self, "text", "")
        self._match = next(self._matches)
        self.kind = self._match.lastgroup or ""
        self.text = self._match[self.kind]
        if self.kind == "wrong":
            raise self.fault("must be JSON")
        return before

    def take(self, mark: str) -> bool:
        """Whether the token is this mark; goes on if so."""
        taken = self.kind == "mark" and self.text == mark
        if taken:
            self.next()
        return taken

    def fault(self, rule: str) -> FormatError:
        start = self._match.start(self.kind)
        line, column = self._text.count("\n", 0, start) + 1, start - self._text.rfind("\n", 0, start)
        found = repr(self._text[start : start + 20]) if start < len(self._text) else "the end"
        return FormatError(f"line {line}, column {column}: {rule}, not {found}")


def parse(text: str) -> Node:
    """The tree of a JSON text. Raises FormatError."""
    tokens = _Tokens(text)
    tree = _node(tokens, MAX_DEPTH)
    if tokens.kind != "end":
        raise tokens.fault("the text must end after its value")
    return tree


def _node(tokens: _Tokens, depth: int) -> Node:
    if tokens.kind in ("string", "atom"):
        return Atom(tokens.next())
    if not depth:
        raise tokens.fault(f"must not nest deeper than {MAX_DEPTH} levels")
    if tokens.take("["):
        items = list(_items(tokens, depth - 1))
        return Array(items, 2 + sum(_width(item) + 2 for item in items) - (2 if items else 0))
    if tokens.take("{"):
        members = _members(tokens, depth - 1)
        widths = (len(key) + 4 + _width(value) for key, value in members.values())
        return Object(members, 2 + sum(widths) - (2 if members else 0))
    raise tokens.fault("must be a value")


def _items(tokens: _Tokens, depth: int) -> Iterator[Node]:
    if tokens.take("]"):
        return
    yield _node(tokens, depth)
    while tokens.take(","):
        yield _node(tokens, depth)
    if not tokens.take("]"):
        raise tokens.fault("must have ',' or ']' after an item")


def _members(tokens: _Tokens, depth: int) -> dict[str, tuple[str, Node]]:
    members: dict[str, tuple[str, Node]] = {}
    if tokens.take("}"):
        return members
    while True:
        if tokens.kind != "string":
            raise tokens.fault("must have a key in double quotes")
        key = json.loads(tokens.text)
        if key in members:
            raise tokens.fault("must not have a key twice in one object")
        written = tokens.next()
        if not tokens.take(":"):
            raise tokens.fault("must have ':' after a key")
        members[key] = written, _node(tokens, depth)
        if not tokens.take(","):
            break
    if not tokens.take("}"):
        raise tokens.fault("must have ',' or '}' after a member")
    return members


# --- writing ----------------------------------------------------------------------------------------------------------


def _layout(node: Node, kind: str | None, key: str, depth: int, following: int) -> Iterator[str]:
    """The text of a value behind its key; `following` is 1 where a comma comes after it."""
    empty = isinstance(node, Atom) or _width(node) == 2
    room = WIDTH - 2 * depth - len(key) - following
    if empty or (kind not in OPEN and _width(node) <= room):
        yield key + _in_order(node, kind).flat
        return
    indent, outer = "\n" + "  " * (depth + 1), "\n" + "  " * depth
    yield key + ("[" if isinstance(node, Array) else "{")
    rows = list(_rows(node, kind))
    for index, (written, below, value) in enumerate(rows):
        comma = index < len(rows) - 1
        yield indent
        yield from _layout(value, below, written, depth + 1, int(comma))
        yield "," if comma else ""
    yield outer + ("]" if isinstance(node, Array) else "}")


def _rows(node: Node, kind: str | None) -> Iterator[tuple[str, str | None, Node]]:
    """(key with its colon, kind, value) of what stands in an object or array, in order."""
    if isinstance(node, Array):
        for item in node.items:
            yield "", kind_below(kind, "*"), item
    elif isinstance(node, Object):
        for name in ordered(node.members, kind):
            written, value = node.members[name]
            yield f"{written}: ", kind_below(kind, name), value


def _in_order(node: Node, kind: str | None) -> Node:
    """The same with the language's fields in their order, at every depth."""
    if kind is None or isinstance(node, Atom):
        return node
    if isinstance(node, Array):
        return Array([_in_order(item, kind_below(kind, "*")) for item in node.items], node.width)
    members = {}
    for name in ordered(node.members, kind):
        written, value = node.members[name]
        members[name] = written, _in_order(value, kind_below(kind, name))
    return Object(members, node.width)
