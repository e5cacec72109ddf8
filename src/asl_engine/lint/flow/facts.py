"""What a Choice rule tells about its document once it is known to hold, or not to hold.

`IsPresent` asks whether a path finds something. Every other test of JSONPath fails the state where its path finds
nothing, so once it was evaluated the path is known to find something. In JSONata only `$exists(...)` tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from asl_engine.definition.fields import ABSENT
from asl_engine.lint.flow.read import CONTEXT, DOCUMENT, path_text
from asl_engine.lint.flow.shape import Key, Shape, assume, member
from asl_engine.lint.flow.visit import View
from asl_engine.states.choice import ChoiceRule
from asl_engine.states.choice_rules import DATA_TESTS

VARIABLES = ""


class Fact(NamedTuple):
    """Whether the keys lead to a value from a root of the view; those of VARIABLES begin with the variable's name.
    `gathers`: a name on the way is also looked for in the items of an array (JSONata)."""

    root: str
    keys: tuple[Key, ...]
    present: bool
    gathers: bool = False


def assuming(view: View, facts: Iterable[Fact]) -> View:
    """The view once facts are known."""
    for root, keys, present, gathers in facts:
        start = view.variables if root == VARIABLES else view.roots.get(root)
        if start is None or (gathers and present and _meets_array(start, keys)):
            continue
        known = assume(start, keys, present)
        if known is not start:
            view = View(view.roots, known) if root == VARIABLES else View({**view.roots, root: known}, view.variables)
    return view


def _meets_array(shape: Shape, keys: Iterable[Key]) -> bool:
    """Whether an array can stand on the way."""
    for key in keys:
        if shape.items is not None:
            return True
        shape = member(shape, key).shape
    return False


def facts_of(rule: ChoiceRule, holds: bool) -> Iterator[Fact]:
    """What follows from a rule that was evaluated and does or does not hold."""
    operator = rule.operator or ""
    if rule.condition is not ABSENT:
        yield from _facts_of_condition(rule.condition, holds)
    elif operator == "Not":
        yield from facts_of(rule.rules[0], not holds)
    elif operator in ("And", "Or"):
        if holds == (operator == "And") or len(rule.rules) == 1:
            for nested in rule.rules:
                yield from facts_of(nested, holds)
    elif operator == "IsPresent":
        yield from _fact(rule.variable, rule.operand is holds)
    elif holds or not operator.startswith("Is"):
        yield from _fact(rule.variable, True)
        if DATA_TESTS[operator].by_path:
            yield from _fact(rule.operand, True)


def _fact(text: Any, present: bool) -> Iterator[Fact]:
    path = path_text(text)
    if not path.definite or not path.whole or path.root == CONTEXT:
        return
    keys = path.keys if path.root == DOCUMENT else (path.root, *path.keys)
    if keys:
        yield Fact(DOCUMENT if path.root == DOCUMENT else VARIABLES, keys, present)


def _facts_of_condition(condition: Any, holds: bool) -> Iterator[Fact]:
    if isinstance(condition, str) and condition.startswith("{%") and "$exists" in condition:
        from asl_engine.lint.flow.jsonata import existing, parsed

        for root, keys, present in existing(parsed(condition[2:-2].strip()), holds):
            yield Fact(root, keys, present, gathers=True)
