"""Catch: specification "Fallback states". A catcher hands the Error Output on to its Next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from asl_engine.definition.described import Drafting, Schema, described
from asl_engine.definition.fields import (
    ABSENT,
    JSONATA,
    JSONPATH,
    Place,
    asl,
    assignments,
    filled_string,
    leaves,
    read_object,
    reference_path,
    show,
    string,
)
from asl_engine.jsonvalue import Json
from asl_engine.query.language import IDENTITY, Growth, QueryLanguage
from asl_engine.query.scope import Scope
from asl_engine.records import record
from asl_engine.states.failure import Failure, check_all_is_last, compile_matcher, error_equals
from asl_engine.states.moves import Next
from asl_engine.states.program import Step


@record(frozen=True, slots=True, kw_only=True)
class Catcher:
    """One item of a `Catch` list."""

    error_equals: tuple[str, ...] = asl("ErrorEquals", error_equals, default=(), required=True)
    next: str = asl("Next", filled_string, default="", required=True)
    result_path: str | None = asl("ResultPath", reference_path, default="$", languages=[JSONPATH])
    output: Json = asl("Output", leaves, default=ABSENT, languages=[JSONATA])
    assign: Json = asl("Assign", assignments)
    comment: str | None = asl("Comment", string)


def _draft_catch(drafting: Drafting) -> Schema:
    return {"type": "array", "items": drafting.of(_read_catcher)}


@described(_draft_catch)
def read_catch(value: Json, place: Place) -> tuple[Catcher, ...]:
    """Reads a `Catch` list."""
    if not isinstance(value, list):
        place.error(f"must be an array of catchers, not {show(value)}")
        return ()
    check_all_is_last(value, place)
    rows = (_read_catcher(item, place.at(index)) for index, item in enumerate(value))
    return tuple(Catcher(**row) for row in rows if row is not None)


@described(lambda drafting: drafting.fields(Catcher), "Catcher")
def _read_catcher(value: Json, place: Place) -> dict[str, Any] | None:
    read = read_object(Catcher, value, place)
    if read is not None and place.query_language == JSONATA:
        from asl_engine.definition.expressions import ERROR_SHOWN, check_template

        for name in ("Output", "Assign"):
            check_template(value.get(name), place.at(name), ERROR_SHOWN)
    return read


def catch_targets(catchers: Sequence[Catcher], pointer: str) -> Iterator[tuple[str, str]]:
    """The states that catchers lead to."""
    for index, catcher in enumerate(catchers):
        yield catcher.next, f"{pointer}/Catch/{index}/Next"


def catch_names(catchers: Sequence[Catcher], pointer: str) -> Iterator[tuple[str, str]]:
    """The variables that catchers assign, in the scope of their state."""
    for index, catcher in enumerate(catchers):
        for key in catcher.assign or ():
            yield key.removesuffix(".$"), f"{pointer}/Catch/{index}/Assign/{key}"


CatchPolicy = Callable[[Failure, Scope], tuple[Next, Growth] | None]
"""(failure, scope) -> the move to the fallback state and the growth of its output, None where no catcher matches."""


def compile_catch(catchers: Sequence[Catcher], language: QueryLanguage, steps: dict[str, Step]) -> CatchPolicy | None:
    """The policy of a `Catch` list; the first catcher that matches wins."""
    if not catchers:
        return None
    rows = [_compile_catcher(index, catcher, language, steps) for index, catcher in enumerate(catchers)]

    def policy(failure: Failure, scope: Scope) -> tuple[Next, Growth] | None:
        for matches, move in rows:
            if matches(failure):
                return move(failure.output(), scope)
        return None

    return policy


def _compile_catcher(
    index: int, catcher: Catcher, language: QueryLanguage, steps: dict[str, Step]
) -> tuple[Callable[[Failure], bool], Callable[[Json, Scope], tuple[Next, Growth]]]:
    following = steps[catcher.next]
    output = language.caught(catcher, index)
    assign = language.assign(catcher.assign, f"Catch[{index}]/Assign", False)
    growth = output.growth if output else IDENTITY

    def move(error_output: Json, scope: Scope) -> tuple[Next, Growth]:
        assigned = assign(error_output, scope) if assign else None
        left = output.expr(error_output, scope) if output else error_output
        return (left, following, assigned), growth

    return compile_matcher(catcher.error_equals), move
