"""DOT, for Graphviz: nested machines as clusters.

An edge of DOT joins nodes, not clusters. So a Parallel or Map is a node of its own at the top of its cluster, where
edges come in, and an invisible point at the bottom, where they go out; `lhead` and `ltail` cut them at the border.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from asl_engine.drawing.look import COLOURS, EDGES, FAINT_INK, FONT, PAPER, PLAIN_WIDTH, SOFT_INK, STYLES
from asl_engine.drawing.marks import TAKEN, UNTAKEN, caption_of, heading_of, style_of, times_taken
from asl_engine.drawing.model import CATCH, END, NEXT, START, Edge, Graph, Node
from asl_engine.drawing.overlay import Overlay
from asl_engine.drawing.wording import shown

_SHAPES = {
    "Choice": "hexagon",
    "Pass": "cds",
    "Succeed": "oval",
    "Fail": "octagon",
    START: "circle",
    END: "doublecircle",
}
_INDENT = "  "


def to_dot(
    graph: Graph, name: str, overlay: Overlay | None = None, *, direction: str = "TB", labels: bool = True
) -> str:
    """The graph as a digraph."""
    font = f"fontname={quoted(FONT.partition(',')[0])}"
    lines = [
        f"digraph {quoted(shown(name))} {{",
        f"{_INDENT}graph [compound=true rankdir={direction} {font} fontsize=11]",
        f"{_INDENT}node [{font} fontsize=11 shape=box style=filled fillcolor={quoted(PAPER)}]",
        f"{_INDENT}edge [{font} fontsize=9 color={quoted(EDGES[NEXT, ''].colour)}]",
    ]
    return "\n".join([*lines, *_machine(graph, overlay, labels, _INDENT), "}", ""])


def quoted(text: str) -> str:
    """A text as DOT's quoted string: it stands for itself, backslashes and all."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _lines(texts: Sequence[str]) -> str:
    """Lines of text, centred, as one quoted string."""
    return '"' + "\\n".join(quoted(text)[1:-1] for text in texts) + '"'


def _attributes(attributes: Mapping[str, str]) -> str:
    return "[" + " ".join(f"{name}={value}" for name, value in attributes.items()) + "]"


def _machine(graph: Graph, overlay: Overlay | None, labels: bool, indent: str) -> Iterator[str]:
    clusters = {node.id for node in graph.nodes if node.parts}
    for node in graph.nodes:
        if node.parts:
            yield from _cluster(node, overlay, labels, indent)
        else:
            yield indent + _node(node, overlay)
    for edge, times in zip(graph.edges, times_taken(graph, overlay), strict=True):
        yield indent + _edge(edge, times, overlay, labels, clusters)


def _node(node: Node, overlay: Overlay | None) -> str:
    if node.kind in (START, END):
        look = {"shape": _SHAPES[node.kind], "label": '""', "width": "0.18", "fillcolor": quoted(SOFT_INK)}
        return f"{node.id} {_attributes(look)}"
    shape = {"shape": _SHAPES[node.kind]} if node.kind in _SHAPES else {}
    styles = ["filled"] + [style for kind, style in (("Wait", "rounded"), ("Missing", "dashed")) if kind == node.kind]
    look = {**shape, "label": _lines(heading_of(node, overlay)), **_look(node, overlay)}
    return f"{node.id} {_attributes({**look, 'style': quoted(','.join(styles))})}"


def _look(node: Node, overlay: Overlay | None) -> dict[str, str]:
    style = STYLES.get(style_of(node, overlay))
    if style is None:
        return {"color": quoted(COLOURS[node.kind]), "penwidth": f"{PLAIN_WIDTH}"}
    ink = {"fontcolor": quoted(FAINT_INK)} if style is STYLES[UNTAKEN] else {}
    return {"color": quoted(style.stroke), "penwidth": f"{style.width}", "fillcolor": quoted(style.fill), **ink}


def _cluster(node: Node, overlay: Overlay | None, labels: bool, indent: str) -> Iterator[str]:
    """A Parallel or Map. Invisible edges keep its heading above its parts, and its exit below them."""
    inner = indent + _INDENT
    border = _look(node, overlay) | ({"style": quoted("dashed")} if node.distributed else {})
    yield f"{indent}subgraph cluster_{node.id} {{"
    yield f"{inner}graph {_attributes({'label': quoted(''), **border, 'peripheries': '1'})}"
    yield f"{inner}{node.id} [shape=plaintext style={quoted('')} label={_lines(heading_of(node, overlay))}]"
    for part in node.parts:
        yield f"{inner}subgraph cluster_{part.id} {{"
        yield f"{inner}{_INDENT}graph [label={quoted(part.title)} style=dotted color={quoted(FAINT_INK)} penwidth=1]"
        yield from _machine(part, overlay, labels, inner + _INDENT)
        yield f"{inner}}}"
    yield f"{inner}{node.id}_exit [shape=point style=invis width=0 label={quoted('')}]"
    for part in node.parts:
        yield f"{inner}{node.id} -> {part.nodes[0].id} [style=invis]"
        for last in _last_nodes(part):
            yield f"{inner}{last} -> {node.id}_exit [style=invis]"
    yield f"{indent}}}"


def _last_nodes(graph: Graph) -> list[str]:
    """The nodes that no edge leaves."""
    leaving = {edge.source for edge in graph.edges}
    return [f"{node.id}_exit" if node.parts else node.id for node in graph.nodes if node.id not in leaving]


def _edge(edge: Edge, times: int, overlay: Overlay | None, labels: bool, clusters: set[str]) -> str:
    kind = CATCH if edge.kind == CATCH else NEXT
    stroke = EDGES[kind, "" if overlay is None else TAKEN if times else UNTAKEN]
    look = {"color": quoted(stroke.colour), "penwidth": f"{stroke.width}"}
    look |= {"style": "dashed"} if stroke.dashes else {}
    lines = caption_of(edge, times, labels=labels)
    look |= {"label": _lines(lines), "fontcolor": quoted(stroke.colour)} if lines else {}
    source = f"{edge.source}_exit" if edge.source in clusters else edge.source
    if edge.source != edge.target:
        look |= {"ltail": f"cluster_{edge.source}"} if edge.source in clusters else {}
        look |= {"lhead": f"cluster_{edge.target}"} if edge.target in clusters else {}
    return f"{source} -> {edge.target} {_attributes(look)}"
