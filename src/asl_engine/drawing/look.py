"""Colours, icons and outlines of the SVG picture: tables, no drawing.

Nothing is told by colour alone: each type has an icon, an outline and its name; what happened is also told in words.
"""

from __future__ import annotations

from typing import NamedTuple

from asl_engine.drawing.marks import ABORTED, CAUGHT, FAILED, RUNNING, TAKEN, UNTAKEN

FONT = "Helvetica, Arial, 'Liberation Sans', sans-serif"
PAPER, FIELD, FRAME = "#ffffff", "#f8fafc", "#cbd5e1"
INK, SOFT_INK, FAINT_INK = "#0f172a", "#475569", "#94a3b8"

COLOURS = {
    "Task": "#b45309",
    "Choice": "#6d28d9",
    "Pass": "#475569",
    "Wait": "#9d174d",
    "Succeed": "#15803d",
    "Fail": "#b91c1c",
    "Parallel": "#1d4ed8",
    "Map": "#0f766e",
    "Missing": "#b91c1c",
}

ICONS = {
    "Task": "M13 9.2a3.8 3.8 0 1 0 0 7.6a3.8 3.8 0 1 0 0-7.6M13 4.5v3M13 18.5v3M4.5 13h3M18.5 13h3"
    "M7 7l2.1 2.1M16.9 16.9L19 19M7 19l2.1-2.1M16.9 9.1L19 7",
    "Choice": "M13 4.5L21.5 13L13 21.5L4.5 13Z",
    "Pass": "M5 13h15M14 7l6 6l-6 6",
    "Wait": "M13 5a8 8 0 1 0 0 16a8 8 0 1 0 0-16M13 8.5V13l3.2 2.2",
    "Succeed": "M6 13.5l5 5L20.5 8",
    "Fail": "M7 7l12 12M19 7L7 19",
    "Parallel": "M7.5 6v14M13 6v14M18.5 6v14",
    "Map": "M5.5 5.5h10v10h-10ZM10 20.5h10.5V10",
    "Missing": "M13 5.5v10M13 19.4v.6",
}
"""Lines in a square of 26, drawn in white on the type's colour."""


class Style(NamedTuple):
    """How a state looks on which an overlay has something to say."""

    stroke: str
    fill: str
    width: float
    dashes: str = ""


PLAIN_WIDTH = 1.4
STYLES = {
    TAKEN: Style("#15803d", "#f0fdf4", 2.4),
    FAILED: Style("#b91c1c", "#fee2e2", 3.2),
    CAUGHT: Style("#c2410c", "#fff7ed", 2.4),
    ABORTED: Style("#4b5563", "#f3f4f6", 2.2, "3 3"),
    RUNNING: Style("#1d4ed8", "#eff6ff", 2.4),
    UNTAKEN: Style("#cbd5e1", "#ffffff", 1.4),
}
LEGEND = {
    TAKEN: "entered",
    FAILED: "failed",
    CAUGHT: "failed, caught",
    ABORTED: "aborted",
    RUNNING: "still running",
    UNTAKEN: "not entered",
}


class Stroke(NamedTuple):
    """How an edge looks."""

    colour: str
    width: float
    dashes: str = ""


PLAIN, DASHES = Stroke("#475569", 1.4), "6 4"
EDGES = {
    ("next", ""): PLAIN,
    ("catch", ""): Stroke("#b91c1c", 1.4, DASHES),
    ("next", TAKEN): Stroke("#15803d", 2.8),
    ("catch", TAKEN): Stroke("#b91c1c", 2.8, DASHES),
    ("next", UNTAKEN): Stroke("#cbd5e1", 1.3),
    ("catch", UNTAKEN): Stroke("#e3c7c7", 1.3, DASHES),
}
"""(kind, style) -> the stroke; the kinds that are not here look as "next"."""
EDGE_LEGEND = {
    ("next", ""): "transition",
    ("catch", ""): "after an error (Catch)",
    ("next", TAKEN): "taken",
    ("catch", TAKEN): "taken after an error (Catch)",
    ("next", UNTAKEN): "not taken",
    ("catch", UNTAKEN): "Catch, not taken",
}
