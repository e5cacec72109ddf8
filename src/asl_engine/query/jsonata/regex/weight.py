"""How long a pattern may keep a backtracking matcher busy, judged from its form alone.

`degree` counts the unbounded repeats that may give back what they took, so that something after them can match; a
pattern is `nested` if one such repeat stands within another, so that the cost may be exponential. A wrong guess towards
"costly" only costs speed; one towards "cheap" must not be possible.
"""

from __future__ import annotations

import math

from asl_engine.query.jsonata.regex.syntax import (
    Assertion,
    Back,
    Choice,
    Group,
    Look,
    Node,
    Repeat,
    Sequence,
    Set,
)


class Weight:
    """The weight of one pattern."""

    __slots__ = ("degree", "nested", "spread")

    def __init__(self, root: Node) -> None:
        self.degree, self.nested = weigh(root, last=True)
        self.spread = spread(root)

    def cost(self, size: int) -> float:
        """An estimate of the steps that the worst text of that length takes, from every place in it."""
        if self.nested or self.degree > 8:
            return math.inf
        return self.spread * float(size + 1) ** (self.degree + (1 if self.degree else 0))


def weigh(node: Node, *, last: bool) -> tuple[int, bool]:
    """(degree, nested) of a pattern; `last`: nothing after the node can fail, so that it never has to give back."""
    if isinstance(node, (Group, Look)):
        return weigh(node.body, last=last and isinstance(node, Group))
    if isinstance(node, Choice):
        weights = [weigh(option, last=last) for option in node.options]
        return max(degree for degree, _ in weights), any(nested for _, nested in weights)
    if isinstance(node, Sequence):
        degree, nested = 0, False
        for place, part in enumerate(node.parts):
            weight, within = weigh(part, last=last and place == len(node.parts) - 1)
            degree, nested = degree + weight, nested or within
        return degree, nested
    if isinstance(node, Repeat):
        return _weigh_repeat(node, last)
    return 0, False


def _weigh_repeat(node: Repeat, last: bool) -> tuple[int, bool]:
    degree, nested = weigh(node.body, last=False)
    many = node.most is None or node.most > 16
    if not many:
        return degree * max(node.most or 0, 1), nested or (degree > 0 and (node.most or 0) > 4)
    if degree or (not isinstance(node.body, (Set, Back)) and _is_ambiguous(node.body)):
        return degree + 1, True
    return (0 if last and isinstance(node.body, Set) else 1), nested


def _is_ambiguous(node: Node) -> bool:
    """Whether a repeated body may match one text in several ways: it has a choice or a repeat."""
    if isinstance(node, Group):
        return _is_ambiguous(node.body)
    if isinstance(node, Sequence):
        return any(_is_ambiguous(part) for part in node.parts) or not node.parts
    return isinstance(node, (Choice, Repeat, Look, Assertion))


def spread(node: Node) -> float:
    """In how many ways a pattern can be gone through, its unbounded repeats aside."""
    if isinstance(node, (Group, Look)):
        return spread(node.body)
    if isinstance(node, Choice):
        return sum(map(spread, node.options))
    if isinstance(node, Sequence):
        return math.prod(map(spread, node.parts))
    if isinstance(node, Repeat):
        within = spread(node.body)
        if within > 1:
            return math.inf if node.most is None or node.most > 64 else within**node.most * (node.most - node.least + 1)
        return 1 if node.most is None else node.most - node.least + 1
    return 1
