"""Definitions with mistakes: real ones, changed in a few places drawn at random; and one made many times larger.

The seeds are the project's own cases, and the shared suites' definitions where they lie beside the checkout.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from conformance.own_cases import read_own_cases
from conformance.report import GAPS_FILE
from tests.strategies import json_values

SUITES = Path(__file__).parents[2].parent / "shared" / "suites"
SOME_KEYS = (
    "Next",
    "End",
    "Type",
    "States",
    "StartAt",
    "Choices",
    "Catch",
    "Assign",
    "Parameters",
    "ItemProcessor",
    "x",
)
SOME_TEXTS = (
    "$",
    "$.a",
    "$$.Map.Item.Value",
    "$x.y",
    "States.Format('{}', $.a)",
    "{% $states.input %}",
    "",
    "States.ALL",
)


@cache
def seeds() -> tuple[Any, ...]:
    """Every definition that is at hand, each once."""
    own = [case["definition"] for case in read_own_cases(GAPS_FILE.with_name("cases"))]
    texts = {json.dumps(definition) for definition in (*own, *_shared())}
    return tuple(json.loads(text) for text in sorted(texts))


def _shared() -> Iterator[Any]:
    for file in sorted(SUITES.glob("aws-recorded/*/*.json")):
        case = json.loads(file.read_text("utf-8"))
        if isinstance(case.get("definition"), dict):
            yield case["definition"]
    for file in sorted(SUITES.glob("workflows/**/*.asl.json")):
        yield json.loads(file.read_text("utf-8"))


def places(value: Any) -> list[tuple[Any, Any]]:
    """(container, key) of everything in a JSON value."""
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        container = waiting.pop()
        items = container.items() if isinstance(container, dict) else enumerate(container)
        for key, item in items:
            found.append((container, key))
            if isinstance(item, dict | list):
                waiting.append(item)
    return found


def _drop(container: Any, key: Any, draw: Any) -> None:
    del container[key]


def _put(container: Any, key: Any, draw: Any) -> None:
    container[key] = draw(json_values | st.sampled_from(SOME_TEXTS))


def _rename(container: Any, key: Any, draw: Any) -> None:
    if isinstance(container, dict):
        container[draw(st.sampled_from(SOME_KEYS) | st.text(max_size=5))] = container.pop(key)


def _double(container: Any, key: Any, draw: Any) -> None:
    if isinstance(container, list):
        container.append(copy.deepcopy(container[key]))
    else:
        container[f"{key}2"] = copy.deepcopy(container[key])


def _wrap(container: Any, key: Any, draw: Any) -> None:
    container[key] = {draw(st.sampled_from(SOME_KEYS)): container[key]}


MUTATIONS: tuple[Callable[[Any, Any, Any], None], ...] = (_drop, _put, _rename, _double, _wrap)


@st.composite
def mutated_definitions(draw: Any) -> Any:
    """A definition changed in one to five places."""
    definition = copy.deepcopy(draw(st.sampled_from(seeds())))
    for _ in range(draw(st.integers(1, 5))):
        found = places(definition)
        if found:
            container, key = found[draw(st.integers(0, len(found) - 1))]
            draw(st.sampled_from(MUTATIONS))(container, key, draw)
    return definition


def repeated(definition: Any, times: int) -> Any:
    """A machine with the definition in so many branches, its states' names told apart."""
    branches = []
    for number in range(times):
        machine = {key: value for key, value in definition.items() if key in ("StartAt", "States", "Comment")}
        branches.append(renamed(machine, f" {number}"))
    return {"StartAt": "All", "States": {"All": {"Type": "Parallel", "Branches": branches, "End": True}}}


def renamed(value: Any, ending: str) -> Any:
    """A machine whose states have names with this ending."""
    if isinstance(value, list):
        return [renamed(item, ending) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: _renamed_member(key, item, ending) for key, item in value.items()}


def _renamed_member(key: str, item: Any, ending: str) -> Any:
    if key in ("StartAt", "Next", "Default") and isinstance(item, str):
        return f"{item[:70]}{ending}"
    if key == "States" and isinstance(item, dict):
        return {f"{name[:70]}{ending}": renamed(state, ending) for name, state in item.items()}
    return renamed(item, ending)
