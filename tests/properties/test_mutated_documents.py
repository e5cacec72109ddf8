"""Whatever a document says, it is read to its end: no crash, a place for every finding, and work in proportion."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
from hypothesis import given, settings

from asl_engine import DefinitionError, StateMachine, validate
from asl_engine.definition.codes import CODES
from tests.properties.mutations import mutated_definitions, places, repeated, seeds


def test_mutated_documents_are_validated_without_a_crash(request: pytest.FixtureRequest) -> None:
    examples = request.config.getoption("--mutated")

    @settings(max_examples=examples)
    @given(mutated_definitions())
    def check(definition: Any) -> None:
        found = validate(definition)
        pointers = {"", *_pointers(definition)}
        for diagnostic in found:
            nearest = diagnostic.pointer if diagnostic.pointer in pointers else diagnostic.pointer.rpartition("/")[0]
            assert nearest in pointers, diagnostic
        json.dumps([str(diagnostic) for diagnostic in found])

    check()


def _pointers(definition: Any) -> list[str]:
    """The JSON pointer of everything in a document."""
    found = {id(definition): ""}
    pointers = []
    for container, key in places(definition):
        escaped = str(key).replace("~", "~0").replace("/", "~1")
        pointers.append(f"{found[id(container)]}/{escaped}")
        found[id(container[key])] = pointers[-1]
    return pointers


@settings(max_examples=100)
@given(mutated_definitions())
def test_what_is_taken_can_be_made_and_what_is_refused_says_why(definition: Any) -> None:
    told = {found.code for found in validate(definition) if found.severity == "ERROR"}
    refused = errors_of_loading(definition)
    assert refused <= told
    assert bool(refused) == bool(told & CODES.keys())


def errors_of_loading(definition: Any) -> set[str]:
    """The codes for which a definition is refused when it is to run."""
    try:
        StateMachine.from_json(definition)
    except DefinitionError as error:
        return {found.code for found in error.diagnostics if found.severity == "ERROR"}
    return set()


def calls_to_validate(document: Any) -> int:
    """How many Python functions are called to validate a document: a measure of work that no machine's load changes."""
    text, calls = json.dumps(document), 0

    def count(frame: Any, event: str, argument: Any) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        validate(text)
    finally:
        sys.setprofile(None)
    return calls


BY_SIZE = sorted(seeds(), key=lambda seed: len(json.dumps(seed)))


@pytest.mark.parametrize("seed", BY_SIZE[-12::3], ids=lambda seed: seed["StartAt"])
def test_four_times_the_document_is_about_four_times_the_work(seed: Any) -> None:
    calls_to_validate(repeated(seed, 2))
    small, large = calls_to_validate(repeated(seed, 5)), calls_to_validate(repeated(seed, 20))
    assert large < 4.6 * small


@pytest.mark.parametrize("seed", BY_SIZE[20 :: len(BY_SIZE) // 6], ids=lambda seed: seed["StartAt"])
def test_twenty_times_the_branches_is_about_twenty_times_the_work(seed: Any) -> None:
    seed = seed if len(json.dumps(seed)) < 2000 else BY_SIZE[30]
    calls_to_validate(repeated(seed, 2))
    small, large = calls_to_validate(repeated(seed, 10)), calls_to_validate(repeated(seed, 200))
    assert large < 22 * small


@settings(max_examples=15)
@given(mutated_definitions())
def test_a_mistake_made_often_is_told_in_proportion(definition: Any) -> None:
    calls_to_validate(repeated(definition, 2) if isinstance(definition, dict) else definition)
    if isinstance(definition, dict):
        many = repeated(definition, 20)
        small, large = calls_to_validate(repeated(definition, 5)), calls_to_validate(many)
        depth_walk = 3 * (json.dumps(many).count("{") + json.dumps(many).count("["))  # a short text is not walked
        assert large < 4.6 * small + depth_walk
