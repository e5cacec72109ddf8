"""Integers by picture: `#,##0`, `A`, `i`, `w`, `Ww;o` and the like (XPath's format-integer)."""

from __future__ import annotations

import math
import re
from functools import lru_cache

from asl_engine.query.jsonata.messages import JsonataError, too_large
from asl_engine.query.jsonata.values import Value, integer

_ZEROS = tuple(
    map(
        ord,
        "0٠۰߀०০੦૦୦௦౦೦൦෦๐໐༠၀႐០᠐᥆᧐᪀᪐᭐᮰᱀᱐꘠꣐꤀꧐꧰꩐꯰０",
    )
)
_FEW = [
    *("Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve"),
    *("Thirteen", "Fourteen", "Fifteen", "Sixteen", "Seventeen", "Eighteen", "Nineteen"),
]
_ORDINALS = [
    *("Zeroth", "First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Tenth"),
    *("Eleventh", "Twelfth", "Thirteenth", "Fourteenth", "Fifteenth", "Sixteenth", "Seventeenth", "Eighteenth"),
    "Nineteenth",
]
_DECADES = ["Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety"]
_MAGNITUDES = ["Thousand", "Million", "Billion", "Trillion"]
_ROMAN = tuple(
    zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ["m", "cm", "d", "cd", "c", "xc", "l", "xl", "x", "ix", "v", "iv", "i"],
        strict=True,
    )
)
_STYLES = {"A": "letters", "a": "letters", "I": "roman", "i": "roman", "W": "words", "Ww": "words", "w": "words"}
MAX_ROMAN = 1_000_000
MAX_PICTURE = 10_000


class IntegerFormat:
    """`style`: "letters", "roman", "words", "decimal" or "sequence" (which cannot be written). `case`: "upper",
    "lower" or "title". `every`: digits between regular separators; else `separators` are (digits to the right, text).
    """

    def __init__(self, style: str, token: str, case: str = "lower", ordinal: bool = False) -> None:
        self.style = style
        self.token = token
        self.case = case
        self.ordinal = ordinal
        self.zero = ord("0")
        self.mandatory = 0
        self.optional = 0
        self.every = 0
        self.separators: list[tuple[int, str]] = []
        self.parse_width = 0

    @property
    def pattern(self) -> str:
        """A regular expression for what `parse` takes, to be matched without regard to case."""
        if self.style == "letters":
            return "[a-z]+"
        if self.style == "roman":
            return "[mdclxvi]+"
        if self.style == "words":
            words = "|".join(sorted([*_word_values(), "and"], key=len, reverse=True))
            return f"(?:(?:{words}|[-, ])+)"
        return "[0-9]" + (f"{{{self.parse_width}}}" if self.parse_width else "+") + self._suffix

    @property
    def _suffix(self) -> str:
        return "(?:th|st|nd|rd)" if self.ordinal else ""


def format_integer(value: int, picture: str) -> str:
    return write(value, read_picture(picture))


def parse_integer(text: str, picture: str) -> Value:
    return parse(text, read_picture(picture))


def read_picture(picture: str) -> IntegerFormat:
    if len(picture) > MAX_PICTURE:
        raise too_large()
    primary, _, modifier = picture.rpartition(";") if ";" in picture else (picture, "", "")
    style = _STYLES.get(primary)
    ordinal = modifier.startswith("o")
    if style is not None:
        case = "title" if primary == "Ww" else "upper" if primary.isupper() else "lower"
        return IntegerFormat(style, primary, case, ordinal)
    return _read_decimal(primary, ordinal)


def _read_decimal(primary: str, ordinal: bool) -> IntegerFormat:
    spec = IntegerFormat("sequence", primary, ordinal=ordinal)
    digits = 0
    for char in reversed(primary):
        zero = next((zero for zero in _ZEROS if zero <= ord(char) <= zero + 9), None)
        if zero is not None:
            if spec.mandatory and spec.zero != zero:
                raise JsonataError("D3131")
            spec.zero = zero
            spec.mandatory += 1
            digits += 1
        elif char == "#":
            spec.optional += 1
            digits += 1
        else:
            spec.separators.append((digits, char))
    if spec.mandatory:
        spec.style = "decimal"
        spec.every = regular_interval([place for place, _ in spec.separators])
        if len({char for _, char in spec.separators}) > 1:
            spec.every = 0
    return spec


def regular_interval(places: list[int]) -> int:
    """The distance between separators that stand at every multiple of it, else 0."""
    interval = math.gcd(*places)
    if not interval or any(interval * count not in places for count in range(1, len(places) + 1)):
        return 0
    return interval


def write(value: int, spec: IntegerFormat) -> str:
    text = _WRITERS[spec.style](abs(value), spec)
    return "-" + text if value < 0 else text


def _write_letters(value: int, spec: IntegerFormat) -> str:
    letters: list[str] = []
    while value > 0:
        value, place = divmod(value - 1, 26)
        letters.append(chr(ord("a") + place))
    return _cased("".join(reversed(letters)), spec)


def _write_roman(value: int, spec: IntegerFormat) -> str:
    if value > MAX_ROMAN:
        raise too_large()
    parts: list[str] = []
    for worth, letters in _ROMAN:
        count, value = divmod(value, worth)
        parts.append(letters * count)
    return _cased("".join(parts), spec)


