"""What an expression sees while it runs: the frame it belongs to, read-only.

An `Expr` is a compiled expression. It takes the document that `$` means in its field (raw input, effective input or
result, as the field's rule says) and the scope, and gives a JSON value that it never changes in place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, TypeAlias

from asl_engine.jsonvalue import Json


class Entropy(Protocol):
    """The execution's own source of chance, fixed by its seed."""

    def random(self) -> float:
        """A number in [0, 1)."""

    def uuid(self) -> str:
        """A version 4 UUID in its usual text form."""


class Scope(Protocol):
    """One frame as its expressions see it."""

    @property
    def input(self) -> Json:
        """The state's raw input."""

    @property
    def variables(self) -> Mapping[str, Json]:
        """The variables visible in this frame, as they stood at state entry."""

    @property
    def now(self) -> int:
        """The execution's time in milliseconds since the epoch."""

    @property
    def entropy(self) -> Entropy:
        """The execution's source of random numbers and UUIDs."""

    def context(self) -> dict[str, Json]:
        """The context object, `$$` or `$states.context`, made when asked for."""

    def map_item(self) -> dict[str, Json] | None:
        """The context object's `Map.Item` alone, None outside a Map."""


Expr: TypeAlias = Callable[[Json, Scope], Json]
