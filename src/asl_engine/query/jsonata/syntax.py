"""The nodes of an expression's tree, as written. `position` is where a node's own sign stands; it does not count when
nodes are compared."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

Tree: TypeAlias = Any
"""One of the nodes below; after `shape.py`, a `Core` around one."""


def _position() -> Any:
    return field(default=0, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Literal:
    """A string, number, true, false or null."""

    value: Any
    position: int = _position()


@dataclass(frozen=True, slots=True)
class Name:
    value: str
    position: int = _position()


@dataclass(frozen=True, slots=True)
class Variable:
    """`$name`; "" is the context `$`, "$" the root `$$`."""

    name: str
    position: int = _position()


@dataclass(frozen=True, slots=True)
class Wildcard:
    position: int = _position()


@dataclass(frozen=True, slots=True)
class Descendants:
    position: int = _position()


@dataclass(frozen=True, slots=True)
class Parent:
    position: int = _position()


@dataclass(frozen=True, slots=True)
class Placeholder:
    """The `?` among the arguments of a partial application."""

    position: int = _position()


@dataclass(frozen=True, slots=True)
class Regex:
    pattern: str
    flags: str
    position: int = _position()


@dataclass(frozen=True, slots=True)
class Binary:
    """`lhs op rhs` for arithmetic, comparison, `and`, `or`, `in`, `&`, `..`, and before shaping `.`."""

    op: str
    lhs: Tree
    rhs: Tree
    position: int = _position()


@dataclass(frozen=True, slots=True)
class Negate:
    operand: Tree
    position: int = _position()


@dataclass(frozen=True, slots=True)
class ArrayOf:
    items: tuple[Tree, ...]
    position: int = _position()


@dataclass(frozen=True, slots=True)
class ObjectOf:
    pairs: tuple[tuple[Tree, Tree], ...]
    position: int = _position()


@dataclass(frozen=True, slots=True)
class Group:
    """`lhs{key: value, ...}`."""

    lhs: Tree
    pairs: tuple[tuple[Tree, Tree], ...]
    position: int = _position()


@dataclass(frozen=True, slots=True)
class Filter:
    """`lhs[predicate]`."""

    lhs: Tree
    predicate: Tree
    position: int = _position()


@dataclass(frozen=True, slots=True)
class Keep:
    """`lhs[]`: an array even if it holds one item."""

    lhs: Tree
    position: int = _position()


@dataclass(frozen=True, slots=True)
class Sort:
    """`lhs^(terms)`; a term is (descending, expression)."""

    lhs: Tree
    terms: tuple[tuple[bool, Tree], ...]
    position: int = _position()


@dataclass(frozen=True, slots=True)
class Focus:
    """`lhs@$name`."""

    lhs: Tree
    name: str
    position: int = _position()


@dataclass(frozen=True, slots=True)
class Index:
    """`lhs#$name`."""

    lhs: Tree
    name: str
    position: int = _position()


@dataclass(frozen=True, slots=True)
class Block:
    expressions: tuple[Tree, ...]
    position: int = _position()


@dataclass(frozen=True, slots=True)
class Condition:
    test: Tree
    then: Tree
    otherwise: Tree | None
    position: int = _position()


@dataclass(frozen=True, slots=True)
class Bind:
    name: str
    value: Tree
    position: int = _position()


@dataclass(frozen=True, slots=True)
class Lambda:
    parameters: tuple[str, ...]
    body: Tree
    signature: str | None
    position: int = _position()


@dataclass(frozen=True, slots=True)
class Call:
    procedure: Tree
    arguments: tuple[Tree, ...]
    position: int = _position()


@dataclass(frozen=True, slots=True)
class Partial:
    """A call with a Placeholder among its arguments."""

    procedure: Tree
    arguments: tuple[Tree, ...]
    position: int = _position()


@dataclass(frozen=True, slots=True)
class Apply:
    """`lhs ~> rhs`."""

    lhs: Tree
    rhs: Tree
    position: int = _position()


@dataclass(frozen=True, slots=True)
class Transform:
    """`|pattern|update, delete|`."""

    pattern: Tree
    update: Tree
    delete: Tree | None
    position: int = _position()
