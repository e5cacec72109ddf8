"""A Map under test: its items are chosen, shaped and put together as in a run, but no iteration begins.

Developer guide, "Testing Map and Parallel states". The rule that keeps it whole: items go through the engine's own
selectors, readers and batches (`states/map.py`, `execution/map_run.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from io import BytesIO
from typing import Any, BinaryIO

from asl_engine.definition.fields import ABSENT, JSONATA
from asl_engine.errors import ValidationException
from asl_engine.execution.frame import Group
from asl_engine.execution.map_run import STATE_DATA, MapRun
from asl_engine.integrations.storage import ObjectSummary
from asl_engine.jsonvalue import Json, JsonTextError, loads
from asl_engine.query.scope import Expr, Scope
from asl_engine.states.map import Map
from asl_engine.states.map_distributed import ItemSource
from asl_engine.states.map_items import CSV, JSON, JSONL, LIST_OBJECTS
from asl_engine.states.moves import Iterate, StartMapRun
from asl_engine.testing.state_test.context import TestedFrame
from asl_engine.testing.state_test.inspection import (
    AFTER_ITEM_BATCHER,
    AFTER_ITEM_SELECTOR,
    AFTER_ITEMS_PATH,
    AFTER_ITEMS_POINTER,
    LIMITS,
    Inspection,
)


def inspect_map(
    frame: TestedFrame, move: Iterate | StartMapRun, inspection: Inspection, data: str | None
) -> int | None:
    """Notes what becomes of a Map's items; how many iterations there are, None where the items are not known.

    `data` is what an ItemReader would read. Raises StatesError, as the Map would.
    """
    if isinstance(move, Iterate):
        _note_items(frame, move.items, move.keys, inspection)
        inspection.limits.setdefault(LIMITS["MaxConcurrency"], 0)
        return _inspect_inline(frame, move, inspection)
    return _inspect_distributed(frame, move, inspection, data)


def _note_items(frame: TestedFrame, items: Any, keys: Any, inspection: Inspection) -> None:
    """ItemsPath, where JSONPath has it (recorded: not in JSONata), and ItemsPointer."""
    state = frame.step.state
    shown = {key: item["Value"] for key, item in zip(keys, items, strict=True)} if keys is not None else list(items)
    if state.query_language != JSONATA:
        selected = inspection.selected_items
        inspection.note(AFTER_ITEMS_PATH, shown if selected is ABSENT else selected)
    if state.items_pointer is not None:
        inspection.note(AFTER_ITEMS_POINTER, shown)


def _inspect_inline(frame: TestedFrame, move: Iterate, inspection: Inspection) -> int:
    selector = frame.step.item_input
    if selector is not None:
        group = Group(frame, len(move.items))
        group.items, group.keys, group.first_step = move.items, move.keys, move.first_step
        children = (_iteration(frame, group, index) for index in range(len(move.items)))
        inspection.note(AFTER_ITEM_SELECTOR, [selector(move.payload, child) for child in children])
    return len(move.items)


def _iteration(frame: TestedFrame, group: Group, index: int) -> TestedFrame:
    """What an ItemSelector sees for one item."""
    child = TestedFrame(frame.execution, frame.step, group.items[index], 0, frame.variables, 0, group, index)
    child.mocked, child.item, child.entered_at = frame.mocked, None, frame.entered_at
    return child


# --- distributed ------------------------------------------------------------------------------------------------------


def _inspect_distributed(frame: TestedFrame, move: StartMapRun, inspection: Inspection, data: str | None) -> int | None:
    settings = move.plan.settle(move.document, frame)
    inspection.limits.setdefault(LIMITS["MaxConcurrency"], 0)
    selected: list[Json] = []
    plan = move.plan._replace(item_input=_noted(move.plan.item_input, selected))
    run = MapRun(frame, plan, settings, move.document, 0)
    if move.items is not None:
        _note_items(frame, move.items, move.keys, inspection)
        run.supply(move.items, move.keys)
    else:
        assert settings.source is not None
        items = _read(settings.source, data, frame)
        if items is None:
            return None
        if data is None and frame.step.state.query_language != JSONATA:
            inspection.note(AFTER_ITEMS_PATH, [item for _, item in items])
        if frame.step.state.item_reader.reader_config and settings.source.config.get("ItemsPointer"):
            inspection.note(AFTER_ITEMS_POINTER, [item for _, item in items])
        run.read(items, more=False)
    inputs = list(iter(run.next_input, None))
    if move.plan.item_input is not None:
        inspection.note(AFTER_ITEM_SELECTOR, selected)
    if settings.batching is not None:
        inspection.note(AFTER_ITEM_BATCHER, [each.value for each in inputs])
    return len(inputs)


def _noted(selector: Expr | None, selected: list[Json]) -> Expr | None:
    if selector is None:
        return None

    def seen(document: Json, scope: Scope) -> Json:
        selected.append(selector(document, scope))
        return selected[-1]

    return seen


def _read(source: ItemSource, data: str | None, frame: TestedFrame) -> list[tuple[str, Json]] | None:
    """What an ItemReader would read, each item after its source: from the data of the request, or from the state's
    input, as if it were read; None where neither has any."""
    if data is None:
        return _from_input(frame)
    if source.resource.endswith(LIST_OBJECTS) or source.config.get("InputType") not in (CSV, JSON, JSONL):
        return [(STATE_DATA, item) for item in _array(data)]
    from asl_engine.integrations.item_reader import read_sourced_items

    return list(read_sourced_items(source.resource, source.arguments, source.config, OneObject(data)))


def _from_input(frame: TestedFrame) -> list[tuple[str, Json]] | None:
    from asl_engine.states.map import compile_items
    from asl_engine.states.table import language_of

    state: Map = frame.step.state
    if state.items_path is None and not isinstance(frame.input, list):
        return None
    items, _ = compile_items(state, language_of(state))(frame.input, frame)
    return [(STATE_DATA, item) for item in items]


def _array(data: str) -> list[Json]:
    try:
        value = loads(data)
    except JsonTextError as error:
        raise ValidationException(f"Map item reader data must be valid JSON: {error}") from None
    if not isinstance(value, list):
        raise ValidationException("Map item reader data must be an array.")
    return value


class OneObject:
    """A storage whose objects all hold the same text."""

    def __init__(self, text: str) -> None:
        self._text = text

    def open(self, bucket: str, key: str, version: str | None = None) -> BinaryIO:
        """The text."""
        return BytesIO(self._text.encode())

    def list(self, bucket: str, prefix: str) -> Iterator[ObjectSummary]:
        """No objects."""
        return iter(())

    def create(self, bucket: str, key: str) -> AbstractContextManager[BinaryIO]:
        """Not here: a test writes nothing."""
        raise NotImplementedError("a state under test writes no results")
