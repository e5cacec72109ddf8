"""A Map Run: the child executions that one visit of a distributed Map starts, and what is known of them.

Developer guide, "Using Map state in Distributed mode" and "Viewing Map Runs". The rule that keeps it whole: items are
taken one by one, when a child can be started for them, and nothing is kept of a child that ended but what the state's
output needs, numbers, the first failures, and the first child that failed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from itertools import count, repeat
from typing import TYPE_CHECKING, Any, NamedTuple
from zlib import crc32

from asl_engine.definition.fields import ABSENT
from asl_engine.execution.child_results import ChildResult, state_output
from asl_engine.execution.context import ACCOUNT, REGION
from asl_engine.execution.entropy import Entropy
from asl_engine.jsonvalue import Json, size
from asl_engine.states.failure import Failure
from asl_engine.states.map_distributed import MapPlan, RunSettings

if TYPE_CHECKING:
    from asl_engine.execution.child import ChildExecution
    from asl_engine.execution.execution import Settings
    from asl_engine.execution.frame import Frame

FAILURES_KEPT = 100
PAYLOAD_LIMIT = 262_144
READ_AT_ONCE = 16
"""Items asked for at once: enough that asking costs little, few enough that large ones (8 MB) find room."""

STATE_DATA = "STATE_DATA"
_DESCRIPTION = 1_000
"""Bytes that the form NONE adds to input and output, or fewer."""


class Counts:
    """How many items, or executions, stand where; named as DescribeMapRun names them."""

    __slots__ = ("aborted", "failed", "pending", "results_written", "running", "succeeded", "timed_out")

    def __init__(self) -> None:
        self.pending = self.running = self.succeeded = self.failed = self.timed_out = self.aborted = 0
        self.results_written = 0

    @property
    def total(self) -> int:
        """All that are known; while a data set is being read, all read so far."""
        return self.pending + self.running + self.succeeded + self.failed + self.timed_out + self.aborted

    def began(self, number: int) -> None:
        """So many run now that were pending."""
        self.pending -= number
        self.running += number

    def ended(self, status: str, number: int) -> None:
        """So many ran and now have this status."""
        self.running -= number
        if status == "SUCCEEDED":
            self.succeeded += number
        elif status == "FAILED":
            self.failed += number
        elif status == "TIMED_OUT":
            self.timed_out += number
        else:
            self.aborted += number

    def as_json(self) -> dict[str, int]:
        """The members of DescribeMapRun's `itemCounts` and `executionCounts`."""
        return {
            "pending": self.pending,
            "running": self.running,
            "succeeded": self.succeeded,
            "failed": self.failed,
            "timedOut": self.timed_out,
            "aborted": self.aborted,
            "total": self.total,
            "resultsWritten": self.results_written,
        }

    def __repr__(self) -> str:
        return f"<Counts {self.as_json()}>"


class Item(NamedTuple):
    """An item on its way to a child: `key` where it comes from an object, `source` as the context object has it."""

    number: int
    value: Json
    key: str | None
    source: str


class ChildInput(NamedTuple):
    """The input of a child to be: an item, or a batch of several."""

    value: Json
    bound: int
    item_count: int


