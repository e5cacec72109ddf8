"""A definition inside a string, or joined from the strings of a template: a text whose characters stand in the file.

It is put together from fragments. Each remembers which string of the outer document it comes from, so that an offset
into the joined text leads back, through the outer document's own escapes, to a line and a column.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from asl_engine.definition.sources.documents import Document, Text


class Fragment(NamedTuple):
    """A piece of text. `pointer` names the value of the outer document it comes from; it is that string's characters
    from `start` on or, if that is None, stands for the value as a whole."""

    text: str
    pointer: str
    start: int | None


def embed(outer: Document, fragments: Sequence[Fragment]) -> Text:
    """The joined text."""

    @cache
    def offsets() -> list[tuple[int, int]]:
        return list(_offsets(outer, fragments)) or [(0, 1)]

    def place(offset: int) -> tuple[int, int]:
        is_inside = offset < len(offsets())
        return outer.text.place(offsets()[offset][0] if is_inside else offsets()[-1][1])

    def behind(offset: int) -> tuple[int, int]:
        return outer.text.place(offsets()[min(offset, len(offsets()) - 1)][1])

    return Text(outer.text.file, "".join(fragment.text for fragment in fragments), place, behind)


def _offsets(outer: Document, fragments: Sequence[Fragment]) -> Iterator[tuple[int, int]]:
    """Where each character begins and ends in the outer text."""
    characters = cache(outer.characters)
    for text, pointer, start in fragments:
        if start is None:
            begin = outer.node(pointer).start
            yield from [(begin, begin + 1)] * len(text)
        else:
            yield from pairwise(characters(pointer)[start : start + len(text) + 1])
