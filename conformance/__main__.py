"""`python -m conformance COMMAND`, with what `COMMANDS` and `OTHER_RUNS` name: see README.md beside this file."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

from .recorded import KINDS, NotACase, RecordedCase, class_notes, read_cases
from .report import FAILED, GAPS_FILE, PASSED, SKIPPED, Judgement, read_gaps, render, show, summarise, write

JSONATA_GAPS_FILE = GAPS_FILE.with_name("known_gaps_jsonata.json")
NOTHING_JUDGED = 2

Judged = tuple[list[Judgement], list[str]]
"""Judgements, and notes to print before the sums."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one sub-command and returns the exit status: 0 as expected, 1 failures, 2 nothing to judge."""
    options = _parser().parse_args(arguments)
    if options.command in OTHER_RUNS:
        return OTHER_RUNS[options.command](options)
    if not getattr(options, "source", Path()).exists():
        print(f"{options.source} does not exist", file=sys.stderr)
        return NOTHING_JUDGED
    try:
        judgements, notes = COMMANDS[options.command](options)
    except NotACase as error:
        print(error, file=sys.stderr)
        return NOTHING_JUDGED
    if not judgements:
        print("no case is left to judge", file=sys.stderr)
        return NOTHING_JUDGED
    report = summarise(judgements, _gaps(options.command))
    if options.report:
        write(report, options.report)
    if options.show:
        print(*(show(judgement) for judgement in report.judgements), sep="\n\n", end="\n\n")
    print(render(report, notes))
    return report.exit_status()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m conformance", description="Holds asl_engine against recorded truth.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    recorded = commands.add_parser("aws-recorded", help="cases recorded from the real service")
    recorded.add_argument("source", type=Path, metavar="DIR")
    recorded.add_argument("--kind", choices=KINDS, help="only cases of this kind")
    recorded.add_argument("--complete-only", action="store_true", help="leave incomplete cases out")
    workflows = commands.add_parser("workflows", help="real state machines: no false alarm")
    workflows.add_argument("source", type=Path, metavar="DIR")
    jsonpath = commands.add_parser("jsonpath", help="rows measured on the real Jayway JsonPath")
    jsonpath.add_argument("source", type=Path, metavar="FILE")
    jsonata = commands.add_parser("jsonata", help="the reference test suite of JSONata")
    jsonata.add_argument("source", type=Path, metavar="DIR")
    cases = commands.add_parser("cases", help="the project's own cases")
    cases.add_argument("source", type=Path, metavar="DIR", nargs="?", default=Path(__file__).with_name("cases"))
    _add_other_runs(commands)
    for command in (recorded, workflows, jsonpath, jsonata, cases):
        command.add_argument("--match", default="", metavar="TEXT", help="only cases whose id holds TEXT")
        command.add_argument("--report", type=Path, metavar="FILE.json", help="write the verdict on every case")
        command.add_argument("--show", metavar="ID", help="judge only this case, and show its first difference in full")
    return parser


def _add_other_runs(commands: Any) -> None:
    properties = commands.add_parser("properties", help="the laws of the language, on generated machines")
    properties.add_argument("--examples", type=int, default=100, metavar="N", help="so many for each law (100)")
    properties.add_argument("--seed", type=int, help="other machines than those of every run")
    properties.add_argument("--match", default="", metavar="TEXT", help="only laws whose name holds TEXT")
    properties.add_argument("--show", metavar="LAW", help="hold only this law, and show its failure in full")
    properties.add_argument("--report", type=Path, metavar="FILE.json", help="write the verdict on every law")
    differential = commands.add_parser("differential", help="recorded and generated cases on another engine")
    differential.add_argument("--engine", required=True, metavar="moto|endpoint:URL|asl_engine")
    differential.add_argument("--suite", type=Path, metavar="DIR", help="cases recorded from the real service")
    differential.add_argument("--examples", type=int, metavar="N", help="so many generated machines")
    differential.add_argument("--match", default="", metavar="TEXT", help="only recorded cases whose id holds TEXT")
    differential.add_argument("--report", type=Path, metavar="FILE.json", help="write all groups with their cases")


