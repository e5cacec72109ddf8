"""Choice: specification "Choice State". The first rule whose condition holds decides where the machine goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar, TypeAlias

from asl_engine.definition.described import Drafting, Schema, described
from asl_engine.definition.fields import (
    ABSENT,
    JSONATA,
    Place,
    asl,
    assignments,
    expression,
    filled_list,
    filled_string,
    path,
    show,
    string,
    tell_unknown,
)
from asl_engine.errors import RUNTIME, StatesError
from asl_engine.jsonvalue import Json
from asl_engine.query.language import IDENTITY, QueryLanguage
from asl_engine.query.scope import Expr, Scope
from asl_engine.records import record
from asl_engine.states.choice_rules import DATA_TESTS, DataTest
from asl_engine.states.choice_schema import draft_rule
from asl_engine.states.common import INPUT_OUTPUT, State
from asl_engine.states.leaving import compile_finish, immediate_growth
from asl_engine.states.moves import Move
from asl_engine.states.program import Finish, Step

NO_CHOICE_MATCHED_TEXT = "Failed to transition out of the state. The state does not point to a next state."


@record(frozen=True, slots=True, kw_only=True)
class ChoiceRule:
    """A data-test expression (variable, operator, operand), a boolean expression (And, Or, Not), or a Condition."""

    pointer: str
    variable: str | None = None
    operator: str | None = None
    operand: Json = None
    rules: tuple[ChoiceRule, ...] = ()
    condition: Json = ABSENT
    next: str | None = None
    assign: Json = None
    output: Json = ABSENT
    comment: str | None = None


@described(lambda drafting: drafting.of(assignments))
def _rule_assign(value: Json, place: Place) -> Json:
    return expression(assignments(value, place), place)


_COMMON = {"Comment": ("comment", string)}
_TOP = {"Next": ("next", filled_string), "Assign": ("assign", _rule_assign), "Output": ("output", expression)}
_COMPOSITE = ("And", "Or", "Not")


def _draft_rule(drafting: Drafting) -> Schema:
    return draft_rule(drafting, _COMMON | _TOP, _read_nested_rule)


@described(_draft_rule, "ChoiceRule")
def read_rule(value: Json, place: Place) -> ChoiceRule | None:
    """A rule of `Choices`: with Next."""
    if isinstance(value, dict) and "Next" not in value:
        place.error("These fields are required: [Next]")
    return _read_rule(value, place, _COMMON | _TOP)


def _draft_nested_rule(drafting: Drafting) -> Schema:
    return draft_rule(drafting, _COMMON, _read_nested_rule)


@described(_draft_nested_rule, "NestedRule")
def _read_nested_rule(value: Json, place: Place) -> ChoiceRule | None:
    return _read_rule(value, place, _COMMON)


def _read_rule(value: Json, place: Place, fields: dict[str, Any]) -> ChoiceRule | None:
    if not isinstance(value, dict):
        place.error(f"must be a choice rule, not {show(value)}")
        return None
    if place.query_language == JSONATA:
        return _read_condition(value, place, fields)
    fields = {name: row for name, row in fields.items() if name != "Output"}
    read = {fields[name][0]: fields[name][1](item, place.at(name)) for name, item in value.items() if name in fields}
    operators = [name for name in value if name in DATA_TESTS or name in _COMPOSITE]
    for name in value:
        plain = name == "Variable" and not any(operator in _COMPOSITE for operator in operators)
        if name not in fields and name not in operators and not plain:
            tell_unknown(name, [*fields, *DATA_TESTS, *_COMPOSITE, *(["Variable"] * plain)], place)
    if len(operators) != 1:
        place.error(f"exactly one comparison operator must be set, not {', '.join(operators) or 'none'}")
        return None
    return _read_operator(operators[0], value, place, read)


def _read_condition(value: dict[str, Json], place: Place, fields: dict[str, Any]) -> ChoiceRule | None:
    known = {"Condition": ("condition", expression), **fields}
    read = {known[name][0]: known[name][1](item, place.at(name)) for name, item in value.items() if name in known}
    for name in value:
        if name not in known:
            tell_unknown(name, known, place)
    if "Condition" not in value:
        place.error("These fields are required: [Condition]")
    return ChoiceRule(pointer=place.pointer, **read)


def _read_operator(name: str, value: dict[str, Json], place: Place, read: dict[str, Any]) -> ChoiceRule | None:
    if name == "Not":
        nested = _read_nested_rule(value[name], place.at(name))
        return ChoiceRule(pointer=place.pointer, operator=name, rules=(nested,) if nested else (), **read)
    if name in _COMPOSITE:
        rules = filled_list(_read_nested_rule)(value[name], place.at(name))
        kept = tuple(rule for rule in rules if rule is not None)
        return ChoiceRule(pointer=place.pointer, operator=name, rules=kept, **read)
    if "Variable" not in value:
        place.error("These fields are required: [Variable]")
        return None
    variable = path(value["Variable"], place.at("Variable"))
    operand = DATA_TESTS[name].read(value[name], place.at(name))
    return ChoiceRule(pointer=place.pointer, variable=variable, operator=name, operand=operand, **read)


@record(frozen=True, slots=True, kw_only=True)
class Choice(State):
    """A state that branches."""

    takes: ClassVar[frozenset[str]] = INPUT_OUTPUT | {"Assign"}

    choices: tuple[ChoiceRule, ...] = asl("Choices", filled_list(read_rule), default=(), required=True)
    default: str | None = asl("Default", filled_string)

    def assigned_names(self) -> Iterator[tuple[str, str]]:
        """The state's own variables and the rules'."""
        yield from State.assigned_names(self)
        for rule in self.choices:
            for key in (rule and rule.assign) or ():
                yield key.removesuffix(".$"), f"{rule.pointer}/Assign/{key}"

    def targets(self) -> Iterator[tuple[str, str]]:
        """The rules' Next and Default."""
        for rule in self.choices:
            if rule is not None and rule.next is not None:
                yield rule.next, f"{rule.pointer}/Next"
        if self.default is not None:
            yield self.default, f"{self.pointer}/Default"


