"""Walks through a definition: by which exits of which states a run gets from the start of a machine to a state.

A walk enters no state twice. Those without a caught error come first, then the shorter ones.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from itertools import count
from typing import Any, NamedTuple

from asl_engine.definition.graph import Machine

NEXT, RULE, DEFAULT, CATCH, INTO = "Next", "Choices", "Default", "Catch", "Into"
MOST_STEPS = 5_000
"""The most states that one search for walks takes up."""


class Hop(NamedTuple):
    """A state and the way it is left: by Next, by a rule or a catcher (the nth), by Default, or, where the walk
    goes on within its branch or item processor, Into that one."""

    state: Any
    exit: str
    nth: int = 0


def exits_of(state: Any) -> Iterator[tuple[Hop, str]]:
    """Every exit of a state, with the state it leads to."""
    if state.next is not None:
        yield Hop(state, NEXT), state.next
    for index, rule in enumerate(getattr(state, "choices", ())):
        yield Hop(state, RULE, index), rule.next
    if getattr(state, "default", None) is not None:
        yield Hop(state, DEFAULT), state.default
    for index, catcher in enumerate(getattr(state, "catch", ())):
        yield Hop(state, CATCH, index), catcher.next


def walks_to(machine: Machine, name: str) -> Iterator[tuple[Hop, ...]]:
    """Walks from the machine's start to a state, which may be nested. Raises KeyError where none has this name."""
    if name in machine.states:
        yield from _walks_within(machine, name)
        return
    holder, inner = holder_of(machine, name)
    for outer in walks_to(machine, holder.name):
        for walk in walks_to(inner, name):
            yield (*outer, Hop(holder, INTO), *walk)


def machine_with(machine: Machine, name: str) -> Machine:
    """The machine, of those nested in one another, in which the state of this name stands. Raises KeyError."""
    return machine if name in machine.states else machine_with(holder_of(machine, name)[1], name)


def holder_of(machine: Machine, name: str) -> tuple[Any, Machine]:
    """The state of this machine in which the state of this name stands, and the machine there. Raises KeyError."""
    for state in machine.states.values():
        for inner in state.machines():
            if _has(inner, name):
                return state, inner
    raise KeyError(f"no state is named {name!r}")


def _has(machine: Machine, name: str) -> bool:
    nested = (inner for state in machine.states.values() for inner in state.machines())
    return name in machine.states or any(_has(inner, name) for inner in nested)


def _walks_within(machine: Machine, name: str) -> Iterator[tuple[Hop, ...]]:
    number = count()
    waiting: list[tuple[int, int, int, str, tuple[Hop, ...]]] = [(0, 0, next(number), machine.start_at, ())]
    while waiting and next(number) < MOST_STEPS:
        caught, length, _, here, walk = heapq.heappop(waiting)
        if here == name:
            yield walk
            continue
        passed = {hop.state.name for hop in walk}
        for hop, following in exits_of(machine.states[here]):
            if following not in passed and following != here:
                entry = (caught + (hop.exit == CATCH), length + 1, next(number), following, (*walk, hop))
                heapq.heappush(waiting, entry)


def way_out(machine: Machine, start: str) -> tuple[Hop, ...]:
    """The shortest walk from a state to one that ends its machine, that one included; () where there is none."""
    seen = {start}
    waiting: list[tuple[str, tuple[Hop, ...]]] = [(start, ())]
    while waiting:
        here, walk = waiting.pop(0)
        state = machine.states[here]
        exits = list(exits_of(state))
        if all(hop.exit == CATCH for hop, _ in exits):
            return (*walk, Hop(state, NEXT))
        for hop, following in exits:
            if following not in seen:
                seen.add(following)
                waiting.append((following, (*walk, hop)))
    return ()
