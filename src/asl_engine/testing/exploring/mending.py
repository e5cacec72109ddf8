"""Mending a scenario whose data did not fit: the failure says which path was missing, and where it may come from.

The rule: a mended scenario is a guess like any other; only the next run says whether it got further.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from asl_engine.definition.graph import Machine, every_machine
from asl_engine.errors import EXCEED_TOLERATED_FAILURE_THRESHOLD, QUERY_EVALUATION_ERROR, RUNTIME
from asl_engine.jsonvalue import Json
from asl_engine.testing.exploring.scenarios import Ran, Scenario

Keys: TypeAlias = tuple[str | int, ...]

_OF_DATA = frozenset({RUNTIME, QUERY_EVALUATION_ERROR, EXCEED_TOLERATED_FAILURE_THRESHOLD})
_STATE = re.compile(r"executing the state '(?P<name>[^']*)'")
_PATH = re.compile(r"'\$(?P<path>[.\[][^']*)'")
_JSONATA = re.compile(r"\$states\.(?P<root>input|result)\.(?P<path>[A-Za-z_][\w.]*)")
_JSON_TEXT = re.compile(r"States\.StringToJson\(\$(?P<path>[.\[][^)]*)\)")
_KEY = re.compile(r"\.(?P<name>[A-Za-z_][\w-]*)|\[(?P<index>\d+|\*)\]|\['(?P<quoted>[^']*)'\]")

PLAIN = "x"
ITEMS: Json = [{}, {}]


def needs_mending(ran: Ran) -> bool:
    """Whether a run ended because its data did not fit, not because a task was made to fail."""
    made = {failing.error for failing in ran.scenario.failing.values()}
    return ran.status == "FAILED" and ran.error in _OF_DATA and ran.error not in made


def got_further(before: Ran, after: Ran) -> bool:
    """Whether a mended scenario is one to go on from."""
    if after.status != "FAILED" or len(after.path) > len(before.path):
        return True
    return len(after.path) == len(before.path) and after.told != before.told


def mended(definition: Machine, ran: Ran) -> Iterator[Scenario]:
    """The scenario with what was missing put in, where it may have been read from."""
    named = _STATE.search(ran.told or "")
    if named is None:
        return
    states = {state.name: state for machine in every_machine(definition) for state in machine.states.values()}
    state = states.get(named["name"])
    if state is None:
        return
    told = ran.told or ""
    text = _JSON_TEXT.search(told)
    if text is not None and "JSON text" in told:
        yield from _placed(ran, states, state, "", keys_of(text["path"]), "{}")
    if "must be an array" in told:
        path = getattr(state, "items_path", None)
        yield from _placed(ran, states, state, "", keys_of(path[1:]) if isinstance(path, str) else (), ITEMS)
    for root, keys in _missing(told):
        for value in _values(state, keys):
            yield from _placed(ran, states, state, root, keys, value)


def with_value_at(definition: Machine, ran: Ran, name: str, keys: Keys, value: Json) -> Iterator[Scenario]:
    """The scenario with another value where a state reads its input at these keys, wherever that may come from."""
    states = {state.name: state for machine in every_machine(definition) for state in machine.states.values()}
    yield from _placed(ran, states, states[name], "input", keys, value)


def _missing(told: str) -> Iterator[tuple[str, Keys]]:
    """What the failure says was not there: from the input or the result, as far as it says so."""
    for match in _JSONATA.finditer(told):
        yield match["root"], tuple(match["path"].split("."))
    path = _PATH.search(told)
    if path is not None:
        yield "", keys_of(path["path"])


def keys_of(path: str) -> Keys:
    """The keys of a path, as far as it names single members; [*] is the first."""
    keys: list[str | int] = []
    end = 0
    for match in _KEY.finditer(path):
        if match.start() != end:
            break
        end = match.end()
        if match["index"] is not None:
            keys.append(0 if match["index"] == "*" else int(match["index"]))
        else:
            keys.append(match["name"] or match["quoted"])
    return tuple(keys)


def _values(state: Any, keys: Keys) -> Iterator[Json]:
    if state.type == "Map":
        yield ITEMS
    yield PLAIN
    if state.type != "Map":
        yield ITEMS


def _placed(ran: Ran, states: dict[str, Any], state: Any, root: str, keys: Keys, value: Json) -> Iterator[Scenario]:
    scenario = ran.scenario
    if root != "input":
        for task, inner in _sources(ran, state, keys):
            yield _with_result(scenario, task, inner, value)
    if root == "result":
        return
    for place in (keys, *_in_items(states, state, keys)):
        for name in dict.fromkeys(name for name in reversed(ran.path) if name != state.name):
            rest = _in_result(states[name], place)
            if rest is not None:
                for task, inner in _sources(ran, states[name], rest):
                    yield _with_result(scenario, task, inner, value)
        yield scenario._replace(input=put(scenario.input, place, value))
    holder = _holder(states, state)
    if holder is not None and getattr(holder, "item_reader", None) is not None:
        yield _with_result(scenario, holder.name, (0, *_past_batch(holder, keys)), value)


def _sources(ran: Ran, state: Any, keys: Keys) -> Iterator[tuple[str, Keys]]:
    """The tasks that make a state's raw result, and where in theirs its value at these keys stands: the state itself,
    or the last ones of its branch."""
    if state.name in ran.answers:
        yield state.name, keys
    elif state.type in ("Map", "Parallel") and keys and isinstance(keys[0], int):
        machines = list(state.machines())
        branch = machines[keys[0] % len(machines)] if state.type == "Parallel" else machines[0]
        for last in branch.states.values():
            inner = _in_result(last, keys[1:]) if last.next is None else None
            if inner is not None:
                yield from _sources(ran, last, inner)


def _with_result(scenario: Scenario, name: str, keys: Keys, value: Json) -> Scenario:
    return scenario._replace(results={**scenario.results, name: put(scenario.results.get(name, {}), keys, value)})


def _in_result(state: Any, keys: Keys) -> Keys | None:
    """Where in a state's raw result stands what its output has at these keys; None where it is not from the result."""
    keys = (*_path_keys(state, "output_path"), *keys)
    prefix = _path_keys(state, "result_path")
    if keys[: len(prefix)] != prefix:
        return None
    selector = getattr(state, "result_selector", None)
    return keys[len(prefix) :] if selector is None else _selected(selector, keys[len(prefix) :])


