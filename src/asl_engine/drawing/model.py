"""A machine as a graph: nodes, edges and the graphs nested in nodes. What every format draws.

Ids are given in document order, so that the same definition has the same ids. All edges between two states that an
execution's history cannot tell apart are one edge: the rules of a Choice that lead to one state, with Default; the
catchers of a state that lead to one state.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

from asl_engine.definition.graph import Machine
from asl_engine.drawing.wording import condition_in_words, detail_of, errors_in_words, retry_in_words, shown
from asl_engine.records import record

START, END, MISSING = "Start", "End", "Missing"
"""Kinds of nodes that are no states: where a machine starts and ends, and a state that is named but not there."""

NEXT, CHOICE, DEFAULT, CATCH = "next", "choice", "default", "catch"
"""Kinds of edges."""


@record(frozen=True, slots=True, kw_only=True)
class Edge:
    """A transition. `lines` says when it is taken; `source_name` and `target_name` are None at the marks."""

    source: str
    target: str
    kind: str
    lines: tuple[str, ...] = ()
    source_name: str | None = None
    target_name: str | None = None


@record(frozen=True, slots=True, kw_only=True)
class Node:
    """A state or a mark. `kind` is the state's Type, "Start", "End" or "Missing"; `name` is the state's own name and
    `title` the same, fit to be shown; `parts` are a Parallel's branches or a Map's item processor."""

    id: str
    kind: str
    name: str = ""
    title: str = ""
    detail: str = ""
    retries: tuple[str, ...] = ()
    parts: tuple[Graph, ...] = ()
    distributed: bool = False


@record(frozen=True, slots=True, kw_only=True)
class Graph:
    """One machine: the whole, a branch, or an item processor. `title` is empty for the whole."""

    id: str
    title: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def graph_of(machine: Machine) -> Graph:
    """The graph of a definition as read, with or without errors."""
    return _graph(machine, "", count(1))


def every_graph(graph: Graph) -> Iterator[Graph]:
    """The graph and all that are nested in it, outermost first."""
    yield graph
    for node in graph.nodes:
        for part in node.parts:
            yield from every_graph(part)


def _graph(machine: Machine, title: str, numbers: Iterator[int]) -> Graph:
    own = f"g{next(numbers)}"
    start = Node(id=f"{own}_start", kind=START, title="Start")
    nodes = {name: _node(state, numbers) for name, state in machine.states.items()}
    missing = {
        name: Node(id=f"n{next(numbers)}", kind=MISSING, name=name, title=shown(name)) for name in _gone(machine)
    }
    ids = {name: node.id for name, node in (nodes | missing).items()}
    end = Node(id=f"{own}_end", kind=END, title="End")
    first = Edge(source=start.id, target=ids[machine.start_at], kind=NEXT, target_name=machine.start_at)
    edges = [first, *(edge for state in machine.states.values() for edge in _edges(state, ids, end.id))]
    ends = (end,) if any(edge.target == end.id for edge in edges) else ()
    every = (start, *nodes.values(), *missing.values(), *ends)
    return Graph(id=own, title=title, nodes=every, edges=tuple(edges))


def _gone(machine: Machine) -> list[str]:
    """Names that are targets and not states."""
    named = [machine.start_at, *(name for state in machine.states.values() for name, _ in state.targets())]
    return list(dict.fromkeys(name for name in named if isinstance(name, str) and name not in machine.states))


def _node(state: Any, numbers: Iterator[int]) -> Node:
    machines = list(state.machines())
    return Node(
        id=f"n{next(numbers)}",
        kind=state.type,
        name=state.name,
        title=shown(state.name),
        detail=detail_of(state),
        retries=tuple(retry_in_words(retrier) for retrier in getattr(state, "retry", ())),
        distributed=any(nested.processor_config.mode == "DISTRIBUTED" for nested in machines),
        parts=tuple(_graph(nested, _title(state.type, place), numbers) for place, nested in enumerate(machines, 1)),
    )


def _title(kind: str, place: int) -> str:
    return f"branch {place}" if kind == "Parallel" else "for each item"


def _edges(state: Any, ids: dict[str, str], end: str) -> Iterator[Edge]:
    source = {"source": ids[state.name], "source_name": state.name}
    if state.next is not None:
        yield Edge(**source, target=ids[state.next], kind=NEXT, target_name=state.next)
    elif state.end:
        yield Edge(**source, target=end, kind=NEXT)
    for target, (kind, lines) in _choices(state).items():
        yield Edge(**source, target=ids[target], kind=kind, lines=tuple(lines), target_name=target)
    for target, lines in _catches(state).items():
        yield Edge(**source, target=ids[target], kind=CATCH, lines=tuple(lines), target_name=target)


def _choices(state: Any) -> dict[str, tuple[str, list[str]]]:
    """Target -> the kind of the edge and its lines."""
    found: dict[str, tuple[str, list[str]]] = {}
    for place, rule in enumerate(getattr(state, "choices", ()), 1):
        if rule is not None and rule.next is not None:
            found.setdefault(rule.next, (CHOICE, []))[1].append(f"{place}: {condition_in_words(rule)}")
    default = getattr(state, "default", None)
    if default is not None:
        found.setdefault(default, (DEFAULT, []))[1].append("default")
    return found


def _catches(state: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for catcher in getattr(state, "catch", ()):
        found.setdefault(catcher.next, []).append(f"catch {errors_in_words(catcher.error_equals)}")
    return found
