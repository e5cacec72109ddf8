"""What was covered of which machine: the tallies joined with the definitions, as every report reads them.

The rule: the file is read again for its lines, so that a report shows it as it is; a file that cannot be read, or that
has changed since it was measured, is told among the `faults` and its machine left out, never counted as covered.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping
from math import floor
from pathlib import Path

from asl_engine.definition.graph import Machine
from asl_engine.definition.reader import read_definition
from asl_engine.definition.sources.load import load_sources
from asl_engine.definition.sources.source import Source, SourceError
from asl_engine.records import field, record
from asl_engine.reporting.files import NothingFound, named_files
from asl_engine.states.table import STATE_TYPES
from asl_engine.testing.coverage.collector import Collector, Tally
from asl_engine.testing.coverage.elements import (
    BODY,
    CATCHER,
    DEFAULT,
    EMPTY,
    KINDS,
    LEADS_ON,
    RETRIER,
    RULE,
    STATE,
    Element,
    elements,
    shape_of,
)


@record(frozen=True, slots=True)
class Share:
    """So many of so many."""

    covered: int
    total: int

    @property
    def percent(self) -> float:
        """100 where there is nothing to cover."""
        return 100.0 * self.covered / self.total if self.total else 100.0

    @property
    def floored(self) -> float:
        """The percent to two digits, never rounded up: what falls short never looks as if it did not."""
        return floor(self.percent * 100) / 100

    @property
    def told(self) -> str:
        """The percent for a reader."""
        return f"{self.floored:.2f} %"

    def __str__(self) -> str:
        return f"{self.covered}/{self.total}" if self.total else "-"


@record(frozen=True, slots=True, kw_only=True)
class MachineCoverage:
    """One machine: `elements` in the order of the document, `hits` by pointer, `tests` by pointer. `file` is "" and
    `text` the definition as JSON where it stands in no file; `line_of` gives an element's line in `text`, from 1.
    `text_file` is the file of `text`: another one than `file` where that is a template that names it."""

    name: str
    file: str
    definition: Machine
    text: str
    elements: tuple[Element, ...]
    hits: Mapping[str, int]
    tests: Mapping[str, frozenset[str]]
    line_of: Callable[[str], int]
    text_file: str = ""

    @property
    def label(self) -> str:
        """What a reader knows it by."""
        return (
            f"{self.file} ({self.name})"
            if self.file and Path(self.file).name.split(".")[0] != self.name
            else (self.file or self.name)
        )

    def share(self, *kinds: str) -> Share:
        """How many elements of some kinds were used; of all kinds where none is named."""
        chosen = [element for element in self.elements if not kinds or element.kind in kinds]
        return Share(sum(1 for element in chosen if self.hits.get(element.pointer)), len(chosen))

    @property
    def missing(self) -> list[Element]:
        """What was not used."""
        return [element for element in self.elements if not self.hits.get(element.pointer)]


@record(frozen=True, slots=True)
class Coverage:
    """The machines, and what could not be read."""

    machines: tuple[MachineCoverage, ...]
    faults: tuple[str, ...] = field(default_factory=tuple)

    def share(self, *kinds: str) -> Share:
        """Over all machines."""
        shares = [machine.share(*kinds) for machine in self.machines]
        return Share(sum(share.covered for share in shares), sum(share.total for share in shares))

    def shortfall(self, least: float) -> str | None:
        """Why the coverage in all falls short of `least` percent, None where it does not. Nothing measured does."""
        if not self.machines:
            return f"no state machine was measured, and {least:g} % are asked for"
        share = self.share()
        return f"{share.told}, less than {least:g} %" if share.percent < least else None

    def as_json(self) -> dict[str, object]:
        """A JSON value: totals, and every element of every machine with its hits and tests."""
        return {
            "percent": self.share().floored,
            "totals": _totals(self.share),
            "machines": [_machine_as_json(machine) for machine in self.machines],
            "faults": list(self.faults),
        }


def _totals(share: Callable[..., Share]) -> dict[str, dict[str, int]]:
    named = {kind: share(kind) for kind in KINDS} | {"transition in all": share(*LEADS_ON), "all": share()}
    return {name: {"covered": one.covered, "total": one.total} for name, one in named.items()}


def _machine_as_json(machine: MachineCoverage) -> dict[str, object]:
    return {
        "name": machine.name,
        "file": machine.file or None,
        "percent": machine.share().floored,
        "totals": _totals(machine.share),
        "elements": [
            {
                "pointer": element.pointer,
                "kind": element.kind,
                "state": element.state,
                "target": element.target,
                "line": machine.line_of(element.pointer),
                "hits": machine.hits.get(element.pointer, 0),
                "tests": sorted(machine.tests.get(element.pointer, ())),
            }
            for element in machine.elements
        ],
    }


# --- from tallies -----------------------------------------------------------------------------------------------------


def coverage_of(collector: Collector) -> Coverage:
    """What a collector counted, with the definition files below its folder that no execution came from."""
    collector.take("")
    tallies = list(collector.tallies.values())
    faults: list[str] = []
    found = [machine for tally in tallies for machine in _of_tally(tally, collector.root, faults)]
    known = {(tally.file, tally.name) for tally in tallies}
    shown = {file for file, _ in known} | {machine.text_file for machine in found}
    for file in _below(collector):
        found += _of_file(file, known, file in shown, collector.root, faults)
    return Coverage(
        tuple(sorted(found, key=lambda machine: (not machine.file, machine.file, machine.name))), tuple(faults)
    )


def _below(collector: Collector) -> Iterator[str]:
    """The definition files below the folder that is measured, as tallies name them."""
    if collector.under is None:
        return
    try:
        files = named_files([str(collector.under)])
    except NothingFound:
        return
    for file in files:
        yield _shown(file, collector.root)


def _shown(file: str, root: Path) -> str:
    path = Path(file)
    return str(path.relative_to(root)) if path.is_relative_to(root) else file


def _of_tally(tally: Tally, root: Path, faults: list[str]) -> Iterator[MachineCoverage]:
    for source in _sources(tally, root, faults):
        now, _ = read_definition(source.document, STATE_TYPES)
        then, _ = read_definition(tally.document, STATE_TYPES)
        if now is None or then is None:
            faults.append(f"{tally.file or tally.name}: is no longer a definition")
        elif shape_of(now) != tally.shape:
            faults.append(f"{tally.file}: the machine {tally.name} has changed since it was measured")
        else:
            yield _covered(tally, then, source, root)


def _of_file(
    file: str, known: Container[tuple[str, str]], is_shown: bool, root: Path, faults: list[str]
) -> Iterator[MachineCoverage]:
    """The machines of a file of which nothing was run; none where the file is one machine, and shown already."""
    sources = _load(file, root, [] if is_shown else faults)
    if is_shown and len(sources) == 1:
        return
    for source in sources:
        if (file, source.name) in known:
            continue
        definition, diagnostics = read_definition(source.document, STATE_TYPES)
        if definition is None or any(one.severity == "ERROR" for one in diagnostics):
            faults.append(f"{file}: its machine {source.name} has errors; asl validate tells them")
            continue
        yield _covered(Tally(name=source.name, file=file), definition, source, root)


def _covered(tally: Tally, definition: Machine, source: Source, root: Path) -> MachineCoverage:
    place = source.locate("/States").file if tally.file else ""
    return MachineCoverage(
        name=tally.name,
        file=tally.file,
        definition=definition,
        text=(root / place).read_text("utf-8", "replace") if place else _inline_text(tally),
        elements=tuple(elements(definition)),
        hits=Counter(tally.hits),
        tests={pointer: frozenset(names) for pointer, names in tally.tests.items()},
        line_of=lambda pointer: source.locate(pointer).line,
        text_file=_shown(place, root) if place else "",
    )


def _sources(tally: Tally, root: Path, faults: list[str]) -> list[Source]:
    if not tally.file:
        return load_sources("definition.json", read=lambda name: _inline_text(tally).encode(), kind="json")
    sources = _load(tally.file, root, faults)
    named = [source for source in sources if source.name == tally.name]
    if sources and not named:
        faults.append(f"{tally.file}: holds no state machine named {tally.name!r} any more")
    return named[:1]


def _inline_text(tally: Tally) -> str:
    return json.dumps(tally.document, indent=2, ensure_ascii=False)


def _load(file: str, root: Path, faults: list[str]) -> list[Source]:
    try:
        return load_sources(str(root / file), read=lambda name: Path(name).read_bytes())
    except (SourceError, OSError) as error:
        faults.append(f"{file}: {error}")
        return []


COLUMNS = {
    "states": (STATE,),
    "transitions": tuple(sorted(LEADS_ON)),
    "rules": (RULE, DEFAULT),
    "retriers": (RETRIER,),
    "catchers": (CATCHER,),
    "bodies": (BODY, EMPTY),
}
"""The columns of a table -> the kinds that each counts. A Choice rule is a transition too."""
