"""Parallel: branches at once, results in their order, and one failure for all."""

from __future__ import annotations

from typing import Any

import pytest

from asl_engine import TaskContext
from asl_engine.execution.commands import Cancel, EndExecution
from asl_engine.execution.replies import TimerFired
from tests.build import T0, catcher, chain, events, failing, parallel, run, run_state, task
from tests.byhand import begin, broke, gave, tasks_of, timers_of

SUCCEED = {"Type": "Succeed"}
PASS = {"Type": "Pass"}


def test_the_result_lists_the_outputs_in_the_order_of_the_branches() -> None:
    execution, commands = begin(chain(S=parallel(chain(A=task("a")), chain(B=task("b")), chain(C=task("c")))))
    a, b, c = tasks_of(commands)
    for invoked in (c, a, b):
        execution.receive(gave(invoked.ticket, invoked.state_name), T0)
    assert execution.output == ["A", "B", "C"]


def test_every_branch_has_the_effective_input() -> None:
    execution = run_state(parallel(chain(A=PASS), chain(B=PASS), Parameters={"n.$": "$.m"}), {"m": 1})
    assert execution.output == [{"n": 1}, {"n": 1}]


def test_branches_wait_at_the_same_time() -> None:
    waits = [chain(**{name: {"Type": "Wait", "Seconds": seconds}}) for name, seconds in (("A", 5), ("B", 9))]
    assert run_state(parallel(*waits)).elapsed == 9


def test_branches_begin_together_before_any_answers() -> None:
    _, commands = begin(chain(S=parallel(chain(A=task("a")), chain(B=task("b")))))
    assert [invoked.state_name for invoked in tasks_of(commands)] == ["A", "B"]


def test_a_failure_fails_the_state_with_the_branchs_own_error() -> None:
    execution = run_state(
        parallel(chain(A=task("a")), chain(B=task("b"))),
        tasks={"a": lambda payload: 1, "b": failing("Mine", "cause")},
    )
    assert (execution.status, execution.error, execution.cause) == ("FAILED", "Mine", "cause")


def test_a_branch_that_fails_at_once_keeps_the_next_ones_task_from_being_invoked() -> None:
    invoked: list[str] = []
    branches = [chain(A={"Type": "Fail", "Error": "E"}), chain(B=task("b"))]
    machine = chain(S=parallel(*branches, Catch=[catcher("Z")], Next="Z"), Z=SUCCEED)
    execution = run(machine, tasks={"b": lambda payload: invoked.append("b")})
    assert (invoked, execution.path, execution.status) == ([], ["S", "A", "Z"], "SUCCEEDED")


def test_a_caught_branch_cancels_its_siblings() -> None:
    slow = chain(B={"Type": "Wait", "Seconds": 1000}, C=task("c"))
    machine = chain(S=parallel(chain(A=task("a")), slow, Catch=[catcher("Z")], Next="Z"), Z=SUCCEED)
    execution, commands = begin(machine)
    (invoked,), (timer,) = tasks_of(commands), timers_of(commands)
    after = execution.receive(broke(invoked.ticket), T0)
    assert Cancel(timer.ticket) in after
    assert execution.path == ["S", "A", "B", "Z"]
    assert "WaitStateAborted" in events(execution)


def test_a_cancelled_siblings_reply_comes_too_late() -> None:
    machine = chain(
        S=parallel(chain(A=task("a")), chain(B=task("b")), Catch=[catcher("W")], Next="W"),
        W={"Type": "Wait", "Seconds": 5},
    )
    execution, commands = begin(machine)
    a, b = tasks_of(commands)
    execution.receive(broke(a.ticket), T0)
    before = execution.history
    assert execution.receive(gave(b.ticket, "late"), T0 + 1) == []
    assert (execution.history, execution.status) == (before, "RUNNING")


