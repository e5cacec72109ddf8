"""Definitions in templates of CloudFormation, SAM and the CDK: found, put together, and located in the file."""

from __future__ import annotations

import contextlib
import json
from itertools import pairwise
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asl_engine.definition.sources.documents import file_text, pointer_to
from asl_engine.definition.sources.json_text import read_json
from asl_engine.definition.sources.source import Source, SourceError, located
from asl_engine.machine import validate
from tests.definition.sources.test_source_json import members, values
from tests.definition.sources.written import fault, load, place, shown, span_at, unresolved

STATE = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Tpo": 1, "End": true}}}'


def template(properties: dict[str, Any], **parts: Any) -> str:
    """A template in JSON with one machine, named M."""
    machine = {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}
    resources = {"M": machine, **parts.pop("Resources", {})}
    return json.dumps({"Resources": resources, **parts}, indent=2)


def machine_in(text: str, file: str = "template.json", **options: Any) -> Source:
    (source,) = load(text, file, **options)
    return source


# --- CloudFormation in JSON -------------------------------------------------------------------------------------------


def test_a_definition_object_is_located_in_the_template() -> None:
    text = template({"Definition": json.loads(STATE), "StateMachineType": "EXPRESS"})
    source = machine_in(text)
    assert (source.name, source.type, source.document) == ("M", "EXPRESS", json.loads(STATE))
    assert span_at(source, "/States/A/Tpo") == place(text, '"Tpo"')


def test_a_definition_string_is_located_inside_its_escapes() -> None:
    text = template({"DefinitionString": STATE})
    source = machine_in(text)
    assert source.document == json.loads(STATE)
    assert span_at(source, "/States/A/Tpo") == place(text, '\\"Tpo\\"')
    assert shown(text, source.locate("/States/A/Tpo")) == '\\"Tpo\\": 1'


def test_lines_of_a_definition_string_are_columns_of_the_template() -> None:
    inner = json.dumps(json.loads(STATE), indent=4)
    text = template({"DefinitionString": inner})
    assert span_at(machine_in(text), "/States/A/Tpo") == place(text, '\\"Tpo\\"')


def test_a_string_that_is_no_json_is_told_at_its_character() -> None:
    text = template({"DefinitionString": '{\n "StartAt": "A"\n "States": {}}'})
    found = fault(text, "template.json")
    assert (found.code, found.line, found.column) == ("INVALID_JSON_DESCRIPTION", *place(text, '\\"States'))


def test_a_joined_definition_is_located_in_its_pieces() -> None:
    pieces = [
        '{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"',
        {"Fn::GetAtt": ["Work", "Arn"]},
        '","Tpo":1,"Next":"B"},"B":{"Type":"Task","Resource":"arn:',
        {"Ref": "AWS::Partition"},
        ':states:::sns:publish","TimeoutSeconds":',
        {"Ref": "Limit"},
        ',"Parameters":{"TopicArn":"',
        {"Ref": "Topic"},
        '"},"End":true,"Zzz":"',
        {"Fn::GetAtt": ["Work", "Arn"]},
        '"}}}',
    ]
    text = template(
        {"DefinitionString": {"Fn::Join": ["", pieces]}},
        Parameters={"Limit": {"Type": "Number", "Default": 30}},
        Resources={"Work": {"Type": "AWS::Lambda::Function"}, "Topic": {"Type": "AWS::SNS::Topic"}},
    )
    source = machine_in(text)
    first, second = source.document["States"].values()
    assert first["Resource"] == second["Zzz"] == "arn:aws:lambda:us-east-1:123456789012:function:Work"
    assert second["Resource"] == "arn:aws:states:::sns:publish"
    assert second["TimeoutSeconds"] == 30
    assert second["Parameters"] == {"TopicArn": "arn:aws:sns:us-east-1:123456789012:Topic"}
    assert source.notes == ()
    assert span_at(source, "/States/A/Tpo") == place(text, '\\"Tpo\\"')
    assert span_at(source, "/States/B/TimeoutSeconds") == place(text, '\\"TimeoutSeconds\\"')
    assert shown(text, source.locate("/States/B/Zzz")) == '\\"Zzz\\"'
    (told,) = [one for one in located(source, validate(source.document)) if one.pointer.endswith("Tpo")]
    assert (told.line, told.column) == place(text, '\\"Tpo\\"')