def _path_keys(state: Any, field: str) -> Keys:
    path = getattr(state, field, None)
    return keys_of(path[1:]) if isinstance(path, str) else ()


def _selected(selector: Any, keys: Keys) -> Keys | None:
    """What a ResultSelector takes for these keys."""
    if not keys or not isinstance(selector, dict):
        return None
    path = selector.get(f"{keys[0]}.$")
    if isinstance(path, str) and path.startswith("$") and not path.startswith("$$"):
        return (*keys_of(path[1:]), *keys[1:])
    return _selected(selector.get(str(keys[0])), keys[1:])


def _in_items(states: dict[str, Any], state: Any, keys: Keys) -> Iterator[Keys]:
    """Where a state inside a Map reads its item from, seen from outside."""
    holder = _holder(states, state)
    path = getattr(holder, "items_path", None)
    if holder is not None and holder.type == "Map" and getattr(holder, "item_selector", None) is None:
        yield (*(keys_of(path[1:]) if isinstance(path, str) else ()), 0, *keys)


def _past_batch(holder: Any, keys: Keys) -> Keys:
    """The keys within an item, where the items of a batch stand under Items."""
    if getattr(holder, "item_batcher", None) is not None and keys[:1] == ("Items",):
        return keys[2:]
    return keys


def _holder(states: dict[str, Any], state: Any) -> Any:
    """The Map or Parallel state right around a state."""
    inside = [one for one in states.values() if state.pointer.startswith(one.pointer + "/")]
    return max(inside, key=lambda one: len(one.pointer)) if inside else None


def put(document: Json, keys: Sequence[str | int], value: Json) -> Json:
    """The document with a value at these keys; what stands in the way is replaced, nothing is changed in place."""
    if not keys:
        return value
    key, *rest = keys
    if isinstance(key, int):
        items = list(document) if isinstance(document, list) else []
        items += [{}] * (key + 1 - len(items))
        items[key] = put(items[key], rest, value)
        return items
    members = dict(document) if isinstance(document, dict) else {}
    members[key] = put(members.get(key, {}), rest, value)
    return members


def without_items(definition: Machine, ran: Ran, name: str) -> Iterator[Scenario]:
    """The scenario with no items for a Map, wherever they may come from."""
    states = {state.name: state for machine in every_machine(definition) for state in machine.states.values()}
    state = states[name]
    if getattr(state, "item_reader", None) is not None:
        yield _with_result(ran.scenario, name, (), [])
        return
    path = getattr(state, "items_path", None)
    keys = keys_of(path[1:]) if isinstance(path, str) else ()
    asked = re.match(r"\{%\s*\$states\.input\.(?P<path>[\w.]+)\s*%\}$", str(getattr(state, "items", "")))
    if asked is not None:
        keys = tuple(asked["path"].split("."))
    yield from _placed(ran, states, state, "input", keys, [])


def doubled(scenario: Scenario) -> Scenario:
    """The scenario with every list twice as long: a slice of a list may leave nothing of a short one."""
    results = {name: _doubled(result) for name, result in scenario.results.items()}
    return scenario._replace(input=_doubled(scenario.input), results=results)


def _doubled(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _doubled(member) for key, member in value.items()}
    return [*map(_doubled, value), *map(_doubled, value)] if isinstance(value, list) else value
