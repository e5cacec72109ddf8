"""Which files are meant by the paths that a user names: a file is itself, a folder the definitions below it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from asl_engine.errors import AslError

SUFFIXES = (".asl.json", ".asl.yaml", ".asl.yml")
"""What a definition's file is called. Templates are read only when they are named: a folder is full of other JSON."""

PASSED_OVER = frozenset({"node_modules", "__pycache__", "cdk.out"})


class NothingFound(AslError):
    """A folder that was named holds no definition; to check nothing and call it well would hide a wrong path."""


def named_files(paths: Iterable[str]) -> list[str]:
    """The files meant by paths, each once, in the order they are named; those of a folder by name. Raises
    NothingFound."""
    found: dict[str, None] = {}
    for path in paths:
        found.update(dict.fromkeys(_below(path) if os.path.isdir(path) else [path]))
    return list(found)


def _below(folder: str) -> list[str]:
    found = sorted(_walk(folder))
    if not found:
        raise NothingFound(f"{folder}: holds no file named {', '.join('*' + suffix for suffix in SUFFIXES)}")
    return found


def _walk(folder: str) -> Iterator[str]:
    """Folders whose names begin with a dot are passed over, as are those that hold what was made or fetched."""
    for place, folders, files in os.walk(folder, onerror=_refuse):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in PASSED_OVER]
        yield from (_joined(place, name) for name in files if name.endswith(SUFFIXES))


def _refuse(error: OSError) -> None:
    raise error


def _joined(place: str, name: str) -> str:
    return os.path.normpath(os.path.join(place, name))
