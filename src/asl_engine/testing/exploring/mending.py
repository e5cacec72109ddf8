"""Mending a scenario whose data did not fit: the failure says what was missing, `places` where it may come from.

The rule: a mended scenario is a guess like any other; only the next run says whether it got further.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from asl_engine.definition.graph import Machine, every_state
from asl_engine.errors import EXCEED_TOLERATED_FAILURE_THRESHOLD, QUERY_EVALUATION_ERROR, RUNTIME
from asl_engine.jsonvalue import Json
from asl_engine.testing.exploring.places import (
    EVERY,
    ITEM,
    items_keys,
    keys_of,
    places_of_item,
    places_read,
    put,
    within_input_path,
)
from asl_engine.testing.exploring.scenarios import Ran, Scenario
from asl_engine.testing.origins import INPUT, Keys, Place

_OF_DATA = frozenset({RUNTIME, QUERY_EVALUATION_ERROR, EXCEED_TOLERATED_FAILURE_THRESHOLD})
_STATE = re.compile(r"executing the state '(?P<name>[^']*)'")
_PATH = re.compile(r"'\$(?P<path>[.\[][^']*)'|an input value: \$(?P<bare>[.\[]\S*)")
_OF_INPUT = re.compile(r"(?:\$\$|\$states\.context)\.Execution\.Input(?P<path>[\w.\[\]-]*)")
_JSONATA = re.compile(r"\$states\.(?P<root>input|result)\.(?P<path>[A-Za-z_][\w.]*)")
_JSON_TEXT = re.compile(r"States\.StringToJson\(\$(?P<path>[.\[][^)]*)\)")
_QUOTED = re.compile(r'"[^"]*"|\d+|== .*')

PLAIN = "x"
ITEMS: Json = [{}, {}]
OTHERS: tuple[Json, ...] = (1, "1", {}, ITEMS, [PLAIN, PLAIN], "2024-06-01T00:00:00Z", True, "{}")
"""What may stand where a stand-in did not serve: another kind of value, a number or a time as text, JSON as text."""

MOST_LEAVES = 24


def needs_mending(ran: Ran) -> bool:
    """Whether a run ended because its data did not fit, not because a task was made to fail."""
    made = {failing.error for failing in ran.scenario.failing.values()}
    return ran.status == "FAILED" and ran.error in _OF_DATA and ran.error not in made


def got_further(before: Ran, after: Ran) -> bool:
    """Whether a mended scenario is one to go on from."""
    if after.status != "FAILED" or len(after.path) > len(before.path):
        return True
    return len(after.path) == len(before.path) and after.told != before.told


def got_past(before: Ran, after: Ran) -> bool:
    """Whether a scenario came to the state that failed, and past it."""
    came = after.path[: len(before.path)] == before.path
    return came and (after.status != "FAILED" or len(after.path) > len(before.path))


def fault_of(ran: Ran) -> str:
    """What was told of the failure, without the values that it quotes."""
    return _QUOTED.sub("", ran.told or "")


# --- what the failure asks for ----------------------------------------------------------------------------------------


def mended(definition: Machine, ran: Ran) -> Iterator[Scenario]:
    """The scenario with what was missing put in, where it may have been read from."""
    told = ran.told or ""
    named = _STATE.search(told)
    states = {state.name: state for state in every_state(definition)}
    state = states.get(named["name"]) if named else None
    if state is None:
        return
    text = _JSON_TEXT.search(told)
    if text is not None and "JSON text" in told:
        yield from _filled(ran, places_read(ran, states, state, "", keys_of(text["path"])), "{}")
    if "must be an array" in told:
        yield from _filled(ran, places_read(ran, states, state, "", items_keys(state)), ITEMS)
    values = (ITEMS, PLAIN) if state.type == "Map" else (PLAIN, ITEMS)
    for match in _OF_INPUT.finditer(told):
        for value in values:
            yield _with_value(ran.scenario, Place(INPUT, keys_of(match["path"])), value)
    for match in ITEM.finditer(told):
        yield from _filled(ran, places_of_item(ran, states, state, keys_of(match["path"])), PLAIN)
    for root, keys in _missing(told):
        for value in values:
            for inner in within_input_path(state, keys):
                yield from _filled(ran, places_read(ran, states, state, root, inner), value)


def _missing(told: str) -> Iterator[tuple[str, Keys]]:
    """What the failure says was not there: from the input or the result, as far as it says so."""
    for match in _JSONATA.finditer(told):
        yield match["root"], tuple(match["path"].split("."))
    path = _PATH.search(told)
    if path is not None:
        yield "", keys_of(path["path"] or path["bare"])


def _filled(ran: Ran, places: Iterable[Place], value: Json) -> Iterator[Scenario]:
    """The scenario with a value at one of these places, one after the other."""
    return (_with_value(ran.scenario, place, value) for place in places)


def _with_value(scenario: Scenario, place: Place, value: Json) -> Scenario:
    if place.root == INPUT:
        return scenario._replace(input=put(scenario.input, place.keys, value))
    result = put(scenario.results.get(place.root, {}), place.keys, value)
    return scenario._replace(results={**scenario.results, place.root: result})


# --- what the search asks for -----------------------------------------------------------------------------------------


def with_value_at(definition: Machine, ran: Ran, name: str, keys: Keys, value: Json) -> Iterator[Scenario]:
    """The scenario with another value where a state reads its input at these keys, wherever that may come from."""
    states = {state.name: state for state in every_state(definition)}
    return _filled(ran, places_read(ran, states, states[name], "input", keys), value)


def with_items(definition: Machine, ran: Ran, name: str, items: Json) -> Iterator[Scenario]:
    """The scenario with these items for a Map, wherever they may come from."""
    states = {state.name: state for state in every_state(definition)}
    state: Any = states[name]
    if getattr(state, "item_reader", None) is not None:
        yield _with_value(ran.scenario, Place(name, ()), items)
        return
    whole = _OF_INPUT.search(f"{state.items_path} {state.items}")
    if whole is not None:
        yield _with_value(ran.scenario, Place(INPUT, keys_of(whole["path"])), items)
    yield from _filled(ran, places_read(ran, states, state, "input", items_keys(state)), items)


def of_other_kinds(scenario: Scenario, values: Sequence[Json] = OTHERS) -> Iterator[Scenario]:
    """The scenario with one of its leaves replaced, each by each of these values."""
    documents = [(INPUT, scenario.input), *scenario.results.items()]
    leaves = [Place(root, keys) for root, document in documents for keys in _leaves(document) if root or keys]
    for place in leaves[:MOST_LEAVES]:
        for value in values:
            yield _with_value(scenario, place, value)


def _leaves(document: Json) -> Iterator[Keys]:
    """Where the scalars and the empty objects and arrays of a document stand; of arrays the first item stands for."""
    if isinstance(document, dict) and document:
        yield from ((key, *keys) for key, member in document.items() for keys in _leaves(member))
    elif isinstance(document, list) and document:
        yield from ((EVERY, *keys) for keys in _leaves(document[0]))
    else:
        yield ()


def doubled(scenario: Scenario) -> Scenario:
    """The scenario with every list twice as long: a slice of a list may leave nothing of a short one."""
    results = {name: _doubled(result) for name, result in scenario.results.items()}
    return scenario._replace(input=_doubled(scenario.input), results=results)


def _doubled(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _doubled(member) for key, member in value.items()}
    return [*map(_doubled, value), *map(_doubled, value)] if isinstance(value, list) else value
