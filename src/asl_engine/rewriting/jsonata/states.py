"""One state in JSONata: what each field of each state type becomes, in the order in which JSONPath works.

raw input -> InputPath -> Parameters -> (work) -> ResultSelector -> ResultPath into the raw input -> OutputPath. The
parts are composed as values and written once, as Arguments before the work and Output after it; fields that say
nothing are left out. What JSONPath would read without using it is still asked for, since it would fail where it is
missing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from asl_engine.jsonvalue import Json
from asl_engine.query.jsonpath.syntax import parse_reference_path
from asl_engine.rewriting.jsonata.choices import condition
from asl_engine.rewriting.jsonata.intrinsics import computed
from asl_engine.rewriting.jsonata.paths import read
from asl_engine.rewriting.jsonata.report import CHANGES, Site
from asl_engine.rewriting.jsonata.values import (
    ERROR_OUTPUT,
    INPUT,
    NUMBER,
    RESULT,
    Merged,
    Value,
    also_needing,
    as_expr,
    as_template,
    atoms,
    combined,
    step,
)

State: TypeAlias = dict[str, Json]
Turn: TypeAlias = Callable[[State, Site], State]
"""(state, site) -> the fields that take the place of those in REPLACED."""

REPLACED = frozenset(
    {
        *("QueryLanguage", "InputPath", "Parameters", "ResultSelector", "ResultPath", "OutputPath", "Assign", "Result"),
        *("SecondsPath", "TimestampPath", "TimeoutSecondsPath", "HeartbeatSecondsPath", "ErrorPath", "CausePath"),
        *("ItemsPath", "ItemSelector", "MaxConcurrencyPath", "ToleratedFailureCountPath", "Credentials", "Iterator"),
        *("ToleratedFailurePercentagePath", "Choices", "Catch"),
    }
)
TAKES_EVALUATION = frozenset({"States.ALL", "States.TaskFailed"})
PLAIN = frozenset({"{% $states.input %}", "{% $states.result %}", "{% $states.errorOutput %}"})


def turned(state: State, site: Site) -> State:
    """The state in JSONata. Raises NotTurned, the reason noted."""
    fields = {name: item for name, item in state.items() if name not in REPLACED}
    fields |= {name: as_template(fields[name]) for name in ("Error", "Cause") if name in fields}
    fields |= TURNS[state["Type"]](state, site)
    _tell_of_errors(state, fields, site)
    return fields


def _tell_of_errors(state: State, fields: State, site: Site) -> None:
    """JSONPath's failures are States.Runtime, which nothing takes."""
    for name in ("Retry", "Catch"):
        if _evaluates(fields) and any(TAKES_EVALUATION & set(item["ErrorEquals"]) for item in state.get(name, ())):
            message = "takes a failing expression too (States.QueryEvaluationError); a failing path was States.Runtime"
            site.at(name).note(CHANGES, f"{message}, which nothing takes")


def _evaluates(value: Json) -> bool:
    if isinstance(value, dict):
        return any(_evaluates(item) for key, item in value.items() if key not in ("ItemProcessor", "Branches", "Catch"))
    if isinstance(value, list):
        return any(map(_evaluates, value))
    return isinstance(value, str) and value.startswith("{%") and value not in PLAIN


# --- the pipeline -----------------------------------------------------------------------------------------------------


def template(value: Json, document: Value, site: Site) -> Value:
    """A payload template, filled from the document."""
    if isinstance(value, list):
        return [template(item, document, site.at(index)) for index, item in enumerate(value)]
    return _object(value, document, site) if isinstance(value, dict) else value


def _object(value: State, document: Value, site: Site) -> State:
    filled: State = {}
    for key, item in value.items():
        if key.endswith(".$"):
            filled[key.removesuffix(".$")] = computed(item, document, site.at(key))
        else:
            filled[key] = template(item, document, site.at(key))
    return filled


def _selected(state: State, document: Value, site: Site, name: str = "InputPath") -> Value:
    """InputPath or OutputPath; null gives {}."""
    path = state.get(name, "$")
    return {} if path is None else read(path, document, site.at(name))


