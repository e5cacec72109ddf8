"""A distributed Map through `run`: child executions on one clock, failures tolerated, aborted, tried again."""

from __future__ import annotations

from typing import Any

import pytest

from asl_engine import Execution, StateMachine, TaskError, TransitionLimitError, UnservedTaskError
from tests.build import T0, catcher, chain, details, events, failing, in_turn, parallel, retrier, run, run_state, task

PASS = {"Type": "Pass"}
WORK = chain(W=task())
ARN = "arn:aws:states:us-east-1:123456789012"


def distributed(processor: dict[str, Any], kind: str = "STANDARD", **fields: Any) -> dict[str, Any]:
    """A Map state whose items each have a child execution."""
    config = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": kind}}
    return {"Type": "Map", "ItemProcessor": {**config, **processor}, **fields}


def odd_ones_fail(payload: int) -> int:
    if payload % 2:
        raise TaskError("Odd", f"{payload} is odd")
    return payload


def chain_of_events(execution: Execution) -> list[tuple[int, int, str]]:
    return [(event["id"], event["previousEventId"], event["type"]) for event in execution.history]


def test_the_result_lists_the_outputs_in_the_order_of_the_items() -> None:
    def slow_first(payload: int, context: Any) -> int:
        context.sleep(10 - payload)
        return payload * 2

    execution = run_state(distributed(WORK), [1, 2, 3], tasks={"work": slow_first})
    assert (execution.output, execution.elapsed) == ([2, 4, 6], 9)


def test_the_parents_history_shows_the_map_run_and_nothing_of_its_children() -> None:
    execution = run_state(distributed(WORK), [1, 2], tasks={"work": abs})
    assert chain_of_events(execution) == [
        (1, 0, "ExecutionStarted"),
        (2, 0, "MapStateEntered"),
        (3, 2, "MapStateStarted"),
        (4, 3, "MapRunStarted"),
        (5, 4, "MapRunSucceeded"),
        (6, 5, "MapStateSucceeded"),
        (7, 4, "MapStateExited"),
        (8, 7, "ExecutionSucceeded"),
    ]
    assert details(execution.history[3]) == {"mapRunArn": execution.map_runs[0].map_run_arn}


def test_no_items_give_a_map_run_without_children() -> None:
    execution = run_state(distributed(WORK), [], tasks={"work": abs})
    assert (execution.output, execution.map_runs[0].status) == ([], "SUCCEEDED")
    assert execution.map_runs[0].execution_counts.total == 0


@pytest.mark.parametrize("most, elapsed", [(1, 30), (2, 20), (3, 10), (0, 10), (10_000, 10)])
def test_so_many_children_run_at_once(most: int, elapsed: int) -> None:
    state = distributed(chain(W={"Type": "Wait", "Seconds": 10}), MaxConcurrency=most)
    assert run_state(state, [1, 2, 3]).elapsed == elapsed


def test_more_than_forty_children_run_at_once() -> None:
    state = distributed(chain(W={"Type": "Wait", "Seconds": 1}))
    assert run_state(state, list(range(500))).elapsed == 1


def test_ten_thousand_children_run_at_once_and_no_more() -> None:
    state = distributed(chain(W={"Type": "Wait", "Seconds": 1}), ItemSelector={"n": 1}, ResultPath=None)
    assert run_state(state, [0] * 10_001).elapsed == 2


def test_a_map_run_and_its_parallel_sibling_share_one_clock() -> None:
    moments: list[tuple[str, float]] = []

    def note(payload: Any, context: Any) -> Any:
        moments.append((context.state_name, (context.now - start) / 1000))
        return payload

    wait = {"Type": "Wait", "Seconds": 2}
    start = 1_704_067_200_000
    mapped = chain(M=distributed(chain(A=wait, InChild=task("note")), MaxConcurrency=1))
    other = chain(B={"Type": "Wait", "Seconds": 3}, Beside=task("note"))
    run(chain(P=parallel(mapped, other)), [1, 2], tasks={"note": note})
    assert moments == [("InChild", 2), ("Beside", 3), ("InChild", 4)]


