"""Regular expressions mean what they mean in JavaScript, on Python's `re` and on the matcher that counts its steps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asl_engine.query.jsonata import JsonataError
from asl_engine.query.jsonata.regex import RegexFunction, compile_regex
from asl_engine.query.jsonata.values import UNDEFINED, Run
from tests.query.jsonata.expressions import evaluate

MATCHES = [
    (r"a$", "", "a\n", None),
    (r"a$", "m", "a\nb", ("a",)),
    (r"^b", "", "a\nb", None),
    (r"^b", "m", "a\nb", ("b",)),
    (r"a.b", "", "a\u2028b", None),
    (r"\d", "", "٣", None),
    (r"\w+", "", "é", None),
    (r"\bé", "", "é", None),
    (r"\s", "", "\ufeff", ("\ufeff",)),
    (r"STRASSE", "i", "strasse", ("strasse",)),
    (r"É", "i", "é", ("é",)),
    (r"(?<year>\d+)-(?<month>\d+)", "", "2024-05", ("2024-05", "2024", "05")),
    (r"(?<q>['\x22]).*?\k<q>", "", "say 'hi'", ("'hi'", "'")),
    (r"(a)|b", "", "b", ("b", None)),
    (r"(?:(a)|(b))+", "", "ab", ("ab", None, "b")),
    (r"(?:a|ab)(?:c|bcd)(d*)", "", "abcd", ("abcd", "")),
    (r"(z)?\1a", "", "a", ("a", None)),
    (r"[^]", "", "\n", ("\n",)),
    (r"[]", "", "a", None),
    (r"[\w-]+", "", "a-b", ("a-b",)),
    (r"a{2}", "", "aaa", ("aa",)),
    (r"a{,2}", "", "a{,2}", ("a{,2}",)),
    (r"x{", "", "x{", ("x{",)),
    (r"(?<=\$\d*)5", "", "$15", ("5",)),
    (r"(?<!a)b", "", "ab b", ("b",)),
    (r"a(?!b)", "", "abac", ("a",)),
    (r"(?=(a+))a*b\1", "", "baaabac", ("aba", "a")),
    (r"\u0041\x42\cJ", "", "AB\n", ("AB\n",)),
    (r"\/", "", "a/b", ("/",)),
    (r"(a*?)(a*)$", "", "aa", ("aa", "", "aa")),
]


def first_match(function: RegexFunction, text: str) -> tuple[str | None, ...] | None:
    found = next(function.matches(text, Run()), None)
    if found is None:
        return None
    return (found["match"], *(None if group is UNDEFINED else group for group in found["groups"]))


@pytest.mark.parametrize("pattern, flags, text, expected", MATCHES)
def test_patterns_match_as_in_javascript(
    pattern: str, flags: str, text: str, expected: tuple[str | None, ...] | None
) -> None:
    function = compile_regex(pattern, flags, 0)
    assert first_match(function, text) == expected
    function.compiled = None
    assert first_match(function, text) == expected


@pytest.mark.parametrize(
    "pattern", ["(", ")", "*", "a**", "[", "[b-a]", "a{2,1}", "(?<a>x)(?<a>y)", "(?", "\\", "(?<1>a)", "a{99999999}"]
)
def test_a_malformed_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(JsonataError, match="S0303"):
        compile_regex(pattern, "", 0)


ATOMS = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", "\\w", "\\b", "^", "$", "\\1", "(?=a)", "(?!b)"])


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.tuples(inner, inner).map("|".join).map("(?:{})".format),
        inner.map("({})".format),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "*?", "{1,2}", "{2}"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        ),
    )


@given(
    st.recursive(ATOMS, _larger, max_leaves=6), st.text(alphabet="abc\n", max_size=8), st.sampled_from(["", "i", "m"])
)
def test_both_matchers_agree(pattern: str, text: str, flags: str) -> None:
    function = compile_regex(pattern, flags, 0)
    other = compile_regex(pattern, flags, 0)
    other.compiled = None
    outcomes = []
    for each in (function, other):
        try:
            outcomes.append(first_match(each, text))
        except JsonataError as error:
            outcomes.append((error.code,))
    if "U1001" not in (outcome and outcome[0] for outcome in outcomes):
        assert outcomes[0] == outcomes[1]


def test_a_regex_is_a_function_that_gives_a_match_and_the_next() -> None:
    assert evaluate("'a1b2' ~> /[a-z](\\d)/ ~> $lookup('groups')") == ["1"]
    assert evaluate("(/\\d/)('a1b2').next().match") == "2"
    assert evaluate("(/x/)('a')") is UNDEFINED


def test_a_matcher_may_be_a_function_of_the_expression() -> None:
    text = """(
        $all := function($s, $at) {
            $contains($s, 'x') ? {
                'match': 'x',
                'start': $at + $length($substringBefore($s, 'x')),
                'end': $at + $length($substringBefore($s, 'x')) + 1,
                'groups': [],
                'next': function() { $all($substringAfter($s, 'x'), $at + $length($substringBefore($s, 'x')) + 1) }
            }
        };
        $split('1x2x3', function($s) { $all($s, 0) })
    )"""
    assert evaluate(text) == ["1", "2", "3"]
