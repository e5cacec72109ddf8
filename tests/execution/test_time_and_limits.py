"""Time-outs, heartbeats, and the limits on payloads, events and transitions."""

from __future__ import annotations

from typing import Any

import pytest

from asl_engine import Execution, InputError, StateMachine, TaskContext, TransitionLimitError
from asl_engine.execution.replies import TaskHeartbeat, TimerFired
from tests.build import T0, chain, details, each, events, failing, parallel, retrier, run, run_state, task
from tests.byhand import begin, gave, tasks_of, timers_of

LIMIT = 262_144
SUCCEED = {"Type": "Succeed"}


def taking(seconds: float) -> Any:
    def handler(payload: Any, context: TaskContext) -> str:
        context.sleep(seconds)
        return "done"

    return handler


def outcome(execution: Execution) -> tuple[str, str | None, float]:
    return execution.status, execution.error, execution.elapsed


# --- time-outs --------------------------------------------------------------------------------------------------------

BOUNDS: list[tuple[dict[str, Any], Any]] = [
    ({"TimeoutSeconds": 10}, {}),
    ({"TimeoutSecondsPath": "$.t"}, {"t": 10}),
    ({"TimeoutSecondsPath": "$.t", "InputPath": "$.in"}, {"in": {"t": 10}}),
]


@pytest.mark.parametrize("fields, input", BOUNDS)
def test_a_task_that_takes_too_long_times_out(fields: dict[str, Any], input: Any) -> None:
    assert outcome(run_state(task(**fields), input, tasks={"work": taking(11)})) == ("FAILED", "States.Timeout", 10)


@pytest.mark.parametrize("fields, input", BOUNDS)
def test_a_task_that_is_done_in_time_does_not(fields: dict[str, Any], input: Any) -> None:
    assert outcome(run_state(task(**fields), input, tasks={"work": taking(9)})) == ("SUCCEEDED", None, 9)


@pytest.mark.parametrize("value", [0, -1, "x", 1.5, None, True, 100_000_000])
@pytest.mark.parametrize("name", ["TimeoutSeconds", "HeartbeatSeconds"])
def test_a_bound_that_is_no_time_fails(name: str, value: Any) -> None:
    execution = run_state(task(**{f"{name}Path": "$.t"}), {"t": value}, tasks={"work": taking(0)})
    assert execution.error == "States.Runtime"
    assert f"The {name}Path parameter must be an integer between 1 and 99999999: $.t == " in (execution.cause or "")


def test_a_time_out_leaves_its_own_event() -> None:
    execution = run_state(task(TimeoutSeconds=10), tasks={"work": taking(11)})
    assert "LambdaFunctionTimedOut" in events(execution)
    assert execution.state("S").errors[0].error == "States.Timeout"


def test_each_attempt_has_the_whole_time() -> None:
    state = task(TimeoutSeconds=10, Retry=[retrier("States.Timeout", MaxAttempts=1)])
    assert run_state(state, tasks={"work": taking(11)}).elapsed == 21


def test_a_task_knows_how_long_it_may_take() -> None:
    left: list[int] = []

    def work(payload: Any, context: TaskContext) -> None:
        context.sleep(3)
        left.append(context.get_remaining_time_in_millis())

    run_state(task(TimeoutSeconds=10), tasks={"work": work})
    run_state(task(), tasks={"work": work})
    assert left == [7_000, 99_999_999_000]


