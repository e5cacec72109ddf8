"""Every state machine in a file, whatever the file is: a definition, or a template that holds some.

Nothing here opens a file: bytes come from the `read` that is given. What a file is, its name and its content tell; a
document that has the keys of a template is one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from asl_engine.definition.sources.codes import NO_STATE_MACHINE, refused
from asl_engine.definition.sources.documents import Document
from asl_engine.definition.sources.files import Files, parse
from asl_engine.definition.sources.machines import Definition, MakeSource, given, make_source, refuse_tags
from asl_engine.definition.sources.source import Source, SourceError
from asl_engine.errors import Diagnostic
from asl_engine.jsonvalue import Json
from asl_engine.records import replace

KINDS = ("json", "yaml", "cloudformation", "serverless", "terraform")
"""What a file may be said to be."""


def load_sources(
    file: str,
    *,
    read: Callable[[str], bytes],
    substitutions: Mapping[str, str] | None = None,
    kind: str | None = None,
) -> list[Source]:
    """The state machines of a file, in order; at least one.

    `read` gives the bytes of `file` and of the files it names, by path; what it raises for `file` escapes. `file` may
    be "-", told by content alone. `substitutions`: placeholder -> text. `kind`: one of KINDS, found out if None.

    A machine that cannot be read, among others that can, is an ERROR among the first one's `notes`. Raises SourceError
    where none can be read, and ValueError for a kind that is not known.
    """
    if kind is not None and kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, not {kind!r}")
    document = parse(file, read(file), kind if kind in ("json", "yaml") else None)
    shape = _shape(document, file, kind)
    machines = shape.read(document, Files(file, read), substitutions or {}) if shape else []
    if not machines:
        message = shape.without if shape else _NO_SHAPE
        raise refused(NO_STATE_MACHINE, message, document.text.point(0))
    return _made(machines)


def _read_plain(document: Document, files: Files, substitutions: Mapping[str, str]) -> list[MakeSource]:
    """A file that is a definition as a whole."""
    refuse_tags(document)
    definition = Definition(document=document, value=document.value)
    name = stem(files.file)
    find = given(substitutions)
    return [lambda: make_source(definition, file=files.file, name=name, find=find, told_names=set())]


def stem(file: str) -> str:
    """A file's name without its folder and its endings; of standard input, what a machine without a name is called."""
    name = re.split(r"[/\\]", file)[-1]
    stem = re.sub(r"(\.asl)?(\.(json|yaml|yml|asl))?$", "", name, flags=re.IGNORECASE)
    return "StateMachine" if file == "-" else stem


def _read_template(document: Document, files: Files, substitutions: Mapping[str, str]) -> list[MakeSource]:
    from asl_engine.definition.sources.cloudformation import read_template

    return read_template(document, files, substitutions)


def _read_serverless(document: Document, files: Files, substitutions: Mapping[str, str]) -> list[MakeSource]:
    from asl_engine.definition.sources.serverless import read_serverless

    return read_serverless(document, files, substitutions)


def _read_terraform(document: Document, files: Files, substitutions: Mapping[str, str]) -> list[MakeSource]:
    from asl_engine.definition.sources.terraform import read_terraform

    return read_terraform(document, substitutions)


class _Shape(NamedTuple):
    """One thing a file can be: how its content is known, how it is read, and what to say if no machine is in it."""

    fits: Callable[[dict[str, Json]], bool]
    read: Callable[[Document, Files, Mapping[str, str]], list[MakeSource]]
    without: str


_PLAIN = _Shape(lambda value: "StartAt" in value or "States" in value, _read_plain, "")
_SHAPES = {
    "definition": _PLAIN,
    "serverless": _Shape(
        lambda value: "stepFunctions" in value or {"service", "provider"} <= value.keys(),
        _read_serverless,
        "has no state machine: stepFunctions.stateMachines is missing or empty",
    ),
    "terraform": _Shape(
        lambda value: "format_version" in value and ("planned_values" in value or "values" in value),
        _read_terraform,
        "has no state machine: no resource of type aws_sfn_state_machine in any module",
    ),
    "cloudformation": _Shape(
        lambda value: any(key in value for key in ("Resources", "AWSTemplateFormatVersion", "Transform")),
        _read_template,
        "has no state machine: no resource of type AWS::StepFunctions::StateMachine or AWS::Serverless::StateMachine",
    ),
}
"""Asked in this order, so that a definition is one whatever else it holds."""

_NO_SHAPE = (
    "has no state machine: it has neither StartAt and States, nor Resources (CloudFormation, SAM), nor stepFunctions "
    "(Serverless Framework), nor planned_values (terraform show -json)"
)


def _shape(document: Document, file: str, kind: str | None) -> _Shape | None:
    """What a document is: as told, else by its keys, else by its file's name; None if nothing says."""
    value = document.value
    if kind in ("json", "yaml"):
        return _PLAIN
    if isinstance(value, dict):
        fitting = (shape for name, shape in _SHAPES.items() if (shape.fits(value) if kind is None else name == kind))
        if found := next(fitting, None):
            return found
    is_named_so = file == "-" or re.search(r"\.asl(\.|$)", file, re.IGNORECASE)
    return _PLAIN if kind is None and is_named_so else None


def _made(machines: list[MakeSource]) -> list[Source]:
    """The machines that can be read; what keeps others from it is added to the notes of the first."""
    sources: list[Source] = []
    faults: list[Diagnostic] = []
    for make in machines:
        try:
            sources.append(make())
        except SourceError as error:
            faults.append(error.diagnostic)
    if not sources:
        raise SourceError(faults[0])
    return [replace(sources[0], notes=(*sources[0].notes, *faults)), *sources[1:]]
