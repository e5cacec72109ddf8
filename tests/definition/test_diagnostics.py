"""Every mistake in a definition is told: its code, its place, and a sentence with the value."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from asl_engine import DefinitionError, Diagnostic, StateMachine, validate
from tests.build import catcher, chain, each, function, parallel, retrier, task
from tests.strategies import json_values

SCHEMA = "SCHEMA_VALIDATION_FAILED"
TARGET = "MISSING_TRANSITION_TARGET"
NO_END = "MISSING_END_STATE"
JSON = "INVALID_JSON_DESCRIPTION"

PASS = {"Type": "Pass", "End": True}
INNER = {"StartAt": "P", "States": {"P": PASS}}


def only(**state: Any) -> dict[str, Any]:
    """A machine of the one state S, as it is given."""
    return {"StartAt": "S", "States": {"S": state}}


def passing(**fields: Any) -> dict[str, Any]:
    return only(**PASS, **fields)


def top(**fields: Any) -> dict[str, Any]:
    return {**only(**PASS), **fields}


def tasked(**fields: Any) -> dict[str, Any]:
    return only(**task(End=True) | fields)


def retrying(**fields: Any) -> dict[str, Any]:
    return tasked(Retry=[{"ErrorEquals": ["Busy"]} | fields])


def catching(**fields: Any) -> dict[str, Any]:
    return tasked(Catch=[{"ErrorEquals": ["Busy"], "Next": "S"} | fields])


def waiting(**fields: Any) -> dict[str, Any]:
    return only(Type="Wait", End=True, **fields)


def fail(**fields: Any) -> dict[str, Any]:
    return only(Type="Fail", **fields)


def choosing(*rules: Any, **fields: Any) -> dict[str, Any]:
    choice = {"Type": "Choice", "Choices": list(rules), "Default": "E"} | fields
    return {"StartAt": "S", "States": {"S": choice, "E": {"Type": "Succeed"}}}


def comparing(**rule: Any) -> dict[str, Any]:
    return choosing({"Variable": "$.a", "Next": "E"} | rule)


def branching(branch: Any) -> dict[str, Any]:
    return only(**parallel(branch, End=True))


def mapping(**fields: Any) -> dict[str, Any]:
    return only(**each(INNER, End=True) | fields)


def configured(config: Any) -> dict[str, Any]:
    return mapping(ItemProcessor={**INNER, "ProcessorConfig": config})


EXPRESS_CHILDREN = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}}


def distributed(**fields: Any) -> dict[str, Any]:
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    return mapping(ItemProcessor={**INNER, "ProcessorConfig": config}, **fields)


def reading(config: Any) -> dict[str, Any]:
    reader = {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key": "k"}}
    return distributed(ItemReader={**reader, "ReaderConfig": config})


Row = tuple[Any, str, str, str]
"""Document, code, pointer, words of the sentence."""

WHOLE: list[Row] = [
    ([], SCHEMA, "", "must be a valid JSON object"),
    ({}, SCHEMA, "", "These fields are required: [States, StartAt]"),
    ({"StartAt": "S"}, SCHEMA, "", "These fields are required: [States]"),
    ({"States": {"S": PASS}}, SCHEMA, "", "These fields are required: [StartAt]"),
    ({"StartAt": "S", "States": {}}, SCHEMA, "/States", "at least one state, not {}"),
    ({"StartAt": "S", "States": [PASS]}, SCHEMA, "/States", "must be an object"),
    (top(StartAt=1), SCHEMA, "/StartAt", "must be a string, not 1"),
    (top(StartAt=""), SCHEMA, "/StartAt", "must not be an empty string"),
    (top(StartAt="s"), TARGET, "/StartAt", "Missing 's' target state"),
    (top(StartAt="Ss"), TARGET, "/StartAt", "did you mean 'S'?"),
    (top(Comment=1), SCHEMA, "/Comment", "must be a string, not 1"),
    (top(Version="1.1"), SCHEMA, "/Version", 'must be one of 1.0, not "1.1"'),
    (top(TimeoutSeconds=0), SCHEMA, "/TimeoutSeconds", "must be between 1 and 99999999, not 0"),
    (top(TimeoutSeconds=1.5), SCHEMA, "/TimeoutSeconds", "must be an integer, not 1.5"),
    (top(TimeoutSeconds=True), SCHEMA, "/TimeoutSeconds", "must be an integer, not true"),
    (top(TimeoutSeconds="5"), SCHEMA, "/TimeoutSeconds", 'must be an integer, not "5"'),
    (top(QueryLanguage="JSONPATH"), SCHEMA, "/QueryLanguage", "did you mean 'JSONPath'?"),
    (top(Timeoutseconds=5), SCHEMA, "/Timeoutseconds", "did you mean 'TimeoutSeconds'?"),
    (top(Owner="me"), SCHEMA, "/Owner", "Field 'Owner' is not supported"),
    (top(**{"a/b~c": 1}), SCHEMA, "/a~1b~0c", "Field 'a/b~c' is not supported"),
]

ANY_STATE: list[Row] = [
    (top(States={"S": 5}), SCHEMA, "/States/S", "must be an object, not 5"),
    (only(End=True), SCHEMA, "/States/S", "These fields are required: [Type]"),
    (only(Type="Pas", End=True), SCHEMA, "/States/S/Type", "did you mean 'Pass'?"),
    (only(Type=5, End=True), SCHEMA, "/States/S/Type", "[Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map]"),
    (only(Type=5, End=True), SCHEMA, "/States/S/Type", "it is 5"),
    (chain(**{"x" * 81: PASS}), "INVALID_STATE_NAME", f"/States/{'x' * 81}", "81 characters, more than 80"),
    (passing(Foo=1), SCHEMA, "/States/S/Foo", "Field 'Foo' is not supported"),
    (passing(Inputpath="$"), SCHEMA, "/States/S/Inputpath", "did you mean 'InputPath'?"),
    (passing(comment=""), SCHEMA, "/States/S/comment", "did you mean 'Comment'?"),
    (passing(Comment=1), SCHEMA, "/States/S/Comment", "must be a string"),
    (only(Type="Pass"), SCHEMA, "/States/S", "one of 'Next' or 'End: true' is required"),
    (only(Type="Pass", End=False), SCHEMA, "/States/S", "one of 'Next' or 'End: true' is required"),
    (only(Type="Pass", End="yes"), SCHEMA, "/States/S/End", 'must be true or false, not "yes"'),
    (only(Type="Pass", End=True, Next="S"), SCHEMA, "/States/S", "only one of 'Next' and 'End'"),
    (only(Type="Pass", Next=3), SCHEMA, "/States/S/Next", "must be a string, not 3"),
    (only(Type="Pass", Next="T"), TARGET, "/States/S/Next", "Missing 'T' target state"),
    (only(Type="Pass", Next="S"), NO_END, "/States", "no state that ends the machine can be reached"),
    (passing(InputPath="a"), SCHEMA, "/States/S/InputPath", "must begin with '$'"),
    (passing(InputPath="$.a["), SCHEMA, "/States/S/InputPath", "no ']'"),
    (passing(InputPath=4), SCHEMA, "/States/S/InputPath", "must be a path, not 4"),
    (passing(OutputPath=[]), SCHEMA, "/States/S/OutputPath", "must be a path, not []"),
    (passing(ResultPath=3), SCHEMA, "/States/S/ResultPath", "must be a Reference Path or null, not 3"),
    (passing(ResultPath="$.a[*]"), SCHEMA, "/States/S/ResultPath", "without wildcards"),
    (passing(ResultPath="$..a"), SCHEMA, "/States/S/ResultPath", "Reference Path"),
    (passing(ResultPath="$$.a"), SCHEMA, "/States/S/ResultPath", "not in the context object"),
    (passing(Parameters=[1]), SCHEMA, "/States/S/Parameters", "must be an object, not [1]"),
    (passing(Parameters={"a.$": "b"}), SCHEMA, "/States/S/Parameters/a.$", "'b'"),
    (passing(Parameters={"x": [{"a.$": 5}]}), SCHEMA, "/States/S/Parameters/x/0/a.$", "not 5"),
    (passing(Parameters={"a.$": "$.a", "a": 1}), SCHEMA, "/States/S/Parameters/a.$", "the key 'a' twice"),
    (passing(Parameters={"a.$": "States.Formt('x')"}), SCHEMA, "/States/S/Parameters/a.$", "mean States.Format?"),
    (passing(Assign={"x.$": "bad"}), SCHEMA, "/States/S/Assign/x.$", "'bad'"),
    (passing(Assign={"x.y": 1}), SCHEMA, "/States/S/Assign/x.y", "x.y"),
    (passing(Assign={"states": 1}), SCHEMA, "/States/S/Assign/states", "states"),
    (passing(Output=1), SCHEMA, "/States/S/Output", "not supported in a JSONPath state"),
    (passing(ResultSelector={}), SCHEMA, "/States/S/ResultSelector", "is not supported"),
    (passing(Retry=[]), SCHEMA, "/States/S/Retry", "is not supported"),
    (passing(QueryLanguage="jq"), SCHEMA, "/States/S/QueryLanguage", "must be one of JSONPath, JSONata"),
    (
        top(QueryLanguage="JSONata", States={"S": {**PASS, "QueryLanguage": "JSONPath"}}),
        SCHEMA,
        "/States/S",
        "JSONPath",
    ),
    (top(QueryLanguage="JSONata", States={"S": {**PASS, "InputPath": "$"}}), SCHEMA, "/States/S/InputPath", "JSONata"),
]

ENDS: list[Row] = [
    (only(Type="Succeed", End=True), SCHEMA, "/States/S/End", "is not supported"),
    (only(Type="Succeed", Next="S"), SCHEMA, "/States/S/Next", "is not supported"),
    (only(Type="Succeed", Parameters={}), SCHEMA, "/States/S/Parameters", "is not supported"),
    (only(Type="Succeed", Assign={}), SCHEMA, "/States/S/Assign", "is not supported"),
    (fail(Error=1), SCHEMA, "/States/S/Error", "must be a string, not 1"),
    (fail(Error="a", ErrorPath="$.a"), SCHEMA, "/States/S", "at most one of Error, ErrorPath"),
    (fail(Cause="a", CausePath="$.a"), SCHEMA, "/States/S", "at most one of Cause, CausePath"),
    (fail(ErrorPath="nope"), SCHEMA, "/States/S/ErrorPath", "not a valid path or intrinsic function"),
    (fail(CausePath=5), SCHEMA, "/States/S/CausePath", "must be a path or an intrinsic function, not 5"),
    (fail(InputPath="$"), SCHEMA, "/States/S/InputPath", "is not supported"),
    (fail(Next="S"), SCHEMA, "/States/S/Next", "is not supported"),
]

WAITS: list[Row] = [
    (
        waiting(),
        SCHEMA,
        "/States/S",
        "exactly one of Seconds, SecondsPath, Timestamp, TimestampPath must be set, not none",
    ),
    (waiting(Seconds=1, SecondsPath="$.a"), SCHEMA, "/States/S", "not Seconds, SecondsPath"),
    (waiting(Seconds=-1), SCHEMA, "/States/S/Seconds", "must be between 0 and 99999999, not -1"),
    (waiting(Seconds=100_000_000), SCHEMA, "/States/S/Seconds", "must be between 0 and 99999999"),
    (waiting(Seconds="1"), SCHEMA, "/States/S/Seconds", 'must be an integer, not "1"'),
    (waiting(SecondsPath="5"), SCHEMA, "/States/S/SecondsPath", "must begin with '$'"),
    (waiting(Timestamp="2024-01-01"), SCHEMA, "/States/S/Timestamp", 'RFC3339 timestamp; it is "2024-01-01"'),
    (waiting(Timestamp=5), SCHEMA, "/States/S/Timestamp", "RFC3339 timestamp; it is 5"),
    (waiting(Second=3), SCHEMA, "/States/S/Second", "did you mean 'Seconds'?"),
]

TASKS: list[Row] = [
    (only(Type="Task", End=True), SCHEMA, "/States/S", "These fields are required: [Resource]"),
    (tasked(Resource=""), "INVALID_RESOURCE", "/States/S/Resource", 'must be a resource ARN, not ""'),
    (tasked(Resource=5), "INVALID_RESOURCE", "/States/S/Resource", "must be a resource ARN, not 5"),
    (tasked(TimeoutSeconds=0), SCHEMA, "/States/S/TimeoutSeconds", "must be between 1 and 99999999, not 0"),
    (tasked(TimeoutSeconds=5, TimeoutSecondsPath="$.a"), SCHEMA, "/States/S", "at most one of TimeoutSeconds"),
    (tasked(HeartbeatSeconds=5, HeartbeatSecondsPath="$.a"), SCHEMA, "/States/S", "at most one of HeartbeatSeconds"),
    (tasked(HeartbeatSeconds=5, TimeoutSeconds=5), SCHEMA, "/States/S/HeartbeatSeconds", "less than TimeoutSeconds 5"),
    (tasked(Credentials={}), SCHEMA, "/States/S/Credentials", "These fields are required: [RoleArn]"),
    (tasked(Credentials={"RoleArn": 5}), SCHEMA, "/States/S/Credentials/RoleArn", "must be a string, not 5"),
    (tasked(Credentials=5), SCHEMA, "/States/S/Credentials", "must be an object, not 5"),
    (tasked(Credentials={"RoleArn": "r", "Foo": 1}), SCHEMA, "/States/S/Credentials/Foo", "is not supported"),
    (tasked(TimeoutSecond=1), SCHEMA, "/States/S/TimeoutSecond", "did you mean 'TimeoutSeconds'?"),
    (tasked(Arguments={}), SCHEMA, "/States/S/Arguments", "not supported in a JSONPath state"),
]

ERROR_HANDLING: list[Row] = [
    (tasked(Retry={}), SCHEMA, "/States/S/Retry", "must be an array of retriers, not {}"),
    (tasked(Retry=[5]), SCHEMA, "/States/S/Retry/0", "must be an object, not 5"),
    (tasked(Retry=[{}]), SCHEMA, "/States/S/Retry/0", "These fields are required: [ErrorEquals]"),
    (retrying(ErrorEquals=[]), SCHEMA, "/States/S/Retry/0/ErrorEquals", "at least one error name, not []"),
    (retrying(ErrorEquals="Busy"), SCHEMA, "/States/S/Retry/0/ErrorEquals", 'not "Busy"'),
    (retrying(ErrorEquals=[1]), SCHEMA, "/States/S/Retry/0/ErrorEquals/0", "must be an error name, not 1"),
    (retrying(ErrorEquals=["States.ALL", "B"]), SCHEMA, "/States/S/Retry/0/ErrorEquals", "must stand alone"),
    (
        tasked(Retry=[retrier("States.ALL"), retrier("Busy")]),
        SCHEMA,
        "/States/S/Retry/0/ErrorEquals",
        "only allowed in the last item",
    ),
    (retrying(IntervalSeconds=0), SCHEMA, "/States/S/Retry/0/IntervalSeconds", "between 1 and 99999999, not 0"),
    (retrying(MaxAttempts=-1), SCHEMA, "/States/S/Retry/0/MaxAttempts", "between 0 and 99999999, not -1"),
    (retrying(BackoffRate=0.5), SCHEMA, "/States/S/Retry/0/BackoffRate", "must be 1 or more, not 0.5"),
    (retrying(BackoffRate="2"), SCHEMA, "/States/S/Retry/0/BackoffRate", 'must be a number, not "2"'),
    (retrying(MaxDelaySeconds=31_622_401), SCHEMA, "/States/S/Retry/0/MaxDelaySeconds", "between 1 and 31622400"),
    (
        retrying(MaxDelaySeconds=5, IntervalSeconds=5),
        SCHEMA,
        "/States/S/Retry/0/MaxDelaySeconds",
        "greater than IntervalSeconds, not 5",
    ),
    (retrying(JitterStrategy="FUL"), SCHEMA, "/States/S/Retry/0/JitterStrategy", "did you mean 'FULL'?"),
    (retrying(MaxAttempt=1), SCHEMA, "/States/S/Retry/0/MaxAttempt", "did you mean 'MaxAttempts'?"),
    (tasked(Catch=5), SCHEMA, "/States/S/Catch", "must be an array of catchers, not 5"),
    (tasked(Catch=[{}]), SCHEMA, "/States/S/Catch/0", "These fields are required: [ErrorEquals, Next]"),
    (catching(Next="Q"), TARGET, "/States/S/Catch/0/Next", "Missing 'Q' target state"),
    (
        tasked(Catch=[catcher("S"), catcher("S", "Busy")]),
        SCHEMA,
        "/States/S/Catch/0/ErrorEquals",
        "only allowed in the last item",
    ),
    (catching(ResultPath="x"), SCHEMA, "/States/S/Catch/0/ResultPath", "not a Reference Path"),
    (catching(Output=1), SCHEMA, "/States/S/Catch/0/Output", "not supported in a JSONPath state"),
    (catching(Foo=1), SCHEMA, "/States/S/Catch/0/Foo", "is not supported"),
    (catching(Assign={"x.$": "bad"}), SCHEMA, "/States/S/Catch/0/Assign/x.$", "'bad'"),
]

CHOICES: list[Row] = [
    (choosing(), SCHEMA, "/States/S/Choices", "at least one item, not []"),
    (choosing(5), SCHEMA, "/States/S/Choices/0", "must be a choice rule, not 5"),
    (choosing({"Variable": "$.a", "IsNull": True}), SCHEMA, "/States/S/Choices/0", "are required: [Next]"),
    (comparing(), SCHEMA, "/States/S/Choices/0", "exactly one comparison operator must be set, not none"),
    (comparing(StringEqual="a"), SCHEMA, "/States/S/Choices/0/StringEqual", "did you mean 'StringEquals'?"),
    (comparing(StringEquals="a", IsNull=True), SCHEMA, "/States/S/Choices/0", "not StringEquals, IsNull"),
    (choosing({"StringEquals": "a", "Next": "E"}), SCHEMA, "/States/S/Choices/0", "are required: [Variable]"),
    (comparing(Variable="a", IsNull=True), SCHEMA, "/States/S/Choices/0/Variable", "must begin with '$'"),
    (comparing(StringEquals=1), SCHEMA, "/States/S/Choices/0/StringEquals", "must be a string, not 1"),
    (comparing(NumericEquals="1"), SCHEMA, "/States/S/Choices/0/NumericEquals", 'must be a number, not "1"'),
    (comparing(BooleanEquals=1), SCHEMA, "/States/S/Choices/0/BooleanEquals", "must be true or false, not 1"),
    (comparing(IsNull="yes"), SCHEMA, "/States/S/Choices/0/IsNull", 'must be true or false, not "yes"'),
    (comparing(TimestampEquals="x"), SCHEMA, "/States/S/Choices/0/TimestampEquals", 'RFC3339 timestamp; it is "x"'),
    (comparing(StringEqualsPath="x"), SCHEMA, "/States/S/Choices/0/StringEqualsPath", "must begin with '$'"),
    (comparing(StringMatchesPath="$.a"), SCHEMA, "/States/S/Choices/0/StringMatchesPath", "is not supported"),
    (choosing({"And": [], "Next": "E"}), SCHEMA, "/States/S/Choices/0/And", "at least one item, not []"),
    (choosing({"Or": {"a": 1}, "Next": "E"}), SCHEMA, "/States/S/Choices/0/Or", "must be an array"),
    (choosing({"Not": 5, "Next": "E"}), SCHEMA, "/States/S/Choices/0/Not", "must be a choice rule, not 5"),
    (
        choosing({"Not": {"Variable": "$.a", "IsNull": True, "Next": "E"}, "Next": "E"}),
        SCHEMA,
        "/States/S/Choices/0/Not/Next",
        "Field 'Next' is not supported",
    ),
    (
        choosing({"And": [{"Variable": "$.a", "IsNull": True}], "Variable": "$.b", "Next": "E"}),
        SCHEMA,
        "/States/S/Choices/0/Variable",
        "is not supported",
    ),
    (comparing(IsNull=True, Next="Q"), TARGET, "/States/S/Choices/0/Next", "Missing 'Q' target state"),
    (choosing({"Variable": "$.a", "IsNull": True, "Next": "E"}, Default="Q"), TARGET, "/States/S/Default", "'Q'"),
    (choosing({"Variable": "$.a", "IsNull": True, "Next": "E"}, Next="E"), SCHEMA, "/States/S/Next", "not supported"),
    (comparing(Condition="{% true %}"), SCHEMA, "/States/S/Choices/0/Condition", "is not supported"),
]

NESTING: list[Row] = [
    (only(Type="Parallel", End=True), SCHEMA, "/States/S", "These fields are required: [Branches]"),
    (only(Type="Parallel", End=True, Branches=[]), SCHEMA, "/States/S/Branches", "at least one item, not []"),
    (branching(5), SCHEMA, "/States/S/Branches/0", "must be an object with StartAt and States, not 5"),
    (branching({}), SCHEMA, "/States/S/Branches/0", "These fields are required: [States, StartAt]"),
    (branching({**INNER, "TimeoutSeconds": 4}), SCHEMA, "/States/S/Branches/0/TimeoutSeconds", "is not supported"),
    (branching({**INNER, "ProcessorConfig": {}}), SCHEMA, "/States/S/Branches/0/ProcessorConfig", "is not supported"),
    (branching({**INNER, "StartAt": "S"}), TARGET, "/States/S/Branches/0/StartAt", "Missing 'S' target state"),
    (
        branching({"StartAt": "P", "States": {"P": {"Type": "Pass", "Next": "S"}}}),
        TARGET,
        "/States/S/Branches/0/States/P/Next",
        "Missing 'S' target state",
    ),
    (branching(only(**PASS)), "DUPLICATE_STATE_NAME", "/States/S/Branches/0/States/S", "also used at /States/S"),
    (
        only(**parallel(chain(P={**PASS, "Assign": {"x": 1}}), Assign={"x": 1}, End=True)),
        "VARIABLE_ASSIGNED_IN_OUTER_SCOPE",
        "/States/S/Branches/0/States/P/Assign/x",
        "the variable 'x' is assigned in an outer scope",
    ),
    (only(Type="Map", End=True), SCHEMA, "/States/S", "exactly one of ItemProcessor, Iterator must be set, not none"),
    (mapping(Iterator=INNER), SCHEMA, "/States/S", "not ItemProcessor, Iterator"),
    (mapping(ItemSelector={}, Parameters={}), SCHEMA, "/States/S", "at most one of ItemSelector, Parameters"),
    (mapping(ItemSelector={"a.$": "bad"}), SCHEMA, "/States/S/ItemSelector/a.$", "'bad'"),
    (mapping(ItemsPath="x"), SCHEMA, "/States/S/ItemsPath", "must begin with '$'"),
    (mapping(Items=[1]), SCHEMA, "/States/S/Items", "not supported in a JSONPath state"),
    (mapping(MaxConcurrency=-1), SCHEMA, "/States/S/MaxConcurrency", "not -1"),
    (mapping(MaxConcurrency=1, MaxConcurrencyPath="$.a"), SCHEMA, "/States/S", "at most one of MaxConcurrency"),
    (mapping(ToleratedFailureCount=-1), SCHEMA, "/States/S/ToleratedFailureCount", "not -1"),
    (mapping(ToleratedFailurePercentage=101), SCHEMA, "/States/S/ToleratedFailurePercentage", "between 0 and 100"),
    (configured(5), SCHEMA, "/States/S/ItemProcessor/ProcessorConfig", "must be an object, not 5"),
    (configured({"Mode": "X"}), SCHEMA, "/States/S/ItemProcessor/ProcessorConfig/Mode", 'not "X"'),
    (
        configured({"ExecutionType": "EXPRESS"}),
        SCHEMA,
        "/States/S/ItemProcessor/ProcessorConfig/ExecutionType",
        "not supported with Mode INLINE",
    ),
    (configured({"Mode": "DISTRIBUTED"}), SCHEMA, "/States/S/ItemProcessor/ProcessorConfig", "[ExecutionType]"),
    (
        configured({"Mode": "DISTRIBUTED", "ExecutionType": "SLOW"}),
        SCHEMA,
        "/States/S/ItemProcessor/ProcessorConfig/ExecutionType",
        "must be one of STANDARD, EXPRESS",
    ),
    (distributed(ItemReader={}), SCHEMA, "/States/S/ItemReader", "[Resource]"),
    (
        distributed(ItemReader={"Resource": "arn:aws:states:::s3:putObject"}),
        SCHEMA,
        "/States/S/ItemReader/Resource",
        "must be arn:aws:states:::s3:getObject or arn:aws:states:::s3:listObjectsV2",
    ),
    (reading({"InputType": "XML"}), SCHEMA, "/States/S/ItemReader/ReaderConfig/InputType", "must be one of CSV"),
    (reading({"CSVHeaderLocation": "GIVEN"}), SCHEMA, "/States/S/ItemReader/ReaderConfig", "[CSVHeaders]"),
    (reading({"Transformation": "LOAD_AND_FLATTEN"}), SCHEMA, "/States/S/ItemReader/ReaderConfig", "[InputType]"),
    (
        reading({"ManifestType": "S3_INVENTORY", "InputType": "CSV"}),
        SCHEMA,
        "/States/S/ItemReader/ReaderConfig/InputType",
        "must not be set with ManifestType S3_INVENTORY",
    ),
    (reading({"ManifestType": "ATHENA_DATA"}), SCHEMA, "/States/S/ItemReader/ReaderConfig", "[InputType]"),
    (
        reading({"ManifestType": "ATHENA_DATA", "InputType": "JSON"}),
        SCHEMA,
        "/States/S/ItemReader/ReaderConfig/InputType",
        'must be one of CSV, JSONL, PARQUET with ManifestType ATHENA_DATA, not "JSON"',
    ),
    (
        reading({"Transformation": "LOAD_AND_FLATTEN", "InputType": "MANIFEST"}),
        SCHEMA,
        "/States/S/ItemReader/ReaderConfig/InputType",
        "must be one of CSV, JSON, JSONL, PARQUET with Transformation LOAD_AND_FLATTEN",
    ),
    (reading({"MaxItems": 1, "MaxItemsPath": "$.n"}), SCHEMA, "/States/S/ItemReader/ReaderConfig", "at most one of"),
    (reading({"ItemsPointer": "a"}), SCHEMA, "/States/S/ItemReader/ReaderConfig/ItemsPointer", "begins with '/'"),
    (distributed(ItemBatcher={}), SCHEMA, "/States/S/ItemBatcher", "is required"),
    (
        distributed(ItemBatcher={"MaxInputBytesPerBatch": 262145}),
        SCHEMA,
        "/States/S/ItemBatcher/MaxInputBytesPerBatch",
        "between 1 and 262144",
    ),
    (distributed(ResultWriter={}), SCHEMA, "/States/S/ResultWriter", "[Resource, Parameters]"),
    (
        distributed(ResultWriter={"Resource": "arn:aws:states:::s3:putObject"}),
        SCHEMA,
        "/States/S/ResultWriter",
        "[Parameters]",
    ),
    (
        distributed(ResultWriter={"WriterConfig": {"Transformation": "FLAT"}}),
        SCHEMA,
        "/States/S/ResultWriter/WriterConfig/Transformation",
        "must be one of NONE, COMPACT, FLATTEN",
    ),
    (distributed(Label=""), "INVALID_LABEL_NAME", "/States/S/Label", "cannot be empty"),
    (distributed(Label="a b"), "INVALID_LABEL_NAME", "/States/S/Label", "invalid character: ' '"),
    (distributed(Label="a\x9f"), "INVALID_LABEL_NAME", "/States/S/Label", "invalid character: '\\x9f'"),
    (distributed(Label="x" * 41), "INVALID_LABEL_NAME", "/States/S/Label", "cannot exceed 40 characters"),
    (distributed(Label=5), "INVALID_LABEL_NAME", "/States/S/Label", "must be a string, not 5"),
]

TEXTS: list[Row] = [
    ("{", JSON, "", "Expecting"),
    ('{"StartAt": "A", "StartAt": "B"}', JSON, "", "the key 'StartAt' occurs more than once"),
    ('{"StartAt": NaN}', JSON, "", "NaN is not a JSON value"),
    ('{"StartAt": 1e999}', JSON, "", "1e999 is out of range"),
    (b'{"StartAt": "\xff"}', JSON, "", "not UTF-8"),
    (r'{"StartAt": "\ud800"}', JSON, "", "lone surrogate"),
    ('{"StartAt": "\ud800"}', JSON, "", "lone surrogate"),
    ("[" * 10_000 + "]" * 10_000, JSON, "", "nested deeper than 200 levels"),
    (f'{{"Comment": "{"x" * 1_048_576}"}}', JSON, "", "more than AWS's 1048576"),
    ({"StartAt": {1, 2}}, JSON, "/StartAt", "is not a JSON value but set"),
    ({1: 2}, JSON, "", "the key 1, which is not a string"),
    ({"StartAt": float("nan")}, JSON, "/StartAt", "finite number"),
    ({"Comment": "x" * 1_048_576}, JSON, "", "more than AWS's 1048576"),
]

WARNINGS: list[Row] = [
    (top(States={"S": PASS, "U": PASS}), "UNREACHABLE_STATE", "/States/U", "'U' cannot be reached from StartAt 'S'"),
    (tasked(Resource="pay"), "INVALID_RESOURCE", "/States/S/Resource", 'not a valid resource ARN: "pay"'),
]

ERRORS = WHOLE + ANY_STATE + ENDS + WAITS + TASKS + ERROR_HANDLING + CHOICES + NESTING + TEXTS
DELIMITED = "unless InputType is CSV or MANIFEST"
WITHOUT_EFFECT: list[tuple[dict[str, Any], str, str]] = [
    ({"InputType": "JSON", "CSVDelimiter": "PIPE"}, "CSVDelimiter", DELIMITED),
    ({"InputType": "JSONL", "CSVHeaderLocation": "FIRST_ROW"}, "CSVHeaderLocation", DELIMITED),
    ({"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", "CSVHeaders": ["a"]}, "CSVHeaders", "is GIVEN"),
    ({"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", "ItemsPointer": "/a"}, "ItemsPointer", "is JSON"),
]
WITH_EFFECT = [
    {"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["a"], "CSVDelimiter": "TAB"},
    {"InputType": "MANIFEST", "CSVHeaders": ["a"], "CSVHeaderLocation": "GIVEN"},
    {"ManifestType": "S3_INVENTORY", "CSVDelimiter": "TAB"},
    {"ManifestType": "ATHENA_DATA", "InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["a"]},
    {"InputType": "JSON", "ItemsPointer": "/a"},
]
NOT_DISTRIBUTED: list[Row] = [
    *(
        (reading(config), "FIELD_WITHOUT_EFFECT", f"/States/S/ItemReader/ReaderConfig/{field}", words)
        for config, field, words in WITHOUT_EFFECT
    ),
    (mapping(Label="x"), "DISTRIBUTED_ONLY", "/States/S/Label", "has no effect unless Mode is DISTRIBUTED"),
]
ROWS = ERRORS + WARNINGS + NOT_DISTRIBUTED


@pytest.mark.parametrize("document, code, pointer, words", ROWS, ids=[f"{row[2][-40:]} {row[3][:40]}" for row in ROWS])
def test_a_mistake_is_told_with_code_place_and_value(document: Any, code: str, pointer: str, words: str) -> None:
    found = [(d.code, d.pointer, f"{d.message}; {d.suggestion}") for d in validate(document)]
    assert any(row[:2] == (code, pointer) and words in row[2] for row in found), found


@pytest.mark.parametrize("document", [row[0] for row in ERRORS])
def test_a_definition_with_an_error_is_not_loaded(document: Any) -> None:
    with pytest.raises(DefinitionError) as caught:
        StateMachine.from_json(document)
    assert any(found.severity == "ERROR" for found in caught.value.diagnostics)


MALFORMED = [('{\n  "StartAt": "A",\n  "States" {}\n}', 3, 12), ('{"StartAt": }', 1, 13), ("nothing", 1, 1)]


@pytest.mark.parametrize("text, line, column", MALFORMED)
def test_malformed_json_is_told_with_line_and_column(text: str, line: int, column: int) -> None:
    (found,) = validate(text)
    assert (found.code, found.line, found.column) == (JSON, line, column)
    assert str(found).startswith(f"{line}:{column}: ")


def test_all_problems_are_told_in_one_pass() -> None:
    document = {
        "StartAt": "A",
        "Foo": 1,
        "States": {
            "A": {"Type": "Wait", "Seconds": -1, "Next": "Missing"},
            "B": task(Retry=[{"ErrorEquals": []}], Catch=[catcher("Gone")], End=True),
            "C": {"Type": "Pas"},
            "D": parallel({"StartAt": "E", "States": {"E": {"Type": "Pass", "Bar": 1, "End": True}}}, End=True),
        },
    }
    errors = {found.pointer for found in validate(document) if found.severity == "ERROR"}
    assert errors >= {
        "/Foo",
        "/States/A/Seconds",
        "/States/A/Next",
        "/States/B/Retry/0/ErrorEquals",
        "/States/B/Catch/0/Next",
        "/States/C/Type",
        "/States/D/Branches/0/States/E/Bar",
    }


def test_a_definition_error_shows_every_error_a_line_each() -> None:
    with pytest.raises(DefinitionError) as caught:
        StateMachine.from_json(passing(Foo=1, Bar=2))
    assert str(caught.value).splitlines() == [
        "/States/S/Foo: Field 'Foo' is not supported [SCHEMA_VALIDATION_FAILED]",
        "/States/S/Bar: Field 'Bar' is not supported [SCHEMA_VALIDATION_FAILED]",
    ]


@pytest.mark.parametrize("document, code", [row[:2] for row in WARNINGS], ids=[row[1] for row in WARNINGS])
def test_a_warning_stops_nothing_and_stays_readable(document: Any, code: str) -> None:
    machine = StateMachine.from_json(document)
    assert [(found.severity, found.code) for found in machine.diagnostics] == [("WARNING", code)]
    assert machine.run(1, tasks={"S": lambda payload: payload}).output == 1


def test_a_distributed_map_is_valid_and_tells_what_storage_it_needs() -> None:
    document = distributed(
        ItemReader={
            "Resource": "arn:aws:states:::s3:getObject",
            "Parameters": {"Bucket": "b", "Key.$": "$.key"},
            "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", "MaxItemsPath": "$.most"},
        },
        ItemBatcher={"MaxItemsPerBatch": 10, "BatchInput": {"by.$": "$$.Execution.Name"}},
        ResultWriter={"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b", "Prefix": "p"}},
        Label="Import",
        ToleratedFailurePercentage=5,
    )
    assert validate(document) == []
    assert StateMachine.from_json(document).storage_needs[0] == ("S", True, "arn:aws:states:::s3:getObject")


@pytest.mark.parametrize("config", WITH_EFFECT, ids=str)
def test_a_reader_configuration_whose_fields_all_do_something_is_not_warned_of(config: Any) -> None:
    assert validate(reading(config)) == []


@pytest.mark.parametrize(
    "config, codes", [({}, ["FIELD_WITHOUT_EFFECT"]), ({"Transformation": "LOAD_AND_FLATTEN"}, [])]
)
def test_the_type_of_files_that_a_listing_does_not_open_is_told(config: Any, codes: list[str]) -> None:
    reader = {"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "b"}}
    found = validate(distributed(ItemReader={**reader, "ReaderConfig": {"InputType": "JSON", **config}}))
    assert [each.code for each in found] == codes


def test_a_label_is_unique_in_the_whole_definition() -> None:
    first, second = (distributed(Label="Same")["States"]["S"] for _ in range(2))
    del first["End"]
    second["ItemProcessor"] = {**second["ItemProcessor"], "StartAt": "Q", "States": {"Q": PASS}}
    found = validate({"StartAt": "A", "States": {"A": {**first, "Next": "B"}, "B": second}})
    assert [(row.code, row.pointer) for row in found] == [("DUPLICATE_LABEL_NAME", "/States/B/Label")]


def test_an_express_machine_has_no_distributed_map() -> None:
    (found,) = validate(distributed(), type="EXPRESS")
    assert "does not support Map states with Mode DISTRIBUTED" in found.message


NOT_IN_EXPRESS = [
    ({"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync"}, "'.sync' service integration"),
    ({"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken"}, "'.waitForTaskToken'"),
    ({"Type": "Task", "Resource": "arn:aws:states:us-east-1:123456789012:activity:a"}, "activities"),
    ({**distributed()["States"]["S"], "ItemProcessor": {**INNER, **EXPRESS_CHILDREN}}, "Mode DISTRIBUTED"),
]


@pytest.mark.parametrize("state, words", NOT_IN_EXPRESS, ids=[words for _, words in NOT_IN_EXPRESS])
def test_express_children_of_a_distributed_map_are_held_to_what_express_machines_have(state: Any, words: str) -> None:
    processor = {"StartAt": "E", "States": {"E": {**state, "End": True}}}
    (found,) = errors_of(mapping(ItemProcessor={**processor, **EXPRESS_CHILDREN}))
    assert found.pointer.startswith("/States/S/ItemProcessor/States/E")
    assert found.message.startswith("Express state machine does not support ")
    assert words in found.message
    config = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
    assert errors_of(mapping(ItemProcessor={**processor, **config})) == []


def errors_of(document: Any) -> list[Any]:
    return [found for found in validate(document) if found.severity == "ERROR"]


def test_what_only_a_catcher_of_the_state_around_assigns_may_be_assigned_inside() -> None:
    inner = {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True, "Assign": {"x": 1}}}}
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "E", "Assign": {"x": 2}}]
    outer = {"Type": "Parallel", "Branches": [inner], "Catch": catch, "Next": "E"}
    end = {"Type": "Pass", "End": True}
    assert errors(validate({"StartAt": "S", "States": {"S": outer, "E": end}})) == []
    (found,) = errors(validate({"StartAt": "S", "States": {"S": outer, "E": {**end, "Assign": {"x": 3}}}}))
    assert found.code == "VARIABLE_ASSIGNED_IN_OUTER_SCOPE"


def test_a_long_value_is_cut_in_its_message() -> None:
    (found,) = validate(passing(InputPath={"k": "x" * 5000}))
    assert len(found.message) < 200


def test_a_document_as_text_bytes_and_value_gives_the_same_findings() -> None:
    document = passing(Foo="ä")
    text = json.dumps(document, ensure_ascii=False)
    assert validate(document) == validate(text) == validate(text.encode())


GOOD = [
    chain(A=task(TimeoutSeconds=5, HeartbeatSeconds=4.0, Retry=[], Catch=[]), B={"Type": "Succeed", "Comment": "done"}),
    top(Comment="c", Version="1.0", TimeoutSeconds=99_999_999, QueryLanguage="JSONPath"),
    passing(InputPath=None, OutputPath=None, ResultPath=None, Parameters={}, Result=None, Assign={}),
    tasked(Credentials={"RoleArn.$": "$.role"}, Resource=function("f:7"), TimeoutSecondsPath="$.t"),
    retrying(IntervalSeconds=2, MaxAttempts=0, BackoffRate=1, MaxDelaySeconds=3, JitterStrategy="NONE", Comment="c"),
    catching(ResultPath=None, Comment="c", Assign={"x": 1}, ErrorEquals=["States.Timeout", "Mine"]),
    comparing(StringMatches="*", Comment="c", Assign={"x.$": "$.a"}),
    choosing({"Or": [{"Not": {"Variable": "$$.Execution.Name", "IsPresent": False, "Comment": "c"}}], "Next": "E"}),
    waiting(Timestamp="2024-01-01T00:00:00+01:00"),
    fail(ErrorPath="$$.State.Name", CausePath="States.Format('{}', $.a)"),
    branching(INNER | {"Comment": "c"}),
    mapping(ItemsPath="$$.Execution.Input.items", MaxConcurrency=0, ToleratedFailurePercentage=12.5),
    configured({"Mode": "INLINE"}),
    only(Type="Map", Iterator=INNER, Parameters={"v.$": "$$.Map.Item.Value"}, End=True),
    chain(**{"x" * 80: PASS}),
]


@pytest.mark.parametrize("document", GOOD, ids=range(len(GOOD)))
def test_a_good_definition_has_no_errors(document: dict[str, Any]) -> None:
    assert errors(validate(document)) == []


def errors(found: list[Diagnostic]) -> list[Diagnostic]:
    return [diagnostic for diagnostic in found if diagnostic.severity == "ERROR"]


@given(json_values)
def test_any_json_gives_findings_and_nothing_else(document: Any) -> None:
    assert all(isinstance(found, Diagnostic) for found in validate(document))
