"""Shapes a parsed tree for the compiler: paths become lists of steps, predicates hang on what they filter, and every
`%` finds the step whose context it names.

The rule for `%`: it looks for an owner outwards, step by step to its left; the step it finds (at as many levels up as
there are `%`) keeps its context under the slot's label, and the path becomes a stream of tuples that carry it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import count
from typing import Any

from asl_engine.query.jsonata import syntax as s
from asl_engine.query.jsonata.messages import JsonataError


class Slot:
    """What a `%` names: `level` steps still to go, and the label that the step's context is bound to."""

    __slots__ = ("label", "level", "merged")

    def __init__(self, label: str) -> None:
        self.label = label
        self.level = 1
        self.merged: Slot | None = None

    @property
    def name(self) -> str:
        slot = self
        while slot.merged is not None:
            slot = slot.merged
        return slot.label


class Stage:
    """What happens to a step's values: a predicate filters them, or an index binds their places to a variable."""

    __slots__ = ("index", "predicate")

    def __init__(self, predicate: Core | None, index: str = "") -> None:
        self.predicate = predicate
        self.index = index


class Core:
    """A node of the shaped tree, and what the tree around it has hung on it."""

    __slots__ = (
        "ancestor",
        "cons",
        "focus",
        "group",
        "group_position",
        "index",
        "keep",
        "position",
        "seeking",
        "stages",
        "tuple",
        "what",
    )

    def __init__(self, what: Any, position: int, *, seeking: Iterable[Slot] = (), keep: bool = False) -> None:
        self.what = what
        self.position = position
        self.stages: list[Stage] = []
        self.group: tuple[tuple[Core, Core], ...] | None = None
        self.group_position = 0
        self.keep = keep
        self.cons = False
        self.tuple = False
        self.focus: str | None = None
        self.index: str | None = None
        self.ancestor: Slot | None = None
        self.seeking = list(seeking)


class Path(s.Node):
    __match_args__ = ("steps",)
    steps: list[Core]


class SortStep(s.Node):
    __match_args__ = ("terms",)
    terms: list[tuple[bool, Core]]


class ParentStep(s.Node):
    __match_args__ = ("slot",)
    slot: Slot


def shape(tree: s.Tree) -> Core:
    """Raises JsonataError with an S code."""
    try:
        core = _Shaper().node(tree)
    except RecursionError:
        raise JsonataError("U1001") from None
    if core.seeking:
        raise JsonataError("S0217", core.position, token="parent")
    return core


