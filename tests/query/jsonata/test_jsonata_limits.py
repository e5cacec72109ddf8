"""Hostile expressions end in an error, or in a value: never in another exception, and never not at all."""

from __future__ import annotations

import sys

import pytest

from asl_engine.query.jsonata import UNDEFINED, JsonataError, compile_expression
from asl_engine.query.jsonata.values import Run
from tests.query.jsonata.expressions import Still, error_of, evaluate, outcome

DOUBLE = "($f := function($v, $n) {{ $n = 0 ? {done} : $f({step}, $n - 1) }}; $f({start}, 60))"


@pytest.fixture
def tighter_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of the steps and sizes that an evaluation may take: the same ends, sooner."""
    monkeypatch.setattr(Run, "steps", Run.steps // 10)
    engine = [module for name, module in sys.modules.items() if name.startswith("asl_engine.query.jsonata.")]
    for module in engine:
        for limit in ("MAX_TEXT", "MAX_SEQUENCE", "MAX_WALK", "MAX_STEPS", "COSTLY"):
            if hasattr(module, limit):
                monkeypatch.setattr(module, limit, getattr(module, limit) // 10)


def test_a_loop_ends_within_the_steps_that_every_evaluation_has() -> None:
    assert error_of("($f := function() { $f() }; $f())").code == "U1001"


@pytest.mark.usefixtures("tighter_limits")
@pytest.mark.parametrize(
    "text",
    [
        "($f := function($n) { $n + $f($n) }; $f(1))",
        "($f := function($x) { $map([$x], $f) }; $f(1))",
        "($f := function($x) { [$x] ~> $map($f) }; $f(1))",
        "($f := function($x) { {'a': $f($x)} }; $f(1))",
        "[1..900000].[1..900000]",
        "$map([1..1000000], function($x) { $map([1..1000000], $string) })",
        "$pad('a', 1e12)",
        "$replace($pad('', 9999, 'a'), 'a', $pad('', 9999, 'b'))",
        "$formatInteger(1e20, 'I')",
        "$formatNumber(1, $pad('', 99999, '0'))",
        DOUBLE.format(start="'ab'", step="$v & $v", done="$length($v)"),
        DOUBLE.format(start="[1, 2]", step="$append($v, $v)", done="$count($v)"),
        DOUBLE.format(start="1", step="[[$v], [$v]]", done="$string($v)"),
        DOUBLE.format(start="1", step="{'a': $v, 'b': $v}", done="$v ~> |**|{}|"),
        DOUBLE.format(start="1", step="{'a': $v, 'b': $v}", done="$count($v.**)"),
        DOUBLE.format(start="0", step="[[$v], [$v]]", done="$boolean($v)"),
        DOUBLE.format(start="1", step="[[$v], [$v]]", done="$distinct([$v, $v])"),
        DOUBLE.format(start="1", step="[[$v], [$v]]", done="$v = $map($v, function($x) { $x })"),
        "(" * 2000,
        "[" * 400 + "]" * 400,
        "1" + " + 1" * 5000,
        "a" + ".a" * 5000,
    ],
)
def test_what_would_not_end_or_not_fit_fails_with_its_code(text: str) -> None:
    assert error_of(text).code == "U1001"


def test_150_nested_parentheses_compile() -> None:
    assert evaluate("(" * 150 + "1" + ")" * 150) == 1


def test_200_operators_in_a_row_compile() -> None:
    assert evaluate("1" + " + 1" * 200) == 201
    assert evaluate("'a'" + " & 'a'" * 200) == "a" * 201


def test_depth_is_counted_by_expressions_entered() -> None:
    text = "($f := function($n) { $n = 0 ? 0 : 1 + $f($n - 1) }; $f($n))"
    deep = compile_expression(text)
    assert deep.limited(UNDEFINED, {"n": 30}, Still(), 95) == 30
    with pytest.raises(JsonataError, match="U1001"):
        deep.limited(UNDEFINED, {"n": 31}, Still(), 95)


@pytest.mark.usefixtures("tighter_limits")
@pytest.mark.parametrize(
    "pattern",
    [
        "^(a+)+$",
        "(a|a)*$",
        "(a|aa)+$",
        "(.*)*x",
        "(a*)*b",
        "^(([a-z])+.)+[A-Z]([a-z])+$",
        "a?" * 30 + "a" * 30 + "$",
        "(?=(a+)+$)",
    ],
)
def test_a_hostile_pattern_ends(pattern: str) -> None:
    for text in ("a" * 40 + "b", "a" * 3000 + "b"):
        assert outcome(f"$contains($s, /{pattern}/)", s=text) in (True, False, "U1001")


def test_a_quantified_group_on_an_innocent_text_matches() -> None:
    assert evaluate("$contains($s, /^(a+)+$/)", s="a" * 40) is True
    assert error_of("$contains($s, /^(a+)+$/)", s="a" * 40 + "b").code == "U1001"
    assert evaluate("$contains('jo.do@mail.example.org', /^[\\w.]+@([\\w-]+\\.)+\\w+$/)") is True


def test_many_wide_repeats_on_a_long_text_end() -> None:
    assert outcome("$contains($s, /x.*y.*z.*w/)", s="xyz" * 60_000) in (False, "U1001")
