"""The JSON Schema of definitions: it takes whatever the reader takes, and refuses most of what the reader refuses."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from asl_engine import validate
from asl_engine.definition import fields, shapes
from asl_engine.definition.fields import BOTH, JSONATA, JSONPATH, Place, Reading
from asl_engine.definition.schema import DIALECTS, draft_schema
from asl_engine.definition.words import WORDS
from asl_engine.states.choice_rules import DATA_TESTS
from asl_engine.states.table import STATE_TYPES
from tests.build import chain, function
from tests.properties.machines import programs

Json = Any
ROOT = Path(__file__).parents[2]
SUITES = ROOT.parent / "shared" / "suites"
VALIDATORS: dict[str, Any] = {"2020-12": jsonschema.Draft202012Validator, "draft-07": jsonschema.Draft7Validator}

SCHEMA = draft_schema(STATE_TYPES)
TAKES = VALIDATORS["2020-12"](SCHEMA).is_valid


def read_takes(definition: Json) -> bool:
    return not any(found.severity == "ERROR" for found in validate(definition))


def one(**fields: Any) -> dict[str, Any]:
    """A machine of one state that ends it."""
    return chain(A={"End": True, **fields} if fields["Type"] not in ("Choice", "Succeed", "Fail") else fields)


def in_jsonata(definition: dict[str, Any]) -> dict[str, Any]:
    return {"QueryLanguage": JSONATA, **definition}


# --- samples that touch every field -----------------------------------------------------------------------------------

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


@pytest.mark.parametrize("draft", DIALECTS)
@pytest.mark.parametrize("language", [None, *BOTH])
def test_the_schema_is_a_schema(draft: str, language: str | None) -> None:
    VALIDATORS[draft].check_schema(draft_schema(STATE_TYPES, language, draft))


@pytest.mark.parametrize("draft", DIALECTS)
@pytest.mark.parametrize("sample", SAMPLES, ids=range(len(SAMPLES)))
def test_what_the_reader_takes_is_valid(sample: dict[str, Any], draft: str) -> None:
    assert read_takes(sample), [str(found) for found in validate(sample)]
    VALIDATORS[draft](draft_schema(STATE_TYPES, None, draft)).validate(sample)


@pytest.mark.parametrize("language", BOTH)
def test_the_schema_of_one_query_language_takes_that_one_alone(language: str) -> None:
    taken = [VALIDATORS["2020-12"](draft_schema(STATE_TYPES, language)).is_valid(sample) for sample in SAMPLES]
    assert taken == [sample.get("QueryLanguage", JSONPATH) == language for sample in SAMPLES]


@pytest.mark.parametrize("operator", DATA_TESTS)
def test_every_operator_is_known(operator: str) -> None:
    operand = next(value for value in (1, "$.a", True, "2030-01-31T12:00:00Z") if TAKES(one_rule(**{operator: value})))
    assert read_takes(one_rule(**{operator: operand}))


def one_rule(**fields: Any) -> dict[str, Any]:
    rule = {"Variable": "$.a", "Next": "Z", **fields}
    return chain(A={"Type": "Choice", "Choices": [rule]}, Z={"Type": "Succeed"})


# --- what is refused --------------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize("draft", DIALECTS)
@pytest.mark.parametrize("definition", REFUSED.values(), ids=REFUSED.keys())
def test_a_mistake_is_refused(definition: Json, draft: str) -> None:
    assert not read_takes(definition)
    assert not VALIDATORS[draft](draft_schema(STATE_TYPES, None, draft)).is_valid(definition)


def pairs_of(kind: str, language: str) -> Iterator[tuple[str, str]]:
    name = kind if language == JSONPATH else f"{kind}.{language}"
    names = [name for name in SCHEMA["$defs"][name]["properties"] if name not in ("Type", "QueryLanguage")]
    return ((a, b) for a in names for b in names if a < b)


@pytest.mark.parametrize("language", BOTH)
@pytest.mark.parametrize("kind", STATE_TYPES)
def test_rules_between_two_fields_are_the_readers(kind: str, language: str) -> None:
    check = STATE_TYPES[kind].check
    for pair in pairs_of(kind, language):
        reading = Reading(STATE_TYPES)
        check(dict.fromkeys(pair, 0), Place(reading, None, "", language))
        told = any(re.search(r"at most one|exactly one of .*, not \w+, ", str(d)) for d in reading.diagnostics)
        assert told or set(pair) == {"Next", "End"} or not forbids(kind, pair), pair
        assert not told or forbids(kind, pair), pair


def forbids(kind: str, pair: tuple[str, str]) -> bool:
    """Whether the rules between a type's fields forbid that both are set."""
    rules = SCHEMA["$defs"][kind].get("allOf", [])
    forbidden = [found for rule in _walk(rules) if isinstance(rule, dict) and "not" in rule for found in _walk(rule)]
    return any(isinstance(found, dict) and set(found.get("required", ())) == set(pair) for found in forbidden)


