"""States that can be turned, by what they show: every field, path form, intrinsic function and comparison."""

from __future__ import annotations

from typing import Any

from tests.build import chain, each, function, parallel, task

State = dict[str, Any]
DONE = {"Type": "Succeed"}

INTRINSICS = {
    "format": "States.Format('{} of {}', $.a, $.b)",
    "format one": "States.Format('{}', $.a)",
    "format with quotes": "States.Format('it\\'s {}: \\{\\}', $.a)",
    "format with context": "States.Format('{}-{}', $$.State.Name, States.ArrayLength($.list))",
    "to json": "States.StringToJson($.text)",
    "to string": "States.JsonToString($.value)",
    "array": "States.Array($.a, 'x', $.b, null, 1)",
    "array in a call": "States.ArrayLength(States.Array($.a, $.b))",
    "array in a call, texts": "States.ArrayContains(States.Array('x', 'y'), $.a)",
    "partition": "States.ArrayPartition($.list, 2)",
    "contains text": "States.ArrayContains($.list, 'x')",
    "contains null": "States.ArrayContains($.list, null)",
    "contains any": "States.ArrayContains($.list, $.a)",
    "range": "States.ArrayRange($.from, $.to, 1)",
    "range down": "States.ArrayRange(9, 1, -2)",
    "item": "States.ArrayGetItem($.list, 0)",
    "item by path": "States.ArrayGetItem($.list, $.index)",
    "item of a call": "States.ArrayGetItem(States.StringSplit($.text, ','), 1)",
    "length": "States.ArrayLength($.list)",
    "unique": "States.ArrayUnique($.list)",
    "encode": "States.Base64Encode($.a)",
    "decode": "States.Base64Decode($.code)",
    "hash": "States.Hash($.a, 'SHA-256')",
    "merge": "States.JsonMerge($.one, $.two, false)",
    "random": "States.MathRandom(1, 100)",
    "random with a seed": "States.MathRandom($.from, 100, 7)",
    "add": "States.MathAdd($.from, -1)",
    "add two": "States.MathAdd($.from, $.to)",
    "nested": "States.MathAdd(States.ArrayLength($.list), States.MathAdd(1, $.to))",
    "split": "States.StringSplit($.text, ',')",
    "split at any": "States.StringSplit($.text, ',;|.]^-')",
    "uuid": "States.UUID()",
}

PATHS = {
    "whole": "$",
    "name": "$.a",
    "names": "$.a.b.c",
    "quoted": "$['a b']['c-d']",
    "a word of JSONata": "$.and.null",
    "index": "$.list[0]",
    "index, then name": "$.list[1].a",
    "two indices": "$.grid[0][1]",
    "all": "$.list[*]",
    "all names": "$.list[*].a",
    "all names of names": "$.list[*].a.b",
    "from": "$.list[1:]",
    "to": "$.list[:2]",
    "from to": "$.list[1:3]",
    "last two": "$.list[-2:]",
    "without the last": "$.list[:-1]",
    "some": "$.list[0,2]",
    "filter text": "$.list[?(@.a == 'x')]",
    "filter not": "$.list[?(@.a != 'x')].b",
    "filter number": "$.list[?(@.a == 1)]",
    "filter order": "$.list[?(@.a > 2)].b",
    "filter exists": "$.list[?(@.a)]",
    "filter both": "$.list[?(@.a == 'x' && @.b == true)]",
    "filter either": "$.list[?(@.a == 'x' || @.b < 3)]",
    "context": "$$.Execution.Input.a",
    "context whole": "$$.Execution.Input",
}


def _in_choice(**rule: Any) -> State:
    return {"Type": "Choice", "Choices": [{**rule, "Next": "Yes"}], "Default": "No"}


def _present(path: str) -> State:
    return {"Variable": path, "IsPresent": True}


