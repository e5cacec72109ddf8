"""What a state reads besides what Choice rules ask: places that must hold something, and a value that will do.

The rule: a stand-in has the type that its reader takes, as far as the field or the function tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from asl_engine.definition.fields import ABSENT, JSONATA
from asl_engine.jsonvalue import Json
from asl_engine.query.jsonata import JsonataError, compile_expression
from asl_engine.query.jsonata_language import expression_text, is_expression
from asl_engine.testing.origins import (
    Flow,
    Origin,
    View,
    item_flow,
    merged_output,
    read_path,
    result_of,
    selected_input,
    variable_view,
)

SOMETHING = "x"
MOMENT = "2024-01-01T00:00:00Z"

_BY_FIELD: Mapping[str, Json] = {
    "items": [SOMETHING],
    "items_path": [SOMETHING],
    "timestamp": MOMENT,
    "timestamp_path": MOMENT,
    **dict.fromkeys(("seconds", "seconds_path", "timeout_seconds", "timeout_seconds_path"), 5),
    **dict.fromkeys(("heartbeat_seconds", "heartbeat_seconds_path"), 2),
    **dict.fromkeys(("max_concurrency", "max_concurrency_path"), 1),
    **dict.fromkeys(("tolerated_failure_count", "tolerated_failure_count_path"), 0),
    **dict.fromkeys(("tolerated_failure_percentage", "tolerated_failure_percentage_path"), 0),
    **dict.fromkeys(("arguments", "output", "assign", "item_selector", "error", "cause"), SOMETHING),
    **dict.fromkeys(("error_path", "cause_path", "parameters", "input_path", "output_path"), SOMETHING),
    "result_selector": SOMETHING,
}
"""The fields of a state that hold paths or expressions, and what stands in for what they read."""

_BY_ITEM = frozenset({"item_selector", "parameters"})
"""The fields that a Map reads once an item."""

_BY_FUNCTION: Mapping[str, Json] = {
    "States.MathAdd": 1,
    "States.MathRandom": 1,
    "States.ArrayRange": 1,
    "States.ArrayPartition": [SOMETHING],
    "States.ArrayContains": [SOMETHING],
    "States.ArrayGetItem": [SOMETHING],
    "States.ArrayLength": [SOMETHING],
    "States.ArrayUnique": [SOMETHING],
    "States.StringToJson": "{}",
    "States.Base64Decode": "eA==",
    "States.JsonMerge": {},
}
"""What the first argument of an intrinsic function may be; SOMETHING for the others."""


def stand_ins(state: Any, flow: Flow) -> Iterator[tuple[Origin, Json]]:
    """(origin, value) of what the state reads, of its input, of variables and of its own result."""
    result = result_of(state, flow)
    documents = {"input_path": flow.document, "output_path": merged_output(state, flow)}
    documents |= dict.fromkeys(("result_selector", "assign"), result)
    selected = selected_input(state, flow)
    for field, value in _BY_FIELD.items():
        template = getattr(state, field, None)
        if template is not None and template is not ABSENT:
            for text in _texts(template):
                seen = item_flow(state, flow) if field in _BY_ITEM else flow
                yield from _read(text, value, state, seen, documents.get(field, selected), result)


def _texts(template: Json) -> Iterator[str]:
    if isinstance(template, str):
        yield template
    elif isinstance(template, list | dict):
        for key, item in template.items() if isinstance(template, dict) else enumerate(template):
            if not isinstance(item, str) or is_expression(item) or str(key).endswith(".$"):
                yield from _texts(item)


def _read(
    text: str, value: Json, state: Any, flow: Flow, selected: View, result: View
) -> Iterator[tuple[Origin, Json]]:
    if state.query_language == JSONATA:
        yield from _read_expression(text, value, flow, result)
    elif text.startswith("$"):
        yield read_path(text, selected, flow)(()), value
    else:
        for function, path in re.findall(r"(States\.\w+)\s*\(\s*(\$[^\s,()]*)", text):
            yield read_path(path, selected, flow)(()), _BY_FUNCTION.get(function, SOMETHING)
        for path in re.findall(r",\s*(\$[^\s,()]*)", text):
            yield read_path(path, selected, flow)(()), _BY_FUNCTION.get(text.partition("(")[0], SOMETHING)


def _read_expression(text: str, value: Json, flow: Flow, result: View) -> Iterator[tuple[Origin, Json]]:
    if not is_expression(text):
        return
    try:
        expression = compile_expression(expression_text(text))
    except JsonataError:
        return
    for name in sorted(expression.free_variables):
        for keys in sorted(expression.paths_of(name)):
            yield variable_view(name, keys, {"input": flow.document, "result": result}, flow)(()), value
