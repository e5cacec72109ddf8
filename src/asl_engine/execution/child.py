"""A child execution of a Map Run: its own program, history, context object and variables, driven through its parent.

It shares the root execution's desk and ready queue, so a driver sees one execution: every ticket and every timer of its
children is asked for there, and comes back there. What it shares it never clears; what it has of its own it drops.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from asl_engine.execution import groups
from asl_engine.execution.child_results import ChildResult
from asl_engine.execution.entropy import Entropy
from asl_engine.execution.execution import ABORTED, EVENT_LIMIT, SUCCEEDED, Execution
from asl_engine.execution.frame import Frame
from asl_engine.jsonvalue import Json
from asl_engine.timestamp import format_timestamp

if TYPE_CHECKING:
    from asl_engine.execution.map_run import MapRun

_STEP = 0x9E3779B97F4A7C15


class ChildExecution(Execution):
    """One child. `item_count` says how many items of the data set its input holds."""

    def __init__(self, run: MapRun, index: int, input: Json, bound: int, item_count: int) -> None:
        parent = run.frame.execution
        self.run, self.index, self.item_count = run, index, item_count
        self.root = parent.root
        self.program, self.settings = run.plan.program, run.child_settings
        self.records, self.tokens = [], {}
        self.tasks_by_token = parent.tasks_by_token
        self._event_limit = 1 << 62 if self.settings.express else EVENT_LIMIT - 1
        self._ready, self.desk = parent._ready, parent.desk
        self.scope = (*run.scope, ("Map", run.frame.step.name, index))
        self.progress = parent.progress
        self._root = Frame(self, self.program.first, input, bound, {}, 0)

    @property
    def now(self) -> int:  # type: ignore[override]  # the root's time is its children's
        """The root execution's time."""
        return self.root.now

    def begin(self) -> None:
        """Begins; it advances when its turn comes."""
        self.start_time = now = self.root.now
        self.records.append(("ExecutionStarted", 0, now, None, self._root.input, self.run.role))
        self._ready.append(self._root)

    def abort(self) -> None:
        """Ends it because its Map Run ends."""
        groups.abort(self, self._root)
        self._end(ABORTED, "ExecutionAborted", None, None)

    def time_out(self) -> None:
        """Ends it because an Express execution may take no longer."""
        self._time_out(self._root)

    def _close(self, status: str) -> None:
        self.status, self.end_time = status, self.root.now
        if status != SUCCEEDED:
            self.desk.forget_those_of(self)
            for frame in self._ready:
                frame.ended = frame.ended or frame.execution is self
        self.run.child_ended(self)

    def _limit_reached(self) -> None:
        if self.transitions > self.settings.max_transitions:
            self.root._close(ABORTED)
        super()._limit_reached()

    # --- what it is called ------------------------------------------------------------------------------------------

    @property
    def seed(self) -> int:
        """Its own seed, so that it draws other numbers than its siblings."""
        return (self.run.seed + (self.index + 1) * _STEP) & ((1 << 64) - 1)

    @property
    def entropy(self) -> Entropy:
        """The child's chance, fixed by the parent's seed and its index."""
        if self._entropy is None:
            self._entropy = Entropy(self.seed)
        return self._entropy

    @property
    def name(self) -> str:
        """Its name, a UUID."""
        name: str = self.fixed_context()["Execution"]["Name"]
        return name

    def fixed_context(self) -> dict[str, Json]:
        """The context object's parts that do not change."""
        if self._fixed_context is None:
            run, name = self.run, Entropy(self.seed ^ 0x5DEECE66D).uuid()
            own: dict[str, Json] = {"Id": f"{run.execution_prefix}:{name}", "Input": self.records[0][4], "Name": name}
            own |= {"RoleArn": run.role, "StartTime": format_timestamp(self.start_time)}
            if not self.settings.express:
                own["RedriveCount"] = 0
            machine: dict[str, Json] = {"Id": run.state_machine_arn, "Name": run.machine_name}
            self._fixed_context = {"Execution": own, "StateMachine": machine}
        return self._fixed_context

    @property
    def result(self) -> Json:
        """Its output, not copied."""
        return self._result

    @property
    def result_bound(self) -> int:
        """An upper bound of the size of its output."""
        return self._root.bound

    def outcome(self) -> ChildResult:
        """What its Map Run keeps of it."""
        named = self.fixed_context()["Execution"]
        times = self.start_time, self.end_time
        given = self.records[0][4]
        return ChildResult(
            self.status, given, self._result, self.error, self.cause, named["Name"], named["Id"],
            self.run.state_machine_arn, *times,
        )  # fmt: skip
