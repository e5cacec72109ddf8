"""Which requests may carry a mock, which must, and what a mocked result must be.

Developer guide, "Mocking service integrations" and "Testing Map and Parallel states"; texts as recorded where they are
known. The rule that keeps it whole: everything here is known before the state runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

from asl_engine.definition.graph import every_state
from asl_engine.errors import InvalidDefinition, ValidationException
from asl_engine.jsonvalue import Json
from asl_engine.states.common import State
from asl_engine.states.map import Map
from asl_engine.states.parallel import Parallel
from asl_engine.states.resource import ACTIVITY, parse_resource
from asl_engine.states.task import Task
from asl_engine.testing.api_shapes import shape_faults
from asl_engine.testing.state_test.request import Configuration, Mock, Request

MOCKABLE = ("Task", "Map", "Parallel")


def check_mocking(request: Request, state: State, *, served: bool) -> None:
    """The rules between a request and the type of its state. `served`: something does tasks here, so that an unmocked
    one needs no role. Raises ApiError."""
    if request.mock is None:
        _check_unmocked(request, state, served)
    else:
        _check_mocked(request, request.mock, state)
    _check_configuration(request.configuration, state)


def _check_unmocked(request: Request, state: State, served: bool) -> None:
    if isinstance(state, (Map, Parallel)):
        raise InvalidDefinition(
            "TestState API does not support Map or Parallel states. Supported state types include: "
            "[Task, Wait, Pass, Succeed, Fail, Choice]"
        )
    if request.has_context:
        _refuse("A Context object can only be specified when a mock is specified")
    if isinstance(state, Task):
        resource = parse_resource(state.resource)
        if resource.pattern or resource.kind == ACTIVITY:
            what = "Activity tasks" if resource.kind == ACTIVITY else f"the {resource.pattern} integration pattern"
            _refuse(f"TestState does not support {what} when no mock is specified")
        if request.role is None and not served:
            _refuse("RoleArn must be specified when testing a Task state")


def _check_mocked(request: Request, mock: Mock, state: State) -> None:
    if state.type not in MOCKABLE:
        _refuse(f"State type '{state.type}' is not supported when a mock is specified")
    if request.reveal_secrets:
        _refuse("TestState does not support RevealSecrets when a mock is specified.")
    if not mock.failed:
        _CHECK_RESULT[state.type](state, mock)


def _check_task_result(state: State, mock: Mock) -> None:
    assert isinstance(state, Task)
    resource = parse_resource(state.resource)
    if resource.service is not None and resource.action is not None:
        service, action = resource.service, resource.action
        for fault in shape_faults(service, action, mock.result, mock.mode, pattern=resource.pattern, answer=True):
            _refuse(f"Mock result schema validation error: {fault}")


def _check_map_result(state: State, mock: Mock) -> None:
    """A Map that writes its results gives an object that says where."""
    assert isinstance(state, Map)
    writes = state.result_writer is not None and state.result_writer.resource is not None
    if not writes:
        _check_array(mock.result)
    elif not isinstance(mock.result, dict):
        _refuse("Mocked result must be a JSON object.")


def _check_parallel_result(state: State, mock: Mock) -> None:
    assert isinstance(state, Parallel)
    _check_array(mock.result)
    if len(mock.result) != len(state.branches):
        told = f"{len(mock.result)} elements for {len(state.branches)} branches"
        _refuse(f"Mocked result must be an array with one element for each branch, not {told}.")


def _check_array(result: Json) -> None:
    if not isinstance(result, list):
        _refuse("Mocked result must be an array.")


_CHECK_RESULT = {"Task": _check_task_result, "Map": _check_map_result, "Parallel": _check_parallel_result}


def _check_configuration(configuration: Configuration, state: State) -> None:
    """What a request says of a Map or its iterations must be about one that it has."""
    if configuration.failures is not None and not isinstance(state, Map):
        _refuse(f"mapIterationFailureCount is not supported for state type '{state.type}'")
    if configuration.reader_data is not None and not (isinstance(state, Map) and state.item_reader):
        _refuse("mapItemReaderData is only supported for a Map state with an ItemReader")
    if configuration.caused_by is not None and configuration.caused_by not in _names_below(state):
        _refuse(f"errorCausedByState '{configuration.caused_by}' is not a state of the tested Map or Parallel state")


def _names_below(state: State) -> Iterator[str]:
    return (below.name for machine in state.machines() for below in every_state(machine))


def _refuse(message: str) -> NoReturn:
    raise ValidationException(message)
