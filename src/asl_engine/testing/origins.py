"""Where a value comes from: the place in the machine's input, or in a task's result, that a later state's path reads.

A document is a *view*: a function from keys (`("order", "id")`) to an *origin*, which is a place from outside
(`Place`), a constant (`Constant`), or None where it is neither or cannot be told. The states of a walk turn one view
into the next. The rule that keeps it whole: an origin is never guessed, None is always an honest answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from asl_engine.definition.fields import ABSENT, JSONATA
from asl_engine.jsonvalue import Json
from asl_engine.query.jsonata import syntax as s
from asl_engine.query.jsonata.messages import JsonataError
from asl_engine.query.jsonata.parser import parse
from asl_engine.query.jsonata_language import expression_text, is_expression
from asl_engine.query.jsonpath.segments import leading_keys
from asl_engine.query.jsonpath.syntax import InvalidPath, parse_path
from asl_engine.states.resource import parse_resource

Key: TypeAlias = str | int
Keys: TypeAlias = tuple[Key, ...]

INPUT = ""
"""The root of a place in the machine's input; the root of a place in a task's result is the state's name."""


class Place(NamedTuple):
    """A place in what comes from outside."""

    root: str
    keys: Keys


class Constant(NamedTuple):
    """A value that the definition fixes; ABSENT where it fixes that there is none."""

    value: Json


Origin: TypeAlias = Place | Constant | None
View: TypeAlias = Callable[[Keys], Origin]


class Flow(NamedTuple):
    """What is known where a state begins: the views of its input, of the variables, and of a Map's item around it."""

    document: View
    variables: Mapping[str, View]
    item: View

    def context(self, keys: Keys) -> Origin:
        """The view of the context object."""
        if keys[:2] == ("Execution", "Input"):
            return Place(INPUT, keys[2:])
        if keys[:3] == ("Map", "Item", "Value"):
            return self.item(keys[3:])
        return Constant(0) if keys == ("Map", "Item", "Index") else None


def at_the_start() -> Flow:
    """Where the machine begins."""
    return Flow(outside(INPUT), {}, unknown)


def outside(root: str) -> View:
    """The view of what comes from outside."""
    return lambda keys: Place(root, keys)


def unknown(keys: Keys) -> Origin:
    """The view of a document of which nothing is known."""
    return None


def constant(value: Json) -> View:
    """The view of a value that the definition holds."""

    def view(keys: Keys) -> Origin:
        found = value
        for key in keys:
            found = member(found, key)
        return Constant(found)

    return view


def member(value: Json, key: Key) -> Json:
    """A member of an object or an item of an array, ABSENT where there is none."""
    if isinstance(value, dict):
        return value.get(key, ABSENT)
    return value[key] if isinstance(value, list) and isinstance(key, int) and key < len(value) else ABSENT


def below(view: View, prefix: Keys) -> View:
    """What stands at some keys of a document."""
    return view if not prefix else lambda keys: view(prefix + keys)


# --- JSONPath ---------------------------------------------------------------------------------------------------------

_ROOT = re.compile(r"\$(\$|[^\W\d]\w*)?")


def read_path(text: str, document: View, flow: Flow) -> View:
    """What a path selects; unknown for paths that may select several values, and for intrinsic functions."""
    root = _ROOT.match(text)
    keys = None if root is None else plain_keys("$" + text[root.end() :])
    if root is None or keys is None:
        return unknown
    name = root[1]
    if name is None:
        return below(document, keys)
    return below(flow.context if name == "$" else flow.variables.get(name, unknown), keys)


def plain_keys(path: str) -> Keys | None:
    """The names and positions of a path that has nothing else, None for any other."""
    try:
        segments = parse_path(path).segments
    except InvalidPath:
        return None
    keys = leading_keys(segments)
    return keys if len(keys) == len(segments) else None


def payload_template(template: Json, document: View, flow: Flow) -> View:
    """What a payload template gives."""

    def view(keys: Keys) -> Origin:
        here = template
        for place, key in enumerate(keys):
            if isinstance(here, dict) and f"{key}.$" in here:
                return read_path(here[f"{key}.$"], document, flow)(keys[place + 1 :])
            here = member(here, key)
        return None if _holds_paths(here) else Constant(here)

    return view


def _holds_paths(template: Json) -> bool:
    if isinstance(template, dict):
        return any(key.endswith(".$") or _holds_paths(item) for key, item in template.items())
    return isinstance(template, list) and any(map(_holds_paths, template))


# --- JSONata ----------------------------------------------------------------------------------------------------------


