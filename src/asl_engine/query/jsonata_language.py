"""JSONata behind the interface of the query languages: developer guide "Transforming data with JSONata".

Lies beside `query/jsonata/`, not in it, so that the engine there can stand alone. A string is an expression if it
begins with `{%` and ends with `%}`; it may stand in any leaf of a template. `$states` holds `input`, `context` and,
where they exist, `result` and `errorOutput`; variables are JSONata variables.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from asl_engine.errors import QueryEvaluationError
from asl_engine.jsonvalue import Json, dumps, size
from asl_engine.query.jsonata import UNDEFINED, Expression, Function, JsonataError, compile_expression
from asl_engine.query.language import UNBOUNDED, Growth, Sized
from asl_engine.query.scope import Expr, Scope

RESULT = "result"
ERROR_OUTPUT = "errorOutput"
INPUT = "input"
"""What the document of an expression is called in `$states`: the result, the error output, or (ItemSelector) the Map's
input; None where the document is not shown."""

WITH_RESULT = frozenset({"Task", "Parallel", "Map"})
"""The state types whose work has a result; `$states.result` exists in these alone."""

EXPECTED_TYPES = {
    "Seconds": "number",
    "Timestamp": "string",
    "TimeoutSeconds": "number",
    "HeartbeatSeconds": "number",
    "MaxConcurrency": "number",
    "ToleratedFailureCount": "number",
    "ToleratedFailurePercentage": "number",
    "Error": "string",
    "Cause": "string",
    "Items": "array",
    "MaxItems": "number",
    "MaxItemsPerBatch": "number",
    "MaxInputBytesPerBatch": "number",
    "RoleArn": "string",
}


class JsonataLanguage:
    """The query language "JSONata"."""

    name = "JSONata"

    def before(self, state: Any) -> Sized | None:
        """Arguments; None where the payload is the state's input."""
        return optional(state.arguments, "Arguments", None)

    def selected(self, state: Any) -> Sized | None:
        """JSONata has no InputPath: everything reads the state's input."""
        return None

    def after(self, state: Any) -> Sized | None:
        """Output; None where the output is the result."""
        return optional(state.output, "Output", RESULT if state.type in WITH_RESULT else None)

    def caught(self, catcher: Any, index: int) -> Sized | None:
        """A catcher's Output."""
        return optional(catcher.output, f"Catch[{index}]/Output", ERROR_OUTPUT)

    def rule_output(self, rule: Any, index: int, state: Any) -> Sized | None:
        """A Choice rule's own Output; the state's counts for Default alone."""
        return optional(rule.output, f"Choices[{index}]/Output", None)

    def assign(self, template: Json, field: str, has_result: bool) -> Expr | None:
        """The variables that `Assign` sets, of a state or of a catcher."""
        if template is None:
            return None
        document = ERROR_OUTPUT if field.startswith("Catch") else RESULT if has_result else None
        return compile_template(template, field, document)

    def value(self, field: str, text: Json, path: str | None) -> Expr | None:
        """A literal or an expression of the type that the field takes."""
        if text is None:
            return None
        return typed(compile_template(text, field, None), field, EXPECTED_TYPES[field.rpartition("/")[2]], text)

    def fail_text(self, field: str, text: Json, path: str | None) -> Expr | None:
        """Error or Cause of a Fail state."""
        return self.value(field, text, path)

    def template(self, field: str, template: Json) -> Sized:
        """A template of any JSON type."""
        return Sized(compile_template(template, field, None), growth_of(template))

    def item_template(self, field: str, template: Json) -> Sized:
        """ItemSelector: `$states.input` is the Map's input."""
        return Sized(compile_template(template, field, INPUT), growth_of(template))

    def condition(self, text: Json, field: str) -> Callable[[Json, Scope], bool]:
        """A Choice rule's Condition."""
        return typed(compile_template(text, field, None), field, "boolean", text)


JSONATA = JsonataLanguage()


def is_expression(text: Json) -> bool:
    """Whether a JSON value is a string that holds an expression."""
    return isinstance(text, str) and text.startswith("{%") and text.endswith("%}") and len(text) >= 4


def expression_text(text: str) -> str:
    """The expression in a string that holds one."""
    return text[2:-2].strip()


def optional(template: Json, field: str, document: str | None) -> Sized | None:
    """A template that a definition may leave out; absent ones are marked by a value that JSON cannot hold."""
    if not isinstance(template, (dict, list, str, int, float, type(None))):
        return None
    return Sized(compile_template(template, field, document), growth_of(template))


