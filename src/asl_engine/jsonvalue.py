"""JSON values as AWS reads, writes, measures and compares them.

A JSON value is None, bool, int, float, str, list or dict with str keys; it is never changed in place once the engine
holds it. Texts are compact, with no escapes beyond what JSON asks, as Step Functions writes them (recorded histories).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from json.encoder import encode_basestring
from math import isfinite
from typing import Any, TypeAlias

Json: TypeAlias = Any
"""A JSON value: None | bool | int | float | str | list[Json] | dict[str, Json]."""

MAX_DEPTH = 200
"""Arrays and objects may nest this deep. AWS documents no bound; deeper values could exhaust Python's stack."""

TOO_LONG = "more than 4,300 digits"
TOO_DEEP = f"is nested deeper than {MAX_DEPTH} levels"

_encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":"))
_make: Any = getattr(json.encoder, "c_make_encoder", None)
_chunks = (
    (lambda value, level: _encoder.iterencode(value))
    if _make is None
    else _make(None, _encoder.default, encode_basestring, None, ":", ",", False, False, False)
)
"""CPython's encoder, made once: `JSONEncoder.encode` makes it anew for every value, which costs 0.7 us."""


def dumps(value: Json) -> str:
    """The compact JSON text of a JSON value."""
    return "".join(_chunks(value, 0))


class JsonTextError(ValueError):
    """A text that is not JSON, or not JSON that AWS would take. `line` and `column` count from 1, None if unknown."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        self.message = message
        self.line = line
        self.column = column
        super().__init__(message if line is None else f"line {line}, column {column}: {message}")


class JsonValueError(ValueError):
    """A Python value that is not a JSON value; `pointer` is the JSON pointer of the place, "" for the whole."""

    def __init__(self, pointer: str, message: str) -> None:
        self.pointer = pointer
        self.message = message
        super().__init__(f"{pointer or 'the value'} {message}")


def loads(text: str | bytes) -> Json:
    """Parses JSON strictly: UTF-8, no NaN or Infinity, no duplicate keys, no lone surrogate, at most MAX_DEPTH levels.

    Raises JsonTextError.
    """
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise JsonTextError(f"not UTF-8 text: {error.reason} at byte {error.start}") from None
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_float)
        return value if _is_sound(value, text) else adopt(value)[0]
    except json.JSONDecodeError as error:
        raise JsonTextError(error.msg, error.lineno, error.colno) from None
    except JsonValueError as error:
        raise JsonTextError(str(error)) from None
    except RecursionError:
        raise JsonTextError(f"nested deeper than {MAX_DEPTH} levels") from None
    except JsonTextError:
        raise
    except ValueError:  # Python's own guard against integers that take long to read
        raise JsonTextError(f"holds a number of {TOO_LONG}") from None


_PAIRED = r"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_UNPAIRED = "\\ud"


def _is_sound(value: Json, text: str) -> bool:
    """Whether a parsed value needs no closer look: no lone surrogate can be in it, and it is not too deep."""
    if not _is_unicode(text) or (("\\ud" in text or "\\uD" in text) and _UNPAIRED in re.sub(_PAIRED, "", text).lower()):
        return False
    return text.count("[") + text.count("{") <= MAX_DEPTH or _is_within(value, MAX_DEPTH)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_within(value: Json, depth: int) -> bool:
    """Whether arrays and objects nest at most `depth` deep."""
    items = value.values() if type(value) is dict else value if type(value) is list else ()
    return depth > 0 and all(_is_within(item, depth - 1) for item in items if type(item) is dict or type(item) is list)


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    value = dict(pairs)
    if len(value) != len(pairs):
        keys = [key for key, _ in pairs]
        duplicate = next(key for index, key in enumerate(keys) if key in keys[:index])
        raise JsonTextError(f"the key {duplicate!r} occurs more than once in one object")
    return value


def _constant(text: str) -> Json:
    raise JsonTextError(f"{text} is not a JSON value")


def _float(text: str) -> float:
    value = float(text)
    if not isfinite(value):
        raise JsonTextError(f"the number {text} is out of range")
    return value


def adopt(value: Any) -> tuple[Json, int]:
    """A private deep copy of a Python value and the size of its JSON text in bytes.

    Tuples become arrays; an instance of a subclass (an enum, a defaultdict) counts as what it derives from. Raises
    JsonValueError, naming the place, for what JSON cannot hold.
    """
    try:
        return _adopt(value, MAX_DEPTH)
    except _Fault:
        raise _find_fault(value, "", MAX_DEPTH) from None


class _Fault(ValueError):
    """Somewhere below there is no JSON value; the message is the sentence about it."""


def _adopt(value: Any, depth: int) -> tuple[Json, int]:
    kind = type(value)
    if kind is str:
        return value, text_size(value)
    if kind is int:
        return value, _digits(value)
    if kind is bool or value is None:
        return value, 5 if value is False else 4
    if kind is float:
        if isfinite(value):
            return value, len(repr(value))
        raise _Fault(f"must be a finite number, not {value}")
    if kind is dict:
        return _adopt_object(value, depth - 1)
    if kind is list or kind is tuple:
        return _adopt_array(value, depth - 1)
    plain: Any
    for plain in (str, int, float, dict, list):
        if isinstance(value, plain):
            return _adopt(str.__str__(value) if plain is str else plain(value), depth)
    raise _Fault(f"is not a JSON value but {kind.__name__} {value!r:.60}")


def _digits(value: int) -> int:
    try:
        return len(repr(value))
    except ValueError:
        raise _Fault(f"is a number of {TOO_LONG}") from None


def _adopt_object(value: dict[Any, Any], depth: int) -> tuple[Json, int]:
    if depth < 0:
        raise _Fault(TOO_DEEP)
    copy: dict[str, Json] = {}
    size = 2 * len(value) + 1
    for key, item in value.items():
        if type(key) is not str:
            if not isinstance(key, str):
                raise _Fault(f"has the key {key!r}, which is not a string")
            key = str.__str__(key)
        copy[key], item_size = _adopt(item, depth)
        size += item_size + text_size(key)
    return copy, size if copy else 2


def _adopt_array(value: Sequence[Any], depth: int) -> tuple[Json, int]:
    if depth < 0:
        raise _Fault(TOO_DEEP)
    copy: list[Json] = []
    size = len(value) + 1
    for item in value:
        adopted, item_size = _adopt(item, depth)
        copy.append(adopted)
        size += item_size
    return copy, size if copy else 2


def _find_fault(value: Any, pointer: str, depth: int) -> JsonValueError:
    """The error about the first place in a value that `_adopt` refuses."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, (list, tuple)) else ()
    if depth:
        for key, item in items:
            try:
                _adopt(item, depth - 1)
            except _Fault:
                return _find_fault(item, f"{pointer}/{key}", depth - 1)
    try:
        _adopt(value, depth)
    except _Fault as fault:
        return JsonValueError(pointer, str(fault))
    raise AssertionError("the value changed while it was read")


