"""The assertions of `asl_engine.execution.assertions`: what is compared, and what a failed one says.

A failed assertion says first what was expected, then where it differs, and at the end what the execution did.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import unified_diff
from types import EllipsisType
from typing import TYPE_CHECKING, Any

from asl_engine.definition.fields import nearest
from asl_engine.execution.account import account, cut, path_texts, pretty
from asl_engine.execution.assertions import ANY
from asl_engine.execution.path import Expected, Row, aligned, lane_fits, matches, steps_of
from asl_engine.execution.visits import Lane, Visit, visits_of
from asl_engine.jsonvalue import Json, equal

if TYPE_CHECKING:
    from asl_engine.execution.execution import Execution
    from asl_engine.states.program import Program, Step

MOST_DIFFERENCES = 60
_AROUND = 3

PLAIN = (type(None), bool, int, float, str)
"""What is a JSON value and has no others inside."""


def _refuse(execution: Execution, sentence: str, lines: Sequence[str] = ()) -> None:
    __tracebackhide__ = True
    raise AssertionError("\n".join([sentence, *lines, account(execution)]))


# --- how it ended -----------------------------------------------------------------------------------------------------


def succeeded(execution: Execution, output: Any) -> None:
    """Raises AssertionError unless it succeeded, with this output."""
    __tracebackhide__ = True
    if execution.status != "SUCCEEDED":
        _refuse(execution, "the execution was to succeed")
    if output is not ANY and not same(execution.output, output):
        _refuse(execution, "the execution was to give another output", differences(output, execution.output))


def ended(execution: Execution, status: str, error: Any, cause: Any) -> None:
    """Raises AssertionError unless it ended so, with this error and cause."""
    __tracebackhide__ = True
    if execution.status != status:
        wanted = f" with {_named(error)}" if error is not None else ""
        _refuse(execution, f"the execution was to end {status}{wanted}", _output_of(execution))
    for word, expected, got in (("error", error, execution.error), ("cause", cause, execution.cause)):
        if expected is not None and not _is_said(expected, got):
            _refuse(execution, f"the execution was to end {status} with another {word}", _sides(_named(expected), got))


def same(value: Json, expected: Any) -> bool:
    """Whether a value is the expected one, whole: 1 is 1.0 but not true, the order of keys does not count; what is no
    JSON value decides by its own `==`.

    >>> from unittest.mock import ANY
    >>> same({"id": 7, "at": "now"}, {"at": ANY, "id": 7}), same([1], [True])
    (True, False)
    """
    if isinstance(expected, dict) and isinstance(value, dict):
        return expected.keys() == value.keys() and all(same(value[key], item) for key, item in expected.items())
    if isinstance(expected, (list, tuple)) and isinstance(value, list):
        return len(expected) == len(value) and all(map(same, value, expected))
    return equal(value, expected) if isinstance(expected, PLAIN) else bool(expected == value)


def _output_of(execution: Execution) -> list[str]:
    return [f"  output   {cut(repr(execution.output))}"] if execution.status == "SUCCEEDED" else []


def _is_said(expected: str | re.Pattern[str], got: str | None) -> bool:
    if isinstance(expected, re.Pattern):
        return expected.search(got or "") is not None
    return expected == got


def _named(expected: str | re.Pattern[str]) -> str:
    return f"a match of /{expected.pattern}/" if isinstance(expected, re.Pattern) else repr(expected)


def _sides(expected: str, got: Any) -> list[str]:
    return [f"  expected  {expected}", f"  got       {cut(repr(got))}"]


def differences(expected: Any, got: Any) -> list[str]:
    """Two JSON values as texts, line by line: - is expected, + is what was got."""
    lines = list(unified_diff(pretty(expected), pretty(got), "expected", "got", lineterm="", n=_AROUND))
    if not lines:
        return _sides(cut(repr(expected)), got)
    more = [f"  ({len(lines) - MOST_DIFFERENCES} more lines)"] if len(lines) > MOST_DIFFERENCES else []
    return [f"  {line}" for line in lines[:MOST_DIFFERENCES]] + more


# --- which way it went ------------------------------------------------------------------------------------------------


def took_path(execution: Execution, path: Sequence[Any]) -> None:
    """Raises AssertionError unless it took the path. Raises TypeError for what is none."""
    __tracebackhide__ = True
    if len(path) == 1 and isinstance(path[0], (list, tuple)):
        path = path[0]
    steps, main = steps_of(path), visits_of(execution.records).main
    plain = [step if isinstance(step, EllipsisType) else step.name for step in steps]
    has_lists = any(isinstance(step, Expected) and step.inside is not None for step in steps)
    if lane_fits(path, main) or (not has_lists and matches(plain, execution.path, str.__eq__)):
        return
    unknown = [_unknown(execution, name) for name in plain if isinstance(name, str)]
    if not has_lists and _names_inner_states(plain, main):
        rows = aligned(plain, execution.path, str.__eq__)
        lines = _beside([_texts(row, str, str) for row in rows])
    else:
        rows = aligned(steps, main.visits, Expected.fits)
        lines = _beside([_texts(row, _step_text, _visit_text) for row in rows])
    _refuse(execution, "the execution was to take another path", [*lines, *filter(None, unknown)])


def _names_inner_states(names: Sequence[Any], main: Lane) -> bool:
    """Whether a path without lists names more than the machine's own states."""
    inner = {name for visit in main.visits for lane in visit.lanes for name in _names_in(lane)}
    return any(name in inner for name in names)