def jsonata_template(template: Json, states: Mapping[str, View], flow: Flow) -> View:
    """What a template with `{% %}` leaves gives; `states` holds the views of the fields of `$states`."""
    if is_expression(template):
        return _tree_view(_parsed(template), states, flow)

    def view(keys: Keys) -> Origin:
        if not keys:
            return None if _holds_expressions(template) else Constant(template)
        inner = member(template, keys[0])
        return Constant(ABSENT) if inner is ABSENT else jsonata_template(inner, states, flow)(keys[1:])

    return view


def _holds_expressions(template: Json) -> bool:
    if isinstance(template, dict):
        return any(map(_holds_expressions, template.values()))
    return any(map(_holds_expressions, template)) if isinstance(template, list) else is_expression(template)


def _parsed(text: str) -> s.Tree:
    try:
        return parse(expression_text(text))
    except JsonataError:
        return None


def _tree_view(tree: s.Tree, states: Mapping[str, View], flow: Flow) -> View:
    path = path_of(tree)
    if path is not None:
        return variable_view(path[0], path[1], states, flow)
    if isinstance(tree, s.Literal):
        return constant(tree.value)
    if isinstance(tree, s.Block) and len(tree.expressions) == 1:
        return _tree_view(tree.expressions[0], states, flow)
    if isinstance(tree, s.ObjectOf) and all(isinstance(key, s.Literal) for key, _ in tree.pairs):
        return _object_view({key.value: _tree_view(value, states, flow) for key, value in tree.pairs})
    if isinstance(tree, s.Call) and tree.procedure == s.Variable("merge") and len(tree.arguments) == 1:
        merged = tree.arguments[0]
        if isinstance(merged, s.ArrayOf):
            return _merged_view([_tree_view(item, states, flow) for item in merged.items])
    return unknown


def path_of(tree: s.Tree) -> tuple[str, Keys] | None:
    """(variable, keys) of `$variable.a.b[0]`, None for any other expression."""
    if isinstance(tree, s.Variable) and tree.name not in ("", "$"):
        return tree.name, ()
    if isinstance(tree, s.Binary) and tree.op == ".":
        lhs = path_of(tree.lhs)
        return (lhs[0], (*lhs[1], tree.rhs.value)) if lhs and isinstance(tree.rhs, s.Name) else None
    if isinstance(tree, s.Filter) and isinstance(tree.predicate, s.Literal) and type(tree.predicate.value) is int:
        inner, position = tree.lhs, tree.predicate.value
        path = path_of(inner)
        return (path[0], (*path[1], position)) if path and position >= 0 else None
    return None


def variable_view(name: str, keys: Keys, states: Mapping[str, View], flow: Flow) -> View:
    """What stands at some keys of a variable, `$states` among them."""
    if name != "states":
        return below(flow.variables.get(name, unknown), keys)
    if not keys:
        return unknown
    view = flow.context if keys[0] == "context" else states.get(str(keys[0]), unknown)
    return below(view, keys[1:])


def _object_view(members: Mapping[str, View]) -> View:
    def view(keys: Keys) -> Origin:
        if not keys:
            return None
        found = members.get(str(keys[0]))
        return found(keys[1:]) if found else Constant(ABSENT)

    return view


def _merged_view(views: list[View]) -> View:
    """The last object that has a member gives it; whether one from outside has it is up to what comes from there."""

    def view(keys: Keys) -> Origin:
        if not keys:
            return None
        for later in reversed(views):
            origin = later(keys)
            if origin != Constant(ABSENT):
                return origin
        return Constant(ABSENT)

    return view


# --- states -----------------------------------------------------------------------------------------------------------


def effective_input(state: Any, flow: Flow) -> View:
    """What the state's work gets: InputPath and Parameters, or Arguments."""
    if state.query_language == JSONATA:
        if state.arguments is ABSENT:
            return flow.document
        return jsonata_template(state.arguments, {"input": flow.document}, flow)
    selected = selected_input(state, flow)
    return selected if state.parameters is None else payload_template(state.parameters, selected, flow)


def selected_input(state: Any, flow: Flow) -> View:
    """What the state's expressions read: its input, in JSONPath after InputPath."""
    return flow.document if state.query_language == JSONATA else _selected(state.input_path, flow.document, flow)


def merged_output(state: Any, flow: Flow) -> View:
    """What OutputPath of a JSONPath state selects from."""
    result = result_of(state, flow)
    selected = result if state.result_selector is None else payload_template(state.result_selector, result, flow)
    return _merged(state.result_path, selected, flow) if "ResultPath" in state.takes else selected


