"""Judging a recorded script of API calls: those that need no server, step by step.

Activities are a store in this process, so a script of their calls is played on one. Every other script needs the
Step Functions API as a server and is skipped, saying so. The recorder put words such as `activity_arn` in the place of
ARNs: they are learnt from the first answer that shows them, and from then on stand for one value each.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from asl_engine import Activities, ApiError

from .compare import Json, first_difference
from .events import decoded_text
from .recorded import RecordedCase
from .report import FAILED, PASSED, SKIPPED, Judgement

NEEDS_SERVER = "the engine has no API server yet"
ARN_WORD = re.compile(r"activity_arn(_\d+)?")
TIME_WORDS = ("creation-date", "datetime")
PART_OF_THE_WIRE = {"ResponseMetadata"}

OPERATIONS: dict[str, Callable[[Activities, dict[str, Json]], Any]] = {
    "create_activity": lambda store, params: store.describe_activity(store.create_activity(params["name"])),
    "describe_activity": lambda store, params: store.describe_activity(params["activityArn"]),
    "delete_activity": lambda store, params: store.delete_activity(params["activityArn"]),
    "list_activities": lambda store, params: {"activities": store.list_activities()},
    "get_activity_task": lambda store, params: store.get_activity_task(params["activityArn"]),
    "send_task_success": lambda store, params: store.send_task_success(
        params["taskToken"], decoded_text(params["output"])
    ),
    "send_task_failure": lambda store, params: store.send_task_failure(
        params["taskToken"], params.get("error"), params.get("cause")
    ),
    "send_task_heartbeat": lambda store, params: store.send_task_heartbeat(params["taskToken"]),
}

ANSWERED = {"create_activity": ("activityArn", "creationDate")}
"""Which fields an operation answers with, where the store's call gives more."""


def judge_api(case: RecordedCase) -> Judgement:
    """Plays a script and compares what each step gave; skipped where it needs a server."""
    steps = case.document.get("steps")
    if not steps or not all(step["op"] in OPERATIONS for step in steps):
        return Judgement(case.id, case.kind, SKIPPED, NEEDS_SERVER)
    player = Player()
    for number, step in enumerate(steps):
        fault = player.play(step)
        if fault:
            return Judgement(case.id, case.kind, FAILED, f"steps[{number}] {step['op']}: {fault}")
    return Judgement(case.id, case.kind, PASSED)


class Player:
    """A store, and what the recorder's words stand for in it."""

    def __init__(self) -> None:
        self.store = Activities(account="111111111111")
        self.meanings: dict[str, str] = {}
        self.created: list[str] = []

    def play(self, step: dict[str, Json]) -> str:
        """Makes one call; says what is wrong with its answer, "" where nothing is."""
        got = self._call(step["op"], self._meant(step["params"]))
        if step["raises"]:
            return _first({"exception": self._meant(step["exception"])}, got)
        if "exception" in got:
            return f"raised {got['exception']}"
        self._learn(got)
        for expected in step.get("recorded", {}).values():
            kept = {key: value for key, value in expected.items() if key not in PART_OF_THE_WIRE}
            fault = _first(self._meant(kept), _without_times(got))
            if fault:
                return fault
        return ""

    def _call(self, operation: str, params: dict[str, Json]) -> dict[str, Json]:
        try:
            answer = OPERATIONS[operation](self.store, params) or {}
        except ApiError as error:
            return {"exception": {"Code": error.code, "Message": error.message}}
        fields = ANSWERED.get(operation, tuple(answer))
        return {field: answer[field] for field in fields}

    def _learn(self, got: dict[str, Json]) -> None:
        """The n-th activity created is `activity_arn_n`; the first one also `activity_arn`."""
        arn = got.get("activityArn")
        if arn is not None and arn not in self.created:
            self.meanings[f"activity_arn_{len(self.created)}"] = arn
            self.meanings.setdefault("activity_arn", arn)
            self.created.append(arn)

    def _meant(self, value: Json) -> Json:
        """A recorded value with its words replaced by what they stand for, and all times by None."""
        if isinstance(value, dict):
            return {key: self._meant(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._meant(item) for item in value]
        if isinstance(value, str):
            return None if value in TIME_WORDS else ARN_WORD.sub(self._meaning, value)
        return value

    def _meaning(self, word: re.Match[str]) -> str:
        return self.meanings.get(word[0], word[0])


def _without_times(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: None if key == "creationDate" else _without_times(item) for key, item in value.items()}
    return [_without_times(item) for item in value] if isinstance(value, list) else value


def _first(expected: Json, got: Json) -> str:
    difference = first_difference(expected, got)
    return "" if difference is None else str(difference)
