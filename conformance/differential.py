"""Differential runs: recorded and generated cases on another engine, and where it departs from the recording or, for
generated ones, from asl_engine.

A departure is in the verdict on a definition, the status, the output, the error, the cause, or the history. Causes are
compared only where everything before them agrees, and the history only where all of them do.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .changes import as_aws_shows_now
from .compare import Json, Wildcards, first_difference
from .engines.base import BROKEN, REFUSED, UNFINISHED, Asked, Engine, Ran
from .engines.own import OwnEngine
from .events import decoded_text, events_difference, unordered_events_difference
from .features import attributed, features_of
from .recorded import RecordedCase, is_plain
from .report import read_gaps
from .smaller import smaller
from .validation import refused_by_aws

LONGEST_SECONDS = 2
"""Cases that take longer are left out for engines that wait for real."""

LIMIT_SECONDS = 8.0
"""What a case may take before it counts as unfinished."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A case for an engine. `recorded` is the recording it comes from, None for a generated case; `expected` is what
    came of it there."""

    id: str
    asked: Asked
    expected: Ran
    recorded: RecordedCase | None = None

    @property
    def definition(self) -> Json:
        return decoded_text(self.asked.definition)

    @property
    def evidence(self) -> str:
        """What says that the expected outcome is right."""
        return f"recorded: {self.id}" if self.recorded else "asl_engine; see the specification's section on it"


@dataclass(frozen=True, slots=True)
class Departure:
    """One case in which an engine departs: in what, and how."""

    trial: Trial
    kind: str
    reason: str
    got: Ran


@dataclass(frozen=True, slots=True)
class Group:
    """The departures of one kind that belong to one feature, the smallest example first."""

    kind: str
    feature: str
    departures: tuple[Departure, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a differential run."""

    engine: str
    agreeing: int
    groups: tuple[Group, ...]
    left_out: dict[str, int]

    @property
    def departing(self) -> int:
        return sum(len(group.departures) for group in self.groups)


# --- cases ------------------------------------------------------------------------------------------------------------


def recorded_trials(cases: Iterable[RecordedCase], engine: Engine, left_out: dict[str, int]) -> Iterator[Trial]:
    """The recorded cases that the engine can run; why others are left out is counted."""
    for case in cases:
        if case.kind == "validation" and case.document.get("operation") == "create_state_machine":
            yield _validation_trial(case)
            continue
        reason = _unsuitable(case, engine)
        if reason:
            left_out[reason] = left_out.get(reason, 0) + 1
        else:
            yield _execution_trial(case)


def _unsuitable(case: RecordedCase, engine: Engine) -> str:
    if case.kind != "execution":
        return f"not an execution, but {case.kind}"
    if not case.complete:
        return "its recording is not complete"
    if case.id in read_gaps("aws-recorded"):
        return "its recording is in doubt, as known_gaps.json says"
    if not is_plain(case) or case.document.get("s3"):
        return "needs a distributed Map, a task token, an activity or storage"
    if case.document["task_results"] and not engine.answers_tasks:
        return "has tasks, which this engine cannot be told the answers of"
    if engine.real_time and not _is_short(case):
        return f"takes more than {LONGEST_SECONDS} s of real time"
    return ""


def _is_short(case: RecordedCase) -> bool:
    ran = OwnEngine().run(_asked(case), LIMIT_SECONDS)
    return elapsed(ran.events) <= LONGEST_SECONDS


def elapsed(events: Sequence[Json]) -> float:
    """The seconds between the first and the last event of an engine's history."""
    from datetime import datetime

    moments = [datetime.fromisoformat(event["timestamp"]) for event in (*events[:1], *events[-1:])]
    return (moments[-1] - moments[0]).total_seconds() if moments else 0.0


def _asked(case: RecordedCase) -> Asked:
    text = case.document.get("definition_text") or case.definition
    definition = text if isinstance(text, str) else json.dumps(text)
    given = json.dumps(case.document.get("input"))
    return Asked(definition, given, case.document["type"], case.document.get("task_results") or [])


def _execution_trial(case: RecordedCase) -> Trial:
    aws = case.aws
    output = json.dumps(aws["output"]) if aws["status"] == "SUCCEEDED" else None
    expected = Ran(aws["status"], output, aws["error"], aws["cause"], list(aws.get("events") or []))
    return Trial(case.id, _asked(case), expected, case)


def _validation_trial(case: RecordedCase) -> Trial:
    exception = case.document.get("exception") or {}
    refused = Ran(REFUSED, error=exception.get("Code"), cause=exception.get("Message"))
    asked = _asked(case)._replace(input="{}")
    return Trial(case.id, asked, refused if refused_by_aws(case) else Ran("TAKEN"), case)


