"""Functions on strings. Characters are code points; a missing string gives a missing result."""

from __future__ import annotations

import re
from typing import Any

from asl_engine.query.jsonata.callables import Builtin, callback
from asl_engine.query.jsonata.messages import JsonataError, too_large
from asl_engine.query.jsonata.text import to_text
from asl_engine.query.jsonata.values import MAX_TEXT, UNDEFINED, Function, Run, Value, floored, sequence, truth

_BLANKS = re.compile("[ \t\n\r]+")
_RESERVED = ";/?:@&=+$,#"
_COMPONENT_SAFE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()")
_URL_SAFE = _COMPONENT_SAFE | frozenset(_RESERVED)


def string(value: Value, pretty: Value = UNDEFINED) -> Value:
    return UNDEFINED if value is UNDEFINED else to_text(value, pretty is True)


def length(text: Value) -> Value:
    return UNDEFINED if text is UNDEFINED else len(text)


def uppercase(text: Value) -> Value:
    return UNDEFINED if text is UNDEFINED else text.upper()


def lowercase(text: Value) -> Value:
    return UNDEFINED if text is UNDEFINED else text.lower()


def trim(text: Value) -> Value:
    return UNDEFINED if text is UNDEFINED else _BLANKS.sub(" ", text).strip(" ")


def substring(text: Value, start: Value = UNDEFINED, count: Value = UNDEFINED) -> Value:
    """From `start`, counted from the end if negative; as many as `count`."""
    if text is UNDEFINED:
        return UNDEFINED
    first = 0 if start is UNDEFINED else floored(start)
    if first < 0:
        first = max(len(text) + first, 0)
    if count is UNDEFINED:
        return text[first:]
    return text[first : first + max(floored(count), 0)]


def substring_before(text: Value, mark: Value = UNDEFINED) -> Value:
    if text is UNDEFINED:
        return UNDEFINED
    place = text.find("undefined" if mark is UNDEFINED else mark)
    return text if place < 0 else text[:place]


def substring_after(text: Value, mark: Value = UNDEFINED) -> Value:
    if text is UNDEFINED:
        return UNDEFINED
    mark = "undefined" if mark is UNDEFINED else mark
    place = text.find(mark)
    return text if place < 0 else text[place + len(mark) :]