def test_the_machines_time_out_ends_the_execution_and_cannot_be_caught() -> None:
    inner = task(Retry=[retrier("States.ALL")], Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Z"}], Next="Z")
    machine = {**chain(S=inner, Z=SUCCEED), "TimeoutSeconds": 30}
    execution = run(machine, tasks={"work": taking(100)})
    assert outcome(execution) == ("TIMED_OUT", "States.Timeout", 30)
    assert events(execution)[-1] == "ExecutionTimedOut"


def test_the_machines_time_out_aborts_what_runs() -> None:
    waits = [chain(**{name: {"Type": "Wait", "Seconds": 100}}) for name in "AB"]
    machine = {**chain(S=parallel(*waits)), "TimeoutSeconds": 30}
    execution = run(machine)
    assert execution.status == "TIMED_OUT"
    assert events(execution).count("WaitStateAborted") == 2


def test_a_machine_that_ends_in_time_is_not_timed_out() -> None:
    machine = {**chain(S={"Type": "Wait", "Seconds": 29}), "TimeoutSeconds": 30}
    assert outcome(run(machine)) == ("SUCCEEDED", None, 29)


# --- heartbeats -------------------------------------------------------------------------------------------------------


def beating(gaps: list[float]) -> Any:
    """A task that beats after each gap and ends with the last."""

    def handler(payload: Any, context: TaskContext) -> str:
        for gap in gaps[:-1]:
            context.sleep(gap)
            context.heartbeat()
        context.sleep(gaps[-1])
        return "done"

    return handler


@pytest.mark.parametrize("gaps, expected", [([4, 4, 4], 12), ([4, 6, 4], None), ([6, 1], None), ([4, 4, 6], None)])
def test_a_task_lives_as_long_as_its_heart_beats(gaps: list[float], expected: float | None) -> None:
    execution = run_state(task(HeartbeatSeconds=5), tasks={"work": beating(gaps)})
    assert execution.status == ("FAILED" if expected is None else "SUCCEEDED")
    assert expected is None or execution.elapsed == expected


def test_a_missed_heartbeat_is_reported_as_a_time_out_when_it_is_due() -> None:
    execution = run_state(task(HeartbeatSeconds=5), tasks={"work": beating([4, 6])})
    assert outcome(execution) == ("FAILED", "States.Timeout", 9)


def test_a_heartbeat_does_not_move_the_time_out() -> None:
    state = task(HeartbeatSeconds=5, TimeoutSeconds=10)
    assert outcome(run_state(state, tasks={"work": beating([4, 4, 4])})) == ("FAILED", "States.Timeout", 10)


def test_a_heartbeat_path_says_the_time() -> None:
    state = task(HeartbeatSecondsPath="$.h")
    assert run_state(state, {"h": 5}, tasks={"work": beating([6])}).elapsed == 5


def test_a_heartbeat_starts_its_timer_anew() -> None:
    execution, commands = begin(chain(S=task(HeartbeatSeconds=5)))
    (invoked,), (timer,) = tasks_of(commands), timers_of(commands)
    after = execution.receive(TaskHeartbeat(invoked.ticket), T0 + 4_000)
    assert [timer.at for timer in timers_of(after)] == [T0 + 9_000]
    assert execution.receive(TimerFired(timer.ticket), T0 + 5_000) == []
    assert execution.status == "RUNNING"


def test_a_heartbeat_of_a_task_that_needs_none_changes_nothing() -> None:
    execution, commands = begin(chain(S=task()))
    before = execution.history
    assert execution.receive(TaskHeartbeat(tasks_of(commands)[0].ticket), T0 + 1) == []
    assert execution.history == before


# --- payloads ---------------------------------------------------------------------------------------------------------


def text_of(size: int) -> str:
    """A string whose JSON text has so many bytes."""
    return "x" * (size - 2)


def test_an_input_of_256_kib_is_taken() -> None:
    assert run_state({"Type": "Pass"}, text_of(LIMIT)).output == text_of(LIMIT)


@pytest.mark.parametrize("input", [text_of(LIMIT + 1), "ä" * (LIMIT // 2), ['"' * (LIMIT // 2)]])
def test_an_input_over_256_kib_is_refused(input: Any) -> None:
    with pytest.raises(InputError, match="more than AWS's limit of 262144"):
        run_state({"Type": "Pass"}, input)


@pytest.mark.parametrize("size, status", [(LIMIT, "SUCCEEDED"), (LIMIT + 1, "FAILED")])
def test_a_task_result_may_have_256_kib(size: int, status: str) -> None:
    execution = run_state(task(), tasks={"work": lambda payload: text_of(size)})
    assert execution.status == status
    assert execution.error in (None, "States.DataLimitExceeded")


GROWING: list[tuple[str, dict[str, Any]]] = [
    ("a template", {"Type": "Pass", "Parameters": {"a.$": "$", "b.$": "$"}}),
    ("ResultPath", {"Type": "Pass", "ResultPath": "$.again"}),
    ("an intrinsic function", {"Type": "Pass", "Parameters": {"a.$": "States.Format('{}{}', $.v, $.v)"}}),
    ("Parallel", parallel(*(chain(**{name: {"Type": "Pass"}}) for name in "AB"))),
    ("Map", each(chain(A={"Type": "Pass"}), ItemSelector={"v.$": "$.v"}, ItemsPath="$.items")),
]


@pytest.mark.parametrize("state", [state for _, state in GROWING], ids=[name for name, _ in GROWING])
def test_an_output_that_grows_over_256_kib_fails_the_state(state: dict[str, Any]) -> None:
    small = run_state(state, {"v": text_of(1000), "items": [1, 2]})
    large = run_state(state, {"v": text_of(140_000), "items": [1, 2]})
    assert small.status == "SUCCEEDED"
    assert (large.status, large.error) == ("FAILED", "States.DataLimitExceeded")
    assert "size exceeding the maximum number of bytes service limit" in (large.cause or "")


def test_a_task_is_given_at_most_256_kib() -> None:
    state = task(Parameters={"a.$": "$", "b.$": "$"})
    execution = run_state(state, {"v": text_of(140_000)}, tasks={"work": lambda payload: 1})
    assert execution.error == "States.DataLimitExceeded"
    assert "was given an input with a size exceeding" in (execution.cause or "")
    assert "LambdaFunctionScheduled" not in events(execution)


def test_a_value_that_shrinks_again_is_within_the_limit() -> None:
    halve = {"Type": "Pass", "Parameters": {"v.$": "$.v", "w.$": "$.v"}, "OutputPath": "$.v"}
    machine = chain(**{f"S{n}": {**halve, "Parameters": {"v.$": "$"}, "OutputPath": "$.v"} for n in range(30)})
    assert run(machine, text_of(200_000)).status == "SUCCEEDED"


# --- events and transitions -------------------------------------------------------------------------------------------

LOOP = chain(
    A={"Type": "Choice", "Choices": [{"Variable": "$.stop", "IsPresent": True, "Next": "Z"}], "Default": "B"},
    B={"Type": "Pass", "Next": "A"},
    Z=SUCCEED,
)


def test_an_endless_loop_ends_at_25_000_events() -> None:
    execution = run(LOOP, {})
    assert (execution.status, execution.error, len(execution.history)) == ("FAILED", "States.Runtime", 25_000)
    assert "maximum number of history events (25000)" in (execution.cause or "")
    assert events(execution)[-1] == "ExecutionFailed"


def test_the_event_limit_bounds_iterations_too() -> None:
    execution = run_state(each(chain(W=task())), list(range(20_000)), tasks={"work": lambda payload: payload})
    assert (execution.status, len(execution.history)) == ("FAILED", 25_000)


@pytest.mark.parametrize("limit", [1, 10, 11, 5000])
def test_a_callers_limit_of_transitions_ends_an_endless_loop(limit: int) -> None:
    with pytest.raises(TransitionLimitError, match=f"more than {limit} transitions"):
        run(LOOP, {}, max_transitions=limit)


def test_a_limit_of_transitions_that_is_not_passed_changes_nothing() -> None:
    assert run(LOOP, {"stop": 1}, max_transitions=2).status == "SUCCEEDED"


def test_retries_count_as_transitions() -> None:
    state = task(Retry=[retrier("States.ALL", MaxAttempts=1000, BackoffRate=1)])
    with pytest.raises(TransitionLimitError):
        run_state(state, tasks={"work": lambda payload: 1 / 0}, max_transitions=50)


def test_the_event_limit_bounds_retries_too() -> None:
    state = task(Retry=[retrier("States.ALL", MaxAttempts=10_000, BackoffRate=1)])
    execution = run_state(state, tasks={"work": failing("Busy")})
    assert (execution.status, execution.error, len(execution.history)) == ("FAILED", "States.Runtime", 25_000)


@pytest.mark.parametrize("own, end", [(None, 300), (1000, 300), (20, 20)])
def test_an_express_execution_is_timed_out_after_five_minutes(own: int | None, end: int) -> None:
    limit = {} if own is None else {"TimeoutSeconds": own}
    wait = chain(W={"Type": "Wait", "Seconds": 301}) | limit
    express, standard = (StateMachine.from_json(wait, type=kind).run() for kind in ("EXPRESS", "STANDARD"))
    assert (express.status, express.error, express.elapsed) == ("TIMED_OUT", "States.Timeout", end)
    assert standard.elapsed == min(301, own or 301)


def test_an_express_machine_has_no_event_limit() -> None:
    machine = StateMachine.from_json(LOOP, type="EXPRESS")
    with pytest.raises(TransitionLimitError):
        machine.run({}, max_transitions=30_000)


def test_the_last_event_follows_the_last_one_before_it() -> None:
    last = run(LOOP, {}).history[-1]
    assert (last["id"], last["previousEventId"]) == (25_000, 24_999)
    assert details(last)["error"] == "States.Runtime"


def test_a_task_that_answers_after_the_time_out_is_not_heard() -> None:
    machine = chain(
        S=task(TimeoutSeconds=5, Catch=[{"ErrorEquals": ["States.Timeout"], "Next": "W"}], Next="W"),
        W={"Type": "Wait", "Seconds": 60},
    )
    execution, commands = begin(machine)
    (invoked,), (timer,) = tasks_of(commands), timers_of(commands)
    execution.receive(TimerFired(timer.ticket), T0 + 5_000)
    assert execution.receive(gave(invoked.ticket, "late"), T0 + 6_000) == []
    assert execution.path == ["S", "W"]
