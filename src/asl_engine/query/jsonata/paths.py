"""Paths: `a.b[c > 1].d`. A step is applied to every item of what the step before it gave, and its results are flattened.

A path of plain field names becomes a chain of guarded lookups. A path with `@`, `#` or `%` becomes a stream of tuples
(see `tuples.py`). Everything else runs step by step.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from asl_engine.query.jsonata import steps, tuples
from asl_engine.query.jsonata import syntax as s
from asl_engine.query.jsonata.chains import chain
from asl_engine.query.jsonata.order import sort_items
from asl_engine.query.jsonata.scopes import Scope, is_free
from asl_engine.query.jsonata.shape import Core, SortStep, Stage
from asl_engine.query.jsonata.values import (
    MARKED,
    UNDEFINED,
    Code,
    Frame,
    Run,
    Sequence,
    Tuples,
    Value,
    is_number,
    reduced,
    sequence,
    truth,
)

if TYPE_CHECKING:
    from asl_engine.query.jsonata.compile import Compiler

Step = Callable[[list[Value], Frame, Run], list[Value]]
"""One result for each item that gives one, not yet flattened."""


def path_code(compiler: Compiler, core: Core, scope: Scope) -> tuple[Code, bool]:
    """The code of a path, and whether its values are plain."""
    parts: list[Core] = core.what.steps
    _note_path(compiler, parts, scope)
    if any(part.tuple for part in parts):
        return tuples.path_code(compiler, core, scope), False
    plain = _is_plain(compiler, core, scope)
    code = _general(compiler, core, scope)
    names = [part.what.value for part in parts[1:] if _is_bare_name(part)]
    if len(names) < len(parts) - 1 or core.group is not None or core.keep or parts[0].stages:
        return code, plain
    first = parts[0].what
    if first.__class__ is s.Name:
        return chain(None, [first.value, *names], code), plain
    if first.__class__ is s.Variable and first.name not in ("", "$") and names:
        start = compiler.node(parts[0], scope, escapes=False).code
        free = scope.kind == "root" and is_free(scope, first.name)
        return chain(start, names, code, first.name if free else None), plain
    return code, plain


def _note_path(compiler: Compiler, parts: list[Core], scope: Scope) -> None:
    """Notes what the path reads: the context, or fields of a variable as far as they are named."""
    first = parts[0].what
    if first.__class__ is s.Name:
        compiler.note_context(parts[0].position, first.value)
    elif first.__class__ is s.Variable and first.name not in ("", "$"):
        names: list[str] = []
        for part in parts[1:]:
            if part.what.__class__ is not s.Name:
                break
            names.append(part.what.value)
        compiler.note_read(first.name, scope, tuple(names))
        compiler.noted.add(id(first))


def _is_bare_name(part: Core) -> bool:
    return part.what.__class__ is s.Name and not part.stages


def _is_plain(compiler: Compiler, core: Core, scope: Scope) -> bool:
    """A path into the input or the bindings gives parts of them, as long as it only names, filters and indexes."""
    parts: list[Core] = core.what.steps
    first = parts[0].what
    from_outside = (
        (first.__class__ is s.Name and compiler.outermost)
        or (first.__class__ is s.Variable and first.name == "$")
        or (first.__class__ is s.Variable and first.name == "" and compiler.outermost)
        or (first.__class__ is s.Variable and is_free(scope, first.name))
    )
    named = all(part.what.__class__ is s.Name for part in parts[1:])
    return from_outside and named and not core.keep and core.group is None


def _general(compiler: Compiler, core: Core, scope: Scope) -> Code:
    """The first step still has the context around the path; an array constructor there is applied to it as a whole."""
    parts: list[Core] = core.what.steps
    first = parts[0]
    constructed = compiler.node(bare(first), scope).code if first.cons and not first.stages else None
    made = [] if constructed is not None else [step_code(compiler, first, scope)]
    with_items = steps.inner(compiler)
    made += [step_code(compiler, part, scope) for part in parts[1:]]
    with_items.close(compiler)
    group = None if core.group is None else compiler.grouping(core, scope)
    if not all(_is_bare_name(part) for part in parts):
        compiler.facts.uses_run = True
    return _run_steps(made, is_absolute(first), constructed, core.keep, group)


def _run_steps(made: list[Step], absolute: bool, constructed: Code | None, keep: bool, group: Code | None) -> Code:
    *early, last = made or [None]

    def run_path(value: Value, frame: Frame, run: Run) -> Value:
        items = value if not absolute and isinstance(value, list) else [value]
        result: Value = items
        if constructed is not None:
            result = items = constructed(items, frame, run)
        for step in early:
            items = steps.flatten(step(items, frame, run))
            if not items:
                break
        if not items:
            result = items
        elif last is not None:
            result = steps.final(last(items, frame, run))
        if keep:
            result = steps.keep(result)
        if group is not None:
            result = group(result, frame, run)
        return reduced(result) if result.__class__ in MARKED or not result else result

    def run_plain(value: Value, frame: Frame, run: Run) -> Value:
        items = value if not absolute and isinstance(value, list) else [value]
        for step in early:
            items = steps.flatten(step(items, frame, run))
            if not items:
                return UNDEFINED
        assert last is not None
        result = steps.final(last(items, frame, run))
        return reduced(result) if result.__class__ in MARKED else result

    if keep or group is not None or constructed is not None:
        return run_path
    return run_plain


def step_code(compiler: Compiler, part: Core, scope: Scope) -> Step:
    stages = [stage(compiler, each, scope) for each in part.stages]
    if part.what.__class__ is SortStep:
        return _sort_step(compiler, part, scope, stages)
    if part.what.__class__ is s.Name:
        return _name_step(part.what.value, stages)
    code = compiler.node(bare(part), scope).code

    def step(items: list[Value], frame: Frame, run: Run) -> list[Value]:
        results = []
        run.charge(len(items))
        for item in items:
            result = code(item, frame, run)
            for filtered in stages:
                result = filtered(result, frame, run)
            if result is not UNDEFINED:
                results.append(result)
        return results

    return step


def is_absolute(first: Core) -> bool:
    """A path that begins with a variable is applied to it, not to the items of the context."""
    return first.what.__class__ is s.Variable


def bare(part: Core) -> Core:
    """A step without its predicates, which the path applies."""
    return Core(part.what, part.position, cons=part.cons, tuple=part.tuple, keep=part.keep, group=part.group)


def _name_step(name: str, stages: list[Code]) -> Step:
    def field(items: list[Value], frame: Frame, run: Run) -> list[Value]:
        return steps.field_of_all(items, name)

    def filtered_field(items: list[Value], frame: Frame, run: Run) -> list[Value]:
        results = []
        run.charge(len(items))
        for result in steps.field_of_all(items, name):
            for filtered in stages:
                result = filtered(result, frame, run)
            results.append(result)
        return results

    return filtered_field if stages else field


def _sort_step(compiler: Compiler, part: Core, scope: Scope, stages: list[Code]) -> Step:
    terms = [(descending, compiler.node(term, scope).code) for descending, term in part.what.terms]

    def step(items: list[Value], frame: Frame, run: Run) -> list[Value]:
        run.charge(4 * len(items))
        ordered = sort_items(items, terms, frame, run, part.what.position)
        result: Value = sequence(ordered) if len(ordered) < 2 else ordered
        for filtered in stages:
            result = filtered(result, frame, run)
        return [result]

    return step


def stage(compiler: Compiler, part: Stage, scope: Scope) -> Code:
    """The code of a predicate: from a value to those of its items that pass, unreduced."""
    compiler.facts.uses_run = True
    predicate = part.predicate
    if predicate is None:
        return tuples.index_stage(part.index)
    what = predicate.what
    bare_predicate = not (predicate.stages or predicate.group or predicate.keep)
    if what.__class__ is s.Literal and is_number(what.value) and bare_predicate:
        return _pick(math.floor(what.value))
    with_item = steps.inner(compiler)
    code = compiler.node(predicate, scope).code
    with_item.close(compiler)
    same_for_all = what.__class__ is s.Variable and what.name != "" and bare_predicate and scope.kind != "tuple"
    return _filter(code, same_for_all)


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


def _filter(code: Code, same_for_all: bool) -> Code:
    """`[predicate]`: the items for which it is true, or whose place it names."""

    def keep_matching(value: Value, frame: Frame, run: Run) -> Value:
        items = value if isinstance(value, list) else [value]
        if items.__class__ is Tuples:
            return tuples.filter_tuples(items, code, frame, run)
        run.charge(len(items))
        if same_for_all and items:
            place = code(items[0], frame, run)
            if place.__class__ is int:
                place = place if place >= 0 else place + len(items)
                return Sequence([items[place]]) if 0 <= place < len(items) else Sequence()
        kept = []
        place = 0
        for item in items:
            verdict = code(item, frame, run)
            if verdict is True or (verdict is not False and selects(verdict, place, len(items))):
                kept.append(item)
            place += 1
        return sequence(kept)

    return keep_matching


def selects(verdict: Value, place: int, size: int) -> bool:
    """Whether a predicate's value selects the item at `place`: as a number, as one of several numbers, or as a truth."""
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
