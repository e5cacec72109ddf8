"""What a definition uses: state types, fields, query languages, intrinsic functions, JSONata functions.

Departures are grouped by feature: each one belongs to the feature that goes wrong surely (the share of its cases that
depart) and explains many cases.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from .compare import Json
from .recorded import states_of

COMMON = frozenset({"Type", "Next", "End", "Comment", "Resource", "Choices", "Default", "Branches", "ItemProcessor"})


def features_of(definition: Json) -> frozenset[str]:
    """The features of a definition, such as `Map`, `Map: ItemSelector`, `JSONata`, `States.Format`."""
    return frozenset(_features(definition)) or frozenset({"no states"})


def _features(definition: Json) -> Iterator[str]:
    text = json.dumps(definition)
    if isinstance(definition, dict):
        language = definition.get("QueryLanguage", "JSONPath")
        for _, state in states_of(definition):
            yield from _features_of_state(state, language)
        if "TimeoutSeconds" in definition:
            yield "TimeoutSeconds of the machine"
    yield from (f"{name}()" for name in re.findall(r"States\.(?:[A-Z]\w+)(?=\()", text))
    yield from (f"JSONata ${name}()" for expression in _expressions(text) for name in _calls(expression))


def _expressions(text: str) -> list[str]:
    return re.findall(r"\{%.*?%\}", text)


def _calls(expression: str) -> list[str]:
    return re.findall(r"\$(\w+)(?=\()", expression)


def _features_of_state(state: dict[str, Json], language: str) -> Iterator[str]:
    kind = state.get("Type", "a state without Type")
    yield str(kind)
    used = state.get("QueryLanguage", language)
    yield "JSONata expressions" if used == "JSONata" and "{%" in json.dumps(state) else f"{used}"
    for field in state.keys() - COMMON - {"QueryLanguage"}:
        yield f"{kind}: {field}"
    for rule in state.get("Choices") or ():
        if isinstance(rule, dict):
            yield from (f"Choice: {operator}" for operator in _operators(rule))
    processor = state.get("ItemProcessor") or state.get("Iterator") or {}
    if isinstance(processor, dict) and (processor.get("ProcessorConfig") or {}).get("Mode") == "DISTRIBUTED":
        yield "Map: distributed"


def _operators(rule: dict[str, Json]) -> Iterator[str]:
    for key, value in rule.items():
        if key in ("And", "Or", "Not"):
            yield key
            for inner in value if isinstance(value, list) else [value]:
                if isinstance(inner, dict):
                    yield from _operators(inner)
        elif key not in ("Variable", "Next", "Condition", "Assign", "Output", "Comment"):
            yield key


def attributed(departing: Mapping[str, frozenset[str]], passing: Iterable[frozenset[str]]) -> dict[str, str]:
    """Case -> the feature that its departure belongs to, from the features of the cases that depart and of others."""
    good = Counter(feature for features in passing for feature in features)
    bad = Counter(feature for features in departing.values() for feature in features)

    def weight(feature: str) -> tuple[float, str]:
        share = bad[feature] / (bad[feature] + good[feature])
        return bad[feature] * share**3, feature

    return {case: max(features, key=weight) for case, features in departing.items()}
