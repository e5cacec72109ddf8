"""A JSONPath becomes JSONata: names and positions become steps, the rest `$map` and `$filter`.

The rule: what Jayway gives as a list stays a list, of the same items. `[...]` around a call with `[]` behind it keeps
an item that is an array as one item, one item as a list, and none as an empty list. Two wildcards in one path, and
`..`, have no such counterpart and are refused.
"""

from __future__ import annotations

import re

from asl_engine.query.jsonpath.segments import Filter as FilterSegment
from asl_engine.query.jsonpath.segments import FromEnd, Indices, Names, Segment, Slice, Wildcard
from asl_engine.query.jsonpath.syntax import parse_path
from asl_engine.rewriting.jsonata.filters import condition
from asl_engine.rewriting.jsonata.report import Site
from asl_engine.rewriting.jsonata.values import (
    ARRAY,
    CONTEXT,
    OBJECT,
    Expr,
    Merged,
    Value,
    as_expr,
    combined,
    quoted,
    step,
)

_VARIABLE = r"\$([^\W\d]\w*)"
_ASCII_NAME = r"(?a)\$\w+"


def read(text: str, document: Value, site: Site) -> Value:
    """What a path selects from the document, the context object (`$$`) or a variable (`$name`)."""
    if text == "$":
        return document
    if text.startswith("$$"):
        return select(CONTEXT, parse_path(text[1:]).segments, site)
    variable = re.match(_VARIABLE, text)
    if variable is None:
        return select(document, parse_path(text).segments, site)
    if not re.fullmatch(_ASCII_NAME, variable[0]):
        site.refuse(f"the variable '{variable[0]}' has letters that JSONata does not take in a name")
    whole = Expr(variable[0], fallible=(variable[0],))
    return select(whole, parse_path("$" + text[variable.end() :]).segments, site)


def select(value: Value, segments: tuple[Segment, ...], site: Site) -> Value:
    """What the segments select, through the parts of a template as far as they go."""
    while segments:
        first, rest = segments[0], segments[1:]
        name = first.names[0] if isinstance(first, Names) and len(first.names) == 1 else None
        if isinstance(value, Merged) and name is not None:
            value = _below(value, name, site)
        elif isinstance(value, dict) and name is not None:
            if name not in value:
                site.refuse(f"reads '{name}', which is not there whatever the input is: the state always fails")
            value = value[name]
        elif isinstance(value, Expr | Merged | dict | list):
            return _chain(as_expr(value), segments, site)
        else:
            site.refuse("reads below a constant that has nothing below it: the state always fails")
        segments = rest
    return value


def _below(value: Merged, name: str, site: Site) -> Value:
    """One member of what ResultPath made."""
    if value.keys[0] != name:
        return _chain(value.base, (Names((name,)),), site)
    if len(value.keys) == 1:
        return value.value
    below = _chain(value.base, (Names((name,)),), site)
    return Merged(Expr(f"{below.text}[$ != null]"), value.keys[1:], value.value)


def _chain(expr: Expr, segments: tuple[Segment, ...], site: Site) -> Expr:
    for index, segment in enumerate(segments):
        if isinstance(segment, Names) and len(segment.names) > 1:
            expr = _several(expr, segment.names, site)
        elif _definite(segment):
            expr = _one(expr, _spelt(segment, site))
        else:
            return _gathered(expr, segment, segments[index + 1 :], site)
    return expr


def _definite(segment: Segment) -> bool:
    return isinstance(segment, Names | FromEnd) or (isinstance(segment, Indices) and len(segment.indices) == 1)


def _one(expr: Expr, spelt: str) -> Expr:
    text = f"{expr.operand}{spelt}"
    return Expr(text, fallible=(text,), needs=expr.needs)


