"""A file as blocks of bytes, decompressed where it is compressed, and as blocks of whole lines of text.

Nothing here holds more than a block and a line: a file may be larger than memory, a line no larger than an item.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, BinaryIO, NamedTuple, cast

from asl_engine.errors import AslError

BLOCK_BYTES = 64 * 1024
ITEM_BYTES = 8 * 1024 * 1024
"""Step Functions reads items of up to 8 MB, if ItemSelector then makes them smaller."""

TOO_LARGE = "an item is larger than 8 MB"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Unreadable(AslError):
    """A file is not what its format asks; the message says where in it and what is wrong."""


class _Compression(NamedTuple):
    """`opened` gives the file behind a compressed one, and what reading it may raise."""

    magic: bytes
    endings: tuple[str, ...]
    opened: Callable[[BinaryIO], tuple[BinaryIO, tuple[type[Exception], ...]]]


def _gzip(file: BinaryIO) -> tuple[BinaryIO, tuple[type[Exception], ...]]:
    import gzip
    import zlib

    return cast(BinaryIO, gzip.GzipFile(fileobj=file)), (EOFError, zlib.error, gzip.BadGzipFile)


def _zstd(file: BinaryIO) -> tuple[BinaryIO, tuple[type[Exception], ...]]:
    zstd = _import_zstd()
    return cast(BinaryIO, zstd.ZstdFile(file)), (EOFError, zstd.ZstdError)


def _import_zstd() -> Any:
    """The module of the standard library, which Python has from 3.14 on, or its backport."""
    try:
        from compression import zstd  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        try:
            from backports import zstd  # type: ignore[import-not-found,import-untyped,unused-ignore]
        except ImportError:
            raise Unreadable('is compressed with ZSTD, which needs: pip install "asl-engine[zstd]"') from None
    return zstd


COMPRESSIONS = {
    "GZIP": _Compression(b"\x1f\x8b", (".gz", ".gzip"), _gzip),
    "ZSTD": _Compression(b"\x28\xb5\x2f\xfd", (".zst", ".zstd"), _zstd),
}
"""How each compression is told by a file's first bytes and by its name. No UTF-8 text begins with these bytes."""


def byte_blocks(file: BinaryIO, name: str) -> Iterator[bytes]:
    """The bytes of a file, decompressed. Raises Unreadable where they cannot be."""
    head = _head(file)
    compression = _compression(head, name)
    whole = cast(BinaryIO, io.BufferedReader(_Rejoined(head, file), BLOCK_BYTES))
    if compression is None:
        yield from _read(whole)
        return
    opened, failures = COMPRESSIONS[compression].opened(whole)
    try:
        yield from _read(opened)
    except failures as error:
        raise Unreadable(f"is damaged or cut short: its {compression} data cannot be read: {error}") from None


def _read(file: BinaryIO) -> Iterator[bytes]:
    while block := file.read(BLOCK_BYTES):
        yield block


def _head(file: BinaryIO) -> bytes:
    head = b""
    while len(head) < 4 and (more := file.read(4 - len(head))):
        head += more
    return head


def _compression(head: bytes, name: str) -> str | None:
    for compression, told in COMPRESSIONS.items():
        if head.startswith(told.magic):
            return compression
        if head and name.lower().endswith(told.endings):
            raise Unreadable(f"is named as a {compression} file, but does not begin as one")
    return None


class _Rejoined(io.RawIOBase):
    """A file whose first bytes were read already."""

    def __init__(self, head: bytes, file: BinaryIO) -> None:
        self._head = head
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        read = self._head[: len(buffer)] or self._file.read(len(buffer))
        self._head = self._head[len(buffer) :]
        buffer[: len(read)] = read
        return len(read)


def without_mark(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The blocks without the byte order mark that some programs write first."""
    first = b""
    for block in blocks:
        first += block
        if len(first) >= len(_BYTE_ORDER_MARK):
            break
    yield first.removeprefix(_BYTE_ORDER_MARK)
    yield from blocks


def lines(blocks: Iterator[bytes]) -> Iterator[str]:
    """The lines of a text, without their ends (LF, CRLF or CR). An end of the last line begins no further line."""
    return chain.from_iterable(text.split("\n") for text in _texts(blocks))


def _texts(blocks: Iterator[bytes]) -> Iterator[str]:
    """Whole lines of a text, as many as a block holds: LF between them, and none at the end."""
    number, rest, held = 1, b"", b""
    for block in without_mark(blocks):
        block = held + block
        held = b"\r" if block.endswith(b"\r") else b""  # the first half of CRLF, perhaps
        if b"\r" in block:
            block = block.removesuffix(held).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        end = block.rfind(b"\n")
        if end < 0:
            rest += block
        else:
            whole, rest = rest + block[:end], block[end + 1 :]
            yield _decoded(whole, number)
            number += whole.count(b"\n") + 1
        if len(rest) > ITEM_BYTES:
            raise Unreadable(f"line {number}: {TOO_LARGE}")
    if rest or held:
        yield _decoded(rest, number)


def _decoded(text: bytes, number: int) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        line = number + text.count(b"\n", 0, error.start)
        byte = error.start - text.rfind(b"\n", 0, error.start)
        raise Unreadable(f"line {line}: is not UTF-8 text: {error.reason} at byte {byte}") from None
