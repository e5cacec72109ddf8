"""What stands in for a placeholder whose value nobody gave: a value that raises no alarm where it stands.

A stand-in is as neutral as its field allows: the default of the service where there is one, a value that every rule
takes otherwise.
"""

from __future__ import annotations

import re

from asl_engine.jsonvalue import Json

REGION = "us-east-1"
ACCOUNT = "123456789012"
PARTITION = "aws"
_MOMENT = "2024-01-01T00:00:00Z"
_COMPARISONS = ("Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals")

FIELDS: dict[str, Json] = {
    "Seconds": 1,
    "TimeoutSeconds": 99_999_999,
    "HeartbeatSeconds": 1,
    "IntervalSeconds": 1,
    "MaxDelaySeconds": 31_622_400,
    "MaxAttempts": 1,
    "BackoffRate": 2,
    "MaxConcurrency": 1,
    "ToleratedFailureCount": 1,
    "ToleratedFailurePercentage": 1,
    "MaxItems": 1,
    "MaxItemsPerBatch": 1,
    "MaxInputBytesPerBatch": 1,
    **{f"Numeric{comparison}": 1 for comparison in _COMPARISONS},
    **{f"Timestamp{comparison}": _MOMENT for comparison in _COMPARISONS},
    **dict.fromkeys(("BooleanEquals", "End", "IsNull", "IsPresent", "IsNumeric", "IsString", "IsBoolean"), True),
    "IsTimestamp": True,
    "Timestamp": _MOMENT,
    "Variable": "$",
    "QueryLanguage": "JSONPath",
    "Mode": "INLINE",
    "ExecutionType": "STANDARD",
    "JitterStrategy": "NONE",
}
"""Field -> what stands there. TimeoutSeconds and MaxDelaySeconds are as large as can be: others must be less."""

PAYLOADS = {"Parameters", "Arguments", "ResultSelector", "ItemSelector", "Assign", "Output", "Result"}
"""Fields whose values are the user's: mostly objects, with keys that mean nothing to the language."""

_KNOWN_NAMES = (
    (re.compile(r"partition$", re.IGNORECASE), PARTITION),
    (re.compile(r"region$", re.IGNORECASE), REGION),
    (re.compile(r"account_?(id)?$", re.IGNORECASE), ACCOUNT),
)


def stand_in(name: str, field: str) -> Json:
    """What stands in for a placeholder that is all there is in a field."""
    if field in FIELDS:
        return FIELDS[field]
    if field.endswith((".$", "Path")):
        return "$"
    return _lambda_arn(name) if field == "Resource" else stand_in_text(name)


def stand_in_text(name: str, text: str = "", at: int = 0) -> str:
    """What stands in for a placeholder at an offset of a longer text."""
    for pattern, known in _KNOWN_NAMES:
        if pattern.search(name):
            return known
    if text.startswith(("{%", "States.")) and not re.match(r"[\w.$]", text[at - 1]):
        return "1"  # a word would be a field's name in an expression; a number is one in and outside quotes
    return re.sub(r"\W+", "_", name)


def _lambda_arn(name: str) -> str:
    """The ARN of a function with a placeholder's name."""
    function = re.sub(r"[^\w-]+", "_", name.removesuffix(".Arn"))
    return f"arn:{PARTITION}:lambda:{REGION}:{ACCOUNT}:function:{function}"
