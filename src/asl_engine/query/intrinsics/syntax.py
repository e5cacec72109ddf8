r"""The text of a call: `States.Format('{} of {}', $.n, States.ArrayLength($.all))`.

States language specification, "Intrinsic Functions": arguments are strings in single quotes, numbers, null, true,
false, paths and further calls. In a string a backslash stands before `'`, `{`, `}` and `\`, and nowhere else.
"""

from __future__ import annotations

import re
from typing import Final, TypeAlias

from asl_engine.jsonvalue import Json
from asl_engine.records import record

MAX_NESTING: Final = 10
"""Developer guide: "You can nest up to 10 intrinsic functions within a field"."""


class InvalidIntrinsic(ValueError):
    """A text that is not a call of an intrinsic function: says where (characters count from 1) and what is wrong."""


@record(frozen=True, slots=True)
class Literal:
    """A string, number, boolean or null. `pieces` are a string's parts between its `{}`, for States.Format."""

    value: Json
    pieces: tuple[str, ...] = ()


@record(frozen=True, slots=True)
class Reference:
    """A path: `$.a`, `$$.Execution.Name`, `$variable`."""

    text: str
    position: int


@record(frozen=True, slots=True)
class Call:
    """A function's name and its arguments; `text` is the whole call as written."""

    name: str
    arguments: tuple[Argument, ...]
    text: str
    position: int


Argument: TypeAlias = Literal | Reference | Call


def parse_call(text: str) -> Call:
    """The call that `text` writes. Raises InvalidIntrinsic."""
    reader = _Reader(text)
    reader.skip_blanks()
    call = reader.call(1)
    reader.skip_blanks()
    if reader.position < len(text):
        raise reader.fault("must end after its closing bracket")
    return call


_NAME = re.compile(r"[A-Za-z][\w.]*", re.ASCII)
_BLANKS = re.compile(r"\s*")
_NUMBER = re.compile(r"-?[0-9]{1,300}(?P<fraction>(\.[0-9]{1,300})?([eE][+-]?[0-9]{1,3})?)(?![\w.])")
_WORD = re.compile(r"(null|true|false)\b")
_WORDS: Final[dict[str, Json]] = {"null": None, "true": True, "false": False}
_STRING_PART = re.compile(r"(?P<text>[^'\\{]+)|(?P<place>\{\})|\\(?P<escaped>['{}\\])|(?P<brace>\{)")


class _Reader:
    """Reads one text from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    def fault(self, rule: str) -> InvalidIntrinsic:
        found = repr(self.text[self.position : self.position + 20]) if self.position < len(self.text) else "the end"
        text = self.text if len(self.text) <= 200 else f"{self.text[:200]}..."
        return InvalidIntrinsic(f"The intrinsic call {text!r} {rule}: {found} at position {self.position + 1}.")

    def skip_blanks(self) -> None:
        self.position = _BLANKS.match(self.text, self.position).end()  # type: ignore[union-attr]

    def call(self, depth: int) -> Call:
        start = self.position
        if depth > MAX_NESTING:
            raise self.fault(f"must not nest more than {MAX_NESTING} functions")
        name = _NAME.match(self.text, start)
        if name is None:
            raise self.fault("must begin with a path ('$...') or the name of a function")
        self.position = name.end()
        self.skip_blanks()
        if not self._take("("):
            raise self.fault(f"must have '(' after {name[0]!r}")
        arguments = self._arguments(depth)
        return Call(name[0], arguments, self.text[start : self.position], start)

    def _arguments(self, depth: int) -> tuple[Argument, ...]:
        self.skip_blanks()
        if self._take(")"):
            return ()
        arguments = [self._argument(depth)]
        while not self._take(")"):
            if not self._take(","):
                raise self.fault("must have ',' or ')' after an argument")
            self.skip_blanks()
            arguments.append(self._argument(depth))
        return tuple(arguments)

    def _argument(self, depth: int) -> Argument:
        argument = self._literal() or self._reference() or self.call(depth + 1)
        self.skip_blanks()
        return argument

    def _take(self, character: str) -> bool:
        taken = self.text.startswith(character, self.position)
        self.position += taken
        return taken

    def _literal(self) -> Literal | None:
        if self.text.startswith("'", self.position):
            return self._string()
        word = _WORD.match(self.text, self.position)
        if word:
            self.position = word.end()
            return Literal(_WORDS[word[0]])
        number = _NUMBER.match(self.text, self.position)
        if number:
            self.position = number.end()
            value = float(number[0]) if number["fraction"] else int(number[0])
            if value in (float("inf"), float("-inf")):
                raise self.fault(f"has the number {number[0]}, which is out of range")
            return Literal(value)
        return None

    def _string(self) -> Literal:
        self.position += 1
        pieces = [""]
        while not self._take("'"):
            part = _STRING_PART.match(self.text, self.position)
            if part is None:
                raise self.fault("has a string without its closing quote, or a '\\' before other than ' { } \\")
            self.position = part.end()
            if part["place"]:
                pieces.append("")
            else:
                pieces[-1] += part["text"] or part["escaped"] or part["brace"]
        return Literal("{}".join(pieces), tuple(pieces))

    def _reference(self) -> Reference | None:
        """A path goes on to the ',' or ')' outside of its square brackets and quotes."""
        start = self.position
        if not self.text.startswith("$", start):
            return None
        depth, quoted = 0, False
        while self.position < len(self.text):
            character = self.text[self.position]
            if depth and character == "'":
                quoted = not quoted
            elif not quoted and character in "[]":
                depth += 1 if character == "[" else -1
            elif not depth and character in ",)":
                break
            self.position += 1
        return Reference(self.text[start : self.position].strip(), start)
