"""Where everything stands: the machine as boxes and lines, nested machines laid out first, each as a box of its size.

No transition crosses the border of a machine, so each one is laid out by itself. Inside it, nodes stand in layers; what
is between two layers belongs to the edges alone, and in a layer an edge runs straight along the drawing in a column
that is its own. So no edge runs through a node or a label.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import NamedTuple

from asl_engine.drawing.crossings import order_layers
from asl_engine.drawing.faces import SIDE, Face, face_of, label_of, label_size
from asl_engine.drawing.lattice import Box, Link, lattice_of
from asl_engine.drawing.marks import style_of, times_taken
from asl_engine.drawing.model import CATCH, Edge, Graph, Node
from asl_engine.drawing.overlay import Overlay
from asl_engine.drawing.routes import PORT_GAP, Spot, Ways, route
from asl_engine.records import record

CORNER = 14.0
"""Between an edge and the corner of a node."""
LOOP = 26.0
"""How far an edge to itself stands out from a node."""
PART_ROOM, PART_TITLE = 12.0, 8.0
"""Around what is in a part, and between the heading of a node, or one part, and the next part."""


class Point(NamedTuple):
    """A place in the picture."""

    x: float
    y: float


@record(frozen=True, slots=True)
class Settings:
    """What to draw: `direction` is "TB" or "LR"."""

    overlay: Overlay | None = None
    direction: str = "TB"
    labels: bool = True


@record(frozen=True, slots=True)
class PlacedNode:
    """A node; `x` and `y` are its upper left corner, seen from its graph's. `parts` are placed in the node's graph."""

    node: Node
    face: Face
    style: str
    x: float
    y: float
    width: float
    height: float
    parts: tuple[Plan, ...]


@record(frozen=True, slots=True)
class PlacedEdge:
    """An edge, as the points it runs through; between two points it is straight where they stand in one column."""

    edge: Edge
    times: int
    points: tuple[Point, ...]
    label: tuple[str, ...]
    label_at: Point


@record(frozen=True, slots=True)
class Plan:
    """A graph, laid out; `x` and `y` are its corner, seen from the graph around it."""

    graph: Graph
    x: float
    y: float
    width: float
    height: float
    nodes: tuple[PlacedNode, ...]
    edges: tuple[PlacedEdge, ...]


class _Shape(NamedTuple):
    """A node before it is placed: its size, its face, and its parts, seen from its own corner."""

    face: Face
    width: float
    height: float
    parts: tuple[Plan, ...]


def plan_of(graph: Graph, settings: Settings) -> Plan:
    """The layout of a graph and all that is nested in it."""
    shapes = [_shape(node, settings) for node in graph.nodes]
    times = times_taken(graph, settings.overlay)
    labels = [label_of(edge, count, settings.labels) for edge, count in zip(graph.edges, times, strict=True)]
    places = {node.id: number for number, node in enumerate(graph.nodes)}
    loops = _loop_rooms(graph, labels, settings)
    boxes = [_box(shape, loops.get(node.id, 0.0), settings) for node, shape in zip(graph.nodes, shapes, strict=True)]
    numbers = [number for number, edge in enumerate(graph.edges) if edge.source != edge.target]
    links = [_link(graph.edges[number], places, labels[number], settings) for number in numbers]
    lattice = lattice_of(boxes, links)
    order_layers(lattice)
    ways = route(lattice, [_side(shape, settings) for shape in shapes])
    nodes = _placed_nodes(graph, shapes, ways, settings)
    return _framed(graph, nodes, _placed_edges(graph, nodes, ways, labels, times, settings))


def _shape(node: Node, settings: Settings) -> _Shape:
    face = face_of(node, settings.overlay)
    if not node.parts:
        return _Shape(face, face.width, face.height, ())
    plans = [plan_of(part, settings) for part in node.parts]
    return _with_parts(face, plans, side_by_side=settings.direction == "TB")


def _with_parts(face: Face, plans: Sequence[Plan], *, side_by_side: bool) -> _Shape:
    """The parts below the heading: branches side by side, or one below the other where the drawing runs rightwards."""
    placed: list[Plan] = []
    x, y = SIDE, face.height
    for plan in plans:
        placed.append(_moved(plan, x, y))
        if side_by_side:
            x += plan.width + PART_ROOM
        else:
            y += plan.height + PART_TITLE
    width = max(face.width, *(plan.x + plan.width + SIDE for plan in placed))
    spare = (width - max(plan.x + plan.width + SIDE for plan in placed)) / 2
    placed = [_moved(plan, plan.x + spare, plan.y) for plan in placed]
    return _Shape(face, width, max(plan.y + plan.height for plan in placed) + SIDE, tuple(placed))


def _moved(plan: Plan, x: float, y: float) -> Plan:
    return Plan(plan.graph, x, y, plan.width, plan.height, plan.nodes, plan.edges)


def _loop_rooms(graph: Graph, labels: Sequence[Sequence[str]], settings: Settings) -> dict[str, float]:
    """Node -> the room that its edges to itself need, with their labels, on either side."""
    rooms: dict[str, float] = {}
    for edge, label in zip(graph.edges, labels, strict=True):
        if edge.source == edge.target:
            width, height = label_size(label) if label else (0.0, 0.0)
            room = LOOP + (width if settings.direction == "TB" else height)
            rooms[edge.source] = max(rooms.get(edge.source, 0.0), room)
    return rooms


def _box(shape: _Shape, loop_room: float, settings: Settings) -> Box:
    width, height = shape.width, shape.height
    across, along = (width, height) if settings.direction == "TB" else (height, width)
    return Box(across + 2 * loop_room, along)


def _side(shape: _Shape, settings: Settings) -> float:
    """Half of the side at which edges may meet the node; a node with bent ends is met at its tip."""
    if settings.direction == "TB":
        return max(shape.width / 2 - shape.face.inset - CORNER, 0.0)
    return PORT_GAP / 2 if shape.face.inset else max(shape.height / 2 - CORNER, 0.0)


def _link(edge: Edge, places: dict[str, int], label: Sequence[str], settings: Settings) -> Link:
    box = None
    if label:
        width, height = label_size(label)
        box = Box(width, height) if settings.direction == "TB" else Box(height, width)
    trunk: Hashable = (edge.target, edge.kind == CATCH)
    return Link(places[edge.source], places[edge.target], box, trunk, yields=edge.kind == CATCH)


# --- in the picture: x and y ------------------------------------------------------------------------------------------


def _placed_nodes(graph: Graph, shapes: Sequence[_Shape], ways: Ways, settings: Settings) -> list[PlacedNode]:
    placed = []
    for node, shape, middle in zip(graph.nodes, shapes, ways.middles[: len(shapes)], strict=True):
        point = _point(middle, settings)
        x, y = point.x - shape.width / 2, point.y - shape.height / 2
        parts = tuple(_moved(part, part.x + x, part.y + y) for part in shape.parts)
        style = style_of(node, settings.overlay)
        placed.append(PlacedNode(node, shape.face, style, x, y, shape.width, shape.height, parts))
    return placed


def _placed_edges(
    graph: Graph,
    nodes: Sequence[PlacedNode],
    ways: Ways,
    labels: Sequence[tuple[str, ...]],
    times: Sequence[int],
    settings: Settings,
) -> list[PlacedEdge]:
    by_id = {placed.node.id: placed for placed in nodes}
    found = iter(zip(ways.links, ways.labels, strict=True))
    looped: set[str] = set()
    placed = []
    for edge, count, label in zip(graph.edges, times, labels, strict=True):
        if edge.source == edge.target:
            points, label_at = _loop(by_id[edge.source], label, settings, again=edge.source in looped)
            looped.add(edge.source)
        else:
            spots, at = next(found)
            points = tuple(_point(spot, settings) for spot in spots)
            label_at = _point(at, settings) if at else points[0]
        placed.append(PlacedEdge(edge, count, points, label, label_at))
    return placed


def _point(spot: Spot, settings: Settings) -> Point:
    return Point(spot.across, spot.along) if settings.direction == "TB" else Point(spot.along, spot.across)


def _loop(
    placed: PlacedNode, label: Sequence[str], settings: Settings, *, again: bool
) -> tuple[tuple[Point, ...], Point]:
    """An edge from a node to itself: out at one side and back at the same; a second one at the other side."""
    width, height = label_size(label) if label else (0.0, 0.0)
    sign = -1 if again else 1
    if settings.direction == "TB":
        x = placed.x if again else placed.x + placed.width
        high, low = placed.y + placed.height / 3, placed.y + placed.height * 2 / 3
        tip = Point(x + sign * (LOOP - 6), (high + low) / 2)
        return (Point(x, high), tip, Point(x, low)), Point(tip.x + sign * (width / 2 + 2), tip.y)
    y = placed.y if again else placed.y + placed.height
    left, right = placed.x + placed.width / 3, placed.x + placed.width * 2 / 3
    tip = Point((left + right) / 2, y + sign * (LOOP - 6))
    return (Point(left, y), tip, Point(right, y)), Point(tip.x, tip.y + sign * (height / 2 + 2))


def _framed(graph: Graph, nodes: Sequence[PlacedNode], edges: Sequence[PlacedEdge]) -> Plan:
    """The plan with its corner at (0, 0) and some room around what is in it."""
    corners = [Point(placed.x, placed.y) for placed in nodes]
    corners += [Point(placed.x + placed.width, placed.y + placed.height) for placed in nodes]
    for placed in edges:
        corners += placed.points
        if placed.label:
            width, height = label_size(placed.label)
            corners += [
                Point(placed.label_at.x + side * width / 2, placed.label_at.y + side * height / 2) for side in (-1, 1)
            ]
    left, top = min(corner.x for corner in corners) - PART_ROOM, min(corner.y for corner in corners) - PART_ROOM
    width = max(corner.x for corner in corners) + PART_ROOM - left
    height = max(corner.y for corner in corners) + PART_ROOM - top
    return Plan(
        graph,
        0.0,
        0.0,
        width,
        height,
        tuple(_shifted_node(placed, -left, -top) for placed in nodes),
        tuple(_shifted_edge(placed, -left, -top) for placed in edges),
    )


def _shifted_node(placed: PlacedNode, x: float, y: float) -> PlacedNode:
    parts = tuple(_moved(part, part.x + x, part.y + y) for part in placed.parts)
    return PlacedNode(
        placed.node, placed.face, placed.style, placed.x + x, placed.y + y, placed.width, placed.height, parts
    )


def _shifted_edge(placed: PlacedEdge, x: float, y: float) -> PlacedEdge:
    points = tuple(Point(point.x + x, point.y + y) for point in placed.points)
    label_at = Point(placed.label_at.x + x, placed.label_at.y + y)
    return PlacedEdge(placed.edge, placed.times, points, placed.label, label_at)
