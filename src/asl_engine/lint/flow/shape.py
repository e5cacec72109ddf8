"""Shapes: what is known beforehand about a JSON value, and the join of two of them.

A shape stands for a set of JSON values; every operation here may only make that set larger, never smaller, except
`assume`, which is told something new. Shapes are small: past MAX_WEIGHT parts or MAX_DEPTH levels the detail is
dropped, so that each operation takes bounded time. They are never changed in place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from asl_engine.jsonvalue import Json, dumps, text_size
from asl_engine.lint.visits import for_short_texts

NULL, BOOLEAN, NUMBER, STRING, OBJECT, ARRAY = "null", "boolean", "number", "string", "object", "array"
SCALARS = frozenset({NULL, BOOLEAN, NUMBER, STRING})

MAX_WEIGHT = 200
MAX_DEPTH = 24
MOST_BYTES = 1 << 40

NOT_CONSTANT: Any = object()
Key: TypeAlias = str | int


class Member(NamedTuple):
    """A field of an object or an item of an array, and whether it is there on every path."""

    shape: Shape
    always: bool


class Members(NamedTuple):
    """What stands in an object (by name) or an array (by position). `rest` is the shape of every other member: NEVER
    where there is none, None where it may be anything."""

    known: Mapping[Any, Member]
    rest: Shape | None


class Shape(NamedTuple):
    """A set of JSON values: of the scalar types in `scalars`, objects as `fields` says, arrays as `items` says (None:
    no object, no array). `constant` is the one scalar that it is. `least` bounds the size of its JSON text from below.
    """

    scalars: frozenset[str]
    fields: Members | None = None
    items: Members | None = None
    constant: Json = NOT_CONSTANT
    least: int = 1
    weight: int = 1
    depth: int = 0


OPEN = Members({}, None)
_NONE: frozenset[str] = frozenset()
NEVER = Shape(_NONE, least=MOST_BYTES)
"""No value at all: what is not there, or not reached."""
ANYTHING = Shape(SCALARS, OPEN, OPEN)
ANY_OBJECT = Shape(_NONE, fields=OPEN, least=2)
ANY_ARRAY = Shape(_NONE, items=OPEN, least=2)
ANY_STRING = Shape(frozenset({STRING}), least=2)
ANY_NUMBER = Shape(frozenset({NUMBER}))
ANY_BOOLEAN = Shape(frozenset({BOOLEAN}), least=4)
NULL_ONLY = Shape(frozenset({NULL}), constant=None, least=4)
CLOSED = Members({}, NEVER)
EMPTY_OBJECT = Shape(_NONE, fields=CLOSED, least=2)
_ABSENT = Member(NEVER, False)
_UNKNOWN = Member(ANYTHING, False)


def is_never(shape: Shape) -> bool:
    """Whether no value has this shape."""
    return not shape.scalars and shape.fields is None and shape.items is None


def kinds(shape: Shape) -> frozenset[str]:
    """The JSON types that a value of this shape may have."""
    found = shape.scalars
    if shape.fields is not None:
        found |= {OBJECT}
    return found | {ARRAY} if shape.items is not None else found


# --- making -----------------------------------------------------------------------------------------------------------

_TYPES = {type(None): NULL_ONLY.scalars, bool: ANY_BOOLEAN.scalars, int: ANY_NUMBER.scalars, float: ANY_NUMBER.scalars}


def scalar(value: Json) -> Shape:
    """The shape of one scalar."""
    if isinstance(value, str):
        return _text(value)
    return Shape(_TYPES[type(value)], None, None, value, len(dumps(value)))


@for_short_texts
def _text(value: str) -> Shape:
    return Shape(ANY_STRING.scalars, None, None, value, text_size(value))


def literal(value: Json) -> Shape:
    """The shape of one JSON value."""
    if isinstance(value, dict):
        return object_of({key: Member(literal(item), True) for key, item in value.items()})
    if isinstance(value, list):
        return array_of([literal(item) for item in value])
    return scalar(value)


def object_of(known: Mapping[str, Member], rest: Shape | None = NEVER) -> Shape:
    """An object with these fields."""
    fields = Members(known, rest)
    return _container(fields, None, fields)


def fields_of(**fields: Shape) -> Shape:
    """An object that has exactly these fields."""
    return object_of({name: Member(shape, True) for name, shape in fields.items()})


def array_of(items: Sequence[Shape]) -> Shape:
    """An array of exactly these items."""
    listed = Members({n: Member(item, True) for n, item in enumerate(items)}, NEVER)
    return _container(None, listed, listed)


def list_of(item: Shape) -> Shape:
    """An array of any number of such items."""
    listed = Members({}, None if item is ANYTHING else item)
    return _container(None, listed, listed)


def _container(fields: Members | None, items: Members | None, members: Members) -> Shape:
    """An object or an array, whichever `members` is, measured in one pass."""
    least, weight, depth = 1, 1, 0
    for key, found in members.known.items():
        shape = found.shape
        least += _share(key, found)
        weight += shape.weight
        depth = max(depth, shape.depth + 1)
    if members.rest is not None:
        weight += members.rest.weight
        depth = max(depth, members.rest.depth + 1)
    whole = Shape(_NONE, fields, items, NOT_CONSTANT, min(max(least, 2), MOST_BYTES), weight, depth)
    return whole if weight <= MAX_WEIGHT and depth <= MAX_DEPTH else bounded(whole)


def container_size(shares: Sequence[int]) -> int:
    """The `least` of the container that its members have these shares of; of one with too many no detail is kept."""
    return 2 if len(shares) >= MAX_WEIGHT else min(max(1 + sum(shares), 2), MOST_BYTES)


def _least(members: Members | None) -> int:
    if members is None:
        return MOST_BYTES
    total = 1  # the opening bracket; each member brings a comma or the closing one
    for key, found in members.known.items():
        total += _share(key, found)
    return min(max(total, 2), MOST_BYTES)


def bounded(shape: Shape) -> Shape:
    """The shape with its weight and depth, and without the detail that passes the bounds."""
    weight, depth = 1, 0
    for part in _parts(shape):
        weight += part.weight
        depth = max(depth, part.depth + 1)
    if weight <= MAX_WEIGHT and depth <= MAX_DEPTH:
        return Shape(*shape[:5], weight, depth)
    fields, items = _blurred(shape.fields), _blurred(shape.items)
    if fields is OPEN or items is OPEN:
        shape = shape._replace(least=min(shape.least, 2))
    count = 1 + sum(len(members.known) for members in (fields, items) if members is not None)
    return shape._replace(fields=fields, items=items, weight=count, depth=1)


def _parts(shape: Shape) -> Iterator[Shape]:
    for members in (shape.fields, shape.items):
        if members is not None:
            yield from (member.shape for member in members.known.values())
            if members.rest is not None:
                yield members.rest


def _blurred(members: Members | None) -> Members | None:
    if members is None or len(members.known) >= MAX_WEIGHT:
        return None if members is None else OPEN
    known = {key: Member(_without_detail(member.shape), member.always) for key, member in members.known.items()}
    return Members(known, None if members.rest is None else _without_detail(members.rest))


def _without_detail(shape: Shape) -> Shape:
    if shape.weight == 1:
        return shape
    fields, items = (None if members is None else OPEN for members in (shape.fields, shape.items))
    return shape._replace(fields=fields, items=items, weight=1, depth=0)


# --- reading ----------------------------------------------------------------------------------------------------------


def member(shape: Shape, key: Key) -> Member:
    """The field or item at a key; its shape is NEVER where there cannot be one."""
    members = shape.fields if isinstance(key, str) else shape.items
    if members is None:
        return _ABSENT
    found = members.known.get(key)
    if found is not None:
        return found if not found.always or _is_of_one_kind(shape) else Member(found.shape, False)
    return _UNKNOWN if members.rest is None else Member(members.rest, False)


def _is_of_one_kind(shape: Shape) -> bool:
    return len(shape.scalars) + (shape.fields is not None) + (shape.items is not None) == 1


def any_item(shape: Shape) -> Shape:
    """What an item of the array may be; NEVER of an array without items."""
    return NEVER if shape.items is None else _any(shape.items)


def any_field(shape: Shape) -> Shape:
    """What the value of a field of the object may be."""
    return NEVER if shape.fields is None else _any(shape.fields)


def _any(members: Members) -> Shape:
    found = ANYTHING if members.rest is None else members.rest
    for known in members.known.values():
        found = join(found, known.shape)
    return found


# --- joining ----------------------------------------------------------------------------------------------------------


def join(one: Shape, other: Shape) -> Shape:
    """What is known where two ways meet."""
    if one is other or is_never(other) or one == other:
        return one
    if is_never(one):
        return other
    if one is ANYTHING or other is ANYTHING:
        return ANYTHING
    same = type(one.constant) is type(other.constant) and one.constant == other.constant
    fields, items = _joined(one.fields, other.fields), _joined(one.items, other.items)
    constant = one.constant if same else NOT_CONSTANT
    return bounded(
        Shape(one.scalars | other.scalars, fields, items, constant, _least_of_both(one, other, fields, items))
    )


def _least_of_both(one: Shape, other: Shape, fields: Members | None, items: Members | None) -> int:
    """Of two objects, or two arrays, only what both are sure to have: the bound of a container must stay the sum of its
    members' shares, because members are taken out of it and put into it."""
    if one.scalars or other.scalars or (fields is not None and items is not None):
        return min(one.least, other.least)
    return _least(fields if fields is not None else items)


