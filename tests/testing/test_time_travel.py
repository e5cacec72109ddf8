"""An execution can be seen as it stood at any event, and forked there."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asl_engine import PENDING, Execution, JournalError, StateMachine, TaskContext, TaskError, UnservedTaskError
from asl_engine.execution.replies import TaskSucceeded
from asl_engine.machine import OBSERVERS
from tests.build import T0, catcher, chain, each, failing, giving, parallel, retrier, run, task
from tests.byhand import Hand, begin, gave, tasks_of
from tests.properties.machines import Program, programs

SUM = {"Type": "Pass", "Assign": {"total.$": "$[0]"}}
FORK = chain(
    First=task("first"),
    Both=parallel(chain(Left=task("left", Retry=[retrier("Busy")])), chain(Rest={"Type": "Wait", "Seconds": 3})),
    Sum=SUM,
    Last=task("last"),
)
TOKEN = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
DISTRIBUTED = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}


def busy_once(payload: Any, context: TaskContext) -> Any:
    if context.attempt == 1:
        raise TaskError("Busy", "come again")
    return payload + 1


TASKS = {"first": giving(1), "left": busy_once, "last": giving("done")}


def forked(**options: Any) -> Execution:
    return run(FORK, tasks=TASKS, **options)


def event_id(execution: Execution, kind: str, number: int = 0) -> int:
    """The id of an event of a kind: the first one, or the one of this number from 0."""
    ids: list[int] = [event["id"] for event in execution.history if event["type"] == kind]
    return ids[number]


def answered_alike(program: Program) -> tuple[Execution, StateMachine]:
    machine = StateMachine.from_json(program.definition)
    return machine.run(program.input, tasks=program.tasks, seed=program.seed), machine


def told(execution: Execution) -> tuple[Any, ...]:
    ended = execution.status, execution.output, execution.error, execution.cause, execution.elapsed
    return (*ended, execution.history)


# --- laws -------------------------------------------------------------------------------------------------------------


@given(programs())
def test_at_every_event_the_history_is_what_had_happened(program: Program) -> None:
    execution, _ = answered_alike(program)
    history = execution.history
    for number in range(1, len(history) + 1):
        moment = execution.at(number)
        assert moment.history == history[:number]
        assert moment.status == (execution.status if number == len(history) else "RUNNING")
        assert moment.frames


@given(programs(), st.data())
def test_a_fork_with_the_same_answers_is_the_execution_again(program: Program, data: st.DataObject) -> None:
    execution, _ = answered_alike(program)
    number = data.draw(st.integers(1, len(execution.history)))
    assert told(execution.fork(at=number)) == told(execution)


@given(programs(), st.data())
def test_executions_driven_by_hand_travel_too(program: Program, data: st.DataObject) -> None:
    machine = StateMachine.from_json(program.definition)
    hand = Hand(
        machine.start(program.input, seed=program.seed),
        program.answer,
        choose=lambda count: data.draw(st.integers(0, count - 1)),
    )
    history = hand.drive().history
    number = data.draw(st.integers(1, len(history)))
    assert hand.execution.at(number).history == history[:number]
    forked = hand.execution.fork(at=number, tasks=program.tasks)
    assert forked.history[:number] == history[:number]
    assert forked.status != "RUNNING"


@given(programs())
def test_looking_back_changes_nothing(program: Program) -> None:
    execution, _ = answered_alike(program)
    before = told(execution)
    for number in range(1, len(execution.records) + 1):
        execution.at(number)
    assert told(execution) == before


# --- at ---------------------------------------------------------------------------------------------------------------


def test_a_moment_shows_the_state_entered_with_its_input() -> None:
    execution = forked()
    moment = execution.at(event_id(execution, "TaskStateEntered", 1))
    assert (moment.frame.state_name, moment.input) == ("Left", 1)
    assert moment.event["stateEnteredEventDetails"]["name"] == "Left"
    assert moment.path == ["First", "Both", "Left"]
    assert moment.state("First").output == 1


def test_a_moment_has_a_frame_for_every_thread_of_control() -> None:
    execution = forked()
    frames = execution.at(event_id(execution, "WaitStateEntered")).frames
    assert [(frame.state_name, frame.scope) for frame in frames] == [
        ("Both", ()),
        ("Left", (("Parallel", "Both", 0),)),
        ("Rest", (("Parallel", "Both", 1),)),
    ]


def test_a_branch_whose_turn_has_not_come_has_entered_nothing() -> None:
    execution = forked()
    frames = execution.at(event_id(execution, "TaskStateEntered", 1)).frames
    assert [frame.entered_id for frame in frames] == [7, 9, 0]


def test_variables_are_set_when_their_state_is_left_and_not_before() -> None:
    execution = forked()
    assert execution.at(event_id(execution, "PassStateEntered")).variables == {}
    assert execution.at(event_id(execution, "PassStateExited")).variables == {"total": 2}


def test_a_moment_lists_the_tasks_that_nobody_had_answered() -> None:
    execution = forked()
    [open_task] = execution.at(event_id(execution, "LambdaFunctionStarted", 2)).open_tasks
    assert (open_task.state_name, open_task.input, open_task.attempt) == ("Left", 1, 2)
    assert execution.at(event_id(execution, "LambdaFunctionSucceeded", 1)).open_tasks == []


def test_a_moment_tells_the_time_that_had_passed() -> None:
    execution = forked()
    assert execution.at(event_id(execution, "LambdaFunctionFailed")).elapsed == 0
    assert execution.at(event_id(execution, "LambdaFunctionScheduled", 2)).elapsed == 1
    assert execution.at(event_id(execution, "WaitStateExited")).elapsed == 3


def test_the_context_object_is_that_of_the_moment() -> None:
    execution = forked()
    moment = execution.at(event_id(execution, "LambdaFunctionStarted", 2))
    assert moment.context["State"] == {"Name": "Left", "EnteredTime": "2024-01-01T00:00:00Z", "RetryCount": 1}


def test_an_iteration_has_its_item_and_its_own_frame() -> None:
    definition = chain(Each=each(chain(Item={"Type": "Pass"})))
    execution = run(definition, ["a", "b"])
    moment = execution.at(event_id(execution, "MapIterationStarted", 1))
    assert moment.frame.scope == (("Map", "Each", 1),)
    assert moment.context["Map"] == {"Item": {"Index": 1, "Value": "b"}}


def test_the_last_moment_is_the_end() -> None:
    execution = forked()
    last = execution.at(len(execution.history))
    assert (last.status, last.output) == ("SUCCEEDED", "done")


def test_the_moment_of_a_failure_shows_where_it_failed() -> None:
    execution = run(chain(A={"Type": "Pass", "Assign": {"n": 7}}, B=task("b")), tasks={"b": failing("No", "never")})
    last = execution.at(len(execution.history))
    assert (last.status, last.error, last.cause) == ("FAILED", "No", "never")
    assert (last.frame.state_name, last.variables) == ("B", {"n": 7})


@pytest.mark.parametrize("wrong", [0, -1, 99, True, "3"])
def test_an_event_that_is_not_there_is_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"the execution has the events 1 to \d+, not"):
        forked().at(wrong)


def test_what_a_moment_gives_is_the_callers_own() -> None:
    execution = run(chain(A={"Type": "Pass", "Assign": {"n": {"m": 1}}}, B={"Type": "Pass"}), {"x": [1]})
    moment = execution.at(len(execution.history))
    moment.input["x"].append(2)
    moment.variables["n"]["m"] = 9
    assert (moment.input, moment.variables, execution.output) == ({"x": [1]}, {"n": {"m": 1}}, {"x": [1]})


def test_from_a_moment_one_goes_to_another() -> None:
    execution = forked()
    assert execution.at(5).at(9).history == execution.history[:9]
    assert repr(execution.at(2)) == "<Moment RUNNING at event 2, TaskStateEntered>"


def test_the_moment_before_the_history_limit_cuts_events_is_seen_as_recorded() -> None:
    again = {"Type": "Choice", "Choices": [{"Variable": "$.end", "IsPresent": True, "Next": "B"}], "Default": "A"}
    execution = run({"StartAt": "A", "States": {"A": again, "B": {"Type": "Succeed"}}})
    assert len(execution.records) == 25_000
    assert execution.at(25_000).records == tuple(execution.records)
    assert execution.at(24_999).records == tuple(execution.records[:24_999])


# --- fork -------------------------------------------------------------------------------------------------------------


def test_a_fork_keeps_the_past_and_asks_the_rest_anew() -> None:
    execution = forked()
    fork = execution.fork(at=event_id(execution, "LambdaFunctionFailed"), tasks={"left": giving(40)})
    assert fork.at(event_id(execution, "LambdaFunctionFailed")).history == execution.history[:13]
    assert fork.at(len(fork.history)).state("Sum").input == [40, 1]
    assert fork.output == "done"


def test_a_fork_can_take_another_way() -> None:
    definition = chain(
        Charge=task("charge", Catch=[catcher("Refund", "Declined")], Next="Ship"),
        Ship={"Type": "Succeed"},
        Refund={"Type": "Succeed"},
    )
    execution = run(definition, tasks={"charge": giving({})})
    fork = execution.fork(at=event_id(execution, "LambdaFunctionStarted"), tasks={"charge": failing("Declined")})
    assert (execution.path, fork.path) == (["Charge", "Ship"], ["Charge", "Refund"])


def test_what_was_answered_by_the_event_stays_answered() -> None:
    execution = forked()
    fork = execution.fork(at=event_id(execution, "LambdaFunctionSucceeded"), tasks={"first": giving("other")})
    assert told(fork) == told(execution)


def test_a_task_under_way_counts_as_begun_when_it_was_asked() -> None:
    def slow(seconds: float) -> Any:
        return lambda payload, context: context.sleep(seconds)

    definition = chain(
        Both=parallel(chain(Slow=task("slow")), chain(Rest={"Type": "Wait", "Seconds": 3}, End={"Type": "Pass"}))
    )
    execution = run(definition, tasks={"slow": slow(10)})
    rested = event_id(execution, "WaitStateExited")
    assert execution.fork(at=rested, tasks={"slow": slow(5)}).elapsed == 5
    assert execution.fork(at=rested, tasks={"slow": slow(1)}).elapsed == 3


def test_heartbeats_heard_before_the_fork_are_not_heard_again() -> None:
    def beating(payload: Any, context: TaskContext) -> Any:
        for _ in range(3):
            context.sleep(4)
            context.heartbeat()
        context.sleep(4)
        return "alive"

    definition = chain(
        Both=parallel(
            chain(Beat=task("beat", HeartbeatSeconds=5)), chain(Rest={"Type": "Wait", "Seconds": 6}, P={"Type": "Pass"})
        )
    )
    execution = run(definition, tasks={"beat": beating})
    assert execution.status == "SUCCEEDED"
    assert told(execution.fork(at=event_id(execution, "WaitStateExited"))) == told(execution)


def test_a_fork_may_be_forked() -> None:
    execution = forked()
    fork = execution.fork(at=1, tasks={"first": giving(10)})
    assert told(fork.fork(at=20)) == told(fork)


def test_a_moment_forks_too() -> None:
    execution = forked()
    assert execution.at(1).fork({"first": giving(10)}).state("Left").output == 11


def test_a_fork_of_an_execution_started_by_hand_needs_tasks() -> None:
    execution, commands = begin(FORK)
    execution.receive(gave(tasks_of(commands)[0].ticket, 1), T0)
    with pytest.raises(UnservedTaskError, match="'First'"):
        execution.fork(at=3)
    assert execution.fork(at=3, tasks=TASKS).output == "done"


def test_a_fork_of_tasks_run_on_threads_gives_the_same() -> None:
    definition = chain(Both=parallel(chain(A=task("a")), chain(B=task("b"))))
    execution = run(definition, tasks={"a": giving(1), "b": giving(2)}, executor=2)
    for number in range(1, len(execution.history) + 1):
        assert execution.at(number).history == execution.history[:number]
        assert execution.fork(at=number).output == [1, 2]


def test_a_fork_waits_for_tokens_like_a_run() -> None:
    definition = chain(Ask={"Type": "Task", "Resource": TOKEN, "Parameters": {"t.$": "$$.Task.Token"}})
    execution = run(definition, tasks={"Ask": PENDING}, until_pending=True)
    [token] = execution.pending_tokens
    execution.send_task_success(token, "yes")
    fork = execution.fork(at=event_id(execution, "TaskStarted"), until_pending=True)
    assert (fork.status, list(fork.pending_tokens)) == ("RUNNING", [token])
    fork.send_task_failure(token, "No")
    assert (execution.status, fork.status, fork.error) == ("SUCCEEDED", "FAILED", "No")


def test_an_accepted_answer_that_overtakes_a_time_out_is_replayed_so() -> None:
    definition = chain(Ask={"Type": "Task", "Resource": TOKEN, "Parameters": {"t.$": "$$.Task.Token"}})
    definition["States"]["Ask"]["TimeoutSeconds"] = 5
    execution = StateMachine.from_json(definition).run(tasks={"Ask": PENDING}, until_pending=True)
    [token] = execution.pending_tokens
    execution.advance(4)
    clock = execution.driver.clock  # type: ignore[union-attr]
    clock.wait_until(clock.now() + 1000)
    execution.send_task_success(token, "in time")
    assert execution.output == "in time"
    assert execution.at(len(execution.history)).history == execution.history


# --- Map Runs ---------------------------------------------------------------------------------------------------------


def map_run(**options: Any) -> Execution:
    return run(
        chain(Each=each({**chain(Item=task("item")), **DISTRIBUTED})), [1, 2], tasks={"item": lambda n: n}, **options
    )


def test_where_a_map_run_started_there_is_no_way_back() -> None:
    with pytest.raises(JournalError, match="keep_journal=True"):
        map_run().at(2)
    with pytest.raises(JournalError, match="a Map Run has started"):
        map_run().fork(at=2)


def test_the_journal_of_a_map_run_is_kept_where_asked_for() -> None:
    execution = map_run(keep_journal=True)
    history = execution.history
    for number in range(1, len(history) + 1):
        assert execution.at(number).history == history[:number]
        assert execution.fork(at=number).history == history
    assert execution.fork(at=2, tasks={"item": lambda n: n * 10}).output == [10, 20]


def test_an_execution_without_a_state_machine_shows_its_past_but_is_not_forked() -> None:
    execution = forked()
    bare = Execution(execution.program, {}, 2)
    bare.receive(TaskSucceeded(bare.start(T0)[0].ticket, 1, 1), T0)  # type: ignore[union-attr]
    assert bare.at(6).event["type"] == "TaskStateExited"
    with pytest.raises(JournalError, match="not started by a StateMachine"):
        bare.fork(at=6)


def test_what_was_read_from_storage_is_not_taken_back(tmp_path: Path) -> None:
    (tmp_path / "bucket").mkdir()
    (tmp_path / "bucket" / "items.json").write_text("[1, 2]", encoding="utf-8")
    reader = {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "JSON"},
        "Parameters": {"Bucket": "bucket", "Key": "items.json"},
    }
    definition = chain(
        First={"Type": "Pass"}, Each=each({**chain(Item=task("item")), **DISTRIBUTED}, ItemReader=reader)
    )
    execution = run(definition, tasks={"item": giving(1)}, storage=tmp_path, keep_journal=True)
    history = execution.history
    assert [execution.at(number).history == history[:number] for number in (1, 8, len(history))] == [True] * 3
    with pytest.raises(JournalError, match="fork at an event before that"):
        execution.fork(at=len(history))


async def forked_on_a_loop() -> Execution:
    async def first(payload: Any) -> int:
        return 1

    return await StateMachine.from_json(FORK).arun(tasks={**TASKS, "first": first})


def test_what_ran_on_an_event_loop_is_forked_with_callables() -> None:
    execution = asyncio.run(forked_on_a_loop())
    assert execution.at(6).history == execution.history[:6]
    assert execution.fork(at=3, tasks={"first": giving(2)}).state("Left").output == 3


def test_an_observer_hears_of_forks_and_not_of_moments() -> None:
    execution, heard = forked(), []

    def observe(machine: StateMachine, begun: Execution) -> None:
        heard.append(begun)

    OBSERVERS.append(observe)
    try:
        execution.at(5)
        fork = execution.fork(at=5)
    finally:
        OBSERVERS.remove(observe)
    assert heard == [fork]
