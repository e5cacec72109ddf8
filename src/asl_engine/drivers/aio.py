"""The asyncio driver: coroutines are awaited on the running loop, other handlers run on an executor.

The one rule: `Execution.receive` is only ever called on the loop; what comes from other threads, results and answers
alike, is handed over with `call_soon_threadsafe`.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from inspect import isawaitable
from typing import Any

from asl_engine.drivers.clock import Clock
from asl_engine.drivers.concurrent import Executor, giving_up
from asl_engine.drivers.handlers import failure, is_coroutine
from asl_engine.drivers.inline import Supply
from asl_engine.drivers.live import FINISHED, Answer, Arrival, Call, Done, Live, Outcome, Prepare
from asl_engine.errors import FailedTest
from asl_engine.execution.execution import RUNNING, Execution
from asl_engine.execution.replies import Reply


class Asynchronous:
    """One execution on the running loop."""

    def __init__(
        self, execution: Execution, prepare: Prepare, clock: Clock, executor: Executor, supply: Supply | None = None
    ) -> None:
        self.execution = execution
        self._executor = executor
        self._loop = asyncio.get_running_loop()
        self._arrived: deque[Arrival] = deque()
        self._awake = asyncio.Event()
        self._lock = threading.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._live = Live(execution, prepare, clock, self._launch, self._post, supply, giving_up(executor))
        execution.driver = self

    async def drive(self) -> Execution:
        """From the start to the end; waits for answers from outside, on every clock."""
        try:
            self._live.begin()
            while True:
                self._awake.clear()
                while self._arrived:
                    self._live.arrive(self._arrived.popleft())
                wait = self._live.step()
                if wait is FINISHED:
                    return self.execution
                await self._sleep(wait)  # type: ignore[arg-type]
        finally:
            self._live.cancel()
            if self.execution.status == RUNNING:
                self.execution.driver = None
            await asyncio.sleep(0)  # lets cancelled coroutines see it

    async def _sleep(self, seconds: float | None) -> None:
        """Until something arrives, or for so long."""
        try:
            await asyncio.wait_for(self._awake.wait(), seconds)
        except TimeoutError:
            return

    # --- what an execution asks (`execution.callbacks.Driver`) --------------------------------------------------------

    def answer(self, execution: Execution, make: Callable[[], Reply], at: int = 0) -> None:
        """Takes an answer, from any thread."""
        with self._lock:
            answer = Answer(at, make())
        self._post(answer)

    def advance(self, seconds: float) -> None:
        """Refused: time passes on the loop."""
        raise RuntimeError("arun lets time pass by itself; advance() is for run")

    def resume(self) -> None:
        """Refused: the loop goes on by itself."""
        raise RuntimeError("arun goes on by itself; resume() is for run")

    # --- calls --------------------------------------------------------------------------------------------------------

    def _post(self, item: Arrival) -> None:
        self._loop.call_soon_threadsafe(self._take, item)

    def _take(self, item: Arrival) -> None:
        self._arrived.append(item)
        self._awake.set()

    def _launch(self, call: Call) -> None:
        if is_coroutine(call.handler):
            self._begin(call, lambda: call.handler(*call.arguments))
            return
        future = self._executor.submit(*call.job())
        call.handle = future
        future.add_done_callback(lambda done: self._ended(done, call))

    def _ended(self, future: Future[Outcome], call: Call) -> None:
        """In whatever thread a future ends; the loop may have closed by then, where nobody waits any more."""
        if not call.context.cancelled and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._take_result, future, call)

    def _take_result(self, future: Future[Outcome], call: Call) -> None:
        """A plain function may return something to await: functools.partial of a coroutine function, for one."""
        well = not future.cancelled() and future.exception() is None
        succeeded, value = future.result() if well else (False, None)
        if succeeded and isawaitable(value):
            self._begin(call, lambda: value)
        else:
            self._take(Done(call.ticket, future.result))

    def _begin(self, call: Call, make: Callable[[], Awaitable[Any]]) -> None:
        task = self._loop.create_task(self._await(call, make))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        call.handle = task

    async def _await(self, call: Call, make: Callable[[], Awaitable[Any]]) -> None:
        outcome: Outcome
        try:
            outcome = True, await make()
        except FailedTest as broken:
            return self._take(Done(call.ticket, _raising(broken)))
        except Exception as error:  # a user's handler: whatever it raises is the task's failure
            outcome = False, failure(error, call.ticket, lambda: call.context.aws_request_id)
        self._take(Done(call.ticket, lambda: outcome))


def _raising(error: FailedTest) -> Callable[[], Outcome]:
    """An outcome that raises where it is asked for: in the driver."""

    def outcome() -> Outcome:
        raise error

    return outcome