TOLERATED: list[tuple[dict[str, Any], int, str]] = [
    ({}, 0, "SUCCEEDED"),
    ({}, 1, "FAILED"),
    ({"ToleratedFailureCount": 2}, 2, "SUCCEEDED"),
    ({"ToleratedFailureCount": 2}, 3, "FAILED"),
    ({"ToleratedFailureCount": 0}, 1, "FAILED"),
    ({"ToleratedFailurePercentage": 20}, 2, "SUCCEEDED"),
    ({"ToleratedFailurePercentage": 20}, 3, "FAILED"),
    ({"ToleratedFailurePercentage": 19.9}, 2, "FAILED"),
    ({"ToleratedFailurePercentage": 100}, 10, "SUCCEEDED"),
    ({"ToleratedFailurePercentage": 0}, 1, "FAILED"),
    ({"ToleratedFailureCount": 5, "ToleratedFailurePercentage": 10}, 1, "SUCCEEDED"),
    ({"ToleratedFailureCount": 5, "ToleratedFailurePercentage": 10}, 2, "FAILED"),
    ({"ToleratedFailureCount": 1, "ToleratedFailurePercentage": 100}, 2, "FAILED"),
]


@pytest.mark.parametrize("fields, failures, status", TOLERATED)
def test_as_many_failures_as_the_threshold_are_tolerated_and_one_more_is_not(
    fields: dict[str, Any], failures: int, status: str
) -> None:
    state = distributed(WORK, **fields)
    execution = run_state(state, [1] * failures + [2] * (10 - failures), tasks={"work": odd_ones_fail})
    assert execution.status == status
    assert execution.map_runs[0].status == status


def test_the_paths_of_the_thresholds_are_read() -> None:
    state = distributed(WORK, ItemsPath="$.items", ToleratedFailureCountPath="$.most", MaxConcurrencyPath="$.at_once")
    tolerant = run_state(state, {"items": [1, 2], "most": 1, "at_once": 1}, tasks={"work": odd_ones_fail})
    assert (tolerant.status, tolerant.map_runs[0].max_concurrency) == ("SUCCEEDED", 1)


def test_a_map_run_beyond_its_threshold_fails_the_state_with_awss_error() -> None:
    execution = run_state(distributed(WORK, MaxConcurrency=1), [2, 1, 4], tasks={"work": odd_ones_fail})
    told = {
        "error": "States.ExceedToleratedFailureThreshold",
        "cause": "The specified tolerated failure threshold was exceeded",
    }
    assert chain_of_events(execution)[3:] == [
        (4, 3, "MapRunStarted"),
        (5, 4, "MapRunFailed"),
        (6, 5, "MapStateFailed"),
        (7, 6, "ExecutionFailed"),
    ]
    assert details(execution.history[4]) == details(execution.history[6]) == told
    counts = execution.map_runs[0].execution_counts
    assert (counts.succeeded, counts.failed, counts.pending) == (1, 1, 0)
    assert execution.map_runs[0].item_counts.pending == 1


def test_children_that_run_when_the_map_run_fails_are_aborted_and_ask_for_nothing_more() -> None:
    called: list[int] = []

    def fails_late(payload: int, context: Any) -> None:
        context.sleep(5)
        raise TaskError("Late")

    first = {"Type": "Choice", "Choices": [{"Variable": "$", "NumericEquals": 0, "Next": "Fails"}], "Default": "Wait"}
    wait = {"Type": "Wait", "Seconds": 60, "Next": "After"}
    processor = chain(First=first, Fails=task("fails", End=True), Wait=wait, After=task("after"))
    execution = run_state(distributed(processor), [0, 1, 2], tasks={"fails": fails_late, "after": called.append})
    counts = execution.map_runs[0].execution_counts
    assert (execution.elapsed, called, counts.failed, counts.aborted) == (5, [], 1, 2)


def test_a_tolerated_failure_stands_in_the_output_as_a_description_of_the_child() -> None:
    state = distributed(WORK, ToleratedFailureCount=1, Label="Each")
    output = run_state(state, [2, 3, 4], tasks={"work": odd_ones_fail}).output
    assert (output[0], output[2]) == (2, 4)
    kept = {key: output[1][key] for key in ("Status", "Error", "Cause", "Input", "RedriveCount", "StateMachineArn")}
    assert kept == {
        "Status": "FAILED",
        "Error": "Odd",
        "Cause": "3 is odd",
        "Input": "3",
        "RedriveCount": 0,
        "StateMachineArn": f"{ARN}:stateMachine:StateMachine/Each",
    }
    assert output[1]["ExecutionArn"] == f"{ARN}:execution:StateMachine/Each:{output[1]['Name']}"


