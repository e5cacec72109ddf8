"""Which texts are paths, how they are spelt, and what is said of those that are not."""

import pytest

from asl_engine.query.jsonpath import InvalidPath, compile_path, parse_path, parse_reference_path


@pytest.mark.parametrize(
    "text, normal",
    [
        ("$", "$"),
        ("$.a.b", "$['a']['b']"),
        ("$['a b'].c", "$['a b']['c']"),
        ("$.a[0][1,2]", "$['a'][0][1,2]"),
        ("$.a[ 1 : 3 ].b", "$['a'][1:3]['b']"),
        ("$..a.*", "$..['a'][*]"),
        ("$.a['b' , 'c']", "$['a']['b', 'c']"),
        ("$.a[?(@.b == ')')].c", "$['a'][?]['c']"),
        ("$.a[(@.length - 2)]", "$['a'][@.size()-2]"),
        ("$.a[1,]", "$['a'][1]"),
        ("a.b", "$['a']['b']"),
        (" $.a ", "$['a']"),
    ],
)
def test_a_path_has_one_normal_spelling(text: str, normal: str) -> None:
    assert parse_path(text).normal == normal


@pytest.mark.parametrize(
    "text, words",
    [
        ("", "must not be empty"),
        ("$a", "must go on with '.' or '['"),
        ("$.", "must not end with '.'"),
        ("$.a..", "must not end with '..'"),
        ("$.a b", "must not have a space outside of brackets (position 4)"),
        ("$.a[0", "has no ']' for the '[' at position 4"),
        ("$.a[]", "neither a quoted name"),
        ('$["a"]', "single quotes"),
        ("$.a[:]", "neither a start nor an end"),
        ("$.a[::2]", "neither a start nor an end"),
        ("$.a[--1]", "not a 32-bit integer"),
        ("$.a[99999999999]", "not a 32-bit integer"),
        ("$.a[@.length-1]", "the only such form is [(@.length-1)]"),
        ("$.a[?]", "must have the form [?(...)]"),
        ("$.a[?@.b]", "must have the form [?(...)]"),
        ("$.a[?()]", "neither a path from '@' or '$' nor a comparison"),
        ("$.a[?(@.b in [1])]", "space outside of brackets"),
        ("$.a[?(@.b == 'it's')]", "quotes do not match"),
        ("$.a[?((@.b == 1)]", "round brackets do not match"),
        ("$.a[?(@.b == 1))]", "round brackets do not match"),
        ("$.a[?(@.b && )]", "neither a path"),
        ("$.a[?(@..b == 1)]", "could find several values"),
        ("$.a[?(@.b[?(@.c)])]", "filter within a filter"),
        ("$.a[?(@.b =~ 'x')]", "no /pattern/"),
        ("$.a[?(@.b =~ /*/)]", "not a regular expression"),
        ("$.a[?(!(@.b == 1))]", "only a path can be negated"),
        ("$.a[0]$.b", "must not have a '$' at position 7"),
    ],
)
def test_a_text_that_is_no_path_is_refused_with_its_rule(text: str, words: str) -> None:
    with pytest.raises(InvalidPath) as caught:
        parse_path(text)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "$" + "[" * 10_000,
        "$.a[?(" + "(" * 4_000 + "@.b" + ")" * 4_000 + ")]",
        "$" + ".a" * 4_000,
        "$.a[?(" + "@.b[?(" * 1_000 + ")])" * 1_000 + "]",
        "$." + "a" * 100_000,
        "$" + "..a" * 3_000,
        "$" + "[0]" * 3_000,
    ],
    ids=["brackets", "round brackets", "names", "filters", "length", "scans", "indices"],
)
def test_a_hostile_text_is_an_invalid_path_and_nothing_worse(text: str) -> None:
    with pytest.raises(InvalidPath):
        parse_path(text)


def test_many_conditions_in_a_row_are_not_nesting() -> None:
    path = "$[?(" + " && ".join(["@.a == 1"] * 700) + ")]"
    assert compile_path(parse_path(path))([{"a": 1}, {"a": 2}]) == [{"a": 1}]


@pytest.mark.parametrize(
    "text, keys",
    [
        ("$", ()),
        ("$.a.b", ("a", "b")),
        (r"$.store\.book", ("store.book",)),
        (r"$.\stor\e.boo\k", ("store", "book")),
        ("$['store']['book']", ("store", "book")),
        ('$["a b"].c', ("a b", "c")),
        (r"$['it\'s']", ("it's",)),
        ("$.a[0][12].b", ("a", 0, 12, "b")),
        ("$[0]", (0,)),
        ("$.&Ж中.\ud800\udf46".encode("utf-16", "surrogatepass").decode("utf-16"), ("&Ж中", "\U00010346")),
        ("$['']", ("",)),
        ("$.a-b_c", ("a-b_c",)),
    ],
)
def test_a_reference_path_names_the_keys_on_the_way(text: str, keys: tuple[str | int, ...]) -> None:
    assert parse_reference_path(text) == keys


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a.b",
        "$.",
        "$a",
        "$$",
        "$$.a",
        "$..a",
        "$.*",
        "$[*]",
        "$.a[-1]",
        "$.a[0,1]",
        "$.a[0:1]",
        "$['a','b']",
        "$.a[?(@.b)]",
        "$.a@b",
        "$.a,b",
        "$.a:b",
        "$.a?",
        "$.a b",
        "$.a.length()",
        "$.a[",
        "$['a",
        "$.a\\",
        "$[" * 5000,
    ],
)
def test_a_reference_path_names_one_place_only(text: str) -> None:
    with pytest.raises(InvalidPath):
        parse_reference_path(text)


def test_a_reference_path_into_the_context_object_is_told_apart() -> None:
    with pytest.raises(InvalidPath, match="not in the context object"):
        parse_reference_path("$$.Execution")
