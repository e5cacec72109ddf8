"""Reads an SVG picture back: where its states stand and what its edges join, from the coordinates alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from xml.etree import ElementTree

from asl_engine.definition.graph import Machine
from asl_engine.definition.reader import read_definition
from asl_engine.states.table import STATE_TYPES

SVG = "{http://www.w3.org/2000/svg}"
_COMMAND = re.compile(r"([MLCZ])([^MLCZ]*)")


class Point(NamedTuple):
    x: float
    y: float


class Area(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Area) -> bool:
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom

    def holds(self, other: Area) -> bool:
        across = self.left < other.left and other.right < self.right
        return across and self.top < other.top and other.bottom < self.bottom

    def has_inside(self, point: Point, margin: float = 1.0) -> bool:
        across = self.left + margin < point.x < self.right - margin
        return across and self.top + margin < point.y < self.bottom - margin

    def has_on_border(self, point: Point, within: float = 0.3) -> bool:
        across = self.left - within <= point.x <= self.right + within
        return across and self.top - within <= point.y <= self.bottom + within and not self.has_inside(point, within)


class Drawn(NamedTuple):
    """An edge: the names at its ends, its kind, and points along it."""

    source: str
    target: str
    kind: str
    points: list[Point]


class Picture:
    """An SVG text, read."""

    def __init__(self, text: str) -> None:
        self.root = ElementTree.fromstring(text)
        self.states = [(group.get("data-state") or "", _area(group)) for group in self._groups("data-state")]
        self.marks = [(group.get("data-mark") or "", _circle(group)) for group in self._groups("data-mark")]
        self.edges = list(self._edges())
        self.texts = ["".join(element.itertext()) for element in self.root.iter(f"{SVG}text")]

    def _groups(self, attribute: str) -> Iterator[Any]:
        return (group for group in self.root.iter(f"{SVG}g") if group.get(attribute) is not None)

    def _edges(self) -> Iterator[Drawn]:
        for path in self.root.iter(f"{SVG}path"):
            if path.get("data-from") is not None:
                names = path.get("data-from") or "", path.get("data-to") or "", path.get("data-kind") or ""
                yield Drawn(*names, points_of(path.get("d") or ""))

    def area(self, name: str) -> Area:
        [area] = [area for other, area in self.states if other == name]
        return area

    def title(self, name: str) -> str:
        [title] = [
            group.findtext(f"{SVG}title") for group in self._groups("data-state") if group.get("data-state") == name
        ]
        return title or ""


def _area(group: Any) -> Area:
    """The outline: the second rectangle of a Map (the first is its shadow), the hexagon of a Choice."""
    rectangles = [
        Area(*(float(rectangle.get(key)) for key in ("x", "y")), 0, 0)._replace(
            right=float(rectangle.get("x")) + float(rectangle.get("width")),
            bottom=float(rectangle.get("y")) + float(rectangle.get("height")),
        )
        for rectangle in group.findall(f"{SVG}rect")
    ]
    if not rectangles:
        corners = points_of(group.find(f"{SVG}path").get("d"))
        xs, ys = [corner.x for corner in corners], [corner.y for corner in corners]
        return Area(min(xs), min(ys), max(xs), max(ys))
    shadowed = len(rectangles) > 1
    return rectangles[1] if shadowed else rectangles[0]


def _circle(group: Any) -> Area:
    circle = group.find(f"{SVG}circle")
    x, y, radius = (float(circle.get(key)) for key in ("cx", "cy", "r"))
    radius = round(radius + (1 if circle.get("stroke") else 0), 1)
    return Area(x - radius, y - radius, x + radius, y + radius)


def points_of(path: str) -> list[Point]:
    """Points along a path; of a curve, twelve."""
    points: list[Point] = []
    for command, text in _COMMAND.findall(path):
        numbers = [float(number) for number in text.split()]
        pairs = [Point(x, y) for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
        points += pairs if command in "ML" else []
        points += [_on_curve(points[-1], *pairs, step / 12) for step in range(1, 13)] if command == "C" else []
    return points


def _on_curve(begin: Point, one: Point, two: Point, end: Point, at: float) -> Point:
    parts = ((1 - at) ** 3, 3 * at * (1 - at) ** 2, 3 * at**2 * (1 - at), at**3)
    points = (begin, one, two, end)
    return Point(
        sum(part * point.x for part, point in zip(parts, points, strict=True)),
        sum(part * point.y for part, point in zip(parts, points, strict=True)),
    )


def machine_of(definition: dict[str, Any]) -> Machine:
    """A definition as read, errors or not."""
    machine, diagnostics = read_definition(definition, STATE_TYPES)
    assert machine is not None, diagnostics
    return machine


def around(machine: Machine, outer: frozenset[str] = frozenset()) -> dict[str, frozenset[str]]:
    """State -> the states that it is nested in."""
    found: dict[str, frozenset[str]] = {}
    for name, state in machine.states.items():
        found[name] = outer
        for nested in state.machines():
            found |= around(nested, outer | {name})
    return found
