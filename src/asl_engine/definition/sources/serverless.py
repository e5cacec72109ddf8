"""State machines in a serverless.yml: `stepFunctions.stateMachines`, as the plugin serverless-step-functions reads it.

The framework's variables, `${self:...}` and the like, are placeholders; only `${file(path)}` in the place of a
definition, or of the machines, is looked up. Functions of CloudFormation may stand in definitions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from asl_engine.definition.sources.cloudformation import (
    PSEUDO_PARAMETERS,
    Template,
    definition_object,
    definition_string,
)
from asl_engine.definition.sources.codes import NO_STATE_MACHINE, refused
from asl_engine.definition.sources.documents import Document, members_of, pointer_to
from asl_engine.definition.sources.files import Files
from asl_engine.definition.sources.intrinsics import function_of
from asl_engine.definition.sources.machines import MakeSource, make_source
from asl_engine.definition.sources.placeholders import SERVERLESS_PLACEHOLDER, Find
from asl_engine.definition.sources.source import Source
from asl_engine.definition.sources.stand_ins import ACCOUNT, PARTITION, REGION
from asl_engine.jsonvalue import Json
from asl_engine.records import record, replace

_FILE = re.compile(r"\$\{\s*file\((?P<path>[^()$]+)\)(?::(?P<keys>[\w.-]+))?\s*\}")

_AWS = {"aws:region": REGION, "aws:accountId": ACCOUNT, "aws:partition": PARTITION, **PSEUDO_PARAMETERS}


@record(frozen=True, slots=True)
class _Place:
    """A value, where it stands, and the template around it whose names it may use."""

    template: Template
    pointer: str
    content: Json

    def at(self, key: str) -> _Place:
        """A member; if that is a `${file(...)}`, what stands there. Raises SourceError."""
        value = members_of(self.content).get(key)
        return replace(self, pointer=self.pointer + pointer_to(key), content=value).looked_up()

    def looked_up(self) -> _Place:
        """What a `${file(path):key.key}` names, else the place itself."""
        named = _FILE.fullmatch(self.content) if isinstance(self.content, str) else None
        if not named:
            return self
        files = self.template.files
        document = files.named(named["path"].strip(), self.template.document.span(self.pointer))
        template = replace(self.template, document=document, files=Files(document.text.file, files.read))
        place = _Place(template, "", document.value)
        for key in (named["keys"] or "").split(".") if named["keys"] else ():
            place = replace(place, pointer=place.pointer + pointer_to(key), content=members_of(place.content).get(key))
        return place


def read_serverless(document: Document, files: Files, substitutions: Mapping[str, str]) -> list[MakeSource]:
    """The state machines of a serverless.yml, in order. Raises SourceError."""
    value = document.value
    template = Template(
        document=document,
        files=files,
        resources={**dict(_functions(value)), **members_of(members_of(value.get("resources")).get("Resources"))},
        parameters={},
        mappings={},
        substitutions=substitutions,
    )
    machines = _Place(template, "", value).at("stepFunctions").at("stateMachines")
    told_names: set[tuple[str, str]] = set()
    return [partial(_machine, machines, files.file, key, told_names) for key in members_of(machines.content)]


def _functions(value: dict[str, Json]) -> Iterator[tuple[str, Any]]:
    """The resources that the framework makes of `functions`: logical id -> a resource of that type."""
    for key in members_of(value.get("functions")):
        name = key.replace("-", "Dash").replace("_", "Underscore")
        yield f"{name[:1].upper()}{name[1:]}LambdaFunction", {"Type": "AWS::Lambda::Function"}


def _machine(machines: _Place, file: str, key: str, told_names: set[tuple[str, str]]) -> Source:
    machine = machines.at(key)
    place = machine.at("definition")
    if place.content is None:
        raise refused(NO_STATE_MACHINE, "has no definition", machine.template.document.span(machine.pointer))
    is_text = isinstance(place.content, str) or function_of(place.content)
    read = definition_string if is_text else definition_object
    return make_source(
        read(place.template, place.content, place.pointer),
        file=file,
        name=key,
        find=_finder(place.template),
        told_names=told_names,
        type=members_of(machine.content).get("type"),
        pattern=SERVERLESS_PLACEHOLDER,
    )


def _finder(template: Template) -> Find:
    """Finds what a template does, and the framework's own names for the account and the region."""
    find = template.finder(None)

    def found(sigil: str, name: str) -> str | None:
        known = find(sigil, name)
        return _AWS.get(name) if known is None else known

    return found