def generated_trials(number: int, engine: Engine, left_out: dict[str, int]) -> Iterator[Trial]:
    """So many machines drawn, the same ones every time, with what asl_engine makes of them."""
    from .drawn import draw_machines

    if number < 1:
        return
    own = OwnEngine()
    for index, (definition, given) in enumerate(draw_machines(number, tasks=False)):
        asked = Asked(json.dumps(definition), json.dumps(given))
        expected = own.run(asked, LIMIT_SECONDS)
        if engine.real_time and elapsed(expected.events) > LONGEST_SECONDS:
            reason = f"generated, and takes more than {LONGEST_SECONDS} s of real time"
            left_out[reason] = left_out.get(reason, 0) + 1
        else:
            yield Trial(f"generated/{index}", asked, expected)


# --- judging ----------------------------------------------------------------------------------------------------------


def hold(trials: Iterable[Trial], engine: Engine, left_out: dict[str, int]) -> Outcome:
    """Runs every case on the engine, and groups its departures."""
    departures: list[Departure] = []
    agreeing: list[Trial] = []
    before: Trial | None = None
    for trial in trials:
        departure = _tried(trial, engine, before)
        before = trial
        if departure is None:
            agreeing.append(trial)
        else:
            departures.append(departure)
    groups = [_with_small_example(group, engine) for group in _grouped(departures, agreeing)]
    return Outcome(engine.name, len(agreeing), tuple(groups), left_out)


def _tried(trial: Trial, engine: Engine, before: Trial | None) -> Departure | None:
    """The departure of a case. A definition that is refused is tried again on the engine started anew: if it is taken
    then, what departs is that it depends on the cases before it."""
    departure = judge(trial, engine.run(trial.asked, LIMIT_SECONDS))
    refused = departure is not None and departure.got.status == REFUSED
    if before is None or departure is None or not refused or not engine.restart():
        return departure
    alone = judge(trial, engine.run(trial.asked, LIMIT_SECONDS))
    if alone is not None and alone.got.status == REFUSED:
        return alone
    reason = f"taken by the engine started anew; {departure.got.cause} after a run of {before.asked.definition}"
    return replace(departure, kind=DEPENDS, reason=reason)


DEPENDS = "depends on earlier cases"


def _with_small_example(group: Group, engine: Engine) -> Group:
    """The group with its first example made smaller, where it is a generated one: recordings stay as they are."""
    first = group.departures[0]
    if first.trial.recorded or group.kind == DEPENDS:
        return group
    own = OwnEngine()
    found = first

    def departs(definition: Json) -> bool:
        nonlocal found
        asked = first.trial.asked._replace(definition=json.dumps(definition))
        trial = replace(first.trial, asked=asked, expected=own.run(asked, LIMIT_SECONDS))
        if trial.expected.status == REFUSED:
            return False
        departure = _tried(trial, engine, first.trial)
        if departure is None or departure.kind != group.kind:
            return False
        found = departure
        return True

    smaller(first.trial.definition, departs)
    return replace(group, departures=(found, *group.departures[1:]))


def judge(trial: Trial, got: Ran) -> Departure | None:
    """The first thing in which an outcome departs from the expected one."""
    for kind, difference in _differences(trial, got):
        if difference:
            return Departure(trial, kind, difference, got)
    return None


def _differences(trial: Trial, got: Ran) -> Iterator[tuple[str, str]]:
    expected, wildcards = trial.expected, _wildcards(trial)
    if expected.status in (REFUSED, "TAKEN"):
        yield "verdict on a definition", _verdict(expected, got)
        return
    if got.status in (REFUSED, UNFINISHED, BROKEN):
        yield _ENDS[got.status], f"{got.error or got.status}: {got.cause or ''}"
        return
    yield "status", _first("status", expected.status, got.status, wildcards, got.cause)
    yield "output", _first("output", _value(expected.output), _value(got.output), wildcards)
    yield "error", _first("error", expected.error, got.error, wildcards)
    yield "cause", _cause(trial, got, wildcards)
    yield "history", _history(trial, got, wildcards)


_ENDS = {REFUSED: "verdict on a definition", UNFINISHED: "does not end", BROKEN: "breaks"}


def _verdict(expected: Ran, got: Ran) -> str:
    if expected.status == "TAKEN":
        return f"refuses what AWS takes: {got.cause}" if got.status == REFUSED else ""
    return "" if got.status in (REFUSED, BROKEN) else f"takes what AWS refuses: {expected.cause}"


def _wildcards(trial: Trial) -> Wildcards:
    """What a recording leaves open, and the names and ARNs that were the recorded execution's own."""
    if trial.recorded is None:
        return Wildcards()
    wildcards = trial.recorded.wildcards
    context = trial.recorded.document.get("context") or {}
    names = sorted({str(name) for name in context.values() if name}, key=len, reverse=True)
    return replace(wildcards, tokens=(*wildcards.tokens, *names))


