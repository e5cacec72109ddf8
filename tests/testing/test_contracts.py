"""Contracts: what a task's function takes and gives, held to its schemas."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from asl_engine import PENDING, IntegrationResult, StateMachine, TaskContext
from asl_engine.testing import Contract, ContractError, FailedTest, Mocks, Raises, task
from tests import build
from tests.build import catcher, chain, run, run_state

LINE = {"type": "object", "required": ["sku"], "properties": {"price": {"type": "number", "minimum": 0}}}
ORDER = {"type": "object", "required": ["lines"], "properties": {"lines": {"type": "array", "items": LINE}}}
PAID = {"type": "object", "required": ["paid"], "properties": {"paid": {"type": "boolean"}}}
GOOD = {"lines": [{"sku": "a", "price": 5}]}
INVOKE = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke",
    "Parameters": {"FunctionName": "charge", "Payload.$": "$"},
}


@task(input_schema=ORDER, output_schema=PAID)
def charge(payload: Any) -> Any:
    return payload["lines"][0].get("gives", {"paid": True})


def broken(call: Any) -> ContractError:
    with pytest.raises(ContractError) as caught:
        call()
    return caught.value


def test_what_keeps_its_contract_runs_as_ever() -> None:
    assert run_state(build.task(), GOOD, tasks={"S": charge}).output == {"paid": True}


def test_a_bad_input_is_told_with_state_place_rule_and_value() -> None:
    bad = {"lines": [{"sku": "a"}, {"sku": "b", "price": -1}]}
    error = broken(lambda: run_state(build.task(), bad, tasks={"S": charge}))
    assert (error.state_name, error.side) == ("S", "input")
    assert (error.pointer, error.rule, error.value) == ("/lines/1/price", "minimum", -1)
    assert str(error) == (
        "the input of 'S' breaks its contract at /lines/1/price: -1 is less than the minimum of 0 [minimum]; it is -1"
    )


def test_a_bad_output_is_told_alike() -> None:
    bad = {"lines": [{"sku": "a", "gives": {"paid": "yes"}}]}
    error = broken(lambda: run_state(build.task(), bad, tasks={"S": charge}))
    assert (error.side, error.pointer, error.rule, error.value) == ("output", "/paid", "type", "yes")


def test_no_catch_hides_a_broken_contract() -> None:
    definition = chain(S=build.task(Catch=[catcher("End")]), End={"Type": "Succeed"})
    assert broken(lambda: run(definition, {}, tasks={"S": charge})).rule == "required"


def test_a_contract_is_checked_on_threads_too() -> None:
    broken(lambda: run_state(build.task(), {}, tasks={"S": charge}, executor=2))


def test_a_coroutine_function_has_a_contract_too() -> None:
    @task(output_schema=PAID)
    async def slow(payload: Any) -> Any:
        await asyncio.sleep(0)
        return payload

    machine = StateMachine.from_json(chain(S=build.task()))
    assert asyncio.run(machine.arun({"paid": True}, tasks={"S": slow})).output == {"paid": True}
    broken(lambda: asyncio.run(machine.arun({"paid": 1}, tasks={"S": slow})))


def test_a_function_called_by_hand_keeps_its_contract() -> None:
    assert charge(GOOD) == {"paid": True}
    assert broken(lambda: charge({})).state_name == "charge"


def test_a_decorated_function_keeps_its_name_and_gets_the_context() -> None:
    @task(output_schema={"const": "S"})
    def named(payload: Any, context: TaskContext) -> str:
        """Tells."""
        return context.state_name

    assert (named.__name__, named.__doc__) == ("named", "Tells.")
    assert run_state(build.task(), tasks={"S": named}).output == "S"


def test_what_is_no_answer_is_not_checked() -> None:
    @task(output_schema=PAID)
    def open_ended(payload: Any) -> Any:
        return PENDING if payload else {1, 2}

    assert open_ended(1) is PENDING
    assert run_state(build.task(), 0, tasks={"S": open_ended}).error == "Runtime.MarshalError"


def test_a_tuple_is_an_array() -> None:
    assert task(output_schema={"type": "array"})(lambda payload: (1, 2))(None) == (1, 2)


def test_a_schema_may_lie_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "paid.json").write_text(json.dumps(PAID), encoding="utf-8")
    checked = task(output_schema=tmp_path / "paid.json")(lambda payload: payload)
    assert checked({"paid": True}) == {"paid": True}
    broken(lambda: checked({}))


def test_what_is_no_schema_is_told() -> None:
    with pytest.raises(FailedTest, match=r"input_schema is not a JSON Schema: \$\.type: 'strng' is not"):
        run_state(build.task(), tasks={"S": task(input_schema={"type": "strng"})(lambda payload: payload)})


def test_a_schema_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(FailedTest, match=r"output_schema '.*gone.json' cannot be read"):
        task(output_schema=tmp_path / "gone.json")(lambda payload: payload)(1)


def test_a_method_is_refused() -> None:
    class Shop:
        def sell(self, payload: Any) -> Any: ...

    with pytest.raises(TypeError, match=r"Shop\.sell is a method"):
        task()(Shop.sell)


def test_a_schema_that_is_left_out_allows_everything() -> None:
    Contract().check_input({"any": "thing"}, "S")


# --- mocks ------------------------------------------------------------------------------------------------------------


def test_a_mock_is_held_to_the_contract_of_the_function_it_stands_for() -> None:
    mocks = Mocks()
    mocks("S", spec=charge).returns({"payed": True})
    assert broken(lambda: run_state(build.task(), GOOD, tasks=mocks)).rule == "required"
    mocks("S").returns({"paid": True})
    assert run_state(build.task(), GOOD, tasks=mocks).output == {"paid": True}
    assert broken(lambda: run_state(build.task(), {}, tasks=mocks)).side == "input"


def test_an_error_keeps_every_contract() -> None:
    mocks = Mocks()
    mocks("S", spec=charge).raises("Busy")
    assert run_state(build.task(), GOOD, tasks=mocks).error == "Busy"


@pytest.mark.parametrize("result", [{"Payload": {"paid": 1}}, {"payload": {"paid": True}}, 7])
def test_of_a_raw_result_of_lambda_invoke_the_payload_counts(result: Any) -> None:
    mocks = Mocks()
    mocks("S", spec=charge).returns(result)
    assert broken(lambda: run_state(INVOKE, GOOD, tasks=mocks)).side == "output"


def test_what_a_token_comes_back_with_has_no_envelope() -> None:
    state = {**INVOKE, "Resource": f"{INVOKE['Resource']}.waitForTaskToken"}
    state["Parameters"] = {"FunctionName": "charge", "Payload": {**GOOD, "token.$": "$$.Task.Token"}}
    mocks = Mocks()
    mocks("S", spec=charge).returns({"paid": True})
    assert run_state(state, GOOD, tasks=mocks).output == {"paid": True}


@pytest.mark.parametrize("result", [{"paid": True}, IntegrationResult({"Payload": {"paid": True}})])
def test_what_a_function_gives_in_place_of_another_keeps_its_contract(result: Any) -> None:
    mocks = Mocks()
    mocks("S", spec=Contract(output_schema=PAID)).calls(lambda payload: result)
    assert run_state(INVOKE, GOOD, tasks=mocks).output["Payload"] == {"paid": True}


def test_what_is_no_contract_is_refused() -> None:
    with pytest.raises(TypeError, match="spec must be a function decorated with @task"):
        Mocks({"S": Raises("Busy")})("S", spec=len)


def test_jsonschema_is_loaded_when_a_contract_is_checked_and_not_before() -> None:
    program = """
import sys
from asl_engine.testing import Mocks, task
Mocks()
checked = task(input_schema={"type": "integer"})(lambda payload: payload)
before = "jsonschema" in sys.modules
checked(1)
print(before, "jsonschema" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