class _Shaper:
    def __init__(self) -> None:
        self.labels = count()

    def node(self, tree: s.Tree) -> Core:
        return _SHAPES[tree.__class__](self, tree)

    def leaf(self, tree: s.Tree) -> Core:
        return Core(tree, tree.position)

    def parent(self, tree: s.Parent) -> Core:
        slot = Slot(f"%{next(self.labels)}")
        return Core(ParentStep(slot, position=tree.position), tree.position, seeking=[slot])

    def name(self, tree: s.Name) -> Core:
        return _path([Core(tree, tree.position)], tree.position)

    def binary(self, tree: s.Binary) -> Core:
        if tree.op == ".":
            return self.step(tree)
        lhs, rhs = self.node(tree.lhs), self.node(tree.rhs)
        whole = Core(s.Binary(tree.op, lhs, rhs, position=tree.position), tree.position)
        return _seek_with(whole, lhs, rhs)

    def step(self, tree: s.Binary) -> Core:
        path, rest = _as_path(self.node(tree.lhs)), self.node(tree.rhs)
        steps = path.what.steps
        if rest.what.__class__ is Path:
            steps.extend(rest.what.steps)
            path.keep = path.keep or rest.keep
        else:
            steps.append(rest)
        for step in steps:
            if step.what.__class__ is s.Literal:
                _literal_step(step)
        path.keep = path.keep or any(step.keep for step in steps)
        for step in (steps[0], steps[-1]):
            step.cons = step.cons or step.what.__class__ is s.ArrayOf
        _resolve_parents(path)
        return path

    def negate(self, tree: s.Negate) -> Core:
        operand = self.node(tree.operand)
        return _seek_with(Core(s.Negate(operand, position=tree.position), tree.position), operand)

    def array(self, tree: s.ArrayOf) -> Core:
        items = tuple(self.node(item) for item in tree.items)
        return _seek_with(Core(s.ArrayOf(items, position=tree.position), tree.position), *items)

    def object(self, tree: s.ObjectOf) -> Core:
        pairs = self.pairs(tree.pairs)
        whole = Core(s.ObjectOf(pairs, position=tree.position), tree.position)
        return _seek_with(whole, *(part for pair in pairs for part in pair))

    def pairs(self, pairs: tuple[tuple[s.Tree, s.Tree], ...]) -> tuple[tuple[Core, Core], ...]:
        return tuple((self.node(key), self.node(value)) for key, value in pairs)

    def group(self, tree: s.Group) -> Core:
        core = self.node(tree.lhs)
        if core.group is not None:
            raise JsonataError("S0210", tree.position)
        core.group, core.group_position = self.pairs(tree.pairs), tree.position
        return core

    def filter(self, tree: s.Filter) -> Core:
        core = self.node(tree.lhs)
        step = _last_step(core)
        if step.group is not None:
            raise JsonataError("S0209", tree.position)
        predicate = self.node(tree.predicate)
        for slot in predicate.seeking:
            if slot.level == 1:
                _seek_parent(step, slot)
            else:
                slot.level -= 1
        _seek_with(step, predicate)
        step.stages.append(Stage(predicate))
        return core

    def keep(self, tree: s.Keep) -> Core:
        core = self.node(tree.lhs)
        _last_step(core).keep = True
        core.keep = True
        return core

    def sort(self, tree: s.Sort) -> Core:
        path = _as_path(self.node(tree.lhs))
        terms = [(descending, self.node(term)) for descending, term in tree.terms]
        step = Core(SortStep(terms, position=tree.position), tree.position)
        _seek_with(step, *(term for _, term in terms))
        path.what.steps.append(step)
        _resolve_parents(path)
        return path

    def focus(self, tree: s.Focus) -> Core:
        core = self.node(tree.lhs)
        step = _last_step(core)
        if step.stages:
            raise JsonataError("S0215", tree.position)
        if step.what.__class__ is SortStep:
            raise JsonataError("S0216", tree.position)
        step.focus, step.tuple = tree.name, True
        return core

    def index(self, tree: s.Index) -> Core:
        path = _as_path(self.node(tree.lhs))
        step = path.what.steps[-1]
        if step.stages:
            step.stages.append(Stage(None, tree.name))
        else:
            step.index = tree.name
        step.tuple = True
        return path

    def block(self, tree: s.Block) -> Core:
        expressions = tuple(self.node(expression) for expression in tree.expressions)
        whole = Core(s.Block(expressions, position=tree.position), tree.position)
        whole.cons = any(part.cons or (part.what.__class__ is Path and part.what.steps[0].cons) for part in expressions)
        return _seek_with(whole, *expressions)

    def condition(self, tree: s.Condition) -> Core:
        test, then = self.node(tree.test), self.node(tree.then)
        otherwise = None if tree.otherwise is None else self.node(tree.otherwise)
        whole = Core(s.Condition(test, then, otherwise, position=tree.position), tree.position)
        return _seek_with(whole, test, then, *([] if otherwise is None else [otherwise]))

    def bind(self, tree: s.Bind) -> Core:
        value = self.node(tree.value)
        return _seek_with(Core(s.Bind(tree.name, value, position=tree.position), tree.position), value)

    def function(self, tree: s.Lambda) -> Core:
        body = self.node(tree.body)
        what = s.Lambda(tree.parameters, body, tree.signature, position=tree.position)
        return Core(what, tree.position)

    def call(self, tree: s.Call | s.Partial) -> Core:
        arguments = tuple(self.node(argument) for argument in tree.arguments)
        what = tree.__class__(self.node(tree.procedure), arguments, position=tree.position)
        return _seek_with(Core(what, tree.position), *arguments)

    def apply(self, tree: s.Apply) -> Core:
        lhs, rhs = self.node(tree.lhs), self.node(tree.rhs)
        whole = Core(s.Apply(lhs, rhs, position=tree.position), tree.position, keep=lhs.keep or rhs.keep)
        return _seek_with(whole, lhs, rhs)

    def transform(self, tree: s.Transform) -> Core:
        delete = None if tree.delete is None else self.node(tree.delete)
        what = s.Transform(self.node(tree.pattern), self.node(tree.update), delete, position=tree.position)
        return Core(what, tree.position)


