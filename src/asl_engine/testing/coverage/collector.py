"""Collecting: every execution that begins while a collector is on counts into the tally of its machine.

The rule: a machine is known by its file and its name there, or by its definition where it stands in no file; so that
what several tests, processes and runs have counted of the same machine can be added up. Of two versions of a definition
in one file the later one stays: hits of one say nothing of the other.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from asl_engine.errors import AslError
from asl_engine.jsonvalue import Json, dumps, loads
from asl_engine.machine import Measuring, StateMachine
from asl_engine.records import field, record
from asl_engine.states.program import Program
from asl_engine.testing.coverage.elements import shape_of
from asl_engine.testing.coverage.tracing import Hits, Notes, traced

VERSION = 1


class CoverageDataError(AslError, ValueError):
    """What was given is no coverage data of this version."""


@record(slots=True, kw_only=True)
class Tally:
    """What was counted of one machine. `file` is "" where it stands in no file; `document` is its definition,
    substitutions carried out; `shape` tells versions apart. `tests`: pointer -> the names of the tests that used it."""

    name: str
    file: str = ""
    document: Json = None
    shape: str = ""
    hits: Hits = field(default_factory=Counter)
    tests: dict[str, set[str]] = field(default_factory=dict)

    def add(self, other: Tally) -> None:
        """Takes in what was counted elsewhere."""
        self.hits.update(other.hits)
        for pointer, names in other.tests.items():
            self.tests.setdefault(pointer, set()).update(names)

    def as_json(self) -> dict[str, Any]:
        """A JSON value that `tally_of` reads."""
        tests = {pointer: sorted(names) for pointer, names in sorted(self.tests.items())}
        return {
            "name": self.name,
            "file": self.file,
            "document": self.document,
            "shape": self.shape,
            "hits": dict(sorted(self.hits.items())),
            "tests": tests,
        }


class Collector:
    """Counts what executions use of their machines, from `start` to `stop` or inside a `with`.

    `root`: files are named relative to this folder. `under`: only machines whose file lies below this folder or is it;
    None: all machines. One collector may be on at a time in a process.
    """

    def __init__(self, root: str | Path = ".", *, under: str | Path | None = None) -> None:
        self.root = Path(root).resolve()
        self.under = None if under is None else (self.root / under).resolve()
        self.tallies: dict[str, Tally] = {}
        self._programs: WeakKeyDictionary[StateMachine, Program] = WeakKeyDictionary()
        self._notes: dict[str, Notes] = {}
        self._lock = threading.Lock()

    def start(self) -> None:
        """From now on executions that begin are counted. Raises RuntimeError where another collector is on."""
        if Measuring.program is not None:
            raise RuntimeError("coverage is being measured already; one collector may be on at a time")
        Measuring.program = self._program

    def stop(self) -> None:
        """Executions that begin from now on are not counted."""
        self.take("")
        Measuring.program = None

    def __enter__(self) -> Collector:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @contextmanager
    def test(self, name: str) -> Iterator[None]:
        """What is counted inside belongs to a test of this name."""
        self.take("")
        try:
            yield
        finally:
            self.take(name)

    def take(self, test: str) -> None:
        """Adds what was counted since the last time to the tallies; "" is no test."""
        for key, notes in list(self._notes.items()):
            tally, counted = self.tallies[key], notes.take()
            tally.hits.update(counted)
            for pointer in counted if test else ():
                tally.tests.setdefault(pointer, set()).add(test)

    # --- machines -----------------------------------------------------------------------------------------------------

    def _program(self, machine: StateMachine) -> Program:
        """The program to run for a machine: one that counts, where it is to be measured."""
        known = self._programs.get(machine)
        if known is None:
            known = self._programs[machine] = self._trace(machine)
        return known

    def _trace(self, machine: StateMachine) -> Program:
        file = self._file(machine)
        if self.under is not None and not (file and Path(self.root, file).is_relative_to(self.under)):
            return machine.program
        name = machine.name if machine.source is None else machine.source.name
        document, shape = document_of(machine), shape_of(machine.definition)
        key = f"{file}::{name}" if file else f"{name}@{_digest(document)}"
        with self._lock:
            return traced(machine.definition, self._notes_of(key, name, file, document, shape))

    def _notes_of(self, key: str, name: str, file: str, document: Json, shape: str) -> Notes:
        known = self.tallies.get(key)
        if known is None or known.shape != shape:
            self.tallies[key] = Tally(name=name, file=file, document=document, shape=shape)
            self._notes.pop(key, None)
        return self._notes.setdefault(key, Notes())

    def _file(self, machine: StateMachine) -> str:
        if machine.source is None:
            return ""
        path = os.path.abspath(machine.source.file)
        return os.path.relpath(path, self.root) if Path(path).is_relative_to(self.root) else path

    # --- data ---------------------------------------------------------------------------------------------------------

    def as_json(self) -> dict[str, Any]:
        """What was counted, as a JSON value that `combine` takes."""
        self.take("")
        return {"version": VERSION, "machines": {key: tally.as_json() for key, tally in sorted(self.tallies.items())}}

    def combine(self, data: Any) -> None:
        """Adds what another collector counted, earlier or elsewhere. Raises CoverageDataError."""
        for key, tally in _tallies(data):
            known = self.tallies.get(key)
            if known is None or known.shape != tally.shape:
                self.tallies[key] = tally
                self._notes.pop(key, None)
            else:
                known.add(tally)

    def save(self, path: str | Path) -> None:
        """Writes the data to a file, whole or not at all. Raises OSError."""
        file = Path(path)
        beside = file.with_name(f"{file.name}.new")
        beside.write_text(json.dumps(self.as_json(), ensure_ascii=False), "utf-8")
        beside.replace(file)

    def load(self, paths: Iterable[str | Path]) -> None:
        """Adds the data of files. Raises CoverageDataError and OSError."""
        for path in paths:
            try:
                self.combine(json.loads(Path(path).read_text("utf-8")))
            except ValueError as error:
                raise CoverageDataError(f"{path}: {error}") from None


def document_of(machine: StateMachine) -> Json:
    """The definition that `from_json` was given, as a JSON value of its own."""
    given = machine.document
    return loads(given) if isinstance(given, (str, bytes)) else loads(dumps(dict(given or {})))


def _digest(document: Json) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:12]


def _tallies(data: Any) -> Iterator[tuple[str, Tally]]:
    if not isinstance(data, Mapping) or data.get("version") != VERSION or not isinstance(data.get("machines"), Mapping):
        raise CoverageDataError(f"must be coverage data of version {VERSION}, an object with version and machines")
    for key, given in data["machines"].items():
        try:
            tests = {pointer: set(names) for pointer, names in given["tests"].items()}
            yield (
                key,
                Tally(
                    name=given["name"],
                    file=given["file"],
                    document=given["document"],
                    shape=str(given["shape"]),
                    hits=Counter({pointer: int(times) for pointer, times in given["hits"].items()}),
                    tests=tests,
                ),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise CoverageDataError(f"/machines/{key}: is no tally: {error!r}") from None
