"""What a behaviour may answer when a frame stands in its state: go on at once, or begin something that takes time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from asl_engine.jsonvalue import Json

if TYPE_CHECKING:
    from asl_engine.states.map_distributed import MapPlan
    from asl_engine.states.program import Step
    from asl_engine.states.resource import Resource

Next: TypeAlias = "tuple[Json, Step | None, dict[str, Json] | None]"
"""Leave the state: its output, the state that follows (None ends the machine), and the variables it assigns."""


class WaitUntil(NamedTuple):
    """Stay in the state until a time, in milliseconds since the epoch, then leave it with a result."""

    at: int
    result: Json


class Invoke(NamedTuple):
    """Do a Task's work. Times in seconds, None where there is no bound."""

    resource: Resource
    payload: Json
    timeout_seconds: int | None
    heartbeat_seconds: int | None
    credentials: Json


class Branch(NamedTuple):
    """Run the branches of a Parallel, each from its first step, all with the same input."""

    first_steps: Sequence[Step]
    payload: Json


class Iterate(NamedTuple):
    """Run a Map's item processor once an item. `keys` stand where the items come from an object."""

    first_step: Step
    items: Sequence[Json]
    keys: Sequence[str] | None
    payload: Json
    max_concurrency: int
    tolerated_count: int | None
    tolerated_percentage: float | None


class StartMapRun(NamedTuple):
    """Run a distributed Map: a child execution for each item or batch. `items` is None where an ItemReader reads them;
    `keys` stand where the items come from an object."""

    plan: MapPlan
    items: Sequence[Json] | None
    keys: Sequence[str] | None
    document: Json


Move: TypeAlias = "Next | WaitUntil | Invoke | Branch | Iterate | StartMapRun"