def _differential(options: argparse.Namespace) -> int:
    """0 where the engine agrees in everything, 1 where it departs, 2 where there was nothing to run. Not told what to
    run, it runs the recordings that lie beside the checkout, where they do, and generated machines."""
    from .differential import as_json, generated_trials, hold, recorded_trials
    from .differential import render as render_departures
    from .engines import open_engine
    from .engines.base import closing

    try:
        engine = open_engine(options.engine)
    except (ValueError, ImportError) as error:
        print(error, file=sys.stderr)
        return NOTHING_JUDGED
    suite, examples = options.suite, options.examples
    if suite is None and examples is None:
        suite, examples = (BESIDE if BESIDE.is_dir() else None), EXAMPLES
    left_out: dict[str, int] = {}
    with closing(engine):
        cases = [case for case in read_cases(suite) if options.match in case.id] if suite else []
        trials = chain(recorded_trials(cases, engine, left_out), generated_trials(examples or 0, engine, left_out))
        outcome = hold(trials, engine, left_out)
    if options.report:
        options.report.write_text(json.dumps(as_json(outcome), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(render_departures(outcome))
    if not outcome.agreeing + outcome.departing:
        print("no case was run: give --suite or --examples", file=sys.stderr)
        return NOTHING_JUDGED
    return 1 if outcome.departing else 0


BESIDE = Path(__file__).parents[2] / "shared" / "suites" / "aws-recorded"
EXAMPLES = 100
"""Generated machines where nothing is said."""

OTHER_RUNS: dict[str, Callable[[argparse.Namespace], int]] = {"differential": _differential}
"""Commands with a report of their own."""


def _gaps(command: str) -> dict[str, str]:
    if command != "jsonata":
        return read_gaps(command)
    return dict(json.loads(JSONATA_GAPS_FILE.read_text(encoding="utf-8"))) if JSONATA_GAPS_FILE.exists() else {}


def _selected(ids: Iterable[str], options: argparse.Namespace) -> set[str]:
    """The ids that `--show` or `--match` ask for: `--show` takes a part of an id where no id is just that."""
    known = set(ids)
    if options.show:
        return {options.show} & known or {id_ for id_ in known if options.show in id_}
    return {id_ for id_ in known if options.match in id_}


def _aws_recorded(options: argparse.Namespace) -> Judged:
    cases = read_cases(options.source)
    selected = _selected((case.id for case in cases), options)
    cases = [case for case in cases if case.id in selected and options.kind in (None, case.kind)]
    if options.complete_only:
        cases = [case for case in cases if case.complete]
    judgements = [_judge_recorded(case, options) for case in cases]
    passed = frozenset(judgement.id for judgement in judgements if judgement.verdict == PASSED)
    return judgements, class_notes(cases, passed)


def _judge_recorded(case: RecordedCase, options: argparse.Namespace) -> Judgement:
    """An incomplete case is never counted as passed; it is judged only where it is to be shown."""
    if case.complete:
        return _judge_by_kind(case, options)
    judgement = _judge_by_kind(case, options) if options.show else Judgement(case.id, case.kind, SKIPPED)
    reason = f"incomplete data: {', '.join(case.needs).partition(':')[0]}"
    detail = f"judged all the same: {judgement.verdict} {judgement.reason}\n{judgement.detail}"
    return replace(judgement, verdict=SKIPPED, reason=reason, detail=detail)


def _judge_by_kind(case: RecordedCase, options: argparse.Namespace) -> Judgement:
    if case.kind == "execution":
        from .replay import judge_execution

        return judge_execution(case)
    if case.kind == "validation":
        from .validation import judge_validation

        return judge_validation(case)
    if case.kind == "api":
        from .api import judge_api

        return judge_api(case)
    from .one_state import judge_test_state

    return judge_test_state(case)


def _workflows(options: argparse.Namespace) -> Judged:
    from .workflows import judge_workflows

    judgements, notes = judge_workflows(options.source)
    selected = _selected((judgement.id for judgement in judgements), options)
    return [judgement for judgement in judgements if judgement.id in selected], notes


def _jsonpath(options: argparse.Namespace) -> Judged:
    from .jsonpath import judge_rows

    return _from_rows("jsonpath", judge_rows(json.loads(options.source.read_text(encoding="utf-8"))), options), []


def _jsonata(options: argparse.Namespace) -> Judged:
    from .jsonata import judge_suite

    return _from_rows("jsonata", judge_suite(options.source), options), []


def _from_rows(kind: str, rows: Iterator[tuple[str, bool, str]], options: argparse.Namespace) -> list[Judgement]:
    judged = [Judgement(id_, kind, PASSED if passed else FAILED, reason) for id_, passed, reason in rows]
    selected = _selected((judgement.id for judgement in judged), options)
    return [judgement for judgement in judged if judgement.id in selected]


def _cases(options: argparse.Namespace) -> Judged:
    from .own_cases import judge_case, read_own_cases

    cases = {case["id"]: case for case in read_own_cases(options.source)}
    selected = _selected(cases, options)
    return [judge_case(case) for id_, case in cases.items() if id_ in selected], []


def _properties(options: argparse.Namespace) -> Judged:
    from .laws import LAWS
    from .properties import judge_law

    judgements = [judge_law(name, options.examples, options.seed) for name in sorted(_selected(LAWS, options))]
    return judgements, [f"each law was held against {options.examples} machines"]


COMMANDS: dict[str, Callable[[argparse.Namespace], Judged]] = {
    "aws-recorded": _aws_recorded,
    "workflows": _workflows,
    "jsonpath": _jsonpath,
    "jsonata": _jsonata,
    "cases": _cases,
    "properties": _properties,
}

if __name__ == "__main__":
    sys.exit(main())
