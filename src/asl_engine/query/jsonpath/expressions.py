"""The text of a path or an intrinsic call becomes an Expr: all that may stand in a `.$` field or a `...Path` field.

`$...` reads the document that its field works on, `$$...` the context object, `$name...` a variable; any other text is
a call of an intrinsic function. A path that finds nothing fails the execution as States.Runtime, and the cause is AWS's
text for that kind of field (recorded).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NoReturn, TypeAlias

from asl_engine.errors import RUNTIME, StatesError
from asl_engine.jsonvalue import Json, dumps
from asl_engine.query.jsonpath.evaluate import PathNotFound, Read, direct, general
from asl_engine.query.jsonpath.segments import Path
from asl_engine.query.jsonpath.syntax import InvalidPath, parse_path
from asl_engine.query.scope import Expr, Scope

Fail: TypeAlias = Callable[[PathNotFound, Json], NoReturn]
"""Raises the StatesError for a path that found nothing; takes the document that the field works on."""


def compile_text(field: str, text: str) -> Expr:
    """The text of a template's `.$` field (`field` is its key, as in `value.$`), of ErrorPath or of CausePath.

    Raises InvalidPath or InvalidIntrinsic.
    """
    if text.startswith("$"):
        return _compile(text, _fails_in_field(field, text))
    from asl_engine.query.intrinsics import compile_intrinsic

    return compile_intrinsic(text, lambda path: _compile(path, _fails_in_field(field, path)))


def compile_path_field(text: str) -> Expr:
    """The path in InputPath, OutputPath, ItemsPath, Variable, TimeoutSecondsPath and their like. Raises InvalidPath."""
    if not text.startswith("$"):
        raise InvalidPath(f"The path {text!r} must begin with '$'.")

    def fail(error: PathNotFound, document: Json) -> NoReturn:
        raise StatesError(RUNTIME, f"Invalid path '{text}' : {error}") from None

    return _compile(text, fail)


def _fails_in_field(field: str, text: str) -> Fail:
    def fail(error: PathNotFound, document: Json) -> NoReturn:
        raise StatesError(
            RUNTIME,
            f"The JSONPath '{text}' specified for the field '{field}' could not be found in the input "
            f"'{dumps(document)}'",
        ) from None

    return fail


_ITEM = "$.Map.Item."
_VARIABLE = r"\$([^\W\d]\w*)"


def _compile(text: str, fail: Fail) -> Expr:
    if text == "$":
        return lambda document, scope: document
    if text.startswith("$$"):
        return _in_context(_parse(text, text[1:]), fail)
    variable = re.match(_VARIABLE, text)
    if variable:
        return _in_variable(text, variable[1], _parse(text, "$" + text[variable.end() :]), fail)
    return _in_document(_parse(text, text), fail)


def _parse(text: str, path: str) -> Path:
    try:
        return parse_path(path)
    except InvalidPath as error:
        raise error if text == path else InvalidPath(f"In {text!r}: {error}") from None


def _in_document(path: Path, fail: Fail) -> Read:
    find = general(path)

    def slow(document: Json) -> Json:
        try:
            return find(document)
        except PathNotFound as error:
            fail(error, document)

    return direct(path, slow)


def _in_context(path: Path, fail: Fail) -> Expr:
    if not path.segments:
        return lambda document, scope: scope.context()
    read = direct(path, general(path))

    def expr(document: Json, scope: Scope) -> Json:
        try:
            return read(scope.context())
        except PathNotFound as error:
            fail(error, document)

    rest = path.text.removeprefix(_ITEM)
    return _in_item(parse_path(f"$.{rest}"), expr) if rest != path.text else expr


def _in_item(path: Path, in_context: Expr) -> Expr:
    """A path into the Map's item, without making the whole context object for it (a third of the time)."""
    read = direct(path, general(path))

    def expr(document: Json, scope: Scope) -> Json:
        item = scope.map_item()
        try:
            return in_context(document, scope) if item is None else read(item)
        except PathNotFound:
            return in_context(document, scope)

    return expr


def _in_variable(text: str, name: str, path: Path, fail: Fail) -> Expr:
    read = direct(path, general(path)) if path.segments else None

    def expr(document: Json, scope: Scope) -> Json:
        try:
            value = scope.variables[name]
        except KeyError:
            raise StatesError(RUNTIME, f"The variable '${name}' in '{text}' is not defined.") from None
        if read is None:
            return value
        try:
            return read(value)
        except PathNotFound as error:
            fail(error, document)

    return expr
