"""The order within each layer, so that few edges cross: sweeps by barycentre, the best order seen is kept.

The number of sweeps is fixed, so that time grows with the size of the lattice times the logarithm of a layer.
"""

from __future__ import annotations

from collections.abc import Sequence

from asl_engine.drawing.lattice import Lattice

SWEEPS = 12
EXCHANGE_UP_TO = 1500
"""Vertices: exchanging neighbours repairs what barycentres leave; in larger graphs it takes longer than it is worth."""


def order_layers(lattice: Lattice) -> None:
    """Orders the vertices within the lattice's layers."""
    _order_as_met(lattice)
    best, fewest = [list(layer) for layer in lattice.layers], _crossings(lattice)
    for sweep in range(SWEEPS):
        if not fewest:
            break
        _sweep(lattice, downwards=sweep % 2 == 0, from_the_right=sweep % 4 >= 2)
        if len(lattice.kinds) <= EXCHANGE_UP_TO:
            _exchange(lattice)
        found = _crossings(lattice)
        if found < fewest:
            best, fewest = [list(layer) for layer in lattice.layers], found
    lattice.layers = best


def _order_as_met(lattice: Lattice) -> None:
    """The order in which a walk down from the top meets the vertices, each one's lower neighbours in their order."""
    layers: list[list[int]] = [[] for _ in lattice.layers]
    met = [False] * len(lattice.kinds)
    stack = [vertex for layer in reversed(lattice.layers) for vertex in reversed(layer) if not lattice.up[vertex]]
    while stack:
        vertex = stack.pop()
        if not met[vertex]:
            met[vertex] = True
            layers[lattice.ranks[vertex]].append(vertex)
            stack.extend(reversed(lattice.down[vertex]))
    lattice.layers = layers


def _positions(lattice: Lattice) -> list[int]:
    positions = [0] * len(lattice.kinds)
    for layer in lattice.layers:
        for place, vertex in enumerate(layer):
            positions[vertex] = place
    return positions


def _sweep(lattice: Lattice, *, downwards: bool, from_the_right: bool) -> None:
    """Orders each layer by the mean place of the neighbours in the layer before; equals keep their order, or turn it
    round, which lets the next sweep leave a dead end."""
    positions = _positions(lattice)
    neighbours = lattice.up if downwards else lattice.down
    layers = range(1, len(lattice.layers)) if downwards else range(len(lattice.layers) - 2, -1, -1)
    for rank in layers:
        layer = lattice.layers[rank][::-1] if from_the_right else lattice.layers[rank]
        lattice.layers[rank] = _sorted_by_mean(layer, neighbours, positions)
        for place, vertex in enumerate(lattice.layers[rank]):
            positions[vertex] = place


def _sorted_by_mean(layer: Sequence[int], neighbours: Sequence[Sequence[int]], positions: Sequence[int]) -> list[int]:
    """Vertices without neighbours keep their places."""
    means = {
        vertex: sum(positions[other] for other in neighbours[vertex]) / len(neighbours[vertex])
        for vertex in layer
        if neighbours[vertex]
    }
    moved = iter(sorted(means, key=means.__getitem__))
    return [next(moved) if vertex in means else vertex for vertex in layer]


def _exchange(lattice: Lattice) -> None:
    """Exchanges neighbours in a layer where that saves crossings, in one pass."""
    positions = _positions(lattice)
    for layer in lattice.layers:
        for place in range(len(layer) - 1):
            left, right = layer[place], layer[place + 1]
            now = _between(lattice, positions, left, right)
            if now and _between(lattice, positions, right, left) < now:
                layer[place], layer[place + 1] = right, left
                positions[left], positions[right] = place + 1, place


def _between(lattice: Lattice, positions: Sequence[int], left: int, right: int) -> int:
    """The crossings between the edges of two neighbours in a layer."""
    total = 0
    for neighbours in (lattice.up, lattice.down):
        ours = sorted(positions[vertex] for vertex in neighbours[left])
        theirs = sorted(positions[vertex] for vertex in neighbours[right])
        seen = 0
        for place in ours:
            while seen < len(theirs) and theirs[seen] < place:
                seen += 1
            total += seen
    return total


def _crossings(lattice: Lattice) -> int:
    positions = _positions(lattice)
    return sum(
        _crossings_below(layer, lattice.down, positions, len(following))
        for layer, following in zip(lattice.layers, lattice.layers[1:], strict=False)
    )


def _crossings_below(layer: Sequence[int], down: Sequence[Sequence[int]], positions: Sequence[int], size: int) -> int:
    """Crossings between two layers, counted with a tree of sums (Barth, Juenger, Mutzel 2002)."""
    tree = [0] * (size + 1)
    total = inserted = 0
    for vertex in layer:
        places = sorted(positions[lower] for lower in down[vertex])
        for place in places:
            total += inserted - _sum_to(tree, place + 1)
        for place in places:
            _add_at(tree, place + 1)
        inserted += len(places)
    return total


def _sum_to(tree: Sequence[int], place: int) -> int:
    total = 0
    while place > 0:
        total += tree[place]
        place -= place & -place
    return total


def _add_at(tree: list[int], place: int) -> None:
    while place < len(tree):
        tree[place] += 1
        place += place & -place