def test_a_definition_joined_from_lines_is_located_in_them() -> None:
    text = template({"DefinitionString": {"Fn::Join": ["\n", ["{", '"StartAt": "A",', '"Sttes": {}', "}"]]}})
    assert span_at(machine_in(text), "/Sttes") == place(text, '\\"Sttes\\"')


def test_a_joined_definition_that_is_no_json_is_told_at_its_character() -> None:
    text = template({"DefinitionString": {"Fn::Join": ["", ['{"StartAt":"', {"Ref": "X"}, '","States":{} x}']]}})
    found = fault(text, "template.json")
    assert (found.line, found.column) == place(text, "x}")


@given(values, st.lists(st.integers(0, 200), max_size=4), st.sampled_from([None, 1]))
def test_a_joined_definition_is_located_wherever_it_is_cut(value: Any, cuts: list[int], indent: int | None) -> None:
    inner = json.dumps({"StartAt": value}, indent=indent, ensure_ascii=False).replace("$", "S")
    ends = sorted({0, len(inner), *(cut for cut in cuts if cut < len(inner))})
    pieces = [inner[start:end] for start, end in pairwise(ends)]
    text = template({"DefinitionString": {"Fn::Join": ["", pieces]}})
    (source,) = load(text, "t.json")
    tree = read_json(file_text("inner", inner.encode()))
    for path, _ in members(tree.value):
        node, span = tree.node(pointer_to(*path)), source.locate(pointer_to(*path))
        start, end = (node.key[0] if node.key else node.start), node.end
        told = json.loads(f'"{shown(text, span)}"')
        assert told == inner[start:end] or (inner[start:end].startswith(told[:1]) and span.end_column > span.column)


def test_a_definition_with_fn_sub_is_located_around_its_variables() -> None:
    inner = (
        '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "${Work.Arn}", "Tpo": "${!Kept}${v}", "Z": 1}}}'
    )
    sub = [inner, {"v": {"Fn::Sub": "<${AWS::Region}>"}}]
    text = template({"DefinitionString": {"Fn::Sub": sub}}, Resources={"Work": {"Type": "AWS::Lambda::Function"}})
    source = machine_in(text, substitutions={"Kept": "given"})
    state = source.document["States"]["A"]
    assert state["Resource"] == "arn:aws:lambda:us-east-1:123456789012:function:Work"
    assert state["Tpo"] == "given<us-east-1>"
    assert span_at(source, "/States/A/Tpo") == place(text, '\\"Tpo\\"')
    assert span_at(source, "/States/A/Z") == place(text, '\\"Z\\"')


def test_functions_in_a_definition_object_are_carried_out() -> None:
    states = {
        "A": {
            "Type": "Task",
            "Resource": {"Fn::GetAtt": ["Work", "Arn"]},
            "TimeoutSeconds": {"Ref": "Limit"},
            "Parameters": {
                "Bucket": {"Fn::FindInMap": ["Buckets", "eu", "name"]},
                "Zone": {"Fn::Select": [1, {"Fn::Split": ["-", "a-b-c"]}]},
                "Queue": {"Ref": "Queue"},
                "Items": [{"Ref": "AWS::NoValue"}, {"Fn::If": ["Live", {"Deep": 1}, 2]}],
                "Gone": {"Ref": "AWS::NoValue"},
            },
            "End": True,
        }
    }
    text = template(
        {"Definition": {"StartAt": "A", "States": states}},
        Parameters={"Limit": {"Type": "Number", "Default": "30"}},
        Mappings={"Buckets": {"eu": {"name": "pail"}}},
        Resources={"Work": {"Type": "AWS::Serverless::Function"}, "Queue": {"Type": "AWS::SQS::Queue"}},
    )
    source = machine_in(text)
    state = source.document["States"]["A"]
    assert state["Resource"] == "arn:aws:lambda:us-east-1:123456789012:function:Work"
    assert state["TimeoutSeconds"] == 30
    assert state["Parameters"] == {
        "Bucket": "pail",
        "Zone": "b",
        "Queue": "https://sqs.us-east-1.amazonaws.com/123456789012/Queue",
        "Items": [{"Deep": 1}],
    }
    assert source.notes == ()
    assert span_at(source, "/States/A/Parameters/Items/0/Deep") == place(text, '"Deep"')
    assert span_at(source, "/States/A/Parameters/Zone") == place(text, '"Zone"')