def _walk(value: Json) -> Iterator[Json]:
    yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _walk(item)


# --- laws -------------------------------------------------------------------------------------------------------------


@given(programs())
def test_every_machine_that_runs_is_valid(program: Any) -> None:
    assert TAKES(program.definition)


VALUES = [None, True, False, 0, -1, 1.5, 3.0, "", "x", "$", "$.a", "$.", "$$.a", "{% 1 %}", "{% 1", [], {}, ["E"]]
VALUES += ["States.UUID()", "2030-01-31T12:00:00Z", JSONATA, JSONPATH, {"a.$": "$"}, {"a.$": 1}, [RULE], INNER]
NAMES = ["Next", "End", "Seconds", "QueryLanguage", "Arguments", "InputPath", "Output", "Not", "Condition", "And"]


def places(value: Json, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    for key, item in value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ()):
        yield from places(item, (*path, key))


@st.composite
def mutants(draw: Callable[[Any], Any]) -> Json:
    """A definition with one thing in it left out, renamed, changed or added."""
    definition = copy.deepcopy(draw(st.sampled_from(SAMPLES) | st.builds(lambda p: p.definition, programs())))
    *way, last = draw(st.sampled_from(list(places(definition))))
    parent = definition
    for key in way:
        parent = parent[key]
    change = draw(st.sampled_from(["drop", "rename", "change", "add"]))
    if change == "change" or (change != "drop" and not isinstance(parent, dict)):
        parent[last] = draw(st.sampled_from(VALUES))
    elif change == "add":
        parent[draw(st.sampled_from(NAMES))] = draw(st.sampled_from(VALUES))
    else:
        value = parent.pop(last)
        if change == "rename":
            parent[draw(st.sampled_from([f"{last}s", last.lower(), *NAMES]))] = value
    return definition


@settings(max_examples=300)
@given(mutants())
def test_what_the_schema_refuses_the_reader_refuses(mutant: Json) -> None:
    assert TAKES(mutant) or not read_takes(mutant)


def reader_takes_value(read: Any, value: Json) -> bool:
    reading = Reading(STATE_TYPES)
    read(value, Place(reading, None, "", JSONPATH))
    return not reading.diagnostics


PIECES = ["$", ".", "..", "[", "]", "'", '"', "a", "1", "*", "\\", " ", "\n", "@", "?", "(", ")", ",", ":", "-", "_"]
PIECES += ["é", "States.UUID", "States.Format", "{}", "%", "T", "Z", "[0]", "['a']", "\x00", "$.a", "\ud7ff", "😀"]
texts = st.lists(st.sampled_from(PIECES), max_size=7).map("".join)
digits = st.integers(0, 99).map("{:02}".format)
timestamps = st.builds(
    "{}{}-{}-{}T{}:{}:{}{}{}".format, digits, digits, st.sampled_from(["01", "02", "12", "13", "00"]),
    st.sampled_from(["01", "28", "31", "32", "00"]), digits, digits, st.sampled_from(["00", "59", "60", "61"]),
    st.sampled_from(["", ".5", ".123456789"]), st.sampled_from(["Z", "+23:59", "-00:00", "+24:00", "+01:60", "+99:99"]),
)  # fmt: skip
READERS = ["path", "nullable_path", "reference_path", "path_or_intrinsic", "timestamp"]


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=150)
@given(text=texts | texts.map("$.{}".format) | timestamps | texts.map("States.UUID(){}".format))
@example(text="$.a\n")
@example(text=" States.UUID ()")
@example(text="$é.a")
@example(text="2024-02-29T23:59:59Z\n")
def test_a_text_that_a_reader_takes_fits_its_pattern(name: str, text: str) -> None:
    read: Any = getattr(fields, name)
    schema = read.description[0]
    said = schema if isinstance(schema, dict) else shapes.path_or_call()
    assert VALIDATORS["2020-12"](said).is_valid(text) or not reader_takes_value(read, text)


@settings(max_examples=150)
@given(st.dictionaries(texts | st.text(max_size=3), st.just(1), max_size=1))
def test_a_variable_that_the_reader_takes_is_valid(assigned: dict[str, int]) -> None:
    definition = one(Type="Pass", Assign=assigned)
    assert TAKES(definition) or not read_takes(definition)


@settings(max_examples=150)
@given(st.lists(st.sampled_from(["{%", "%}", "{", "%", "}", "1", "\n"]), max_size=5).map("".join))
def test_an_expression_that_the_reader_takes_is_valid(text: str) -> None:
    for definition in (one(Type="Pass", Output=[text]), one(Type="Fail", Error=text)):
        assert TAKES(in_jsonata(definition)) or not read_takes(in_jsonata(definition))


