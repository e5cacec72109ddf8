"""The concurrent driver: tasks on the workers of an executor, everything else in the thread that called `run`.

The one rule: workers and answers only put things into the queue; `Execution.receive` is called by one thread at a time,
the one that drives. What the executor itself raises is no task's failure: it escapes, and the rest is cancelled.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any, Protocol

from asl_engine.drivers.clock import Clock
from asl_engine.drivers.inline import Supply
from asl_engine.drivers.live import FINISHED, Answer, Arrival, Call, Done, Live, Outcome, Prepare
from asl_engine.execution.execution import RUNNING, Execution
from asl_engine.execution.replies import Reply

IDLE_SECONDS = 1.0
"""How long a thread of `Threads` waits for another job before it ends."""


class Executor(Protocol):
    """Whatever runs callables elsewhere: any executor of `concurrent.futures`, or an object with its `submit`."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        """Begins `function(*arguments)` when a worker is free."""


class Threads:
    """An executor with at most `count` daemon threads, begun as they are needed.

    Unlike ThreadPoolExecutor's, they do not keep the process from ending while a handler hangs; and those that do a job
    which nobody waits for can be given up, so that what hangs keeps no other job from beginning.
    """

    def __init__(self, count: int) -> None:
        if isinstance(count, bool) or not isinstance(count, int) or count < 1:
            raise ValueError(f"the number of threads must be 1 or more, not {count!r}")
        self._count = count
        self._jobs: SimpleQueue[tuple[Future[Any], Callable[..., Any], tuple[Any, ...]]] = SimpleQueue()
        self._begun = 0
        self._unfinished = 0
        self._lock = threading.Lock()
        self._running: set[Future[Any]] = set()

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        """Begins `function(*arguments)` when a thread is free."""
        job: Future[Any] = Future()
        with self._lock:
            self._unfinished += 1
            another = self._counts_another()
            self._jobs.put((job, function, arguments))
        if another:
            self._begin()
        return job

    def _counts_another(self) -> bool:
        """Whether there is work for one more thread, which is counted then."""
        another = self._begun < min(self._count, self._unfinished)
        self._begun += another
        return another

    def _begin(self) -> None:
        threading.Thread(target=self._work, name="asl-task", daemon=True).start()

    def give_up(self, job: Future[Any]) -> None:
        """Counts a running job and its thread no more, and lets another begin in its place."""
        with self._lock:
            if job not in self._running:
                return
            self._running.discard(job)
            self._unfinished -= 1
            self._begun -= 1
            another = self._counts_another()
        if another:
            self._begin()

    def _work(self) -> None:
        """One thread: does jobs until there has been none for a while, or until it was given up."""
        while True:
            try:
                job, function, arguments = self._jobs.get(timeout=IDLE_SECONDS)
            except Empty:
                with self._lock:
                    if self._jobs.empty():
                        self._begun -= 1
                        return
                continue
            with self._lock:
                self._running.add(job)
            _fulfil(job, function, arguments)
            with self._lock:
                if job not in self._running:
                    return
                self._running.discard(job)
                self._unfinished -= 1
            del job, function, arguments


def _fulfil(future: Future[Any], function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    if future.set_running_or_notify_cancel():
        try:
            result = function(*arguments)
        except BaseException as error:  # handed to whoever waits for the future, as every executor does
            future.set_exception(error)
        else:
            future.set_result(result)


class Concurrent:
    """One execution, driven by the thread that calls `begin`, and after that by the one that answers."""

    def __init__(
        self, execution: Execution, prepare: Prepare, clock: Clock, executor: Executor, supply: Supply | None = None
    ) -> None:
        self.execution = execution
        self._executor = executor
        self._queue: SimpleQueue[Arrival] = SimpleQueue()
        self._lock = threading.RLock()
        self._driving = False
        self._live = Live(execution, prepare, clock, self._launch, self._queue.put, supply, giving_up(executor))
        execution.driver = self

    def begin(self, *, until_pending: bool = False) -> Execution:
        """Starts the execution and drives it to its end, waiting for answers too; with `until_pending` it returns where
        only an answer is awaited."""
        self._live.begin()
        self._drive(None, until_pending)
        return self.execution

    # --- what an execution asks (`execution.callbacks.Driver`) --------------------------------------------------------

    def answer(self, execution: Execution, make: Callable[[], Reply], at: int = 0) -> None:
        """Takes an answer, from any thread; where no thread drives, this one goes on."""
        with self._lock:
            self._queue.put(Answer(at, make()))
            if self._driving:
                return
        self._drive(None, True)

    def advance(self, seconds: float) -> None:
        """Drives on for this long, on the execution's clock. Raises ValueError for a negative number."""
        if not seconds >= 0:
            raise ValueError(f"time goes on by 0 or more seconds, not {seconds!r}")
        self._drive(self._live.clock.now() + round(seconds * 1000), False)

    def resume(self) -> None:
        """Drives on to the end, waiting for answers too."""
        self._drive(None, False)

    # --- the loop -----------------------------------------------------------------------------------------------------

    def _drive(self, until: int | None, stop_at_pending: bool) -> None:
        with self._lock:
            if self._driving:
                raise RuntimeError("another thread is driving this execution, or a handler of it called this")
            self._driving = True
        returned = False
        try:
            self._loop(until, stop_at_pending)
            returned = True
        finally:
            if not returned:
                self._driving, self.execution.driver = False, None
            if not returned or self.execution.status != RUNNING:
                self._live.cancel()

    def _loop(self, until: int | None, stop_at_pending: bool) -> None:
        while True:
            self._drain()
            wait = self._live.step(until, stop_at_pending)
            if wait is FINISHED or (wait is None and self._live.virtual and self._live.is_idle):
                with self._lock:  # an answer that came meanwhile is still this thread's to take
                    if self._queue.empty() or self.execution.status != RUNNING:
                        self._driving = False
                        return
                continue
            try:
                self._live.arrive(self._queue.get(timeout=wait))  # type: ignore[arg-type]
            except Empty:
                continue

    def _drain(self) -> None:
        """What has arrived comes before what is due."""
        while not self._queue.empty():
            self._live.arrive(self._queue.get())

    def _launch(self, call: Call) -> None:
        future: Future[Outcome] = self._executor.submit(*call.job())
        call.handle = future
        future.add_done_callback(lambda done: self._queue.put(Done(call.ticket, done.result)))


def giving_up(executor: Executor) -> Callable[[Call], None]:
    """What is done about a call that goes on though nobody waits for it: threads of our own are given up."""

    def give_up(call: Call) -> None:
        if isinstance(executor, Threads) and isinstance(call.handle, Future):
            executor.give_up(call.handle)

    return give_up


def executor_of(executor: Executor | int) -> Executor:
    """An executor as it is, or so many threads. Raises TypeError and ValueError."""
    if isinstance(executor, int):
        return Threads(executor)
    if not callable(getattr(executor, "submit", None)):
        raise TypeError(f"executor must be a number of threads or have a method submit, not {executor!r:.80}")
    return executor
