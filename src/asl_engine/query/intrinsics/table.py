"""The table of intrinsic functions. A family's file fills it through `@intrinsic`; a call is compiled from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from asl_engine.jsonvalue import Json, dumps
from asl_engine.records import record

AnyFunction = TypeVar("AnyFunction", bound=Callable[..., Json])


@record(frozen=True, slots=True)
class Intrinsic:
    """One function: how many arguments it takes (`most` is None for any number), whether it needs the scope, and
    whether its first argument is a template: such a literal is split at its `{}` beforehand."""

    name: str
    least: int
    most: int | None
    function: Callable[..., Json]
    scoped: bool
    template: bool


INTRINSICS: Final[dict[str, Intrinsic]] = {}


class Refused(Exception):
    """A function's argument breaks a rule: a sentence with the rule and the value."""


def intrinsic(
    name: str,
    least: int,
    most: int | None = None,
    *,
    variadic: bool = False,
    scoped: bool = False,
    template: bool = False,
) -> Callable[[AnyFunction], AnyFunction]:
    """Enters a function into the table. It takes the arguments' values, after the scope if `scoped`; raises Refused."""

    def enter(function: AnyFunction) -> AnyFunction:
        INTRINSICS[name] = Intrinsic(name, least, None if variadic else most or least, function, scoped, template)
        return function

    return enter


def shown(value: Json) -> str:
    """A value as error texts show it: its JSON text, cut short."""
    text = dumps(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def need_array(value: Json, which: str = "The argument") -> list[Any]:
    """The value, which must be an array."""
    if type(value) is not list:
        raise Refused(f"{which} must be an array, not {shown(value)}.")
    return value


def need_string(value: Json, which: str = "The argument") -> str:
    """The value, which must be a string."""
    if type(value) is not str:
        raise Refused(f"{which} must be a string, not {shown(value)}.")
    return value


def need_integer(value: Json, which: str) -> int:
    """The value, which must be a number, rounded as Java's Math.round does: a half goes up (recorded: -1.5 is -1)."""
    if type(value) is int:
        return value
    if type(value) is not float:
        raise Refused(f"{which} must be a number, not {shown(value)}.")
    below = int(value // 1)
    return below + (value - below >= 0.5)