def _joined(one: Members | None, other: Members | None) -> Members | None:
    if one is None or other is None or one is other:
        return one or other
    known = dict(one.known)
    for key, (shape, always) in one.known.items():
        if key not in other.known:
            known[key] = Member(shape if other.rest is NEVER else join(shape, _rest(other)), False)
        elif other.known[key] is not known[key]:
            beside = other.known[key]
            known[key] = Member(join(shape, beside.shape), always and beside.always)
    for key in [key for key in other.known if key not in one.known]:
        known[key] = Member(join(other.known[key].shape, _rest(one)), False)
    rest = None if one.rest is None or other.rest is None else join(one.rest, other.rest)
    if rest is None:
        known = {key: found for key, found in known.items() if found.always or found.shape is not ANYTHING}
    return Members(known, rest)


def _rest(members: Members) -> Shape:
    return ANYTHING if members.rest is None else members.rest


def widened(old: Shape, new: Shape) -> Shape:
    """The join, with anything in the place of every field that still changes: how a loop comes to rest."""
    joined = join(old, new)
    if joined.fields is None or old.fields is None:
        return joined
    before = old.fields.known
    known = {
        key: found if key in before and before[key].shape == found.shape else Member(ANYTHING, found.always)
        for key, found in joined.fields.known.items()
    }
    changed = old.items != joined.items
    return bounded(joined._replace(fields=Members(known, joined.fields.rest), items=OPEN if changed else old.items))


