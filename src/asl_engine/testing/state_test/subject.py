"""The state under test: a lone one, or one of a whole machine, at whatever depth.

The rule that keeps it whole: it is read by the reader of definitions, so that a fault in it is told as anywhere else. A
lone state's transitions lead to states that need not exist.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from asl_engine.definition.graph import Machine
from asl_engine.definition.reader import read_definition
from asl_engine.errors import Diagnostic, InvalidDefinition, ValidationException
from asl_engine.jsonvalue import Json, JsonTextError, loads
from asl_engine.states.common import State
from asl_engine.states.table import STATE_TYPES

LONE_NAME = "StateName"
"""The name that AWS gives to a state that has none (recorded)."""

SCHEMA_VALIDATION_FAILED = "SCHEMA_VALIDATION_FAILED"
_NOT_FOR_LONE = frozenset({"MISSING_TRANSITION_TARGET", "MISSING_END_STATE"})
_LONE = f"/States/{LONE_NAME}"


class Subject(NamedTuple):
    """A state, and the Map and Parallel states around it, outermost first."""

    state: State
    around: tuple[State, ...]


def find_subject(definition: str, name: str | None) -> Subject:
    """The state that a request names. Raises InvalidDefinition and ValidationException."""
    machine = _read_lone(definition) if name is None else _read_whole(definition)
    wanted = LONE_NAME if name is None else name
    for subject in _every_state(machine, ()):
        if subject.state.name == wanted:
            return subject
    raise ValidationException("State not found in definition")


def _every_state(machine: Machine, around: tuple[State, ...]) -> Iterator[Subject]:
    for state in machine.states.values():
        yield Subject(state, around)
        for nested in state.machines():
            yield from _every_state(nested, (*around, state))


def _read_whole(definition: str) -> Machine:
    machine, found = read_definition(definition, STATE_TYPES)
    return _sound(machine, found)


def _read_lone(definition: str) -> Machine:
    """A machine of one state. What stands outside it is no fault of the state's."""
    try:
        value = loads(definition)
    except JsonTextError:
        return _read_whole(definition)  # which says what is wrong with the text
    if not isinstance(value, dict):
        return _read_whole(definition)
    machine, found = read_definition(_around(value), STATE_TYPES)
    return _sound(machine, [_as_lone(each) for each in found if not _is_outside(each)])


def _around(state: dict[str, Json]) -> dict[str, Json]:
    return {"StartAt": LONE_NAME, "States": {LONE_NAME: state}}


def _is_outside(found: Diagnostic) -> bool:
    return found.code in _NOT_FOR_LONE and "/States/" not in found.pointer.removeprefix(_LONE)


def _as_lone(found: Diagnostic) -> Diagnostic:
    return Diagnostic(found.code, found.severity, found.pointer.removeprefix(_LONE), found.message)


def _sound(machine: Machine | None, found: list[Diagnostic]) -> Machine:
    faults = [each for each in found if each.severity == "ERROR"]
    if machine is None or faults:
        # what a state that cannot be read brings with it, such as a target that is not there, AWS does not tell
        first = [each for each in faults if each.code == SCHEMA_VALIDATION_FAILED] or faults
        told = ", ".join(f"{each.code}: {each.message} at {each.pointer or '/'}" for each in first)
        raise InvalidDefinition(f"Invalid State Machine Definition: '{told}'")
    return machine
