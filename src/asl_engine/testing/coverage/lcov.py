"""lcov: coverage on the definition's lines, as editors and code-review services show it.

A line counts as executed as often as the element on it that was used most; the rules and Default of a Choice, and the
catchers of a state, are branches of their state's line. Format: geninfo(1).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from asl_engine.testing.coverage.elements import CATCHER, DEFAULT, RULE, STATE
from asl_engine.testing.coverage.results import Coverage, MachineCoverage

_BRANCHES = (RULE, DEFAULT, CATCHER)


def to_lcov(coverage: Coverage) -> str:
    """The tracefile: a record a file. Machines that stand in no file have no lines and are left out."""
    files: dict[str, list[MachineCoverage]] = defaultdict(list)
    for machine in coverage.machines:
        if machine.text_file:
            files[machine.text_file].append(machine)
    return "".join(f"{line}\n" for file, machines in files.items() for line in _record(file, machines))


def _record(file: str, machines: list[MachineCoverage]) -> Iterator[str]:
    yield "TN:"
    yield f"SF:{file}"
    branches = _branches_of_all(machines)
    for line, block, number, taken in branches:
        yield f"BRDA:{line},{block},{number},{taken}"
    yield f"BRF:{len(branches)}"
    yield f"BRH:{sum(1 for *_, taken in branches if taken not in ('-', '0'))}"
    lines: dict[int, int] = {}
    for machine in machines:
        for line, hits in line_hits(machine).items():
            lines[line] = max(hits, lines.get(line, 0))
    for line, hits in sorted(lines.items()):
        yield f"DA:{line},{hits}"
    yield f"LF:{len(lines)}"
    yield f"LH:{sum(1 for hits in lines.values() if hits)}"
    yield "end_of_record"


def line_hits(machine: MachineCoverage) -> dict[int, int]:
    """Line -> hits of the element on it that was used most."""
    lines: dict[int, int] = {}
    for element in machine.elements:
        line = machine.line_of(element.pointer)
        lines[line] = max(machine.hits.get(element.pointer, 0), lines.get(line, 0))
    return lines


def _branches_of_all(machines: list[MachineCoverage]) -> list[tuple[int, int, int, str]]:
    """Those of every machine of a file; the blocks are numbered through, so that none is there twice."""
    blocks = [block for machine in machines for block in _blocks(machine)]
    return [(line, number, way, taken) for number, (line, ways) in enumerate(blocks) for way, taken in enumerate(ways)]


def _blocks(machine: MachineCoverage) -> Iterator[tuple[int, list[str]]]:
    """Each state's line, and how often each of its ways was taken: "-" where none was ever judged."""
    for state in (element for element in machine.elements if element.kind == STATE):
        ways = [one for one in machine.elements if one.state == state.state and one.kind in _BRANCHES]
        entered = bool(machine.hits.get(state.pointer))
        yield (
            machine.line_of(state.pointer),
            [str(machine.hits.get(way.pointer, 0)) if entered else "-" for way in ways],
        )
