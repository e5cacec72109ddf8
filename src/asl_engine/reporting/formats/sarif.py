"""A report as SARIF 2.1.0 (OASIS, "Static Analysis Results Interchange Format"), as code scanning takes it.

A result keeps its fingerprint while its code, its machine and its JSON pointer stay the same, wherever its line moves.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from asl_engine import __version__
from asl_engine.definition.codes import Code
from asl_engine.errors import Diagnostic
from asl_engine.reporting.codes import known_codes
from asl_engine.reporting.report import FileReport, Report

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
SPECIFICATION = "https://states-language.net/spec.html"
FINGERPRINT = "codeMachinePointer/v1"
_LEVELS = {"ERROR": "error", "WARNING": "warning", "INFO": "note"}
_ROOT = "%SRCROOT%"


def as_sarif(report: Report) -> str:
    """The report as a SARIF log with one run. Its rules are the codes that were found."""
    found = {finding.code for file in report.files for finding in file.findings()}
    rules = [code for name, code in known_codes().items() if name in found]
    index = {code.name: place for place, code in enumerate(rules)}
    run = {
        "tool": {"driver": _driver(rules)},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(report)],
        "results": [result for file in report.files for result in _results(file, index)],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _driver(rules: list[Code]) -> dict[str, Any]:
    return {
        "name": "asl-engine",
        "version": __version__,
        "informationUri": SPECIFICATION,
        "rules": [_rule(code) for code in rules],
    }


def _rule(code: Code) -> dict[str, Any]:
    return {
        "id": code.name,
        "name": code.name.title().replace("_", ""),
        "shortDescription": {"text": code.summary},
        "help": {"text": f"{code.summary} To leave it out in a place, write asl: ignore[{code.name}] in a Comment."},
        "helpUri": SPECIFICATION,
        "defaultConfiguration": {"level": _LEVELS[code.severity]},
    }


def _invocation(report: Report) -> dict[str, Any]:
    failures = [file for file in report.files if file.unreadable is not None]
    told = [
        {
            "level": "error",
            "message": {"text": f"cannot be read: {file.unreadable}"},
            "locations": [{"physicalLocation": {"artifactLocation": _artifact(file.file)}}],
        }
        for file in failures
    ]
    return {"executionSuccessful": not failures, "toolExecutionNotifications": told}


def _results(file: FileReport, index: dict[str, int]) -> Iterator[dict[str, Any]]:
    seen: Counter[tuple[str | None, str, str]] = Counter()
    for machine in file.machines:
        for finding in machine.findings:
            key = (machine.name, finding.code, finding.pointer)
            yield {
                "ruleId": finding.code,
                "ruleIndex": index[finding.code],
                "level": _LEVELS[finding.severity],
                "message": {"text": _message(finding)},
                "locations": [_location(finding, file.file, machine.name)],
                "partialFingerprints": {FINGERPRINT: _fingerprint(*key, seen[key])},
            }
            seen[key] += 1


def _message(finding: Diagnostic) -> str:
    place = f"{finding.pointer}: " if finding.pointer else ""
    hint = f"\n{finding.suggestion}" if finding.suggestion else ""
    return f"{place}{finding.message}{hint}"


def _location(finding: Diagnostic, file: str, machine: str | None) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": _artifact(finding.file or file)}
    if finding.line is not None:
        physical["region"] = _region(finding)
    name = {"name": machine} if machine else {}
    logical = {**name, "fullyQualifiedName": finding.pointer or "/", "kind": "object"}
    return {"physicalLocation": physical, "logicalLocations": [logical]}


def _region(finding: Diagnostic) -> dict[str, int]:
    """Columns from 1, the end exclusive, as in a Diagnostic."""
    named = {"startLine": finding.line, "startColumn": finding.column, "endColumn": finding.end_column}
    return {name: number for name, number in named.items() if number is not None}


def _artifact(file: str) -> dict[str, str]:
    """A relative name is relative to the root of the sources, whatever that is; an absolute one is a URI."""
    slashed = file.replace("\\", "/")
    path = quote(slashed, safe="/", errors="surrogatepass")
    if slashed.startswith("/"):
        return {"uri": f"file://{path}"}
    if slashed[1:3] == ":/":
        return {"uri": f"file:///{path}"}
    return {"uri": path, "uriBaseId": _ROOT}


def _fingerprint(machine: str | None, code: str, pointer: str, ordinal: int) -> str:
    from hashlib import sha256

    told = json.dumps([machine, code, pointer, ordinal])
    return sha256(told.encode()).hexdigest()[:32]
