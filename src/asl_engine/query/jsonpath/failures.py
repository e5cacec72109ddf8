"""How the evaluation of a path fails, in Jayway's words. The text is made only when it is asked for."""

from __future__ import annotations

from typing import TypeAlias

Place: TypeAlias = "tuple[Place, object] | None"
"""Where an evaluation stands: its parent's place and the key that led here; None is the root."""


class PathNotFound(Exception):
    """The document holds nothing where the path points."""

    def __init__(self, sentence: str, place: Place = None, tail: str = "") -> None:
        super().__init__(sentence, place, tail)
        self.sentence = sentence
        self.place = place
        self.tail = tail

    def __str__(self) -> str:
        if self.sentence.endswith(" "):
            return f"{self.sentence}{spelling(self.place)}{self.tail}"
        return self.sentence


class PathMisapplied(PathNotFound):
    """A segment met a kind of value that it cannot be applied to; no wildcard passes over it."""


def spelling(place: Place) -> str:
    """The path of a place, as Jayway spells it: `$['a'][0]`."""
    keys: list[str] = []
    while place is not None:
        place, key = place
        keys.append(f"['{key}']" if isinstance(key, str) else f"[{key}]" if isinstance(key, int) else str(key))
    return "$" + "".join(reversed(keys))
