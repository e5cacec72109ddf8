"""Assertions on an execution: what holds passes and gives the execution back; what does not says why."""

from __future__ import annotations

import re
from typing import Any
from unittest.mock import ANY

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asl_engine import Execution, StateMachine, TransitionLimitError
from asl_engine.execution.path import aligned, matches, written
from asl_engine.execution.visits import visits_of
from tests.build import catcher, chain, each, failing, giving, parallel, retrier, run, task

PASS = {"Type": "Pass"}
PARCELS = chain(Check=PASS, Pack=each(chain(Wrap=task(), Label=PASS)), Ship=PASS)
ORDER = chain(
    Validate=PASS,
    Charge=task("charge", Retry=[retrier("Busy", IntervalSeconds=1, BackoffRate=2, MaxAttempts=2)]),
    Ship=task("ship", Catch=[catcher("Refund")], End=True),
    Refund=PASS,
)


def parcels(count: int = 2) -> Execution:
    return run(PARCELS, list(range(count)), tasks={"work": lambda payload: payload})


def order(**tasks: Any) -> Execution:
    return run(ORDER, {"n": 1}, tasks={"charge": giving(1), "ship": giving(2), **tasks})


def refusal(call: Any, *arguments: Any, **named: Any) -> str:
    with pytest.raises(AssertionError) as caught:
        call(*arguments, **named)
    return str(caught.value)


# --- how it ended -----------------------------------------------------------------------------------------------------


def test_assertions_can_follow_one_another() -> None:
    order().assert_succeeded().assert_path("Validate", "Charge", "Ship").assert_went_through("Ship")


def test_an_output_is_compared_whole_and_may_hold_what_compares_itself() -> None:
    execution = run(chain(A=PASS), {"id": "x1", "n": 1})
    execution.assert_succeeded(output={"id": ANY, "n": 1})
    said = refusal(execution.assert_succeeded, output={"id": "x1", "n": 2})
    assert '  -  "n": 2\n  +  "n": 1' in said


@pytest.mark.parametrize("output, expected", [(1, True), (False, 0), ([1], [True]), ({"a": 0}, {"a": False}), (1, "1")])
def test_an_output_is_compared_as_json(output: Any, expected: Any) -> None:
    assert "another output" in refusal(run(chain(A=PASS), output).assert_succeeded, output=expected)
    run(chain(A=PASS), 1).assert_succeeded(output=1.0)
    run(chain(A=PASS), [1]).assert_succeeded(output=(1,))


def test_null_is_an_output_to_be_compared() -> None:
    assert "-null\n  +1" in refusal(run(chain(A=PASS), 1).assert_succeeded, output=None)


def test_a_failure_says_path_state_input_retries_error_and_cause() -> None:
    said = refusal(order(charge=failing("Busy", "no one there")).assert_succeeded)
    assert said.splitlines() == [
        "the execution was to succeed",
        "StateMachine FAILED in Charge after 3 s",
        "  path    Validate -> Charge (3 attempts, broke here)",
        "  state   Charge (Task, 3 attempts, retried after 1 s, 2 s)",
        '  input   {"n": 1}',
        "  earlier 2 x Busy",
        "  error   Busy",
        "  cause   no one there",
    ]


def test_error_and_cause_are_whole_texts_or_patterns() -> None:
    execution = order(charge=failing("Card.Declined", "card 4711 was declined"))
    execution.assert_failed()
    execution.assert_failed("Card.Declined", cause="card 4711 was declined")
    execution.assert_failed(re.compile(r"^Card\."), re.compile(r"card \d+"))
    assert "expected  'Card'\n  got       'Card.Declined'" in refusal(execution.assert_failed, "Card")
    assert "a match of /dead/" in refusal(execution.assert_failed, "Card.Declined", re.compile("dead"))
    assert "was to end FAILED with 'Busy'\n  output   2" in refusal(order().assert_failed, "Busy")


def test_a_machine_that_times_out_says_where_it_stood() -> None:
    machine = {"TimeoutSeconds": 5, **chain(Long={"Type": "Wait", "Seconds": 60})}
    execution = run(machine).assert_timed_out()
    assert "TIMED_OUT in Long after 5 s" in refusal(execution.assert_succeeded)
    assert "was to end ABORTED" in refusal(execution.assert_aborted)


