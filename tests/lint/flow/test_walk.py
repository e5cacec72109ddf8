"""How much the walk over a definition does: as much as there are states, however they are nested."""

from __future__ import annotations

from typing import Any

from asl_engine.definition.reader import read_definition
from asl_engine.lint.flow import walk
from asl_engine.states.table import STATE_TYPES
from tests.build import chain, each, parallel, task


def visits(definition: dict[str, Any], monkeypatch: Any) -> list[str]:
    """The states in the order in which the walk looks at them."""
    machine, _ = read_definition(definition, STATE_TYPES)
    assert machine is not None
    seen: list[str] = []
    look = walk.transfer

    def noted(visit: Any, outputs: Any) -> Any:
        seen.append(visit.state.name)
        return look(visit, outputs)

    monkeypatch.setattr(walk, "transfer", noted)
    walk.flow_of(machine)
    return seen


def test_a_parallel_state_looks_at_its_branches_once_they_are_all_done(monkeypatch: Any) -> None:
    states = [f"Branch {number}" for number in range(30)]
    definition = chain(All=parallel(*(chain(**{name: task()}) for name in states)), After=task())
    assert visits(definition, monkeypatch) == ["All", *states, "All", "After"]


def test_a_map_state_looks_at_its_processor_once_that_is_done(monkeypatch: Any) -> None:
    split = {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "One"}], "Default": "Two"}
    processor = chain(Split=split, One=task(End=True), Two=task(End=True))
    found = visits(chain(Each=each(processor), After=task()), monkeypatch)
    assert found[:2] == ["Each", "Split"]
    assert sorted(found[2:4]) == ["One", "Two"]
    assert found[4:] == ["Each", "After"]
