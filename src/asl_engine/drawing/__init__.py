"""Pictures of a machine: its states and transitions as Mermaid, DOT or SVG, with the path of an execution.

`draw` makes the picture, `overlay_of` reads what an execution did. The order of work: `model` makes a graph of the
definition; `mermaid` and `dot` write it as text; `layout` (through `lattice`, `crossings`, `columns`, `routes`) gives
everything its place, and `svg` draws it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from asl_engine.drawing.model import graph_of
from asl_engine.drawing.overlay import HistoryError, Overlay, overlay_of

if TYPE_CHECKING:
    from asl_engine.definition.graph import Machine
    from asl_engine.machine import StateMachine

__all__ = ["DIRECTIONS", "FORMATS", "HistoryError", "Overlay", "draw", "overlay_of"]

FORMATS = ("mermaid", "dot", "svg")
DIRECTIONS = ("TB", "LR")
"""From top to bottom, or from left to right."""


def draw(
    machine: StateMachine | Machine,
    *,
    format: str = "svg",
    overlay: Overlay | None = None,
    direction: str = "TB",
    labels: bool = True,
    name: str | None = None,
) -> str:
    """The picture of a machine as text. The same machine gives the same text, everywhere.

    `machine`: a StateMachine, or a definition as read, with errors or without. `format`: "mermaid" (a flowchart), "dot"
    or "svg". `overlay`: what an execution did, from `overlay_of`. `direction`: "TB" or "LR". `labels`: whether edges
    say when they are taken. `name`: the picture's title, unless the machine has a name. Raises ValueError for another
    format or direction.

    >>> from asl_engine import StateMachine
    >>> machine = StateMachine.from_json({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
    >>> print(draw(machine, format="mermaid").splitlines()[0])
    flowchart TB
    """
    if format not in FORMATS:
        raise ValueError(f"format must be one of {', '.join(FORMATS)}, not {format!r}")
    if direction not in DIRECTIONS:
        raise ValueError(f"direction must be one of {', '.join(DIRECTIONS)}, not {direction!r}")
    given: Any = machine
    definition: Machine = getattr(given, "definition", given)
    graph = graph_of(definition)
    title = name or getattr(machine, "name", None) or "StateMachine"
    if format == "mermaid":
        from asl_engine.drawing.mermaid import to_mermaid

        return to_mermaid(graph, overlay, direction=direction, labels=labels)
    if format == "dot":
        from asl_engine.drawing.dot import to_dot

        return to_dot(graph, title, overlay, direction=direction, labels=labels)
    from asl_engine.drawing.layout import Settings
    from asl_engine.drawing.svg import to_svg

    return to_svg(graph, title, Settings(overlay, direction, labels))
