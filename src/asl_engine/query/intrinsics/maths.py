"""Intrinsics for numbers. Developer guide, "Intrinsics for Math operations": integers, and others are rounded first."""

from __future__ import annotations

import hashlib

from asl_engine.jsonvalue import Json
from asl_engine.query.intrinsics.table import Refused, intrinsic, need_integer, shown
from asl_engine.query.scope import Scope

LEAST, MOST = -(2**31), 2**31 - 1


@intrinsic("States.MathAdd", 2)
def math_add(first: Json, second: Json) -> Json:
    """The sum of two 32-bit integers."""
    one = first if type(first) is int else need_integer(first, "The first argument")
    other = second if type(second) is int else need_integer(second, "The second argument")
    total = one + other
    if LEAST <= one <= MOST and LEAST <= other <= MOST and LEAST <= total <= MOST:
        return total
    raise Refused(f"The arguments {one} and {other} and their sum must be integers from {LEAST} to {MOST}.")


@intrinsic("States.MathRandom", 2, 3, scoped=True)
def math_random(scope: Scope, first: Json, end: Json, *seed: Json) -> Json:
    """An integer from `first` up to but not including `end`; the same seed gives the same number.

    AWS's generator is not documented, so its very numbers cannot be foretold.
    """
    least, most = need_integer(first, "The start number"), need_integer(end, "The end number")
    if least >= most:
        raise Refused(f"The start number {shown(first)} must be less than the end number {shown(end)}.")
    chance = _seeded(need_integer(seed[0], "The seed")) if seed else scope.entropy.random()
    return min(least + int(chance * (most - least)), most - 1)


def _seeded(seed: int) -> float:
    """A number in [0, 1) that only the seed decides."""
    digest = hashlib.sha256(str(seed).encode()).digest()
    return (int.from_bytes(digest[:8], "big") >> 11) / 2**53
