"""Reading a file, the one that was named or one that it names in turn, into a `Document`."""

from __future__ import annotations

import re
from collections.abc import Callable

from asl_engine.definition.sources.codes import UNREADABLE_DEFINITION, UNSUPPORTED_SOURCE, refused
from asl_engine.definition.sources.documents import Document, Text, file_text
from asl_engine.definition.sources.json_text import read_json
from asl_engine.definition.sources.source import Span
from asl_engine.records import record

_YAML_ENDS = (".yaml", ".yml")
_ABSOLUTE = re.compile(r"[/\\]|[A-Za-z]:[/\\]")
_REMOTE = re.compile(r"[A-Za-z][\w+.-]+://")


@record(frozen=True, slots=True)
class Files:
    """How files are read: `read` gives the bytes of one; `file` is the one that paths are relative to."""

    file: str
    read: Callable[[str], bytes]

    def named(self, path: str, span: Span) -> Document:
        """The document in a file that is named at `span`. Raises SourceError."""
        if _REMOTE.match(path):
            raise refused(UNSUPPORTED_SOURCE, f"the definition stands at {path}, and only local files are read", span)
        file = beside(self.file, path)
        try:
            content = self.read(file)
        except OSError as error:
            message = f"the definition file {file} cannot be read: {error.strerror or error}"
            raise refused(UNREADABLE_DEFINITION, message, span) from None
        return parse(file, content)


def parse(file: str, content: bytes, syntax: str | None = None) -> Document:
    """The document in a file's bytes; `syntax` is json or yaml, or None to find out. Raises SourceError."""
    text = file_text(file, content)
    return _READERS[syntax or _syntax_of(file, text.characters)](text)


def _read_yaml(text: Text) -> Document:
    from asl_engine.definition.sources.yaml_text import read_yaml

    return read_yaml(text)


_READERS = {"json": read_json, "yaml": _read_yaml}


def _syntax_of(file: str, characters: str) -> str:
    name = file.lower()
    if name.endswith(_YAML_ENDS):
        return "yaml"
    if name.endswith(".json"):
        return "json"
    first = characters.lstrip()[:1]
    return "yaml" if first and first not in '{["' else "json"


def beside(file: str, path: str) -> str:
    """A path that stands in a file, from where that file is; both in the way of their system."""
    path = path.removeprefix("./").removeprefix(".\\")
    if _ABSOLUTE.match(path):
        return path
    return file[: max(file.rfind("/"), file.rfind("\\")) + 1] + path
