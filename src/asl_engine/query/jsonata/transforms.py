"""The transform operator `|pattern|update, delete|`: a function that gives a changed copy of what it is applied to."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from asl_engine.query.jsonata.messages import JsonataError
from asl_engine.query.jsonata.values import UNDEFINED, Budget, Code, Frame, Run, Value, as_list, clone


def transformer(
    pattern: Code, update: Code, delete: Code | None, frame: Frame, places: tuple[int, int]
) -> Callable[[list[Value], Run], Value]:
    """`places`: the positions of the update and of the delete clause, for errors."""

    def transform(arguments: list[Value], run: Run) -> Value:
        if arguments[0] is UNDEFINED:
            return UNDEFINED
        result = clone(arguments[0], Budget())
        own = {id(each) for each in _objects(result)}
        run.charge(len(own))
        matches = pattern(result, frame, run)
        for match in [] if matches is UNDEFINED else as_list(matches):
            target = match if id(match) in own else {}  # what lies outside of the copy is not ours to change
            _update(target, update(match, frame, run), places[0])
            if delete is not None:
                _delete(target, delete(match, frame, run), places[1])
        return result

    return transform


def _objects(value: Value) -> Iterator[dict[str, Value]]:
    if value.__class__ is dict:
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _objects(item)


def _update(target: dict[str, Value], change: Value, position: int) -> None:
    if change is UNDEFINED:
        return
    if change.__class__ is not dict:
        raise JsonataError("T2011", position, value=change)
    target.update(change)


def _delete(target: dict[str, Value], names: Value, position: int) -> None:
    if names is UNDEFINED:
        return
    for name in as_list(names):
        if name.__class__ is not str:
            raise JsonataError("T2012", position, value=names)
    for name in as_list(names):
        target.pop(name, None)
