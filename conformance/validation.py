"""Judging the recorded validations: does the engine refuse what the service refuses, and at the place it names?

The verdict, the place, the code and the text count.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Sequence
from typing import Any

from asl_engine import Diagnostic, validate

from .compare import Json, explain, first_difference
from .recorded import RecordedCase
from .report import FAILED, PASSED, Judgement

NAMED_PLACE = re.compile(r" at (/\S+?)'?$")
PARSER_PLACE = "\n at [Source"
NAMED_FIELD = re.compile(r"Args=\[['\"](\w+) ")


def judge_validation(case: RecordedCase) -> Judgement:
    """Compares the engine's verdict on a definition with the service's."""
    try:
        found = errors_in(case)
    except Exception as error:  # the engine is on trial here: whatever it raises is its failure, not the runner's
        reason = f"the engine raised {type(error).__name__}: {error}"
        return Judgement(case.id, case.kind, FAILED, reason, traceback.format_exc())
    mistake = _verdict_mistake(case, found) or _text_mistake(case, found)
    return Judgement(case.id, case.kind, FAILED if mistake else PASSED, mistake)


def errors_in(case: RecordedCase) -> list[Diagnostic]:
    """The errors that the engine finds in the case's definition."""
    text: Any = case.document.get("definition_text", case.definition)
    return [found for found in validate(text, type=case.document["type"]) if found.severity == "ERROR"]


def refused_by_aws(case: RecordedCase) -> bool:
    return bool(case.document.get("exception")) or case.aws.get("result") == "FAIL"


def _verdict_mistake(case: RecordedCase, found: Sequence[Diagnostic]) -> str:
    if not refused_by_aws(case):
        return f"AWS takes the definition, the engine refuses it: {found[0]}" if found else ""
    if not found:
        return f"AWS refuses the definition, the engine takes it: {_recorded_text(case)}"
    place = named_place(case)
    if any(_is_at(diagnostic.pointer, place) for diagnostic in found):
        return ""
    return f"AWS refuses {place}, the engine another place: {found[0]}"


def named_place(case: RecordedCase) -> str:
    """Where the service's answer finds the fault: a JSON pointer, or a field's name, "" where it names neither."""
    locations = [entry.get("location", "") for entry in case.aws.get("diagnostics", ())]
    if locations:
        return locations[0].rstrip("/") if locations[0].startswith("/") else ""
    match = NAMED_PLACE.search(_recorded_text(case)) or NAMED_FIELD.search(_recorded_text(case))
    return match[1] if match else ""


def _is_at(pointer: str, place: str) -> bool:
    """Whether a pointer is at or below a place; a place that is but a field's name may stand anywhere."""
    if place and not place.startswith("/"):
        return pointer.endswith(f"/{place}")
    return pointer == place or pointer.startswith(f"{place}/")


def _recorded_text(case: RecordedCase) -> str:
    exception: dict[str, str] = case.document.get("exception") or {}
    return exception.get("Message", "") or str(case.aws.get("diagnostics", ""))


def _text_mistake(case: RecordedCase, found: Sequence[Diagnostic]) -> str:
    if "diagnostics" in case.aws:
        recorded = [_without_source(row) for row in case.aws["diagnostics"]]
        difference = first_difference(recorded, [_as_aws(diagnostic) for diagnostic in found])
        return explain(difference) if difference else ""
    message = _recorded_text(case)
    if any(_says(diagnostic, message) for diagnostic in found):
        return ""
    return f"AWS says {message!r}, the engine {found[0]}" if found else ""


def _says(diagnostic: Diagnostic, message: str) -> bool:
    """Whether the service's sentence is the diagnostic's. Some recordings hold another emulator's own exception in its
    place, which names no code and quotes the sentence once more."""
    if message.startswith("Error="):
        return repr(diagnostic.message)[1:-1] in message
    return diagnostic.message in message and diagnostic.code in message


def _without_source(row: dict[str, Json]) -> dict[str, Json]:
    """A recorded diagnostic less what the service's JSON parser says of its own position, and less the place of a
    fault in the document as a whole, which the service gives in some cases and leaves out in others."""
    plain = {**row, "message": row["message"].partition(PARSER_PLACE)[0]}
    if not row.get("location", "").startswith("/"):
        plain["location"] = "/"
    return plain


def _as_aws(diagnostic: Diagnostic) -> dict[str, Json]:
    """A diagnostic as ValidateStateMachineDefinition writes it."""
    return {
        "code": diagnostic.code,
        "location": diagnostic.pointer or "/",
        "message": diagnostic.message,
        "severity": diagnostic.severity,
    }