TRANSFORMED: list[tuple[str, Any]] = [("COMPACT", [[1, 2], [3]]), ("FLATTEN", [1, 2, 3])]


@pytest.mark.parametrize("transformation, output", TRANSFORMED)
def test_writer_config_alone_forms_the_output(transformation: str, output: Any) -> None:
    state = distributed(chain(W=PASS), ResultWriter={"WriterConfig": {"Transformation": transformation}})
    assert run_state(state, [[1, 2], [3]]).output == output


def test_writer_config_none_describes_every_child() -> None:
    state = distributed(chain(W=PASS), ResultWriter={"WriterConfig": {"Transformation": "NONE"}})
    [described] = run_state(state, [{"n": 1}]).output
    assert (described["Status"], described["Output"], described["OutputDetails"]) == (
        "SUCCEEDED",
        '{"n":1}',
        {"Included": True},
    )
    assert described["RedriveStatusReason"] == "Execution is SUCCEEDED and cannot be redriven"


# --- inputs of children -----------------------------------------------------------------------------------------------

INPUTS: list[tuple[dict[str, Any], Any, Any]] = [
    ({}, [1, 2], [1, 2]),
    ({"ItemsPath": "$.items"}, {"items": [1, 2]}, [1, 2]),
    ({"ItemsPath": "$.o"}, {"o": {"a": 1}}, [{"Key": "a", "Value": 1}]),
    ({"ItemsPointer": "/deep/0"}, {"deep": [[1], [2]]}, [1]),
    ({"ItemSelector": {"i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value"}}, ["x"], [{"i": 0, "v": "x"}]),
    ({"ItemSelector": {"s.$": "$$.Map.Item.Source"}}, ["x"], [{"s": "STATE_DATA"}]),
    ({"ItemSelector": {"m.$": "$$.Map"}}, ["x"], [{"m": {"Item": {"Index": 0, "Value": "x", "Source": "STATE_DATA"}}}]),
    ({"ItemsPath": "$.o", "ItemSelector": {"k.$": "$$.Map.Item.Key"}}, {"o": {"a": 1}}, [{"k": "a"}]),
    ({"ItemsPath": "$.o", "ItemSelector": {"v.$": "$$.Map.Item.Value"}}, {"o": {"a": 1}}, [{"v": 1}]),
    ({"ItemSelector": {"all.$": "$.k"}, "ItemsPath": "$.items"}, {"items": [1, 2], "k": 9}, [{"all": 9}] * 2),
    ({"ItemBatcher": {"MaxItemsPerBatch": 2}}, [1, 2, 3], [{"Items": [1, 2]}, {"Items": [3]}]),
    ({"ItemBatcher": {"MaxItemsPerBatchPath": "$.n"}, "ItemsPath": "$.i"}, {"i": [1], "n": 5}, [{"Items": [1]}]),
    (
        {"ItemBatcher": {"MaxItemsPerBatch": 2, "BatchInput": {"by.$": "$[0]"}}},
        [7, 8],
        [{"BatchInput": {"by": 7}, "Items": [7, 8]}],
    ),
    (
        {"ItemBatcher": {"MaxItemsPerBatch": 9}, "ItemSelector": {"v.$": "$$.Map.Item.Value"}},
        [1, 2],
        [{"Items": [{"v": 1}, {"v": 2}]}],
    ),
    ({"ItemBatcher": {"MaxInputBytesPerBatch": 15}}, [11, 22, 33], [{"Items": [11]}, {"Items": [22]}, {"Items": [33]}]),
    ({"ItemBatcher": {"MaxInputBytesPerBatch": 17}}, [11, 22, 33], [{"Items": [11, 22]}, {"Items": [33]}]),
    ({"ItemBatcher": {"MaxInputBytesPerBatch": 5}}, ["long text", 1], [{"Items": ["long text"]}, {"Items": [1]}]),
]


@pytest.mark.parametrize("fields, input, inputs", INPUTS)
def test_a_childs_input(fields: dict[str, Any], input: Any, inputs: list[Any]) -> None:
    execution = run_state(distributed(chain(W=PASS), **fields), input)
    assert (execution.error, execution.output) == (None, inputs)


