"""Snapshots in files: one file each, `__asl_snapshots__/<test module>/<test>.json` beside the test module.

The one rule: a file belongs to one test, and is written whole or not at all. So tests may run in any order and in any
number of processes; only which files no test uses is known when all of them have ended.
"""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from difflib import unified_diff
from pathlib import Path
from typing import Any

from asl_engine.testing.snapshots import text_of

FOLDER = "__asl_snapshots__"
UPDATE = "--asl-snapshot-update"
MOST_LINES = 80
_LONGEST = 100


class Snapshot:
    """The snapshots of one test. An execution, or a JSON value, is compared with the next one by `==`.

    Called, it gives one with a name of its own, or with more masked: `asl_snapshot("paid", mask=["orderId"])`.
    """

    def __init__(self, session: SnapshotSession, stem: Path, name: str | None = None, mask: Sequence[str] = ()) -> None:
        self.explanation = ""
        self._session = session
        self._stem = stem
        self._name = name
        self._mask = mask
        self._count = 0

    def __call__(self, name: str | None = None, *, mask: Sequence[str] = ()) -> Snapshot:
        """One of this name (None: numbered on), with the values of these members masked too."""
        if name is None:
            self._mask = (*self._mask, *mask)
            return self
        return Snapshot(self._session, self._stem, name, (*self._mask, *mask))

    def __eq__(self, got: object) -> bool:
        self._count += 1
        label = self._name if self._name is not None else (str(self._count) if self._count > 1 else None)
        file = self._stem.with_name(f"{self._stem.name}{'' if label is None else '@' + slug(label)}.json")
        self.explanation = self._session.compare(file, text_of(got, self._mask)) or ""
        return not self.explanation

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<snapshot {self._stem.parent.name}/{self._stem.name}>"


class SnapshotSession:
    """The snapshots of all tests that one process runs."""

    def __init__(self, *, update: bool) -> None:
        self.update = update
        self.used: set[Path] = set()
        self.written: set[Path] = set()
        self.difference: tuple[str, ...] = ()
        """Of the last comparison, line by line."""

    def of_test(self, module: Path, nodeid: str) -> Snapshot:
        """The snapshots of a test."""
        return Snapshot(self, folder_of(module) / slug_of(nodeid))

    def compare(self, file: Path, text: str) -> str | None:
        """Why the text is not the file's, in a sentence; None where it is, or is now."""
        self.used.add(file)
        known = file.read_text("utf-8") if file.is_file() else None
        self.difference = ()
        if known == text:
            return None
        if self.update:
            write(file, text)
            self.written.add(file)
            return None
        place = f"{file.parent.name}/{file.name}"
        if known is None:
            return f"there is no snapshot {place}; write it with pytest {UPDATE}"
        lines = list(unified_diff(known.splitlines(), text.splitlines(), "snapshot", "got", lineterm=""))
        more = (f"({len(lines) - MOST_LINES} more lines)",) if len(lines) > MOST_LINES else ()
        self.difference = (*lines[:MOST_LINES], *more)
        return f"not as in the snapshot {place}; if it is right so, write it with pytest {UPDATE}"

    def part(self, tests: Sequence[tuple[Path, str]], passed: set[str], *, complete: bool) -> dict[str, Any]:
        """What this process knows, as plain values: the files used and written, those whose test passed here or not,
        and, where all tests of the folders were collected (`complete`), those of tests that do not exist."""
        held: dict[str, str] = {}
        stale: list[str] = []
        slugs: dict[Path, dict[str, str]] = {}
        for module, nodeid in tests:
            slugs.setdefault(module, {})[slug_of(nodeid)] = nodeid
        for file, module in _files({module.parent for module in slugs}):
            owner = slugs.get(module, {}).get(file.stem.partition("@")[0])
            if owner is not None:
                held[str(file)] = owner
            elif complete and (module in slugs or not module.exists()):
                stale.append(str(file))
        ours = set(held.values())
        return {
            "used": sorted(map(str, self.used)),
            "written": sorted(map(str, self.written)),
            "passed": sorted(ours.intersection(passed)),
            "held": held,
            "stale": stale,
        }


def _files(folders: Iterable[Path]) -> Iterator[tuple[Path, Path]]:
    """Every snapshot file beside the tests in these folders, with the test module that it belongs to."""
    for folder in sorted(folders):
        for file in sorted((folder / FOLDER).glob("*/*.json")):
            yield file, folder / f"{file.parent.name}.py"


def write(file: Path, text: str) -> None:
    """Writes a file whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    draft.write_text(text, "utf-8", newline="\n")
    os.replace(draft, file)


# --- names ------------------------------------------------------------------------------------------------------------


def folder_of(module: Path) -> Path:
    """The folder of a test module's snapshots."""
    return module.parent / FOLDER / module.stem


def slug_of(nodeid: str) -> str:
    """The name of the file of a test's snapshot, without what follows @: class and function with the parameters."""
    return slug(nodeid.partition("::")[2].replace("::", "."))


def slug(text: str) -> str:
    """The text as a file may be called on any system; where that changes it, with a number that tells texts apart."""
    plain = re.sub(r"[^\w.\[\], -]", "_", text, flags=re.ASCII)[:_LONGEST].strip(" .")
    return plain if plain == text else f"{plain}~{zlib.crc32(text.encode()):08x}"


# --- the end of a run -------------------------------------------------------------------------------------------------


def summary(parts: Sequence[dict[str, Any]], root: Path, *, update: bool) -> list[str]:
    """What all processes know together, in lines. With `update`, files that no test uses are removed."""
    written = {file for part in parts for file in part["written"]}
    unused = unused_of(parts)
    lines = [f"{len(written)} written"] if written else []
    if unused and update:
        for file in unused:
            Path(file).unlink(missing_ok=True)
        lines.append(f"{len(unused)} removed, for no test uses them")
    elif unused:
        lines.append(f"{len(unused)} unused; remove them with {UPDATE}:")
        lines += [f"  {os.path.relpath(file, root)}" for file in unused]
    return lines


def unused_of(parts: Sequence[dict[str, Any]]) -> list[str]:
    """The files of tests that do not exist, or that passed without using them."""
    used = {file for part in parts for file in part["used"]}
    passed = {nodeid for part in parts for nodeid in part["passed"]}
    held = {file for part in parts for file, nodeid in part["held"].items() if nodeid in passed}
    stale = {file for part in parts for file in part["stale"]}
    return sorted((held | stale) - used)
