"""Inputs for a machine: such as lead to each of its Choice rules, and others of their kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import strategies as st

from asl_engine.definition.graph import every_state
from asl_engine.jsonvalue import Json, dumps
from asl_engine.machine import StateMachine
from asl_engine.testing.choice_inputs import Reach, plain_input, ways_to_rule
from asl_engine.testing.strategies.values import json_values

AnyMachine = StateMachine | Mapping[str, Any]


def inputs_for(machine: AnyMachine) -> st.SearchStrategy[Json]:
    """Inputs that reach the Choice rules which the input decides (or the items of a Map in it), the same with empty
    arrays, and then any object with the same fields. `machine` is a StateMachine or a definition. Shrinks to one that
    has only what states read. Raises DefinitionError."""
    compiled = as_machine(machine)
    plain = plain_input(compiled)
    found: dict[str, Json] = {dumps(plain): plain}
    for reach in ways_to_all_rules(compiled):
        found.setdefault(dumps(reach.input), reach.input)
    for emptied in map(_emptied, list(found.values())):
        found.setdefault(dumps(emptied), emptied)
    inputs = list(found.values())
    names = sorted({name for value in inputs if isinstance(value, dict) for name in value} | {"a", "list"})
    lists = st.lists(json_values(max_leaves=3), max_size=3)
    others = st.dictionaries(st.sampled_from(names), lists | json_values(max_leaves=4), max_size=4)
    chosen = st.sampled_from(inputs)
    return chosen | st.builds(_filled, chosen, others)


def _emptied(value: Json) -> Json:
    """A value with no items in its arrays, for Maps that are given none."""
    if isinstance(value, dict):
        return {name: _emptied(item) for name, item in value.items()}
    return [] if isinstance(value, list) else value


def _filled(value: Json, others: dict[str, Json]) -> Json:
    """An object with more members beside its own; any other value as it is."""
    return {**others, **value} if isinstance(value, dict) else value


def as_machine(machine: AnyMachine) -> StateMachine:
    """A machine, made of a definition if it is one."""
    return machine if isinstance(machine, StateMachine) else StateMachine.from_json(machine)


def ways_to_all_rules(machine: StateMachine) -> Iterator[Reach]:
    """The ways to each rule of each Choice, and to its Default."""
    for state in every_state(machine.definition):
        if state.type == "Choice":
            for rule in (*range(len(state.choices)), None):
                yield from ways_to_rule(machine, state.name, rule)
