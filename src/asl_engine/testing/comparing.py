"""Comparing JSON values: where does what was got part from what was expected?

The one rule: a comparison never says only "different", it names each place. Objects compare without the order of their
keys; 1 equals 1.0, true does not equal 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias

from asl_engine.jsonvalue import Json, equal

Place: TypeAlias = tuple["str | int", ...]
"""The keys and indexes that lead to a value."""


class _Nothing:
    """The type of NOTHING."""

    def __repr__(self) -> str:
        return "nothing"


NOTHING = _Nothing()
"""What stands on the side where a key or an item is not there at all."""


class Difference(NamedTuple):
    """A place where expected and got part; NOTHING where one side has no such key or item."""

    place: Place
    expected: Json
    got: Json


def same_leaf(expected: Json, got: Json, place: Place = ()) -> bool:
    """Equality of two leaves, or of a leaf and a container.

    >>> same_leaf(1, 1.0), same_leaf(1, True)
    (True, False)
    """
    return equal(expected, got)


def differences(
    expected: Json, got: Json, matches: Callable[[Json, Json, Place], bool] = same_leaf, place: Place = ()
) -> Iterator[Difference]:
    """Every place where `got` is not what `expected` allows, in the order of `expected`. `matches` judges leaves.

    >>> [tuple(found) for found in differences({"a": [1, 2]}, {"a": [1], "b": 0})]
    [(('a', 1), 2, nothing), (('b',), nothing, 0)]
    """
    if got is NOTHING:
        yield Difference(place, expected, got)
    elif isinstance(expected, dict) and isinstance(got, dict):
        for key, value in expected.items():
            yield from differences(value, got.get(key, NOTHING), matches, (*place, key))
        yield from (Difference((*place, key), NOTHING, got[key]) for key in got if key not in expected)
    elif isinstance(expected, list) and isinstance(got, list):
        for index, value in enumerate(expected):
            yield from differences(value, got[index] if index < len(got) else NOTHING, matches, (*place, index))
        if len(got) > len(expected):
            yield Difference((*place, len(expected)), NOTHING, got[len(expected)])
    elif not matches(expected, got, place):
        yield Difference(place, expected, got)
