"""Regular expressions with JavaScript's meaning, and a bound on their cost.

A pattern is parsed (`syntax`), then runs on Python's `re` (`translate`) where that means the same and cannot backtrack
for long on a text of that length; else on a backtracking matcher of our own (`matcher`), which counts its steps and
gives up with U1001. Python's `re` cannot be interrupted, so the choice must be made before it is started.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from asl_engine.query.jsonata.messages import JsonataError
from asl_engine.query.jsonata.regex.matcher import Matcher, assemble
from asl_engine.query.jsonata.regex.syntax import Pattern, parse_pattern
from asl_engine.query.jsonata.regex.translate import translate
from asl_engine.query.jsonata.regex.weight import Weight
from asl_engine.query.jsonata.values import UNDEFINED, Function, Run, Value

COSTLY = 20_000_000
"""The estimate of backtracking steps from which our own matcher is used."""


class RegexFunction(Function):
    """`/pattern/flags` as a value: called with a string it gives the first match, with a function `next`."""

    __slots__ = ("arity", "compiled", "matcher", "pattern", "weight")

    def __init__(self, pattern: Pattern, compiled: re.Pattern[str] | None) -> None:
        self.pattern = pattern
        self.compiled = compiled
        self.matcher = Matcher(assemble(pattern), pattern)
        self.weight = Weight(pattern.root)
        self.arity = 2

    def matches(self, text: str, run: Run) -> Iterator[dict[str, Any]]:
        """Every match, in turn: {match, start, end, groups}. D1004 for one of no length, save the first."""
        start = 0
        sought = False
        while (not sought or start < len(text)) and (spans := self._search(text, start, run)) is not None:
            first, end = spans[0]
            if sought and first == end:
                raise JsonataError("D1004")
            sought = True
            groups = [UNDEFINED if left < 0 else text[left:right] for left, right in spans[1:]]
            yield {"match": text[first:end], "start": first, "end": end, "groups": groups}
            start = end

    def _search(self, text: str, start: int, run: Run) -> list[tuple[int, int]] | None:
        if self.compiled is None or self.weight.cost(len(text)) > COSTLY:
            return self.matcher.search(text, start, run)
        run.charge(len(text) >> 6)
        found = self.compiled.search(text, start)
        return None if found is None else [found.span(group) for group in range(self.compiled.groups + 1)]

    def call(self, arguments: list[Value], context: Value, run: Run) -> Value:
        text = arguments[0] if arguments else UNDEFINED
        if not isinstance(text, str):
            return UNDEFINED
        run.marked = True
        return _match_object(self.matches(text, run))


def _match_object(matches: Iterator[dict[str, Any]]) -> Value:
    from asl_engine.query.jsonata.callables import Native

    found = next(matches, None)
    if found is None:
        return UNDEFINED
    following: list[Value] = []

    def advance(arguments: list[Value], run: Run) -> Value:
        if not following:
            following.append(_match_object(matches))
        return following[0]

    return {**found, "next": Native(advance, 0)}


def compile_regex(pattern: str, flags: str, position: int) -> RegexFunction:
    """Raises S0303."""
    try:
        parsed = parse_pattern(pattern, flags)
        return RegexFunction(parsed, _compiled(parsed))
    except (ValueError, RecursionError) as error:
        raise JsonataError("S0303", position, reason=str(error) or "nested too deeply") from None


def _compiled(pattern: Pattern) -> re.Pattern[str] | None:
    text = translate(pattern)
    try:
        return None if text is None else re.compile(text, re.IGNORECASE if pattern.ignore_case else 0)
    except (re.error, OverflowError):
        return None  # such as a reference to a group from within it
