"""What a snapshot keeps of an execution: how it ended, the path it took, and what went in and out of its states.

The one rule: a snapshot of the same run is the same text. Keys stand in order, and what differs from run to run, such
as times, UUIDs, tokens and stack traces, is masked: equal values by equal names, numbered as they first appear.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from asl_engine.execution.path import written
from asl_engine.execution.visits import Visit, visits_of
from asl_engine.jsonvalue import Json, JsonTextError, dumps, loads

if TYPE_CHECKING:
    from asl_engine.execution.execution import Execution

STACK_TRACES = frozenset({"stackTrace", "trace", "stack"})
"""Members of a Lambda function's error that hold a stack trace."""

VOLATILE = {
    "time": r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?",
    "uuid": r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}",
    "address": r"0x[0-9a-fA-F]{6,16}\b",
    "token": r"(?=[A-Za-z0-9+/_-]*\d)(?=[A-Za-z0-9+/_-]*[A-Z])[A-Za-z0-9+/_-]{100,}={0,2}",
}
"""What is masked in texts: a name for it, and its form."""

_FORMS = re.compile("|".join(f"(?P<{kind}>{form})" for kind, form in VOLATILE.items()))


def snapshot_of(execution: Execution, *, mask: Iterable[str] = ()) -> dict[str, Json]:
    """The execution as plain JSON, for a snapshot of this or of any other tool.

    `mask`: the names of members whose values are masked too, wherever they stand.
    """
    visits = visits_of(execution.records)
    names = dict.fromkeys(visit.name for visit in visits.entered)
    taken: dict[str, Json] = {
        "status": execution.status,
        "elapsed": _whole(execution.elapsed),
        "path": written(visits.main),
        "states": {name: _state([visit for visit in visits.entered if visit.name == name]) for name in names},
    }
    if execution.status == "SUCCEEDED":
        taken["output"] = execution.output
    taken |= {
        key: value for key, value in (("error", execution.error), ("cause", execution.cause)) if value is not None
    }
    whole: dict[str, Json] = masked(taken, mask)
    return whole


def _state(visits: list[Visit]) -> dict[str, Json]:
    told: dict[str, Json] = {
        "inputs": [visit.input for visit in visits],
        "outputs": [visit.output for visit in visits if visit.left],
    }
    errors = [{"error": error.error, "cause": error.cause} for visit in visits for error in visit.errors]
    delays = [_whole(delay / 1000) for visit in visits for delay in visit.delays]
    return told | ({"errors": errors} if errors else {}) | ({"delays": delays} if delays else {})


def _whole(seconds: float) -> float:
    """A whole number of seconds is written as one."""
    return int(seconds) if seconds == int(seconds) else seconds


def masked(value: Json, mask: Iterable[str] = ()) -> Json:
    """The value with what differs from run to run masked.

    >>> masked({"at": "2024-01-01T10:00:00Z", "until": "2024-01-02T10:00:00Z", "from": "2024-01-01T10:00:00Z"})
    {'at': '<time 1>', 'from': '<time 1>', 'until': '<time 2>'}
    """
    return _Masking(frozenset(mask)).of(value)


class _Masking:
    """One masking: the names given so far."""

    def __init__(self, mask: frozenset[str]) -> None:
        self._mask = mask
        self._names: dict[tuple[str, str], str] = {}
        self._counts: dict[str, int] = {}

    def of(self, value: Json) -> Json:
        """A value, its members in the order of their names."""
        if isinstance(value, dict):
            return {self._text(key): self._member(key, value[key]) for key in sorted(value)}
        if isinstance(value, list):
            return [self.of(item) for item in value]
        return self._text(value) if isinstance(value, str) else value

    def _member(self, key: str, value: Json) -> Json:
        if key in self._mask:
            return f"<{key}>"
        if key in STACK_TRACES and value:
            return "<stack trace>"
        return self.of(value)

    def _text(self, text: str) -> str:
        """A text; one that is a JSON object is masked as one, for the Cause of a Lambda function's error is such."""
        if text.startswith("{") and text.endswith("}"):
            try:
                return dumps(self.of(loads(text)))
            except JsonTextError:
                pass  # a text with braces, such as a template
        return _FORMS.sub(self._name, text)

    def _name(self, found: re.Match[str]) -> str:
        kind = found.lastgroup or ""
        key = (kind, found[0])
        if key not in self._names:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._names[key] = f"<{kind} {self._counts[kind]}>"
        return self._names[key]


def text_of(value: Any, mask: Iterable[str]) -> str:
    """The text of a snapshot file: of an execution, or of any JSON value. Raises TypeError for what is neither."""
    taken = snapshot_of(value, mask=mask) if hasattr(value, "records") else masked(value, mask)
    return json.dumps(taken, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
