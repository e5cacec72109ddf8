"""Mermaid: a flowchart, nested machines as subgraphs.

A flowchart and not a stateDiagram-v2: only a flowchart takes any text in quotes, styles single edges, and has shapes
that tell the types of states apart. What is no letter, digit or sign that is harmless where it stands is written as an
entity code, so that no name can end its quotes or be taken for HTML, Markdown or Mermaid's own words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from asl_engine.drawing.look import COLOURS, EDGES, FAINT_INK, FIELD, FRAME, INK, PAPER, PLAIN_WIDTH, SOFT_INK, STYLES
from asl_engine.drawing.marks import TAKEN, UNTAKEN, caption_of, heading_of, style_of, times_taken
from asl_engine.drawing.model import CATCH, END, NEXT, START, Edge, Graph, Node
from asl_engine.drawing.overlay import Overlay

_HARMFUL = re.compile(r"""[^\w ,(:)=×…./-]|_|(?<![^\W_])[./-]|[./-](?![^\W_])|:(?! )|(?<=\d)\)""")
"""Dots and dashes are harmless inside a word, a colon before a space, a bracket where it does not follow a digit."""
_SHAPES = {
    "Choice": ("{{", "}}"),
    "Wait": ("(", ")"),
    "Succeed": ("([", "])"),
    "Fail": ("([", "])"),
    START: ("((", "))"),
    END: ("(((", ")))"),
}
_DOLLARS = "$\u2060$"
"""Two dollars with an invisible joint: Mermaid sets what stands between two pairs of dollars as a formula, and finds
them after it has put in the characters of entity codes."""
_FIELD = f"fill:{FIELD},stroke:{FRAME},stroke-dasharray:2 3,color:{SOFT_INK}"
_INDENT = "  "


def to_mermaid(graph: Graph, overlay: Overlay | None = None, *, direction: str = "TB", labels: bool = True) -> str:
    """The flowchart of a graph."""
    taken: list[tuple[int, Edge, int]] = []
    lines = [f"flowchart {direction}", *_machine(graph, overlay, direction, labels, _INDENT, taken)]
    used = _styles_used(graph, overlay)
    lines += [f"{_INDENT}classDef {name} {look}" for name, look in _classes().items() if name in used]
    return "\n".join([*lines, *_line_styles(taken, overlay), ""])


def _line_styles(edges: Sequence[tuple[int, Edge, int]], overlay: Overlay | None) -> Iterator[str]:
    """A line for each look that differs from Mermaid's own, with the numbers of the edges that have it."""
    looks: dict[str, list[str]] = {}
    for number, edge, times in edges:
        stroke = EDGES[CATCH if edge.kind == CATCH else NEXT, "" if overlay is None else TAKEN if times else UNTAKEN]
        if stroke is not EDGES[NEXT, ""]:
            looks.setdefault(f"stroke:{stroke.colour},stroke-width:{stroke.width}px", []).append(str(number))
    for look, numbers in looks.items():
        yield f"{_INDENT}linkStyle {','.join(numbers)} {look}"


def _machine(
    graph: Graph,
    overlay: Overlay | None,
    direction: str,
    labels: bool,
    indent: str,
    edges: list[tuple[int, Edge, int]],
) -> Iterator[str]:
    """The lines of one machine. `edges` gathers every edge with its number in the text and how often it was taken."""
    for node in graph.nodes:
        if not node.parts:
            yield indent + _node(node, overlay)
            continue
        yield f"{indent}subgraph {node.id}[{_quoted([', '.join(heading_of(node, overlay))])}]"
        yield f"{indent}{_INDENT}direction {direction}"
        for part in node.parts:
            yield f"{indent}{_INDENT}subgraph {part.id}[{_quoted([part.title])}]"
            yield f"{indent}{_INDENT * 2}direction {direction}"
            yield from _machine(part, overlay, direction, labels, indent + _INDENT * 2, edges)
            yield f"{indent}{_INDENT}end"
            yield f"{indent}{_INDENT}style {part.id} {_FIELD}"
        yield f"{indent}end"
        yield f"{indent}style {node.id} {_classes()[_class_of(node, overlay)]}"
    for edge, times in zip(graph.edges, times_taken(graph, overlay), strict=True):
        yield indent + _edge(edge, times, labels)
        edges.append((len(edges), edge, times))


def _node(node: Node, overlay: Overlay | None) -> str:
    begin, end = _SHAPES.get(node.kind, ("[", "]"))
    text = _quoted([" "] if node.kind in (START, END) else heading_of(node, overlay))
    return f"{node.id}{begin}{text}{end}:::{_class_of(node, overlay)}"


def _edge(edge: Edge, times: int, labels: bool) -> str:
    arrow = "-.->" if edge.kind == CATCH else "==>" if times else "-->"
    lines = caption_of(edge, times, labels=labels)
    label = f"|{_quoted(lines)}|" if lines else ""
    return f"{edge.source} {arrow}{label} {edge.target}"


def _quoted(lines: Sequence[str]) -> str:
    """Text in quotes, with entity codes for what is not harmless."""
    return '"' + "<br/>".join(_HARMFUL.sub(_entity, line.replace("$$", _DOLLARS)) for line in lines) + '"'


def _entity(match: re.Match[str]) -> str:
    return f"#{ord(match[0])};"


def _class_of(node: Node, overlay: Overlay | None) -> str:
    return style_of(node, overlay) or ("mark" if node.kind in (START, END) else node.kind.lower())


def _classes() -> dict[str, str]:
    plain = {
        kind.lower(): f"fill:{PAPER},stroke:{colour},stroke-width:{PLAIN_WIDTH}px,color:{INK}"
        for kind, colour in COLOURS.items()
    }
    marked = {
        name: f"fill:{style.fill},stroke:{style.stroke},stroke-width:{style.width}px,"
        f"color:{FAINT_INK if name == UNTAKEN else INK}"
        for name, style in STYLES.items()
    }
    for name in ("pass", "missing"):
        plain[name] += ",stroke-dasharray:5 3"
    return {**plain, **marked, "mark": f"fill:{SOFT_INK},stroke:{SOFT_INK}"}


def _styles_used(graph: Graph, overlay: Overlay | None) -> set[str]:
    used = {_class_of(node, overlay) for node in graph.nodes}
    for node in graph.nodes:
        for part in node.parts:
            used |= _styles_used(part, overlay)
    return used