_SHAPES: dict[type, Callable[[_Shaper, Any], Core]] = {
    s.Literal: _Shaper.leaf,
    s.Variable: _Shaper.leaf,
    s.Wildcard: _Shaper.leaf,
    s.Descendants: _Shaper.leaf,
    s.Regex: _Shaper.leaf,
    s.Placeholder: _Shaper.leaf,
    s.Parent: _Shaper.parent,
    s.Name: _Shaper.name,
    s.Binary: _Shaper.binary,
    s.Negate: _Shaper.negate,
    s.ArrayOf: _Shaper.array,
    s.ObjectOf: _Shaper.object,
    s.Group: _Shaper.group,
    s.Filter: _Shaper.filter,
    s.Keep: _Shaper.keep,
    s.Sort: _Shaper.sort,
    s.Focus: _Shaper.focus,
    s.Index: _Shaper.index,
    s.Block: _Shaper.block,
    s.Condition: _Shaper.condition,
    s.Bind: _Shaper.bind,
    s.Lambda: _Shaper.function,
    s.Call: _Shaper.call,
    s.Partial: _Shaper.call,
    s.Apply: _Shaper.apply,
    s.Transform: _Shaper.transform,
}


def _path(steps: list[Core], position: int) -> Core:
    return Core(Path(steps, position=position), position)


def _as_path(core: Core) -> Core:
    if core.what.__class__ is Path:
        return core
    path = _path([core], core.position)
    if core.what.__class__ is ParentStep:
        path.seeking = list(core.seeking)
    return path


def _last_step(core: Core) -> Core:
    return core.what.steps[-1] if core.what.__class__ is Path else core


def _literal_step(step: Core) -> None:
    """A string as a step is a field's name; no other literal can be one."""
    value = step.what.value
    if not isinstance(value, str):
        raise JsonataError("S0213", step.position, value=value)
    step.what = s.Name(value, position=step.position)


def _seek_with(whole: Core, *parts: Core) -> Core:
    """The slots that the parts could not find an owner for are the whole's to find."""
    for part in parts:
        whole.seeking.extend(part.seeking)
    return whole


def _resolve_parents(path: Core) -> None:
    steps = path.what.steps
    for slot in steps[-1].seeking:
        index = len(steps) - 2
        while slot.level > 0:
            if index < 0:
                path.seeking.append(slot)
                break
            step = steps[index]
            index -= 1
            while index >= 0 and step.focus and steps[index].focus:
                step = steps[index]
                index -= 1
            _seek_parent(step, slot)


def _seek_parent(step: Core, slot: Slot) -> None:
    """Goes one step to the left with a slot; binds it to the step where its level is used up."""
    kind = step.what.__class__
    if kind is s.Name or kind is s.Wildcard:
        slot.level -= 1
        if slot.level == 0:
            if step.ancestor is None:
                step.ancestor = slot
            else:
                slot.merged = step.ancestor
            step.tuple = True
    elif kind is ParentStep:
        slot.level += 1
    elif kind is s.Block:
        if step.what.expressions:
            step.tuple = True
            _seek_parent(step.what.expressions[-1], slot)
    elif kind is Path:
        step.tuple = True
        for inner in reversed(step.what.steps):
            _seek_parent(inner, slot)
            if slot.level <= 0:
                break
    else:
        raise JsonataError("S0217", step.position, token=kind.__name__.lower())
