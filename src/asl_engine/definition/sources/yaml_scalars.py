"""What a plain (unquoted) YAML scalar means.

The core schema of YAML 1.2, whose values are those of JSON, with one thing of YAML 1.1: yes, no, on and off are
booleans, as they are for what deploys definitions (the SAM CLI, and CloudFormation's reader of definition files). All
else that YAML 1.1 reads in its own way (timestamps, 1:30 as 90, 010 as 8) stays text. Both get a remark.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from math import isfinite
from typing import NamedTuple

from asl_engine.jsonvalue import Json

_FORMS = re.compile(
    r"""
    (?P<null>~|null|Null|NULL|)
    |(?P<true>true|True|TRUE)
    |(?P<false>false|False|FALSE)
    |(?P<yes>yes|Yes|YES|on|On|ON)
    |(?P<no>no|No|NO|off|Off|OFF)
    |(?P<integer>[-+]?(?:0|[1-9][0-9]*))
    |(?P<octal>0o[0-7]+)
    |(?P<hexadecimal>0x[0-9a-fA-F]+)
    |(?P<number>[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)
    |(?P<infinite>[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))
    |(?P<other>[-+]?(?:0[0-9_]+|[1-9][0-9]*_[0-9_]*|0b[01_]+|[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?))
    """,
    re.VERBOSE,
)


class Plain(NamedTuple):
    """The value of a plain scalar; `remark` says what is ambiguous about it."""

    value: Json
    remark: str | None = None


class NoJson(ValueError):
    """A scalar whose value JSON does not have."""


def plain(text: str) -> Plain:
    """The value of a plain scalar. Raises NoJson."""
    form = _FORMS.fullmatch(text)
    return _MEANINGS[form.lastgroup or ""](text) if form else Plain(text)


def _word(value: bool) -> Callable[[str], Plain]:
    word = "true" if value else "false"
    return lambda text: Plain(value, f"{text} is read as {word}; write {word}, or '{text}' with quotes")


def _integer(text: str, base: int = 10) -> Plain:
    try:
        return Plain(int(text, base))
    except ValueError:
        raise NoJson("holds a number of more than 4,300 digits") from None


def _number(text: str) -> Plain:
    value = float(text)
    if not isfinite(value):
        raise NoJson(f"the number {text:.60} is out of range")
    return Plain(value)


def _infinite(text: str) -> Plain:
    raise NoJson(f"{text} is not a JSON value")


def _other(text: str) -> Plain:
    return Plain(text, f"{text} is read as text, and as a number by tools of YAML 1.1; put quotes around it")


_MEANINGS: dict[str, Callable[[str], Plain]] = {
    "null": lambda text: Plain(None),
    "true": lambda text: Plain(True),
    "false": lambda text: Plain(False),
    "yes": _word(True),
    "no": _word(False),
    "integer": _integer,
    "octal": lambda text: _integer(text, 8),
    "hexadecimal": lambda text: _integer(text, 16),
    "number": _number,
    "infinite": _infinite,
    "other": _other,
}
