"""What an execution did, read from its events: visits, outcomes, retries, transitions."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from asl_engine import Execution, StateMachine, TaskError
from asl_engine.drawing import HistoryError, Overlay, overlay_of
from asl_engine.drawing.marks import style_of, times_taken, words_of
from asl_engine.drawing.model import every_graph, graph_of
from asl_engine.drawing.overlay import StateTally, Transition
from tests.build import catcher, chain, each, parallel, retrier, run, task
from tests.properties.machines import Program, programs
from tests.test_golden import FILES, execute

OUTCOMES = ("succeeded", "caught", "failed", "aborted", "running")


def nonzero(tally: StateTally) -> dict[str, int]:
    counts = {name: getattr(tally, name) for name in ("entered", *OUTCOMES, "retries")}
    return {name: count for name, count in counts.items() if count}


def seen(overlay: Overlay) -> dict[str, dict[str, int]]:
    return {name: nonzero(tally) for name, tally in overlay.states.items()}


def golden(name: str) -> Overlay:
    [file] = [file for file in FILES if file.stem == name]
    return overlay_of(json.loads(file.read_text("utf-8"))["history"])


def fail(*errors: str) -> Any:
    """A task that fails in turn with these errors, then succeeds."""
    left = list(errors)

    def work(payload: Any) -> Any:
        if left:
            raise TaskError(left.pop(0), None)
        return payload

    return work


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_history_says_what_its_execution_says(file: Path) -> None:
    case = json.loads(file.read_text("utf-8"))
    assert overlay_of(case["history"]) == overlay_of({"events": case["history"]}) == overlay_of(execute(case))


def test_retries_are_counted_and_a_catch_is_followed() -> None:
    overlay = golden("retry_then_catch")
    assert seen(overlay)["Charge"] == {"entered": 1, "caught": 1, "retries": 2}
    assert overlay.transitions[Transition("Charge", "Report", True)] == 1


def test_a_failing_branch_has_failed_and_its_siblings_were_aborted() -> None:
    assert seen(golden("parallel_failure_cancels")) == {
        "Ship": {"entered": 1, "caught": 1},
        "Pack": {"entered": 1, "failed": 1},
        "Rest": {"entered": 1, "aborted": 1},
        "Labels": {"entered": 1, "aborted": 1},
        "Print": {"entered": 2, "succeeded": 1, "aborted": 1},
        "Apologise": {"entered": 1, "succeeded": 1},
        "Done": {"entered": 1, "succeeded": 1},
    }


def test_iterations_are_counted_and_start_from_the_start_of_their_machine() -> None:
    overlay = golden("map_two_at_a_time")
    assert overlay.states["Spray"].entered == 4
    assert overlay.transitions[Transition(None, "Spray", False)] == 4
    assert overlay.ended == {"Spray": 4, "Paint": 1}


def test_a_failure_that_nobody_catches_fails_every_state_around_it() -> None:
    overlay = golden("runtime_error_in_a_nested_map")
    assert overlay.status == "FAILED"
    assert seen(overlay) == {
        "Outer": {"entered": 1, "failed": 1},
        "Both": {"entered": 2, "failed": 1, "aborted": 1},
        "Read": {"entered": 1, "failed": 1},
    }


def test_what_a_timeout_of_the_machine_stops_was_aborted() -> None:
    overlay = golden("timeouts_and_machine_timeout")
    assert overlay.status == "TIMED_OUT"
    assert overlay.states["Slow"].aborted == 1


def test_a_retried_map_inside_a_map_is_told_from_the_outer_one() -> None:
    inner = each(chain(Work=task()), Retry=[retrier("Busy", MaxAttempts=1)], ItemsPath="$")
    definition = chain(Outer=each(chain(Inner=inner), ItemsPath="$", Retry=[retrier("Busy", MaxAttempts=1)]))
    execution = run(definition, [[1]], tasks={"Work": fail("Busy", "Busy")})
    assert execution.status == "SUCCEEDED"
    assert seen(overlay_of(execution)) == {
        "Outer": {"entered": 1, "succeeded": 1, "retries": 1},
        "Inner": {"entered": 2, "failed": 1, "succeeded": 1, "retries": 1},
        "Work": {"entered": 3, "failed": 2, "succeeded": 1},
    }


def test_a_tolerated_iteration_has_failed_and_its_map_has_not() -> None:
    definition = chain(All=each(chain(Work=task()), ItemsPath="$", ToleratedFailureCount=1, MaxConcurrency=1))
    overlay = overlay_of(run(definition, [1, 2], tasks={"Work": fail("Busy")}))
    assert seen(overlay) == {
        "All": {"entered": 1, "succeeded": 1},
        "Work": {"entered": 2, "succeeded": 1, "failed": 1},
    }


def test_a_failed_expression_is_a_failure_of_its_state() -> None:
    failing = {"Type": "Pass", "Output": "{% $states.input.a + 'x' %}", "End": True}
    overlay = overlay_of(run({"QueryLanguage": "JSONata", "StartAt": "P", "States": {"P": failing}}, {"a": 1}))
    assert seen(overlay) == {"P": {"entered": 1, "failed": 1}}


def test_a_history_that_stops_in_the_middle_leaves_states_running() -> None:
    [file] = [file for file in FILES if file.stem == "map_two_at_a_time"]
    overlay = overlay_of(json.loads(file.read_text("utf-8"))["history"][:12])
    assert overlay.status == "RUNNING"
    assert seen(overlay) == {"Paint": {"entered": 1, "running": 1}, "Spray": {"entered": 2, "running": 2}}


def test_a_redriven_state_is_what_became_of_it_in_the_end() -> None:
    kinds = ["ExecutionStarted", "TaskStateEntered", "TaskScheduled", "TaskFailed", "ExecutionFailed"]
    kinds += ["ExecutionRedriven", "TaskScheduled", "TaskSucceeded", "TaskStateExited", "ExecutionSucceeded"]
    names = {"TaskStateEntered": "stateEnteredEventDetails", "TaskStateExited": "stateExitedEventDetails"}
    events = [
        {
            "id": place,
            "previousEventId": max(place - 1, 0),
            "type": kind,
            **({names[kind]: {"name": "A"}} if kind in names else {}),
        }
        for place, kind in enumerate(kinds, 1)
    ]
    overlay = overlay_of(events)
    assert (overlay.status, overlay.states["A"].failed) == ("SUCCEEDED", 0)


def test_the_order_of_the_events_makes_no_difference() -> None:
    [file] = [file for file in FILES if file.stem == "parallel_failure_cancels"]
    history = json.loads(file.read_text("utf-8"))["history"]
    assert overlay_of(history[::-1]) == overlay_of(history)


@pytest.mark.parametrize(
    ("history", "message"),
    [
        (5, "a history is an array"),
        ({"status": "FAILED"}, "a history is an array"),
        ("[]", "a history is an array"),
        ([5], "/events/0: must be an object, not 5"),
        ([{"id": 1, "previousEventId": 0}], "/events/0/type: must be a string, not None"),
        ([{"id": "1", "type": "PassStateEntered"}], "/events/0/id: must be an integer, not '1'"),
    ],
)
def test_what_is_no_history_is_refused(history: Any, message: str) -> None:
    with pytest.raises(HistoryError, match=message):
        overlay_of(history)


def started(program: Program) -> tuple[StateMachine, Execution]:
    machine = StateMachine.from_json(program.definition)
    return machine, machine.run(program.input, tasks=program.tasks, seed=program.seed)


@settings(max_examples=100)
@given(programs())
def test_every_visit_has_one_outcome_and_one_way_in(program: Program) -> None:
    _, execution = started(program)
    overlay = overlay_of(execution)
    assert overlay == overlay_of(execution.history)
    into: Counter[str] = Counter()
    for transition, times in overlay.transitions.items():
        into[transition.target] += times
    for name, tally in overlay.states.items():
        assert tally.entered == sum(getattr(tally, outcome) for outcome in OUTCOMES) == into[name]
        assert not tally.running
    assert Counter(execution.path) == {name: tally.entered for name, tally in overlay.states.items()}


@settings(max_examples=100)
@given(programs())
def test_every_transition_is_an_edge_of_the_picture(program: Program) -> None:
    machine, execution = started(program)
    overlay = overlay_of(execution)
    graphs = list(every_graph(graph_of(machine.definition)))
    drawn = sum(
        times
        for graph in graphs
        for edge, times in zip(graph.edges, times_taken(graph, overlay), strict=True)
        if edge.target_name is not None
    )
    assert drawn == sum(overlay.transitions.values())


def test_a_catch_and_a_next_to_one_state_are_told_apart() -> None:
    definition = chain(Work=task(Catch=[catcher("After")]), After={"Type": "Succeed"})
    machine = StateMachine.from_json(definition)
    graph = graph_of(machine.definition)
    taken = {
        how: dict(zip([edge.kind for edge in graph.edges], times_taken(graph, overlay_of(execution)), strict=True))
        for how, execution in (
            ("well", machine.run({}, tasks={"Work": fail()})),
            ("ill", machine.run({}, tasks={"Work": fail("Busy")})),
        )
    }
    assert (taken["well"]["catch"], taken["ill"]["catch"]) == (0, 1)


def test_marks_say_what_happened_in_words() -> None:
    definition = chain(
        Two=parallel(
            chain(Work=task(Retry=[retrier("Busy", MaxAttempts=2)])), chain(Rest={"Type": "Wait", "Seconds": 9})
        ),
        Never={"Type": "Succeed"},
    )
    machine = StateMachine.from_json(definition)
    overlay = overlay_of(machine.run({}, tasks={"Work": fail("Busy", "Busy", "Broken")}))
    nodes = {node.name: node for graph in every_graph(graph_of(machine.definition)) for node in graph.nodes}
    said = {
        name: (style_of(nodes[name], overlay), words_of(nodes[name], overlay)) for name in ("Work", "Rest", "Never")
    }
    assert said == {
        "Work": ("failed", "1×, failed, 2 retries"),
        "Rest": ("aborted", "1×, aborted"),
        "Never": ("untaken", ""),
    }
