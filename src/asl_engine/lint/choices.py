"""Lints on Choice states: rules that never decide, and inputs that no rule takes.

Rules are tried in order. A data-test expression is false for a value of another type. For NO_DEFAULT all the same
`NumericLessThan 5` and `NumericGreaterThanEquals 5` are taken to cover everything: the types are not known here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple

from asl_engine.definition.fields import ABSENT
from asl_engine.definition.graph import Machine
from asl_engine.lint import formulas as f
from asl_engine.lint.table import Finding, lint
from asl_engine.lint.visits import once, states_of
from asl_engine.states.choice_rules import BOOLEAN, DATA_TESTS, NUMBER, STRING

MOST_ATOMS = 8
"""A truth table has a row for every combination: beyond this only opposite rules are looked for."""


@once
def _choices(machine: Machine) -> Sequence[tuple[Any, Sequence[f.Formula]]]:
    """Every Choice state with its rules as formulas."""
    return [(state, [f.of_rule(rule) for rule in state.choices]) for state in states_of(machine, "Choice")]


# --- rules that never decide ------------------------------------------------------------------------------------------


@lint("SHADOWED_CHOICE_RULE", "WARNING", "A Choice rule never decides, as an earlier one takes all that it would.")
def shadowed_choice_rule(machine: Machine) -> Iterator[Finding]:
    """The same test again, a narrower number, or the same test with more beside it."""
    for state, formulas in _choices(machine):
        earlier = _Earlier()
        for index, (rule, formula) in enumerate(zip(state.choices, formulas, strict=True)):
            by = earlier.covering(formula)
            if by is not None:
                message = f"this rule never decides: Choices[{by}] takes everything that it would take"
                yield Finding(rule.pointer, message, f"remove it, or move it before Choices[{by}]")
            earlier.add(formula, index)


class _Earlier:
    """The tests that earlier rules are decided by alone: test -> the rule's index; numbers by their bounds, as
    (path, below, loose) -> (reach, the rule's index)."""

    def __init__(self) -> None:
        self.literals: dict[f.Literal, int] = {}
        self.bounds: dict[tuple[Any, bool, bool], tuple[tuple[float, bool], int]] = {}
        self.always: int | None = None

    def add(self, formula: f.Formula, index: int) -> None:
        """Notes a rule: each alternative that is a single test."""
        for part in f.alternatives(formula):
            if part is f.TRUE:
                self.always = index if self.always is None else self.always
            elif isinstance(part, f.Literal) and not part.atom.volatile:
                self.literals.setdefault(part, index)
                bound = f.bound(part)
                if bound is not None:
                    side = (part.atom.subject, bound.below, part.loose)
                    if side not in self.bounds or bound.reach < self.bounds[side][0]:
                        self.bounds[side] = (bound.reach, index)

    def covering(self, formula: f.Formula) -> int | None:
        """The last rule that is needed to take all that the formula does, None where something is left."""
        if self.always is not None:
            return self.always
        taken = [self._covering_one(part) for part in f.alternatives(formula)]
        found = [index for index in taken if index is not None]
        return max(found) if found and len(found) == len(taken) else None

    def _covering_one(self, part: f.Formula) -> int | None:
        for conjunct in f.conjuncts(part):
            if isinstance(conjunct, f.Literal):
                for loose in (True,) if conjunct.loose else (False, True):
                    by = self._taking(conjunct, loose)
                    if by is not None:
                        return by
        return None

    def _taking(self, literal: f.Literal, loose: bool) -> int | None:
        """The rule whose test, loose or not, takes all that a literal does."""
        same = literal._replace(loose=loose)
        if same in self.literals:
            return self.literals[same]
        for side in f.bounds(literal):
            wider = self.bounds.get((literal.atom.subject, side.below, loose))
            if wider is not None and wider[0] <= side.reach:
                return wider[1]
        return None


@lint("IMPOSSIBLE_CHOICE_RULE", "WARNING", "The tests of a Choice rule contradict each other, so it never decides.")
def impossible_choice_rule(machine: Machine) -> Iterator[Finding]:
    """A value cannot be two strings, or a string and a number, or below 1 and above 2."""
    for state, formulas in _choices(machine):
        for rule, formula in zip(state.choices, formulas, strict=True):
            reasons = [_contradiction(part) for part in f.alternatives(formula)]
            if reasons and all(reasons):
                yield Finding(rule.pointer, f"this rule never holds: {reasons[0]}", "mend or remove it")


def _contradiction(part: f.Formula) -> str | None:
    if part is f.FALSE:
        return "its condition is false"
    literals = [conjunct for conjunct in f.conjuncts(part) if isinstance(conjunct, f.Literal)]
    seen = set(literals)
    facts: dict[Any, _Known] = {}
    for literal in literals:
        if not seen.isdisjoint(literal.opposites()):
            return f"it asks for {literal.shown()} and for the opposite"
        subject = literal.atom.subject
        if subject is not None:
            known = facts.setdefault(subject, _Known(None, None, None, None))
            facts[subject] = narrowed = _narrow(known, literal)
            if narrowed.empty():
                return f"no value of {subject} meets {literal.shown()} and the tests before it"
    return None


class _Known(NamedTuple):
    """What tests say of one value: its types, its one value, and the bounds of a number as `f.Bound.reach`."""

    types: frozenset[type] | None
    only: tuple[type, Any] | None
    low: tuple[float, bool] | None
    high: tuple[float, bool] | None
    clash: bool = False

    def empty(self) -> bool:
        """Whether no value is left. A bound's reach is (low, open) or (-high, open)."""
        if self.clash or (self.types is not None and not self.types):
            return True
        if self.low is None or self.high is None:
            return False
        low, high = self.low[0], -self.high[0]
        return low > high or (low == high and (self.low[1] or self.high[1]))


_TYPE_TESTS = {
    "IsNumeric": NUMBER,
    "IsString": STRING,
    "IsBoolean": BOOLEAN,
    "IsTimestamp": STRING,
    "IsNull": frozenset({type(None)}),
}
_NO_VALUE: frozenset[type] = frozenset({type(ABSENT)})
"""What `IsPresent false` leaves: any other test of the same path finds nothing to look at."""

_EQUALS = ("StringEquals", "BooleanEquals")


def _narrow(known: _Known, literal: f.Literal) -> _Known:
    name, operand = literal.atom.operator, literal.atom.operand
    if name == "IsPresent":
        return known if literal.positive else _with_types(known, _NO_VALUE)
    if name in _TYPE_TESTS:
        return _with_types(known, _TYPE_TESTS[name]) if literal.positive else known
    if literal.loose and not (known.types is not None and known.types <= DATA_TESTS[name].types):
        return known
    if not literal.positive and f.bound(literal) is None:
        return _with_types(known, BOOLEAN) if name == "BooleanEquals" else known
    known = _with_types(known, DATA_TESTS[name].types)
    if name in _EQUALS:
        only = (type(operand), operand)
        return known._replace(only=only, clash=known.clash or known.only not in (None, only))
    for side in f.bounds(literal):
        if side.below:
            known = known._replace(high=_narrower(known.high, side.reach))
        else:
            known = known._replace(low=_narrower(known.low, side.reach))
    return known


def _narrower(old: tuple[float, bool] | None, new: tuple[float, bool]) -> tuple[float, bool]:
    return new if old is None else max(old, new)


def _with_types(known: _Known, types: frozenset[type]) -> _Known:
    return known._replace(types=types if known.types is None else known.types & types)


# --- inputs that no rule takes ----------------------------------------------------------------------------------------


@lint("NO_DEFAULT", "WARNING", "A Choice state has no Default, and its rules leave inputs over that end the execution.")
def no_default(machine: Machine) -> Iterator[Finding]:
    """AWS takes such a definition. Where no rule holds, the execution fails as States.Runtime, never to be caught."""
    for state, formulas in _choices(machine):
        if state.default is None and not _covers_all(formulas):
            message = f"'{state.name}' has no Default: an input that no rule takes fails the execution"
            yield Finding(state.pointer, message, "add a Default, to a Fail state if there is nothing else to do")


def _covers_all(formulas: Sequence[f.Formula]) -> bool:
    parts = [part for formula in formulas for part in f.alternatives(formula)]
    singles = {part for part in parts if isinstance(part, f.Literal)}
    opposites = {(literal.atom, not literal.positive) for literal in singles}
    if f.TRUE in parts or any(literal[:2] in opposites for literal in singles) or _bounds_meet(singles):
        return True
    atoms = sorted({atom for part in parts for atom in f.atoms(part)}, key=repr)
    if len(atoms) > MOST_ATOMS:
        return False
    rows = (dict(zip(atoms, values, strict=True)) for values in product((True, False), repeat=len(atoms)))
    return all(any(f.holds(part, row) for part in parts) for row in rows)


def _bounds_meet(literals: set[f.Literal]) -> bool:
    """Whether a test from below and one from above leave no number between them."""
    lows: dict[Any, tuple[float, bool]] = {}
    highs: dict[Any, tuple[float, bool]] = {}
    points: set[tuple[Any, float]] = set()
    for literal in literals:
        sides = f.bounds(literal)
        if len(sides) == 2:
            points.add((literal.atom.subject, sides[0].reach[0]))
        for side in sides if len(sides) == 1 else ():
            kept = highs if side.below else lows
            kept[literal.atom.subject] = min(side.reach, kept.get(literal.atom.subject, side.reach))
    return any(_meet(lows[subject], highs[subject], subject, points) for subject in lows.keys() & highs.keys())


def _meet(low: tuple[float, bool], high: tuple[float, bool], subject: Any, points: set[tuple[Any, float]]) -> bool:
    top = -high[0]
    return low[0] < top or (low[0] == top and (not (low[1] and high[1]) or (subject, top) in points))
