"""Whether what a mock gives could come from the service: held to botocore's model of the API that the Resource names.

The one rule: what can be known before a run is told before it; only a function's result has to wait for its call.
"""

from __future__ import annotations

from asl_engine.integrations.registry import TaskNeed
from asl_engine.jsonvalue import Json
from asl_engine.states.resource import Resource
from asl_engine.testing.answers import Returns
from asl_engine.testing.api_shapes import MODES, NONE, shape_faults
from asl_engine.testing.matching import shown
from asl_engine.testing.mock import Mock, MockError


def check_mode(mode: str) -> str:
    """A field validation mode, as TestState names them. Raises ValueError."""
    if mode not in MODES:
        raise ValueError(f"field_validation_mode must be one of {', '.join(MODES)}, not {mode!r}")
    return mode


def check_results(mock: Mock, need: TaskNeed, mode: str) -> None:
    """Raises MockError for a result that a mock has ready and the service would not give."""
    for answer in mock.every_answer:
        if isinstance(answer, Returns):
            check_result(mock, need.state_name, need.resource, answer.value, mode)


def check_result(mock: Mock, state_name: str, resource: Resource, value: Json, mode: str) -> None:
    """Raises MockError for a raw result that the service of a Resource would not give."""
    if mode == NONE or resource.service is None or resource.action is None:
        return
    try:
        import botocore  # noqa: F401
    except ImportError:
        said = f'field_validation_mode={mode!r} needs botocore: pip install "asl-engine[aws]"'
        raise MockError(said) from None
    faults = shape_faults(resource.service, resource.action, value, mode, pattern=resource.pattern)
    if faults:
        said = f"{mock.told} gives the state {state_name!r} what {resource.text} would not ({mode})"
        raise MockError(f"{said}: {'; '.join(faults)}; the result is {shown(value)}")
