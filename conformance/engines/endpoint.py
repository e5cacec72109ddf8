"""An engine behind the Step Functions API, at any URL: `--engine endpoint:http://localhost:8083`.

Everything goes through boto3: CreateStateMachine, StartExecution, DescribeExecution until it is RUNNING no more,
GetExecutionHistory page by page. Credentials are made up: nothing here may reach AWS.
"""

from __future__ import annotations

import time
from contextlib import suppress
from itertools import count
from typing import Any

from .base import BROKEN, REFUSED, UNFINISHED, Asked, Engine, Ran

ROLE = "arn:aws:iam::123456789012:role/conformance"
REGION = "us-east-1"
POLL_SECONDS = 0.01


class ApiEngine:
    """Runs definitions through a boto3 client."""

    answers_tasks = False
    real_time = True

    def __init__(self, name: str, client: Any) -> None:
        self.name = name
        self._client = client
        self._numbers = count(1)

    def run(self, asked: Asked, seconds: float) -> Ran:
        from botocore.exceptions import BotoCoreError, ClientError

        name = f"conformance-{time.time_ns()}-{next(self._numbers)}"
        try:
            made = self._client.create_state_machine(
                name=name, definition=asked.definition, roleArn=ROLE, type=asked.type
            )
        except ClientError as error:
            return Ran(REFUSED, error=error.response["Error"]["Code"], cause=error.response["Error"]["Message"])
        except BotoCoreError as error:
            return Ran(BROKEN, error=type(error).__name__, cause=str(error))
        try:
            return self._execute(made["stateMachineArn"], asked.input, seconds)
        except (ClientError, BotoCoreError) as error:
            return Ran(BROKEN, error=type(error).__name__, cause=str(error))
        finally:
            with suppress(ClientError, BotoCoreError):  # an engine that cannot delete keeps its machines: no departure
                self._client.delete_state_machine(stateMachineArn=made["stateMachineArn"])

    def _execute(self, machine: str, input: str, seconds: float) -> Ran:
        execution = self._client.start_execution(stateMachineArn=machine, input=input)["executionArn"]
        until = time.monotonic() + seconds
        while True:
            found = self._client.describe_execution(executionArn=execution)
            if found["status"] != "RUNNING":
                break
            if time.monotonic() > until:
                self._client.stop_execution(executionArn=execution)
                return Ran(UNFINISHED)
            time.sleep(POLL_SECONDS)
        output, error, cause = (found.get(field) for field in ("output", "error", "cause"))
        return Ran(found["status"], output, error, cause, self._history(execution))

    def _history(self, execution: str) -> list[Any]:
        pages = self._client.get_paginator("get_execution_history").paginate(
            executionArn=execution, includeExecutionData=True
        )
        events = [event for page in pages for event in page["events"]]
        return [{**event, "timestamp": event["timestamp"].isoformat()} for event in events]

    def restart(self) -> bool:
        return False

    def close(self) -> None:
        self._client.close()


def client(url: str | None = None) -> Any:
    """A client with made-up credentials, that never asks twice."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        "stepfunctions",
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id="conformance",
        aws_secret_access_key="conformance",
        config=Config(retries={"max_attempts": 0}, inject_host_prefix=False, parameter_validation=False),
    )


def open_engine(argument: str) -> Engine:
    """Raises ValueError where no URL is given, and where nothing answers there."""
    if not argument.startswith(("http://", "https://")):
        raise ValueError(f"endpoint takes a URL, as in endpoint:http://localhost:8083, not {argument!r}")
    from botocore.exceptions import BotoCoreError, ClientError, ConnectionError

    asked = client(argument)
    try:
        asked.list_state_machines(maxResults=1)
    except ConnectionError as error:
        asked.close()
        raise ValueError(f"no engine answers there: {error}") from None
    except (BotoCoreError, ClientError):
        pass  # it answers; that it lists nothing is no departure, as nothing else asks for it
    return ApiEngine("endpoint", asked)