def text_size(text: str) -> int:
    """The size in bytes of a string's JSON text, quotes and escapes included. ValueError for a lone surrogate."""
    quoted = encode_basestring(text)
    if quoted.isascii():
        return len(quoted)
    try:
        return len(quoted.encode())
    except UnicodeEncodeError:
        raise _Fault(f"holds a lone surrogate: {text!r:.60}") from None


def size(value: Json) -> int:
    """The size in bytes of a JSON value's text."""
    text = dumps(value)
    return len(text) if text.isascii() else len(text.encode())


def copy(value: Json) -> Json:
    """A deep copy of a JSON value, sharing nothing that can change."""
    kind = type(value)
    if kind is dict:
        copied = value.copy()
        for key, item in value.items():
            kind = type(item)
            if kind is dict or kind is list:
                copied[key] = copy(item)
        return copied
    return [copy(item) for item in value] if kind is list else value


def put(value: Json, keys: Sequence[str | int], new: Json) -> Json:
    """`value` with `new` at the place that `keys` name, copying only the containers on the way.

    Objects that are missing are made. Raises TypeError where a key meets what
    is not an object, or an index what is not an array, and IndexError where the index lies outside.
    """
    if not keys:
        return new
    key, rest = keys[0], keys[1:]
    if isinstance(key, str):
        if value is not None and not isinstance(value, dict):
            raise TypeError(key)
        filled = dict(value) if value else {}
        filled[key] = put(filled.get(key), rest, new) if rest else new
        return filled
    if not isinstance(value, list):
        raise TypeError(key)
    replaced = list(value)
    replaced[key] = put(replaced[key], rest, new) if rest else new
    return replaced


def equal(one: Json, other: Json) -> bool:
    """JSON equality: 1 equals 1.0, but not true; objects compare without order."""
    kind = type(one)
    if kind is dict:
        return (
            type(other) is dict
            and one.keys() == other.keys()
            and all(equal(item, other[key]) for key, item in one.items())
        )
    if kind is list:
        return type(other) is list and len(one) == len(other) and all(map(equal, one, other))
    if kind is bool or type(other) is bool:
        return one is other
    return bool(one == other)
