"""Function signatures, as in `<s-nn?:s>`: which arguments a function takes, and which it takes from the context.

A signature is matched as a regular expression over one letter per argument: s string, n number, b boolean, l null,
o object, a array, f function, m missing. What follows `:` (the result) is not checked, as in the reference.
"""

from __future__ import annotations

import re
from functools import lru_cache

from asl_engine.query.jsonata.messages import JsonataError
from asl_engine.query.jsonata.values import UNDEFINED, Function, Value

_LETTERS = {"a": "asnblfom", "f": "f", "j": "asnblom", "x": "asnblfom"}
_ITEM_NAMES = {"a": "arrays", "b": "booleans", "f": "functions", "n": "numbers", "o": "objects", "s": "strings"}
_KINDS: dict[type, str] = {str: "s", int: "n", float: "n", bool: "b", type(None): "l", dict: "o", list: "a"}


class Parameter:
    """`letters` it accepts; `repeat` is "", "?" or "+"; `context`: taken from the context when left out; `item` is the
    letter that an array's items must have."""

    __slots__ = ("context", "item", "kind", "letters", "repeat")

    def __init__(self, kind: str, letters: str) -> None:
        self.kind = kind
        self.letters = letters
        self.repeat = ""
        self.context = False
        self.item = ""

    @property
    def pattern(self) -> str:
        return f"[{self.letters}]{'?' if self.context and not self.repeat else self.repeat}"


class Signature:
    """A parsed signature; `bind` makes the arguments that a function is called with."""

    __slots__ = ("parameters", "pattern", "text")

    def __init__(self, text: str, parameters: list[Parameter]) -> None:
        self.text = text
        self.parameters = parameters
        self.pattern = re.compile("".join(f"({parameter.pattern})" for parameter in parameters))

    def bind(self, arguments: list[Value], context: Value) -> list[Value]:
        """Raises T0410, T0411 or T0412."""
        kinds = "".join(map(kind_of, arguments))
        match = self.pattern.fullmatch(kinds)
        if match is None:
            raise self._mismatch(arguments, kinds)
        bound: list[Value] = []
        index = 0
        for parameter, letters in zip(self.parameters, match.groups(), strict=True):
            if letters:
                for letter in letters:
                    bound.append(_fit(parameter, letter, arguments[index], index))
                    index += 1
            elif parameter.context:
                if kind_of(context) not in parameter.letters:
                    raise JsonataError("T0411", value=context, index=index + 1)
                bound.append(context)
            else:
                bound.append(UNDEFINED)
        return bound

    def _mismatch(self, arguments: list[Value], kinds: str) -> JsonataError:
        """Names the first argument that does not fit, or the first beyond the last parameter."""
        good, pattern = 0, ""
        for parameter in self.parameters:
            pattern += parameter.pattern
            match = re.match(pattern, kinds)
            if match is None:
                break
            good = match.end()
        value = arguments[good] if good < len(arguments) else None
        return JsonataError("T0410", value=value, index=good + 1)


def kind_of(value: Value) -> str:
    """A value's letter."""
    kind = _KINDS.get(value.__class__)
    if kind is not None:
        return kind
    if value is UNDEFINED:
        return "m"
    return "f" if isinstance(value, Function) else "a"


def _fit(parameter: Parameter, letter: str, argument: Value, index: int) -> Value:
    if parameter.kind != "a" or letter == "m":
        return argument
    if parameter.item and not _items_fit(parameter.item, letter, argument):
        raise JsonataError("T0412", value=argument, index=index + 1, type=_ITEM_NAMES.get(parameter.item[0], "values"))
    return argument if letter == "a" else [argument]


def _items_fit(item: str, letter: str, argument: Value) -> bool:
    if letter != "a":
        return letter == item
    return item[0] == "x" or all(kind_of(value) == item[0] for value in argument)


@lru_cache(maxsize=256)
def parse_signature(text: str, position: int | None = None) -> Signature:
    """Parses `<...>`. Raises S0401 or S0402."""
    parameters: list[Parameter] = []
    index = 1
    while index < len(text) and text[index] not in ":>":
        index = _parse_symbol(text, index, parameters, position)
    return Signature(text, parameters)


def _parse_symbol(text: str, index: int, parameters: list[Parameter], position: int | None) -> int:
    symbol = text[index]
    last = parameters[-1] if parameters else Parameter("", "")
    if symbol == "-":
        last.context = True
    elif symbol in "?+":
        last.repeat = symbol
    elif symbol == "(":
        end = _closing(text, index, "(", ")")
        choice = text[index + 1 : end]
        if "<" in choice:
            raise JsonataError("S0402", position, value=choice)
        letters = "".join(letter for letter in choice if letter.isalpha())  # `a` is an array here, and nothing else
        parameters.append(Parameter(f"({choice})", letters + "m"))
        return end + 1
    elif symbol == "<":
        end = _closing(text, index, "<", ">")
        if last.kind not in ("a", "f"):
            raise JsonataError("S0401", position, value=last.kind)
        last.item = text[index + 1 : end]
        return end + 1
    elif symbol.isalpha():
        letters = _LETTERS.get(symbol, symbol + "m")
        parameters.append(Parameter(symbol, letters))
    return index + 1


def _closing(text: str, index: int, opening: str, closing: str) -> int:
    depth = 0
    for position in range(index, len(text)):
        depth += (text[position] == opening) - (text[position] == closing)
        if depth == 0:
            return position
    return len(text)
