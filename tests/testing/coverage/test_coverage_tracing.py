"""What an execution is said to have used: exactly that, whatever drives it."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path
from typing import Any

import pytest

import asl_engine.machine
from asl_engine import StateMachine, TaskError
from asl_engine.execution.commands import InvokeTask
from asl_engine.testing import Collector, MachineCoverage, coverage_of
from asl_engine.testing.coverage.elements import elements
from tests.build import T0, catcher, chain, each, parallel, retrier, task
from tests.byhand import gave


def used(definition: dict[str, Any], input: Any = None, **options: Any) -> dict[str, int]:
    """What one execution uses, without the states themselves."""
    with Collector() as collector:
        StateMachine.from_json(definition).run(input, **options)
    [found] = coverage_of(collector).machines
    return {pointer: hits for pointer, hits in found.hits.items() if "/" in pointer.removeprefix("/States/")}


def failing(*errors: str | None) -> Any:
    """A task that fails with these errors in turn; None is success."""
    answers = iter(errors)

    def work(payload: Any) -> Any:
        error = next(answers)
        if error is not None:
            raise TaskError(error, "as told")
        return payload

    return work


DOUBLE = {"a.$": "$.x", "b.$": "$.x"}
BIG = {"x": "x" * 200_000}
END = {"Type": "Succeed"}


def test_a_state_that_the_payload_limit_stops_as_it_leaves_has_not_gone_on() -> None:
    assert used(chain(P={"Type": "Pass", "Parameters": DOUBLE}, Z=END), BIG) == {}


def test_a_task_that_the_payload_limit_stops_has_gone_the_way_of_its_catcher() -> None:
    work = task(ResultSelector=DOUBLE, ResultPath="$.r", Catch=[catcher("Z", "States.DataLimitExceeded")])
    found = used(chain(T=work, Y={"Type": "Pass"}, Z=END), BIG, tasks={"T": lambda payload: payload})
    assert found == {"/States/T/Catch/0": 1}


def test_a_rule_whose_way_the_limit_of_variables_stops_is_not_covered() -> None:
    rule = {"Condition": "{% true %}", "Assign": {"a": "{% $states.input.x & $states.input.x %}"}, "Next": "Z"}
    assert used({"QueryLanguage": "JSONata", **chain(C={"Type": "Choice", "Choices": [rule]}, Z=END)}, BIG) == {}


def test_a_large_payload_that_may_pass_is_covered() -> None:
    assert used(chain(P={"Type": "Pass", "ResultPath": "$.y", "Result": 1}, Z=END), BIG) == {"/States/P/Next": 1}


def test_a_retrier_whose_delay_outlives_the_execution_is_not_covered() -> None:
    machine = {"TimeoutSeconds": 5, **chain(T=task(Retry=[retrier("A", IntervalSeconds=60)]))}
    assert used(machine, tasks={"T": failing("A")}) == {}


@pytest.mark.parametrize("error, index", [("A", 0), ("B", 1)])
def test_the_retrier_that_made_a_retry_is_told(error: str, index: int) -> None:
    machine = chain(T=task(Retry=[retrier("A"), retrier("B")]))
    assert used(machine, tasks={"T": failing(error, error, None)}) == {
        f"/States/T/Retry/{index}": 2,
        "/States/T/End": 1,
    }


def test_a_retrier_without_attempts_is_not_used() -> None:
    assert used(chain(T=task(Retry=[retrier("A", MaxAttempts=0)])), tasks={"T": failing("A")}) == {}


def test_a_map_without_items_is_told() -> None:
    machine = chain(M=each(chain(P={"Type": "Pass"}), ItemsPath="$.items"))
    body = "/States/M/ItemProcessor"
    assert used(machine, {"items": [1, 2]}).get(f"{body}/empty") is None
    assert used(machine, {"items": []}) == {f"{body}/empty": 1, "/States/M/End": 1}


def test_a_distributed_map_without_items_is_told() -> None:
    body = {**chain(P={"Type": "Pass"}), "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
    found = used(chain(M=each(body)), [1, 2, 3])
    assert found["/States/M/ItemProcessor"] == found["/States/M/ItemProcessor/States/P/End"] == 3
    assert "/States/M/ItemProcessor/empty" not in found
    assert used(chain(M=each(body)), []) == {"/States/M/ItemProcessor/empty": 1, "/States/M/End": 1}


def test_branches_count_each_for_itself() -> None:
    found = used(chain(P=parallel(chain(A={"Type": "Pass"}), chain(B={"Type": "Pass"}))))
    assert found["/States/P/Branches/0"] == found["/States/P/Branches/1"] == 1


def test_executions_by_hand_count() -> None:
    with Collector() as collector:
        execution = StateMachine.from_json(chain(T=task())).start({})
        command = next(one for one in execution.start(T0) if isinstance(one, InvokeTask))
        collector.take("")
        execution.receive(gave(command.ticket, {}), T0)
    [found] = coverage_of(collector).machines
    assert (found.hits["/States/T"], found.hits["/States/T/End"]) == (1, 1)


def test_no_machine_is_kept_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asl_engine.machine, "OBSERVERS", [])  # the pytest plugin keeps a test's last executions
    machines = [StateMachine.from_json(chain(T=task()), name=str(n)) for n in range(20)]
    with Collector() as collector:
        for machine in machines:
            machine.run({}, tasks={"T": lambda payload: payload})
        kept = [weakref.ref(machine) for machine in machines]
        del machines, machine
        collector.take("")
        gc.collect()
        assert [ref() for ref in kept if ref() is not None] == []
    assert coverage_of(collector).share().percent == 100


def test_every_element_names_a_place_in_the_definition() -> None:
    machine = chain(M=each(chain(T=task(Retry=[retrier("A")], Catch=[catcher("Z", "A")]), Z=END)))
    for element in elements(StateMachine.from_json(machine).definition):
        value: Any = machine
        for part in element.pointer.removesuffix("/empty").split("/")[1:]:
            value = value[int(part)] if isinstance(value, list) else value[part]


# --- files that are not plain JSON ------------------------------------------------------------------------------------

YAML = "StartAt: A\nStates:\n  A:\n    Type: Pass\n    Next: ${Then}\n  B:\n    Type: Succeed\n"
SAM = """Resources:
  First:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition:
        StartAt: A
        States:
          A: {Type: Pass, End: true}
  Second:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: flow.asl.yaml
      DefinitionSubstitutions: {Then: B}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pytest.importorskip("yaml")
    (tmp_path / "flow.asl.yaml").write_text(YAML, "utf-8")
    (tmp_path / "template.yaml").write_text(SAM, "utf-8")
    return tmp_path


