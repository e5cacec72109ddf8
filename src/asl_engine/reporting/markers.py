"""Markers in the comments of a definition: `asl: ignore[CODE, CODE] reason` in a `Comment` leaves out what these codes
say about that object and everything below it.

A marker always names its codes, it never hides an error, and one that hides nothing is told. Only the comments of
machines, states, choice rules, retriers and catchers count: a `Comment` in a payload is the payload's own affair.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from asl_engine.definition.fields import nearest
from asl_engine.errors import Diagnostic
from asl_engine.jsonvalue import Json
from asl_engine.reporting.codes import INVALID_IGNORE, UNKNOWN_IGNORE, UNUSED_IGNORE, known_codes

_MARKER = re.compile(r"\basl:\s*ignore\b(?:\s*\[(?P<codes>[^\[\]]*)\])?")
_HOW = "write asl: ignore[CODE] with the codes to leave out"

_ONE, _ITEMS, _MEMBERS = "one", "items", "members"
_PARTS: dict[str, dict[str, tuple[str, str]]] = {
    "machine": {"States": (_MEMBERS, "state")},
    "state": {
        "Branches": (_ITEMS, "machine"),
        "ItemProcessor": (_ONE, "machine"),
        "Iterator": (_ONE, "machine"),
        "Choices": (_ITEMS, "rule"),
        "Retry": (_ITEMS, "handler"),
        "Catch": (_ITEMS, "handler"),
    },
    "rule": {"And": (_ITEMS, "rule"), "Or": (_ITEMS, "rule"), "Not": (_ONE, "rule")},
    "handler": {},
}
"""What may hold comments: shape -> field -> how many of which shape stand there."""


class Kept(NamedTuple):
    """The findings that stay, those about the markers themselves included, and how many were left out."""

    findings: list[Diagnostic]
    ignored: int


class _Marker(NamedTuple):
    pointer: str
    """Of the object whose comment it is."""
    codes: tuple[str, ...]


def leave_out(document: Json, findings: Iterable[Diagnostic]) -> Kept:
    """What the markers in a definition leave of the findings about it. That a marker hides nothing is told only where
    there is no error: with one, not all lints run."""
    told: list[Diagnostic] = []
    markers = [marker for pointer, text in _comments(document) for marker in _markers(pointer, text, told)]
    if not markers:
        return Kept([*findings, *told], 0)
    hiding = {(marker.pointer, code) for marker in markers for code in marker.codes}
    kept: list[Diagnostic] = []
    used: set[tuple[str, str]] = set()
    ignored = 0
    for finding in findings:
        row = _hidden_by(finding, hiding)
        if row is None:
            kept.append(finding)
        else:
            ignored += 1
            used.add(row)
    if not any(finding.severity == "ERROR" for finding in kept):
        told += _unused(markers, used)
    return Kept(kept + told, ignored)


def _comments(document: Json) -> Iterator[tuple[str, str]]:
    """The pointer of each object that has a comment, and the comment, in document order."""
    waiting: list[tuple[str, str, Json]] = [("machine", "", document)]
    while waiting:
        shape, pointer, value = waiting.pop()
        if isinstance(value, dict):
            comment = value.get("Comment")
            if isinstance(comment, str):
                yield pointer, comment
            waiting += reversed([part for name in value for part in _parts(shape, pointer, name, value[name])])


def _parts(shape: str, pointer: str, name: str, value: Json) -> Iterator[tuple[str, str, Json]]:
    if name not in _PARTS[shape]:
        return
    many, inner = _PARTS[shape][name]
    if many == _ONE:
        yield inner, f"{pointer}/{name}", value
    elif many == _ITEMS and isinstance(value, list):
        for index, item in enumerate(value):
            yield inner, f"{pointer}/{name}/{index}", item
    elif many == _MEMBERS and isinstance(value, dict):
        for key, item in value.items():
            yield inner, f"{pointer}/{name}/{key.replace('~', '~0').replace('/', '~1')}", item


def _markers(pointer: str, comment: str, told: list[Diagnostic]) -> Iterator[_Marker]:
    """The markers in one comment; what is wrong with them goes to `told`."""
    for match in _MARKER.finditer(comment):
        codes = [code.strip() for code in (match["codes"] or "").split(",")]
        good = [code for code in codes if code in known_codes() and known_codes()[code].severity != "ERROR"]
        told += [_wrong(pointer, code) for code in codes if code not in good]
        if good:
            yield _Marker(pointer, tuple(dict.fromkeys(good)))


def _wrong(pointer: str, code: str) -> Diagnostic:
    if not code:
        return _told(INVALID_IGNORE, pointer, "the marker 'asl: ignore' does not say what to ignore", _HOW)
    if code in known_codes():
        message = f"{code} is an error, and a comment does not hide errors"
        return _told(INVALID_IGNORE, pointer, message, "mend it, or name the code in the configuration's ignore")
    hint = nearest(code, known_codes()) or "--list-codes tells every code"
    return _told(UNKNOWN_IGNORE, pointer, f"the marker names the unknown code '{code}'", hint)


def _told(code: str, pointer: str, message: str, suggestion: str | None = None) -> Diagnostic:
    return Diagnostic(code, known_codes()[code].severity, f"{pointer}/Comment", message, suggestion=suggestion)


def _hidden_by(finding: Diagnostic, hiding: set[tuple[str, str]]) -> tuple[str, str] | None:
    """The innermost marker around a finding that names its code."""
    if finding.severity == "ERROR":
        return None
    pointer = finding.pointer
    while (pointer, finding.code) not in hiding:
        if not pointer:
            return None
        pointer = pointer.rpartition("/")[0]
    return pointer, finding.code


def _unused(markers: list[_Marker], used: set[tuple[str, str]]) -> Iterator[Diagnostic]:
    for pointer, codes in markers:
        for code in codes:
            if (pointer, code) not in used:
                yield _told(UNUSED_IGNORE, pointer, f"{code} is ignored here, and is not found here", "remove it")