def _first(field: str, expected: Json, got: Json, wildcards: Wildcards, cause: str | None = None) -> str:
    difference = first_difference(expected, got, wildcards, ("final", field))
    because = f" ({cause})" if difference and cause else ""
    return f"{difference}{because}" if difference else ""


def _value(text: str | None) -> Json:
    return None if text is None else decoded_text(text)


def _cause(trial: Trial, got: Ran, wildcards: Wildcards) -> str:
    if trial.recorded and trial.recorded.aws.get("cause_exact") is False:
        return _first("cause", trial.recorded.aws["cause_object"], decoded_text(got.cause or ""), wildcards)
    return _first("cause", trial.expected.cause, got.cause, wildcards)


BRANCHING = frozenset({"Parallel", "Map"})
"""In what order their branches advance is an engine's own: the histories of generated cases that have them are not
compared."""


def _history(trial: Trial, got: Ran, wildcards: Wildcards) -> str:
    events = trial.expected.events
    if not events or (trial.recorded is None and features_of(trial.definition) & BRANCHING):
        return ""
    unordered = trial.recorded and trial.recorded.document["events_order_normalised"]
    compare = unordered_events_difference if unordered else events_difference
    if trial.recorded:
        events = as_aws_shows_now(events, trial.recorded.document.get("recorded_date"))
    difference = compare(events, got.events, wildcards)
    return str(difference) if difference else ""


# --- grouping ---------------------------------------------------------------------------------------------------------


def _grouped(departures: Sequence[Departure], agreeing: Sequence[Trial]) -> Iterator[Group]:
    """By kind and feature; the groups with the most departures first."""
    good = [features_of(trial.definition) for trial in agreeing]
    groups: dict[tuple[str, str], list[Departure]] = {}
    for kind in {departure.kind: None for departure in departures}:
        of_kind = {departure.trial.id: departure for departure in departures if departure.kind == kind}
        features = {id_: features_of(departure.trial.definition) for id_, departure in of_kind.items()}
        for id_, feature in attributed(features, good).items():
            groups.setdefault((kind, feature), []).append(of_kind[id_])
    for (kind, feature), found in sorted(groups.items(), key=lambda item: -len(item[1])):
        yield Group(kind, feature, tuple(sorted(found, key=lambda departure: len(departure.trial.asked.definition))))


# --- report -----------------------------------------------------------------------------------------------------------


def render(outcome: Outcome, most: int = 20) -> str:
    """What a run prints: groups with their smallest example, what was left out, and the sums in the last line."""
    lines: list[str] = []
    for group in outcome.groups[:most]:
        first = group.departures[0]
        lines += [f"{len(group.departures):4} x {group.kind}, {group.feature}", *_shown(first)]
    if len(outcome.groups) > most:
        lines.append(f"and {len(outcome.groups) - most} smaller groups: --report FILE has them all")
    lines += [f"left out {number}: {reason}" for reason, number in outcome.left_out.items()]
    sums = f"{outcome.agreeing} agree, {outcome.departing} depart, {sum(outcome.left_out.values())} left out"
    lines.append(f"{outcome.engine}: {sums}")
    return "\n".join(lines)


def _shown(departure: Departure) -> list[str]:
    trial = departure.trial
    shown = {"definition": trial.asked.definition, "input": trial.asked.input}
    lines = [f"     {name}: {_short(' '.join(text.split()), 400)}" for name, text in shown.items()]
    return [f"     {_short(departure.reason, 400)}", *lines, f"     evidence: {trial.evidence}"]


def _short(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 3]}..."


def as_json(outcome: Outcome) -> dict[str, Any]:
    """The whole of it, for a file."""
    return {
        "engine": outcome.engine,
        "agree": outcome.agreeing,
        "depart": outcome.departing,
        "left_out": outcome.left_out,
        "groups": [_group_json(group) for group in outcome.groups],
    }


def _group_json(group: Group) -> dict[str, Any]:
    smallest = group.departures[0]
    return {
        "kind": group.kind,
        "feature": group.feature,
        "cases": [departure.trial.id for departure in group.departures],
        "smallest": {
            "definition": smallest.trial.definition,
            "input": decoded_text(smallest.trial.asked.input),
            "reason": smallest.reason,
            "expected": _ended(smallest.trial.expected),
            "got": _ended(smallest.got),
            "evidence": smallest.trial.evidence,
        },
    }


def _ended(ran: Ran) -> dict[str, Json]:
    return {"status": ran.status, "output": ran.output, "error": ran.error, "cause": ran.cause}
