"""What the fields of generated states are drawn from, by query language. The plainest value stands first: that is what
Hypothesis shrinks to. What stands in a table of safe values cannot fail, whatever the state's input is.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from asl_engine.jsonvalue import Json

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:work"
INVOKE = "arn:aws:states:::lambda:invoke"

RESULTS: list[Json] = [{}, 5, None, {"a": {"b": [1, 2]}}, [1, "x"]]
SECONDS = [1, 0, 5, 60]
MOMENTS = ["2024-01-01T00:00:30Z", "2020-02-29T23:59:59.5+01:00"]
ERRORS = ["Busy", "Broken", "States.Timeout", "States.Permissions"]
RETRIERS = [["States.ALL"], ["Busy"], ["Broken", "Busy"], ["States.TaskFailed"], ["States.Timeout"]]
RULE_FIELDS = ["$.a", "$.kind", "$.a.b", "$.list[0]", "$$.Execution.Input.a"]
VARIABLES = [("order", "total"), ("item", "part"), ("detail", "piece"), ("leaf", "twig")]
"""Names of variables by depth: an inner machine must not assign what an outer one does."""


class Material(NamedTuple):
    """What one language writes in each kind of field."""

    safe: list[Json]
    risky: list[Json]
    assigned: list[Json]
    risky_assigned: list[Json]


JSONPATH = Material(
    safe=[
        {"all.$": "$"},
        {"k": 1},
        {"here.$": "$$.State.Name", "deep": [{"n.$": "States.MathAdd(1, 2)"}]},
        {"text.$": "States.JsonToString($)", "id.$": "$$.Execution.Input"},
        {"list.$": "States.ArrayRange(1, 5, 2)", "parts.$": "States.StringSplit('a,b', ',')"},
        {"code.$": "States.Base64Encode('x')", "sum.$": "States.Hash('x', 'SHA-256')"},
    ],
    risky=[
        {"x.$": "$.a"},
        {"deep": {"x.$": "$..a"}},
        {"b.$": "$.a.b", "t.$": "States.Format('{} of {}', $.kind, 3)"},
        {"n.$": "States.ArrayLength($.list)", "u.$": "States.ArrayUnique($.list)"},
        {"has.$": "States.ArrayContains($.list, 1)", "m.$": "States.JsonMerge($.a, $.a, false)"},
    ],
    assigned=[1, {"n": [1]}],
    risky_assigned=["$.a", "$", "$.list[0]"],
)

JSONATA = Material(
    safe=[
        "{% $states.input %}",
        {"k": 1},
        {"here": "{% $states.context.State.Name %}", "deep": ["{% 1 + 2 %}"]},
        {"text": "{% $string($states.input) %}", "id": "{% $states.context.Execution.Input %}"},
        {"list": "{% [1..3] %}", "parts": "{% $split('a,b', ',') %}"},
        "{% $type($states.input) = 'object' ? $merge([$states.input, {'k': 2}]) : $states.input %}",
    ],
    risky=[
        {"x": "{% $states.input.a %}"},
        {"b": "{% $states.input.a.b %}", "t": "{% $states.input.kind & ' of 3' %}"},
        {"n": "{% $count($states.input.list) %}", "s": "{% $sum($states.input.list) %}"},
        {"u": "{% $map($states.input.list, function($v) { $v }) %}"},
    ],
    assigned=[1, {"n": [1]}],
    risky_assigned=["{% $states.input.a %}", "{% $states.input %}", "{% $states.input.list[0] %}"],
)

MATERIAL = {"JSONPath": JSONPATH, "JSONata": JSONATA}

SELECTIONS = ["$.a", "$.list", "$.list[*]", "$..a", "$$.State.Name", "$.list[?(@ > 1)]", None]
SAFE_SELECTIONS = ["$", "$$.Execution.Input", None]
RESULT_PATHS: list[Any] = ["$.r", None, "$.a.b"]
SAFE_RESULT_PATHS: list[Any] = [None]
RESULT_SELECTORS: list[Json] = [{"x.$": "$.a"}, {"all.$": "$", "n": 1}]

DATA_TESTS: list[dict[str, Json]] = [
    {"IsPresent": True},
    {"StringEquals": "big"},
    {"NumericGreaterThan": 3},
    {"BooleanEquals": True},
    {"IsNull": False},
    {"NumericLessThanEquals": 10},
    {"StringMatches": "b*"},
    {"TimestampLessThan": "2024-06-01T00:00:00Z"},
    {"IsString": True},
    {"IsNumeric": True},
    {"StringGreaterThanPath": "$.kind"},
    {"NumericEqualsPath": "$.a"},
]
SAFE_RULES: list[dict[str, Json]] = [
    {"Variable": "$.a", "IsPresent": True},
    {"Variable": "$", "IsString": True},
    {"Variable": "$", "IsNull": True},
    {"Variable": "$$.Execution.Input.kind", "IsPresent": False},
]
CONDITIONS = [
    "$states.input.kind = 'big'",
    "$states.input.a > 3",
    "$states.input.a = true or $states.input.kind in ['big', 'odd']",
    "$not($states.input.a <= 10)",
    "$states.input.a.b = $states.input.kind",
]
SAFE_CONDITIONS = [
    "$exists($states.input.a)",
    "$type($states.input) = 'string'",
    "$states.input = null",
    "$count($states.input.list) > 1",
]
