"""The language: paths, operators, constructors, scopes, functions, and what tells JSONata from its look-alikes."""

from __future__ import annotations

from typing import Any

import pytest

from asl_engine.query.jsonata import UNDEFINED, Function, compile_expression
from tests.query.jsonata.expressions import error_of, evaluate, same

SHOP: Any = {
    "name": "Corner",
    "orders": [
        {"id": "o1", "lines": [{"sku": "a", "price": 5, "n": 2}, {"sku": "b", "price": 12.5, "n": 1}]},
        {"id": "o2", "lines": [{"sku": "a", "price": 5, "n": 4}]},
    ],
    "stock": [{"sku": "a", "bin": 1}, {"sku": "b", "bin": 2}],
    "empty": [],
    "none": None,
}
PATHS = {
    "name": "Corner",
    "orders.id": ["o1", "o2"],
    "orders[0].id": "o1",
    "orders[-1].lines.sku": "a",
    "orders[-1].lines.sku[]": ["a"],
    "orders.lines[0].sku": ["a", "a"],
    "(orders.lines)[0].sku": "a",
    "orders.lines[price > 10].sku": "b",
    "orders.lines[price > 100].sku": UNDEFINED,
    "orders[lines.price = 12.5].id": UNDEFINED,
    "orders['b' in lines.sku].id": "o1",
    "orders.lines.(price * n)": [10, 12.5, 20],
    "orders.[id, $count(lines)]": [["o1", 2], ["o2", 1]],
    "orders.{id: lines.sku}": [{"o1": ["a", "b"]}, {"o2": "a"}],
    "orders.lines{sku: $sum(n)}": {"a": 6, "b": 1},
    "orders^(>id).id": ["o2", "o1"],
    "orders.lines^(price, >n).n": [4, 2, 1],
    "orders[[0, 1]].id": ["o1", "o2"],
    "orders.lines.%.id": ["o1", "o1", "o2"],
    "orders.lines[%.id = 'o2'].n": 4,
    "orders#$i.lines.($i & sku)": ["0a", "0b", "1a"],
    "orders.lines@$l.$$.stock@$s[$l.sku = $s.sku].($l.n * $s.bin)": [2, 2, 4],
    "*[0]": "Corner",
    "stock.*": ["a", 1, "b", 2],
    "**.bin": [1, 2],
    "empty": [],
    "none": None,
    "none.x": UNDEFINED,
    "missing": UNDEFINED,
    "`na me`": UNDEFINED,
    "orders.lines.price[1]": UNDEFINED,
    "$.name": "Corner",
    "$$.name": "Corner",
    "orders ~> |lines|{'n': 0}, 'price'| ~> $lookup('lines')": [
        {"sku": "a", "n": 0},
        {"sku": "b", "n": 0},
        {"sku": "a", "n": 0},
    ],
}
OPERATORS = {
    "5.5 % 2": 1.5,
    "-7 % 3": -1,
    "10 / 2": 5,
    "7 / 2": 3.5,
    "0.1 + 0.2": 0.30000000000000004,
    "2.5 * 2": 5,
    "9007199254740991 + 2": 9007199254740992,
    "1e300 * 1e-300": 1,
    "--1": 1,
    "1 = 1.0": True,
    "1 = true": False,
    "1 in [true]": False,
    "null = null": True,
    "null = nothing": False,
    "nothing != nothing": False,
    "{'a': [1]} = {'a': [1.0]}": True,
    "'a' < 'b'": True,
    "'é' > 'z'": True,
    "'\ue000' < '😀'": False,
    "nothing < 1": UNDEFINED,
    "nothing + 1": UNDEFINED,
    "false and $error()": False,
    "true or $error()": True,
    "1 ? 'y' : 'n'": "y",
    "[] ? 'y' : 'n'": "n",
    "0 ? 'y'": UNDEFINED,
    "[1..3, 7, 9..8]": [1, 2, 3, 7],
    "[[1, 2], 3]": [[1, 2], 3],
    "[nothing, null]": [None],
    "{'a': nothing, 'b': null}": {"b": None},
    "{}": {},
    "()": UNDEFINED,
    '(\'\\u0041\'; "q\\"")': 'q"',
    "/* a remark */ 1": 1,
}
SCOPES = {
    "($x := 1; ($x := 2; $x) + $x)": 3,
    "($x := 1; (false ? $x := 2; $x))": 1,
    "($a := $b := 4; [$a, $b])": [4, 4],
    "($f := function($n) { $n < 2 ? 1 : $n * $f($n - 1) }; $f(20))": 2432902008176640000,
    (
        "($odd := function($n) { $n = 0 ? false : $even($n - 1) };"
        "$even := function($n) { $n = 0 ? true : $odd($n - 1) }; $even(10))"
    ): True,
    "($add := function($x) { function($y) { $x + $y } }; $add(2)(3))": 5,
    "($count := 3; $count)": 3,
    "[1, 2].($v := $ * 10; $v + 1)": [11, 21],
    "function($x, $y) { $y }(1)": UNDEFINED,
    "λ($x) { $x }(1, 2)": 1,
}


