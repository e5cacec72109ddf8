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

from asl_engine.definition import fields, shapes
from asl_engine.definition.fields import BOTH, JSONATA, JSONPATH, Place, Reading
from asl_engine.definition.reader import read_definition
from asl_engine.definition.schema import DIALECTS, draft_schema
from asl_engine.definition.words import WORDS
from asl_engine.states.choice_rules import DATA_TESTS
from asl_engine.states.table import STATE_TYPES
from tests.build import chain
from tests.definition.schema_samples import INNER, REFUSED, RULE, SAMPLES, in_jsonata, one
from tests.properties.machines import programs

Json = Any
ROOT = Path(__file__).parents[2]
SUITES = ROOT.parent / "shared" / "suites"
VALIDATORS: dict[str, Any] = {"2020-12": jsonschema.Draft202012Validator, "draft-07": jsonschema.Draft7Validator}

SCHEMA = draft_schema(STATE_TYPES)
TAKES = VALIDATORS["2020-12"](SCHEMA).is_valid


def errors_in(definition: Json) -> list[str]:
    return [str(found) for found in read_definition(definition, STATE_TYPES)[1] if found.severity == "ERROR"]


def read_takes(definition: Json) -> bool:
    return errors_in(definition) == []


@pytest.mark.parametrize("draft", DIALECTS)
@pytest.mark.parametrize("language", [None, *BOTH])
def test_the_schema_is_a_schema(draft: str, language: str | None) -> None:
    VALIDATORS[draft].check_schema(draft_schema(STATE_TYPES, language, draft))


@pytest.mark.parametrize("draft", DIALECTS)
@pytest.mark.parametrize("sample", SAMPLES, ids=range(len(SAMPLES)))
def test_what_the_reader_takes_is_valid(sample: dict[str, Any], draft: str) -> None:
    assert errors_in(sample) == []
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


@settings(max_examples=100)
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
@settings(max_examples=60)
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


@settings(max_examples=60)
@given(st.dictionaries(texts | st.text(max_size=3), st.just(1), max_size=1))
def test_a_variable_that_the_reader_takes_is_valid(assigned: dict[str, int]) -> None:
    definition = one(Type="Pass", Assign=assigned)
    assert TAKES(definition) or not read_takes(definition)


@settings(max_examples=60)
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
