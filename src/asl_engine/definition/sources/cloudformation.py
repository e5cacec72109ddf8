"""State machines in CloudFormation and SAM templates, those that the CDK writes among them.

AWS::StepFunctions::StateMachine has its definition in Definition, DefinitionString or DefinitionS3Location,
AWS::Serverless::StateMachine in Definition or DefinitionUri; DefinitionSubstitutions serve all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from asl_engine.definition.sources import intrinsics
from asl_engine.definition.sources.codes import NO_STATE_MACHINE, UNSUPPORTED_SOURCE, refused
from asl_engine.definition.sources.documents import Document, members_of, pointer_to
from asl_engine.definition.sources.embedded import embed
from asl_engine.definition.sources.files import Files
from asl_engine.definition.sources.json_text import read_json
from asl_engine.definition.sources.machines import Definition, MakeSource, make_source, refuse_tags
from asl_engine.definition.sources.placeholders import REFERENCE, Find, settle
from asl_engine.definition.sources.resources import resource_attribute
from asl_engine.definition.sources.source import Source, SourceError
from asl_engine.definition.sources.stand_ins import ACCOUNT, PARTITION, REGION
from asl_engine.jsonvalue import Json
from asl_engine.records import record

TYPES = ("AWS::StepFunctions::StateMachine", "AWS::Serverless::StateMachine")
PSEUDO_PARAMETERS = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": PARTITION,
    "AWS::Region": REGION,
    "AWS::StackId": f"arn:{PARTITION}:cloudformation:{REGION}:{ACCOUNT}:stack/stack/1",
    "AWS::StackName": "stack",
    "AWS::URLSuffix": "amazonaws.com",
}


@record(frozen=True, slots=True, kw_only=True)
class Template:
    """A template, or the part of another file that is one: what its names stand for."""

    document: Document
    files: Files
    resources: Mapping[str, Any]
    parameters: Mapping[str, Any]
    mappings: Mapping[str, Any]
    substitutions: Mapping[str, str]

    def known(self, name: str) -> str | None:
        """What `Ref` (a name) or Fn::GetAtt (name.attribute) give, as far as it can be told before a deployment."""
        if name in self.substitutions or name in PSEUDO_PARAMETERS:
            return self.substitutions.get(name, PSEUDO_PARAMETERS.get(name))
        parameter = self.parameters.get(name)
        if isinstance(parameter, dict):
            return _default(parameter)
        logical_id, _, attribute = name.partition(".")
        type = members_of(self.resources.get(logical_id)).get("Type")
        return resource_attribute(type, logical_id, attribute or None) if isinstance(type, str) else None

    def finder(self, substitutions: Json) -> Find:
        """Finds names of the template and those of a machine's DefinitionSubstitutions; what the caller gave wins."""
        own = {
            name: settle(intrinsics.text_of(value, self.mappings), lambda _, reference: self.known(reference))
            for name, value in members_of(substitutions).items()
        }

        def find(sigil: str, name: str) -> str | None:
            if sigil == REFERENCE:
                return self.known(name)
            return self.substitutions.get(name, own.get(name))

        return find


def _default(parameter: dict[str, Json]) -> str | None:
    """A parameter's default, as text; one that names an SSM parameter says nothing of its value."""
    default, type = parameter.get("Default"), parameter.get("Type")
    if default is None or (isinstance(type, str) and type.startswith("AWS::SSM::Parameter::Value")):
        return None
    return intrinsics.text_of(default, {})


def read_template(document: Document, files: Files, substitutions: Mapping[str, str]) -> list[MakeSource]:
    """The state machines of a template, in order."""
    value = document.value
    template = Template(
        document=document,
        files=files,
        resources=members_of(value.get("Resources")),
        parameters=members_of(value.get("Parameters")),
        mappings=members_of(value.get("Mappings")),
        substitutions=substitutions,
    )
    told_names: set[tuple[str, str]] = set()
    return [
        partial(_machine, template, logical_id, told_names)
        for logical_id, resource in template.resources.items()
        if members_of(resource).get("Type") in TYPES
    ]


def _machine(template: Template, logical_id: str, told_names: set[tuple[str, str]]) -> Source:
    properties = members_of(template.resources[logical_id].get("Properties"))
    at = pointer_to("Resources", logical_id, "Properties")
    type = intrinsics.text_of(properties.get("StateMachineType", properties.get("Type")), template.mappings)
    return make_source(
        _definition(template, properties, at),
        file=template.files.file,
        name=logical_id,
        find=(find := template.finder(properties.get("DefinitionSubstitutions"))),
        told_names=told_names,
        type=settle(type, find),
    )


def _definition(template: Template, properties: dict[str, Json], at: str) -> Definition:
    for name, reader in _PLACES.items():
        if name in properties:
            value, branch = intrinsics.chosen(properties[name])
            return reader(template, value, at + pointer_to(name, *branch))
    span = template.document.span(at)
    raise refused(NO_STATE_MACHINE, f"has none of {', '.join(_PLACES)}", span, at)


def definition_object(template: Template, value: Json, at: str) -> Definition:
    """A definition written out in the template, with functions in it; or included from a file."""
    match value:
        case {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": str(path)}}}:
            return definition_file(template, path, at)
    kept: dict[int, list[int]] = {}
    return Definition(
        document=template.document,
        base=at,
        value=intrinsics.reduced(value, template.mappings, kept),
        origin=lambda pointer: intrinsics.origin(value, pointer, kept),
    )


def definition_string(template: Template, value: Json, at: str) -> Definition:
    """A definition as JSON text, in one string or joined from several."""
    if intrinsics.function_of(value) == "Fn::ToJsonString":
        return definition_object(template, value["Fn::ToJsonString"], at + pointer_to("Fn::ToJsonString"))
    if isinstance(value, (dict, list)) and not intrinsics.function_of(value):
        raise refused(UNSUPPORTED_SOURCE, "DefinitionString must be text", template.document.span(at), at)
    document = read_json(embed(template.document, intrinsics.fragments(value, at, template.mappings)))
    return Definition(document=document, value=document.value)


def definition_file(template: Template, value: Json, at: str) -> Definition:
    """A definition in a file of its own, named by its path; of a bucket's, what the CDK left beside the template."""
    span = template.document.span(at)
    match value:
        case str(path):
            document = template.files.named(path, span)
        case {"Bucket": _, "Key": key}:
            document = _asset(template, key, at)
        case _:
            raise refused(UNSUPPORTED_SOURCE, "names no file that can be read", span, at)
    refuse_tags(document)
    return Definition(document=document, value=document.value)


def _asset(template: Template, key: Json, at: str) -> Document:
    span = template.document.span(at)
    name = key if isinstance(key, str) else "an object"
    try:
        return template.files.named(f"asset.{name}", span)
    except SourceError as error:
        if error.diagnostic.code != "UNREADABLE_DEFINITION":
            raise
    message = f"the definition stands in a bucket, as {name}, and only local files are read"
    raise refused(UNSUPPORTED_SOURCE, message, span, at)


_PLACES: dict[str, Callable[[Template, Json, str], Definition]] = {
    "Definition": definition_object,
    "DefinitionString": definition_string,
    "DefinitionUri": definition_file,
    "DefinitionS3Location": definition_file,
}
