"""The laws of shapes: whatever is done to values, the same thing done to their shapes foresees it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asl_engine.definition.reader import read_definition
from asl_engine.jsonvalue import put, size
from asl_engine.lint.flow.merging import merged
from asl_engine.lint.flow.shape import (
    ANYTHING,
    MAX_DEPTH,
    MAX_WEIGHT,
    NEVER,
    assume,
    fields_of,
    is_never,
    join,
    literal,
    member,
    widened,
    with_field,
)
from asl_engine.lint.flow.visit import Visit
from asl_engine.lint.flow.walk import flow_of
from asl_engine.states.table import STATE_TYPES
from tests.build import chain
from tests.lint.flow.containment import contains
from tests.strategies import json_values

Json = Any
keys = st.sampled_from(["a", "b", "c"])
objects = st.recursive(
    json_values, lambda inner: st.dictionaries(keys, inner, max_size=3) | st.lists(inner, max_size=3), max_leaves=8
)


@given(json_values)
def test_a_value_has_its_own_shape_and_size(value: Json) -> None:
    assert contains(literal(value), value)
    assert literal(value).least <= size(value)


@given(objects, objects, objects)
def test_a_join_holds_what_either_shape_holds(one: Json, other: Json, third: Json) -> None:
    both = join(literal(one), literal(other))
    for meet in (join(both, literal(third)), join(literal(third), both), widened(both, literal(third))):
        assert all(contains(meet, value) for value in (one, other, third))


def test_a_join_keeps_the_fields_in_the_order_in_which_they_came() -> None:
    one, other = (literal(dict.fromkeys(names, 1)) for names in ("cab", "zayxwvut"))
    fields = join(one, other).fields
    assert fields is not None
    assert "".join(fields.known) == "cabzyxwvut"


@given(objects, st.lists(keys, min_size=1, max_size=2))
def test_what_is_known_already_changes_nothing(value: Json, path: list[str]) -> None:
    once = assume(literal(value), path, True)
    assert assume(once, path, True) is once


@given(objects)
def test_a_join_with_nothing_changes_nothing(value: Json) -> None:
    assert join(literal(value), NEVER) == join(NEVER, literal(value)) == literal(value)
    assert join(literal(value), ANYTHING) is ANYTHING


@given(st.dictionaries(keys, objects, max_size=3), st.dictionaries(keys, objects, max_size=3), keys, objects)
def test_a_field_that_is_set_is_there(one: dict[str, Json], other: dict[str, Json], key: str, value: Json) -> None:
    shape = with_field(join(literal(one), literal(other)), key, literal(value))
    assert contains(shape, {**one, key: value})
    assert contains(shape, {**other, key: value})
    assert member(shape, key).always


@given(objects, objects, st.lists(keys, min_size=1, max_size=2))
def test_what_is_assumed_of_a_path_holds_of_the_values_with_it(one: Json, other: Json, path: list[str]) -> None:
    shape = join(literal(one), literal(other))
    for value in (one, other):
        assert contains(assume(shape, path, _finds(value, path)), value)


def _finds(value: Json, path: list[str]) -> bool:
    for key in path:
        if not isinstance(value, dict) or key not in value:
            return False
        value = value[key]
    return True


@given(objects, objects, objects, st.sampled_from(["$.a", "$.a.b", "$.b.c.a", "$.a[0]", "$.c[1].b"]))
def test_result_path_puts_shapes_as_it_puts_values(one: Json, other: Json, result: Json, path: str) -> None:
    machine, _ = read_definition(chain(S={"Type": "Pass"}), STATE_TYPES)
    assert machine is not None
    visit = Visit(machine.states["S"], join(literal(one), literal(other)), literal({}), token=False, item=False)
    shape = merged(visit, path, literal(result), "")
    parts = [int(part) if part.isdigit() else part for part in path[2:].replace("[", ".").replace("]", "").split(".")]
    for value in (one, other):
        try:
            filled = put(value, parts, result) if isinstance(value, dict) else None
        except (TypeError, IndexError):
            filled = None
        if filled is not None:
            assert visit.failures == 0
            assert contains(shape, filled)


def test_a_field_that_only_one_side_has_is_not_always_there() -> None:
    shape = join(literal({"a": 1}), literal({"b": 2}))
    assert (member(shape, "a").always, member(shape, "b").always) == (False, False)
    assert is_never(member(shape, "c").shape)


def test_shapes_stay_small_however_much_goes_into_them() -> None:
    shape = literal({"a": 1})
    for number in range(2 * MAX_WEIGHT):
        shape = fields_of(one=shape, other=with_field(shape, f"f{number}", shape))
        assert shape.weight <= MAX_WEIGHT
        assert shape.depth <= MAX_DEPTH


@pytest.mark.parametrize("grow", [{"a.$": "$"}, {"a.$": "$", "b.$": "$"}, {"a.$": "States.Array($, $.n)", "n": [1]}])
def test_a_loop_that_grows_comes_to_rest(grow: dict[str, Any]) -> None:
    definition = chain(
        A={"Type": "Pass", "Result": {"n": 0}},
        B={"Type": "Pass", "Parameters": grow},
        C={"Type": "Choice", "Choices": [{"Variable": "$.a", "IsPresent": True, "Next": "B"}], "Default": "E"},
        E={"Type": "Succeed"},
    )
    machine, _ = read_definition(definition, STATE_TYPES)
    assert machine is not None
    assert flow_of(machine).seen.keys() == {"A", "B", "C", "E"}