Condition: TypeAlias = Callable[[Json, Scope], bool]


def compile_choice(state: Choice, language: QueryLanguage, steps: dict[str, Step], step: Step) -> None:
    """Binds the step."""
    before = language.selected(state)
    select = before.expr if before else None
    after = language.after(state)
    rows = [
        (
            compile_condition(rule, index, language),
            step.watched(rule.pointer, _rule_finish(rule, index, state, language, steps)),
        )
        for index, rule in enumerate(state.choices)
    ]
    default: Finish = _no_choice_matched
    if state.default is not None:
        assign = language.assign(state.assign, "Assign", False)
        default = step.watched(f"{state.pointer}/Default", compile_finish(after, assign, steps[state.default]))

    def behaviour(scope: Scope) -> Move:
        document = select(scope.input, scope) if select else scope.input
        for condition, finish in rows:
            if condition(document, scope):
                return finish(document, scope)
        return default(document, scope)

    step.behaviour = behaviour
    step.factor, step.added = immediate_growth(before.growth if before else IDENTITY, after)


def _rule_finish(
    rule: ChoiceRule, index: int, state: Choice, language: QueryLanguage, steps: dict[str, Step]
) -> Finish:
    assert rule.next is not None
    after = language.rule_output(rule, index, state)
    assign = language.assign(rule.assign, f"Choices[{index}]/Assign", False)
    return compile_finish(after, assign, steps[rule.next])


def _no_choice_matched(document: Json, scope: Scope) -> Any:
    raise StatesError(RUNTIME, NO_CHOICE_MATCHED_TEXT)


def compile_condition(rule: ChoiceRule, index: int, language: QueryLanguage) -> Condition:
    """The test of one rule."""
    if rule.condition is not ABSENT:
        return language.condition(rule.condition, f"Choices[{index}]/Condition")
    nested = [compile_condition(inner, index, language) for inner in rule.rules]
    if rule.operator == "Not":
        inner = nested[0]
        return lambda document, scope: not inner(document, scope)
    if rule.operator == "And":
        return lambda document, scope: all(condition(document, scope) for condition in nested)
    if rule.operator == "Or":
        return lambda document, scope: any(condition(document, scope) for condition in nested)
    return _compile_data_test(rule, language)


def _compile_data_test(rule: ChoiceRule, language: QueryLanguage) -> Condition:
    assert rule.operator is not None
    data_test = DATA_TESTS[rule.operator]
    variable = language.value("Variable", None, rule.variable)
    assert variable is not None
    if rule.operator == "IsPresent":
        return _compile_is_present(variable, rule.operand)
    present = _must_be_there(variable, rule.variable)
    if data_test.by_path:
        operand = language.value(rule.operator, None, rule.operand)
        assert operand is not None
        return _compile_comparison(present, data_test, _must_be_there(operand, rule.operand))
    types, test, literal = data_test.types, data_test.test, rule.operand

    def condition(document: Json, scope: Scope) -> bool:
        value = present(document, scope)
        return type(value) in types and test(value, literal)

    return condition


def _compile_comparison(present: Expr, data_test: DataTest, operand: Expr) -> Condition:
    types, test = data_test.types, data_test.test

    def condition(document: Json, scope: Scope) -> bool:
        value, other = present(document, scope), operand(document, scope)
        return type(value) in types and type(other) in types and test(value, other)

    return condition


def _compile_is_present(variable: Expr, expected: bool) -> Condition:
    def condition(document: Json, scope: Scope) -> bool:
        try:
            variable(document, scope)
        except StatesError:
            return not expected
        return expected

    return condition


def _must_be_there(expr: Expr, text: str | None) -> Expr:
    """The path's value; where it finds nothing, AWS's text for Choice."""

    def present(document: Json, scope: Scope) -> Json:
        try:
            return expr(document, scope)
        except StatesError as error:
            message = f"Invalid path '{text}': The choice state's condition path references an invalid value."
            raise StatesError(error.error, message) from None

    return present
