"""Choice rules solved for what they read: which values from outside make a rule hold, or not hold.

A rule becomes a formula of *tests*. A test knows the origins that it reads, tries values on the engine's own operators,
and hints at values that are worth trying. `satisfy` searches, lazily and within a budget, for values that give every
test the outcome that is wanted. The rule that keeps it whole: a value is never thought to pass a test, it is tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise, product
from typing import Any, NamedTuple, TypeAlias

from asl_engine.definition.fields import ABSENT
from asl_engine.jsonvalue import Json
from asl_engine.query.jsonata import UNDEFINED, Expression, JsonataError, compile_expression
from asl_engine.query.jsonata import syntax as s
from asl_engine.query.jsonata.parser import parse
from asl_engine.query.jsonata.unparse import unparse
from asl_engine.query.jsonata_language import expression_text, is_expression
from asl_engine.states.choice_rules import DATA_TESTS
from asl_engine.testing.origins import Constant, Flow, Keys, Origin, Place, read_path, selected_input, variable_view
from asl_engine.timestamp import format_timestamp, parse_timestamp

BUDGET = 20_000
"""The most values that one search tries."""

Chosen: TypeAlias = dict[Place, Json]
"""What stands at places outside; ABSENT where nothing may stand."""


class Trial(NamedTuple):
    """One test: the origins that it reads, what it says of their values (None: it fails the state), and for each origin
    the values that are worth trying."""

    reads: tuple[Origin, ...]
    holds: Callable[[Sequence[Json]], bool | None]
    hints: tuple[tuple[Json, ...], ...]


class Joined(NamedTuple):
    """And, Or or Not of formulas."""

    how: str
    parts: tuple[Formula, ...]


Formula: TypeAlias = "Trial | Joined | bool | None"
"""A formula that is True or False is decided; None is a rule that cannot be looked into."""


def formula_of(rule: Any, state: Any, flow: Flow) -> Formula:
    """The formula of a rule of a Choice state, read where the flow is."""
    if rule.condition is not ABSENT:
        return _of_condition(rule.condition, flow)
    if rule.rules:
        return Joined(rule.operator, tuple(formula_of(inner, state, flow) for inner in rule.rules))
    return _data_test(rule, state, flow)


def tests_of(formula: Formula) -> Iterator[Trial]:
    """Every test of a formula."""
    if isinstance(formula, Trial):
        yield formula
    elif isinstance(formula, Joined):
        for part in formula.parts:
            yield from tests_of(part)


# --- data-test expressions --------------------------------------------------------------------------------------------


def _data_test(rule: Any, state: Any, flow: Flow) -> Formula:
    selected = selected_input(state, flow)
    variable = read_path(rule.variable, selected, flow)(())
    data_test = DATA_TESTS[rule.operator]
    if data_test.by_path:
        operand = read_path(rule.operand, selected, flow)(())
        hints = _PAIRS[_family(rule.operator)]
        return Trial((variable, operand), lambda values: _compared(data_test, *values), (hints, hints))
    if rule.operator == "IsPresent":
        return Trial((variable,), lambda values: (values[0] is not ABSENT) is rule.operand, (("x", ABSENT),))
    hints = _hints(rule.operator, rule.operand)
    return Trial((variable,), lambda values: _compared(data_test, values[0], rule.operand), (hints,))


def _compared(data_test: Any, value: Json, operand: Json) -> bool | None:
    """False for a value of another type; a Variable or an operand that is not there fails the state."""
    if value is ABSENT or operand is ABSENT:
        return None
    fits = type(value) in data_test.types and (not data_test.by_path or type(operand) in data_test.types)
    return fits and bool(data_test.test(value, operand))


_FAMILIES = ("String", "Numeric", "Boolean", "Timestamp")
_PAIRS: Mapping[str, tuple[Json, ...]] = {
    "String": ("a", "b", "c"),
    "Numeric": (1, 2, 3),
    "Boolean": (True, False),
    "Timestamp": ("2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z", "2024-01-03T00:00:00Z"),
}
_TYPE_HINTS: Mapping[str, tuple[Json, ...]] = {
    "IsNull": (None, "x"),
    "IsNumeric": (1, "x"),
    "IsString": ("x", 1),
    "IsBoolean": (True, "x"),
    "IsTimestamp": ("2024-01-01T00:00:00Z", "x"),
}


def _family(operator: str) -> str:
    return next(family for family in _FAMILIES if operator.startswith(family))


def _hints(operator: str, operand: Json) -> tuple[Json, ...]:
    """Values on either side of the operand."""
    if operator in _TYPE_HINTS:
        return _TYPE_HINTS[operator]
    if operator == "StringMatches":
        return _matching(operand)
    return _AROUND[_family(operator)](operand)


def _matching(pattern: str) -> tuple[Json, ...]:
    """Texts for the pattern, with its stars as nothing and as an x; and two that most patterns do not match."""
    escaped = pattern.replace("\\\\", "\0").replace("\\*", "\1")
    texts = [escaped.replace("*", star).replace("\0", "\\").replace("\1", "*") for star in ("x", "")]
    return (*texts, "", f"~{texts[0]}")


def _around_moment(text: str) -> tuple[Json, ...]:
    moment = parse_timestamp(text)
    assert moment is not None
    return (text, format_timestamp(moment - 1000), format_timestamp(moment + 1000))


_AROUND: Mapping[str, Callable[[Any], tuple[Json, ...]]] = {
    "String": lambda text: (text, f"{text}x", ""),
    "Numeric": lambda number: (number, number - 1, number + 1),
    "Boolean": lambda wanted: (wanted, not wanted),
    "Timestamp": _around_moment,
}


# --- JSONata ----------------------------------------------------------------------------------------------------------

DEEPEST = 60
"""How many levels of `and`, `or` and `$not` are taken apart."""

MOST_COUNTED = 5
"""Up to which number a literal may stand for how many items an array has."""


def _of_condition(condition: Json, flow: Flow) -> Formula:
    if isinstance(condition, bool):
        return condition
    if not is_expression(condition):
        return None
    try:
        return _of_tree(parse(expression_text(condition)), flow, DEEPEST)
    except (JsonataError, RecursionError):
        return None


def _of_tree(tree: s.Tree, flow: Flow, depth: int) -> Formula:
    if not depth:
        raise RecursionError
    if isinstance(tree, s.Block) and len(tree.expressions) == 1:
        return _of_tree(tree.expressions[0], flow, depth - 1)
    if isinstance(tree, s.Literal) and isinstance(tree.value, bool):
        return tree.value
    if isinstance(tree, s.Binary) and tree.op in ("and", "or"):
        parts = _of_tree(tree.lhs, flow, depth - 1), _of_tree(tree.rhs, flow, depth - 1)
        return Joined("And" if tree.op == "and" else "Or", parts)
    if isinstance(tree, s.Call) and tree.procedure == s.Variable("not") and len(tree.arguments) == 1:
        return Joined("Not", (_of_tree(tree.arguments[0], flow, depth - 1),))
    return _expression_test(tree, flow, part=depth < DEEPEST)


def _expression_test(tree: s.Tree, flow: Flow, *, part: bool) -> Formula:
    """Any other expression: all that it reads is put together, and the expression itself asked. A part of `and`, `or`
    and `$not` may be of any type, a whole Condition must be a boolean."""
    expression = compile_expression(unparse(tree))
    read = [(name, path) for name in sorted(expression.free_variables) for path in sorted(expression.paths_of(name))]
    known = [(name, path) for name, path in read if name == "states" or name in flow.variables]
    states = {"input": flow.document}
    origins = tuple(variable_view(name, path, states, flow)(()) for name, path in known)
    hints = tuple(_literal_hints(tree))
    return Trial(origins, lambda values: _outcome(_evaluate(expression, known, values), part), (hints,) * len(origins))


def _evaluate(expression: Expression, read: Sequence[tuple[str, Keys]], values: Sequence[Json]) -> Any:
    """The expression's value, UNDEFINED where it fails."""
    bindings: Json = {"states": {"input": {}}}
    places = sorted(zip(read, values, strict=True), key=lambda row: len(row[0][1]))
    for (name, keys), value in places:
        if value is not ABSENT:
            bindings = placed(bindings, (name, *keys), value)
            if bindings is ABSENT:
                return UNDEFINED
    try:
        return expression.evaluate(UNDEFINED, bindings, _NoWorld())
    except JsonataError:
        return UNDEFINED


