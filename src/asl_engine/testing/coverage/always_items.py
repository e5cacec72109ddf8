"""Maps that are only entered with items: worked out from the definition alone.

The rule: only what is certain. Of such a Map nobody is asked to try it without items.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from asl_engine.definition.fields import JSONPATH
from asl_engine.definition.graph import Machine, every_machine, every_state

_PLAIN_PATH = re.compile(r"\$(\.[A-Za-z_]\w*)+\Z")


def always_has_items(machine: Machine, state: Any, ways: Collection[str]) -> bool:
    """Whether only Choice rules lead to a Map, and each asks for an item of the very list that it goes over.

    `ways` are the JSON pointers of all that leads to the Map from another state or from itself.
    """
    listed = state.item_reader is None and _hands_on(state) and _PLAIN_PATH.match(state.items_path or "")
    if not listed or any(one.start_at == state.name for one in every_machine(machine)):
        return False
    rules = {
        rule.pointer: rule
        for choice in every_state(machine)
        for rule in getattr(choice, "choices", ())
        if _hands_on(choice)
    }
    return bool(ways) and all(way in rules and _asks_for_item(rules[way], listed[0]) for way in ways)


def _hands_on(state: Any) -> bool:
    """Whether what a state looks at is its input, and what it passes on too."""
    return bool(state.query_language == JSONPATH and [state.input_path, state.output_path] == ["$", "$"])


def _asks_for_item(rule: Any, path: str) -> bool:
    """Whether a rule holds only where the list at a path has an item: each test but Is...: false needs its value."""
    if rule.operator == "And":
        return any(_asks_for_item(inner, path) for inner in rule.rules)
    if rule.operator in ("Or", "Not") or not isinstance(rule.variable, str):
        return False
    needs = rule.operand is True or not rule.operator.startswith("Is")
    return needs and re.match(re.escape(path) + r"\[\d+\]", rule.variable) is not None
