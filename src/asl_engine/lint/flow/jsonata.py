"""JSONata over shapes: what a plain path gives, and which variables an expression needs.

An expression that finds nothing is only sure to fail where the path is the whole expression; within a larger one
`undefined` is a value like another. So a plain path is followed, a literal is taken as it is, and any other expression
gives ANYTHING.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from asl_engine.jsonvalue import JsonTextError, loads
from asl_engine.lint.flow.read import Missing, spelt
from asl_engine.lint.flow.shape import ANYTHING, Shape, any_item, is_never, member, scalar
from asl_engine.lint.visits import Where
from asl_engine.query.jsonata import syntax as s

if TYPE_CHECKING:
    from asl_engine.lint.flow.visit import View, Visit

_NAME = r"\s*\.\s*(?:[^\W\d]\w*|`[^`]+`)"
_PATH = re.compile(rf"\$([^\W\d]\w*)((?:{_NAME})*)")
_STEP = re.compile(r"\.\s*(?:`([^`]+)`|(\w+))")
_READ = re.compile(r"\$([^\W\d]\w*)")
_LITERAL = re.compile(r'-?\d[\d.eE+-]*|true|false|null|"[^"\\]*"')


def expression_shape(visit: Visit, text: str, view: View, pointer: Where) -> Shape:
    """What an expression gives; tells what it is sure not to find, and notes variables that may be unset."""
    plain = _PATH.fullmatch(text)
    if plain is not None:
        return _path_shape(visit, plain[1], _names(plain[2]), view, pointer)
    for name in needed_variables(text, view):
        visit.variable(name, view, pointer)
    return _literal_shape(text)


def _names(steps: str) -> tuple[str, ...]:
    return tuple(quoted or name for quoted, name in _STEP.findall(steps))


def _literal_shape(text: str) -> Shape:
    if not _LITERAL.fullmatch(text):
        return ANYTHING
    try:
        return scalar(loads(text))
    except JsonTextError:
        return ANYTHING


def _path_shape(visit: Visit, root: str, names: tuple[str, ...], view: View, pointer: Where) -> Shape:
    if root != "states":
        start = visit.variable(root, view, pointer) if is_known(root, view) else ANYTHING
        return _followed(visit, start, f"${root}", names, pointer)
    if not names:
        return ANYTHING
    if names[0] == "context":
        start, passed = visit.in_context(names[1:])
        return _followed(visit, start, spelt("$states.context", passed), names[1 + len(passed) :], pointer)
    return _followed(visit, view.roots.get(names[0], ANYTHING), f"$states.{names[0]}", names[1:], pointer)


def _followed(visit: Visit, shape: Shape, root: str, names: Sequence[str], pointer: Where) -> Shape:
    for place, name in enumerate(names):
        found = selected(shape, name)
        if is_never(found) and not is_never(shape):
            visit.unset_field(spelt(root, names), Missing(names, place, shape), root, pointer)
            return ANYTHING
        shape = found
    return shape


def selected(shape: Shape, name: str) -> Shape:
    """A step of a path: of an array, what its items have there."""
    own = member(shape, name).shape
    if shape.items is None:
        return own
    items = any_item(shape)
    return own if items.items is None and is_never(member(items, name).shape) else ANYTHING


def is_known(name: str, view: View) -> bool:
    """Whether a name can be a variable of the definition here, and not a function of JSONata's own."""
    from asl_engine.query.jsonata.functions import BUILTINS

    return not is_never(member(view.variables, name).shape) or name not in BUILTINS


# --- variables that an expression needs -------------------------------------------------------------------------------

TOLERANT_CALLS = frozenset(
    {"append", "count", "distinct", "exists", "lookup", "merge", "string", "type", "boolean", "not", "keys"}
)
"""Functions that take nothing for an argument without failing the expression as a whole in their usual use."""
TOLERANT_OPERATORS = frozenset({"=", "!=", "&", "and", "or", "in"})
GUARDS = frozenset({"exists", "type"})


def needed_variables(text: str, view: View) -> list[str]:
    """The variables that may be unset here and that the expression needs, in the order in which they are read."""
    suspects = []
    for name in dict.fromkeys(_READ.findall(text)):
        if name != "states" and not member(view.variables, name).always and is_known(name, view):
            suspects.append(name)
    if not suspects:
        return []
    reads = reads_of(text)
    return [name for name in suspects if name in reads.bare and name not in reads.guarded]