def test_time_goes_on_from_the_failure_and_not_from_the_siblings_end() -> None:
    def fails_after_3(payload: Any, context: TaskContext) -> None:
        context.sleep(3)
        raise ValueError

    slow = chain(B={"Type": "Wait", "Seconds": 1000})
    machine = chain(S=parallel(chain(A=task("a")), slow, Catch=[catcher("Z")], Next="Z"), Z=SUCCEED)
    assert run(machine, tasks={"a": fails_after_3}).elapsed == 3


def test_the_first_failure_in_time_is_the_states_failure() -> None:
    def fails(name: str, seconds: float) -> Any:
        def handler(payload: Any, context: TaskContext) -> None:
            context.sleep(seconds)
            raise LookupError(name)

        return handler

    state = parallel(chain(A=task("a")), chain(B=task("b")))
    execution = run_state(state, tasks={"a": fails("first", 9), "b": fails("second", 2)})
    assert '"errorMessage":"second"' in (execution.cause or "")
    assert execution.elapsed == 2


def test_parallels_nest() -> None:
    inner = chain(P=parallel(chain(A={"Type": "Pass", "Result": 1}), chain(B={"Type": "Pass", "Result": 2})))
    assert run_state(parallel(inner, chain(C={"Type": "Pass", "Result": 3}))).output == [[1, 2], 3]


def test_a_failure_deep_inside_cancels_all_that_runs_beside_it() -> None:
    deep = chain(P=parallel(chain(A=task("a")), chain(B=task("b"))))
    execution, commands = begin(chain(S=parallel(deep, chain(C=task("c")))))
    a, b, c = tasks_of(commands)
    after = execution.receive(broke(a.ticket, "Deep"), T0)
    assert {command.ticket for command in after if isinstance(command, Cancel)} == {b.ticket, c.ticket}
    assert isinstance(after[-1], EndExecution)
    assert (execution.status, execution.error) == ("FAILED", "Deep")


def test_an_inner_catch_leaves_the_outer_branches_alone() -> None:
    inner = chain(P=parallel(chain(A={"Type": "Fail", "Error": "E"}), Catch=[catcher("K")], Next="K"), K=SUCCEED)
    execution = run_state(parallel(inner, chain(C={"Type": "Wait", "Seconds": 5})), {"n": 1})
    assert (execution.elapsed, execution.output[1]) == (5, {"n": 1})
    assert execution.output[0]["Error"] == "E"


def test_a_branch_ends_with_the_state_that_ends_it_and_does_not_end_the_machine() -> None:
    machine = chain(S=parallel(chain(A=SUCCEED), chain(B=PASS)), Z={"Type": "Pass", "Result": "after"})
    assert run(machine).output == "after"


@pytest.mark.parametrize("count", [1, 2, 7, 60])
def test_any_number_of_branches_is_gathered(count: int) -> None:
    branches = [chain(**{f"B{n}": {"Type": "Pass", "Result": n}}) for n in range(count)]
    assert run_state(parallel(*branches)).output == list(range(count))


def test_a_task_knows_the_branch_it_is_in() -> None:
    scopes: list[Any] = []
    state = parallel(chain(A=task("f")), chain(P=parallel(chain(B=task("f")))))
    run_state(state, tasks={"f": lambda payload, context: scopes.append(context.scope)})
    assert sorted(scopes) == [(("Parallel", "S", 0),), (("Parallel", "S", 1), ("Parallel", "P", 0))]


def test_a_timer_of_a_cancelled_branch_does_nothing() -> None:
    slow = chain(B={"Type": "Wait", "Seconds": 10})
    machine = chain(
        S=parallel(chain(A=task("a")), slow, Catch=[catcher("W")], Next="W"), W={"Type": "Wait", "Seconds": 100}
    )
    execution, commands = begin(machine)
    (invoked,), (timer,) = tasks_of(commands), timers_of(commands)
    execution.receive(broke(invoked.ticket), T0)
    assert execution.receive(TimerFired(timer.ticket), T0 + 10_000) == []
    assert execution.status == "RUNNING"