def test_a_batch_without_a_size_stays_within_what_an_input_may_be() -> None:
    execution = run_state(
        distributed(chain(W={"Type": "Pass", "Result": 1}), ItemBatcher={"MaxItemsPerBatch": 9}),
        ["x" * 80_000] * 3,
    )
    assert execution.output == [1]
    three = distributed(
        chain(W={"Type": "Pass", "Parameters": {"n.$": "States.ArrayLength($.Items)"}}),
        ItemSelector={"a.$": "$$.Map.Item.Value", "b.$": "$$.Map.Item.Value"},
        ItemBatcher={"MaxItemsPerBatch": 9},
    )
    assert run_state(three, ["x" * 80_000] * 3).output == [{"n": 1}] * 3


def test_the_items_of_a_failed_batch_all_count_as_failed() -> None:
    state = distributed(WORK, ItemBatcher={"MaxItemsPerBatch": 3}, ToleratedFailureCount=2)
    execution = run_state(state, [1, 2, 3, 4], tasks={"work": in_turn(TaskError("No"), 1)})
    assert execution.error == "States.ExceedToleratedFailureThreshold"
    assert execution.map_runs[0].item_counts.failed == 3
    assert execution.map_runs[0].execution_counts.failed == 1


def test_an_input_too_large_for_a_child_fails_the_map_run() -> None:
    selector = {"a.$": "$$.Map.Item.Value", "b.$": "$$.Map.Item.Value"}
    execution = run_state(distributed(chain(W=PASS), ItemSelector=selector), ["x" * 200_000])
    assert (execution.error, events(execution)[-3]) == ("States.DataLimitExceeded", "MapRunFailed")


def test_outputs_beyond_the_limit_fail_the_map_run_when_all_have_ended() -> None:
    done: list[int] = []

    def large(payload: int) -> str:
        done.append(payload)
        return "x" * 10_000

    execution = run_state(distributed(WORK, MaxConcurrency=1), list(range(40)), tasks={"work": large})
    assert (execution.error, len(done)) == ("States.DataLimitExceeded", 40)
    assert execution.cause == (
        "The state/task 'S' returned a result with a size exceeding the maximum number of bytes service limit."
    )


def test_a_selector_that_fails_fails_the_map_run() -> None:
    execution = run_state(distributed(chain(W=PASS), ItemSelector={"v.$": "$.none"}), [{"a": 1}])
    assert (execution.error, events(execution)[-3:]) == (
        "States.Runtime",
        ["MapRunFailed", "MapStateFailed", "ExecutionFailed"],
    )


def test_a_jsonata_map_evaluates_its_settings_and_items() -> None:
    state = distributed(
        chain(W={"Type": "Pass", "Output": "{% $states.input %}"}),
        Items="{% $states.input.rows %}",
        ItemSelector={"v": "{% $states.context.Map.Item.Value %}", "k": "{% $states.input.k %}"},
        ItemBatcher={"MaxItemsPerBatch": "{% $states.input.k %}", "BatchInput": "{% $states.input.k %}"},
        MaxConcurrency="{% 1 + 1 %}",
    )
    execution = run(chain(S=state) | {"QueryLanguage": "JSONata"}, {"rows": [1, 2, 3], "k": 2})
    first = {"BatchInput": 2, "Items": [{"v": 1, "k": 2}, {"v": 2, "k": 2}]}
    assert (execution.error, execution.output[0]) == (None, first)
    assert execution.map_runs[0].max_concurrency == 2


# --- what a child is --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("most", [1, 2, 10])
def test_express_children_are_timed_out_after_five_minutes_each(most: int) -> None:
    body = chain(W={"Type": "Wait", "SecondsPath": "$"})
    state = distributed(body, ItemsPath="$.items", MaxConcurrency=most, ToleratedFailureCount=2)
    state["ItemProcessor"]["ProcessorConfig"]["ExecutionType"] = "EXPRESS"
    execution = StateMachine.from_json(chain(S=state)).run({"items": [100, 400, 299, 900, 7]})
    [map_run] = execution.map_runs
    assert execution.status == "SUCCEEDED"
    assert (map_run.execution_counts.timed_out, map_run.execution_counts.succeeded) == (2, 3)
    assert [child.input for child in map_run.failures] == [400, 900]
    assert execution.elapsed == {1: 100 + 300 + 299 + 300 + 7, 2: 300 + 300, 10: 300}[most]


