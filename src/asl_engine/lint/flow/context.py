"""The shape of the context object: developer guide, "Accessing execution data from the Context object".

What only some states have (a retry count, a task token, a Map's item) may be there in those states, and is not there in
the others.
"""

from __future__ import annotations

from functools import cache

from asl_engine.lint.flow.shape import ANY_NUMBER, ANY_STRING, ANYTHING, Member, Shape, fields_of, object_of


@cache
def context_shape(*, token: bool, item: bool) -> Shape:
    """The context object of a state that may see a task token, or an item of a Map around it."""
    known = {
        "Execution": Member(_EXECUTION, True),
        "State": Member(_STATE, True),
        "StateMachine": Member(fields_of(Id=ANY_STRING, Name=ANY_STRING), True),
    }
    if token:
        known["Task"] = Member(fields_of(Token=ANY_STRING), True)
    if item:
        known["Map"] = Member(fields_of(Item=_ITEM), False)
    return object_of(known)


def _with_some(always: dict[str, Shape], sometimes: dict[str, Shape]) -> Shape:
    known = {name: Member(shape, True) for name, shape in always.items()}
    return object_of(known | {name: Member(shape, False) for name, shape in sometimes.items()})


_EXECUTION = _with_some(
    {"Id": ANY_STRING, "Input": ANYTHING, "Name": ANY_STRING, "StartTime": ANY_STRING},
    {"RoleArn": ANY_STRING, "RedriveCount": ANY_NUMBER, "RedriveTime": ANY_STRING},
)
_STATE = _with_some({"EnteredTime": ANY_STRING, "Name": ANY_STRING}, {"RetryCount": ANY_NUMBER})
_ITEM = _with_some({"Index": ANY_NUMBER, "Value": ANYTHING}, {"Key": ANY_STRING, "Source": ANY_STRING})
