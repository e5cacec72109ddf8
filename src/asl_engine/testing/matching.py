"""Whether a JSON value is the one that a test expects, and where it is not.

The one rule: what stands in an expected value and is no JSON value, such as `unittest.mock.ANY` or `pytest.approx`,
decides by its own `==`; where a part is enough, a callable decides by its answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from asl_engine.definition.sources.documents import pointer_to
from asl_engine.execution.checks import PLAIN, same
from asl_engine.jsonvalue import Json, dumps, equal

Matcher: TypeAlias = "Json | Callable[[Any], object]"
"""A part of a JSON value, or a callable that says whether a value is meant."""


def matches(value: Json, matcher: Matcher) -> bool:
    """Whether a value has all that the matcher names.

    Of an object the members that are named, of an array each element, of anything else the value itself; a callable, at
    any depth, is asked.

    >>> matches({"id": 7, "lines": [{"sku": "a", "n": 2}]}, {"lines": [{"n": lambda n: n > 1}]})
    True
    """
    if isinstance(matcher, dict):
        return isinstance(value, dict) and all(
            key in value and matches(value[key], part) for key, part in matcher.items()
        )
    if isinstance(matcher, (list, tuple)):
        return isinstance(value, list) and len(value) == len(matcher) and all(map(matches, value, matcher))
    return bool(matcher(value)) if callable(matcher) else same(value, matcher)


def is_said_again(matcher: Matcher, other: Matcher) -> bool:
    """Whether two matchers are one: equal from both sides. `unittest.mock.ANY` alone is equal to everything.

    >>> from unittest.mock import ANY
    >>> is_said_again({"a": 1}, {"a": 1}), is_said_again({"a": 1}, ANY), is_said_again(ANY, ANY)
    (True, False, True)
    """
    if isinstance(matcher, dict) and isinstance(other, dict):
        return matcher.keys() == other.keys() and all(is_said_again(matcher[key], other[key]) for key in matcher)
    if isinstance(matcher, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(matcher) == len(other) and all(map(is_said_again, matcher, other))
    if isinstance(matcher, PLAIN) and isinstance(other, PLAIN):
        return equal(matcher, other)
    return type(matcher) is type(other) and bool(matcher == other)


def differences(value: Json, expected: Any, pointer: str = "") -> Iterator[str]:
    """Sentences about the places where a value is not the expected one, each beginning with its JSON pointer."""
    place = pointer or "the whole"
    if isinstance(expected, dict) and isinstance(value, dict):
        for key in {**expected, **value}:
            inner = pointer + pointer_to(key)
            if key not in value:
                yield f"{inner}: expected {shown(expected[key])}, but it is not there"
            elif key not in expected:
                yield f"{inner}: expected nothing, got {shown(value[key])}"
            else:
                yield from differences(value[key], expected[key], inner)
    elif isinstance(expected, (list, tuple)) and isinstance(value, list):
        if len(expected) != len(value):
            yield f"{place}: expected {len(expected)} elements, got {len(value)}"
        for index, (item, other) in enumerate(zip(value, expected, strict=False)):
            yield from differences(item, other, f"{pointer}/{index}")
    elif not same(value, expected):
        yield f"{place}: expected {shown(expected)}, got {shown(value)}"


def shown(value: Any, length: int = 200) -> str:
    """A value as JSON text, shortened; what is no JSON as Python shows it."""
    try:
        text = dumps(value)
    except (TypeError, ValueError):
        text = repr(value)
    return text if len(text) <= length else f"{text[: length - 1]}…"
