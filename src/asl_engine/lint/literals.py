"""Lints on texts that look like a path, a call or an expression, and stand where they are plain strings.

Three of the codes are the service's own warnings (ValidateStateMachineDefinition): NO_DOLLAR, "no `.$` on a field that
appears to be a JSONPath or intrinsic function"; NO_PATH, the same for a field whose name would end in `Path`; and
PASS_RESULT_IS_STATIC. A text counts as a path or call only if it reads as one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from asl_engine.definition.fields import ABSENT, JSONATA, JSONPATH, show
from asl_engine.definition.graph import Machine
from asl_engine.lint.table import Finding, lint
from asl_engine.lint.visits import (
    Leaf,
    escape,
    every_rule,
    every_state,
    for_short_texts,
    leaves,
    parts,
    pointer_of,
    states_of,
    templates,
    texts_of_templates,
)
from asl_engine.query.jsonpath.expressions import compile_path_field
from asl_engine.query.jsonpath.syntax import InvalidPath

_PATH = re.compile(r"\$\$?(?:\.\.?[\w*]|\[)")
_CALL = re.compile(r"States\.[A-Z][A-Za-z0-9]*\s*\(")
PATH, CALL = "a path", "an intrinsic function call"


@for_short_texts
def looks_evaluated(text: str) -> str | None:
    """PATH or CALL for a text that reads as one from its first to its last character."""
    if _PATH.match(text):
        try:
            compile_path_field(text)
        except InvalidPath:
            return None
        return PATH
    return CALL if _CALL.match(text) and _is_call(text) else None


def _is_call(text: str) -> bool:
    from asl_engine.query.intrinsics import INTRINSICS, InvalidIntrinsic
    from asl_engine.query.intrinsics.syntax import parse_call

    try:
        return parse_call(text).name in INTRINSICS
    except InvalidIntrinsic:
        return False


@lint("NO_DOLLAR", "WARNING", "A path or call stands in a payload template under a key without `.$`.", local=True)
def no_dollar(machine: Machine) -> Iterator[Finding]:
    """Without the ending the text is handed on as it is written."""
    for state, texts in texts_of_templates(machine):
        if state.query_language == JSONPATH:
            for leaf in texts:
                if not leaf.key.endswith(".$") and not leaf.for_service:
                    yield from _taken_literally(leaf)


def _taken_literally(leaf: Leaf) -> Iterator[Finding]:
    what = looks_evaluated(leaf.text)
    if what and leaf.in_array:
        message = f"the text {show(leaf.text)} looks like {what}, but a string in an array is never evaluated"
        yield Finding(leaf.pointer, message, f"build the array with States.Array(...) under the key '{leaf.key}.$'")
    elif what:
        message = f"the text {show(leaf.text)} looks like {what}, but the key '{leaf.key}' does not end in '.$'"
        yield Finding(leaf.pointer, message, f"name the key '{leaf.key}.$'")


@lint("NO_PATH", "WARNING", "A path stands in a field that takes it as plain text.", local=True)
def no_path(machine: Machine) -> Iterator[Finding]:
    """Comparisons with strings, and the texts of a Fail state; other fields refuse a text."""
    for state in every_state(machine):
        if state.type in _WITH_PLAIN_TEXTS and state.query_language == JSONPATH:
            for pointer, name, text, other in _plain_texts(state):
                what = looks_evaluated(text) if isinstance(text, str) else None
                if what == PATH or (what and state.type == "Fail"):
                    yield Finding(
                        pointer, f"{name} takes {show(text)} as plain text, though it looks like {what}", other
                    )


_WITH_PLAIN_TEXTS = ("Choice", "Fail")


def _plain_texts(state: Any) -> Iterator[tuple[str, str, Any, str]]:
    """(pointer, field, text, what to do instead)."""
    for rule in every_rule(getattr(state, "choices", ())):
        operator = rule.operator or ""
        if operator.startswith("String") and not operator.endswith("Path"):
            instead = "compare with StringEqualsPath" if operator == "StringMatches" else f"use {operator}Path"
            yield f"{rule.pointer}/{operator}", operator, rule.operand, instead
    if state.type == "Fail":
        yield f"{state.pointer}/Error", "Error", state.error, "use ErrorPath"
        yield f"{state.pointer}/Cause", "Cause", state.cause, "use CausePath"


@lint("PASS_RESULT_IS_STATIC", "WARNING", "A Pass state's Result holds a path, which is plain text there.", local=True)
def pass_result_is_static(machine: Machine) -> Iterator[Finding]:
    """Result is plain JSON: its paths, calls and `.$` keys stand in the output as they are written."""
    for state in states_of(machine, "Pass"):
        if state.result is not ABSENT:
            for leaf in leaves(state.pointer, "Result", state.result):
                what = None if leaf.for_service else looks_evaluated(leaf.text)
                if what:
                    message = f"Result is handed on as it is written, with {show(leaf.text)}, which looks like {what}"
                    yield Finding(leaf.pointer, message, "use Parameters in the place of Result")


# --- JSONata ----------------------------------------------------------------------------------------------------------


@lint("NOT_AN_EXPRESSION", "WARNING", "A text in a JSONata state looks evaluated, but is a plain string.", local=True)
def not_an_expression(machine: Machine) -> Iterator[Finding]:
    """Only a string that begins with `{%` and ends with `%}` is an expression, and only as a whole."""
    rows = [(state, texts) for state, texts in texts_of_templates(machine) if state.query_language == JSONATA]
    assigned = {name for state in every_state(machine) for name, _ in state.assigned_names()} if rows else set()
    for state, texts in rows:
        for leaf in (*texts, *_texts_of_fields(state)):
            reason = None if leaf.for_service or leaf.key.endswith(".$") else _why_plain(leaf.text, assigned)
            if reason:
                message, suggestion = reason
                yield Finding(leaf.pointer, f"the text {show(leaf.text)} is a plain string: {message}", suggestion)
        yield from _dollar_keys(state)


def _texts_of_fields(state: Any) -> Iterator[Leaf]:
    for place, part in parts(state):
        for name, attribute in (("Error", "error"), ("Cause", "cause"), ("Condition", "condition")):
            yield from leaves(place, name, getattr(part, attribute, None))


_INNER = re.compile(r"\{%[^%]*\$[^%]*%\}")
_SHOWN = re.compile(r"\$states\.(?:input|context|result|errorOutput)\b[\w.\[\]]*")
_VARIABLE = re.compile(r"\$([^\W\d]\w*)(?:\.\w+|\[\w+\])*")


def _why_plain(text: str, assigned: set[str]) -> tuple[str, str] | None:
    """What is wrong with a text that looks like an expression and is none, and what to do."""
    if text.startswith("{%"):
        return None
    stripped = text.strip()
    if stripped.startswith("{%") and stripped.endswith("%}"):
        return "blanks stand around its {% and %}", "remove the blanks"
    if _INNER.search(text):
        return "an expression is a whole string, not a part of one", "join the parts with & within one {% %}"
    variable = _VARIABLE.fullmatch(text)
    if _SHOWN.fullmatch(text) or (variable and variable[1] in assigned):
        return "it has no {% and %} around it", f"write '{{% {text} %}}'"
    what = looks_evaluated(text)
    return (f"{what} means nothing in JSONata", "write it as a JSONata expression") if what else None


def _dollar_keys(state: Any) -> Iterator[Finding]:
    for at, field, template in templates(state):
        for place, key in _keys(pointer_of((at, field)), template):
            if key.endswith(".$"):
                message = f"the ending '.$' of '{key}' means nothing in JSONata, and the key is handed on with it"
                yield Finding(place, message, f"name it '{key[:-2]}', and write its value as {{% %}}")


def _keys(pointer: str, value: Any) -> Iterator[tuple[str, str]]:
    waiting = [(pointer, value)]
    while waiting:
        at, item = waiting.pop()
        inner = item.items() if isinstance(item, dict) else enumerate(item) if isinstance(item, list) else ()
        for key, below in inner:
            place = f"{at}/{escape(str(key))}"
            if isinstance(key, str):
                yield place, key
            if isinstance(below, (dict, list)):
                waiting.append((place, below))
