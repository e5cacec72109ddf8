"""What a path selects, in tables; the behaviours were run on Jayway json-path 2.0.0 with documents of our own."""

from typing import Any

import pytest

from asl_engine.query.jsonpath import PathMisapplied, PathNotFound, compile_path, parse_path

SHOP: dict[str, Any] = {
    "open": True,
    "till": None,
    "name": "corner",
    "tags": ["tea", "milk", "bread", "jam"],
    "empty": [],
    "owner": {"first": "Ada", "last": "L", "home": {"street": "Elm"}},
    "stock": [
        {"sku": "t1", "price": 3, "size": {"g": 100}},
        {"sku": "m1", "price": 2, "note": None},
        {"sku": "b1", "price": "2", "size": {"g": 500}},
    ],
    "grid": [[1, 2], [3, 4]],
    "shelves": {"low": {"n": 1}, "high": {}},
    "a.b": 1,
    "it's": 2,
    "x\\y": 3,
}


def select(path: str, document: Any = SHOP) -> Any:
    return compile_path(parse_path(path))(document)


@pytest.mark.parametrize(
    "path, expected",
    [
        ("$.name", "corner"),
        ("$.till", None),
        ("$.owner.home.street", "Elm"),
        ("$['owner']['first']", "Ada"),
        ("$.owner['first','last']", {"first": "Ada", "last": "L"}),
        ("$.owner['first','missing']", {"first": "Ada"}),
        ("$['a.b']", 1),
        ("$['x\\y']", 3),
        ("$.tags[0]", "tea"),
        ("$.tags[3]", "jam"),
        ("$.tags[(@.length-1)]", "jam"),
        ("$.grid[1][0]", 3),
        ("$.stock[0].size.g", 100),
        ("$.tags.[1]", "milk"),
        ("$.[ 'name' ]", "corner"),
    ],
)
def test_a_definite_path_gives_the_value_itself(path: str, expected: Any) -> None:
    assert parse_path(path).definite
    assert select(path) == expected


@pytest.mark.parametrize(
    "path, expected",
    [
        ("$.tags[*]", ["tea", "milk", "bread", "jam"]),
        ("$.shelves.*", [{"n": 1}, {}]),
        ("$.stock[*].sku", ["t1", "m1", "b1"]),
        ("$.stock[*].note", [None]),
        ("$.stock[*].size.g", [100, 500]),
        ("$.stock[*]['sku','note']", [{"sku": "t1"}, {"sku": "m1", "note": None}, {"sku": "b1"}]),
        ("$.tags[1,0]", ["milk", "tea"]),
        ("$.tags[1:3]", ["milk", "bread"]),
        ("$.tags[-1:]", ["jam"]),
        ("$.tags[:-3]", ["tea"]),
        ("$.tags[-9:]", ["tea", "milk", "bread", "jam"]),
        ("$.tags[1:-1]", []),
        ("$.tags[2:9]", ["bread", "jam"]),
        ("$.tags[0:4:2]", ["tea", "milk", "bread", "jam"]),
        ("$.empty[*].x", []),
        ("$.empty[-1:3]", []),
        ("$.name.*", []),
        ("$.missing[*]", []),
        ("$.missing.deeper[1:].x", []),
        ("$.till.*", []),
        ("$..g", [100, 500]),
        ("$..size.g", [100, 500]),
        ("$.grid..[0]", [[1, 2], 1, 3]),
        ("$..['first','last']", [{"first": "Ada", "last": "L"}]),
        ("$.grid[*][1]", [2, 4]),
    ],
)
def test_an_indefinite_path_gives_a_list_even_of_one_or_none(path: str, expected: Any) -> None:
    assert not parse_path(path).definite
    assert select(path) == expected


@pytest.mark.parametrize(
    "path, expected",
    [
        ("$.stock[?(@.price == 2)].sku", ["m1", "b1"]),
        ("$.stock[?(@.price < 3)].sku", ["m1", "b1"]),
        ("$.stock[?(@.price > '2')].sku", ["t1"]),
        ("$.stock[?(@.size)].sku", ["t1", "b1"]),
        ("$.stock[?(!@.size)].sku", ["m1"]),
        ("$.stock[?(@.note)].sku", []),
        ("$.stock[?(@.note == null)].sku", ["m1"]),
        ("$.stock[?(@.missing == null)].sku", []),
        ("$.stock[?(@.sku != 't1')].sku", ["m1", "b1"]),
        ("$.stock[?(@.sku == t1)].sku", ["t1"]),
        ('$.stock[?(@.sku == "t1")].sku', []),
        ("$.stock[?('m1' == @.sku)].sku", ["m1"]),
        ("$.stock[?(3 == @.price)].sku", []),
        ("$.stock[?(@.sku =~ /[tm]1/)].sku", ["t1", "m1"]),
        ("$.stock[?(@.sku =~ /T1/i)].sku", ["t1"]),
        ("$.stock[?(@.sku =~ /t/)].sku", []),
        ("$.stock[?(@.size.g > 100)].sku", ["b1"]),
        ("$.stock[?(@.size == @.size)].sku", ["t1", "b1"]),
        ("$.stock[?(@.size != @.sku)].sku", []),
        ("$.stock[?(@.price == 3 || @.price == 2 && @.sku == 'b1')].sku", ["t1", "b1"]),
        ("$.stock[?((@.price == 3 || @.price == 2) && @.sku == 'b1')].sku", ["b1"]),
        ("$.stock[?(@.price < $.stock[0].price)].sku", ["m1"]),
        ("$.tags[?(@ == 'tea')]", ["tea"]),
        ("$.tags.[?(@ =~ /.*a.*/)]", ["tea", "bread", "jam"]),
        ("$.owner[?(@.first == 'Ada')].last", ["L"]),
        ("$.shelves[?(@.n == 1)]", []),
        ("$.grid[*][?(@ > 2)]", [3, 4]),
        ("$.stock[?(@['sku'] == 't1')].price", [3]),
        ("$.stock[?(@.price == 2)][?(@.note == null)].sku", ["m1"]),
        ("$..[?(@.g > 100)]", [{"g": 500}]),
    ],
)
def test_a_filter_keeps_what_passes(path: str, expected: Any) -> None:
    assert select(path) == expected


