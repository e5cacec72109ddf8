"""A report for programs. The shape is stable: `version` changes when a field is taken away or changes its meaning, not
when one is added. It is ASCII, so that any file name and any message comes through any encoding."""

from __future__ import annotations

import json
from typing import Any

from asl_engine.errors import Diagnostic
from asl_engine.reporting.report import FileReport, MachineReport, Report

VERSION = 1


def as_json(report: Report) -> str:
    """The report as one JSON object, on lines."""
    shape = {
        "version": VERSION,
        "files": [_file(file) for file in report.files],
        "summary": {**report.counts._asdict(), "failed": report.failed},
    }
    return json.dumps(shape, indent=2) + "\n"


def _file(file: FileReport) -> dict[str, Any]:
    machines = [_machine(machine, file.file) for machine in file.machines]
    return {"file": file.file, "unreadable": file.unreadable, "machines": machines}


def _machine(machine: MachineReport, file: str) -> dict[str, Any]:
    findings = [_finding(finding, file) for finding in machine.findings]
    return {"name": machine.name, "ignored": machine.ignored, "findings": findings}


def _finding(finding: Diagnostic, file: str) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity.lower(),
        "message": finding.message,
        "suggestion": finding.suggestion,
        "pointer": finding.pointer,
        "file": finding.file or file,
        "line": finding.line,
        "column": finding.column,
        "endColumn": finding.end_column,
    }
