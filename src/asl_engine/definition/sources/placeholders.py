"""`${Name}` in definitions: what CloudFormation, SAM, Terraform and Serverless replace before AWS reads them.

Placeholders are replaced in the values of a parsed document, never in its text, so that every place stays true. Two
kinds are kept apart by their first character: `$` is a placeholder that the definition's author wrote; REFERENCE
stands in its stead where a template's own function (Ref, Fn::GetAtt, Fn::Sub) put a name.

A placeholder may stand where JSON wants a value: `"MaxConcurrency": ${Max}`. `mark_bare` turns it into a string of
the same length, whose first character says so. The marks are noncharacters of Unicode, which no text interchanges.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeAlias

from asl_engine.definition.sources.documents import member, pointer_to, tokens
from asl_engine.definition.sources.stand_ins import FIELDS, PAYLOADS, stand_in, stand_in_text
from asl_engine.jsonvalue import Json, JsonTextError, loads

REFERENCE = "\ufdd0"
_BARE = {"$": "\ufdd1", REFERENCE: "\ufdd2"}
_SIGILS = {mark: sigil for sigil, mark in _BARE.items()}

LONGEST = 1_048_576
"""What replaced placeholders may add to one definition: the size of the largest that AWS takes."""

_NAME = r"[A-Za-z_][\w.:/-]*"
_SERVERLESS_NAME = r"(?:[^${}]|\$\{[^{}]*\})+"
_IN_STRING_OR_BARE = re.compile(
    rf'"(?:[^"\\]++|\\.)*+"?|([$\ufdd0])\{{({_NAME}|(?<=\ufdd0.)[^{{}}"\\\n]+)\}}', re.DOTALL
)


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(rf"\$\{{(?P<own>{name})\}}|\ufdd0\{{(?P<reference>[^{{}}]*)\}}")


PLACEHOLDER = _pattern(_NAME)
SERVERLESS_PLACEHOLDER = _pattern(_SERVERLESS_NAME)

Find: TypeAlias = Callable[[str, str], str | None]
"""(first character, name) -> the text that a placeholder stands for, None where it is not known."""


class Unknown(NamedTuple):
    """A placeholder that nothing resolved: where it was met first, and what stands in for it there."""

    name: str
    pointer: str
    stand_in: Json


class Refused(ValueError):
    """A placeholder that cannot be replaced; `pointer` says where it stands."""

    def __init__(self, pointer: str, message: str) -> None:
        super().__init__(message)
        self.pointer = pointer
        self.message = message


def reference(name: str) -> str:
    """The placeholder for what a template's function names."""
    return f"{REFERENCE}{{{re.sub('[{}]', '', name)}}}"


def mark_bare(text: str) -> str:
    """JSON text with each placeholder outside its strings made a string of the same length."""
    return _IN_STRING_OR_BARE.sub(lambda m: f'"{_BARE[m[1]]}{m[2]}"' if m[1] else m[0], text)


def settle(text: str, find: Find) -> str | None:
    """A text with its references replaced; None where one of them is not known. Other placeholders stay."""
    known = {m["reference"]: find(REFERENCE, m["reference"]) for m in PLACEHOLDER.finditer(text) if m["own"] is None}
    if None in known.values():
        return None
    return PLACEHOLDER.sub(lambda m: m[0] if m["own"] is not None else known[m["reference"]] or "", text)


