"""The table of state types, and the compiler from a machine as read to a program.

A new state type is a file beside this one and a row here; the rows stand in the order in which AWS lists the types.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from asl_engine.definition.described import Drafting, Schema, described
from asl_engine.definition.fields import JSONATA, Place
from asl_engine.definition.graph import Machine
from asl_engine.jsonvalue import Json
from asl_engine.query.jsonpath import language as jsonpath_language
from asl_engine.query.language import QueryLanguage
from asl_engine.states.choice import Choice, compile_choice
from asl_engine.states.common import State, draft_state, read_state
from asl_engine.states.fail import Fail, check_fail, compile_fail
from asl_engine.states.map import Map, check_map, compile_map
from asl_engine.states.parallel import Parallel, compile_parallel
from asl_engine.states.pass_ import Pass, compile_pass
from asl_engine.states.program import Program, Step, Watch
from asl_engine.states.succeed import Succeed, compile_succeed
from asl_engine.states.task import Task, check_task, compile_task
from asl_engine.states.wait import Wait, check_wait, compile_wait


@described({})
def _nothing_more(value: dict[str, Json], place: Place) -> None:
    """The type has no rules between its fields."""


class StateType(NamedTuple):
    """A row: the dataclass, the rules between its fields, and what binds a step to its meaning."""

    cls: type[State]
    check: Callable[[dict[str, Json], Place], None]
    compile: Callable[[Any, QueryLanguage, dict[str, Step], Step], None]

    def read(self, name: str, value: dict[str, Json], place: Place) -> State | None:
        """The state in a JSON object."""
        self.check(value, place)
        return read_state(self.cls, name, value, place)

    def draft(self, drafting: Drafting) -> Schema:
        """What a state of the type may say, as JSON Schema."""
        return draft_state(self.cls, self.check, drafting)


STATE_TYPES: Mapping[str, StateType] = {
    "Task": StateType(Task, check_task, compile_task),
    "Wait": StateType(Wait, check_wait, compile_wait),
    "Pass": StateType(Pass, _nothing_more, compile_pass),
    "Succeed": StateType(Succeed, _nothing_more, compile_succeed),
    "Fail": StateType(Fail, check_fail, compile_fail),
    "Choice": StateType(Choice, _nothing_more, compile_choice),
    "Parallel": StateType(Parallel, _nothing_more, compile_parallel),
    "Map": StateType(Map, check_map, compile_map),
}


def language_of(state: State) -> QueryLanguage:
    """The query language of a state; JSONata is loaded when a definition first uses it."""
    if state.query_language == JSONATA:
        from asl_engine.query import jsonata_language

        return jsonata_language.JSONATA
    return jsonpath_language.JSONPATH


def compile_machine(machine: Machine, watch: Watch | None = None) -> Program:
    """The program of a machine without errors; nested machines are compiled alike."""
    steps = {name: Step(name, state.type, state, watch=watch) for name, state in machine.states.items()}
    for step in steps.values():
        step.nested = tuple(compile_machine(nested, watch) for nested in step.state.machines())
        STATE_TYPES[step.type].compile(step.state, language_of(step.state), steps, step)
    return Program(steps[machine.start_at], steps, machine.timeout_seconds)
