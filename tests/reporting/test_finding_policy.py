"""Which findings are wanted: the configuration, the command line's additions, and the patterns of file names."""

from __future__ import annotations

from pathlib import Path

import pytest

from asl_engine.errors import Diagnostic
from asl_engine.reporting.config import ConfigError, nearest_policies, read_policy
from asl_engine.reporting.policy import Policy, judged, matches, with_choices

UNREACHED = Diagnostic("UNREACHABLE_STATE", "WARNING", "/States/A", "not reached")
UNASSIGNED = Diagnostic("UNASSIGNED_VARIABLE", "WARNING", "/States/A", "not assigned")
REFUSED = Diagnostic("SCHEMA_VALIDATION_FAILED", "ERROR", "/States/A", "refused")
RESOURCE = Diagnostic("INVALID_RESOURCE", "ERROR", "/States/A/Resource", "refused")
ALL = [UNREACHED, UNASSIGNED, REFUSED]


def configured(folder: Path, text: str) -> Policy:
    file = folder / "asl.toml"
    file.write_text(text, encoding="utf-8")
    return read_policy(file)


def severities(policy: Policy, findings: list[Diagnostic] = ALL, file: str = "a.asl.json") -> dict[str, str]:
    return {found.code: found.severity for found in judged(policy, findings, file)[0]}


def test_without_a_policy_all_findings_are_wanted_as_they_are() -> None:
    assert judged(Policy(), ALL, "a.json") == (ALL, 0)


def test_ignored_codes_are_left_out_and_counted(tmp_path: Path) -> None:
    policy = configured(tmp_path, 'ignore = ["UNREACHABLE_STATE"]')
    assert judged(policy, ALL, "a.json") == ([UNASSIGNED, REFUSED], 1)


def test_an_error_can_be_ignored_by_its_code(tmp_path: Path) -> None:
    policy = configured(tmp_path, 'ignore = ["SCHEMA_VALIDATION_FAILED"]')
    assert judged(policy, [REFUSED], "a.json") == ([], 1)


def test_off_is_the_same_as_ignored(tmp_path: Path) -> None:
    policy = configured(tmp_path, 'severity = {UNREACHABLE_STATE = "off"}')
    assert judged(policy, ALL, "a.json") == ([UNASSIGNED, REFUSED], 1)


@pytest.mark.parametrize("level, severity", [("error", "ERROR"), ("warning", "WARNING"), ("info", "INFO")])
def test_a_warning_takes_any_severity(tmp_path: Path, level: str, severity: str) -> None:
    policy = configured(tmp_path, f'severity = {{UNREACHABLE_STATE = "{level}"}}')
    assert severities(policy)["UNREACHABLE_STATE"] == severity


def test_a_code_that_is_both_stays_an_error_where_it_is_one(tmp_path: Path) -> None:
    policy = configured(tmp_path, 'severity = {INVALID_RESOURCE = "info"}')
    assert severities(policy, [RESOURCE]) == {"INVALID_RESOURCE": "ERROR"}


def test_select_keeps_the_named_codes_and_errors(tmp_path: Path) -> None:
    assert severities(configured(tmp_path, 'select = ["UNASSIGNED_VARIABLE"]')).keys() == {
        "UNASSIGNED_VARIABLE",
        "SCHEMA_VALIDATION_FAILED",
    }


def test_an_empty_selection_keeps_errors_alone(tmp_path: Path) -> None:
    assert severities(configured(tmp_path, "select = []")).keys() == {"SCHEMA_VALIDATION_FAILED"}


def test_a_pattern_leaves_codes_out_in_some_files(tmp_path: Path) -> None:
    policy = configured(tmp_path, 'per-file-ignores = {"old/**" = ["UNREACHABLE_STATE"]}')
    assert "UNREACHABLE_STATE" not in severities(policy, file="old/deep/a.json")
    assert "UNREACHABLE_STATE" in severities(policy, file="new/a.json")


def test_substitutions_are_kept(tmp_path: Path) -> None:
    assert configured(tmp_path, 'substitutions = {Arn = "x"}').substitutions == {"Arn": "x"}