@pytest.mark.parametrize("kind, word", [("STANDARD", "execution"), ("EXPRESS", "express")])
def test_a_child_has_a_context_object_of_its_own(kind: str, word: str) -> None:
    processor = chain(W={"Type": "Pass", "Parameters": {"c.$": "$$"}})
    machine = StateMachine.from_json(chain(S=distributed(processor, kind, Label="Rows")), name="import")
    contexts = [child["c"] for child in machine.run(["a", "b"]).output]
    for context, item in zip(contexts, ["a", "b"], strict=True):
        execution = context["Execution"]
        assert execution["Id"] == f"{ARN}:{word}:import/Rows:{execution['Name']}"
        assert (execution["Input"], context["StateMachine"]) == (
            item,
            {"Id": f"{ARN}:stateMachine:import/Rows", "Name": "import/Rows"},
        )
        assert ("RedriveCount" in execution) == (kind == "STANDARD")
        assert "Map" not in context
    assert contexts[0]["Execution"]["Name"] != contexts[1]["Execution"]["Name"]


def test_a_map_run_without_a_label_keeps_one_for_its_place() -> None:
    first, second = (run_state(distributed(chain(W=PASS)), [1], seed=seed).map_runs[0] for seed in (1, 2))
    assert first.label == second.label
    assert first.map_run_arn != second.map_run_arn
    assert first.map_run_arn.startswith(f"{ARN}:mapRun:StateMachine/{first.label}:")


def test_a_child_does_not_see_the_parents_variables() -> None:
    processor = chain(W={"Type": "Pass", "Parameters": {"v.$": "$outer"}})
    definition = chain(A={"Type": "Pass", "Assign": {"outer": 1}, "Result": [1]}, S=distributed(processor))
    execution = run(definition)
    assert execution.status == "FAILED"
    [child] = execution.map_runs[0].failures
    assert (child.error, "outer" in (child.cause or "")) == ("States.Runtime", True)


def test_a_selector_sees_the_parents_variables() -> None:
    definition = chain(
        A={"Type": "Pass", "Assign": {"outer": 5}, "Result": [1]},
        S=distributed(chain(W=PASS), ItemSelector={"v.$": "$outer"}),
    )
    assert run(definition).output == [{"v": 5}]


