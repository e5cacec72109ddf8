"""Variables that may be unset where they are read, and the shortest way on which they are.

Developer guide, "Passing data between states with variables": a variable is visible from the state after the one that
assigns it, in its own machine and in those nested in it, but not in the iterations of a distributed Map. A Choice
rule's Assign and a catcher's Assign count on their own way alone, in place of the state's.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from asl_engine.definition.graph import Machine
from asl_engine.lint.flow.shape import member
from asl_engine.lint.flow.walk import Flow, Place
from asl_engine.lint.table import Finding
from asl_engine.lint.visits import pointer_of

_SHOWN = 4
_MOST_WAYS = 16
"""For how many variables ways are looked for: each one is a walk over all states. Of further ones only the reader is
told (5,000 states, 100 variables: 0.2 s in place of 1)."""


def unset_variables(flow: Flow) -> Iterator[Finding]:
    """Every read of a variable that is not assigned on every way to it. One that no visible state assigns at all is
    UNASSIGNED_VARIABLE's affair."""
    readers = {reader: seen.unset for reader, seen in flow.seen.items() if seen.unset}
    assigned = _assigned_names(flow) if readers else {}
    ways: dict[tuple[str, str], dict[str, _Step]] = {}
    for reader, unset in readers.items():
        for place, name in dict.fromkeys(unset):
            pointer = pointer_of(place)
            scope = _scope_of(name, reader, flow, assigned)
            if scope is None:
                continue
            if scope.hidden:
                yield Finding(pointer, _hidden(name), "pass its value with ItemSelector")
                continue
            key = (scope.machine.pointer, name)
            if key not in ways:
                ways[key] = _ways_without(name, scope.machine, flow) if len(ways) < _MOST_WAYS else {}
            yield Finding(pointer, _unset(name, _way_to(scope.state, ways[key])), _SUGGESTION)


_SUGGESTION = "assign it on every path, or before the paths part"


def _hidden(name: str) -> str:
    return f"'${name}' is never set here: the states of a distributed Map do not see the variables around it"


def _unset(name: str, way: list[str]) -> str:
    where = "the way " + " -> ".join(way) if len(way) > 1 else f"some way to {way[0]}"
    return f"'${name}' may be unset: nothing assigns it on {where}"


def _assigned_names(flow: Flow) -> dict[str, set[str]]:
    """The variables that each machine's own states assign, by the machine's pointer."""
    found: dict[str, set[str]] = {}
    for place in flow.places.values():
        names = found.setdefault(place.machine.pointer, set())
        names.update(name for name, _ in place.state.assigned_names())
    return found


class _Scope(NamedTuple):
    """The machine that assigns a variable, its state that holds the reader, and whether a distributed Map lies between
    the two."""

    machine: Machine
    state: str
    hidden: bool


def _scope_of(name: str, reader: str, flow: Flow, assigned: dict[str, set[str]]) -> _Scope | None:
    """The innermost machine around a reader that assigns the variable, None where none does."""
    hidden = False
    state: str | None = reader
    while state is not None:
        place: Place = flow.places[state]
        if name in assigned[place.machine.pointer]:
            return _Scope(place.machine, state, hidden)
        hidden = hidden or place.machine.processor_config.mode == "DISTRIBUTED"
        state = place.owner
    return None


class _Step(NamedTuple):
    """How a state is reached: from which state, how many come before it, and the first of those on the way."""

    before: str
    number: int
    first: tuple[str, ...]


def _ways_without(name: str, machine: Machine, flow: Flow) -> dict[str, _Step]:
    """For every state a shortest way from StartAt on which nothing assigns the variable."""
    steps = {machine.start_at: _Step("", 0, (machine.start_at,))}
    waiting = deque([machine.start_at])
    while waiting:
        state = waiting.popleft()
        _, number, first = steps[state]
        for exit in flow.seen[state].exits if state in flow.seen else ():
            target = exit.target
            if target is not None and target not in steps and not member(exit.variables, name).always:
                steps[target] = _Step(state, number + 1, first if len(first) == _SHOWN else (*first, target))
                waiting.append(target)
    return steps


def _way_to(state: str, steps: dict[str, _Step]) -> list[str]:
    """The way in words; of a long one its beginning and its end."""
    if state not in steps:
        return [state]
    if steps[state].number < _SHOWN:
        return list(steps[state].first)
    last = [state]
    while len(last) < _SHOWN and steps[last[-1]].number > _SHOWN:
        last.append(steps[last[-1]].before)
    left_out = steps[last[-1]].number > _SHOWN
    return [*steps[state].first, *(["..."] if left_out else []), *reversed(last)]
