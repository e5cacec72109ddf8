"""A machine in JSONata does what it did in JSONPath: both are run on the same drawn inputs, and compared."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asl_engine import StateMachine, TaskError
from asl_engine.errors import DefinitionError
from asl_engine.rewriting.jsonata import convert
from asl_engine.rewriting.jsonata.prove import DIFFERS, SAME, WENT_ON, compare, prove, run
from asl_engine.rewriting.jsonata.report import ASSUMES, NOT_TURNED
from asl_engine.rewriting.jsonata.shapes import draw, shape_of
from tests.build import chain
from tests.rewriting.turned import COMPARISONS, INTRINSICS, MACHINES, PASSES, PATHS, RULES, machines
from tests.strategies import json_values

FAMILY = machines()
WORKFLOWS = Path(__file__).parents[2] / "../shared/suites/workflows"
FILES = sorted(WORKFLOWS.rglob("*.json"))


def no_task(state: str, count: int, scope: Any) -> Any:
    raise AssertionError(f"{state} was called")


def both(definition: dict[str, Any], given: Any, seed: int = 0, answer: Any = no_task) -> tuple[str, str, str]:
    made = convert(definition)
    machines = StateMachine.from_json(definition), StateMachine.from_json(made.document)
    one, other = (run(machine, given, answer, seed) for machine in machines)
    return compare(one, other)


@pytest.mark.parametrize("name", FAMILY)
def test_every_machine_of_the_family_is_turned_whole(name: str) -> None:
    made = convert(FAMILY[name])
    assert made.document["QueryLanguage"] == "JSONata"
    assert [note for note in made.report if note.kind == NOT_TURNED] == []


@given(name=st.sampled_from(sorted(FAMILY)), seed=st.integers(0, 2**32))
@settings(max_examples=120)
def test_a_turned_machine_does_what_it_did(name: str, seed: int) -> None:
    made = convert(FAMILY[name])
    proof = prove(FAMILY[name], made.document, 5, seed)
    assert [found for found in proof.differences if found.kind == DIFFERS] == []
    if proof.differences:
        assert any(note.kind == ASSUMES and note.state for note in made.report)


@given(name=st.sampled_from(sorted(FAMILY)), chance=st.randoms(use_true_random=False))
@settings(max_examples=100)
def test_where_every_value_is_there_nothing_goes_on_that_failed(name: str, chance: Random) -> None:
    """Without noise, JSONata goes on after a failure only where the report says what it assumes."""
    shape = shape_of(FAMILY[name])

    def answer(state: str, count: int, scope: Any) -> Any:
        if chance_of[state, count] < 0.2:
            raise TaskError("Busy", "drawn")
        return results[state, count]

    chance_of, results = _Kept(chance.random), _Kept(lambda: draw(shape, chance, 0))
    kind, state, detail = both(FAMILY[name], draw(shape, chance, 0), answer=answer)
    assert kind in (SAME, WENT_ON), (state, detail)


class _Kept(dict[Any, Any]):
    """Makes a value for a key when first asked."""

    def __init__(self, make: Any) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: Any) -> Any:
        self[key] = self._make()
        return self[key]


SMALL = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 4) | st.sampled_from([1.5, "x", "b", "", "2024-01-01T00:00:00Z"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcr"), inner, max_size=3),
    max_leaves=8,
)
ANY_INPUT = st.fixed_dictionaries({}, optional=dict.fromkeys(("a", "b", "c", "r", "list"), SMALL | json_values))
NAMED = {name: text for name, text in PATHS.items() if "[" not in text}
EXACT = {
    **{name: PASSES[name] for name in PASSES if name != "lists of lists"},
    **{f"path {name}": {"Parameters": {"x.$": text}} for name, text in NAMED.items()},
    **{f"merged {name}": {"Parameters": {"x.$": text}, "ResultPath": "$.a.r"} for name, text in NAMED.items()},
    "index": {"Parameters": {"x.$": "$.list[0]", "y.$": "$.a[0][1]"}},
    "arrays": {"Parameters": {"x.$": "States.Array($.a, $.b)", "y.$": "States.ArrayContains($.list, $.a)"}},
    "calls": {"Parameters": {"x.$": "States.ArrayLength(States.Array($.a, $.b, $.list))"}, "ResultPath": "$.r"},
    "unique": {"Parameters": {"x.$": "States.ArrayUnique($.list)"}},
}  # fmt: skip


@given(name=st.sampled_from(sorted(EXACT)), value=ANY_INPUT)
@settings(max_examples=200)
def test_no_input_makes_a_different_output(name: str, value: Any) -> None:
    """Whatever the input: where JSONPath succeeds, JSONata succeeds alike."""
    kind, _, detail = both(chain(S={"Type": "Pass", **EXACT[name]}), value)
    assert kind != DIFFERS, detail


@given(name=st.sampled_from(sorted(RULES)), wanted=st.booleans(), value=ANY_INPUT)
@settings(max_examples=200)
def test_no_input_makes_a_different_choice(name: str, wanted: bool, value: Any) -> None:
    kind, _, detail = both(FAMILY[f"{'rule' if wanted else 'not'}: {name}"], value)
    assert kind != DIFFERS, detail


def test_the_family_has_every_function_and_comparison() -> None:
    from asl_engine.rewriting.jsonata.choices import ROWS
    from asl_engine.rewriting.jsonata.intrinsics import ROWS as FUNCTIONS
    from asl_engine.states.choice_rules import DATA_TESTS

    assert ROWS.keys() == DATA_TESTS.keys()
    assert all(any(name in text for text in INTRINSICS.values()) for name in FUNCTIONS)
    assert {name.split()[0] for name in COMPARISONS} | {"StringMatches"} == DATA_TESTS.keys()
    assert len(MACHINES) > 10


@pytest.mark.skipif(not FILES, reason="needs the collected workflows beside the checkout")
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parts[-3])
def test_real_workflows_do_what_they_did(file: Path) -> None:
    definition = json.loads(file.read_text(encoding="utf-8"))
    try:
        made = convert(definition)
        proof = prove(definition, made.document, 10)
    except DefinitionError as error:
        pytest.skip(f"is not run: {error!s:.80}")
    assert [found for found in proof.differences if found.kind == DIFFERS] == []


def test_a_wrong_conversion_is_found_out() -> None:
    original = chain(S={"Type": "Pass", "Parameters": {"x.$": "$.a"}})
    made = convert(original).document
    made["States"]["S"]["Output"] = {"x": "{% $string($states.input.a) %}"}
    proof = prove(original, made)
    assert proof.differs
    assert proof.differences[0].state == "S"
    assert "differ" in str(proof)


def test_a_failure_in_another_state_is_found_out() -> None:
    original = chain(A={"Type": "Pass"}, B={"Type": "Pass", "OutputPath": "$.no.where"})
    made = convert(original).document
    made["States"]["A"]["Output"] = "{% $states.input.none %}"
    assert prove(original, made).differs


def test_the_same_seed_draws_the_same_inputs() -> None:
    original = chain(S={"Type": "Pass", "Parameters": {"x.$": "$.list[0,2]"}})
    made = convert(original).document
    assert prove(original, made, 30, 5) == prove(original, made, 30, 5)


def test_the_inputs_drawn_lead_through_the_machines() -> None:
    """A proof would say little if most runs failed in their first state."""
    for name, definition in FAMILY.items():
        proof = prove(definition, convert(definition).document, 40)
        assert proof.succeeded or "fail" in name, name
        assert len(proof.unreached) <= 1, name
