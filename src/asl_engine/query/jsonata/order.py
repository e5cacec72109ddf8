"""Order-by, `^(a, >b)`: stable, numbers with numbers and strings with strings, undefined last."""

from __future__ import annotations

from functools import cmp_to_key

from asl_engine.query.jsonata.messages import JsonataError
from asl_engine.query.jsonata.values import UNDEFINED, Code, Frame, Run, Tuples, Value, is_number, text_key

Terms = list[tuple[bool, Code]]


def sort_items(items: list[Value], terms: Terms, frame: Frame, run: Run, position: int) -> list[Value]:
    if len(items) < 2:
        return items
    keys = [[code(item, frame, run) for _, code in terms] for item in items]
    return [items[place] for place in _order(keys, terms, position)]


def sort_tuples(stream: Tuples, terms: Terms, frame: Frame, run: Run, position: int) -> Tuples:
    if len(stream) < 2:
        return stream
    keys = [[code(item["@"], [frame, item], run) for _, code in terms] for item in stream]
    return Tuples(stream[place] for place in _order(keys, terms, position))


def _order(keys: list[list[Value]], terms: Terms, position: int) -> list[int]:
    """The places of the items in their new order."""
    places = list(range(len(keys)))
    if len(terms) == 1:
        firsts = [key[0] for key in keys]
        descending = terms[0][0]
        if all(map(is_number, firsts)):
            return sorted(places, key=firsts.__getitem__, reverse=descending)
        if all(key.__class__ is str for key in firsts):
            units = [text_key(key) for key in firsts]
            return sorted(places, key=units.__getitem__, reverse=descending)

    def compare(one: int, other: int) -> int:
        for (descending, _), left, right in zip(terms, keys[one], keys[other], strict=True):
            result = _compare(left, right, descending, position)
            if result:
                return result
        return 0

    return sorted(places, key=cmp_to_key(compare))


def _compare(one: Value, other: Value, descending: bool, position: int) -> int:
    if one is UNDEFINED or other is UNDEFINED:
        return (one is UNDEFINED) - (other is UNDEFINED)
    for operand in (one, other):
        if operand.__class__ is not str and not is_number(operand):
            raise JsonataError("T2008", position, value=operand)
    if (one.__class__ is str) != (other.__class__ is str):
        raise JsonataError("T2007", position, value=one, value2=other)
    if one.__class__ is str:
        one, other = text_key(one), text_key(other)
    if one == other:
        return 0
    return (-1 if one < other else 1) * (-1 if descending else 1)
