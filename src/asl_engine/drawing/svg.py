"""SVG: the layout drawn with shapes, text and paths; no scripts, no style sheets, no fonts of its own.

Every state is one `<g data-state="name">` with a `<title>`, every transition one `<path data-from data-to>`. All places
are absolute, all numbers have one digit after the point, so that equal definitions give equal files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

from asl_engine.drawing.faces import (
    ICON,
    LABEL_LINE,
    LABEL_SIZE,
    NAME,
    RETRY,
    SIDE,
    SIZES,
    STATUS,
    TYPE,
    label_size,
)
from asl_engine.drawing.layout import PlacedEdge, PlacedNode, Plan, Point, Settings, plan_of
from asl_engine.drawing.look import (
    COLOURS,
    EDGE_LEGEND,
    EDGES,
    FIELD,
    FONT,
    FRAME,
    ICONS,
    INK,
    LEGEND,
    PAPER,
    PLAIN_WIDTH,
    SOFT_INK,
    STYLES,
    Stroke,
    Style,
)
from asl_engine.drawing.marks import TAKEN, UNTAKEN, words_of
from asl_engine.drawing.model import CATCH, END, NEXT, START, Graph
from asl_engine.drawing.text import width_of
from asl_engine.drawing.wording import shown

MARGIN = 14.0
_LEGEND_LINE, _SAMPLE = 20.0, 26.0


def to_svg(graph: Graph, name: str, settings: Settings) -> str:
    """The picture of a graph as an SVG document."""
    plan = plan_of(graph, settings)
    entries = _legend_entries(plan, settings)
    least = max(_SAMPLE + 8 + width_of(text, LABEL_SIZE) for _, _, text in entries) + 2 * MARGIN
    width = max(plan.width + 2 * MARGIN, least)
    legend = list(_legend(entries, MARGIN + 6, plan.height + MARGIN + 14, width - 2 * MARGIN))
    height = plan.height + MARGIN + 14 + _LEGEND_LINE * len({line for line, _ in legend}) + MARGIN / 2
    body = [
        *_markers(),
        f'<rect {_box(0.5, 0.5, width - 1, height - 1)} rx="8" fill="{PAPER}" stroke="{FRAME}"/>',
        *_plan(plan, (width - plan.width) / 2, MARGIN, settings),
        *(text for _, text in legend),
    ]
    return "\n".join([_head(graph, name, width, height), *body, "</svg>", ""])


def _head(graph: Graph, name: str, width: float, height: float) -> str:
    count = sum(1 for node in graph.nodes if node.name)
    size = f'width="{_number(width)}" height="{_number(height)}" viewBox="0 0 {_number(width)} {_number(height)}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family="{FONT}">\n'
        f"<title>{escape(shown(name))}</title>\n<desc>State machine with {count} states</desc>"
    )


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0").replace("-0.0", "0") if abs(value) >= 0.05 else "0"


def _box(x: float, y: float, width: float, height: float) -> str:
    return f'x="{_number(x)}" y="{_number(y)}" width="{_number(width)}" height="{_number(height)}"'


def _markers() -> Iterator[str]:
    """An arrowhead for every colour of an edge."""
    yield "<defs>"
    for colour in dict.fromkeys(stroke.colour for stroke in EDGES.values()):
        yield (
            f'<marker id="head-{colour[1:]}" viewBox="0 0 10 8" refX="9.5" refY="4" markerWidth="10" markerHeight="8" '
            f'markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L10 4L0 8Z" fill="{colour}"/></marker>'
        )
    yield "</defs>"


# --- a machine --------------------------------------------------------------------------------------------------------


def _plan(plan: Plan, x: float, y: float, settings: Settings) -> Iterator[str]:
    """Containers and edges first, labels above them; what was taken lies above what was not."""
    edges = sorted(plan.edges, key=lambda placed: placed.times > 0)
    met = {end for placed in edges if placed.times for end in (placed.edge.source, placed.edge.target)}
    for placed in plan.nodes:
        if placed.parts:
            yield from _state(placed, x, y, settings)
    for edge in edges:
        yield _edge(edge, x, y, settings)
    for edge in edges:
        yield from _label(edge, x, y, settings, FIELD if plan.graph.title else PAPER)
    for placed in plan.nodes:
        if placed.node.kind in (START, END):
            yield _mark(placed, x, y, dimmed=settings.overlay is not None and placed.node.id not in met)
        elif not placed.parts:
            yield from _state(placed, x, y, settings)


def _state(placed: PlacedNode, x: float, y: float, settings: Settings) -> Iterator[str]:
    left, top = placed.x + x, placed.y + y
    style = STYLES.get(placed.style) or Style(COLOURS[placed.node.kind], PAPER, PLAIN_WIDTH)
    yield f"<g data-state={quoteattr(placed.node.title)}><title>{escape(_told(placed, settings))}</title>"
    yield from _outline(placed, style, left, top)
    yield from _face(placed, style, left, top)
    yield "</g>"
    for part in placed.parts:
        yield from _part(part, x, y, settings)


def _mark(placed: PlacedNode, x: float, y: float, *, dimmed: bool) -> str:
    radius = placed.width / 2
    centre = f'cx="{_number(placed.x + x + radius)}" cy="{_number(placed.y + y + radius)}"'
    ink = FRAME if dimmed else SOFT_INK
    title = f'<g data-mark="{placed.node.kind.lower()}"><title>{placed.node.title}</title>'
    if placed.node.kind == START:
        return f'{title}<circle {centre} r="{_number(radius)}" fill="{ink}"/></g>'
    ring = f'<circle {centre} r="{_number(radius - 1)}" fill="{PAPER}" stroke="{ink}" stroke-width="2"/>'
    return f'{title}{ring}<circle {centre} r="{_number(radius - 5)}" fill="{ink}"/></g>'


def _told(placed: PlacedNode, settings: Settings) -> str:
    """All about a state, uncut: what a reader hears and a pointer shows."""
    node = placed.node
    words = words_of(node, settings.overlay)
    return "; ".join(filter(None, [f"{node.kind} {node.title}", node.detail, *node.retries, words]))


def _outline(placed: PlacedNode, style: Style, left: float, top: float) -> Iterator[str]:
    width, height = placed.width, placed.height
    dashes = style.dashes or ("5 3" if placed.node.kind in ("Pass", "Missing") else "")
    look = f'fill="{style.fill}" stroke="{style.stroke}" stroke-width="{style.width}"'
    look += f' stroke-dasharray="{dashes}"' if dashes else ""
    if placed.node.kind == "Choice":
        yield f'<path d="{_hexagon(left, top, width, height, placed.face.inset)}" {look}/>'
        return
    if placed.node.kind == "Map":
        yield f'<rect {_box(left + 5, top + 5, width, height)} rx="7" {look}/>'
    rounding = {"Succeed": height / 2, "Fail": height / 2, "Wait": 14}.get(placed.node.kind, 7.0)
    yield f'<rect {_box(left, top, width, height)} rx="{_number(rounding)}" {look}/>'
    if placed.node.distributed:
        yield (
            f'<rect {_box(left + 3.5, top + 3.5, width - 7, height - 7)} rx="5" fill="none" '
            f'stroke="{style.stroke}" stroke-width="1" stroke-dasharray="2 3"/>'
        )


def _hexagon(left: float, top: float, width: float, height: float, slant: float) -> str:
    right, bottom, middle = left + width, top + height, top + height / 2
    corners = [
        *[(left, middle), (left + slant, top), (right - slant, top)],
        *[(right, middle), (right - slant, bottom), (left + slant, bottom)],
    ]
    return "M" + "L".join(f"{_number(x)} {_number(y)}" for x, y in corners) + "Z"


def _face(placed: PlacedNode, style: Style, left: float, top: float) -> Iterator[str]:
    """The icon and the lines beside it."""
    dimmed = placed.style == UNTAKEN
    face, colour = placed.face, COLOURS[placed.node.kind]
    spare = (placed.width - face.width) / 2 if not placed.parts else 0.0
    x = left + face.inset + SIDE + spare
    middle = top + face.height / 2
    shade = ' opacity="0.4"' if dimmed else ""
    yield f'<g transform="translate({_number(x)} {_number(middle - ICON / 2)})"{shade}>'
    yield f'<rect width="{_number(ICON)}" height="{_number(ICON)}" rx="6" fill="{colour}"/>'
    strokes = 'fill="none" stroke="#ffffff" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'
    yield f'<path d="{ICONS[placed.node.kind]}" {strokes}/></g>'
    y = middle - sum(SIZES[line.kind][1] for line in face.lines) / 2
    for line in face.lines:
        size, height = SIZES[line.kind]
        y += height
        ink = style.stroke if line.kind == STATUS else colour if line.kind == TYPE else INK
        ink = SOFT_INK if line.kind not in (TYPE, NAME, STATUS) else ink
        bold = ' font-weight="bold"' if line.kind in (NAME, STATUS) else ""
        bold += ' font-style="italic"' if line.kind == RETRY else ""
        at = f'x="{_number(x + ICON + SIDE)}" y="{_number(y - height * 0.26)}"'
        yield f'<text {at} font-size="{size}" fill="{ink}"{bold}{shade}>{escape(line.text)}</text>'


def _part(plan: Plan, x: float, y: float, settings: Settings) -> Iterator[str]:
    """A branch or an item processor: a pale field with its title."""
    left, top = plan.x + x, plan.y + y
    yield (
        f'<rect {_box(left, top, plan.width, plan.height)} rx="6" fill="{FIELD}" stroke="{FRAME}" '
        f'stroke-dasharray="2 3"/><text x="{_number(left + 7)}" y="{_number(top + 13)}" font-size="9.5" '
        f'fill="{SOFT_INK}">{escape(plan.graph.title)}</text>'
    )
    yield from _plan(plan, left, top, settings)


# --- edges ------------------------------------------------------------------------------------------------------------


def _look(placed: PlacedEdge, settings: Settings) -> tuple[str, str]:
    kind = placed.edge.kind if placed.edge.kind == CATCH else NEXT
    style = "" if settings.overlay is None else TAKEN if placed.times else UNTAKEN
    return kind, style


def _edge(placed: PlacedEdge, x: float, y: float, settings: Settings) -> str:
    edge = placed.edge
    stroke = EDGES[_look(placed, settings)]
    points = [Point(point.x + x, point.y + y) for point in placed.points]
    path = _loop_path(points) if edge.source == edge.target else _path(points, settings.direction == "TB")
    source, target = shown(edge.source_name or "Start"), shown(edge.target_name or "End")
    told = ": ".join(filter(None, [f"{source} → {target}", "; ".join(edge.lines)]))
    if settings.overlay is not None:
        told += f" ({placed.times}×)"
    return (
        f'<path d="{path}" {_stroke(stroke)} marker-end="url(#head-{stroke.colour[1:]})" data-kind="{edge.kind}" '
        f"data-from={quoteattr(source)} data-to={quoteattr(target)}><title>{escape(told)}</title></path>"
    )


def _stroke(stroke: Stroke) -> str:
    dashes = f' stroke-dasharray="{stroke.dashes}"' if stroke.dashes else ""
    return f'fill="none" stroke="{stroke.colour}" stroke-width="{stroke.width}"{dashes}'


def _path(points: Sequence[Point], is_down: bool) -> str:
    """Straight where two points stand in one column, else an S that leaves and comes along the drawing."""
    parts = [f"M{_pair(points[0])}"]
    for one, other in pairwise(points):
        if abs((one.x - other.x) if is_down else (one.y - other.y)) < 0.5:
            parts.append(f"L{_pair(other)}")
            continue
        half = (one.y + other.y) / 2 if is_down else (one.x + other.x) / 2
        first = Point(one.x, half) if is_down else Point(half, one.y)
        second = Point(other.x, half) if is_down else Point(half, other.y)
        parts.append(f"C{_pair(first)} {_pair(second)} {_pair(other)}")
    return "".join(parts)


def _loop_path(points: Sequence[Point]) -> str:
    begin, tip, end = points
    if abs(begin.x - end.x) < 0.5:
        outer = tip.x + (tip.x - begin.x) / 3
        return f"M{_pair(begin)}C{_pair(Point(outer, begin.y))} {_pair(Point(outer, end.y))} {_pair(end)}"
    outer = tip.y + (tip.y - begin.y) / 3
    return f"M{_pair(begin)}C{_pair(Point(begin.x, outer))} {_pair(Point(end.x, outer))} {_pair(end)}"


def _pair(point: Point) -> str:
    return f"{_number(point.x)} {_number(point.y)}"


def _label(placed: PlacedEdge, x: float, y: float, settings: Settings, ground: str) -> Iterator[str]:
    if not placed.label:
        return
    kind, style = _look(placed, settings)
    width, height = label_size(placed.label)
    left, top = placed.label_at.x + x - width / 2, placed.label_at.y + y - height / 2
    stroke = EDGES[kind, "" if style == UNTAKEN else style]
    shade = ' opacity="0.55"' if style == UNTAKEN else ""
    yield f'<rect {_box(left, top, width, height)} rx="3" fill="{ground}"/>'
    for number, line in enumerate(placed.label):
        at = f'x="{_number(left + width / 2)}" y="{_number(top + LABEL_LINE * (number + 1) - 1)}"'
        ink = SOFT_INK if stroke.colour == EDGES[NEXT, ""].colour else stroke.colour
        yield (f'<text {at} font-size="{LABEL_SIZE}" text-anchor="middle" fill="{ink}"{shade}>{escape(line)}</text>')


# --- the legend -------------------------------------------------------------------------------------------------------


def _legend_entries(plan: Plan, settings: Settings) -> list[tuple[Stroke | None, Style | None, str]]:
    """What lines, and what styles of states, the picture has: (line, state, words)."""
    lines, states = _used(plan, settings)
    entries: list[tuple[Stroke | None, Style | None, str]] = []
    entries += [(EDGES[look], None, words) for look, words in EDGE_LEGEND.items() if look in lines]
    return entries + [(None, STYLES[style], words) for style, words in LEGEND.items() if style in states]


def _used(plan: Plan, settings: Settings) -> tuple[set[tuple[str, str]], set[str]]:
    lines = {_look(placed, settings) for placed in plan.edges}
    states = {placed.style for placed in plan.nodes}
    for placed in plan.nodes:
        for part in placed.parts:
            more_lines, more_states = _used(part, settings)
            lines |= more_lines
            states |= more_states
    return lines, states


def _legend(
    entries: Sequence[tuple[Stroke | None, Style | None, str]], left: float, top: float, room: float
) -> Iterator[tuple[int, str]]:
    """Each entry with the number of the line it stands in."""
    x, line = left, 0
    for stroke, style, words in entries:
        wide = _SAMPLE + 8 + width_of(words, LABEL_SIZE) + 18
        if x + wide - 18 > left + room and x > left:
            x, line = left, line + 1
        y = top + line * _LEGEND_LINE
        sample = ""
        if stroke is not None:
            ends = f'd="M{_number(x)} {_number(y)}h{_number(_SAMPLE)}"'
            sample = f'<path {ends} {_stroke(stroke)} marker-end="url(#head-{stroke.colour[1:]})"/>'
        if style is not None:
            dashes = f' stroke-dasharray="{style.dashes}"' if style.dashes else ""
            look = f'fill="{style.fill}" stroke="{style.stroke}" stroke-width="{style.width}"{dashes}'
            sample = f'<rect {_box(x + 4, y - 6, _SAMPLE - 8, 12)} rx="3" {look}/>'
        at = f'x="{_number(x + _SAMPLE + 6)}" y="{_number(y + 3.6)}"'
        yield line, f'{sample}<text {at} font-size="{LABEL_SIZE}" fill="{SOFT_INK}">{escape(words)}</text>'
        x += wide
