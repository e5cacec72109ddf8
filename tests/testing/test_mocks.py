"""Mocks: what they answer, call by call, and where a call that has no answer ends."""

from __future__ import annotations

import asyncio
import itertools
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest.mock import ANY

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asl_engine import PENDING, IntegrationResult, StateMachine, TaskError, UnservedTaskError
from asl_engine.testing import (
    ALWAYS,
    Calls,
    LeavesOpen,
    MockError,
    Mocks,
    Raises,
    Returns,
    ReturnsPayload,
    TimesOut,
)
from tests.build import catcher, chain, each, function, parallel, retrier, run, run_state, task

INVOKE = "arn:aws:states:::lambda:invoke"
ANSWER = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"


def invoke(**fields: Any) -> dict[str, Any]:
    payload = {"FunctionName": "charge", "Payload.$": "$"}
    return {"Type": "Task", "Resource": INVOKE, "Parameters": payload, **fields}


def each_item(**fields: Any) -> dict[str, Any]:
    return each(chain(Work=task("work")), **fields)


DISTRIBUTED = {**chain(Work=task("work")), "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}


# --- what is answered -------------------------------------------------------------------------------------------------


def test_a_mock_returns_its_value() -> None:
    mocks = Mocks()
    mocks("S").returns({"paid": True})
    assert run_state(task(), tasks=mocks).output == {"paid": True}


def test_what_a_mock_returns_is_the_raw_result_of_an_integration() -> None:
    assert run_state(invoke(), tasks=Mocks({"S": Returns({"Payload": 1})})).output == {"Payload": 1}


def test_a_payload_is_put_where_lambda_invoke_has_it() -> None:
    output = run_state(invoke(), tasks=Mocks({"S": ReturnsPayload(1)})).output
    assert (output["Payload"], output["StatusCode"]) == (1, 200)


def test_a_payload_is_the_result_of_a_function_called_by_its_arn() -> None:
    assert run_state(task(), tasks=Mocks({"S": ReturnsPayload(1)})).output == 1


def test_an_error_has_the_name_and_the_cause_given() -> None:
    execution = run_state(task(), tasks=Mocks({"S": Raises("Busy", "later")}))
    assert (execution.error, execution.cause) == ("Busy", "later")


def test_an_exception_fails_as_in_lambda() -> None:
    execution = run_state(task(), tasks=Mocks({"S": ValueError("bad")}))
    assert (execution.error, json.loads(execution.cause or "")["errorMessage"]) == ("ValueError", "bad")


def test_a_task_error_is_raised_as_it_is() -> None:
    execution = run_state(task(), tasks=Mocks({"S": TaskError("Busy", "later")}))
    assert (execution.error, execution.cause) == ("Busy", "later")


def test_a_function_gets_what_a_tasks_callable_gets() -> None:
    mocks = Mocks()
    mocks("S").calls(lambda payload, context: [payload, context.attempt])
    assert run_state(invoke(), {"n": 1}, tasks=mocks).output["Payload"] == [{"n": 1}, 1]


def test_a_callable_in_a_table_is_called_every_time() -> None:
    counter = itertools.count()
    assert run_state(each_item(), [0, 0, 0], tasks=Mocks({"Work": lambda n: next(counter)})).output == [0, 1, 2]


def test_a_task_left_open_waits_for_its_token() -> None:
    mocks = Mocks({"S": LeavesOpen()})
    state = {"Type": "Task", "Resource": ANSWER, "Parameters": {"MessageBody.$": "$$.Task.Token"}}
    execution = run_state(state, tasks=mocks, until_pending=True)
    (token,) = execution.pending_tokens
    execution.send_task_success(token, {"yes": True})
    assert (execution.output, mocks["S"].last_call.outcome) == ({"yes": True}, "left open")


def test_a_task_that_times_out_fails_when_its_time_is_over() -> None:
    execution = run_state(task(TimeoutSeconds=7), tasks=Mocks({"S": TimesOut()}))
    assert (execution.error, execution.elapsed) == ("States.Timeout", 7)


def test_a_silent_task_fails_when_its_heartbeat_is_missed() -> None:
    state = {"Type": "Task", "Resource": ANSWER, "Parameters": {"t.$": "$$.Task.Token"}, "HeartbeatSeconds": 5}
    execution = run_state(state, tasks=Mocks({"S": TimesOut()}))
    assert (execution.error, execution.elapsed) == ("States.Timeout", 5)


def test_an_answer_may_take_its_time() -> None:
    assert run_state(task(), tasks=Mocks({"S": Returns(1, after=12)})).elapsed == 12


def test_answers_come_one_after_the_other() -> None:
    mocks = Mocks()
    mocks("S").raises("Busy", times=2).then_returns(1)
    execution = run_state(task(Retry=[retrier("Busy", MaxAttempts=5)]), tasks=mocks)
    assert (execution.output, execution.elapsed, mocks["S"].call_count) == (1, 3, 3)


def test_every_answer_has_a_word_and_another_to_add_it() -> None:
    answers = Mocks()("Pay")
    answers.returns(1, times=2).then_returns_payload(2).then_raises("Busy", "why", after=1).then_calls(len, times=1)
    answers.then_leaves_open().then_times_out(times=3).then_returns(3)
    assert answers.given == (
        *(Returns(1, 2), ReturnsPayload(2), Raises("Busy", "why", 1, 1), Calls(len, 1)),
        *(LeavesOpen(), TimesOut(3), Returns(3)),
    )
    assert answers.returns_payload(4, after=2).given == (ReturnsPayload(4, 1, 2),)
    assert answers.raises("Busy", times=2).given == (Raises("Busy", None, 2),)
    assert answers.calls(len).given == (Calls(len, ALWAYS),)
    assert answers.leaves_open(times=2).given == (LeavesOpen(2),)
    assert answers.times_out().given == (TimesOut(),)


def test_said_again_answers_begin_anew() -> None:
    mocks = Mocks({"S": [Raises("Busy"), Returns(1)]})
    mocks("S").returns(2)
    assert run_state(task(), tasks=mocks).output == 2


def test_an_answer_may_be_for_every_call() -> None:
    assert run_state(each_item(), [0] * 50, tasks=Mocks({"Work": Returns(1, times=ALWAYS)})).output == [1] * 50


@pytest.mark.parametrize("name", ["S", function("charge"), "charge"])
def test_a_mock_has_any_name_that_would_serve_the_task(name: str) -> None:
    assert run_state(task("charge"), tasks=Mocks({name: Returns(1)})).output == 1


def test_the_state_s_name_wins_over_the_function_s() -> None:
    assert run_state(task("charge"), tasks=Mocks({"charge": Returns(1), "S": Returns(2)})).output == 2


def test_a_function_chosen_by_the_input_is_mocked_by_its_name() -> None:
    state = {"Type": "Task", "Resource": INVOKE, "Parameters": {"FunctionName.$": "$.f", "Payload": 1}}
    assert run_state(state, {"f": "late"}, tasks=Mocks({"late": Returns(7)})).output == 7


def test_states_that_are_not_mocked_run_for_real() -> None:
    definition = chain(A=task("a"), B=task("b"))
    assert run(definition, 1, tasks=Mocks({"A": Returns(20)}, otherwise={"b": lambda n: n + 1})).output == 21


def test_a_mock_of_a_function_wins_over_the_real_one_of_a_state() -> None:
    assert run_state(task("charge"), tasks=Mocks({"charge": Returns(1)}, otherwise={"S": lambda n: 2})).output == 1


def test_mocks_may_stand_behind_mocks() -> None:
    definition = chain(A=task("a"), B=task("b"))
    assert run(definition, tasks=Mocks({"B": Returns(2)}, otherwise=Mocks({"A": Returns(1)}))).output == 2


def test_a_state_that_nothing_serves_is_told_before_anything_runs() -> None:
    with pytest.raises(UnservedTaskError, match="Task state 'B'"):
        run(chain(A=task("a"), B=task("b")), tasks=Mocks({"A": Returns(1)}))


def test_an_activity_can_be_mocked() -> None:
    state = {"Type": "Task", "Resource": "arn:aws:states:eu-west-1:123456789012:activity:pick"}
    assert run_state(state, tasks=Mocks({"S": Returns("picked")})).output == "picked"


def test_tasks_of_a_nested_machine_can_be_mocked() -> None:
    inner = StateMachine.from_json(chain(Deep=task()), name="inner")
    start = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {"StateMachineArn": "inner", "Input": {}},
        "OutputPath": "$.Output",
    }
    outer = StateMachine.from_json(chain(Outer=start))
    assert outer.run(tasks=Mocks({"Deep": Returns("found")}), machines={"inner": inner}).output == "found"