@pytest.mark.parametrize(
    "type, reference, value",
    [
        ("AWS::Lambda::Function", {"Ref": "R"}, "R"),
        ("AWS::StepFunctions::StateMachine", {"Ref": "R"}, "arn:aws:states:us-east-1:123456789012:stateMachine:R"),
        ("AWS::StepFunctions::Activity", {"Ref": "R"}, "arn:aws:states:us-east-1:123456789012:activity:R"),
        ("AWS::SQS::Queue", {"Fn::GetAtt": "R.Arn"}, "arn:aws:sqs:us-east-1:123456789012:R"),
        ("AWS::SQS::Queue", {"Fn::GetAtt": ["R", "QueueName"]}, "R"),
        ("AWS::DynamoDB::Table", {"Ref": "R"}, "R"),
        ("AWS::DynamoDB::Table", {"Fn::GetAtt": ["R", "Arn"]}, "arn:aws:dynamodb:us-east-1:123456789012:table/R"),
        ("AWS::IAM::Role", {"Fn::GetAtt": ["R", "Arn"]}, "arn:aws:iam::123456789012:role/R"),
        ("AWS::S3::Bucket", {"Ref": "R"}, "r"),
        ("AWS::SNS::Topic", {"Fn::GetAtt": ["R", "TopicArn"]}, "arn:aws:sns:us-east-1:123456789012:R"),
    ],
)  # fmt: skip
def test_a_resource_is_called_as_its_type_has_it(type: str, reference: Any, value: str) -> None:
    definition = {"StartAt": "A", "States": {"A": {"Comment": reference}}}
    (source, *_) = load(template({"Definition": definition}, Resources={"R": {"Type": type}}), "t.json")
    assert source.document["States"]["A"]["Comment"] == value
    assert unresolved(source) == []


@pytest.mark.parametrize(
    "reference, name",
    [
        ({"Ref": "Param"}, "Param"),
        ({"Ref": "FromStore"}, "FromStore"),
        ({"Fn::ImportValue": "Shared"}, "Fn::ImportValue.Shared"),
        ({"Fn::GetAtt": ["Custom", "Value"]}, "Custom.Value"),
        ({"Fn::FindInMap": ["M", {"Ref": "Param"}, "x"]}, "Fn::FindInMap.M"),
    ],
)
def test_what_only_a_deployment_knows_is_told_and_may_be_given(reference: Any, name: str) -> None:
    text = template(
        {"Definition": {"StartAt": "A", "States": {"A": {"Comment": reference}}}},
        Parameters={
            "Param": {"Type": "String"},
            "FromStore": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/key"},
        },
        Resources={"Custom": {"Type": "Custom::Thing"}},
    )
    source = machine_in(text)
    (told,) = source.notes
    assert f"${{{name}}}" in told.message
    assert (told.line, told.column) == place(text, '"Comment"')
    given = machine_in(text, substitutions={name: "given"})
    assert given.document["States"]["A"]["Comment"] == "given"
    assert given.notes == ()


def test_substitutions_of_the_template_are_carried_out_and_those_given_win() -> None:
    definition = {"StartAt": "A", "States": {"A": {"Comment": "${Table} ${Plain} ${Region} ${Limit}"}}}
    substitutions = {"Table": {"Ref": "T"}, "Plain": "p", "Region": {"Fn::Sub": "${AWS::Region}!"}, "Limit": 5}
    properties = {"Definition": definition, "DefinitionSubstitutions": substitutions}
    text = template(properties, Resources={"T": {"Type": "AWS::DynamoDB::Table"}})
    assert machine_in(text).document["States"]["A"]["Comment"] == "T p us-east-1! 5"
    given = machine_in(text, substitutions={"Plain": "mine", "AWS::Region": "eu-west-1"})
    assert given.document["States"]["A"]["Comment"] == "T mine eu-west-1! 5"


def test_a_name_of_the_template_is_no_placeholder_of_the_definition() -> None:
    text = template(
        {"Definition": {"StartAt": "A", "States": {"A": {"Comment": "${Work}"}}}},
        Resources={"Work": {"Type": "AWS::Lambda::Function"}},
    )
    assert len(unresolved(machine_in(text))) == 1


