"""What AWS checks in the parameters of an optimised integration before it schedules the task.

Recorded: a field whose value cannot be what the service takes there (a header that is no array) fails the state with
States.Runtime, and no task is scheduled. The rule that keeps it whole: a field is in the table only where AWS is known
to refuse it. Null is never refused: it goes to the service, which answers itself (recorded).
"""

from __future__ import annotations

from collections.abc import Callable

from asl_engine.errors import RUNTIME, StatesError
from asl_engine.jsonvalue import Json, dumps
from asl_engine.states.resource import Resource

Fits = Callable[[Json], bool]


def _maps_to_arrays(value: Json) -> bool:
    return isinstance(value, dict) and all(isinstance(held, list | None) for held in value.values())


PARAMETERS: dict[tuple[str, str], dict[str, Fits]] = {
    ("apigateway", "invoke"): {"Headers": _maps_to_arrays, "QueryParameters": _maps_to_arrays},
}
"""(service, action) -> field -> whether its value has a form that AWS takes."""


def parameter_check(resource: Resource) -> Callable[[Json], None] | None:
    """The check of a Resource's parameters, None where AWS is not known to make one. It raises StatesError."""
    if resource.service is None or resource.action is None:
        return None
    fields = PARAMETERS.get((resource.service, resource.action))
    if fields is None:
        return None

    def check(parameters: Json) -> None:
        given = parameters if isinstance(parameters, dict) else {}
        wrong = [name for name, fits in fields.items() if given.get(name) is not None and not fits(given[name])]
        if wrong:
            told = ", ".join(f"The value of the field '{name}' has an invalid format" for name in wrong)
            raise StatesError(
                RUNTIME, f"The Parameters '{dumps(parameters)}' could not be used to start the Task: [{told}]"
            )

    return check
