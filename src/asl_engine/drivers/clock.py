"""Clocks: virtual time, which jumps, and real time. Any object with these two methods is a clock."""

from __future__ import annotations

from typing import Protocol

VIRTUAL_START = 1_704_067_200_000
"""Virtual time begins at 2024-01-01T00:00:00Z unless told otherwise, so that a run repeats exactly."""


class Clock(Protocol):
    """Where a driver reads the time."""

    def now(self) -> int:
        """Milliseconds since the epoch."""

    def wait_until(self, at: int) -> None:
        """Returns when the time has come; at once if it has passed."""


class VirtualClock:
    """Time that stands still until someone waits, and then jumps."""

    def __init__(self, start: int = VIRTUAL_START) -> None:
        self._now = start

    def now(self) -> int:
        """The virtual time."""
        return self._now

    def wait_until(self, at: int) -> None:
        """Jumps there; never back."""
        self._now = max(self._now, at)


class RealClock:
    """The wall clock; waiting takes as long as it says."""

    def now(self) -> int:
        """The time of day."""
        import time

        return time.time_ns() // 1_000_000

    def wait_until(self, at: int) -> None:
        """Sleeps."""
        import time

        seconds = (at - self.now()) / 1000
        if seconds > 0:
            time.sleep(seconds)