OPERANDS: dict[str, Any] = {
    "String": "b",
    "Numeric": 3,
    "Boolean": True,
    "Timestamp": "2024-01-01T00:00:00Z",
}
COMPARISONS = {
    name: {"Variable": "$.a", name: "$.b" if name.endswith("Path") else OPERANDS[kind]}
    for kind in OPERANDS
    for sign in ("Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals")
    for name in (f"{kind}{sign}", f"{kind}{sign}Path")
    if kind != "Boolean" or sign == "Equals"
} | {
    f"{name} {wanted}": {"Variable": "$.a", name: wanted}
    for name in ("IsNull", "IsPresent", "IsNumeric", "IsString", "IsBoolean", "IsTimestamp")
    for wanted in (True, False)
}
RULES = COMPARISONS | {
    "matches": {"Variable": "$.a", "StringMatches": "a*c.\\*[x]/$"},
    "matches all": {"Variable": "$.a", "StringMatches": "*"},
    "present below": _present("$.a.b"),
    "present at": _present("$.list[1].a"),
    "guarded": {"And": [_present("$.a"), {"Variable": "$.a", "StringEquals": "x"}]},
    "guarded either": {"Or": [{"Not": _present("$.a")}, {"Variable": "$.a", "NumericGreaterThan": 1}]},
    "not guarded": {"And": [{"Variable": "$.a", "IsString": True}, {"Variable": "$.b", "StringEquals": "x"}]},
    "nested": {"Or": [{"And": [_present("$.a.b"), _present("$.b")]}, {"Not": {"Variable": "$.c", "IsNull": True}}]},
    "whole": {"Variable": "$", "IsString": True},
    "context": {"Variable": "$$.Execution.Input.a", "IsPresent": True},
    "a list": {"Variable": "$.list[0]", "NumericLessThan": 5},
}

PASSES: dict[str, State] = {
    "input path": {"InputPath": "$.a"},
    "no input": {"InputPath": None},
    "output path": {"OutputPath": "$.a"},
    "no output": {"OutputPath": None},
    "parameters": {"Parameters": {"x.$": "$.a", "y": [{"z.$": "$.b"}, "$.not"], "{%": "{% literal"}},
    "parameters of input": {"InputPath": "$.a", "Parameters": {"x.$": "$.b", "all.$": "$"}},
    "parameters unread": {"InputPath": "$.a", "Parameters": {"x": 1}},
    "output of parameters": {"Parameters": {"x": {"y.$": "$.a"}, "z.$": "$.b"}, "OutputPath": "$.x.y"},
    "result": {"Result": {"a.$": "$.x", "b": [[], {"c": "{% 1 %}"}]}},
    "result and parameters": {"Result": 5, "Parameters": {"x.$": "$.a"}},
    "result path": {"Result": [[1], [2]], "ResultPath": "$.r"},
    "result path of parameters": {"Parameters": {"x.$": "$.a", "y": [{"z.$": "$.b"}]}, "ResultPath": "$.r"},
    "result path below": {"Parameters": {"x.$": "$.a"}, "ResultPath": "$.a.b.c"},
    "result path and output": {"Parameters": {"x.$": "$.a"}, "ResultPath": "$.a.b", "OutputPath": "$.a"},
    "result path and output deep": {"Parameters": {"x.$": "$.a"}, "ResultPath": "$.r.b", "OutputPath": "$.r.b.x"},
    "result path and other output": {"Parameters": {"x.$": "$.a"}, "ResultPath": "$.r", "OutputPath": "$.b"},
    "no result": {"Parameters": {"x.$": "$.a"}, "ResultPath": None},
    "assign": {"Assign": {"v.$": "$.a", "w": {"x.$": "$.b"}}, "Parameters": {"a.$": "$.a", "b": 2}},
    "lists of lists": {"Parameters": {"x.$": "States.Array($.list, $.list)"}, "ResultPath": "$.r"},
}

