"""The front door: machines from texts, values and files, run as often as wanted."""

from __future__ import annotations

import copy
import json
import threading
from pathlib import Path
from typing import Any

import pytest

from asl_engine import AslError, DefinitionError, InputError, StateMachine, UnservedTaskError, validate, validate_file
from tests.build import chain, each, giving, run, run_state, task

HELLO = chain(Hello={"Type": "Pass", "Result": "hello"})


@pytest.mark.parametrize("form", [HELLO, json.dumps(HELLO), json.dumps(HELLO).encode()], ids=["value", "text", "bytes"])
def test_a_definition_may_be_a_value_a_text_or_bytes(form: Any) -> None:
    assert StateMachine.from_json(form).run().output == "hello"
    assert validate(form) == []


@pytest.mark.parametrize("file, name", [("hello.asl.json", "hello"), ("hello.json", "hello"), ("hello", "hello")])
def test_a_machine_from_a_file_has_the_files_name(tmp_path: Path, file: str, name: str) -> None:
    (tmp_path / file).write_text(json.dumps(HELLO))
    assert StateMachine.from_file(tmp_path / file).name == name
    assert StateMachine.from_file(str(tmp_path / file), name="other").name == "other"


def test_a_file_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        StateMachine.from_file(tmp_path / "none.json")


def test_a_file_that_is_no_definition_is_a_definition_error(tmp_path: Path) -> None:
    file = tmp_path / "bad.json"
    file.write_bytes(b"\xff")
    with pytest.raises(DefinitionError, match="not UTF-8"):
        StateMachine.from_file(file)


@pytest.mark.parametrize("kind", ["STANDARD", "EXPRESS"])
def test_a_machine_is_standard_or_express(kind: str) -> None:
    machine = StateMachine.from_json(HELLO, type=kind)
    assert (machine.type, machine.run().output) == (kind, "hello")


def test_a_machine_of_another_type_is_refused() -> None:
    with pytest.raises(ValueError, match="STANDARD or EXPRESS, not 'FAST'"):
        StateMachine.from_json(HELLO, type="FAST")


def test_an_express_executions_id_says_so() -> None:
    machine = StateMachine.from_json(chain(S={"Type": "Pass", "InputPath": "$$.Execution"}), name="m", type="EXPRESS")
    output = machine.run().output
    assert output["Id"].startswith("arn:aws:states:us-east-1:123456789012:express:m:")
    assert "RedriveCount" not in output


def test_no_input_is_an_empty_object() -> None:
    assert run_state({"Type": "Pass"}).output == {}


@pytest.mark.parametrize("value", [None, 0, "", [], {}, False, [None]])
def test_any_json_value_is_an_input(value: Any) -> None:
    output = run_state({"Type": "Pass"}, value).output
    assert output == ({} if value is None else value)


NO_INPUT: list[tuple[Any, str]] = [
    ({1: 2}, "has the key 1, which is not a string"),
    ({"a": float("nan")}, "/a must be a finite number, not nan"),
    ({"a": [object()]}, "/a/0 is not a JSON value but object"),
    ("\ud800", "lone surrogate"),
    ("x" * 262_143, "262145 bytes as JSON text, more than AWS's limit of 262144"),
    (10**5000, "number"),
]


@pytest.mark.parametrize("value, words", NO_INPUT, ids=[words for _, words in NO_INPUT])
def test_an_input_that_is_no_json_is_refused(value: Any, words: str) -> None:
    with pytest.raises(InputError) as caught:
        run_state({"Type": "Pass"}, value)
    assert words in str(caught.value)


def test_an_input_nested_10_000_deep_is_refused() -> None:
    value: Any = 0
    for _ in range(10_000):
        value = {"a": value}
    with pytest.raises(InputError, match="nested deeper than 200 levels"):
        run_state({"Type": "Pass"}, value)


def test_input_definition_and_tasks_are_left_as_they_were() -> None:
    definition, input, tasks = chain(S=each(chain(W=task()))), [{"n": 1}], {"work": lambda payload: payload.clear()}
    before = copy.deepcopy((definition, input)), dict(tasks)
    run(definition, input, tasks=tasks)
    assert ((definition, input), tasks) == before


def test_one_machine_runs_many_executions_that_know_nothing_of_each_other() -> None:
    machine = StateMachine.from_json(
        chain(A={"Type": "Pass", "Assign": {"n.$": "$"}}, B={"Type": "Wait", "Seconds": 5})
    )
    first, second = machine.run(1), machine.run(2)
    assert (first.output, first.elapsed) == (1, 5)
    assert (second.output, second.elapsed) == (2, 5)


def test_executions_of_one_machine_may_be_interleaved() -> None:
    machine = StateMachine.from_json(chain(S={"Type": "Pass", "ResultPath": "$.r"}))
    one, two = machine.start({"n": 1}), machine.start({"n": 2})
    two.start(0)
    one.start(0)
    assert (one.output, two.output) == ({"n": 1, "r": {"n": 1}}, {"n": 2, "r": {"n": 2}})


