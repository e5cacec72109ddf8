"""What a caller reads of an execution, made from its records when asked for."""

from __future__ import annotations

from collections.abc import Sequence

from asl_engine.execution.history import Record
from asl_engine.jsonvalue import Json, copy
from asl_engine.records import field, record


@record(frozen=True, slots=True)
class StateError:
    """One failure inside a state: a task's failed attempt, or an expression that could not be evaluated."""

    error: str | None
    cause: str | None


@record(slots=True)
class StateReport:
    """All visits of one state: inputs and outputs in order, attempts of its work, and its failures.

    `durations` has the seconds of each visit, `delays` those before each retry, all on the execution's clock.
    """

    name: str
    type: str = ""
    inputs: list[Json] = field(default_factory=list)
    outputs: list[Json] = field(default_factory=list)
    attempts: int = 0
    errors: list[StateError] = field(default_factory=list)
    durations: list[float] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)

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

    @property
    def retries(self) -> int:
        """How many of the attempts were retries."""
        return len(self.delays)

    @property
    def waited(self) -> float:
        """The seconds spent in the state, all visits together."""
        return sum(self.durations)


def path_of(records: Sequence[Record]) -> list[str]:
    """The names of the states entered, in order."""
    return [name for kind, _, _, name, _, _ in records if kind.endswith("StateEntered") and name is not None]


def state_report(records: Sequence[Record], name: str) -> StateReport:
    """What happened in the state `name`. Its values are the caller's own. Raises KeyError if it was never entered."""
    from asl_engine.execution.visits import visits_of

    visits = [visit for visit in visits_of(records).entered if visit.name == name]
    if not visits:
        raise KeyError(f"the execution never entered a state named {name!r}; it entered {', '.join(path_of(records))}")
    return StateReport(
        name,
        visits[0].type,
        [copy(visit.input) for visit in visits],
        [copy(visit.output) for visit in visits if visit.left],
        sum(visit.attempts for visit in visits),
        [error for visit in visits for error in visit.errors],
        [(visit.last_at - visit.entered_at) / 1000 for visit in visits],
        [delay / 1000 for visit in visits for delay in visit.delays],
    )
