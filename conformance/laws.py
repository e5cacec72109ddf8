"""The laws of the language: what holds for every machine, every input and every outcome of its tasks.

A law is a function that takes a drawn `Example` and raises `Broken` where it does not hold; `@law` puts it into `LAWS`.
Laws look at runs from outside only: an engine of another make could be held to them.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from asl_engine import Execution, StateMachine, validate

from .compare import Json, first_difference
from .recorded import states_of

ENDINGS = {"ExecutionSucceeded", "ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted"}
PAYLOAD_LIMIT = 262_144
"""Bytes, AWS's service quota "Maximum input or output size"."""


class Example(NamedTuple):
    """A machine with an input, the tasks' outcomes, and what fixes chance."""

    definition: dict[str, Any]
    input: Json
    tasks: dict[str, Any]
    seed: int

    def run(self, definition: Json = None, input: Json = None) -> Execution:
        """The example's run, or with another definition or input, the same outcomes."""
        machine = StateMachine.from_json(definition or self.definition)
        return machine.run(self.input if input is None else input, tasks=self.tasks, seed=self.seed)

    @property
    def inner(self) -> dict[str, Any]:
        """The machine as a branch or an item processor: without what only a whole definition has."""
        return {key: self.definition[key] for key in ("StartAt", "States")}

    def around(self, name: str, state: dict[str, Any], *others: tuple[str, dict[str, Any]]) -> dict[str, Any]:
        """A definition in the machine's language that begins with this state."""
        language = {key: value for key, value in self.definition.items() if key == "QueryLanguage"}
        return {**language, "StartAt": name, "States": {name: state, **dict(others)}}


class Broken(AssertionError):
    """A law does not hold; says how."""


Law = Callable[[Example], None]
LAWS: dict[str, Law] = {}


def law(check: Law) -> Law:
    """Puts a law into the table, under its name."""
    LAWS[check.__name__.replace("_", " ")] = check
    return check


def same(expected: Json, got: Json, what: str) -> None:
    """Raises Broken with the first place where two values part."""
    difference = first_difference(expected, got)
    if difference:
        raise Broken(f"{what}: {difference}")


def ended(execution: Execution) -> tuple[Json, ...]:
    """How an execution ended."""
    return execution.status, execution.output, execution.error


# --- every run --------------------------------------------------------------------------------------------------------


@law
def a_valid_machine_has_no_errors(example: Example) -> None:
    errors = [str(found) for found in validate(example.definition) if found.severity == "ERROR"]
    same([], errors, "diagnostics")


@law
def every_run_ends_and_names_why(example: Example) -> None:
    execution = example.run()
    if execution.status not in ("SUCCEEDED", "FAILED", "TIMED_OUT"):
        raise Broken(f"the status is {execution.status}")
    if execution.status != "SUCCEEDED" and (execution.output is not None or not execution.error):
        raise Broken(f"{execution.status} with error {execution.error!r} and output {execution.output!r}")


@law
def a_run_repeats_exactly(example: Example) -> None:
    first, second = example.run(), example.run()
    same(ended(first), ended(second), "the end")
    same(list(first.history), list(second.history), "history")


@law
def the_input_and_the_definition_are_not_changed(example: Example) -> None:
    before = copy.deepcopy((example.definition, example.input))
    example.run()
    same(list(before), [example.definition, example.input], "after the run")


@law
def payloads_stay_within_the_limit(example: Example) -> None:
    execution = example.run()
    size = len(json.dumps(execution.output, ensure_ascii=False, separators=(",", ":")).encode())
    if size > PAYLOAD_LIMIT:
        raise Broken(f"an output of {size} bytes")


# --- the history ------------------------------------------------------------------------------------------------------


@law
def the_history_counts_from_one_and_looks_back(example: Example) -> None:
    history = list(example.run().history)
    same(list(range(1, len(history) + 1)), [event["id"] for event in history], "ids")
    for event in history:
        if not 0 <= event["previousEventId"] < event["id"]:
            raise Broken(f"event {event['id']} follows {event['previousEventId']}")
    moments = [datetime.fromisoformat(event["timestamp"]) for event in history]
    if moments != sorted(moments):
        raise Broken("timestamps go back")


@law
def the_history_ends_once(example: Example) -> None:
    history = list(example.run().history)
    endings = [event["id"] for event in history if event["type"] in ENDINGS]
    same([len(history)], endings, "the events that end the execution")


@law
def the_path_is_what_the_history_entered(example: Example) -> None:
    execution = example.run()
    same([name for _, name in _entered(execution)], list(execution.path), "path")


@law
def the_path_follows_the_transitions(example: Example) -> None:
    execution = example.run()
    states = dict(states_of(example.definition))
    exits = {event["id"]: name for event, name in _named(execution, "StateExited")}
    for event, name in _named(execution, "StateEntered"):
        left = exits.get(event["previousEventId"])
        if left is not None and name not in _targets(states[left]) | _first_inside(states[left]):
            raise Broken(f"{left!r} went on to {name!r}")


def _entered(execution: Execution) -> Iterator[tuple[Json, str]]:
    return _named(execution, "StateEntered")


def _named(execution: Execution, ending: str) -> Iterator[tuple[Json, str]]:
    """(event, state name) of the events of one kind."""
    field = f"s{ending[1:]}EventDetails"
    for event in execution.history:
        if event["type"].endswith(ending):
            yield event, event[field]["name"]


