"""Laws: repetition and threads change nothing, inputs are never changed, no text crashes, printing is parsed back."""

from __future__ import annotations

import copy
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from asl_engine import jsonvalue
from asl_engine.query.jsonata import UNDEFINED, Function, JsonataError, compile_expression
from asl_engine.query.jsonata.parser import parse
from asl_engine.query.jsonata.unparse import unparse
from tests.query.jsonata.expressions import Still

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-100, 100) | st.floats(-1e6, 1e6) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=4),
    max_leaves=12,
)
LEAVES = st.sampled_from(
    ["a", "b", "$", "$$", "$x", "1", "2.5", "-3", "'s'", "null", "true", "*", "**", "%", "[]", "{}", "/a+/"]
)
FORMS = [
    *("{0}.{1}", "{0}[{1}]", "{0}[]", "({0}; {1})", "[{0}, {1}]", "{{'k': {0}, 'm': {1}}}", "{0}{{'k': {1}}}"),
    *("{0}^({1})", "{0}^(>{1}, a)", "{0} + {1}", "{0} * {1}", "{0} - {1}", "{0} / {1}", "{0} % {1}", "{0} & {1}"),
    *("{0} = {1}", "{0} < {1}", "{0} and {1}", "{0} in {1}", "[{0}..{1}]", "{0} ? {1} : {0}", "$v := {0}"),
    *("($v := {0}; $v.{1})", "function($v){{{0}}}({1})", "{0} ~> $string", "$map({0}, function($v) {{ {1} }})"),
    *("$sum({0})", "$count({0})", "{0}@$v.{1}", "{0}#$i[{1}]", "{0} ~> |{1}|{{'t': 1}}, 'a'|", "-({0})"),
    *("$filter({0}, function($e, $i) {{ {1} }})", "$append({0}, {1})", "$f({0}, ?)", "$distinct({0})", "$keys({0})"),
    *("$merge({0})", "$sort({0})", "$reverse({0})", "$each({0}, function($v, $k) {{ {1} }})", "$string({0})"),
]
TEXTS = st.recursive(
    LEAVES,
    lambda inner: st.tuples(st.sampled_from(FORMS), inner, inner).map(lambda form: form[0].format(*form[1:])),
    max_leaves=8,
)
WORDS = "a $x 1 's' ( ) [ ] { } . .. , ; : := ? @ # % ^ ~> | + - * ** / = != < > & and or in function λ ! ~ ` \\ /* $$"
TOKENS = st.lists(st.sampled_from(WORDS.split()), max_size=12).map(" ".join)


def outcome(text: str, given: Any, bindings: dict[str, Any]) -> Any:
    """The value, or the code of the error; a function counts as one value."""
    try:
        result = compile_expression(text).evaluate(given, bindings, Still())
    except JsonataError as error:
        return f"{error.code} {error.message}"
    return "a function" if isinstance(result, Function) else result


@given(TEXTS, JSON, JSON)
def test_any_expression_gives_json_or_a_jsonata_error(text: str, given: Any, bound: Any) -> None:
    result = outcome(text, given, {"x": bound})
    if result is not UNDEFINED:
        jsonvalue.adopt(result)


@given(TEXTS, JSON, JSON)
def test_repetition_changes_nothing(text: str, given: Any, bound: Any) -> None:
    kept = copy.deepcopy((given, bound))
    first = outcome(text, given, {"x": bound})
    assert repr(outcome(text, given, {"x": bound})) == repr(first)
    assert repr((given, bound)) == repr(kept)


@given(st.one_of(st.text(max_size=20), TOKENS))
def test_no_text_crashes_the_compiler(text: str) -> None:
    outcome(text, {"a": 1}, {"x": [1, 2]})


@given(st.one_of(TEXTS, TOKENS))
def test_what_is_printed_is_parsed_back(text: str) -> None:
    try:
        tree = parse(text)
    except JsonataError:
        return
    assert parse(unparse(tree)) == tree


@given(st.integers(-(2**53), 2**53), st.integers(-(2**53), 2**53))
def test_sums_of_integers_are_those_of_doubles(one: int, other: int) -> None:
    assert outcome("$a + $b", UNDEFINED, {"a": one, "b": other}) == float(one) + float(other)


def test_one_expression_serves_many_threads() -> None:
    text = "($f := function($n) { $n < 2 ? $n : $f($n - 1) + $f($n - 2) }; $f($n) & $join($map([1..$n], $string)))"
    expression = compile_expression(text)

    def run(n: int) -> Any:
        return expression.evaluate(UNDEFINED, {"n": n}, Still())

    numbers = [3, 8, 5, 11] * 20
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(run, numbers)) == [run(n) for n in numbers]
