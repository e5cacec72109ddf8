"""A path becomes a function of the document, with the semantics of Jayway json-path 2.0.0.

Two ways to the same value. The general way is a row of steps, one per segment, each handing what it finds to the next
together with its place. The direct way serves the common forms (a chain of names, one list of items) with plain lookups
and answers only when everything is there; else it leaves the matter to the general way, which also knows the error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol, TypeAlias

from asl_engine.jsonvalue import Json
from asl_engine.query.jsonpath.failures import PathMisapplied, PathNotFound, Place
from asl_engine.query.jsonpath.filters import Test, compile_condition
from asl_engine.query.jsonpath.javatext import java_text
from asl_engine.query.jsonpath.segments import (
    Descendants,
    Filter,
    FromEnd,
    Indices,
    Names,
    Path,
    Segment,
    Slice,
    Wildcard,
    definite,
    leading_keys,
)
from asl_engine.query.jsonpath.syntax import AS_JAYWAY_2_0

__all__ = ["PathMisapplied", "PathNotFound", "Read", "compile_path", "direct", "general"]


class Read(Protocol):
    """A compiled path: an `Expr` that has no need of the scope."""

    def __call__(self, document: Json, scope: object = None, /) -> Json: ...


def compile_path(path: Path) -> Read:
    """The function from a document to what the path selects: one value if it is definite, else a list.

    The function raises PathNotFound with Jayway's text.
    """
    return direct(path, general(path))


# --- the general way --------------------------------------------------------------------------------------------------

Step: TypeAlias = Callable[[Json, Place, Json, list[Json]], None]
"""(value, its place, the whole document, what was found so far)"""


def general(path: Path) -> Callable[[Json], Json]:
    """The function that every path has, and that every failure comes from."""
    first = _steps(path.segments)
    one = path.definite

    def read(document: Json) -> Json:
        if document is None:
            raise PathNotFound("root can not be null")
        found: list[Json] = []
        first(document, None, document, found)
        return found[0] if one else found

    return read


def _steps(segments: tuple[Segment, ...]) -> Step:
    """The first step; `rest` is the one after it, None at the end of the path."""
    step: Step = _collect
    rest: Step | None = None
    for position in range(len(segments) - 1, -1, -1):
        segment = segments[position]
        last = position == len(segments) - 1
        following = step
        if isinstance(segment, Names):
            step = _names(segment, following, last, strict=_strict(segments, position))
        elif isinstance(segment, Descendants):
            step = _descendants(_applies(segments[position + 1]), following, rest)
        else:
            step = _step(segment, "".join(map(str, segments[position:])), following)
        rest = None if last else following
    return step


def _strict(segments: tuple[Segment, ...], position: int) -> bool:
    """Whether a name that is missing on the way is an error. Jayway asks whether the path is definite from the segment
    before the name to the very end; else it finds nothing and says nothing."""
    return definite(segments[max(0, position - 1) :])


def _collect(value: Json, place: Place, root: Json, found: list[Json]) -> None:
    found.append(value)


def _names(names: Names, following: Step, last: bool, *, strict: bool) -> Step:
    if len(names.names) == 1:
        return _name(names.names[0], following, last, strict=strict)

    def step(value: Json, place: Place, root: Json, found: list[Json]) -> None:
        if type(value) is not dict:
            raise PathNotFound(f"Property {names} not found in path ", place)
        if not last:
            raise PathMisapplied("Multi properties can only be used as path leafs: ", (place, names))
        found.append({name: value[name] for name in names.names if name in value})

    return step


def _name(name: str, following: Step, last: bool, *, strict: bool) -> Step:
    missing = "No results for path: " if last else "Missing property in path "

    def step(value: Json, place: Place, root: Json, found: list[Json]) -> None:
        if type(value) is not dict:
            raise PathNotFound(f"Property ['{name}'] not found in path ", place)
        if name in value:
            following(value[name], (place, name), root, found)
        elif last or strict:
            raise PathNotFound(missing, (place, name))

    return step


def _step(segment: Segment, spelt: str, following: Step) -> Step:
    """`spelt` is this segment with the rest of the path, as error texts show it."""
    if isinstance(segment, Wildcard):
        return _wildcard(following)
    if isinstance(segment, Filter):
        return _filter(compile_condition(segment.condition, compile_path), spelt, following)
    if isinstance(segment, Slice):
        return _positions(spelt, _slice(segment.start, segment.stop), following)
    if isinstance(segment, FromEnd):
        distance = segment.distance
        return _positions(spelt, lambda length: (length - distance,), following)
    assert isinstance(segment, Indices)
    indices = segment.indices
    return _positions(spelt, lambda length: indices, following)


def _wildcard(following: Step) -> Step:
    """Passes over an array's items in which the rest of the path finds nothing, but not over an object's (Jayway)."""

    def step(value: Json, place: Place, root: Json, found: list[Json]) -> None:
        if type(value) is dict:
            for name, item in value.items():
                following(item, (place, name), root, found)
        elif type(value) is list:
            for index, item in enumerate(value):
                try:
                    following(item, (place, index), root, found)
                except PathMisapplied:
                    raise
                except PathNotFound:
                    pass

    return step


def _filter(test: Test, spelt: str, following: Step) -> Step:
    """Tests an array's items, but an object as a whole (Jayway)."""

    def step(value: Json, place: Place, root: Json, found: list[Json]) -> None:
        if type(value) is list:
            for index, item in enumerate(value):
                if test(item, root):
                    following(item, (place, index), root, found)
        elif type(value) is not dict:
            raise PathMisapplied(
                f"Filter: {spelt} can not be applied to primitives. Current context is: {java_text(value)}"
            )
        elif test(value, root):
            following(value, place, root, found)

    return step


