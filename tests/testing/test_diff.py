"""Two histories are compared lane by lane; what is only the service's own is no difference."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from asl_engine import Execution, StateMachine
from asl_engine.drawing.overlay import HistoryError
from asl_engine.testing import diff
from asl_engine.testing.comparing import NOTHING
from tests.build import chain, each, failing, giving, in_turn, parallel, retrier, run, task
from tests.properties.machines import Program, programs

DEFINITION = chain(Get=task("get"), Each=each(chain(Work=task("work", Retry=[retrier("Busy")]))), End={"Type": "Pass"})


def executed(work: Any = lambda item: item, **options: Any) -> Execution:
    return run(DEFINITION, tasks={"get": giving([1, 2]), "work": work}, **options)


@given(programs())
def test_an_execution_does_not_differ_from_itself(program: Program) -> None:
    machine = StateMachine.from_json(program.definition)
    execution = machine.run(program.input, tasks=program.tasks, seed=program.seed)
    found = diff(execution, execution.history, ids=True, times=True, arns=True)
    assert found.is_empty
    assert not found
    assert found.first is None
    assert str(found) == "the histories tell the same"


def test_the_first_departure_names_event_state_place_and_values() -> None:
    found = diff(executed(), executed(lambda item: item if item == 1 else 5))
    first = found.first
    assert first is not None
    assert (first.kind, first.type, first.state) == ("changed", "LambdaFunctionSucceeded", "Work")
    assert (first.scope, first.expected_id) == ((("Map", "Each", 1),), 20)
    assert first.pointer == "/lambdaFunctionSucceededEventDetails/output"
    assert (first.expected, first.got) == (2, 5)
    assert str(found).startswith(
        "the histories part at event 20, LambdaFunctionSucceeded of Work in Each[1]\n"
        "  /lambdaFunctionSucceededEventDetails/output: expected 2, got 5\n\nand then in 5 more places:\n"
    )


def test_a_place_within_data_is_a_json_pointer() -> None:
    def result(value: Any) -> Execution:
        return run(chain(A=task("a")), tasks={"a": giving({"lines": [{"a/b": value}]})})

    first = diff(result(1), result(True)).first
    assert first is not None
    assert first.pointer == "/lambdaFunctionSucceededEventDetails/output/lines/0/a~1b"


def test_events_that_one_side_has_alone_are_missing_or_extra() -> None:
    retried = executed(in_turn(run_error(), 1, 2))
    found = diff(executed(lambda item: item), retried)
    assert {departure.kind for departure in found.departures} == {"extra", "changed"}
    extra = next(departure for departure in found.departures if departure.kind == "extra")
    assert extra.expected is NOTHING
    assert "was not expected" in str(extra)
    missing = next(departure for departure in diff(retried, executed()).departures if departure.kind == "missing")
    assert str(missing).endswith("""LambdaFunctionFailed of Work in Each[0]: did not happen (error "Busy")""")


def run_error() -> Exception:
    from asl_engine import TaskError

    return TaskError("Busy")


def test_the_order_between_branches_is_no_difference() -> None:
    definition = chain(Both=parallel(chain(A=task("a")), chain(B=task("b"))))

    def slow(seconds: float) -> Any:
        return lambda payload, context: context.sleep(seconds)

    one, other = (run(definition, tasks={"a": slow(a), "b": slow(3 - a)}) for a in (1, 2))
    assert [event["type"] for event in one.history] == [event["type"] for event in other.history]
    assert one.history != other.history
    assert diff(one, other).is_empty


def moved(execution: Execution) -> list[dict[str, Any]]:
    """The history as another account would show it, a year later."""
    text = json.dumps(execution.history).replace(":123456789012:", ":999999999999:").replace("2024-", "2025-")
    moved: list[dict[str, Any]] = json.loads(text)
    return moved


def test_times_and_arns_count_only_where_asked_for() -> None:
    execution = executed()
    assert diff(execution, moved(execution)).is_empty
    assert diff(execution, moved(execution), times=True).first.pointer == "/timestamp"  # type: ignore[union-attr]
    assert any(
        "/resource" in departure.pointer for departure in diff(execution, moved(execution), arns=True).departures
    )


def test_tokens_of_callbacks_are_no_difference() -> None:
    ask = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken"}
    ours = run(chain(Ask={**ask, "Parameters": {"Body.$": "$$.Task.Token"}}), tasks={"Ask": giving(1)})
    token = json.loads(ours.history[2]["taskScheduledEventDetails"]["parameters"])["Body"]
    theirs = json.loads(json.dumps(ours.history).replace(token, "AQCEAAAAKgAAAAMAAAAA" + "aB3/" * 60 + "=="))
    assert diff(theirs, ours).is_empty
    others = json.loads(json.dumps(theirs).replace("AQCE", "AQCF"))
    assert diff(theirs, others).is_empty
    assert not diff(theirs, json.loads(json.dumps(ours.history).replace(token, "no token"))).is_empty


def test_ids_count_only_where_asked_for() -> None:
    execution = executed()
    events = [
        {**event, "id": event["id"] * 2, "previousEventId": event["previousEventId"] * 2} for event in execution.history
    ]
    assert diff(execution, events).is_empty
    assert diff(execution, events, ids=True).first.pointer == "/id"  # type: ignore[union-attr]


def test_members_that_are_ignored_count_nowhere() -> None:
    one, other = (run(chain(A=task("a")), tasks={"a": giving({"requestId": number, "n": 1})}) for number in ("x", "y"))
    assert not diff(one, other).is_empty
    assert diff(one, other, ignore=["requestId"]).is_empty


def test_a_file_may_stand_for_a_history(tmp_path: Path) -> None:
    execution = executed()
    file = tmp_path / "history.json"
    file.write_text(json.dumps({"events": execution.history}), encoding="utf-8")
    assert diff(file, execution).is_empty


def test_a_history_without_data_is_told() -> None:
    execution = executed()
    bare = [
        {key: {} if key.endswith("Details") else value for key, value in event.items()} for event in execution.history
    ]
    with pytest.raises(HistoryError, match="without includeExecutionData"):
        diff(execution, bare)


def test_another_end_is_a_difference() -> None:
    found = diff(executed(), executed(failing("Broken", "no")))
    assert found.departures[0].kind == "missing"
    assert {"ExecutionFailed", "ExecutionSucceeded"} <= {departure.type for departure in found.departures}


def loop(rounds: int, *, first: bool = False) -> Execution:
    rule = {"Variable": "$.n", "NumericLessThan": rounds, "Next": "Count"}
    states: dict[str, Any] = {
        "More": {"Type": "Choice", "Choices": [rule], "Default": "Done"},
        "Count": {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "Next": "More"},
        "Done": {"Type": "Succeed"},
    }
    if first:
        states["First"] = {"Type": "Pass", "Next": "More"}
    return run({"StartAt": "First" if first else "More", "States": states}, {"n": 0})


def test_histories_that_part_go_together_again_at_the_nearest_place() -> None:
    found = diff(loop(300), loop(300, first=True))
    assert [str(departure) for departure in found.departures] == [
        "event 2, PassStateEntered of First: was not expected",
        "event 3, PassStateExited of First: was not expected",
    ]


def test_the_rest_of_the_longer_history_is_extra() -> None:
    found = diff(loop(5), loop(300))
    kinds = [departure.kind for departure in found.departures]
    assert (kinds.count("extra"), kinds.count("missing")) == (4 * 295, 0)


def test_histories_that_never_meet_again_are_missing_and_extra() -> None:
    def passes(letter: str) -> Execution:
        return run(chain(**{f"{letter}{number}": {"Type": "Pass"} for number in range(150)}))

    found = diff(passes("a"), passes("b"))
    kinds = [departure.kind for departure in found.departures]
    assert (kinds.count("missing"), kinds.count("extra")) == (300, 300)
    assert found.first is not None
    assert str(found.first) == "event 2, PassStateEntered of a0: did not happen"
