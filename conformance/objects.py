"""The objects of a case, as a Storage that the engine reads and writes: {"bucket/key": body}."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import md5
from typing import Any, BinaryIO, NamedTuple


class Summary(NamedTuple):
    """An object as a listing shows it."""

    key: str
    size: int
    etag: str
    last_modified: int = 0
    storage_class: str = "STANDARD"


class RecordedObjects:
    """Objects in memory. What is created is kept beside them; what a recorded execution wrote was not recorded."""

    def __init__(self, bodies: dict[str, Any]) -> None:
        self._bodies = {path: body.encode() if isinstance(body, str) else body for path, body in bodies.items()}

    def open(self, bucket: str, key: str, version: str | None = None) -> BinaryIO:
        """The body of an object. Raises KeyError for one that the case does not have."""
        return io.BytesIO(self._bodies[f"{bucket}/{key}"])

    def list(self, bucket: str, prefix: str) -> Iterator[Summary]:
        """The objects below a prefix, in the order of their keys."""
        for path in sorted(self._bodies):
            name, _, key = path.partition("/")
            if name == bucket and key.startswith(prefix):
                body = self._bodies[path]
                yield Summary(key, len(body), f'"{md5(body, usedforsecurity=False).hexdigest()}"')

    @contextmanager
    def create(self, bucket: str, key: str) -> Iterator[BinaryIO]:
        """A file that is an object when the block ends."""
        file = io.BytesIO()
        yield file
        self._bodies[f"{bucket}/{key}"] = file.getvalue()
