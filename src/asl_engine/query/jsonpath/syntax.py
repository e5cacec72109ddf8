"""The text of a path: JSONPath as Jayway json-path 2.0.0 reads it, and the spec's stricter Reference Paths.

Step Functions reads paths with Jayway 2.0.0, whose reader is lenient: a bracket means what its first telling character
says (`'` a name, `?` a filter, a digit, `:` or `-` positions) and what follows is not held against it. The rule here is
to read what it reads, and to refuse with a sentence what it refuses. Nothing recurses on the length of the text.
"""

from __future__ import annotations

import re
from typing import Final

from asl_engine.query.jsonpath.segments import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Descendants,
    Exists,
    Filter,
    FilterPath,
    FromEnd,
    Indices,
    Names,
    Operand,
    Path,
    Segment,
    Slice,
    Wildcard,
)

AS_JAYWAY_2_0: Final = True
"""Three habits of Jayway 2.0.0 that nobody has seen on AWS: `[-1]` is out of bounds, `$.a.length()` names a field, and
`[(@.length-1)]` is the last item. False takes the habits of later Jayways instead: `[-1]` counts from the end, and the
other two are invalid paths."""

MAX_LENGTH: Final = 10_000
"""The longest path in characters. AWS documents no bound; a longer text is an attack or an accident."""

MAX_SEGMENTS: Final = 100
"""The most segments of a path."""


class InvalidPath(ValueError):
    """A text that is not a path: names the path, the rule, and the part that breaks it."""


def parse_path(text: str) -> Path:
    """The path that `text` writes. Raises InvalidPath."""
    return _parse(text, inside_filter=False)


def _parse(text: str, *, inside_filter: bool) -> Path:
    trimmed = text.strip(_JAVA_BLANKS)
    if not trimmed:
        raise InvalidPath("A path must not be empty.")
    if len(trimmed) > MAX_LENGTH:
        raise InvalidPath(f"The path {trimmed[:40]!r}... is longer than {MAX_LENGTH} characters.")
    if trimmed[0] not in "$@":
        trimmed = f"$.{trimmed}"
    if len(trimmed) > 1 and trimmed[1] not in ".[":
        raise InvalidPath(f"The path {text!r} must go on with '.' or '[' after its first character.")
    try:
        segments = _Reader(trimmed, inside_filter).segments()
    except _Fault as fault:
        raise InvalidPath(f"The path {text!r} {fault}.") from None
    return Path(text, segments)


_JAVA_BLANKS = "".join(map(chr, range(0x21)))


class _Fault(Exception):
    """What is wrong with a path, as the end of a sentence that begins with the path."""


_NAME = re.compile(r"[^.\[ ]*")


class _Reader:
    """Reads one path from left to right, one segment at a time."""

    def __init__(self, text: str, inside_filter: bool) -> None:
        self.text = text
        self.inside_filter = inside_filter

    def segments(self) -> tuple[Segment, ...]:
        found: list[Segment] = []
        position = 1
        while position < len(self.text):
            segment, position = self._segment(position)
            if segment is not None:
                found.append(segment)
            if len(found) > MAX_SEGMENTS:
                raise _Fault(f"has more than {MAX_SEGMENTS} segments")
        if found and isinstance(found[-1], Descendants):
            raise _Fault("must not end with '..'")
        return tuple(found)

    def _segment(self, position: int) -> tuple[Segment | None, int]:
        character = self.text[position]
        if character == "$":
            raise _Fault(f"must not have a '$' at position {position + 1}")
        if character == " ":
            raise _Fault(f"must not have a space outside of brackets (position {position + 1})")
        if character == "[":
            end = _bracket_end(self.text, position)
            return _bracket(self.text[position:end], self.inside_filter), end
        if character == ".":
            if self.text.startswith("..", position):
                return Descendants(), position + 2
            position += 1
            if position == len(self.text):
                raise _Fault("must not end with '.'")
        elif character == "*":
            return Wildcard(), position + 1
        end = _NAME.match(self.text, position).end()  # type: ignore[union-attr]
        name = self.text[position:end]
        return (_dotted(name) if name else None), end


def _dotted(name: str) -> Segment:
    if name == "*":
        return Wildcard()
    if not AS_JAYWAY_2_0 and name.endswith(")"):
        raise _Fault(f"calls {name!r}: paths have no functions")
    return _names(f"'{name}']")


def _bracket_end(text: str, start: int) -> int:
    """Just past the bracket that closes the one at `start`. Brackets within quotes count too, as in Jayway."""
    depth = 0
    for position in range(start, len(text)):
        if text[position] == "[":
            depth += 1
        elif text[position] == "]":
            depth -= 1
            if not depth:
                return position + 1
    raise _Fault(f"has no ']' for the '[' at position {start + 1}")


