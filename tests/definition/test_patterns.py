"""The integration patterns that services have, and the refusal of those that they have not."""

from __future__ import annotations

import pytest

from asl_engine import DefinitionError, StateMachine, validate
from asl_engine.definition.patterns import PATTERNS


def machine(resource: str, type: str = "STANDARD") -> StateMachine:
    state = {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "End": True}
    return StateMachine.from_json({"StartAt": "S", "States": {"S": state}}, type=type)


@pytest.mark.parametrize("service", sorted(PATTERNS))
@pytest.mark.parametrize("pattern", ["sync", "sync:2", "waitForTaskToken"])
def test_a_service_has_the_patterns_of_the_table_and_no_others(service: str, pattern: str) -> None:
    resource = f"{service}:act.{pattern}"
    if pattern in PATTERNS[service]:
        assert machine(resource)
        return
    with pytest.raises(DefinitionError) as refused:
        machine(resource)
    (told,) = refused.value.diagnostics
    assert (told.code, told.pointer) == ("SCHEMA_VALIDATION_FAILED", "/States/S/Resource")
    assert told.message.startswith(f"The resource provided arn:aws:states:::{resource} is not recognized.")


def test_an_sdk_action_may_wait_for_a_token() -> None:
    assert machine("aws-sdk:dynamodb:putItem.waitForTaskToken")


def test_an_sdk_action_is_no_job() -> None:
    with pytest.raises(DefinitionError, match="is not recognized"):
        machine("aws-sdk:glue:startJobRun.sync")


@pytest.mark.parametrize("resource", ["newservice:act.sync", "newservice:act.waitForTaskToken", "sqs:newAction"])
def test_what_aws_may_add_is_taken(resource: str) -> None:
    assert machine(resource)


def test_an_express_machine_is_refused_for_being_one() -> None:
    with pytest.raises(DefinitionError) as refused:
        machine("sqs:sendMessage.sync", type="EXPRESS")
    assert [told.message for told in refused.value.diagnostics] == [
        "Express state machine does not support '.sync' service integration"
    ]


@pytest.mark.parametrize(
    "resource",
    [
        "aws-sdk:sqs:SendMessage",
        "aws-sdk:SQS:sendMessage",
        "aws-sdk:cognito-idp:listUsers",
        "aws-sdk:sqs",
        "aws-sdk:sqs:send_message",
        "aws-sdk:sqs:sendMessage.later",
    ],
)
def test_an_sdk_action_that_is_not_well_formed_is_refused(resource: str) -> None:
    with pytest.raises(DefinitionError, match="is not recognized"):
        machine(resource)


@pytest.mark.parametrize("resource", ["sqs:sendMessage.later", "aws-sdk:sqs:SendMessage"])
def test_an_express_machine_is_held_to_names_and_patterns_too(resource: str) -> None:
    with pytest.raises(DefinitionError, match="is not recognized"):
        machine(resource, type="EXPRESS")


@pytest.mark.parametrize(
    ("type", "resource", "refused"),
    [
        ("EXPRESS", "sqs:sendMessage.waitForTaskToken", True),
        ("EXPRESS", "glue:startJobRun.sync", True),
        ("EXPRESS", "sqs:sendMessage", False),
        ("STANDARD", "sqs:sendMessage.waitForTaskToken", False),
    ],
)
def test_the_express_children_of_a_map_are_express_machines(type: str, resource: str, refused: bool) -> None:
    task = {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "End": True}
    config = {"Mode": "DISTRIBUTED", "ExecutionType": type}
    processor = {"ProcessorConfig": config, "StartAt": "T", "States": {"T": task}}
    definition = {"StartAt": "M", "States": {"M": {"Type": "Map", "ItemProcessor": processor, "End": True}}}
    found = [told for told in validate(definition) if told.severity == "ERROR"]
    assert [told.pointer for told in found] == (["/States/M/ItemProcessor/States/T/Resource"] if refused else [])
    assert all(told.message.startswith("Express state machine does not support") for told in found)
