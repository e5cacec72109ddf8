"""Paths over shapes: what a JSONPath text reads, and whether it is sure to find nothing.

Only definite paths can fail for what is missing: an indefinite one gathers what there is (recorded: a wildcard below a
missing parent gives []). A path that is not followed to its end gives ANYTHING.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from asl_engine.lint.flow.shape import (
    ANY_ARRAY,
    ANYTHING,
    ARRAY,
    BOOLEAN,
    NULL,
    NUMBER,
    OBJECT,
    STRING,
    Key,
    Shape,
    is_never,
    kinds,
    member,
)
from asl_engine.query.jsonpath.segments import leading_keys
from asl_engine.query.jsonpath.syntax import parse_path

DOCUMENT, CONTEXT = "$", "$$"


class PathText(NamedTuple):
    """A path: its root (`$`, `$$` or the name of a variable), the keys that can be followed, whether they are all of
    it, and whether it finds one value."""

    root: str
    keys: tuple[Key, ...]
    whole: bool
    definite: bool


_VARIABLE = re.compile(r"\$([^\W\d]\w*)")


@lru_cache(maxsize=4096)
def path_text(text: str) -> PathText:
    """The parts of a path that the definition's reader took."""
    variable = _VARIABLE.match(text)
    if variable is not None:
        root, path = variable[1], "$" + text[variable.end() :]
    else:
        root, path = (CONTEXT, text[1:]) if text.startswith("$$") else (DOCUMENT, text)
    segments = parse_path(path).segments
    keys = leading_keys(segments)
    return PathText(root, keys, len(keys) == len(segments), parse_path(path).definite)


class Missing(NamedTuple):
    """Where a path ends without a value: what stands at its first `place` keys has nothing at the next one."""

    keys: Sequence[Key]
    place: int
    at: Shape


def follow(shape: Shape, keys: Sequence[Key]) -> tuple[Shape, Missing | None]:
    """The shape that keys lead to, ANYTHING where they are sure to lead nowhere."""
    for place, key in enumerate(keys):
        found = member(shape, key).shape
        if is_never(found):
            return ANYTHING, None if is_never(shape) else Missing(keys, place, shape)
        shape = found
    return shape, None


def follow_path(shape: Shape, path: PathText) -> tuple[Shape, Missing | None]:
    """The shape that a path selects."""
    if not path.definite:
        return ANY_ARRAY, None
    if shape is ANYTHING:
        return ANYTHING, None
    found, missing = follow(shape, path.keys)
    return (found if path.whole else ANYTHING), missing


# --- how a message says it --------------------------------------------------------------------------------------------

_WORDS = {
    NULL: "null",
    BOOLEAN: "true or false",
    NUMBER: "a number",
    STRING: "a string",
    OBJECT: "an object",
    ARRAY: "an array",
}
_MOST_NAMES = 8


def in_words(found: Iterable[str]) -> str:
    """The JSON types in words: "a string or null"."""
    names = set(found)
    return " or ".join(words for kind, words in _WORDS.items() if kind in names) or "nothing"


def why(missing: Missing, root: str) -> str:
    """Why there is nothing: what stands where the path ends."""
    key, before = missing.keys[missing.place], spelt(root, missing.keys[: missing.place])
    if isinstance(key, int) and missing.at.items is not None:
        return f"{before} has {len(missing.at.items.known) or 'no'} items"
    if isinstance(key, int) or missing.at.fields is None:
        return f"{before} is always {in_words(kinds(missing.at))}"
    names = field_names(missing.at)
    listed = ", ".join(repr(name) for name in names[:_MOST_NAMES]) + (", ..." if len(names) > _MOST_NAMES else "")
    return f"no path to here sets '{key}'; {before} has " + (listed or "no fields")


def field_names(shape: Shape) -> list[str]:
    """The fields that an object is known to have."""
    known = shape.fields.known if shape.fields is not None else {}
    return [name for name, found in known.items() if not is_never(found.shape)]


def spelt(root: str, keys: Iterable[Key]) -> str:
    """A path in its usual spelling."""
    return root + "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys)