def _write_words(value: int, spec: IntegerFormat) -> str:
    text = _in_words(value, joined=False, ordinal=spec.ordinal)
    return text if spec.case == "title" else _cased(text, spec)


def _cased(text: str, spec: IntegerFormat) -> str:
    return text.upper() if spec.case == "upper" else text.lower()


def _in_words(value: int, *, joined: bool, ordinal: bool) -> str:
    """`joined`: something stands before, so the words begin with "and" or a comma."""
    if value < 20:
        return (" and " if joined else "") + (_ORDINALS if ordinal else _FEW)[value]
    if value < 100:
        tens, rest = divmod(value, 10)
        word = _DECADES[tens - 2]
        if rest:
            word += "-" + _in_words(rest, joined=False, ordinal=ordinal)
        elif ordinal:
            word = word[:-1] + "ieth"
        return (" and " if joined else "") + word
    if value < 1000:
        count, rest, unit = *divmod(value, 100), "Hundred"
    else:
        magnitude = min((len(str(value)) - 1) // 3, len(_MAGNITUDES))
        count, rest = divmod(value, 1000**magnitude)
        unit = _MAGNITUDES[magnitude - 1]
    words = (", " if joined else "") + _in_words(count, joined=False, ordinal=False) + " " + unit
    if rest:
        return words + _in_words(rest, joined=True, ordinal=ordinal)
    return words + ("th" if ordinal else "")


def _write_decimal(value: int, spec: IntegerFormat) -> str:
    if spec.mandatory > 10_000:
        raise too_large()
    digits = str(value).rjust(spec.mandatory, "0")
    suffix = _ordinal_suffix(digits) if spec.ordinal else ""
    if spec.zero != ord("0"):
        digits = "".join(chr(ord(digit) - ord("0") + spec.zero) for digit in digits)
    if spec.every:
        places = [
            (count * spec.every, spec.separators[0][1]) for count in range(1, (len(digits) - 1) // spec.every + 1)
        ]
    else:
        places = [(place, char) for place, char in spec.separators if place < len(digits)]
    end = len(digits)
    for place, char in sorted(places):
        digits = digits[: end - place] + char + digits[end - place :]
    return digits + suffix


def _ordinal_suffix(digits: str) -> str:
    if len(digits) > 1 and digits[-2] == "1":
        return "th"
    return {"1": "st", "2": "nd", "3": "rd"}.get(digits[-1], "th")


def _write_sequence(value: int, spec: IntegerFormat) -> str:
    raise JsonataError("D3130", value=spec.token)


_WRITERS = {
    "letters": _write_letters,
    "roman": _write_roman,
    "words": _write_words,
    "decimal": _write_decimal,
    "sequence": _write_sequence,
}


def parse(text: str, spec: IntegerFormat) -> Value:
    """The integer that a text stands for; the text is trusted to be of the picture's style."""
    if spec.style == "sequence":
        raise JsonataError("D3130", value=spec.token)
    try:
        return integer(_PARSERS[spec.style](text, spec))
    except (KeyError, ValueError):
        raise JsonataError("D3030", value=text) from None


def _parse_letters(text: str, spec: IntegerFormat) -> int:
    value = 0
    for letter in text.lower():
        value = value * 26 + ord(letter) - ord("a") + 1
    return value


def _parse_roman(text: str, spec: IntegerFormat) -> int:
    worths = {letters: worth for worth, letters in _ROMAN if len(letters) == 1}
    values = [worths[letter] for letter in text.lower()]
    following = [*values[1:], 0]
    return sum(-value if value < after else value for value, after in zip(values, following, strict=True))


def _parse_words(text: str, spec: IntegerFormat) -> int:
    worths = _word_values()
    parts = [0]
    for word in re.split(r",\s|\sand\s|[\s-]", text.lower()):
        worth = worths[word]
        if worth >= 100:
            parts.append(parts.pop() * worth)
        elif parts[-1] >= 1000:
            parts.append(worth)
        else:
            parts[-1] += worth
    return sum(parts)


@lru_cache(maxsize=1)
def _word_values() -> dict[str, int]:
    worths = {word.lower(): value for words in (_FEW, _ORDINALS) for value, word in enumerate(words)}
    for place, word in enumerate(_DECADES, 2):
        worths[word.lower()] = worths[word[:-1].lower() + "ieth"] = place * 10
    for place, word in enumerate(_MAGNITUDES, 1):
        worths[word.lower()] = worths[word.lower() + "th"] = 1000**place
    worths["hundred"] = worths["hundredth"] = 100
    return worths


def _parse_decimal(text: str, spec: IntegerFormat) -> int:
    digits = text[:-2] if spec.ordinal else text
    for _, separator in spec.separators:
        digits = digits.replace(separator, "")
    if spec.zero != ord("0"):
        digits = "".join(str(ord(digit) - spec.zero) for digit in digits)
    return int(digits)


_PARSERS = {
    "letters": _parse_letters,
    "roman": _parse_roman,
    "words": _parse_words,
    "decimal": _parse_decimal,
}
