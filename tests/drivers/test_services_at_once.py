"""Services, nested machines, policies and storage on the drivers of tasks that run at once: threads and asyncio."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from asl_engine import AwsServices, Execution, RealClock, StateMachine, TaskError, UnservedTaskError
from tests.build import chain

boto3 = pytest.importorskip("boto3")
moto = pytest.importorskip("moto")

Run = Callable[..., Execution]


def on_threads(machine: StateMachine, input: Any = None, **given: Any) -> Execution:
    return machine.run(input, executor=8, **given)


def on_asyncio(machine: StateMachine, input: Any = None, **given: Any) -> Execution:
    return asyncio.run(machine.arun(input, **given))


def on_threads_for_real(machine: StateMachine, input: Any = None, **given: Any) -> Execution:
    return machine.run(input, executor=8, clock=RealClock(), **given)


DRIVERS = pytest.mark.parametrize("run", [on_threads, on_threads_for_real, on_asyncio])


@pytest.fixture
def aws() -> Iterator[AwsServices]:
    with moto.mock_aws():
        yield AwsServices(client=lambda name: boto3.client(name, region_name="us-east-1"))


def service(resource: str, **parameters: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": parameters}


def each(task: dict[str, Any]) -> StateMachine:
    return StateMachine.from_json(chain(Each={"Type": "Map", "ItemProcessor": chain(Do=task), "ItemsPath": "$.items"}))


@DRIVERS
def test_a_service_is_called_by_the_workers(run: Run, aws: AwsServices) -> None:
    table = boto3.client("dynamodb", region_name="us-east-1")
    table.create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    put = service("dynamodb:putItem", TableName="orders", Item={"id": {"S.$": "$"}})
    execution = run(each(put), {"items": ["a", "b", "c", "d"]}, aws=aws)
    assert execution.status == "SUCCEEDED"
    assert sorted(item["id"]["S"] for item in table.scan(TableName="orders")["Items"]) == ["a", "b", "c", "d"]


@DRIVERS
def test_what_a_service_refuses_is_the_tasks_error(run: Run, aws: AwsServices) -> None:
    get = service("dynamodb:getItem", TableName="nowhere", Key={"id": {"S": "1"}})
    execution = run(StateMachine.from_json(chain(Get=get)), aws=aws)
    assert (execution.status, execution.error) == ("FAILED", "DynamoDB.ResourceNotFoundException")


@DRIVERS
def test_a_parameter_that_a_service_has_not_starts_no_task(run: Run, aws: AwsServices) -> None:
    machine = StateMachine.from_json(chain(Send=service("sqs:sendMessage", Colour="red")))
    execution = run(machine, aws=aws)
    assert execution.error == "States.Runtime"
    assert [event["type"] for event in execution.history] == ["ExecutionStarted", "TaskStateEntered", "ExecutionFailed"]


@DRIVERS
def test_a_callable_wins_over_a_service(run: Run, aws: AwsServices) -> None:
    send = service("sqs:sendMessage", QueueUrl="none", MessageBody="x")
    machine = StateMachine.from_json(chain(Send=send, Get=service("aws-sdk:dynamodb:listTables")))
    with pytest.raises(UnservedTaskError):
        run(machine, tasks={"Send": lambda payload: "sent"})
    execution = run(machine, tasks={"Send": lambda payload: "sent"}, aws=aws)
    assert execution.state("Send").output == "sent"


@DRIVERS
def test_a_policy_refuses_before_anything_is_called(run: Run) -> None:
    called: list[Any] = []
    function = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:pay"}
    allowed = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": "*:function:other"}
    policy = {"Version": "2012-10-17", "Statement": [allowed]}
    execution = run(StateMachine.from_json(chain(Pay=function)), tasks={"pay": called.append}, policy=policy)
    assert (execution.error, called) == ("States.Permissions", [])


@DRIVERS
def test_nested_machines_run_on_the_workers_and_all_at_once(run: Run) -> None:
    together = threading.Barrier(3, timeout=20)

    def meet(payload: Any) -> Any:
        together.wait()
        return payload * 10

    function = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:meet"}
    child = StateMachine.from_json(chain(Meet=function))
    arn = "arn:aws:states:us-east-1:123456789012:stateMachine:child"
    start = service("states:startExecution.sync:2", StateMachineArn=arn, **{"Input.$": "$"})
    execution = run(each(start), {"items": [1, 2, 3]}, tasks={"meet": meet}, machines={arn: child})
    assert [one["Output"] for one in execution.output] == [10, 20, 30]


@DRIVERS
def test_a_nested_machine_answers_the_token_of_the_task_that_started_it(run: Run) -> None:
    arn = "arn:aws:states:us-east-1:123456789012:stateMachine:child"
    answer = service("aws-sdk:sfn:sendTaskSuccess", **{"TaskToken.$": "$.token", "Output": '{"ok":true}'})
    start = service("states:startExecution.waitForTaskToken", StateMachineArn=arn, Input={"token.$": "$$.Task.Token"})
    execution = run(each(start), {"items": [1, 2, 3]}, machines={arn: StateMachine.from_json(chain(Send=answer))})
    assert execution.output == [{"ok": True}] * 3
    assert [event["type"] for event in execution.history].count("TaskSubmitted") == 3


@DRIVERS
def test_a_failed_nested_machine_fails_its_task(run: Run) -> None:
    child = StateMachine.from_json(chain(Stop={"Type": "Fail", "Error": "Broken", "Cause": "why"}))
    start = service("states:startExecution.sync:2", StateMachineArn="child", Input={})
    execution = run(StateMachine.from_json(chain(Start=start)), machines={"child": child})
    assert execution.error == "States.TaskFailed"


def over_rows(**fields: Any) -> StateMachine:
    state = {
        "Type": "Map",
        "ItemReader": {
            "Resource": "arn:aws:states:::s3:getObject",
            "Parameters": {"Bucket": "in", "Key": "rows.jsonl"},
            "ReaderConfig": {"InputType": "JSONL"},
        },
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            **chain(Do={"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:do"}),
        },
        "ResultWriter": {
            "Resource": "arn:aws:states:::s3:putObject",
            "Parameters": {"Bucket": "out", "Prefix": "jobs"},
            "WriterConfig": {"Transformation": "COMPACT", "OutputType": "JSON"},
        },
        **fields,
    }
    return StateMachine.from_json(chain(Rows=state))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "in" / "rows.jsonl").write_text("".join(f'{{"n": {n}}}\n' for n in range(20)))
    return tmp_path


@DRIVERS
def test_a_distributed_map_reads_works_at_once_and_writes(run: Run, folder: Path) -> None:
    together = threading.Barrier(5, timeout=20)

    def do(row: Any) -> Any:
        together.wait()
        return row["n"]

    told: list[int] = []
    execution = run(
        over_rows(MaxConcurrency=5),
        tasks={"do": do},
        storage=folder,
        progress=lambda map_run: told.append(map_run.execution_counts.succeeded),
    )
    where = execution.output["ResultWriterDetails"]
    manifest = json.loads((folder / where["Bucket"] / where["Key"]).read_text())
    [file] = manifest["ResultFiles"]["SUCCEEDED"]
    assert sorted(json.loads((folder / "out" / file["Key"]).read_text())) == list(range(20))
    assert max(told) == 20


@DRIVERS
def test_a_map_run_that_fails_leaves_nothing_half_written(run: Run, folder: Path) -> None:
    def do(row: Any) -> Any:
        if row["n"] == 3:
            raise TaskError("Broken", "")
        return row["n"]

    execution = run(over_rows(MaxConcurrency=1), tasks={"do": do}, storage=folder)
    assert execution.error == "States.ExceedToleratedFailureThreshold"
    assert [path.name for path in folder.rglob(".partial*")] == []


@DRIVERS
def test_a_file_that_is_not_there_fails_the_reader(run: Run, folder: Path) -> None:
    (folder / "in" / "rows.jsonl").unlink()
    execution = run(over_rows(), tasks={"do": len}, storage=folder)
    assert execution.error == "States.ItemReaderFailed"


@DRIVERS
def test_without_a_storage_it_is_refused_before_anything_runs(run: Run) -> None:
    with pytest.raises(UnservedTaskError, match="no storage was given"):
        run(over_rows(), tasks={"do": len})
