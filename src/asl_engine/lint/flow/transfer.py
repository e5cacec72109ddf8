"""What each state type does to shapes: from a visit to the ways out of the state, one function a state type.

A way out `fails` where something on it is sure to fail: what comes before the work fails them all, but for Catch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from asl_engine.definition.fields import ABSENT
from asl_engine.lint.flow.choosing import choice_ways
from asl_engine.lint.flow.shape import (
    ANY_NUMBER,
    ANY_OBJECT,
    ANY_STRING,
    ANYTHING,
    ARRAY,
    EMPTY_OBJECT,
    NEVER,
    OBJECT,
    STRING,
    Member,
    Shape,
    any_field,
    any_item,
    array_of,
    fields_of,
    is_never,
    join,
    list_of,
    literal,
    object_of,
)
from asl_engine.lint.flow.visit import Visit
from asl_engine.lint.flow.ways import (
    ERROR_OUTPUT,
    Exit,
    Inside,
    Outputs,
    Ways,
    caught,
    chosen,
    filled,
    finish,
    maybe,
    number,
    payload,
    selected,
    sent,
    typed,
)
from asl_engine.lint.visits import resource_of
from asl_engine.timestamp import parse_timestamp

LAMBDA_RESULT = object_of(
    {
        "ExecutedVersion": Member(ANY_STRING, False),
        "Payload": Member(ANYTHING, True),
        "SdkHttpMetadata": Member(ANY_OBJECT, True),
        "SdkResponseMetadata": Member(ANY_OBJECT, True),
        "StatusCode": Member(ANY_NUMBER, True),
        "FunctionError": Member(ANY_STRING, False),
        "LogResult": Member(ANY_STRING, False),
    }
)
"""What `lambda:invoke` gives (recorded); the last two only for some calls."""


def transfer(visit: Visit, outputs: Outputs) -> Ways:
    """Where the state leads, from what is known of its input."""
    return TRANSFERS[visit.state.type](visit, outputs)


def _pass(visit: Visit, outputs: Outputs) -> Ways:
    state = visit.state
    document = selected(visit)
    result = document if visit.jsonata else filled(visit, state.parameters, document, "Parameters")
    if state.result is not ABSENT:
        result = literal(state.result)
    return Ways([], [finish(visit, result, visit.failures > 0)])


def _wait(visit: Visit, outputs: Outputs) -> Ways:
    state = visit.state
    document = selected(visit)
    number(visit, "Seconds", state.seconds, state.seconds_path, document)
    typed(
        visit,
        "Timestamp",
        state.timestamp,
        state.timestamp_path,
        document,
        frozenset({STRING}),
        lambda given: parse_timestamp(given),
    )
    return Ways([], [finish(visit, document, visit.failures > 0)])


def _succeed(visit: Visit, outputs: Outputs) -> Ways:
    document = selected(visit)
    view = visit.view(document)
    if visit.jsonata:
        document = maybe(visit, visit.state.output, view, f"{visit.pointer}/Output", document)
    else:
        document = chosen(visit, visit.state.output_path, document, "OutputPath")
    return Ways([], [Exit(None, document, visit.variables, visit.failures > 0)])


def _fail(visit: Visit, outputs: Outputs) -> Ways:
    state = visit.state
    view = visit.view(visit.input)
    for field, value, path in (("Error", state.error, state.error_path), ("Cause", state.cause, state.cause_path)):
        if path is not None:
            found = visit.text(path, view, f"{visit.pointer}/{field}Path")
            visit.of_kind(found, frozenset({STRING}), path, f"{visit.pointer}/{field}Path")
        elif value is not None:
            visit.of_kind(
                visit.template(value, view, f"{visit.pointer}/{field}"),
                frozenset({STRING}),
                value,
                f"{visit.pointer}/{field}",
            )
    return Ways([], [])


def _task(visit: Visit, outputs: Outputs) -> Ways:
    state = visit.state
    document = selected(visit)
    sent(visit, document)
    number(visit, "TimeoutSeconds", state.timeout_seconds, state.timeout_seconds_path, document)
    number(visit, "HeartbeatSeconds", state.heartbeat_seconds, state.heartbeat_seconds_path, document)
    filled(visit, state.credentials, visit.input, "Credentials")
    resource = resource_of(state.resource)
    result = LAMBDA_RESULT if resource.is_lambda_invoke and not resource.pattern else ANYTHING
    return Ways([], [finish(visit, result, visit.failures > 0, shown=True), *caught(visit)])


def _parallel(visit: Visit, outputs: Outputs) -> Ways:
    document = payload(visit, selected(visit))
    failed = visit.failures > 0
    inside = [Inside(branch, document, visit.variables, failed) for branch in visit.state.branches]
    results = [outputs(branch) for branch in visit.state.branches]
    exits = list(caught(visit))
    if not any(map(is_never, results)):
        exits.append(finish(visit, array_of(results), failed, shown=True))
    return Ways(inside, exits)


def _map(visit: Visit, outputs: Outputs) -> Ways:
    state = visit.state
    document = selected(visit)
    item = _item_of(visit, document)
    number(visit, "MaxConcurrency", state.max_concurrency, state.max_concurrency_path, document)
    _limits(visit, document)
    _storage(visit, document)
    failed = visit.failures > 0
    [machine] = state.machines()
    distributed = state.distributed
    exits = list(caught(visit))
    inside = []
    if not is_never(item):
        variables = EMPTY_OBJECT if distributed else visit.variables
        inside.append(Inside(machine, _child_input(visit, document, item), variables, failed))
    exits.append(finish(visit, _map_result(state, outputs(machine), distributed), failed, shown=True))
    return Ways(inside, exits)


def _limits(visit: Visit, document: Shape) -> None:
    for path, field in (
        (visit.state.tolerated_failure_count_path, "ToleratedFailureCountPath"),
        (visit.state.tolerated_failure_percentage_path, "ToleratedFailurePercentagePath"),
    ):
        if path is not None:
            visit.path(path, visit.view(document), f"{visit.pointer}/{field}")


def _storage(visit: Visit, document: Shape) -> None:
    """What a distributed Map tells the storage that it reads from and writes to."""
    view = visit.view(document)
    for stored, field in ((visit.state.item_reader, "ItemReader"), (visit.state.result_writer, "ResultWriter")):
        if stored is not None:
            told, name = (stored.arguments, "Arguments") if visit.jsonata else (stored.parameters, "Parameters")
            if told is not ABSENT and told is not None:
                visit.template(told, view, f"{visit.pointer}/{field}/{name}")


def _item_of(visit: Visit, document: Shape) -> Shape:
    """What an item may be. An object's members are items only where a path or Items names the object."""
    state = visit.state
    pointer = f"{visit.pointer}/ItemsPath"
    if state.item_reader is not None or state.items_pointer is not None:
        return ANYTHING
    items, text, allowed = document, "$", frozenset({ARRAY, OBJECT})
    if state.items is not ABSENT:
        text, pointer = "Items", f"{visit.pointer}/Items"
        items = visit.template(state.items, visit.view(document), pointer)
    elif state.items_path is not None:
        text = state.items_path
        items = visit.path(text, visit.view(document), pointer)
    else:
        pointer, allowed = visit.pointer, frozenset({ARRAY})
    visit.of_kind(items, allowed, text, pointer)
    of_object = fields_of(Key=ANY_STRING, Value=any_field(items))
    return join(any_item(items), NEVER if OBJECT not in allowed or is_never(any_field(items)) else of_object)


