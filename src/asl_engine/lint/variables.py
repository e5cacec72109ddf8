"""Lint on variables: those that are assigned and never read.

A text reads a variable if `$name` stands in it anywhere: that finds too many reads rather than too few, so a variable
that is told is surely not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from asl_engine.definition.fields import specs_of
from asl_engine.definition.graph import Machine
from asl_engine.jsonvalue import Json
from asl_engine.lint.table import Finding, lint
from asl_engine.lint.visits import every_state, parts, texts_of_templates
from asl_engine.states.choice import ChoiceRule

_READ = re.compile(r"\$([^\W\d]\w*)")


@lint("UNUSED_VARIABLE", "WARNING", "A variable is assigned and nowhere read.")
def unused_variable(machine: Machine) -> Iterator[Finding]:
    """One finding for each place that assigns it."""
    assigned = [row for state in every_state(machine) for row in state.assigned_names()]
    read = {name for text in _texts(machine) for name in _READ.findall(text)} if assigned else set()
    for name, pointer in assigned:
        if name not in read:
            yield Finding(pointer, f"the variable '${name}' is assigned, but nothing reads it", "remove it")


def _texts(machine: Machine) -> Iterator[str]:
    """Every text that may read a variable."""
    for state, texts in texts_of_templates(machine):
        for leaf in texts:
            yield leaf.text
        for _, part in parts(state):
            for value in _fields(part):
                if isinstance(value, str) and "$" in value:
                    yield value


def _fields(part: Any) -> Iterator[Json]:
    """The values of a record's fields, of a reader's configuration too."""
    for attribute in _names(part.__class__):
        yield getattr(part, attribute)
    config = getattr(part, "reader_config", None)
    if config is not None:
        yield from _fields(config)


@cache
def _names(kind: type) -> Sequence[str]:
    """The attributes that hold what the definition says."""
    if kind is ChoiceRule:
        return ("variable", "operand", "condition")
    return [attribute for attribute, _ in specs_of(kind).values()]