def _filled(state: State, name: str, document: Value, site: Site) -> Value:
    return template(state[name], document, site.at(name)) if name in state else document


def _put(owner: State, value: Value, site: Site) -> Value:
    """ResultPath: the raw input with the value in it; null discards the value, `$` all else."""
    path = owner.get("ResultPath", "$")
    if path is None:
        return INPUT
    keys = parse_reference_path(path)
    return Merged(INPUT, _names(path, keys, site.at("ResultPath")), value) if keys else value


def _names(path: str, keys: tuple[str | int, ...], site: Site) -> tuple[str, ...]:
    """The keys, all of which must be names to be turned."""
    site.assumes("the state's input is an object, not an array of objects, where a result is put into it")
    for key in keys:
        if isinstance(key, int):
            site.refuse(f"{path} puts the result into an array, which has no exact counterpart in JSONata")
        try:
            step(key)
        except ValueError as error:
            site.refuse(str(error))
    return tuple(map(str, keys))


def _output(state: State, result: Value, site: Site) -> Value:
    """ResultSelector, ResultPath and OutputPath."""
    chosen = _filled(state, "ResultSelector", result, site)
    merged = _put(state, chosen, site)
    output = _selected(state, merged, site, "OutputPath")
    return also_needing(output, (*atoms(chosen), *atoms(merged)))


def _leaving(state: State, site: Site) -> State:
    """Output, Assign and Catch of a state whose work has a result."""
    output = _unless("Output", _output(state, RESULT, site), RESULT)
    return _caught(state, site) | _assigned(state, RESULT, site) | output


def _unless(name: str, value: Value, unchanged: Value) -> State:
    return {} if value == unchanged else {name: as_template(value)}


def _assigned(owner: State, document: Value, site: Site) -> State:
    if "Assign" not in owner:
        return {}
    filled = _object(owner["Assign"], document, site.at("Assign"))
    for name in filled:
        if not name.isascii():
            site.at("Assign", name).refuse(f"the variable '${name}' has letters that JSONata does not take in a name")
    return {"Assign": as_template(filled)}


def _caught(state: State, site: Site) -> State:
    if "Catch" not in state:
        return {}
    return {"Catch": [_catcher(item, site.at("Catch", index)) for index, item in enumerate(state["Catch"])]}


def _catcher(catcher: State, site: Site) -> State:
    fields = {name: item for name, item in catcher.items() if name not in ("ResultPath", "Assign")}
    output = _put(catcher, ERROR_OUTPUT, site)
    return fields | _assigned(catcher, ERROR_OUTPUT, site) | _unless("Output", output, ERROR_OUTPUT)


def _numbers(state: State, document: Value, site: Site, *names: str) -> State:
    """The fields that stand in for `<name>Path`. JSONPath takes the text of a number for the number."""
    fields: State = {}
    for name in names:
        path = f"{name}Path"
        if path in state:
            expr = as_expr(read(state[path], document, site.at(path)))
            fields[name] = as_template(combined(f"$number({expr.text})", NUMBER, [expr]))
    return fields


# --- the state types --------------------------------------------------------------------------------------------------


def _pass(state: State, site: Site) -> State:
    selected = _selected(state, INPUT, site)
    effective = also_needing(_filled(state, "Parameters", selected, site), atoms(selected))
    result = state.get("Result", effective)
    output = also_needing(_output(state, result, site), atoms(effective))
    return _assigned(state, result, site) | _unless("Output", output, INPUT)


def _arguments(state: State, site: Site) -> State:
    selected = _selected(state, INPUT, site)
    effective = also_needing(_filled(state, "Parameters", selected, site), atoms(selected))
    return _unless("Arguments", effective, INPUT)


def _task(state: State, site: Site) -> State:
    fields = _numbers(state, _selected(state, INPUT, site), site, "TimeoutSeconds", "HeartbeatSeconds")
    if "Credentials" in state:
        fields["Credentials"] = as_template(template(state["Credentials"], INPUT, site.at("Credentials")))
    return fields | _arguments(state, site) | _leaving(state, site)


