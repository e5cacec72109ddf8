"""Reading the recordings: one JSON file a case, and what can be said of a case without running it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .compare import Json, Wildcards
from .events import decoded_recorded_event

HIDDEN_TIMES = ("date", "timestamp")
"""What the recorder wrote in the place of a time."""

HIDDEN_ACTIVITY = (
    re.compile(r"(?<![\w:])activity_arn\b"),
    "arn:aws:states:us-east-1:111111111111:activity:activity_arn",
)
"""What the recorder wrote in the place of an activity's ARN, alone or in a sentence, and an ARN to stand there: a
Resource must be one."""

KINDS = ("execution", "validation", "test_state", "api")


@dataclass(frozen=True, slots=True)
class RecordedCase:
    """A case as it stands in its file, with names for the parts that every kind has."""

    id: str
    kind: str
    complete: bool
    needs: tuple[str, ...]
    definition: Json
    document: dict[str, Json]

    @property
    def aws(self) -> dict[str, Json]:
        """What the service answered."""
        answered: dict[str, Json] = self.document["aws"]
        return answered

    @property
    def has_history(self) -> bool:
        return bool(self.aws.get("events"))

    @property
    def wildcards(self) -> Wildcards:
        places = frozenset(tuple(entry["path"]) for entry in self.document.get("placeholder_paths", ()))
        tokens = tuple(text for token in self.document.get("placeholders", ()) for text in _spellings(token))
        return Wildcards(tokens, HIDDEN_TIMES, places, self._state_inputs())

    def _state_inputs(self) -> tuple[Json, ...]:
        """The inputs of the states entered, as far as the history tells."""
        events = [decoded_recorded_event(event) for event in self.aws.get("events") or ()]
        entered = [event["stateEnteredEventDetails"] for event in events if "stateEnteredEventDetails" in event]
        return tuple(details["input"] for details in entered)


def _spellings(token: str) -> tuple[str, ...]:
    """The recorder numbered some tokens a second time: `<id>` also stands as `<<id>:1>`."""
    return (token, *(f"<{token}:{number}>" for number in range(1, 10))) if token.startswith("<") else (token,)


_NEEDED = ("id", "kind", "complete", "needs", "definition")


class NotACase(ValueError):
    """A file that holds something else."""


def read_cases(directory: Path) -> list[RecordedCase]:
    """Every case below a directory, by id. Raises NotACase."""
    cases = [_read_case(path) for path in sorted(directory.rglob("*.json"))]
    return sorted(cases, key=lambda case: case.id)


def _read_case(path: Path) -> RecordedCase:
    text = path.read_text(encoding="utf-8")
    document: Any = json.loads(text)
    missing = [key for key in _NEEDED if not isinstance(document, dict) or key not in document]
    if missing:
        raise NotACase(f"{path} is no recorded case: it has no {missing[0]!r}")
    if document["kind"] == "execution":
        hidden, arn = HIDDEN_ACTIVITY
        document = json.loads(hidden.sub(arn, text))
    return RecordedCase(
        id=document["id"],
        kind=document["kind"],
        complete=document["complete"],
        needs=tuple(document["needs"]),
        definition=document["definition"],
        document=document,
    )


def states_of(definition: Json) -> Iterator[tuple[str, dict[str, Json]]]:
    """Every (name, state) of a definition, those inside Parallel and Map states too."""
    states = definition.get("States") if isinstance(definition, dict) else None
    for name, state in states.items() if isinstance(states, dict) else ():
        if isinstance(state, dict):
            yield name, state
            for inner in _inner_machines(state):
                yield from states_of(inner)


def _inner_machines(state: dict[str, Json]) -> list[Json]:
    branches = state.get("Branches")
    inner = list(branches) if isinstance(branches, list) else []
    return inner + [state[key] for key in ("ItemProcessor", "Iterator") if key in state]


def task_names(definition: Json) -> list[str]:
    return [name for name, state in states_of(definition) if state.get("Type") == "Task"]


# ---- classes of cases ------------------------------------------------------------------------------------------------


def uses_jsonata(case: RecordedCase) -> bool:
    machine = case.definition if isinstance(case.definition, dict) else {}
    return any(part.get("QueryLanguage") == "JSONata" for part in (machine, *_states(case)))


def uses_distributed_map(case: RecordedCase) -> bool:
    processors = [state.get("ItemProcessor") or state.get("Iterator") or {} for state in _states(case)]
    return any((processor.get("ProcessorConfig") or {}).get("Mode") == "DISTRIBUTED" for processor in processors)


def uses_task_token(case: RecordedCase) -> bool:
    return any(".waitForTaskToken" in str(state.get("Resource", "")) for state in _states(case))


def uses_activity(case: RecordedCase) -> bool:
    return any(":activity:" in str(state.get("Resource", "")) for state in _states(case))


def _states(case: RecordedCase) -> list[dict[str, Json]]:
    return [state for _, state in states_of(case.definition)]


def is_plain(case: RecordedCase) -> bool:
    """A complete execution without a distributed Map, a task token or an activity."""
    return (
        case.kind == "execution"
        and case.complete
        and not (uses_distributed_map(case) or uses_task_token(case) or uses_activity(case))
    )


def class_notes(cases: Iterable[RecordedCase], passed: frozenset[str]) -> list[str]:
    """How many cases of each class passed, in lines such as `JSONPath, with a history: 249 of 250 (99.6 %)`."""
    plain = [case for case in cases if is_plain(case)]
    jsonpath = [case for case in plain if not uses_jsonata(case)]
    return [
        _share("JSONPath, with a history", [case for case in jsonpath if case.has_history], passed),
        _share("JSONPath, with a result only", [case for case in jsonpath if not case.has_history], passed),
        _share("both languages, with a history", [case for case in plain if case.has_history], passed),
        _share("both languages, with a result only", [case for case in plain if not case.has_history], passed),
    ]


def _share(name: str, cases: list[RecordedCase], passed: frozenset[str]) -> str:
    good = sum(case.id in passed for case in cases)
    percentage = f" ({100 * good / len(cases):.1f} %)" if cases else ""
    return f"{name}: {good} of {len(cases)}{percentage}"