@pytest.mark.parametrize(
    "path, text",
    [
        ("$.missing", "No results for path: $['missing']"),
        ("$.owner.missing", "No results for path: $['owner']['missing']"),
        ("$.missing.deeper", "Missing property in path $['missing']"),
        ("$.name.first", "Property ['first'] not found in path $['name']"),
        ("$.till.first", "Property ['first'] not found in path $['till']"),
        ("$.tags.length()", "Property ['length()'] not found in path $['tags']"),
        ("$.tags[9]", "Index out of bounds when evaluating path $['tags'][9]"),
        ("$.tags[-1]", "Index out of bounds when evaluating path $['tags'][-1]"),
        ("$.tags[0,9]", "Index out of bounds when evaluating path $['tags'][9]"),
        ("$.tags[-2:-1]", "Index out of bounds when evaluating path $['tags'][-2]"),
        ("$.till[0]", "The path $['till'] is null"),
        ("$.till[0:1]", "The path $['till'] is null"),
        ("$.shelves.*.n", "No results for path: $['shelves']['high']['n']"),
        ("$.stock[?(@.sku)].size", "No results for path: $['stock'][1]['size']"),
        ("$..home.city", "No results for path: $['owner']['home']['city']"),
        ("$..home.city.zip", "Missing property in path $['owner']['home']['city']"),
    ],
)
def test_what_is_not_there_is_told_in_jayways_words(path: str, text: str) -> None:
    with pytest.raises(PathNotFound) as caught:
        select(path)
    assert str(caught.value) == text


@pytest.mark.parametrize(
    "path, text",
    [
        ("$.name[0]", "Filter: [0] can only be applied to arrays. Current context is: corner"),
        (
            "$.owner[0].x",
            "Filter: [0]['x'] can only be applied to arrays. "
            "Current context is: {first=Ada, last=L, home={street=Elm}}",
        ),
        ("$.grid[*][0][1]", "Filter: [1] can only be applied to arrays. Current context is: 1"),
        ("$.open[?(@.x)]", "Filter: [?] can not be applied to primitives. Current context is: true"),
        ("$.owner['first','last'].x", "Multi properties can only be used as path leafs: $['owner']['first', 'last']"),
        ("$.stock[?(@.price == x)]", 'Character x is neither a decimal digit number, decimal point, nor "e" '),
    ],
)
def test_a_segment_that_does_not_fit_the_value_is_no_mere_absence(path: str, text: str) -> None:
    with pytest.raises(PathMisapplied) as caught:
        select(path)
    assert str(caught.value).startswith(text)


def test_a_missing_name_on_the_way_is_silent_only_beside_an_indefinite_segment() -> None:
    assert select("$.stock[0,1].missing.x") == []
    assert select("$.stock[?(@.sku)].missing.x") == []
    with pytest.raises(PathNotFound, match="Missing property"):
        select("$.owner[?(@.first)].home.missing.x")


def test_a_scan_skips_the_segment_after_it_inside_arrays_that_are_not_the_end() -> None:
    document = {"list": [{"id": 1}, {"id": 2}]}
    assert select("$..[0]", document) == [{"id": 1}]
    assert select("$..[0].id", document) == [1, 2]


def test_the_last_condition_is_tested_first() -> None:
    assert select("$[?(@[0] == 1 && @.a == 2)]", {"a": 1}) == []
    with pytest.raises(PathMisapplied):
        select("$[?(@.a == 2 && @[0] == 1)]", {"a": 1})


def test_a_null_document_has_no_paths() -> None:
    with pytest.raises(PathNotFound, match="root can not be null"):
        select("$", None)


def test_the_document_is_never_shared_where_a_list_is_gathered() -> None:
    document = {"list": [1, 2]}
    gathered = select("$.list[*]", document)
    gathered.append(3)
    assert document == {"list": [1, 2]}
