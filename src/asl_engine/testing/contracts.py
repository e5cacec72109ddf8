"""Contracts: JSON Schemas of what a task's function takes and gives, checked on every call.

The one rule: a contract that is broken in a test is a failed test. ContractError escapes the run, so that no Catch of
the machine hides it; nothing else about the call changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import update_wrapper
from inspect import iscoroutinefunction, signature
from pathlib import Path
from typing import Any, TypeAlias, TypeVar, cast

from asl_engine.definition.sources.documents import pointer_to
from asl_engine.drivers.handlers import PENDING, IntegrationResult, takes_context
from asl_engine.errors import FailedTest
from asl_engine.jsonvalue import Json, JsonTextError, JsonValueError, adopt, loads
from asl_engine.testing.matching import shown

Schema: TypeAlias = "Mapping[str, Any] | bool | str | Path"
"""A JSON Schema, or the path of the file that holds it."""

F = TypeVar("F", bound=Callable[..., Any])

INPUT, OUTPUT = "input", "output"


class ContractError(FailedTest):
    """A task's input or output that its contract does not allow.

    `state_name` is the state's, or the function's where no state called it; `side` is "input" or "output"; `pointer`,
    `rule` and `value` say what is wrong: the place in the value, the keyword of the schema, and what stands there.
    """

    def __init__(self, state_name: str, side: str, pointer: str, rule: str, value: Json, message: str) -> None:
        place = f"the {side} of {state_name!r} breaks its contract at {pointer or 'the top'}"
        super().__init__(f"{place}: {message:.300} [{rule}]; it is {shown(value)}")
        self.state_name, self.side = state_name, side
        self.pointer, self.rule, self.value = pointer, rule, value


class Contract:
    """What a function takes and gives. A schema that is left out allows everything."""

    def __init__(self, *, input_schema: Schema | None = None, output_schema: Schema | None = None) -> None:
        self.schemas = {INPUT: input_schema, OUTPUT: output_schema}
        self._validators: dict[str, Any] = {}

    def check_input(self, value: Json, state_name: str) -> None:
        """Raises ContractError for an input that is not allowed, FailedTest for a schema that is none."""
        self._check(INPUT, value, state_name)

    def check_output(self, value: Json, state_name: str) -> None:
        """The same for what comes out."""
        self._check(OUTPUT, value, state_name)

    def _check(self, side: str, value: Json, state_name: str) -> None:
        given = self.schemas[side]
        if given is None:
            return
        if side not in self._validators:
            self._validators[side] = validator_of(given, side)
        for error in sorted(self._validators[side].iter_errors(value), key=lambda error: list(map(str, error.path))):
            pointer = pointer_to(*error.absolute_path)
            raise ContractError(state_name, side, pointer, str(error.validator), error.instance, error.message)


def validator_of(given: Schema, side: str) -> Any:
    """What checks values against a schema. Raises FailedTest for a schema that is none, or without `jsonschema`."""
    try:
        from jsonschema.exceptions import SchemaError
        from jsonschema.validators import Draft202012Validator, validator_for
    except ImportError:
        raise FailedTest('JSON Schemas need jsonschema: pip install "asl-engine[schemas]"') from None
    try:
        schema: Any = loads(Path(given).read_bytes()) if isinstance(given, (str, Path)) else given
        kind = validator_for(schema, default=Draft202012Validator)
        kind.check_schema(schema)
    except (OSError, JsonTextError) as error:
        raise FailedTest(f"{side}_schema {str(given)!r} cannot be read: {error}") from None
    except SchemaError as error:
        raise FailedTest(f"{side}_schema is not a JSON Schema: {error.json_path}: {error.message}") from None
    return kind(schema)


def task(*, input_schema: Schema | None = None, output_schema: Schema | None = None) -> Callable[[F], F]:
    """Decorates a function that serves a task: its input and its output are checked on every call, also by hand.

    Needs the package `jsonschema`. The contract stays at hand as the function's `contract`: `mocks(name, spec=charge)`
    holds a mock to it.
    """
    contract = Contract(input_schema=input_schema, output_schema=output_schema)

    def decorate(function: F) -> F:
        checked = _awaited(function, contract) if iscoroutinefunction(function) else _plain(function, contract)
        update_wrapper(checked, function)
        del checked.__wrapped__  # its own parameters are to be seen, so that it is given the context
        checked.contract = contract
        return cast(F, checked)

    return decorate


def _plain(function: Callable[..., Any], contract: Contract) -> Any:
    call = _caller(function)

    def checked(payload: Json, context: Any = None) -> Any:
        name = _name(function, context)
        contract.check_input(payload, name)
        return _checked_output(call(payload, context), contract, name)

    return checked


def _awaited(function: Callable[..., Any], contract: Contract) -> Any:
    call = _caller(function)

    async def checked(payload: Json, context: Any = None) -> Any:
        name = _name(function, context)
        contract.check_input(payload, name)
        return _checked_output(await call(payload, context), contract, name)

    return checked


def _caller(function: Callable[..., Any]) -> Callable[[Json, Any], Any]:
    """How a function is called: with the context where it takes one. Raises TypeError for a method."""
    first = next(iter(signature(function).parameters), "")
    if first in ("self", "cls"):
        raise TypeError(f"@task is for functions, and {function.__qualname__} is a method")
    if takes_context(function, awaited=True):
        return function
    return lambda payload, context: function(payload)


def _name(function: Callable[..., Any], context: Any) -> str:
    return str(getattr(context, "state_name", function.__name__))


def _checked_output(result: Any, contract: Contract, name: str) -> Any:
    value = result.output if isinstance(result, IntegrationResult) else result
    if value is not PENDING:
        try:
            value = adopt(value)[0]
        except JsonValueError:
            return result  # which fails the task, as in Lambda
        contract.check_output(value, name)
    return result


def contract_of(spec: Any) -> Contract:
    """The contract of a decorated function, or a contract itself. Raises TypeError."""
    contract = getattr(spec, "contract", spec)
    if not isinstance(contract, Contract):
        raise TypeError(f"spec must be a function decorated with @task, or a Contract, not {spec!r:.60}")
    return contract
