"""Lints on the ways through a machine: loops without an exit, loops that change nothing, polling without a pause.

All three ask for groups of states that reach each other (Tarjan's strongly connected components), in linear time and
without recursion. Nested machines are looked at one by one, as no transition leaves a machine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from asl_engine.definition.fields import ABSENT
from asl_engine.definition.graph import Machine
from asl_engine.lint.table import Finding, lint
from asl_engine.lint.visits import all_machines, every_rule, leaves, once, resource_of, ways_on

Graph = Mapping[str, Sequence[str]]


@lint("LOOP_WITHOUT_EXIT", "WARNING", "No path leads out of a loop: only a failure or a time-out ends it.")
def loop_without_exit(machine: Machine) -> Iterator[Finding]:
    """Told once for each loop that nothing leads out of."""
    ways = ways_on(machine)
    for inner, groups in _loops(machine):
        reached = _reached(inner.start_at, ways)
        for group in groups:
            if not any(_leads_out(inner.states[name], group, ways) for name in group) and not reached.isdisjoint(group):
                message = f"no way leads out of the loop {_shown(group)}"
                yield Finding(_first(inner, group).pointer, message, "let one of its states lead on, or end")


@lint("ENDLESS_LOOP", "WARNING", "A loop changes neither payload nor variables, so once taken it never ends.")
def endless_loop(machine: Machine) -> Iterator[Finding]:
    """Its Choice states see the same input each time round, and so decide the same."""
    for inner, groups in _loops_of(machine, _repeats):
        for group in groups:
            message = f"nothing in the loop {_shown(group)} changes what its Choice states decide on"
            yield Finding(_first(inner, group).pointer, message, "go back to the state that fetches the news")


@lint("POLLING_WITHOUT_WAIT", "WARNING", "A loop asks a service again and again without a Wait state.")
def polling_without_wait(machine: Machine) -> Iterator[Finding]:
    """Every round is billed, and the service may throttle; reading page after page is no polling."""
    for inner, groups in _loops_of(machine, _polls_or_repeats):
        states = inner.states
        for group in groups:
            for name in group:
                if states[name].type == "Task" and any(states[other].type == "Choice" for other in group):
                    action = resource_of(states[name].resource).action
                    message = f"'{name}' calls {action} in the loop {_shown(group)} without a pause"
                    yield Finding(states[name].pointer, message, "put a Wait state into the loop")


# --- groups of states -------------------------------------------------------------------------------------------------


Group = dict[str, None]
"""The names of states that reach each other, in document order."""


@once
def _loops(machine: Machine) -> Sequence[tuple[Machine, Sequence[Group]]]:
    """Every machine that has loops, with the largest of them."""
    ways = ways_on(machine)
    found = []
    for inner in all_machines(machine):
        if _leads_back(inner, ways):
            found.append((inner, _groups({name: ways[name] for name in inner.states})))
    return [(inner, groups) for inner, groups in found if groups]


def _leads_back(machine: Machine, ways: Mapping[str, Sequence[str]]) -> bool:
    """Whether a transition leads to its own or an earlier state: without one there is no loop."""
    order = {name: index for index, name in enumerate(machine.states)}
    return any(order[target] <= index for name, index in order.items() for target in ways[name])


def _loops_of(machine: Machine, holds: Callable[[Any], bool]) -> Iterator[tuple[Machine, Sequence[Group]]]:
    """The loops of certain states alone, which lie within larger ones."""
    ways = ways_on(machine)
    for inner, groups in _loops(machine):
        looping = {name for group in groups for name in group if holds(inner.states[name])}
        members = [name for name in inner.states if name in looping]
        yield inner, _groups({name: [to for to in ways[name] if to in looping] for name in members})


def _groups(graph: Graph) -> list[Group]:
    """The groups of states that form loops, each in document order."""
    found = [group for group in _components(graph) if len(group) > 1 or group[0] in graph[group[0]]]
    order = {name: index for index, name in enumerate(graph)}
    ordered = [sorted(group, key=order.__getitem__) for group in found]
    return [dict.fromkeys(group) for group in sorted(ordered, key=lambda group: order[group[0]])]


def _components(graph: Graph) -> list[list[str]]:
    """Tarjan's algorithm; `low` of a state that is done is beyond every index."""
    low: dict[str, int] = {}
    index: dict[str, int] = {}
    open_states: list[str] = []
    found: list[list[str]] = []
    for start in graph:
        way = [] if start in index else [_enter(start, graph, index, low, open_states)]
        while way:
            name, targets = way[-1]
            target = next(targets, None)
            if target is None:
                way.pop()
                _leave(name, way, graph, index, low, open_states, found)
            elif target not in index:
                way.append(_enter(target, graph, index, low, open_states))
            else:
                low[name] = min(low[name], low[target])
    return found


