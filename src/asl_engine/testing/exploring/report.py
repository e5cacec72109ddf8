"""What an exploration found, told: as text for a terminal and as a JSON value."""

from __future__ import annotations

import json
from collections.abc import Iterator

from asl_engine.jsonvalue import Json
from asl_engine.testing.coverage.elements import Element
from asl_engine.testing.coverage.results import COLUMNS
from asl_engine.testing.exploring.files import named_cases
from asl_engine.testing.exploring.scenarios import ENDLESS, Ran
from asl_engine.testing.exploring.search import Exploration

LONGEST = 200
"""Characters of an input that are shown; the files hold all."""


def as_text(found: Exploration) -> str:
    """The report, a finding a line."""
    return "\n".join(_lines(found))


def _lines(found: Exploration) -> Iterator[str]:
    shares = ", ".join(f"{name} {covered}/{total}" for name, (covered, total) in shares_of(found).items() if total)
    yield f"{found.machine.name}: {shares}; {found.runs} runs, {len(found.cases)} cases kept"
    if found.cut_short:
        yield "the search was cut short: more runs (--max-runs) may find more"
    if not found.cases:
        yield "no input was found that may be tried: give one (--input)"
    yield from _section("cannot be reached", (f"{_says(found, p)}: {why}" for p, why in found.unreachable.items()))
    yield from _section("not reached", (_missed(found, element) for element in found.missed))
    yield from _section("how executions fail", _failures(found))
    uncaught = (f"{state}: {', '.join(errors)}" for state, errors in found.uncaught.items())
    yield from _section("errors of tasks that nothing catches", uncaught)
    endless = (f"input {_short(one.scenario.input)}" for one in found.cases if one.status == ENDLESS)
    yield from _section("goes round in circles", endless)


def _section(title: str, lines: Iterator[str]) -> Iterator[str]:
    told = list(lines)
    if told:
        yield f"{title}:"
        yield from (f"  {line}" for line in told)


def shares_of(found: Exploration) -> dict[str, tuple[int, int]]:
    """Column -> how many elements were used, of how many."""
    shares = {}
    for name, kinds in COLUMNS.items():
        chosen = [element for element in found.elements if element.kind in kinds]
        shares[name] = sum(1 for element in chosen if element.pointer in found.covered), len(chosen)
    return shares


def _says(found: Exploration, pointer: str) -> str:
    return next((element.says for element in found.elements if element.pointer == pointer), pointer)


def _missed(found: Exploration, element: Element) -> str:
    tried = found.tried.get(element.pointer, 0)
    nearest = next((case for case in reversed(found.cases) if _broke_in(case, element)), None)
    why = f"; the nearest run failed: {nearest.told}"[:LONGEST] if nearest is not None and nearest.told else ""
    return f"{element.says} ({tried} runs tried{why})"


def _broke_in(case: Ran, element: Element) -> bool:
    return case.status == "FAILED" and case.broke_at == element.state


def _failures(found: Exploration) -> Iterator[str]:
    for name, case in named_cases(found).items():
        if case.status != "SUCCEEDED":
            made = ", ".join(f"{state} fails with {failing.error}" for state, failing in case.scenario.failing.items())
            by = f" where {made}" if made else ""
            yield f"{name}: {case.status} {case.error} at {case.broke_at}{by}; input {_short(case.scenario.input)}"


def _short(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def as_json(found: Exploration) -> dict[str, Json]:
    """The same as a JSON value."""
    return {
        "machine": found.machine.name,
        "runs": found.runs,
        "cut_short": found.cut_short,
        "covered": sorted(found.covered),
        "unreachable": dict(found.unreachable),
        "missed": [element.pointer for element in found.missed],
        "uncaught": {state: list(errors) for state, errors in found.uncaught.items()},
        "cases": {name: _case(case) for name, case in named_cases(found).items()},
        "endless": [case.scenario.input for case in found.cases if case.status == ENDLESS],
    }


def _case(case: Ran) -> dict[str, Json]:
    failing = {state: {"error": one.error, "first": one.first} for state, one in case.scenario.failing.items()}
    return {
        "input": case.scenario.input,
        "results": dict(case.scenario.results),
        "failing": failing,
        "status": case.status,
        "error": case.error,
        "cause": case.told,
        "path": list(case.path),
    }
