"""Replaying a recorded execution: the engine runs the definition, the recording answers its tasks.

A task is answered by (state, scope, attempt), so the order of concurrent branches is the engine's own.
"""

from __future__ import annotations

import traceback

from asl_engine import Activities, DefinitionError, Execution, StateMachine, Worker
from asl_engine.testing import RecordedAnswers, RecordedTask

from .changes import as_aws_shows_now
from .compare import Difference, Json, explain, first_difference
from .events import decoded_text, events_difference, unordered_events_difference
from .objects import RecordedObjects
from .recorded import RecordedCase, task_names
from .report import FAILED, PASSED, Judgement


def recorded_answers(results: list[dict[str, Json]]) -> RecordedAnswers:
    """What a case recorded of its tasks, ready to be given."""
    return RecordedAnswers(map(_task, results), timed=False)


def _task(result: dict[str, Json]) -> RecordedTask:
    outcome = result["outcome"]
    scope = tuple(
        ("Map", entry["map"], entry["index"]) if "map" in entry else ("Parallel", entry["parallel"], "")
        for entry in result["scope"]
    )
    submitted = result.get("submitted")
    task = RecordedTask(result["state"], scope, result["attempt"], result["kind"], result.get("resource", ""), None, 0)
    task.submitted, task.is_submitted = submitted, submitted is not None
    task.outcome, task.output = outcome["status"], outcome.get("output")
    task.error, task.cause = outcome.get("error"), outcome.get("cause")
    return task


def judge_execution(case: RecordedCase) -> Judgement:
    """Replays a case and compares everything that it recorded."""
    recordings = recorded_answers(case.document["task_results"])
    try:
        execution = run(case, recordings)
        difference = difference_of(case, execution)
    except DefinitionError as error:
        return Judgement(case.id, case.kind, FAILED, f"the engine refuses the definition: {error}")
    except Exception as error:  # the engine is on trial here: whatever it raises is its failure, not the runner's
        return Judgement(
            case.id, case.kind, FAILED, f"the engine raised {type(error).__name__}: {error}", traceback.format_exc()
        )
    if difference is None:
        return Judgement(case.id, case.kind, PASSED)
    return Judgement(case.id, case.kind, FAILED, str(difference), _detail(difference, recordings))


def run(case: RecordedCase, recordings: RecordedAnswers) -> Execution:
    name = _context(case).get("state_machine_name")
    machine = StateMachine.from_json(case.definition, name=name, type=case.document["type"])
    tasks = dict.fromkeys(task_names(case.definition), recordings.answer)
    objects = RecordedObjects(case.document.get("s3") or {})
    workers = {state: Worker(recordings.answer, name) for state, name in worker_names(case).items()}
    return machine.run(
        case.document["input"],
        tasks=tasks | workers,
        seed=0,
        context=context_object(case),
        activities=known_activities(case),
        storage=objects,
    )


def known_activities(case: RecordedCase) -> Activities:
    """The activities that were there: those that a recorded task was scheduled for."""
    store = Activities()
    for result in case.document["task_results"]:
        if result["kind"] == "Activity":
            store.add(result["resource"])
    return store


def worker_names(case: RecordedCase) -> dict[str, str]:
    """State name -> the name of the worker that a recorded ActivityStarted shows."""
    names, entered = {}, ""
    for event in case.aws.get("events") or ():
        entered = event.get("stateEnteredEventDetails", {}).get("name", entered)
        worker = event.get("activityStartedEventDetails", {}).get("workerName")
        if worker is not None:
            names[entered] = worker
    return names


def context_object(case: RecordedCase) -> dict[str, Json]:
    """The context object's fixed parts, as the recorded execution saw them."""
    recorded = _context(case)
    execution = {"Id": "execution_arn", "Name": "execution_name", "RoleArn": "role_arn"}
    machine = {"Id": "state_machine_arn", "Name": "state_machine_name"}
    context: dict[str, Json] = {
        "Execution": {field: recorded[key] for field, key in execution.items() if recorded.get(key)},
        "StateMachine": {field: recorded[key] for field, key in machine.items() if recorded.get(key)},
    }
    if case.document.get("clock"):
        context["Execution"]["StartTime"] = case.document["clock"]
    return context


def _context(case: RecordedCase) -> dict[str, Json]:
    recorded: dict[str, Json] = case.document["context"] or {}
    return recorded


def difference_of(case: RecordedCase, execution: Execution) -> Difference | None:
    """The first place where the execution parts from the recording: in the history, if recorded, else in the end."""
    return (_history_difference(case, execution) if case.has_history else None) or _end_difference(case, execution)


def _history_difference(case: RecordedCase, execution: Execution) -> Difference | None:
    unordered = case.document["events_order_normalised"]
    compare = unordered_events_difference if unordered else events_difference
    events = as_aws_shows_now(case.aws["events"], case.document.get("recorded_date"))
    difference = compare(events, list(execution.history), case.wildcards)
    return difference or _path_difference(case, list(execution.path), in_order=not unordered)


def _path_difference(case: RecordedCase, path: list[str], *, in_order: bool) -> Difference | None:
    entered = [name for event, name in case.document["path"] if event.endswith("StateEntered")]
    arrange = list if in_order else sorted
    return first_difference(arrange(entered), arrange(path), place=("path",))


def _end_difference(case: RecordedCase, execution: Execution) -> Difference | None:
    wildcards = case.wildcards
    got = {
        "status": execution.status,
        "error": execution.error,
        "cause": execution.cause,
        "output": execution.output if execution.status == "SUCCEEDED" else None,
    }
    expected: dict[str, Json] = {key: case.aws[key] for key in got}
    if case.aws.get("cause_exact") is False:
        expected["cause"] = case.aws["cause_object"]
        got["cause"] = decoded_text(execution.cause or "")
    return first_difference(expected, got, wildcards, ("final",))


def _detail(difference: Difference, recordings: RecordedAnswers) -> str:
    lines = [explain(difference)]
    lines += [f"a task asked for what was not recorded: {key}" for key in recordings.unanswered]
    lines += [f"recorded, but no task asked for it: {key}" for key in recordings.unused]
    return "\n".join(lines)
