"""What a mock configuration file of Step Functions Local says, read and checked: developer guide, "Testing with mocked
service integrations", https://docs.aws.amazon.com/step-functions/latest/dg/sfn-local-test-sm-exec.html.

The one rule: every mistake is told, with its JSON pointer and the value, and nothing is left out without a word: what
would stop Step Functions Local, or leave a call without an answer, is an error; what it would not read is a warning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, TypeAlias

from asl_engine.definition.fields import nearest
from asl_engine.definition.sources.documents import pointer_to
from asl_engine.jsonvalue import Json
from asl_engine.records import record
from asl_engine.testing.answers import Answer, Raises, Returns
from asl_engine.testing.matching import shown

STATE_MACHINES, TEST_CASES, MOCKED_RESPONSES = "StateMachines", "TestCases", "MockedResponses"
RETURN, THROW, ERROR, CAUSE = "Return", "Throw", "Error", "Cause"

STEP = re.compile(r"(?P<first>[0-9]{1,9})(-(?P<last>[0-9]{1,9}))?")
"""`n`, or `n-m` with both ends in it."""

Cases: TypeAlias = dict[str, dict[str, dict[str, str]]]
"""Machine -> test case -> state -> the name of a response."""

Responses: TypeAlias = dict[str, tuple[Answer, ...]]
"""Name -> its answers, in the order of the calls."""


class Step(NamedTuple):
    """One member of a response: the calls that it answers, both ends included, and its key."""

    first: int
    last: int
    key: str
    body: Json


@record(frozen=True)
class MockFinding:
    """One finding about a mock configuration.

    `severity` is "ERROR" or "WARNING", `pointer` the JSON pointer of the place, `message` a sentence with the value,
    `suggestion` what to do about it. `file`, `line` and `column` (from 1) say where that stands, None where unknown.
    """

    severity: str
    pointer: str
    message: str
    suggestion: str | None = None
    file: str | None = None
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        hint = f"; {self.suggestion}" if self.suggestion else ""
        return ": ".join(part for part in (place, self.pointer or "/", self.message + hint) if part)


class Findings:
    """The findings so far."""

    def __init__(self) -> None:
        self.found: list[MockFinding] = []

    def error(self, message: str, *place: str, hint: str | None = None) -> None:
        """Tells a mistake."""
        self.found.append(MockFinding("ERROR", pointer_to(*place), message, hint))

    def warn(self, message: str, *place: str, hint: str | None = None) -> None:
        """Tells what has no effect."""
        self.found.append(MockFinding("WARNING", pointer_to(*place), message, hint))


def read_mock_file(document: Json) -> tuple[Cases, Responses, list[MockFinding]]:
    """The test cases and responses of a file, and everything found."""
    findings = Findings()
    parts = _members(document, findings, (), "a mock configuration", (STATE_MACHINES, MOCKED_RESPONSES))
    responses = {
        name: _response(response, findings, (MOCKED_RESPONSES, name))
        for name, response in _object(parts, MOCKED_RESPONSES, findings, (), "response name -> its steps").items()
    }
    cases = {
        name: _machine(machine, findings, (STATE_MACHINES, name), responses)
        for name, machine in _object(parts, STATE_MACHINES, findings, (), "machine name -> its test cases").items()
    }
    used = {response for machine in cases.values() for case in machine.values() for response in case.values()}
    for name in [name for name in responses if name not in used]:
        findings.warn("no test case uses this response", MOCKED_RESPONSES, name)
    findings.found.sort(key=lambda finding: finding.severity)
    return cases, responses, findings.found


def _members(value: Json, findings: Findings, place: tuple[str, ...], what: str, known: tuple[str, ...]) -> Json:
    """An object whose members are known; the others are told."""
    if not isinstance(value, dict):
        findings.error(f"{what} must be an object, not {shown(value, 60)}", *place)
        return {}
    for key in value:
        if key not in known:
            message = f"this field is not read; {what} has {' and '.join(known)}"
            findings.warn(message, *place, key, hint=nearest(key, known))
    return value


def _object(parts: Json, key: str, findings: Findings, place: tuple[str, ...], what: str) -> dict[str, Json]:
    """A member that must be there and be an object."""
    if key not in parts:
        findings.error(f"{key!r} is missing: an object, {what}", *place)
        return {}
    if not isinstance(parts[key], dict):
        findings.error(f"must be an object, {what}, not {shown(parts[key], 60)}", *place, key)
        return {}
    found: dict[str, Json] = parts[key]
    return found


# --- test cases -------------------------------------------------------------------------------------------------------


def _machine(
    value: Json, findings: Findings, place: tuple[str, ...], responses: Responses
) -> dict[str, dict[str, str]]:
    parts = _members(value, findings, place, "a state machine", (TEST_CASES,))
    if not isinstance(value, dict):
        return {}
    cases = _object(parts, TEST_CASES, findings, place, "case name -> its mocked states")
    return {name: _case(case, findings, (*place, TEST_CASES, name), responses) for name, case in cases.items()}


def _case(value: Json, findings: Findings, place: tuple[str, ...], responses: Responses) -> dict[str, str]:
    if not isinstance(value, dict):
        findings.error(f"a test case must be an object, state name -> response name, not {shown(value, 60)}", *place)
        return {}
    for state, name in value.items():
        if not isinstance(name, str):
            findings.error(f"must be the name of a response, not {shown(name, 60)}", *place, state)
        elif name not in responses:
            hint = nearest(name, responses)
            findings.error(f"{MOCKED_RESPONSES} has no response {name!r}", *place, state, hint=hint)
    return {state: name for state, name in value.items() if isinstance(name, str)}


# --- responses --------------------------------------------------------------------------------------------------------


def _response(value: Json, findings: Findings, place: tuple[str, ...]) -> tuple[Answer, ...]:
    """The answers of a response; their steps must follow one another from 0."""
    if not isinstance(value, dict) or not value:
        said = "an object with a step for each call" if value != {} else "at least one step"
        findings.error(
            f"a response must have {said}, such as {{'0': {{'Return': ...}}}}, not {shown(value, 60)}", *place
        )
        return ()
    steps = sorted(_steps(value, findings, place))
    _check_order(steps, lambda message, step: findings.error(message, *place, step.key))
    answers = (_answer(step, findings, (*place, step.key)) for step in steps)
    return tuple(answer for answer in answers if answer is not None)


def _steps(value: dict[str, Json], findings: Findings, place: tuple[str, ...]) -> Iterator[Step]:
    for key, body in value.items():
        form = STEP.fullmatch(key)
        if form is None:
            findings.error(f"a step must be a number of a call, as '0', or a range, as '1-3', not {key!r}", *place, key)
            continue
        first, last = int(form["first"]), int(form["last"] or form["first"])
        if last < first:
            findings.error(f"the range {key!r} ends before it begins", *place, key)
        else:
            yield Step(first, last, key, body)


def _check_order(steps: Iterable[Step], tell: Callable[[str, Step], None]) -> None:
    expected, earlier = 0, None
    for step in steps:
        if step.first < expected and earlier is not None:
            tell(f"the steps {earlier.key!r} and {step.key!r} both answer call {step.first}", step)
        elif step.first > expected:
            missing = str(expected) if step.first == expected + 1 else f"{expected}-{step.first - 1}"
            tell(f"no step answers call {missing}, before {step.key!r}: calls are numbered from 0 without a gap", step)
        if step.last >= expected:
            expected, earlier = step.last + 1, step


def _answer(step: Step, findings: Findings, place: tuple[str, ...]) -> Answer | None:
    body, times = step.body, step.last - step.first + 1
    if not isinstance(body, dict) or len(body.keys() & {RETURN, THROW}) != 1 or len(body) != 1:
        findings.error(f"a step must have exactly one of 'Return' and 'Throw', not {_keys(body)}", *place)
        return None
    if RETURN in body:
        return Returns(body[RETURN], times)
    return _throw(body[THROW], times, findings, (*place, THROW))


def _keys(body: Json) -> str:
    return f"the fields {', '.join(map(repr, body)) or '(none)'}" if isinstance(body, dict) else shown(body, 60)


def _throw(value: Json, times: int, findings: Findings, place: tuple[str, ...]) -> Answer | None:
    parts: dict[str, Any] = _members(value, findings, place, "a Throw", (ERROR, CAUSE))
    if not isinstance(value, dict):
        return None
    well = True
    for key in (ERROR, CAUSE):
        if not isinstance(parts.get(key), str):
            given = f"not {shown(parts[key], 60)}" if key in parts else "but it is missing"
            findings.error(f"a Throw must have the string {key!r}, {given}", *place, *((key,) if key in parts else ()))
            well = False
    return Raises(parts[ERROR], parts[CAUSE], times) if well else None
