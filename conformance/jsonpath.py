"""Judges rows of JSONPath facts: what a path selects from a document, or how it fails.

A row holds `path`, `doc`, `definite`, and either `expected` or `error` (Jayway's exception class) with `message`;
`norm` is the normalised path. This runner imports `asl_engine.query.jsonpath`, against the rule that conformance stays
above the public API, because that package is the only public door to JSONPath alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from asl_engine.jsonvalue import equal
from asl_engine.query.jsonpath import InvalidPath, PathMisapplied, PathNotFound, compile_path, parse_path

Row = dict[str, Any]


def judge_rows(rows: list[Row]) -> Iterator[tuple[str, bool, str]]:
    """(id, passed, reason) for each row; the reason is empty for a row that passed."""
    for number, row in enumerate(rows):
        reason = _fault(row)
        yield f"{row.get('group', 'row')}-{number} {row['path']}", not reason, reason


def _fault(row: Row) -> str:
    try:
        path = parse_path(row["path"])
        value = compile_path(path)(row["doc"])
    except InvalidPath as error:
        return _error_fault(row, "InvalidPathException", str(error), compiled=False)
    except PathMisapplied as error:
        return _error_fault(row, "InvalidPathException", str(error), compiled=True)
    except PathNotFound as error:
        return _error_fault(row, "PathNotFoundException", str(error), compiled=True)
    if "expected" not in row:
        return f"gave {value!r}, not {row['error']}: {row.get('message')}"
    if not equal(value, row["expected"]):
        return f"gave {value!r}, not {row['expected']!r}"
    if path.definite is not row["definite"] or path.normal != row["norm"]:
        return f"is {path.normal}, definite {path.definite}, not {row['norm']}, definite {row['definite']}"
    return ""


_JAVA_FAULTS = ("NumberFormatException", "IllegalArgumentException", "NullPointerException")
"""Failures inside Jayway that are no verdict of its own: any refusal of ours answers them."""


def _error_fault(row: Row, name: str, message: str, *, compiled: bool) -> str:
    wanted = row.get("error")
    if wanted != name and wanted not in _JAVA_FAULTS:
        return f"failed with {name}: {message}, not {wanted or repr(row['expected'])}"
    if wanted == name and compiled and message != row["message"]:
        return f"failed with the text {message!r}, not {row['message']!r}"
    return ""
