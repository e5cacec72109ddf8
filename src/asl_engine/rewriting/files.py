"""The files that the commands read and write anew: found, read as text, replaced whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from asl_engine.rewriting.formatting import FormatError

SUFFIXES = (".asl.json", ".asl.yaml", ".asl.yml")
YAML_SUFFIXES = (".yaml", ".yml")


def definition_files(path: Path) -> Iterator[Path]:
    """The file itself, or every definition file below a folder, by name."""
    if not path.is_dir():
        yield path
        return
    for folder, below, names in os.walk(path):
        below[:] = sorted(name for name in below if not name.startswith("."))
        yield from (Path(folder, name) for name in sorted(names) if name.endswith(SUFFIXES))


def is_yaml(path: Path) -> bool:
    """Whether a file's name says that it is YAML."""
    return path.name.endswith(YAML_SUFFIXES)


def text_of(content: bytes) -> str:
    """The text of a file. Raises FormatError."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(f"not UTF-8 text: {error.reason} at byte {error.start}") from None


def replace_file(path: Path, text: str) -> None:
    """Puts the text in the place of the file's, whole or not at all; its permissions stay. Raises OSError."""
    target = Path(os.path.realpath(path))
    beside = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        beside.write_bytes(text.encode())
        if target.exists():
            os.chmod(beside, target.stat().st_mode & 0o7777)
        os.replace(beside, target)
    finally:
        beside.unlink(missing_ok=True)
