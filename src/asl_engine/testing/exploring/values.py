"""Values that a Choice rule asks for, one variable at a time: the literal it compares with, or the next one beyond."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from asl_engine.definition.fields import ABSENT
from asl_engine.jsonvalue import Json
from asl_engine.testing.exploring.mending import Keys, keys_of

PAST, FUTURE = "2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z"
_KINDS: dict[str, Json] = {"IsString": "x", "IsNumeric": 1, "IsBoolean": True, "IsNull": None, "IsPresent": "x"}
_OTHER: dict[str, Json] = {"IsString": 1}
_COMPARED = re.compile(
    r"\$states\.input\.(?P<path>[A-Za-z_][\w.]*)\s*(?P<sign>=|!=|>=|<=|>|<)\s*(?P<literal>'[^']*'|\"[^\"]*\"|-?\d+|true|false)"
)


def values_for(rule: Any) -> Iterator[tuple[Keys, Json]]:
    """(keys into the Choice's input, a value) for each comparison in a rule, so that it may hold."""
    yield from _values(rule, wanted=True)


def values_against(rule: Any) -> Iterator[tuple[Keys, Json]]:
    """The same, so that it may not hold."""
    yield from _values(rule, wanted=False)


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
        text, keys = match["literal"], tuple(match["path"].split("."))
        if text[0] in "'\"":
            yield from ((keys, text[1:-1]), (keys, f"{text[1:-1]}x"))
        elif text in ("true", "false"):
            yield from ((keys, True), (keys, False))
        else:
            yield from ((keys, int(text) + step) for step in (0, 1, -1))
