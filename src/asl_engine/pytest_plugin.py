"""The pytest plugin: fixtures `asl`, `asl_case` and `asl_snapshot`, the marker `asl_mock_cases`, and what a failed test
shows of its executions.

The one rule: a test run that uses none of it loads nothing of the engine but this module. So everything of the engine
is imported inside functions, and a module that tells whether it is used is looked up in `sys.modules`.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Generator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from asl_engine.execution.execution import Execution
    from asl_engine.testing.loading import Asl, Library, LoadedMachine
    from asl_engine.testing.snapshot_files import Snapshot, SnapshotSession

MARKER = "asl_mock_cases"
SNAPSHOTS = "__asl_snapshots__"
FIELD_VALIDATION_MODES = ("NONE", "PRESENT", "STRICT")
MOST_SHOWN = 5
"""So many executions of a failed test are shown, the last ones: a test that searches for a failure ends with it."""

_WATCH: pytest.StashKey[_Watch] = pytest.StashKey()
_LIBRARY: pytest.StashKey[Library] = pytest.StashKey()
_SNAPSHOT_SESSION: pytest.StashKey[SnapshotSession] = pytest.StashKey()
_PASSED: pytest.StashKey[set[str]] = pytest.StashKey()
_DESELECTED: pytest.StashKey[list[pytest.Item]] = pytest.StashKey()
_PARTS: pytest.StashKey[list[dict[str, Any]]] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declares the options and settings."""
    group = parser.getgroup("asl_engine", "state machines (asl_engine)")
    group.addoption(
        "--asl-mock-config",
        metavar="FILE",
        help="the mock configuration file, as of Step Functions Local (default: the setting asl_mock_config, else what"
        " SFN_MOCK_CONFIG names)",
    )
    group.addoption(
        "--asl-snapshot-update",
        action="store_true",
        help="write the snapshots of executions anew, and remove those that no test uses",
    )
    parser.addini("asl_definitions", type="paths", help="folders in which asl.load looks for definitions", default=[])
    parser.addini("asl_mock_config", help="the mock configuration file, from the root folder", default="")
    parser.addini(
        "asl_field_validation_mode",
        help="whether mocks must fit the APIs of the services they stand for: NONE (the default), PRESENT or STRICT",
        default="NONE",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declares the marker, and refuses a setting that has no meaning."""
    mode = config.getini("asl_field_validation_mode")
    if mode not in FIELD_VALIDATION_MODES:
        said = f"the setting asl_field_validation_mode must be one of {', '.join(FIELD_VALIDATION_MODES)}, not {mode!r}"
        raise pytest.UsageError(said)
    config.addinivalue_line(
        "markers",
        f"{MARKER}(path, *, mock_config=None, name=None, type=None, substitutions=None, tasks=None): runs a test with"
        " each test case that a mock configuration file has for the machine in a file; the fixture asl_case is the"
        " machine, playing the case.",
    )
    config.stash[_WATCH] = _Watch()
    config.stash[_PASSED] = set()
    config.stash[_DESELECTED] = []
    config.stash[_PARTS] = []


# --- fixtures ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def asl(request: pytest.FixtureRequest) -> Asl:
    """State machines from files, with mocks: `asl.load(path)`, `asl.from_json(definition)`, `asl.mock(name)`."""
    made = _asl(request.config, request.path)
    request.config.stash[_WATCH].look()
    return made


@pytest.fixture
def asl_case(request: pytest.FixtureRequest, asl: Asl) -> LoadedMachine:
    """The state machine of the marker `asl_mock_cases`; every run plays the test case `asl_case.test_case`."""
    if not hasattr(request, "param"):
        raise pytest.UsageError(f"{request.node.nodeid}: asl_case needs the marker {MARKER}(path)")
    marker, case = request.param
    return asl.load(*marker.args, **marker.kwargs, test_case=case)


@pytest.fixture
def asl_snapshot(request: pytest.FixtureRequest) -> Snapshot:
    """What an execution was when its snapshot was taken: `assert execution == asl_snapshot`."""
    return _snapshots(request.config).of_test(request.path, request.node.nodeid)


def _asl(config: pytest.Config, test_file: Path) -> Asl:
    from asl_engine.testing.loading import Asl, Library

    folders = [test_file.parent, *config.getini("asl_definitions"), config.rootpath]
    library = config.stash.setdefault(_LIBRARY, Library())
    return Asl(folders, library, _mock_file(config), config.getini("asl_field_validation_mode"))


def _mock_file(config: pytest.Config) -> Path | None:
    """The mock configuration file of the run: the option, from where pytest was called; the setting; the environment's,
    as the engine reads it."""
    given = config.getoption("--asl-mock-config")
    if given:
        return Path(config.invocation_params.dir, given)
    setting = config.getini("asl_mock_config")
    if setting:
        return Path(config.rootpath, setting)
    named = os.environ.get("SFN_MOCK_CONFIG")
    return Path(named) if named else None


def _snapshots(config: pytest.Config) -> SnapshotSession:
    from asl_engine.testing.snapshot_files import SnapshotSession

    if _SNAPSHOT_SESSION not in config.stash:
        config.stash[_SNAPSHOT_SESSION] = SnapshotSession(update=config.getoption("--asl-snapshot-update"))
    return config.stash[_SNAPSHOT_SESSION]


# --- the cases of mock files ------------------------------------------------------------------------------------------


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Gives a test with the marker `asl_mock_cases` its cases."""
    markers = list(metafunc.definition.iter_markers(MARKER))[::-1]
    if not markers:
        return
    if "asl_case" not in metafunc.fixturenames:
        raise _refused(f"{metafunc.definition.nodeid} has the marker {MARKER}, but does not use the fixture asl_case")
    asl = _asl(metafunc.config, metafunc.definition.path)
    cases = [(marker, case) for marker in markers for case in _cases(asl, marker)]
    ids = [case if len(markers) == 1 else f"{_named(marker)}-{case}" for marker, case in cases]
    metafunc.parametrize("asl_case", cases, indirect=True, ids=ids)


def _cases(asl: Asl, marker: pytest.Mark) -> Sequence[str]:
    if len(marker.args) != 1:
        raise _refused(f"{MARKER} needs one path, that of a definition, not {len(marker.args)}")
    try:
        given = {key: marker.kwargs[key] for key in ("name", "mock_config") if key in marker.kwargs}
        return asl.cases(marker.args[0], **given)
    except (OSError, ValueError, LookupError) as error:
        raise _refused(f"{MARKER}({marker.args[0]!r}): {error}") from None


def _named(marker: pytest.Mark) -> str:
    from asl_engine.testing.loading import stem_of

    return str(marker.kwargs.get("name") or stem_of(marker.args[0]))


def _refused(message: str) -> Exception:
    return pytest.Collector.CollectError(message)


# --- what a failed test shows -----------------------------------------------------------------------------------------


class _Watch:
    """The executions that began while a test runs; only the last ones are kept."""

    def __init__(self) -> None:
        self.count = 0
        self.executions: deque[Execution] = deque(maxlen=MOST_SHOWN)

    def look(self) -> None:
        """Watches from now on, if the engine is loaded at all."""
        module = sys.modules.get("asl_engine.machine")
        if module is not None and self._saw not in module.OBSERVERS:
            module.OBSERVERS.append(self._saw)

    def end(self) -> None:
        """Watches no more, and forgets what it saw."""
        module = sys.modules.get("asl_engine.machine")
        if module is not None and self._saw in module.OBSERVERS:
            module.OBSERVERS.remove(self._saw)
        self.executions.clear()
        self.count = 0

    def _saw(self, machine: object, execution: Execution) -> None:
        self.count += 1
        self.executions.append(execution)

    def told(self, error: str) -> str:
        """The executions, each in a few lines, but for those that the error tells of."""
        from asl_engine.execution.account import account

        earlier = self.count - len(self.executions)
        accounts = [account(execution) for execution in self.executions if execution.records]
        told = [text for text in accounts if text not in error]
        return "\n".join([f"({earlier} earlier executions)", *told] if earlier and told else told)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Watches while a test runs. A test that is the first to load the engine, in its body and without the fixture
    `asl`, is not seen: nothing loads the engine for its sake."""
    watch = item.config.stash[_WATCH]
    watch.look()
    try:
        return (yield)
    finally:
        watch.end()
        if _SNAPSHOT_SESSION in item.config.stash:
            item.config.stash[_SNAPSHOT_SESSION].difference = ()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Adds the executions of a failed test to its report."""
    if call.excinfo is not None and not item.config.option.fulltrace:
        _hide_the_engine(call.excinfo)
    report = yield
    watch = item.config.stash[_WATCH]
    if report.failed:
        error = str(call.excinfo.value) if call.excinfo else ""
        told = watch.told(error) if watch.executions else ""
        sections = {"asl snapshot": _difference(item.config), "asl execution": told}
        report.sections += [(name, text) for name, text in sections.items() if text]
    if report.when == "call" and report.passed:
        item.config.stash[_PASSED].add(item.nodeid)
    return report


def _hide_the_engine(excinfo: pytest.ExceptionInfo[BaseException]) -> None:
    """Where the engine tells a mistake of the test, the test's own lines are of use, not those that found it. Any other
    exception out of the engine is the engine's mistake, and shown whole."""
    errors = sys.modules.get("asl_engine.errors")
    if errors is None or not isinstance(excinfo.value, errors.AslError):
        return
    package = str(Path(__file__).parent)
    entry: TracebackType | None = excinfo.tb
    while entry is not None:
        following = entry.tb_next
        while following is not None and following.tb_frame.f_code.co_filename.startswith(package):
            following = following.tb_next
        entry.tb_next = following
        entry = following


# --- snapshots --------------------------------------------------------------------------------------------------------


def _difference(config: pytest.Config) -> str:
    """How the last execution compared in this test differs from its snapshot."""
    return "\n".join(config.stash[_SNAPSHOT_SESSION].difference) if _SNAPSHOT_SESSION in config.stash else ""


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Says that an execution is not as in its snapshot. How it differs stands in a section of the report: pytest would
    leave out all but the first lines of it here."""
    module = sys.modules.get("asl_engine.testing.snapshot_files")
    if module is None or op != "==":
        return None
    snapshot = next((side for side in (right, left) if isinstance(side, module.Snapshot)), None)
    return None if snapshot is None else [snapshot.explanation]


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    """Remembers tests that exist and do not run: their snapshots are not unused."""
    if items:
        items[0].config.stash[_DESELECTED].extend(items)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Gathers what became of snapshots; a worker of pytest-xdist hands it to the controller."""
    config = session.config
    if config.option.collectonly or not hasattr(session, "items"):
        return
    part = _part(config, [*session.items, *config.stash[_DESELECTED]])
    if part is None:
        return
    output = getattr(config, "workeroutput", None)
    if output is None:
        config.stash[_PARTS].append(part)
    else:
        output["asl_snapshots"] = part


def _part(config: pytest.Config, items: Sequence[pytest.Item]) -> dict[str, Any] | None:
    """What this process knows of snapshots, None where there are none beside its tests. Which tests do not exist is not
    known where some were not even collected: by their ids, or by --last-failed."""
    if not any((folder / SNAPSHOTS).is_dir() for folder in {item.path.parent for item in items}):
        return None
    tests = [(item.path, item.nodeid) for item in items]
    complete = not any("::" in argument for argument in config.args) and not config.getoption("lf", default=False)
    return _snapshots(config).part(tests, config.stash[_PASSED], complete=complete)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Takes what a worker of pytest-xdist found."""
    part = getattr(node, "workeroutput", {}).get("asl_snapshots")
    if part is not None:
        node.config.stash[_PARTS].append(part)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Tells which snapshots were written and which no test used."""
    parts = config.stash[_PARTS]
    if not parts:
        return
    from asl_engine.testing.snapshot_files import summary

    lines = summary(parts, config.rootpath, update=config.getoption("--asl-snapshot-update"))
    if lines:
        terminalreporter.section("asl snapshots")
        for line in lines:
            terminalreporter.line(line)
