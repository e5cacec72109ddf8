"""A JSONPath machine becomes a JSONata one, whole or state by state.

A machine whose QueryLanguage is JSONata may not hold a JSONPath state. So the whole machine is JSONata if every state
could be turned; else each state that could be says `QueryLanguage: JSONata` itself, and the others stay as they were.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from asl_engine.definition.fields import JSONATA, JSONPATH, nearest
from asl_engine.definition.reader import read_definition
from asl_engine.errors import AslError, DefinitionError, Diagnostic
from asl_engine.jsonvalue import Json, adopt
from asl_engine.records import record
from asl_engine.rewriting.jsonata.report import ASSUMES, NOT_TURNED, WAYS, Note, NotTurned, Site
from asl_engine.rewriting.jsonata.states import State, turned
from asl_engine.rewriting.keys import in_order
from asl_engine.states.table import STATE_TYPES

MACHINES = ("ItemProcessor", "Iterator")


class ConversionError(AslError):
    """What was asked for cannot be converted at all: a sentence that says why."""


@record(frozen=True, slots=True)
class Conversion:
    """What became of a definition: the `document`, the `report`, and the names of the states that were `turned`."""

    document: Json
    report: list[Note]
    turned: tuple[str, ...]


def convert(document: Json, states: Collection[str] | None = None) -> Conversion:
    """The definition in JSONata, as far as it can be said exactly; `states` names those to turn, None all.

    The document given is not changed. Raises DefinitionError for a definition with errors, ConversionError for a name
    that no state has.
    """
    whole, _ = adopt(document)
    found = errors_of(whole)
    if found:
        raise DefinitionError(found)
    names = [name for name, _, _ in every_state(whole)]
    known = set(names)
    for name in states or ():
        if name not in known:
            hint = nearest(name, names)
            raise ConversionError(f"there is no state named '{name}'" + (f"; {hint}" if hint else ""))
    notes: list[Note] = []
    done = tuple(_turn_all(whole, states, notes))
    if done:
        notes.append(Note(ASSUMES, "", "", "", WAYS))
    return Conversion(in_order(_with_languages(whole, bool(done)), "machine"), notes, done)


def errors_of(document: Json) -> list[Diagnostic]:
    """The errors of a definition; what is right and not run by this version is none."""
    _, diagnostics = read_definition(document, STATE_TYPES)
    return [found for found in diagnostics if found.severity == "ERROR"]


def every_state(machine: Json, pointer: str = "") -> Iterator[tuple[str, str, State]]:
    """(name, JSON pointer, state) of a machine and of all within it, outermost first."""
    for name, state in machine["States"].items():
        place = f"{pointer}/States/{name.replace('~', '~0').replace('/', '~1')}"
        yield name, place, state
        for below, nested in machines_in(state):
            yield from every_state(nested, place + below)


def machines_in(state: State) -> Iterator[tuple[str, Any]]:
    """(JSON pointer below the state, machine) of what is nested in a state."""
    for name in MACHINES:
        if name in state:
            yield f"/{name}", state[name]
    for index, branch in enumerate(state.get("Branches", ())):
        yield f"/Branches/{index}", branch


def _turn_all(whole: Json, states: Collection[str] | None, notes: list[Note]) -> Iterator[str]:
    """Turns the states in place; the names of those that were."""
    top = whole.get("QueryLanguage", JSONPATH)
    for name, pointer, state in list(every_state(whole)):
        if state.get("QueryLanguage", top) == JSONATA or (states is not None and name not in states):
            continue
        own: dict[Note, None] = {}
        try:
            fields = turned(state, Site(name, pointer, "", own))
        except NotTurned:
            notes += [note for note in own if note.kind == NOT_TURNED]
            continue
        notes += own
        state.clear()
        state.update(fields, QueryLanguage=JSONATA)
        yield name


def _with_languages(whole: Json, changed: bool) -> Json:
    """The language at the top where all states have it, else in each state."""
    every = [state for _, _, state in every_state(whole)]
    if changed and all(state.get("QueryLanguage") == JSONATA for state in every):
        whole["QueryLanguage"] = JSONATA
        for state in every:
            del state["QueryLanguage"]
    return whole