def _targets(state: dict[str, Any]) -> set[str]:
    rules = [*state.get("Choices", ()), *state.get("Catch", ())]
    return {rule["Next"] for rule in rules} | {state[key] for key in ("Next", "Default") if key in state}


def _first_inside(state: dict[str, Any]) -> set[str]:
    machines = [*state.get("Branches", ()), *filter(None, [state.get("ItemProcessor")])]
    return {machine["StartAt"] for machine in machines}


@law
def no_task_is_tried_more_often_than_its_retriers_allow(example: Example) -> None:
    most: dict[str, int] = {}

    def counting(name: str) -> Any:
        def handler(payload: Json, context: Any) -> Json:
            most[name] = max(most.get(name, 0), context.attempt)
            return example.tasks[name](payload, context)

        return handler

    example._replace(tasks={name: counting(name) for name in example.tasks}).run()
    for name, state in states_of(example.definition):
        allowed = 1 + sum(retrier.get("MaxAttempts", 3) for retrier in state.get("Retry", ()))
        if most.get(name, 0) > allowed:
            raise Broken(f"{name!r} was tried {most[name]} times, {allowed} are allowed")


# --- machines made of machines ----------------------------------------------------------------------------------------


@law
def a_pass_that_discards_its_result_changes_nothing(example: Example) -> None:
    fields = {} if "QueryLanguage" in example.definition else {"Result": "discarded", "ResultPath": None}
    states = {"Before": {"Type": "Pass", **fields, "Next": example.definition["StartAt"]}}
    longer = {**example.definition, "StartAt": "Before", "States": {**states, **example.definition["States"]}}
    same(ended(example.run()), ended(example.run(longer)), "with a Pass in front")


@law
def a_parallel_gives_one_output_a_branch_in_their_order(example: Example) -> None:
    alone = example._replace(definition={**example.definition, **example.inner})
    alone.definition.pop("TimeoutSeconds", None)
    execution = alone.run()
    constant = {"StartAt": "Beside", "States": {"Beside": {"Type": "Pass", "End": True}}}
    around = {"Type": "Parallel", "Branches": [example.inner, constant], "End": True}
    both = example.run(example.around("Both", around))
    if execution.status == "SUCCEEDED":
        same(["SUCCEEDED", [execution.output, example.input]], [both.status, both.output], "the Parallel")
    else:
        same(["FAILED", execution.error], [both.status, both.error], "the Parallel")


def _map_over(example: Example, items: list[Json], most_at_once: int) -> Execution:
    items_field = {"Items": items} if "QueryLanguage" in example.definition else {"ItemsPath": "$.items"}
    state = {"Type": "Map", **items_field, "ItemProcessor": example.inner, "MaxConcurrency": most_at_once, "End": True}
    given = {**example.input, "items": items} if isinstance(example.input, dict) else {"items": items}
    return example.run(example.around("Each", state), given)


@law
def a_map_gives_one_output_an_item_in_their_order(example: Example) -> None:
    items = [example.input, {}, {"a": 5}]
    whole = _map_over(example, items, 0)
    if whole.status == "SUCCEEDED":
        same(len(items), len(whole.output), "the number of outputs")
        if not _reads_its_place(example.inner):
            for index, output in enumerate(whole.output):
                same([output], _map_over(example, [items[index]], 0).output, f"item {index} alone")


def _reads_its_place(machine: dict[str, Any]) -> bool:
    """Whether a machine reads the context object, in which its item's index and the execution's input stand."""
    text = json.dumps(machine)
    return "$$" in text or "$states.context" in text


@law
def a_maps_output_does_not_depend_on_how_many_items_run_at_once(example: Example) -> None:
    items = [example.input, {}, {"a": 5}]
    runs = [_map_over(example, items, most) for most in (0, 1, 2)]
    if runs[0].status == "SUCCEEDED":
        for execution in runs[1:]:
            same(ended(runs[0]), ended(execution), "with another MaxConcurrency")


@law
def a_catcher_hands_on_error_and_cause(example: Example) -> None:
    branches = {"Type": "Parallel", "Branches": [example.inner], "Next": "Passed over"}
    plain = example.run(example.around("All", {key: v for key, v in branches.items() if key != "Next"} | {"End": True}))
    caught = {**branches, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]}
    ends = {"Type": "Succeed"}
    execution = example.run(example.around("All", caught, ("Passed over", ends), ("Caught", ends)))
    if plain.status == "SUCCEEDED":
        same(["All", "Passed over"], [execution.path[0], execution.path[-1]], "what succeeds is not caught")
    elif execution.status == "SUCCEEDED":
        told = execution.output
        if (
            plain.cause is None and told.get("Cause") == ""
        ):  # a time-out's event has no cause, its Error Output an empty one
            told = {**told, "Cause": None}
        same({"Error": plain.error, "Cause": plain.cause}, told, "the Error Output")
    else:
        same("States.Runtime", execution.error, "what States.ALL does not catch")


# --- documents --------------------------------------------------------------------------------------------------------


@law
def validation_takes_any_document(example: Example) -> None:
    for place in range(6):
        document = copy.deepcopy(example.definition)
        _spoil(document, example.seed * 7 + place)
        validate(document)


WRONG: tuple[Json, ...] = (None, -1, "", "$.", [], {}, True, "{% ( %}", ["x"], 1.5)


def _spoil(document: Json, number: int) -> None:
    """Puts something wrong into the place of something."""
    places = list(_places(document))
    container, key = places[number % len(places)]
    container[key] = WRONG[number % len(WRONG)]


def _places(value: Json) -> Iterator[tuple[Json, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield value, key
        yield from _places(item)