def machines_of(collector: Collector) -> dict[str, MachineCoverage]:
    found = coverage_of(collector)
    assert found.faults == ()
    return {machine.name: machine for machine in found.machines}


def test_a_yaml_file_is_covered_with_the_substitutions_that_it_was_read_with(folder: Path) -> None:
    with Collector(folder) as collector:
        StateMachine.from_file(folder / "flow.asl.yaml", substitutions={"Then": "B"}).run()
    [machine] = machines_of(collector).values()
    lines = {one.says: (one.target, machine.line_of(one.pointer)) for one in machine.elements}
    assert (machine.share().percent, lines["A -> B"]) == (100, ("B", 5))


def test_a_machine_has_one_tally_whatever_name_it_is_given(folder: Path) -> None:
    file = folder / "flow.asl.yaml"
    with Collector(folder) as collector:
        for name in ("one", "two"):
            StateMachine.from_file(file, name=name, substitutions={"Then": "B"}).run()
    [machine] = machines_of(collector).values()
    assert machine.hits["/States/A"] == 2


def test_machines_that_share_a_template_are_told_apart(folder: Path) -> None:
    with Collector(folder, under="template.yaml") as collector:
        StateMachine.from_file(folder / "template.yaml", name="Second").run()
    found = machines_of(collector)
    assert {name: machine.share("state").covered for name, machine in found.items()} == {"First": 0, "Second": 2}
    assert (found["Second"].text_file, found["Second"].line_of("/States/A")) == ("flow.asl.yaml", 3)


def test_a_definition_that_changed_in_the_run_counts_from_then_on(folder: Path) -> None:
    file = folder / "flow.asl.yaml"
    with Collector(folder) as collector:
        StateMachine.from_file(file, substitutions={"Then": "B"}).run()
        file.write_text("StartAt: A\nStates:\n  A:\n    Type: Succeed\n", "utf-8")
        StateMachine.from_file(file).run()
    [machine] = machines_of(collector).values()
    assert dict(machine.hits) == {"/States/A": 1}


def test_a_definition_that_has_changed_since_is_told_and_not_counted(folder: Path) -> None:
    file = folder / "flow.asl.yaml"
    with Collector(folder) as collector:
        StateMachine.from_file(file, substitutions={"Then": "B"}).run()
    file.write_text("StartAt: A\nStates:\n  A:\n    Type: Succeed\n", "utf-8")
    found = coverage_of(collector)
    assert (found.machines, [fault.rpartition(" has ")[2] for fault in found.faults]) == (
        (),
        ["changed since it was measured"],
    )