def test_one_machine_may_run_in_many_threads() -> None:
    machine = StateMachine.from_json(chain(S=each(chain(W=task()))))
    outputs: dict[int, Any] = {}

    def work(number: int) -> None:
        outputs[number] = machine.run([number] * 20, tasks={"work": lambda payload: payload}).output

    threads = [threading.Thread(target=work, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outputs == {number: [number] * 20 for number in range(8)}


def test_the_same_run_gives_the_same_history() -> None:
    machine = StateMachine.from_json(chain(S=task(Retry=[{"ErrorEquals": ["States.ALL"], "JitterStrategy": "FULL"}])))
    histories = [machine.run(tasks={"work": lambda payload: 1 / 0}, seed=7).history for _ in range(2)]
    assert histories[0] == histories[1]


def test_no_seed_is_the_seed_0() -> None:
    state = {"Type": "Pass", "Parameters": {"id.$": "States.UUID()"}}
    assert run_state(state).output == run_state(state, seed=0).output


def test_every_error_of_the_library_is_an_asl_error() -> None:
    with pytest.raises(AslError):
        StateMachine.from_json({})
    with pytest.raises(AslError):
        run_state({"Type": "Pass"}, {1: 2})
    with pytest.raises(AslError):
        run_state(task())


def test_an_unserved_task_is_a_lookup_error_and_a_bad_input_a_value_error() -> None:
    assert issubclass(UnservedTaskError, LookupError)
    assert issubclass(InputError, ValueError)
    assert issubclass(DefinitionError, ValueError)


def test_a_bad_input_is_told_before_any_task_runs() -> None:
    calls: list[Any] = []
    with pytest.raises(InputError):
        run_state(task(), {1: 2}, tasks={"work": calls.append})
    assert calls == []


def test_a_machine_shows_its_name_and_size() -> None:
    machine = StateMachine.from_json(chain(A={"Type": "Pass"}, B={"Type": "Pass"}), name="m")
    assert repr(machine) == "<StateMachine 'm' with 2 states>"


def test_an_execution_shows_its_status() -> None:
    assert repr(run_state(task(), tasks={"work": giving(1)})) == "<Execution SUCCEEDED after 1 transitions>"


def test_a_definition_of_2000_states_runs() -> None:
    names = [f"S{number}" for number in range(2000)]
    assert run(chain(**{name: {"Type": "Pass"} for name in names}), max_transitions=2000).path == names


def test_machines_nested_40_deep_run() -> None:
    inner = chain(S0={"Type": "Pass"})
    for depth in range(1, 40):
        inner = chain(**{f"S{depth}": {"Type": "Parallel", "Branches": [inner]}})
    output = run(inner, 1).output
    for _ in range(39):
        (output,) = output
    assert output == 1


@pytest.mark.parametrize("start_time", ["2030-05-06T07:08:09.250Z", "not a time", 5, None])
def test_a_start_time_that_is_no_timestamp_does_not_move_the_clock(start_time: Any) -> None:
    execution = run_state({"Type": "Pass"}, context={"Execution": {"StartTime": start_time}})
    is_time = start_time == "2030-05-06T07:08:09.250Z"
    assert execution.history[0]["timestamp"] == (start_time if is_time else "2024-01-01T00:00:00Z")


# --- from files -------------------------------------------------------------------------------------------------------

TEMPLATE = {
    "Resources": {
        "Orders": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {"Definition": {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}},
        },
        "Refunds": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {
                "StateMachineType": "EXPRESS",
                "Definition": {"StartAt": "B", "States": {"B": {"Type": "Pass", "Result": 5, "End": True}}},
            },
        },
    }
}


def test_a_machine_of_a_template_is_named(tmp_path: Path) -> None:
    file = tmp_path / "template.json"
    file.write_text(json.dumps(TEMPLATE))
    machine = StateMachine.from_file(file, name="Refunds")
    assert (machine.name, machine.type, machine.run().output) == ("Refunds", "EXPRESS", 5)
    with pytest.raises(DefinitionError, match="holds 2 state machines, say which by its name: Orders, Refunds"):
        StateMachine.from_file(file)
    with pytest.raises(DefinitionError, match="none is named 'Other'"):
        StateMachine.from_file(file, name="Other")


def test_a_file_of_yaml_runs(tmp_path: Path) -> None:
    file = tmp_path / "hello.asl.yaml"
    file.write_text("StartAt: A\nStates:\n  A: {Type: Pass, Result: hello, End: true}\n")
    assert StateMachine.from_file(file).run().output == "hello"


def test_placeholders_are_replaced_and_what_stays_open_is_noted(tmp_path: Path) -> None:
    file = tmp_path / "greet.asl.json"
    state = {"Type": "Pass", "Result": ["${Greeting}", "${Name}"], "End": True}
    file.write_text(json.dumps({"StartAt": "A", "States": {"A": state}}))
    machine = StateMachine.from_file(file, substitutions={"Greeting": "hi"})
    assert machine.run().output[0] == "hi"
    (note,) = machine.diagnostics
    assert (note.code, note.severity, note.file, note.line) == ("UNRESOLVED_SUBSTITUTION", "INFO", str(file), 1)
    assert "Name" in note.message


def test_errors_of_a_file_say_where(tmp_path: Path) -> None:
    file = tmp_path / "bad.asl.json"
    file.write_text('{\n  "StartAt": "A",\n  "States": {"A": {"Type": "Succeed", "Foo": 1}}\n}')
    with pytest.raises(DefinitionError) as caught:
        StateMachine.from_file(file)
    (found,) = caught.value.diagnostics
    assert (found.file, found.line, found.column) == (str(file), 3, 39)
    assert validate_file(file) == [found]


def test_a_file_that_holds_no_machine_is_one_finding(tmp_path: Path) -> None:
    file = tmp_path / "package.json"
    file.write_text('{"name": "x"}')
    (found,) = validate_file(file)
    assert found.code == "NO_STATE_MACHINE"
    with pytest.raises(DefinitionError, match="NO_STATE_MACHINE"):
        StateMachine.from_file(file)