@pytest.mark.parametrize(
    "text, words",
    [
        ("ignored = []", "unknown key 'ignored'; did you mean 'ignore'?"),
        ('ignore = ["UNREACHABLE"]', "ignore: unknown code 'UNREACHABLE'; did you mean 'UNREACHABLE_STATE'?"),
        ('ignore = "UNREACHABLE_STATE"', "ignore: must be an array of codes, not 'UNREACHABLE_STATE'"),
        ("ignore = [5]", "ignore: must be a code, not 5"),
        ("severity = 5", "severity: must be a table, not 5"),
        ('severity = {NOPE = "error"}', "severity: unknown code 'NOPE'"),
        (
            'severity = {UNREACHABLE_STATE = "fatal"}',
            "severity.UNREACHABLE_STATE: must be one of error, warning, info, off",
        ),
        (
            "severity = {UNREACHABLE_STATE = true}",
            "severity.UNREACHABLE_STATE: must be one of error, warning, info, off, not True",
        ),
        ('severity = {SCHEMA_VALIDATION_FAILED = "info"}', "can be ignored but not made milder"),
        ('ignore = ["UNREACHABLE_STATE"]\nseverity = {UNREACHABLE_STATE = "error"}', "is in ignore too"),
        ('per-file-ignores = {"*" = "X"}', "per-file-ignores.*: must be an array of codes"),
        ("substitutions = {N = 1}", "substitutions.N: must be a string, not 1"),
        ("ignore = [", "is not TOML"),
    ],
)
def test_a_configuration_that_means_nothing_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError) as told:
        configured(tmp_path, text)
    assert words in str(told.value)
    assert str(tmp_path / "asl.toml") in str(told.value)


def test_bytes_that_are_not_utf8_are_refused(tmp_path: Path) -> None:
    (tmp_path / "asl.toml").write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="is not TOML"):
        read_policy(tmp_path / "asl.toml")


def test_a_pyproject_that_is_named_must_have_the_table(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.other]")
    with pytest.raises(ConfigError, match=r"has no \[tool.asl\]"):
        read_policy(tmp_path / "pyproject.toml")


def test_a_table_that_is_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool]\nasl = 5")
    with pytest.raises(ConfigError, match="must be a table, not 5"):
        nearest_policies()(tmp_path)


def test_the_nearest_configuration_above_a_file_counts(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text('[tool.asl]\nignore = ["UNREACHABLE_STATE"]')
    (tmp_path / "a" / "pyproject.toml").write_text("[tool.other]")
    assert nearest_policies()(inner).ignore == {"UNREACHABLE_STATE"}
    (inner / "pyproject.toml").write_text("[tool.asl]")
    assert nearest_policies()(inner).ignore == frozenset()


def test_patterns_are_relative_to_the_configurations_folder(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.asl]")
    assert nearest_policies()(tmp_path / "deep").folder == str(tmp_path.resolve())


def test_the_command_line_adds_to_the_configuration() -> None:
    policy = Policy(
        ignore=frozenset({"UNREACHABLE_STATE"}), severity={"DISTRIBUTED_ONLY": "INFO"}, substitutions={"A": "1"}
    )
    both = with_choices(
        policy,
        ignore=["UNASSIGNED_VARIABLE"],
        levels={"DISTRIBUTED_ONLY": "error"},
        substitutions={"A": "2", "B": "3"},
    )
    assert both.ignore == {"UNREACHABLE_STATE", "UNASSIGNED_VARIABLE"}
    assert (both.severity, both.substitutions) == ({"DISTRIBUTED_ONLY": "ERROR"}, {"A": "2", "B": "3"})


def test_a_code_that_is_given_a_level_is_wanted_again() -> None:
    policy = with_choices(Policy(ignore=frozenset({"UNREACHABLE_STATE"})), levels={"UNREACHABLE_STATE": "error"})
    assert severities(policy)["UNREACHABLE_STATE"] == "ERROR"


@pytest.mark.parametrize(
    "pattern, fitting, others",
    [
        ("*.json", ["a.json", "b/c/a.json"], ["a.yaml", "a.json/b"]),
        ("a.json", ["a.json", "deep/a.json"], ["ba.json"]),
        ("old/*.json", ["old/a.json"], ["old/b/a.json", "very/old/a.json", "a.json"]),
        ("old/**", ["old/a", "old/b/c"], ["old", "older/a"]),
        ("**/old/*", ["old/a", "x/y/old/a"], ["x/y/old/b/a"]),
        ("a?.json", ["ab.json"], ["a.json", "a/.json"]),
        ("a+[b].json", ["a+[b].json"], ["aa+b.json"]),
    ],
)
def test_patterns(pattern: str, fitting: list[str], others: list[str]) -> None:
    assert [name for name in fitting + others if matches(pattern, name)] == fitting