def test_a_name_is_told_once_for_all_machines_of_a_file() -> None:
    definition = {"StartAt": "A", "States": {"A": {"Comment": "${X}"}}}
    other = {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"Definition": definition}}
    sources = load(template({"Definition": definition}, Resources={"N": other}), "t.json")
    assert [(source.name, len(source.notes)) for source in sources] == [("M", 1), ("N", 0)]


# --- definitions in other files ---------------------------------------------------------------------------------------

SAM = """\
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: {Type: String, Default: dev}
Resources:
  Work: {Type: AWS::Serverless::Function}
  Orders:
    Type: AWS::Serverless::StateMachine
    Properties:
      Name: !Sub orders-${Stage}
      Type: EXPRESS
      DefinitionUri: machines/orders.asl.json
      DefinitionSubstitutions:
        WorkArn: !GetAtt Work.Arn
        Stage: !Ref Stage
"""
ORDERS = """{"StartAt": "A",
 "States": {"A": {"Type": "Task", "Resource": "${WorkArn}", "Coment": "${Stage} ${Other}", "End": true}}}"""


def test_a_definition_of_its_own_file_is_located_there() -> None:
    pytest.importorskip("ruamel.yaml")
    (source,) = load(SAM, "app/template.yaml", {"app/machines/orders.asl.json": ORDERS})
    assert (source.file, source.name, source.type) == ("app/template.yaml", "Orders", "EXPRESS")
    state = source.document["States"]["A"]
    assert state["Resource"] == "arn:aws:lambda:us-east-1:123456789012:function:Work"
    assert state["Coment"] == "dev Other"
    span = source.locate("/States/A/Coment")
    assert (span.file, span.line, span.column) == ("app/machines/orders.asl.json", *place(ORDERS, '"Coment"'))
    (told,) = source.notes
    assert (told.file, told.line) == ("app/machines/orders.asl.json", 2)


def test_what_is_wrong_with_such_a_file_is_told_there() -> None:
    pytest.importorskip("ruamel.yaml")
    found = fault(SAM, "template.yaml", {"machines/orders.asl.json": '{"StartAt":\n x}'})
    assert (found.file, found.line, found.column) == ("machines/orders.asl.json", 2, 2)


def test_a_file_that_is_not_there_is_told_where_it_is_named() -> None:
    pytest.importorskip("ruamel.yaml")
    found = fault(SAM, "template.yaml")
    assert (found.code, found.line, found.column) == ("UNREADABLE_DEFINITION", *place(SAM, "DefinitionUri"))
    assert "machines/orders.asl.json cannot be read: No such file" in found.message


@pytest.mark.parametrize(
    "file, path, wanted",
    [
        ("t.json", "./m.json", "m.json"),
        ("a/t.json", "../m.json", "a/../m.json"),
        ("a/t.json", "/m.json", "/m.json"),
        ("c:\\a\\t.json", "b/m.json", "c:\\a\\b/m.json"),
        ("c:\\a\\t.json", "d:\\m.json", "d:\\m.json"),
    ],
)
def test_paths_are_relative_to_the_template(file: str, path: str, wanted: str) -> None:
    text = template({"DefinitionS3Location": path})
    assert load(text, file, {wanted: STATE})[0].document == json.loads(STATE)


def test_an_asset_that_the_cdk_left_beside_its_template_is_read() -> None:
    location = {"Bucket": {"Fn::Sub": "assets-${AWS::Region}"}, "Key": "0a1b.json"}
    source = machine_in(
        template({"DefinitionS3Location": location}),
        "cdk.out/S.template.json",
        others={"cdk.out/asset.0a1b.json": STATE},
    )
    assert source.locate("/StartAt").file == "cdk.out/asset.0a1b.json"


