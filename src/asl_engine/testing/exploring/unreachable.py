"""What no run can use, with the reason: worked out from the definition alone.

The rule: only what is certain. What merely was not reached is not told here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from asl_engine.definition.graph import Machine, every_machine, every_state
from asl_engine.lint.table import run_lints
from asl_engine.testing.coverage.elements import BODY, CATCHER, LEADS_ON, RETRIER, RULE, STATE, Element
from asl_engine.testing.exploring.outcomes import can_be_first

LINTS = frozenset(
    {
        "IMPOSSIBLE_CHOICE_RULE",
        "SHADOWED_CHOICE_RULE",
        "UNREACHABLE_HANDLER",
        "IMPOSSIBLE_ERROR",
        "RETRIER_WITHOUT_EFFECT",
    }
)
"""The lints that say that a rule, a retrier or a catcher can have no effect."""


def unreachable(machine: Machine, parts: Sequence[Element]) -> dict[str, str]:
    """JSON pointer -> why it cannot be used."""
    found = dict(_certain(machine, parts))
    states = {state.name: state for state in every_state(machine)}
    while more := dict(_behind(machine, parts, states, found)):
        found |= more
    return found


def _certain(machine: Machine, parts: Sequence[Element]) -> Iterator[tuple[str, str]]:
    yield from _by_lints(machine, parts)
    for state in every_state(machine):
        yield from _handlers(state)
        if state.type == "Parallel":
            yield from _never_left(state)


def _by_lints(machine: Machine, parts: Sequence[Element]) -> Iterator[tuple[str, str]]:
    """What a lint says of a whole rule or handler, or of every name in its ErrorEquals."""
    known = {element.pointer for element in parts if element.kind in (RULE, RETRIER, CATCHER)}
    names: dict[str, set[str]] = {}
    for finding in run_lints(machine, has_errors=False):
        place = next((part for part in _upwards(finding.pointer) if part in known), None)
        if finding.code not in LINTS or place is None:
            continue
        below = names.setdefault(place, set())
        below.add(finding.pointer)
        if "/ErrorEquals/" not in finding.pointer[len(place) :] or len(below) == _names_at(machine, place):
            yield place, finding.message


def _names_at(machine: Machine, pointer: str) -> int:
    """How many errors the retrier or catcher at a pointer names."""
    owner, field, index = pointer.rsplit("/", 2)
    state = next(state for state in every_state(machine) if state.pointer == owner)
    return len(getattr(state, field.lower())[int(index)].error_equals)


def _upwards(pointer: str) -> Iterator[str]:
    while pointer:
        yield pointer
        pointer = pointer.rpartition("/")[0]


def _handlers(state: Any) -> Iterator[tuple[str, str]]:
    """Retriers and catchers whose errors others take first, or in whose state nothing fails by name."""
    for field in ("retry", "catch"):
        handlers = getattr(state, field, ())
        for index in range(len(handlers)):
            pointer = f"{state.pointer}/{field.capitalize()}/{index}"
            if not can_be_first(handlers, index):
                yield pointer, "every error that it names is taken by an earlier one"
            elif field == "retry" and handlers[index].max_attempts == 0:
                yield pointer, "it makes no attempt: its MaxAttempts is 0"
            elif state.type in ("Map", "Parallel") and not _can_fail(state):
                yield pointer, f"nothing in {state.name} fails with an error that can be retried or caught"


def _never_left(state: Any) -> Iterator[tuple[str, str]]:
    """The way out of a Parallel with a branch in which nothing ends well."""
    for number, nested in enumerate(state.machines(), 1):
        if not any(one.type == "Succeed" or getattr(one, "end", False) for one in nested.states.values()):
            way = "End" if state.next is None else "Next"
            yield f"{state.pointer}/{way}", f"branch {number} of {state.name} always fails"


def _can_fail(state: Any) -> bool:
    if getattr(state, "item_reader", None) is not None or getattr(state, "result_writer", None) is not None:
        return True
    inside = (one for nested in state.machines() for one in every_state(nested))
    return any(one.type in ("Task", "Fail") or getattr(one, "query_language", "") == "JSONata" for one in inside)


def _behind(
    machine: Machine, parts: Sequence[Element], states: dict[str, Any], known: dict[str, str]
) -> Iterator[tuple[str, str]]:
    """States to which only unreachable transitions lead, and everything in them."""
    starts = {one.start_at for one in every_machine(machine)}
    gone = {element.state for element in parts if element.kind == STATE and element.pointer in known}
    for name, state in states.items():
        if state.pointer in known:
            continue
        ways = [element for element in parts if element.kind in LEADS_ON and element.target == name]
        blocked = all(way.pointer in known or way.state in gone or way.state == name for way in ways)
        if name not in starts and blocked:
            yield state.pointer, "no transition that can be taken leads to it"
    for element in parts:
        if element.kind != STATE and element.state in gone and element.pointer not in known:
            yield element.pointer, f"{element.state} cannot be reached"
        if element.kind == BODY and element.state in gone:
            for inner in parts:
                if inner.pointer.startswith(element.pointer + "/") and inner.pointer not in known:
                    yield inner.pointer, f"{element.state} cannot be reached"
