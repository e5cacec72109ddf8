"""The order in which the fields of a definition are written: one table, from what a state is to where it goes next.

A state reads from top to bottom: what it is, what it works on, how, what becomes of the result, what happens when it
fails, where it goes. Only the language's own fields are ordered; what stands in a payload template, a Result, or an
Assign is the author's, and so is the order of States. A field that is not in the table keeps its place after those
that are.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from asl_engine.jsonvalue import Json

MACHINE: Final = ("Comment", "QueryLanguage", "Version", "TimeoutSeconds", "ProcessorConfig", "StartAt", "States")

STATE: Final = (
    *("Type", "Comment", "QueryLanguage"),
    *("Resource", "Credentials", "TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath"),
    *("Label", "InputPath", "Parameters", "Arguments"),
    *("Seconds", "SecondsPath", "Timestamp", "TimestampPath", "Error", "ErrorPath", "Cause", "CausePath"),
    *("ItemReader", "Items", "ItemsPath", "ItemsPointer", "ItemSelector", "ItemBatcher"),
    *("MaxConcurrency", "MaxConcurrencyPath", "ToleratedFailureCount", "ToleratedFailureCountPath"),
    *("ToleratedFailurePercentage", "ToleratedFailurePercentagePath", "ItemProcessor", "Iterator", "Branches"),
    *("ResultWriter", "Choices", "Result", "ResultSelector", "ResultPath", "OutputPath", "Assign", "Output"),
    *("Retry", "Catch", "Default", "Next", "End"),
)

RULE: Final = ("Comment", "Not", "And", "Or", "Variable", "Condition", "*", "Assign", "Output", "Next")
"""`*` stands for the comparison operators, and for all that the table does not name."""

RETRIER: Final = (
    *("Comment", "ErrorEquals", "IntervalSeconds", "BackoffRate", "MaxDelaySeconds", "MaxAttempts", "JitterStrategy"),
)
CATCHER: Final = ("Comment", "ErrorEquals", "Assign", "ResultPath", "Output", "Next")

NESTED: Final[dict[str, dict[str, str]]] = {
    "machine": {"States": "states"},
    "states": {"*": "state"},
    "state": {
        "ItemProcessor": "machine",
        "Iterator": "machine",
        "Branches": "machines",
        "Choices": "rules",
        "Retry": "retriers",
        "Catch": "catchers",
    },
    "rule": {"Not": "rule", "And": "rules", "Or": "rules"},
    "machines": {"*": "machine"},
    "rules": {"*": "rule"},
    "retriers": {"*": "retrier"},
    "catchers": {"*": "catcher"},
}
"""Kind of object -> field -> kind of what stands in it. What is not listed is the author's own."""

ORDERS: Final = {"machine": MACHINE, "state": STATE, "rule": RULE, "retrier": RETRIER, "catcher": CATCHER}


def ordered(names: Iterable[str], kind: str | None) -> list[str]:
    """The names of an object's fields in the order they are written in. Others keep the order that they have."""
    written = list(names)
    order = ORDERS.get(kind or "")
    if order is None:
        return written
    places = {name: place for place, name in enumerate(order)}
    others = places.get("*", len(order))
    return sorted(written, key=lambda name: places.get(name, others))


def kind_below(kind: str | None, key: str | int) -> str | None:
    """The kind of what stands at a key or an index of an object or array of this kind; None for the author's own."""
    below = NESTED.get(kind or "", {})
    return below.get(str(key)) or below.get("*")


def in_order(value: Json, kind: str | None) -> Json:
    """A definition, or a part of one, with its fields in their order."""
    if isinstance(value, dict):
        return {key: in_order(value[key], kind_below(kind, key)) for key in ordered(value, kind)}
    return [in_order(item, kind_below(kind, "*")) for item in value] if isinstance(value, list) else value
