"""Walks that the lints share: every state of a definition, the parts of a state, and the texts in its templates.

Each walk is made once for a definition, by whichever lint asks first, and what it finds is kept until another
definition is asked about. A walk gives places, not JSON pointers: a pointer is spelt out only for what is told. Walks
cope with what could not be read (None where a rule was broken), so that local lints may use them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple, TypeAlias, TypeVar

from asl_engine.definition.fields import ABSENT
from asl_engine.definition.graph import Machine
from asl_engine.jsonvalue import Json
from asl_engine.states.resource import Resource, parse_resource

Found = TypeVar("Found")


def once(walk: Callable[[Machine], Found]) -> Callable[[Machine], Found]:
    """Keeps what a walk found in the definition that was asked about last: the lints of one run share it."""
    kept = lru_cache(maxsize=1)(lambda same: walk(same.machine))
    return lambda machine: kept(_Same(machine))


def for_short_texts(read: Callable[[str], Found]) -> Callable[[str], Found]:
    """Keeps what was read of the last texts, as a definition has the same ones in many places. Long ones would fill the
    memory and are seldom the same."""
    kept = lru_cache(maxsize=2048)(read)
    return lambda text: kept(text) if len(text) <= 400 else read(text)


class _Same:
    """A machine, compared by identity."""

    __slots__ = ("machine",)

    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    def __hash__(self) -> int:
        return id(self.machine)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.machine is other.machine


# --- places -----------------------------------------------------------------------------------------------------------


Where: TypeAlias = "str | tuple[Where, str | int]"
"""A place as a JSON pointer, or as the place around it and the key there."""


def pointer_of(place: Where) -> str:
    """The JSON pointer of a place."""
    keys: list[str] = []
    while not isinstance(place, str):
        place, key = place
        keys.append(f"/{escape(str(key))}")
    return place + "".join(reversed(keys))


def escape(key: str) -> str:
    """A key as a JSON pointer writes it."""
    return key.replace("~", "~0").replace("/", "~1")


# --- states and their parts -------------------------------------------------------------------------------------------


@once
def all_machines(machine: Machine) -> Sequence[Machine]:
    """The machine and all that are nested in it, outermost first."""
    found: list[Machine] = []
    waiting = [machine]
    while waiting:
        inner = waiting.pop()
        found.append(inner)
        nested = [below for state in inner.states.values() for below in state.machines()]
        waiting.extend(reversed(nested))
    return found


@once
def every_state(machine: Machine) -> Sequence[Any]:
    """Every state of a definition, machine by machine."""
    return [state for inner in all_machines(machine) for state in inner.states.values()]


@once
def _by_type(machine: Machine) -> Mapping[str, Sequence[Any]]:
    found: dict[str, list[Any]] = {}
    for state in every_state(machine):
        found.setdefault(state.type, []).append(state)
    return found


def states_of(machine: Machine, kind: str) -> Sequence[Any]:
    """Every state of one type."""
    return _by_type(machine).get(kind, ())


@once
def ways_on(machine: Machine) -> Mapping[str, Sequence[str]]:
    """The states that each state may go to, by its name, which is unique where there are no errors."""
    return {state.name: [target for target, _ in state.targets()] for state in every_state(machine)}


_RECORDS = (("ItemReader", "item_reader"), ("ItemBatcher", "item_batcher"), ("ResultWriter", "result_writer"))


def parts(state: Any) -> Iterator[tuple[Where, Any]]:
    """(place, record) of a state, its catchers, its Choice rules, and a distributed Map's records."""
    yield state.pointer, state
    for index, catcher in enumerate(getattr(state, "catch", ())):
        yield ((state.pointer, "Catch"), index), catcher
    if state.type == "Choice":
        for rule in every_rule(state.choices):
            yield rule.pointer, rule
    elif state.type == "Map":
        for name, attribute in _RECORDS:
            part = getattr(state, attribute)
            if part is not None:
                yield (state.pointer, name), part


def every_rule(rules: Iterable[Any]) -> Iterator[Any]:
    """Choice rules and those nested in them."""
    for rule in rules:
        if rule is not None:
            yield rule
            yield from every_rule(rule.rules)


resource_of: Callable[[str], Resource] = for_short_texts(parse_resource)
"""The parts of a Task's Resource; a definition names few of them, often."""


# --- templates and their texts ----------------------------------------------------------------------------------------

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

_OF_OTHERS = ("Path", "Paths", "PathMap", "PathsMap")
"""Keys of service parameters whose values are paths that the service itself reads, as EventBridge's InputPathsMap."""


class Leaf(NamedTuple):
    """A string in a template: its place, the key it stands under (that of the array around it, if in one), and whether
    that key says that the text is a path for the service that is called."""

    place: Where
    key: str
    text: str
    in_array: bool
    for_service: bool

    @property
    def pointer(self) -> str:
        """The JSON pointer of its place."""
        return pointer_of(self.place)


@once
def texts_of_templates(machine: Machine) -> Sequence[tuple[Any, Sequence[Leaf]]]:
    """Every state with the texts in its templates that are worth a look."""
    return [
        (state, [leaf for place, field, template in templates(state) for leaf in leaves(place, field, template)])
        for state in every_state(machine)
    ]


def templates(state: Any) -> Iterator[tuple[Where, str, Json]]:
    """(place, field, template) of every template in a state, in that field of what stands there."""
    for place, part in parts(state):
        for name, attribute in _template_fields(part.__class__):
            value = getattr(part, attribute)
            if value is not None and value is not ABSENT:
                yield place, name, value


@cache
def _template_fields(kind: type) -> Sequence[tuple[str, str]]:
    """The templates among a record's fields."""
    return [(name, attribute) for name, attribute in _TEMPLATES if hasattr(kind, attribute)]


def worth_a_look(text: str) -> bool:
    """Whether a text may read something, or look like one that does: no other text interests a lint."""
    return "$" in text or "States." in text or "{%" in text


def leaves(above: Where, field: str, template: Json, wanted: Callable[[str], bool] = worth_a_look) -> list[Leaf]:
    """The strings that are wanted in a template, the value of a field, in document order."""
    found: list[Leaf] = []
    top = Leaf((above, field), field, "", False, False)
    if isinstance(template, str):
        return [top._replace(text=template)] if wanted(template) else []
    _gather(top, template, wanted, found)
    return found


def _gather(at: Leaf, value: Json, wanted: Callable[[str], bool], found: list[Leaf]) -> None:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        if isinstance(item, str):
            if wanted(item):
                found.append(_below(at, key, item))
        elif isinstance(item, (dict, list)):
            _gather(_below(at, key, ""), item, wanted, found)


def _below(at: Leaf, key: str | int, text: str) -> Leaf:
    if isinstance(key, int):
        return Leaf((at.place, key), at.key, text, True, at.for_service)
    return Leaf((at.place, key), key, text, False, at.for_service or key.endswith(_OF_OTHERS))