def growth_of(template: Json) -> Growth:
    """A constant's size; of expressions nothing is known beforehand."""
    return UNBOUNDED if holds_expression(template) else Growth(0, 0, size(template))


def holds_expression(template: Json) -> bool:
    """Whether a template has an expression in any leaf."""
    if isinstance(template, dict):
        return any(map(holds_expression, template.values()))
    return any(map(holds_expression, template)) if isinstance(template, list) else is_expression(template)


def compile_template(template: Json, field: str, document: str | None) -> Expr:
    """The function that fills a template; its errors name the leaf, as in `Output/a[0]/b`."""
    if not holds_expression(template):
        return lambda given, scope: template
    if isinstance(template, str):
        return compile_leaf(template, field, document)
    if isinstance(template, list):
        items = [compile_template(item, f"{field}[{index}]", document) for index, item in enumerate(template)]
        return lambda given, scope: [item(given, scope) for item in items]
    members = {key: compile_template(item, f"{field}/{key}", document) for key, item in template.items()}
    if len(members) == 1:
        [(key, only)] = members.items()
        return lambda given, scope: {key: only(given, scope)}
    return lambda given, scope: {key: member(given, scope) for key, member in members.items()}


# --- one expression ---------------------------------------------------------------------------------------------------


class ScopeEnvironment:
    """What an expression draws from the world: the execution's time and chance."""

    __slots__ = ("_scope",)

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    @property
    def now_ms(self) -> int:
        """The execution's time."""
        return self._scope.now

    def random(self) -> float:
        """A number in [0, 1)."""
        return self._scope.entropy.random()

    def uuid(self) -> str:
        """A version 4 UUID."""
        return self._scope.entropy.uuid()


Bind: TypeAlias = Callable[[Json, Scope], Mapping[str, Any]]


def compile_leaf(text: str, field: str, document: str | None) -> Expr:
    """One `{% %}` string."""
    source = expression_text(text)
    expression = compile_expression(source)
    evaluate, bind = expression.evaluate, _binder(expression, document)

    def expr(given: Json, scope: Scope) -> Json:
        try:
            value = evaluate(UNDEFINED, bind(given, scope), ScopeEnvironment(scope))
        except JsonataError as error:
            raise _failed(source, field, f"threw an error during evaluation. {error}") from None
        if value is UNDEFINED:
            raise _failed(source, field, "returned nothing (undefined).")
        if isinstance(value, Function):
            raise _failed(source, field, "returned an unsupported result type.")
        return value

    return expr


def _failed(source: str, field: str, reason: str) -> QueryEvaluationError:
    return QueryEvaluationError(f"The JSONata expression '{source}' specified for the field '{field}' {reason}", field)


def _binder(expression: Expression, document: str | None) -> Bind:
    """Gives an expression its variables, and of `$states` what it reads."""
    if "states" not in expression.free_variables:
        return lambda given, scope: scope.variables
    read = {path[0] if path else "" for path in expression.paths_of("states")}
    with_context = bool(read & {"", "context"})
    if document == INPUT:
        return _bind_item(with_context)
    if document is None or not read & {"", document}:
        return _bind_input(with_context)

    def bind(given: Json, scope: Scope) -> Mapping[str, Any]:
        states = {"input": scope.input, document: given}
        if with_context:
            states["context"] = scope.context()
        return {**scope.variables, "states": states}

    return bind


def _bind_input(with_context: bool) -> Bind:
    if with_context:
        return lambda given, scope: {**scope.variables, "states": {"input": scope.input, "context": scope.context()}}
    return lambda given, scope: {**scope.variables, "states": {"input": scope.input}}


def _bind_item(with_context: bool) -> Bind:
    if with_context:
        return lambda given, scope: {**scope.variables, "states": {"input": given, "context": scope.context()}}
    return lambda given, scope: {**scope.variables, "states": {"input": given}}


_TYPES: dict[type, str] = {
    bool: "boolean",
    int: "number",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
    type(None): "null",
}


def typed(expr: Expr, field: str, expected: str, text: Json) -> Expr:
    """The expression, refusing a value of another type than the field takes; Items takes an object too."""
    allowed = {expected, "object"} if expected == "array" else {expected}

    def checked(given: Json, scope: Scope) -> Json:
        value = expr(given, scope)
        kind = _TYPES[type(value)]
        if kind not in allowed:
            reason = f"returned an unexpected result type. Expected '{expected}', but was '{kind}' for value: "
            raise _failed(expression_text(text) if is_expression(text) else dumps(text), field, reason + dumps(value))
        return value

    return checked
