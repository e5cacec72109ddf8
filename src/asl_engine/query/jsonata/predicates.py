"""Predicates, `[...]`: which items of a value a step keeps.

The commonest compare a field with a constant; they are decided for all items in one loop, as long as every item is an
object that has the field, with a value of the constant's kind.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from asl_engine.query.jsonata import steps
from asl_engine.query.jsonata import syntax as s
from asl_engine.query.jsonata.messages import out_of_steps
from asl_engine.query.jsonata.scopes import Scope
from asl_engine.query.jsonata.shape import Core, Path, Stage
from asl_engine.query.jsonata.values import (
    UNDEFINED,
    Code,
    Frame,
    Run,
    Sequence,
    Tuples,
    Value,
    is_number,
    sequence,
    truth,
)

if TYPE_CHECKING:
    from asl_engine.query.jsonata.compile import Compiler

Pairs = Iterable[tuple[Any, Any]]
_COMPARISONS: dict[str, Callable[[Pairs, Any], list[Value]]] = {
    "=": lambda pairs, constant: [item for item, field in pairs if field == constant],
    "!=": lambda pairs, constant: [item for item, field in pairs if field != constant],
    "<": lambda pairs, constant: [item for item, field in pairs if field < constant],
    ">": lambda pairs, constant: [item for item, field in pairs if field > constant],
    "<=": lambda pairs, constant: [item for item, field in pairs if field <= constant],
    ">=": lambda pairs, constant: [item for item, field in pairs if field >= constant],
}
"""The items of (item, field) whose field compares so with a constant; spelt out, because a call for each costs more
than the comparison."""


def stage(compiler: Compiler, part: Stage, scope: Scope) -> Code:
    """The code of a predicate: from a value to those of its items that pass, unreduced."""
    compiler.facts.uses_run = True
    predicate = part.predicate
    if predicate is None:
        return _index_stage(part.index)
    what = predicate.what
    if is_index(part):
        return _pick(math.floor(what.value))
    with_item = steps.inner(compiler)
    code = compiler.node(predicate, scope).code
    with_item.close(compiler)
    same_for_all = _is_bare(predicate, s.Variable) and what.name != "" and scope.kind != "tuple"
    return _filter(code, _comparison(predicate), same_for_all)


def is_index(part: Stage) -> bool:
    """Whether a stage is a number as it is written, as in `[0]`."""
    predicate = part.predicate
    return predicate is not None and _is_bare(predicate, s.Literal) and is_number(predicate.what.value)


def filters(part: Core) -> bool:
    """Whether the last thing that happens to a node is to be filtered. `[0]` gives an item itself, be it an array."""
    return bool(part.stages) and not is_index(part.stages[-1])


def _is_bare(core: Core, kind: type) -> bool:
    return core.what.__class__ is kind and not (core.stages or core.group or core.keep)


def _comparison(predicate: Core) -> tuple[str, str, Any] | None:
    """(field, operator, constant) of a predicate that compares the one with the other."""
    if not _is_bare(predicate, s.Binary) or predicate.what.op not in _COMPARISONS:
        return None
    lhs, rhs = predicate.what.lhs, predicate.what.rhs
    if not (_is_bare(lhs, Path) and len(lhs.what.steps) == 1 and _is_bare(rhs, s.Literal)):
        return None
    step, constant = lhs.what.steps[0], rhs.what.value
    if not _is_bare(step, s.Name) or step.tuple or constant.__class__ not in (int, str):
        return None
    if constant.__class__ is str and predicate.what.op not in ("=", "!="):
        return None
    return step.what.value, predicate.what.op, constant


def _pick(place: int) -> Code:
    """`[n]`: the item at a place, counted from the end if negative."""

    def pick(value: Value, frame: Frame, run: Run) -> Value:
        if not isinstance(value, list):
            return Sequence([value]) if place in (0, -1) and value is not UNDEFINED else Sequence()
        try:
            item = value[place]
        except IndexError:
            return Sequence()
        if value.__class__ is Tuples:
            return Tuples([item])
        return item if isinstance(item, list) else Sequence([item])

    return pick


def _filter(code: Code, comparison: tuple[str, str, Any] | None, same_for_all: bool) -> Code:
    """`[predicate]`: the items for which it is true, or whose place it names."""
    quick = None if comparison is None else _quick_filter(*comparison)

    def keep_matching(value: Value, frame: Frame, run: Run) -> Value:
        items = value if isinstance(value, list) else [value]
        if items.__class__ is Tuples:
            return _filter_tuples(items, code, frame, run)
        run.steps -= len(items)
        if run.steps < 0:
            raise out_of_steps()
        if quick is not None and (found := quick(items)) is not None:
            return sequence(found)
        if same_for_all and items:
            place = code(items[0], frame, run)
            if place.__class__ is int:
                place = place if place >= 0 else place + len(items)
                return Sequence([items[place]]) if 0 <= place < len(items) else Sequence()
        kept = []
        for place, item in enumerate(items):
            verdict = code(item, frame, run)
            if verdict is True or (verdict is not False and selects(verdict, place, len(items))):
                kept.append(item)
        return sequence(kept)

    return keep_matching


def _quick_filter(name: str, op: str, constant: Any) -> Callable[[list[Value]], list[Value] | None]:
    """The items that pass, or None if the comparison must be made with all its rules."""
    compare = _COMPARISONS[op]
    kind = constant.__class__

    def keep_matching(items: list[Value]) -> list[Value] | None:
        try:
            fields = [item[name] for item in items]
        except (KeyError, TypeError):
            return None
        if [*map(type, fields)].count(kind) != len(items):
            return None
        return compare(zip(items, fields, strict=True), constant)

    return keep_matching


def _index_stage(name: str) -> Code:
    """`#$name` after a predicate: binds the places of what is left."""

    def bind_places(value: Value, frame: Frame, run: Run) -> Value:
        return Tuples({**item, name: place} for place, item in enumerate(value))

    return bind_places


def _filter_tuples(stream: Tuples, predicate: Code, frame: Frame, run: Run) -> Tuples:
    run.charge(len(stream))
    kept = Tuples()
    for place, item in enumerate(stream):
        verdict = predicate(item["@"], [frame, item], run)
        if verdict is True or (verdict is not False and selects(verdict, place, len(stream))):
            kept.append(item)
    return kept


def selects(verdict: Value, place: int, size: int) -> bool:
    """Whether a predicate's value selects the item at `place`: as a number, one of several numbers, or a truth."""
    if is_number(verdict):
        return place_of(verdict, size) == place
    if isinstance(verdict, list) and all(map(is_number, verdict)):
        return any(place_of(each, size) == place for each in verdict)
    return truth(verdict)


def place_of(value: float, size: int) -> int:
    if not math.isfinite(value):
        return -1
    place = math.floor(value)
    return place + size if place < 0 else place
