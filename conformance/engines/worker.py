"""An engine in a child process: what it prints is dropped, and a case that never ends ends with its process.

Parent and child exchange one JSON text a line. `python -m conformance.engines.worker MODULE:CLASS` is the child.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import IO, Any

from .base import BROKEN, UNFINISHED, Asked, Engine, Ran

GRACE_SECONDS = 20
"""Beside the case's own limit: starting the child takes a few seconds."""


class InWorker:
    """The engine that a class in another process is."""

    answers_tasks = False
    real_time = True

    def __init__(self, name: str, target: str) -> None:
        self.name = name
        self._target = target
        self._child: subprocess.Popen[str] | None = None
        self._lines: queue.Queue[str] = queue.Queue()

    def run(self, asked: Asked, seconds: float) -> Ran:
        child = self._child or self._begin()
        assert child.stdin is not None
        try:
            child.stdin.write(json.dumps([list(asked), seconds]) + "\n")
            child.stdin.flush()
            line = self._lines.get(timeout=seconds + GRACE_SECONDS)
        except (queue.Empty, BrokenPipeError):
            self.close()
            return Ran(UNFINISHED)
        if not line:
            self.close()
            return Ran(BROKEN, error="ProcessEnded", cause="the engine's process ended in the middle of a case")
        return Ran(*json.loads(line))

    def _begin(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "conformance.engines.worker", self._target]
        pipe = subprocess.PIPE
        child = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True)
        assert child.stdout is not None
        self._child, self._lines = child, queue.Queue()
        threading.Thread(target=_read, args=(child.stdout, self._lines), daemon=True).start()
        return child

    def restart(self) -> bool:
        self.close()
        return True

    def close(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            for pipe in (self._child.stdin, self._child.stdout):
                with contextlib.suppress(OSError):
                    if pipe is not None:
                        pipe.close()
            self._child = None


def _read(stream: IO[str], lines: queue.Queue[str]) -> None:
    """Puts every line into the queue, and "" at the end."""
    with contextlib.suppress(ValueError):  # closed by the parent
        for line in stream:
            lines.put(line)
    lines.put("")


def main(arguments: Sequence[str]) -> None:
    """The child: cases in, outcomes out, on the first standard output; what the engine prints goes nowhere."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, 1)
    module, _, name = arguments[0].partition(":")
    engine: Engine = getattr(importlib.import_module(module), name)()
    for line in sys.stdin:
        asked, seconds = json.loads(line)
        answers.write(json.dumps(list(_run(engine, Asked(*asked), seconds)), default=str) + "\n")
        answers.flush()
    engine.close()


def _run(engine: Engine, asked: Asked, seconds: float) -> Any:
    try:
        return engine.run(asked, seconds)
    except Exception as error:  # the engine is on trial: whatever it raises is what came of the case
        return Ran(BROKEN, error=type(error).__name__, cause=str(error))


if __name__ == "__main__":
    main(sys.argv[1:])
