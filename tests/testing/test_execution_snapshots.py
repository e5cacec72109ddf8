"""Snapshots of executions: what is in one, when it differs, where it is written, and which ones no test uses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asl_engine.testing import snapshot_of
from asl_engine.testing.snapshot_files import slug
from asl_engine.testing.snapshots import masked
from tests.build import chain, each, failing, retrier, run, task
from tests.testing.plugin_runs import SOURCE
from tests.testing.plugin_runs import run as run_tests

pytest_plugins = ["pytester"]

UPDATE = "--asl-snapshot-update"
PARCELS = {
    "StartAt": "Pack",
    "States": {"Pack": {"Type": "Pass", "Next": "Ship"}, "Ship": {"Type": "Pass", "End": True}},
}
TEST = """
    def test_parcel(asl, asl_snapshot):
        assert asl.load("parcels.asl.json").run({"n": 1}) == asl_snapshot
    """


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder with a definition and a test that compares with a snapshot."""
    monkeypatch.setenv("PYTHONPATH", SOURCE)
    pytester.makeini("[pytest]\naddopts = -p no:cacheprovider\n")
    pytester.makefile(".asl.json", parcels=json.dumps(PARCELS))
    pytester.makepyfile(test_parcels=TEST)
    return pytester


def snapshots(project: pytest.Pytester) -> dict[str, Any]:
    """What is in the snapshot files, by their names."""
    found = sorted(project.path.rglob("__asl_snapshots__/*/*.json"))
    return {
        file.relative_to(project.path / "__asl_snapshots__").as_posix(): json.loads(file.read_text()) for file in found
    }


def change(project: pytest.Pytester, old: str, new: str, file: str = "test_parcels.py") -> None:
    path = project.path / file
    path.write_text(path.read_text().replace(old, new))


# --- what is in one ---------------------------------------------------------------------------------------------------


def test_a_snapshot_has_path_data_and_end() -> None:
    machine = chain(Check={"Type": "Pass"}, Each=each(chain(Work=task(Retry=[retrier("Busy", MaxAttempts=1)]))))
    assert snapshot_of(run(machine, [1], tasks={"work": failing("Busy", "later")})) == {
        "status": "FAILED",
        "elapsed": 1,
        "error": "Busy",
        "cause": "later",
        "path": ["Check", "Each", ["Work"]],
        "states": {
            "Check": {"inputs": [[1]], "outputs": [[1]]},
            "Each": {"inputs": [[1]], "outputs": []},
            "Work": {
                "inputs": [1],
                "outputs": [],
                "errors": [{"error": "Busy", "cause": "later"}] * 2,
                "delays": [1],
            },
        },
    }


@pytest.mark.parametrize(
    "value, shown",
    [
        ("at 2024-05-01T10:00:00.123Z", "at <time 1>"),
        ("2024-05-01T10:00:00+02:00", "<time 1>"),
        ("2024-05-01", "2024-05-01"),
        ("arn:x:9f0b0c1e-8f1d-4a52-9a39-0d6ad0a5d9b1", "arn:x:<uuid 1>"),
        ("<Order object at 0x7f0a1b2c3d4e>", "<Order object at <address 1>>"),
        ("A1" * 60, "<token 1>"),
        ("a" * 200, "a" * 200),
        ({"stackTrace": ["line 1"], "errorType": "Busy"}, {"errorType": "Busy", "stackTrace": "<stack trace>"}),
        ('{"errorMessage":"no","stackTrace":["line 1"]}', '{"errorMessage":"no","stackTrace":"<stack trace>"}'),
        ("{not json}", "{not json}"),
        ([1, True, None, 2.5], [1, True, None, 2.5]),
    ],
)
def test_what_differs_from_run_to_run_is_masked(value: Any, shown: Any) -> None:
    assert masked(value) == shown


def test_equal_values_are_masked_by_equal_names() -> None:
    one, other = "9f0b0c1e-8f1d-4a52-9a39-0d6ad0a5d9b1", "00000000-8f1d-4a52-9a39-0d6ad0a5d9b1"
    assert masked([one, other, {"id": one}]) == ["<uuid 1>", "<uuid 2>", {"id": "<uuid 1>"}]


def test_members_are_masked_by_name() -> None:
    assert masked({"orderId": 17, "items": [{"orderId": [1]}]}, ["orderId"]) == {
        "orderId": "<orderId>",
        "items": [{"orderId": "<orderId>"}],
    }


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
)


@given(VALUES)
def test_what_is_masked_stays_as_it_is(value: Any) -> None:
    assert masked(masked(value)) == masked(value)


@given(st.lists(st.text(max_size=120), unique=True))
def test_no_two_texts_are_called_alike(texts: list[str]) -> None:
    names = [slug(text) for text in texts]
    assert len(set(names)) == len(names)
    assert all(set(name).isdisjoint('/\\:*?"<>|@') for name in names)


# --- comparing and writing --------------------------------------------------------------------------------------------


def test_without_a_snapshot_a_test_fails_and_writes_nothing(project: pytest.Pytester) -> None:
    result = run_tests(project)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E *there is no snapshot test_parcels/test_parcel.json; write it with pytest*"])
    assert snapshots(project) == {}


def test_updating_writes_it_and_then_it_holds(project: pytest.Pytester) -> None:
    result = run_tests(project, None, UPDATE)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*asl snapshots*", "1 written"])
    assert list(snapshots(project)) == ["test_parcels/test_parcel.json"]
    again = run_tests(project)
    again.assert_outcomes(passed=1)
    again.stdout.no_fnmatch_line("*asl snapshots*")
    run_tests(project, None, UPDATE).stdout.no_fnmatch_line("[0-9]* written")


