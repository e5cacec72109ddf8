"""Where each vertex stands across the drawing (Brandes and Koepf 2002, "Fast and simple horizontal coordinates").

Four drafts, each drawn to one corner, are averaged: vertices in a row with their neighbours above and below, long edges
straight, no two vertices of a layer nearer than their sizes and the gap allow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from asl_engine.drawing.lattice import BEND, LABEL, Lattice

GAPS = {"node": 34.0, LABEL: 14.0, BEND: 18.0}
"""Kind of vertex -> the room around it."""


def columns_of(lattice: Lattice) -> list[float]:
    """The middle of each vertex, across the drawing."""
    crossed = _crossed(lattice)
    drafts = []
    for upwards in (False, True):
        for leftwards in (False, True):
            drafts.append(_draft(lattice, crossed, upwards, leftwards))
    _align(lattice, drafts)
    middles = []
    for places in zip(*drafts, strict=True):
        _, low, high, _ = sorted(places)
        middles.append((low + high) / 2)
    return middles


def _crossed(lattice: Lattice) -> set[tuple[int, int]]:
    """The edges that give way: those that yield, and those that cross or join a piece between two bends of a long
    edge, which is to be straight."""
    positions = _places(lattice.layers, len(lattice.kinds))
    crossed = set(lattice.yielding)
    for layer in lattice.layers[1:]:
        begun, low = 0, 0
        for place, vertex in enumerate(layer):
            inner = _inner_above(lattice, vertex)
            if inner is None and place != len(layer) - 1:
                continue
            high = positions[inner] if inner is not None else len(positions)
            for other in layer[begun : place + 1]:
                for upper in lattice.up[other]:
                    straight = _is_bend(lattice, other) and _is_bend(lattice, upper)
                    if not low <= positions[upper] <= high and not straight:
                        crossed.add((upper, other))
            begun, low = place + 1, high
    for vertex in range(len(lattice.kinds)):
        inner = _inner_above(lattice, vertex)
        crossed.update((upper, vertex) for upper in lattice.up[vertex] if inner is not None and upper != inner)
        inner = _inner_below(lattice, vertex)
        crossed.update((vertex, lower) for lower in lattice.down[vertex] if inner is not None and lower != inner)
    return crossed


def _inner_above(lattice: Lattice, vertex: int) -> int | None:
    if not _is_bend(lattice, vertex):
        return None
    return next((upper for upper in lattice.up[vertex] if _is_bend(lattice, upper)), None)


def _inner_below(lattice: Lattice, vertex: int) -> int | None:
    if not _is_bend(lattice, vertex):
        return None
    return next((lower for lower in lattice.down[vertex] if _is_bend(lattice, lower)), None)


def _is_bend(lattice: Lattice, vertex: int) -> bool:
    return lattice.kinds[vertex] == BEND


def _places(layers: Sequence[Sequence[int]], count: int) -> list[int]:
    places = [0] * count
    for layer in layers:
        for place, vertex in enumerate(layer):
            places[vertex] = place
    return places


def _draft(lattice: Lattice, crossed: set[tuple[int, int]], upwards: bool, leftwards: bool) -> list[float]:
    """One draft: rows are made from the layer before (above or below), and pushed to one side."""
    layers = lattice.layers[::-1] if upwards else lattice.layers
    if leftwards:
        layers = [layer[::-1] for layer in layers]
    neighbours = lattice.down if upwards else lattice.up
    roots = _rows(layers, neighbours, crossed)
    middles = _compact(layers, roots, lambda one, other: _apart(lattice, one, other))
    return [-middle for middle in middles] if leftwards else middles


def _apart(lattice: Lattice, one: int, other: int) -> float:
    widths = (lattice.boxes[one].across + lattice.boxes[other].across) / 2
    return widths + (GAPS[lattice.kinds[one]] + GAPS[lattice.kinds[other]]) / 2


def _rows(
    layers: Sequence[Sequence[int]], neighbours: Sequence[Sequence[int]], crossed: set[tuple[int, int]]
) -> list[int]:
    """Vertex -> the first vertex of its row: each one joins its middle neighbour, unless that would cross a row."""
    count = len(neighbours)
    places, roots, following = _places(layers, count), list(range(count)), list(range(count))
    for layer in layers:
        reached = -1
        for vertex in layer:
            near = sorted(neighbours[vertex], key=places.__getitem__)
            for middle in {(len(near) - 1) // 2: 0, len(near) // 2: 0} if near else {}:
                other = near[middle]
                free = following[vertex] == vertex and reached < places[other]
                if free and (other, vertex) not in crossed and (vertex, other) not in crossed:
                    following[other] = vertex
                    roots[vertex] = roots[other]
                    following[vertex] = roots[vertex]
                    reached = places[other]
    return roots


def _compact(layers: Sequence[Sequence[int]], roots: Sequence[int], apart: Callable[[int, int], float]) -> list[float]:
    """Pushes every row as far to the one side as its neighbours allow, then back to close what gaps remain."""
    before: list[dict[int, float]] = [{} for _ in roots]
    after: list[dict[int, float]] = [{} for _ in roots]
    for layer in layers:
        for one, other in pairwise(layer):
            left, right = roots[one], roots[other]
            distance = max(apart(one, other), before[right].get(left, 0.0))
            before[right][left] = after[left][right] = distance
    order = _from_the_side(before, after, [vertex for layer in layers for vertex in layer if roots[vertex] == vertex])
    middles = [0.0] * len(roots)
    for row in order:
        middles[row] = max((middles[other] + distance for other, distance in before[row].items()), default=0.0)
    for row in reversed(order):
        nearest = min((middles[other] - distance for other, distance in after[row].items()), default=middles[row])
        middles[row] = max(middles[row], nearest)
    return [middles[root] for root in roots]


def _from_the_side(
    before: Sequence[dict[int, float]], after: Sequence[dict[int, float]], rows: Sequence[int]
) -> list[int]:
    """Rows in an order in which each one comes after those beside it."""
    waiting = {row: len(before[row]) for row in rows}
    order = [row for row in rows if not waiting[row]]
    for row in order:
        for other in after[row]:
            waiting[other] -= 1
            if not waiting[other]:
                order.append(other)
    return order


def _align(lattice: Lattice, drafts: list[list[float]]) -> None:
    """Shifts the drafts to the narrowest one: those pushed left by their left edges, the others by their right ones."""
    halves = [box.across / 2 for box in lattice.boxes]
    edges = [
        (
            min(x - half for x, half in zip(draft, halves, strict=True)),
            max(x + half for x, half in zip(draft, halves, strict=True)),
        )
        for draft in drafts
    ]
    narrowest = min(edges, key=lambda pair: pair[1] - pair[0])
    for number, (low, high) in enumerate(edges):
        shift = narrowest[1] - high if number % 2 else narrowest[0] - low
        drafts[number] = [x + shift for x in drafts[number]]