MACHINES: dict[str, State] = {
    "variables": chain(
        A={"Type": "Pass", "Assign": {"v.$": "$.a", "list.$": "$.list"}},
        B={"Type": "Pass", "Parameters": {"v.$": "$v", "w.$": "$v.b", "l.$": "$list[*].a"}},
        C={"Type": "Pass", "Parameters": {"n.$": "States.Format('{}', $v.b)"}, "ResultPath": "$.n"},
    ),
    "task": chain(
        T=task(
            InputPath="$.a",
            Parameters={"x.$": "$.b"},
            ResultSelector={"y.$": "$.r", "z": "{% no"},
            ResultPath="$.t.u",
            OutputPath="$.t",
            TimeoutSecondsPath="$.seconds",
            Assign={"v.$": "$.r"},
            Credentials={"RoleArn.$": "$.role"},
            Retry=[{"ErrorEquals": ["Busy"], "MaxAttempts": 1}],
            Catch=[{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error.info", "Next": "C"}],
        ),
        D=DONE,
        C={"Type": "Pass", "Parameters": {"why.$": "$.error.info.Error"}},
    ),
    "catchers": chain(
        T=task(
            Catch=[
                {"ErrorEquals": ["One"], "ResultPath": None, "Next": "C"},
                {"ErrorEquals": ["Two"], "Assign": {"e.$": "$.Error"}, "Next": "C"},
                {"ErrorEquals": ["Three"], "ResultPath": "$", "Next": "C"},
            ]
        ),
        C=DONE,
    ),
    "wait": chain(W={"Type": "Wait", "SecondsPath": "$.seconds", "OutputPath": "$.a"}),
    "wait until": chain(W={"Type": "Wait", "InputPath": "$.a", "TimestampPath": "$.b", "Assign": {"v.$": "$.b"}}),
    "fail": chain(F={"Type": "Fail", "ErrorPath": "$.a", "CausePath": "States.Format('{}!', $.b)"}),
    "fail with literals": chain(F={"Type": "Fail", "Error": "{% E", "Cause": "C"}),
    "succeed": chain(S={"Type": "Succeed", "InputPath": "$.a", "OutputPath": "$.b"}),
    "parallel": chain(
        P=parallel(
            chain(X={"Type": "Pass", "OutputPath": "$.x"}),
            chain(Y=task(ResultPath="$.y")),
            Parameters={"x.$": "$.a"},
            ResultSelector={"first.$": "$[0]", "second.$": "$[1].x"},
            ResultPath="$.both",
            Catch=[{"ErrorEquals": ["Broken"], "Next": "E"}],
        ),
        E=DONE,
    ),
    "map": chain(
        M=each(
            chain(X=task(ResultPath="$.answer")),
            ItemsPath="$.list",
            ItemSelector={"i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value.a", "all.$": "$.b"},
            MaxConcurrencyPath="$.many",
            ToleratedFailureCountPath="$.many",
            ResultSelector={"answers.$": "$[*].answer"},
            ResultPath="$.done",
        )
    ),
    "old map": chain(
        M={
            "Type": "Map",
            "InputPath": "$.a",
            "ItemsPath": "$.list",
            "Parameters": {"v.$": "$$.Map.Item.Value"},
            "Iterator": chain(X={"Type": "Pass", "OutputPath": "$.v"}),
        }
    ),
    "choice with input": chain(
        K={
            "Type": "Choice",
            "InputPath": "$.a",
            "OutputPath": "$.b",
            "Assign": {"v.$": "$.b"},
            "Choices": [{"Variable": "$.b", "IsPresent": True, "Assign": {"w.$": "$.c"}, "Next": "Y"}],
            "Default": "N",
        },
        Y=DONE,
        N=DONE,
    ),
    "a function's answer": chain(
        L={
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": function("f"), "Payload.$": "$"},
            "OutputPath": "$.Payload",
        },
        P={"Type": "Pass", "Parameters": {"x.$": "$.a"}},
    ),
}


def machines() -> dict[str, State]:
    """Every machine of the family by its name."""
    found = {f"intrinsic: {name}": chain(S=_evaluated(text)) for name, text in INTRINSICS.items()}
    found |= {f"path: {name}": chain(S=_evaluated(text)) for name, text in PATHS.items()}
    found |= {f"output: {name}": chain(S={"Type": "Pass", "OutputPath": text}) for name, text in PATHS.items()}
    found |= {f"merged: {name}": chain(S=_merged(text)) for name, text in (INTRINSICS | PATHS).items()}
    found |= {f"rule: {name}": _chosen(rule) for name, rule in RULES.items()}
    found |= {f"not: {name}": _chosen({"Not": rule}) for name, rule in RULES.items()}
    found |= {f"pass: {name}": chain(S={"Type": "Pass", **state}) for name, state in PASSES.items()}
    return found | MACHINES


def _evaluated(text: str) -> State:
    return {"Type": "Pass", "Parameters": {"x.$": text, "list": [{"y.$": text}]}}


def _merged(text: str) -> State:
    return {"Type": "Pass", "Parameters": {"x.$": text}, "ResultPath": "$.merged"}


def _chosen(rule: State) -> State:
    return {"StartAt": "K", "States": {"K": _in_choice(**rule), "Yes": DONE, "No": {"Type": "Pass", "End": True}}}
