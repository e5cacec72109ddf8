"""Text delimited files: the guide's rules, those that were recorded, and what was decided where both are silent."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asl_engine.integrations.item_formats.blocks import ITEM_BYTES, Unreadable
from asl_engine.integrations.item_formats.csv_rows import csv_rows
from asl_engine.states.map_items import DELIMITERS
from tests.integrations.storage.items import FIRST_ROW, failure, read, storing


def rows(text: str, delimiter: str = ",", headers: list[str] | None = None) -> list[Any]:
    return list(csv_rows(iter([text.encode()]), delimiter, headers))


VALUES: list[tuple[str, list[list[str]]]] = [
    ("1,2\n", [["1", "2"]]),
    ("1,2", [["1", "2"]]),
    ("1\n", [["1", ""]]),
    ("1,2,3,4\n", [["1", "2"]]),
    (",,,\n", [["", ""]]),
    ("  1 , 2\n", [["  1 ", " 2"]]),
    ("   \n", [["   ", ""]]),
    ("\n1,2\n", [["", ""], ["1", "2"]]),
    ("1,2\n\n", [["1", "2"], ["", ""]]),
    ("1,2\r\n3,4\r\n", [["1", "2"], ["3", "4"]]),
    ("1,2\r3,4\r", [["1", "2"], ["3", "4"]]),
    ("true,null\n", [["true", "null"]]),
    ("'1,2'\n", [["'1", "2'"]]),
    ('"1,5","2"\n', [["1,5", "2"]]),
    ('"",""\n', [["", ""]]),
    ('"a\nb",2\n', [["a\nb", "2"]]),
    ('"a\r\nb",2\r\n3,4\r\n', [["a\nb", "2"], ["3", "4"]]),
    ('"a\n\n\nb",2\n3,4\n', [["a\n\n\nb", "2"], ["3", "4"]]),
    ('"say ""x""",2\n', [['say "x"', "2"]]),
    ('say ""x"",2\n', [['say "x"', "2"]]),
    ('{""k"":""v""},"[1,2]"\n', [['{"k":"v"}', "[1,2]"]]),
    ('"a\n""b"" c",d""e""\n3,4\n', [['a\n"b" c', 'd"e"'], ["3", "4"]]),
    ('say "x",2\n', [['say "x"', "2"]]),
    ("C:\\\\dir\\\\x.exe,2\n", [["C:\\dir\\x.exe", "2"]]),
    ("a\\,b,2\n", [["a,b", "2"]]),
    ("a\\nb,2\n", [["anb", "2"]]),
    ('"say \\"x\\"",2\n', [['say "x"', "2"]]),
    ("1,2\\\n3,4\n", [["1", "2"], ["3", "4"]]),
    ("1,2\\\\\n3,4\n", [["1", "2\\"], ["3", "4"]]),
    ("é,\u2028\x0b\x85\n", [["é", "\u2028\x0b\x85"]]),
    ("a" * 60 + '""x"y,2\n', [["a" * 60 + '"x"y', "2"]]),
]


@pytest.mark.parametrize("text, values", VALUES, ids=lambda each: repr(each)[:40])
def test_a_record_is_read_as_the_guide_says(text: str, values: list[list[str]]) -> None:
    assert rows("A,B\n" + text) == [{"A": one, "B": other} for one, other in values]


@pytest.mark.parametrize("text", ["", "A,B", "A,B\n", "\ufeffA,B\n", "A,B\r\n"])
def test_a_file_of_headers_or_of_nothing_has_no_items(text: str) -> None:
    assert rows(text) == []


def test_a_byte_order_mark_is_no_part_of_the_first_header() -> None:
    assert rows("\ufeffA\n1\n") == [{"A": "1"}]


def test_given_headers_make_the_first_row_an_item() -> None:
    assert rows("1,2\n", headers=["A", "B"]) == [{"A": "1", "B": "2"}]


def test_headers_are_read_by_the_same_rules() -> None:
    assert rows('"a,1",b\\,2\nx,y\n') == [{"a,1": "x", "b,2": "y"}]


