"""The laws that hold for every machine, every input and every order of replies."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asl_engine import Execution, StateMachine, TaskContext, validate
from asl_engine.execution.replies import StopExecution
from asl_engine.jsonvalue import dumps
from asl_engine.timestamp import parse_timestamp
from tests.build import T0
from tests.byhand import Hand, replay
from tests.properties.machines import Program, programs
from tests.strategies import json_values

TERMINAL = {"ExecutionSucceeded", "ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted"}


def all_of(execution: Execution) -> tuple[Any, ...]:
    """Everything that an execution says."""
    ended = execution.status, execution.output, execution.error, execution.cause, execution.elapsed
    return (*ended, execution.path, execution.history)


def run(program: Program) -> Execution:
    machine = StateMachine.from_json(program.definition)
    return machine.run(program.input, tasks=program.tasks, seed=program.seed)


def by_hand(program: Program, **options: Any) -> Hand:
    machine = StateMachine.from_json(program.definition)
    hand = Hand(machine.start(program.input, seed=program.seed), program.answer, **options)
    hand.drive()
    return hand


@given(programs())
def test_a_drawn_machine_has_no_errors(program: Program) -> None:
    assert [found for found in validate(program.definition) if found.severity == "ERROR"] == []


@given(programs())
def test_a_valid_machine_always_ends_with_a_status_and_raises_nothing(program: Program) -> None:
    execution = run(program)
    assert execution.status in ("SUCCEEDED", "FAILED", "TIMED_OUT")
    assert (execution.status == "SUCCEEDED") or execution.output is None


@given(programs())
def test_the_same_seed_and_replies_give_the_same_history(program: Program) -> None:
    assert all_of(run(program)) == all_of(run(program))


@given(programs())
def test_a_journal_replayed_gives_an_identical_execution(program: Program) -> None:
    hand = by_hand(program)
    again = replay(StateMachine.from_json(program.definition), program.input, hand.journal, seed=program.seed)
    assert all_of(again) == all_of(hand.execution)


@given(programs(), st.data())
def test_a_replayed_journal_asks_for_the_same_at_every_step(program: Program, data: st.DataObject) -> None:
    hand = by_hand(program, choose=lambda count: data.draw(st.integers(0, count - 1)))
    execution = StateMachine.from_json(program.definition).start(program.input, seed=program.seed)
    asked = [execution.start(T0), *(execution.receive(reply, now) for reply, now in hand.journal)]
    assert asked == hand.commands


@given(programs(failing=False), st.data())
def test_the_order_of_concurrent_replies_never_changes_the_output(program: Program, data: st.DataObject) -> None:
    in_order = by_hand(program).execution
    shuffled = by_hand(program, choose=lambda count: data.draw(st.integers(0, count - 1))).execution
    assert in_order.status == shuffled.status == "SUCCEEDED"
    assert dumps(in_order.output) == dumps(shuffled.output)
    assert sorted(in_order.path) == sorted(shuffled.path)


@given(programs(failing=False))
def test_a_driver_of_ones_own_gives_what_run_gives(program: Program) -> None:
    assert by_hand(program).execution.output == run(program).output


@given(programs())
def test_no_value_is_ever_changed(program: Program) -> None:
    definition, input = copy.deepcopy(program.definition), copy.deepcopy(program.input)
    kept: list[tuple[Any, str]] = []
    results: list[tuple[Any, str]] = []

    def keeping(payload: Any, context: TaskContext) -> Any:
        kept.append((payload, dumps(payload)))
        result = program.handler(payload, context)
        results.append((result, dumps(result)))
        return result

    StateMachine.from_json(program.definition).run(program.input, tasks={"work": keeping}, seed=program.seed)
    assert all(dumps(value) == text for value, text in kept + results)
    assert (program.definition, program.input) == (definition, input)


@given(programs())
def test_a_handler_that_spoils_its_payload_changes_nothing(program: Program) -> None:
    def spoiling(payload: Any, context: TaskContext) -> Any:
        result = copy.deepcopy(program.handler(copy.deepcopy(payload), context))
        if isinstance(payload, (dict, list)):
            payload.clear()
        return result

    spoiled = StateMachine.from_json(program.definition).run(program.input, tasks={"work": spoiling}, seed=program.seed)
    assert all_of(spoiled) == all_of(run(program))


@given(programs())
def test_a_machine_keeps_nothing_of_an_execution(program: Program) -> None:
    machine = StateMachine.from_json(program.definition)
    first, second = (machine.run(program.input, tasks=program.tasks, seed=program.seed) for _ in range(2))
    assert all_of(first) == all_of(second)


@given(programs(), st.data())
def test_replies_given_twice_change_nothing(program: Program, data: st.DataObject) -> None:
    hand = by_hand(program)
    execution = StateMachine.from_json(program.definition).start(program.input, seed=program.seed)
    execution.start(T0)
    earlier: list[Any] = []
    for reply, now in hand.journal:
        execution.receive(reply, now)
        earlier.append(reply)
        assert execution.receive(data.draw(st.sampled_from(earlier)), now) == []
    assert all_of(execution) == all_of(hand.execution)


@given(programs(), st.integers(0, 30))
def test_an_execution_may_be_stopped_at_any_time_and_then_nothing_changes(program: Program, steps: int) -> None:
    hand = by_hand(program)
    execution = StateMachine.from_json(program.definition).start(program.input, seed=program.seed)
    execution.start(T0)
    for reply, now in hand.journal[:steps]:
        execution.receive(reply, now)
    execution.receive(StopExecution("Stop", "now"), T0)
    ended = all_of(execution)
    check_history(execution)
    assert execution.status == ("ABORTED" if steps < len(hand.journal) else hand.execution.status)
    for reply, now in hand.journal[steps:]:
        assert execution.receive(reply, now) == []
    assert all_of(execution) == ended


@settings(suppress_health_check=[*settings.default.suppress_health_check, HealthCheck.filter_too_much])
@given(st.dictionaries(st.sampled_from(["StartAt", "States", "Comment", "TimeoutSeconds"]), json_values), json_values)
def test_validate_takes_any_json(document: Any, other: Any) -> None:
    validate(document)
    validate({"StartAt": "A", "States": {"A": other}})


FIELDS = [
    "Type",
    "Next",
    "End",
    "Choices",
    "Branches",
    "ItemProcessor",
    "Retry",
    "Catch",
    "Resource",
    "Result",
    "Seconds",
]
FIELDS += ["InputPath", "Parameters", "ResultPath", "ItemsPath", "Assign", "Credentials", "QueryLanguage", "Output"]


@given(programs(), st.data())
def test_validate_takes_any_machine_with_something_broken_in_it(program: Program, data: st.DataObject) -> None:
    definition = copy.deepcopy(program.definition)
    state = data.draw(st.sampled_from(list(definition["States"].values())))
    field = data.draw(st.sampled_from(FIELDS))
    state[field] = data.draw(json_values | st.sampled_from([*definition["States"], "$.x", "States.Format(", "JSONata"]))
    findings = validate(definition)
    if not any(found.severity == "ERROR" for found in findings):
        StateMachine.from_json(definition).run(program.input, tasks={**program.tasks, **_serving(definition, program)})


def _serving(definition: dict[str, Any], program: Program) -> dict[str, Any]:
    """A key for every state, whatever its Resource has become."""
    return dict.fromkeys(definition["States"], program.handler)


# --- laws of the history ----------------------------------------------------------------------------------------------


def check_history(execution: Execution) -> None:
    """Ids, links, entries before exits, and one terminal event, the last."""
    history = execution.history
    assert [event["id"] for event in history] == list(range(1, len(history) + 1))
    assert all(0 <= event["previousEventId"] < event["id"] for event in history)
    moments = [parse_timestamp(event["timestamp"]) or 0 for event in history]
    assert moments == sorted(moments)
    assert [event["type"] for event in history if event["type"] in TERMINAL] == [history[-1]["type"]]
    entered: dict[tuple[str, str], int] = {}
    for event in history:
        kind, _, change = event["type"].partition("State")
        if change == "Entered":
            key = kind, event["stateEnteredEventDetails"]["name"]
            entered[key] = entered.get(key, 0) + 1
        elif change == "Exited":
            key = kind, event["stateExitedEventDetails"]["name"]
            entered[key] = entered.get(key, 0) - 1
            assert entered[key] >= 0, f"{key} was left before it was entered"
    if execution.status == "SUCCEEDED":
        cut_short = sum(event["type"].endswith(("Aborted", "StateFailed", "IterationFailed")) for event in history)
        assert cut_short or not any(entered.values())


@given(programs())
def test_a_history_is_well_formed(program: Program) -> None:
    check_history(run(program))


@given(programs(), st.data())
def test_a_history_is_well_formed_in_whatever_order_replies_come(program: Program, data: st.DataObject) -> None:
    check_history(by_hand(program, choose=lambda count: data.draw(st.integers(0, count - 1))).execution)


@given(programs())
def test_every_scheduled_task_ends_or_is_aborted(program: Program) -> None:
    execution = run(program)
    kinds = [event["type"] for event in execution.history]
    scheduled = kinds.count("LambdaFunctionScheduled")
    ended = sum(kinds.count(f"LambdaFunction{ending}") for ending in ("Succeeded", "Failed", "TimedOut"))
    assert ended <= scheduled == kinds.count("LambdaFunctionStarted")
    assert scheduled - ended <= kinds.count("TaskStateAborted")


@given(programs())
def test_every_iteration_that_started_ends_once(program: Program) -> None:
    kinds = [event["type"] for event in run(program).history]
    ended = sum(kinds.count(f"MapIteration{ending}") for ending in ("Succeeded", "Failed", "Aborted"))
    assert kinds.count("MapIterationStarted") == ended


@given(programs())
def test_the_path_is_the_histories_entries(program: Program) -> None:
    execution = run(program)
    entries = [event for event in execution.history if event["type"].endswith("StateEntered")]
    assert execution.path == [event["stateEnteredEventDetails"]["name"] for event in entries]
