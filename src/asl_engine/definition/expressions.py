"""JSONata in a definition: whether each `{% %}` compiles and reads only what exists in its field.

Developer guide, "Transforming data with JSONata": `$states.result` exists in Output and Assign of Task, Parallel and
Map, `$states.errorOutput` in a catcher's Output and Assign; there is no context, so `$`, `$$` and bare names have no
meaning outside a path, a predicate or a function.
"""

from __future__ import annotations

from asl_engine.definition.fields import Place
from asl_engine.jsonvalue import Json

ALWAYS_SHOWN = frozenset({"input", "context"})
RESULT_SHOWN = ALWAYS_SHOWN | {"result"}
ERROR_SHOWN = ALWAYS_SHOWN | {"errorOutput"}
_DOCUMENTS = frozenset({"result", "errorOutput"})

INVALID_JSONATA_EXPRESSION = "INVALID_JSONATA_EXPRESSION"


def check_template(value: Json, place: Place, shown: frozenset[str] = ALWAYS_SHOWN) -> None:
    """Checks every expression in the leaves of a template."""
    if isinstance(value, dict):
        for key, item in value.items():
            check_template(item, place.at(key), shown)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            check_template(item, place.at(index), shown)
    elif isinstance(value, str):
        _check_text(value, place, shown)


def _check_text(text: str, place: Place, shown: frozenset[str]) -> None:
    opens, closes = text.startswith("{%"), text.endswith("%}") and len(text) >= 4
    if opens != closes:
        message = f"a JSONata expression must begin with '{{%' and end with '%}}': {text!r}"
        place.error(message, INVALID_JSONATA_EXPRESSION)
    elif opens:
        _check_expression(text[2:-2].strip(), place, shown)


def _check_expression(source: str, place: Place, shown: frozenset[str]) -> None:
    from asl_engine.query.jsonata import JsonataError, compile_expression
    from asl_engine.query.jsonata.functions import BUILTINS

    try:
        expression = compile_expression(source)
    except JsonataError as error:
        place.error(f"the JSONata expression {source!r} does not compile: {error}", INVALID_JSONATA_EXPRESSION)
        return
    place.reads(expression.free_variables - BUILTINS.keys() - {"states"})
    for _, text in expression.context_references[:1]:
        place.error(
            f"the JSONata expression {source!r} reads {text!r}, but there is no context to read it from; "
            "use $states.input or a variable",
            INVALID_JSONATA_EXPRESSION,
        )
    read = {path[0] for path in expression.paths_of("states") if path}
    for name in sorted((read & _DOCUMENTS) - shown):
        place.error(f"the JSONata expression {source!r} reads $states.{name}, which does not exist in this field")
