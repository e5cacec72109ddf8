"""Writing a recording as files that a test reads: a mock file of Step Functions Local, what is expected, and a test.

The one rule: a mock file knows a state, a counter, and a value or an error. What a recording holds beyond that is said
by `beyond_mocks`, never dropped in silence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from asl_engine.jsonvalue import Json
from asl_engine.testing.comparing import differences
from asl_engine.testing.recording import OPEN, SUCCEEDED, TIMED_OUT, RecordedTask, Recording

MOCK_FILE, EXPECTED_FILE = "MockConfigFile.json", "expected.json"
TEST_CASE = "Recorded"
ABORTED = "Recording.Aborted"


def mock_config_of(recording: Recording, *, test_case: str = TEST_CASE) -> dict[str, Json]:
    """The recorded answers as a MockConfigFile.json: one response a state, numbered as they were asked."""
    states = _by_state(recording)
    cases = {test_case: {name: name for name in states}}
    return {
        "StateMachines": {recording.machine.name: {"TestCases": cases}},
        "MockedResponses": {name: dict(_steps(tasks)) for name, tasks in states.items()},
    }


def _by_state(recording: Recording) -> dict[str, list[RecordedTask]]:
    states: dict[str, list[RecordedTask]] = {}
    for task in recording.tasks:
        states.setdefault(task.state, []).append(task)
    return states


def _steps(tasks: list[RecordedTask]) -> Iterator[tuple[str, Json]]:
    """Number, or range of numbers, of the calls -> what they are answered."""
    answers = [_answer(task) for task in tasks]
    first = 0
    for number, answer in enumerate(answers):
        if number + 1 < len(answers) and _same(answer, answers[number + 1]):
            continue
        yield (f"{first}" if first == number else f"{first}-{number}"), answer
        first = number + 1


def _same(one: Json, other: Json) -> bool:
    return next(differences(one, other), None) is None


def _answer(task: RecordedTask) -> Json:
    if task.outcome == SUCCEEDED:
        return {"Return": task.output}
    if task.outcome == OPEN:
        return {"Throw": {"Error": ABORTED, "Cause": "the recorded task was aborted before it was answered"}}
    return {"Throw": {"Error": task.error or "States.TaskFailed", "Cause": task.cause or ""}}


def beyond_mocks(recording: Recording) -> list[str]:
    """What the recording knows and a mock file cannot say, a sentence each."""
    stored = [f"{need}: give the run its storage=" for need in recording.machine.storage_needs]
    by_state = (note for name, tasks in _by_state(recording).items() for note in _beyond(name, tasks))
    return [*recording.notes, *stored, *by_state]


def _beyond(name: str, tasks: list[RecordedTask]) -> Iterator[str]:
    if any(task.kind == "Activity" for task in tasks):
        yield f"{name}: Step Functions Local does not mock activities"
    if any(task.outcome == TIMED_OUT for task in tasks):
        yield f"{name}: a task timed out; its mock fails with States.Timeout at once"
    if any(task.outcome == OPEN for task in tasks):
        yield f"{name}: a task was aborted before it was answered; its mock fails with {ABORTED}"
    if any(task.is_submitted for task in tasks):
        yield f"{name}: the response to its request (TaskSubmitted) has no place in a mock"
    if any(task.heartbeat_seconds for task in tasks):
        yield f"{name}: heartbeats are not recorded"
    if any(task.outcome != SUCCEEDED and task.error is None for task in tasks):
        yield f"{name}: it failed without an error name; its mock fails with States.TaskFailed"
    if depends_on_order(tasks):
        yield f"{name}: several iterations or branches called it, and answers are given in the order recorded in AWS"


def depends_on_order(tasks: list[RecordedTask]) -> bool:
    """Whether calls from different iterations or branches were answered differently: then their order matters."""
    answers = [_answer(task) for task in tasks]
    return len({task.scope for task in tasks}) > 1 and any(not _same(answers[0], answer) for answer in answers)


def expected_of(recording: Recording) -> dict[str, Json]:
    """The input, the context object's fixed parts, and what came of it: path, status, output, error, cause."""
    return {
        "input": recording.input,
        "context": recording.context,
        "path": list(recording.path),
        "status": recording.status,
        "output": recording.output,
        "error": recording.error,
        "cause": recording.cause,
    }


def write_recording(recording: Recording, folder: str | Path, *, definition: str | Path) -> list[Path]:
    """Writes the mock file, what is expected, and a pytest file that runs one against the other; the files written.

    `definition` is the file that the test loads. Raises OSError.
    """
    home = Path(folder)
    home.mkdir(parents=True, exist_ok=True)
    test = (
        home / f"test_{re.sub(r'[^a-z0-9]+', '_', recording.machine.name.lower()).strip('_') or 'recorded'}_recorded.py"
    )
    written = {
        home / MOCK_FILE: _json(mock_config_of(recording)),
        home / EXPECTED_FILE: _json(expected_of(recording)),
        test: _test(recording, _relative(Path(definition), home)),
    }
    for file, text in written.items():
        file.write_text(text, encoding="utf-8")
    return list(written)


def _relative(file: Path, home: Path) -> str:
    """The way from a folder to a file, as a test in that folder writes it."""
    import os

    return Path(os.path.relpath(file, home)).as_posix()


def _json(value: Json) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _test(recording: Recording, definition: str) -> str:
    concurrent = any(len({task.scope for task in tasks}) > 1 for tasks in _by_state(recording).values())
    arrange: Any = "sorted" if concurrent else "list"
    return _TEST.format(
        machine=recording.machine.name, definition=json.dumps(definition), name=json.dumps(recording.machine.name),
        type=json.dumps(recording.machine.type), mocks=json.dumps(MOCK_FILE), expected=json.dumps(EXPECTED_FILE),
        case=json.dumps(TEST_CASE), arrange=arrange,
    )  # fmt: skip


_TEST = '''"""The recorded execution of {machine}, run again with its answers. Written by `asl record`."""

from __future__ import annotations

import json
from pathlib import Path

from asl_engine import StateMachine

HERE = Path(__file__).parent
EXPECTED = json.loads((HERE / {expected}).read_text(encoding="utf-8"))


def test_the_recorded_execution_is_repeated() -> None:
    machine = StateMachine.from_file(HERE / {definition}, name={name}, type={type})
    execution = machine.run(
        EXPECTED["input"], context=EXPECTED["context"], mock_config=str(HERE / {mocks}), test_case={case}
    )
    assert {arrange}(execution.path) == {arrange}(EXPECTED["path"])
    assert (execution.status, execution.error) == (EXPECTED["status"], EXPECTED["error"])
    assert execution.output == EXPECTED["output"]
'''
