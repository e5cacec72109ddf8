"""What a choice rule takes, as JSON Schema: a rule with one comparison, one of And, Or and Not, or a Condition.

Follows `read_rule` in `choice.py`, whose tables of fields it is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from asl_engine.definition.described import Drafting, Schema, one_required
from asl_engine.definition.fields import JSONATA, Reader, expression, filled_list, path
from asl_engine.states.choice_rules import DATA_TESTS

OWNER = "ChoiceRule"


def draft_rule(drafting: Drafting, fields: Mapping[str, tuple[str, Any]], nested: Reader) -> Schema:
    """The schema of a rule with these fields besides; `nested` reads the rules in And, Or and Not."""
    readers = {name: read for name, (_, read) in fields.items()}
    must = [name for name in ("Next",) if name in readers]
    if drafting.query_language == JSONATA:
        return drafting.named_fields(OWNER, {"Condition": expression, **readers}, ["Condition", *must])
    readers.pop("Output", None)
    joining = {"And": filled_list(nested), "Or": filled_list(nested), "Not": nested}
    return {
        "type": "object",
        "if": {"anyOf": [{"required": [name]} for name in joining]},
        "then": drafting.named_fields(OWNER, joining | readers, must) | one_required(*joining),
        "else": _draft_comparison(drafting, readers, must),
    }


def _draft_comparison(drafting: Drafting, readers: Mapping[str, Any], must: list[str]) -> Schema:
    operators = {name: test.read for name, test in DATA_TESTS.items()}
    schema = drafting.named_fields(OWNER, {"Variable": path, **operators, **readers}, ["Variable", *must])
    return schema | {"oneOf": [{"required": [name]} for name in operators]}