def _enter(
    name: str, graph: Graph, index: dict[str, int], low: dict[str, int], open_states: list[str]
) -> tuple[str, Iterator[str]]:
    index[name] = low[name] = len(index)
    open_states.append(name)
    return name, iter(graph[name])


def _leave(
    name: str,
    way: list[tuple[str, Iterator[str]]],
    graph: Graph,
    index: dict[str, int],
    low: dict[str, int],
    open_states: list[str],
    found: list[list[str]],
) -> None:
    lowest = low[name]
    if lowest == index[name]:
        group = [open_states.pop()]
        while group[-1] != name:
            group.append(open_states.pop())
        low.update(dict.fromkeys(group, len(graph)))
        found.append(group)
    if way:
        above = way[-1][0]
        low[above] = min(low[above], low[name])


def _first(machine: Machine, group: Iterable[str]) -> Any:
    return machine.states[next(iter(group))]


def _shown(group: Iterable[str]) -> str:
    names = list(group)
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"of {', '.join(repr(name) for name in names[:5])}{more}"


# --- which states -----------------------------------------------------------------------------------------------------


def _leads_out(state: Any, group: Group, ways: Graph) -> bool:
    """Whether a state ends the machine, or leads to a state that is not of the group."""
    ends = state.end or state.type in ("Succeed", "Fail")
    return ends or any(target not in group for target in ways[state.name])


def _reached(start: str, ways: Graph) -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(ways[name])
    return reached


_CHANGES_BY_ITSELF = re.compile(r"\$\$|\$states\.context|\$states\s*[^.\w]|\$(?:now|millis|random|uuid)\b")


def _repeats(state: Any) -> bool:
    """Whether a state does the same each time that it gets the same input and variables, and changes neither."""
    if state.type == "Choice":
        return _leaves_alone(state) and not any(_is_moody(rule) for rule in every_rule(state.choices))
    if state.type == "Wait":
        return _leaves_alone(state)
    return state.type == "Pass" and _leaves_alone(state) and _passes_input_on(state)


def _leaves_alone(state: Any) -> bool:
    rules = getattr(state, "choices", ())
    changed = state.assign or any(rule.assign or rule.output is not ABSENT for rule in rules)
    return not changed and state.output is ABSENT and state.input_path == "$" and state.output_path == "$"


def _passes_input_on(state: Any) -> bool:
    unchanged = state.result is ABSENT and state.parameters is None and state.result_path == "$"
    return unchanged or state.result_path is None


def _is_moody(rule: Any) -> bool:
    """Whether a rule may decide otherwise on the same input: it reads the context object, the clock, or chance."""
    texts = (text for text in (rule.variable, rule.operand, rule.condition) if isinstance(text, str))
    return any(_CHANGES_BY_ITSELF.search(text) for text in texts)


_ASKS = re.compile(r"(?:describe|get|batchGet|head)[A-Z]")
_PAGING = re.compile(r"token|marker|iterator|startkey|page|cursor|offset|range", re.IGNORECASE)


def _polls_or_repeats(state: Any) -> bool:
    if state.type in ("Choice", "Pass"):
        return _repeats(state)
    return state.type == "Task" and _polls(state)


def _polls(state: Any) -> bool:
    resource = resource_of(state.resource)
    if resource.pattern or not _ASKS.match(resource.action or "") or state.assign:
        return False
    given = state.parameters if state.arguments is ABSENT else state.arguments
    return not any(
        _PAGING.search(f"{leaf.key} {leaf.text}") for leaf in leaves(state.pointer, "", given, lambda text: True)
    )
