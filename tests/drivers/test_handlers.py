"""Handlers: how a callable is called, and what its result or its exception means."""

from __future__ import annotations

import functools
import json
from typing import Any

import pytest

from asl_engine import Execution, IntegrationResult, StatesError, TaskContext, TaskError
from tests.build import catcher, chain, details, run, run_state, task

INVOKE = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke",
    "Parameters": {"FunctionName": "work", "Payload.$": "$"},
}


def work_with(handler: Any, payload: Any = None, **fields: Any) -> Execution:
    return run_state(task(**fields), payload, tasks={"work": handler})


# --- forms of callables -----------------------------------------------------------------------------------------------


def plain(payload: Any) -> Any:
    return ["plain", payload]


def with_context(payload: Any, context: TaskContext) -> Any:
    return ["context", context.state_name]


def with_default(payload: Any, context: TaskContext | None = None) -> Any:
    return ["context", context.state_name if context else None]


def with_any(*arguments: Any) -> Any:
    return ["context", arguments[1].state_name]


def with_keyword(payload: Any, *, option: int = 5) -> Any:
    return ["plain", payload]


class Service:
    """A callable object, with methods that are handlers too."""

    def __call__(self, payload: Any) -> Any:
        return ["plain", payload]

    def method(self, payload: Any) -> Any:
        return ["plain", payload]

    def method_with_context(self, payload: Any, context: TaskContext) -> Any:
        return ["context", context.state_name]

    @classmethod
    def of_class(cls, payload: Any) -> Any:
        return ["plain", payload]

    @staticmethod
    def of_none(payload: Any, context: TaskContext) -> Any:
        return ["context", context.state_name]


class ServiceWithContext:
    """A callable object that takes the context."""

    def __call__(self, payload: Any, context: TaskContext) -> Any:
        return ["context", context.state_name]


FORMS = {
    "a function": (plain, "plain"),
    "a function with context": (with_context, "context"),
    "a function with an optional context": (with_default, "context"),
    "a function of any arguments": (with_any, "context"),
    "a function with a keyword": (with_keyword, "plain"),
    "a lambda": (lambda payload: ["plain", payload], "plain"),
    "a lambda that binds a name early": (lambda payload, key="plain": [key, payload], "plain"),
    "a lambda with context": (lambda payload, context: ["context", context.state_name], "context"),
    "a callable object": (Service(), "plain"),
    "a callable object with context": (ServiceWithContext(), "context"),
    "a method": (Service().method, "plain"),
    "a method with context": (Service().method_with_context, "context"),
    "a class method": (Service.of_class, "plain"),
    "a static method": (Service.of_none, "context"),
    "a partial function": (functools.partial(with_keyword, option=1), "plain"),
    "a partial function with context": (functools.partial(lambda x, p, c: ["context", c.state_name], 0), "context"),
    "a wrapped function": (functools.wraps(plain)(lambda *arguments: plain(*arguments)), "plain"),
    "a class": (dict, "dict"),
    "a built-in": (sorted, "sorted"),
}


@pytest.mark.parametrize("handler, kind", FORMS.values(), ids=FORMS.keys())
def test_any_callable_is_called_with_the_payload_and_the_context_if_it_takes_it(handler: Any, kind: str) -> None:
    payload = [["a", 2], ["b", 1]]
    expected = {
        "plain": ["plain", payload],
        "context": ["context", "S"],
        "dict": {"a": 2, "b": 1},
        "sorted": payload,
    }
    execution = work_with(handler, payload)
    assert (execution.error, execution.output) == (None, expected[kind])


async def awaited(payload: Any) -> Any:
    return payload


class AwaitedService:
    """A callable object whose call is a coroutine function."""

    async def __call__(self, payload: Any) -> Any:
        return payload


@pytest.mark.parametrize("handler", [awaited, AwaitedService(), functools.partial(awaited)])
def test_a_coroutine_function_is_refused(handler: Any) -> None:
    with pytest.raises(TypeError, match="is a coroutine function"):
        work_with(handler)


# --- results ----------------------------------------------------------------------------------------------------------

RESULTS = [None, True, 0, 1.5, "", "ä", [], {}, (1, (2,)), {"a": [None]}]


@pytest.mark.parametrize("result", RESULTS, ids=repr)
def test_a_json_result_is_the_tasks_result(result: Any) -> None:
    assert work_with(lambda payload: result).output == json.loads(json.dumps(result))


