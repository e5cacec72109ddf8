"""Paths: `a.b[c > 1].d`. A step is applied to every item of what the step before it gave, its results are flattened.

A path of plain field names becomes a chain of guarded lookups. A path with `@`, `#` or `%` becomes a stream of tuples
(see `tuples.py`). Everything else runs step by step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from asl_engine.query.jsonata import path_steps, predicates, steps, tuples
from asl_engine.query.jsonata import syntax as s
from asl_engine.query.jsonata.chains import chain
from asl_engine.query.jsonata.scopes import Scope, is_free
from asl_engine.query.jsonata.shape import Core, SortStep
from asl_engine.query.jsonata.values import (
    MARKED,
    UNDEFINED,
    Code,
    Cons,
    Frame,
    Run,
    Sequence,
    Value,
    many,
    reduced,
    sequence,
)

if TYPE_CHECKING:
    from asl_engine.query.jsonata.compile import Compiler


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


def _is_cheap(first: Core) -> bool:
    """A first step that is never applied to many items, so that it charges nothing."""
    return first.what.__class__ in (s.Name, s.Variable) and not first.stages


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
    if not all(_is_bare_name(part) for part in parts[1:]) or not _is_cheap(first):
        compiler.facts.uses_run = True
    start, rest = _start(compiler, parts, scope)
    with_items = steps.inner(compiler)
    early = [_flat_step(compiler, part, scope) for part in rest[:-1]]
    last = _last_step(compiler, rest[-1], scope) if rest else None
    with_items.close(compiler)
    group = None if core.group is None else compiler.grouping(core, scope)
    if core.keep or group is not None or last is None:
        filters = compiler.marks_many and last is None and predicates.filters(first)
        return _run_dressed(start, early, last, core.keep, group, filters)
    nothing: Value = [] if first.cons and not first.stages else UNDEFINED  # `[].a` is the empty array itself
    return _run_plain(start, early, last, nothing)


def _flat_step(compiler: Compiler, part: Core, scope: Scope) -> path_steps.Step:
    if _is_bare_name(part):
        return steps.fields_flat(part.what.value)
    step = path_steps.step_code(compiler, part, scope)
    return lambda items, frame, run: steps.flatten(step(items, frame, run))


def _last_step(compiler: Compiler, part: Core, scope: Scope) -> Code:
    """From the items to the result of the path, not yet reduced."""
    if compiler.marks_many:
        return _marking_step(compiler, part, scope)
    if _is_bare_name(part):
        return steps.fields_final(part.what.value)
    step = path_steps.step_code(compiler, part, scope)
    return lambda items, frame, run: steps.final(step(items, frame, run))


def _marking_step(compiler: Compiler, part: Core, scope: Scope) -> Code:
    """A last step whose results are marked as a sequence: all but a single array that it found as it is."""
    step = path_steps.step_code(compiler, part, scope)
    if part.what.__class__ is SortStep:
        return lambda items, frame, run: steps.final(step(items, frame, run))
    filters = predicates.filters(part)

    def last(items: list[Value], frame: Frame, run: Run) -> Value:
        results = step(items, frame, run)
        found = steps.final(results)
        return many(found, run) if filters or len(results) > 1 else found

    return last


Start = Callable[[Value, Frame, Run], list[Value]]
"""The items that the steps of a path begin with."""


def _start(compiler: Compiler, parts: list[Core], scope: Scope) -> tuple[Start, list[Core]]:
    """What a path begins with, and the steps that are left: plain names at the beginning are looked up in a chain."""
    first = parts[0]
    if first.cons and not first.stages:
        return compiler.node(path_steps.bare(first), scope).code, parts[1:]
    count = next((place for place, part in enumerate(parts[1:], 1) if not _is_bare_name(part)), len(parts))
    if not _is_cheap(first) or count == len(parts):
        if len(parts) == 1:
            return _context_alone if path_steps.is_absolute(first) else _context_items, parts
        return _first_items(
            path_steps.step_code(compiler, first, scope, first=True), path_steps.is_absolute(first)
        ), parts[1:]
    code = _chain(compiler, parts[:count], scope)
    if count < len(parts) - 1 and parts[count].what.__class__ is s.Name:
        with_items = steps.inner(compiler)
        filters = [predicates.stage(compiler, each, scope) for each in parts[count].stages]
        with_items.close(compiler)
        return _filtered_start(code, parts[count].what.value, filters), parts[count + 1 :]

    def start(value: Value, frame: Frame, run: Run) -> list[Value]:
        found = code(value, frame, run)
        if found is UNDEFINED:
            return []
        return found if isinstance(found, list) and found.__class__ is not Cons else [found]

    return start, parts[count:]


def _filtered_start(code: Code, name: str, filters: list[Code]) -> Start:
    """`chain.name[...]`, as a path most often begins: the filters meet one value as long as the chain leads to one."""
    step = path_steps.name_step(name, filters)

    def start(value: Value, frame: Frame, run: Run) -> list[Value]:
        found = code(value, frame, run)
        if found.__class__ is not dict:
            items = [] if found is UNDEFINED else found if isinstance(found, list) else [found]
            return steps.flatten(step(items, frame, run))
        result = found.get(name, UNDEFINED)
        if result is UNDEFINED:
            return []
        for each in filters:
            result = each(result, frame, run)
        return result if isinstance(result, list) and result.__class__ is not Cons else [result]

    return start


def _context_items(value: Value, frame: Frame, run: Run) -> list[Value]:
    return value if isinstance(value, list) else [value]


def _context_alone(value: Value, frame: Frame, run: Run) -> list[Value]:
    return [value]


def _first_items(step: path_steps.Step, absolute: bool) -> Start:
    def start(value: Value, frame: Frame, run: Run) -> list[Value]:
        items = value if not absolute and isinstance(value, list) else [value]
        return steps.flatten(step(items, frame, run))

    return start


def _chain(compiler: Compiler, parts: list[Core], scope: Scope) -> Code:
    """The code of a variable and names, or names alone, whose sequence is not reduced."""
    first = parts[0].what
    names = [part.what.value for part in parts[1:]]
    made = [path_steps.name_step(name, []) for name in names]
    items = _first_items(path_steps.step_code(compiler, parts[0], scope, first=True), path_steps.is_absolute(parts[0]))

    def follow(value: Value, frame: Frame, run: Run) -> Value:
        results = items(value, frame, run)
        for each in made:
            results = steps.flatten(each(results, frame, run))
        return sequence(results)

    if first.__class__ is s.Name:
        return chain(None, [first.value, *names], follow)
    if first.name in ("", "$") or not names:
        return follow
    start = compiler.node(parts[0], scope, escapes=False).code
    return chain(start, names, follow, first.name if scope.kind == "root" and is_free(scope, first.name) else None)


def _run_plain(start: Start, early: list[path_steps.Step], last: Code, nothing: Value) -> Code:
    def run_path(value: Value, frame: Frame, run: Run) -> Value:
        items = start(value, frame, run)
        if not items:
            return nothing
        for step in early:
            items = step(items, frame, run)
        if not items:
            return UNDEFINED
        result = last(items, frame, run)
        return reduced(result) if result.__class__ in MARKED else result

    return run_path


def _run_dressed(
    start: Start, early: list[path_steps.Step], last: Code | None, keep: bool, group: Code | None, filters: bool
) -> Code:
    """With `[]` or a grouping, or with an array constructor as its only step."""

    def run_path(value: Value, frame: Frame, run: Run) -> Value:
        result: Value = start(value, frame, run)
        for step in early:
            result = step(result, frame, run)
        if last is not None and result:
            result = last(result, frame, run)
        if filters:
            result = many(sequence(result), run)
        if not result and result.__class__ is list:
            result = Sequence()
        if keep:
            result = steps.keep(result)
        if group is not None:
            result = group(result, frame, run)
        return reduced(result) if result.__class__ in MARKED else result

    return run_path