# --- matching inputs --------------------------------------------------------------------------------------------------


def test_an_answer_may_depend_on_a_part_of_the_input() -> None:
    mocks = Mocks()
    mocks("Work").when({"id": 2}).returns("two", times=2).otherwise.returns("other", times=ALWAYS)
    items = [{"id": 1}, {"id": 2, "more": 0}, {"id": 3}, {"id": 2}]
    assert run_state(each_item(), items, tasks=mocks).output == ["other", "two", "other", "two"]


def test_an_answer_may_depend_on_what_a_callable_says() -> None:
    mocks = Mocks()
    mocks("Work").when(lambda n: n > 1).returns("big", times=2).when(0).returns("none")
    assert run_state(each_item(), [0, 2, 3], tasks=mocks).output == ["none", "big", "big"]


def test_each_matcher_counts_for_itself() -> None:
    mocks = Mocks()
    mocks("Work").when("a").returns(1).then_returns(2).when("b").returns(3).then_returns(4)
    assert run_state(each_item(), ["a", "b", "a", "b"], tasks=mocks).output == [1, 3, 2, 4]


def test_the_first_matcher_that_matches_decides() -> None:
    mocks = Mocks()
    mocks("S").when({}).returns("any object").when({"id": 1}).returns("never")
    assert run_state(task(), {"id": 1}, tasks=mocks).output == "any object"


