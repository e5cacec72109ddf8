"""The nodes of an expression's tree, as written. `position` is where a node's own sign stands; it does not count when
nodes are compared. Nodes are not changed once made (plain classes: two dozen dataclasses cost 10 ms to import)."""

from __future__ import annotations

from typing import Any, TypeAlias

Tree: TypeAlias = Any
"""One of the nodes below; after `shape.py`, a `Core` around one."""


class Node:
    """A node has the fields that its class names in `__match_args__`, given in that order."""

    __match_args__: tuple[str, ...] = ()
    position: int

    def __init__(self, *fields: Any, position: int = 0) -> None:
        self.position = position
        for name, value in zip(self.__match_args__, fields, strict=True):
            setattr(self, name, value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Node) and self.__class__ is other.__class__ and self.fields() == other.fields()

    def __hash__(self) -> int:
        return hash((self.__class__, self.fields()))

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}{self.fields()!r}"

    def fields(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.__match_args__)


class Literal(Node):
    """A string, number, true, false or null."""

    __match_args__ = ("value",)
    value: Any


class Name(Node):
    __match_args__ = ("value",)
    value: str


class Variable(Node):
    """`$name`; "" is the context `$`, "$" the root `$$`."""

    __match_args__ = ("name",)
    name: str


class Wildcard(Node):
    __match_args__ = ()


class Descendants(Node):
    __match_args__ = ()


class Parent(Node):
    __match_args__ = ()


class Placeholder(Node):
    """The `?` among the arguments of a partial application."""

    __match_args__ = ()


class Regex(Node):
    __match_args__ = ("pattern", "flags")
    pattern: str
    flags: str


class Binary(Node):
    """`lhs op rhs` for arithmetic, comparison, `and`, `or`, `in`, `&`, `..`, and before shaping `.`."""

    __match_args__ = ("op", "lhs", "rhs")
    op: str
    lhs: Tree
    rhs: Tree


class Negate(Node):
    __match_args__ = ("operand",)
    operand: Tree


class ArrayOf(Node):
    __match_args__ = ("items",)
    items: tuple[Tree, ...]


class ObjectOf(Node):
    __match_args__ = ("pairs",)
    pairs: tuple[tuple[Tree, Tree], ...]


class Group(Node):
    """`lhs{key: value, ...}`."""

    __match_args__ = ("lhs", "pairs")
    lhs: Tree
    pairs: tuple[tuple[Tree, Tree], ...]


class Filter(Node):
    """`lhs[predicate]`."""

    __match_args__ = ("lhs", "predicate")
    lhs: Tree
    predicate: Tree


class Keep(Node):
    """`lhs[]`: an array even if it holds one item."""

    __match_args__ = ("lhs",)
    lhs: Tree


class Sort(Node):
    """`lhs^(terms)`; a term is (descending, expression)."""

    __match_args__ = ("lhs", "terms")
    lhs: Tree
    terms: tuple[tuple[bool, Tree], ...]


class Focus(Node):
    """`lhs@$name`."""

    __match_args__ = ("lhs", "name")
    lhs: Tree
    name: str


class Index(Node):
    """`lhs#$name`."""

    __match_args__ = ("lhs", "name")
    lhs: Tree
    name: str


class Block(Node):
    __match_args__ = ("expressions",)
    expressions: tuple[Tree, ...]


class Condition(Node):
    __match_args__ = ("test", "then", "otherwise")
    test: Tree
    then: Tree
    otherwise: Tree | None


class Bind(Node):
    __match_args__ = ("name", "value")
    name: str
    value: Tree


class Lambda(Node):
    __match_args__ = ("parameters", "body", "signature")
    parameters: tuple[str, ...]
    body: Tree
    signature: str | None


class Call(Node):
    __match_args__ = ("procedure", "arguments")
    procedure: Tree
    arguments: tuple[Tree, ...]


class Partial(Node):
    """A call with a Placeholder among its arguments."""

    __match_args__ = ("procedure", "arguments")
    procedure: Tree
    arguments: tuple[Tree, ...]


class Apply(Node):
    """`lhs ~> rhs`."""

    __match_args__ = ("lhs", "rhs")
    lhs: Tree
    rhs: Tree


class Transform(Node):
    """`|pattern|update, delete|`."""

    __match_args__ = ("pattern", "update", "delete")
    pattern: Tree
    update: Tree
    delete: Tree | None
