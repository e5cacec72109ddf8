"""HTML: a page a machine, with its graph and its source coloured, and an index.

Files that stand alone: no scripts, fonts or pictures from elsewhere. What tells the colours of a graph is a style sheet
beside the drawing; the drawing itself is `drawing`'s.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path

from asl_engine.drawing import draw
from asl_engine.drawing.look import EDGES, STYLES
from asl_engine.drawing.marks import TAKEN, UNTAKEN
from asl_engine.drawing.model import CATCH, NEXT
from asl_engine.drawing.overlay import Overlay, StateTally, Transition
from asl_engine.drawing.wording import shown
from asl_engine.testing.coverage.elements import CATCHER, KINDS, LEADS_ON, RETRIER, STATE, Element
from asl_engine.testing.coverage.results import COLUMNS, Coverage, MachineCoverage, Share

COVERED, PARTLY, MISSED = "covered", "partly", "missed"


def write_pages(coverage: Coverage, folder: str | Path) -> Path:
    """Writes the pages into a folder, which is made where it is not there; the path of the index."""
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    names = _page_names(coverage)
    for machine, name in zip(coverage.machines, names, strict=True):
        (place / name).write_text(machine_page(machine), "utf-8")
    (place / "index.html").write_text(index_page(coverage, names), "utf-8")
    return place / "index.html"


def _page_names(coverage: Coverage) -> list[str]:
    """A file name for each machine, from its label, all different whatever the file system thinks of case."""
    taken: set[str] = {"index"}
    names = []
    for machine in coverage.machines:
        stem = re.sub(r"[^A-Za-z0-9._-]+", "_", machine.label).strip("._") or "machine"
        name, number = stem, 1
        while name.lower() in taken:
            number += 1
            name = f"{stem}-{number}"
        taken.add(name.lower())
        names.append(f"{name}.html")
    return names


# --- the index --------------------------------------------------------------------------------------------------------


def index_page(coverage: Coverage, names: list[str]) -> str:
    """The page that lists the machines."""
    rows = [
        _row(f'<a href="{escape(name)}">{escape(machine.label)}</a>', machine.share)
        for machine, name in zip(coverage.machines, names, strict=True)
    ]
    head = "".join(f"<th>{escape(column)}</th>" for column in ("state machine", *COLUMNS, "cover"))
    faults = "".join(f"<li>{escape(fault)}</li>" for fault in coverage.faults)
    body = [
        _header("State machine coverage", coverage.share),
        f'<table class="sortable"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody>',
        f"<tfoot>{_row('total', coverage.share)}</tfoot></table>",
        f"<h2>Not read</h2><ul>{faults}</ul>" if faults else "",
    ]
    return _page("State machine coverage", body)


def _row(label: str, share: Callable[..., Share]) -> str:
    cells = "".join(_cell(share(*kinds)) for kinds in COLUMNS.values())
    return f'<tr><td>{label}</td>{cells}<td data-sort="{share().percent:.4f}">{_bar(share())}</td></tr>'


def _cell(share: Share) -> str:
    return f'<td class="number" data-sort="{share.percent:.4f}">{share}</td>'


def _bar(share: Share) -> str:
    percent = f"{_floor(share.percent)} %"
    return f'<span class="bar"><span style="width:{share.percent:.2f}%"></span></span> {percent}'


def _floor(percent: float) -> str:
    """One digit, never rounded up: 100.0 is whole."""
    return f"{int(percent * 10) / 10:.1f}"


def _header(title: str, share: Callable[..., Share], above: str = "") -> str:
    chips = "".join(
        f'<li class="{_grade(share(*kinds))}"><b>{share(*kinds)}</b> {escape(column)}</li>'
        for column, kinds in COLUMNS.items()
        if share(*kinds).total
    )
    whole = f'<p class="whole {_grade(share())}">{_floor(share().percent)}<small> %</small></p>'
    return f"<header>{whole}<div>{above}<h1>{escape(title)}</h1><ul class=chips>{chips}</ul></div></header>"


def _grade(share: Share) -> str:
    return COVERED if share.covered == share.total else MISSED if not share.covered else PARTLY


# --- a machine --------------------------------------------------------------------------------------------------------


def machine_page(machine: MachineCoverage) -> str:
    """The page of one machine."""
    above = f'<p class="path"><a href="index.html">all machines</a> / {escape(machine.file or "no file")}</p>'
    missing = f'<a href="#missing">missing: {len(machine.missing)}</a>'
    body = [
        _header(machine.name, machine.share, above),
        f'<nav>{missing} <a href="#definition">definition</a> <a href="#everything">everything</a></nav>',
        f'<figure class="graph">{_graph(machine)}</figure>{_KEY}',
        _missing(machine),
        '<h2 id="definition">Definition</h2>',
        _source(machine),
        '<h2 id="everything">Everything</h2>',
        _everything(machine),
    ]
    return _page(f"{machine.name}: coverage", body, _edge_style() + _graph_style(machine))


def _graph(machine: MachineCoverage) -> str:
    return draw(machine.definition, overlay=overlay_of_hits(machine), name=machine.name)


def overlay_of_hits(machine: MachineCoverage) -> Overlay:
    """What all executions did together, as `drawing` takes it."""
    states: dict[str, StateTally] = defaultdict(StateTally)
    transitions: dict[Transition, int] = defaultdict(int)
    ended: dict[str, int] = defaultdict(int)
    for element in machine.elements:
        hits = machine.hits.get(element.pointer, 0)
        if element.kind == STATE:
            states[element.state].entered += hits
            states[element.state].succeeded += hits
        elif element.kind == RETRIER:
            states[element.state].retries += hits
        elif element.kind in LEADS_ON and element.target is not None:
            transitions[Transition(element.state, element.target, element.kind == CATCHER)] += hits
        elif element.kind in LEADS_ON:
            ended[element.state] += hits
        elif hits and element.target is not None:
            transitions[Transition(None, element.target, False)] += hits
    first = machine.definition.start_at
    transitions[Transition(None, first, False)] += states[first].entered
    return Overlay("SUCCEEDED", dict(states), dict(transitions), dict(ended))


_KEY = (
    f'<ul class="chips key"><li class="{COVERED}">all of it used</li>'
    f'<li class="{PARTLY}">used in part</li><li class="{MISSED}">never used</li></ul>'
)


def _edge_style() -> str:
    """The drawing is about one execution: there what was not taken fades, and an error is red. Here what was not taken
    is what a reader looks for; so red says that, and nothing fades."""
    used, caught = EDGES[NEXT, TAKEN].colour, EDGES[CATCH, TAKEN].colour
    rules = [
        f'.graph path[stroke="{caught}"] {{ stroke: {used} }} #head-{caught[1:]} path {{ fill: {used} }}',
        f'.graph svg > text[fill="{caught}"] {{ fill: {used} }}',
        ".graph [opacity] { opacity: 1 } .graph svg > text[opacity] { fill: var(--missed-ink) }",
    ]
    for kind in (NEXT, CATCH):
        faded = EDGES[kind, UNTAKEN].colour
        rules.append(f'.graph path[stroke="{faded}"] {{ stroke: var(--missed-ink); stroke-width: 2 }}')
        rules.append(f"#head-{faded[1:]} path {{ fill: var(--missed-ink) }}")
    sample = f'.graph svg > rect[rx="3"][stroke="{STYLES[UNTAKEN].stroke}"]'
    rules.append(f"{sample} {{ stroke: var(--missed-ink); fill: var(--missed-fill) }}")
    return "\n".join([*rules, ""])


def _graph_style(machine: MachineCoverage) -> str:
    """Colours for what was missed wholly or in part; what was covered has the drawing's own."""
    rules = []
    for name, elements in _by_state(machine).items():
        grade = grade_of(machine, elements)
        if grade != COVERED:
            state = f'svg g[data-state="{_css(shown(name))}"]'
            ink, fill = ("--missed-ink", "--missed-fill") if grade == MISSED else ("--partly-ink", "--partly-fill")
            rules.append(f"{state} > rect, {state} > path {{ stroke: var({ink}); fill: var({fill}); opacity: 1 }}")
    return "\n".join(rules)


