"""ResultPath over shapes: specification "ResultPath", where the result goes in the state's raw input."""

from __future__ import annotations

from collections.abc import Sequence

from asl_engine.lint.flow.read import in_words, spelt
from asl_engine.lint.flow.shape import (
    ANYTHING,
    EMPTY_OBJECT,
    NULL,
    Key,
    Member,
    Shape,
    is_never,
    join,
    kinds,
    member,
    with_field,
    with_member,
)
from asl_engine.lint.flow.visit import TYPE_MISMATCH, Visit
from asl_engine.lint.visits import for_short_texts
from asl_engine.query.jsonpath.syntax import parse_reference_path


class Unmergeable(Exception):
    """No value of the shape takes a result there: how many keys lead to the value in the way, and its shape."""

    def __init__(self, place: int, at: Shape) -> None:
        super().__init__(place, at)
        self.place = place
        self.at = at


def merged(visit: Visit, path: str | None, result: Shape, above: str) -> Shape:
    """The state's raw input with the result in it; null discards the result. `above` has the ResultPath."""
    if path is None:
        return visit.input
    keys = _keys_of(path)
    if not keys:
        return result
    pointer = f"{above}/ResultPath"
    if visit.input.fields is None and not is_never(visit.input):
        return _told(visit, path, keys, Unmergeable(0, visit.input), pointer)
    try:
        return _put(visit.input, keys, 0, result)
    except Unmergeable as error:
        return _told(visit, path, keys, error, pointer)


_keys_of = for_short_texts(parse_reference_path)


def _told(visit: Visit, path: str, keys: Sequence[Key], error: Unmergeable, pointer: str) -> Shape:
    before, found = spelt("$", keys[: error.place]), in_words(kinds(error.at))
    visit.fails(TYPE_MISMATCH, pointer, f"the result cannot be put at '{path}': {before} is always {found}")
    return ANYTHING


def _put(shape: Shape, keys: Sequence[Key], place: int, value: Shape) -> Shape:
    if place == len(keys):
        return value
    key = keys[place]
    found = member(shape, key)
    if isinstance(key, int):
        if is_never(found.shape):
            raise Unmergeable(place, shape)
        inner = _put(found.shape, keys, place + 1, value)
        return with_member(Shape(frozenset(), items=shape.items), key, Member(inner, True))
    is_made = NULL in shape.scalars and place > 0  # null on the way counts as missing
    if shape.fields is None and not is_made:
        raise Unmergeable(place, shape)
    inner = value if place + 1 == len(keys) else _put(_made(found), keys, place + 1, value)
    if not is_made:
        return with_field(shape, key, inner)
    made = with_field(EMPTY_OBJECT, key, inner)
    return made if shape.fields is None else join(with_field(shape, key, inner), made)


def _made(found: Member) -> Shape:
    """What stands where the path goes on; objects that are missing are made."""
    return found.shape if found.always else join(found.shape, EMPTY_OBJECT)
