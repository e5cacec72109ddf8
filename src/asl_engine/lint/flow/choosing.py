"""Choice over shapes: specification "Choice State". The rules are tried in order, and each one that does not hold tells
something about the input that the next one sees.
"""

from __future__ import annotations

from typing import Any

from asl_engine.definition.fields import ABSENT
from asl_engine.lint.flow.facts import assuming, facts_of
from asl_engine.lint.flow.read import in_words
from asl_engine.lint.flow.shape import (
    BOOLEAN,
    NUMBER,
    STRING,
    Shape,
    kinds,
)
from asl_engine.lint.flow.visit import RULE_NEVER_MATCHES, Telling, View, Visit
from asl_engine.lint.flow.ways import Exit, Outputs, Ways, chosen, maybe, selected
from asl_engine.states.choice import ChoiceRule
from asl_engine.states.choice_rules import DATA_TESTS


def choice_ways(visit: Visit, outputs: Outputs) -> Ways:
    state = visit.state
    view = visit.view(selected(visit))
    failed = visit.failures > 0
    exits = []
    for index, rule in enumerate(state.choices):
        mark = visit.failures
        _check(visit, rule, view)
        if index == 0 and rule.operator not in ("And", "Or"):  # those may be decided before they come to a failure
            failed = failed or visit.failures > mark
        exits.append(_chosen_exit(visit, rule, assuming(view, facts_of(rule, True)), rule.pointer, failed))
        view = assuming(view, facts_of(rule, False))
    if state.default is not None:
        exits.append(_chosen_exit(visit, state, view, visit.pointer, failed))
    return Ways([], exits)


def _chosen_exit(visit: Visit, rule: Any, view: View, pointer: str, failed: bool) -> Exit:
    """The way out through a rule, or through Default with the state's own Assign and Output."""
    mark = visit.failures
    variables = visit.assigned(rule.assign, view, pointer)
    if visit.jsonata:
        document = maybe(visit, rule.output, view, f"{pointer}/Output", view.roots["input"])
    else:
        document = chosen(visit, visit.state.output_path, view.roots["$"], "OutputPath", view)
    target = rule.next if isinstance(rule, ChoiceRule) else rule.default
    return Exit(target, document, variables, failed or visit.failures > mark)


_COMPARED = {"String": STRING, "Numeric": NUMBER, "Boolean": BOOLEAN, "Timestamp": STRING}


def _check(visit: Visit, rule: ChoiceRule, view: View) -> None:
    """The reads of a rule. In And and Or a later test is evaluated only where the earlier ones left it open."""
    operator = rule.operator or ""
    if rule.condition is not ABSENT:
        found = visit.template(rule.condition, view, f"{rule.pointer}/Condition")
        visit.of_kind(found, frozenset({BOOLEAN}), rule.condition, f"{rule.pointer}/Condition")
    for nested in rule.rules:
        _check(visit, nested, view)
        if operator != "Not":
            view = assuming(view, facts_of(nested, operator == "And"))
    if rule.variable is not None:
        _check_test(visit, rule, operator, rule.variable, view)


def _check_test(visit: Visit, rule: ChoiceRule, operator: str, variable: str, view: View) -> None:
    asks = operator.startswith("Is")
    found = visit.path(variable, view, f"{rule.pointer}/Variable", needed=not asks)
    if asks:
        return
    wanted = next(kind for prefix, kind in _COMPARED.items() if operator.startswith(prefix))
    _comparable(visit, found, wanted, variable, f"{rule.pointer}/Variable", operator)
    if DATA_TESTS[operator].by_path:
        other = visit.path(rule.operand, view, f"{rule.pointer}/{operator}")
        _comparable(visit, other, wanted, rule.operand, f"{rule.pointer}/{operator}", operator)


def _comparable(visit: Visit, found: Shape, wanted: str, text: str, pointer: str, operator: str) -> None:
    """Specification, "Choice Rule": a value of another type than the operator's makes the test false."""
    if kinds(found) and wanted not in kinds(found):
        message = f"{operator} never matches: '{text}' is always {in_words(kinds(found))}, not {in_words({wanted})}"
        visit.tellings.append(Telling(RULE_NEVER_MATCHES, pointer, message))