class Reads(NamedTuple):
    """The variables that an expression reads without a safety net, and those that it asks after or binds itself."""

    bare: frozenset[str]
    guarded: frozenset[str]


@lru_cache(maxsize=1024)
def reads_of(text: str) -> Reads:
    """The reads of an expression that compiles."""
    bare: set[str] = set()
    guarded: set[str] = set()
    waiting: list[tuple[Any, bool]] = [(parsed(text), False)]
    while waiting:
        tree, safe = waiting.pop()
        if isinstance(tree, s.Variable) and not safe:
            bare.add(tree.name)
        guarded.update(_guarded_by(tree))
        waiting.extend(_below(tree, safe))
    return Reads(frozenset(bare), frozenset(guarded))


@lru_cache(maxsize=1024)
def parsed(text: str) -> Any:
    """The tree of an expression that compiles."""
    from asl_engine.query.jsonata.parser import parse

    return parse(text)


def _guarded_by(tree: Any) -> Iterator[str]:
    """The variables that a node asks after, takes as a condition, or binds."""
    if isinstance(tree, s.Lambda):
        yield from tree.parameters
    elif isinstance(tree, (s.Bind, s.Focus, s.Index)):
        yield tree.name
    elif isinstance(tree, s.Condition):
        yield from _variables(tree.test)
    elif isinstance(tree, s.Call) and _called(tree) in GUARDS:
        yield from _variables(tree.arguments)


def _variables(tree: Any) -> Iterator[str]:
    """Every variable in a tree."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, s.Variable):
            yield node.name
        waiting.extend(part for part, _ in _below(node, False))


def _below(tree: Any, safe: bool) -> Iterator[tuple[Any, bool]]:
    """The parts of a node, and whether one that finds nothing does no harm there."""
    if isinstance(tree, tuple):
        yield from ((part, safe) for part in tree)
    elif isinstance(tree, s.Node):
        calm = isinstance(tree, (s.ArrayOf, s.ObjectOf)) or _is_tolerant(tree) or (safe and _passes_on(tree))
        yield from ((part, calm) for part in tree.fields())


def _is_tolerant(tree: Any) -> bool:
    if isinstance(tree, s.Call):
        return _called(tree) in TOLERANT_CALLS
    return isinstance(tree, s.Binary) and tree.op in TOLERANT_OPERATORS


def _passes_on(tree: Any) -> bool:
    """A path on nothing is nothing again, so it is as safe as the place where it stands."""
    return (isinstance(tree, s.Binary) and tree.op == ".") or isinstance(tree, (s.Filter, s.Keep, s.Block))


def _called(tree: s.Call) -> str:
    return tree.procedure.name if isinstance(tree.procedure, s.Variable) else ""


# --- what a condition tells -------------------------------------------------------------------------------------------


def existing(tree: Any, holds: bool) -> Iterator[tuple[str, tuple[str, ...], bool]]:
    """(root, keys, present) of every plain path that a condition with `$exists` tells about, once it holds or not.
    The root is a field of `$states`, or "" where the keys begin with a variable's name."""
    if isinstance(tree, s.Block) and len(tree.expressions) == 1:
        yield from existing(tree.expressions[0], holds)
    elif isinstance(tree, s.Binary) and tree.op in ("and", "or"):
        if holds == (tree.op == "and"):
            yield from existing(tree.lhs, holds)
            yield from existing(tree.rhs, holds)
    elif isinstance(tree, s.Call) and len(tree.arguments) == 1:
        if _called(tree) == "not":
            yield from existing(tree.arguments[0], not holds)
        elif _called(tree) == "exists":
            names = _plain_names(tree.arguments[0])
            if names[:1] == ("states",) and len(names) > 2:
                yield names[1], names[2:], holds
            elif names and names[0] != "states":
                yield "", names, holds


def _plain_names(tree: Any) -> tuple[str, ...]:
    """`$a.b.c` as its names; () for any other tree."""
    names: list[str] = []
    while isinstance(tree, s.Binary) and tree.op == "." and isinstance(tree.rhs, s.Name):
        names.append(tree.rhs.value)
        tree = tree.lhs
    return (tree.name, *reversed(names)) if isinstance(tree, s.Variable) and tree.name else ()
