"""Text delimited files: one item for each record, an object of strings. Developer guide, "How Step Functions parses
input CSV files".

A record with fewer fields than there are headers is filled up with empty strings, one with more is cut (recorded); a
line without anything is a record of one empty field. The rule for speed: a line without quotation marks and backslashes
is only split; the rest goes through `csv`, which reads the guide's rules but for two, and these are rewritten first.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence

from asl_engine.errors import ITEM_READER_FAILED, StatesError
from asl_engine.integrations.item_formats.blocks import ITEM_BYTES, TOO_LARGE, Unreadable, lines
from asl_engine.jsonvalue import Json

HEADER_BYTES = 10 * 1024
"""Step Functions takes CSV headers of up to 10 KB."""


def csv_rows(blocks: Iterator[bytes], delimiter: str, headers: Sequence[str] | None) -> Iterator[Json]:
    """An object for each record. Without `headers` the first record has them. Raises Unreadable."""
    records = _records(blocks, delimiter)
    if headers is None:
        headers = next(records, None)
        if headers is None:
            return
    _check_headers(headers)
    width = len(headers)
    for fields in records:
        if len(fields) < width:
            fields += [""] * (width - len(fields))
        yield dict(zip(headers, fields, strict=False))


def _records(blocks: Iterator[bytes], delimiter: str) -> Iterator[list[str]]:
    """The fields of each record."""
    numbered = enumerate(lines(blocks), 1)
    marked = _Marked(numbered, delimiter)
    begun, parsed = marked.begun, csv.reader(marked.lines(), delimiter=delimiter, escapechar="\\")
    try:
        for marked.number, line in numbered:
            if '"' in line or "\\" in line:
                begun.append(line)
                yield next(parsed)
            else:
                yield line.split(delimiter)
    except csv.Error:
        raise Unreadable(f"line {marked.number}: {TOO_LARGE}") from None


def _check_headers(headers: Sequence[str]) -> None:
    if len(set(headers)) < len(headers):
        raise StatesError(ITEM_READER_FAILED, "CSV headers cannot contain duplicates.")  # recorded
    size = sum(len(header.encode()) + 1 for header in headers)
    if size > HEADER_BYTES:
        raise Unreadable(f"its CSV headers have {size} bytes, more than 10 KB")


class _Marked:
    """Lines with quotation marks or backslashes, as the `csv` reader asks for them."""

    def __init__(self, numbered: Iterator[tuple[int, str]], delimiter: str) -> None:
        _raise_field_limit()
        self.number = 0
        self.begun: list[str] = []
        self._numbered = numbered
        between = re.escape(delimiter)
        inside = r'(?:[^"\\]++|\\.|"")*+'
        self._regular = re.compile(rf'(?:(?:"{inside}"|(?:[^"\\{between}]++|\\.)*+)(?:{between}|$))*+')
        self._pair = re.compile(rf'(?:^|{between})"{inside}"?|\\.|(?P<pair>"")')

    def lines(self) -> Iterator[str]:
        """The line that begins a record, from `begun`; then the lines that follow it, while a quoted field is open."""
        while True:
            line = self.begun.pop()
            size = len(line)
            yield self._rewritten(line) if '""' in line or "\\" in line else line + "\n"
            while not self.begun:
                line = self._following()
                size += len(line)
                if size > ITEM_BYTES:
                    raise Unreadable(f"line {self.number}: {TOO_LARGE}")
                yield self._rewritten('"' + line)[1:]

    def _following(self) -> str:
        following = next(self._numbered, None)
        if following is None:
            raise Unreadable(f"line {self.number}: a field begins with a quotation mark and is not closed by one")
        return following[1]

    def _rewritten(self, line: str) -> str:
        """A line as `csv` reads it: a pair of quotation marks is one in an unquoted field too, as the guide's example
        shows, and a backslash at the end of a line escapes nothing."""
        if line.endswith("\\") and (len(line) - len(line.rstrip("\\"))) % 2:
            line = line[:-1]
        if '""' in line and not self._regular.fullmatch(line):
            line = self._pair.sub(lambda mark: '\\"' if mark["pair"] else mark[0], line)
        return line + "\n"


def _raise_field_limit() -> None:
    """`csv` refuses fields of more than 128 KB unless told otherwise, and can be told only for the whole process."""
    if csv.field_size_limit() < ITEM_BYTES:
        csv.field_size_limit(ITEM_BYTES)
