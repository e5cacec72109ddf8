"""Markers in comments: what they hide, what they cannot hide, and what is told about them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asl_engine import validate
from asl_engine.errors import Diagnostic
from asl_engine.reporting.markers import leave_out
from tests.build import chain, each, parallel, task

UNREACHED = "asl: ignore[UNREACHABLE_STATE]"


def codes(document: Any) -> list[str]:
    return [found.code for found in leave_out(document, validate(document)).findings]


def two_ends(**fields: Any) -> dict[str, Any]:
    """A machine whose second state is not reached."""
    return chain(A={"Type": "Succeed"}, B={"Type": "Succeed", **fields})


def warning(pointer: str, code: str = "UNREACHABLE_STATE", severity: str = "WARNING") -> Diagnostic:
    return Diagnostic(code, severity, pointer, "told by the test")


def test_a_marker_hides_its_codes_at_its_object() -> None:
    document = two_ends(Comment=UNREACHED)
    kept = leave_out(document, [found for found in validate(document) if found.code == "UNREACHABLE_STATE"])
    assert kept == ([], 1)


def test_a_marker_hides_its_codes_in_everything_below() -> None:
    document = {**two_ends(), "Comment": f"Pays. {UNREACHED}: B comes in spring"}
    assert "UNREACHABLE_STATE" not in codes(document)


def test_a_marker_hides_nothing_beside_its_object() -> None:
    document = two_ends()
    document["States"]["A"]["Comment"] = UNREACHED
    assert {"UNREACHABLE_STATE", "UNUSED_IGNORE"} <= set(codes(document))


def test_a_marker_hides_no_other_code() -> None:
    document = two_ends(Comment="asl: ignore[UNASSIGNED_VARIABLE]")
    assert {"UNREACHABLE_STATE", "UNUSED_IGNORE"} <= set(codes(document))


def test_a_pointer_that_only_begins_alike_is_not_below() -> None:
    document = chain(A={"Type": "Pass", "Comment": UNREACHED}, AB={"Type": "Succeed"})
    assert leave_out(document, [warning("/States/AB")]).ignored == 0


def test_a_marker_may_name_several_codes_and_a_comment_hold_several_markers() -> None:
    comment = "asl:ignore[UNREACHABLE_STATE,  UNASSIGNED_VARIABLE] and asl: ignore [DISTRIBUTED_ONLY]"
    document = {**two_ends(), "Comment": comment}
    found = [warning("/States/B", code) for code in ("UNREACHABLE_STATE", "UNASSIGNED_VARIABLE", "DISTRIBUTED_ONLY")]
    assert leave_out(document, found) == ([], 3)


def test_names_of_states_are_escaped_in_pointers() -> None:
    document = chain(**{"a/b~c": {"Type": "Succeed", "Comment": UNREACHED}})
    assert leave_out(document, [warning("/States/a~1b~0c/Next")]) == ([], 1)


INNER = chain(X={"Type": "Succeed", "Comment": UNREACHED})
CHOICE = {
    "Type": "Choice",
    "Choices": [{"And": [{"Not": {"Variable": "$.a", "IsNull": True, "Comment": UNREACHED}}], "Next": "Z"}],
}
PLACES = [
    (chain(S=parallel(INNER)), "/States/S/Branches/0/States/X"),
    (chain(S=each(INNER)), "/States/S/ItemProcessor/States/X"),
    (chain(S={"Type": "Map", "Iterator": INNER}), "/States/S/Iterator/States/X"),
    (chain(S=task(Retry=[{"ErrorEquals": ["E"], "Comment": UNREACHED}])), "/States/S/Retry/0/ErrorEquals"),
    (chain(S=task(Catch=[{"ErrorEquals": ["E"], "Comment": UNREACHED}])), "/States/S/Catch/0/Next"),
    (chain(S=CHOICE, Z={"Type": "Succeed"}), "/States/S/Choices/0/And/0/Not/Variable"),
]


@pytest.mark.parametrize("document, pointer", PLACES, ids=[pointer for _, pointer in PLACES])
def test_every_object_of_the_language_may_hold_a_marker(document: dict[str, Any], pointer: str) -> None:
    assert leave_out(document, [warning(pointer)]) == ([], 1)


@pytest.mark.parametrize("field", ["Parameters", "Result", "ResultSelector"])
def test_a_comment_in_a_payload_is_no_marker(field: str) -> None:
    document = chain(S={"Type": "Pass", field: {"Comment": UNREACHED}})
    assert leave_out(document, [warning(f"/States/S/{field}")]) == ([warning(f"/States/S/{field}")], 0)


def test_a_state_named_like_a_field_is_a_state() -> None:
    document = chain(Comment={"Type": "Succeed", "Comment": UNREACHED})
    assert leave_out(document, [warning("/States/Comment/Type")]) == ([], 1)


def test_an_error_is_never_hidden() -> None:
    document = two_ends(Comment="asl: ignore[INVALID_RESOURCE]")
    error = warning("/States/B", "INVALID_RESOURCE", "ERROR")
    assert leave_out(document, [error]) == ([error], 0)


@pytest.mark.parametrize(
    "comment, code, words",
    [
        ("asl: ignore", "INVALID_IGNORE", "does not say what to ignore"),
        ("asl: ignore[]", "INVALID_IGNORE", "does not say what to ignore"),
        ("asl: ignore[UNREACHABLE_STATE,]", "INVALID_IGNORE", "does not say what to ignore"),
        ("asl: ignore[UNREACHABLE_STATE", "INVALID_IGNORE", "does not say what to ignore"),
        ("asl: ignore[SCHEMA_VALIDATION_FAILED]", "INVALID_IGNORE", "is an error, and a comment does not hide errors"),
        ("asl: ignore[UNREACHABLE]", "UNKNOWN_IGNORE", "the unknown code 'UNREACHABLE'"),
        ("asl: ignore[UNASSIGNED_VARIABLE]", "UNUSED_IGNORE", "UNASSIGNED_VARIABLE is ignored here"),
    ],
)
def test_a_marker_without_use_is_told(comment: str, code: str, words: str) -> None:
    (found,) = (found for found in leave_out(two_ends(Comment=comment), []).findings if found.code == code)
    assert (found.severity, found.pointer) == ("WARNING", "/States/B/Comment")
    assert words in found.message


def test_an_unknown_code_is_told_with_the_nearest_one() -> None:
    (found,) = leave_out(two_ends(Comment="asl: ignore[UNREACHABLE]"), []).findings
    assert found.suggestion == "did you mean 'UNREACHABLE_STATE'?"


def test_the_innermost_marker_is_the_one_that_is_used() -> None:
    document = {**two_ends(Comment=UNREACHED), "Comment": UNREACHED}
    (found,) = leave_out(document, [warning("/States/B")]).findings
    assert (found.code, found.pointer) == ("UNUSED_IGNORE", "/Comment")


def test_unused_markers_are_not_told_beside_errors_since_not_all_lints_ran() -> None:
    error = warning("/States/A", "SCHEMA_VALIDATION_FAILED", "ERROR")
    assert leave_out(two_ends(Comment=UNREACHED), [error]) == ([error], 0)


@pytest.mark.parametrize("text", ["asl: ignored", "basl: ignore[X]", "usual: ignore", "asl ignore[X]"])
def test_words_that_look_like_a_marker_are_a_comment(text: str) -> None:
    assert leave_out(two_ends(Comment=text), []) == ([], 0)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from([UNREACHED, "asl: ignore"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["States", "Comment", "Choices", "Not", "Branches", "Iterator"]), inner)
    ),
    max_leaves=20,
)


@given(JSON)
def test_any_json_value_can_be_looked_through(document: Any) -> None:
    assert leave_out(document, []).ignored == 0


def test_twenty_thousand_markers_hide_as_many_findings() -> None:
    states = {f"S{number}": {"Type": "Succeed", "Comment": UNREACHED} for number in range(20_000)}
    found = [warning(f"/States/S{number}") for number in range(20_000)]
    assert leave_out({"States": states}, found) == ([], 20_000)
