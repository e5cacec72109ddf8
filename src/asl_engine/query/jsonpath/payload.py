"""Payload templates: Parameters, ResultSelector, ItemSelector, and Assign in JSONPath states.

States language specification, "Payload Template": a key that ends in `.$` loses that ending, and its value is what
its text selects; everything else stands as it is. Objects within arrays are templates too, strings in arrays are
literals. A part without any `.$` key is a constant and is handed out as it stands, never copied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from asl_engine.jsonvalue import MAX_DEPTH, Json, dumps
from asl_engine.query.scope import Expr, Scope
from asl_engine.records import record

CompileText: TypeAlias = Callable[[str, str], Expr]
"""(field with its `.$`, text) -> Expr; raises a ValueError for a text that is neither a path nor a call."""


class InvalidTemplate(ValueError):
    """A payload template that cannot be compiled. `keys` lead from the template to the place."""

    def __init__(self, keys: tuple[str | int, ...], message: str) -> None:
        super().__init__(keys, message)
        self.keys = keys
        self.message = message

    @property
    def pointer(self) -> str:
        """The JSON pointer of the place, below the template."""
        return "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in self.keys)

    def __str__(self) -> str:
        return f"{self.pointer}: {self.message}" if self.keys else self.message


@record(frozen=True, slots=True)
class _Constant:
    value: Json


_Part: TypeAlias = _Constant | Expr


def compile_template(template: Json, compile_text: CompileText) -> Expr:
    """The function that fills the template. Raises InvalidTemplate."""
    return _expr(_compile(template, (), compile_text))


def template_fields(template: Json) -> Iterator[tuple[tuple[str | int, ...], str, str | None]]:
    """Every `.$` field of a template: (the keys that lead to it, its text, what is wrong with it whatever its text
    says or None)."""
    waiting: list[tuple[tuple[str | int, ...], Json]] = [((), template)]
    while waiting:
        keys, value = waiting.pop()
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, item in items:
            kind = type(item)
            if kind is dict or kind is list:
                waiting.append(((*keys, key), item))
            if type(key) is str and key[-2:] == ".$":
                yield (*keys, key), item if kind is str else "", _fault(key, item, value)


def _fault(key: str, item: Json, members: dict[str, Json]) -> str | None:
    if not isinstance(item, str):
        return f"The value of {key!r} must be a string, a path or a call, not {dumps(item):.60}."
    if key[:-2] in members:
        return f"The template gives the key {key[:-2]!r} twice, once as {key!r}."
    return None


def _expr(part: _Part) -> Expr:
    if isinstance(part, _Constant):
        value = part.value
        return lambda document, scope: value
    return part


def _compile(template: Json, keys: tuple[str | int, ...], compile_text: CompileText) -> _Part:
    if not isinstance(template, dict | list):
        return _Constant(template)
    if len(keys) == MAX_DEPTH:
        raise InvalidTemplate(keys, f"The template is nested deeper than {MAX_DEPTH} levels.")
    if isinstance(template, list):
        return _array([_compile(item, (*keys, n), compile_text) for n, item in enumerate(template)], template)
    members: dict[str, _Part] = {}
    for key, value in template.items():
        below = (*keys, key)
        name = key.removesuffix(".$")
        if name in members:
            raise InvalidTemplate(below, _fault(f"{name}.$", "", template) or "")
        if name == key:
            members[name] = _compile(value, below, compile_text)
        else:
            members[name] = _dynamic(key, value, below, compile_text)
    return _object(members, template)


def _dynamic(key: str, text: Json, keys: tuple[str | int, ...], compile_text: CompileText) -> Expr:
    if not isinstance(text, str):
        raise InvalidTemplate(keys, _fault(key, text, {}) or "")
    try:
        return compile_text(key, text)
    except ValueError as error:
        raise InvalidTemplate(keys, str(error)) from error


def _array(items: list[_Part], template: Json) -> _Part:
    if all(isinstance(item, _Constant) for item in items):
        return _Constant(template)
    exprs = [_expr(item) for item in items]
    return lambda document, scope: [expr(document, scope) for expr in exprs]


def _object(members: dict[str, _Part], template: Json) -> _Part:
    """Starts from a copy that holds the constants and every key in its order, and fills in the rest."""
    dynamic = [(name, part) for name, part in members.items() if not isinstance(part, _Constant)]
    if not dynamic:
        return _Constant(template)
    if len(members) == 1:
        return _single(*dynamic[0])
    frame = {name: part.value if isinstance(part, _Constant) else None for name, part in members.items()}
    if len(dynamic) == 1:
        return _framed(frame, *dynamic[0])

    def expr(document: Json, scope: Scope) -> Json:
        filled = frame.copy()
        for name, part in dynamic:
            filled[name] = part(document, scope)
        return filled

    return expr


def _single(name: str, part: Expr) -> Expr:
    return lambda document, scope: {name: part(document, scope)}


def _framed(frame: dict[str, Json], name: str, part: Expr) -> Expr:
    def expr(document: Json, scope: Scope) -> Json:
        filled = frame.copy()
        filled[name] = part(document, scope)
        return filled

    return expr
