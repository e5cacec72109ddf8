"""JSON files: the elements of an array, at the top or where ItemsPointer leads; and JSON Lines, an object on each line.

The array is never held whole: text is decoded as it comes, one element is parsed when it is asked for, and what was
parsed is let go. What stands before the array that a pointer names is skipped, not parsed.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator

from asl_engine.errors import ITEM_READER_FAILED, StatesError
from asl_engine.integrations.item_formats.blocks import ITEM_BYTES, TOO_LARGE, Unreadable, lines, without_mark
from asl_engine.jsonvalue import MAX_DEPTH, Json, JsonTextError, JsonValueError, adopt, loads

NOT_ITERABLE = "Attempting to map over non-iterable node."
"""AWS's text where a file holds an object, or another value that is no array (recorded)."""

_SPACE = re.compile(r"[ \t\n\r]*")
_BRACKET_OR_STRING = re.compile(r'["\[\]{}]')
_STRING_PART = re.compile(r'[^"\\]*')
_LONGEST_MARK = len(r"\uD83D\uDE00")
"""An error nearer than this to the end of the text may come from where the text was cut."""


_ENDS_INSIDE = "the file ends before the value does"
_NUMBER_MAY_GO_ON = len("e+1")
"""What may follow a whole number's digits and still belong to it, where the text was cut."""


def json_lines(blocks: Iterator[bytes]) -> Iterator[Json]:
    """The object on each line; a line of nothing but spaces is none."""
    for number, line in enumerate(lines(blocks), 1):
        if not line or line.isspace():
            continue
        try:
            item = loads(line)
        except JsonTextError as error:
            raise Unreadable(f"line {number}, column {error.column or 1}: {error.message}") from None
        if type(item) is not dict:
            raise Unreadable(f"line {number}: must be a JSON object, not {line:.60}")
        yield item


def json_array(blocks: Iterator[bytes], pointer: str = "") -> Iterator[Json]:
    """The elements of the array that a JSON pointer names, by default the file's own value."""
    text = _Text(blocks)
    for token in pointer.split("/")[1:]:
        if not _enter(text, token.replace("~1", "/").replace("~0", "~")):
            raise Unreadable(f"ItemsPointer {pointer!r} names nothing in it")
    if text.next() != "[":
        text.value()
        raise StatesError(ITEM_READER_FAILED, NOT_ITERABLE)
    yield from _elements(text)
    if not pointer and text.next():
        raise text.unreadable("there is more after the array's end")


def _elements(text: _Text) -> Iterator[Json]:
    """The elements of the array that the text stands before."""
    text.take("[")
    if text.next() == "]":
        text.take("]")
        return
    while True:
        yield text.value()
        if text.take(",]") == "]":
            return


def _enter(text: _Text, token: str) -> bool:
    """Goes to the member of an object, or to the element of an array, that a pointer's token names, if it is there."""
    opened = text.next()
    if opened == "{":
        return _enter_object(text, token)
    if opened != "[" or not re.fullmatch(r"(?a)0|[1-9]\d*", token):
        return False
    text.take("[")
    for _ in range(int(token)):
        if text.next() == "]":
            return False
        text.skip()
        if text.take(",]") == "]":
            return False
    return text.next() != "]"


def _enter_object(text: _Text, token: str) -> bool:
    text.take("{")
    if text.next() == "}":
        return False
    while True:
        key = text.value()
        text.take(":")
        if key == token:
            return True
        text.skip()
        if text.take(",}") == "}":
            return False


