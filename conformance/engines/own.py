"""asl_engine as an engine on trial, in process and in virtual time: the pattern for any engine with a Python API."""

from __future__ import annotations

import json

from asl_engine import DefinitionError, StateMachine

from ..replay import recorded_answers
from .base import BROKEN, REFUSED, Asked, Engine, Ran


class OwnEngine:
    """Runs definitions with `StateMachine`."""

    name = "asl_engine"
    answers_tasks = True
    real_time = False

    def run(self, asked: Asked, seconds: float) -> Ran:
        try:
            machine = StateMachine.from_json(asked.definition, type=asked.type)
        except DefinitionError as error:
            return Ran(REFUSED, error="InvalidDefinition", cause=str(error))
        recordings = recorded_answers(asked.tasks)
        tasks = dict.fromkeys((need.state_name for need in machine.task_needs), recordings.answer)
        try:
            execution = machine.run(json.loads(asked.input), tasks=tasks)
        except Exception as error:  # an engine on trial: whatever it raises is what came of it
            return Ran(BROKEN, error=type(error).__name__, cause=str(error))
        output = json.dumps(execution.output) if execution.status == "SUCCEEDED" else None
        return Ran(execution.status, output, execution.error, execution.cause, list(execution.history))

    def restart(self) -> bool:
        return True  # a machine keeps nothing of a run

    def close(self) -> None:
        """Nothing is held."""


def open_engine(argument: str) -> Engine:
    return OwnEngine()
