"""Mending a scenario whose data did not fit: the failure says which path was missing, and where it may come from.

The rule: a mended scenario is a guess like any other; only the next run says whether it got further.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from asl_engine.definition.fields import ABSENT
from asl_engine.definition.graph import Machine, every_state
from asl_engine.errors import EXCEED_TOLERATED_FAILURE_THRESHOLD, QUERY_EVALUATION_ERROR, RUNTIME
from asl_engine.jsonvalue import Json
from asl_engine.testing.exploring.scenarios import Ran, Scenario

Keys: TypeAlias = tuple[str | int, ...]

_OF_DATA = frozenset({RUNTIME, QUERY_EVALUATION_ERROR, EXCEED_TOLERATED_FAILURE_THRESHOLD})
_STATE = re.compile(r"executing the state '(?P<name>[^']*)'")
_PATH = re.compile(r"'\$(?P<path>[.\[][^']*)'|an input value: \$(?P<bare>[.\[]\S*)")
_OF_INPUT = re.compile(r"(?:\$\$|\$states\.context)\.Execution\.Input(?P<path>[\w.\[\]-]*)")
_ITEM = re.compile(r"(?:\$\$|\$states\.context)\.Map\.Item\.Value(?P<path>[\w.\[\]-]*)")
_JSONATA = re.compile(r"\$states\.(?P<root>input|result)\.(?P<path>[A-Za-z_][\w.]*)")
_JSON_TEXT = re.compile(r"States\.StringToJson\(\$(?P<path>[.\[][^)]*)\)")
_QUOTED = re.compile(r'"[^"]*"|\d+|== .*')
_KEY = re.compile(r"\.(?P<name>[A-Za-z_][\w-]*)|\[(?P<index>\d+|\*)\]|\['(?P<quoted>[^']*)'\]")

PLAIN = "x"
ITEMS: Json = [{}, {}]
OTHERS: tuple[Json, ...] = (1, "1", {}, ITEMS, [PLAIN, PLAIN], "2024-06-01T00:00:00Z", True, "{}")
"""What may stand where a stand-in did not serve: another kind of value, a number or a time as text, JSON as text."""

EVERY = -1
"""The key of every item of an array."""

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


def mended(definition: Machine, ran: Ran) -> Iterator[Scenario]:
    """The scenario with what was missing put in, where it may have been read from."""
    named = _STATE.search(ran.told or "")
    if named is None:
        return
    states = {state.name: state for state in every_state(definition)}
    state = states.get(named["name"])
    if state is None:
        return
    told = ran.told or ""
    text = _JSON_TEXT.search(told)
    if text is not None and "JSON text" in told:
        yield from _placed(ran, states, state, "", keys_of(text["path"]), "{}")
    if "must be an array" in told:
        yield from _placed(ran, states, state, "", _items_keys(state), ITEMS)
    for match in _OF_INPUT.finditer(told):
        for value in _values(state, keys_of(match["path"])):
            yield ran.scenario._replace(input=put(ran.scenario.input, keys_of(match["path"]), value))
    for match in _ITEM.finditer(told):
        yield from _item_placed(ran, states, state, keys_of(match["path"]), PLAIN)
    for root, keys in _missing(told):
        for value in _values(state, keys):
            for place in _with_input_path(state, keys):
                yield from _placed(ran, states, state, root, place, value)


def _with_input_path(state: Any, keys: Keys) -> Iterator[Keys]:
    """Keys as they are told, and below what InputPath selects, from which Parameters read."""
    selected = _path_keys(state, "input_path")
    if selected and keys[: len(selected)] != selected:
        yield (*selected, *keys)
    yield keys


def of_other_kinds(scenario: Scenario, values: Sequence[Json] = OTHERS) -> Iterator[Scenario]:
    """The scenario with one of its leaves replaced, each by each of these values."""
    documents = [("", scenario.input), *scenario.results.items()]
    leaves = [(root, keys) for root, document in documents for keys in _leaves(document) if root or keys]
    for root, keys in leaves[:MOST_LEAVES]:
        for value in values:
            if root:
                yield _with_result(scenario, root, keys, value)
            else:
                yield scenario._replace(input=put(scenario.input, keys, value))


def _leaves(document: Json) -> Iterator[Keys]:
    """Where the scalars and the empty objects and arrays of a document stand; of arrays the first item stands for."""
    if isinstance(document, dict) and document:
        yield from ((key, *keys) for key, member in document.items() for keys in _leaves(member))
    elif isinstance(document, list) and document:
        yield from ((EVERY, *keys) for keys in _leaves(document[0]))
    else:
        yield ()


def with_value_at(definition: Machine, ran: Ran, name: str, keys: Keys, value: Json) -> Iterator[Scenario]:
    """The scenario with another value where a state reads its input at these keys, wherever that may come from."""
    states = {state.name: state for state in every_state(definition)}
    yield from _placed(ran, states, states[name], "input", keys, value)


def _missing(told: str) -> Iterator[tuple[str, Keys]]:
    """What the failure says was not there: from the input or the result, as far as it says so."""
    for match in _JSONATA.finditer(told):
        yield match["root"], tuple(match["path"].split("."))
    path = _PATH.search(told)
    if path is not None:
        yield "", keys_of(path["path"] or path["bare"])


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
    for reader, item in _in_items_read(states, state, keys):
        yield _with_result(scenario, reader.name, (EVERY, *item), value)


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
    """Where a state inside Maps reads its items from, seen from outside each."""
    for holder, item in _items_around(states, state, keys):
        yield (*_items_keys(holder), EVERY, *item)


def _in_items_read(states: dict[str, Any], state: Any, keys: Keys) -> Iterator[tuple[Any, Keys]]:
    """The Maps around a state that read their items from storage, and where in each item it reads."""
    for holder, item in _items_around(states, state, keys):
        if getattr(holder, "item_reader", None) is not None:
            yield holder, item


def _items_around(states: dict[str, Any], state: Any, keys: Keys) -> Iterator[tuple[Any, Keys]]:
    """The Maps around a state, the nearest first, and the keys within an item of each."""
    holder = _holder(states, state)
    while holder is not None:
        if holder.type == "Map":
            item = _within_item(holder, keys)
            if item is None:
                return
            yield holder, item
            keys = (*_items_keys(holder), EVERY, *item)
        holder = _holder(states, holder)


def _within_item(holder: Any, keys: Keys) -> Keys | None:
    """The keys within an item, of what an iteration has at these keys; None where it is not from the item."""
    keys = _past_batch(holder, keys)
    selector = _item_selector(holder)
    if selector is None:
        return keys
    asked = _ITEM.fullmatch(_text_at(selector, keys[:1]))
    return None if asked is None else (*keys_of(asked["path"]), *keys[1:])


def _item_selector(state: Any) -> Any:
    """ItemSelector, or what stood for it before: Parameters."""
    selector = getattr(state, "item_selector", None)
    return getattr(state, "parameters", None) if selector in (None, ABSENT) else selector


def _text_at(selector: Any, keys: Keys) -> str:
    """What a selector takes for a key: the path or the bare expression."""
    if not keys or not isinstance(selector, dict):
        return ""
    text = selector.get(f"{keys[0]}.$", selector.get(str(keys[0]), ""))
    return re.sub(r"^\{%\s*|\s*%\}$", "", text) if isinstance(text, str) else ""


def _items_keys(state: Any) -> Keys:
    """Where a Map reads its items from, as far as it names it."""
    asked = re.match(r"\{%\s*\$states\.input\.(?P<path>[\w.]+)\s*%\}$", str(getattr(state, "items", "")))
    if asked is not None:
        return tuple(asked["path"].split("."))
    return (*_path_keys(state, "input_path"), *_path_keys(state, "items_path"))


def _item_placed(ran: Ran, states: dict[str, Any], state: Any, keys: Keys, value: Json) -> Iterator[Scenario]:
    """The scenario with a value in every item of the Map that the state is, or stands in."""
    holder: Any = state
    while holder is not None and holder.type != "Map":
        holder = _holder(states, holder)
    if holder is None:
        return
    if getattr(holder, "item_reader", None) is not None:
        yield _with_result(ran.scenario, holder.name, (EVERY, *keys), value)
    else:
        yield from _placed(ran, states, holder, "", (*_items_keys(holder), EVERY, *keys), value)


def _past_batch(holder: Any, keys: Keys) -> Keys:
    """The keys within an item, where the items of a batch stand under Items."""
    if getattr(holder, "item_batcher", None) in (None, ABSENT) or keys[:1] != ("Items",):
        return keys
    return keys[2:] if len(keys) > 1 and isinstance(keys[1], int) else keys[1:]


def _holder(states: dict[str, Any], state: Any) -> Any:
    """The Map or Parallel state right around a state."""
    inside = [one for one in states.values() if state.pointer.startswith(one.pointer + "/")]
    return max(inside, key=lambda one: len(one.pointer)) if inside else None


def put(document: Json, keys: Sequence[str | int], value: Json) -> Json:
    """The document with a value at these keys; what stands in the way is replaced, nothing is changed in place."""
    if not keys:
        return value
    key, *rest = keys
    if key == EVERY:
        given = document if isinstance(document, list) and document else [{}]
        return [put(item, rest, value) for item in given]
    if isinstance(key, int):
        items = list(document) if isinstance(document, list) else []
        items += [{}] * (key + 1 - len(items))
        items[key] = put(items[key], rest, value)
        return items
    members = dict(document) if isinstance(document, dict) else {}
    members[key] = put(members.get(key, {}), rest, value)
    return members


def with_items(definition: Machine, ran: Ran, name: str, items: Json) -> Iterator[Scenario]:
    """The scenario with these items for a Map, wherever they may come from."""
    states = {state.name: state for state in every_state(definition)}
    state = states[name]
    if getattr(state, "item_reader", None) is not None:
        yield _with_result(ran.scenario, name, (), items)
        return
    whole = _OF_INPUT.search(f"{state.items_path} {state.items}")
    if whole is not None:
        yield ran.scenario._replace(input=put(ran.scenario.input, keys_of(whole["path"]), items))
    yield from _placed(ran, states, state, "input", _items_keys(state), items)


def doubled(scenario: Scenario) -> Scenario:
    """The scenario with every list twice as long: a slice of a list may leave nothing of a short one."""
    results = {name: _doubled(result) for name, result in scenario.results.items()}
    return scenario._replace(input=_doubled(scenario.input), results=results)


def _doubled(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _doubled(member) for key, member in value.items()}
    return [*map(_doubled, value), *map(_doubled, value)] if isinstance(value, list) else value
