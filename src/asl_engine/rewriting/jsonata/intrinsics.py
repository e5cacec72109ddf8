"""The 18 intrinsic functions in JSONata: one row each.

A row takes the arguments as values and gives a value; what the two functions do alike only for some arguments is
written to the report. A function that gives an array gives the same one whatever its items are, arrays too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

from asl_engine.jsonvalue import Json, dumps
from asl_engine.query.intrinsics.syntax import Argument, Call, Literal, Reference, parse_call
from asl_engine.rewriting.jsonata.paths import read
from asl_engine.rewriting.jsonata.report import Site
from asl_engine.rewriting.jsonata.values import (
    ANY,
    ARRAY,
    BOOLEAN,
    NUMBER,
    OBJECT,
    STRING,
    Expr,
    Value,
    as_expr,
    combined,
    literal,
    quoted,
)


def computed(text: str, document: Value, site: Site) -> Value:
    """What a `.$` field's text gives: a path, or a call of an intrinsic function."""
    return read(text, document, site) if text.startswith("$") else _call(parse_call(text), document, site)


def _call(call: Call, document: Value, site: Site) -> Value:
    row = ROWS[call.name]
    return row(Arguments(call, [_argument(argument, document, site) for argument in call.arguments], site))


def _argument(argument: Argument, document: Value, site: Site) -> Value:
    if isinstance(argument, Literal):
        return argument.value
    if isinstance(argument, Reference):
        return read(argument.text, document, site)
    return _call(argument, document, site)


class Arguments(NamedTuple):
    """One call: as written, and the values of its arguments."""

    call: Call
    values: Sequence[Value]
    site: Site

    def expr(self, index: int) -> Expr:
        """An argument as an expression."""
        return as_expr(self.values[index])

    @property
    def exprs(self) -> list[Expr]:
        """All of them."""
        return [as_expr(value) for value in self.values]

    def literal(self, index: int) -> Json:
        """An argument that must be a literal to be turned."""
        argument = self.call.arguments[index]
        if not isinstance(argument, Literal):
            self.site.refuse(f"{self.call.text}: only a literal can be turned in the place of {_text(argument)}")
        return argument.value

    def assumes(self, index: int, what: str, kinds: frozenset[str] = frozenset()) -> None:
        """Notes what an argument must be, unless that is known."""
        argument = self.call.arguments[index]
        if not isinstance(argument, Literal) and self.expr(index).kind not in kinds:
            self.site.assumes(f"{_text(argument)} in {self.call.text} is {what}")


def _text(argument: Argument) -> str:
    return dumps(argument.value) if isinstance(argument, Literal) else argument.text


Row: TypeAlias = Callable[[Arguments], Value]
ARRAYS = frozenset({ARRAY, "literal array"})
WHOLE = "a whole number"


def _format(given: Arguments) -> Value:
    template = given.call.arguments[0]
    if not isinstance(template, Literal) or not template.pieces:
        given.site.refuse(f"{given.call.text}: only a literal template can be turned")
    parts: list[Expr] = []
    for index, piece in enumerate(template.pieces):
        if index:
            given.assumes(index, "a string, a whole number, true, false or null: others are printed otherwise", PRINTED)
            parts.append(given.expr(index))
        if piece:
            parts.append(literal(piece))
    if not any(part.kind == STRING for part in parts):
        parts.append(literal(""))
    text = " & ".join(part.operand for part in parts)
    return combined(text, STRING, parts, absorbs=True, loose=len(parts) > 1)


PRINTED = frozenset({STRING, BOOLEAN, NUMBER})


def _array(given: Arguments) -> Value:
    return list(given.values)


def _partition(given: Arguments) -> Value:
    given.assumes(0, "an array", ARRAYS)
    given.assumes(1, WHOLE)
    return combined(f"$partition({given.expr(0).text}, {given.expr(1).text})", ARRAY, given.exprs)


def _contains(given: Arguments) -> Value:
    """`in` compares strings, numbers and the like; `=` compares objects and arrays too."""
    given.assumes(0, "an array", ARRAYS)
    items, wanted = given.exprs
    if wanted.kind in PRINTED or wanted.text == "null":
        text, loose = f"{wanted.operand} in {items.operand}", True
    else:
        text, loose = f"$exists($filter({items.text}, function($i) {{ $i = {wanted.operand} }}))", False
    return combined(text, BOOLEAN, given.exprs, absorbs=True, loose=loose)


def _range(given: Arguments) -> Value:
    for index in range(3):
        given.assumes(index, WHOLE)
    return combined(f"[$range({', '.join(part.text for part in given.exprs)})]", ARRAY, given.exprs, absorbs=True)


