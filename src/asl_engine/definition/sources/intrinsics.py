"""CloudFormation's functions in templates, as far as a definition needs them: Ref and `Fn::...`.

A function becomes text, in fragments that know where they stand. What only a deployment knows stays a name in the text
(`placeholders.reference`), to be looked up, or stood in for, where the definition is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Any

from asl_engine.definition.sources.documents import member, pointer_to, tokens
from asl_engine.definition.sources.embedded import Fragment
from asl_engine.definition.sources.placeholders import LONGEST, REFERENCE, reference
from asl_engine.jsonvalue import Json, dumps

_SUB_VARIABLE = re.compile(r"\$\{(?P<escape>!)?(?P<name>[^{}]*)\}")
_NO_VALUE = {"Ref": "AWS::NoValue"}
Mappings = Mapping[str, Any]


def function_of(value: Json) -> str | None:
    """The name of the function that an object is a call of."""
    if not isinstance(value, dict) or len(value) != 1:
        return None
    ((name, argument),) = value.items()
    is_call = name.startswith("Fn::") or (name == "Ref" and isinstance(argument, str))
    return name if is_call else None


def reduced(value: Json, mappings: Mappings, kept: dict[int, list[int]]) -> Json:
    """A value with its functions carried out: texts with references, and of each Fn::If its first branch. `kept` is
    told which items are left of each array that held AWS::NoValue, by the array's id."""
    value, _ = chosen(value)
    if function_of(value):
        return text_of(value, mappings)
    if isinstance(value, dict):
        return {key: reduced(item, mappings, kept) for key, item in value.items() if not _is_no_value(item)}
    if isinstance(value, list):
        return _reduced_array(value, mappings, kept)
    return value


def _reduced_array(value: list[Json], mappings: Mappings, kept: dict[int, list[int]]) -> list[Json]:
    left = [index for index, item in enumerate(value) if not _is_no_value(item)]
    if len(left) < len(value):
        kept[id(value)] = left
    return [reduced(value[index], mappings, kept) for index in left]


def origin(value: Json, pointer: str, kept: Mapping[int, list[int]]) -> str:
    """What a JSON pointer into the reduced value was called in `value`."""
    found: list[str] = []
    for token in tokens(pointer):
        value, branch = chosen(value)
        found.extend(branch)
        left = kept.get(id(value), ())
        token = str(left[int(token)]) if token.isdecimal() and int(token) < len(left) else token
        found.append(token)
        value = member(value, token)
    return pointer_to(*found)


def chosen(value: Json) -> tuple[Json, list[str]]:
    """The branch that a Fn::If is taken for, and the keys that lead to it; any other value as it is."""
    keys: list[str] = []
    while function_of(value) == "Fn::If" and isinstance(value["Fn::If"], list) and len(value["Fn::If"]) == 3:
        index = 1 if value["Fn::If"][1] != _NO_VALUE else 2
        keys += ["Fn::If", str(index)]
        value = value["Fn::If"][index]
    return value, keys


def _is_no_value(value: Json) -> bool:
    return bool(chosen(value)[0] == _NO_VALUE)


def text_of(value: Json, mappings: Mappings) -> str:
    """The text of a value, with references."""
    return "".join(fragment.text for fragment in fragments(value, "", mappings))


def fragments(value: Json, pointer: str, mappings: Mappings) -> list[Fragment]:
    """The text of a value that stands at `pointer` of the template."""
    value, branch = chosen(value)
    pointer += pointer_to(*branch)
    if isinstance(value, str):
        return [Fragment(value, pointer, 0)]
    name = function_of(value)
    if name is None:
        return [Fragment(dumps(value), pointer, None)]
    return _TEXTS.get(name, _unknown)(value[name], pointer + pointer_to(name), mappings)


def _ref(argument: Json, pointer: str, mappings: Mappings) -> list[Fragment]:
    return [Fragment(reference(argument), pointer, None)]


def _get_att(argument: Json, pointer: str, mappings: Mappings) -> list[Fragment]:
    parts = argument if isinstance(argument, list) else [argument]
    return [Fragment(reference(".".join(_word(part, mappings) for part in parts)), pointer, None)]


