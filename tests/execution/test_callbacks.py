"""Tasks that are left open: what `run` does with them, who may answer, and which answers are refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asl_engine import (
    PENDING,
    AslError,
    Execution,
    InvalidOutput,
    InvalidToken,
    StateMachine,
    TaskDoesNotExist,
    TaskTimedOut,
)
from tests.build import T0, catcher, chain, details, each, events, parallel, retrier, run, task

CALLBACK = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken"}
NOBODY = "00000000-0000-4000-8000-000000000000"


def ask(*, until_pending: bool = False, **fields: Any) -> Execution:
    """A machine of one callback that is left open, as far as it goes."""
    return run(chain(Ask={**CALLBACK, **fields}), {"n": 1}, tasks={"Ask": PENDING}, until_pending=until_pending)


def only_token(execution: Execution) -> str:
    (token,) = execution.pending_tokens
    return token


def test_a_handler_that_returns_pending_leaves_its_task_open() -> None:
    given_tokens: list[str] = []

    def handler(payload: Any, context: Any) -> Any:
        given_tokens.append(context.task_token)
        return PENDING

    execution = run(chain(Ask=CALLBACK), tasks={"Ask": handler})
    assert (execution.status, list(execution.pending_tokens)) == ("RUNNING", given_tokens)


def test_an_answer_goes_on_to_the_end() -> None:
    execution = run(chain(Ask=CALLBACK, Then={"Type": "Pass"}), tasks={"Ask": PENDING})
    execution.send_task_success(only_token(execution), {"yes": True})
    assert (execution.status, execution.output, execution.path) == ("SUCCEEDED", {"yes": True}, ["Ask", "Then"])
    assert events(execution)[2:6] == ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"]


def test_a_failure_from_outside_is_caught_like_any_other() -> None:
    machine = chain(Ask={**CALLBACK, "Catch": [catcher("Told", "No")]}, Never={"Type": "Fail"}, Told={"Type": "Pass"})
    execution = run(machine, tasks={"Ask": PENDING})
    execution.send_task_failure(only_token(execution), "No", "not today")
    assert execution.output == {"Error": "No", "Cause": "not today"}


def test_a_failure_may_have_neither_error_nor_cause() -> None:
    execution = ask()
    execution.send_task_failure(only_token(execution))
    assert (execution.status, execution.error, execution.cause) == ("FAILED", None, None)


def test_what_is_pending_is_described() -> None:
    execution = ask(TimeoutSeconds=60, HeartbeatSeconds=10, until_pending=True)
    ((_, pending),) = execution.pending_tokens.items()
    assert (pending.state_name, pending.input, pending.since) == ("Ask", {"n": 1}, T0)
    assert (pending.deadline, pending.heartbeat_deadline) == (T0 + 60_000, T0 + 10_000)


def test_what_is_pending_names_the_iterations_around_it() -> None:
    execution = run(chain(M=each(chain(Ask=CALLBACK))), ["a", "b"], tasks={"Ask": PENDING})
    pending = list(execution.pending_tokens.values())
    assert [(one.input, one.scope) for one in pending] == [("a", (("Map", "M", 0),)), ("b", (("Map", "M", 1),))]


def test_iterations_are_answered_in_any_order() -> None:
    execution = run(chain(M=each(chain(Ask=CALLBACK))), [1, 2, 3], tasks={"Ask": PENDING})
    for token, pending in reversed(execution.pending_tokens.items()):
        execution.send_task_success(token, pending.input * 10)
    assert execution.output == [10, 20, 30]


def test_run_goes_on_to_the_time_out() -> None:
    execution = ask(TimeoutSeconds=60)
    assert (execution.status, execution.error, execution.elapsed) == ("FAILED", "States.Timeout", 60)


def test_until_pending_lets_no_time_pass() -> None:
    execution = ask(TimeoutSeconds=60, until_pending=True)
    assert (execution.status, execution.elapsed) == ("RUNNING", 0)


def test_until_pending_does_what_takes_no_time_first() -> None:
    machine = chain(P=parallel(chain(Ask=CALLBACK), chain(Work=task(), Sleep={"Type": "Wait", "Seconds": 5})))
    execution = run(machine, tasks={"Ask": PENDING, "Work": len}, until_pending=True)
    assert (execution.path, execution.elapsed) == (["P", "Ask", "Work", "Sleep"], 0)


def test_a_callback_that_its_handler_answers_in_time_is_not_waited_for() -> None:
    execution = run(chain(Ask=CALLBACK), tasks={"Ask": lambda _, context: context.sleep(5)}, until_pending=True)
    assert (execution.status, execution.elapsed) == ("SUCCEEDED", 5)


def test_an_answer_lets_no_time_pass_while_another_task_is_open() -> None:
    machine = chain(M=each(chain(Ask={**CALLBACK, "TimeoutSeconds": 60})))
    execution = run(machine, [1, 2], tasks={"Ask": PENDING}, until_pending=True)
    execution.send_task_success(next(iter(execution.pending_tokens)), "first")
    assert (execution.status, execution.elapsed, len(execution.pending_tokens)) == ("RUNNING", 0, 1)


def test_time_advances_when_told_to() -> None:
    execution = ask(TimeoutSeconds=60, until_pending=True)
    execution.advance(59.5)
    assert (execution.status, execution.elapsed) == ("RUNNING", 59.5)
    execution.advance(0.5)
    assert (execution.error, execution.elapsed) == ("States.Timeout", 60)


def test_an_answer_bears_the_time_it_came_at() -> None:
    execution = ask(until_pending=True)
    execution.advance(7)
    execution.send_task_success(only_token(execution), None)
    assert execution.elapsed == 7
    assert execution.history[-1]["timestamp"] == "2024-01-01T00:00:07Z"


def test_resume_goes_through_time_outs() -> None:
    execution = ask(TimeoutSeconds=60, until_pending=True)
    execution.resume()
    assert execution.error == "States.Timeout"


def test_time_does_not_go_back() -> None:
    with pytest.raises(ValueError, match="not -1"):
        ask(until_pending=True).advance(-1)


def test_a_heartbeat_puts_off_the_next_one() -> None:
    execution = ask(HeartbeatSeconds=10, until_pending=True)
    token = only_token(execution)
    for _ in range(3):
        execution.advance(9)
        execution.send_task_heartbeat(token)
    assert execution.pending_tokens[token].heartbeat_deadline == T0 + 37_000
    execution.resume()
    assert (execution.error, execution.elapsed) == ("States.Timeout", 37)


def test_a_heartbeat_does_not_put_off_the_time_out() -> None:
    execution = ask(TimeoutSeconds=15, HeartbeatSeconds=10, until_pending=True)
    execution.advance(9)
    execution.send_task_heartbeat(only_token(execution))
    execution.resume()
    assert execution.elapsed == 15


def test_each_attempt_has_a_token_of_its_own() -> None:
    execution = ask(Retry=[retrier("Again", IntervalSeconds=1)], until_pending=True)
    first = only_token(execution)
    execution.send_task_failure(first, "Again")
    second = only_token(execution)
    assert first != second
    with pytest.raises(TaskTimedOut):
        execution.send_task_success(first, "late")
    execution.send_task_success(second, "in time")
    assert execution.output == "in time"


def test_the_token_is_the_one_in_the_context_object() -> None:
    execution = ask(Parameters={"token.$": "$$.Task.Token"})
    ((token, pending),) = execution.pending_tokens.items()
    assert pending.input == {"token": token}


def test_a_sync_task_may_be_left_open_too() -> None:
    state = {"Type": "Task", "Resource": "arn:aws:states:::batch:submitJob.sync"}
    execution = run(chain(Job=state), tasks={"Job": PENDING})
    execution.send_task_success(only_token(execution), "done")
    assert execution.output == "done"


def test_a_task_without_a_token_cannot_be_left_open() -> None:
    with pytest.raises(TypeError, match=r"state 'S' left its task open, but .* has no task token"):
        run(chain(S=task()), tasks={"S": PENDING})


# --- answers that are refused -----------------------------------------------------------------------------------------

ANSWERS: dict[str, Callable[[Execution, str], None]] = {
    "success": lambda execution, token: execution.send_task_success(token, 1),
    "failure": lambda execution, token: execution.send_task_failure(token, "E", "c"),
    "heartbeat": lambda execution, token: execution.send_task_heartbeat(token),
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
@pytest.mark.parametrize("token", ["", "no token", NOBODY.upper() + "x"])
def test_a_token_of_no_form_is_invalid(answer: Callable[[Execution, str], None], token: str) -> None:
    with pytest.raises(InvalidToken) as refused:
        answer(ask(), token)
    assert (refused.value.code, str(refused.value)) == ("InvalidToken", "Invalid Token: 'Invalid token'")


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_a_token_that_nobody_gave_out_has_no_task(answer: Callable[[Execution, str], None]) -> None:
    with pytest.raises(TaskDoesNotExist):
        answer(ask(), NOBODY)


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
@pytest.mark.parametrize("closing", ["answered", "timed out", "stopped"])
def test_a_closed_task_takes_no_answer(answer: Callable[[Execution, str], None], closing: str) -> None:
    execution = ask(TimeoutSeconds=60, until_pending=True)
    token = only_token(execution)
    if closing == "answered":
        execution.send_task_success(token, "first")
    elif closing == "timed out":
        execution.resume()
    else:
        from asl_engine.execution.replies import StopExecution

        execution.receive(StopExecution(), T0)
    before = execution.history
    with pytest.raises(TaskTimedOut, match="Task Timed Out: 'Provided task does not exist anymore'"):
        answer(execution, token)
    assert (execution.history, execution.pending_tokens) == (before, {})


def test_the_task_of_a_cancelled_branch_is_closed() -> None:
    machine = chain(P=parallel(chain(Ask=CALLBACK), chain(Other=CALLBACK)))
    execution = run(machine, tasks={"Ask": PENDING, "Other": PENDING})
    first, second = execution.pending_tokens
    execution.send_task_failure(second, "Broken")
    assert events(execution).count("TaskStateAborted") == 2
    with pytest.raises(TaskTimedOut):
        execution.send_task_success(first, 1)


@pytest.mark.parametrize("output", [float("nan"), {1: 2}, object(), "x" * 262_144])
def test_an_output_that_is_refused_leaves_the_task_open(output: Any) -> None:
    execution = ask()
    with pytest.raises(InvalidOutput):
        execution.send_task_success(only_token(execution), output)
    execution.send_task_success(only_token(execution), "x" * 262_142)
    assert execution.status == "SUCCEEDED"


def test_an_error_name_must_be_a_text() -> None:
    execution = ask()
    with pytest.raises(TypeError, match="error must be a string or None, not 7"):
        execution.send_task_failure(only_token(execution), 7)  # type: ignore[arg-type]
    assert len(execution.pending_tokens) == 1


def test_the_output_is_the_executions_own() -> None:
    output = {"list": [1]}
    execution = ask()
    execution.send_task_success(only_token(execution), output)
    output["list"].append(2)
    assert execution.output == {"list": [1]}


def test_an_execution_without_a_driver_says_how_to_answer() -> None:
    execution = StateMachine.from_json(chain(Ask=CALLBACK)).start()
    execution.start(T0)
    with pytest.raises(AslError, match="receive"):
        execution.send_task_success(only_token(execution), 1)


def test_a_handler_may_answer_another_branchs_task() -> None:
    taken: list[Execution] = []

    def answer(payload: Any) -> str:
        (execution,) = taken
        token = only_token(execution)
        execution.send_task_success(token, "from beside")
        with pytest.raises(TaskTimedOut):
            execution.send_task_success(token, "twice")
        return "told"

    later = chain(W={"Type": "Wait", "Seconds": 5}, T=task())
    machine = chain(P=parallel(chain(Ask={**CALLBACK, "TimeoutSeconds": 10}), later))
    taken.append(run(machine, tasks={"Ask": PENDING, "T": answer}, until_pending=True))
    taken[0].resume()
    assert (taken[0].output, taken[0].elapsed) == (["from beside", "told"], 5)


def test_an_accepted_answer_wins_over_a_time_out_of_the_same_moment() -> None:
    taken: list[Execution] = []

    def answer(payload: Any) -> None:
        taken[0].send_task_success(only_token(taken[0]), "accepted")

    later = chain(W={"Type": "Wait", "Seconds": 10}, T=task())
    machine = chain(P=parallel(later, chain(Ask={**CALLBACK, "TimeoutSeconds": 10})))
    taken.append(run(machine, tasks={"Ask": PENDING, "T": answer}, until_pending=True))
    taken[0].resume()
    assert taken[0].output == [None, "accepted"]


def test_time_cannot_be_moved_from_within_a_handler() -> None:
    taken: list[Execution] = []

    def move(payload: Any) -> None:
        for name, call in {"advance": lambda: taken[0].advance(1), "resume": taken[0].resume}.items():
            with pytest.raises(RuntimeError, match=name):
                call()

    machine = chain(P=parallel(chain(Ask=CALLBACK), chain(W={"Type": "Wait", "Seconds": 5}, T=task())))
    taken.append(run(machine, tasks={"Ask": PENDING, "T": move}, until_pending=True))
    taken[0].resume()
    assert taken[0].state("T").outputs == [None]


# --- laws -------------------------------------------------------------------------------------------------------------

ITEMS = 3
STEPS = st.lists(
    st.tuples(st.sampled_from([*ANSWERS, "advance"]), st.integers(0, ITEMS), st.integers(0, 30)), max_size=12
)


@given(steps=STEPS)
def test_no_order_of_answers_changes_a_closed_task(steps: list[tuple[str, int, int]]) -> None:
    """Whatever is sent, each task is closed at most once, by the first answer that was accepted or by its time-out."""
    machine = chain(M=each(chain(Ask={**CALLBACK, "TimeoutSeconds": 50, "Catch": [catcher("Caught")]}, Caught=PASS)))
    execution = run(machine, list(range(ITEMS)), tasks={"Ask": PENDING}, until_pending=True)
    tokens = [*execution.pending_tokens, NOBODY]
    accepted: dict[str, str] = {}
    for step, index, seconds in steps:
        if step == "advance":
            if execution.status == "RUNNING":
                execution.advance(seconds)
            continue
        token, was_open = tokens[index], tokens[index] in execution.pending_tokens
        try:
            ANSWERS[step](execution, token)
        except (TaskTimedOut, TaskDoesNotExist):
            assert not was_open
        else:
            assert was_open
            if step != "heartbeat":
                accepted[token] = step
    execution.resume()
    assert execution.status == "SUCCEEDED"
    kinds = events(execution)
    outcomes = list(accepted.values())
    assert kinds.count("TaskSucceeded") == outcomes.count("success")
    assert kinds.count("TaskFailed") == outcomes.count("failure")
    assert kinds.count("TaskTimedOut") == ITEMS - len(outcomes)
    assert [details(event).get("error") for event in execution.history if event["type"] == "TaskTimedOut"] == [
        "States.Timeout"
    ] * (ITEMS - len(outcomes))


PASS = {"Type": "Pass", "End": True}
