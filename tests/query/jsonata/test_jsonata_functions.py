"""The library of functions, a table for each family: expression and value, or expression and the code of its error."""

from __future__ import annotations

import json
from typing import Any

import pytest

from asl_engine.query.jsonata import UNDEFINED
from tests.query.jsonata.expressions import Still, error_of, evaluate, same

STRINGS = {
    "$contains('ab', /x*/)": True,
    "$contains('', /^$/)": True,
    "$split('', /^$/)": ["", ""],
    "$replace('a', /$/, '!')": "a!",
    "$match('', /x*/).index": 0,
    "$string(12.50)": "12.5",
    "$string(1/3)": "0.333333333333333",
    "$string(1e21)": "1e+21",
    "$string(1e20)": "100000000000000000000",
    "$string(0.000001)": "0.000001",
    "$string(1e-7)": "1e-7",
    "$string(-0)": "0",
    "$string([1, 'a', null, {'k': true}])": '[1,"a",null,{"k":true}]',
    "$string({'a': [1, 2], 'b': {}}, true)": '{\n  "a": [\n    1,\n    2\n  ],\n  "b": {}\n}',
    "$string($sum)": "",
    "$length('naïve 👍')": 7,
    "$uppercase('straße')": "STRASSE",
    "$lowercase('ÀB')": "àb",
    "$trim('  two\\t\\n words ')": "two words",
    "$substring('workflow', 4)": "flow",
    "$substring('workflow', -4, 2)": "fl",
    "$substring('workflow', -40, 2)": "wo",
    "$substring('workflow', 2.9, 1.9)": "r",
    "$substring('workflow', 3, -1)": "",
    "$substringBefore('a=b=c', '=')": "a",
    "$substringAfter('a=b=c', '=')": "b=c",
    "$substringAfter('abc', '?')": "abc",
    "$pad('7', -3, '0')": "007",
    "$pad('ab', 7, '.-')": "ab.-.-.",
    "$pad('long', 2)": "long",
    "$join(['a', 'b', 'c'], '/')": "a/b/c",
    "$contains('step functions', 'func')": True,
    "$contains('Step', /^s/i)": True,
    "$split('a;b;;c', ';')": ["a", "b", "", "c"],
    "$split('a;b;c', ';', 2)": ["a", "b"],
    "$split('one1two22three', /\\d+/)": ["one", "two", "three"],
    "$match('k1=v1,k2=v2', /(\\w+)=(\\w+)/, 1)": {"match": "k1=v1", "index": 0, "groups": ["k1", "v1"]},
    "$count($match('a1b2', /[a-z]\\d/))": 2,
    "$match('ac', /(b)?(c)/)": {"match": "c", "index": 1, "groups": [None, "c"]},
    "$replace('aaa', 'a', 'b', 2)": "bba",
    "$replace('2024-05', /(\\d+)-(\\d+)/, '$2.$1$$')": "05.2024$",
    "$replace('x1y2', /\\d/, function($m) { $string($number($m.match) + 1) })": "x2y3",
    "$base64encode('steps')": "c3RlcHM=",
    "$base64decode('c3RlcHM=')": "steps",
    "$encodeUrlComponent('a b&c/é')": "a%20b%26c%2F%C3%A9",
    "$encodeUrl('http://x/é?q=a b')": "http://x/%C3%A9?q=a%20b",
    "$decodeUrlComponent('a%20b%26c')": "a b&c",
    "$decodeUrl('a%20b%26c')": "a b%26c",
    "'a' & 1 & true & null & [1]": "a1truenull[1]",
    "'a' & nothing": "a",
}
NUMBERS = {
    "$number('-12.5e1')": -125,
    "$number('0x1F')": 31,
    "$number(true)": 1,
    "$abs(-4.5)": 4.5,
    "$floor(-4.5)": -5,
    "$ceil(-4.5)": -4,
    "$round(0.5)": 0,
    "$round(1.5)": 2,
    "$round(2.345, 2)": 2.34,
    "$round(-1250, -2)": -1200,
    "$sqrt(16)": 4,
    "$power(2, 0.5)": 1.4142135623730951,
    "$power(3, 4)": 81,
    "$formatBase(255, 16)": "ff",
    "$formatBase(-5, 2)": "-101",
    "$formatNumber(98765.432, '#,##0.00')": "98,765.43",
    "$formatNumber(0.256, '0.0%')": "25.6%",
    "$formatNumber(-3, '0;(0)')": "(3)",
    "$formatNumber(7, '000')": "007",
    "$formatNumber(0.5, '#.##')": ".5",
    "$formatNumber(0.0625, '0.00e0')": "6.25e-2",
    "$formatNumber(1234567, '#,##,##')": "1,23,45,67",
    "$formatNumber(3.5, '0,0', {'decimal-separator': ',', 'grouping-separator': '.'})": "3,5",
    "$formatInteger(2024, 'I')": "MMXXIV",
    "$formatInteger(28, 'a')": "ab",
    "$formatInteger(1001, 'w')": "one thousand and one",
    "$formatInteger(21, 'Ww;o')": "Twenty-First",
    "$formatInteger(112, '0;o')": "112th",
    "$formatInteger(7654321, '#,##0')": "7,654,321",
    "$parseInteger('MCMXC', 'I')": 1990,
    "$parseInteger('two hundred and six', 'w')": 206,
    "$parseInteger('1,234', '#,##0')": 1234,
    "$boolean('0')": True,
    "$not('')": True,
}
ARRAYS = {
    "$sum([1, 2, 3.5])": 6.5,
    "$sum([])": 0,
    "$sum(4)": 4,
    "$count('x')": 1,
    "$count(nothing)": 0,
    "$max([3, 9.5, 2])": 9.5,
    "$min([3, 9.5, 2])": 2,
    "$average([1, 2])": 1.5,
    "$append([1], [2, 3])": [1, 2, 3],
    "$append(1, nothing)": 1,
    "$exists(null)": True,
    "$exists(nothing)": False,
    "$reverse([1, 2, 3])": [3, 2, 1],
    "$distinct([1, true, 1.0, '1', [1], [1.0], {'a': 1}, {'a': 1}])": [1, True, "1", [1], {"a": 1}],
    "$shuffle([1, 2, 3, 4])": [3, 4, 2, 1],
    "$zip([1, 2, 3], ['a', 'b'])": [[1, "a"], [2, "b"]],
    "$sort([3, 1.5, 2])": [1.5, 2, 3],
    "$sort(['b', 'a', 'C'])": ["C", "a", "b"],
    "$sort([{'n': 2}, {'n': 1}], function($l, $r) { $l.n > $r.n }).n": [1, 2],
}
OBJECTS = {
    "$spread([{'a': 1}])": [{"a": 1}],
    "$spread([])": UNDEFINED,
    "[].a": [],
    "$nothing.a@$item{$item.key: $item}": {},
    "[1].a": UNDEFINED,
    "$keys({'b': 1, 'a': 2})": ["b", "a"],
    "$keys([{'b': 1}, {'b': 2, 'c': 3}])": ["b", "c"],
    "$lookup({'a b': 1}, 'a b')": 1,
    "$lookup([{'a': 1}, {'a': 2}], 'a')": [1, 2],
    "$spread([{'a': 1}, {'b': 2, 'c': 3}])": [{"a": 1}, {"b": 2}, {"c": 3}],
    "$merge([{'a': 1, 'b': 1}, {'b': 2}])": {"a": 1, "b": 2},
    "$type([])": "array",
    "$type(null)": "null",
    "$type($type)": "function",
}
HIGHER_ORDER = {
    "$map([1, 2, 3], function($v, $i, $a) { $v * $i + $count($a) })": [3, 5, 9],
    "$map([1, 2], function($v) { nothing })": UNDEFINED,
    "$map(['a'], $uppercase)": "A",
    "$map([1.25, 1.25], $round)": [1, 1.2],
    "$filter([1, 2, 3, 4], function($v) { $v % 2 = 0 })": [2, 4],
    "$single([1, 2, 3], function($v) { $v > 2 })": 3,
    "$reduce([1, 2, 3], function($a, $v) { $a * 10 + $v })": 123,
    "$reduce([1, 2], function($a, $v) { $a + $v }, 10)": 13,
    "$each({'a': 1, 'b': 2}, function($v, $k) { $k & $v })": ["a1", "b2"],
    "$sift({'a': 1, 'b': 20}, function($v) { $v > 5 })": {"b": 20},
    "($half := function($x) { $x / 2 }; 8 ~> $half ~> $half)": 2,
    "($f := $uppercase ~> $length; $f('abc'))": 3,
    "($take := $substring(?, 0, ?); $take('abcdef', 2))": "ab",
    "function($x, $y)<n-n:n> { $x - $y }(9, 4)": 5,
    "[1..3].function($x, $y)<n-n:n> { $x - $y }(1)": [0, 1, 2],
}
TIMES = {
    "$now()": "2023-11-14T22:13:20.123Z",
    "$millis()": 1700000000123,
    "$now('[Y]/[M01]/[D01]')": "2023/11/14",
    "$fromMillis(0)": "1970-01-01T00:00:00.000Z",
    "$fromMillis(951782400000, '[D1o] [MNn] [Y], [FNn]')": "29th February 2000, Tuesday",
    "$fromMillis(1e12, '[H01]:[m01] [z]', '+0530')": "07:16 GMT+05:30",
    "$fromMillis(1e12, '[h]:[m01][PN]', '-0330')": "10:16PM",
    "$fromMillis(-62198755200000, '[Y]')": "-1",
    "$fromMillis(1e12, '[[[Y0001]]]')": "[2001]",
    "$toMillis('2000-02-29T12:00:00Z')": 951825600000,
    "$toMillis('2000-02-29T12:00:00+02:00')": 951818400000,
    "$toMillis('2000')": 946684800000,
    "$toMillis('29/02/2000', '[D01]/[M01]/[Y0001]')": 951782400000,
    "$toMillis('3rd May 2021', '[D1o] [MNn] [Y]')": 1620000000000,
    "$toMillis('not a date', '[Y]-[M]')": UNDEFINED,
    "$toMillis('10:30', '[H]:[m]')": 1699957800000,
}
AWS = {
    "$partition([1, 2, 3, 4, 5], 2)": [[1, 2], [3, 4], [5]],
    "$partition([1, 2, 3], 2.9)": [[1, 2], [3]],
    "$partition(1, 4)": [[1]],
    "$range(0, 10, 5)": [0, 5, 10],
    "$range(3.9, 1, -1)": [3, 2, 1],
    "$range(5, 1, 1)": UNDEFINED,
    "$range(1, 9, 9)": 1,
    "$random()": 0.25,
    "$random(7) = $random(7.5)": True,
    "$random(7) = $random(8)": False,
    "$uuid()": "00000000-0000-4000-8000-000000000000",
    "$parse('[1, {\\\"a\\\": null}]')": [1, {"a": None}],
}
VALUES = STRINGS | NUMBERS | ARRAYS | OBJECTS | HIGHER_ORDER | TIMES | AWS