@pytest.mark.parametrize("text", PATHS)
def test_paths_give(text: str) -> None:
    assert same(evaluate(text, SHOP), PATHS[text])


@pytest.mark.parametrize("text", OPERATORS | SCOPES)
def test_expressions_give(text: str) -> None:
    assert same(evaluate(text), (OPERATORS | SCOPES)[text])


@pytest.mark.parametrize(
    "text, code",
    [
        ("1 + 'a'", "T2002"),
        ("null + 1", "T2001"),
        ("1 < true", "T2010"),
        ("1 < 'a'", "T2009"),
        ("-'a'", "D1002"),
        ("1/0", "D1001"),
        ("0/0", "D1001"),
        ("[1/0]", "D1001"),
        ("1/0 + 1", "D1001"),
        ("1e308 * 10", "D1001"),
        ("5 % 0", "D1001"),
        ("[1.5..2]", "T2003"),
        ("[1..'a']", "T2004"),
        ("[1..1e9]", "D2014"),
        ("{1: 2}", "T1003"),
        ("{'a': 1, 'a': 2}", "D1009"),
        ("[{'a': 1}, {'a': 'b'}]^(a)", "T2007"),
        ("[{'a': null}, {'a': 1}]^(a)", "T2008"),
        ("$nothing()", "T1006"),
        ("sum([1])", "T1005"),
        ("sum(?)", "T1007"),
        ("1(?)", "T1008"),
        ("1 ~> 2", "T2006"),
        ("{} ~> |$|1|", "T2011"),
        ("{} ~> |$|{}, 1|", "T2012"),
        ("function($x)<n:n> { $x }('a')", "T0410"),
    ],
)
def test_evaluation_fails_with_the_code_of_its_reason(text: str, code: str) -> None:
    assert error_of(text).code == code


@pytest.mark.parametrize(
    "text, code, position",
    [
        ("", "S0207", 0),
        ("'open", "S0101", 0),
        ("1 + 9e999", "S0102", 4),
        ("'\\q'", "S0103", 2),
        ("'\\u12'", "S0104", 2),
        ("`open", "S0105", 0),
        ("1 /* open", "S0106", 2),
        ("a b", "S0201", 2),
        ("[1 2]", "S0202", 3),
        ("(1", "S0203", 2),
        ("!a", "S0204", 0),
        ("function(x) {1}", "S0208", 9),
        ("1 + ;", "S0211", 4),
        ("a := 1", "S0212", 0),
        ("a.1", "S0213", 2),
        ("a@b", "S0214", 2),
        ("a[0]@$b", "S0215", 4),
        ("a^(b)@$c", "S0216", 5),
        ("%", "S0217", 0),
        ("//", "S0301", 0),
        ("/a", "S0302", 0),
        ("/(/ ", "S0302", 0),
        ("/[b-a]/", "S0303", 0),
        ("function($x)<n<n>>{1}", "S0401", 12),
        ("$a ?? 1", "S0211", 4),
        ("$a ?: 1", "S0211", 4),
    ],
)
def test_compiling_names_the_mistake_and_its_place(text: str, code: str, position: int) -> None:
    error = error_of(text)
    assert (error.code, error.position) == (code, position)


def test_messages_are_code_and_text() -> None:
    assert str(error_of("$nothing()")) == "T1006: Attempted to invoke a non-function"
    assert str(error_of("1 + 'a'")) == 'T2002: The right side of the "+" operator must evaluate to a number'
    assert error_of("$min('a')").message == 'Argument 1 of function "min" must be an array of "numbers"'
    assert error_of("$error('my words')").message == "my words"


def test_undefined_and_null_stay_apart() -> None:
    assert evaluate("$x", x=None) is None
    assert evaluate("$x", x=UNDEFINED) is UNDEFINED
    assert evaluate("$exists($x)", x=None) is True
    assert evaluate("$exists($x)", x=UNDEFINED) is False
    assert evaluate("[$x]", x=None) == [None]


def test_a_variable_wins_over_a_function_of_its_name_when_read() -> None:
    assert evaluate("$count", count=5) == 5
    assert evaluate("$count + $sum", count=5, sum=1) == 6
    assert evaluate("$count([1, 2])", count=5) == 2
    assert evaluate("[1, 2] ~> $count()", count=5) == 2
    assert error_of("($count := 5; $count([1]))").code == "T1006"


