"""An execution told to a person: how it ended, the path it took, and of the state that broke its input and failure.

Plain ASCII but for what the values hold, lines of bounded length: this stands in the output of failed tests.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from asl_engine.execution.visits import Lane, Visit, Visits, broken, open_visits, visits_of
from asl_engine.jsonvalue import Json

if TYPE_CHECKING:
    from asl_engine.execution.execution import Execution

WIDTH = 110
LONGEST_VALUE = 1_500
MOST_STEPS = 60
_LABEL = 10


def account(execution: Execution) -> str:
    """The execution in a few lines."""
    visits = visits_of(execution.records)
    culprits = culprits_of(execution, visits)
    note = "broke here" if execution.status == "FAILED" else "open"
    path = " -> ".join(path_texts(visits.main, {id(culprit): note for culprit in culprits}))
    lines = [headline(execution, culprits), *_labelled("path", path)]
    for culprit in culprits[:3]:
        lines += _state(culprit) + _children(execution, culprit)
    if len(culprits) > 3:
        lines.append(f"  (and {len(culprits) - 3} other states that stood open)")
    lines += _labelled("error", execution.error) + _labelled("cause", execution.cause and cut(execution.cause))
    return "\n".join(lines)


def culprits_of(execution: Execution, visits: Visits) -> list[Visit]:
    """The state that broke; where an execution was ended or still runs, those that stand open."""
    if execution.status == "SUCCEEDED":
        return []
    if execution.status == "FAILED":
        visit = broken(execution.records, visits)
        return [] if visit is None else [visit]
    return open_visits(visits.main)


_VERBS = {"FAILED": "in", "TIMED_OUT": "in", "ABORTED": "in", "RUNNING": "waiting in"}


def headline(execution: Execution, culprits: Sequence[Visit]) -> str:
    """`Order FAILED in Charge after 3 s`."""
    status = status_and_place(execution, culprits)
    return f"{execution.settings.machine_name} {status} after {seconds(execution.elapsed)}"


def status_and_place(execution: Execution, culprits: Sequence[Visit]) -> str:
    """`FAILED in Charge`."""
    where = ", ".join(dict.fromkeys(visit.name for visit in culprits))
    return f"{execution.status} {_VERBS[execution.status]} {where}" if where else execution.status


def seconds(value: float) -> str:
    """`3 s`, `0.25 s`."""
    return f"{value:g} s" if value < 1e6 else f"{value:.0f} s"


# --- the path ---------------------------------------------------------------------------------------------------------


NO_NOTES: Mapping[int, str] = {}


def path_texts(lane: Lane, notes: Mapping[int, str] = NO_NOTES) -> list[str]:
    """A lane's steps, what is inside a state in brackets; the middle of a long path is left out. `notes`: what is said
    of a visit, by its id()."""
    visits = lane.visits
    if len(visits) <= MOST_STEPS:
        return [_step(visit, notes) for visit in visits]
    half = MOST_STEPS // 2
    gap = f"({len(visits) - 2 * half} more)"
    ends = [[_step(visit, notes) for visit in part] for part in (visits[:half], visits[-half:])]
    return [*ends[0], gap, *ends[1]]


def _step(visit: Visit, notes: Mapping[int, str]) -> str:
    said = [f"{visit.attempts} attempts"] if visit.attempts > 1 else []
    said += [notes[id(visit)]] if id(visit) in notes else []
    noted = f" ({', '.join(said)})" if said else ""
    inner = _alike((" -> ".join(path_texts(lane, notes)) or "nothing" for lane in visit.lanes), " | ")
    return f"{visit.name}{noted}{f' [{inner}]' if inner else ''}"


def _alike(texts: Iterable[str], between: str) -> str:
    """Texts one after the other; neighbours that are the same are told once."""
    counted = ((text, len(list(group))) for text, group in groupby(texts))
    return between.join(text if count == 1 else f"{count} x {text}" for text, count in counted)


# --- the state that broke ---------------------------------------------------------------------------------------------


def _state(visit: Visit) -> list[str]:
    tries = f", {visit.attempts} attempts" if visit.attempts > 1 else ""
    waits = ", ".join(seconds(delay / 1000) for delay in visit.delays)
    waited = f", retried after {waits}" if waits else ""
    around = "".join(f", in {place}" for place in _places(visit))
    lines = _labelled("state", f"{visit.name} ({visit.type}{tries}{waited}{around})")
    lines += _labelled("input", shown(visit.input))
    earlier = _alike((str(error.error) for error in visit.errors[:-1]), ", ")
    return lines + (_labelled("earlier", earlier) if earlier else [])


def _children(execution: Execution, visit: Visit) -> list[str]:
    """The first child execution that failed, and the state in it that broke, where the state is a distributed Map."""
    runs = [run for run in execution.map_runs if run.state_name == visit.name] if visit.type == "Map" else []
    first = runs[-1].first_failed if runs else None
    if first is None:
        return []
    counts = runs[-1].execution_counts
    told = f"the first of {counts.failed + counts.timed_out} that failed"
    culprits = culprits_of(first, visits_of(first.records))
    where = f", in {culprits[0].name}" if culprits else ""
    lines = _labelled("child", f"{told}{where}: {first.error}{f': {cut(first.cause)}' if first.cause else ''}")
    return lines + _labelled("", f"its input {shown(first.records[0][4])}")


def _places(visit: Visit) -> Iterator[str]:
    inside = visit.lane.inside
    if inside is not None:
        kind = "branch" if inside.type == "Parallel" else "item"
        yield f"{kind} {visit.lane.index} of {inside.name}"
        yield from _places(inside)


def shown(value: Json) -> str:
    """A value as JSON text in one line, cut where it is long."""
    return cut(json.dumps(value, ensure_ascii=False, default=repr))


def cut(text: str, longest: int = LONGEST_VALUE) -> str:
    """A text, the end of a long one left out."""
    return text if len(text) <= longest else f"{text[:longest]}... ({len(text) - longest} more characters)"


def _labelled(label: str, text: str | None) -> list[str]:
    """Lines under a label, folded; none for no text."""
    if text is None:
        return []
    lines = [part for line in text.splitlines() for part in textwrap.wrap(line, WIDTH - _LABEL) or [""]]
    first, rest = (lines[0], lines[1:]) if lines else ("", [])
    return [f"  {label:<{_LABEL - 2}}{first}".rstrip(), *(" " * _LABEL + line for line in rest)]


def pretty(value: Any) -> list[str]:
    """A value as JSON text in lines, keys in order, to compare line by line; what is not JSON as Python has it."""
    try:
        return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True, default=repr).splitlines()
    except (TypeError, ValueError):  # keys that are no texts, a value inside itself
        return [repr(value)]
