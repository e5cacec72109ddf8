"""The execution's own chance: a generator fixed by a seed (SplitMix64), so that a replay draws the same numbers."""

from __future__ import annotations

_MASK = (1 << 64) - 1


class Entropy:
    """Random numbers and UUIDs from a seed."""

    __slots__ = ("_state",)

    def __init__(self, seed: int) -> None:
        self._state = seed & _MASK

    def bits(self) -> int:
        """64 random bits."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
        return mixed ^ (mixed >> 31)

    def random(self) -> float:
        """A number in [0, 1) with 53 random bits."""
        return (self.bits() >> 11) / (1 << 53)

    def uuid(self) -> str:
        """A version 4 UUID."""
        number = (self.bits() << 64) | self.bits()
        number = number & ~(0xF000 << 64) | (0x4000 << 64)
        number = number & ~(0xC000 << 48) | (0x8000 << 48)
        text = f"{number:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