def test_a_childs_history_is_its_own_and_does_not_count_for_the_parent() -> None:
    loop = chain(
        More={
            "Type": "Choice",
            "Choices": [{"Variable": "$.n", "NumericLessThan": 3_000, "Next": "Add"}],
            "Default": "E",
        },
        Add={"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "Next": "More"},
        E={"Type": "Succeed"},
    )
    execution = run_state(distributed(loop, ItemSelector={"n": 0}), [1, 2, 3])
    assert (execution.status, len(execution.history)) == ("SUCCEEDED", 8)


def test_the_history_of_every_child_can_be_read_when_progress_is_told_of_it() -> None:
    histories: list[list[tuple[int, int, str]]] = []

    def watch(map_run: Any) -> None:
        if map_run.ended_child is not None:
            histories.append(chain_of_events(map_run.ended_child))

    execution = run_state(distributed(WORK), [1, 2], tasks={"work": abs}, progress=watch)
    assert execution.map_runs[0].ended_child is None
    assert histories == 2 * [
        [
            (1, 0, "ExecutionStarted"),
            (2, 0, "TaskStateEntered"),
            (3, 2, "LambdaFunctionScheduled"),
            (4, 3, "LambdaFunctionStarted"),
            (5, 4, "LambdaFunctionSucceeded"),
            (6, 5, "TaskStateExited"),
            (7, 6, "ExecutionSucceeded"),
        ]
    ]


def test_the_first_child_that_failed_is_kept_with_its_history_and_its_own_map_runs() -> None:
    inner = distributed(WORK, ItemsPath="$", ToleratedFailureCount=1)
    processor = chain(Inner=inner, After=task("after"))
    tasks = {"work": odd_ones_fail, "after": failing("After")}
    execution = run(chain(Outer=distributed(processor, MaxConcurrency=1)), [[2, 3], [4]], tasks=tasks)
    first = execution.map_runs[0].first_failed
    assert first is not None
    assert (first.status, first.error, first.path) == ("FAILED", "After", ["Inner", "After"])
    assert first.state("Inner").input == [2, 3]
    nested = first.map_runs[0].first_failed
    assert nested is not None
    assert (nested.error, nested.path, nested.history[-1]["type"]) == ("Odd", ["W"], "ExecutionFailed")


def test_an_endless_standard_child_ends_at_the_event_limit() -> None:
    again = {"Type": "Choice", "Choices": [{"Variable": "$", "IsNull": True, "Next": "E"}], "Default": "A"}
    execution = run_state(distributed(chain(A=PASS, B=again, E={"Type": "Succeed"})), [1])
    [child] = execution.map_runs[0].failures
    assert (child.error, "25000" in (child.cause or "")) == ("States.Runtime", True)


def test_a_child_that_never_ends_is_stopped_by_max_transitions() -> None:
    again = {"Type": "Choice", "Choices": [{"Variable": "$", "IsNull": True, "Next": "E"}], "Default": "A"}
    machine = StateMachine.from_json(chain(S=distributed(chain(A=PASS, B=again, E={"Type": "Succeed"}))))
    execution = machine.start([1, 2], max_transitions=50)
    with pytest.raises(TransitionLimitError, match="more than 50 transitions"):
        execution.start(T0)
    assert execution.status == "ABORTED"


def test_the_scope_of_a_childs_task_names_its_map_and_its_index() -> None:
    scopes: list[Any] = []

    def note(payload: Any, context: Any) -> Any:
        scopes.append(context.scope)
        return payload

    inner = distributed(chain(P=parallel(chain(T=task("note")))), ItemsPath="$.rows")
    definition = chain(Outer=distributed(chain(Inner=inner)))
    run(definition, [{"rows": [1]}, {"rows": [1, 2]}], tasks={"note": note})
    assert sorted(scopes) == [
        (("Map", "Outer", 0), ("Map", "Inner", 0), ("Parallel", "P", 0)),
        (("Map", "Outer", 1), ("Map", "Inner", 0), ("Parallel", "P", 0)),
        (("Map", "Outer", 1), ("Map", "Inner", 1), ("Parallel", "P", 0)),
    ]


def test_a_retry_inside_a_child_is_the_childs_own_affair() -> None:
    processor = chain(W=task(Retry=[retrier("Busy", IntervalSeconds=3)]))
    execution = run_state(distributed(processor), [1], tasks={"work": in_turn(TaskError("Busy"), "fine")})
    assert (execution.output, execution.elapsed, len(execution.map_runs)) == (["fine"], 3, 1)


# --- nested, tried again, stopped -------------------------------------------------------------------------------------


def test_a_distributed_map_runs_in_a_distributed_map() -> None:
    inner = distributed(chain(W=task()), ItemsPath="$", MaxConcurrency=1)
    execution = run(chain(Outer=distributed(chain(Inner=inner))), [[1, 2], [3]], tasks={"work": lambda n: n * 10})
    assert execution.output == [[10, 20], [30]]
    assert [run.state_name for run in execution.map_runs] == ["Outer"]


def test_a_failure_in_a_nested_map_run_fails_the_outer_one() -> None:
    inner = distributed(chain(W=task()), ItemsPath="$")
    execution = run(chain(Outer=distributed(chain(Inner=inner))), [[2], [3]], tasks={"work": odd_ones_fail})
    assert execution.error == "States.ExceedToleratedFailureThreshold"
    [child] = execution.map_runs[0].failures
    assert (child.status, child.error) == ("FAILED", "States.ExceedToleratedFailureThreshold")


def test_a_retry_of_the_map_starts_a_new_map_run_with_all_items() -> None:
    seen: list[int] = []

    def work(payload: int) -> int:
        seen.append(payload)
        if seen.count(2) == 1 and payload == 2:
            raise TaskError("Once")
        return payload

    state = distributed(WORK, MaxConcurrency=1, Retry=[retrier("States.ALL", IntervalSeconds=7)])
    execution = run_state(state, [1, 2], tasks={"work": work})
    assert (execution.output, seen, execution.elapsed) == ([1, 2], [1, 2, 1, 2], 7)
    assert [run.status for run in execution.map_runs] == ["FAILED", "SUCCEEDED"]
    assert len({run.map_run_arn for run in execution.map_runs}) == 2
    assert [kind for kind in events(execution) if "MapRun" in kind or kind == "MapStateFailed"] == [
        "MapRunStarted",
        "MapRunFailed",
        "MapRunStarted",
        "MapRunSucceeded",
    ]


def test_a_catch_of_the_map_gets_the_map_runs_error() -> None:
    state = distributed(WORK, Catch=[catcher("Told", "States.ExceedToleratedFailureThreshold")])
    execution = run(chain(S={**state, "End": True}, Told=PASS), [1], tasks={"work": odd_ones_fail})
    assert execution.output["Error"] == "States.ExceedToleratedFailureThreshold"


def test_a_failing_sibling_aborts_the_map_run_and_its_children() -> None:
    slow = chain(M=distributed(chain(W={"Type": "Wait", "Seconds": 100})))
    other = chain(V={"Type": "Wait", "Seconds": 1}, F={"Type": "Fail", "Error": "Beside"})
    execution = run(chain(P=parallel(slow, other)), [1, 2])
    [run_] = execution.map_runs
    assert (execution.error, execution.elapsed, run_.status) == ("Beside", 1, "ABORTED")
    assert (run_.execution_counts.aborted, run_.execution_counts.running) == (2, 0)
    chain_ = {kind: (id_, previous) for id_, previous, kind in chain_of_events(execution)}
    assert chain_["MapRunAborted"][1] == chain_["MapRunStarted"][0]
    assert chain_["MapStateAborted"][1] == chain_["MapRunAborted"][0]


def test_the_time_out_of_the_machine_aborts_the_map_run() -> None:
    definition = chain(M=distributed(chain(W={"Type": "Wait", "Seconds": 100}))) | {"TimeoutSeconds": 3}
    execution = run(definition, [1])
    assert (execution.status, execution.map_runs[0].status) == ("TIMED_OUT", "ABORTED")
    assert execution.map_runs[0].stop_date == execution.start_time + 3_000


def test_settings_that_fail_after_the_map_state_started_fail_it_before_a_map_run_is_made() -> None:
    state = distributed(WORK, ItemsPath="$.items", ToleratedFailureCountPath="$.most")
    execution = run_state(state, {"items": [1], "most": "some"}, tasks={"work": abs})
    assert (execution.error, execution.map_runs) == ("States.Runtime", [])
    assert events(execution)[-2:] == ["MapStateStarted", "ExecutionFailed"]


def test_a_map_that_reads_items_needs_a_storage_before_anything_runs() -> None:
    reader = {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key": "k"}}
    called: list[Any] = []
    machine = StateMachine.from_json(chain(A=task("first"), S=distributed(chain(W=PASS), ItemReader=reader)))
    with pytest.raises(UnservedTaskError, match=r"the Map state 'S' reads its items with .*s3:getObject.* storage="):
        machine.run(tasks={"first": called.append})
    assert called == []


def test_progress_is_told_while_children_end() -> None:
    seen: list[tuple[str, int, int]] = []

    def watch(run: Any) -> None:
        seen.append((run.status, run.execution_counts.succeeded, run.execution_counts.running))

    run_state(distributed(WORK, MaxConcurrency=1), [1, 2], tasks={"work": failing("x") and abs}, progress=watch)
    assert seen == [("RUNNING", 0, 0), ("RUNNING", 1, 0), ("RUNNING", 2, 0), ("SUCCEEDED", 2, 0)]


def test_what_describe_map_run_would_say() -> None:
    execution = run_state(distributed(WORK, ToleratedFailureCount=1), [1, 2], tasks={"work": odd_ones_fail})
    described = execution.map_runs[0].as_json()
    counts = {"pending": 0, "running": 0, "succeeded": 1, "failed": 1, "timedOut": 0, "aborted": 0, "total": 2}
    assert described["itemCounts"] == described["executionCounts"] == {**counts, "resultsWritten": 2}
    assert (described["status"], described["toleratedFailureCount"], described["maxConcurrency"]) == (
        "SUCCEEDED",
        1,
        10_000,
    )