@pytest.mark.parametrize("word, delimiter", DELIMITERS.items())
def test_each_delimiter_separates(word: str, delimiter: str, tmp_path: Path) -> None:
    storage = storing(tmp_path, f__csv=f"A{delimiter}B\n1{delimiter}2\n\\{delimiter}{delimiter}4\n".encode())
    assert read(storage, "f.csv", **FIRST_ROW, CSVDelimiter=word) == [{"A": "1", "B": "2"}, {"A": delimiter, "B": "4"}]


@pytest.mark.parametrize("location", [{"CSVHeaderLocation": "GIVEN", "CSVHeaders": ["A", "A"]}, {}])
def test_duplicate_headers_fail_in_aws_words(location: dict[str, Any], tmp_path: Path) -> None:
    storage = storing(tmp_path, f__csv=b"A,A\n1,2\n")
    assert failure(storage, "f.csv", **(FIRST_ROW | location)) == "CSV headers cannot contain duplicates."


FAULTS = [
    (b'A\n1\n"x\ny\n', "b/f.csv: line 3: a field begins with a quotation mark and is not closed by one"),
    (b"A\n1\n\xff\n", "b/f.csv: line 3: is not UTF-8 text: invalid start byte at byte 1"),
    (b"A\n1\nab\xc3", "b/f.csv: line 3: is not UTF-8 text: unexpected end of data at byte 3"),
    (b"A" * 10_241, "b/f.csv: its CSV headers have 10242 bytes, more than 10 KB"),
    (b"A\n" + b"x" * (ITEM_BYTES + 70_000), "b/f.csv: line 2: an item is larger than 8 MB"),
    (b'A\n"' + b"x" * (ITEM_BYTES - 9) + b"\n" + b"x" * 20, "b/f.csv: line 2: an item is larger than 8 MB"),
]


@pytest.mark.parametrize("text, cause", FAULTS, ids=[cause[:60] for _, cause in FAULTS])
def test_what_cannot_be_read_names_the_line(text: bytes, cause: str, tmp_path: Path) -> None:
    assert failure(storing(tmp_path, f__csv=text), "f.csv", **FIRST_ROW) == cause


def test_a_large_quoted_field_is_read(tmp_path: Path) -> None:
    large = "x" * 300_000
    assert rows(f'A\n"{large}"\n') == [{"A": large}]


def test_without_a_header_location_nothing_is_guessed(tmp_path: Path) -> None:
    cause = failure(storing(tmp_path, f__csv=b"A\n1\n"), "f.csv", InputType="CSV")
    assert cause == "b/f.csv: ReaderConfig: CSVHeaderLocation must be FIRST_ROW or GIVEN, not None"


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=6)
MARKED = st.text(st.sampled_from('a"\\,|; \t\n'), max_size=6)
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(TEXTS | MARKED, min_size=width, max_size=width), max_size=6)
)


@given(
    TABLES,
    st.sampled_from(sorted(DELIMITERS.values())),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.sampled_from(["\n", "\r\n"]),
    st.integers(1, 9),
)
def test_what_was_written_as_csv_is_read_again(
    table: list[list[str]], delimiter: str, quoting: Any, end: str, size: int
) -> None:
    headers = [f"H{number}" for number in range(len(table[0]) if table else 1)]
    written = io.StringIO(newline="")
    escaped = [[field.replace("\\", "\\\\") for field in row] for row in table]
    csv.writer(written, delimiter=delimiter, quoting=quoting, lineterminator=end).writerows([headers, *escaped])
    text = written.getvalue().encode()
    blocks = (text[at : at + size] for at in range(0, len(text), size))
    assert list(csv_rows(blocks, delimiter, None)) == [dict(zip(headers, row, strict=True)) for row in table]


@given(st.text(st.sampled_from('a"\\,\n\r'), max_size=30), st.integers(1, 5))
def test_any_text_gives_the_same_rows_however_it_is_cut(text: str, size: int) -> None:
    def outcome(blocks: Any) -> Any:
        try:
            return list(csv_rows(iter(blocks), ",", ["A", "B"]))
        except Unreadable as error:
            return str(error)

    whole = text.encode()
    assert outcome([whole]) == outcome([whole[at : at + size] for at in range(0, len(whole), size)])
