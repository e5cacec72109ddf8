"""Mock configurations: the `MockConfigFile.json` of Step Functions Local, read unchanged, run and written.

The one rule: a case becomes `Mocks`, one a state, each with the answers of its response; nothing else happens here.
The environment is read by `default_path` alone, for the command line, pytest, and a run that names a case and no file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from asl_engine.definition.fields import nearest
from asl_engine.definition.sources.documents import pointer_to
from asl_engine.drivers.handlers import Handler, Planned
from asl_engine.errors import AslError, StatesError
from asl_engine.execution.commands import InvokeTask
from asl_engine.integrations.registry import LEFT_OVER, Caller, Tasks, TaskSource, keys_for
from asl_engine.jsonvalue import Json, JsonTextError, JsonValueError, adopt, dumps, loads
from asl_engine.records import replace
from asl_engine.testing.answers import ALWAYS, Answer, Answerable, Raises, Returns, answers_of
from asl_engine.testing.mock import Mock, MockError
from asl_engine.testing.mock_file import (
    CAUSE,
    ERROR,
    MOCKED_RESPONSES,
    RETURN,
    STATE_MACHINES,
    TEST_CASES,
    THROW,
    Cases,
    MockFinding,
    Responses,
    read_mock_file,
)
from asl_engine.testing.mocks import Mocks, listed

ENVIRONMENT = "SFN_MOCK_CONFIG"
"""The variable of the environment that names a mock configuration file, as for Step Functions Local."""


class MockConfigError(AslError, ValueError):
    """A mock configuration that cannot be used, or has not what was asked for. `findings` holds all of them."""

    def __init__(self, findings: Iterable[MockFinding]) -> None:
        self.findings: Sequence[MockFinding] = tuple(findings)
        super().__init__("\n".join(str(found) for found in self.findings if found.severity == "ERROR"))


class CaseMocks(Mocks):
    """The mocks of a test case. A case names the states on its way; a task that neither it nor anything else serves is
    an error of the test when it is called, not before. Step Functions Local would call the service then."""

    def __init__(self, test_case: str, *, otherwise: Tasks | TaskSource | None = None) -> None:
        super().__init__(otherwise=otherwise)
        self.test_case = test_case

    def tasks_for(self, machines: Sequence[Caller], *, awaited: bool = False) -> Tasks:
        """The table of tasks for one execution, with what answers the tasks left over."""
        return {LEFT_OVER: Planned(self._refuse), **super().tasks_for(machines, awaited=awaited)}

    def _refuse(self, task: InvokeTask) -> Handler:
        keys = " or ".join(map(repr, keys_for(task.state_name, task.resource, task.payload)))
        raise MockError(
            f"the test case {self.test_case!r} does not mock the state {task.state_name!r}, and no callable serves it:"
            f" add the state to the case, or give a callable under {keys}"
        )


class MockConfig:
    """A mock configuration: test cases by state machine, and the responses that they use.

    `file` is the name of the file it came from, None where it was none. `findings` holds the warnings.
    """

    def __init__(self) -> None:
        self.file: str | None = None
        self.findings: tuple[MockFinding, ...] = ()
        self._cases: Cases = {}
        self._responses: Responses = {}
        self._names: dict[str, str] = {}

    @classmethod
    def from_json(cls, document: str | bytes | Mapping[str, Any], *, file: str | None = None) -> MockConfig:
        """A configuration from JSON text or a Python value. Raises MockConfigError with every finding."""
        content = document.encode("utf-8", "surrogatepass") if isinstance(document, str) else document
        value = _parsed(content, file) if isinstance(content, bytes) else _adopted(content)
        made = cls()
        made.file = file
        made._cases, made._responses, found = read_mock_file(value)
        made.findings = tuple(_located(found, content, file) if isinstance(content, bytes) else found)
        if any(finding.severity == "ERROR" for finding in found):
            raise MockConfigError(made.findings)
        return made

    # --- what it holds ------------------------------------------------------------------------------------------------

    @property
    def machines(self) -> list[str]:
        """The names of the state machines that have test cases."""
        return list(self._cases)

    def machine_of(self, name: str | None) -> str:
        """The machine of this name or, whatever the name, the only one there is. Raises MockConfigError."""
        if name in self._cases:
            return name
        if len(self._cases) == 1:
            return next(iter(self._cases))
        asked = "say which machine is meant" if name is None else f"no machine is named {name!r}"
        hint = nearest(name, self._cases)
        raise self._missing(f"{asked}; there are {listed(self._cases)}", (STATE_MACHINES,), hint)

    def cases(self, machine_name: str | None = None) -> list[str]:
        """The names of a machine's test cases. Raises MockConfigError."""
        return list(self._cases[self.machine_of(machine_name)])

    def case(self, name: str, machine_name: str | None = None) -> dict[str, tuple[Answer, ...]]:
        """What a test case answers: state name -> its answers. Raises MockConfigError."""
        return {state: self._responses[response] for state, response in self._case(name, machine_name).items()}

    def _case(self, name: str | None, machine_name: str | None) -> dict[str, str]:
        machine = self.machine_of(machine_name)
        cases = self._cases[machine]
        if name in cases:
            return cases[name]
        asked = "say which test case is meant" if name is None else f"{machine!r} has no test case {name!r}"
        place = (STATE_MACHINES, machine, TEST_CASES)
        raise self._missing(f"{asked}; there are {listed(cases)}", place, nearest(name, cases))

    def _missing(self, message: str, place: tuple[str, ...], hint: str | None) -> MockConfigError:
        found = MockFinding("ERROR", pointer_to(*place), message, hint, self.file)
        return MockConfigError([found])

    def mocks(
        self,
        test_case: str | None,
        machine_name: str | None = None,
        *,
        otherwise: Tasks | TaskSource | None = None,
    ) -> Mocks:
        """The mocks of a test case; states that it does not name are served by `otherwise`. Raises MockConfigError.

        `test_case` may be `Machine#Case`, as the end of the ARN that StartExecution takes in Step Functions Local.
        """
        machine, number_sign, case = (test_case or "").rpartition("#")
        if number_sign and machine.rpartition(":")[2] in self._cases:
            machine_name, test_case = machine.rpartition(":")[2], case
        mocks = CaseMocks(str(test_case), otherwise=otherwise)
        for state, response in self._case(test_case, machine_name).items():
            mock = mocks.add(Mock(state, f"the response {response!r} of the test case {test_case!r}"))
            mock.otherwise.given = self._responses[response]
        return mocks

    # --- writing ------------------------------------------------------------------------------------------------------

    def add_case(self, machine_name: str, name: str, answers: Mapping[str, Answerable]) -> None:
        """Adds a test case: state name -> its answers, each a Returns or a Raises. Equal responses are shared.

        Raises ValueError for a case that is there already, and for answers that a mock file cannot hold.
        """
        cases = self._cases.setdefault(machine_name, {})
        if name in cases:
            raise ValueError(f"{machine_name!r} has the test case {name!r} already")
        given = {
            state: tuple(_plain(answer, state) for answer in answers_of(of, state)) for state, of in answers.items()
        }
        cases[name] = {state: self._response_of(state, of) for state, of in given.items()}

    def _response_of(self, state: str, answers: tuple[Answer, ...]) -> str:
        """The name of the response with these answers, which is added where there is none."""
        text = dumps(_steps(answers))
        if not self._names:
            self._names = {dumps(_steps(known)): name for name, known in self._responses.items()}
        if text in self._names:
            return self._names[text]
        name, number = state, 1
        while name in self._responses:
            number += 1
            name = f"{state}-{number}"
        self._responses[name] = answers
        self._names[text] = name
        return name

    def to_json(self) -> dict[str, Json]:
        """The document that Step Functions Local reads."""
        machines = {
            name: {TEST_CASES: {case: dict(of) for case, of in cases.items()}} for name, cases in self._cases.items()
        }
        return {
            STATE_MACHINES: machines,
            MOCKED_RESPONSES: {name: _steps(answers) for name, answers in self._responses.items()},
        }

    def write(self, path: str | Path) -> None:
        """Writes the file."""
        Path(path).write_text(json.dumps(self.to_json(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    def __repr__(self) -> str:
        return f"<MockConfig {self.file or ''} with {sum(map(len, self._cases.values()))} test cases>"


MockFile: TypeAlias = "str | Path | Mapping[str, Any] | MockConfig"
"""A mock configuration, the document of one, or the path of its file."""


def load_mock_config(path: str | Path) -> MockConfig:
    """The mock configuration in a file. Raises OSError, and MockConfigError with file, line and column of every
    finding."""
    return MockConfig.from_json(Path(path).read_bytes(), file=str(path))


def default_path() -> str | None:
    """The file that the environment names, None where it names none."""
    import os

    return os.environ.get(ENVIRONMENT) or None


def mocks_of(
    config: MockFile | None, test_case: str | None, machine_name: str, *, otherwise: Tasks | TaskSource | None = None
) -> Mocks:
    """The mocks of a test case of a machine. Raises OSError and MockConfigError."""
    if config is None:
        config = default_path()
    if config is None:
        message = f"the test case {test_case!r} needs a mock configuration file: mock_config=, or {ENVIRONMENT}"
        raise MockConfigError([MockFinding("ERROR", "", message)])
    return config_of(config).mocks(test_case, machine_name, otherwise=otherwise)


def config_of(config: MockFile) -> MockConfig:
    """A configuration, whatever it was given as. Raises OSError and MockConfigError."""
    if isinstance(config, MockConfig):
        return config
    return MockConfig.from_json(config) if isinstance(config, Mapping) else load_mock_config(config)


# --- reading ----------------------------------------------------------------------------------------------------------


def _parsed(content: bytes, file: str | None) -> Json:
    try:
        return loads(content)
    except JsonTextError as error:
        found = MockFinding("ERROR", "", f"not JSON: {error.message}", None, file, error.line, error.column)
        raise MockConfigError([replace(found, **_fault(content))]) from None


def _fault(content: bytes) -> dict[str, Any]:
    """Where the text is no JSON, as far as the reader of definitions can say."""
    from asl_engine.definition.sources.files import parse
    from asl_engine.definition.sources.source import SourceError

    try:
        parse("", content, "json")
    except SourceError as refused:
        return {"line": refused.diagnostic.line, "column": refused.diagnostic.column}
    return {}


def _adopted(document: Mapping[str, Any]) -> Json:
    try:
        return adopt(dict(document))[0]
    except JsonValueError as error:
        found = MockFinding("ERROR", error.pointer, error.message)
        raise MockConfigError([found]) from None


def _located(found: Iterable[MockFinding], content: bytes, file: str | None) -> list[MockFinding]:
    """The findings with their places in the text."""
    from asl_engine.definition.sources.files import parse

    document = parse(file or "", content, "json")
    spans = [(finding, document.span(finding.pointer)) for finding in found]
    return [replace(one, file=file, line=span.line, column=span.column) for one, span in spans]


# --- writing ----------------------------------------------------------------------------------------------------------


def _plain(answer: Answer, state: str) -> Answer:
    """An answer as a mock file can hold it. Raises ValueError."""
    if answer.times == ALWAYS or answer.after:
        raise ValueError(
            f"the answer of {state!r} has times=ALWAYS or after=, which no mock file can hold: {answer!r:.80}"
        )
    if isinstance(answer, Raises):
        error = answer.error if isinstance(answer.error, StatesError) else StatesError(None, answer.cause)
        name = answer.error if isinstance(answer.error, str) else error.error
        if name is not None:
            return Raises(name, error.cause or "", answer.times)
    if not isinstance(answer, Returns):
        raise ValueError(f"the answer of {state!r} is neither a result nor an error with a name: {answer!r:.80}")
    return answer


def _steps(answers: Iterable[Answer]) -> dict[str, Json]:
    """The steps of a response."""
    steps: dict[str, Json] = {}
    first = 0
    for answer in answers:
        last = first + int(answer.times) - 1
        key = str(first) if last == first else f"{first}-{last}"
        if isinstance(answer, Raises):
            steps[key] = {THROW: {ERROR: answer.error, CAUSE: answer.cause}}
        elif isinstance(answer, Returns):
            steps[key] = {RETURN: answer.value}
        first = last + 1
    return steps
