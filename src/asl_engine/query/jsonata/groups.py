"""Constructors: objects, arrays, and grouping `value{key: value}`."""

from __future__ import annotations

from typing import Any

from asl_engine.query.jsonata.messages import JsonataError
from asl_engine.query.jsonata.values import (
    UNDEFINED,
    Code,
    Cons,
    Frame,
    Function,
    Run,
    Sequence,
    Tuples,
    Value,
    append,
)

_PLAIN = frozenset({str, int, float, bool, dict, list, type(None)})
Pairs = list[tuple[Code, Code]]


def storable(value: Value, run: Run) -> Value:
    """A value as part of another: what is not plain is noted, so that it is made plain when handed out."""
    if value.__class__ not in _PLAIN and isinstance(value, (Function, Sequence, Cons)):
        run.marked = True
    return value


def array_of(items: list[tuple[Code, bool]], cons: bool, plain: bool) -> Code:
    """`[a, b]`: the items in one array; those that are no array constructors themselves give their members."""

    def construct(value: Value, frame: Frame, run: Run) -> Value:
        array: list[Value] = []
        for code, nested in items:
            item = code(value, frame, run)
            if nested:
                array.append(item if plain else storable(item, run))
            elif isinstance(item, list):
                array.extend(item)
            elif item is not UNDEFINED:
                array.append(item if plain else storable(item, run))
        if cons:
            run.marked = True
            return Cons(array)
        return array

    return construct


def object_of(keys: list[Any], pairs: Pairs, plain: bool, position: int) -> Code:
    """`{key: value}`: one object for the context; grouped by key where the context is an array."""
    general = group_by(pairs, position)
    if not all(isinstance(key, str) for key in keys) or len(set(keys)) != len(keys):
        return general
    fields = [(key, code) for key, (_, code) in zip(keys, pairs, strict=True)]

    def construct(value: Value, frame: Frame, run: Run) -> Value:
        if isinstance(value, list):
            return general(value, frame, run)
        result = {}
        for key, code in fields:
            member = code(value, frame, run)
            if member is not UNDEFINED:
                result[key] = member if plain else storable(member, run)
        return result

    return construct


def group_by(pairs: Pairs, position: int) -> Code:
    """Groups the items by the key that each pair gives them, then gives each group its value."""

    def group(value: Value, frame: Frame, run: Run) -> Value:
        if value.__class__ is Tuples:
            return _group_tuples(pairs, value, frame, run, position)
        items = value if isinstance(value, list) else [value]
        if run is not None:
            run.charge(len(items) * len(pairs))
        groups: dict[str, tuple[int, list[Value]]] = {}
        for item in items or [UNDEFINED]:
            for index, (key_code, _) in enumerate(pairs):
                _add(groups, key_code(item, frame, run), index, item, position)
        result = {}
        for key, (index, members) in groups.items():
            member = pairs[index][1](_merged(members), frame, run)
            if member is not UNDEFINED:
                result[key] = member if run is None else storable(member, run)
        return result

    return group


def _add(groups: dict[str, tuple[int, list[Value]]], key: Value, index: int, item: Value, position: int) -> None:
    if key is UNDEFINED:
        return
    if key.__class__ is not str:
        raise JsonataError("T1003", position, value=key)
    found = groups.setdefault(key, (index, []))
    if found[0] != index:
        raise JsonataError("D1009", position, value=key)
    found[1].append(item)


def _merged(members: list[Value]) -> Value:
    """The items of one group as the context of its value: one item as it is, more as one array."""
    if len(members) == 1:
        return members[0]
    merged: list[Value] = []
    for member in members:
        if isinstance(member, list):
            merged.extend(member)
        elif member is not UNDEFINED:
            merged.append(member)
    return merged


def _group_tuples(pairs: Pairs, tuples: Tuples, frame: Frame, run: Run, position: int) -> Value:
    run.charge(len(tuples) * len(pairs))
    groups: dict[str, tuple[int, list[Value]]] = {}
    for item in tuples or [{"@": UNDEFINED}]:
        for index, (key_code, _) in enumerate(pairs):
            _add(groups, key_code(item["@"], [frame, item], run), index, item, position)
    result = {}
    for key, (index, members) in groups.items():
        merged = _merged_tuple(members)
        member = pairs[index][1](merged.pop("@", UNDEFINED), [frame, merged], run)
        if member is not UNDEFINED:
            result[key] = storable(member, run)
    return result


def _merged_tuple(members: list[dict[str, Value]]) -> dict[str, Value]:
    """The tuples of one group as one: each variable holds all its values."""
    merged = dict(members[0])
    for member in members[1:]:
        for name, value in member.items():
            merged[name] = append(merged.get(name, UNDEFINED), value)
    return merged
