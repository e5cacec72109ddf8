"""Activities: named queues of tasks that workers poll, and the answers that workers send.

API reference: CreateActivity, DescribeActivity, DeleteActivity, ListActivities, GetActivityTask, SendTask...; the texts
of errors are recorded ones. The one rule: the store keeps no task of its own; what is open is asked of the executions,
so that a time-out or a cancelled branch needs no care here.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from functools import partial

from asl_engine.drivers.clock import VIRTUAL_START
from asl_engine.errors import ActivityDoesNotExist, ApiError, InvalidArn, InvalidName
from asl_engine.execution.callbacks import is_known, take, unknown_token
from asl_engine.execution.commands import InvokeTask
from asl_engine.execution.context import ACCOUNT, REGION
from asl_engine.execution.execution import RUNNING, Execution
from asl_engine.jsonvalue import Json, copy
from asl_engine.timestamp import format_timestamp

MAX_NAME = 80
NOT_IN_NAMES = frozenset('<>{}[]?*"#%\\^|~`$&,;:/')
"""Nor whitespace and control characters: API reference, CreateActivity."""

_ARN = re.compile(r"arn:[\w-]+:states:[^:]*:[^:]*:activity:[^:]+")


class Activities:
    """A store of activities. Executions run with `activities=store` see its activities and no others.

    Its calls are named as the API's actions; a call that AWS refuses raises the error of AWS's name. Two executions
    that run at the same time need different seeds, as their tokens come from them.
    """

    def __init__(self, *, region: str = REGION, account: str = ACCOUNT, now: int = VIRTUAL_START) -> None:
        self._prefix = f"arn:aws:states:{region}:{account}:activity:"
        self._now = now
        self._created: dict[str, dict[str, Json]] = {}
        self._queues: dict[str, deque[tuple[Execution, InvokeTask]]] = {}
        self._lock = threading.Lock()
        self._executions: list[Execution] = []

    # --- the activities -----------------------------------------------------------------------------------------------

    def create_activity(self, name: str) -> str:
        """The ARN of an activity of this name, new or not. Raises InvalidName."""
        if not is_name(name):
            raise InvalidName(f"Invalid Name: '{name}'")
        return self.add(self._prefix + name)

    def add(self, arn: str) -> str:
        """Takes an activity by its ARN, of whatever region and account. Raises InvalidArn."""
        _check_arn(arn)
        name = arn.rpartition(":")[2]
        created = {"activityArn": arn, "creationDate": format_timestamp(self._now), "name": name}
        self._created.setdefault(arn, dict(created))
        return arn

    def describe_activity(self, arn: str) -> dict[str, Json]:
        """ARN, name and date of creation. Raises InvalidArn and ActivityDoesNotExist."""
        return {**self._existing(arn), "encryptionConfiguration": {"type": "AWS_OWNED_KEY"}}

    def delete_activity(self, arn: str) -> None:
        """Deletes an activity; one that is not there is no error. Tasks that it holds go on waiting. Raises
        InvalidArn."""
        _check_arn(arn)
        self._created.pop(arn, None)

    def list_activities(self) -> list[dict[str, Json]]:
        """All activities, in the order in which they were created."""
        return [dict(created) for created in self._created.values()]

    def exists(self, arn: str) -> bool:
        """Whether there is an activity of this ARN."""
        return arn in self._created

    # --- workers ------------------------------------------------------------------------------------------------------

    def get_activity_task(self, arn: str, worker_name: str | None = None) -> dict[str, Json] | None:
        """The oldest task that waits for a worker: {"taskToken", "input"}, input a JSON value; None where none does.

        Its time-out and heartbeat count from now. Raises InvalidArn and ActivityDoesNotExist.
        """
        self._existing(arn)
        while (offered := self._next_offer(arn)) is not None:
            execution, task = offered
            token = task.task_token
            if execution.is_awaited(task.ticket) and execution.driver is not None and token is not None:
                execution.driver.answer(execution, partial(take, execution, token, worker_name))
                return {"taskToken": token, "input": copy(task.payload)}
        return None

    def send_task_success(self, token: str, output: Json) -> None:
        """Ends the task of a token, in whichever execution it is. Raises what `Execution.send_task_success` does."""
        self._execution_of(token).send_task_success(token, output)

    def send_task_failure(self, token: str, error: str | None = None, cause: str | None = None) -> None:
        """Fails the task of a token."""
        self._execution_of(token).send_task_failure(token, error, cause)

    def send_task_heartbeat(self, token: str) -> None:
        """Says that the task of a token is alive."""
        self._execution_of(token).send_task_heartbeat(token)

    # --- for drivers --------------------------------------------------------------------------------------------------

    def attend(self, execution: Execution) -> None:
        """Takes an execution whose tasks workers of this store may answer."""
        self._executions.append(execution)

    def offer(self, task: InvokeTask, execution: Execution) -> None:
        """Puts an activity's task into its queue."""
        with self._lock:
            self._queues.setdefault(task.resource.text, deque()).append((execution, task))

    def _next_offer(self, arn: str) -> tuple[Execution, InvokeTask] | None:
        with self._lock:  # workers poll from threads of their own
            queue = self._queues.get(arn)
            return queue.popleft() if queue else None

    def _existing(self, arn: str) -> dict[str, Json]:
        _check_arn(arn)
        if arn not in self._created:
            raise ActivityDoesNotExist(f"Activity Does Not Exist: '{arn}'")
        return self._created[arn]

    def _execution_of(self, token: str) -> Execution:
        """The execution that gave a token out, the youngest first; a running one before those that have ended."""
        found = [execution for execution in reversed(self._executions) if is_known(execution, token)]
        running = [execution for execution in found if execution.status == RUNNING]
        if len(running) > 1:
            raise ApiError(f"{len(running)} running executions gave out the token {token!r}: give each its own seed")
        if not found:
            raise unknown_token(token)
        return (running or found)[0]


def is_name(name: object) -> bool:
    """Whether something may be the name of an activity or an execution."""
    return (
        isinstance(name, str)
        and 1 <= len(name) <= MAX_NAME
        and not any(letter in NOT_IN_NAMES or letter.isspace() or _is_control(letter) for letter in name)
    )


def _is_control(letter: str) -> bool:
    return letter < " " or "\x7f" <= letter <= "\x9f"


def _check_arn(arn: object) -> None:
    if not isinstance(arn, str) or not arn.startswith("arn:"):
        raise InvalidArn(f"Invalid Arn: 'Invalid ARN prefix: {arn}'")
    if not _ARN.fullmatch(arn):
        raise InvalidArn(f"Invalid Arn: 'Resource type not valid in this context: {arn}'")
