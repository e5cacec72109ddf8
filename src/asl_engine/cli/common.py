"""What the commands share: exit statuses, the error that is shown as one line, reading what the user named."""

from __future__ import annotations

import sys
from pathlib import Path

WELL, FINDINGS, UNREADABLE = 0, 1, 2


class UsageError(Exception):
    """Something the user gave cannot be read or used; shown as one line."""


def read(file: str) -> bytes:
    """The bytes of a file, of standard input for `-`. Raises OSError."""
    return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
