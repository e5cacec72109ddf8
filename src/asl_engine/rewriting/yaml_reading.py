"""A YAML definition becomes JSON text: aliases written out, numbers as they were written, comments left behind.

A plain scalar is what YAML 1.2 takes it for; a date stays its text. What JSON cannot hold, such as .inf, a tag such as
`!Sub`, or a merge key, is refused by name and line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from asl_engine.jsonvalue import MAX_DEPTH
from asl_engine.rewriting.formatting import FormatError
from asl_engine.rewriting.yaml_text import compose

MAX_NODES: Final = 200_000
"""The most values, aliases written out: a text of a few lines could name billions."""

NUMBERS: Final = frozenset(
    {
        *("TimeoutSeconds", "HeartbeatSeconds", "Seconds", "IntervalSeconds", "MaxDelaySeconds", "MaxAttempts"),
        *("BackoffRate", "MaxConcurrency", "ToleratedFailureCount", "ToleratedFailurePercentage", "MaxItems"),
        *("MaxItemsPerBatch", "MaxInputBytesPerBatch"),
    }
)
"""The fields of numbers: a plain `${Name}` in one of them stands without quotes in JSON too."""

_TAG = "tag:yaml.org,2002:"
_JSON_NUMBER = r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?"


def json_of(text: str) -> tuple[str, bool]:
    """The JSON text of a YAML document, and whether it has comments, which JSON has not. Raises FormatError."""
    root = compose(text)
    if root is None:
        raise FormatError("the text holds nothing")
    parts: list[str] = []
    for part in _written(root, "", MAX_DEPTH):
        parts.append(part)
        if len(parts) > 6 * MAX_NODES:
            raise FormatError(f"has more than {MAX_NODES} values, its aliases written out")
    return "".join(parts), _has_comments(text, root)


def _written(node: Any, field: str, depth: int) -> Iterator[str]:
    if not depth:
        raise FormatError(f"must not nest deeper than {MAX_DEPTH} levels")
    if node.id == "scalar":
        yield _scalar(node, field)
    elif str(node.tag) not in (f"{_TAG}map", f"{_TAG}seq"):
        raise _refused(node, f"the tag {_tag(node)} has no place in a definition")
    elif node.id == "sequence":
        yield from _joined("[", [("", item) for item in node.value], "]", depth)
    else:
        yield from _joined("{", [(_key(key), value) for key, value in node.value], "}", depth)


def _joined(opening: str, rows: list[tuple[str, Any]], closing: str, depth: int) -> Iterator[str]:
    yield opening
    for index, (key, value) in enumerate(rows):
        yield ", " if index else ""
        yield f"{json.dumps(key, ensure_ascii=False)}: " if opening == "{" else ""
        yield from _written(value, key, depth - 1)
    yield closing


def _key(node: Any) -> str:
    if node.id != "scalar":
        raise _refused(node, "a key must be a string")
    if str(node.tag) == f"{_TAG}merge":
        raise _refused(node, "a merge key '<<' has no counterpart in JSON: write its fields out")
    return str(node.value)


def _scalar(node: Any, field: str) -> str:
    kind, text = str(node.tag).removeprefix(_TAG), str(node.value)
    if node.style == ">":
        text = text.replace("\a", "")  # where ruamel.yaml remembers a fold; YAML allows no such character there
    if kind == "null":
        return "null"
    if kind == "bool":
        return text.lower()
    if kind in ("int", "float"):
        return _number(node, kind, text)
    if kind not in ("str", "timestamp"):
        raise _refused(node, f"the tag {_tag(node)} has no place in a definition")
    bare = field in NUMBERS and node.style is None and re.fullmatch(r"\$\{[^{}\"\s]+\}", text)
    return text if bare else json.dumps(text, ensure_ascii=False)


def _number(node: Any, kind: str, text: str) -> str:
    if re.fullmatch(_JSON_NUMBER, text):
        return text
    try:
        return str(int(text, 0)) if kind == "int" and not re.fullmatch("[+-]?0[0-9]+", text) else _decimal(text)
    except (ValueError, OverflowError):
        raise _refused(node, f"{text} is not a number that JSON can hold") from None


def _decimal(text: str) -> str:
    value = float(text)
    if value in (float("inf"), float("-inf")) or value != value:
        raise ValueError(text)
    return repr(int(value) if value.is_integer() and re.fullmatch("[+-]?[0-9]+", text) else value)


def _tag(node: Any) -> str:
    return str(node.tag).replace(_TAG, "!!")


def _refused(node: Any, sentence: str) -> FormatError:
    return FormatError(f"line {node.start_mark.line + 1}, column {node.start_mark.column + 1}: {sentence}")


def _has_comments(text: str, root: Any) -> bool:
    """Whether a `#` stands outside of every scalar."""
    spans = sorted(_spans(root))
    position = 0
    for start, end in spans:
        if "#" in text[position:start]:
            return True
        position = max(position, end)
    return "#" in text[position:]


def _spans(root: Any) -> Iterator[tuple[int, int]]:
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if node.id == "scalar":
            yield node.start_mark.index, node.end_mark.index
        else:
            waiting += node.value if node.id == "sequence" else [part for pair in node.value for part in pair]
