"""A tree as text: `parse(unparse(tree))` equals `tree`.

Brackets are nodes of their own (`Block`), so the tokens of a tree that was parsed, in their order, are such a text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from asl_engine.query.jsonata import syntax as s
from asl_engine.query.jsonata.text import javascript_number

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED = frozenset({"and", "or", "in", "true", "false", "null", "function"})


def unparse(tree: s.Tree) -> str:
    return _WRITERS[tree.__class__](tree)


def _all(trees: Iterable[s.Tree], separator: str) -> str:
    return separator.join(map(unparse, trees))


def _literal(tree: s.Literal) -> str:
    if isinstance(tree.value, float):
        return javascript_number(tree.value)
    return json.dumps(tree.value)


def _name(tree: s.Name) -> str:
    plain = _WORD.fullmatch(tree.value) and tree.value not in _RESERVED
    return tree.value if plain else f"`{tree.value}`"


def _binary(tree: s.Binary) -> str:
    separator = "." if tree.op == "." else f" {tree.op} "
    return f"{unparse(tree.lhs)}{separator}{unparse(tree.rhs)}"


def _pairs(pairs: Iterable[tuple[s.Tree, s.Tree]]) -> str:
    return "{" + ", ".join(f"{unparse(key)}: {unparse(value)}" for key, value in pairs) + "}"


def _condition(tree: s.Condition) -> str:
    text = f"{unparse(tree.test)} ? {unparse(tree.then)}"
    return text if tree.otherwise is None else f"{text} : {unparse(tree.otherwise)}"


def _sort(tree: s.Sort) -> str:
    terms = ", ".join((">" if descending else "<") + unparse(term) for descending, term in tree.terms)
    return f"{unparse(tree.lhs)}^({terms})"


def _lambda(tree: s.Lambda) -> str:
    parameters = ", ".join("$" + name for name in tree.parameters)
    return f"function({parameters}){tree.signature or ''}{{{unparse(tree.body)}}}"


def _call(tree: s.Call | s.Partial) -> str:
    return f"{unparse(tree.procedure)}({_all(tree.arguments, ', ')})"


def _transform(tree: s.Transform) -> str:
    delete = "" if tree.delete is None else f", {unparse(tree.delete)}"
    return f"|{unparse(tree.pattern)}|{unparse(tree.update)}{delete}|"


_WRITERS: dict[type, Callable[[Any], str]] = {
    s.Literal: _literal,
    s.Name: _name,
    s.Variable: lambda tree: "$" + tree.name,
    s.Wildcard: lambda tree: "*",
    s.Descendants: lambda tree: "**",
    s.Parent: lambda tree: "%",
    s.Placeholder: lambda tree: "?",
    s.Regex: lambda tree: f"/{tree.pattern}/{tree.flags}",
    s.Binary: _binary,
    s.Negate: lambda tree: f"- {unparse(tree.operand)}",
    s.ArrayOf: lambda tree: f"[{_all(tree.items, ', ')}]",
    s.ObjectOf: lambda tree: _pairs(tree.pairs),
    s.Group: lambda tree: unparse(tree.lhs) + _pairs(tree.pairs),
    s.Filter: lambda tree: f"{unparse(tree.lhs)}[{unparse(tree.predicate)}]",
    s.Keep: lambda tree: f"{unparse(tree.lhs)}[]",
    s.Sort: _sort,
    s.Focus: lambda tree: f"{unparse(tree.lhs)}@${tree.name}",
    s.Index: lambda tree: f"{unparse(tree.lhs)}#${tree.name}",
    s.Block: lambda tree: f"({_all(tree.expressions, '; ')})",
    s.Condition: _condition,
    s.Bind: lambda tree: f"${tree.name} := {unparse(tree.value)}",
    s.Lambda: _lambda,
    s.Call: _call,
    s.Partial: _call,
    s.Apply: lambda tree: f"{unparse(tree.lhs)} ~> {unparse(tree.rhs)}",
    s.Transform: _transform,
}
