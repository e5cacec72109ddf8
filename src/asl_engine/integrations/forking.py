"""Serving a fork: the tasks that were outstanding are done as of the time they were asked, all later ones as in a run.

The one rule: with the same answers a fork is the execution it was forked from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from asl_engine.drivers.attended import Attended
from asl_engine.drivers.clock import Clock, VirtualClock
from asl_engine.drivers.inline import Perform, Supply
from asl_engine.execution.commands import END, InvokeTask
from asl_engine.execution.replies import ENDS_TASK, Reply
from asl_engine.integrations.perform import performer
from asl_engine.integrations.registry import Importer, TaskNeed, Tasks, serve

if TYPE_CHECKING:
    from asl_engine.execution.execution import Execution
    from asl_engine.execution.travel import Outstanding
    from asl_engine.integrations.services.catalogue import Identity, Services


class Serving(NamedTuple):
    """What serves the tasks of a fork."""

    tasks: Tasks
    importer: Importer | None
    services: Services | None
    identity: Identity | None
    supply: Supply | None


def carry_on(
    needs: Iterable[TaskNeed],
    serving: Serving,
    twin: Execution,
    outstanding: list[Outstanding],
    until_pending: bool,
) -> Execution:
    """Drives a twin on from its outstanding commands. Raises UnservedTaskError."""
    tasks, importer, services, identity, supply = serving
    handlers = serve(needs, tasks, importer, services)
    perform = performer(handlers, tasks, twin.settings.seed, importer, services, identity, execution=twin)
    driver = Attended(twin, as_asked(perform, outstanding), VirtualClock(twin.now), supply)
    try:
        driver.take_over(asked.command for asked in outstanding)
        return driver.run_on(until_pending=until_pending)
    finally:
        if supply is not None:
            supply(END)


def as_asked(perform: Perform, outstanding: Iterable[Outstanding]) -> Perform:
    """`perform`, for tasks that were under way: they begin when they were asked, and do not say again what had been
    heard of them."""
    under_way: Mapping[int, Outstanding] = {asked.command.ticket: asked for asked in outstanding}

    def performed(task: InvokeTask, clock: Clock, now: int) -> list[tuple[int, Reply]]:
        asked = under_way.get(task.ticket)
        if asked is None:
            return perform(task, clock, now)
        replies = perform(task, VirtualClock(asked.asked_at), asked.asked_at)
        heard = sum(not isinstance(reply, ENDS_TASK) for _, reply in replies[: asked.said])
        return replies[heard:]

    return performed