def _outcome(value: Any, part: bool) -> bool | None:
    if isinstance(value, bool):
        return value
    if value is UNDEFINED or not part:
        return None
    return any(_outcome(item, part) for item in value) if isinstance(value, list) else bool(value)


class _NoWorld:
    """An environment in which no time passes and nothing is random."""

    now_ms = 0

    def random(self) -> float:
        """Always the same."""
        return 0.5

    def uuid(self) -> str:
        """Always the same."""
        return "00000000-0000-4000-8000-000000000000"


_SHAPES: tuple[Json, ...] = ("x", 1, True, False, None, 0, "", [], ["x"], {}, ABSENT)


def _literal_hints(tree: s.Tree) -> Iterator[Json]:
    """The literals of an expression, values around them, and one value of every type."""
    for literal in _literals(tree):
        if isinstance(literal, bool) or literal is None:
            yield literal
        elif isinstance(literal, str):
            yield from (literal, f"{literal}x", [literal])
        else:
            yield from (literal, literal - 1, literal + 1)
            if literal == int(literal) and 0 <= literal <= MOST_COUNTED:
                yield from (["x"] * int(count) for count in (literal, literal + 1))
    yield from _SHAPES


def _literals(node: Any) -> Iterator[Json]:
    if isinstance(node, s.Literal):
        yield node.value
    elif isinstance(node, s.Node):
        for field in node.fields():
            yield from _literals(field)
    elif isinstance(node, tuple):
        for item in node:
            yield from _literals(item)


