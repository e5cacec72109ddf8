"""Where what a state reads comes from: places in the input and in the results of tasks, followed back along a run.

The rule: a place is a candidate, as far as the definition's paths tell. Whoever puts a value there runs the machine, to
see whether it was the right one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from asl_engine.definition.fields import ABSENT
from asl_engine.jsonvalue import Json
from asl_engine.testing.exploring.scenarios import Ran
from asl_engine.testing.origins import INPUT, Keys, Place

EVERY = -1
"""The key of every item of an array."""

ITEM = re.compile(r"(?:\$\$|\$states\.context)\.Map\.Item\.Value(?P<path>[\w.\[\]-]*)")
"""The item of a Map, in a path or an expression."""

_KEY = re.compile(r"\.(?P<name>[A-Za-z_][\w-]*)|\[(?P<index>\d+|\*)\]|\['(?P<quoted>[^']*)'\]")

States = Mapping[str, Any]
"""Name -> state, of the whole definition."""


def places_read(ran: Ran, states: States, state: Any, root: str, keys: Keys) -> Iterator[Place]:
    """The places from which a state that a run came to may have what it reads at some keys: of its "input", of its
    "result", or ("") of either."""
    if root != "input":
        yield from _in_results(ran, state, keys)
    if root == "result":
        return
    around = list(_items_around(states, state, keys))
    for place in (keys, *((*items_keys(holder), EVERY, *item) for holder, item in around)):
        for name in dict.fromkeys(name for name in reversed(ran.path) if name != state.name):
            rest = _in_result(states[name], place)
            if rest is not None:
                yield from _in_results(ran, states[name], rest)
        yield Place(INPUT, place)
    for holder, item in around:
        if getattr(holder, "item_reader", None) is not None:
            yield Place(holder.name, (EVERY, *item))


def places_of_item(ran: Ran, states: States, state: Any, keys: Keys) -> Iterator[Place]:
    """The same for some keys within every item of the Map that the state is, or stands in."""
    holder: Any = state
    while holder is not None and holder.type != "Map":
        holder = _holder(states, holder)
    if holder is None:
        return
    if getattr(holder, "item_reader", None) is not None:
        yield Place(holder.name, (EVERY, *keys))
    else:
        yield from places_read(ran, states, holder, "", (*items_keys(holder), EVERY, *keys))


def within_input_path(state: Any, keys: Keys) -> Iterator[Keys]:
    """Keys below what InputPath selects, from which Parameters read, and as they are."""
    selected = _path_keys(state, "input_path")
    if selected and keys[: len(selected)] != selected:
        yield (*selected, *keys)
    yield keys


def _in_results(ran: Ran, state: Any, keys: Keys) -> Iterator[Place]:
    """The places in the results of tasks from which a state's raw result has what stands at these keys: in its own, or
    in those of the last ones of its branch."""
    if state.name in ran.answers:
        yield Place(state.name, keys)
    elif state.type in ("Map", "Parallel") and keys and isinstance(keys[0], int):
        machines = list(state.machines())
        branch = machines[keys[0] % len(machines)] if state.type == "Parallel" else machines[0]
        for last in branch.states.values():
            inner = _in_result(last, keys[1:]) if last.next is None else None
            if inner is not None:
                yield from _in_results(ran, last, inner)


def _in_result(state: Any, keys: Keys) -> Keys | None:
    """Where in a state's raw result stands what its output has at these keys; None where it is not from the result."""
    keys = (*_path_keys(state, "output_path"), *keys)
    prefix = _path_keys(state, "result_path")
    if keys[: len(prefix)] != prefix:
        return None
    selector = getattr(state, "result_selector", None)
    return keys[len(prefix) :] if selector is None else _selected(selector, keys[len(prefix) :])


def _selected(selector: Any, keys: Keys) -> Keys | None:
    """What a ResultSelector takes for these keys."""
    if not keys or not isinstance(selector, dict):
        return None
    path = selector.get(f"{keys[0]}.$")
    if isinstance(path, str) and path.startswith("$") and not path.startswith("$$"):
        return (*keys_of(path[1:]), *keys[1:])
    return _selected(selector.get(str(keys[0])), keys[1:])


def _path_keys(state: Any, field: str) -> Keys:
    path = getattr(state, field, None)
    return keys_of(path[1:]) if isinstance(path, str) else ()


# --- Maps around a state ----------------------------------------------------------------------------------------------


def _items_around(states: States, state: Any, keys: Keys) -> Iterator[tuple[Any, Keys]]:
    """The Maps around a state, the nearest first, and the keys within an item of each."""
    holder = _holder(states, state)
    while holder is not None:
        if holder.type == "Map":
            item = _within_item(holder, keys)
            if item is None:
                return
            yield holder, item
            keys = (*items_keys(holder), EVERY, *item)
        holder = _holder(states, holder)


def _holder(states: States, state: Any) -> Any:
    """The Map or Parallel state right around a state."""
    inside = [one for one in states.values() if state.pointer.startswith(one.pointer + "/")]
    return max(inside, key=lambda one: len(one.pointer)) if inside else None


def _within_item(holder: Any, keys: Keys) -> Keys | None:
    """The keys within an item, of what an iteration has at these keys; None where it is not from the item."""
    keys = _past_batch(holder, keys)
    selector = _item_selector(holder)
    if selector is None:
        return keys
    asked = ITEM.fullmatch(_text_at(selector, keys[:1]))
    return None if asked is None else (*keys_of(asked["path"]), *keys[1:])


def _past_batch(holder: Any, keys: Keys) -> Keys:
    """The keys within an item, where the items of a batch stand under Items."""
    if getattr(holder, "item_batcher", None) in (None, ABSENT) or keys[:1] != ("Items",):
        return keys
    return keys[2:] if len(keys) > 1 and isinstance(keys[1], int) else keys[1:]


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


def items_keys(state: Any) -> Keys:
    """Where a Map reads its items from, as far as it names it."""
    asked = re.match(r"\{%\s*\$states\.input\.(?P<path>[\w.]+)\s*%\}$", str(getattr(state, "items", "")))
    if asked is not None:
        return tuple(asked["path"].split("."))
    return (*_path_keys(state, "input_path"), *_path_keys(state, "items_path"))


# --- keys and documents -----------------------------------------------------------------------------------------------


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