def test_a_difference_is_shown_line_by_line(project: pytest.Pytester) -> None:
    run_tests(project, None, UPDATE)
    change(project, '"n": 1', '"n": 2')
    result = run_tests(project)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["E *not as in the snapshot test_parcels/test_parcel.json; *", "*- asl snapshot -*", '-*"n": 1', '+*"n": 2']
    )
    assert snapshots(project)["test_parcels/test_parcel.json"]["output"] == {"n": 1}
    run_tests(project, None, UPDATE).assert_outcomes(passed=1)
    assert snapshots(project)["test_parcels/test_parcel.json"]["output"] == {"n": 2}


def test_a_test_may_have_several_snapshots(project: pytest.Pytester) -> None:
    project.makepyfile(
        test_parcels="""
        import pytest

        class TestAll:
            @pytest.mark.parametrize("n", [1, "a/b"])
            def test_parcel(self, asl, asl_snapshot, n):
                machine = asl.load("parcels.asl.json")
                assert machine.run({"n": n}) == asl_snapshot
                assert machine.run({"m": n}).output == asl_snapshot
                assert machine.run({"id": 4711}) == asl_snapshot("named", mask=["id"])
        """
    )
    run_tests(project, None, UPDATE).assert_outcomes(passed=2)
    run_tests(project).assert_outcomes(passed=2)
    taken = snapshots(project)
    odd = slug("TestAll.test_parcel[a/b]")
    assert taken["test_parcels/TestAll.test_parcel[1]@2.json"] == {"m": 1}
    assert taken["test_parcels/TestAll.test_parcel[1]@named.json"]["output"] == {"id": "<id>"}
    assert taken[f"test_parcels/{odd}.json"]["output"] == {"n": "a/b"}
    assert len(taken) == 6


# --- unused -----------------------------------------------------------------------------------------------------------

UNUSED = ["*asl snapshots*", "1 unused; remove them with --asl-snapshot-update:", "  *test_parcel.json"]


def test_a_snapshot_of_a_test_that_is_gone_is_told_and_removed(project: pytest.Pytester) -> None:
    run_tests(project, None, UPDATE)
    change(project, "test_parcel(", "test_renamed(")
    run_tests(project).stdout.fnmatch_lines(UNUSED)
    run_tests(project, None, UPDATE).stdout.fnmatch_lines(["1 written", "1 removed, for no test uses them"])
    assert list(snapshots(project)) == ["test_parcels/test_renamed.json"]


@pytest.mark.parametrize("options", [[], ["-n", "2"]], ids=["alone", "xdist"])
def test_a_snapshot_that_its_test_no_longer_takes_is_told(project: pytest.Pytester, options: list[str]) -> None:
    run_tests(project, None, UPDATE)
    change(project, " == asl_snapshot", "")
    result = run_tests(project, None, *options)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(UNUSED)
    run_tests(project, None, UPDATE, *options).stdout.fnmatch_lines(["1 removed, for no test uses them"])
    assert snapshots(project) == {}


def test_a_snapshot_of_a_module_that_is_gone_is_told(project: pytest.Pytester) -> None:
    run_tests(project, None, UPDATE)
    (project.path / "test_parcels.py").unlink()
    project.makepyfile(test_other="def test(): pass")
    run_tests(project).stdout.fnmatch_lines(UNUSED)


@pytest.mark.parametrize(
    "options",
    [["-k", "other"], ["test_parcels.py::test_other"], ["--deselect", "test_parcels.py::test_parcel"], ["--co"]],
)
def test_a_snapshot_of_a_test_that_did_not_run_is_not_unused(project: pytest.Pytester, options: list[str]) -> None:
    run_tests(project, None, UPDATE)
    with (project.path / "test_parcels.py").open("a") as file:
        file.write("\ndef test_other(): pass\n")
    result = run_tests(project, None, *options)
    assert result.ret == 0
    result.stdout.no_fnmatch_line("*unused; *")


def test_a_snapshot_of_a_test_that_passed_last_time_is_not_unused(project: pytest.Pytester) -> None:
    project.makeini("[pytest]\n")
    with (project.path / "test_parcels.py").open("a") as file:
        file.write("\ndef test_broken(): assert 0\n")
    run_tests(project, None, UPDATE).assert_outcomes(passed=1, failed=1)
    result = run_tests(project, None, UPDATE, "--last-failed")
    result.assert_outcomes(failed=1)
    assert len(snapshots(project)) == 1


def test_a_snapshot_of_a_test_that_failed_first_is_not_unused(project: pytest.Pytester) -> None:
    run_tests(project, None, UPDATE)
    change(project, "assert asl", "assert 0 and asl")
    result = run_tests(project, None, UPDATE)
    result.assert_outcomes(failed=1)
    assert len(snapshots(project)) == 1


def test_workers_write_and_compare_as_one(project: pytest.Pytester) -> None:
    project.makepyfile(
        test_parcels="""
        import pytest

        @pytest.mark.parametrize("n", range(12))
        def test_parcel(asl, asl_snapshot, n):
            assert asl.load("parcels.asl.json").run({"n": n}) == asl_snapshot
        """
    )
    written = run_tests(project, None, UPDATE, "-n", "2")
    written.assert_outcomes(passed=12)
    written.stdout.fnmatch_lines(["12 written"])
    compared = run_tests(project, None, "-n", "2")
    compared.assert_outcomes(passed=12)
    compared.stdout.no_fnmatch_line("*asl snapshots*")
    assert not list(Path(project.path).rglob("*.json.*"))
