"""The scanner: text -> tokens, one at a time, because only the parser knows whether `/` divides or begins a regex.

JSONata 2.0.x: `??` and `?:` are no tokens.
"""

from __future__ import annotations

import math
import re
from typing import Any

from asl_engine.query.jsonata.messages import JsonataError
from asl_engine.query.jsonata.values import integer, number

_BLANK = re.compile(r"[ \t\n\r\v]+")
_NUMBER = re.compile(r"(?:0|[1-9][0-9]*)(\.[0-9]+)?([Ee][-+]?[0-9]+)?")
_SYMBOL = re.compile(r"\.\.|:=|!=|>=|<=|\*\*|~>|[.\[\]{}(),@#;:?+\-*/%|=<>^&!~]")
_WORD = re.compile(r"[^ \t\n\r\v.\[\]{}(),@#;:?+\-*/%|=<>^&!~]+")
_STRING_PART = {quote: re.compile(rf"[^{quote}\\]*") for quote in ('"', "'")}
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_WORD_VALUES: dict[str, Any] = {"true": True, "false": False, "null": None}


class Token:
    """`kind` is "symbol", "name", "variable", "string", "number", "value", "regex" or "end"; `value` what it says (a
    regex: its pattern and flags); `position` where it begins."""

    __slots__ = ("kind", "position", "value")

    def __init__(self, kind: str, value: Any, position: int) -> None:
        self.kind = kind
        self.value = value
        self.position = position

    def __str__(self) -> str:
        return "(end)" if self.kind == "end" else str(self.value)


def next_token(text: str, position: int, operand: bool) -> tuple[Token, int]:
    """The token at `position`, blanks and comments skipped, and where it ends. `operand`: a term may stand here."""
    position = _skip(text, position)
    if position >= len(text):
        return Token("end", None, position), position
    char = text[position]
    if char == "/" and operand:
        return _regex(text, position)
    if char in "\"'":
        return _string(text, position)
    if char == "`":
        return _quoted_name(text, position)
    if char.isascii() and char.isdigit():
        return _number(text, position)
    if symbol := _SYMBOL.match(text, position):
        return Token("symbol", symbol[0], position), symbol.end()
    return _word(text, position)


def _skip(text: str, position: int) -> int:
    while position < len(text):
        if blank := _BLANK.match(text, position):
            position = blank.end()
        elif text.startswith("/*", position):
            end = text.find("*/", position + 2)
            if end < 0:
                raise JsonataError("S0106", position)
            position = end + 2
        else:
            break
    return position


def _regex(text: str, start: int) -> tuple[Token, int]:
    """`/pattern/flags`; a slash within brackets of any kind, or escaped, does not end the pattern."""
    depth, position = 0, start + 1
    while position < len(text):
        char = text[position]
        if char == "\\":
            position += 1
        elif char == "/" and depth == 0:
            if position == start + 1:
                raise JsonataError("S0301", start)
            flags = re.compile("[im]*").match(text, position + 1)
            assert flags is not None
            return Token("regex", (text[start + 1 : position], flags[0]), start), flags.end()
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        position += 1
    raise JsonataError("S0302", start)


def _string(text: str, start: int) -> tuple[Token, int]:
    quote, position, parts = text[start], start + 1, []
    while True:
        part = _STRING_PART[quote].match(text, position)
        assert part is not None
        parts.append(part[0])
        position = part.end()
        if position >= len(text):
            raise JsonataError("S0101", start)
        if text[position] == quote:
            return Token("string", _join_surrogates("".join(parts)), start), position + 1
        escaped, position = _escape(text, position + 1)
        parts.append(escaped)


def _escape(text: str, position: int) -> tuple[str, int]:
    char = text[position : position + 1]
    if char in _ESCAPES:
        return _ESCAPES[char], position + 1
    if char != "u":
        raise JsonataError("S0103", position, token=char)
    digits = text[position + 1 : position + 5]
    if not re.fullmatch("[0-9a-fA-F]{4}", digits):
        raise JsonataError("S0104", position)
    return chr(int(digits, 16)), position + 5


def _join_surrogates(text: str) -> str:
    """Two escapes that make one character, as in "\\uD834\\uDD1E"."""
    if any("\ud800" <= char <= "\udfff" for char in text):
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return text


def _quoted_name(text: str, start: int) -> tuple[Token, int]:
    end = text.find("`", start + 1)
    if end < 0:
        raise JsonataError("S0105", start)
    return Token("name", text[start + 1 : end], start), end + 1


def _number(text: str, start: int) -> tuple[Token, int]:
    literal = _NUMBER.match(text, start)
    assert literal is not None
    if literal[1] or literal[2]:
        value = float(literal[0])
        if not math.isfinite(value):
            raise JsonataError("S0102", start, token=literal[0])
        return Token("number", number(value), start), literal.end()
    try:
        return Token("number", integer(int(literal[0])), start), literal.end()
    except (ValueError, JsonataError):
        raise JsonataError("S0102", start, token=literal[0]) from None


def _word(text: str, start: int) -> tuple[Token, int]:
    word = _WORD.match(text, start)
    assert word is not None
    value = word[0]
    if value[0] == "$":
        return Token("variable", value[1:], start), word.end()
    if value in _WORD_VALUES:
        return Token("value", _WORD_VALUES[value], start), word.end()
    return Token("symbol" if value in ("and", "or", "in") else "name", value, start), word.end()
