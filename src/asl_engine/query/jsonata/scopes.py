"""Where a variable stands, decided when an expression is compiled.

At the root a frame is the mapping of bindings itself. A block that assigns, and every function, has a frame of its own:
a list [outer frame, value, value ...]. Inside a stream of tuples it is [outer frame, tuple]. A name may have several
candidates, innermost first, because an assignment that was not reached leaves the outer variable visible.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from asl_engine.query.jsonata import syntax as s
from asl_engine.query.jsonata.callables import UNBOUND
from asl_engine.query.jsonata.shape import Core, Path, Stage
from asl_engine.query.jsonata.values import MARKED, UNDEFINED, Code, Frame, Run, Value, reduced


class Scope:
    """`kind`: "root", "block", "function" or "tuple". `names`: name -> place in the frame. `assigned`: those whose
    assignment comes before the place that is being compiled."""

    __slots__ = ("assigned", "kind", "names", "outer", "parameters")

    def __init__(self, kind: str, outer: Scope | None = None) -> None:
        self.kind = kind
        self.outer = outer
        self.names: dict[str, int] = {}
        self.assigned: set[str] = set()
        self.parameters = 0

    def candidates(self, name: str) -> Iterator[tuple[int, Scope]]:
        """(hops outwards, scope) for every scope that may bind the name, and last the root."""
        scope: Scope | None = self
        hops = 0
        while scope is not None:
            if name in scope.names or scope.kind == "root":
                yield hops, scope
            scope = scope.outer
            hops += 1

    def assignable(self) -> tuple[int, Scope]:
        """The scope that an assignment here binds in: a stream of tuples is passed over."""
        hops, scope = 0, self
        while scope.kind == "tuple" and scope.outer is not None:
            hops, scope = hops + 1, scope.outer
        return hops, scope


def new_scope(kind: str, outer: Scope | None, names: Iterable[str], parameters: Iterable[str] = ()) -> Scope:
    scope = Scope(kind, outer)
    for name in parameters:
        scope.names[name] = len(scope.names) + 1
    scope.assigned.update(scope.names)
    scope.parameters = len(scope.names)
    for name in names:
        scope.names.setdefault(name, len(scope.names) + 1)
    return scope


def assigned_names(tree: object) -> Iterator[str]:
    """The variables assigned in a tree, without those of the blocks and functions in it."""
    if isinstance(tree, (tuple, list)):
        for part in tree:
            yield from assigned_names(part)
    elif isinstance(tree, Core):
        yield from assigned_names((tree.what, tree.stages, tree.group))
    elif isinstance(tree, Stage):
        yield from assigned_names(tree.predicate)
    elif isinstance(tree, s.Node) and not isinstance(tree, (s.Block, s.Lambda)):
        if isinstance(tree, s.Bind):
            yield tree.name
        yield from assigned_names(tree.fields())


def carried_names(core: Core) -> Iterator[str]:
    """The variables that a stream of tuples carries out of a step: its own, and those of the path within."""
    for name in (core.focus, core.index, core.ancestor.name if core.ancestor else None):
        if name:
            yield name
    for stage in core.stages:
        if stage.index:
            yield stage.index
    if isinstance(core.what, Path) and core.tuple:
        for step in core.what.steps:
            yield from carried_names(step)
    elif isinstance(core.what, s.Block) and core.what.expressions:
        yield from carried_names(core.what.expressions[-1])


def is_free(scope: Scope, name: str) -> bool:
    return all(candidate.kind == "root" for _, candidate in scope.candidates(name))


def read_variable(scope: Scope, name: str, default: Value) -> Code:
    """The code that reads a variable; `default` is the built-in of that name, or UNDEFINED."""
    *locals_, (root_hops, _) = scope.candidates(name)
    if not locals_:
        return _read_root(name, root_hops, default)
    hops, owner = locals_[0]
    place = owner.names[name]
    if owner.kind == "function" and place <= owner.parameters:
        return _read_parameter(hops, place)
    places = [(hops, "" if owner.kind == "tuple" else owner.names[name]) for hops, owner in locals_]
    return _read_first(places, name, _read_root(name, root_hops, default))


def _read_root(name: str, hops: int, default: Value) -> Code:
    def read(value: Value, frame: Frame, run: Run) -> Value:
        try:
            return frame[name]
        except KeyError:
            return default

    def read_outwards(value: Value, frame: Frame, run: Run) -> Value:
        for _ in range(hops):
            frame = frame[0]
        try:
            return frame[name]
        except KeyError:
            return default

    return read_outwards if hops else read


def _read_parameter(hops: int, place: int) -> Code:
    def read(value: Value, frame: Frame, run: Run) -> Value:
        result = frame[place]
        return reduced(result) if result.__class__ in MARKED else result

    def read_outwards(value: Value, frame: Frame, run: Run) -> Value:
        for _ in range(hops):
            frame = frame[0]
        result = frame[place]
        return reduced(result) if result.__class__ in MARKED else result

    return read_outwards if hops else read


def _read_first(places: list[tuple[int, int | str]], name: str, root: Code) -> Code:
    """The first of the places that is bound. A place is (hops, index), or (hops, "") for a tuple."""

    def read(value: Value, frame: Frame, run: Run) -> Value:
        for hops, place in places:
            at = frame
            for _ in range(hops):
                at = at[0]
            result = at[1].get(name, UNBOUND) if place == "" else at[place]
            if result is not UNBOUND:
                return reduced(result) if result.__class__ in MARKED else result
        return root(value, frame, run)

    hops, place = places[0]
    if place == "" or hops:
        return read

    def read_here(value: Value, frame: Frame, run: Run) -> Value:
        result = frame[place]
        if result is UNBOUND or result.__class__ in MARKED:
            return read(value, frame, run)
        return result

    return read_here


def nothing(value: Value, frame: Frame, run: Run) -> Value:
    return UNDEFINED
