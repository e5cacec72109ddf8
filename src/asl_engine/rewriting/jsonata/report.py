"""What a conversion says about itself: one note for what could not be turned, for what is assumed, for what changes.

A note is written while a state is turned, through the `Site` that stands there; the rule is that nothing is left out
or guessed in silence. `NotTurned` stops the state it is raised in: that state stays as it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

from asl_engine.jsonvalue import Json
from asl_engine.records import record, replace

NOT_TURNED = "not turned"
ASSUMES = "assumes"
CHANGES = "changes"
WAYS = "no value that a path steps through by name is an array: JSONata reads the name of every item, JSONPath fails"


@record(frozen=True, slots=True)
class Note:
    """One line of the report. `kind`: `not turned`, `assumes` (the two agree where this holds), or `changes`."""

    kind: str
    state: str
    field: str
    pointer: str
    message: str

    def __str__(self) -> str:
        place = f"{self.state}/{self.field}" if self.field else self.state
        return f"{place}: {self.message}" if place else self.message

    def as_json(self) -> dict[str, Json]:
        """The note as a JSON object."""
        return {
            "kind": self.kind,
            "state": self.state,
            "field": self.field,
            "pointer": self.pointer,
            "message": self.message,
        }


@record(frozen=True, slots=True)
class Site:
    """Where a conversion stands: a state's field, and the notes made so far, each once, in order."""

    state: str
    pointer: str
    field: str
    notes: dict[Note, None]

    def at(self, *keys: str | int) -> Site:
        """The place below this one."""
        tail = "/".join(map(str, keys))
        return replace(self, field=f"{self.field}/{tail}" if self.field else tail)

    def note(self, kind: str, message: str) -> None:
        """Writes a note, once."""
        place = f"{self.pointer}/{self.field}" if self.field else self.pointer
        self.notes.setdefault(Note(kind, self.state, self.field, place, message))

    def assumes(self, message: str) -> None:
        """Notes what must hold for the two to agree."""
        self.note(ASSUMES, message)

    def refuse(self, message: str) -> NoReturn:
        """The state cannot be turned."""
        self.note(NOT_TURNED, message)
        raise NotTurned(message)


class NotTurned(Exception):
    """A state holds something that has no exact counterpart; the reason is already noted."""


def as_text(turned: Iterable[str], notes: Iterable[Note]) -> str:
    """The report for people: what was turned, then the notes by kind."""
    names = list(turned)
    lines = [f"turned {len(names)} state{'' if len(names) == 1 else 's'}" + (f": {', '.join(names)}" if names else "")]
    for kind in (NOT_TURNED, CHANGES, ASSUMES):
        lines += [f"{kind}: {note}" for note in notes if note.kind == kind]
    return "\n".join(lines) + "\n"


def as_json(turned: Iterable[str], notes: Iterable[Note]) -> dict[str, Json]:
    """The report for programs."""
    return {"turned": list(turned), "notes": [note.as_json() for note in notes]}