def placed(document: Json, keys: Keys, value: Json) -> Json:
    """The document with a value at some keys, making objects and arrays on the way; ABSENT where something else stands
    there already."""
    if not keys:
        return value if document in (ABSENT, {}, []) or document == value else ABSENT
    key, rest = keys[0], keys[1:]
    if isinstance(key, int):
        items = list(document) if isinstance(document, list) else [] if document in (ABSENT, {}) else None
        if items is None or key > 100:
            return ABSENT
        items += [ABSENT] * (key + 1 - len(items))
        inner = items[key] = placed(items[key], rest, value)
        items = [{} if item is ABSENT else item for item in items]
        return ABSENT if inner is ABSENT else items
    if document is not ABSENT and not isinstance(document, dict):
        return ABSENT
    members = dict(document or {})
    members[key] = placed(members.get(key, ABSENT), rest, value)
    return ABSENT if members[key] is ABSENT else members


# --- search -----------------------------------------------------------------------------------------------------------

Wanted: TypeAlias = tuple[Formula, bool]


class Search:
    """One search: what is worth trying at each place, and how many values may still be tried."""

    def __init__(self, formulas: Iterable[Formula]) -> None:
        self.left = BUDGET
        self._pools: dict[Place, list[Json]] = {}
        for formula in formulas:
            for test in tests_of(formula):
                for origin, hints in zip(test.reads, test.hints, strict=True):
                    if isinstance(origin, Place):
                        pool = self._pools.setdefault(origin, [])
                        pool += [value for value in hints if not _among(value, pool)]
        for place, pool in self._pools.items():
            inner = [deeper.keys[len(place.keys)] for deeper in self._pools if _is_below(deeper, place)]
            pool[:0] = [[] if isinstance(inner[0], int) else {}] if inner else []
            pool += _between(pool)

    def satisfy(self, wanted: Sequence[Wanted], chosen: Chosen) -> Iterator[Chosen]:
        """Every way found to choose values so that the formulas come out as wanted, besides what is chosen."""
        if not wanted:
            yield chosen
            return
        for extended in self._meet(*wanted[0], chosen):
            yield from self.satisfy(wanted[1:], extended)

    def _meet(self, formula: Formula, outcome: bool, chosen: Chosen) -> Iterator[Chosen]:
        if isinstance(formula, Trial):
            yield from self._try(formula, outcome, chosen)
        elif isinstance(formula, Joined):
            yield from self._join(formula, outcome, chosen)
        elif formula is None or formula is outcome:
            yield chosen

    def _join(self, formula: Joined, outcome: bool, chosen: Chosen) -> Iterator[Chosen]:
        """And and Or stop at the first part that decides: those behind it are not even read."""
        if formula.how == "Not":
            yield from self._meet(formula.parts[0], not outcome, chosen)
            return
        deciding = formula.how == "Or"
        if outcome is not deciding:
            yield from self.satisfy([(part, outcome) for part in formula.parts], chosen)
            return
        for index, part in enumerate(formula.parts):
            before = [(earlier, not outcome) for earlier in formula.parts[:index]]
            yield from self.satisfy([(part, outcome), *before], chosen)

    def _try(self, test: Trial, outcome: bool, chosen: Chosen) -> Iterator[Chosen]:
        if None in test.reads:  # not to be steered: it may come out as wanted
            yield chosen
            return
        for values in product(*(self._choices(origin, chosen) for origin in test.reads)):
            if self.left <= 0:
                return
            self.left -= 1
            if test.holds(values) is outcome:
                read = zip(test.reads, values, strict=True)
                yield chosen | {origin: value for origin, value in read if isinstance(origin, Place)}

    def _choices(self, origin: Origin, chosen: Chosen) -> Sequence[Json]:
        if isinstance(origin, Constant):
            return (origin.value,)
        assert origin is not None
        return (chosen[origin],) if origin in chosen else self._pools[origin]


def _is_below(place: Place, outer: Place) -> bool:
    return place != outer and place.root == outer.root and place.keys[: len(outer.keys)] == outer.keys


def _among(value: Json, values: Sequence[Json]) -> bool:
    """1, 1.0 and True are different values here."""
    return any(type(value) is type(other) and value == other for other in values)


def _between(pool: Sequence[Json]) -> list[Json]:
    """A value between each two neighbours: where one rule takes what is below and another what is above."""
    numbers = sorted({value for value in pool if type(value) in (int, float)})
    middles: list[Json] = [(low + high) / 2 for low, high in pairwise(numbers)]
    texts = sorted({value for value in pool if isinstance(value, str)})
    found = [int(middle) if middle == int(middle) else middle for middle in middles]
    return [value for value in (*found, *(f"{text}!" for text in texts)) if not _among(value, pool)]


# --- what rules of a state ask ----------------------------------------------------------------------------------------


def wanted_by(state: Any, index: int | None, flow: Flow) -> list[Wanted]:
    """What must hold for a Choice to leave by one of its rules, or (None) by Default: no earlier rule holds."""
    last = len(state.choices) if index is None else index
    formulas = [formula_of(rule, state, flow) for rule in state.choices[: last + 1]]
    asked: list[Wanted] = [(formula, False) for formula in formulas[:last]]
    return asked if index is None else [(formulas[index], True), *asked]
