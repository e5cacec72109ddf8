"""Choice rules in JSONata: one row for each of the 39 comparisons, and the joints And, Or, Not.

A comparison is false for a value of another type, and fails the state where its Variable is missing; so does its
Condition. What a rule is sure to read first is asked for in front (`$exists(x) ? ...` gives nothing, which fails);
what it reads only sometimes fails by `$error`. After `IsPresent` nothing more is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from asl_engine.jsonvalue import Json
from asl_engine.query.jsonpath.segments import Indices, Names, Segment
from asl_engine.query.jsonpath.syntax import parse_path
from asl_engine.rewriting.jsonata.paths import read
from asl_engine.rewriting.jsonata.report import Site
from asl_engine.rewriting.jsonata.values import INPUT, Expr, Value, as_expr, field, literal, quoted

Known: TypeAlias = frozenset[str]
"""The texts that are known to be there."""

TIMESTAMP = (
    r"/^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$/"
)


class Test(NamedTuple):
    """A condition, and what is known to be there where it holds and where it does not."""

    text: str
    if_true: Known
    if_false: Known


def condition(rule: dict[str, Json], document: Value, site: Site) -> str:
    """The Condition of a rule."""
    first = _first_read(rule, document, site)
    test = _test(rule, document, frozenset(first), site)
    return field(Expr(test.text, needs=first))


def _first_read(rule: dict[str, Json], document: Value, site: Site) -> tuple[str, ...]:
    """The texts that the rule reads whatever they are."""
    for joint in ("And", "Or"):
        if joint in rule:
            return _first_read(rule[joint][0], document, site)
    if "Not" in rule:
        return _first_read(rule["Not"], document, site)
    if "IsPresent" in rule:
        return ()
    return tuple(text for expr in _operands(rule, document, site) for text in (*expr.fallible, *expr.needs))


def _operands(rule: dict[str, Json], document: Value, site: Site) -> list[Expr]:
    return [as_expr(read(path, document, site)) for path in _paths(rule)]


def _paths(rule: dict[str, Json]) -> list[str]:
    operator = _operator(rule)
    return [rule["Variable"], *([rule[operator]] if operator.endswith("Path") else [])]


def _operator(rule: dict[str, Json]) -> str:
    return next(name for name in rule if name in ROWS)


def _test(rule: dict[str, Json], document: Value, known: Known, site: Site) -> Test:
    for joint in ("And", "Or"):
        if joint in rule:
            return _joined(joint, rule[joint], document, known, site)
    if "Not" in rule:
        test = _test(rule["Not"], document, known, site.at("Not"))
        return Test(f"$not({test.text})", test.if_false, test.if_true)
    return _compared(rule, document, known, site)


def _joined(joint: str, rules: list[dict[str, Json]], document: Value, known: Known, site: Site) -> Test:
    """Each rule is tried only where those before it held (And) or did not (Or)."""
    texts = []
    after: Known | None = None
    for index, rule in enumerate(rules):
        test = _test(rule, document, known, site.at(joint, index))
        nested = {"And", "Or"} & rule.keys() - {joint}
        texts.append(f"({test.text})" if nested or (" or " in test.text and joint == "And") else test.text)
        known, other = (test.if_true, test.if_false) if joint == "And" else (test.if_false, test.if_true)
        after = other if after is None else after & other
    ends = after or frozenset()
    text = f" {joint.lower()} ".join(texts)
    return Test(text, known, ends) if joint == "And" else Test(text, ends, known)


def _compared(rule: dict[str, Json], document: Value, known: Known, site: Site) -> Test:
    operator = _operator(rule)
    if operator == "IsPresent":
        return _is_present(rule, document, known, site)
    exprs = _operands(rule, document, site)
    operands: list[Any] = [expr.operand for expr in exprs]
    if not operator.endswith("Path"):
        operands.append(rule[operator])
    text = ROWS[operator](operands[0], operands[1], site)
    read_here = frozenset(text for expr in exprs for text in (*expr.fallible, *expr.needs))
    missing = sorted(read_here - known)
    if missing:
        asked = " and ".join(f"$exists({each})" for each in missing)
        told = quoted(f"{' or '.join(_paths(rule))} was not found")
        text = f"({asked} ? {text} : $error({told}))"
    return Test(text, known | read_here, known | read_here)


# --- IsPresent --------------------------------------------------------------------------------------------------------


def _is_present(rule: dict[str, Json], document: Value, known: Known, site: Site) -> Test:
    """Whether each step meets an object or an array, as it must, and the last one finds something."""
    path, wanted = rule["Variable"], rule["IsPresent"]
    expr = as_expr(read(path, document, site))
    texts = [*_ways(path, document, site), *(f"$exists({text})" for text in expr.fallible)]
    if not texts:
        return Test("true" if wanted else "false", known, known)
    text, there = " and ".join(texts), known | frozenset(expr.fallible)
    return Test(text, there, known) if wanted else Test(f"$not({text})", known, there)


def _ways(path: str, document: Value, site: Site) -> list[str]:
    """A test for each value on the way to the last step. The state's input is left out: it is an object but in
    machines that would not name its fields."""
    start = re.match(r"\$\$|\$\w*", path)
    assert start is not None  # a path begins with '$'
    segments = parse_path("$" + path[start.end() :]).segments
    if any(_container(segment) is None for segment in segments):
        site.refuse(f"IsPresent of {path}, which may select several values, is not what it seems and is not turned")
    tests = []
    for end, segment in enumerate(segments):
        prefix = start[0] + "".join(map(str, segments[:end]))
        parent = as_expr(read("$" if prefix == "$" else prefix, document, site)).text
        if parent == INPUT.text and _container(segment) == "object":
            site.assumes("the state's input is not an array")
        elif parent != "$states.context":
            tests.append(f"$type({parent}) = '{_container(segment)}'")
    return tests


def _container(segment: Segment) -> str | None:
    if isinstance(segment, Names):
        return "object" if len(segment.names) == 1 else None
    return "array" if isinstance(segment, Indices) and len(segment.indices) == 1 and segment.indices[0] >= 0 else None


# --- the comparisons --------------------------------------------------------------------------------------------------

Row: TypeAlias = Callable[[str, Any, Site], str]
"""(variable, operand, site) -> the test. The operand is the other value's text for a ...Path operator."""