ERRORS = {
    "$uppercase(1)": "T0410",
    "$sum(['a'])": "T0412",
    "5.$length()": "S0213",
    "(5).$length()": "T0411",
    "$number('abc')": "D3030",
    "$number('1e999')": "D3030",
    "$sqrt(-1)": "D3060",
    "$power(10, 1000)": "D3061",
    "$formatBase(1, 99)": "D3100",
    "$toMillis('foo')": "D3110",
    "$toMillis('2023-02-30')": "D3110",
    "$sort([1, 'a'])": "D3070",
    "$reduce([1, 2], function($x) { $x })": "D3050",
    "$single([1, 1])": "D3138",
    "$single([])": "D3139",
    "$error('stop')": "D3137",
    "$assert(false, 'no')": "D3141",
    "$replace('abc', '', 'x')": "D3010",
    "$replace('abc', /b/, function() { 1 })": "D3012",
    "$split('a', ',', -1)": "D3020",
    "$match('a', /a/, -1)": "D3040",
    "$match('ab', /x*/)": "D1004",
    "$match('ab', /x*/, 1)": "D1004",
    "$sift({'a': 1})": "T0410",
    "$formatNumber(1, $nothing)": "T0410",
    "$clone(1)": "T0410",
    "$formatInteger(1, $nothing)": "T0410",
    "$parseInteger('1', $nothing)": "T0410",
    "$substring('abc', 1/0)": "D1001",
    "$pad('a', 0/0)": "D1001",
    "$split('a', 'b', 1/0)": "D1001",
    "$replace('a', 'a', 'b', -1/0 + 0)": "D1001",
    "$match('a', /a/, 1/0)": "D1001",
    "$round(1, 1/0)": "D1001",
    "$partition([1], 1/0)": "D1001",
    "$range(1, 2, 0/0)": "D1001",
    "$random(1/0)": "D1001",
    "$decodeUrl('%')": "D3140",
    "$formatNumber(1, '0.0.0')": "D3081",
    "$formatInteger(1, 'XYZ')": "D3130",
    "$fromMillis(0, '[q]')": "D3132",
    "$fromMillis(0, '[Y')": "D3135",
    "$fromMillis(1e300)": "D1001",
    "$partition([1], 0)": "D3900",
    "$range(1, 2, 0)": "D3900",
    "$range(1, 1e9, 1)": "D2014",
    "$hash('x', 'CRC')": "D3901",
    "$parse('{')": "D3902",
    "$eval('1')": "T1006",
    "$string(1/0)": "D3001",
}