def _child_input(visit: Visit, document: Shape, item: Shape) -> Shape:
    """ItemSelector, then ItemBatcher."""
    state = visit.state
    name = "ItemSelector" if state.item_selector is not None else "Parameters"
    selector = state.parameters if state.item_selector is None else state.item_selector
    visit.item = ANYTHING if item.fields and "Key" in item.fields.known else item
    shape = item if selector is None else filled(visit, selector, document, name)
    visit.item = None
    return shape if state.item_batcher is None else _batch(visit, document, shape)


def _batch(visit: Visit, document: Shape, item: Shape) -> Shape:
    """What a child execution gets of an ItemBatcher: some of the items, and BatchInput where there is one."""
    given = visit.state.item_batcher.batch_input
    known = {"Items": Member(list_of(item), True)}
    if given is not ABSENT:
        shape = visit.template(given, visit.view(document), f"{visit.pointer}/ItemBatcher/BatchInput")
        known["BatchInput"] = Member(shape, True)
    return object_of(known)


def _map_result(state: Any, output: Shape, distributed: bool) -> Shape:
    """An array of the iterations' outputs; a failure that is tolerated leaves its Error Output."""
    limits = (
        state.tolerated_failure_count,
        state.tolerated_failure_count_path,
        state.tolerated_failure_percentage,
        state.tolerated_failure_percentage_path,
    )
    if state.result_writer is not None:
        return ANYTHING
    if all(limit is None for limit in limits):
        return list_of(output)
    return list_of(ANYTHING if distributed else join(output, ERROR_OUTPUT))


TRANSFERS: Mapping[str, Callable[[Visit, Outputs], Ways]] = {
    "Pass": _pass,
    "Task": _task,
    "Choice": choice_ways,
    "Wait": _wait,
    "Succeed": _succeed,
    "Fail": _fail,
    "Parallel": _parallel,
    "Map": _map,
}
