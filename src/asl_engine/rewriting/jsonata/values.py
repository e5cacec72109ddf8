"""What a JSONPath state computes, told in JSONata: expressions, and templates with expressions in their leaves.

A value is an `Expr`, a `Merged`, or a JSON value whose objects and arrays may hold both. The rule that keeps this file
whole is how a missing value is treated. JSONPath fails on it. A JSONata leaf fails too where its expression gives
nothing; but inside an expression `&`, `{...}`, `[...]` and some functions swallow what is missing. So each expression
says which texts make it give nothing (`fallible`) and which it would swallow (`needs`); the latter are asked for by
`$exists(...) ?` before the expression, which then gives nothing, and the leaf fails.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from asl_engine.jsonvalue import Json, dumps
from asl_engine.records import record, replace

ANY, STRING, NUMBER, BOOLEAN, OBJECT, ARRAY, LITERAL_ARRAY = (
    "any", "string", "number", "boolean", "object", "array", "literal array",
)  # fmt: skip
"""What is known of an expression's type. A literal array, `[...]`, is not flattened into the array around it."""

NOT_FLATTENED = frozenset({STRING, NUMBER, BOOLEAN, OBJECT, LITERAL_ARRAY})


@record(frozen=True, slots=True)
class Expr:
    """A JSONata expression. `loose`: it needs brackets as an operand."""

    text: str
    kind: str = ANY
    fallible: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    loose: bool = False

    @property
    def operand(self) -> str:
        """The text as it stands beside an operator."""
        return f"({self.text})" if self.loose else self.text


@record(frozen=True, slots=True)
class Merged:
    """An object with `value` put at `keys`: what ResultPath makes."""

    base: Expr
    keys: tuple[str, ...]
    value: Value


Value: TypeAlias = "Expr | Merged | Json"

INPUT = Expr("$states.input")
RESULT = Expr("$states.result")
ERROR_OUTPUT = Expr("$states.errorOutput", OBJECT)
CONTEXT = Expr("$states.context", OBJECT)


def unique(texts: Iterable[str]) -> tuple[str, ...]:
    """Each text once, in order."""
    return tuple(dict.fromkeys(texts))


def absorbed(parts: Sequence[Expr]) -> tuple[str, ...]:
    """What must be asked for where the parts stand in something that swallows what is missing."""
    return unique(text for part in parts for text in (*part.fallible, *part.needs))


def combined(text: str, kind: str, parts: Sequence[Expr], *, absorbs: bool = False, loose: bool = False) -> Expr:
    """An expression of others."""
    if absorbs:
        return Expr(text, kind, (), absorbed(parts), loose)
    fallible = unique(found for part in parts for found in part.fallible)
    return Expr(text, kind, fallible, unique(found for part in parts for found in part.needs), loose)


# --- as an expression -------------------------------------------------------------------------------------------------


def as_expr(value: Value) -> Expr:
    """The value as one expression."""
    if isinstance(value, Expr):
        return value
    if isinstance(value, Merged):
        return _merged(value)
    if isinstance(value, dict):
        parts = {key: as_expr(item) for key, item in value.items()}
        text = ", ".join(f"{quoted(key)}: {part.text}" for key, part in parts.items())
        return combined(f"{{{text}}}", OBJECT, list(parts.values()), absorbs=True)
    if isinstance(value, list):
        return array_of([as_expr(item) for item in value])
    return literal(value)


def literal(value: Json) -> Expr:
    """A string, number, boolean or null."""
    if isinstance(value, str):
        return Expr(quoted(value), STRING)
    if isinstance(value, bool):
        return Expr(dumps(value), BOOLEAN)
    return Expr(dumps(value), ANY if value is None else NUMBER, loose=value is not None and value < 0)


def array_of(parts: Sequence[Expr]) -> Expr:
    """An array of exactly these items. `[...]` would flatten an item that is an array itself; `$each` does not."""
    if all(part.kind in NOT_FLATTENED for part in parts):
        return combined(f"[{', '.join(part.text for part in parts)}]", LITERAL_ARRAY, parts, absorbs=True)
    items = ", ".join(f"'{index}': {part.text}" for index, part in enumerate(parts))
    return combined(f"$each({{{items}}}, function($v) {{ $v }})[]", ARRAY, parts, absorbs=True)


def _merged(value: Merged) -> Expr:
    """An intermediate that is missing or null is made, as ResultPath makes it."""
    first, rest = value.keys[0], value.keys[1:]
    inner = as_expr(value.value)
    if rest:
        below = Expr(f"{value.base.text}{step(first)}")
        inner = _merged(Merged(replace(below, text=f"{below.text}[$ != null]"), rest, value.value))
    parts = [replace(value.base, fallible=()), inner]
    return combined(f"$merge([{value.base.text}, {{{quoted(first)}: {inner.text}}}])", OBJECT, parts, absorbs=True)


def quoted(text: str) -> str:
    """A JSONata string; in single quotes where it can be, as it stands within JSON."""
    doubled = json.dumps(text, ensure_ascii=False)
    return doubled if "'" in text else "'" + doubled[1:-1].replace('\\"', '"') + "'"


_PLAIN = r"(?a)[A-Za-z_]\w*"
_WORDS = frozenset({"and", "or", "in", "true", "false", "null", "function"})


def step(name: str) -> str:
    """A name as a step of a path; `` `a b` `` where it is not a plain word."""
    if re.fullmatch(_PLAIN, name) and name not in _WORDS:
        return f".{name}"
    if "`" in name:
        raise ValueError(f"the name {name!r} holds a backtick, which JSONata cannot write in a path")
    return f".`{name}`"


# --- as a template ----------------------------------------------------------------------------------------------------


def as_template(value: Value) -> Json:
    """The value as it stands in a JSONata field: JSON with `{% %}` in its leaves."""
    if isinstance(value, dict):
        return {key: as_template(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_template(item) for item in value]
    if isinstance(value, str):
        looks = value.startswith("{%") or value.endswith("%}")
        return field(literal(value)) if looks else value
    return field(as_expr(value)) if isinstance(value, Expr | Merged) else value


def field(expr: Expr) -> str:
    """The string that holds an expression."""
    return "{% " + guarded(expr) + " %}"


def guarded(expr: Expr) -> str:
    """The expression's text, which gives nothing where something that it needs is missing."""
    needs = [need for need in expr.needs if need not in expr.fallible]
    if not needs:
        return expr.text
    body = f"({expr.text})" if _conditional(expr.text) else expr.text
    return f"{' and '.join(f'$exists({need})' for need in needs)} ? {body}"


def _conditional(text: str) -> bool:
    return " ? " in text


def atoms(value: Value) -> tuple[str, ...]:
    """Every text that must be there for the value to be."""
    if isinstance(value, dict | list):
        below = value.values() if isinstance(value, dict) else value
        return unique(text for item in below for text in atoms(item))
    if isinstance(value, Expr | Merged):
        expr = as_expr(value)
        return unique((*expr.fallible, *expr.needs))
    return ()


def also_needing(value: Value, dropped: Iterable[str]) -> Value:
    """The value, failing too where something is missing that JSONPath would read without using it."""
    implied = {text[:end] for text in atoms(value) for end in _steps_of(text)}
    asked = unique(text for text in dropped if text not in implied)
    if not asked:
        return value
    expr = as_expr(value)
    return replace(expr, needs=unique((*expr.needs, *asked)))


def _steps_of(text: str) -> Iterator[int]:
    """Where the path could end: what is there at its end is there on the way."""
    yield from (index for index, character in enumerate(text) if character in ".[")
    yield len(text)
