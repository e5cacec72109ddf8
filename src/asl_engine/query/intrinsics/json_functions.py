"""Intrinsics for JSON. Developer guide, "Intrinsics for JSON data manipulation"."""

from __future__ import annotations

from asl_engine.jsonvalue import Json, JsonTextError, dumps, loads
from asl_engine.query.intrinsics.table import Refused, intrinsic, need_string, shown


@intrinsic("States.StringToJson", 1)
def string_to_json(text: Json) -> Json:
    """The value that a JSON text writes."""
    try:
        return loads(need_string(text))
    except JsonTextError as error:
        raise Refused(f"The argument must be JSON text: {error}, in {shown(text)}.") from None


@intrinsic("States.JsonToString", 1)
def json_to_string(value: Json) -> Json:
    """The compact JSON text of a value."""
    return dumps(value)


@intrinsic("States.JsonMerge", 3)
def json_merge(first: Json, second: Json, deep: Json) -> Json:
    """One object of two; of keys in both the second's value stays. Deep merging is in the specification, not in AWS."""
    for value, which in ((first, "first"), (second, "second")):
        if type(value) is not dict:
            raise Refused(f"The {which} argument must be an object, not {shown(value)}.")
    if deep is not False:
        raise Refused(f"The third argument must be false, the only mode Step Functions supports, not {shown(deep)}.")
    return {**first, **second}
