"""A departing definition made smaller: one part after the other is taken out, as long as what is left departs too."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from .compare import Json

MOST_TRIES = 40
NEEDED = frozenset({"Type", "StartAt", "States", "Resource", "Next", "End"})


def smaller(definition: Json, still: Callable[[Json], bool]) -> Json:
    """The smallest definition found for which `still` holds. Asks it a bounded number of times."""
    left = MOST_TRIES
    changed = True
    while changed:
        changed = False
        for candidate in _candidates(definition):
            if not left:
                return definition
            left -= 1
            if still(candidate):
                definition, changed = candidate, True
                break
    return definition


def _candidates(definition: Json) -> Iterator[Json]:
    """The definition with a state, a field or an item taken out: first what makes it shorter by most."""
    found = [*_inner_machines(definition), *_without_a_state(definition), *_without_a_part(definition)]
    yield from sorted(found, key=lambda candidate: len(json.dumps(candidate)))


def _inner_machines(definition: Json) -> Iterator[Json]:
    """A branch or an item processor in the place of the whole."""
    for state in definition["States"].values():
        for machine in (*state.get("Branches", ()), *filter(None, [state.get("ItemProcessor")])):
            yield {key: value for key, value in machine.items() if key in ("StartAt", "States")}


def _without_a_state(machine: Json) -> Iterator[Json]:
    """A state left out, in a copy: who went to it goes to the one after it, or ends there."""
    for name, state in machine["States"].items():
        rest = {key: value for key, value in machine["States"].items() if key != name}
        following = state.get("Next") or state.get("Default")
        if following in rest:
            yield json.loads(json.dumps({**machine, "States": rest}), object_hook=_link(name, str(following)))
        elif rest:
            yield {**machine, "States": {key: _ending(value, name) for key, value in rest.items()}}


def _link(name: str, following: str) -> Callable[[dict[str, Json]], dict[str, Json]]:
    def hook(value: dict[str, Json]) -> dict[str, Json]:
        return {
            key: following if key in ("Next", "Default", "StartAt") and item == name else item
            for key, item in value.items()
        }

    return hook


def _ending(state: Json, name: str) -> Json:
    if state.get("Next") != name:
        return state
    return {**{key: value for key, value in state.items() if key != "Next"}, "End": True}


def _without_a_part(value: Json) -> Iterator[Json]:
    """Any member or item left out, at any depth, but for what every state needs."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key not in NEEDED:
                yield {other: kept for other, kept in value.items() if other != key}
            yield from ({**value, key: inner} for inner in _without_a_part(item))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if len(value) > 1:
                yield [*value[:index], *value[index + 1 :]]
            yield from ([*value[:index], inner, *value[index + 1 :]] for inner in _without_a_part(item))
