"""What there is to cover in a machine, each part named by its JSON pointer in the definition.

The rule: every part is one field or object that a reader can point at, and that an execution uses or does not: a state,
a Next or End, a rule of a Choice, its Default, a retrier, a catcher, a nested machine. One pointer ends in no place:
`.../ItemProcessor/empty`, for a Map that was given no items; a Map that always has some has no such part.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from asl_engine.definition.graph import Machine, every_machine, every_state
from asl_engine.testing.coverage.always_items import always_has_items

STATE, TRANSITION, RULE, DEFAULT = "state", "transition", "choice rule", "default"
RETRIER, CATCHER, BODY, EMPTY = "retrier", "catcher", "body", "no items"
KINDS = (STATE, TRANSITION, RULE, DEFAULT, RETRIER, CATCHER, BODY, EMPTY)

LEADS_ON = frozenset({TRANSITION, RULE, DEFAULT, CATCHER})
"""The kinds that are transitions: they lead to another state, or to the end of a machine."""


class Element(NamedTuple):
    """One part. `target` is the state that it leads to, None for the end of a machine and for what leads nowhere;
    `says` tells a reader which one it is, as `2nd rule -> Ship`."""

    pointer: str
    kind: str
    state: str
    target: str | None
    says: str


def elements(machine: Machine) -> list[Element]:
    """Every part of a definition without errors, nested machines included, in the order of the document."""
    every = [element for one in every_machine(machine) for element in _of_machine(one)]
    never = {element.pointer for element in every if element.kind == EMPTY and _has_items(machine, every, element)}
    return [element for element in every if element.pointer not in never]


def _has_items(machine: Machine, every: list[Element], empty: Element) -> bool:
    ways = [element.pointer for element in every if element.kind in LEADS_ON and element.target == empty.state]
    state = next(state for state in every_state(machine) if state.name == empty.state)
    return always_has_items(machine, state, ways)


def _of_machine(machine: Machine) -> Iterator[Element]:
    for state in machine.states.values():
        yield Element(state.pointer, STATE, state.name, None, f"{state.type} {state.name}")
        yield from _onward(state)
        yield from _rules(state)
        yield from _on_failure(state)
        for number, nested in enumerate(state.machines(), 1):
            what = "for each item" if state.type == "Map" else f"branch {number}"
            yield Element(nested.pointer, BODY, state.name, nested.start_at, f"{what} of {state.name}")
            if state.type == "Map":
                yield Element(empty_pointer(nested), EMPTY, state.name, None, f"{state.name}: no items")


def empty_pointer(body: Machine) -> str:
    """The id of a Map's being given no items."""
    return f"{body.pointer}/empty"


def _onward(state: Any) -> Iterator[Element]:
    if state.next is not None:
        yield Element(f"{state.pointer}/Next", TRANSITION, state.name, state.next, f"{state.name} -> {state.next}")
    elif state.end:
        yield Element(f"{state.pointer}/End", TRANSITION, state.name, None, f"{state.name} -> end")


def _rules(state: Any) -> Iterator[Element]:
    for index, rule in enumerate(getattr(state, "choices", ())):
        yield Element(rule.pointer, RULE, state.name, rule.next, f"{state.name}: rule {index + 1} -> {rule.next}")
    default = getattr(state, "default", None)
    if default is not None:
        yield Element(f"{state.pointer}/Default", DEFAULT, state.name, default, f"{state.name}: default -> {default}")


def _on_failure(state: Any) -> Iterator[Element]:
    for index, retrier in enumerate(getattr(state, "retry", ())):
        errors = ", ".join(retrier.error_equals)
        yield Element(f"{state.pointer}/Retry/{index}", RETRIER, state.name, None, f"{state.name}: retry on {errors}")
    for index, catcher in enumerate(getattr(state, "catch", ())):
        errors = ", ".join(catcher.error_equals)
        says = f"{state.name}: catch {errors} -> {catcher.next}"
        yield Element(f"{state.pointer}/Catch/{index}", CATCHER, state.name, catcher.next, says)


def shape_of(machine: Machine) -> str:
    """A digest of what there is to cover: of two definitions that differ in it, hits of one say nothing of the other.
    Where a way leads is no part of it: that may stand in a substitution."""
    parts = [(element.pointer, element.kind, element.state) for element in elements(machine)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
