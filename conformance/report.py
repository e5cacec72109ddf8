"""Verdicts, the known gaps among them, the report file and the exit status: the same for every sub-command.

A failure that `known_gaps.json` lists with its reason is told apart, but still counted as failed. An entry that passes
is an error: the list says what the engine cannot do, and must not outlive it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

PASSED = "passed"
FAILED = "failed"
KNOWN_GAP = "known_gap"
SKIPPED = "skipped"

HEADINGS = {FAILED: "FAILED", KNOWN_GAP: "known gap"}

GAPS_FILE = Path(__file__).with_name("known_gaps.json")
WIDTH = 300


@dataclass(frozen=True, slots=True)
class Judgement:
    """What came of one case. `reason` is one line; `detail` is what `--show` prints beside it."""

    id: str
    kind: str
    verdict: str
    reason: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All judgements of one run, with the known gaps told apart; `closed` names the gaps that are none any more."""

    judgements: tuple[Judgement, ...]
    closed: tuple[str, ...]

    def count(self, *verdicts: str) -> int:
        return sum(judgement.verdict in verdicts for judgement in self.judgements)

    @property
    def passed(self) -> int:
        return self.count(PASSED)

    @property
    def failed(self) -> int:
        """Failures, the known gaps included."""
        return self.count(FAILED, KNOWN_GAP)

    @property
    def skipped(self) -> int:
        return self.count(SKIPPED)

    def exit_status(self) -> int:
        """0 when nothing but known gaps fails, and every known gap is one."""
        return 1 if self.closed or self.count(FAILED) else 0

    def as_json(self) -> dict[str, Any]:
        return {
            "passed": self.passed,
            "failed": self.failed,
            "skipped": self.skipped,
            "cases": [
                {"id": case.id, "kind": case.kind, "verdict": case.verdict, "reason": case.reason}
                for case in self.judgements
            ],
        }


def read_gaps(section: str, path: Path = GAPS_FILE) -> dict[str, str]:
    """The known gaps of one sub-command: case id -> reason."""
    gaps: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return gaps.get(section, {})


def summarise(judgements: Iterable[Judgement], gaps: Mapping[str, str]) -> Report:
    """Marks the failures that are known gaps, and finds the gaps that pass."""
    judged = tuple(judgements)
    return Report(
        judgements=tuple(_with_gap(judgement, gaps) for judgement in judged),
        closed=tuple(judgement.id for judgement in judged if judgement.verdict == PASSED and judgement.id in gaps),
    )


def _with_gap(judgement: Judgement, gaps: Mapping[str, str]) -> Judgement:
    if judgement.verdict != FAILED or judgement.id not in gaps:
        return judgement
    return replace(judgement, verdict=KNOWN_GAP, reason=f"{gaps[judgement.id]} [{judgement.reason}]")


def render(report: Report, notes: Iterable[str] = ()) -> str:
    """What a run prints: each failure, why cases were skipped, notes, closed gaps, and the sums in the last line."""
    failures = [case for case in report.judgements if case.verdict in HEADINGS]
    lines = [f"{HEADINGS[case.verdict]} {case.id}: {_one_line(case.reason)}" for case in failures]
    lines += [f"skipped {number}: {reason}" for reason, number in _skip_reasons(report).items()]
    lines += notes
    lines += [f"ERROR {id_} passes, but known_gaps.json lists it: take the entry out" for id_ in report.closed]
    lines.append(f"{report.passed} passed, {report.failed} failed, {report.skipped} skipped")
    return "\n".join(lines)


def _skip_reasons(report: Report) -> dict[str, int]:
    reasons = [case.reason for case in report.judgements if case.verdict == SKIPPED]
    return {reason: reasons.count(reason) for reason in dict.fromkeys(reasons)}


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 3]}..."


def show(judgement: Judgement) -> str:
    """One case in full: what came of it, and the first difference with its place or the engine's traceback."""
    parts = (f"{judgement.id}: {judgement.verdict}", judgement.reason, judgement.detail)
    return "\n".join(part for part in parts if part)


def write(report: Report, path: Path) -> None:
    path.write_text(json.dumps(report.as_json(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