@pytest.mark.parametrize("text", VALUES)
def test_functions_give(text: str) -> None:
    assert same(evaluate(text), VALUES[text])


@pytest.mark.parametrize("text", ERRORS)
def test_functions_refuse(text: str) -> None:
    assert error_of(text).code == ERRORS[text]


@pytest.mark.parametrize(
    "text, message",
    {
        "'p' + -1": 'The left side of the "+" operator must evaluate to a number',
        "'p' - 1": 'The left side of the "-" operator must evaluate to a number',
        "true and ('p' - 1)": 'The left side of the "and" operator must evaluate to a number',
        "false or $length(1)": 'Argument 1 of function "or" does not match function signature',
        "(1 +": 'Expected ")" before end of expression',
        "1 +": "Unexpected end of expression",
        "1e-7.a": "The literal value 1e-7 cannot be used as a step within a path expression",
        "$error('')": "$error() function evaluated",
        "1/0 + 1": "Number out of range: null",
        "$assert(false, '')": "$assert() statement failed",
    }.items(),
)
def test_messages_read_as_the_reference_words_them(text: str, message: str) -> None:
    assert error_of(text).message == message


@pytest.mark.parametrize(
    "algorithm, length", [("MD5", 32), ("SHA-1", 40), ("SHA-256", 64), ("SHA-384", 96), ("SHA-512", 128)]
)
def test_hash_gives_hexadecimal_digits(algorithm: str, length: int) -> None:
    assert len(evaluate("$hash('steps', $a)", a=algorithm)) == length