@pytest.mark.parametrize(
    "properties, message",
    [
        ({"DefinitionS3Location": {"Bucket": "b", "Key": "k.json"}}, "stands in a bucket, as k.json"),
        ({"DefinitionS3Location": {"Bucket": "b", "Key": {"Ref": "K"}}}, "stands in a bucket"),
        ({"DefinitionS3Location": "s3://b/k.json"}, "stands at s3://b/k.json"),
        ({"DefinitionUri": {"Fn::Sub": "${X}"}}, "names no file"),
        ({"DefinitionString": [1]}, "must be text"),
    ],
)
def test_a_definition_that_stands_elsewhere_is_refused_by_name(properties: dict[str, Any], message: str) -> None:
    text = template(properties)
    found = fault(text, "t.json")
    assert (found.code, found.line, found.column) == ("UNSUPPORTED_SOURCE", *place(text, f'"{next(iter(properties))}"'))
    assert message in found.message


def test_an_included_definition_is_read() -> None:
    include = {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "m.json"}}}
    assert machine_in(template({"Definition": include}), others={"m.json": STATE}).locate("").file == "m.json"


def test_one_machine_that_cannot_be_read_does_not_hide_the_others() -> None:
    other = {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"DefinitionString": "{,}"}}
    text = template({"DefinitionString": STATE}, Resources={"N": other})
    source = machine_in(text)
    (told,) = source.notes
    assert (told.severity, told.line, told.column) == ("ERROR", place(text, "{,}")[0], place(text, "{,}")[1] + 1)


# --- CloudFormation in YAML -------------------------------------------------------------------------------------------

YAML_TEMPLATE = dedent("""\
    Resources:
      Work:
        Type: AWS::Lambda::Function
      M:
        Type: AWS::StepFunctions::StateMachine
        Properties:
          DefinitionString: !Sub |
            {
              "StartAt": "A",
              "States": {
                "A": {"Type": "Task", "Resource": "${Work.Arn}", "Tpo": 1, "End": true}
              }
            }
    """)


def test_a_block_of_yaml_is_located_line_by_line() -> None:
    pytest.importorskip("ruamel.yaml")
    source = machine_in(YAML_TEMPLATE, "template.yaml")
    assert source.document["States"]["A"]["Resource"] == "arn:aws:lambda:us-east-1:123456789012:function:Work"
    assert span_at(source, "/States/A/Tpo") == (11, 62)
    assert shown(YAML_TEMPLATE, source.locate("/States/A/Tpo")) == '"Tpo": 1'


@pytest.mark.parametrize("style", ['!Sub "%s"', "'%s'", ">-\n        %s", "\n        %s"])
def test_other_strings_of_yaml_are_located_too(style: str) -> None:
    pytest.importorskip("ruamel.yaml")
    words = '{"StartAt":"A",\n         "Sttes":{}}'
    written = words.replace('"', '\\"') if '"' in style else words
    if style.startswith("\n"):
        written = "'" + written + "'"
    text = (
        "Resources:\n  M:\n    Type: AWS::StepFunctions::StateMachine\n    Properties:\n      DefinitionString: "
        + style % written
    )
    source = machine_in(text, "template.yaml")
    assert span_at(source, "/Sttes") == place(text, '\\"Sttes' if '"' in style else '"Sttes')


def test_short_forms_in_a_definition_object_are_carried_out() -> None:
    pytest.importorskip("ruamel.yaml")
    text = dedent("""\
        Resources:
          Work: {Type: AWS::Lambda::Function}
          M:
            Type: AWS::Serverless::StateMachine
            Properties:
              Definition:
                StartAt: A
                States:
                  A:
                    Type: Task
                    Resource: !GetAtt Work.Arn
                    Comment: !Join [":", [a, !Ref AWS::Region]]
                    Tpo: !If [Live, {Deep: 1}, !Ref AWS::NoValue]
        """)
    source = machine_in(text, "template.yaml")
    state = source.document["States"]["A"]
    assert state["Resource"] == "arn:aws:lambda:us-east-1:123456789012:function:Work"
    assert (state["Comment"], state["Tpo"]) == ("a:us-east-1", {"Deep": 1})
    assert span_at(source, "/States/A/Tpo") == place(text, "Tpo")
    assert span_at(source, "/States/A/Tpo/Deep") == place(text, "Deep")


@pytest.mark.parametrize("word", ["yes", "010", ".nan", '"no"'])
def test_what_a_short_form_names_is_text(word: str) -> None:
    pytest.importorskip("ruamel.yaml")
    text = YAML_TEMPLATE[: YAML_TEMPLATE.index("DefinitionString")] + f"Definition: {{StartAt: !Sub {word}}}\n"
    source = machine_in(text, "template.yaml")
    assert (source.document, source.notes) == ({"StartAt": word.strip('"')}, ())