class MapRun:
    """One Map Run.

    `status` is RUNNING, SUCCEEDED, FAILED or ABORTED. `item_counts` and `execution_counts` are live. `failures` holds
    what came of the first hundred children that did not succeed, `first_failed` the first that failed or timed out,
    an execution with a history, a path and states. `ended_child` is the one that `progress` is just told of.
    `start_date` and `stop_date` are milliseconds since the epoch.
    """

    status = "RUNNING"
    stop_date: int | None = None
    error: str | None = None
    cause: str | None = None
    first_failed: ChildExecution | None = None
    ended_child: ChildExecution | None = None
    failure: Failure | None = None
    """What the run is about to fail with."""
    started = 0
    """Children begun so far: the index of the next one."""
    more = False
    """Whether the data set may hold items that were not read yet."""
    express_limit: int | None = None
    """The ticket of the timer that ends Express children after five minutes."""
    asked = hungry = finishing = False
    """Whether items were asked for, whether its turn to start a child will come, whether results are being finished."""

    def __init__(self, frame: Frame, plan: MapPlan, settings: RunSettings, document: Json, ticket: int) -> None:
        self.frame, self.plan, self.settings, self.document, self.ticket = frame, plan, settings, document, ticket
        parent = frame.execution
        self.scope = frame.scope_path()
        self.seed = parent.entropy.bits()
        self._name(parent.fixed_context())
        self.child_settings: Settings = parent.settings._replace(
            machine_name=self.machine_name, express=plan.express, context=None
        )
        self.start_date = parent.now
        self.item_counts, self.execution_counts = Counts(), Counts()
        self.failures: list[ChildResult] = []
        self.open: dict[int, ChildExecution] = {}
        self.child_ended: Callable[[ChildExecution], None]
        self.take_turn: Callable[[], None]
        self.more = settings.source is not None
        self._at_hand: deque[Item] = deque()
        self._taken = 0
        self._batch: list[Json] = []
        self._batch_bytes = 0
        self._outputs: dict[int, Any] | None = {}
        self._output_bytes = 0
        self._measured = False

    def _name(self, context: dict[str, Json]) -> None:
        """Its ARN and its children's, from the parent's. A Map without a Label has one made from its place."""
        machine = context["StateMachine"]
        start = machine["Id"].split(":stateMachine:")[0]
        if not start.startswith("arn:"):
            start = f"arn:aws:states:{REGION}:{ACCOUNT}"
        base = machine["Name"].partition("/")[0]
        self.label = self.plan.label or Entropy(crc32(self.plan.pointer.encode())).uuid()
        self.machine_name = f"{base}/{self.label}"
        self.state_machine_arn = f"{start}:stateMachine:{self.machine_name}"
        kind = "express" if self.plan.express else "execution"
        self.execution_prefix = f"{start}:{kind}:{self.machine_name}"
        self.map_run_arn = f"{start}:mapRun:{self.machine_name}:{Entropy(self.seed).uuid()}"
        self.execution_arn: str = context["Execution"]["Id"]
        self.role: str | None = context["Execution"].get("RoleArn")

    @property
    def state_name(self) -> str:
        """The Map state that it belongs to."""
        return self.frame.step.name

    @property
    def max_concurrency(self) -> int:
        """How many children may run at once."""
        return self.settings.max_concurrency

    # --- items, one by one ------------------------------------------------------------------------------------------

    def supply(self, items: Sequence[Json], keys: Sequence[str] | None) -> None:
        """Takes the items of the state's data, all of them."""
        named = keys or repeat(None)
        self._at_hand.extend(map(Item, count(), items, named, repeat(STATE_DATA)))
        self.item_counts.pending = len(items)

    def read(self, items: Sequence[tuple[str, Json]], *, more: bool) -> None:
        """Takes items as they were read, each after its source; `more` says that others may follow."""
        first = self._taken + len(self._at_hand)
        self._at_hand.extend(Item(index, item, None, source) for index, (source, item) in enumerate(items, first))
        self.item_counts.pending += len(items)
        self.more, self.asked = more, False

    @property
    def has_room(self) -> bool:
        """Whether one more child may run."""
        return len(self.open) < self.settings.max_concurrency

    @property
    def wants_items(self) -> bool:
        """Whether the next items must be read before a child can be started."""
        return self.more and not self._at_hand

    @property
    def used_up(self) -> bool:
        """Whether every item was given to a child."""
        return not self.more and not self._at_hand and not self._batch

    def next_input(self) -> ChildInput | None:
        """The input of the next child, None until more is read or where nothing is left. Raises StatesError."""
        batching = self.settings.batching
        while self._at_hand:
            item = self._at_hand.popleft()
            self._taken += 1
            selected = self._selected(item)
            if batching is None:
                return ChildInput(selected, size(selected), 1)
            full = self._add_to_batch(selected)
            if full is not None:
                return full
        return self._flush() if self._batch and not self.more else None

    def _selected(self, item: Item) -> Json:
        selector = self.plan.item_input
        return item.value if selector is None else selector(self.document, ItemScope(self.frame, item))

    def _add_to_batch(self, item: Json) -> ChildInput | None:
        """Adds an item; gives the batch that is full with it, or without it. An item larger than the limit has a batch
        of its own."""
        batching = self.settings.batching
        assert batching is not None
        item_bytes = size(item) + 1
        if not self._batch:
            envelope = {} if batching.batch_input is ABSENT else {"BatchInput": batching.batch_input}
            self._batch_bytes = size({**envelope, "Items": []}) - 1
        elif self._batch_bytes + item_bytes > batching.max_bytes:
            full = self._flush()
            self._add_to_batch(item)
            return full
        self._batch.append(item)
        self._batch_bytes += item_bytes
        return self._flush() if len(self._batch) >= batching.max_items else None

    def _flush(self) -> ChildInput:
        batching = self.settings.batching
        assert batching is not None
        items, self._batch = self._batch, []
        given = {} if batching.batch_input is ABSENT else {"BatchInput": batching.batch_input}
        return ChildInput({**given, "Items": items}, self._batch_bytes, len(items))

    # --- children that began and ended ------------------------------------------------------------------------------

    def began(self, child: ChildExecution) -> None:
        """Counts a child in."""
        self.open[child.index] = child
        self.started += 1
        self.item_counts.began(child.item_count)
        self.execution_counts.pending += 1
        self.execution_counts.began(1)

    def ended(self, child: ChildExecution) -> None:
        """Counts a child out, and keeps of it what the state's output needs."""
        del self.open[child.index]
        self.item_counts.ended(child.status, child.item_count)
        self.execution_counts.ended(child.status, 1)
        if child.status != "SUCCEEDED" and len(self.failures) < FAILURES_KEPT:
            self.failures.append(child.outcome())
        if self.first_failed is None and child.status in ("FAILED", "TIMED_OUT"):
            self.first_failed = child
        if self.settings.target is None:
            self._keep(child)

    def _keep(self, child: ChildExecution) -> None:
        """Keeps an output, until all of them are more than a state may give."""
        if self._outputs is None:
            return
        plain = child.status == "SUCCEEDED" and self.plan.transformation != "NONE"
        kept: Any = child.result if plain else child.outcome()
        self._outputs[child.index] = kept
        self._output_bytes += 1 + (_bytes(kept) if self._measured or not plain else child.result_bound)
        if self._output_bytes > PAYLOAD_LIMIT and not self._measured:
            self._measured = True
            self._output_bytes = sum(map(_bytes, self._outputs.values())) + len(self._outputs)
        if self._output_bytes > PAYLOAD_LIMIT:
            self._outputs = None

    def output(self) -> tuple[list[Json], int] | None:
        """The outputs in the order of the items, and a bound of their size; None where they are too many."""
        if self._outputs is None:
            return None
        kept = [self._outputs[index] for index in sorted(self._outputs)]
        if self.plan.transformation is None and not self.failures:
            return kept, self._output_bytes + 2
        shown = state_output(map(_as_result, kept), self.plan.transformation)
        return shown, size(shown)

    def tolerates(self) -> bool:
        """Whether the failures so far stay within what is tolerated (AWS compares with >).

        A percentage is taken of all items; until they are all read only 0 % can be judged.
        """
        failed = self.item_counts.failed + self.item_counts.timed_out
        number, percentage = self.settings.tolerated_count, self.settings.tolerated_percentage
        if not failed:
            return True
        if number is None and not percentage:
            return False
        if number is not None and failed > number:
            return False
        if percentage is None or (self.more and percentage):
            return True
        return 100 * failed <= percentage * self.item_counts.total

    def drop(self) -> None:
        """Keeps no items and no outputs any more."""
        self._outputs, self._batch = {}, []
        self._at_hand.clear()

    def as_json(self) -> dict[str, Json]:
        """The members of DescribeMapRun, but for its dates, which are milliseconds since the epoch."""
        return {
            "mapRunArn": self.map_run_arn,
            "executionArn": self.execution_arn,
            "status": self.status,
            "startDate": self.start_date,
            **({} if self.stop_date is None else {"stopDate": self.stop_date}),
            "maxConcurrency": self.max_concurrency,
            "toleratedFailurePercentage": float(self.settings.tolerated_percentage or 0),
            "toleratedFailureCount": self.settings.tolerated_count or 0,
            "itemCounts": self.item_counts.as_json(),
            "executionCounts": self.execution_counts.as_json(),
        }

    def __repr__(self) -> str:
        counts = self.execution_counts
        return f"<MapRun {self.state_name} {self.status}: {counts.succeeded} of {counts.total} executions succeeded>"


def _bytes(kept: Any) -> int:
    if isinstance(kept, ChildResult):
        return size(kept.input) + size(kept.output) + len(kept.cause or "") + _DESCRIPTION
    return size(kept)


def _as_result(kept: Any) -> ChildResult:
    return kept if isinstance(kept, ChildResult) else ChildResult("SUCCEEDED", None, kept, None, None, "", "", "", 0, 0)


class ItemScope:
    """What an ItemSelector sees: its Map's frame, and the item in the context object."""

    __slots__ = ("_frame", "_item", "entropy", "input", "now", "variables")

    def __init__(self, frame: Frame, item: Item) -> None:
        self._frame, self._item = frame, item
        self.input, self.variables = frame.input, frame.variables
        self.now, self.entropy = frame.now, frame.entropy

    def map_item(self) -> dict[str, Json]:
        """Index, Value, Source and, of an object's member, Key."""
        index, value, key, source = self._item
        if key is None:
            return {"Index": index, "Value": value, "Source": source}
        return {"Index": index, "Key": key, "Value": value["Value"], "Source": source}

    def context(self) -> dict[str, Json]:
        """The context object of the Map state, with the item."""
        return {**self._frame.context(), "Map": {"Item": self.map_item()}}