def test_integers_stay_integers() -> None:
    for text, value in {"$n + 1": 4, "$n * 1.0": 3, "$n / 3": 1, "$sum([1.5, 1.5])": 3, "$number('3.0')": 3}.items():
        result = evaluate(text, n=3)
        assert (result, type(result)) == (value, int)


def test_a_large_integer_that_is_only_passed_on_is_not_changed() -> None:
    assert evaluate("$n", n=2**70 + 1) == 2**70 + 1


def test_key_order_is_kept() -> None:
    assert list(evaluate("{'b': 1, 'a': 2, 'c': 3}")) == ["b", "a", "c"]
    assert list(evaluate("$merge([{'z': 1}, {'a': 2}])")) == ["z", "a"]


@pytest.mark.parametrize(
    "text", ["$sum", "function() { 1 }", "/a/", "{'f': $sum}", "[$map]", "$sum ~> $string", "|a|{}|", "$pad(?, 3)"]
)
def test_a_function_in_the_result_is_handed_out_as_a_function(text: str) -> None:
    assert isinstance(evaluate(text), Function)


def test_results_are_plain_lists() -> None:
    for text in ("orders.[id]", "orders[]", "orders.id[]", "$keys($)[]", "$[]", "[orders.[id][]]"):
        assert _plain(evaluate(text, SHOP))


def _plain(value: Any) -> bool:
    if isinstance(value, list):
        return type(value) is list and all(map(_plain, value))
    return type(value) is not dict or all(map(_plain, value.values()))


def test_an_array_as_input_is_one_value_for_the_root() -> None:
    assert evaluate("$", [1, 2]) == [1, 2]
    assert evaluate("$count($)", [1, 2]) == 2
    assert evaluate("{'all': $}", [1, 2]) == {"all": [1, 2]}
    assert evaluate("$[0]", [1, 2]) == 1


def test_input_and_bindings_are_never_changed() -> None:
    original = repr(SHOP)
    evaluate("$ ~> |orders.lines|{'price': 0}, 'sku'|", SHOP)
    evaluate("{} ~> |$s.orders|{'id': 0}, 'lines'|", s=SHOP)
    evaluate("$sort(orders, function($a, $b) { $a.id < $b.id })", SHOP)
    evaluate("$append(empty, 1)", SHOP)
    assert repr(SHOP) == original


def test_tail_calls_take_no_stack() -> None:
    text = "($down := function($n, $sum) { $n = 0 ? $sum : $down($n - 1, $sum + $n) }; $down(20000, 0))"
    assert evaluate(text) == 200010000


class TestFacts:
    def test_free_variables_are_those_not_bound_inside(self) -> None:
        expression = compile_expression("($a := $b; $f := function($c) { $a + $c + $d }; $f($x))")
        assert expression.free_variables == {"b", "d", "x"}

    def test_a_variable_read_before_it_is_assigned_is_free(self) -> None:
        assert compile_expression("($n := $n + 1; $n)").free_variables == {"n"}

    def test_a_called_function_is_free_unless_it_is_built_in(self) -> None:
        assert compile_expression("$sum($f($x))").free_variables == {"f", "x"}

    def test_names_bound_by_joins_are_not_free(self) -> None:
        assert compile_expression("$o.a@$x#$i.(b[$x > $i])").free_variables == {"o"}

    @pytest.mark.parametrize(
        "text, references",
        [
            ("$", ((0, "$"),)),
            ("$$.a", ((0, "$$"),)),
            ("a.b", ((0, "a"),)),
            ("1 + `my field`", ((4, "my field"),)),
            ("[*, **]", ((1, "*"), (4, "**"))),
            ("$x.a[b > $.c].d", ()),
            ("$map($x, function($v) { $ })", ()),
            ("$x.{ 'k': v }", ()),
            ("{'k': v}", ((6, "v"),)),
            ("$x[$$.limit > n]", ((3, "$$"),)),
            ("$x^(price)", ()),
        ],
    )
    def test_uses_of_the_outermost_context_are_told(self, text: str, references: tuple[tuple[int, str], ...]) -> None:
        expression = compile_expression(text)
        assert expression.context_references == references
        assert expression.uses_root is bool(references)

    def test_paths_below_a_variable_are_told(self) -> None:
        text = "$states.input.n + $states.result[0].x & $states & $states.context.*"
        paths = compile_expression(text).paths_of("states")
        assert paths == {("input", "n"), ("result", "x"), (), ("context",)}
        assert compile_expression(text).paths_of("other") == set()
