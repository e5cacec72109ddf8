"""How far the Map Runs of an execution are, told while it runs: a bar on a terminal, else a line a second.

Nothing is shown of what is over at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from asl_engine.execution.map_run import MapRun

BAR = 24
WALKER = 4
BETWEEN_FRAMES, BETWEEN_LINES = 0.1, 1.0


class MapRunProgress:
    """Called with a Map Run whenever something of it has changed."""

    def __init__(self, stream: TextIO, seconds: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._seconds = stream, seconds
        self._terminal = stream.isatty()
        self._between = BETWEEN_FRAMES if self._terminal else BETWEEN_LINES
        self._next = seconds() + self._between
        self._shown: str | None = None
        self._frame = 0

    def __call__(self, run: MapRun) -> None:
        """Shows it, if it is time or if it ends what was shown."""
        over = run.status != "RUNNING" and self._shown == run.map_run_arn
        now = self._seconds()
        if now < self._next and not over:
            return
        self._next, self._shown = now + self._between, None if over else run.map_run_arn
        if self._terminal:
            drawn = bar(run, self._frame)
            self._frame += 1
            print(f"\r\x1b[2K{drawn} {line(run)}", end="\n" if over else "", file=self._stream, flush=True)
        else:
            print(f"asl: {line(run)}", file=self._stream, flush=True)


def line(run: MapRun) -> str:
    """`Import: 120 of 500 items, 3 failed, 40 running`; `500+` while items are still being read."""
    items = run.item_counts
    done = items.succeeded + items.failed + items.timed_out + items.aborted
    failed = items.failed + items.timed_out
    parts = [f"{done} of {items.total}{'+' if run.more else ''} items"]
    parts += [f"{failed} failed"] if failed else []
    parts += [f"{run.execution_counts.running} running"] if run.status == "RUNNING" else [run.status]
    return f"{run.state_name}: {', '.join(parts)}"


def bar(run: MapRun, frame: int) -> str:
    """Done, of all: `[######------]`. While items are still being read nobody knows of how many: marks that walk."""
    if run.more:
        before = frame % (BAR - WALKER + 1)
        return f"[{'-' * before}{'#' * WALKER}{'-' * (BAR - WALKER - before)}]"
    items = run.item_counts
    filled = BAR * (items.total - items.pending - items.running) // max(1, items.total)
    return f"[{'#' * filled}{'-' * (BAR - filled)}]"