def _positions(spelt: str, select: Callable[[int], Iterable[int]], following: Step) -> Step:
    def step(value: Json, place: Place, root: Json, found: list[Json]) -> None:
        if value is None:
            raise PathNotFound("The path ", place, " is null")
        if type(value) is not list:
            raise PathMisapplied(
                f"Filter: {spelt} can only be applied to arrays. Current context is: {java_text(value)}"
            )
        length = len(value)
        for index in select(length):
            position = index if AS_JAYWAY_2_0 or index >= 0 else index + length
            if not 0 <= position < length:
                raise PathNotFound("Index out of bounds when evaluating path ", (place, index))
            following(value[position], (place, index), root, found)

    return step


def _slice(start: int | None, stop: int | None) -> Callable[[int], Iterable[int]]:
    """Jayway's bounds: only an open slice counts from the end; `[-2:-1]` is out of bounds, `[1:-1]` is empty."""
    if start is None:
        assert stop is not None
        end = stop
        return lambda length: range(min(length, end + length if end < 0 else end))
    first = start
    if stop is None:
        return lambda length: range(max(0, first + length) if first < 0 else first, length)
    last = stop
    return lambda length: range(first, min(length, last)) if length else ()


def _descendants(applies: Callable[[Json, Json], bool], following: Step, rest: Step | None) -> Step:
    """Tries the next segment on the value and on everything below it, parents before children.

    In an array, where the path goes on, Jayway skips the next segment: `$..[0].a` reads `a` of every item.
    """

    def step(value: Json, place: Place, root: Json, found: list[Json]) -> None:
        pending: list[tuple[Json, Place]] = [(value, place)]
        while pending:
            value, place = pending.pop()
            if type(value) is dict:
                below = [(item, (place, name)) for name, item in value.items()]
            elif type(value) is list:
                below = [(item, (place, index)) for index, item in enumerate(value)]
            else:
                continue
            if not applies(value, root):
                pass
            elif rest is not None and type(value) is list:
                for item, where in below:
                    rest(item, where, root, found)
            else:
                following(value, place, root, found)
            pending.extend(reversed(below))

    return step


def _applies(segment: Segment) -> Callable[[Json, Json], bool]:
    """Which objects and arrays the segment after a `..` is tried on."""
    if isinstance(segment, Names):
        names = segment.names
        return lambda value, root: type(value) is dict and all(name in value for name in names)
    if isinstance(segment, Filter):
        return compile_condition(segment.condition, compile_path)
    if isinstance(segment, Indices | Slice | FromEnd):
        return lambda value, root: type(value) is list
    return lambda value, root: isinstance(segment, Wildcard)


# --- the direct way ---------------------------------------------------------------------------------------------------


def direct(path: Path, slow: Callable[[Json], Json]) -> Read:
    """The path with plain lookups where its form allows; `slow` answers, or raises, for all that is not there."""
    keys = leading_keys(path.segments)
    rest = path.segments[len(keys) :]
    if not rest:
        return _chain(keys, slow)
    tail = leading_keys(rest[1:])
    if len(tail) == len(rest) - 1 < 2 and isinstance(rest[0], Wildcard | Filter):
        return _items(keys, rest[0], tail, slow)
    return _only(slow)


def _only(slow: Callable[[Json], Json]) -> Read:
    def read(document: Json, scope: object = None, /) -> Json:
        return slow(document)

    return read


def _chain(keys: tuple[str | int, ...], slow: Callable[[Json], Json]) -> Read:
    """One to three names are written out: they are most of all paths, and a loop doubles their cost."""
    if not keys or not all(isinstance(key, str) for key in keys) or len(keys) > 3:
        return _walk(keys, slow) if keys else _only(slow)
    return (_one, _two, _three)[len(keys) - 1](keys, slow)


def _one(keys: tuple[str | int, ...], slow: Callable[[Json], Json]) -> Read:
    (name,) = keys

    def read(document: Json, scope: object = None, /) -> Json:
        try:
            return document[name]
        except (KeyError, TypeError):
            return slow(document)

    return read


def _two(keys: tuple[str | int, ...], slow: Callable[[Json], Json]) -> Read:
    first, second = keys

    def read(document: Json, scope: object = None, /) -> Json:
        try:
            return document[first][second]
        except (KeyError, TypeError):
            return slow(document)

    return read


def _three(keys: tuple[str | int, ...], slow: Callable[[Json], Json]) -> Read:
    first, second, third = keys

    def read(document: Json, scope: object = None, /) -> Json:
        try:
            return document[first][second][third]
        except (KeyError, TypeError):
            return slow(document)

    return read


def _walk(keys: tuple[str | int, ...], slow: Callable[[Json], Json]) -> Read:
    """Any chain. Only an array may take an index: a string would take one too."""

    def read(document: Json, scope: object = None, /) -> Json:
        value = document
        try:
            for key in keys:
                if type(value) is str:
                    return slow(document)
                value = value[key]
        except (KeyError, TypeError, IndexError):
            return slow(document)
        return value

    return read


def _items(
    keys: tuple[str | int, ...], segment: Wildcard | Filter, tail: tuple[str | int, ...], slow: Callable[[Json], Json]
) -> Read:
    """All items of one array, or those that a filter lets pass, or one name of each."""
    passes = compile_condition(segment.condition, compile_path) if isinstance(segment, Filter) else None
    if tail and not isinstance(tail[0], str):
        return _only(slow)

    def read(document: Json, scope: object = None, /) -> Json:
        items = document
        try:
            for key in keys:
                items = items[key]
            if type(items) is not list:
                return slow(document)
            if passes is not None:
                items = [item for item in items if passes(item, document)]
            return [item[tail[0]] for item in items] if tail else list(items)
        except (KeyError, TypeError, IndexError, PathNotFound):
            return slow(document)

    return read
