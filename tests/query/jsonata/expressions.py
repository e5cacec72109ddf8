"""What the tests of JSONata share: an environment that stands still, and one call to evaluate a text."""

from __future__ import annotations

from typing import Any

import pytest

from asl_engine.query.jsonata import UNDEFINED, JsonataError, compile_expression


class Still:
    """A clock that stands, and chance that never changes."""

    now_ms = 1_700_000_000_123

    def random(self) -> float:
        return 0.25

    def uuid(self) -> str:
        return "00000000-0000-4000-8000-000000000000"


def evaluate(text: str, given: Any = UNDEFINED, /, **bindings: Any) -> Any:
    return compile_expression(text).evaluate(given, bindings, Still())


def error_of(text: str, given: Any = UNDEFINED, /, **bindings: Any) -> JsonataError:
    with pytest.raises(JsonataError) as caught:
        evaluate(text, given, **bindings)
    return caught.value


def outcome(text: str, given: Any = UNDEFINED, /, **bindings: Any) -> Any:
    """The value, or the code of the error."""
    try:
        return evaluate(text, given, **bindings)
    except JsonataError as error:
        return error.code


def same(one: Any, other: Any) -> bool:
    """Equal, and of the same types throughout: 5 is not 5.0."""
    return repr(one) == repr(other)
