"""The mark stands under the place, as a terminal shows it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asl_engine.errors import Diagnostic
from asl_engine.reporting.excerpt import UNSHOWN, WIDTH, excerpt, lines_of, printable


def shown(line: str, column: int, end_column: int | None = None) -> tuple[str, str]:
    found = excerpt([line], Diagnostic("C", "ERROR", "", "m", 1, column, end_column=end_column))
    assert found is not None
    return found


@pytest.mark.parametrize(
    "line, column, end_column, expected",
    [
        ('{"a": 1}', 2, 8, ('{"a": 1}', " ^~~~~~")),
        ('{"a": 1}', 1, 2, ('{"a": 1}', "^")),
        ('{"a": 1}', 3, None, ('{"a": 1}', "  ^")),
        ("ab", 3, 4, ("ab", "  ^")),
        ("", 1, 2, ("", "^")),
        ("ab", 2, 99, ("ab", " ^")),
        ("\tab", 2, 4, ("    ab", "    ^~")),
        ("a\tb", 3, 4, ("a   b", "    ^")),
        ("\t\t日b", 4, 5, ("        日b", "          ^")),
        ("日本 x", 1, 3, ("日本 x", "^~~~")),
        ("日本 x", 4, 5, ("日本 x", "     ^")),
        ("e\u0301x", 3, 4, ("e\u0301x", " ^")),
        ("a\x1b[31mb", 7, 8, (f"a{UNSHOWN}[31mb", "      ^")),
        ("a\u202eb", 3, 4, (f"a{UNSHOWN}b", "  ^")),
        ("ab   ", 1, 3, ("ab", "^~")),
    ],
)
def test_the_mark_stands_under_the_place(
    line: str, column: int, end_column: int | None, expected: tuple[str, str]
) -> None:
    assert shown(line, column, end_column) == expected


def test_a_long_line_is_cut_round_the_place() -> None:
    line, mark = shown("a" * 500 + "XYZ" + "b" * 500, 501, 504)
    assert line.startswith("…a")
    assert line.endswith("b…")
    assert line[mark.index("^") : len(mark)] == "XYZ"


def test_a_long_line_whose_place_is_at_its_start_is_cut_at_its_end_alone() -> None:
    assert shown("X" + "b" * 500, 1, 2) == ("X" + "b" * (WIDTH - 1) + "…", "^")


def test_a_place_longer_than_the_window_is_marked_to_the_windows_end() -> None:
    line, mark = shown("a" * 50 + "X" * 500, 51, 551)
    assert (line, mark) == ("…" + "a" * 30 + "X" * 70 + "…", " " * 31 + "^" + "~" * 69)


@pytest.mark.parametrize("line, column", [(2, 1), (None, None), (1, None)])
def test_a_place_that_is_not_in_the_file_has_no_excerpt(line: int | None, column: int | None) -> None:
    assert excerpt(["only"], Diagnostic("C", "ERROR", "", "m", line, column)) is None


def test_lines_end_as_places_count_them() -> None:
    assert lines_of(b"\xef\xbb\xbfa\r\nb\rc\nd\x0be\xff") == ["a", "b", "c", "d\x0be\ufffd"]


@given(st.text(st.characters(exclude_categories=()), max_size=300), st.integers(1, 320), st.integers(1, 400))
def test_any_line_has_a_mark_of_its_own_line(line: str, column: int, end_column: int) -> None:
    text, mark = shown(line, column, end_column)
    assert mark.lstrip(" ").rstrip("~") == "^"
    assert not any(unicodedata.category(character) in ("Cc", "Cf", "Cs") for character in text)


@given(st.text(st.characters(exclude_categories=()), max_size=50))
def test_what_is_printed_is_one_line_without_controls(text: str) -> None:
    told = printable(text)
    assert all(character.isprintable() or character == "\u3000" or character.isspace() for character in told)
    assert len(told.splitlines()) <= 1
    assert told.encode("utf-8").decode("utf-8") == told
