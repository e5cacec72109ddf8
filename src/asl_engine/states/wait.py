"""Wait: specification "Wait State". One of Seconds, SecondsPath, Timestamp, TimestampPath; error texts as recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from asl_engine.definition.described import described, one_required
from asl_engine.definition.fields import (
    JSONPATH,
    MAX_SECONDS,
    Place,
    asl,
    expression_or,
    path,
    timestamp,
    whole_number,
)
from asl_engine.errors import RUNTIME, QueryEvaluationError, StatesError
from asl_engine.jsonvalue import Json, dumps
from asl_engine.query.language import IDENTITY, QueryLanguage
from asl_engine.query.scope import Expr, Scope
from asl_engine.records import record
from asl_engine.states.common import INPUT_OUTPUT, TRANSITION, State, exactly_one
from asl_engine.states.leaving import finish_of
from asl_engine.states.moves import Move, WaitUntil
from asl_engine.states.program import Step
from asl_engine.timestamp import parse_timestamp

ISO_FORM = "ISO-8601 extended offset date-time format string"


@record(frozen=True, slots=True, kw_only=True)
class Wait(State):
    """A state that delays its machine."""

    takes: ClassVar[frozenset[str]] = INPUT_OUTPUT | TRANSITION | {"Assign"}

    seconds: int | str | None = asl("Seconds", expression_or(whole_number(0, MAX_SECONDS)))
    seconds_path: str | None = asl("SecondsPath", path, languages=[JSONPATH])
    timestamp: str | None = asl("Timestamp", expression_or(timestamp))
    timestamp_path: str | None = asl("TimestampPath", path, languages=[JSONPATH])


_MOMENTS = ("Seconds", "SecondsPath", "Timestamp", "TimestampPath")


@described(one_required(*_MOMENTS))
def check_wait(value: dict[str, Json], place: Place) -> None:
    """The rules between a Wait state's fields."""
    exactly_one(value, place, *_MOMENTS)


def compile_wait(state: Wait, language: QueryLanguage, steps: dict[str, Step], step: Step) -> None:
    """Binds the step."""
    selected = language.selected(state)
    expr = selected.expr if selected else None
    until = _compile_until(state, language)

    def behaviour(scope: Scope) -> Move:
        document = expr(scope.input, scope) if expr else scope.input
        return WaitUntil(until(document, scope), document)

    step.behaviour = behaviour
    step.finish, after = finish_of(state, language, steps)
    step.growth = after.growth if after else IDENTITY


def _compile_until(state: Wait, language: QueryLanguage) -> Callable[[Json, Scope], int]:
    seconds = language.value("Seconds", state.seconds, state.seconds_path)
    if seconds is not None:
        duration = _reader(seconds, state.seconds_path, "Seconds", _seconds)
        return lambda document, scope: scope.now + 1000 * duration(document, scope)
    moment = language.value("Timestamp", state.timestamp, state.timestamp_path)
    assert moment is not None  # check_wait
    return _reader(moment, state.timestamp_path, "Timestamp", _moment)


def _reader(
    expr: Expr, path: str | None, field: str, parse: Callable[[Json, str | None, str], int]
) -> Callable[[Json, Scope], int]:
    def read(document: Json, scope: Scope) -> int:
        try:
            value = expr(document, scope)
        except StatesError as error:
            if path is None:
                raise
            message = f"The {field}Path parameter does not reference an input value: {path}"
            raise StatesError(error.error, message) from None
        return parse(value, path, field)

    return read


def _seconds(value: Json, path: str | None, field: str) -> int:
    number = whole(value, written=path is not None)
    if number is None:
        raise _unusable(path, field, "cannot be parsed as a long value", value)
    if number < 0:
        raise _unusable(path, field, "references a negative value", value)
    if number > MAX_SECONDS:
        raise _unusable(path, field, f"references a value greater than {MAX_SECONDS}", value)
    return number


def whole(value: Json, *, written: bool = True) -> int | None:
    """An integer, or the text of one, as AWS takes them where a path selects a number; else None.

    What is not `written` but computed by JSONata, where 1.0 and 1 are the same, may be an integer in a double too.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if not written and value.is_integer() else None
    text = value if isinstance(value, str) else ""
    return int(text) if len(text) < 20 and text.removeprefix("-").isdecimal() and text.isascii() else None


def _moment(value: Json, path: str | None, field: str) -> int:
    moment = parse_timestamp(value) if isinstance(value, str) else None
    if moment is None and path is None:
        message = f"The {field} field cannot be parsed as an {ISO_FORM}: {_text(value)}"
        raise QueryEvaluationError(message, field, on_entry=False)
    if moment is None:
        raise _unusable(path, field, f"does not reference a valid {ISO_FORM}", value)
    return moment


def _unusable(path: str | None, field: str, reason: str, value: Json) -> StatesError:
    if path is None:
        return QueryEvaluationError(f"The {field} parameter {reason}: {_text(value)}", field, on_entry=False)
    return StatesError(RUNTIME, f"The {field}Path parameter {reason}: {path} == {_text(value)}")


def _text(value: Json) -> str:
    return value if isinstance(value, str) else dumps(value)
