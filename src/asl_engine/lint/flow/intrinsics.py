"""Intrinsic functions over shapes: the types that each argument must have, and the shape of the result.

States language specification, "Intrinsic Functions"; one row a function. A function without a row takes anything and
gives anything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

from asl_engine.jsonvalue import Json, text_size
from asl_engine.lint.flow.shape import (
    ANY_BOOLEAN,
    ANY_NUMBER,
    ANY_STRING,
    ANYTHING,
    ARRAY,
    BOOLEAN,
    CLOSED,
    NUMBER,
    OBJECT,
    SCALARS,
    STRING,
    Member,
    Members,
    Shape,
    any_item,
    array_of,
    is_never,
    join,
    kinds,
    list_of,
    member,
    object_of,
)

Kinds: TypeAlias = frozenset[str]
Result: TypeAlias = Callable[[Sequence[Shape]], Shape]

MOST_IN_RANGE = 1000
ANY: Kinds = SCALARS | {OBJECT, ARRAY}
TEXT, NUMBERS, LIST, OBJECTS = (frozenset({kind}) for kind in (STRING, NUMBER, ARRAY, OBJECT))


class Row(NamedTuple):
    """What a function needs, argument by argument, and what it gives."""

    needs: Sequence[Kinds]
    result: Result


def _always(shape: Shape) -> Result:
    return lambda arguments: shape


def _chunks(arguments: Sequence[Shape]) -> Shape:
    return list_of(list_of(any_item(arguments[0])))


def _item(arguments: Sequence[Shape]) -> Shape:
    values, index = arguments
    found = any_item(values)
    if type(index.constant) is int and index.constant >= 0:
        found = member(values, index.constant).shape
    return ANYTHING if is_never(found) else found


def _unique(arguments: Sequence[Shape]) -> Shape:
    return list_of(any_item(arguments[0]))


def _range(arguments: Sequence[Shape]) -> Shape:
    """Each number has a digit, and a comma or a bracket after it."""
    first, last, step = (shape.constant for shape in arguments)
    if not (type(first) is int and type(last) is int and type(step) is int) or step == 0:
        return list_of(ANY_NUMBER)
    count = max(0, min((last - first) // step + 1, MOST_IN_RANGE))
    return list_of(ANY_NUMBER)._replace(least=max(2, 1 + 2 * count))


def _merged(arguments: Sequence[Shape]) -> Shape:
    """The second object's fields stand over the first one's."""
    first, second = (shape.fields or CLOSED for shape in arguments[:2])
    known = {**_beneath(first, second), **_above(first, second)}
    rest = None if first.rest is None or second.rest is None else join(first.rest, second.rest)
    return object_of(known, rest)


def _beneath(first: Members, second: Members) -> dict[str, Member]:
    over = ANYTHING if second.rest is None else second.rest
    return {name: Member(join(shape, over), always) for name, (shape, always) in first.known.items()}


def _above(first: Members, second: Members) -> dict[str, Member]:
    below = ANYTHING if first.rest is None else first.rest
    found = {}
    for name, (shape, always) in second.known.items():
        under = first.known.get(name, Member(below, False))
        found[name] = Member(shape if always else join(shape, under.shape), always or under.always)
    return found


def _quoted(arguments: Sequence[Shape]) -> Shape:
    """JsonToString: the value's text, in quotes."""
    return ANY_STRING._replace(least=2 + arguments[0].least)


def _format(arguments: Sequence[Shape]) -> Shape:
    """The template's own text, without its `{}`, and the text of every argument that is a string."""
    template: Json = arguments[0].constant
    least = text_size(template) - 2 * (len(arguments) - 1) if isinstance(template, str) else 2
    least += sum(given.least - 2 for given in arguments[1:] if kinds(given) == TEXT)
    return ANY_STRING._replace(least=max(2, least))


INTRINSICS: dict[str, Row] = {
    "States.Array": Row((), array_of),
    "States.ArrayPartition": Row((LIST, NUMBERS), _chunks),
    "States.ArrayContains": Row((LIST, ANY), _always(ANY_BOOLEAN)),
    "States.ArrayRange": Row((NUMBERS, NUMBERS, NUMBERS), _range),
    "States.ArrayGetItem": Row((LIST, NUMBERS), _item),
    "States.ArrayLength": Row((LIST,), _always(ANY_NUMBER)),
    "States.ArrayUnique": Row((LIST,), _unique),
    "States.Base64Encode": Row((TEXT,), _always(ANY_STRING)),
    "States.Base64Decode": Row((TEXT,), _always(ANY_STRING)),
    "States.Format": Row((TEXT,), _format),
    "States.Hash": Row((ANY, TEXT), _always(ANY_STRING)),
    "States.JsonMerge": Row((OBJECTS, OBJECTS, frozenset({BOOLEAN})), _merged),
    "States.JsonToString": Row((ANY,), _quoted),
    "States.MathAdd": Row((NUMBERS, NUMBERS), _always(ANY_NUMBER)),
    "States.MathRandom": Row((NUMBERS, NUMBERS, NUMBERS), _always(ANY_NUMBER)),
    "States.StringSplit": Row((TEXT, TEXT), _always(list_of(ANY_STRING))),
    "States.StringToJson": Row((TEXT,), _always(ANYTHING)),
    "States.UUID": Row((), _always(ANY_STRING)),
}


def unfit(name: str, arguments: Sequence[Shape]) -> tuple[int, Kinds] | None:
    """The first argument that is never of a type that the function takes, and the types it takes."""
    row = INTRINSICS.get(name)
    for place, (needed, given) in enumerate(zip(row.needs if row else (), arguments, strict=False)):
        if not is_never(given) and not kinds(given) & needed:
            return place, needed
    return None


def result_of(name: str, arguments: Sequence[Shape]) -> Shape:
    """The shape of what a call gives."""
    row = INTRINSICS.get(name)
    return row.result(arguments) if row else ANYTHING