def _same(variable: str, operand: Json, site: Site) -> str:
    """`=` compares the type too."""
    return f"{variable} = {literal(operand).operand}"


def _same_path(kind: str) -> Row:
    return lambda variable, other, site: f"$type({variable}) = '{kind}' and {variable} = {other}"


def _order(kind: str, sign: str) -> Row:
    return lambda variable, operand, site: (
        f"$type({variable}) = '{kind}' and {variable} {sign} {literal(operand).operand}"
    )


def _order_path(kind: str, sign: str) -> Row:
    return lambda variable, other, site: (
        f"$type({variable}) = '{kind}' and $type({other}) = '{kind}' and {variable} {sign} {other}"
    )


def _is_timestamp(text: str) -> str:
    return f"$type({text}) = 'string' and $contains({text}, {TIMESTAMP})"


def _moment(sign: str) -> Row:
    def row(variable: str, operand: Json, site: Site) -> str:
        _assume_moments(site)
        return f"{_is_timestamp(variable)} and $toMillis({variable}) {sign} $toMillis({quoted(operand)})"

    return row


def _moment_path(sign: str) -> Row:
    def row(variable: str, other: str, site: Site) -> str:
        _assume_moments(site)
        tests = f"{_is_timestamp(variable)} and {_is_timestamp(other)}"
        return f"{tests} and $toMillis({variable}) {sign} $toMillis({other})"

    return row


def _assume_moments(site: Site) -> None:
    site.assumes("timestamps name days that exist, and do not differ by less than a millisecond")


def _matches(variable: str, pattern: str, site: Site) -> str:
    """A regular expression that matches no characters is an error in JSONata."""
    if not pattern:
        return f"{variable} = ''"
    if not pattern.strip("*"):
        return f"$type({variable}) = 'string'"
    return f"$type({variable}) = 'string' and $contains({variable}, /^{_regex(pattern)}$/)"


def _regex(pattern: str) -> str:
    """`*` stands for any characters; a backslash takes the next one as it is."""
    parts = re.split(r"(?s)(\\.|\*+)", pattern)
    return "".join(
        r"[\s\S]*" if part.startswith("*") else _escaped(part[1] if len(part) == 2 and part[0] == "\\" else part)
        for part in parts
    )


_CONTROLS = str.maketrans({"\n": "\\n", "\r": "\\r", "\t": "\\t"})


def _escaped(text: str) -> str:
    return re.sub(r"[\\^$.|?*+()\[\]{}/]", r"\\\g<0>", text).translate(_CONTROLS)


def _is(kind: str) -> Row:
    return lambda variable, wanted, site: f"$type({variable}) {'=' if wanted else '!='} '{kind}'"


def _is_null(variable: str, wanted: bool, site: Site) -> str:
    return f"{variable} {'=' if wanted else '!='} null"


def _timestamp_test(variable: str, wanted: bool, site: Site) -> str:
    _assume_moments(site)
    return _is_timestamp(variable) if wanted else f"$not({_is_timestamp(variable)})"


def _unreachable(variable: str, operand: Json, site: Site) -> str:
    raise AssertionError("IsPresent is compiled on its own")


SIGNS = {"LessThan": "<", "GreaterThan": ">", "LessThanEquals": "<=", "GreaterThanEquals": ">="}
ROWS: dict[str, Row] = {
    **{f"{name}Equals": _same for name in ("String", "Numeric", "Boolean")},
    **{f"{name}EqualsPath": _same_path(name.lower()) for name in ("String", "Boolean")},
    "NumericEqualsPath": _same_path("number"),
    **{f"String{name}": _order("string", sign) for name, sign in SIGNS.items()},
    **{f"String{name}Path": _order_path("string", sign) for name, sign in SIGNS.items()},
    **{f"Numeric{name}": _order("number", sign) for name, sign in SIGNS.items()},
    **{f"Numeric{name}Path": _order_path("number", sign) for name, sign in SIGNS.items()},
    **{f"Timestamp{name}": _moment(sign) for name, sign in {"Equals": "=", **SIGNS}.items()},
    **{f"Timestamp{name}Path": _moment_path(sign) for name, sign in {"Equals": "=", **SIGNS}.items()},
    "StringMatches": _matches,
    "IsNull": _is_null,
    "IsPresent": _unreachable,
    "IsNumeric": _is("number"),
    "IsString": _is("string"),
    "IsBoolean": _is("boolean"),
    "IsTimestamp": _timestamp_test,
}
