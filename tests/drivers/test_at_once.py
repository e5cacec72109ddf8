"""Tasks that run at once: on threads, on any executor, on virtual and on real time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

import pytest
from hypothesis import given, settings

from asl_engine import (
    PENDING,
    Activities,
    Execution,
    IntegrationResult,
    RealClock,
    StateMachine,
    TaskContext,
    TaskError,
    TaskTimedOut,
    VirtualClock,
)
from asl_engine.drivers.concurrent import Threads
from tests.build import catcher, chain, details, each, events, failing, giving, parallel, retrier, run, task
from tests.execution.test_callbacks import CALLBACK
from tests.integrations.test_activities import ARN, PAINT, store
from tests.properties.machines import Program, programs
from tests.properties.test_laws import all_of, check_history

SOON = 10
"""Seconds after which a test that waits for a thread gives up."""

CLOCKS: dict[str, Callable[[], Any]] = {"virtual": VirtualClock, "real": RealClock}
both_clocks = pytest.mark.parametrize("clock", CLOCKS.values(), ids=CLOCKS)


class Peak:
    """Counts how many calls are going on at once. `until` of them must meet before any goes on."""

    def __init__(self, until: int) -> None:
        self.meeting = threading.Barrier(until)
        self.lock = threading.Lock()
        self.now = self.most = self.calls = 0

    @contextmanager
    def inside(self) -> Iterator[None]:
        with self.lock:
            self.calls += 1
            self.now += 1
            self.most = max(self.most, self.now)
        yield
        with self.lock:
            self.now -= 1


@both_clocks
def test_200_iterations_run_40_at_once(clock: Callable[[], Any]) -> None:
    peak = Peak(40)

    def work(item: int) -> int:
        with peak.inside():
            peak.meeting.wait(SOON)
        return item * 2

    execution = run(chain(M=each(chain(T=task()))), list(range(200)), tasks={"T": work}, clock=clock(), executor=64)
    assert execution.output == [item * 2 for item in range(200)]
    assert (peak.calls, peak.most) == (200, 40)
    check_history(execution)


@both_clocks
def test_200_tasks_of_a_tenth_of_a_second_sleep_side_by_side(clock: Callable[[], Any]) -> None:
    machine, peak = chain(M=each(chain(T=task()))), Peak(1)

    def work(item: int) -> int:
        with peak.inside():
            threading.Event().wait(0.1)
        return item

    execution = run(machine, list(range(200)), tasks={"T": work}, clock=clock(), executor=40)
    assert execution.status == "SUCCEEDED"
    assert peak.most > 20


@both_clocks
def test_no_more_run_at_once_than_there_are_threads(clock: Callable[[], Any]) -> None:
    peak = Peak(3)

    def work(item: int) -> None:
        with peak.inside():
            peak.meeting.wait(SOON)

    run(chain(M=each(chain(T=task()))), list(range(12)), tasks={"T": work}, clock=clock(), executor=3)
    assert (peak.calls, peak.most) == (12, 3)


@both_clocks
def test_branches_meet(clock: Callable[[], Any]) -> None:
    meeting = threading.Barrier(2)
    machine = chain(P=parallel(chain(A=task()), chain(B=task())))
    tasks = {"A": lambda _: meeting.wait(SOON) >= 0, "B": lambda _: meeting.wait(SOON) >= 0}
    with ThreadPoolExecutor(2) as pool:
        assert run(machine, tasks=tasks, clock=clock(), executor=pool).output == [True, True]


def test_on_a_virtual_clock_results_are_taken_in_the_order_of_asking() -> None:
    second_done = threading.Event()

    def first(payload: Any) -> str:
        assert second_done.wait(SOON)
        return "first"

    def second(payload: Any) -> str:
        second_done.set()
        return "second"

    machine = chain(P=parallel(chain(A=task()), chain(B=task())))
    execution = run(machine, tasks={"A": first, "B": second}, executor=2)
    outputs = [details(event)["output"] for event in execution.history if event["type"] == "LambdaFunctionSucceeded"]
    assert outputs == ['"first"', '"second"']


def test_on_a_real_clock_results_are_taken_as_they_come() -> None:
    second_taken = threading.Event()

    def first(payload: Any, context: TaskContext) -> str:
        assert second_taken.wait(SOON)
        return "first"

    def third(payload: Any) -> None:
        second_taken.set()

    machine = chain(P=parallel(chain(A=task()), chain(B=task(), C=task())))
    execution = run(machine, tasks={"A": first, "B": len, "C": third}, clock=RealClock(), executor=2)
    assert execution.path == ["P", "A", "B", "C"]
    assert execution.status == "SUCCEEDED"


def test_virtual_time_passes_in_workers_as_it_does_without_them() -> None:
    machine = chain(P=parallel(chain(A=task()), chain(W={"Type": "Wait", "Seconds": 20}, B=task(TimeoutSeconds=5))))
    tasks = {"A": lambda _, context: context.sleep(30), "B": lambda _, context: context.sleep(60)}
    at_once, in_turn = run(machine, tasks=tasks, executor=2), run(machine, tasks=tasks)
    assert (at_once.error, at_once.elapsed) == (in_turn.error, in_turn.elapsed) == ("States.Timeout", 25)
    assert events(at_once) == events(in_turn)


@both_clocks
def test_an_exception_in_a_worker_is_the_tasks_failure(clock: Callable[[], Any]) -> None:
    def broken(payload: Any) -> None:
        raise ValueError("no good")

    execution = run(chain(T=task(), X=task()), tasks={"T": broken, "X": len}, clock=clock(), executor=2)
    assert (execution.error, execution.path) == ("ValueError", ["T"])
    assert execution.cause is not None
    assert '"errorMessage":"no good"' in execution.cause
    assert "in broken" in execution.cause


@both_clocks
def test_retries_and_named_errors_are_the_same_in_workers(clock: Callable[[], Any]) -> None:
    left = [TaskError("Busy", "wait"), None]

    def work(payload: Any, context: TaskContext) -> int:
        failure = left.pop(0)
        if failure:
            raise failure
        return context.attempt

    state = task(Retry=[retrier("Busy", IntervalSeconds=1)])
    assert run(chain(T=state), tasks={"T": work}, clock=clock(), executor=1).output == 2


def test_lambda_invoke_and_whole_results_come_in_their_envelopes() -> None:
    state = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f"}}
    whole = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "g"}}
    machine = chain(P=parallel(chain(A=state), chain(B=whole)))
    tasks = {"f": giving({"n": 1}), "g": giving(IntegrationResult("as it is"))}
    at_once = run(machine, tasks=tasks, executor=2).output
    assert (at_once[0]["Payload"], at_once[0]["StatusCode"], at_once[1]) == ({"n": 1}, 200, "as it is")


def test_every_call_has_a_request_id_of_its_own_and_the_same_in_each_run() -> None:
    def work(item: int, context: TaskContext) -> str:
        return context.aws_request_id

    machine = chain(M=each(chain(T=task())))
    first, again = (run(machine, list(range(20)), tasks={"T": work}, executor=8).output for _ in range(2))
    assert first == again
    assert len(set(first)) == 20


# --- cancelling -------------------------------------------------------------------------------------------------------


def test_a_failed_branch_cancels_what_has_not_begun_and_ignores_what_runs() -> None:
    begun, released, cancelled = threading.Event(), threading.Event(), threading.Event()
    queued: list[Any] = []

    def slow(payload: Any, context: TaskContext) -> str:
        begun.set()
        released.wait(SOON)
        if context.cancelled:
            cancelled.set()
        return "too late"

    def fails(payload: Any) -> None:
        assert begun.wait(SOON)
        raise TaskError("Broken")

    def late(payload: Any) -> None:
        queued.append(payload)
        released.wait(SOON)

    branches = [chain(A=task()), chain(B=task()), *(chain(**{f"Q{n}": task()}) for n in range(5))]
    with ThreadPoolExecutor(2) as pool:
        try:
            tasks = {"A": slow, "B": fails, **{f"Q{n}": late for n in range(5)}}
            execution = run(chain(P=parallel(*branches)), tasks=tasks, clock=RealClock(), executor=pool)
            kept = execution.history
        finally:
            released.set()
    assert (execution.status, execution.error) == ("FAILED", "Broken")
    assert cancelled.is_set()
    assert len(queued) <= 1  # the one that B's worker takes up before the failure is known
    assert execution.history == kept
    assert events(execution).count("TaskStateAborted") == 7
    assert "LambdaFunctionSucceeded" not in events(execution)
    check_history(execution)


def test_when_one_of_200_sleeping_tasks_fails_the_others_never_report() -> None:
    peak, over = Peak(1), threading.Event()

    def work(item: int) -> int:
        with peak.inside():
            over.wait(0.1)
        if item == 60:
            raise TaskError("Broken", "the sixtieth")
        return item

    machine = chain(M=each(chain(T=task())))
    with ThreadPoolExecutor(40) as pool:
        execution = run(machine, list(range(200)), tasks={"T": work}, clock=RealClock(), executor=pool)
        kept = execution.history
        over.set()
    assert (execution.error, execution.cause) == ("Broken", "the sixtieth")
    assert (peak.now, peak.calls < 200) == (0, True)
    assert execution.history == kept
    check_history(execution)


def test_queued_tasks_of_a_failed_map_are_never_called() -> None:
    called: list[int] = []
    over = threading.Event()

    def work(item: int) -> None:
        called.append(item)
        if item:
            over.wait(SOON)
        raise TaskError("Broken")

    execution = run(chain(M=each(chain(T=task()))), list(range(40)), tasks={"T": work}, executor=1)
    over.set()
    assert execution.error == "Broken"
    assert called in ([0], [0, 1])  # the second may have begun before the first one's failure was taken


def test_a_handler_that_hangs_is_timed_out_and_run_returns() -> None:
    hanging = threading.Event()
    seen: list[TaskContext] = []

    def hang(payload: Any, context: TaskContext) -> None:
        seen.append(context)
        hanging.wait()

    execution = run(chain(T=task(TimeoutSeconds=1)), tasks={"T": hang}, clock=RealClock(), executor=2)
    assert (execution.error, events(execution)[-2:]) == (
        "States.Timeout",
        ["LambdaFunctionTimedOut", "ExecutionFailed"],
    )
    assert seen[0].cancelled
    with pytest.raises(AssertionError, match="FAILED in T after 1"):
        execution.assert_succeeded()
    hanging.set()


HANGS = task(TimeoutSeconds=1, Catch=[catcher("After", "States.Timeout")])


@pytest.mark.parametrize("arun", [False, True], ids=["run", "arun"])
def test_what_hangs_keeps_no_other_task_from_beginning(arun: bool) -> None:
    hanging, queued = threading.Event(), threading.Event()
    hangs = chain(Hangs={**HANGS, "End": True}, After={"Type": "Pass", "End": True})
    machine = StateMachine.from_json(chain(P=parallel(hangs, chain(Queued=task())), Next=task()))

    def begin(payload: Any) -> str:
        queued.set()
        return "begun"

    tasks = {"Hangs": lambda payload: hanging.wait(), "Queued": begin, "Next": giving("next")}
    try:
        if arun:
            soon = asyncio.wait_for(machine.arun(tasks=tasks, clock=RealClock(), executor=1), SOON)
            assert asyncio.run(soon).output == "next"
        else:
            assert machine.run(tasks=tasks, clock=RealClock(), executor=1).output == "next"
    finally:
        hanging.set()
    assert queued.is_set()


def test_a_thread_that_was_given_up_does_no_further_job() -> None:
    threads, hanging = Threads(1), threading.Event()
    names: list[str] = []

    def note() -> None:
        names.append(threading.current_thread().name)

    def hang() -> None:
        note()
        hanging.wait(SOON)

    hung = threads.submit(hang)
    while not hung.running():
        pass
    threads.give_up(hung)
    threads.give_up(hung)
    threads.submit(note).result(SOON)
    hanging.set()
    hung.result(SOON)
    idents = {threads.submit(threading.get_ident).result(SOON) for _ in range(20)}
    assert (len(names), len(idents)) == (2, 1)


def test_a_cancelled_task_wakes_from_its_sleep() -> None:
    awake = threading.Event()

    def sleeper(payload: Any, context: TaskContext) -> None:
        context.sleep(3600)
        awake.set()

    run(chain(T=task(TimeoutSeconds=1)), tasks={"T": sleeper}, clock=RealClock(), executor=1)
    assert awake.wait(SOON)


def test_heartbeats_of_a_running_task_are_heard_at_once() -> None:
    def work(payload: Any, context: TaskContext) -> str:
        for _ in range(3):
            context.sleep(0.8)
            context.heartbeat()
        return "alive"

    state = task(HeartbeatSeconds=2)
    assert run(chain(T=state), tasks={"T": work}, clock=RealClock(), executor=1).output == "alive"


def test_what_a_service_first_answered_is_recorded() -> None:
    def job(payload: Any, context: TaskContext) -> str:
        context.submitted({"JobId": "j"})
        return "done"

    state = {"Type": "Task", "Resource": "arn:aws:states:::batch:submitJob.sync"}
    for handler, shown in ((job, '{"JobId":"j"}'), (giving(1), "{}")):
        execution = run(chain(J=state), tasks={"J": handler}, clock=RealClock(), executor=1)
        assert [details(event)["output"] for event in execution.history if event["type"] == "TaskSubmitted"] == [shown]


class Interrupting(RealClock):
    """A clock that is interrupted, as by Ctrl-C, when it is read while `raised` is set."""

    def __init__(self, raised: threading.Event) -> None:
        self.raised = raised

    def now(self) -> int:
        if self.raised.is_set():
            self.raised.clear()
            raise KeyboardInterrupt
        return super().now()


def test_an_interrupt_cancels_what_runs_and_escapes() -> None:
    raised, stopped = threading.Event(), threading.Event()

    def work(payload: Any, context: TaskContext) -> None:
        raised.set()
        context.heartbeat()
        context.sleep(SOON)
        if context.cancelled:
            stopped.set()

    with pytest.raises(KeyboardInterrupt):
        run(chain(T=task(HeartbeatSeconds=60)), tasks={"T": work}, clock=Interrupting(raised), executor=1)
    assert stopped.wait(SOON)


# --- executors --------------------------------------------------------------------------------------------------------


class Broken:
    """An executor that takes the first `good` jobs and no more."""

    def __init__(self, good: int) -> None:
        self.good = good
        self.futures: list[Future[Any]] = []

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        if len(self.futures) == self.good:
            raise RuntimeError("cannot schedule new futures after shutdown")
        self.futures.append(Future())
        return self.futures[-1]


@both_clocks
def test_an_executor_whose_submit_fails_ends_run_with_its_error(clock: Callable[[], Any]) -> None:
    executor = Broken(3)
    with pytest.raises(RuntimeError, match="cannot schedule new futures"):
        run(chain(M=each(chain(T=task()))), [1, 2, 3, 4], tasks={"T": len}, clock=clock(), executor=executor)
    assert [future.cancelled() for future in executor.futures] == [True, True, True]


def test_what_an_executor_raises_is_no_tasks_failure() -> None:
    class Losing:
        def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
            future: Future[Any] = Future()
            future.set_exception(OSError("the worker is gone"))
            return future

    with pytest.raises(OSError, match="the worker is gone"):
        run(chain(T=task(Retry=[retrier("States.ALL")])), tasks={"T": len}, executor=Losing())


@pytest.mark.parametrize("executor, error", [(0, ValueError), (-1, ValueError), (True, ValueError), ("4", TypeError)])
def test_what_is_no_executor_is_refused(executor: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=repr(executor)):
        run(chain(T=task()), tasks={"T": len}, executor=executor)


def double(item: int) -> int:
    return item * 2


def refuse(item: int) -> int:
    raise TaskError("Odd", str(item))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_handlers_of_a_module_may_run_in_processes() -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        doubled = run(chain(M=each(chain(T=task()))), [1, 2], tasks={"T": double}, executor=pool)
        refused = run(chain(T=task()), 7, tasks={"T": refuse}, executor=pool)
        pending = run(chain(Ask=CALLBACK), tasks={"Ask": PENDING}, executor=pool)
    assert (doubled.output, refused.error, refused.cause) == ([2, 4], "Odd", "7")
    assert len(pending.pending_tokens) == 1


def test_a_coroutine_function_is_for_arun() -> None:
    async def work(payload: Any) -> None: ...

    with pytest.raises(TypeError, match="`arun` awaits"):
        run(chain(T=task()), tasks={"T": work}, executor=1)


# --- answers from outside ---------------------------------------------------------------------------------------------


def test_another_thread_answers_while_run_waits() -> None:
    activities = Activities()

    def ask(payload: Any, context: TaskContext) -> Any:
        token = context.task_token
        threading.Thread(target=lambda: activities.send_task_success(token or "", "answered")).start()
        return PENDING

    execution = run(chain(Ask=CALLBACK), tasks={"Ask": ask}, clock=RealClock(), executor=1, activities=activities)
    assert execution.output == "answered"


def test_workers_in_other_threads_poll_while_run_waits() -> None:
    activities, over = store(), threading.Event()

    def worker(name: str) -> None:
        while not over.is_set():
            polled = activities.get_activity_task(ARN, name)
            if polled is None:
                over.wait(0.001)
            else:
                activities.send_task_success(polled["taskToken"], polled["input"] * 2)

    workers = [threading.Thread(target=worker, args=(f"w{number}",)) for number in range(4)]
    for thread in workers:
        thread.start()
    try:
        machine = chain(M=each(chain(Paint=PAINT)))
        execution = run(machine, list(range(40)), clock=RealClock(), executor=1, activities=activities)
    finally:
        over.set()
        for thread in workers:
            thread.join(SOON)
    assert execution.output == [item * 2 for item in range(40)]
    check_history(execution)


def test_of_many_threads_that_answer_one_is_heard() -> None:
    execution = run(chain(Ask=CALLBACK), tasks={"Ask": PENDING}, clock=RealClock(), executor=1, until_pending=True)
    (token,) = execution.pending_tokens
    meeting, heard, refused = threading.Barrier(8), [], []

    def answer(number: int) -> None:
        meeting.wait(SOON)
        try:
            execution.send_task_success(token, number)
            heard.append(number)
        except TaskTimedOut:
            refused.append(number)

    threads = [threading.Thread(target=answer, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SOON)
    assert (len(heard), len(refused)) == (1, 7)
    assert execution.output == heard[0]


@both_clocks
def test_until_pending_returns_where_only_an_answer_is_awaited(clock: Callable[[], Any]) -> None:
    state = {**CALLBACK, "TimeoutSeconds": 60}
    machine = chain(P=parallel(chain(Ask=state), chain(T=task())))
    tasks = {"Ask": PENDING, "T": giving(2)}
    execution = run(machine, tasks=tasks, clock=clock(), executor=2, until_pending=True)
    assert (execution.status, execution.state("T").outputs) == ("RUNNING", [2])
    execution.send_task_success(next(iter(execution.pending_tokens)), 1)
    assert execution.output == [1, 2]


def test_on_a_virtual_clock_run_goes_on_to_the_time_out() -> None:
    execution = run(chain(Ask={**CALLBACK, "TimeoutSeconds": 60}), tasks={"Ask": PENDING}, executor=1)
    assert (execution.error, execution.elapsed) == ("States.Timeout", 60)


def test_on_a_virtual_clock_what_only_an_answer_ends_comes_back_running() -> None:
    execution = run(chain(Ask=CALLBACK), tasks={"Ask": PENDING}, executor=1)
    execution.advance(5)
    assert (execution.status, execution.elapsed) == ("RUNNING", 5)
    execution.send_task_failure(next(iter(execution.pending_tokens)), "No")
    assert (execution.error, execution.elapsed) == ("No", 5)


# --- laws -------------------------------------------------------------------------------------------------------------


def at_once(program: Program, executor: Any) -> Execution:
    machine = StateMachine.from_json(program.definition)
    return machine.run(program.input, tasks=program.tasks, seed=program.seed, executor=executor)


@settings(max_examples=50)
@given(programs())
def test_on_a_virtual_clock_every_run_gives_the_same_history(program: Program) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert all_of(at_once(program, pool)) == all_of(at_once(program, pool))


@settings(max_examples=50)
@given(programs(failing=False))
def test_workers_give_what_one_thread_gives(program: Program) -> None:
    with ThreadPoolExecutor(4) as pool:
        execution = at_once(program, pool)
    in_turn = StateMachine.from_json(program.definition).run(program.input, tasks=program.tasks, seed=program.seed)
    assert (execution.status, execution.output, execution.elapsed) == (in_turn.status, in_turn.output, in_turn.elapsed)
    check_history(execution)


@settings(max_examples=50)
@given(programs())
def test_a_history_is_well_formed_when_tasks_run_at_once(program: Program) -> None:
    with ThreadPoolExecutor(4) as pool:
        check_history(at_once(program, pool))


def test_failures_cost_no_more_than_their_branch() -> None:
    machine = chain(M=each(chain(T=task()), ToleratedFailureCount=2))
    tasks = {"T": lambda item: failing("Odd")(item) if item == 1 else item}
    with ThreadPoolExecutor(2) as pool:
        execution = run(machine, [0, 1, 2], tasks=tasks, executor=pool)
    assert [execution.output[0], execution.output[2]] == [0, 2]
