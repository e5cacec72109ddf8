"""The canonical form of a definition's text, JSON or YAML; what `asl fmt` writes.

The rule: nothing but the order of fields and the layout changes. Every value keeps the text it was written with.
"""

from __future__ import annotations

from collections.abc import Iterable

from asl_engine.errors import AslError

TEMPLATE_KEYS = frozenset({"Resources", "AWSTemplateFormatVersion", "Transform", "service", "provider"})


class FormatError(AslError):
    """A text that cannot be formatted; says where and why."""


def format_text(text: str, *, yaml: bool) -> str:
    """The canonical form of a definition. Raises FormatError."""
    if yaml:
        from asl_engine.rewriting.yaml_text import format_yaml

        return format_yaml(text)
    from asl_engine.rewriting.json_text import format_json

    return format_json(text)


def check_definition(names: Iterable[str] | None) -> None:
    """Refuses what is no definition by its topmost keys; None stands for what is no object."""
    if names is None:
        raise FormatError("not a definition: it must be an object with StartAt and States")
    keys = set(names)
    if "States" in keys:
        return
    found = sorted(TEMPLATE_KEYS & keys)
    if found:
        raise FormatError(f"a template (it has '{found[0]}'); only definition files are formatted")
    raise FormatError("not a definition: it has no States")
