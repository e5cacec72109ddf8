"""The condition of a JSONPath filter becomes a JSONata condition on `$i`, the item.

Jayway gives a literal the type of the value beside it: `@.a == 1` holds for 1 and for "1". Each row of the tables says
the same with types; what fails in Jayway (a word beside a number) is no match here, and is noted.
"""

from __future__ import annotations

import re

from asl_engine.jsonvalue import dumps
from asl_engine.query.jsonpath.segments import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Exists,
    FilterPath,
    Indices,
    Names,
    Operand,
)
from asl_engine.rewriting.jsonata.report import Site
from asl_engine.rewriting.jsonata.values import quoted, step

_NUMBER = r"-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?"
_WORDS = {"true": "[true, 'true']", "false": "[false, 'false']", "null": "[null, 'null']"}


def condition(found: Condition, site: Site) -> str:
    """The text of the condition."""
    if isinstance(found, AllOf):
        return " and ".join(_bracketed(part, site) for part in found.conditions)
    if isinstance(found, AnyOf):
        return " or ".join(_bracketed(part, site) for part in found.conditions)
    if isinstance(found, Exists):
        path = _path(found.path, site)
        return f"$exists({path}) and {path} != null" if found.wanted else f"$not($exists({path})) or {path} = null"
    return _comparison(found, site)


def _bracketed(part: Condition, site: Site) -> str:
    text = condition(part, site)
    return text if isinstance(part, Comparison) and " and " not in text and " or " not in text else f"({text})"


def _comparison(found: Comparison, site: Site) -> str:
    left, right = found.left, found.right
    if not isinstance(left, FilterPath) or not isinstance(right, str) or not left.from_item:
        compared = f"{_shown(left)} {found.operator} {_shown(right)}"
        site.refuse(f"the filter compares {compared}: only '@' paths beside literals are turned")
    path = _path(left, site)
    if found.operator in ("==", "!="):
        return _equality(path, found.operator == "==", right, site)
    if not re.fullmatch(_NUMBER, right):
        site.refuse(f"the filter orders by the text {right!r}, which has no exact counterpart in JSONata")
    sign = found.operator
    return (
        f"($type({path}) = 'number' and {path} {sign} {right}) or "
        f"($type({path}) = 'string' and {path} {sign} {quoted(right)})"
    )


def _equality(path: str, equal: bool, literal: str, site: Site) -> str:
    if literal in _WORDS:
        test = f"{path} in {_WORDS[literal]}"
    elif re.fullmatch(_NUMBER, literal):
        test = f"{path} in [{literal}, {quoted(literal)}]"
    else:
        shown = path.replace("$i", "@", 1)
        site.assumes(f"{shown} is a string where it is compared with {dumps(literal)}; JSONPath fails on a number")
        return f"{path} {'=' if equal else '!='} {quoted(literal)}"
    return test if equal else f"$exists({path}) and $not({test})"


def _path(found: FilterPath, site: Site) -> str:
    text = "$i"
    for segment in found.path.segments:
        if isinstance(segment, Names) and len(segment.names) == 1:
            text += _step(segment.names[0], site)
        elif isinstance(segment, Indices) and len(segment.indices) == 1 and segment.indices[0] >= 0:
            text += f"[{segment.indices[0]}]"
        else:
            site.refuse(f"the filter's path goes on with {segment}, which has no exact counterpart in JSONata")
    return text


def _step(name: str, site: Site) -> str:
    try:
        return step(name)
    except ValueError as error:
        site.refuse(str(error))


def _shown(operand: Operand) -> str:
    if isinstance(operand, FilterPath):
        return operand.path.text
    return operand if isinstance(operand, str) else f"/{operand.pattern}/"
