"""Laws of reading an execution as visits: on generated machines of Maps and Parallels whose tasks fail now and then."""

from __future__ import annotations

from itertools import count
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from asl_engine import Execution, TaskError
from asl_engine.execution.account import account
from asl_engine.execution.path import written
from asl_engine.execution.visits import BEGUN, Lane, Visit, visits_of
from tests.build import catcher, chain, each, parallel, retrier, run, task

Json = Any
PLANS = st.recursive(
    st.sampled_from(["Pass", "Task", "Retried", "Wait"]),
    lambda inner: st.tuples(st.sampled_from(["Map", "Parallel"]), st.lists(inner, min_size=1, max_size=3)),
    max_leaves=8,
)
OUTCOMES = st.lists(st.booleans(), max_size=12)


def machine(plan: list[Any], numbers: count[int]) -> dict[str, Any]:
    """A machine of the states that a plan names, every name once."""
    return chain(
        **{f"S{next(numbers)}": state(part, numbers) for part in plan}, **{f"S{next(numbers)}": {"Type": "Pass"}}
    )


def state(plan: Any, numbers: count[int]) -> dict[str, Any]:
    if plan == "Wait":
        return {"Type": "Wait", "Seconds": 3}
    if plan == "Pass":
        return {"Type": "Pass"}
    if plan == "Task":
        return task()
    if plan == "Retried":
        return task(Retry=[retrier("Busy", MaxAttempts=2)], ResultPath=None)
    kind, inner = plan
    again = {"Retry": [retrier("Busy", MaxAttempts=1)], "ResultPath": None}
    if kind == "Map":
        return each(machine(inner, numbers), ItemsPath="$.items", ItemSelector={"items": [1, 2]}, **again)
    return parallel(*(machine([part], numbers) for part in inner), **again)


def execute(plan: list[Any], outcomes: list[bool]) -> Execution:
    """An execution whose tasks fail where the outcomes say so, and succeed when these are used up."""
    left = iter(outcomes)

    def work(payload: Json) -> Json:
        if not next(left, True):
            raise TaskError("Busy", "later")
        return payload

    definition = machine(plan, count())
    return run(definition, {"items": [1, 2]}, tasks={"work": work})


def all_visits(lane: Lane) -> list[Visit]:
    inner = [other for visit in lane.visits for within in visit.lanes for other in all_visits(within)]
    return [*lane.visits, *inner]


@given(st.lists(PLANS, min_size=1, max_size=3), OUTCOMES)
def test_visits_say_what_the_records_say(plan: list[Any], outcomes: list[bool]) -> None:
    execution = execute(plan, outcomes)
    visits = visits_of(execution.records)
    assert [visit.name for visit in visits.entered] == execution.path
    assert sum(visit.attempts for visit in visits.entered) == sum(row[0] in BEGUN for row in execution.records)
    assert sum(visit.left for visit in visits.entered) == sum(row[0].endswith("Exited") for row in execution.records)
    assert {id(visit) for visit in all_visits(visits.main)} <= {id(visit) for visit in visits.entered}


@given(st.lists(PLANS, min_size=1, max_size=3), OUTCOMES)
def test_every_execution_took_the_path_it_took(plan: list[Any], outcomes: list[bool]) -> None:
    execution = execute(plan, outcomes)
    execution.assert_path(*written(visits_of(execution.records).main)).assert_path(*execution.path)


@given(st.lists(PLANS, min_size=1, max_size=3), OUTCOMES)
def test_a_failure_is_told_with_the_task_that_broke(plan: list[Any], outcomes: list[bool]) -> None:
    execution = execute(plan, outcomes)
    if execution.status == "FAILED":
        told = account(execution)
        last = [row[3] for row in execution.records if row[0] == "LambdaFunctionFailed"][-1]
        assert f"FAILED in {last} after" in told
        assert f"{last} (broke here)" in told or f"{last} (3 attempts, broke here)" in told


def test_a_caught_failure_leads_on_in_the_same_lane() -> None:
    both = chain(
        Each=each(chain(Work=task(Catch=[catcher("Mend")], End=True), Mend={"Type": "Pass"})), Last={"Type": "Pass"}
    )

    def work(payload: Json) -> Json:
        raise TaskError("Busy")

    execution = run(both, [1, 2], tasks={"work": work})
    execution.assert_path("Each", ["Work", "Mend"], "Last")
