"""Values that a Choice rule asks for, one variable at a time: the literal it compares with, or the next one beyond."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from asl_engine.definition.fields import ABSENT
from asl_engine.jsonvalue import Json
from asl_engine.testing.exploring.places import keys_of
from asl_engine.testing.origins import Keys

PAST, FUTURE = "2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z"
_KINDS: dict[str, Json] = {"IsString": "x", "IsNumeric": 1, "IsBoolean": True, "IsNull": None, "IsPresent": "x"}
_OTHER: dict[str, Json] = {"IsString": 1}
ANY_SIZE: tuple[Json, ...] = (0, 1, 1_000_000, PAST, FUTURE)
_LITERAL = re.compile(r"'[^']*'|\"[^\"]*\"|\b(?:\d+|true|false)\b")
_COMPARED = re.compile(
    r"\$states\.input\.(?P<path>[A-Za-z_][\w.]*)\s*(?P<sign>=|!=|>=|<=|>|<)\s*(?P<literal>'[^']*'|\"[^\"]*\"|-?\d+|true|false)"
)


def values_for(rule: Any) -> Iterator[tuple[Keys, Json]]:
    """(keys into the Choice's input, a value) for each comparison in a rule, so that it may hold."""
    yield from _values(rule, wanted=True)


def values_against(rule: Any) -> Iterator[tuple[Keys, Json]]:
    """The same, so that it may not hold."""
    yield from _values(rule, wanted=False)


def literals_in(rules: Sequence[Any]) -> list[Json]:
    """What the rules of a Choice compare with, and what lies around it, each value once; for values that no path leads
    to."""
    found: list[Json] = []
    for rule in rules:
        found += [value for _, value in values_for(rule)]
        found += [value for literal in _LITERAL.findall(str(rule.condition)) for value in _around(literal)]
    return [*{repr(value): value for value in [*found, *ANY_SIZE]}.values()]


def _values(rule: Any, *, wanted: bool) -> Iterator[tuple[Keys, Json]]:
    if rule.condition is not ABSENT:
        yield from _of_text(str(rule.condition))
        return
    for inner in rule.rules:
        yield from _values(inner, wanted=wanted != (rule.operator == "Not"))
    if isinstance(rule.variable, str) and rule.variable.startswith("$") and not rule.variable.startswith("$$"):
        keys = keys_of(rule.variable[1:])
        if rule.operator == "IsPresent" and keys and wanted != bool(rule.operand):
            yield keys[:-1], [] if isinstance(keys[-1], int) else {}
        else:
            yield from ((keys, value) for value in _asked(rule.operator, rule.operand, wanted))


def _asked(operator: str, operand: Json, wanted: bool) -> Iterator[Json]:
    if operator.startswith("Is"):
        of_kind = PAST if operator == "IsTimestamp" else _KINDS.get(operator)
        yield of_kind if wanted == bool(operand) else _OTHER.get(operator, "x")
    elif operator.startswith("Timestamp"):
        yield from (PAST, FUTURE, operand)
    elif operator.startswith("Numeric") and isinstance(operand, (int, float)):
        yield from (operand, operand + 1, operand - 1)
    elif operator == "StringMatches":
        yield str(operand).replace("\\*", "\0").replace("*", "x").replace("\0", "*") if wanted else ""
    elif operator.startswith("String"):
        yield from (operand, f"{operand}x", "")
    else:
        yield operand if wanted else not operand


def _of_text(condition: str) -> Iterator[tuple[Keys, Json]]:
    for match in _COMPARED.finditer(condition):
        keys = tuple(match["path"].split("."))
        yield from ((keys, value) for value in _around(match["literal"]))


def _around(literal: str) -> Iterator[Json]:
    """The value of a literal of JSONata, and others beside it."""
    if literal[0] in "'\"":
        yield from (literal[1:-1], f"{literal[1:-1]}x")
    elif literal in ("true", "false"):
        yield from (True, False)
    else:
        yield from (int(literal) + step for step in (0, 1, -1))
