"""Intrinsics for strings. Developer guide, "Intrinsic for String operation" and "Intrinsic for generic operation"."""

from __future__ import annotations

import re

from asl_engine.jsonvalue import Json
from asl_engine.query.intrinsics.table import Refused, intrinsic, need_string
from asl_engine.query.jsonpath.javatext import java_text


@intrinsic("States.Format", 1, variadic=True, template=True)
def format_text(template: Json, *values: Json) -> Json:
    """The template with each `{}` replaced by an argument.

    A literal template comes as the tuple of the pieces between its `{}`, its escapes already read. Recorded: strings
    stand as they are, other values as Java prints them.
    """
    pieces = template if type(template) is tuple else need_string(template, "The template").split("{}")
    if len(pieces) != len(values) + 1:
        raise Refused(f"The template has {len(pieces) - 1} places {{}} for {len(values)} further arguments.")
    parts = [pieces[0]]
    for value, piece in zip(values, pieces[1:], strict=True):
        parts.append(value if type(value) is str else java_text(value))
        parts.append(piece)
    return "".join(parts)


@intrinsic("States.StringSplit", 2)
def string_split(text: Json, separators: Json) -> Json:
    """The parts between any of the separators' characters; empty parts are dropped (recorded: ",,,," gives [])."""
    string = need_string(text, "The first argument")
    characters = need_string(separators, "The second argument")
    if not characters:
        return [string] if string else []
    return [part for part in re.split(f"[{re.escape(characters)}]", string) if part]
