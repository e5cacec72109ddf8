"""Chains of field names, the commonest of all paths: lookups that trust every value to be an object, and fall back to
the general path where one is not (a missing field and an array show as KeyError and TypeError)."""

from __future__ import annotations

from asl_engine.query.jsonata.values import MARKED, Code, Frame, Run, Value


def chain(start: Code | None, names: list[str], general: Code, free: str | None = None) -> Code:
    """`start.a.b`, or `a.b` of the context if there is no start. `free`: start is this binding, and the frame holds
    the bindings."""
    if free is not None and len(names) <= 3:
        return _of_binding(free, names, general)
    if start is None:
        return _of_context(names, general)
    if len(names) == 1:
        return _field_of(start, names[0], general)

    def follow(value: Value, frame: Frame, run: Run) -> Value:
        try:
            result = start(value, frame, run)
            for name in names:
                result = result[name]
        except (KeyError, TypeError):
            return general(value, frame, run)
        return general(value, frame, run) if result.__class__ in MARKED else result

    return follow


def _field_of(start: Code, name: str, general: Code) -> Code:
    def field(value: Value, frame: Frame, run: Run) -> Value:
        try:
            result = start(value, frame, run)[name]
        except (KeyError, TypeError):
            return general(value, frame, run)
        return general(value, frame, run) if result.__class__ in MARKED else result

    return field


def _of_context(names: list[str], general: Code) -> Code:
    first, *rest = names

    def field(value: Value, frame: Frame, run: Run) -> Value:
        try:
            result = value[first]
        except (KeyError, TypeError):
            return general(value, frame, run)
        return general(value, frame, run) if result.__class__ in MARKED else result

    def follow(value: Value, frame: Frame, run: Run) -> Value:
        try:
            result = value[first]
            for name in rest:
                result = result[name]
        except (KeyError, TypeError):
            return general(value, frame, run)
        return general(value, frame, run) if result.__class__ in MARKED else result

    return follow if rest else field


def _of_binding(variable: str, names: list[str], general: Code) -> Code:
    """What is bound from outside holds no marked lists, so the result needs no test."""
    first, second, third = [*names, "", ""][:3]

    def one(value: Value, frame: Frame, run: Run) -> Value:
        try:
            return frame[variable][first]
        except (KeyError, TypeError):
            return general(value, frame, run)

    def two(value: Value, frame: Frame, run: Run) -> Value:
        try:
            return frame[variable][first][second]
        except (KeyError, TypeError):
            return general(value, frame, run)

    def three(value: Value, frame: Frame, run: Run) -> Value:
        try:
            return frame[variable][first][second][third]
        except (KeyError, TypeError):
            return general(value, frame, run)

    return (one, two, three)[len(names) - 1]
