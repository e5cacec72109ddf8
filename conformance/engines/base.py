"""What the suite asks of an engine, and what it gets. The rule: plain JSON values, so that an engine may stand in a
process, or in a language, of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol

Json = Any

REFUSED, BROKEN, UNFINISHED = "REFUSED", "BROKEN", "UNFINISHED"


class Asked(NamedTuple):
    """What an engine is to run. `definition` and `input` are JSON texts; `tasks` are the recorded task results, for
    engines that can be told them."""

    definition: str
    input: str
    type: str = "STANDARD"
    tasks: list[Json] = []  # noqa: RUF012  never changed


class Ran(NamedTuple):
    """What came of it. `status`: AWS's, or REFUSED (`error`, `cause`: the exception's code and message), BROKEN (the
    engine raised something of its own), UNFINISHED (no end within the time limit). `output` is a JSON text, `events`
    as GetExecutionHistory has them, with timestamps as texts."""

    status: str
    output: str | None = None
    error: str | None = None
    cause: str | None = None
    events: list[Json] = []  # noqa: RUF012  never changed


class Engine(Protocol):
    """An engine on trial. `answers_tasks`: whether it can be told what its tasks answer; `real_time`: whether it waits
    for real, so that cases which take long are left out."""

    name: str
    answers_tasks: bool
    real_time: bool

    def run(self, asked: Asked, seconds: float) -> Ran:
        """Runs a definition on an input, for so many seconds at most. Never raises."""

    def restart(self) -> bool:
        """Forgets all that was run before; False where that cannot be done."""

    def close(self) -> None:
        """Gives back what the engine holds."""


@contextmanager
def closing(engine: Engine) -> Iterator[Engine]:
    """The engine, closed in the end."""
    try:
        yield engine
    finally:
        engine.close()
