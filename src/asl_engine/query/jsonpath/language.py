"""JSONPath behind the interface of the query languages: input and output processing in AWS's order.

raw input -> InputPath -> Parameters -> (work) -> ResultSelector -> ResultPath into raw input -> OutputPath -> output
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from asl_engine.errors import RUNTIME, StatesError
from asl_engine.jsonvalue import Json, dumps, put, size, text_size
from asl_engine.query.jsonpath.expressions import compile_path_field, compile_text
from asl_engine.query.jsonpath.payload import compile_template
from asl_engine.query.jsonpath.syntax import parse_path, parse_reference_path
from asl_engine.query.language import IDENTITY, UNBOUNDED, Growth, Sized
from asl_engine.query.scope import Expr, Scope

NOTHING = Growth(0, 0, 2)
ITEM = Growth(1, 0, 0)


class JsonPathLanguage:
    """The query language "JSONPath"."""

    name = "JSONPath"

    def before(self, state: Any) -> Sized | None:
        """InputPath, then Parameters; None where the effective input is the raw input."""
        return chain(selection(state.input_path), parameters(state.parameters))

    def selected(self, state: Any) -> Sized | None:
        """InputPath alone; "that selection is used by the state" (specification, "InputPath and OutputPath")."""
        return selection(state.input_path)

    def after(self, state: Any) -> Sized | None:
        """ResultSelector, ResultPath, OutputPath; None where the output is the result."""
        return chain(chain(parameters(state.result_selector), merge(state.result_path)), selection(state.output_path))

    def caught(self, catcher: Any, index: int) -> Sized | None:
        """A catcher's ResultPath; AWS applies no OutputPath after a catch (recorded)."""
        return merge(catcher.result_path)

    def assign(self, template: Json, field: str, has_result: bool) -> Expr | None:
        """The payload template of `Assign`, read against the state's result."""
        return None if template is None else compile_template(template, compile_text)

    def value(self, field: str, text: Json, path: str | None) -> Expr | None:
        """The literal, or what the path selects."""
        return _literal(text) if path is None else compile_path_field(path)

    def fail_text(self, field: str, text: Json, path: str | None) -> Expr | None:
        """The literal, or what `<field>Path` selects or computes."""
        return _literal(text) if path is None else compile_text(f"{field}Path", path)

    def rule_output(self, rule: Any, index: int, state: Any) -> Sized | None:
        """The Choice state's OutputPath."""
        return self.after(state)

    def condition(self, text: Json, field: str) -> Callable[[Json, Scope], bool]:
        """JSONPath has no Condition; the reader of choice rules refuses it."""
        raise AssertionError(f"{field} in a JSONPath state")

    def template(self, field: str, template: Json) -> Sized:
        """A payload template."""
        return Sized(compile_template(template, compile_text), template_growth(template, path_growth))

    def item_template(self, field: str, template: Json) -> Sized:
        """A payload template in which `$$.Map.Item` is the Map's item."""
        return Sized(compile_template(template, compile_text), template_growth(template, _item_path_growth))


JSONPATH = JsonPathLanguage()


def _literal(value: Json) -> Expr | None:
    return None if value is None else lambda document, scope: value


def chain(first: Sized | None, second: Sized | None) -> Sized | None:
    """Both, one after the other; the second reads what the first gives."""
    if first is None or second is None:
        return first or second
    one, other = first.expr, second.expr
    inner, outer = first.growth, second.growth
    growth = Growth(
        outer.input + outer.document * inner.input,
        outer.document * inner.document,
        outer.constant + outer.document * inner.constant,
    )
    return Sized(lambda document, scope: other(one(document, scope), scope), growth)


def selection(path: str | None) -> Sized | None:
    """InputPath or OutputPath: null gives {}, `$` everything."""
    if path is None:
        return Sized(lambda document, scope: {}, NOTHING)
    if path == "$":
        return None
    return Sized(compile_path_field(path), path_growth(path))


def parameters(template: Json) -> Sized | None:
    """A payload template, or None where there is none."""
    return None if template is None else JSONPATH.template("Parameters", template)


def path_growth(path: str) -> Growth:
    """What a definite path on the document gives is part of it; of others nothing is known beforehand."""
    on_document = path == "$" or path.startswith(("$.", "$["))
    return IDENTITY if on_document and parse_path(path).definite else UNBOUNDED


def _item_path_growth(path: str) -> Growth:
    return ITEM if path.startswith("$$.Map.Item.") else path_growth(path)


def template_growth(template: Json, growth_of: Callable[[str], Growth]) -> Growth:
    """The literal parts' size, and what each path adds; of intrinsic functions nothing is known beforehand."""
    if isinstance(template, list):
        parts = [template_growth(item, growth_of) for item in template]
        return _sum(parts, 2 + len(parts))
    if not isinstance(template, dict):
        return Growth(0, 0, size(template))
    parts = []
    for key, item in template.items():
        if not key.endswith(".$"):
            parts.append(template_growth(item, growth_of))
        else:
            parts.append(growth_of(item) if item.startswith("$") else UNBOUNDED)
    return _sum(parts, 2 + sum(text_size(key) + 2 for key in template))


def _sum(parts: list[Growth], constant: int) -> Growth:
    return Growth(
        sum(part.input for part in parts),
        sum(part.document for part in parts),
        constant + sum(part.constant for part in parts),
    )


def merge(reference_path: str | None) -> Sized | None:
    """ResultPath: where the result goes in the raw input; null discards it, `$` replaces everything."""
    if reference_path is None:
        return Sized(lambda document, scope: scope.input, Growth(1, 0, 0))
    keys = parse_reference_path(reference_path)
    if not keys:
        return None
    growth = Growth(1, 1, sum(8 + text_size(str(key)) for key in keys))
    first = keys[0]
    if len(keys) == 1 and isinstance(first, str):
        return Sized(_merge_at_key(reference_path, first), growth)
    return Sized(_merge_at(reference_path, keys), growth)


def _merge_at_key(reference_path: str, key: str) -> Expr:
    """The common form `$.key`, without the walk."""

    def expr(document: Json, scope: Scope) -> Json:
        whole = scope.input
        if type(whole) is not dict:
            raise _unmergeable(reference_path, whole)
        merged = whole.copy()
        merged[key] = document
        return merged

    return expr


def _merge_at(reference_path: str, keys: tuple[str | int, ...]) -> Expr:
    def expr(document: Json, scope: Scope) -> Json:
        whole = scope.input
        try:
            if type(whole) is not dict:
                raise TypeError(whole)
            return put(whole, keys, document)
        except (TypeError, IndexError):
            raise _unmergeable(reference_path, whole) from None

    return expr


def _unmergeable(reference_path: str, whole: Json) -> StatesError:
    return StatesError(RUNTIME, f"Unable to apply ReferencePath {reference_path} to input {dumps(whole)}")
