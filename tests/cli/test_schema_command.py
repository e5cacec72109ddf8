"""`asl schema`, as a shell runs it."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

import asl_engine
from asl_engine.cli.schema import DRAFTS, QUERY_LANGUAGES
from asl_engine.definition.fields import BOTH
from asl_engine.definition.schema import DIALECTS, draft_schema
from asl_engine.states.table import STATE_TYPES

SOURCE = Path(asl_engine.__file__).parents[1]


def asl(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "asl_engine", "schema", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment)


def test_the_schema_is_printed(tmp_path: Path) -> None:
    done = asl(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == draft_schema(STATE_TYPES)


def test_what_is_printed_is_the_same_in_every_run(tmp_path: Path) -> None:
    assert asl(tmp_path).stdout == asl(tmp_path).stdout


def test_a_draft_and_a_query_language_may_be_chosen(tmp_path: Path) -> None:
    printed = json.loads(asl(tmp_path, "--draft", "draft-07", "--query-language", "JSONata").stdout)
    jsonschema.Draft7Validator.check_schema(printed)
    assert printed == draft_schema(STATE_TYPES, "JSONata", "draft-07")
    assert printed["properties"]["QueryLanguage"]["enum"] == ["JSONata"]


def test_the_choices_are_those_of_the_schema() -> None:
    assert BOTH == QUERY_LANGUAGES
    assert tuple(DIALECTS) == DRAFTS


@pytest.mark.parametrize("arguments", [("--draft", "draft-03"), ("--query-language", "XPath")])
def test_a_choice_that_is_none_is_told(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = asl(tmp_path, *arguments)
    assert done.returncode == 2
    assert f"invalid choice: '{arguments[1]}'" in done.stderr


def test_a_file_is_written_in_the_place_of_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "asl.schema.json").write_text("old")
    done = asl(tmp_path, "--output", "asl.schema.json")
    assert (done.returncode, done.stdout) == (0, "")
    assert (tmp_path / "asl.schema.json").read_text("utf-8") == asl(tmp_path).stdout
    assert [file.name for file in tmp_path.iterdir()] == ["asl.schema.json"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text("old")
    (tmp_path / "link.json").symlink_to("real.json")
    asl(tmp_path, "--output", "link.json")
    assert (tmp_path / "link.json").is_symlink()
    assert json.loads((tmp_path / "real.json").read_text("utf-8"))["title"] == "Amazon States Language"


@pytest.mark.parametrize("output, reason", [("no/such/file.json", "No such file"), (".", "Is a directory")])
def test_a_place_that_cannot_be_written_is_told_in_one_line(tmp_path: Path, output: str, reason: str) -> None:
    done = asl(tmp_path, "--output", output)
    assert done.returncode == 2
    assert done.stderr.startswith(f"asl: {output}: {reason}")
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_file_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    asl(tmp_path, "--output", "asl.schema.json")
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("plain", "asl.schema.json")]
    assert modes[0] == modes[1]
