"""`asl fmt` on files, folders and standard input."""

from __future__ import annotations

import io
import os
import stat
import sys
from pathlib import Path

import pytest

from asl_engine.cli import main

UGLY = '{"States":{"A":{"End":true,"Type":"Pass"}},"StartAt":"A"}'
PRETTY = """\
{
  "StartAt": "A",
  "States": {
    "A": {
      "Type": "Pass",
      "End": true
    }
  }
}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "m.asl.json"
    path.write_text(UGLY)
    return path


def test_a_file_is_formatted_in_place(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fmt", str(file)]) == 0
    assert file.read_text() == PRETTY
    assert capsys.readouterr().out == f"formatted {file}\n"


def test_nothing_is_written_when_nothing_changes(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(PRETTY)
    before = file.stat()
    assert main(["fmt", str(file)]) == 0
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
    assert capsys.readouterr().out == ""


def test_permissions_stay_and_no_other_file_is_left(file: Path) -> None:
    file.chmod(0o640)
    main(["fmt", str(file)])
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert os.listdir(file.parent) == [file.name]


def test_a_link_stays_a_link(file: Path) -> None:
    link = file.with_name("link.asl.json")
    link.symlink_to(file)
    main(["fmt", str(link)])
    assert link.is_symlink()
    assert file.read_text() == PRETTY


def test_check_lists_what_would_change_and_writes_nothing(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fmt", "--check", str(file)]) == 1
    assert capsys.readouterr().out == f"would format {file}\n"
    assert file.read_text() == UGLY


def test_check_is_well_where_nothing_would_change(file: Path) -> None:
    file.write_text(PRETTY)
    assert main(["fmt", "--check", str(file)]) == 0


def test_diff_shows_the_change_and_writes_nothing(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fmt", "--diff", str(file)]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"--- {file}\n+++ {file} (formatted)\n@@ ")
    assert '+      "Type": "Pass",\n' in out
    assert file.read_text() == UGLY


def test_a_folder_means_its_definition_files(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    below = file.parent / "b" / "n.asl.yaml"
    below.parent.mkdir()
    below.write_text("States:\n  A:\n    Type: Succeed\nStartAt: A\n")
    (file.parent / "package.json").write_text(UGLY)
    (file.parent / ".hidden").mkdir()
    (file.parent / ".hidden" / "h.asl.json").write_text(UGLY)
    assert main(["fmt", "--check", str(file.parent)]) == 1
    assert capsys.readouterr().out == f"would format {file}\nwould format {below}\n"


def test_standard_input_goes_to_standard_output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(UGLY.encode())))
    assert main(["fmt", "-"]) == 0
    assert capsys.readouterr().out == PRETTY


@pytest.mark.parametrize(
    "content, told",
    [
        (b'{"Resources": {}}', "a template (it has 'Resources'); only definition files are formatted"),
        (b"{", "line 1, column 2: must have a key in double quotes, not the end"),
        (b"\xff", "not UTF-8 text"),
    ],
)
def test_what_cannot_be_formatted_is_told_and_the_others_are_formatted(
    content: bytes, told: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = file.with_name("bad.asl.json")
    bad.write_bytes(content)
    assert main(["fmt", str(bad), str(file), str(file.with_name("none.asl.json"))]) == 2
    err = capsys.readouterr().err
    assert f"{bad}: {told}" in err
    assert "none.asl.json: No such file" in err
    assert file.read_text() == PRETTY


def test_windows_line_ends_and_a_byte_order_mark_are_taken_away(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + PRETTY.replace("\n", "\r\n").encode())
    assert main(["fmt", str(file)]) == 0
    assert file.read_bytes() == PRETTY.encode()
