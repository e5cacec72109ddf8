"""The JSON Schemas of texts and templates: paths, calls, timestamps, expressions, names of variables.

Patterns keep to what JavaScript and Python read alike, and are never narrower than the readers they stand for: each
refuses only what is surely wrong. `patternErrorMessage` is what VS Code shows in place of a pattern.
"""

from __future__ import annotations

from asl_engine.definition.described import Schema, reference

_END = r"(?![\s\S])"
"""The very end of a text; `$` would also match before a last line's end in Python."""

_AFTER_DOLLAR = r"""(?!\$?[0-9!"#%&'()*+,/:;<=>?@\\\]^`{|}~-])"""
_PATH = rf"\${_AFTER_DOLLAR}(?![\s\S]*\.{_END})"
_EXPRESSION = rf"\{{%[\s\S]*%\}}{_END}"
_LITERAL = rf"(?!\{{%)(?![\s\S]{{2,}}%\}}{_END})"


def _text(pattern: str, sentence: str, *examples: str) -> Schema:
    """`patternErrorMessage` is what VS Code shows in place of the pattern."""
    schema: Schema = {"type": "string", "pattern": pattern, "patternErrorMessage": sentence}
    return schema | ({"examples": list(examples)} if examples else {})


PATH = _text(f"^{_PATH}", "Must be a path, as in $.order.id.", "$", "$.", "$$.Execution.Id")

_REFERENCE = r"""\.([^.\[\]\\*@,:? \t\n\r\f\v'"()]|\\[\s\S])+|\['([^'\\]|\\[\s\S])*'\]|\["([^"\\]|\\[\s\S])*"\]"""
REFERENCE_PATH = _text(
    rf"^\$({_REFERENCE}|\[[0-9]{{1,9}}\])*{_END}", "Must be a Reference Path, as in $.order.id.", "$", "$."
)

_DAY = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_HOUR = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})"
TIMESTAMP = _text(
    f"^{_DAY}T{_HOUR}{_END}", "Must be an RFC 3339 timestamp, as in 2030-01-31T12:00:00Z.", "2030-01-31T12:00:00Z"
)

EXPRESSION = _text(f"^{_EXPRESSION}", "Must be a JSONata expression between {% and %}.")


def bounds(low: float, high: float) -> Schema:
    """Limits of a number; JSON has no infinite ones."""
    limits = {"minimum": low, "maximum": high}
    return {name: limit for name, limit in limits.items() if abs(limit) != float("inf")}


def or_null(schema: Schema) -> Schema:
    """The same, or null."""
    return schema | {"type": [schema["type"], "null"]}


def path_or_call() -> Schema:
    """A path, or a call of an intrinsic function."""
    from asl_engine.query.intrinsics.table import INTRINSICS

    functions = sorted(INTRINSICS)
    names = "|".join(name.replace(".", r"\.") for name in functions)
    sentence = "Must be a path, as in $.order.id, or a call of an intrinsic function, as in States.UUID()."
    return _text(rf"^({_PATH}|\s*({names})\s*\()", sentence, "$", "$.", *(f"{name}()" for name in functions))


def expressions_in(name: str) -> Schema:
    """Any JSON value; a string that begins with `{%` ends with `%}`. `name` is what the schema is defined under."""
    sentence = "An expression must begin with {% and end with %}."
    text = {"pattern": f"^({_EXPRESSION}|{_LITERAL})", "patternErrorMessage": sentence}
    return text | _everywhere(name)


def template_in(name: str, dynamic: Schema) -> Schema:
    """Any JSON value; fields that end in `.$` are `dynamic`. `name` is what the schema is defined under."""
    return {"patternProperties": {rf"\.\${_END}": dynamic}} | _everywhere(name)


def _everywhere(name: str) -> Schema:
    below = reference(name)
    return {"additionalProperties": below, "items": below}


def variables(ending: str) -> Schema:
    """Names of variables, which may have an ending; letters beyond ASCII are not looked at."""
    first, rest = r"[^\x00-@\[-\^`{-\x7f]", r"[^\x00-/:-@\[-\^`{-\x7f]"
    pattern = rf"^(?!states{ending}{_END}){first}{rest}{{0,79}}{ending}{_END}"
    return {"pattern": pattern, "patternErrorMessage": "Must be the name of a variable."}


def literal_or_expression(literal: Schema) -> Schema:
    """A literal, or a string that holds an expression."""
    if literal["type"] != "string":
        return literal | EXPRESSION | {"type": [literal["type"], "string"]}
    if "pattern" in literal:
        return {"anyOf": [literal, EXPRESSION]}
    return literal | EXPRESSION | {"pattern": f"^({_EXPRESSION}|(?!\\{{%))"}
