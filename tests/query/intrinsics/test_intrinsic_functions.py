"""What each intrinsic function gives, and what it says of arguments that it does not take."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asl_engine.errors import StatesError
from asl_engine.jsonvalue import equal
from asl_engine.query.intrinsics import INTRINSICS
from asl_engine.query.jsonpath.expressions import compile_text
from tests.query.scopes import FixedEntropy, FixedScope

DOCUMENT: dict[str, Any] = {
    "five": 5,
    "list": [1, 2, 2, 3],
    "name": "Ada",
    "object": {"a": {"x": 1}, "b": 2},
    "other": {"a": {"y": 2}, "c": 3},
    "text": '{"k": [1, null]}',
    "none": None,
    "yes": True,
}
SCOPE = FixedScope(variables={"who": "Bob"}, context_object={"State": {"Name": "S"}})


def call(text: str, document: Any = DOCUMENT, scope: FixedScope = SCOPE) -> Any:
    return compile_text("x.$", text)(document, scope)


def test_there_are_eighteen() -> None:
    assert len(INTRINSICS) == 18


@pytest.mark.parametrize(
    "text, expected",
    [
        ("States.Array()", []),
        ("States.Array(1, 'two', null, true, $.five, $who, $$.State.Name)", [1, "two", None, True, 5, "Bob", "S"]),
        ("States.ArrayPartition($.list, 3)", [[1, 2, 2], [3]]),
        ("States.ArrayPartition($.list, 1.5)", [[1, 2], [2, 3]]),
        ("States.ArrayPartition(States.Array(), 3)", []),
        ("States.ArrayContains($.list, 3)", True),
        ("States.ArrayContains($.list, 3.0)", True),
        ("States.ArrayContains($.list, '3')", False),
        ("States.ArrayContains(States.Array(1), true)", False),
        ("States.ArrayContains(States.Array($.object), $.object)", True),
        ("States.ArrayRange(1, 9, 2)", [1, 3, 5, 7, 9]),
        ("States.ArrayRange(1, 8, 3)", [1, 4, 7]),
        ("States.ArrayRange(5, 1, -2)", [5, 3, 1]),
        ("States.ArrayRange(5, 1, 2)", []),
        ("States.ArrayGetItem($.list, 3)", 3),
        ("States.ArrayLength($.list)", 4),
        ("States.ArrayUnique($.list)", [1, 2, 3]),
        ("States.ArrayUnique(States.Array(1, true, '1', 1.0, true, null, null))", [1, True, "1", None]),
        ("States.ArrayUnique(States.Array($.object, $.list, $.object))", [DOCUMENT["object"], DOCUMENT["list"]]),
        ("States.Base64Encode('naïve ☕')", "bmHDr3ZlIOKYlQ=="),
        ("States.Base64Decode('bmHDr3Zl\n IOKYlQ==')", "naïve ☕"),
        ("States.Hash('abc', 'MD5')", "900150983cd24fb0d6963f7d28e17f72"),
        ("States.Hash('abc', 'SHA-1')", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("States.JsonMerge($.object, $.other, false)", {"a": {"y": 2}, "b": 2, "c": 3}),
        ("States.StringToJson($.text)", {"k": [1, None]}),
        ("States.JsonToString($.object)", '{"a":{"x":1},"b":2}'),
        ("States.JsonToString($.name)", '"Ada"'),
        ("States.MathAdd($.five, 1)", 6),
        ("States.MathAdd(0.5, 0)", 1),
        ("States.MathAdd(-1.5, 0)", -1),
        ("States.MathAdd(-1.51, 0)", -2),
        ("States.MathAdd(0.49999999999999994, 0)", 0),
        ("States.MathAdd(2147483647, -2147483648)", -1),
        ("States.StringSplit('a,b;c', ',;')", ["a", "b", "c"]),
        ("States.StringSplit(',,a,,', ',')", ["a"]),
        ("States.StringSplit('a^b-c]d', ']^-')", ["a", "b", "c", "d"]),
        ("States.StringSplit('', ',')", []),
        ("States.StringSplit('a b', '')", ["a b"]),
        ("States.UUID()", "00000000-0000-4000-8000-000000000000"),
    ],
)
def test_a_function_gives(text: str, expected: Any) -> None:
    value = call(text)
    assert equal(value, expected)
    assert type(value) is type(expected)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("States.Format('{} is {}', $.name, $.five)", "Ada is 5"),
        ("States.Format('no places')", "no places"),
        ("States.Format('{}{}', 'a', 'b')", "ab"),
        (r"States.Format('\{\}{}\'\\', 1)", "{}1'\\"),
        ("States.Format('{}, {}, {}', null, true, 1.5)", "null, true, 1.5"),
        ("States.Format('{}', $.object)", "{a={x=1}, b=2}"),
        ("States.Format('{}', $.list)", "[1,2,2,3]"),
        ("States.Format('{}', 12345678.0)", "1.2345678E7"),
        ("States.Format('{\"k\": {}}', 1)", '{"k": 1}'),
        ("States.Format($who)", "Bob"),
        ("States.Format(States.Format('{}{}', '{', '}'), 'x')", "x"),
    ],
)
def test_format_fills_its_places_as_java_prints(text: str, expected: str) -> None:
    assert call(text) == expected


@pytest.mark.parametrize(
    "text, words",
    [
        ("States.ArrayLength($.name)", 'must be an array, not "Ada"'),
        ("States.ArrayPartition($.list, 0)", "must be a positive integer, not 0"),
        ("States.ArrayPartition($.name, 1)", "must be an array"),
        ("States.ArrayContains($.five, 1)", "must be an array, not 5"),
        ("States.ArrayRange(1, 5, 0)", "must not be zero"),
        ("States.ArrayRange(0, 1000, 1)", "more than 1000 items, and would have 1001"),
        ("States.ArrayGetItem($.list, 4)", "The index 4 is outside of the array, which has 4 items"),
        ("States.ArrayGetItem($.list, -1)", "The index -1 is outside"),
        ("States.ArrayGetItem($.list, '0')", 'must be a number, not "0"'),
        ("States.Base64Encode($.five)", "must be a string, not 5"),
        ("States.Base64Decode('#')", "must be the Base64 text"),
        ("States.Base64Decode('/w==')", "must be the Base64 text of a UTF-8 string"),
        ("States.Hash('a', 'sha-1')", "must be one of MD5, SHA-1"),
        ("States.JsonMerge($.object, $.other, true)", "must be false"),
        ("States.JsonMerge($.object, $.five, false)", "The second argument must be an object, not 5"),
        ("States.StringToJson('{')", "must be JSON text"),
        ("States.StringToJson($.five)", "must be a string, not 5"),
        ("States.MathAdd($.yes, 1)", "must be a number, not true"),
        ("States.MathAdd(2147483648, 0)", "must be integers from -2147483648 to 2147483647"),
        ("States.MathAdd(2147483647, 1)", "must be integers from"),
        ("States.MathRandom(5, 5)", "must be less than the end number"),
        ("States.StringSplit('a', 1)", "The second argument must be a string, not 1"),
        ("States.Format($.name, 1)", "has 0 places {} for 1 further arguments"),
    ],
)
def test_a_wrong_argument_fails_the_execution_and_names_function_rule_and_value(text: str, words: str) -> None:
    with pytest.raises(StatesError) as caught:
        call(text)
    assert caught.value.error == "States.Runtime"
    assert caught.value.cause is not None
    assert caught.value.cause.startswith(f"The function '{text}' had the following error: ")
    assert words in caught.value.cause


def test_a_range_may_have_a_thousand_items() -> None:
    assert len(call("States.ArrayRange(1, 1000, 1)")) == 1000


@pytest.mark.parametrize("function", ["Base64Encode($)", "Base64Decode($)", "Hash($, 'MD5')"])
def test_ten_thousand_characters_are_the_most(function: str) -> None:
    call(f"States.{function}", "YWFh" * 2500)
    with pytest.raises(StatesError, match="10000 characters, and has 10004"):
        call(f"States.{function}", "YWFh" * 2501)


def test_a_failing_inner_call_is_the_one_named() -> None:
    with pytest.raises(StatesError, match=r"The function 'States\.ArrayLength\(1\)'"):
        call("States.Array(States.ArrayLength(1))")


@pytest.mark.parametrize("chance, expected", [(0.0, 10), (0.5, 15), (0.999999, 19)])
def test_a_random_number_comes_from_the_executions_entropy(chance: float, expected: int) -> None:
    assert call("States.MathRandom(10, 20)", {}, FixedScope(entropy=FixedEntropy(chance))) == expected


def test_a_seed_decides_the_number_alone() -> None:
    one = [call(f"States.MathRandom(0, 1000000, {seed})") for seed in range(20)]
    other_scope = FixedScope(entropy=FixedEntropy(0.1))
    assert one == [call(f"States.MathRandom(0, 1000000, {seed})", DOCUMENT, other_scope) for seed in range(20)]
    assert len(set(one)) == 20


@given(st.integers(-(10**6), 10**6), st.integers(1, 10**6), st.integers())
def test_a_random_number_lies_from_start_to_below_end(start: int, width: int, seed: int) -> None:
    document = {"start": start, "end": start + width, "seed": seed}
    assert start <= call("States.MathRandom($.start, $.end, $.seed)", document) < start + width


@given(st.lists(st.integers()), st.integers(1, 10))
def test_the_chunks_of_an_array_are_the_array(values: list[int], size: int) -> None:
    chunks = call("States.ArrayPartition($.v, $.n)", {"v": values, "n": size})
    assert [item for chunk in chunks for item in chunk] == values
    assert all(len(chunk) == size for chunk in chunks[:-1])


JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(JSON_VALUES)
def test_json_text_and_back_is_the_same_value(value: Any) -> None:
    assert equal(call("States.StringToJson(States.JsonToString($))", value), value)


@given(st.text(max_size=100))
def test_base64_and_back_is_the_same_text(text: str) -> None:
    assert call("States.Base64Decode(States.Base64Encode($))", text) == text


@given(st.lists(JSON_VALUES, max_size=6))
def test_unique_keeps_the_first_of_equal_values_and_nothing_twice(values: list[Any]) -> None:
    unique = call("States.ArrayUnique($)", values)
    expected: list[Any] = []
    for value in values:
        if not any(equal(value, kept) for kept in expected):
            expected.append(value)
    assert equal(unique, expected)


@given(st.integers(-50, 50), st.integers(-50, 50), st.integers(-9, 9).filter(bool))
def test_a_range_takes_equal_steps_and_stops_at_its_end(first: int, last: int, step: int) -> None:
    values = call(f"States.ArrayRange({first}, {last}, {step})")
    assert values == list(range(first, last + (1 if step > 0 else -1), step))
