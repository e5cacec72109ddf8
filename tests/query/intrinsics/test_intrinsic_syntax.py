"""How a call is written, and what is said of a text that is none."""

import contextlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asl_engine.query.intrinsics import INTRINSICS, InvalidIntrinsic, compile_intrinsic
from asl_engine.query.intrinsics.syntax import Call, Literal, Reference, parse_call
from tests.query.scopes import FixedScope


@pytest.mark.parametrize(
    "text, value",
    [
        ("1", 1),
        ("-2.5", -2.5),
        ("1e3", 1000.0),
        ("null", None),
        ("true", True),
        ("'a, b)'", "a, b)"),
        (r"'it\'s'", "it's"),
        (r"'\\'", "\\"),
        (r"'\{\}'", "{}"),
        ("'two\nlines'", "two\nlines"),
        ("''", ""),
    ],
)
def test_a_literal_argument_is_its_value(text: str, value: Any) -> None:
    (argument,) = parse_call(f"States.Array( {text} )").arguments
    assert isinstance(argument, Literal)
    assert argument.value == value
    assert type(argument.value) is type(value)


@pytest.mark.parametrize(
    "path",
    ["$", "$.a", "$$.a", "$var.x", "$['a, b)']", "$['a]b']", "$.a[?(@.b == 'x,y' && @.c)]", "$.a[0,1]", "$.a.['b c']"],
)
def test_a_path_argument_goes_on_to_the_next_argument(path: str) -> None:
    first, second = parse_call(f"States.Array({path} , 1)").arguments
    assert isinstance(first, Reference)
    assert first.text == path
    assert second == Literal(1)


def test_calls_nest_and_blanks_do_not_count() -> None:
    call = parse_call("  States.Array (\n States.UUID( ) ,States.Array('x'))\t")
    assert [argument.text for argument in call.arguments if isinstance(argument, Call)] == [
        "States.UUID( )",
        "States.Array('x')",
    ]


@pytest.mark.parametrize(
    "text, words",
    [
        ("", "must begin with a path ('$...') or the name of a function: the end at position 1"),
        ("'x'", "must begin with a path"),
        ("States.Array", "must have '(' after 'States.Array': the end at position 13"),
        ("States.Array(", "must begin with"),
        ("States.Array(1", "must have ',' or ')' after an argument: the end at position 15"),
        ("States.Array(1 2)", "must have ',' or ')' after an argument: '2)' at position 16"),
        ("States.Array(1,)", "must begin with a path"),
        ("States.Array(1))", "must end after its closing bracket: ')' at position 16"),
        ("States.Array('x)", "without its closing quote"),
        (r"States.Array('a\b')", "before other than"),
        ('States.Array("x")', "must begin with"),
        ("States.Array(01x)", "must begin with"),
        ("States.Array(1e999)", "out of range"),
        ("States.Arrray()", "no intrinsic function 'States.Arrray', called at position 1. Did you mean States.Array?"),
        ("Arrays()", "no intrinsic function 'Arrays'"),
        ("States.ArrayLength()", "States.ArrayLength takes 1 arguments, not 0"),
        ("States.UUID(1)", "States.UUID takes 0 arguments, not 1"),
        ("States.MathRandom(1)", "takes 2 to 3 arguments, not 1"),
        ("States.Format()", "takes at least 1 arguments, not 0"),
        ("States.Format('{}')", "has 1 places {} for 0 further arguments"),
        ("States.Array(States.Format('{}', 1, 2))", "has 1 places {} for 2 further arguments"),
    ],
)
def test_a_text_that_is_no_call_is_refused_with_place_and_rule(text: str, words: str) -> None:
    with pytest.raises(InvalidIntrinsic) as caught:
        compile_intrinsic(text, lambda path: lambda document, scope: document)
    assert words in str(caught.value)


def nested(depth: int) -> str:
    return "States.Array(" * depth + ")" * depth


def test_ten_functions_may_nest_and_no_more() -> None:
    value: Any = compile_intrinsic(nested(10), lambda path: lambda document, scope: document)(None, FixedScope())
    for _ in range(9):
        (value,) = value
    assert value == []
    with pytest.raises(InvalidIntrinsic, match="must not nest more than 10 functions"):
        parse_call(nested(11))


@pytest.mark.parametrize(
    "text", [nested(10_000), "States.Array(" + "$" + "[" * 100_000, "States.Array('" + "{" * 100_000]
)
def test_a_hostile_text_is_an_invalid_call_or_a_path_for_others_to_judge(text: str) -> None:
    with pytest.raises(InvalidIntrinsic):
        parse_call(text)


@given(st.text(max_size=20))
def test_every_string_can_be_written(value: str) -> None:
    escaped = "".join(f"\\{character}" if character in "'{}\\" else character for character in value)
    (argument,) = parse_call(f"States.Array('{escaped}')").arguments
    assert argument == Literal(value, (value,))


@settings(max_examples=300)
@given(st.text("States.Array(',)$[] \\{}10-e\"", max_size=40))
def test_any_text_is_a_call_or_an_invalid_call(text: str) -> None:
    with contextlib.suppress(InvalidIntrinsic):
        assert parse_call(text).name


def test_every_function_is_told_when_misspelt() -> None:
    for name in INTRINSICS:
        with pytest.raises(InvalidIntrinsic, match=f"Did you mean {name}"):
            compile_intrinsic(f"{name}x()", lambda path: lambda document, scope: document)
