"""The codes of what reading a definition can find: AWS's where AWS has one, the rest our own. Lints have a table of
their own, `asl_engine.lint.table`."""

from __future__ import annotations

from typing import NamedTuple


class Code(NamedTuple):
    """A code, the severity it has unless told otherwise, and a sentence about it."""

    name: str
    severity: str
    summary: str


_ROWS = (
    Code("INVALID_JSON_DESCRIPTION", "ERROR", "The definition is not JSON, or not JSON that AWS would take."),
    Code("SCHEMA_VALIDATION_FAILED", "ERROR", "A field is unknown, missing, of the wrong type, or out of its range."),
    Code("INVALID_RESOURCE", "WARNING", "A Resource is not an ARN, which AWS would refuse."),
    Code("INVALID_STATE_NAME", "ERROR", "The name of a state is longer than 80 characters."),
    Code("INVALID_LABEL_NAME", "ERROR", "A Label is empty, too long, or holds a character that it must not hold."),
    Code("DUPLICATE_LABEL_NAME", "ERROR", "Two Map states of a definition have the same Label."),
    Code("DUPLICATE_STATE_NAME", "ERROR", "Two states of a definition, nested machines included, share a name."),
    Code("MISSING_TRANSITION_TARGET", "ERROR", "StartAt, Next, Default or a catcher names a state that is not there."),
    Code("MISSING_END_STATE", "ERROR", "No state that ends the machine can be reached from StartAt."),
    Code("INVALID_JSONATA_EXPRESSION", "ERROR", "A JSONata expression does not compile, or reads what is not there."),
    Code("VARIABLE_ASSIGNED_IN_OUTER_SCOPE", "ERROR", "A nested machine assigns a variable of the machine around it."),
    Code("UNREACHABLE_STATE", "WARNING", "No path from StartAt leads to a state."),
    Code("UNASSIGNED_VARIABLE", "WARNING", "A variable is read that no state visible from there assigns."),
    Code("DISTRIBUTED_ONLY", "WARNING", "A field of a distributed Map stands in a Map that is not distributed."),
    Code("FIELD_WITHOUT_EFFECT", "WARNING", "A field of ReaderConfig does nothing beside the others."),
)

CODES: dict[str, Code] = {row.name: row for row in _ROWS}