def test_a_matcher_that_is_equal_to_everything_is_one_of_its_own() -> None:
    mocks = Mocks()
    mocks("S").when({"n": 1}).returns("one", times=ALWAYS).when(ANY).returns("any", times=ALWAYS)
    assert [run_state(task(), {"n": n}, tasks=mocks).output for n in (1, 2)] == ["one", "any"]
    mocks("S").when(ANY).returns("again")
    assert run_state(task(), {"n": 2}, tasks=mocks).output == "again"


def test_the_input_of_lambda_invoke_is_its_payload() -> None:
    mocks = Mocks()
    mocks("S").when({"id": 1}).returns("matched")
    assert run_state(invoke(), {"id": 1}, tasks=mocks).output == "matched"


def test_an_input_that_nothing_matches_is_told() -> None:
    mocks = Mocks()
    mocks("S").when({"id": 1}).returns(1)
    with pytest.raises(MockError, match=r"'S' has no answer for .*\{\"id\":2\}: it answers only when \{\"id\":1\}"):
        run_state(task(), {"id": 2}, tasks=mocks)


def test_a_matcher_that_fails_fails_the_test() -> None:
    mocks = Mocks()
    mocks("S").when(lambda payload: payload["id"]).returns(1)
    with pytest.raises(MockError, match="a matcher of the mock 'S' raised KeyError: 'id'"):
        run_state(task(Catch=[catcher("S", "States.ALL")]), tasks=mocks, max_transitions=3)


# --- counting ---------------------------------------------------------------------------------------------------------


def test_past_its_last_answer_a_mock_fails_the_test_and_no_catch_sees_it() -> None:
    definition = chain(S=task(Retry=[retrier("States.ALL")], Catch=[catcher("End")]), End={"Type": "Succeed"})
    with pytest.raises(
        MockError, match=r"the mock 'S' has 1 answer, and this is call 2 of it, made by the state 'S', at"
    ):
        run(definition, tasks=Mocks({"S": Raises("Busy")}))


def test_every_run_counts_anew() -> None:
    machine = StateMachine.from_json(chain(S=task()))
    mocks = Mocks({"S": Returns(1)})
    assert [machine.run(tasks=mocks).output for _ in range(3)] == [1, 1, 1]


def test_a_loop_goes_on_counting() -> None:
    rule = {"Variable": "$", "NumericLessThan": 2, "Next": "S"}
    again = {"Type": "Choice", "Choices": [rule], "Default": "End"}
    definition = chain(S=task(Next="Again"), Again=again, End={"Type": "Succeed"})
    execution = run(definition, tasks=Mocks({"S": [Returns(0), Returns(1), Returns(2)]}))
    assert (execution.output, execution.state("S").visits) == (2, 3)


