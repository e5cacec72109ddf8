"""Judging real state machines: every file reads, nothing is called an error, and each kind of warning is explained.

The files deploy on AWS as they are, so an error would be a false alarm. A warning may be right about a machine that
runs; `explained_warnings.json` says for each code why, having looked at every finding. A code that it does not name
fails the file.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from asl_engine import Diagnostic, validate_file

from .report import FAILED, PASSED, Judgement

EXPLAINED_FILE = Path(__file__).with_name("explained_warnings.json")
SUFFIXES = (".asl.json", ".asl.yaml", ".asl.yml")


def judge_workflows(folder: Path) -> tuple[list[Judgement], list[str]]:
    """A judgement on every definition below a folder, and what is said of the warnings."""
    explained: dict[str, str] = json.loads(EXPLAINED_FILE.read_text(encoding="utf-8"))
    judged = [(_id(file, folder), validate_file(file)) for file in workflow_files(folder)]
    warned = Counter(found.code for _, findings in judged for found in findings if found.severity == "WARNING")
    return [_judge(id_, findings, explained) for id_, findings in judged], list(_notes(warned, explained))


def workflow_files(folder: Path) -> list[Path]:
    """The definitions below a folder, by name."""
    return sorted(file for file in folder.rglob("*") if file.name.endswith(SUFFIXES))


def _id(file: Path, folder: Path) -> str:
    return file.relative_to(folder).as_posix()


def _judge(id_: str, findings: list[Diagnostic], explained: dict[str, str]) -> Judgement:
    errors = [found for found in findings if found.severity == "ERROR"]
    unexplained = [found for found in findings if found.severity == "WARNING" and found.code not in explained]
    detail = "\n".join(f"{found.severity}: {found}" for found in findings)
    if errors or unexplained:
        reason = f"an error: {errors[0]}" if errors else f"a warning without an explanation: {unexplained[0]}"
        return Judgement(id_, "workflow", FAILED, reason, detail)
    counts = Counter(found.code for found in findings)
    return Judgement(id_, "workflow", PASSED, ", ".join(f"{code} {number}" for code, number in counts.items()), detail)


def _notes(warned: Counter[str], explained: dict[str, str]) -> Iterator[str]:
    for code, number in sorted(warned.items()):
        yield f"{number} {'warning' if number == 1 else 'warnings'} {code}: {explained.get(code, 'NOT EXPLAINED')}"
    for code in sorted(explained.keys() - warned.keys()):
        yield f"no warning {code}, which explained_warnings.json explains"
