"""The parser of patterns: JavaScript's regular expressions, without the `u` flag's strictness.

ECMAScript, "RegExp (Regular Expression) Objects", with annex B: a `{`, `}` or `]` that closes nothing is itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

Node: TypeAlias = Any
"""One of the classes below."""

WORD = ((48, 57), (65, 90), (95, 95), (97, 122))
DIGIT = ((48, 57),)
SPACE = (
    (9, 13),
    (32, 32),
    (160, 160),
    (5760, 5760),
    (8192, 8202),
    (8232, 8233),
    (8239, 8239),
    (8287, 8287),
    (12288, 12288),
    (65279, 65279),
)
LINE_ENDS = ((10, 10), (13, 13), (8232, 8233))
Ranges: TypeAlias = tuple[tuple[int, int], ...]
_CLASSES: dict[str, tuple[Ranges, bool]] = {
    "d": (DIGIT, False),
    "D": (DIGIT, True),
    "w": (WORD, False),
    "W": (WORD, True),
    "s": (SPACE, False),
    "S": (SPACE, True),
}
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "v": "\v", "f": "\f", "0": "\0"}
MAX_REPEAT = 100_000


@dataclass(frozen=True, slots=True)
class Set:
    """One character of a set."""

    ranges: Ranges
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Assertion:
    """`^`, `$`, `b` or `B`."""

    kind: str


@dataclass(frozen=True, slots=True)
class Look:
    """`(?=...)` and its kin."""

    body: Node
    behind: bool
    negated: bool


@dataclass(frozen=True, slots=True)
class Group:
    body: Node
    number: int


@dataclass(frozen=True, slots=True)
class Back:
    """A reference to a group."""

    number: int


@dataclass(frozen=True, slots=True)
class Repeat:
    """`most` is None without bound. `groups`: the numbers of the groups within, first and one past the last."""

    body: Node
    least: int
    most: int | None
    lazy: bool
    groups: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Sequence:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    options: tuple[Node, ...]


@dataclass(slots=True)
class Pattern:
    root: Node
    groups: int
    names: dict[str, int]
    ignore_case: bool
    multiline: bool


def parse_pattern(text: str, flags: str) -> Pattern:
    """Raises ValueError with the reason."""
    parser = _Parser(text, _group_names(text))
    root = parser.choice()
    if parser.at < len(text):
        raise ValueError(f"unmatched ')' at {parser.at}")
    return Pattern(root, parser.groups, parser.names, "i" in flags, "m" in flags)


def _group_names(text: str) -> bool:
    return "(?<" in text.replace("(?<=", "").replace("(?<!", "")


class _Parser:
    def __init__(self, text: str, named: bool) -> None:
        self.text = text
        self.at = 0
        self.groups = 0
        self.named = named
        self.names: dict[str, int] = {}
        self.depth = 0

    def choice(self) -> Node:
        self.depth += 1
        if self.depth > 60:
            raise ValueError("nested too deeply")
        options = [self.sequence()]
        while self.take("|"):
            options.append(self.sequence())
        self.depth -= 1
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def sequence(self) -> Node:
        parts = []
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            first_group = self.groups + 1
            part = self.atom()
            parts.append(self.repeated(part, (first_group, self.groups + 1)))
        return Sequence(tuple(parts))

    def take(self, text: str) -> bool:
        if self.text.startswith(text, self.at):
            self.at += len(text)
            return True
        return False

    def repeated(self, part: Node, groups: tuple[int, int]) -> Node:
        bounds = self.bounds()
        if bounds is None:
            return part
        if isinstance(part, Assertion) or (isinstance(part, Look) and part.behind):
            raise ValueError("nothing to repeat")
        least, most = bounds
        if most is not None and most < least:
            raise ValueError("numbers out of order in a quantifier")
        if max(least, most or 0) > MAX_REPEAT:
            raise ValueError("a quantifier is too large")
        lazy = self.take("?")
        if self.bounds() is not None:
            raise ValueError("nothing to repeat")
        return Repeat(part, least, most, lazy, groups)

    def bounds(self) -> tuple[int, int | None] | None:
        for sign, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self.take(sign):
                return bounds
        end = self.text.find("}", self.at)
        if not self.text.startswith("{", self.at) or end < 0:
            return None
        least, comma, most = self.text[self.at + 1 : end].partition(",")
        if not (least.isascii() and least.isdigit()) or (most and not (most.isascii() and most.isdigit())):
            return None
        if len(least) > 9 or len(most) > 9:
            raise ValueError("a quantifier is too large")
        self.at = end + 1
        return int(least), (int(least) if not comma else int(most) if most else None)

    def atom(self) -> Node:
        char = self.text[self.at]
        if char in "*+?":
            raise ValueError("nothing to repeat")
        self.at += 1
        if char in "^$":
            return Assertion(char)
        if char == ".":
            return Set(LINE_ENDS, True)
        if char == "(":
            return self.group()
        if char == "[":
            return self.set()
        if char == "\\":
            return self.escape()
        return literal(char)

    def group(self) -> Node:
        for sign, behind, negated in (
            ("?=", False, False),
            ("?!", False, True),
            ("?<=", True, False),
            ("?<!", True, True),
        ):
            if self.take(sign):
                return Look(self.closed(), behind, negated)
        if self.take("?:"):
            return self.closed()
        self.groups += 1
        number = self.groups
        if self.take("?<"):
            end = self.text.find(">", self.at)
            name = self.text[self.at : end]
            if end < 0 or not name.isidentifier() or name in self.names:
                raise ValueError("invalid capture group name")
            self.names[name] = number
            self.at = end + 1
        elif self.take("?"):
            raise ValueError("invalid group")
        return Group(self.closed(), number)

    def closed(self) -> Node:
        body = self.choice()
        if not self.take(")"):
            raise ValueError("unterminated group")
        return body

    def escape(self) -> Node:
        if self.at >= len(self.text):
            raise ValueError("\\ at the end of the pattern")
        char = self.text[self.at]
        if char in "bB":
            self.at += 1
            return Assertion(char)
        if char in _CLASSES:
            self.at += 1
            return Set(*_CLASSES[char])
        if char in "123456789":
            return self.back_reference()
        if char == "k" and self.named:
            return self.named_reference()
        return literal(self.character())

    def back_reference(self) -> Node:
        end = self.at
        while end < len(self.text) and self.text[end] in "0123456789" and end < self.at + 3:
            end += 1
        number = int(self.text[self.at : end])
        if number > _count_groups(self.text):
            self.at += 1
            return literal(self.text[self.at - 1])
        self.at = end
        return Back(number)

    def named_reference(self) -> Node:
        end = self.text.find(">", self.at)
        name = self.text[self.at + 2 : end]
        if not self.text.startswith("k<", self.at) or name not in self.names:
            raise ValueError("invalid named reference")
        self.at = end + 1
        return Back(self.names[name])

    def character(self) -> str:
        """The character that an escape stands for, the backslash being read."""
        char = self.text[self.at]
        self.at += 1
        if char in _CONTROLS:
            return _CONTROLS[char]
        if char == "c" and self.text[self.at : self.at + 1].isascii() and self.text[self.at : self.at + 1].isalpha():
            self.at += 1
            return chr(ord(self.text[self.at - 1]) % 32)
        size = {"x": 2, "u": 4}.get(char, 0)
        digits = self.text[self.at : self.at + size]
        if size and len(digits) == size and all(digit in "0123456789abcdefABCDEF" for digit in digits):
            self.at += size
            return chr(int(digits, 16))
        return char

    def set(self) -> Node:
        negated = self.take("^")
        ranges: list[tuple[int, int]] = []
        while not self.take("]"):
            if self.at >= len(self.text):
                raise ValueError("unterminated character class")
            first = self.member()
            if self.text.startswith("-", self.at) and not self.text.startswith("-]", self.at):
                self.at += 1
                if self.at >= len(self.text):
                    raise ValueError("unterminated character class")
                last = self.member()
                if isinstance(first, str) and isinstance(last, str):
                    if ord(first) > ord(last):
                        raise ValueError("range out of order in a character class")
                    ranges.append((ord(first), ord(last)))
                    continue
                ranges.extend([*_as_ranges(first), (45, 45), *_as_ranges(last)])
                continue
            ranges.extend(_as_ranges(first))
        return Set(tuple(ranges), negated)

    def member(self) -> str | Set:
        char = self.text[self.at]
        self.at += 1
        if char != "\\":
            return char
        if self.at >= len(self.text):
            raise ValueError("\\ at the end of the pattern")
        escaped = self.text[self.at]
        if escaped in _CLASSES:
            self.at += 1
            return Set(*_CLASSES[escaped])
        if escaped == "b":
            self.at += 1
            return "\b"
        return self.character()


def literal(char: str) -> Set:
    return Set(((ord(char), ord(char)),))


def _as_ranges(member: str | Set) -> Ranges:
    if isinstance(member, str):
        return ((ord(member), ord(member)),)
    return complement(member.ranges) if member.negated else member.ranges


def complement(ranges: Ranges) -> Ranges:
    gaps, start = [], 0
    for first, last in sorted(ranges):
        if first > start:
            gaps.append((start, first - 1))
        start = max(start, last + 1)
    if start <= 0x10FFFF:
        gaps.append((start, 0x10FFFF))
    return tuple(gaps)


def _count_groups(text: str) -> int:
    """How many groups a pattern has, counted without parsing it."""
    count, in_set, place = 0, False, 0
    while place < len(text):
        char = text[place]
        if char == "\\":
            place += 1
        elif in_set:
            in_set = char != "]"
        elif char == "[":
            in_set = True
        elif char == "(":
            rest = text[place + 1 : place + 4]
            count += not rest.startswith("?") or (rest.startswith("?<") and rest[2:3] not in ("=", "!"))
        place += 1
    return count