def _selected(path: str | None, document: View, flow: Flow) -> View:
    return constant({}) if path is None else read_path(path, document, flow)


def after_state(state: Any, flow: Flow) -> Flow:
    """Where the state leaves by its Next, or a Choice by its Default."""
    return _left(state.output, state.assign, state, result_of(state, flow), flow)


def after_rule(state: Any, rule: Any, flow: Flow) -> Flow:
    """Where a Choice state leaves by one of its rules."""
    return _left(rule.output, rule.assign, state, result_of(state, flow), flow)


def after_catch(state: Any, catcher: Any, flow: Flow) -> Flow:
    """Where a state leaves by one of its catchers."""
    if state.query_language == JSONATA:
        states = {"input": flow.document, "errorOutput": unknown}
        output = unknown if catcher.output is ABSENT else jsonata_template(catcher.output, states, flow)
        return Flow(output, _assigned(catcher.assign, unknown, states, flow), flow.item)
    output = _merged(catcher.result_path, unknown, flow)
    return Flow(output, _assigned(catcher.assign, unknown, None, flow), flow.item)


def _left(output: Json, assign: Json, state: Any, result: View, flow: Flow) -> Flow:
    if state.query_language == JSONATA:
        states = {"input": flow.document, "result": result}
        given = result if output is ABSENT else jsonata_template(output, states, flow)
        return Flow(given, _assigned(assign, result, states, flow), flow.item)
    document = _selected(state.output_path, merged_output(state, flow), flow)
    return Flow(document, _assigned(assign, result, None, flow), flow.item)


def result_of(state: Any, flow: Flow) -> View:
    """What the state's work gives."""
    if state.type == "Task":
        return _task_result(state)
    if state.type in ("Parallel", "Map"):
        return unknown
    if getattr(state, "result", ABSENT) is not ABSENT:
        return constant(state.result)
    return effective_input(state, flow)


def _task_result(state: Any) -> View:
    """What the callable returns is the result, but for `lambda:invoke` its Payload (unless a token brings it)."""
    answer = outside(state.name)
    resource = parse_resource(state.resource)
    if not resource.is_lambda_invoke or resource.pattern:
        return answer
    return lambda keys: answer(keys[1:]) if keys[:1] == ("Payload",) else None


def _merged(reference_path: str | None, result: View, flow: Flow) -> View:
    if reference_path is None:
        return flow.document
    prefix = plain_keys(reference_path)
    if prefix is None:
        return unknown

    def view(keys: Keys) -> Origin:
        if keys[: len(prefix)] == prefix:
            return result(keys[len(prefix) :])
        return None if prefix[: len(keys)] == keys else flow.document(keys)

    return view


def _assigned(assign: Json, result: View, states: Mapping[str, View] | None, flow: Flow) -> Mapping[str, View]:
    """The variables that are visible after `Assign`."""
    if not assign:
        return flow.variables
    if states is None:
        template = payload_template(assign, result, flow)
    else:
        template = jsonata_template(assign, states, flow)
    names = [key.removesuffix(".$") for key in assign]
    return {**flow.variables, **{name: below(template, (name,)) for name in names}}


# --- nested machines --------------------------------------------------------------------------------------------------


def into_nested(state: Any, flow: Flow) -> Flow:
    """Where a branch, or the iteration for a Map's first item, begins."""
    if state.type == "Parallel":
        return flow._replace(document=effective_input(state, flow))
    inner = item_flow(state, flow)
    selector = state.item_selector
    if selector is None or selector is ABSENT:
        selector = state.parameters if state.query_language != JSONATA else None
    if selector is None:
        return inner._replace(document=inner.item)
    if state.query_language == JSONATA:
        return inner._replace(document=jsonata_template(selector, {"input": flow.document}, inner))
    return inner._replace(document=payload_template(selector, selected_input(state, flow), inner))


def item_flow(state: Any, flow: Flow) -> Flow:
    """The flow in which `$$.Map.Item.Value` is the first item of a Map state; any other state's is as it was."""
    return flow._replace(item=below(_items(state, flow), (0,))) if state.type == "Map" else flow


def _items(state: Any, flow: Flow) -> View:
    if state.item_reader is not None or state.item_batcher is not None:
        return unknown
    if state.query_language == JSONATA:
        return flow.document if state.items is ABSENT else jsonata_template(state.items, {"input": flow.document}, flow)
    return read_path(state.items_path or "$", selected_input(state, flow), flow)