@pytest.mark.parametrize("processor", [chain(Work=task("work")), DISTRIBUTED], ids=["inline", "distributed"])
def test_map_items_are_answered_in_their_order(processor: dict[str, Any]) -> None:
    mocks = Mocks({"Work": [Returns(n) for n in range(4)]})
    assert run_state(each(processor), ["a", "b", "c", "d"], tasks=mocks).output == [0, 1, 2, 3]


def test_two_states_of_one_function_share_its_counter() -> None:
    definition = parallel(chain(A=task("f")), chain(B=task("f")))
    assert run_state(definition, tasks=Mocks({"f": [Returns(1), Returns(2)]})).output == [1, 2]


@given(st.lists(st.integers(1, 4), min_size=1, max_size=6))
def test_times_is_as_good_as_saying_it_so_often(times: list[int]) -> None:
    short = Mocks({"Work": [Returns(index, times=count) for index, count in enumerate(times)]})
    long = Mocks({"Work": [Returns(index) for index, count in enumerate(times) for _ in range(count)]})
    items = [0] * sum(times)
    assert run_state(each_item(), items, tasks=short).output == run_state(each_item(), items, tasks=long).output


# --- at once ----------------------------------------------------------------------------------------------------------


def test_on_threads_answers_are_given_in_the_order_of_asking() -> None:
    mocks = Mocks({"Work": [Returns(n) for n in range(40)]})
    machine = StateMachine.from_json(chain(S=each_item()))
    with ThreadPoolExecutor(8) as executor:
        assert machine.run([0] * 40, tasks=mocks, executor=executor).output == list(range(40))
    assert [call.number for call in mocks["Work"].calls] == list(range(40))


def test_past_the_end_is_told_on_threads_too() -> None:
    with pytest.raises(MockError, match="call 2 of it"):
        run_state(each_item(), [0, 0], tasks=Mocks({"Work": Returns(1)}), executor=2)


def test_past_the_end_is_told_on_an_event_loop_too() -> None:
    machine = StateMachine.from_json(chain(S=each_item()))
    with pytest.raises(MockError, match="call 2 of it"):
        asyncio.run(machine.arun([0, 0], tasks=Mocks({"Work": Returns(1)})))


def test_coroutine_functions_are_awaited_on_an_event_loop() -> None:
    async def double(n: int) -> int:
        await asyncio.sleep(0)
        return 2 * n

    machine = StateMachine.from_json(chain(S=each_item()))
    mocks = Mocks({"Work": double})
    assert asyncio.run(machine.arun([1, 2], tasks=mocks)).output == [2, 4]
    assert [call.result for call in mocks["Work"].calls] == [2, 4]


def test_an_assertion_that_fails_in_a_coroutine_fails_the_test() -> None:
    async def check(n: int) -> int:
        assert n > 5, "too small"
        return n

    machine = StateMachine.from_json(chain(S=each_item()))
    with pytest.raises(MockError, match="too small"):
        asyncio.run(machine.arun([1, 2], tasks=Mocks({"Work": check})))


def test_coroutine_functions_are_refused_where_nobody_awaits_them() -> None:
    async def never(n: int) -> int:
        raise AssertionError

    with pytest.raises(TypeError, match="which `arun` awaits"):
        run_state(task(), tasks=Mocks({"S": never}))


def test_runs_at_once_do_not_count_for_each_other() -> None:
    machine = StateMachine.from_json(chain(S=each_item()))
    mocks = Mocks({"Work": [Returns(n) for n in range(20)]})
    with ThreadPoolExecutor(4) as executor:
        runs = [executor.submit(machine.run, [0] * 20, tasks=mocks) for _ in range(12)]
    assert [done.result().output for done in runs] == [list(range(20))] * 12
    assert mocks["Work"].call_count == 12 * 20


def test_a_matcher_may_run_a_machine_with_the_same_mocks() -> None:
    machine = StateMachine.from_json(chain(S=task()))
    mocks = Mocks()
    mocks("S").when(lambda n: n > 0 and machine.run(n - 1, tasks=mocks).output == "inner").returns("outer")
    mocks("S").otherwise.returns("inner")
    assert machine.run(1, tasks=mocks).output == "outer"


# --- what the test did wrong ------------------------------------------------------------------------------------------


