"""From a lattice to places: how far along the drawing each layer lies, and the points that each edge runs through.

Between two layers an edge may run slantwise, in a layer only straight along the drawing, in the column of its bend.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from asl_engine.drawing.columns import columns_of
from asl_engine.drawing.lattice import LABEL, NODE, Lattice

GAP, WIDEST_GAP, STEEPNESS = 30.0, 84.0, 0.09
"""Between two layers: at least, at most, and how much of the longest way across is added."""
PORT_GAP = 16.0
"""Between two edges at one side of a node."""


class Spot(NamedTuple):
    """A place in the lattice."""

    across: float
    along: float


class Ways(NamedTuple):
    """The middle of each vertex, and of each link the points from its source to its target, and its label's middle."""

    middles: Sequence[Spot]
    links: Sequence[Sequence[Spot]]
    labels: Sequence[Spot | None]


Bands = Sequence[tuple[float, float]]
"""From where to where each layer reaches along the drawing."""
Ports = dict[tuple[int, int], float]
"""(node, the next vertex) -> where across the drawing the edge meets the node."""


def route(lattice: Lattice, sides: Sequence[float]) -> Ways:
    """The places in a lattice whose layers are in order. `sides`: half of the side at which edges may meet a node."""
    columns = columns_of(lattice)
    bands = _bands(lattice, columns)
    at_end = {vertex for number, vertex in lattice.labels.items() if lattice.turned[number]}
    middles = [_middle(lattice, vertex, columns, bands, vertex in at_end) for vertex in range(len(lattice.kinds))]
    ports = _ports(lattice, columns, sides)
    links = _links(lattice, ports, middles, bands)
    labels = [middles[lattice.labels[number]] if number in lattice.labels else None for number in range(len(links))]
    return Ways(middles, links, labels)


def _bands(lattice: Lattice, columns: Sequence[float]) -> Bands:
    bands, begin = [], 0.0
    for layer in lattice.layers:
        end = begin + max((lattice.boxes[vertex].along for vertex in layer), default=0.0)
        bands.append((begin, end))
        farthest = max((abs(columns[one] - columns[low]) for one in layer for low in lattice.down[one]), default=0.0)
        begin = end + min(GAP + STEEPNESS * farthest, WIDEST_GAP)
    return bands


def _middle(lattice: Lattice, vertex: int, columns: Sequence[float], bands: Bands, at_end: bool) -> Spot:
    """Nodes stand in the middle of their layer, a label at the end that is nearer to its edge's source."""
    begin, end = bands[lattice.ranks[vertex]]
    half = lattice.boxes[vertex].along / 2
    if lattice.kinds[vertex] == LABEL:
        return Spot(columns[vertex], end - half if at_end else begin + half)
    return Spot(columns[vertex], (begin + end) / 2)


def _ports(lattice: Lattice, columns: Sequence[float], sides: Sequence[float]) -> tuple[Ports, Ports]:
    """Where edges leave nodes downwards, and where they come in from above. Straight lines are preferred."""
    below: Ports = {}
    above: Ports = {}
    for node, side in enumerate(sides):
        wishes = [_wish(lattice, columns, sides, node, other) for other in lattice.down[node]]
        below.update(_spread(node, lattice.down[node], wishes, columns, side))
    for node, side in enumerate(sides):
        wishes = [below.get((other, node), columns[other]) for other in lattice.up[node]]
        above.update(_spread(node, lattice.up[node], wishes, columns, side))
    return below, above


def _wish(lattice: Lattice, columns: Sequence[float], sides: Sequence[float], node: int, other: int) -> float:
    """Where an edge would leave a node: in its middle where the lower node reaches so far."""
    if lattice.kinds[other] != NODE:
        return columns[other]
    return min(max(columns[node], columns[other] - sides[other]), columns[other] + sides[other])


def _spread(node: int, others: Sequence[int], wishes: Sequence[float], columns: Sequence[float], side: float) -> Ports:
    """Ports as near to the wishes as the side of the node and the room between two edges allow."""
    middle = columns[node]
    order = sorted(range(len(others)), key=lambda place: (columns[others[place]], wishes[place]))
    gap = min(PORT_GAP, 2 * side / (len(order) - 1)) if len(order) > 1 else 0.0
    ports = [min(max(wishes[place], middle - side), middle + side) for place in order]
    for place in range(1, len(ports)):
        ports[place] = max(ports[place], ports[place - 1] + gap)
    limit = middle + side
    for place in reversed(range(len(ports))):
        ports[place] = limit = min(ports[place], limit)
        limit -= gap
    return {(node, others[place]): port for place, port in zip(order, ports, strict=True)}


def _links(lattice: Lattice, ports: tuple[Ports, Ports], middles: Sequence[Spot], bands: Bands) -> list[Sequence[Spot]]:
    """The points of each link. What follows a bend is found once, for all links of its trunk."""
    rests: dict[int, Sequence[Spot]] = {}
    links: list[Sequence[Spot]] = []
    for number, chain in enumerate(lattice.chains):
        turned, last = lattice.turned[number], chain[-1]
        leaving, coming = ports[::-1] if turned else ports
        is_whole = lattice.kinds[last] == NODE
        rest = _end(lattice, last, chain[-2], coming, middles, bands, turned=turned) if is_whole else rests[last]
        for vertex in reversed(chain[1:-1]):
            ends = bands[lattice.ranks[vertex]]
            piece = [Spot(middles[vertex].across, along) for along in ends]
            rest = rests[vertex] = _without_needless([*(piece[::-1] if turned else piece), *rest])
        begin = _end(lattice, chain[0], chain[1], leaving, middles, bands, turned=not turned)
        links.append(_without_needless([*reversed(begin), *rest]))
    return links


def _end(
    lattice: Lattice, node: int, other: int, ports: Ports, middles: Sequence[Spot], bands: Bands, *, turned: bool
) -> list[Spot]:
    """From the edge of the node's layer to the node's border: from above, or from below where `turned`."""
    across, half = ports[node, other], lattice.boxes[node].along / 2
    begin, end = bands[lattice.ranks[node]]
    if turned:
        return [Spot(across, end), Spot(across, middles[node].along + half)]
    return [Spot(across, begin), Spot(across, middles[node].along - half)]


def _without_needless(spots: Sequence[Spot]) -> list[Spot]:
    """Without points in the middle of a straight line."""
    kept: list[Spot] = []
    for spot in spots:
        while len(kept) > 1 and abs(kept[-1].across - spot.across) < 0.5 and abs(kept[-2].across - spot.across) < 0.5:
            kept.pop()
        if not kept or kept[-1] != spot:
            kept.append(spot)
    return kept