def pad(text: Value, width: Value, filler: Value = UNDEFINED) -> Value:
    """On the right to `width` characters, on the left if it is negative."""
    if text is UNDEFINED:
        return UNDEFINED
    missing = (0 if width is UNDEFINED else floored(abs(width))) - len(text)
    if missing <= 0:
        return text
    if missing > MAX_TEXT:
        raise too_large()
    filler = filler or " "
    padding = (filler * (missing // len(filler) + 1))[:missing]
    return padding + text if width < 0 else text + padding


def join(texts: Value, separator: Value = UNDEFINED) -> Value:
    if texts is UNDEFINED:
        return UNDEFINED
    separator = separator or ""
    if sum(map(len, texts)) + len(separator) * len(texts) > MAX_TEXT:
        raise too_large()
    return separator.join(texts)


def contains(run: Run, text: Value, pattern: Value) -> Value:
    if text is UNDEFINED or pattern is UNDEFINED:
        return UNDEFINED
    if isinstance(pattern, str):
        return pattern in text
    return next(_matches(run, pattern, text), None) is not None


def match(run: Run, text: Value, pattern: Value, limit: Value = UNDEFINED) -> Value:
    """What the pattern matches: an object {match, index, groups} each."""
    if text is UNDEFINED:
        return UNDEFINED
    if limit is not UNDEFINED and limit < 0:
        raise JsonataError("D3040", value=limit, index=3)
    found: list[Value] = []
    if pattern is not UNDEFINED and (limit is UNDEFINED or limit >= 1):
        for hit in _matches(run, pattern, text):  # one more than the limit is looked for, and may be D1004
            if limit is not UNDEFINED and len(found) >= floored(limit):
                break
            run.charge(1)
            found.append({"match": hit["match"], "index": hit["start"], "groups": hit["groups"]})
    run.marked = True  # a group that took no part is undefined
    return sequence(found)


def split(run: Run, text: Value, separator: Value = UNDEFINED, limit: Value = UNDEFINED) -> Value:
    if text is UNDEFINED:
        return UNDEFINED
    if limit is not UNDEFINED and limit < 0:
        raise JsonataError("D3020", value=limit, index=3)
    count = None if limit is UNDEFINED else floored(limit)
    if separator is UNDEFINED:
        return [text][:count]
    run.charge(len(text) >> 4)
    if isinstance(separator, str):
        return (text.split(separator) if separator else list(text))[:count]
    parts: list[Value] = []
    start = 0
    for hit in _matches(run, separator, text):
        if count is not None and len(parts) >= count:
            return parts
        run.charge(1)
        parts.append(text[start : hit["start"]])
        start = hit["end"]
    return [*parts, text[start:]][:count]


def replace(run: Run, text: Value, pattern: Value, by: Value, limit: Value = UNDEFINED) -> Value:
    """`by` is a string, in which `$1` stands for a group if the pattern is a regex, or a function of the match."""
    if text is UNDEFINED:
        return UNDEFINED
    if pattern == "":
        raise JsonataError("D3010", value=pattern, index=2)
    if limit is not UNDEFINED and limit < 0:
        raise JsonataError("D3011", value=limit, index=4)
    if pattern is UNDEFINED or (limit is not UNDEFINED and limit < 1):
        return text
    most = None if limit is UNDEFINED else floored(limit)
    if isinstance(pattern, str) and isinstance(by, str):
        count = text.count(pattern) if most is None else min(most, text.count(pattern))
        if len(text) + count * len(by) > MAX_TEXT:
            raise too_large()
        return text.replace(pattern, by, count)
    parts: list[str] = []
    start = size = 0
    hits = _text_matches(pattern, text) if isinstance(pattern, str) else _matches(run, pattern, text)
    for count, hit in enumerate(hits):
        if count == most:
            break
        run.charge(1)
        replacement = _replacement(run, hit, by)
        size += len(replacement)
        if size > MAX_TEXT:
            raise too_large()
        parts += [text[start : hit["start"]], replacement]
        start = hit["end"]
    return "".join([*parts, text[start:]])


def _replacement(run: Run, hit: dict[str, Any], by: Value) -> str:
    if isinstance(by, Function):
        result = callback(by, run, hit)
        if not isinstance(result, str):
            raise JsonataError("D3012", value=result)
        return result
    if by is UNDEFINED:
        return "undefined"
    return _expand(by, hit["match"], hit["groups"]) if hit["groups"] is not None else str(by)


def _expand(template: str, whole: str, groups: list[Value]) -> str:
    """`$0` the match, `$1`... the groups (as many digits as name one), `$$` a dollar."""
    parts: list[str] = []
    place = 0
    digits = 1 if not groups else len(str(len(groups)))
    while (dollar := template.find("$", place)) >= 0:
        parts.append(template[place:dollar])
        place = dollar + 1
        if template.startswith("$", place):
            parts.append("$")
            place += 1
        elif template.startswith("0", place):
            parts.append(whole)
            place += 1
        elif number := re.compile(f"[0-9]{{1,{digits}}}").match(template, place):
            index = int(number[0])
            if digits > 1 and index > len(groups):
                index = int(number[0][: digits - 1])
            if 0 < index <= len(groups) and groups[index - 1] is not UNDEFINED:
                parts.append(groups[index - 1])
            place += len(str(index))
        else:
            parts.append("$")
    parts.append(template[place:])
    return "".join(parts)


def _text_matches(pattern: str, text: str) -> Any:
    place = text.find(pattern)
    while place >= 0:
        end = place + len(pattern)
        yield {"match": pattern, "start": place, "end": end, "groups": None}
        place = text.find(pattern, end)


def _matches(run: Run, pattern: Value, text: str) -> Any:
    """The matches of a regex, or of a function that follows the matcher protocol: it gives an object with match,
    start, end, groups, and a function `next`."""
    from asl_engine.query.jsonata.regex import RegexFunction

    if isinstance(pattern, RegexFunction):
        yield from pattern.matches(text, run)
        return
    hit = callback(pattern, run, text)
    while isinstance(hit, dict):
        well_formed = isinstance(hit.get("start"), (int, float)) or isinstance(hit.get("end"), (int, float))
        if not (well_formed or isinstance(hit.get("groups"), list) or isinstance(hit.get("next"), Function)):
            raise JsonataError("T1010")
        yield hit
        run.charge(1)
        following = hit.get("next", UNDEFINED)
        hit = callback(following, run) if isinstance(following, Function) else UNDEFINED
    if hit is not UNDEFINED and truth(hit):
        raise JsonataError("T1010")


def base64_encode(text: Value) -> Value:
    """Of the low bytes of the characters, as the reference does."""
    import base64

    if text is UNDEFINED:
        return UNDEFINED
    return base64.b64encode(bytes(unit & 255 for unit in _utf16(text))).decode("ascii")


def _utf16(text: str) -> memoryview:
    return memoryview(text.encode("utf-16-le", "surrogatepass")).cast("H")


def base64_decode(text: Value) -> Value:
    import base64

    if text is UNDEFINED:
        return UNDEFINED
    digits = re.sub("[^A-Za-z0-9+/]", "", text.replace("-", "+").replace("_", "/").partition("=")[0])
    digits = digits[:-1] if len(digits) % 4 == 1 else digits
    return base64.b64decode(digits + "=" * (-len(digits) % 4)).decode("latin-1")


def encode_url(text: Value) -> Value:
    return _percent_encode(text, _URL_SAFE)


def encode_url_component(text: Value) -> Value:
    return _percent_encode(text, _COMPONENT_SAFE)


def _percent_encode(text: Value, safe: frozenset[str]) -> Value:
    if text is UNDEFINED:
        return UNDEFINED
    try:
        return "".join(c if c in safe else "".join(f"%{byte:02X}" for byte in c.encode()) for c in text)
    except UnicodeEncodeError:
        raise JsonataError("D3140", value=text) from None


def decode_url(text: Value) -> Value:
    return _percent_decode(text, _RESERVED)


def decode_url_component(text: Value) -> Value:
    return _percent_decode(text, "")


def _percent_decode(text: Value, keep: str) -> Value:
    """`keep`: the characters whose escapes are left as they are."""
    if text is UNDEFINED:
        return UNDEFINED

    def decode(run: re.Match[str]) -> str:
        decoded = bytes.fromhex(run[0].replace("%", "")).decode()
        return "".join(f"%{ord(c):02X}" if c in keep else c for c in decoded)

    try:
        if re.search("%(?![0-9A-Fa-f]{2})", text):
            raise ValueError
        return re.sub("(?:%[0-9A-Fa-f]{2})+", decode, text)
    except ValueError:
        raise JsonataError("D3140", value=text) from None


FUNCTIONS = (
    Builtin("string", "<x-b?:s>", string, arity=1),
    Builtin("length", "<s-:n>", length, arity=1),
    Builtin("uppercase", "<s-:s>", uppercase, arity=1),
    Builtin("lowercase", "<s-:s>", lowercase, arity=1),
    Builtin("trim", "<s-:s>", trim, arity=1),
    Builtin("substring", "<s-nn?:s>", substring, arity=3),
    Builtin("substringBefore", "<s-s:s>", substring_before, arity=2),
    Builtin("substringAfter", "<s-s:s>", substring_after, arity=2),
    Builtin("pad", "<s-ns?:s>", pad, arity=3),
    Builtin("join", "<a<s>s?:s>", join, arity=2),
    Builtin("contains", "<s-(sf):b>", contains, arity=2, uses_run=True),
    Builtin("match", "<s-f<s:o>n?:a<o>>", match, arity=3, uses_run=True, may_mark=True),
    Builtin("split", "<s-(sf)n?:a<s>>", split, arity=3, uses_run=True),
    Builtin("replace", "<s-(sf)(sf)n?:s>", replace, arity=4, uses_run=True),
    Builtin("base64encode", "<s-:s>", base64_encode, arity=1),
    Builtin("base64decode", "<s-:s>", base64_decode, arity=1),
    Builtin("encodeUrl", "<s-:s>", encode_url, arity=1),
    Builtin("encodeUrlComponent", "<s-:s>", encode_url_component, arity=1),
    Builtin("decodeUrl", "<s-:s>", decode_url, arity=1),
    Builtin("decodeUrlComponent", "<s-:s>", decode_url_component, arity=1),
)
