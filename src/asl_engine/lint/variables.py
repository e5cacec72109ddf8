"""Lint on variables: those that are assigned and never read.

A text reads a variable if `$name` stands in it anywhere: that finds too many reads rather than too few, so a variable
that is told is surely not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from asl_engine.definition.fields import specs_of
from asl_engine.definition.graph import Machine
from asl_engine.jsonvalue import Json
from asl_engine.lint.table import Finding, lint
from asl_engine.lint.visits import every_state, leaves, parts, templates

_READ = re.compile(r"\$([^\W\d]\w*)")


@lint("UNUSED_VARIABLE", "WARNING", "A variable is assigned and nowhere read.")
def unused_variable(machine: Machine) -> Iterator[Finding]:
    """One finding for each place that assigns it."""
    states = list(every_state(machine))
    read = {name for state in states for text in _texts(state) for name in _READ.findall(text)}
    for state in states:
        for name, pointer in state.assigned_names():
            if name not in read:
                yield Finding(pointer, f"the variable '${name}' is assigned, but nothing reads it", "remove it")


def _texts(state: Any) -> Iterator[str]:
    """Every text of a state that may read a variable."""
    for pointer, template in templates(state):
        for leaf in leaves(pointer, template):
            yield leaf.text
    for _, part in parts(state):
        yield from (value for value in _fields(part) if isinstance(value, str))


def _fields(part: Any) -> Iterator[Json]:
    """The values of a record's fields, of a reader's configuration too."""
    if hasattr(part, "operator"):
        yield from (part.variable, part.operand, part.condition)
        return
    for attribute, _ in specs_of(type(part)).values():
        yield getattr(part, attribute)
    config = getattr(part, "reader_config", None)
    if config is not None:
        yield from _fields(config)
