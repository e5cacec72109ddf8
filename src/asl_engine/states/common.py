"""What all states share: the fields of "State Types" in the specification, and how a state is read and compiled.

`State` declares every field that more than one state type has; a type names those it takes in `takes`. All fields of
one type alone stand in its own file.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, ClassVar, TypeVar

from asl_engine.definition.described import Drafting, Schema, described, one_required
from asl_engine.definition.fields import (
    ABSENT,
    BOTH,
    JSONATA,
    JSONPATH,
    Place,
    any_json,
    asl,
    assignments,
    boolean,
    expression,
    filled_string,
    leaves,
    nullable_path,
    one_of,
    payload_template,
    read_object,
    reference_path,
    specs_of,
    string,
)
from asl_engine.definition.graph import Machine
from asl_engine.jsonvalue import Json
from asl_engine.records import record

ALWAYS = frozenset({"Type", "Comment", "QueryLanguage"})
TRANSITION = frozenset({"Next", "End"})
INPUT_OUTPUT = frozenset({"InputPath", "OutputPath", "Output"})
RESULT = frozenset({"Parameters", "ResultSelector", "ResultPath", "Arguments"})


@record(frozen=True, slots=True, kw_only=True)
class State:
    """One state as the definition says it. `next` is None where the state ends its machine."""

    takes: ClassVar[frozenset[str]] = ALWAYS

    name: str
    pointer: str
    type: str = asl("Type", any_json, default="")
    comment: str | None = asl("Comment", string)
    query_language: str = asl("QueryLanguage", one_of(*BOTH), default=JSONPATH)
    next: str | None = asl("Next", filled_string)
    end: bool | None = asl("End", boolean)
    input_path: str | None = asl("InputPath", nullable_path, default="$", languages=[JSONPATH])
    output_path: str | None = asl("OutputPath", nullable_path, default="$", languages=[JSONPATH])
    parameters: Json = asl("Parameters", payload_template, languages=[JSONPATH])
    result_selector: Json = asl("ResultSelector", payload_template, languages=[JSONPATH])
    result_path: str | None = asl("ResultPath", reference_path, default="$", languages=[JSONPATH])
    arguments: Json = asl("Arguments", expression, default=ABSENT, languages=[JSONATA])
    output: Json = asl("Output", leaves, default=ABSENT, languages=[JSONATA])
    assign: Json = asl("Assign", assignments)

    def targets(self) -> Iterator[tuple[str, str]]:
        """Every state that this one may go to, with the pointer that says so."""
        if self.next is not None:
            yield self.next, f"{self.pointer}/Next"

    def assigned_names(self) -> Iterator[tuple[str, str]]:
        """Every variable that this state may assign, with the pointer that says so."""
        for key in self.assign or ():
            yield key.removesuffix(".$"), f"{self.pointer}/Assign/{key}"

    def machines(self) -> Iterator[Machine]:
        """The machines nested in this state."""
        return iter(())


AnyState = TypeVar("AnyState", bound=State)


def read_state(cls: type[AnyState], name: str, value: dict[str, Json], place: Place) -> AnyState | None:
    """A state from its JSON object, with the checks that all types share."""
    hashable: Any = cls  # which mypy does not believe of a type variable's class
    read = read_object(cls, value, place, not_taken(hashable))
    if read is None:
        return None
    if cls.takes >= TRANSITION:
        _check_transition(value, place)
    if place.query_language == JSONATA:
        _check_expressions(cls, value, place)
    read["query_language"] = place.query_language
    return cls(name=name, pointer=place.pointer, **read)


@cache
def not_taken(cls: type[State]) -> frozenset[str]:
    """The fields of `State` that a type does not have."""
    return frozenset(specs_of(State)) - (ALWAYS | cls.takes)


def draft_state(cls: Any, check: Any, drafting: Drafting) -> Schema:
    """What `read_state` and the type's own check take, as JSON Schema."""
    transition = [drafting.of(_check_transition)] if cls.takes >= TRANSITION else []
    rules = [rule for rule in (drafting.of(check), *transition) if rule]
    return drafting.fields(cls, not_taken(cls)) | ({"allOf": rules} if rules else {})


def _check_expressions(cls: type[State], value: dict[str, Json], place: Place) -> None:
    """The expressions of Output and Assign, which may read the result where the state's work has one."""
    from asl_engine.definition.expressions import ALWAYS_SHOWN, RESULT_SHOWN, check_template

    for name in ("Output", "Assign"):
        if name in value and name in cls.takes:
            check_template(value[name], place.at(name), RESULT_SHOWN if "ResultSelector" in cls.takes else ALWAYS_SHOWN)


@described({**one_required("Next", "End"), "properties": {"End": {"const": True}}})
def _check_transition(value: dict[str, Json], place: Place) -> None:
    if "Next" in value and "End" in value:
        place.error("only one of 'Next' and 'End' may be set")
    elif "Next" not in value and value.get("End") is not True:
        place.error("one of 'Next' or 'End: true' is required")


def exactly_one(value: dict[str, Json], place: Place, *names: str) -> None:
    """Tells unless exactly one of the fields is set."""
    found = [name for name in names if name in value]
    if len(found) != 1:
        place.error(f"exactly one of {', '.join(names)} must be set, not {', '.join(found) or 'none'}")


def at_most_one(value: dict[str, Json], place: Place, *names: str) -> None:
    """Tells where more than one of the fields is set."""
    found = [name for name in names if name in value]
    if len(found) > 1:
        place.error(f"at most one of {', '.join(names)} may be set, not {', '.join(found)}")