def test_parse_reads_what_string_wrote() -> None:
    value: Any = {"a": [1, 2.5, None, True], "b": {"c": "é\n"}}
    assert evaluate("$parse($string($v))", v=value) == value
    assert json.loads(evaluate("$string($v)", v=value)) == value


def test_randomness_comes_from_the_environment_only() -> None:
    assert evaluate("$random()") == Still().random()
    assert evaluate("$uuid()") == Still().uuid()


@pytest.mark.parametrize(
    "text, value",
    {
        "$distinct(items.type)": "a",
        "$distinct(items.[1])": [1],
        "$distinct($map(items, function($item) { $item.type }))": "a",
        "$distinct(counts[$ = 1])": 1,
        "$distinct([1, 1][$ = 1])": 1,
        "$distinct(items@$item.$item.type)": "a",
        "($types := items.type; $distinct($types))": "a",
        "items.type ~> $distinct": "a",
        "{'all': items.type, 'each': $distinct(items.type)}": {"all": ["a", "a"], "each": "a"},
        "$distinct(counts)": [1],
        "$distinct(pairs[0])": [1],
        "$distinct([items.type])": ["a"],
        "$distinct(items^(type))": [{"type": "a"}],
        "$distinct(items.type)[]": ["a"],
    }.items(),
)
def test_distinct_gives_one_item_for_a_sequence_and_an_array_for_an_array(text: str, value: Any) -> None:
    data = {"items": [{"type": "a"}, {"type": "a"}], "counts": [1, 1], "pairs": [[1, 1], [2]]}
    assert evaluate(text, data) == value


def test_a_function_called_without_its_first_argument_takes_the_context() -> None:
    assert evaluate("words.$uppercase()", {"words": ["a", "b"]}) == ["A", "B"]
    assert evaluate("words.$substring(1)", {"words": ["ab", "cd"]}) == ["b", "d"]