def _names_in(lane: Lane) -> Iterator[str]:
    for visit in lane.visits:
        yield visit.name
        for inner in visit.lanes:
            yield from _names_in(inner)


def _step_text(step: Expected) -> str:
    return step.name if step.inside is None else f"{step.name} {_path_text(step.inside)}"


def _path_text(path: Sequence[Any]) -> str:
    parts = ["..." if part is ... else part if isinstance(part, str) else _path_text(part) for part in path]
    return f"[{', '.join(parts)}]"


def _visit_text(visit: Visit) -> str:
    return path_texts(Lane(visits=[visit]))[0]


def _texts(row: Row, expected: Any, got: Any) -> tuple[str, str, str]:
    """A mark, and the two sides of a row."""
    mark = "-" if row.got is None else "+" if row.expected is None else " "
    left = "" if row.expected is None else "..." if row.expected is ... else expected(row.expected)
    return mark, left, "" if row.got is None else got(row.got)


def _beside(rows: Sequence[tuple[str, str, str]]) -> list[str]:
    """The rows in two columns: - was expected and is not there, + is there and was not expected."""
    width = min(max([len(left) for _, left, _ in rows] + [len("expected")]), 50)
    near = {at + by for at, (mark, _, _) in enumerate(rows) if mark != " " for by in range(-_AROUND, _AROUND + 1)}
    lines, skipped = [f"    {'expected':<{width}}  got"], 0
    for at, (mark, left, right) in enumerate(rows):
        if at in near and len(lines) < MOST_DIFFERENCES:
            lines += [f"    ({skipped} more)"] if skipped else []
            lines.append(f"  {mark} {left:<{width}}  {right}".rstrip())
            skipped = 0
        else:
            skipped += 1
    return lines + ([f"    ({skipped} more)"] if skipped else [])


def is_on_path(execution: Execution, names: Sequence[str]) -> bool:
    """Whether the states were entered in this order. Raises LookupError for a name that no state has."""
    known(execution, names)
    left = iter(execution.path)
    return all(name in left for name in names)


def went_through(execution: Execution, names: Sequence[str]) -> None:
    """Raises AssertionError unless the states were entered in this order."""
    __tracebackhide__ = True
    if not is_on_path(execution, names):
        missing = [name for name in names if name not in execution.path]
        why = f"it never entered {', '.join(missing)}" if missing else "it entered them in another order"
        _refuse(execution, f"the execution was to go through {', '.join(names)}: {why}")


def not_entered(execution: Execution, names: Sequence[str]) -> None:
    """Raises AssertionError if one of the states was entered."""
    __tracebackhide__ = True
    known(execution, names)
    entered = [name for name in dict.fromkeys(names) if name in execution.path]
    if entered:
        _refuse(execution, f"the execution was not to enter {', '.join(entered)}")


# --- names that exist -------------------------------------------------------------------------------------------------


def known(execution: Execution, names: Sequence[str]) -> None:
    """Raises LookupError for a name that no state of the machine has: an assertion about it could never fail."""
    for name in names:
        wrong = _unknown(execution, name)
        if wrong:
            raise LookupError(wrong)


def _unknown(execution: Execution, name: str) -> str | None:
    own, apart = _all_names(execution.program)
    if name in own:
        return None
    if name in apart:
        return (
            f"the state {name!r} runs in the child executions of the distributed Map {apart[name]!r}, each with a"
            " path of its own: see Execution.map_runs"
        )
    hint = nearest(name, own)
    return f"the machine has no state {name!r}" + (f"; {hint}" if hint else "")


def _all_names(program: Program) -> tuple[set[str], dict[str, str]]:
    """The names of a program's states, and of those in child executions with the Map that starts these."""
    own: set[str] = set()
    apart: dict[str, str] = {}
    for step in program.steps.values():
        own.add(step.name)
        for nested in step.nested:
            inner, further = _all_names(nested)
            apart |= further
            if _is_distributed(step):
                apart |= dict.fromkeys(inner, step.name)
            else:
                own |= inner
    return own, apart


def _is_distributed(step: Step) -> bool:
    return step.type == "Map" and bool(step.state.distributed)
