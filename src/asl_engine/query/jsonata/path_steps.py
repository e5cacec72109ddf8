"""One step of a path as a function of the items it is applied to, its predicates included."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from asl_engine.query.jsonata import predicates, steps
from asl_engine.query.jsonata import syntax as s
from asl_engine.query.jsonata.order import sort_items
from asl_engine.query.jsonata.scopes import Scope
from asl_engine.query.jsonata.shape import Core, SortStep
from asl_engine.query.jsonata.values import UNDEFINED, Code, Frame, Run, Value, sequence

if TYPE_CHECKING:
    from asl_engine.query.jsonata.compile import Compiler

Step = Callable[[list[Value], Frame, Run], list[Value]]
"""One result for each item that gives one, not yet flattened."""


def step_code(compiler: Compiler, part: Core, scope: Scope, *, first: bool = False) -> Step:
    stages = [predicates.stage(compiler, each, scope) for each in part.stages]
    if part.what.__class__ is SortStep:
        return _sort_step(compiler, part, scope, stages)
    if part.what.__class__ is s.Name:
        return name_step(part.what.value, stages)
    code = compiler.node(bare(part), scope).code
    if first and is_absolute(part) and not stages:
        return lambda items, frame, run: [
            result for item in items if (result := code(item, frame, run)) is not UNDEFINED
        ]

    def step(items: list[Value], frame: Frame, run: Run) -> list[Value]:
        results = []
        run.charge(len(items))
        for item in items:
            result = code(item, frame, run)
            for filtered in stages:
                result = filtered(result, frame, run)
            if result is not UNDEFINED:
                results.append(result)
                if isinstance(result, list):
                    run.charge(len(result))
        return results

    return step


def is_absolute(first: Core) -> bool:
    """A path that begins with a variable is applied to it, not to the items of the context."""
    return first.what.__class__ is s.Variable


def bare(part: Core) -> Core:
    """A step without its predicates, which the path applies."""
    without = Core(part.what, part.position, keep=part.keep)
    without.cons, without.tuple, without.group = part.cons, part.tuple, part.group
    return without


def name_step(name: str, stages: list[Code]) -> Step:
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