NO_JSON: list[tuple[Any, str]] = [
    (object(), "is not a JSON value but object"),
    ({1, 2}, "is not a JSON value but set"),
    (b"x", "is not a JSON value but bytes"),
    ({1: 2}, "has the key 1"),
    ([float("nan")], "/0 must be a finite number"),
    ({"a": "\ud800"}, "lone surrogate"),
    (10**5000, "number"),
]


@pytest.mark.parametrize("state", [task(), INVOKE], ids=["function", "lambda:invoke"])
@pytest.mark.parametrize("result, words", NO_JSON, ids=[words for _, words in NO_JSON])
def test_a_result_that_is_no_json_is_a_marshal_error(state: dict[str, Any], result: Any, words: str) -> None:
    execution = run_state(state, tasks={"work": lambda payload: result})
    assert execution.error == "Runtime.MarshalError"
    report = json.loads(execution.cause or "")
    assert report["errorType"] == "Runtime.MarshalError"
    assert words in report["errorMessage"]


def test_a_result_kept_by_the_handler_is_not_the_engines() -> None:
    kept: dict[str, Any] = {"list": [1]}

    def late(payload: Any) -> Any:
        kept["list"].append(2)
        return payload

    execution = run(chain(A=task("a"), B=task("b")), tasks={"a": lambda payload: kept, "b": late})
    assert execution.output == {"list": [1]}


def test_the_payload_is_the_handlers_own_to_change() -> None:
    def spoil(payload: Any) -> None:
        payload["list"].clear()
        payload.clear()

    execution = work_with(spoil, {"list": [1]}, ResultPath=None)
    assert execution.output == {"list": [1]}
    assert details(execution.history[2])["input"] == '{"list":[1]}'


def test_the_callers_input_is_not_the_handlers() -> None:
    given = {"list": [1]}
    work_with(lambda payload: payload["list"].clear(), given)
    assert given == {"list": [1]}


# --- exceptions -------------------------------------------------------------------------------------------------------


class OutOfStock(Exception):
    pass


def sell(payload: Any) -> None:
    raise OutOfStock("no more teapots")


def test_an_exception_is_the_error_that_lambda_reports() -> None:
    execution = work_with(sell)
    report = json.loads(execution.cause or "")
    assert execution.error == "OutOfStock"
    assert report.keys() == {"errorMessage", "errorType", "requestId", "stackTrace"}
    assert (report["errorMessage"], report["errorType"]) == ("no more teapots", "OutOfStock")


def test_the_stack_trace_begins_in_the_handler() -> None:
    (line,) = json.loads(work_with(sell).cause or "")["stackTrace"]
    assert f'File "{__file__}", line ' in line
    assert "in sell" in line


def test_the_request_id_is_that_of_the_call() -> None:
    ids: list[str] = []

    def fails(payload: Any, context: TaskContext) -> None:
        ids.append(context.aws_request_id)
        raise OutOfStock

    assert json.loads(work_with(fails).cause or "")["requestId"] == ids[0]


@pytest.mark.parametrize("error, cause", [("Card.Declined", "no funds"), ("E", None), (None, None), ("E", "")])
def test_a_task_error_sets_error_and_cause_exactly(error: str | None, cause: str | None) -> None:
    def fails(payload: Any) -> None:
        raise TaskError(error, cause)

    execution = work_with(fails)
    assert (execution.status, execution.error) == ("FAILED", error)
    assert (execution.cause or None) == (cause or None)


def test_a_states_error_is_taken_alike() -> None:
    def fails(payload: Any) -> None:
        raise StatesError("States.Permissions", "not allowed")

    assert work_with(fails).error == "States.Permissions"


@pytest.mark.parametrize("error", [OutOfStock("file \udcff"), TaskError("OutOfStock", "file \udcff")], ids=repr)
def test_an_error_whose_text_is_no_unicode_is_caught_like_any_other(error: Exception) -> None:
    def fails(payload: Any) -> None:
        raise error

    state = task(Catch=[catcher("Z")], Next="Z")
    execution = run(chain(S=state, Z={"Type": "Succeed"}), tasks={"work": fails})
    assert (execution.path, execution.output["Error"]) == (["S", "Z"], "OutOfStock")
    assert json.dumps(execution.history, ensure_ascii=False).encode()


class Unprintable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("not today")


