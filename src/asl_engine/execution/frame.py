"""Plain run-time data: where one thread of control stands, and the children that a Parallel or Map waits for.

A frame is also the scope that its expressions see (`query.scope.Scope`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from asl_engine.execution.context import context_object, map_item
from asl_engine.jsonvalue import Json
from asl_engine.query.scope import Entropy
from asl_engine.states.moves import Invoke
from asl_engine.states.program import Step

if TYPE_CHECKING:
    from asl_engine.execution.execution import Execution
    from asl_engine.execution.map_run import MapRun


ASKED, SCHEDULED, STARTED = range(3)
"""How far a task is: asked of the driver, in an activity's queue, with a worker."""


class Frame:
    """One thread of control.

    `input` is the raw input of the state `step`, `bound` an upper bound of its size in bytes. `previous` is the id of
    the last history event of this thread. `tally` counts attempts per retrier of this state visit. `tickets` are what
    the frame waits for. `ended` frames take no more part.
    """

    __slots__ = (
        "bound",
        "ended",
        "entered_at",
        "entered_id",
        "execution",
        "group",
        "index",
        "input",
        "previous",
        "retry_count",
        "started",
        "step",
        "tally",
        "variables",
        "work",
    )

    def __init__(
        self,
        execution: Execution,
        step: Step,
        input: Json,
        bound: int,
        variables: Mapping[str, Json],
        previous: int,
        group: Group | None = None,
        index: int = 0,
    ) -> None:
        self.execution = execution
        self.step = step
        self.input = input
        self.bound = bound
        self.variables = variables
        self.previous = previous
        self.group = group
        self.index = index
        self.entered_at = self.entered_id = self.retry_count = 0
        self.started = self.ended = False
        self.tally: list[int] | None = None
        self.work: Work | Group | MapRun | None = None

    @property
    def now(self) -> int:
        """The execution's time."""
        return self.execution.now

    @property
    def entropy(self) -> Entropy:
        """The execution's chance."""
        return self.execution.entropy

    def context(self) -> dict[str, Json]:
        """The context object as this frame sees it."""
        return context_object(self)

    def map_item(self) -> dict[str, Json] | None:
        """The item of the innermost Map around this frame."""
        return map_item(self)

    def scope_path(self) -> tuple[tuple[str, str, int], ...]:
        """The iterations and branches around this frame, outermost first."""
        path: list[tuple[str, str, int]] = []
        frame: Frame = self
        while frame.group is not None:
            parent = frame.group.parent
            path.append((parent.step.type, parent.step.name, frame.index))
            frame = parent
        return (*self.execution.scope, *reversed(path))


class Work:
    """What a frame waits for: a task (`invoke`), a wait (`result`), or the delay before a retry.

    `ticket` is the task's or timer's; `deadline` and `heartbeat` are tickets of timers, 0 where there is none. `open`
    is what only tasks with a token have.
    """

    __slots__ = ("deadline", "heartbeat", "invoke", "open", "result", "result_bound", "submitted", "ticket")

    def __init__(self, ticket: int, invoke: Invoke | None = None, result: Json = None) -> None:
        self.ticket = ticket
        self.invoke = invoke
        self.result = result
        self.result_bound = 0
        self.deadline = self.heartbeat = 0
        self.submitted = False
        self.open: OpenTask | None = None


class OpenTask:
    """A task that a token can answer.

    `stage` tells how far it is, `since` when it started, `heartbeat_at` when its next heartbeat is due. `taken` (a
    worker has it) and `answered` (an answer is accepted) are true before the execution hears of it.
    """

    __slots__ = ("answered", "frame", "heartbeat_at", "since", "stage", "taken", "work")

    def __init__(self, frame: Frame, work: Work, since: int) -> None:
        self.frame = frame
        self.work = work
        self.since = since
        self.heartbeat_at = 0
        self.stage = STARTED
        self.taken = self.answered = False


class Group:
    """The children that a frame in a Parallel or Map state waits for.

    `results` has a place for each child, `bounds` sums their sizes; `running` holds those forked and not ended;
    `waiting` indexes the Map items not yet forked. `first_step` is None for a Parallel.
    """

    __slots__ = (
        "bounds",
        "document",
        "failures",
        "first_step",
        "items",
        "keys",
        "parent",
        "results",
        "running",
        "tolerated_count",
        "tolerated_percentage",
        "unfinished",
        "waiting",
    )

    def __init__(self, parent: Frame, size: int) -> None:
        self.parent = parent
        self.results: list[Json] = [None] * size
        self.bounds = 0
        self.running: dict[int, Frame] = {}
        self.unfinished = size
        self.failures = 0
        self.waiting: deque[int] = deque()
        self.first_step: Step | None = None
        self.items: Sequence[Json] = ()
        self.keys: Sequence[str] | None = None
        self.document: Json = None
        self.tolerated_count: int | None = None
        self.tolerated_percentage: float | None = None

    def tolerates(self) -> bool:
        """Whether the failures so far stay within what the Map tolerates (AWS compares with >)."""
        if self.tolerated_count is None and self.tolerated_percentage is None:
            return False
        if self.tolerated_count is not None and self.failures > self.tolerated_count:
            return False
        percentage = 100 * self.failures / max(1, len(self.results))
        return self.tolerated_percentage is None or percentage <= self.tolerated_percentage