def test_remarks_about_other_parts_of_a_template_are_left_out() -> None:
    pytest.importorskip("ruamel.yaml")
    text = YAML_TEMPLATE.replace("    Type: AWS::Lambda::Function", "    Type: AWS::Lambda::Function\n    Live: yes")
    assert machine_in(text, "template.yaml").notes == ()


# --- files without a machine ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, message",
    [
        ('{"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}', "no resource of type AWS::StepFunctions::StateMachine"),
        ('{"Resources": []}', "no resource of type"),
        ('{"a": 1}', "neither StartAt and States"),
        ("[1]", "neither StartAt and States"),
        ('{"service": "s", "provider": {}}', "stepFunctions.stateMachines is missing"),
        ('{"format_version": "1.2", "values": {}}', "no resource of type aws_sfn_state_machine"),
        (template({}), "has none of Definition"),
    ],
)
def test_a_file_without_a_machine_says_so(text: str, message: str) -> None:
    found = fault(text, "file.json")
    assert found.code == "NO_STATE_MACHINE"
    assert message in found.message


def test_a_file_named_as_a_definition_is_one_whatever_it_holds() -> None:
    assert load('{"a": 1}', "m.asl.json")[0].document == {"a": 1}
    assert load("[1]", "-")[0].document == [1]


def test_a_kind_that_is_told_is_not_questioned() -> None:
    assert load('{"Resources": {}}', "t.json", kind="json")[0].document == {"Resources": {}}
    assert fault('{"StartAt": "A"}', "t.json", kind="cloudformation").code == "NO_STATE_MACHINE"
    with pytest.raises(ValueError, match="kind must be one of json, yaml"):
        load("{}", kind="toml")


words = st.sampled_from(["", "a", "M.Arn", "${a}", "${M.Arn}", "{", '{"StartAt": ${b}}', "m.json", "-", "AWS::NoValue"])
functions = st.sampled_from([
    *("Ref", "Fn::Sub", "Fn::Join", "Fn::GetAtt", "Fn::Select", "Fn::Split", "Fn::If", "Fn::FindInMap"),
    *("Fn::Transform", "Fn::ToJsonString", "Fn::Other", "Bucket", "Key"),
    *("StartAt", "States", "Type", "resources", "values", "definition"),
])  # fmt: skip
odd_values = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(functions | words, inner, max_size=2),
    max_leaves=12,
)
odd_properties = st.dictionaries(
    st.sampled_from(
        ["Definition", "DefinitionString", "DefinitionUri", "DefinitionS3Location", "DefinitionSubstitutions"]
    ),
    odd_values,
    max_size=3,
)


def is_read_or_refused(text: str, file: str) -> None:
    with contextlib.suppress(SourceError):
        for source in load(text, file, {"m.json": STATE}):
            for path, _ in members(source.document):
                assert source.locate(pointer_to(*path)).line > 0


def test_a_definition_as_deep_as_may_be_is_read() -> None:
    deep: Any = 1
    for level in range(190):
        deep = [deep] if level % 2 else {"a": deep}
    (source,) = load(template({"Definition": {"StartAt": deep}}), "t.json")
    assert source.document == {"StartAt": deep}
    assert source.locate("/StartAt").line > 0


@given(odd_properties, odd_values)
def test_a_template_of_odd_shape_is_read_or_refused(properties: dict[str, Any], other: Any) -> None:
    is_read_or_refused(template(properties, Parameters={"a": other}, Mappings=other), "t.json")


@given(odd_values)
def test_any_file_of_odd_shape_is_read_or_refused(value: Any) -> None:
    is_read_or_refused(json.dumps({"stepFunctions": {"stateMachines": {"a": {"definition": value}}}}), "t.json")
    is_read_or_refused(json.dumps({"stepFunctions": value, "functions": value}), "t.json")
    module = {"resources": [{"type": "aws_sfn_state_machine", "values": value}, value], "child_modules": value}
    is_read_or_refused(json.dumps({"format_version": "1", "values": {"root_module": module}}), "t.json")
    is_read_or_refused(json.dumps({"Resources": value}), "t.json")
