"""A file becomes a report, whatever it holds; paths become files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from asl_engine.reporting.check import check_file
from asl_engine.reporting.codes import known_codes
from asl_engine.reporting.files import NothingFound, named_files
from asl_engine.reporting.formats.table import written
from asl_engine.reporting.policy import Policy
from asl_engine.reporting.report import make_report
from tests.build import chain, task

CALLBACK = chain(S={"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken"})
UNREACHED = chain(A={"Type": "Succeed"}, B={"Type": "Succeed"})


def checked(content: Any, file: str = "m.asl.json", **options: Any) -> Any:
    text = content if isinstance(content, bytes) else json.dumps(content, indent=1).encode()
    return check_file(file, read={file: text}.__getitem__, **options)


def codes(report: Any) -> list[str]:
    return [found.code for found in report.findings()]


def test_findings_have_their_place_in_the_file() -> None:
    report = checked(chain(S={"Type": "Wait", "Seconds": -1}))
    (found,) = report.findings()
    assert (found.file, found.line, found.column, found.end_column) == ("m.asl.json", 6, 4, 17)
    assert report.machines[0].name == "m"


def test_findings_stand_in_the_order_of_their_places() -> None:
    report = checked(chain(A={"Type": "Pass", "End": True, "X": 1}, B={"Type": "Wait", "Seconds": -1, "Y": 2}))
    places = [(found.line, found.column) for found in report.findings()]
    assert len(places) == 3
    assert places == sorted(places)


def test_a_file_that_is_no_json_has_one_finding() -> None:
    (found,) = checked(b'{"StartAt": "A",\n oops').findings()
    assert (found.code, found.severity, found.line) == ("INVALID_JSON_DESCRIPTION", "ERROR", 2)


def test_a_file_that_cannot_be_opened_says_why() -> None:
    def refuse(file: str) -> bytes:
        raise PermissionError(13, "Permission denied", file)

    report = check_file("m.json", read=refuse)
    assert (report.unreadable, report.machines) == ("Permission denied", ())


@pytest.mark.parametrize("type, error", [(None, False), ("STANDARD", False), ("EXPRESS", True)])
def test_the_type_that_is_given_counts(type: str | None, error: bool) -> None:
    severities = {found.severity for found in checked(CALLBACK, type=type).findings()}
    assert ("ERROR" in severities) is error


@pytest.mark.parametrize("type, error", [(None, True), ("STANDARD", False)])
def test_the_type_that_a_template_says_counts_unless_one_is_given(type: str | None, error: bool) -> None:
    machine = {"Type": "AWS::Serverless::StateMachine", "Properties": {"Type": "EXPRESS", "Definition": CALLBACK}}
    report = checked({"Resources": {"Pay": machine}}, "template.json", type=type)
    assert report.machines[0].name == "Pay"
    assert any(found.severity == "ERROR" for found in report.findings()) is error


def test_a_finding_stands_in_the_file_that_holds_it() -> None:
    machine = {"Type": "AWS::Serverless::StateMachine", "Properties": {"DefinitionUri": "sub/pay.asl.json"}}
    files = {
        "template.json": json.dumps({"Resources": {"Pay": machine}}).encode(),
        "sub/pay.asl.json": json.dumps(chain(S={"Type": "Wait", "Seconds": -1}), indent=1).encode(),
    }
    report = check_file("template.json", read=files.__getitem__)
    (found,) = report.findings()
    assert (found.file, found.line) == ("sub/pay.asl.json", 6)
    assert '"Seconds": -1,' in written(make_report([report]), "text").splitlines()[1]


def test_markers_and_policy_leave_findings_out_and_count_them() -> None:
    marked = {**UNREACHED, "Comment": "asl: ignore[UNREACHABLE_STATE]"}
    plain = Policy(ignore=frozenset({"UNREACHABLE_STATE"}))
    for report in (checked(marked), checked(UNREACHED, policy=plain)):
        assert "UNREACHABLE_STATE" not in codes(report)
        assert report.machines[0].ignored == 1


def test_the_policy_may_leave_out_what_is_told_about_markers() -> None:
    marked = {**chain(A={"Type": "Succeed"}), "Comment": "asl: ignore[UNREACHABLE_STATE]"}
    assert codes(checked(marked)) == ["UNUSED_IGNORE"]
    assert codes(checked(marked, policy=Policy(ignore=frozenset({"UNUSED_IGNORE"})))) == []


def test_patterns_are_about_the_name_below_the_policys_folder(tmp_path: Path) -> None:
    policy = Policy(per_file_ignores={"old/*": frozenset({"UNREACHABLE_STATE"})}, folder=str(tmp_path.resolve()))
    old, new = (str(tmp_path / name / "m.asl.json") for name in ("old", "new"))
    assert "UNREACHABLE_STATE" not in codes(checked(UNREACHED, old, policy=policy))
    assert "UNREACHABLE_STATE" in codes(checked(UNREACHED, new, policy=policy))


def test_substitutions_of_the_policy_are_carried_out() -> None:
    document = chain(S={**task(), "Resource": "${Pay}"})
    policy = Policy(substitutions={"Pay": "arn:aws:lambda:eu-west-1:123456789012:function:pay"})
    assert "UNRESOLVED_SUBSTITUTION" in codes(checked(document))
    assert "UNRESOLVED_SUBSTITUTION" not in codes(checked(document, policy=policy))


def test_every_code_has_a_severity_and_a_sentence() -> None:
    assert list(known_codes()) == sorted(known_codes())
    for name, code in known_codes().items():
        assert name == code.name
        assert code.severity in ("ERROR", "WARNING", "INFO")
        assert code.summary[0].isupper()
        assert code.summary.endswith(".")


# --- which files ------------------------------------------------------------------------------------------------------


def grown(folder: Path, *names: str) -> None:
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("{}")


def test_a_folder_is_the_definitions_below_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    grown(tmp_path, "b.asl.json", "a/x.asl.yaml", "a/y.asl.yml", "a/template.yaml", "c.json", "README.md")
    monkeypatch.chdir(tmp_path)
    assert named_files(["."]) == ["a/x.asl.yaml", "a/y.asl.yml", "b.asl.json"]


@pytest.mark.parametrize("folder", [".git", ".aws-sam/build", "node_modules/x", "cdk.out"])
def test_folders_of_made_things_are_passed_over_unless_named(tmp_path: Path, folder: str) -> None:
    grown(tmp_path, f"{folder}/x.asl.json", "a.asl.json")
    assert named_files([str(tmp_path)]) == [str(tmp_path / "a.asl.json")]
    assert named_files([str(tmp_path / folder)]) == [str(tmp_path / folder / "x.asl.json")]


def test_a_file_that_is_named_twice_is_checked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    grown(tmp_path, "d/a.asl.json", "d/b.asl.json")
    monkeypatch.chdir(tmp_path)
    assert named_files(["d/b.asl.json", "d", "no.json", "-"]) == ["d/b.asl.json", "d/a.asl.json", "no.json", "-"]


def test_a_folder_without_definitions_is_refused(tmp_path: Path) -> None:
    grown(tmp_path, "a.json")
    with pytest.raises(NothingFound, match=r"holds no file named \*\.asl\.json"):
        named_files([str(tmp_path)])
