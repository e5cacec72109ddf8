"""The table of tasks: which key serves which Task, and what is told when none does."""

from __future__ import annotations

from typing import Any

import pytest

from asl_engine import Execution, StateMachine, UnservedTaskError
from tests.build import chain, each, function, giving, parallel, run, run_state, task

INVOKE = "arn:aws:states:::lambda:invoke"
QUEUE = "arn:aws:states:::sqs:sendMessage"


def invoking(name: str) -> dict[str, Any]:
    return {"Type": "Task", "Resource": INVOKE, "Parameters": {"FunctionName": name}}


def served_by(state: dict[str, Any], *keys: str) -> Any:
    """Which of the keys serves the state."""
    output = run_state(state, {}, tasks={key: giving(key) for key in keys}).output
    return output["Payload"] if state["Resource"] == INVOKE else output


SERVING: list[tuple[dict[str, Any], str]] = [
    (task("f"), "S"),
    (task("f"), function("f")),
    (task("f"), "f"),
    (task("f:live"), function("f:live")),
    (task("f:live"), function("f")),
    (task("f:live"), "f"),
    (invoking("f"), "S"),
    (invoking("f"), INVOKE),
    (invoking("f"), "f"),
    (invoking("f:7"), "f:7"),
    (invoking("f:7"), "f"),
    (invoking(function("f")), function("f")),
    (invoking(function("f")), "f"),
    (invoking(function("f:7")), function("f:7")),
    (invoking(function("f:7")), function("f")),
    (invoking(function("f:7")), "f"),
    ({"Type": "Task", "Resource": QUEUE}, QUEUE),
    ({"Type": "Task", "Resource": QUEUE}, "S"),
    ({"Type": "Task", "Resource": "my own text"}, "my own text"),
    (
        {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:listBuckets"},
        "arn:aws:states:::aws-sdk:s3:listBuckets",
    ),
]


@pytest.mark.parametrize("state, key", SERVING)
def test_a_key_serves_a_task(state: dict[str, Any], key: str) -> None:
    assert served_by(state, key) == key


def test_the_states_name_wins_then_the_resource_then_the_function() -> None:
    keys = ["S", function("f:live"), function("f"), "f"]
    while keys:
        assert served_by(task("f:live"), *reversed(keys)) == keys.pop(0)


def test_a_function_that_a_path_names_is_found_when_its_task_begins() -> None:
    state = {"Type": "Task", "Resource": INVOKE, "Parameters": {"FunctionName.$": "$.f", "Payload": 1}}
    for name in ("a", function("a"), function("a:9")):
        output = run_state(state, {"f": name}, tasks={"a": giving("A"), "b": giving("B")}).output
        assert output["Payload"] == "A"


def test_a_function_that_a_path_names_and_nothing_serves_is_told_when_its_task_begins() -> None:
    state = {"Type": "Task", "Resource": INVOKE, "Parameters": {"FunctionName.$": "$.f"}}
    with pytest.raises(UnservedTaskError, match=r"'chrge'.*nearest keys given are 'charge'"):
        run_state(state, {"f": "chrge"}, tasks={"charge": lambda payload: 1})


def refused(definition: dict[str, Any], tasks: Any) -> str:
    with pytest.raises(UnservedTaskError) as caught:
        run(definition, {}, tasks=tasks)
    return str(caught.value)


def test_an_unserved_task_names_state_resource_and_keys() -> None:
    message = refused(chain(Charge=task("charge-card:live")), None)
    assert "'Charge'" in message
    for key in ("Charge", function("charge-card:live"), function("charge-card"), "charge-card"):
        assert repr(key) in message
    assert "no tasks were given" in message


@pytest.mark.parametrize("key", ["charge-crad", "charge_card", function("charge-car"), "Chargee"])
def test_an_unserved_task_names_the_nearest_key(key: str) -> None:
    message = refused(chain(Charge=task("charge-card")), {key: print, "something-else": print})
    assert f"the nearest keys given are {key!r}" in message
    assert "something-else" not in message


def test_an_unserved_task_far_from_every_key_names_them_all() -> None:
    assert "the keys given are 'x', 'y'" in refused(chain(Charge=task("charge-card")), {"x": print, "y": print})


@pytest.mark.parametrize(
    "nested", [parallel(chain(Lost=task("lost"))), each(chain(Lost=task("lost")), ItemsPath="$.none")]
)
def test_nothing_runs_before_every_task_is_served(nested: dict[str, Any]) -> None:
    invoked: list[str] = []
    message = refused(chain(A=task("a"), B=nested), {"a": lambda payload: invoked.append("a")})
    assert "'Lost'" in message
    assert invoked == []


def test_a_task_that_would_never_be_reached_must_be_served_too() -> None:
    machine = chain(A={"Type": "Succeed"}, B=task("lost"))
    assert "'B'" in refused(machine, {})


def test_one_callable_may_serve_many_tasks() -> None:
    machine = chain(
        A=task("f"), B=invoking("f"), C={"Type": "Task", "Resource": INVOKE, "Parameters": {"FunctionName": "f"}}
    )
    calls: list[Any] = []
    run(machine, {}, tasks={"f": calls.append})
    assert len(calls) == 3


def test_an_importer_finds_what_the_table_does_not_serve() -> None:
    asked: list[str] = []

    def importer(name: str) -> Any:
        asked.append(name)
        return lambda payload: name

    machine = chain(A=task("app.orders.charge:live"), B=task("given"))
    execution = run(machine, tasks={"given": lambda payload: payload}, importer=importer)
    assert (execution.output, asked) == ("app.orders.charge", ["app.orders.charge"])


def test_an_importer_that_finds_nothing_leaves_the_task_unserved() -> None:
    with pytest.raises(UnservedTaskError):
        run(chain(A=task("app.f")), importer=lambda name: None)


def test_an_importer_is_only_asked_for_functions() -> None:
    with pytest.raises(UnservedTaskError):
        run(chain(A={"Type": "Task", "Resource": QUEUE}), importer=lambda name: print)


def test_a_machine_without_tasks_needs_no_table() -> None:
    execution: Execution = StateMachine.from_json(chain(S={"Type": "Succeed"})).run()
    assert execution.status == "SUCCEEDED"


def test_a_machine_lists_what_its_tasks_need() -> None:
    machine = StateMachine.from_json(chain(A=task("f:1"), P=parallel(chain(B={"Type": "Task", "Resource": QUEUE}))))
    assert [(need.state_name, need.keys) for need in machine.task_needs] == [
        ("A", ("A", function("f:1"), function("f"), "f")),
        ("B", ("B", QUEUE)),
    ]