def _css(text: str) -> str:
    return "".join(f"\\{ord(char):x} " if char in '\\"<>&\n\r\f' else char for char in text)


def _by_state(machine: MachineCoverage) -> dict[str, list[Element]]:
    found: dict[str, list[Element]] = defaultdict(list)
    for element in machine.elements:
        found[element.state].append(element)
    return found


def grade_of(machine: MachineCoverage, elements: list[Element]) -> str:
    """Whether all, some or none of these were used."""
    used = sum(1 for element in elements if machine.hits.get(element.pointer))
    return COVERED if used == len(elements) else PARTLY if used else MISSED


def _missing(machine: MachineCoverage) -> str:
    missing = machine.missing
    if not missing:
        return '<p class="all" id="missing">Everything was used.</p>'
    rows = "".join(_missing_row(machine, element) for element in missing)
    head = "<th>line</th><th>kind</th><th>what</th>"
    return (
        f'<h2 id="missing">Missing: {len(missing)}</h2>'
        f'<table class="sortable"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    )


def _missing_row(machine: MachineCoverage, element: Element) -> str:
    line = machine.line_of(element.pointer)
    place = f'<td class="number" data-sort="{line}"><a href="#L{line}">{line}</a></td>'
    return f"<tr>{place}<td>{element.kind}</td><td>{escape(element.says)}</td></tr>"


def _source(machine: MachineCoverage) -> str:
    """The text, each line marked by the elements on it, with how often the line's first element was used."""
    on_line: dict[int, list[Element]] = defaultdict(list)
    for element in machine.elements:
        on_line[machine.line_of(element.pointer)].append(element)
    rows = []
    for number, text in enumerate(machine.text.splitlines(), 1):
        elements = on_line.get(number, [])
        grade = grade_of(machine, elements) if elements else ""
        hits = f"{machine.hits.get(elements[0].pointer, 0)}×" if elements else ""
        told = escape("; ".join(f"{one.says}: {machine.hits.get(one.pointer, 0)}×" for one in elements), quote=True)
        title = f' title="{told}"' if told else ""
        rows.append(
            f'<li id="L{number}" class="{grade}"{title}><i>{number}</i><b>{hits}</b><code>{escape(text)}</code></li>'
        )
    return f'<ol class="source">{"".join(rows)}</ol>'


def _everything(machine: MachineCoverage) -> str:
    rows = "".join(_everything_rows(machine))
    head = "".join(f"<th>{name}</th>" for name in ("line", "kind", "what", "used", "tests"))
    return f'<table class="sortable"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def _everything_rows(machine: MachineCoverage) -> Iterator[str]:
    for element in machine.elements:
        hits, line = machine.hits.get(element.pointer, 0), machine.line_of(element.pointer)
        tests = sorted(machine.tests.get(element.pointer, ()))
        told = escape("\n".join(tests), quote=True)
        count = f'<span title="{told}">{len(tests)}</span>' if tests else ""
        yield (
            f'<tr class="{COVERED if hits else MISSED}"><td class="number" data-sort="{line}">'
            f'<a href="#L{line}">{line}</a></td><td data-sort="{KINDS.index(element.kind)}">{element.kind}</td>'
            f'<td>{escape(element.says)}</td><td class="number" data-sort="{hits}">{hits}×</td>'
            f'<td class="number" data-sort="{len(tests)}">{count}</td></tr>'
        )


# --- what all pages share ---------------------------------------------------------------------------------------------


def _page(title: str, body: list[str], style: str = "") -> str:
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
    return (
        f'<!doctype html>\n<html lang="en"><head>{head}<style>{STYLE}{style}</style></head>\n'
        f"<body>{''.join(body)}<script>{SCRIPT}</script></body></html>\n"
    )


STYLE = """
:root { color-scheme: light dark; --ink: #1c2733; --soft: #5d6b7a; --paper: #f5f7f9; --card: #fff; --line: #dfe5ea;
  --covered-ink: #1d7f4e; --covered-fill: #e4f5ec; --partly-ink: #b97700; --partly-fill: #fff3d6;
  --missed-ink: #c4372c; --missed-fill: #fde8e6 }
@media (prefers-color-scheme: dark) { :root { --ink: #e3e9ee; --soft: #97a5b3; --paper: #12181e; --card: #1a222a;
  --line: #2c3843 }
  .source, table, .chips { --covered-ink: #62cf98; --covered-fill: #173527; --partly-ink: #efb64a;
  --partly-fill: #3a2d10; --missed-ink: #ff8d82; --missed-fill: #3f1d1a }
  .graph svg { filter: invert(.9) hue-rotate(180deg) } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 76rem; padding: 1.5rem; color: var(--ink); background: var(--paper);
  font: 15px/1.5 system-ui, sans-serif }
a { color: inherit } h1 { margin: 0; font-size: 1.5rem } h2 { margin: 2rem 0 .5rem; font-size: 1.1rem }
header { display: flex; align-items: center; gap: 1.5rem; margin-bottom: 1.5rem }
.whole { margin: 0; padding: .7rem 1.1rem; border-radius: .6rem; font-size: 2rem; font-weight: 700; white-space: nowrap;
  color: #fff; background: var(--partly-ink) } .whole small { font-size: 1rem }
.whole.covered { background: #1d7f4e } .whole.missed { background: #c4372c } .whole.partly { background: #b97700 }
.path { margin: 0; color: var(--soft) }
.chips { display: flex; flex-wrap: wrap; gap: .4rem; margin: .4rem 0 0; padding: 0; list-style: none }
.chips li { padding: .05rem .6rem; border-radius: 1rem; font-size: .85rem; background: var(--partly-fill);
  color: var(--partly-ink) }
.chips .covered { background: var(--covered-fill); color: var(--covered-ink) }
.chips .missed { background: var(--missed-fill); color: var(--missed-ink) }
nav { display: flex; gap: 1.2rem; margin-bottom: 1rem; color: var(--soft) }
.graph { margin: 0; overflow-x: auto; text-align: center }
.key { justify-content: center }
table { width: 100%; border-collapse: collapse; background: var(--card); border: 1px solid var(--line) }
th, td { padding: .35rem .7rem; text-align: left; border-bottom: 1px solid var(--line) }
th { color: var(--soft); font-weight: 600 } .sortable th { cursor: pointer } tfoot td { font-weight: 700 }
.number { font-variant-numeric: tabular-nums; white-space: nowrap }
tr.missed td:nth-child(4) { color: var(--missed-ink); font-weight: 700 }
.bar { display: inline-block; width: 6rem; height: .6rem; border-radius: .3rem; overflow: hidden;
  background: var(--missed-fill) } .bar span { display: block; height: 100%; background: #1d7f4e }
.all { color: var(--covered-ink); font-weight: 600 }
.source { margin: 0; padding: .5rem 0; list-style: none; overflow-x: auto; background: var(--card);
  border: 1px solid var(--line); font: 13px/1.45 ui-monospace, monospace }
.source li { display: flex; white-space: pre; min-width: max-content; padding-right: 1rem }
.source li:target { outline: 2px solid var(--partly-ink) }
.source i, .source b { flex: none; width: 3.2rem; padding-right: .7rem; text-align: right; font-style: normal;
  font-weight: 400; color: var(--soft); user-select: none }
.source .covered { background: var(--covered-fill) } .source .covered b { color: var(--covered-ink) }
.source .partly { background: var(--partly-fill) } .source .partly b { color: var(--partly-ink) }
.source .missed { background: var(--missed-fill) } .source .missed b { color: var(--missed-ink); font-weight: 700 }
"""

SCRIPT = """
for (const graph of document.querySelectorAll(".graph")) graph.scrollLeft = (graph.scrollWidth - graph.clientWidth) / 2;
for (const head of document.querySelectorAll("table.sortable th")) head.onclick = () => {
  const body = head.closest("table").tBodies[0], place = head.cellIndex, down = head.dataset.down !== "yes";
  const key = row => row.cells[place].dataset.sort ?? row.cells[place].textContent;
  const compare = (a, b) => isNaN(a) || isNaN(b) ? String(a).localeCompare(String(b)) : a - b;
  const rows = [...body.rows].sort((a, b) => compare(key(a), key(b)) * (down ? 1 : -1));
  head.dataset.down = down ? "yes" : "no";
  body.append(...rows);
};
"""