def test_an_assertion_that_fails_in_a_mock_s_function_fails_the_test() -> None:
    def check(payload: Any) -> None:
        assert payload == {"id": 1}, "wrong id"

    with pytest.raises(MockError, match="in the mock 'S', called by the state 'S': wrong id") as caught:
        run_state(task(Catch=[catcher("S")]), {"id": 2}, tasks=Mocks({"S": check}), max_transitions=3)
    assert isinstance(caught.value.__cause__, AssertionError)


def test_a_name_that_no_task_has_is_told_with_the_nearest() -> None:
    with pytest.raises(MockError, match=r"'Chrage' stands for no task of .*; did you mean 'Charge'"):
        run(chain(Charge=task()), tasks=Mocks({"Chrage": Returns(1)}))


def test_a_state_that_is_no_task_cannot_be_mocked() -> None:
    with pytest.raises(MockError, match="'Hold' is a Wait state"):
        run(chain(Hold={"Type": "Wait", "Seconds": 1}, S=task()), tasks=Mocks({"Hold": Returns(1), "S": Returns(1)}))


def test_a_mock_without_answers_is_told_before_anything_runs() -> None:
    mocks = Mocks()
    mocks("S")
    with pytest.raises(MockError, match="the mock 'S' has no answers"):
        run_state(task(), tasks=mocks)


@pytest.mark.parametrize("times", [0, -1, 1.5, True, "2"])
def test_times_is_a_whole_number_of_calls(times: Any) -> None:
    with pytest.raises(ValueError, match="times must be a whole number"):
        Returns(1, times=times)


@pytest.mark.parametrize("after", [-1, float("nan"), float("inf"), True, "2"])
def test_after_is_a_number_of_seconds(after: Any) -> None:
    with pytest.raises(ValueError, match="after must be a number of seconds"):
        Returns(1, after=after)


def test_what_is_returned_must_be_json() -> None:
    with pytest.raises(ValueError, match="must be a JSON value: /a is not a JSON value but set"):
        Mocks()("S").returns({"a": {1, 2}})


def test_a_plain_value_in_a_table_is_not_taken_for_a_result() -> None:
    with pytest.raises(TypeError, match=r"'S' cannot answer with 1: say Returns\(...\)"):
        Mocks({"S": 1})  # type: ignore[dict-item]


def test_an_exception_class_is_not_taken_for_a_callable() -> None:
    with pytest.raises(TypeError, match="cannot answer with <class 'ValueError'>"):
        Mocks({"S": ValueError})


@pytest.mark.parametrize("function", [lambda: 1, lambda payload, context, more: 1])
def test_a_function_that_no_task_could_call_is_refused(function: Any) -> None:
    with pytest.raises(TypeError, match="cannot be called so"):
        Mocks()("S").calls(function)


def test_a_builtin_that_does_not_say_what_it_takes_is_taken() -> None:
    assert run_state(task(), {"a": 1}, tasks=Mocks({"S": Calls(dict)})).output == {"a": 1}


def test_what_follows_an_answer_for_every_call_is_refused() -> None:
    with pytest.raises(ValueError, match="answers every call"):
        Mocks()("S").returns(1, times=ALWAYS).then_returns(2)


def test_an_error_name_must_be_a_string() -> None:
    with pytest.raises(TypeError, match="error must be a string"):
        Raises(7)  # type: ignore[arg-type]


# --- calls ------------------------------------------------------------------------------------------------------------


def mocks_after(items: list[Any], **answers: Any) -> Mocks:
    mocks = Mocks(answers)
    run_state(each_item(Retry=[retrier("Busy")]), items, tasks=mocks)
    return mocks


def test_a_call_tells_what_it_was_and_how_it_ended() -> None:
    mocks = Mocks({"S": [Raises("Busy", "later"), Returns({"Payload": 1})]})
    run_state(invoke(Retry=[retrier("Busy")]), {"n": 1}, tasks=mocks)
    first, second = mocks["S"].calls
    assert (first.number, first.attempt, first.outcome, first.error, first.cause) == (0, 1, "raised", "Busy", "later")
    assert (second.number, second.attempt, second.outcome, second.result) == (1, 2, "returned", {"Payload": 1})
    assert (second.input, second.parameters) == ({"n": 1}, {"FunctionName": "charge", "Payload": {"n": 1}})


