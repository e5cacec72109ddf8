"""Paths that carry variables along: `@$name` (join), `#$name` (place) and `%` (parent).

Such a path is a stream of tuples: name -> value, with the context value under "@". Each step runs in a frame
[outer frame, tuple] and its tuples are those of the step before it, extended.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from asl_engine.query.jsonata import path_steps, predicates, steps
from asl_engine.query.jsonata.order import sort_tuples
from asl_engine.query.jsonata.scopes import Scope, carried_names, new_scope
from asl_engine.query.jsonata.shape import Core, SortStep
from asl_engine.query.jsonata.values import (
    MARKED,
    UNDEFINED,
    Code,
    Frame,
    Run,
    Tuples,
    Value,
    as_list,
    many,
    reduced,
    sequence,
)

if TYPE_CHECKING:
    from asl_engine.query.jsonata.compile import Compiler

TupleStep = Callable[[Tuples, Frame, Run], Tuples]


def path_code(compiler: Compiler, core: Core, scope: Scope) -> Code:
    parts: list[Core] = core.what.steps
    first_tuple = next(index for index, part in enumerate(parts) if part.tuple)
    inner = new_scope("tuple", scope, {name for part in parts for name in carried_names(part)})
    compiler.facts.uses_run = compiler.facts.uses_context = True
    with_items = steps.inner(compiler)
    early = [path_steps.step_code(compiler, part, scope) for part in parts[:first_tuple]]
    late = [_step(compiler, part, inner) for part in parts[first_tuple:]]
    group = None if core.group is None else compiler.grouping(core, inner)
    with_items.close(compiler)
    absolute = path_steps.is_absolute(parts[0])
    carries, marks_many = core.tuple, compiler.marks_many

    def run_path(value: Value, frame: Frame, run: Run) -> Value:
        items = value if not absolute and isinstance(value, list) else [value]
        for step in early:
            items = steps.flatten(step(items, frame, run))
            if not items:
                return UNDEFINED if group is None else group(Tuples(), frame, run)
        stream = Tuples({"@": item} for item in items)
        for late_step in late:
            stream = late_step(stream, frame, run)
        if group is not None:
            return group(stream, frame, run)
        if carries:
            return stream
        result = sequence([item["@"] for item in stream])
        if marks_many:
            result = many(result, run)
        if core.keep:
            result = steps.keep(result)
        return reduced(result) if result.__class__ in MARKED else result

    return run_path


def _step(compiler: Compiler, part: Core, scope: Scope) -> TupleStep:
    stages = [predicates.stage(compiler, each, scope) for each in part.stages]
    if part.what.__class__ is SortStep:
        return _sort_step(compiler, part, scope, stages)
    code = compiler.node(path_steps.bare(part), scope).code
    label = part.ancestor.name if part.ancestor else None
    focus, index = part.focus, part.index

    def extend(item: dict[str, Value], place: int, result: Value) -> dict[str, Value]:
        extended = dict(item)
        extended["@"] = item["@"] if focus else result
        if focus:
            extended[focus] = result
        if index:
            extended[index] = place
        if label:
            extended[label] = item["@"]
        return extended

    def step(stream: Tuples, frame: Frame, run: Run) -> Tuples:
        results = Tuples()
        for item in stream:
            found = code(item["@"], [frame, item], run)
            if found.__class__ is Tuples:
                results.extend({**item, **inner} for inner in found)
            elif found is not UNDEFINED:
                results.extend([extend(item, place, each) for place, each in enumerate(as_list(found))])
            run.charge(len(results) >> 6 or 1)
        return _staged(results, stages, frame, run)

    return step


def _sort_step(compiler: Compiler, part: Core, scope: Scope, stages: list[Code]) -> TupleStep:
    terms = [(descending, compiler.node(term, scope).code) for descending, term in part.what.terms]
    position = part.what.position

    def step(stream: Tuples, frame: Frame, run: Run) -> Tuples:
        run.charge(4 * len(stream))
        ordered = sort_tuples(stream, terms, frame, run, position)
        if part.index:
            ordered = Tuples({**item, part.index: place} for place, item in enumerate(ordered))
        return _staged(ordered, stages, frame, run)

    return step


def _staged(stream: Value, stages: list[Code], frame: Frame, run: Run) -> Tuples:
    for stage in stages:
        stream = stage(stream, frame, run)
    return stream if stream.__class__ is Tuples else Tuples(stream)
