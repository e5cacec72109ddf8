"""The ways out of a state, and the parts of input and output processing that state types share.

States language specification, "Input and Output Processing": raw input -> InputPath -> Parameters -> work ->
ResultSelector -> ResultPath into the raw input -> OutputPath. Assign and Output both see the state as it was entered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from asl_engine.definition.fields import ABSENT
from asl_engine.definition.graph import Machine
from asl_engine.jsonvalue import Json
from asl_engine.lint.flow.merging import merged
from asl_engine.lint.flow.shape import (
    EMPTY_OBJECT,
    NOT_CONSTANT,
    NULL,
    NUMBER,
    STRING,
    Member,
    Shape,
    kinds,
    object_of,
)
from asl_engine.lint.flow.visit import TYPE_MISMATCH, View, Visit
from asl_engine.lint.visits import Where
from asl_engine.states.wait import whole

_TEXT_OR_NULL = Shape(frozenset({STRING, NULL}), least=2)
ERROR_OUTPUT = object_of({"Error": Member(_TEXT_OR_NULL, False), "Cause": Member(_TEXT_OR_NULL, False)})
"""Developer guide, "Error handling": `{"Error": ..., "Cause": ...}`. Either is null where the failure names none
(recorded)."""


class Exit(NamedTuple):
    """A way out of a state: to another state, or (None) to the end of its machine."""

    target: str | None
    document: Shape
    variables: Shape
    fails: bool
    caught: bool = False


class Inside(NamedTuple):
    """The way into a machine nested in the state."""

    machine: Machine
    document: Shape
    variables: Shape
    fails: bool


class Ways(NamedTuple):
    """Where a state leads."""

    inside: list[Inside]
    exits: list[Exit]


Outputs = Callable[[Machine], Shape]
"""What a nested machine is known to give, NEVER before it is known to end."""


def selected(visit: Visit) -> Shape:
    """The input after InputPath."""
    return visit.input if visit.jsonata else chosen(visit, visit.state.input_path, visit.input, "InputPath")


def chosen(visit: Visit, path: str | None, document: Shape, field: str, view: View | None = None) -> Shape:
    """InputPath or OutputPath; null gives {}."""
    if path is None:
        return EMPTY_OBJECT
    return document if path == "$" else visit.path(path, view or visit.view(document), f"{visit.pointer}/{field}")


def payload(visit: Visit, document: Shape) -> Shape:
    """The effective input: Parameters, or Arguments."""
    field, template = _payload(visit)
    shape = document if template is None else visit.template(template, visit.view(document), (visit.pointer, field))
    visit.bound(shape.least, visit.pointer, _PAYLOAD)
    return shape


def sent(visit: Visit, document: Shape) -> None:
    """The effective input of a task, which goes out of sight: it must only fit."""
    field, template = _payload(visit)
    view = visit.view(document)
    least = document.least if template is None else visit.size(template, view, (visit.pointer, field))
    visit.bound(least, visit.pointer, _PAYLOAD)


_PAYLOAD = "the state's payload"


def _payload(visit: Visit) -> tuple[str, Json]:
    """The field that makes the effective input, and its template, None where there is none."""
    if visit.jsonata:
        arguments = visit.state.arguments
        return "Arguments", None if arguments is ABSENT else arguments
    return "Parameters", visit.state.parameters


def filled(visit: Visit, template: Json, document: Shape, field: str) -> Shape:
    """A payload template, where there is one."""
    return document if template is None else visit.template(template, visit.view(document), (visit.pointer, field))


def maybe(visit: Visit, template: Json, view: View, pointer: Where, default: Shape) -> Shape:
    """A JSONata template that may be left out."""
    return default if template is ABSENT else visit.template(template, view, pointer)


def left(visit: Visit, result: Shape, view: View) -> Shape:
    """The output of a state whose work gave a result."""
    state = visit.state
    if visit.jsonata:
        return maybe(visit, state.output, view, f"{visit.pointer}/Output", result)
    result = filled(visit, state.result_selector, result, "ResultSelector")
    whole_output = merged(visit, state.result_path, result, visit.pointer)
    return chosen(visit, state.output_path, whole_output, "OutputPath")


def finish(visit: Visit, result: Shape, failed: bool, *, shown: bool = False) -> Exit:
    """The usual way out. `shown` says that JSONata sees the result."""
    mark = visit.failures
    view = visit.view(result, result=result) if shown else visit.view(result)
    variables = visit.assigned(visit.state.assign, view, visit.pointer)
    document = left(visit, result, view)
    visit.bound(document.least, visit.pointer, "the state's output")
    return Exit(visit.state.next, document, variables, failed or visit.failures > mark)


def caught(visit: Visit) -> Iterator[Exit]:
    """The ways out through Catch. A catcher's Assign counts in place of the state's."""
    for index, catcher in enumerate(visit.state.catch):
        mark = visit.failures
        pointer = f"{visit.pointer}/Catch/{index}"
        view = visit.view(ERROR_OUTPUT, errorOutput=ERROR_OUTPUT)
        variables = visit.assigned(catcher.assign, view, pointer)
        if visit.jsonata:
            document = maybe(visit, catcher.output, view, f"{pointer}/Output", ERROR_OUTPUT)
        else:
            document = merged(visit, catcher.result_path, ERROR_OUTPUT, pointer)
        yield Exit(catcher.next, document, variables, visit.failures > mark, True)


_WHOLE = frozenset({NUMBER, STRING})


def number(visit: Visit, field: str, value: Json, path: str | None, document: Shape) -> None:
    """A field that takes seconds or a count. From a path AWS takes the text of an integer too (recorded)."""
    if path is not None or isinstance(value, str):
        typed(visit, field, value, path, document, _WHOLE if path else frozenset({NUMBER}), lambda given: whole(given))


def typed(
    visit: Visit,
    field: str,
    value: Json,
    path: str | None,
    document: Shape,
    allowed: frozenset[str],
    parse: Callable[[Any], Any],
) -> None:
    if path is not None:
        field, value = f"{field}Path", path
        found = visit.path(path, visit.view(document), f"{visit.pointer}/{field}")
    elif visit.jsonata and isinstance(value, str) and value.startswith("{%"):
        found = visit.template(value, visit.view(document), f"{visit.pointer}/{field}")
    else:
        return
    pointer = f"{visit.pointer}/{field}"
    visit.of_kind(found, allowed, value, pointer)
    if found.constant is not NOT_CONSTANT and kinds(found) <= allowed and parse(found.constant) is None:
        message = f"'{value}' is always {found.constant!r}, which this field does not take"
        visit.fails(TYPE_MISMATCH, pointer, message)
