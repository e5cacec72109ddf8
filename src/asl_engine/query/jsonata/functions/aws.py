"""What AWS Step Functions adds to the library: developer guide, "JSONata functions provided by Step Functions".

Integer parameters are rounded down. `$random` and `$uuid` draw from the environment, so that a replay gives the same.
"""

from __future__ import annotations

from asl_engine import jsonvalue
from asl_engine.query.jsonata.callables import Builtin
from asl_engine.query.jsonata.messages import JsonataError
from asl_engine.query.jsonata.text import to_text
from asl_engine.query.jsonata.values import MAX_SEQUENCE, UNDEFINED, Run, Value, floored, sequence

_ALGORITHMS = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


def partition(items: Value, size: Value = UNDEFINED) -> Value:
    """The items in arrays of at most `size`."""
    if items is UNDEFINED or size is UNDEFINED:
        return UNDEFINED
    step = floored(size)
    if step < 1:
        raise JsonataError("D3900", value=size, index=2)
    return [items[start : start + step] for start in range(0, len(items), step)]


def range_(run: Run, first: Value, last: Value = UNDEFINED, step: Value = UNDEFINED) -> Value:
    """From `first` to `last`, both included, by `step`: a sequence, so that one number stands alone (recorded)."""
    if first is UNDEFINED or last is UNDEFINED or step is UNDEFINED:
        return UNDEFINED
    start, end, delta = floored(first), floored(last), floored(step)
    if delta == 0:
        raise JsonataError("D3900", value=step, index=3)
    count = max(0, (end - start) // delta + 1)
    if count > MAX_SEQUENCE:
        raise JsonataError("D2014", value=count)
    places = range(start, end + (1 if delta > 0 else -1), delta)
    run.charge(len(places) >> 3)
    return sequence(list(places))


def hash_(value: Value, algorithm: Value = UNDEFINED) -> Value:
    """The hexadecimal digest of a string's UTF-8 bytes, or of another value's JSON text."""
    if value is UNDEFINED or algorithm is UNDEFINED:
        return UNDEFINED
    name = _ALGORITHMS.get(algorithm)
    if name is None:
        raise JsonataError("D3901", value=algorithm)
    import hashlib

    return hashlib.new(name, to_text(value).encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


def random(run: Run, seed: Value = UNDEFINED) -> Value:
    """A number from 0 to below 1; with a seed, always the same for the same seed."""
    if seed is UNDEFINED:
        return run.environment.random()
    import hashlib

    digest = hashlib.sha256(str(floored(seed)).encode()).digest()
    return (int.from_bytes(digest[:8], "big") >> 11) / 2**53


def uuid(run: Run) -> Value:
    return run.environment.uuid()


def parse(text: Value) -> Value:
    """The value of a JSON text."""
    if text is UNDEFINED:
        return UNDEFINED
    try:
        return jsonvalue.loads(text)
    except jsonvalue.JsonTextError as error:
        raise JsonataError("D3902", value=text, reason=str(error)) from None


FUNCTIONS = (
    Builtin("partition", "<an:a>", partition, arity=2, may_mark=True),
    Builtin("range", "<nnn:a>", range_, arity=3, uses_run=True, may_mark=True),
    Builtin("hash", "<xs:s>", hash_, arity=2),
    Builtin("random", "<n?:n>", random, arity=1, uses_run=True),
    Builtin("uuid", "<:s>", uuid, arity=0, uses_run=True),
    Builtin("parse", "<s-:x>", parse, arity=1),
)
