"""The laws of coverage, for every machine and every execution."""

from __future__ import annotations

from hypothesis import given

from asl_engine import StateMachine
from asl_engine.testing import Collector, coverage_of
from asl_engine.testing.coverage.elements import LEADS_ON
from tests.properties.machines import Program, programs


@given(programs())
def test_as_many_ways_were_gone_as_states_were_left(program: Program) -> None:
    machine = StateMachine.from_json(program.definition)
    with Collector() as collector:
        execution = machine.run(program.input, tasks=program.tasks, seed=program.seed)
    [found] = coverage_of(collector).machines
    exits = sum(1 for kind, *_ in execution.records if kind.endswith("StateExited") and kind != "SucceedStateExited")
    assert sum(found.hits.get(one.pointer, 0) for one in found.elements if one.kind in LEADS_ON) == exits


@given(programs())
def test_a_measured_execution_is_the_same_as_one_that_is_not(program: Program) -> None:
    machine = StateMachine.from_json(program.definition)
    plain = machine.run(program.input, tasks=program.tasks, seed=program.seed)
    with Collector():
        measured = machine.run(program.input, tasks=program.tasks, seed=program.seed)
    assert (measured.status, measured.output, measured.history) == (plain.status, plain.output, plain.history)
