"""moto as an engine on trial: https://docs.getmoto.org, with `execute_state_machine` switched on.

It runs in a process of its own (see `worker.py`), since it waits for real and cannot be stopped from outside. It is
used through its public interface only.
"""

from __future__ import annotations

from typing import Any

from .base import Asked, Engine, Ran
from .endpoint import ApiEngine, client
from .worker import InWorker


class MotoEngine:
    """boto3 within `mock_aws`."""

    name = "moto"
    answers_tasks = False
    real_time = True

    def __init__(self) -> None:
        from moto import mock_aws

        config: Any = {"stepfunctions": {"execute_state_machine": True}}
        self._mock = mock_aws(config=config)
        self._mock.start()
        self._engine = ApiEngine("moto", client())

    def run(self, asked: Asked, seconds: float) -> Ran:
        return self._engine.run(asked, seconds)

    def restart(self) -> bool:
        return False  # its process is ended instead

    def close(self) -> None:
        self._engine.close()
        self._mock.stop()


def open_engine(argument: str) -> Engine:
    """moto in a child process. Raises ModuleNotFoundError where moto is not installed."""
    import moto

    return InWorker(f"moto {moto.__version__}", "conformance.engines.moto_:MotoEngine")