def _parallel(state: State, site: Site) -> State:
    return _arguments(state, site) | _leaving(state, site)


_LIMITS = ("MaxConcurrency", "ToleratedFailureCount", "ToleratedFailurePercentage")


def _map(state: State, site: Site) -> State:
    """`Iterator` and `Parameters` are the older names of ItemProcessor and ItemSelector."""
    selected = _selected(state, INPUT, site)
    items = read(state.get("ItemsPath", "$"), selected, site.at("ItemsPath"))
    items = also_needing(items, atoms(selected))
    fields = {"Items": as_template(items)} if "ItemsPath" in state else _unless("Items", items, INPUT)
    if "ItemsPath" not in state and selected != INPUT:
        site.assumes("InputPath selects an array; Items takes an object too")
    fields |= _numbers(state, selected, site, *_LIMITS)
    for name in {"Parameters", "ItemSelector"} & state.keys():
        fields["ItemSelector"] = as_template(template(state[name], selected, site.at(name)))
    fields |= _distributed(state, selected, site)
    if "Iterator" in state:
        fields["ItemProcessor"] = state["Iterator"]
    return fields | _leaving(state, site)


def _distributed(state: State, document: Value, site: Site) -> State:
    """The parts of a distributed Map: what they read is what the Map's other paths read."""
    fields: State = {}
    for name in DISTRIBUTED & state.keys():
        part, place = dict(state[name]), site.at(name)
        part |= _numbers(part, document, place, "MaxItemsPerBatch", "MaxInputBytesPerBatch")
        for old, new in (("Parameters", "Arguments"), ("BatchInput", "BatchInput")):
            if old in part:
                part[new] = as_template(template(part[old], document, place.at(old)))
        if "ReaderConfig" in part:
            config = part["ReaderConfig"]
            part["ReaderConfig"] = _without_paths(
                config | _numbers(config, document, place.at("ReaderConfig"), "MaxItems")
            )
        fields[name] = _without_paths(part)
    return fields


DISTRIBUTED = frozenset({"ItemReader", "ItemBatcher", "ResultWriter"})


def _without_paths(part: State) -> State:
    return {name: item for name, item in part.items() if name != "Parameters" and not name.endswith("Path")}


def _choice(state: State, site: Site) -> State:
    """A rule that holds has an Output of its own; the state's counts for Default."""
    selected = _selected(state, INPUT, site)
    output = _input_output(state, site)
    rules = [_rule(rule, selected, output, site.at("Choices", index)) for index, rule in enumerate(state["Choices"])]
    return {"Choices": rules} | _assigned(state, selected, site) | output


def _rule(rule: State, document: Value, output: State, site: Site) -> State:
    fields: State = {name: rule[name] for name in ("Comment", "Next") if name in rule}
    fields["Condition"] = condition(rule, document, site)
    return fields | _assigned(rule, document, site) | output


def _input_output(state: State, site: Site) -> State:
    """Output of a state that does nothing between InputPath and OutputPath."""
    selected = _selected(state, INPUT, site)
    output = _selected(state, selected, site, "OutputPath")
    return _unless("Output", also_needing(output, atoms(selected)), INPUT)


def _wait(state: State, site: Site) -> State:
    selected = _selected(state, INPUT, site)
    fields = _numbers(state, selected, site, "Seconds")
    if "TimestampPath" in state:
        fields["Timestamp"] = as_template(read(state["TimestampPath"], selected, site.at("TimestampPath")))
    return fields | _assigned(state, selected, site) | _input_output(state, site)


def _fail(state: State, site: Site) -> State:
    return {
        name: as_template(computed(state[f"{name}Path"], INPUT, site.at(f"{name}Path")))
        for name in ("Error", "Cause")
        if f"{name}Path" in state
    }


TURNS: dict[str, Turn] = {
    "Pass": _pass,
    "Task": _task,
    "Choice": _choice,
    "Wait": _wait,
    "Succeed": _input_output,
    "Fail": _fail,
    "Parallel": _parallel,
    "Map": _map,
}