class Substitution:
    """How the placeholders of one definition are replaced, and which of them nothing resolved (`unknown`, by name)."""

    def __init__(self, find: Find, pattern: re.Pattern[str] = PLACEHOLDER) -> None:
        self.find = find
        self.pattern = pattern
        self.unknown: dict[str, Unknown] = {}
        self._renamed: dict[int, dict[str, str]] = {}
        """The id of an object whose keys hold placeholders -> new key -> the key as it stands there."""
        self._added = 0

    def carried_out(self, value: Json) -> Json:
        """The value with all placeholders replaced, in keys too. Raises Refused."""
        return self._replaced(value, [])

    def origin(self, value: Json, pointer: str) -> str:
        """What a JSON pointer into the replaced value was called in `value`: keys may hold placeholders."""
        found: list[str] = []
        for token in tokens(pointer):
            token = self._renamed.get(id(value), {}).get(token, token)
            found.append(token)
            value = member(value, token)
        return pointer_to(*found)

    def _replaced(self, value: Json, path: list[str | int]) -> Json:
        if isinstance(value, str):
            return self._replaced_text(value, path) if self._has_any(value) else value
        if isinstance(value, list):
            return [self._replaced(item, at) for at, item in _each(enumerate(value), path)]
        if isinstance(value, dict):
            return self._replaced_object(value, path)
        return value

    def _replaced_object(self, value: dict[str, Json], path: list[str | int]) -> Json:
        replaced: dict[str, Json] = {}
        for at, item in _each(value.items(), path):
            key = str(at[-1])
            name = self._filled(key, at) if self._has_any(key) else key
            if name in replaced:
                message = f"the key {name!r:.60} occurs more than once when placeholders are replaced"
                raise Refused(pointer_to(*at), message)
            if name != key:
                self._renamed.setdefault(id(value), {})[name] = key
            replaced[name] = self._replaced(item, at)
        return replaced

    def _has_any(self, text: str) -> bool:
        return "${" in text or REFERENCE in text or text[:1] in _SIGILS

    def _replaced_text(self, text: str, path: list[str | int]) -> Json:
        if text[:1] in _SIGILS:
            return self._bare(_SIGILS[text[0]], text[1:], path)
        whole = self.pattern.fullmatch(text)
        return self._whole(whole, path) if whole else self._filled(text, path)

    def _bare(self, sigil: str, name: str, path: list[str | int]) -> Json:
        """A placeholder in the place of a value: what it stands for is JSON text."""
        known = self.find(sigil, name)
        if known is None:
            field = _field(path)
            return self._not_known(name, FIELDS.get(field, {} if field in PAYLOADS else 1), path)
        self._count(known, path)
        try:
            return loads(known)
        except JsonTextError:
            message = f"${{{name:.60}}} stands outside quotes, and its value {known!r:.60} is not JSON"
            raise Refused(pointer_to(*path), message) from None

    def _whole(self, match: re.Match[str], path: list[str | int]) -> Json:
        """A placeholder that is all of a string: a number or a boolean where the field wants one."""
        name, field = _name(match), _field(path)
        known = self.find(_sigil(match), name)
        if known is None:
            return self._not_known(name, stand_in(name, field), path)
        self._count(known, path)
        wanted = FIELDS.get(field)
        if isinstance(wanted, (bool, int, float)):
            return _as_number_or_boolean(known)
        return known

    def _filled(self, text: str, path: list[str | int]) -> str:
        """A text with the placeholders among its words replaced."""

        def fill(match: re.Match[str]) -> str:
            name = _name(match)
            known = self.find(_sigil(match), name)
            if known is not None:
                self._count(known, path)
                return known
            return str(self._not_known(name, stand_in_text(name, text, match.start()), path))

        return self.pattern.sub(fill, text)

    def _count(self, known: str, path: list[str | int]) -> None:
        """Refuses values that make a definition longer than any that AWS takes, before it is made."""
        self._added += len(known)
        if self._added > LONGEST:
            raise Refused(pointer_to(*path), f"is longer than {LONGEST} characters when placeholders are replaced")

    def _not_known(self, name: str, neutral: Json, path: list[str | int]) -> Json:
        if name not in self.unknown:
            self.unknown[name] = Unknown(name, pointer_to(*path), neutral)
        return neutral


def _each(items: Iterable[tuple[str | int, Json]], path: list[str | int]) -> Iterator[tuple[list[str | int], Json]]:
    """The members of a container, each with `path` to it; the list is the same one all the way."""
    for key, item in items:
        path.append(key)
        yield path, item
        path.pop()


def _name(match: re.Match[str]) -> str:
    return match["reference"] if match["own"] is None else match["own"]


def _sigil(match: re.Match[str]) -> str:
    return REFERENCE if match["own"] is None else "$"


def _field(path: list[str | int]) -> str:
    """The field that a value stands in: the nearest key around it. Inside a payload keys are no fields of the language,
    apart from what their `.$` says."""
    field = next((key for key in reversed(path) if isinstance(key, str)), "")
    is_of_payload = any(key in PAYLOADS for key in path[:-1])
    return "" if is_of_payload and not field.endswith(".$") else field


def _as_number_or_boolean(text: str) -> Json:
    try:
        value = loads(text)
    except JsonTextError:
        return text
    return value if isinstance(value, (bool, int, float)) else text
