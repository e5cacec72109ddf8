"""What is told of each node and edge of a graph: its style and its words, with what an overlay says of it."""

from __future__ import annotations

from asl_engine.drawing.model import CATCH, MISSING, Edge, Graph, Node
from asl_engine.drawing.overlay import Overlay, StateTally, Transition
from asl_engine.drawing.wording import cut

LONGEST_NAME, LONGEST_LINE = 80, 60
"""Characters, in the formats that break no lines."""

FAILED, CAUGHT, RUNNING, ABORTED, TAKEN, UNTAKEN = "failed", "caught", "running", "aborted", "taken", "untaken"
"""Styles; the first that holds is a node's. An edge is taken or untaken."""


def style_of(node: Node, overlay: Overlay | None) -> str:
    """The style of a state; of nothing in particular ("") without an overlay and for marks."""
    if overlay is None or not node.name:
        return ""
    tally = overlay.states.get(node.name, StateTally())
    if not tally.entered:
        return UNTAKEN
    counts = (tally.failed, tally.caught, tally.running, tally.aborted)
    return next(
        (style for style, count in zip((FAILED, CAUGHT, RUNNING, ABORTED), counts, strict=True) if count), TAKEN
    )


def words_of(node: Node, overlay: Overlay | None) -> str:
    """`3×, 1 failed, 2 retries`; empty for a state that was not entered."""
    tally = overlay.states.get(node.name) if overlay and node.name else None
    if tally is None or not tally.entered:
        return ""
    parts = [f"{tally.entered}×"]
    for count, word in ((tally.failed, FAILED), (tally.caught, CAUGHT), (tally.aborted, ABORTED)):
        parts += [f"{count} {word}" if count < tally.entered or count > 1 else word] if count else []
    parts += ["running"] if tally.running else []
    parts += [f"{tally.retries} {'retry' if tally.retries == 1 else 'retries'}"] if tally.retries else []
    return ", ".join(parts)


def heading_of(node: Node, overlay: Overlay | None) -> list[str]:
    """The lines in a node of a text format: name, type with work, retries, what happened."""
    kind = "distributed Map" if node.distributed else "no such state" if node.kind == MISSING else node.kind
    work = f"{kind}: {cut(node.detail, LONGEST_LINE)}" if node.detail else kind
    lines = [cut(node.title, LONGEST_NAME) or " ", work, *(cut(text, LONGEST_LINE) for text in node.retries[:3])]
    return [*lines, *filter(None, [words_of(node, overlay)])]


def caption_of(edge: Edge, times: int, *, labels: bool) -> list[str]:
    """The lines at an edge of a text format: when it is taken, and how often it was, where that is more than once."""
    lines = [cut(line, LONGEST_LINE) for line in edge.lines] if labels else []
    return [*lines, f"{times}×"] if times > 1 else lines


def times_taken(graph: Graph, overlay: Overlay | None) -> list[int]:
    """How often each edge was taken. Between two states with one edge, a failure or none makes no difference."""
    if overlay is None:
        return [0] * len(graph.edges)
    pairs: dict[tuple[str, str], int] = {}
    for edge in graph.edges:
        pairs[edge.source, edge.target] = pairs.get((edge.source, edge.target), 0) + 1
    return [_times(edge, overlay, pairs[edge.source, edge.target] == 1) for edge in graph.edges]


def _times(edge: Edge, overlay: Overlay, alone: bool) -> int:
    if edge.target_name is None:
        return overlay.ended.get(edge.source_name or "", 0)
    ways = (True, False) if alone else (edge.kind == CATCH,)
    return sum(overlay.transitions.get(Transition(edge.source_name, edge.target_name, way), 0) for way in ways)
