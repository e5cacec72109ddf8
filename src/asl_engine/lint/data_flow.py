"""The lints that follow data: fields and variables that no path sets, values of the wrong type, payloads too large.

All of them ask one walk over the definition, `flow.walk.flow_of`; a definition is accepted by the service whatever they
say, and shows its mistake when it runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from asl_engine.definition.graph import Machine
from asl_engine.lint.flow.variables import unset_variables
from asl_engine.lint.flow.visit import PAYLOAD_TOO_LARGE, RULE_NEVER_MATCHES, TYPE_MISMATCH, UNSET_FIELD
from asl_engine.lint.flow.walk import flow_of
from asl_engine.lint.table import Finding, lint
from asl_engine.lint.visits import once

MAYBE_UNASSIGNED_VARIABLE = "MAYBE_UNASSIGNED_VARIABLE"


@lint(MAYBE_UNASSIGNED_VARIABLE, "WARNING", "A variable is read that some path to the state leaves unset.")
def maybe_unassigned_variables(machine: Machine) -> Iterator[Finding]:
    """Reads of variables that are not assigned on every path."""
    yield from unset_variables(flow_of(machine))


@lint(UNSET_FIELD, "WARNING", "A path reads a field that nothing before sets.")
def unset_fields(machine: Machine) -> Iterator[Finding]:
    """Paths that are sure to find nothing."""
    yield from _told(machine, UNSET_FIELD)


@lint(TYPE_MISMATCH, "WARNING", "A value is always of a type that its field or function does not take.")
def type_mismatches(machine: Machine) -> Iterator[Finding]:
    """Values that are sure to be refused for their type."""
    yield from _told(machine, TYPE_MISMATCH)


@lint(RULE_NEVER_MATCHES, "WARNING", "A Choice rule compares a value that is always of another type.")
def rules_never_match(machine: Machine) -> Iterator[Finding]:
    """Comparisons that are always false, because of the type of what they compare."""
    yield from _told(machine, RULE_NEVER_MATCHES)


@lint(PAYLOAD_TOO_LARGE, "WARNING", "A payload or a variable is sure to pass the limit of 256 KiB.")
def payloads_too_large(machine: Machine) -> Iterator[Finding]:
    """Payloads whose known parts alone pass the service's limit."""
    yield from _told(machine, PAYLOAD_TOO_LARGE)


def _told(machine: Machine, code: str) -> Iterator[Finding]:
    yield from _findings(machine).get(code, ())


@once
def _findings(machine: Machine) -> Mapping[str, Sequence[Finding]]:
    """What the visits told, each thing once, by its code."""
    found: dict[str, list[Finding]] = {}
    for seen in flow_of(machine).seen.values():
        for code, pointer, message, suggestion in dict.fromkeys(seen.tellings):
            found.setdefault(code, []).append(Finding(pointer, message, suggestion))
    return found
