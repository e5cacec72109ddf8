"""A state machine as read: frozen data, States language specification "Structure of a State Machine"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from asl_engine.records import record


class StateLike(Protocol):
    """What this layer asks of every state."""

    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def pointer(self) -> str: ...
    @property
    def next(self) -> str | None: ...
    @property
    def query_language(self) -> str: ...

    def targets(self) -> Iterator[tuple[str, str]]:
        """Every state name that this state may go to, with the JSON pointer that says so."""

    def assigned_names(self) -> Iterator[tuple[str, str]]:
        """Every variable that this state may assign in its own scope, with the JSON pointer that says so."""

    def machines(self) -> Iterator[Machine]:
        """The machines nested in this state: branches, item processor."""


@record(frozen=True, slots=True, kw_only=True)
class ProcessorConfig:
    """How an item processor runs: `mode` is INLINE or DISTRIBUTED, `execution_type` the latter's kind of child."""

    mode: str = "INLINE"
    execution_type: str | None = None


INLINE_PROCESSOR = ProcessorConfig()


@record(frozen=True, slots=True, kw_only=True)
class Machine:
    """One `StartAt` and `States`: the whole definition, a branch, or an item processor.

    `timeout_seconds` belongs to the whole definition only; `processor_config` matters in an item processor only.
    """

    pointer: str
    start_at: str
    states: Mapping[str, Any]
    comment: str | None = None
    version: str | None = None
    timeout_seconds: int | None = None
    query_language: str = "JSONPath"
    processor_config: ProcessorConfig = INLINE_PROCESSOR


def every_machine(machine: Machine) -> Iterator[Machine]:
    """The machine and all that are nested in it, outermost first."""
    yield machine
    for state in machine.states.values():
        for nested in state.machines():
            yield from every_machine(nested)


def every_state(machine: Machine) -> Iterator[Any]:
    """Every state of the machine and of all that are nested in it, machine by machine."""
    return (state for one in every_machine(machine) for state in one.states.values())