def test_an_execution_that_was_stopped_is_aborted() -> None:
    from asl_engine.execution.replies import StopExecution

    execution = StateMachine.from_json(chain(Long={"Type": "Wait", "Seconds": 60})).start()
    execution.start(0)
    assert "RUNNING waiting in Long" in refusal(execution.assert_succeeded)
    execution.receive(StopExecution("Enough", "for today"), 1000)
    execution.assert_aborted("Enough", re.compile("today"))


def test_what_broke_inside_a_map_is_told_with_its_item() -> None:
    execution = run(PARCELS, [1, 2], tasks={"work": lambda n: giving(n)(n) if n == 1 else failing("Torn")(n)})
    said = refusal(execution.assert_succeeded)
    assert "StateMachine FAILED in Wrap after 0 s" in said
    assert "path    Check -> Pack [Wrap -> Label | Wrap (broke here)]" in said
    assert "state   Wrap (Task, in item 1 of Pack)" in said
    assert "input   2" in said


def test_the_first_child_execution_that_failed_is_told() -> None:
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **chain(Wrap=task())}
    execution = run(chain(Pack=each(processor)), [7], tasks={"work": failing("Torn", "at the edge")})
    said = refusal(execution.assert_succeeded)
    assert "  child   the first of 1 that failed, in Wrap: Torn: at the edge\n          its input 7\n" in said


def test_states_that_stand_open_are_told() -> None:
    waiting = {name: {"Type": "Wait", "Seconds": 60} for name in "AB"}
    both = parallel(chain(A=waiting["A"]), chain(B=waiting["B"]))
    said = refusal(run({"TimeoutSeconds": 5, **chain(Both=both)}).assert_succeeded)
    assert "TIMED_OUT in A, B after 5 s\n  path    Both [A (open) | B (open)]\n" in said


def test_a_large_input_is_cut() -> None:
    execution = run(chain(S=task()), {"text": "x" * 9000}, tasks={"work": failing("Busy")})
    said = refusal(execution.assert_succeeded)
    assert "(7512 more" in said
    assert max(map(len, said.splitlines())) <= 110


def test_the_middle_of_a_long_path_is_left_out() -> None:
    choice = {"Type": "Choice", "Choices": [{"Variable": "$.done", "IsPresent": True, "Next": "C"}], "Default": "A"}
    machine = StateMachine.from_json(chain(A={"Type": "Pass", "Next": "B"}, B=choice, C={"Type": "Succeed"}))
    execution = machine.start({}, max_transitions=500)
    with pytest.raises(TransitionLimitError):
        execution.start(0)
    said = refusal(execution.assert_succeeded)
    assert "(440 more)" in said


# --- which way --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        ["Check", "Pack", "Ship"],
        ["Check", ..., "Ship"],
        [...],
        [..., "Pack", ..., "Ship", ...],
        ["Check", "Pack", ["Wrap", "Label"], "Ship"],
        ["Check", "Pack", [["Wrap", "Label"], ["Wrap", ...]], "Ship"],
        ["Check", "Pack", [..., ["Wrap", "Label"]], "Ship"],
        ["Check", "Pack", "Wrap", "Wrap", "Label", "Label", "Ship"],
        ["Check", ..., "Label", ...],
    ],
)
def test_a_path_that_was_taken(path: list[Any]) -> None:
    parcels().assert_path(*path)


@pytest.mark.parametrize(
    "path",
    [
        [],
        ["Check", "Pack"],
        ["Pack", "Ship"],
        [..., "Ship", "Check", ...],
        ["Check", "Pack", ["Wrap"], "Ship"],
        ["Check", "Pack", [["Wrap", "Label"]], "Ship"],
        ["Check", "Pack", [], "Ship"],
        ["Check", "Pack", "Wrap", "Ship"],
    ],
)
def test_a_path_that_was_not_taken(path: list[Any]) -> None:
    refusal(parcels().assert_path, *path)


def test_a_map_without_items_has_an_empty_list() -> None:
    parcels(0).assert_path("Check", "Pack", [], "Ship")


def test_the_path_itself_can_be_given_as_one_list() -> None:
    execution = parcels()
    execution.assert_path(*execution.path).assert_path(execution.path)


