"""Retry and Catch: which errors they match, when a task is tried again, and what a catcher hands on."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asl_engine import Execution, StateMachine, TaskContext, TaskError
from tests.build import catcher, chain, details, each, events, failing, in_turn, parallel, retrier, run, run_state, task

SUCCEED = {"Type": "Succeed"}


def caught(execution: Execution) -> bool:
    return execution.path[-1] == "Caught"


def catching(error_equals: list[str], **fields: Any) -> dict[str, Any]:
    """S with a catcher for these errors, that leads to Caught."""
    state = task(Catch=[catcher("Caught", *error_equals)], Next="Done") | fields
    return chain(S=state, Done=SUCCEED, Caught=SUCCEED)


def delays(definition: dict[str, Any], **options: Any) -> list[float]:
    """The seconds between the attempts of the Task S."""
    starts: list[int] = []

    def work(payload: Any, context: TaskContext) -> Any:
        starts.append(context.now)
        raise TaskError("Busy", None)

    run(definition, tasks={"S": work}, **options)
    return [(later - earlier) / 1000 for earlier, later in itertools.pairwise(starts)]


# --- which errors match -----------------------------------------------------------------------------------------------

MATCHES = [
    ("Mine", ["Mine"], True),
    ("Mine", ["Other", "Mine"], True),
    ("Mine", ["mine"], False),
    ("Mine", ["Min"], False),
    ("Mine", ["States.ALL"], True),
    ("Mine", ["States.TaskFailed"], True),
    ("Mine", ["States.Timeout"], False),
    ("States.Timeout", ["States.Timeout"], True),
    ("States.Timeout", ["States.ALL"], True),
    ("States.Timeout", ["States.TaskFailed"], False),
    ("States.TaskFailed", ["States.TaskFailed"], True),
    ("States.Permissions", ["States.TaskFailed"], True),
    ("States.Runtime", ["States.Runtime"], False),
    ("States.Runtime", ["States.ALL"], False),
    ("States.Runtime", ["States.TaskFailed"], False),
    ("States.DataLimitExceeded", ["States.DataLimitExceeded"], True),
    ("Lambda.TooManyRequestsException", ["States.ALL"], True),
]


@pytest.mark.parametrize("error, error_equals, expected", MATCHES)
def test_a_catcher_matches_an_error(error: str, error_equals: list[str], expected: bool) -> None:
    execution = run(catching(error_equals), tasks={"work": failing(error)})
    assert caught(execution) is expected
    assert execution.error == (None if expected else error)


@pytest.mark.parametrize("error, error_equals, expected", MATCHES)
def test_a_retrier_matches_the_same_errors(error: str, error_equals: list[str], expected: bool) -> None:
    state = task(Retry=[retrier(*error_equals)])
    execution = run_state(state, tasks={"work": in_turn(TaskError(error), "well")})
    assert (execution.status == "SUCCEEDED") is expected


@pytest.mark.parametrize("error_equals", [["States.ALL"], ["States.Runtime"], ["States.TaskFailed"]])
def test_an_expression_that_fails_is_never_caught(error_equals: list[str]) -> None:
    execution = run(catching(error_equals, InputPath="$.no"), {}, tasks={"work": failing("never")})
    assert (execution.error, execution.path) == ("States.Runtime", ["S"])


TIMEOUTS = [
    (["States.Timeout"], True, True),
    (["States.ALL"], True, True),
    (["States.HeartbeatTimeout"], False, True),
    (["States.TaskFailed"], False, False),
]


def oversleep(payload: Any, context: TaskContext) -> None:
    context.sleep(1000)


@pytest.mark.parametrize("error_equals, by_timeout, by_heartbeat", TIMEOUTS)
def test_a_missed_heartbeat_answers_to_two_names_and_a_time_out_to_one(
    error_equals: list[str], by_timeout: bool, by_heartbeat: bool
) -> None:
    late = run(catching(error_equals, TimeoutSeconds=5), tasks={"work": oversleep})
    silent = run(catching(error_equals, HeartbeatSeconds=5), tasks={"work": oversleep})
    assert (caught(late), caught(silent)) == (by_timeout, by_heartbeat)


@pytest.mark.parametrize("error_equals, expected", [(["States.ALL"], False), (["States.DataLimitExceeded"], True)])
def test_a_state_output_that_grew_too_large_is_caught_by_name_only(error_equals: list[str], expected: bool) -> None:
    machine = catching(error_equals, ResultPath="$.more")
    execution = run(machine, {"text": "x" * 200_000}, tasks={"work": lambda payload: "y" * 200_000})
    assert caught(execution) is expected
    assert expected or execution.error == "States.DataLimitExceeded"


# --- retry ------------------------------------------------------------------------------------------------------------

DELAYS = [
    ({}, [1, 2, 4]),
    ({"IntervalSeconds": 3, "MaxAttempts": 2}, [3, 6]),
    ({"BackoffRate": 1, "MaxAttempts": 4}, [1, 1, 1, 1]),
    ({"BackoffRate": 1.5, "IntervalSeconds": 2}, [2, 3, 4.5]),
    ({"BackoffRate": 10, "MaxDelaySeconds": 50, "MaxAttempts": 4}, [1, 10, 50, 50]),
    ({"MaxAttempts": 0}, []),
    ({"BackoffRate": 1e300, "MaxDelaySeconds": 9, "MaxAttempts": 4}, [1, 9, 9, 9]),
]


@pytest.mark.parametrize("fields, expected", DELAYS)
def test_the_delays_grow_from_the_interval_by_the_rate_up_to_the_longest(
    fields: dict[str, Any], expected: list[float]
) -> None:
    assert delays(chain(S=task(Retry=[retrier("Busy", **fields)]))) == expected


JITTERY = chain(S=task(Retry=[retrier("Busy", IntervalSeconds=10, MaxAttempts=6, JitterStrategy="FULL")]))


@given(st.integers(0, 2**64))
def test_full_jitter_stays_between_nothing_and_the_delay(seed: int) -> None:
    assert all(0 <= delay <= 10 * 2**tries for tries, delay in enumerate(delays(JITTERY, seed=seed)))


def test_jitter_is_fixed_by_the_seed() -> None:
    drawn = {seed: delays(JITTERY, seed=seed) for seed in range(5)}
    assert drawn == {seed: delays(JITTERY, seed=seed) for seed in range(5)}
    assert len({tuple(found) for found in drawn.values()}) == 5


def test_the_longest_delay_bounds_the_jitter() -> None:
    fields = {"IntervalSeconds": 10, "MaxDelaySeconds": 11, "MaxAttempts": 50, "JitterStrategy": "FULL"}
    assert max(delays(chain(S=task(Retry=[retrier("Busy", **fields)])))) <= 11


def test_each_retrier_counts_for_itself() -> None:
    state = task(Retry=[retrier("A", MaxAttempts=2), retrier("B", MaxAttempts=1)])
    outcomes = [TaskError(name) for name in ("A", "B", "A", "A")]
    execution = run_state(state, tasks={"work": in_turn(*outcomes)})
    assert (execution.state("S").attempts, execution.error) == (4, "A")


def test_the_first_retrier_that_matches_decides_even_if_it_is_exhausted() -> None:
    state = task(Retry=[retrier("A", MaxAttempts=1), retrier("States.ALL", MaxAttempts=9)])
    assert run_state(state, tasks={"work": failing("A")}).state("S").attempts == 2


def test_attempts_are_counted_anew_on_each_visit() -> None:
    again = {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericEquals": 2, "Next": "Z"}], "Default": "S"}
    state = task(Retry=[retrier("A", MaxAttempts=1)], ResultPath="$.n", Next="Again")
    machine = chain(S=state, Again=again, Z=SUCCEED)
    execution = run(machine, {}, tasks={"work": in_turn(TaskError("A"), 1, TaskError("A"), 2)})
    assert (execution.status, execution.state("S").attempts) == ("SUCCEEDED", 4)


def test_catch_comes_after_the_last_retry() -> None:
    machine = catching(["States.ALL"], Retry=[retrier("Busy", MaxAttempts=2)])
    execution = run(machine, tasks={"work": failing("Busy")})
    assert (execution.state("S").attempts, caught(execution), execution.elapsed) == (3, True, 3)


def test_a_retried_task_has_the_same_payload_and_is_entered_once() -> None:
    payloads: list[Any] = []

    def work(payload: Any) -> Any:
        payloads.append(dict(payload))
        payload.clear()
        if len(payloads) < 3:
            raise TaskError("Busy")
        return None

    execution = run_state(task(Retry=[retrier("Busy")]), {"n": 1}, tasks={"work": work})
    assert payloads == [{"n": 1}] * 3
    assert events(execution).count("TaskStateEntered") == 1


def test_a_time_out_is_retried() -> None:
    seen: list[int] = []

    def work(payload: Any, context: TaskContext) -> str:
        seen.append(context.attempt)
        context.sleep(100 if context.attempt == 1 else 0)
        return "well"

    execution = run_state(task(TimeoutSeconds=10, Retry=[retrier("States.Timeout")]), tasks={"work": work})
    assert (execution.output, execution.elapsed, seen) == ("well", 11, [1, 2])


def test_a_retried_parallel_runs_every_branch_again() -> None:
    branches = [chain(A=task("a")), chain(B=task("b"))]
    state = parallel(*branches, Retry=[retrier("Busy")])
    execution = run_state(state, tasks={"a": lambda payload: "a", "b": in_turn(TaskError("Busy"), "b")})
    assert (execution.output, execution.path) == (["a", "b"], ["S", "A", "B", "A", "B"])


def test_a_retried_map_runs_every_iteration_again() -> None:
    state = each(chain(A=task("a")), Retry=[retrier("Busy")])
    execution = run_state(state, [1, 2], tasks={"a": in_turn(1, TaskError("Busy"), 3, 4)})
    assert (execution.output, events(execution).count("MapIterationStarted")) == ([3, 4], 4)


def test_the_context_objects_retry_count_grows() -> None:
    seen: list[Any] = []
    state = task(Parameters={"tries.$": "$$.State.RetryCount"}, Retry=[retrier("Busy", MaxAttempts=2)])

    def work(payload: Any) -> None:
        seen.append(payload["tries"])
        raise TaskError("Busy")

    run_state(state, tasks={"work": work})
    assert seen == [0, 1, 2]


# --- catch ------------------------------------------------------------------------------------------------------------


def test_a_catcher_hands_on_the_error_output() -> None:
    execution = run(catching(["States.ALL"]), {"n": 1}, tasks={"work": failing("Mine", "the cause")})
    assert execution.output == {"Error": "Mine", "Cause": "the cause"}


def test_a_catchers_result_path_keeps_the_raw_input() -> None:
    machine = chain(
        S=task(InputPath="$.a", Catch=[catcher("Caught", ResultPath="$.e.x")], Next="Caught"), Caught=SUCCEED
    )
    execution = run(machine, {"a": 1}, tasks={"work": failing("Mine", "c")})
    assert execution.output == {"a": 1, "e": {"x": {"Error": "Mine", "Cause": "c"}}}


def test_a_catchers_null_result_path_discards_the_error_output() -> None:
    machine = chain(S=task(Catch=[catcher("Caught", ResultPath=None)], Next="Caught"), Caught=SUCCEED)
    assert run(machine, {"a": 1}, tasks={"work": failing("Mine")}).output == {"a": 1}


def test_no_output_path_is_applied_after_a_catch() -> None:
    machine = chain(S=task(OutputPath="$.no", Catch=[catcher("Caught")], Next="Caught"), Caught=SUCCEED)
    assert run(machine, {}, tasks={"work": failing("Mine", "c")}).output == {"Error": "Mine", "Cause": "c"}


def test_the_first_catcher_that_matches_wins() -> None:
    catchers = [catcher("A", "Other"), catcher("B", "States.TaskFailed"), catcher("C", "Mine")]
    machine = chain(S=task(Catch=catchers, Next="A"), A=SUCCEED, B=SUCCEED, C=SUCCEED)
    assert run(machine, tasks={"work": failing("Mine")}).path == ["S", "B"]


def test_a_catcher_assigns_in_the_scope_of_its_state() -> None:
    state = task(Catch=[catcher("Caught", Assign={"why.$": "$.Cause"})], Next="Caught")
    machine = chain(S=state, Caught={"Type": "Pass", "Parameters": {"why.$": "$why"}})
    assert run(machine, tasks={"work": failing("Mine", "no money")}).output == {"why": "no money"}


def test_a_catcher_may_lead_back_to_its_own_state() -> None:
    machine = StateMachine.from_json(chain(S=task(Catch=[catcher("S")])))
    execution = machine.run(tasks={"work": in_turn(TaskError("A"), TaskError("B"), "well")})
    assert (execution.output, execution.path) == ("well", ["S", "S", "S"])


def test_an_error_without_a_name_is_caught_by_states_all() -> None:
    inner = chain(F={"Type": "Fail"})
    machine = chain(S=parallel(inner, Catch=[catcher("Caught")], Next="Caught"), Caught=SUCCEED)
    assert run(machine).path == ["S", "F", "Caught"]


def test_a_catch_leaves_the_state_with_an_exited_event() -> None:
    execution = run(catching(["States.ALL"]), tasks={"work": failing("Mine", "c")})
    exited = next(event for event in execution.history if event["type"] == "TaskStateExited")
    assert details(exited)["output"] == '{"Error":"Mine","Cause":"c"}'


def test_a_catcher_whose_own_expression_fails_fails_the_execution() -> None:
    machine = chain(S=task(Catch=[catcher("Caught", ResultPath="$.e")], Next="Caught"), Caught=SUCCEED)
    execution = run(machine, [1], tasks={"work": failing("Mine")})
    assert (execution.status, execution.error) == ("FAILED", "States.Runtime")
