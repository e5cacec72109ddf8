"""What a reader of a field takes, said in JSON Schema at the reader itself, so that no second list of fields exists.

The one rule: a description may be wider than its reader, never narrower. An editor that underlines what runs is not
believed for long.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Any, Protocol, TypeAlias, TypeVar

from asl_engine.jsonvalue import Json

Schema: TypeAlias = dict[str, Json]


class Drafting(Protocol):
    """What a description may ask while a schema is drafted."""

    @property
    def query_language(self) -> str: ...

    def of(self, read: Any) -> Schema:
        """The schema of what another reader takes."""

    def fields(self, cls: type, left_out: frozenset[str] = frozenset()) -> Schema:
        """The schema of an object that `read_object` reads."""

    def named_fields(self, owner: str, readers: Mapping[str, Any], required: Sequence[str] = ()) -> Schema:
        """The schema of an object with these fields, and no others."""

    def machine(self, fields: Mapping[str, tuple[str, Any]], read_state: Any) -> Schema:
        """The schema of an object with `States`, each as `read_state` takes it, and these fields."""

    def state(self) -> Schema:
        """The schema of a state of any type."""


Description: TypeAlias = tuple["Schema | Callable[[Drafting], Schema]", str]
"""A schema, or the function that drafts it; and its name, "" for none. One with a name is said once and referred to."""

Described = TypeVar("Described", bound=Callable[..., Any])


def described(schema: Schema | Callable[[Drafting], Schema], name: str = "") -> Callable[[Described], Described]:
    """Says what a reader, or a check of rules between fields, takes."""

    def attach(read: Described) -> Described:
        read.description = (schema, name)  # type: ignore[attr-defined]
        return read

    return attach


def description_of(read: Any) -> Description:
    """What is said of a reader. A reader that says nothing is a fault of this library."""
    description: Description = read.description
    return description


def reference(name: str) -> Schema:
    """Refers to a schema that is said under a name."""
    return {"$ref": f"#/$defs/{name}"}


# --- rules between fields ---------------------------------------------------------------------------------------------


def one_required(*names: str) -> Schema:
    """Exactly one of the fields is set."""
    return {"allOf": [{"anyOf": [{"required": [name]} for name in names]}, none_beside(*names)]}


def none_beside(*names: str) -> Schema:
    """At most one of the fields is set. `errorMessage` is what VS Code shows."""
    pairs: list[Json] = [{"required": list(pair)} for pair in combinations(names, 2)]
    message = f"At most one of {', '.join(names)} may be set."
    return {"not": pairs[0] if len(pairs) == 1 else {"anyOf": pairs}, "errorMessage": message}


def together(*rules: Schema) -> Schema:
    """All of the rules hold."""
    return {"allOf": list(rules)}