def _spelt(segment: Segment, site: Site) -> str:
    if isinstance(segment, Names) and len(segment.names) == 1:
        try:
            return step(segment.names[0])
        except ValueError as error:
            site.refuse(str(error))
    if isinstance(segment, FromEnd) and segment.distance:
        return f"[-{segment.distance}]"
    if isinstance(segment, Indices) and len(segment.indices) == 1:
        if segment.indices[0] < 0:
            site.assumes(f"[{segment.indices[0]}] counts from the end; JSONPath as AWS runs it is out of bounds there")
        return f"[{segment.indices[0]}]"
    site.refuse(f"the path goes on with {segment} below a list, which has no exact counterpart in JSONata")


def _several(expr: Expr, names: tuple[str, ...], site: Site) -> Expr:
    members = ", ".join(f"{quoted(name)}: {expr.operand}{_spelt(Names((name,)), site)}" for name in names)
    site.assumes(f"{expr.text} is an object, which {Names(names)} is read from")
    return combined(f"{{{members}}}", OBJECT, [expr], absorbs=True)


# --- lists ------------------------------------------------------------------------------------------------------------


def _gathered(expr: Expr, segment: Segment, rest: tuple[Segment, ...], site: Site) -> Expr:
    """Where the list itself is missing Jayway gives an empty one."""
    for later in rest:
        if not _definite(later) or (isinstance(later, Names) and len(later.names) > 1):
            site.refuse(f"the path goes on with {later} below {segment}, which has no exact counterpart in JSONata")
    if rest and isinstance(rest[0], Indices | FromEnd):
        site.refuse(f"{rest[0]} after {segment} takes an item of every match, which has no exact counterpart")
    site.assumes(f"{expr.text} is an array or is missing; JSONPath fails on most other values there or on the way")
    needs = expr.needs or ((expr.text,) if expr.text[0] == "$" and expr.text[1:].isidentifier() else ())
    tail = "".join(_spelt(later, site) for later in rest)
    return Expr(_list_text(expr.operand, segment, tail, site), ARRAY, needs=needs, loose=not tail)


def _list_text(items: str, segment: Segment, tail: str, site: Site) -> str:
    if isinstance(segment, Wildcard):
        site.assumes(f"{items}[*] is read from an array, not from an object")
        return _mapped(items, tail) if tail else f"$type({items}) = 'array' ? {items} : []"
    if isinstance(segment, FilterSegment):
        if tail:
            site.assumes(
                f"every item of {items} that passes the filter has {tail[1:]}; JSONPath fails where one has not"
            )
        test = condition(segment.condition, site)
        found = f"$filter({items}, function($i) {{ {test} }})[]"
    else:
        found = f"$filter({items}, function($v, $i) {{ {_positions(items, segment, site)} }})[]"
    return _mapped(found, tail) if tail else f"[{found}]"


def _mapped(items: str, tail: str) -> str:
    return f"[$map({items}, function($i) {{ $i{tail} }})[]]"


def _positions(items: str, segment: Segment, site: Site) -> str:
    if isinstance(segment, Slice):
        return _slice(items, segment, site)
    if (
        isinstance(segment, Indices)
        and list(segment.indices) == sorted(set(segment.indices))
        and segment.indices[0] >= 0
    ):
        site.assumes(f"{items} has all the items {segment}; JSONPath fails where one is missing")
        return f"$i in [{', '.join(map(str, segment.indices))}]"
    site.refuse(f"{segment} has no exact counterpart in JSONata")


def _slice(items: str, bounds: Slice, site: Site) -> str:
    start, stop = bounds.start, bounds.stop
    if start is not None and stop is not None and (start < 0 or stop < 0):
        site.refuse(f"{bounds} means something else to JSONPath than it says, and always gives nothing or fails")
    tests = [] if start is None else [f"$i >= {_bound(items, start)}"]
    tests += [] if stop is None else [f"$i < {_bound(items, stop)}"]
    return " and ".join(tests)


def _bound(items: str, position: int) -> str:
    return str(position) if position >= 0 else f"$count({items}) - {-position}"
