"""Choice rules as formulas of the logic of statements: tests are atoms, And, Or and Not stand between them.

A test and its opposite are one atom: `NumericGreaterThanEquals 5` is "not `NumericLessThan 5`" among the numbers. What
stands inside a Not holds for the values of other types too: such a literal is loose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from asl_engine.definition.fields import ABSENT, show


class Atom(NamedTuple):
    """One test. `subject` is the path that a data-test expression reads, None for JSONata, whose text is `operator`."""

    subject: str | None
    operator: str
    operand: Any = None
    kind: str = ""
    volatile: bool = False

    @property
    def typed(self) -> bool:
        """Whether the test and its opposite are both false for a value of another type."""
        return bool(self.kind) or (self.operator == "BooleanEquals" and self.subject is not None)


class Literal(NamedTuple):
    """A test, or its opposite. `loose`: it holds for the values of other types than the test asks for, too."""

    atom: Atom
    positive: bool
    loose: bool = False

    def negation(self) -> Literal:
        """What holds where this does not."""
        return Literal(self.atom, not self.positive, self.atom.typed and not self.loose)

    def opposites(self) -> Iterator[Literal]:
        """The tests of the same that no value meets beside this one: two loose ones meet in values of other types."""
        opposite = Literal(self.atom, not self.positive)
        yield opposite
        if not self.loose:
            yield opposite._replace(loose=True)

    def shown(self) -> str:
        """The test as a message shows it."""
        atom, name = self.atom, self.atom.operator
        if atom.subject is None:
            return name if self.positive else f"not {name}"
        if not atom.kind:
            return f"not {name} {show(not self.positive)}" if self.loose else f"{name} {show(self.positive)}"
        if self.loose:
            return f"not {_BACK[name] if self.positive else name} {show(atom.operand)}"
        return f"{name if self.positive else _BACK.get(name, f'not {name}')} {show(atom.operand)}"


class Joined(NamedTuple):
    """And, Or (one or more parts) or Not (one part)."""

    how: str
    parts: tuple[Any, ...]


Formula: TypeAlias = Any
"""A Literal, a Joined, TRUE or FALSE."""

TRUE, FALSE = "true", "false"

_OPPOSITES = {
    "NumericGreaterThanEquals": "NumericLessThan",
    "NumericGreaterThan": "NumericLessThanEquals",
    "StringGreaterThanEquals": "StringLessThan",
    "StringGreaterThan": "StringLessThanEquals",
    "TimestampGreaterThanEquals": "TimestampLessThan",
    "TimestampGreaterThan": "TimestampLessThanEquals",
}
_BACK = {other + path: name + path for name, other in _OPPOSITES.items() for path in ("", "Path")}


def of_rule(rule: Any) -> Formula:
    """The formula of a Choice rule."""
    if rule.condition is not ABSENT:
        return _of_condition(rule.condition)
    if rule.operator in ("And", "Or", "Not"):
        return Joined(rule.operator, tuple(of_rule(inner) for inner in rule.rules))
    name, operand = rule.operator, rule.operand
    if isinstance(operand, bool) and (name.startswith("Is") or name == "BooleanEquals"):
        return Literal(Atom(rule.variable, name), operand)
    path = "Path" if name.endswith("Path") else ""
    plain = name.removesuffix("Path")
    positive = plain not in _OPPOSITES
    return Literal(Atom(rule.variable, _OPPOSITES.get(plain, plain) + path, operand, type(operand).__name__), positive)


# --- JSONata ----------------------------------------------------------------------------------------------------------

DEEPEST = 60
"""How many levels of `and`, `or` and `$not` are taken apart."""

_VOLATILE = re.compile(r"\$(?:random|uuid|now|millis)\b")


def _of_condition(condition: Any) -> Formula:
    if isinstance(condition, bool):
        return TRUE if condition else FALSE
    text = str(condition)
    volatile = bool(_VOLATILE.search(text))
    if text.startswith("{%"):
        try:
            return _of_tree(_parsed(text), volatile, DEEPEST)
        except RecursionError:
            pass  # too deep to take apart: a test of its own
    return Literal(Atom(None, text, volatile=volatile), True)


def _parsed(text: str) -> Any:
    from asl_engine.query.jsonata.parser import parse

    return parse(text.removeprefix("{%").removesuffix("%}").strip())


def _of_tree(tree: Any, volatile: bool, depth: int) -> Formula:
    from asl_engine.query.jsonata import syntax as s

    if not depth:
        raise RecursionError
    if isinstance(tree, s.Block) and len(tree.expressions) == 1:
        return _of_tree(tree.expressions[0], volatile, depth - 1)
    if isinstance(tree, s.Literal) and isinstance(tree.value, bool):
        return TRUE if tree.value else FALSE
    if isinstance(tree, s.Binary) and tree.op in ("and", "or"):
        parts = (_of_tree(tree.lhs, volatile, depth - 1), _of_tree(tree.rhs, volatile, depth - 1))
        return Joined("And" if tree.op == "and" else "Or", parts)
    if isinstance(tree, s.Call) and tree.procedure == s.Variable("not") and len(tree.arguments) == 1:
        return Joined("Not", (_of_tree(tree.arguments[0], volatile, depth - 1),))
    return _of_comparison(tree, volatile)


_JSONATA_OPPOSITES = {"!=": "=", ">=": "<", ">": "<="}


def _of_comparison(tree: Any, volatile: bool) -> Formula:
    """The texts of the two sides tell comparisons apart."""
    from asl_engine.query.jsonata import syntax as s

    if isinstance(tree, s.Binary) and tree.op in ("=", "!=", "<", "<=", ">", ">="):
        if tree.op in ("=", "!=") and isinstance(tree.rhs, s.Literal) and isinstance(tree.rhs.value, bool):
            return Literal(Atom(None, repr(tree.lhs), volatile=volatile), tree.rhs.value is (tree.op == "="))
        operator = _JSONATA_OPPOSITES.get(tree.op, tree.op)
        atom = Atom(None, f"{tree.lhs!r} {operator} {tree.rhs!r}", volatile=volatile)
        return Literal(atom, tree.op == operator)
    return Literal(Atom(None, repr(tree), volatile=volatile), True)


# --- reading formulas -------------------------------------------------------------------------------------------------


def alternatives(formula: Formula) -> list[Formula]:
    """The formulas of which one must hold."""
    return _flat(formula, "Or")


def conjuncts(formula: Formula) -> list[Formula]:
    """The formulas that must all hold."""
    return _flat(formula, "And")


def _flat(formula: Formula, how: str) -> list[Formula]:
    found: list[Formula] = []
    waiting = [formula]
    while waiting:
        part = _pushed_in(waiting.pop())
        if isinstance(part, Joined) and part.how == how:
            waiting.extend(reversed(part.parts))
        else:
            found.append(part)
    return found


def _pushed_in(formula: Formula) -> Formula:
    """Not of a test is its negation; not both is one not; not either is both not."""
    if not isinstance(formula, Joined) or formula.how != "Not" or not formula.parts:
        return formula
    inner = _pushed_in(formula.parts[0])
    if isinstance(inner, Literal):
        return inner.negation()
    if inner in (TRUE, FALSE):
        return FALSE if inner == TRUE else TRUE
    if inner.how == "Not":
        return inner.parts[0]
    return Joined("Or" if inner.how == "And" else "And", tuple(Joined("Not", (part,)) for part in inner.parts))


def atoms(formula: Formula) -> Iterator[Atom]:
    """Every test in a formula."""
    if isinstance(formula, Literal):
        yield formula.atom
    elif isinstance(formula, Joined):
        for part in formula.parts:
            yield from atoms(part)


def holds(formula: Formula, values: Mapping[Atom, bool]) -> bool:
    """Whether a formula holds where its tests come out as given."""
    if isinstance(formula, Literal):
        return values[formula.atom] is formula.positive
    if isinstance(formula, Joined):
        results = (holds(part, values) for part in formula.parts)
        return not next(results) if formula.how == "Not" else all(results) if formula.how == "And" else any(results)
    return bool(formula == TRUE)


# --- numbers ----------------------------------------------------------------------------------------------------------


class Bound(NamedTuple):
    """One side of the numbers that a test takes. `reach` orders bounds of a side from the widest to the narrowest:
    (number, open) from below it, (-number, open) from above (`below`: the numbers below it are taken)."""

    below: bool
    reach: tuple[float, bool]


def bound(literal: Literal) -> Bound | None:
    """The one bound of a numeric comparison with a literal, None for any other test."""
    found = bounds(literal)
    return found[0] if len(found) == 1 else None


def bounds(literal: Literal) -> list[Bound]:
    """The bounds of the numbers that a test takes: two for NumericEquals, none for a test of something else."""
    name, operand = literal.atom.operator, literal.atom.operand
    if name == "NumericEquals" and literal.positive:
        return [Bound(False, (operand, False)), Bound(True, (-operand, False))]
    if name in ("NumericLessThan", "NumericLessThanEquals"):
        is_open = (name == "NumericLessThan") is literal.positive
        return [Bound(True, (-operand, is_open))] if literal.positive else [Bound(False, (operand, is_open))]
    return []