def _get_item(given: Arguments) -> Value:
    given.assumes(0, "an array", ARRAYS)
    given.assumes(1, "a whole number, not below 0")
    items, index = given.exprs
    text = f"{items.operand}[{index.text}]"
    return Expr(text, ANY, (text,), combined("", ANY, given.exprs).needs)


def _length(given: Arguments) -> Value:
    given.assumes(0, "an array", ARRAYS)
    return combined(f"$count({given.expr(0).text})", NUMBER, given.exprs, absorbs=True)


def _unique(given: Arguments) -> Value:
    given.assumes(0, "an array", ARRAYS)
    return combined(f"$distinct({given.expr(0).text})", ARRAY, given.exprs)


def _encode(given: Arguments) -> Value:
    given.assumes(0, "a string of ASCII letters: $base64encode takes bytes, States.Base64Encode UTF-8")
    return combined(f"$base64encode({given.expr(0).text})", STRING, given.exprs)


def _decode(given: Arguments) -> Value:
    given.assumes(0, "the Base64 text of ASCII letters: $base64decode gives bytes, States.Base64Decode UTF-8")
    return combined(f"$base64decode({given.expr(0).text})", STRING, given.exprs)


def _hash(given: Arguments) -> Value:
    return combined(f"$hash({given.expr(0).text}, {given.expr(1).text})", STRING, given.exprs)


def _to_json(given: Arguments) -> Value:
    return combined(f"$parse({given.expr(0).text})", ANY, given.exprs)


def _to_string(given: Arguments) -> Value:
    """`$string` leaves a string as it is, without quotes."""
    value = given.expr(0)
    if value.kind == STRING:
        given.site.refuse(f"{given.call.text}: the JSON text of a string has no exact counterpart in JSONata")
    given.assumes(0, "no string ($string adds no quotes), and its numbers print alike in both", frozenset({BOOLEAN}))
    return combined(f"$string({value.text})", STRING, given.exprs)


def _merge(given: Arguments) -> Value:
    if given.literal(2) is not False:
        given.site.refuse(f"{given.call.text}: only the shallow merge (false) exists")
    for index in (0, 1):
        given.assumes(index, "an object", frozenset({OBJECT}))
    parts = given.exprs[:2]
    return combined(f"$merge([{parts[0].text}, {parts[1].text}])", OBJECT, parts, absorbs=True)


def _random(given: Arguments) -> Value:
    """The same number from the same chance; AWS documents neither generator."""
    for index in range(len(given.values)):
        given.assumes(index, WHOLE)
    if len(given.values) == 3:
        given.site.assumes("a seed gives other numbers on AWS, whose two generators are not documented")
    first, end, *seed = given.exprs
    text = f"{first.operand} + $floor($random({''.join(part.text for part in seed)}) * ({end.text} - {first.operand}))"
    return combined(text, NUMBER, given.exprs, loose=True)


def _add(given: Arguments) -> Value:
    first, second = given.values
    for index in (0, 1):
        given.assumes(index, "a whole number: States.MathAdd rounds others", frozenset())
    if isinstance(second, int) and second < 0:
        return combined(f"{given.expr(0).operand} - {-second}", NUMBER, given.exprs, loose=True)
    return combined(f"{as_expr(first).operand} + {as_expr(second).operand}", NUMBER, given.exprs, loose=True)


def _split(given: Arguments) -> Value:
    """Each character separates, and empty parts are dropped."""
    separators = given.literal(1)
    if not isinstance(separators, str) or not separators:
        given.site.refuse(f"{given.call.text}: only separators of one character or more can be turned")
    given.assumes(0, "a string", frozenset({STRING}))
    by = quoted(separators) if len(separators) == 1 else f"/[{''.join(map(_in_class, separators))}]/"
    return combined(f"[$split({given.expr(0).text}, {by})[$ != '']]", ARRAY, given.exprs[:1], absorbs=True)


def _in_class(character: str) -> str:
    """A character within the square brackets of a regular expression."""
    if character.isalnum() or ord(character) > 126 or character in " ,;:_":
        return character
    return f"\\x{ord(character):02x}" if ord(character) < 32 else f"\\{character}"


def _uuid(given: Arguments) -> Value:
    return Expr("$uuid()", STRING)


ROWS: dict[str, Row] = {
    "States.Format": _format,
    "States.StringToJson": _to_json,
    "States.JsonToString": _to_string,
    "States.Array": _array,
    "States.ArrayPartition": _partition,
    "States.ArrayContains": _contains,
    "States.ArrayRange": _range,
    "States.ArrayGetItem": _get_item,
    "States.ArrayLength": _length,
    "States.ArrayUnique": _unique,
    "States.Base64Encode": _encode,
    "States.Base64Decode": _decode,
    "States.Hash": _hash,
    "States.JsonMerge": _merge,
    "States.MathRandom": _random,
    "States.MathAdd": _add,
    "States.StringSplit": _split,
    "States.UUID": _uuid,
}
