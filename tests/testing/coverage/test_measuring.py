"""What counts as covered: elements of a definition, and what executions use of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from asl_engine import StateMachine, TaskError
from asl_engine.testing.coverage.collector import Collector, CoverageDataError
from asl_engine.testing.coverage.elements import elements
from asl_engine.testing.coverage.results import MachineCoverage, coverage_of
from tests.build import chain, task
from tests.properties.machines import Program, programs

TASKS: dict[str, Any] = {"work": lambda payload: 1}
MACHINE = {
    "StartAt": "Size",
    "States": {
        "Size": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.n", "NumericGreaterThan": 100, "Next": "Work"},
                {"Variable": "$.n", "NumericGreaterThan": 10, "Next": "Work"},
                {"Variable": "$.n", "NumericLessThan": 0, "Next": "No"},
            ],
            "Default": "Work",
        },
        "Work": {
            "Type": "Task",
            "Resource": "arn:aws:lambda:us-east-1:123456789012:function:work",
            "Retry": [{"ErrorEquals": ["Busy"], "MaxAttempts": 1}, {"ErrorEquals": ["Slow"], "MaxAttempts": 1}],
            "Catch": [{"ErrorEquals": ["Broken"], "Next": "No"}, {"ErrorEquals": ["States.ALL"], "Next": "No"}],
            "ResultPath": "$.done",
            "Next": "Each",
        },
        "Each": {
            "Type": "Map",
            "ItemsPath": "$.items",
            "ItemProcessor": {"StartAt": "One", "States": {"One": {"Type": "Pass", "End": True}}},
            "End": True,
        },
        "No": {"Type": "Fail", "Error": "No"},
    },
}


def measured(document: dict[str, Any], *inputs: Any, tasks: dict[str, Any] | None = None) -> MachineCoverage:
    collector = Collector()
    machine = StateMachine.from_json(document)
    with collector:
        for number, one in enumerate(inputs):
            with collector.test(f"test {number}"):
                machine.run(one, tasks=tasks)
    [found] = coverage_of(collector).machines
    return found


def used(found: MachineCoverage) -> dict[str, int]:
    return {pointer.removeprefix("/States/"): hits for pointer, hits in found.hits.items() if hits}


def fails(*errors: str) -> Callable[[Any], Any]:
    """A handler that fails with these errors, one after the other, and then succeeds."""
    left = list(errors)

    def handler(payload: Any) -> Any:
        if left:
            raise TaskError(left.pop(0), "")
        return 1

    return handler


def test_every_part_of_a_definition_has_its_pointer_and_kind() -> None:
    found = {element.pointer: element.kind for element in elements(StateMachine.from_json(MACHINE).definition)}
    assert found == {
        "/States/Size": "state",
        "/States/Size/Choices/0": "choice rule",
        "/States/Size/Choices/1": "choice rule",
        "/States/Size/Choices/2": "choice rule",
        "/States/Size/Default": "default",
        "/States/Work": "state",
        "/States/Work/Next": "transition",
        "/States/Work/Retry/0": "retrier",
        "/States/Work/Retry/1": "retrier",
        "/States/Work/Catch/0": "catcher",
        "/States/Work/Catch/1": "catcher",
        "/States/Each": "state",
        "/States/Each/End": "transition",
        "/States/Each/ItemProcessor": "body",
        "/States/Each/ItemProcessor/empty": "no items",
        "/States/Each/ItemProcessor/States/One": "state",
        "/States/Each/ItemProcessor/States/One/End": "transition",
        "/States/No": "state",
    }


@pytest.mark.parametrize(
    "n, rule", [(500, "Choices/0"), (50, "Choices/1"), (-5, "Choices/2"), (5, "Default")], ids=lambda value: str(value)
)
def test_rules_with_the_same_next_are_told_apart(n: int, rule: str) -> None:
    found = used(measured(MACHINE, {"n": n, "items": []}, tasks={"work": len}))
    assert {place for place in found if place.startswith("Size/")} == {f"Size/{rule}"}


@pytest.mark.parametrize(
    "errors, parts",
    [
        ([], {"Work/Next": 1}),
        (["Busy"], {"Work/Retry/0": 1, "Work/Next": 1}),
        (["Busy", "Slow"], {"Work/Retry/0": 1, "Work/Retry/1": 1, "Work/Next": 1}),
        (["Slow", "Slow"], {"Work/Retry/1": 1, "Work/Catch/1": 1}),
        (["Broken"], {"Work/Catch/0": 1}),
        (["Other"], {"Work/Catch/1": 1}),
    ],
)
def test_retriers_and_catchers_are_told_apart(errors: list[str], parts: dict[str, int]) -> None:
    found = used(measured(MACHINE, {"n": 5, "items": []}, tasks={"work": fails(*errors)}))
    assert {place: hits for place, hits in found.items() if place.startswith("Work/")} == parts
    assert found["Work"] == 1


def test_a_map_without_items_does_not_enter_its_body() -> None:
    none, two = (
        used(measured(MACHINE, {"n": 5, "items": items}, tasks={"work": lambda x: 1})) for items in ([], [1, 2])
    )
    assert "Each/ItemProcessor" not in none
    assert (two["Each/ItemProcessor"], two["Each/ItemProcessor/States/One"], two["Each"]) == (2, 2, 1)


def test_a_body_whose_first_state_comes_again_is_entered_once() -> None:
    again = {"Variable": "$.n", "NumericLessThan": 3, "Next": "Count"}
    body = {
        "StartAt": "Count",
        "States": {
            "Count": {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "Next": "More"},
            "More": {"Type": "Choice", "Choices": [again], "Default": "Done"},
            "Done": {"Type": "Succeed"},
        },
    }
    found = used(measured(chain(Both={"Type": "Parallel", "Branches": [body]}), {"n": 0}))
    assert (found["Both/Branches/0"], found["Both/Branches/0/States/Count"]) == (1, 3)


def test_children_of_a_distributed_map_count() -> None:
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **chain(One={"Type": "Pass"})}
    found = used(measured(chain(Each={"Type": "Map", "ItemProcessor": processor}), [1, 2, 3]))
    assert (found["Each/ItemProcessor"], found["Each/ItemProcessor/States/One"]) == (3, 3)


def test_nested_machines_count_too() -> None:
    child = StateMachine.from_json(chain(Inner={"Type": "Pass"}), name="child")
    start = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2"}
    start["Parameters"] = {"StateMachineArn": "child"}  # type: ignore[assignment]
    with Collector() as collector:
        StateMachine.from_json(chain(Start=start), name="parent").run(machines={"child": child})
    assert {one.name: one.share("state").covered for one in coverage_of(collector).machines} == {
        "child": 1,
        "parent": 1,
    }


def test_the_tests_that_used_a_part_are_known() -> None:
    found = measured(MACHINE, {"n": 500, "items": []}, {"n": 5, "items": []}, tasks={"work": lambda x: 1})
    assert found.tests["/States/Size/Choices/0"] == {"test 0"}
    assert found.tests["/States/Work"] == {"test 0", "test 1"}


def test_executions_in_threads_count() -> None:
    machine = StateMachine.from_json(chain(Work=task(), Then={"Type": "Pass"}))
    with Collector() as collector, ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: machine.run(n, tasks={"Work": str}, executor=2), range(50)))
    assert coverage_of(collector).share().percent == 100


def test_what_runs_after_stop_does_not_count() -> None:
    machine = StateMachine.from_json(chain(A={"Type": "Pass"}))
    with Collector() as collector:
        pass
    machine.run()
    assert coverage_of(collector).machines == ()


def test_only_one_collector_may_be_on() -> None:
    with Collector(), pytest.raises(RuntimeError, match="measured already"):
        Collector().start()


@settings(max_examples=40)
@given(program=programs())
def test_counting_changes_no_execution_and_states_are_counted_as_they_are_entered(program: Program) -> None:
    machine = StateMachine.from_json(program.definition)
    tasks = program.tasks
    plain = machine.run(program.input, tasks=tasks, seed=program.seed)
    collector = Collector()
    with collector:
        counted = machine.run(program.input, tasks=tasks, seed=program.seed)
    assert counted.history == plain.history
    [found] = coverage_of(collector).machines
    assert set(found.hits) <= {element.pointer for element in found.elements}
    states = {one.pointer: one.state for one in found.elements if one.kind == "state"}
    counted_states = Counter({states[pointer]: hits for pointer, hits in found.hits.items() if pointer in states})
    assert counted_states == Counter(plain.path)


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "machines").mkdir()
    (tmp_path / "machines" / "order.asl.json").write_text(json.dumps(MACHINE, indent=2))
    (tmp_path / "machines" / "never.asl.json").write_text(json.dumps(chain(A={"Type": "Pass"}), indent=2))
    (tmp_path / "other.asl.json").write_text(json.dumps(chain(A={"Type": "Pass"}), indent=2))
    return tmp_path


def test_only_what_lies_below_the_folder_counts_run_or_not(folder: Path) -> None:
    collector = Collector(folder, under="machines")
    with collector:
        StateMachine.from_file(folder / "other.asl.json").run()
        StateMachine.from_json(MACHINE).run({"n": -1}, tasks=TASKS)
        StateMachine.from_file(folder / "machines" / "order.asl.json").run({"n": -1}, tasks=TASKS)
    found = coverage_of(collector)
    assert [(one.file, one.share("state").covered) for one in found.machines] == [
        ("machines/never.asl.json", 0),
        ("machines/order.asl.json", 2),
    ]


def test_an_element_stands_on_its_line(folder: Path) -> None:
    collector = Collector(folder)
    with collector:
        StateMachine.from_file(folder / "machines" / "order.asl.json").run({"n": -1}, tasks=TASKS)
    [found] = coverage_of(collector).machines
    lines = found.text.splitlines()
    assert '"Size"' in lines[found.line_of("/States/Size") - 1]
    assert '"Default"' in lines[found.line_of("/States/Size/Default") - 1]


def test_a_file_that_is_gone_is_told_and_not_counted(folder: Path) -> None:
    collector = Collector(folder)
    with collector:
        StateMachine.from_file(folder / "other.asl.json").run()
    (folder / "other.asl.json").unlink()
    found = coverage_of(collector)
    assert (found.machines, len(found.faults)) == ((), 1)
    assert found.faults[0].startswith("other.asl.json: ")


# --- data -------------------------------------------------------------------------------------------------------------


def test_what_several_processes_counted_adds_up(folder: Path) -> None:
    for number, n in enumerate((500, 5)):
        with Collector(folder) as collector, collector.test(f"t{number}"):
            StateMachine.from_file(folder / "machines" / "order.asl.json").run(
                {"n": n, "items": []}, tasks={"work": lambda x: 1}
            )
        collector.save(folder / f"data.{number}")
    together = Collector(folder)
    together.load([folder / "data.0", folder / "data.1"])
    [found] = coverage_of(together).machines
    assert (found.hits["/States/Work"], found.hits["/States/Size/Choices/0"], found.hits["/States/Size/Default"]) == (
        2,
        1,
        1,
    )
    assert found.tests["/States/Size/Default"] == {"t1"}


def test_an_inline_definition_travels_with_its_data() -> None:
    with Collector() as collector:
        StateMachine.from_json(json.dumps(MACHINE), name="inline").run({"n": -1}, tasks=TASKS)
    other = Collector()
    other.combine(json.loads(json.dumps(collector.as_json())))
    [found] = coverage_of(other).machines
    assert (found.name, found.file, found.share("state").covered) == ("inline", "", 2)


@pytest.mark.parametrize("data", [None, {}, {"version": 2, "machines": {}}, {"version": 1, "machines": {"x": {}}}])
def test_what_is_no_data_is_refused(data: Any) -> None:
    with pytest.raises(CoverageDataError):
        Collector().combine(data)


def test_looking_back_counts_nothing() -> None:
    machine = StateMachine.from_json(chain(A=task("a"), B=task("b")))
    with Collector() as collector:
        execution = machine.run({}, tasks={"a": lambda payload: 1, "b": lambda payload: 2})
        before = dict(coverage_of(collector).machines[0].hits)
        assert execution.at(8).path == ["A", "B"]
    assert coverage_of(collector).machines[0].hits == before
