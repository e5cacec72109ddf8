"""Definitions in a serverless.yml and in what Terraform shows."""

from __future__ import annotations

import json
from textwrap import dedent

import pytest

from tests.definition.sources.written import fault, load, place, shown, span_at, unresolved

pytest.importorskip("ruamel.yaml")

SERVERLESS = dedent("""\
    service: shop
    provider: {name: aws}
    functions:
      pay-now: {handler: a.b}
    stepFunctions:
      stateMachines:
        orders:
          name: orders-${self:custom.${opt:stage}.name}
          type: EXPRESS
          definition:
            StartAt: A
            States:
              A:
                Type: Task
                Resource: !GetAtt PayDashnowLambdaFunction.Arn
                Comment: ${self:custom.${opt:stage}.word} in ${aws:region}
                Tpo: 1
                End: true
        refunds:
          definition: ${file(machines/refunds.yml)}
        parts:
          definition: ${file(machines/all.json):inner.parts}
    resources:
      Resources:
        Table: {Type: AWS::DynamoDB::Table}
    """)
OTHERS = {
    "machines/refunds.yml": "StartAt: B\nStates:\n  B:\n    Type: Pass\n    Tpo: !Ref Table\n",
    "machines/all.json": '{"inner":\n {"parts": {"StartAt": "C", "States": {"C": {"Tpo": 1}}}}}',
}


def test_the_machines_of_a_serverless_file_are_found_in_order() -> None:
    sources = load(SERVERLESS, "serverless.yml", OTHERS)
    assert [(source.name, source.type, source.file) for source in sources] == [
        ("orders", "EXPRESS", "serverless.yml"),
        ("refunds", None, "serverless.yml"),
        ("parts", None, "serverless.yml"),
    ]


def test_a_definition_in_a_serverless_file_is_located_there() -> None:
    orders = load(SERVERLESS, "serverless.yml", OTHERS)[0]
    state = orders.document["States"]["A"]
    assert state["Resource"] == "arn:aws:lambda:us-east-1:123456789012:function:PayDashnowLambdaFunction"
    assert state["Comment"] == "self_custom_opt_stage_word in us-east-1"
    assert len(unresolved(orders)) == 1
    assert span_at(orders, "/States/A/Tpo") == place(SERVERLESS, "Tpo: 1")


def test_a_variable_of_serverless_may_be_given() -> None:
    given = {"self:custom.${opt:stage}.word": "hello"}
    orders = load(SERVERLESS, "serverless.yml", OTHERS, substitutions=given)[0]
    assert orders.document["States"]["A"]["Comment"] == "hello in us-east-1"


def test_a_definition_in_a_file_that_serverless_names_is_located_there() -> None:
    _, refunds, parts = load(SERVERLESS, "serverless.yml", OTHERS)
    assert refunds.document["States"]["B"]["Tpo"] == "Table"
    assert refunds.locate("/States/B/Tpo")[:3] == ("machines/refunds.yml", 5, 5)
    text = OTHERS["machines/all.json"]
    assert parts.locate("/States/C/Tpo")[:3] == ("machines/all.json", *place(text, '"Tpo"'))


def test_a_definition_as_text_in_a_serverless_file_is_located_there() -> None:
    text = (
        'stepFunctions:\n  stateMachines:\n    a:\n      definition: |\n        {"StartAt": "A",\n         "Tpo": 1}\n'
    )
    (source,) = load(text, "serverless.yml")
    assert span_at(source, "/Tpo") == (6, 10)


@pytest.mark.parametrize(
    "machine, code",
    [
        ("{name: x}", "NO_STATE_MACHINE"),
        ("1", "NO_STATE_MACHINE"),
        ("{definition: '${file(gone.yml)}'}", "UNREADABLE_DEFINITION"),
        ("{definition: '${self:custom.x}'}", "UNSUPPORTED_SOURCE"),
        ("{definition: '${file(s3://b/k)}'}", "UNSUPPORTED_SOURCE"),
    ],
)
def test_a_serverless_machine_without_a_definition_is_told_where_it_stands(machine: str, code: str) -> None:
    found = fault(f"stepFunctions:\n  stateMachines:\n    a: {machine}\n", "serverless.yml")
    assert (found.code, found.line) == (code, 3)


def shows(definition: str | None, root: str = "planned_values") -> str:
    """What `terraform show -json` writes, with a machine in the root and one in a module of a module."""

    def resource(name: str) -> dict[str, object]:
        values = {"name": f"my-{name}", "type": "EXPRESS", "definition": definition}
        return {
            "address": f"m.{name}",
            "mode": "managed",
            "type": "aws_sfn_state_machine",
            "name": name,
            "values": values,
        }

    modules = [{"child_modules": [{"resources": [resource("inner")]}]}]
    bucket = {"type": "aws_s3_bucket", "mode": "managed", "values": {}}
    return json.dumps(
        {
            "format_version": "1.2",
            root: {"root_module": {"resources": [bucket, resource("outer")], "child_modules": modules}},
        }
    )


@pytest.mark.parametrize("root", ["planned_values", "values"])
def test_the_machines_of_all_terraform_modules_are_found(root: str) -> None:
    sources = load(shows('{"StartAt": "A"}', root), "plan.json")
    assert [(source.name, source.type) for source in sources] == [("my-outer", "EXPRESS"), ("my-inner", "EXPRESS")]
    assert sources[0].document == {"StartAt": "A"}


def test_a_definition_in_terraform_is_located_inside_its_escapes() -> None:
    text = shows('{\n  "StartAt": "A",\n  "Tpo": "é\\n"\n}')
    outer, _ = load(text, "plan.json")
    span = outer.locate("/Tpo")
    assert shown(text, span) == json.dumps('"Tpo": "é\\n"')[1:-1]
    assert span.column - 1 == text.index('\\"Tpo')


def test_a_definition_that_terraform_does_not_know_yet_is_refused_by_name() -> None:
    found = fault(shows(None), "plan.json")
    assert (found.code, found.message) == ("UNSUPPORTED_SOURCE", "the definition of m.outer is known only after apply")
