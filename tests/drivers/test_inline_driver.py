"""The inline driver: virtual time that costs nothing, tasks that let time pass side by side, and the real clock."""

from __future__ import annotations

from typing import Any

import pytest

from asl_engine import RealClock, StateMachine, TaskContext, VirtualClock
from tests.build import T0, chain, each, events, giving, parallel, run, run_state, task


def sleeping(payload: Any, context: TaskContext) -> Any:
    context.sleep(payload)
    return context.now - T0


def test_tasks_that_let_time_pass_run_side_by_side() -> None:
    execution = run_state(each(chain(W=task())), [5, 3, 4], tasks={"work": sleeping})
    assert (execution.output, execution.elapsed) == ([5_000, 3_000, 4_000], 5)


def test_tasks_that_let_time_pass_answer_in_the_order_of_their_times() -> None:
    execution = run_state(each(chain(W=task())), [5, 3, 4], tasks={"work": sleeping})
    done = [event["timestamp"] for event in execution.history if event["type"] == "LambdaFunctionSucceeded"]
    assert done == [f"2024-01-01T00:00:0{second}Z" for second in (3, 4, 5)]


def test_a_bounded_map_begins_the_next_item_when_one_is_done() -> None:
    assert run_state(each(chain(W=task()), MaxConcurrency=2), [5, 1, 2, 3], tasks={"work": sleeping}).elapsed == 6


def test_tasks_of_both_branches_are_scheduled_before_the_first_answers() -> None:
    machine = chain(S=parallel(chain(A=task("a")), chain(B=task("b"))))
    history = events(run(machine, tasks={"a": giving(1), "b": giving(2)}))
    assert [kind for kind in history if kind.startswith("LambdaFunctionS")] == [
        *("LambdaFunctionScheduled", "LambdaFunctionStarted") * 2,
        *("LambdaFunctionSucceeded",) * 2,
    ]


def test_sleeps_of_one_task_add_up() -> None:
    def work(payload: Any, context: TaskContext) -> int:
        for _ in range(3):
            context.sleep(0.5)
        return context.now - T0

    assert run_state(task(), tasks={"work": work}).output == 1_500


def test_a_sleep_past_the_time_out_is_cut_short_by_it() -> None:
    machine = chain(S=task(TimeoutSeconds=2, Catch=[{"ErrorEquals": ["States.Timeout"], "Next": "Z"}], Next="Z"))
    machine["States"]["Z"] = {"Type": "Wait", "Seconds": 1, "End": True}
    assert run(machine, 100, tasks={"work": sleeping}).elapsed == 3


def test_a_virtual_clock_stands_where_the_execution_ended() -> None:
    clock = VirtualClock()
    machine = StateMachine.from_json(chain(S={"Type": "Wait", "Seconds": 60}))
    machine.run(clock=clock)
    assert clock.now() == T0 + 60_000
    assert machine.run(clock=clock).history[0]["timestamp"] == "2024-01-01T00:01:00Z"


def test_a_virtual_clock_never_goes_back() -> None:
    clock = VirtualClock(5_000)
    clock.wait_until(4_000)
    assert clock.now() == 5_000


@pytest.mark.parametrize("state", [{"Type": "Wait", "Seconds": 0}, task(), {"Type": "Pass"}])
def test_the_real_clock_runs_what_needs_no_waiting(state: dict[str, Any]) -> None:
    execution = run_state(state, {"n": 1}, tasks={"work": lambda payload: payload}, clock=RealClock())
    assert execution.output == {"n": 1}


def test_on_the_real_clock_an_execution_starts_now() -> None:
    clock = RealClock()
    before = clock.now()
    execution = run_state({"Type": "Pass"}, clock=clock)
    assert before <= execution.start_time <= clock.now()


class Recording:
    """A clock of someone else's: any object with the two methods is one."""

    def __init__(self) -> None:
        self.waits: list[int] = []
        self._now = T0

    def now(self) -> int:
        return self._now

    def wait_until(self, at: int) -> None:
        self.waits.append(at - T0)
        self._now = at


def test_a_clock_is_asked_to_wait_for_each_moment_in_turn() -> None:
    clock = Recording()
    waits = [chain(**{name: {"Type": "Wait", "Seconds": seconds}}) for name, seconds in (("A", 5), ("B", 2))]
    run_state(parallel(*waits), clock=clock)
    assert clock.waits == [2_000, 5_000]


def test_cancelled_timers_are_not_waited_for() -> None:
    clock = Recording()
    run_state(task(TimeoutSeconds=100), 3, tasks={"work": sleeping}, clock=clock)
    assert clock.waits == [3_000]


def test_a_sync_tasks_submission_comes_before_its_result() -> None:
    def job(payload: Any, context: TaskContext) -> str:
        context.submitted({"JobId": "j"})
        context.sleep(60)
        return "done"

    state = {"Type": "Task", "Resource": "arn:aws:states:::batch:submitJob.sync"}
    execution = run_state(state, tasks={"S": job})
    submitted = next(event for event in execution.history if event["type"] == "TaskSubmitted")
    assert submitted["taskSubmittedEventDetails"]["output"] == '{"JobId":"j"}'
    assert (submitted["timestamp"], execution.elapsed) == ("2024-01-01T00:00:00Z", 60)


def test_a_sync_task_that_says_nothing_is_submitted_all_the_same() -> None:
    state = {"Type": "Task", "Resource": "arn:aws:states:::batch:submitJob.sync"}
    execution = run_state(state, tasks={"S": lambda payload: "done"})
    assert events(execution).count("TaskSubmitted") == 1
    assert execution.output == "done"