def test_an_exception_that_cannot_be_shown_still_fails_the_task() -> None:
    def fails(payload: Any) -> None:
        raise Unprintable

    assert work_with(fails).error == "Unprintable"


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_what_is_no_exception_of_the_task_escapes(error: type[BaseException]) -> None:
    def interrupted(payload: Any) -> None:
        raise error

    with pytest.raises(error):
        work_with(interrupted)


def test_an_exception_fails_an_integration_with_its_own_name_too() -> None:
    state = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage"}
    execution = run_state(state, tasks={"S": sell})
    assert execution.error == "OutOfStock"
    failed = next(event for event in execution.history if event["type"] == "TaskFailed")
    assert (details(failed)["resourceType"], details(failed)["error"]) == ("sqs", "OutOfStock")


# --- lambda:invoke and integration results ----------------------------------------------------------------------------


def test_lambda_invoke_wraps_the_functions_answer() -> None:
    output = run_state(INVOKE, {"n": 1}, tasks={"work": lambda payload: {"got": payload}}).output
    assert output.keys() == {"ExecutedVersion", "Payload", "SdkHttpMetadata", "SdkResponseMetadata", "StatusCode"}
    assert (output["Payload"], output["StatusCode"], output["ExecutedVersion"]) == ({"got": {"n": 1}}, 200, "$LATEST")


def test_lambda_invoke_without_a_payload_gives_the_function_an_empty_object() -> None:
    state = {**INVOKE, "Parameters": {"FunctionName": "work"}}
    assert run_state(state, {"n": 1}, tasks={"work": lambda payload: payload}).output["Payload"] == {}


def test_lambda_invokes_qualifier_is_the_executed_version() -> None:
    state = {**INVOKE, "Parameters": {"FunctionName": "work", "Qualifier": "7"}}
    assert run_state(state, tasks={"work": plain}).output["ExecutedVersion"] == "7"


def test_an_integration_result_is_taken_as_it_is() -> None:
    whole = {"Payload": 1, "StatusCode": 299}
    assert run_state(INVOKE, tasks={"work": lambda payload: IntegrationResult(whole)}).output == whole


def test_an_integration_result_must_be_json_too() -> None:
    execution = run_state(INVOKE, tasks={"work": lambda payload: IntegrationResult({1: 2})})
    assert execution.error == "Runtime.MarshalError"


def test_another_integrations_result_is_the_handlers() -> None:
    state = {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:getItem", "Parameters": {"Key": 1}}
    assert run_state(state, tasks={"S": lambda payload: {"Item": payload}}).output == {"Item": {"Key": 1}}


# --- the context ------------------------------------------------------------------------------------------------------


def seen_by(state: dict[str, Any], **options: Any) -> TaskContext:
    kept: list[TaskContext] = []
    run_state(state, {}, tasks={"S": lambda payload, context: kept.append(context)}, **options)
    return kept[0]


def test_the_context_tells_state_resource_and_attempt() -> None:
    context = seen_by(task("orders"))
    assert (context.state_name, context.attempt, context.scope, context.task_token) == ("S", 1, (), None)
    assert context.resource.endswith(":function:orders")


NAMES = [
    (task("orders"), "orders"),
    (task("orders:live"), "orders"),
    (INVOKE, "work"),
    ({**INVOKE, "Parameters": {"FunctionName": "work:7"}}, "work"),
    ({**INVOKE, "Parameters": {"FunctionName.$": "$$.State.Name"}}, "S"),
    ({"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage"}, None),
    ({"Type": "Task", "Resource": "anything"}, None),
]


@pytest.mark.parametrize("state, name", NAMES)
def test_the_context_tells_the_functions_name(state: dict[str, Any], name: str | None) -> None:
    assert seen_by(state).function_name == name


def test_the_context_has_a_task_token_where_the_resource_awaits_one() -> None:
    state = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken"}
    assert seen_by(state).task_token


def test_the_context_has_the_credentials() -> None:
    assert seen_by(task(Credentials={"RoleArn": "r"})).credentials == {"RoleArn": "r"}


def test_request_ids_are_fixed_by_the_seed_and_differ_between_calls() -> None:
    def ids(seed: int) -> list[str]:
        kept: list[str] = []
        machine = chain(A=task(), B=task())
        run(machine, tasks={"work": lambda payload, context: kept.append(context.aws_request_id)}, seed=seed)
        return kept

    assert ids(1) == ids(1)
    assert len({*ids(1), *ids(2)}) == 4
