"""`arun`: coroutine functions and plain ones, on the running loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from asl_engine import PENDING, Activities, Execution, RealClock, StateMachine, TaskContext, TaskError, VirtualClock
from tests.build import chain, each, events, parallel, retrier, task
from tests.execution.test_callbacks import CALLBACK
from tests.integrations.test_activities import ARN, PAINT, store
from tests.properties.test_laws import check_history

CLOCKS: dict[str, Callable[[], Any]] = {"virtual": VirtualClock, "real": RealClock}
both_clocks = pytest.mark.parametrize("clock", CLOCKS.values(), ids=CLOCKS)
SOON = 10


def arun(definition: dict[str, Any], input: Any = None, **options: Any) -> Execution:
    """One execution on a loop of its own."""
    return asyncio.run(asyncio.wait_for(StateMachine.from_json(definition).arun(input, **options), SOON))


async def sleepy(payload: Any) -> Any:
    await asyncio.sleep(0)
    return payload


@both_clocks
def test_a_coroutine_function_is_awaited(clock: Callable[[], Any]) -> None:
    assert arun(chain(T=task()), {"n": 1}, tasks={"T": sleepy}, clock=clock()).output == {"n": 1}


@both_clocks
def test_a_coroutine_function_may_take_the_context(clock: Callable[[], Any]) -> None:
    async def work(payload: Any, context: TaskContext) -> str:
        return context.state_name

    assert arun(chain(T=task()), tasks={"T": work}, clock=clock()).output == "T"


@both_clocks
def test_coroutines_run_at_once(clock: Callable[[], Any]) -> None:
    def machine() -> dict[str, Any]:
        return chain(M=each(chain(T=task())))

    running = most = 0

    async def work(item: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        for _ in range(5):
            await asyncio.sleep(0)
        running -= 1
        return item

    execution = arun(machine(), list(range(100)), tasks={"T": work}, clock=clock())
    assert (execution.output, most) == (list(range(100)), 40)
    check_history(execution)


@both_clocks
def test_plain_functions_run_in_threads_beside_coroutines(clock: Callable[[], Any]) -> None:
    met = threading.Event()

    def plain(payload: Any) -> bool:
        return met.wait(SOON) and threading.current_thread() is not threading.main_thread()

    async def coroutine(payload: Any) -> str:
        met.set()
        return "met"

    machine = chain(P=parallel(chain(A=task()), chain(B=task())))
    assert arun(machine, tasks={"A": plain, "B": coroutine}, clock=clock()).output == [True, "met"]


@both_clocks
def test_an_exception_of_a_coroutine_is_the_tasks_failure(clock: Callable[[], Any]) -> None:
    async def broken(payload: Any) -> None:
        raise ValueError("no good")

    execution = arun(chain(T=task()), tasks={"T": broken}, clock=clock())
    assert execution.error == "ValueError"
    assert "no good" in (execution.cause or "")


def test_a_coroutine_is_retried() -> None:
    outcomes = [TaskError("Busy"), None]

    async def work(payload: Any, context: TaskContext) -> int:
        error = outcomes.pop(0)
        if error:
            raise error
        return context.attempt

    execution = arun(chain(T=task(Retry=[retrier("Busy", IntervalSeconds=100)])), tasks={"T": work})
    assert (execution.output, execution.elapsed) == (2, 100)


def test_a_plain_function_that_gives_a_coroutine_is_awaited_too() -> None:
    handler = partial(lambda given, payload: sleepy([given, payload]), 1)
    assert arun(chain(T=task()), 2, tasks={"T": handler}).output == [1, 2]


def test_virtual_time_passes_in_coroutines() -> None:
    async def work(payload: Any, context: TaskContext) -> None:
        context.sleep(3600)

    execution = arun(chain(T=task(), W={"Type": "Wait", "Seconds": 60}), tasks={"T": work})
    assert execution.elapsed == 3660


def test_in_real_time_a_coroutine_may_not_block() -> None:
    async def work(payload: Any, context: TaskContext) -> None:
        context.sleep(1)

    execution = arun(chain(T=task()), tasks={"T": work}, clock=RealClock())
    assert "await asyncio.sleep instead" in (execution.cause or "")


def test_a_hanging_coroutine_is_timed_out_and_cancelled() -> None:
    ended: list[str] = []

    async def hang(payload: Any) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    execution = arun(chain(T=task(TimeoutSeconds=1)), tasks={"T": hang}, clock=RealClock())
    assert (execution.error, ended) == ("States.Timeout", ["cancelled"])


def test_a_failed_branch_cancels_the_coroutines_of_its_siblings() -> None:
    ended: list[str] = []
    begun = asyncio.Event()

    async def slow(payload: Any) -> str:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cancelled")
        return "never"

    async def fails(payload: Any) -> None:
        await begun.wait()
        raise TaskError("Broken")

    machine = chain(P=parallel(chain(A=task()), chain(B=task())))
    execution = arun(machine, tasks={"A": slow, "B": fails}, clock=RealClock())
    assert (execution.error, ended) == ("Broken", ["cancelled"])
    check_history(execution)


def test_a_coroutine_that_is_cancelled_before_it_begins_is_never_called() -> None:
    called: list[str] = []

    async def never(payload: Any) -> None:
        called.append("never")

    machine = chain(P=parallel(chain(A=task()), chain(B=task(), F={"Type": "Fail"})))
    arun({**machine, "TimeoutSeconds": 1}, tasks={"A": never, "B": sleepy})
    assert len(called) <= 1


def test_cancelling_arun_cancels_its_tasks() -> None:
    ended: list[str] = []

    async def main() -> None:
        begun = asyncio.Event()

        async def slow(payload: Any) -> None:
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                ended.append("cancelled")

        running = asyncio.create_task(StateMachine.from_json(chain(T=task())).arun(tasks={"T": slow}))
        await begun.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert ended == ["cancelled"]

    asyncio.run(main())


@both_clocks
def test_a_callback_is_answered_from_the_loop(clock: Callable[[], Any]) -> None:
    activities = Activities()

    async def main() -> Execution:
        asked: asyncio.Queue[str] = asyncio.Queue()

        async def ask(payload: Any, context: TaskContext) -> Any:
            await asked.put(context.task_token or "")
            return PENDING

        async def answer() -> None:
            activities.send_task_success(await asked.get(), "answered")

        answering = asyncio.create_task(answer())
        machine = StateMachine.from_json(chain(Ask=CALLBACK))
        execution = await machine.arun(tasks={"Ask": ask}, clock=clock(), activities=activities)
        await answering
        return execution

    assert asyncio.run(asyncio.wait_for(main(), SOON)).output == "answered"


def test_an_activity_is_polled_on_the_loop() -> None:
    activities = store()

    async def worker() -> None:
        while (polled := activities.get_activity_task(ARN, "w")) is None:
            await asyncio.sleep(0)
        activities.send_task_success(polled["taskToken"], "painted")

    async def main() -> Execution:
        working = asyncio.create_task(worker())
        execution = await StateMachine.from_json(chain(Paint=PAINT)).arun(activities=activities, clock=RealClock())
        await working
        return execution

    execution = asyncio.run(asyncio.wait_for(main(), SOON))
    assert (execution.output, events(execution)[3]) == ("painted", "ActivityStarted")
