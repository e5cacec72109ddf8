"""Intrinsics for encoding, hashing and identifiers. Developer guide, "Intrinsics for data encoding and decoding",
"Intrinsic for hash calculation" and "Intrinsic for unique identifier generation"."""

from __future__ import annotations

import base64
import binascii
import hashlib

from asl_engine.jsonvalue import Json, dumps
from asl_engine.query.intrinsics.table import Refused, intrinsic, need_string, shown
from asl_engine.query.scope import Scope

MAX_CHARACTERS = 10_000

ALGORITHMS = {
    "MD5": hashlib.md5,
    "SHA-1": hashlib.sha1,
    "SHA-256": hashlib.sha256,
    "SHA-384": hashlib.sha384,
    "SHA-512": hashlib.sha512,
}


@intrinsic("States.Base64Encode", 1)
def base64_encode(text: Json) -> Json:
    """The Base64 text of a string's UTF-8 bytes."""
    return base64.b64encode(_short(need_string(text)).encode()).decode()


@intrinsic("States.Base64Decode", 1)
def base64_decode(text: Json) -> Json:
    """The string whose UTF-8 bytes a Base64 text writes. MIME's form may have line breaks in it."""
    encoded = "".join(_short(need_string(text)).split())
    try:
        return base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, ValueError):
        raise Refused(f"The argument must be the Base64 text of a UTF-8 string, not {shown(text)}.") from None


@intrinsic("States.Hash", 2)
def hash_of(value: Json, algorithm: Json) -> Json:
    """The hexadecimal digest of a string's UTF-8 bytes, or of another value's JSON text."""
    if type(algorithm) is not str or algorithm not in ALGORITHMS:
        raise Refused(f"The algorithm must be one of {', '.join(ALGORITHMS)}, not {shown(algorithm)}.")
    text = value if type(value) is str else dumps(value)
    return ALGORITHMS[algorithm](_short(text).encode(), usedforsecurity=False).hexdigest()


@intrinsic("States.UUID", 0, scoped=True)
def uuid(scope: Scope) -> Json:
    """A version 4 UUID from the execution's own source of chance."""
    return scope.entropy.uuid()


def _short(text: str) -> str:
    if len(text) > MAX_CHARACTERS:
        raise Refused(f"The data must not have more than {MAX_CHARACTERS} characters, and has {len(text)}.")
    return text
