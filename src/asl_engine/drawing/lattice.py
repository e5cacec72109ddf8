"""Layers: every node of a graph gets a rank, every edge a chain of vertices that goes down one rank at a time.

The first half of the layered method (Sugiyama, Tagawa, Toda 1981). Edges that close a loop are turned round first. A
labelled edge has its label as a vertex of its own, so that a label has room as a node has. Edges of one `trunk` share
their bends: they join as soon as they can, and a hundred Catches that lead to one state are one line and not a hundred.
That also keeps the number of bends at ranks times targets.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import pairwise
from typing import NamedTuple

from asl_engine.records import field, record

NODE, LABEL, BEND = "node", "label", "bend"


class Box(NamedTuple):
    """A size: `across` the direction of the drawing and `along` it."""

    across: float
    along: float


NO_BOX = Box(0, 0)


class Link(NamedTuple):
    """An edge between two different nodes, by their numbers. One that `yields` lets others run straight before it."""

    source: int
    target: int
    label: Box | None
    trunk: Hashable
    yields: bool = False


@record(slots=True, eq=False)
class Lattice:
    """Vertices in layers. The first ones are the graph's nodes, in order.

    `chains` has one list of vertices a link: from its source to its target, or to the first bend that an earlier link
    of its trunk has too. `turned` says which links go up; `labels` has the label's vertex of a link; `yielding` the
    pairs of vertices at which a link that yields begins.
    """

    kinds: list[str] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    layers: list[list[int]] = field(default_factory=list)
    ranks: list[int] = field(default_factory=list)
    down: list[list[int]] = field(default_factory=list)
    up: list[list[int]] = field(default_factory=list)
    chains: list[list[int]] = field(default_factory=list)
    turned: list[bool] = field(default_factory=list)
    labels: dict[int, int] = field(default_factory=dict)
    yielding: set[tuple[int, int]] = field(default_factory=set)
    joined: set[tuple[int, int]] = field(default_factory=set)

    def add(self, kind: str, box: Box, rank: int) -> int:
        """A new vertex at the end of its layer."""
        self.kinds.append(kind)
        self.boxes.append(box)
        self.ranks.append(rank)
        self.down.append([])
        self.up.append([])
        self.layers[rank].append(len(self.kinds) - 1)
        return len(self.kinds) - 1

    def join(self, upper: int, lower: int) -> None:
        """Joins two vertices of neighbouring layers, once."""
        if (upper, lower) not in self.joined:
            self.joined.add((upper, lower))
            self.down[upper].append(lower)
            self.up[lower].append(upper)


def lattice_of(boxes: Sequence[Box], links: Sequence[Link]) -> Lattice:
    """The lattice of a graph whose first node is its start."""
    turned = _loops(len(boxes), links)
    ranks = _ranks(len(boxes), links, turned)
    lattice = Lattice(layers=[[] for _ in range(max(ranks) + 1)], turned=turned)
    for box, rank in zip(boxes, ranks, strict=True):
        lattice.add(NODE, box, rank)
    bends: dict[Hashable, int] = {}
    for number, link in enumerate(links):
        lattice.chains.append(_chain(lattice, bends, number, link))
    return lattice


def _loops(count: int, links: Sequence[Link]) -> list[bool]:
    """Which links lead back to a node that the search from the start is still below."""
    turned = [False] * len(links)
    leaving = _leaving(count, links)
    state = [0] * count
    for root in range(count):
        stack = [(root, iter(leaving[root]))] if not state[root] else []
        state[root] = state[root] or 1
        while stack:
            node, left = stack[-1]
            number = next(left, None)
            if number is None:
                state[node] = 2
                stack.pop()
                continue
            target = links[number].target
            turned[number] = state[target] == 1
            if not state[target]:
                state[target] = 1
                stack.append((target, iter(leaving[target])))
    return turned


def _leaving(count: int, links: Sequence[Link]) -> list[list[int]]:
    leaving: list[list[int]] = [[] for _ in range(count)]
    for number, link in enumerate(links):
        leaving[link.source].append(number)
    return leaving


def _ranks(count: int, links: Sequence[Link], turned: Sequence[bool]) -> list[int]:
    """The longest way to each node; what nothing leads to is drawn down to what it leads to."""
    below: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    waiting = [0] * count
    for link, is_turned in zip(links, turned, strict=True):
        upper, lower = (link.target, link.source) if is_turned else (link.source, link.target)
        below[upper].append((lower, 2 if link.label else 1))
        waiting[lower] += 1
    sources = [node for node in range(count) if not waiting[node]]
    ranks, ready = [0] * count, list(sources)
    for node in ready:
        for lower, length in below[node]:
            ranks[lower] = max(ranks[lower], ranks[node] + length)
            waiting[lower] -= 1
            if not waiting[lower]:
                ready.append(lower)
    for node in sources[1:]:
        ranks[node] = min((ranks[lower] - length for lower, length in below[node]), default=0)
    return ranks


def _chain(lattice: Lattice, bends: dict[Hashable, int], number: int, link: Link) -> list[int]:
    """The vertices of one link from its source, joined. The label stands next to the source."""
    step = -1 if lattice.turned[number] else 1
    chain = [link.source]
    for rank in range(lattice.ranks[link.source] + step, lattice.ranks[link.target], step):
        if link.label and len(chain) == 1:
            chain.append(lattice.add(LABEL, link.label, rank))
            lattice.labels[number] = chain[-1]
            continue
        key = (link.trunk, step, rank)
        is_shared = key in bends
        chain.append(bends[key] if is_shared else lattice.add(BEND, NO_BOX, rank))
        bends[key] = chain[-1]
        if is_shared:
            break
    else:
        chain.append(link.target)
    if link.yields or step < 0:
        lattice.yielding |= {(chain[0], chain[1])} if step > 0 else {(chain[0], chain[1]), (chain[-2], chain[-1])}
    for one, other in pairwise(chain):
        lattice.join(*((one, other) if step > 0 else (other, one)))
    return chain
