"""Mock configuration files: read as Step Functions Local reads them, checked, run, written."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asl_engine import StateMachine, TaskError
from asl_engine.testing import (
    ALWAYS,
    Calls,
    MockConfig,
    MockConfigError,
    MockError,
    Raises,
    Returns,
    load_mock_config,
)
from tests.build import catcher, chain, each, retrier, task

OK = {"0": {"Return": {"StatusCode": 200, "Payload": "hello"}}}
BUSY = {"Throw": {"Error": "Lambda.ResourceNotReadyException", "Cause": "not ready"}}
LATE = {"Throw": {"Error": "Lambda.TimeoutException", "Cause": "timed out"}}
DOCUMENT: dict[str, Any] = {
    "StateMachines": {
        "LambdaSQSIntegration": {
            "TestCases": {
                "HappyPath": {"LambdaState": "LambdaWorks", "SQSState": "Sent"},
                "RetryPath": {"LambdaState": "LambdaRecovers", "SQSState": "Sent"},
                "HybridPath": {"LambdaState": "LambdaWorks"},
            }
        }
    },
    "MockedResponses": {
        "LambdaWorks": OK,
        "Sent": {"0": {"Return": {"MessageId": "m-1"}}},
        "LambdaRecovers": {"0": BUSY, "1-2": LATE, "3": OK["0"]},
    },
}
"""A file of the shape that the developer guide shows, with its machine, its cases and its states."""

INVOKE = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke",
    "Parameters": {"FunctionName": "HelloWorldFunction", "Payload.$": "$"},
    "Retry": [retrier("States.ALL", IntervalSeconds=2, MaxAttempts=3, BackoffRate=2)],
}
SEND = {
    "Type": "Task",
    "Resource": "arn:aws:states:::sqs:sendMessage",
    "Parameters": {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/111122223333/myQueue", "MessageBody.$": "$"},
}
MACHINE = StateMachine.from_json(chain(LambdaState=INVOKE, SQSState=SEND), name="LambdaSQSIntegration")


def changed(*path: str, to: Any) -> dict[str, Any]:
    """The document with another value at one place."""
    document = json.loads(json.dumps(DOCUMENT))
    inner = document
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = to
    return document


def steps(**members: Any) -> dict[str, Any]:
    """The document with these members, `_0` for `0`, as the steps of one response."""
    return changed("MockedResponses", "Sent", to={key[1:].replace("_", "-"): body for key, body in members.items()})


def errors(document: Any) -> list[str]:
    with pytest.raises(MockConfigError) as caught:
        MockConfig.from_json(document)
    return [f"{found.pointer}: {found.message}" for found in caught.value.findings if found.severity == "ERROR"]


# --- running ----------------------------------------------------------------------------------------------------------


def test_the_happy_path_runs() -> None:
    execution = MACHINE.run(mock_config=DOCUMENT, test_case="HappyPath")
    assert (execution.output, execution.path) == ({"MessageId": "m-1"}, ["LambdaState", "SQSState"])
    assert execution.state("LambdaState").output == OK["0"]["Return"]


def test_the_retry_path_fails_three_times_and_then_works() -> None:
    execution = MACHINE.run(mock_config=DOCUMENT, test_case="RetryPath")
    errors = [failure.error for failure in execution.state("LambdaState").errors]
    assert errors == ["Lambda.ResourceNotReadyException", "Lambda.TimeoutException", "Lambda.TimeoutException"]
    assert (execution.status, execution.elapsed) == ("SUCCEEDED", 2 + 4 + 8)


def test_states_that_a_case_does_not_name_run_for_real() -> None:
    sent: list[Any] = []
    execution = MACHINE.run(mock_config=DOCUMENT, test_case="HybridPath", tasks={"SQSState": sent.append})
    assert (execution.status, sent[0]["MessageBody"]) == ("SUCCEEDED", OK["0"]["Return"])


BRANCHING = StateMachine.from_json(
    chain(
        Ask=task("ask", Catch=[catcher("Tell", "Refused")], Next="Count"),
        Count={"Type": "Task", "Resource": "arn:aws:states:us-east-1:111122223333:activity:count", "Next": "Sum"},
        Sum={"Type": "Task", "Resource": INVOKE["Resource"], "Parameters": {"FunctionName.$": "$.f"}, "End": True},
        Tell={**SEND, "End": True},
    ),
    name="Branching",
)
SERVED: list[dict[str, Any]] = [{}, {"executor": 2}, {"machines": {"Other": MACHINE}}]
WAYS: dict[str, Any] = {
    "StateMachines": {
        "Branching": {
            "TestCases": {
                "Well": {"Ask": "Given", "Count": "Given", "Sum": "Given"},
                "Refused": {"Ask": "No", "Tell": "Given"},
                "Short": {"Ask": "No"},
                "Dynamic": {"Ask": "Given", "Count": "Given"},
            }
        }
    },
    "MockedResponses": {
        "Given": {"0": {"Return": {"f": "sum"}}},
        "No": {"0": {"Throw": {"Error": "Refused", "Cause": "no"}}},
    },
}


@pytest.mark.parametrize("case, path", [("Well", ["Ask", "Count", "Sum"]), ("Refused", ["Ask", "Tell"])])
@pytest.mark.parametrize("options", SERVED, ids=["inline", "executor", "services"])
def test_a_case_needs_to_name_only_the_states_on_its_way(case: str, path: list[str], options: dict[str, Any]) -> None:
    execution = BRANCHING.run(mock_config=WAYS, test_case=case, **options)
    assert (execution.status, execution.path) == ("SUCCEEDED", path)


@pytest.mark.parametrize("case, state", [("Short", "Tell"), ("Dynamic", "Sum")])
@pytest.mark.parametrize("options", SERVED, ids=["inline", "executor", "services"])
def test_a_state_that_nothing_serves_fails_the_test_when_it_is_reached(
    case: str, state: str, options: dict[str, Any]
) -> None:
    with pytest.raises(MockError, match=f"test case '{case}' does not mock the state '{state}', and no callable"):
        BRANCHING.run(mock_config=WAYS, test_case=case, **options)
    with pytest.raises(MockError, match=f"does not mock the state '{state}'"):
        asyncio.run(BRANCHING.arun(mock_config=WAYS, test_case=case))


def test_a_case_runs_on_an_event_loop() -> None:
    execution = asyncio.run(MACHINE.arun(mock_config=DOCUMENT, test_case="HappyPath"))
    assert execution.output == {"MessageId": "m-1"}


def test_a_configuration_may_be_given_as_a_path_a_document_or_itself(tmp_path: Path) -> None:
    file = tmp_path / "mocks.json"
    file.write_text(json.dumps(DOCUMENT), encoding="utf-8")
    for given_as in (file, str(file), DOCUMENT, load_mock_config(file)):
        assert MACHINE.run(mock_config=given_as, test_case="HappyPath").status == "SUCCEEDED"


def test_the_environment_names_the_file_of_a_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "mocks.json"
    file.write_text(json.dumps(DOCUMENT), encoding="utf-8")
    monkeypatch.setenv("SFN_MOCK_CONFIG", str(file))
    assert MACHINE.run(test_case="HappyPath").status == "SUCCEEDED"


def test_a_case_without_a_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SFN_MOCK_CONFIG", raising=False)
    with pytest.raises(MockConfigError, match="'HappyPath' needs a mock configuration file: mock_config="):
        MACHINE.run(test_case="HappyPath")


def test_past_its_last_step_a_response_fails_the_test() -> None:
    document = changed("MockedResponses", "LambdaRecovers", to={"0": BUSY, "1-2": LATE})
    with pytest.raises(MockError, match="the response 'LambdaRecovers' of the test case 'RetryPath' has 3 answers"):
        MACHINE.run(mock_config=document, test_case="RetryPath")


def test_two_states_of_one_response_count_each_for_itself() -> None:
    machine = StateMachine.from_json(chain(A=task(), B=task()))
    document = {
        "StateMachines": {"M": {"TestCases": {"C": {"A": "R", "B": "R"}}}},
        "MockedResponses": {"R": {"0": {"Return": 5}}},
    }
    assert machine.run(mock_config=document, test_case="C").output == 5


def test_map_items_count_on() -> None:
    machine = StateMachine.from_json(chain(Each=each(chain(Work=task()))))
    config = MockConfig()
    config.add_case("M", "C", {"Work": [Returns(1), Returns(2, times=2)]})
    assert machine.run([0, 0, 0], mock_config=config, test_case="C").output == [1, 2, 2]


def test_a_state_that_the_machine_has_not_is_told() -> None:
    document = changed("StateMachines", "LambdaSQSIntegration", "TestCases", "HappyPath", to={"LamdaState": "Sent"})
    with pytest.raises(MockError, match=r"'HappyPath' stands for no task of .*; did you mean 'LambdaState'"):
        MACHINE.run(mock_config=document, test_case="HappyPath")


# --- which case -------------------------------------------------------------------------------------------------------


def test_an_unknown_case_is_told_with_the_nearest() -> None:
    with pytest.raises(MockConfigError, match=r"has no test case 'HapyPath'; there are .*did you mean 'HappyPath'"):
        MACHINE.run(mock_config=DOCUMENT, test_case="HapyPath")


def test_a_configuration_without_a_case_is_refused_with_the_cases() -> None:
    with pytest.raises(MockConfigError, match="say which test case is meant; there are 'HappyPath', 'RetryPath'"):
        MACHINE.run(mock_config=DOCUMENT)


def test_the_only_machine_of_a_file_is_meant_whatever_its_name() -> None:
    other = StateMachine.from_json(chain(LambdaState=INVOKE, SQSState=SEND), name="deployed-as-this")
    assert other.run(mock_config=DOCUMENT, test_case="HappyPath").status == "SUCCEEDED"


TWO = {
    "StateMachines": {"One": {"TestCases": {"Same": {"S": "First"}}}, "Two": {"TestCases": {"Same": {"S": "Second"}}}},
    "MockedResponses": {"First": {"0": {"Return": 1}}, "Second": {"0": {"Return": 2}}},
}


def test_of_several_machines_the_one_of_the_same_name_is_meant() -> None:
    machine = StateMachine.from_json(chain(S=task()), name="Two")
    assert machine.run(mock_config=TWO, test_case="Same").output == 2


@pytest.mark.parametrize("case", ["One#Same", "arn:aws:states:eu-west-1:123456789012:stateMachine:One#Same"])
def test_a_case_may_name_its_machine_as_start_execution_does(case: str) -> None:
    assert StateMachine.from_json(chain(S=task())).run(mock_config=TWO, test_case=case).output == 1


def test_where_no_machine_has_the_name_the_machines_are_told() -> None:
    with pytest.raises(
        MockConfigError, match=r"no machine is named 'Too'; there are 'One', 'Two'; did you mean 'Two'\?"
    ):
        StateMachine.from_json(chain(S=task()), name="Too").run(mock_config=TWO, test_case="Same")


def test_the_cases_of_a_machine_can_be_listed() -> None:
    config = MockConfig.from_json(DOCUMENT)
    assert config.cases("LambdaSQSIntegration") == config.cases() == ["HappyPath", "RetryPath", "HybridPath"]
    assert config.machines == ["LambdaSQSIntegration"]


# --- what a file may say ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "document, expected",
    [
        ([], ": a mock configuration must be an object, not []"),
        ({"MockedResponses": {}}, ": 'StateMachines' is missing"),
        ({"StateMachines": {}}, ": 'MockedResponses' is missing"),
        (changed("StateMachines", to=[]), "/StateMachines: must be an object, machine name -> its test cases, not []"),
        (changed("StateMachines", "M", to={}), "/StateMachines/M: 'TestCases' is missing"),
        (changed("StateMachines", "M", to=1), "/StateMachines/M: a state machine must be an object, not 1"),
        (
            changed("StateMachines", "M", to={"TestCases": {"C": 1}}),
            "/StateMachines/M/TestCases/C: a test case must be",
        ),
        (
            changed("StateMachines", "M", to={"TestCases": {"C": {"S": "Sennt"}}}),
            "/StateMachines/M/TestCases/C/S: MockedResponses has no response 'Sennt'",
        ),
        (
            changed("StateMachines", "M", to={"TestCases": {"C": {"S": 1}}}),
            "/StateMachines/M/TestCases/C/S: must be the name of a response, not 1",
        ),
        (steps(), "/MockedResponses/Sent: a response must have at least one step"),
        (steps(_x={"Return": 1}), "/MockedResponses/Sent/x: a step must be a number of a call, as '0', or a range"),
        (
            steps(_0={}),
            "/MockedResponses/Sent/0: a step must have exactly one of 'Return' and 'Throw', not the fields (",
        ),
        (steps(_0={"Return": 1, **BUSY}), "/MockedResponses/Sent/0: a step must have exactly one of"),
        (steps(_0={"Return": 1, "Comment": ""}), "/MockedResponses/Sent/0: a step must have exactly one of"),
        (steps(_0=1), "/MockedResponses/Sent/0: a step must have exactly one of 'Return' and 'Throw', not 1"),
        (steps(_0={"Throw": 1}), "/MockedResponses/Sent/0/Throw: a Throw must be an object, not 1"),
        (
            steps(_0={"Throw": {"Error": "E"}}),
            "/MockedResponses/Sent/0/Throw: a Throw must have the string 'Cause', but",
        ),
        (
            steps(_0={"Throw": {"Error": 1, "Cause": ""}}),
            "/MockedResponses/Sent/0/Throw/Error: a Throw must have the string 'Error', not 1",
        ),
        (steps(_1={"Return": 1}), "/MockedResponses/Sent/1: no step answers call 0, before '1'"),
        (steps(_0=BUSY, _4=BUSY), "/MockedResponses/Sent/4: no step answers call 1-3, before '4'"),
        (steps(_0_2=BUSY, _2=BUSY), "/MockedResponses/Sent/2: the steps '0-2' and '2' both answer call 2"),
        (steps(_0_5=BUSY, _1=BUSY, _6=BUSY), "/MockedResponses/Sent/1: the steps '0-5' and '1' both answer call 1"),
        (steps(_0=BUSY, _2_1=BUSY), "/MockedResponses/Sent/2-1: the range '2-1' ends before it begins"),
        (
            {**DOCUMENT, "MockedResponses": {"R": {"0": {"Return": {1}}}}},
            "/MockedResponses/R/0/Return: is not a JSON value",
        ),
    ],
)
def test_a_mistake_is_told_with_place_rule_and_value(document: Any, expected: str) -> None:
    text = document if isinstance(document, dict) else json.dumps(document)
    assert any(found.startswith(expected) for found in errors(text)), errors(text)


def test_every_mistake_is_told_at_once() -> None:
    assert len(errors({"StateMachines": 1, "MockedResponses": {"A": 1, "B": {"x": 1, "1": {}}}})) == 5


def test_the_steps_of_a_response_may_stand_in_any_order() -> None:
    config = MockConfig.from_json(steps(_1_2=LATE, _0=BUSY, _3={"Return": 1}))
    assert [answer.times for answer in config.case("HappyPath")["SQSState"]] == [1, 2, 1]


def test_a_misspelt_name_is_told_with_the_nearest() -> None:
    document = changed("StateMachines", "LambdaSQSIntegration", "TestCases", "HappyPath", "SQSState", to="Sennt")
    with pytest.raises(MockConfigError, match="did you mean 'Sent'"):
        MockConfig.from_json(document)


def test_a_response_that_no_case_uses_is_a_warning() -> None:
    (warning,) = MockConfig.from_json(changed("MockedResponses", "Spare", to=OK)).findings
    assert (warning.severity, warning.pointer) == ("WARNING", "/MockedResponses/Spare")


def test_a_field_that_is_not_read_is_a_warning() -> None:
    (warning,) = MockConfig.from_json({**DOCUMENT, "MockedResponse": {}}).findings
    assert (warning.severity, warning.pointer) == ("WARNING", "/MockedResponse")
    assert warning.suggestion == "did you mean 'MockedResponses'?"


def test_a_mistake_in_a_file_has_its_line(tmp_path: Path) -> None:
    file = tmp_path / "mocks.json"
    file.write_text(json.dumps(steps(_0=1), indent=1), encoding="utf-8")
    with pytest.raises(MockConfigError) as caught:
        load_mock_config(file)
    (found,) = caught.value.findings
    assert found.line is not None
    assert file.read_text(encoding="utf-8").splitlines()[found.line - 1].strip() == '"0": 1'
    assert str(caught.value).startswith(f"{file}:{found.line}:")


@pytest.mark.parametrize("text, place", [("{", (1, 2)), ('{\n "a": 1,\n "a": 2}', (3, 2))])
def test_what_is_no_json_is_told_with_its_line(text: str, place: tuple[int, int]) -> None:
    with pytest.raises(MockConfigError, match="not JSON") as caught:
        MockConfig.from_json(text)
    (found,) = caught.value.findings
    assert (found.line, found.column) == place


# --- writing ----------------------------------------------------------------------------------------------------------


def test_what_is_read_is_written_unchanged() -> None:
    assert MockConfig.from_json(DOCUMENT).to_json() == DOCUMENT


def test_a_written_file_is_read_back(tmp_path: Path) -> None:
    config = MockConfig()
    config.add_case("M", "C", {"S": [TaskError("Busy"), Returns({"ü": 1})]})
    config.write(tmp_path / "mocks.json")
    assert load_mock_config(tmp_path / "mocks.json").to_json() == config.to_json()


def test_equal_responses_are_written_once_and_others_get_names_of_their_own() -> None:
    config = MockConfig()
    config.add_case("M", "First", {"A": Returns(1), "B": Returns(1)})
    config.add_case("M", "Second", {"A": Returns(2)})
    written = config.to_json()
    assert written["MockedResponses"] == {"A": {"0": {"Return": 1}}, "A-2": {"0": {"Return": 2}}}
    assert written["StateMachines"]["M"]["TestCases"] == {"First": {"A": "A", "B": "A"}, "Second": {"A": "A-2"}}


def test_true_and_1_are_not_one_response() -> None:
    config = MockConfig()
    config.add_case("M", "C", {"A": Returns(1), "B": Returns(True)})
    assert len(config.to_json()["MockedResponses"]) == 2


@pytest.mark.parametrize(
    "answer", [Returns(1, times=ALWAYS), Returns(1, after=2), Calls(print), Calls(print, times=1), Raises(None)]
)
def test_what_a_mock_file_cannot_hold_is_refused(answer: Any) -> None:
    with pytest.raises(ValueError, match="the answer of 'S'"):
        MockConfig().add_case("M", "C", {"S": answer})


def test_a_case_is_added_once() -> None:
    config = MockConfig()
    config.add_case("M", "C", {})
    with pytest.raises(ValueError, match="'M' has the test case 'C' already"):
        config.add_case("M", "C", {})


ANSWERS = st.lists(
    st.builds(Returns, st.none() | st.booleans() | st.integers() | st.text(), st.integers(1, 5))
    | st.builds(Raises, st.text(), st.text(), st.integers(1, 5)),
    min_size=1,
    max_size=4,
)


@given(st.dictionaries(st.text(), st.dictionaries(st.text(), ANSWERS, max_size=3), max_size=3))
def test_whatever_is_written_reads_back_as_the_same_answers(cases: dict[str, dict[str, Any]]) -> None:
    config = MockConfig()
    for name, answers in cases.items():
        config.add_case("M", name, answers)
    read = MockConfig.from_json(json.dumps(config.to_json()))
    for name, answers in cases.items():
        assert read.case(name, "M") == {state: tuple(given) for state, given in answers.items()}


# --- whatever a file holds --------------------------------------------------------------------------------------------

KEYS = st.sampled_from(["Return", "Throw", "Error", "Cause", "TestCases", "R", "0", "1", "0-1", "2-1", "x", ""])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["R", "S", ""]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)
STEPS = st.dictionaries(KEYS, JSON | st.dictionaries(KEYS, JSON, max_size=2), max_size=3)
DOCUMENTS = JSON | st.fixed_dictionaries(
    {
        "StateMachines": JSON | st.dictionaries(KEYS, st.fixed_dictionaries({"TestCases": JSON}), max_size=2),
        "MockedResponses": JSON | st.dictionaries(st.just("R") | KEYS, STEPS, max_size=2),
    }
)


def read(document: Any) -> MockConfig | MockConfigError:
    try:
        return MockConfig.from_json(json.dumps(document))
    except MockConfigError as error:
        return error


@given(DOCUMENTS)
def test_whatever_a_file_holds_it_is_taken_or_its_mistakes_are_told(document: Any) -> None:
    taken = read(document)
    assert all(found.line is not None and found.message for found in taken.findings)
    if isinstance(taken, MockConfig):
        assert taken.to_json()["StateMachines"] == document["StateMachines"] or taken.findings
    else:
        assert str(taken)


@pytest.mark.parametrize("text", ["\ud800", b"\xff", "\ufeff{}", ""])
def test_bytes_that_are_no_json_are_told(text: Any) -> None:
    with pytest.raises(MockConfigError):
        MockConfig.from_json(text)
