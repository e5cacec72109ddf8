"""What a caller reads of an execution, made from its records when asked for."""

from __future__ import annotations

from collections.abc import Sequence

from asl_engine.execution.history import Record
from asl_engine.jsonvalue import Json, copy
from asl_engine.records import field, record

_TASK_BEGUN = (
    "LambdaFunctionScheduled",
    "TaskScheduled",
    "ActivityScheduled",
    "MapStateStarted",
    "ParallelStateStarted",
)
_TASK_FAILED = (
    "LambdaFunctionFailed",
    "LambdaFunctionTimedOut",
    "TaskFailed",
    "TaskTimedOut",
    "ActivityFailed",
    "ActivityTimedOut",
    "MapRunFailed",
)


@record(frozen=True, slots=True)
class StateError:
    """One failure inside a state: a task's failed attempt."""

    error: str | None
    cause: str | None


@record(slots=True)
class StateReport:
    """All visits of one state: inputs and outputs in order, attempts of its work, and the failures of its tasks."""

    name: str
    type: str = ""
    inputs: list[Json] = field(default_factory=list)
    outputs: list[Json] = field(default_factory=list)
    attempts: int = 0
    errors: list[StateError] = field(default_factory=list)

    @property
    def input(self) -> Json:
        """The input of the last visit."""
        return self.inputs[-1]

    @property
    def output(self) -> Json:
        """The output of the last visit that left the state."""
        return self.outputs[-1]

    @property
    def visits(self) -> int:
        """How often the state was entered."""
        return len(self.inputs)


def path_of(records: Sequence[Record]) -> list[str]:
    """The names of the states entered, in order."""
    return [name for kind, _, _, name, _, _ in records if kind.endswith("StateEntered") and name is not None]


def state_report(records: Sequence[Record], name: str) -> StateReport:
    """What happened in the state `name`. Its values are the caller's own. Raises KeyError if it was never entered."""
    report = StateReport(name)
    for kind, _, _, state, x, y in records:
        if state != name:
            continue
        if kind.endswith("StateEntered"):
            report.type = kind.removesuffix("StateEntered")
            report.inputs.append(copy(x))
        elif kind.endswith("StateExited"):
            report.outputs.append(copy(x))
        elif kind in _TASK_BEGUN:
            report.attempts += 1
        elif kind in _TASK_FAILED:
            report.errors.append(StateError(y.error, y.cause))
    if not report.inputs:
        raise KeyError(f"the execution never entered a state named {name!r}; it entered {', '.join(path_of(records))}")
    return report
