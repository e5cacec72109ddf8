"""Laws on random documents, and jsonpath-ng as an independent opinion on names, indices and wildcards."""

import contextlib
import copy
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonpath_ng import parse as parse_elsewhere

from asl_engine.query.jsonpath import InvalidPath, PathNotFound, compile_path, parse_path
from asl_engine.query.jsonpath.evaluate import general

KEYS = st.sampled_from(["a", "b", "c"])
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "x", "1"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=15,
)
DOCUMENTS = st.dictionaries(KEYS, VALUES, max_size=3) | st.lists(VALUES, max_size=4)
NAMES = KEYS.map(lambda key: f".{key}")
INDICES = st.integers(0, 3).map(lambda index: f"[{index}]")
SEGMENTS = st.one_of(
    NAMES,
    INDICES,
    st.sampled_from(["[*]", ".*", "..a", "[1:]", "[0,1]", "['a','b']", "[?(@.a)]", "[?(@.a == 1)]", "[?(@ > 'a')]"]),
)


def paths(segment: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(segment, max_size=5).map(lambda segments: "$" + "".join(segments))


def outcome(read: Any, document: Any) -> tuple[str, Any]:
    try:
        return "found", read(document)
    except PathNotFound as error:
        return type(error).__name__, str(error)


@given(paths(NAMES | INDICES), DOCUMENTS)
def test_a_definite_path_selects_what_jsonpath_ng_selects(path: str, document: Any) -> None:
    theirs = [match.value for match in parse_elsewhere(path).find(document)]
    kind, value = outcome(compile_path(parse_path(path)), document)
    assert ([value] if kind == "found" else []) == theirs


@given(st.lists(NAMES, max_size=2), st.lists(NAMES, max_size=1), DOCUMENTS)
def test_a_wildcard_over_arrays_selects_what_jsonpath_ng_selects(
    before: list[str], after: list[str], document: Any
) -> None:
    prefix, suffix = "$" + "".join(before), "".join(after)
    at_prefix = [match.value for match in parse_elsewhere(prefix).find(document)]
    theirs = [match.value for match in parse_elsewhere(f"{prefix}[*]{suffix}").find(document)]
    if all(isinstance(value, list) for value in at_prefix):
        kind, value = outcome(compile_path(parse_path(f"{prefix}[*]{suffix}")), document)
        assert value == theirs if kind == "found" else not at_prefix


@given(paths(SEGMENTS), DOCUMENTS)
def test_the_direct_way_and_the_general_way_agree(path: str, document: Any) -> None:
    parsed = parse_path(path)
    assert outcome(compile_path(parsed), document) == outcome(general(parsed), document)


@given(paths(SEGMENTS), DOCUMENTS)
def test_no_document_is_changed_by_reading_it(path: str, document: Any) -> None:
    before = copy.deepcopy(document)
    outcome(compile_path(parse_path(path)), document)
    assert json.dumps(document) == json.dumps(before)


@given(paths(SEGMENTS), DOCUMENTS)
def test_an_indefinite_path_gives_a_list_and_a_definite_one_never_invents(path: str, document: Any) -> None:
    parsed = parse_path(path)
    kind, value = outcome(compile_path(parsed), document)
    if kind == "found" and not parsed.definite:
        assert isinstance(value, list)


@given(paths(SEGMENTS))
def test_the_normal_spelling_of_a_path_without_filters_is_the_same_path(path: str) -> None:
    parsed = parse_path(path)
    if "?" not in path:
        assert parse_path(parsed.normal).segments == parsed.segments


@settings(max_examples=300)
@given(st.text("$@.[]()'?*:,-0a =<>&|!~/\\\"", max_size=30))
def test_any_text_is_a_path_or_an_invalid_path(text: str) -> None:
    with contextlib.suppress(InvalidPath):
        outcome(compile_path(parse_path(f"${text}")), {"a": [{"a": 0}]})