# --- real definitions -------------------------------------------------------------------------------------------------


def recorded_definitions() -> Iterator[tuple[str, Json]]:
    for file in sorted((SUITES / "aws-recorded").rglob("*.json")):
        case = json.loads(file.read_text("utf-8"))
        if case["kind"] == "execution":
            yield file.name, case["definition"]


def workflow_definitions() -> Iterator[tuple[str, Json]]:
    yaml = pytest.importorskip("ruamel.yaml").YAML(typ="safe")
    for file in sorted((SUITES / "workflows").rglob("*.asl.*")):
        text = file.read_text("utf-8")
        yield str(file), json.loads(text) if file.suffix == ".json" else json.loads(json.dumps(yaml.load(text)))


def own_definitions() -> Iterator[tuple[str, Json]]:
    for file in sorted((ROOT / "conformance" / "cases").rglob("*.json")):
        yield file.name, json.loads(file.read_text("utf-8")).get("definition")


KNOWN: dict[str, tuple[Callable[[], Iterator[tuple[str, Json]]], int]] = {
    "aws-recorded": (recorded_definitions, 300),
    "workflows": (workflow_definitions, 75),
    "own cases": (own_definitions, 90),
}


@pytest.mark.parametrize("source", KNOWN)
def test_real_definitions_that_the_reader_takes_are_valid(source: str) -> None:
    definitions, least = KNOWN[source]
    if source != "own cases" and not SUITES.is_dir():
        pytest.skip(f"{SUITES} is not there")
    distinct = {json.dumps(definition): (name, definition) for name, definition in definitions()}
    taken = [row for row in distinct.values() if read_takes(row[1])]
    assert [name for name, definition in taken if not TAKES(definition)] == []
    assert len(taken) >= least


# --- what editors show ------------------------------------------------------------------------------------------------


def objects() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for owner, schema in SCHEMA["$defs"].items():
        for found in _walk(schema):
            for name, field in found.get("properties", {}).items() if isinstance(found, dict) else ():
                if isinstance(field, dict) and not field.keys() <= {"const", "enum"}:
                    yield owner, name, field


def test_every_field_has_a_sentence() -> None:
    silent = [(owner, name) for owner, name, field in objects() if "description" not in field]
    assert [row for row in silent if row[1] not in ("RoleArn", "RoleArn.$")] == []


def test_every_sentence_is_about_a_field() -> None:
    shown = {field["description"] for _, _, field in objects() if "description" in field}
    shown |= {found["description"] for found in _walk(SCHEMA) if isinstance(found, dict) and "description" in found}
    assert [key for key, text in WORDS.items() if text.replace("`", "") not in shown] == []


def test_every_object_is_closed() -> None:
    for found in _walk(SCHEMA["$defs"]):
        if isinstance(found, dict) and {"Type", "Comment"} <= found.get("properties", {}).keys():
            assert found["additionalProperties"] is False


def test_defaults_are_the_records_own() -> None:
    retrier = SCHEMA["$defs"]["Retrier"]["properties"]
    said = {name: field["default"] for name, field in retrier.items() if "default" in field}
    assert said == {"IntervalSeconds": 1, "MaxAttempts": 3, "BackoffRate": 2.0, "JitterStrategy": "NONE"}


def test_nothing_stands_beside_a_reference_in_draft_7() -> None:
    schema = draft_schema(STATE_TYPES, None, "draft-07")
    references = [found for found in _walk(schema) if isinstance(found, dict) and "$ref" in found]
    assert references != []
    assert all(found.keys() == {"$ref"} for found in references)


def test_validating_takes_steps_in_proportion_to_the_states() -> None:
    assert 3 * steps(nested(2)) > steps(nested(3)) > steps(nested(2))


def nested(depth: int) -> dict[str, Any]:
    inner = [nested(depth - 1)] * 2 if depth else [INNER]
    return one(Type="Parallel", Branches=inner)


def steps(definition: Json) -> int:
    """How many keywords are looked at while a definition is validated."""
    count = 0

    def counting(keyword: Any) -> Any:
        def check(validator: Any, *rest: Any) -> Any:
            nonlocal count
            count += 1
            return keyword(validator, *rest)

        return check

    keywords = VALIDATORS["2020-12"].VALIDATORS
    counted = {name: counting(keyword) for name, keyword in keywords.items()}
    jsonschema.validators.extend(VALIDATORS["2020-12"], counted)(SCHEMA).validate(definition)
    return count


def test_the_published_copy_is_current() -> None:
    published = (ROOT / "docs" / "schema" / "asl.schema.json").read_text("utf-8")
    assert json.loads(published) == draft_schema(STATE_TYPES, None, "draft-07"), (
        "run: asl schema --draft draft-07 --output docs/schema/asl.schema.json"
    )
