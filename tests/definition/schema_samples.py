"""Definitions for the tests of the schema: samples that touch every field, and a table of mistakes, one a rule."""

from __future__ import annotations

from typing import Any

from asl_engine.definition.fields import JSONATA, JSONPATH
from tests.build import chain, function

Json = Any


def one(**fields: Any) -> dict[str, Any]:
    """A machine of one state that ends it."""
    return chain(A={"End": True, **fields} if fields["Type"] not in ("Choice", "Succeed", "Fail") else fields)


def in_jsonata(definition: dict[str, Any]) -> dict[str, Any]:
    return {"QueryLanguage": JSONATA, **definition}


INNER = chain(B={"Type": "Pass"})
RETRY = [{"ErrorEquals": ["Busy"], "IntervalSeconds": 2, "MaxAttempts": 0, "BackoffRate": 1.5, "MaxDelaySeconds": 9}]
RETRY += [{"ErrorEquals": ["States.ALL"], "JitterStrategy": "FULL", "Comment": "rest"}]
CATCH = [{"ErrorEquals": ["States.ALL"], "Next": "Z", "ResultPath": "$.error", "Assign": {"e.$": "$.Error"}}]
END = {"Z": {"Type": "Succeed", "InputPath": "$.a", "OutputPath": None, "Comment": "end"}}
CALL = {"Type": "Task", "Resource": function("work")}
RULE = {"Variable": "$.a", "NumericLessThan": 3}
DISTRIBUTED = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}, **INNER}
READ = {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key.$": "$.key"}}
WRITE = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b"}}

JSONPATH_SAMPLES: list[dict[str, Any]] = [
    one(Type="Pass") | {"Comment": "c", "Version": "1.0", "TimeoutSeconds": 60, "QueryLanguage": JSONPATH},
    one(Type="Pass", Result=[1], InputPath="$$.Execution", OutputPath="$.a[0]['b c']", ResultPath=None, Assign={}),
    one(Type="Pass", Parameters={"a.$": "States.Format('{}', $.x)", "b": [{"c.$": "$v.d"}, "$x"]}),
    chain(
        A={**CALL, "TimeoutSeconds": 9, "HeartbeatSecondsPath": "$.h", "Credentials": {"RoleArn.$": "$.r"}},
        B={**CALL, "TimeoutSecondsPath": "$.t", "ResultSelector": {"a.$": "$.b"}, "Retry": RETRY, "Catch": CATCH},
        **END,
    ),
    chain(A={"Type": "Wait", "Seconds": 0}, B={"Type": "Wait", "SecondsPath": "$.s"}, **END),
    chain(A={"Type": "Wait", "Timestamp": "2030-01-31T12:00:00.5+01:00"}, B={"Type": "Wait", "TimestampPath": "$.s"}),
    one(Type="Fail", Error="E", CausePath="States.UUID()"),
    one(Type="Fail", ErrorPath="$.e", Cause="c"),
    chain(
        A={
            "Type": "Choice",
            "Choices": [
                {**RULE, "Next": "Z", "Assign": {"x": 1}, "Comment": "c"},
                {"And": [RULE, {"Not": RULE}], "Next": "Z"},
                {"Or": [{"Not": {"Variable": "$", "IsPresent": False}}], "Next": "Z"},
            ],
            "Default": "Z",
        },
        **END,
    ),
    chain(A={"Type": "Parallel", "Branches": [INNER, chain(C={"Type": "Pass"})], "Catch": CATCH}, **END),
    one(
        Type="Map", ItemProcessor=INNER, ItemsPath="$.i", ItemSelector={"a.$": "$$.Map.Item.Value"}, MaxConcurrency=3.0
    ),
    one(Type="Map", Iterator=INNER, Parameters={}, ToleratedFailureCount=1, ToleratedFailurePercentage=0.5),
    one(
        Type="Map",
        ItemProcessor=DISTRIBUTED,
        Label="label",
        MaxConcurrencyPath="$.m",
        ToleratedFailureCountPath="$.m",
        ToleratedFailurePercentagePath="$.m",
        ItemReader={**READ, "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["a"]}},
        ItemBatcher={"MaxItemsPerBatch": 5, "BatchInput": {"a.$": "$.b"}},
        ResultWriter={**WRITE, "WriterConfig": {"Transformation": "COMPACT", "OutputType": "JSONL"}},
    ),
    one(Type="Map", ItemProcessor=DISTRIBUTED, ItemReader={**READ, "ReaderConfig": {"ItemsPointer": "/a"}}),
]
EXPRESSION = "{% $states.input.n %}"
JSONATA_STATES: list[dict[str, Any]] = [
    one(Type="Pass", Output={"a": [EXPRESSION, 1]}, Assign={"x": EXPRESSION}),
    chain(
        A={**CALL, "Arguments": {"a": EXPRESSION}, "TimeoutSeconds": EXPRESSION, "HeartbeatSeconds": 3, "Retry": RETRY},
        B={**CALL, "Catch": [{"ErrorEquals": ["E"], "Next": "Z", "Output": "{% $states.errorOutput %}"}]},
        Z={"Type": "Succeed", "Output": None},
    ),
    chain(A={"Type": "Wait", "Seconds": EXPRESSION}, B={"Type": "Wait", "Timestamp": EXPRESSION}),
    one(Type="Fail", Error=EXPRESSION, Cause="plain"),
    chain(
        A={"Type": "Choice", "Choices": [{"Condition": "{% true %}", "Next": "Z", "Output": 1}], "Output": 2},
        Z={"Type": "Succeed"},
    ),
    one(Type="Parallel", Branches=[INNER], Arguments=EXPRESSION),
    one(Type="Map", ItemProcessor=INNER, Items=EXPRESSION, ItemSelector={"a": EXPRESSION}, MaxConcurrency=EXPRESSION),
]
BESIDE_JSONPATH = [
    {**machine, "States": {name: {"QueryLanguage": JSONATA, **state} for name, state in machine["States"].items()}}
    for machine in JSONATA_STATES
]
SAMPLES = [*JSONPATH_SAMPLES, *map(in_jsonata, JSONATA_STATES), *BESIDE_JSONPATH]


# --- mistakes ---------------------------------------------------------------------------------------------------------


def each_in(config: dict[str, Any]) -> dict[str, Any]:
    """A Map with this ProcessorConfig."""
    return one(Type="Map", ItemProcessor={**INNER, "ProcessorConfig": config})


REFUSED: dict[str, Json] = {
    "no object": [],
    "StartAt is missing": {"States": INNER["States"]},
    "no states": {"StartAt": "A", "States": {}},
    "an unknown field at the top": one(Type="Pass") | {"Start": "A"},
    "an unknown version": one(Type="Pass") | {"Version": "2.0"},
    "a name that is too long": {"StartAt": "A" * 81, "States": {"A" * 81: {"Type": "Succeed"}}},
    "no type": one(Type="Pass") | {"States": {"A": {"End": True}}},
    "an unknown type": one(Type="Passs"),
    "an unknown field of a state": one(Type="Pass", Retry=[]),
    "neither Next nor End": {"StartAt": "A", "States": {"A": {"Type": "Pass"}}},
    "both Next and End": one(Type="Pass", Next="A"),
    "End that is false": one(Type="Pass", End=False),
    "Next of a state that ends": chain(A={"Type": "Succeed", "Next": "A"}),
    "a required field is missing": one(Type="Task"),
    "a path that is none": one(Type="Pass", InputPath="a"),
    "a path that ends in a point": one(Type="Pass", InputPath="$.a."),
    "a path where a number follows the dollar": one(Type="Pass", InputPath="$1"),
    "a Reference Path with a wildcard": one(Type="Pass", ResultPath="$.a[*]"),
    "a Reference Path into the context": one(Type="Pass", ResultPath="$$.a"),
    "a template's path that is none": one(Type="Pass", Parameters={"a": [{"b.$": "c"}]}),
    "a template's path that is a number": one(Type="Pass", Parameters={"b.$": 1}),
    "a function that does not exist": one(Type="Pass", Parameters={"b.$": "States.Nothing()"}),
    "Parameters that are no object": one(Type="Pass", Parameters=[]),
    "a variable's name with a hyphen": one(Type="Pass", Assign={"a-b": 1}),
    "a variable named states": one(Type="Pass", Assign={"states": 1}),
    "a JSONata field in JSONPath": one(Type="Pass", Output=1),
    "a JSONPath field in JSONata": in_jsonata(one(Type="Pass", InputPath="$")),
    "a JSONPath field in a JSONata state": one(Type="Pass", QueryLanguage=JSONATA, InputPath="$"),
    "a JSONPath state in a JSONata definition": in_jsonata(one(Type="Pass", QueryLanguage=JSONPATH)),
    "JSONata in a branch of a JSONata state": one(
        Type="Parallel", QueryLanguage=JSONATA, Branches=[chain(B={"Type": "Pass", "Output": 1})]
    ),
    "an expression that does not end": in_jsonata(one(Type="Pass", Output={"a": ["{% 1"]})),
    "an expression that does not begin": in_jsonata(one(Type="Pass", Output="1 %}")),
    "a time-out that is too short": one(**CALL, TimeoutSeconds=0),
    "a time-out that is a text": one(**CALL, TimeoutSeconds="9"),
    "an expression in JSONPath": one(**CALL, TimeoutSeconds="{% 9 %}"),
    "two time-outs": one(**CALL, TimeoutSeconds=9, TimeoutSecondsPath="$.t"),
    "credentials without a role": one(**CALL, Credentials={}),
    "an expression for a resource": in_jsonata(one(Type="Task", Resource="{% 1 %}")),
    "nothing to wait for": one(Type="Wait"),
    "two things to wait for": one(Type="Wait", Seconds=1, SecondsPath="$.s"),
    "half a second": one(Type="Wait", Seconds=0.5),
    "a timestamp without an offset": one(Type="Wait", Timestamp="2030-01-31T12:00:00"),
    "a timestamp in month 13": one(Type="Wait", Timestamp="2030-13-31T12:00:00Z"),
    "two errors": one(Type="Fail", Error="E", ErrorPath="$.e"),
    "no rules": one(Type="Choice", Choices=[]),
    "a rule without Next": one(Type="Choice", Choices=[RULE]),
    "a rule without a comparison": one(Type="Choice", Choices=[{"Variable": "$.a", "Next": "A"}]),
    "a rule without a variable": one(Type="Choice", Choices=[{"IsNull": True, "Next": "A"}]),
    "a rule with two comparisons": one(Type="Choice", Choices=[{**RULE, "IsNull": True, "Next": "A"}]),
    "a rule with a comparison and a Not": one(Type="Choice", Choices=[{**RULE, "Not": RULE, "Next": "A"}]),
    "a rule in a rule with Next": one(Type="Choice", Choices=[{"Not": {**RULE, "Next": "A"}, "Next": "A"}]),
    "an empty And": one(Type="Choice", Choices=[{"And": [], "Next": "A"}]),
    "a comparison with another type": one(Type="Choice", Choices=[{"Variable": "$", "IsNull": 1, "Next": "A"}]),
    "a Condition in JSONPath": one(Type="Choice", Choices=[{"Condition": "{% true %}", "Next": "A"}]),
    "no Condition in JSONata": in_jsonata(one(Type="Choice", Choices=[{"Next": "A"}])),
    "a retrier without errors": one(**CALL, Retry=[{"ErrorEquals": []}]),
    "States.ALL among others": one(**CALL, Retry=[{"ErrorEquals": ["States.ALL", "E"]}]),
    "a rate below 1": one(**CALL, Retry=[{"ErrorEquals": ["E"], "BackoffRate": 0.5}]),
    "an unknown jitter": one(**CALL, Retry=[{"ErrorEquals": ["E"], "JitterStrategy": "SOME"}]),
    "a catcher without Next": one(**CALL, Catch=[{"ErrorEquals": ["E"]}]),
    "Retry that is no array": one(**CALL, Retry={}),
    "no branches": one(Type="Parallel", Branches=[]),
    "a mistake in a branch": one(Type="Parallel", Branches=[chain(B={"Type": "Pass", "Nxt": "C"})]),
    "no item processor": one(Type="Map"),
    "two item processors": one(Type="Map", ItemProcessor=INNER, Iterator=chain(C={"Type": "Pass"})),
    "a percentage above 100": one(Type="Map", ItemProcessor=INNER, ToleratedFailurePercentage=101),
    "an unknown mode": each_in({"Mode": "FAST"}),
    "a distributed Map without a type": each_in({"Mode": "DISTRIBUTED"}),
    "a type of an inline Map": each_in({"ExecutionType": "EXPRESS"}),
    "a label with a space": one(Type="Map", ItemProcessor=DISTRIBUTED, Label="a b"),
    "a batch of no size": one(Type="Map", ItemProcessor=DISTRIBUTED, ItemBatcher={}),
    "another reader": one(Type="Map", ItemProcessor=DISTRIBUTED, ItemReader={"Resource": function("f")}),
    "a writer without a place": one(
        Type="Map", ItemProcessor=DISTRIBUTED, ResultWriter={"Resource": WRITE["Resource"]}
    ),
}  # fmt: skip
