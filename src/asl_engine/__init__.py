"""AWS Step Functions in your Python process: Amazon States Language with plain callables, in virtual time.

The public names, loaded when first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from asl_engine.drivers.clock import RealClock, VirtualClock
    from asl_engine.drivers.handlers import PENDING, IntegrationResult, TaskContext, Worker
    from asl_engine.errors import (
        ActivityDoesNotExist,
        ApiError,
        AslError,
        DefinitionError,
        Diagnostic,
        ExecutionFailed,
        InputError,
        InvalidArn,
        InvalidDefinition,
        InvalidExecutionInput,
        InvalidName,
        InvalidOutput,
        InvalidToken,
        JournalError,
        ParamValidationError,
        StatesError,
        TaskDoesNotExist,
        TaskError,
        TaskTimedOut,
        UnservedTaskError,
        ValidationException,
    )
    from asl_engine.execution.callbacks import PendingTask
    from asl_engine.execution.execution import Execution, TransitionLimitError
    from asl_engine.execution.travel import Moment
    from asl_engine.integrations.activities import Activities
    from asl_engine.integrations.permissions import Policy, PolicyError
    from asl_engine.integrations.services.aws import AwsServices
    from asl_engine.integrations.services.catalogue import Services
    from asl_engine.integrations.services.http import ApiKey, Basic, Connection, HttpServices, OAuth
    from asl_engine.machine import StateMachine, validate, validate_file
    from asl_engine.testing.state_test.run import test_state

_HOMES = {
    "asl_engine.machine": ("StateMachine", "validate", "validate_file"),
    "asl_engine.execution.execution": ("Execution", "TransitionLimitError"),
    "asl_engine.execution.travel": ("Moment",),
    "asl_engine.drivers.clock": ("RealClock", "VirtualClock"),
    "asl_engine.drivers.handlers": ("PENDING", "IntegrationResult", "TaskContext", "Worker"),
    "asl_engine.execution.callbacks": ("PendingTask",),
    "asl_engine.integrations.activities": ("Activities",),
    "asl_engine.integrations.permissions": ("Policy", "PolicyError"),
    "asl_engine.integrations.services.aws": ("AwsServices",),
    "asl_engine.integrations.services.catalogue": ("Services",),
    "asl_engine.integrations.services.http": ("ApiKey", "Basic", "Connection", "HttpServices", "OAuth"),
    "asl_engine.errors": (
        "ActivityDoesNotExist",
        "ApiError",
        "AslError",
        "DefinitionError",
        "Diagnostic",
        "ExecutionFailed",
        "InputError",
        "InvalidArn",
        "InvalidDefinition",
        "InvalidExecutionInput",
        "InvalidName",
        "InvalidOutput",
        "InvalidToken",
        "JournalError",
        "ParamValidationError",
        "StatesError",
        "TaskDoesNotExist",
        "TaskError",
        "TaskTimedOut",
        "UnservedTaskError",
        "ValidationException",
    ),
    "asl_engine.testing.state_test.run": ("test_state",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "PENDING",
    "Activities",
    "ActivityDoesNotExist",
    "ApiError",
    "ApiKey",
    "AslError",
    "AwsServices",
    "Basic",
    "Connection",
    "DefinitionError",
    "Diagnostic",
    "Execution",
    "ExecutionFailed",
    "HttpServices",
    "InputError",
    "IntegrationResult",
    "InvalidArn",
    "InvalidDefinition",
    "InvalidExecutionInput",
    "InvalidName",
    "InvalidOutput",
    "InvalidToken",
    "JournalError",
    "Moment",
    "OAuth",
    "ParamValidationError",
    "PendingTask",
    "Policy",
    "PolicyError",
    "RealClock",
    "Services",
    "StateMachine",
    "StatesError",
    "TaskContext",
    "TaskDoesNotExist",
    "TaskError",
    "TaskTimedOut",
    "TransitionLimitError",
    "UnservedTaskError",
    "ValidationException",
    "VirtualClock",
    "Worker",
    "test_state",
    "validate",
    "validate_file",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'asl_engine' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value
