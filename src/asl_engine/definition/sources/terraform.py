"""State machines in what `terraform show -json` writes, of a plan or of a state: resources aws_sfn_state_machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from asl_engine.definition.sources.codes import UNSUPPORTED_SOURCE, refused
from asl_engine.definition.sources.documents import Document, members_of, pointer_to
from asl_engine.definition.sources.embedded import Fragment, embed
from asl_engine.definition.sources.json_text import read_json
from asl_engine.definition.sources.machines import Definition, MakeSource, given, make_source
from asl_engine.definition.sources.source import Source
from asl_engine.jsonvalue import Json

TYPE = "aws_sfn_state_machine"
ROOTS = (("planned_values", "root_module"), ("values", "root_module"))


def read_terraform(document: Document, substitutions: Mapping[str, str]) -> list[MakeSource]:
    """The state machines of all modules, in order."""
    told_names: set[tuple[str, str]] = set()
    return [
        partial(_machine, document, resource, pointer, substitutions, told_names)
        for root in ROOTS
        for resource, pointer in _resources(_at(document.value, root), pointer_to(*root))
        if resource.get("type") == TYPE and resource.get("mode", "managed") == "managed"
    ]


def _at(value: Json, keys: tuple[str, ...]) -> Json:
    for key in keys:
        value = members_of(value).get(key)
    return value


def _resources(module: Json, pointer: str) -> Iterator[tuple[dict[str, Json], str]]:
    """The resources of a module and of those in it, each with its place."""
    for name, items in members_of(module).items():
        if name in ("resources", "child_modules") and isinstance(items, list):
            for index, item in enumerate(items):
                at = f"{pointer}/{name}/{index}"
                if name == "child_modules":
                    yield from _resources(item, at)
                elif isinstance(item, dict):
                    yield item, at


def _machine(
    document: Document,
    resource: dict[str, Json],
    at: str,
    substitutions: Mapping[str, str],
    told_names: set[tuple[str, str]],
) -> Source:
    values = members_of(resource.get("values"))
    text = values.get("definition")
    if not isinstance(text, str):
        message = f"the definition of {resource.get('address')} is known only after apply"
        raise refused(UNSUPPORTED_SOURCE, message, document.span(at), at)
    definition = read_json(embed(document, [Fragment(text, f"{at}/values/definition", 0)]))
    return make_source(
        Definition(document=definition, value=definition.value),
        file=document.text.file,
        name=str(values.get("name") or resource.get("name") or resource.get("address")),
        find=given(substitutions),
        told_names=told_names,
        type=values.get("type"),
    )