def _word(value: Json, mappings: Mappings) -> str:
    return text_of(value, mappings).replace(REFERENCE, "")


def _join(argument: Json, pointer: str, mappings: Mappings) -> list[Fragment]:
    match argument:
        case [str(delimiter), list(items)]:
            parts = [fragments(item, f"{pointer}/1/{index}", mappings) for index, item in enumerate(items)]
            between = [Fragment(delimiter, f"{pointer}/0", None)] if delimiter else []
            return list(chain.from_iterable([*between, *part] if at else part for at, part in enumerate(parts)))
    return _unknown(argument, pointer, mappings)


def _sub(argument: Json, pointer: str, mappings: Mappings) -> list[Fragment]:
    match argument:
        case str(text):
            return list(_sub_fragments(text, pointer, {}))
        case [str(text), dict(variables)]:
            values = {
                name: fragments(value, f"{pointer}/1{pointer_to(name)}", mappings) for name, value in variables.items()
            }
            if _weight(text, values) <= LONGEST:
                return list(_sub_fragments(text, f"{pointer}/0", values))
    return _unknown(argument, pointer, mappings)


def _weight(text: str, values: Mapping[str, list[Fragment]]) -> int:
    """How much the variables of a Fn::Sub add: they may nest, and each be used often."""
    weights = {name: sum(len(part.text) + 1 for part in parts) for name, parts in values.items()}
    return sum(weights.get(match["name"].strip(), 0) for match in _SUB_VARIABLE.finditer(text))


def _sub_fragments(text: str, pointer: str, values: Mapping[str, list[Fragment]]) -> Iterator[Fragment]:
    """The text of a Fn::Sub: its own variables filled in, other names made references, `${!Name}` made `${Name}`."""
    at = 0
    for match in _SUB_VARIABLE.finditer(text):
        yield Fragment(text[at : match.start()], pointer, at)
        name, at = match["name"].strip(), match.end()
        if match["escape"]:
            yield Fragment(f"${{{name}}}", pointer, match.start())
        elif name in values:
            yield from values[name]
        else:
            yield Fragment(reference(name), pointer, match.start())
    yield Fragment(text[at:], pointer, at)


def _select(argument: Json, pointer: str, mappings: Mappings) -> list[Fragment]:
    match argument:
        case [int() | str() as index, items] if str(index).isdecimal():
            values = _items(items, mappings)
            if int(index) < len(values):
                return [Fragment(text_of(values[int(index)], mappings), pointer, None)]
    return _unknown(argument, pointer, mappings)


def _items(value: Json, mappings: Mappings) -> list[Json]:
    """The items of a list that stands there or that Fn::Split makes of a text without references."""
    match value:
        case list():
            return value
        case {"Fn::Split": [str(delimiter), text]} if delimiter:
            return text_of(text, mappings).split(delimiter)
    return []


def _find_in_map(argument: Json, pointer: str, mappings: Mappings) -> list[Fragment]:
    """Looks up where all three keys are written out."""
    value: Json = mappings
    for key in argument if isinstance(argument, list) else [argument]:
        value = value.get(key) if isinstance(value, dict) and isinstance(key, str) else None
    if isinstance(value, (str, int, float)):
        return [Fragment(value if isinstance(value, str) else dumps(value), pointer, None)]
    return _unknown(argument, pointer, mappings)


def _unknown(argument: Json, pointer: str, mappings: Mappings) -> list[Fragment]:
    """A function that only a deployment can carry out: a reference named as it and its first word."""
    first = argument[0] if isinstance(argument, list) and argument else argument
    word = f".{first}" if isinstance(first, str) else ""
    return [Fragment(reference(tokens(pointer)[-1] + word), pointer, None)]


_TEXTS: dict[str, Callable[[Json, str, Mappings], list[Fragment]]] = {
    "Ref": _ref,
    "Fn::GetAtt": _get_att,
    "Fn::Join": _join,
    "Fn::Sub": _sub,
    "Fn::Select": _select,
    "Fn::FindInMap": _find_in_map,
}
