"""What stands in a node, and how much room it takes: an icon, the type, the name, the work, retries, what happened.

Sizes are in pixels. A face is made once, and drawn where the layout puts it.
"""

from __future__ import annotations

from collections.abc import Sequence

from asl_engine.drawing.marks import words_of
from asl_engine.drawing.model import CHOICE, END, START, Edge, Node
from asl_engine.drawing.overlay import Overlay
from asl_engine.drawing.text import width_of, wrap
from asl_engine.records import record

ICON = 26.0
SIDE, TOP = 11.0, 9.0
"""The room between a node's edge and what stands in it."""
MARK = 18.0
"""The size of the start and end marks."""
SLANT = 15.0
"""How far the points of a Choice's hexagon stand out."""

TYPE, NAME, DETAIL, RETRY, STATUS = "type", "name", "detail", "retry", "status"
SIZES = {TYPE: (9.5, 13.0), NAME: (13.0, 16.0), DETAIL: (10.5, 14.0), RETRY: (10.5, 14.0), STATUS: (10.5, 15.0)}
"""Kind of line -> the size of its letters and the height of the line."""
LABEL_SIZE, LABEL_LINE = 10.5, 13.0

_WIDEST, _WIDEST_LABEL = 176.0, 158.0
_ROUND = ("Succeed", "Fail")


@record(frozen=True, slots=True)
class Line:
    """One line of text, of one of the kinds above."""

    kind: str
    text: str
    width: float


@record(frozen=True, slots=True)
class Face:
    """The lines of a node and the size that they ask for; `inset` is how far its ends bend in, left and right."""

    lines: tuple[Line, ...]
    width: float
    height: float
    inset: float


def face_of(node: Node, overlay: Overlay | None) -> Face:
    """The face of a node; of a Parallel or Map, of its heading."""
    if node.kind in (START, END):
        return Face((), MARK, MARK, 0)
    lines = tuple(Line(kind, text, _width(kind, text)) for kind, text in _texts(node, overlay))
    inset = SLANT if node.kind == "Choice" else 8.0 if node.kind in _ROUND else 0.0
    width = max(line.width for line in lines) + ICON + 3 * SIDE + 2 * inset
    height = max(sum(SIZES[line.kind][1] for line in lines), ICON) + 2 * TOP
    return Face(lines, max(round(width), 96.0), round(height), inset)


def _texts(node: Node, overlay: Overlay | None) -> list[tuple[str, str]]:
    texts = [(TYPE, type_of(node))]
    texts += [(NAME, line) for line in wrap(node.title, _WIDEST, SIZES[NAME][0], lines=3, bold=True) or [" "]]
    texts += [(DETAIL, line) for line in wrap(node.detail, _WIDEST, SIZES[DETAIL][0], lines=1)]
    texts += [(RETRY, line) for text in _retries(node) for line in wrap(text, _WIDEST, SIZES[RETRY][0], lines=1)]
    return texts + [(STATUS, line) for line in wrap(words_of(node, overlay), _WIDEST, SIZES[STATUS][0], lines=2)]


def type_of(node: Node) -> str:
    """The type as it is written, with what tells a distributed Map and a state that is not there."""
    if node.distributed:
        return "DISTRIBUTED MAP"
    return "NO SUCH STATE" if node.kind == "Missing" else node.kind.upper()


def _retries(node: Node) -> Sequence[str]:
    if len(node.retries) <= 2:
        return node.retries
    return (node.retries[0], f"and {len(node.retries) - 1} more retriers")


def _width(kind: str, text: str) -> float:
    return width_of(text, SIZES[kind][0], bold=kind in (NAME, STATUS))


def label_of(edge: Edge, times: int, labels: bool) -> tuple[str, ...]:
    """The lines beside an edge: when it is taken, and how often it was, where that is more than once."""
    lines: list[str] = []
    if labels:
        for text in edge.lines[:3]:
            lines += wrap(text, _WIDEST_LABEL, LABEL_SIZE, lines=3 if edge.kind == CHOICE else 2)
        lines += [f"and {len(edge.lines) - 3} more"] if len(edge.lines) > 3 else []
    return (*lines, f"{times}×") if times > 1 else tuple(lines)


def label_size(lines: Sequence[str]) -> tuple[float, float]:
    """The width and height of a label."""
    return max(width_of(line, LABEL_SIZE) for line in lines) + 8, len(lines) * LABEL_LINE + 4