_TELLING = re.compile(r"[?'@:\-0-9]")


def _bracket(text: str, inside_filter: bool) -> Segment:
    if text.replace(" ", "") == "[*]":
        return Wildcard()
    telling = _TELLING.search(text)
    if telling is None:
        raise _Fault(f"has {text!r}, which is neither a quoted name ('single quotes'), a position nor a filter")
    if telling[0] == "'":
        return _names(text[telling.start() :])
    if telling[0] == "?":
        if inside_filter:
            raise _Fault("has a filter within a filter")
        return Filter(_condition(text))
    if telling[0] == "@":
        return _from_end(text[1:-1].strip())
    return _positions(text, telling.start())


def _names(text: str) -> Names:
    """The quoted names up to the first `]`. There are no escapes: a backslash is part of the name."""
    parts = text[: text.index("]")].split("'")
    closed = len(parts) - 1 - (len(parts) - 1) % 2
    return Names(tuple(parts[1:closed:2]))


_FROM_END = r"\( *@ *\. *(?:length|size) *(?:\( *\))? *- *([0-9]+) *\)"


def _from_end(text: str) -> FromEnd:
    match = re.fullmatch(_FROM_END, text)
    if match is None or not AS_JAYWAY_2_0:
        raise _Fault(f"has '[{text}]': the only such form is [(@.length-1)], with any number")
    return FromEnd(_number(match[1]))


_RUN = re.compile(r"[0-9,: \-]*")


def _positions(text: str, start: int) -> Indices | Slice:
    run = _RUN.match(text, start)[0].replace(" ", "")  # type: ignore[index]
    if ":" in run:
        first, second = run.split(":")[:2]
        if not (first or second):
            raise _Fault(f"has the slice {text!r} with neither a start nor an end")
        return Slice(_number(first) if first else None, _number(second) if second else None)
    return Indices(tuple(_number(part) for part in run.removesuffix(",").split(",")))


def _number(text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,10}", text) or not -(2**31) <= int(text) < 2**31:
        raise _Fault(f"has the position {text!r}, which is not a 32-bit integer")
    return int(text)


# --- filters ----------------------------------------------------------------------------------------------------------

_OPERATORS = ("==", ">=", "<=", "!=", "<", ">", "=~")
"""In the order in which Jayway looks for them in the whole text of a comparison, quotes or not."""

_MAX_BRACKETS = 50


def _condition(text: str) -> Condition:
    inner = re.fullmatch(r"\[ *\? *\((.*)\) *\]", text, re.DOTALL)
    if inner is None:
        raise _Fault(f"has the filter {text!r}, which must have the form [?(...)]")
    if (text.count("'") - text.count("\\'")) % 2:
        raise _Fault(f"has the filter {text!r}, whose quotes do not match")
    terms = _Terms(inner[1])
    condition = terms.any_of(0)
    if terms.position < len(terms.text):
        raise _Fault(f"has the filter {text!r}, whose round brackets do not match")
    return condition


