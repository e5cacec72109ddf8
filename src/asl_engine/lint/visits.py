"""Walks that the lints share: every state of a definition, the parts of a state, and the texts in its templates.

A walk gives JSON pointers with what it finds; it copes with what could not be read (None where a rule was broken), so
that local lints may use it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from asl_engine.definition.fields import ABSENT
from asl_engine.definition.graph import Machine, every_machine
from asl_engine.jsonvalue import Json

_TEMPLATES = (
    ("Parameters", "parameters"),
    ("Arguments", "arguments"),
    ("ResultSelector", "result_selector"),
    ("ItemSelector", "item_selector"),
    ("Items", "items"),
    ("BatchInput", "batch_input"),
    ("Credentials", "credentials"),
    ("Assign", "assign"),
    ("Output", "output"),
)
"""JSON name and attribute of every field that is a template in either query language."""

_RECORDS = (("ItemReader", "item_reader"), ("ItemBatcher", "item_batcher"), ("ResultWriter", "result_writer"))
_OF_OTHERS = ("Path", "Paths", "PathMap", "PathsMap")
"""Keys of service parameters whose values are paths that the service itself reads, as EventBridge's InputPathsMap."""


def every_state(machine: Machine) -> Iterator[Any]:
    """Every state of a definition, nested ones after the state they are nested in's machine."""
    for inner in every_machine(machine):
        yield from inner.states.values()


def parts(state: Any) -> Iterator[tuple[str, Any]]:
    """(pointer, record) of a state, its catchers, its Choice rules, and a distributed Map's records."""
    yield state.pointer, state
    for index, catcher in enumerate(getattr(state, "catch", ())):
        yield f"{state.pointer}/Catch/{index}", catcher
    for rule in every_rule(getattr(state, "choices", ())):
        yield rule.pointer, rule
    for name, attribute in _RECORDS:
        part = getattr(state, attribute, None)
        if part is not None:
            yield f"{state.pointer}/{name}", part


def every_rule(rules: Iterable[Any]) -> Iterator[Any]:
    """Choice rules and those nested in them."""
    for rule in rules:
        if rule is not None:
            yield rule
            yield from every_rule(rule.rules)


def templates(state: Any) -> Iterator[tuple[str, Json]]:
    """(pointer, template) of every template in a state."""
    for pointer, part in parts(state):
        for name, attribute in _TEMPLATES:
            value = getattr(part, attribute, None)
            if value is not None and value is not ABSENT:
                yield f"{pointer}/{name}", value


class Leaf(NamedTuple):
    """A string in a template: its place, the key it stands under (that of the array around it, if in one), and whether
    that key says that the text is a path for the service that is called."""

    pointer: str
    key: str
    text: str
    in_array: bool
    for_service: bool


def leaves(pointer: str, template: Json) -> list[Leaf]:
    """Every string in a template, in document order."""
    found: list[Leaf] = []
    _gather(Leaf(pointer, pointer.rpartition("/")[2], "", False, False), template, found)
    return found


def _gather(at: Leaf, value: Json, found: list[Leaf]) -> None:
    if isinstance(value, str):
        found.append(at._replace(text=value))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _gather(at._replace(pointer=f"{at.pointer}/{index}", in_array=True), item, found)
    elif isinstance(value, dict):
        for key, item in value.items():
            for_service = at.for_service or key.endswith(_OF_OTHERS)
            _gather(Leaf(f"{at.pointer}/{escape(key)}", key, "", False, for_service), item, found)


def escape(key: str) -> str:
    """A key as a JSON pointer writes it."""
    return key.replace("~", "~0").replace("/", "~1")