class _Text:
    """A JSON text read from its front, of which only what is being read is held."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = without_mark(blocks)
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._held = ""
        self._at = 0
        self._lines_before = 0
        self._ended = False

    def next(self) -> str:
        """The next character that is no space, without taking it; "" at the text's end."""
        while True:
            self._at = _SPACE.match(self._held, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._held):
                return self._held[self._at]
            if not self._read_on():
                return ""

    def take(self, allowed: str) -> str:
        """The next character, which must be one of those allowed."""
        found = self._held[self._at] if self._at < len(self._held) else ""
        if found not in allowed or not found:  # mostly it stands right there, without a space before it
            found = self.next()
        if not found or found not in allowed:
            wanted = " or ".join(f"'{each}'" for each in allowed)
            raise self.unreadable(f"must be {wanted}" + (f", not {found!r}" if found else "; the file ends here"))
        self._at += 1
        return found

    def value(self) -> Json:
        """The next value."""
        self.next()
        while True:
            try:
                value, end = _scan(self._held, self._at)
            except json.JSONDecodeError as error:
                self._check_size(len(self._held))
                if self._ended and self._is_at_end(error):
                    raise self.unreadable(_ENDS_INSIDE) from None
                if self._ended or not self._may_be_cut(error):
                    raise self.unreadable(error.msg, error.pos) from None
            except RecursionError:
                raise self.unreadable(f"an item is nested deeper than {MAX_DEPTH} levels") from None
            except ValueError as error:
                raise self.unreadable(str(error)) from None
            else:
                number = type(value) is int or type(value) is float
                if not number or self._ended or end + _NUMBER_MAY_GO_ON <= len(self._held):
                    return self._taken(value, end)
            self._read_on()

    def skip(self) -> None:
        """Passes over the next value."""
        if self.next() not in ("{", "[", '"'):
            self.value()
            return
        depth = 0
        while True:
            mark = self._find(_BRACKET_OR_STRING)
            self._at += 1
            if mark == '"':
                self._skip_string()
            else:
                depth += 1 if mark in "[{" else -1
            if depth == 0:
                return

    def unreadable(self, what: str, at: int | None = None) -> Unreadable:
        """The error about a place, by default where the text stands."""
        at = self._at if at is None else at
        line = self._lines_before + self._held.count("\n", 0, at) + 1
        return Unreadable(f"line {line}: {what}")

    def _skip_string(self) -> None:
        """Passes over the rest of a string, whose first quotation mark was taken."""
        while True:
            self._at = _STRING_PART.match(self._held, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._held) and self._held[self._at] == '"':
                self._at += 1
                return
            escape = self._at
            self._at = min(escape + 2, len(self._held))
            if self._at == len(self._held):
                self._at = escape
                if not self._read_on():
                    raise self.unreadable("a string is not closed")

    def _find(self, pattern: re.Pattern[str]) -> str:
        """Goes to the next character that a pattern matches."""
        while True:
            found = pattern.search(self._held, self._at)
            if found is not None:
                self._at = found.start()
                return found[0]
            self._at = len(self._held)
            if not self._read_on():
                raise self.unreadable(_ENDS_INSIDE)

    def _taken(self, value: Json, end: int) -> Json:
        """A parsed value, once it is known to be one that the engine takes."""
        self._check_size(end)
        held, at = self._held, self._at
        long = end - at > 2 * MAX_DEPTH  # a shorter text cannot nest so deep
        if (long and held.count("[", at, end) + held.count("{", at, end) > MAX_DEPTH) or held.find("\\u", at, end) >= 0:
            try:
                adopt(value)
            except JsonValueError as error:
                raise self.unreadable(str(error)) from None
        self._at = end
        return value

    def _check_size(self, end: int) -> None:
        if end - self._at > ITEM_BYTES:
            raise self.unreadable(TOO_LARGE)

    def _is_at_end(self, error: json.JSONDecodeError) -> bool:
        return not self._held[error.pos :].strip() or error.msg.startswith("Unterminated string")

    def _may_be_cut(self, error: json.JSONDecodeError) -> bool:
        return error.pos >= len(self._held) - _LONGEST_MARK or error.msg.startswith("Unterminated string")

    def _read_on(self) -> bool:
        """Reads on, so that twice as much is held, and lets go what was taken; whether there was anything more."""
        self._lines_before += self._held.count("\n", 0, self._at)
        self._held = self._held[self._at :]
        self._at = 0
        before = len(self._held)
        while len(self._held) <= 2 * before and not self._ended:
            block = next(self._blocks, None)
            self._ended = block is None
            self._held += self._decoded(block or b"")
        return len(self._held) > before

    def _decoded(self, block: bytes) -> str:
        try:
            return self._decoder.decode(block, self._ended)
        except UnicodeDecodeError as error:
            line = self._lines_before + self._held.count("\n") + error.object.count(b"\n", 0, error.start) + 1
            raise Unreadable(f"line {line}: is not UTF-8 text: {error.reason}") from None


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise ValueError("a key occurs more than once in one object")
    return value


def _number(text: str) -> Json:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError(f"the number {text} is out of range")
    return value


def _constant(text: str) -> Json:
    raise ValueError(f"{text} is not a JSON value")


_scan = json.JSONDecoder(object_pairs_hook=_object, parse_float=_number, parse_constant=_constant).raw_decode