class _Terms:
    """Reads a filter's text: comparisons joined by `&&` and `||`, grouped by round brackets."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    def any_of(self, depth: int) -> Condition:
        conditions = self._joined("||", depth)
        return conditions[0] if len(conditions) == 1 else AnyOf(tuple(conditions))

    def _all_of(self, depth: int) -> Condition:
        conditions = self._joined("&&", depth)
        return conditions[0] if len(conditions) == 1 else AllOf(tuple(conditions))

    def _joined(self, joint: str, depth: int) -> list[Condition]:
        operand = self._all_of if joint == "||" else self._term
        conditions = [operand(depth)]
        while self.text.startswith(joint, self.position):
            self.position += 2
            conditions.append(operand(depth))
        return conditions

    def _term(self, depth: int) -> Condition:
        self._skip_blanks()
        if not self.text.startswith("(", self.position):
            return _criterion(self._criterion_text())
        if depth == _MAX_BRACKETS:
            raise _Fault(f"has a filter with more than {_MAX_BRACKETS} nested round brackets")
        self.position += 1
        condition = self.any_of(depth + 1)
        if not self.text.startswith(")", self.position):
            raise _Fault(f"has the filter '?({self.text})', whose round brackets do not match")
        self.position += 1
        self._skip_blanks()
        return condition

    def _skip_blanks(self) -> None:
        while self.text.startswith(" ", self.position):
            self.position += 1

    def _criterion_text(self) -> str:
        """Up to the next `&&` or `||`, quoted or not, or the round bracket that ends this group."""
        start = self.position
        depth, quoted = 0, False
        while self.position < len(self.text) and self.text[self.position : self.position + 2] not in ("&&", "||"):
            character = self.text[self.position]
            if character == "'" and self.text[self.position - 1] != "\\":
                quoted = not quoted
            elif not quoted and character in "()":
                depth += 1 if character == "(" else -1
                if depth < 0:
                    break
            self.position += 1
        return self.text[start : self.position].strip()


def _criterion(text: str) -> Condition:
    operator = next((sign for sign in _OPERATORS if sign in text), None)
    if operator is None:
        if text.startswith(("@", "$", "!@")):
            return Exists(_filter_path(text.removeprefix("!")), not text.startswith("!"))
        raise _Fault(f"has the condition {text!r}, which is neither a path from '@' or '$' nor a comparison")
    left, right = (side.strip() for side in text.split(operator, 1))
    if operator == "=~":
        return _match(text, left, right)
    return Comparison(_operand(left), operator, _operand(right))


_PATTERN = r"(?s)/(.*)/(i?)"


def _match(text: str, left: str, right: str) -> Condition:
    """`@.a =~ /re/`, either way round. Java's classes (`\\w`, `\\d`) and its ignoring of case are ASCII's."""
    pattern = re.fullmatch(_PATTERN, right) or re.fullmatch(_PATTERN, left)
    if pattern is None:
        raise _Fault(f"has the condition {text!r}, where '=~' has no /pattern/ or /pattern/i beside it")
    try:
        compiled = re.compile(pattern[1], re.ASCII | (re.IGNORECASE if pattern[2] else 0))
    except (re.error, RecursionError, OverflowError) as error:
        raise _Fault(f"has the pattern {pattern[0]!r}, which is not a regular expression: {error}") from None
    return Comparison(_operand(left if pattern.string is right else right), "=~", compiled)


def _operand(text: str) -> Operand:
    if text.startswith("!("):
        raise _Fault("negates a bracketed condition: only a path can be negated, as in !@.name")
    if text.startswith("!@"):  # Jayway 2.0.0 takes no notice of this negation
        return _filter_path(text[1:])
    if text.startswith(("@", "$")):
        return _filter_path(text)
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1].replace("\\'", "'")
    return text


def _filter_path(text: str) -> FilterPath:
    try:
        path = _parse(text, inside_filter=True)
    except InvalidPath as fault:
        raise _Fault(f"has a filter with an invalid path: {str(fault).removesuffix('.')}") from None
    if not path.definite:
        raise _Fault(f"has the path {text!r} in a filter, which could find several values")
    return FilterPath(text.startswith("@"), path)


# --- Reference Paths --------------------------------------------------------------------------------------------------

_REFERENCE = re.compile(
    r"""\.(?P<name>(?:[^.\[\]\\*@,:?\s'"()]|\\.)+)
      | \['(?P<quoted>(?:[^'\\]|\\.)*)'\]
      | \["(?P<double>(?:[^"\\]|\\.)*)"\]
      | \[(?P<index>[0-9]{1,9})\]""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = r"(?s)\\(.)"


def parse_reference_path(text: str) -> tuple[str | int, ...]:
    r"""The keys on the way to the one place that a Reference Path names; () for `$`. Raises InvalidPath.

    States language specification, "Reference Paths": no `@ , : ?`, nothing that could name several places; a backslash
    takes the next character as it is.

    >>> parse_reference_path(r"$.store\.book['a b'][0]")
    ('store.book', 'a b', 0)
    """
    if not text.startswith("$") or len(text) > MAX_LENGTH:
        rule = f"must begin with '$' and have at most {MAX_LENGTH} characters"
        raise InvalidPath(f"The Reference Path {text[:60]!r} {rule}.")
    keys: list[str | int] = []
    position = 1
    while position < len(text):
        match = _REFERENCE.match(text, position)
        if match is None:
            raise InvalidPath(_reference_fault(text, position))
        position = match.end()
        name = match["name"] or match["quoted"] or match["double"] or ""
        keys.append(int(match["index"]) if match["index"] else re.sub(_ESCAPED, r"\1", name))
        if len(keys) > MAX_SEGMENTS:
            raise InvalidPath(f"The Reference Path {text[:60]!r} has more than {MAX_SEGMENTS} segments.")
    return tuple(keys)


def _reference_fault(text: str, position: int) -> str:
    rest = text[position:]
    path, place = f"The Reference Path {text[:200]!r}", f"{rest[:20]!r} at position {position + 1}"
    if rest.startswith("$"):
        return f"{path} must name a place in the state's input, not in the context object."
    if rest[0] not in ".[":
        return f"{path} must go on with '.' or '[', not with {place}."
    return f"{path} must name one place, without wildcards, filters or functions, not with {place}."
