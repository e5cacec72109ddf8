"""The project's own cases: data only, one JSON file a case, one folder a section of the specification.

A case is {"description", "definition", "input", "tasks", "expect"} and may hold "context", "type" and
"seed". `tasks` answers each Task state, invocation by invocation:
{state: [{"output": ...} | {"error": ..., "cause": ...} | {"timeout": true}, ...]}; an output may come with
"sleep": seconds that the task takes. `expect` compares only what it holds:
{"status", "output", "error", "cause", "path", "elapsed", "events": [[type, subset of the details], ...]}.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from asl_engine import Execution, StateMachine, TaskError
from asl_engine.testing import FOREVER, NOTHING

from .compare import Difference, Json, explain, first_difference
from .events import decoded_engine_event
from .recorded import task_names
from .report import FAILED, PASSED, Judgement

KIND = "own"
FIELDS = {"id", "description", "definition", "input", "tasks", "context", "type", "seed", "expect"}
EXPECTED = {"status", "output", "error", "cause", "path", "elapsed", "events"}
PLAIN = ("status", "error", "cause", "output", "elapsed")


def read_own_cases(directory: Path) -> Iterator[dict[str, Json]]:
    """Every case below a directory, with the id `section/file name`. Raises ValueError for a field that is none."""
    for path in sorted(directory.rglob("*.json")):
        case: dict[str, Json] = {"id": f"{path.parent.name}/{path.stem}"} | json.loads(path.read_text(encoding="utf-8"))
        strange = (case.keys() - FIELDS) | (case["expect"].keys() - EXPECTED)
        if strange:
            raise ValueError(f"{path}: no such field in a case: {', '.join(sorted(strange))}")
        yield case


class PlannedTasks:
    """The outcomes that a case plans for its tasks; `unplanned` names the invocations beyond the plan."""

    def __init__(self, plan: dict[str, list[dict[str, Json]]]) -> None:
        self.left = {state: list(outcomes) for state, outcomes in plan.items()}
        self.unplanned: list[str] = []

    def answer(self, payload: Json, context: Any) -> Json:
        """The callable that serves every Task state."""
        outcomes = self.left.get(context.state_name)
        if not outcomes:
            self.unplanned.append(context.state_name)
            raise TaskError("Conformance.Unplanned", f"the case plans no more outcomes for {context.state_name!r}")
        outcome = outcomes.pop(0)
        context.sleep(FOREVER if outcome.get("timeout") else outcome.get("sleep", 0))
        if "output" in outcome:
            return outcome["output"]
        raise TaskError(outcome.get("error"), outcome.get("cause"))


def judge_case(case: dict[str, Json]) -> Judgement:
    """Runs one case and compares what it expects."""
    tasks = PlannedTasks(case.get("tasks", {}))
    try:
        difference = difference_of(case["expect"], run(case, tasks))
    except Exception as error:  # the engine is on trial here: whatever it raises is its failure, not the runner's
        return Judgement(case["id"], KIND, FAILED, f"{type(error).__name__}: {error}", traceback.format_exc())
    unkept = [f"{state} was invoked beyond the plan" for state in tasks.unplanned]
    unkept += [f"{len(left)} outcomes of {state} were not asked for" for state, left in tasks.left.items() if left]
    if difference is not None:
        return Judgement(case["id"], KIND, FAILED, str(difference), "\n".join([explain(difference), *unkept]))
    return Judgement(case["id"], KIND, FAILED if unkept else PASSED, "; ".join(unkept))


def run(case: dict[str, Json], tasks: PlannedTasks) -> Execution:
    machine = StateMachine.from_json(case["definition"], type=case.get("type", "STANDARD"))
    return machine.run(
        case.get("input", {}),
        tasks=dict.fromkeys(task_names(case["definition"]), tasks.answer),
        seed=case.get("seed"),
        context=case.get("context"),
    )


def difference_of(expect: dict[str, Json], execution: Execution) -> Difference | None:
    """The first difference: in the path, then the events, then the end."""
    difference = first_difference(expect["path"], list(execution.path), place=("path",)) if "path" in expect else None
    if difference is None and "events" in expect:
        difference = _events_difference(expect["events"], list(execution.history))
    return difference or _end_difference(expect, execution)


def _end_difference(expect: dict[str, Json], execution: Execution) -> Difference | None:
    got = {
        "status": execution.status,
        "error": execution.error,
        "cause": execution.cause,
        "output": execution.output,
        "elapsed": execution.elapsed,
    }
    kept = [key for key in PLAIN if key in expect]
    return first_difference({key: expect[key] for key in kept}, {key: got[key] for key in kept})


def _events_difference(expected: list[list[Json]], history: list[dict[str, Json]]) -> Difference | None:
    """Every event counts, in order; of its details only those that the case names."""
    types = first_difference([row[0] for row in expected], [event["type"] for event in history], place=("events",))
    if types is not None:
        return types
    for index, (row, event) in enumerate(zip(expected, history, strict=True)):
        subset = row[1] if len(row) > 1 else {}
        details = _flat(decoded_engine_event(event))
        got = {key: details.get(key, NOTHING) for key in subset}
        difference = first_difference(subset, got, place=("events", index))
        if difference is not None:
            return difference
    return None


def _flat(event: dict[str, Json]) -> dict[str, Json]:
    """An event and its details in one object, so that a case may name `previousEventId` beside `output`."""
    flat: dict[str, Json] = {}
    for value in event.values():
        flat |= value if isinstance(value, dict) else {}
    return event | flat
