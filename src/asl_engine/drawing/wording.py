"""What a picture says in words: conditions, errors, retries, the work of a state.

Every text here is one line and free of characters that a picture cannot hold (`shown`). How much of it fits is the
affair of each format.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from asl_engine.definition.fields import ABSENT, JSONATA
from asl_engine.jsonvalue import Json, dumps
from asl_engine.states.choice import ChoiceRule
from asl_engine.states.resource import parse_resource
from asl_engine.states.retry import Retrier

_SYMBOLS = {
    "Equals": "==",
    "LessThan": "<",
    "GreaterThan": ">",
    "LessThanEquals": "<=",
    "GreaterThanEquals": ">=",
    "Matches": "matches",
}
_COMPARISON = re.compile(r"(?:String|Numeric|Boolean|Timestamp)(?P<how>[A-Z][A-Za-z]*?)(?P<path>Path)?")
_TESTS = {
    "IsNull": "null",
    "IsPresent": "present",
    "IsNumeric": "a number",
    "IsString": "a string",
    "IsBoolean": "a boolean",
    "IsTimestamp": "a timestamp",
}
_UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_SHOWN_AS = {"\n": "↵", "\r": "↵", "\u2028": "↵", "\u2029": "↵", "\t": " ", "\x7f": "\u2421"}


def shown(text: str) -> str:
    """The text with a visible sign for each character that XML, DOT or a line of text cannot hold."""
    return _UNSHOWN.sub(lambda match: _sign(match[0]), text)


def _sign(character: str) -> str:
    control = chr(0x2400 + ord(character)) if ord(character) < 0x20 else "\ufffd"
    return _SHOWN_AS.get(character, control)


def cut(text: str, length: int) -> str:
    """The text, or its beginning and an ellipsis."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def condition_in_words(rule: ChoiceRule) -> str:
    """`$.n > 3`, `$.a is present and not ($.b == "x")`, the text of a JSONata condition."""
    if rule.condition is not ABSENT:
        return expression_in_words(rule.condition)
    if rule.operator == "Not":
        return f"not ({' '.join(condition_in_words(inner) for inner in rule.rules)})"
    if rule.operator in ("And", "Or"):
        parts = [_in_brackets(inner) if len(rule.rules) > 1 else condition_in_words(inner) for inner in rule.rules]
        return f" {rule.operator.lower()} ".join(parts)
    return _test_in_words(rule)


def _in_brackets(rule: ChoiceRule) -> str:
    words = condition_in_words(rule)
    return f"({words})" if rule.operator in ("And", "Or") and len(rule.rules) > 1 else words


def _test_in_words(rule: ChoiceRule) -> str:
    operator = rule.operator or ""
    if operator in _TESTS:
        return shown(f"{rule.variable} is {'' if rule.operand else 'not '}{_TESTS[operator]}")
    form = _COMPARISON.fullmatch(operator)
    if form is None:
        return "?"
    operand = rule.operand if form["path"] else dumps(rule.operand)
    return shown(f"{rule.variable} {_SYMBOLS[form['how']]} {operand}")


def expression_in_words(value: Json) -> str:
    """A JSONata expression without its brackets, its white space made single; any other value as JSON."""
    text = value if isinstance(value, str) else dumps(value)
    if text.startswith("{%") and text.endswith("%}"):
        text = text[2:-2]
    return shown(" ".join(text.split()))


def errors_in_words(names: Iterable[str]) -> str:
    """The names of ErrorEquals, joined."""
    return shown(", ".join(names))


def retry_in_words(retrier: Retrier) -> str:
    """`retry 3×: States.Timeout`."""
    count = retrier.max_attempts
    times = f"retry {count}×" if count else "no retry"
    return f"{times}: {errors_in_words(retrier.error_equals)}"


def detail_of(state: Any) -> str:
    """The work of a state in a few words: the service or function that a Task calls, how long a Wait waits."""
    tell = _DETAILS.get(state.type)
    return shown(tell(state)) if tell else ""


def _work(state: Any) -> str:
    resource = parse_resource(state.resource)
    if resource.is_lambda_invoke:
        return _invoked(state) + resource.pattern
    if resource.service:
        return f"{resource.service.removeprefix('aws-sdk:')}:{resource.action}{resource.pattern}"
    if resource.name:
        return f"{'activity' if resource.kind == 'Activity' else 'lambda'} {resource.name}"
    return resource.text


def _invoked(state: Any) -> str:
    given = state.arguments if state.query_language == JSONATA else state.parameters
    name = given.get("FunctionName") if isinstance(given, dict) else None
    if not isinstance(name, str) or (name.startswith(("{%", "$")) and name[:2] != "${"):
        return "lambda:invoke"
    return f"lambda {parse_resource(name).name or name}"


def _waiting(state: Any) -> str:
    for value, form in ((state.seconds, "{} s"), (state.timestamp, "until {}")):
        if value is not None:
            return form.format(expression_in_words(value))
    return f"until {state.timestamp_path}" if state.timestamp_path else f"{state.seconds_path} s"


def _failing(state: Any) -> str:
    error = state.error or state.error_path or ""
    return expression_in_words(error) if error else ""


_DETAILS: dict[str, Callable[[Any], str]] = {"Task": _work, "Wait": _waiting, "Fail": _failing}