# --- changing ---------------------------------------------------------------------------------------------------------


def with_member(shape: Shape, key: Key, new: Member) -> Shape:
    """The shape with another member at a key; the container must be possible."""
    members = shape.fields if isinstance(key, str) else shape.items
    assert members is not None
    old = members.known.get(key, _ABSENT)
    changed = Members({**members.known, key: new}, members.rest)
    fields, items = (changed, shape.items) if isinstance(key, str) else (shape.fields, changed)
    weight = shape.weight + new.shape.weight - (old.shape.weight if key in members.known else 0)
    depth = max(shape.depth, new.shape.depth + 1)
    least = _least_with(shape, members, key, new)
    whole = Shape(shape.scalars, fields, items, NOT_CONSTANT, least, weight, depth)
    return whole if weight <= MAX_WEIGHT and depth <= MAX_DEPTH else bounded(whole)


def _least_with(shape: Shape, members: Members, key: Key, new: Member) -> int:
    """The bound of a container's size, brought up to date instead of added up anew."""
    known = any(found.always for found in members.known.values())
    least = (shape.least if known else 1) - _share(key, members.known.get(key, _ABSENT))
    alone = _is_of_one_kind(shape)
    if alone:
        least += _share(key, new)
    return min(max(least, 2 if alone else 1), MOST_BYTES)


def _share(key: Key, found: Member) -> int:
    """What a member adds to its container's size: key, colon, value, and a comma or the closing bracket."""
    if not found.always:
        return 0
    return 1 + found.shape.least + (text_size(key) + 1 if isinstance(key, str) else 0)


def with_field(shape: Shape, name: str, value: Shape) -> Shape:
    """The object with a field set; other types that the shape allows are left out."""
    if shape.fields is None or shape.items is not None or shape.scalars:
        fields = shape.fields or OPEN
        shape = ANY_OBJECT if fields is OPEN else object_of(fields.known, fields.rest)
    return with_member(shape, name, Member(value, True))


def assume(shape: Shape, keys: Sequence[Key], present: bool) -> Shape:
    """The shape once it is known whether a path finds something in it."""
    return _anything_with(tuple(keys), present) if shape is ANYTHING else _assumed(shape, keys, present)


@lru_cache(maxsize=1024)
def _anything_with(keys: Sequence[Key], present: bool) -> Shape:
    """Most documents can be anything before a Choice state asks for something, and many of these ask for the same."""
    return _assumed(ANYTHING, keys, present)


def _assumed(shape: Shape, keys: Sequence[Key], present: bool) -> Shape:
    key, rest = keys[0], keys[1:]
    found = member(shape, key)
    if present:
        inner = ANYTHING if is_never(found.shape) else found.shape
        below = assume(inner, rest, True) if rest else inner
        return shape if found.always and below is found.shape else _holding(shape, key, below)
    if is_never(found.shape) or isinstance(key, int) or (found.always and not rest):
        return shape
    return with_member(shape, key, Member(assume(found.shape, rest, False), found.always) if rest else _ABSENT)


def _holding(shape: Shape, key: Key, value: Shape) -> Shape:
    """What the shape is, given that it is a container with this value at the key."""
    if isinstance(key, int):
        return with_member(Shape(_NONE, items=shape.items or OPEN, least=2), key, Member(value, True))
    return with_member(Shape(_NONE, fields=shape.fields or OPEN, least=2), key, Member(value, True))