def test_two_paths_are_shown_side_by_side() -> None:
    said = refusal(order(ship=failing("Lost")).assert_path, "Validate", "Charge", "Ship", "Bill")
    assert said.splitlines()[:7] == [
        "the execution was to take another path",
        "    expected  got",
        "    Validate  Validate",
        "    Charge    Charge",
        "    Ship      Ship",
        "  - Bill",
        "  +           Refund",
    ]
    assert "the machine has no state 'Bill'" in said


def test_branches_stand_in_their_order() -> None:
    both = chain(Both=parallel(chain(A=PASS, B=PASS), chain(C=PASS)), Z=PASS)
    run(both).assert_path("Both", [["A", "B"], ["C"]], "Z")
    assert "Both [[C], [A, B]]" in refusal(run(both).assert_path, "Both", [["C"], ["A", "B"]], "Z")


def test_a_retried_map_is_judged_by_its_last_attempt() -> None:
    left = iter([failing("Torn"), giving(1)])
    machine = chain(Pack=each(chain(Wrap=task(), Label=PASS), Retry=[retrier("Torn")]))
    run(machine, [1], tasks={"work": lambda payload: next(left)(payload)}).assert_path("Pack", ["Wrap", "Label"])


def test_what_is_no_path_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="a path has state names"):
        parcels().assert_path("Check", 3)  # type: ignore[arg-type]


def test_going_through_keeps_the_order() -> None:
    execution = order()
    assert execution.went_through("Validate", "Ship")
    assert not execution.went_through("Ship", "Validate")
    assert "in another order" in refusal(execution.assert_went_through, "Ship", "Validate")
    assert "never entered Refund" in refusal(execution.assert_went_through, "Validate", "Refund")
    assert "was not to enter Ship" in refusal(execution.assert_not_entered, "Refund", "Ship")
    execution.assert_not_entered("Refund")


def test_an_assertion_about_a_state_that_does_not_exist_is_a_mistake() -> None:
    with pytest.raises(LookupError, match="no state 'Refnud'; did you mean 'Refund'"):
        order().assert_not_entered("Refnud")


def test_states_of_child_executions_are_not_on_the_path() -> None:
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **chain(Wrap=PASS)}
    execution = run(chain(Pack=each(processor)), [1])
    with pytest.raises(LookupError, match="child executions of the distributed Map 'Pack'"):
        execution.assert_not_entered("Wrap")


STEPS = st.lists(st.sampled_from("AB"), max_size=6)


@given(STEPS, st.lists(st.sampled_from(["A", "B", ...]), max_size=6))
def test_an_alignment_stands_alone_nowhere_just_where_the_path_matches(items: list[str], pattern: list[Any]) -> None:
    rows = aligned(pattern, items, str.__eq__)
    alone = [row for row in rows if row.expected is None or row.got is None]
    assert (not alone) == matches(pattern, items, str.__eq__)
    assert [row.got for row in rows if row.got is not None] == items
    assert [row.expected for row in rows if isinstance(row.expected, str)] == [x for x in pattern if x is not ...]


@given(st.integers(0, 4))
def test_a_path_as_written_is_the_path_taken(count: int) -> None:
    execution = parcels(count)
    execution.assert_path(*written(visits_of(execution.records).main))


# --- what is known of a state -----------------------------------------------------------------------------------------


def test_a_state_tells_its_retries_and_its_seconds() -> None:
    state = order(charge=failing("Busy")).state("Charge")
    assert (state.attempts, state.retries, state.delays, state.waited) == (3, 2, [1, 2], 3)
    waited = run(chain(W={"Type": "Wait", "Seconds": 60})).state("W")
    assert (waited.waited, waited.durations, waited.retries) == (60, [60], 0)


def test_inputs_and_outputs_of_a_state_stand_in_the_order_of_its_visits() -> None:
    state = parcels(3).state("Wrap")
    assert (state.inputs, state.outputs, state.visits) == ([0, 1, 2], [0, 1, 2], 3)


def test_an_expression_that_failed_is_an_error_of_its_state() -> None:
    broken = {"Type": "Pass", "Output": "{% $error('no') %}", "QueryLanguage": "JSONata"}
    [error] = run(chain(A=PASS, S=broken)).state("S").errors
    assert error.error == "States.QueryEvaluationError"