def test_a_call_tells_its_map_item() -> None:
    assert [call.scope for call in mocks_after([7, 8], Work=lambda n: n)["Work"].calls] == [
        (("Map", "S", 0),),
        (("Map", "S", 1),),
    ]


def test_a_call_keeps_its_input_as_it_was() -> None:
    mocks = Mocks({"S": lambda payload: payload.clear()})
    run_state(task(), {"n": 1}, tasks=mocks)
    assert mocks["S"].inputs == [{"n": 1}]


def test_assertions_that_hold_say_nothing() -> None:
    mock = mocks_after([1, 2, 3], Work=lambda n: n)["Work"]
    mock.assert_called()
    mock.assert_called_times(3)
    mock.assert_called_with(3)
    mock.assert_any_call(2)
    mock.assert_has_calls([1, 2])
    mock.assert_has_calls([3, 1], any_order=True)
    once = mocks_after([{"id": 1}], Work=lambda n: n)["Work"]
    once.assert_called_once()
    once.assert_called_once_with({"id": 1})
    Mocks().assert_all_called()


@pytest.mark.parametrize(
    "assertion, message",
    [
        (
            lambda mock: mock.assert_not_called(),
            "expected the mock 'Work' not to have been called\nit was called 2 times",
        ),
        (lambda mock: mock.assert_called_once(), "to have been called once"),
        (lambda mock: mock.assert_called_once_with({"id": 2}), "to have been called once"),
        (lambda mock: mock.assert_called_with({"id": 3}), "\n  /id: expected 3, got 2\n"),
        (lambda mock: mock.assert_called_with({"name": 3}), "\n  /name: expected 3, but it is not there"),
        (lambda mock: mock.assert_any_call({"id": True}), 'to have been called with {"id":true}'),
        (lambda mock: mock.assert_has_calls([{"id": 2}, {"id": 1}]), "one after the other"),
        (lambda mock: mock.assert_has_calls([{"id": 2}, {"id": 2}], any_order=True), "in any order"),
    ],
)
def test_an_assertion_that_fails_tells_what_was_expected_and_every_call(assertion: Any, message: str) -> None:
    mock = mocks_after([{"id": 1}, {"id": 2}], Work=lambda n: n)["Work"]
    with pytest.raises(AssertionError) as caught:
        assertion(mock)
    assert message in str(caught.value)
    assert "<Call 1 of 'Work' with {\"id\":2}: returned>" in str(caught.value)


def test_a_mock_that_was_never_called_is_told() -> None:
    mocks = Mocks({"A": Returns(1), "B": Returns(1)})
    stop = {"Type": "Succeed"}
    run({"StartAt": "A", "States": {"A": task(Next="Stop"), "Stop": stop}}, tasks=Mocks({"A": Returns(1)}))
    with pytest.raises(AssertionError, match="never called: 'A', 'B'"):
        mocks.assert_all_called()
    with pytest.raises(AssertionError, match="it was called never"):
        mocks["A"].assert_called()


def test_calls_add_up_until_they_are_reset() -> None:
    mocks = Mocks({"S": Returns(1)})
    for _ in range(2):
        run_state(task(), tasks=mocks)
    assert mocks["S"].call_count == 2
    mocks.reset_calls()
    mocks["S"].assert_not_called()


def test_asking_for_a_mock_that_is_not_there_tells_the_nearest() -> None:
    with pytest.raises(KeyError, match="no mock 'Chrage'; did you mean 'Charge'"):
        Mocks({"Charge": Returns(1)})["Chrage"]


def test_anything_may_stand_in_an_expected_input() -> None:
    mocks_after([{"id": 1, "at": "now"}], Work=lambda n: n)["Work"].assert_called_once_with({"id": 1, "at": ANY})


def test_what_a_function_gives_is_what_its_call_tells() -> None:
    mocks = Mocks({"A": Calls(lambda n: IntegrationResult(1), times=1)})
    run(chain(A=task()), tasks=mocks)
    assert mocks["A"].last_call.result == 1


def test_a_function_may_leave_its_task_open() -> None:
    state = {"Type": "Task", "Resource": ANSWER, "Parameters": {"t.$": "$$.Task.Token"}}
    assert run_state(state, tasks=Mocks({"S": lambda payload: PENDING}), until_pending=True).status == "RUNNING"
