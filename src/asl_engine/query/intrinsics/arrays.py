"""Intrinsics for arrays. Developer guide, "Intrinsics for arrays"."""

from __future__ import annotations

from asl_engine.jsonvalue import Json, equal
from asl_engine.query.intrinsics.table import Refused, intrinsic, need_array, need_integer, shown

MAX_RANGE = 1000


@intrinsic("States.Array", 0, variadic=True)
def array(*values: Json) -> Json:
    """An array of the arguments."""
    return list(values)


@intrinsic("States.ArrayPartition", 2)
def array_partition(values: Json, size: Json) -> Json:
    """The array in chunks of `size` items; the last may be shorter."""
    items = need_array(values, "The first argument")
    step = need_integer(size, "The chunk size")
    if step < 1:
        raise Refused(f"The chunk size must be a positive integer, not {shown(size)}.")
    return [items[start : start + step] for start in range(0, len(items), step)]


@intrinsic("States.ArrayContains", 2)
def array_contains(values: Json, wanted: Json) -> Json:
    """Whether an item equals the value, as JSON values do."""
    return any(equal(item, wanted) for item in need_array(values, "The first argument"))


@intrinsic("States.ArrayRange", 3)
def array_range(first: Json, last: Json, step: Json) -> Json:
    """The integers from `first` to `last`, the latter included where a step meets it."""
    start, end = need_integer(first, "The first argument"), need_integer(last, "The second argument")
    increment = need_integer(step, "The third argument")
    if not increment:
        raise Refused(f"The third argument must not be zero, as {shown(step)} is.")
    length = (end - start) // increment + 1
    if length > MAX_RANGE:
        raise Refused(f"The array must not have more than {MAX_RANGE} items, and would have {length}.")
    return [start + increment * index for index in range(length)]


@intrinsic("States.ArrayGetItem", 2)
def array_get_item(values: Json, index: Json) -> Json:
    """The item at an index, which counts from 0."""
    items = need_array(values, "The first argument")
    position = need_integer(index, "The index")
    if not 0 <= position < len(items):
        raise Refused(f"The index {shown(index)} is outside of the array, which has {len(items)} items.")
    return items[position]


@intrinsic("States.ArrayLength", 1)
def array_length(values: Json) -> Json:
    """How many items the array has."""
    return len(need_array(values))


@intrinsic("States.ArrayUnique", 1)
def array_unique(values: Json) -> Json:
    """The array without repeated values: of equal ones the first stays."""
    unique: dict[object, Json] = {}
    for item in need_array(values):
        unique.setdefault(_identity(item), item)
    return list(unique.values())


def _identity(value: Json) -> object:
    """Something hashable that is equal for values that are equal as JSON."""
    kind = type(value)
    if kind is dict:
        return frozenset((key, _identity(item)) for key, item in value.items())
    if kind is list:
        return tuple(_identity(item) for item in value)
    return (bool, value) if kind is bool else value
