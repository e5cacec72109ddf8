"""A scope whose every part the test chooses."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class FixedEntropy:
    """Chance that never changes."""

    number: float = 0.5

    def random(self) -> float:
        return self.number

    def uuid(self) -> str:
        return "00000000-0000-4000-8000-000000000000"


@dataclass
class FixedScope:
    """One frame, standing still."""

    input: Any = None
    variables: dict[str, Any] = field(default_factory=dict)
    context_object: dict[str, Any] = field(default_factory=dict)
    now: int = 0
    entropy: FixedEntropy = field(default_factory=FixedEntropy)

    def context(self) -> dict[str, Any]:
        return self.context_object

    def map_item(self) -> dict[str, Any] | None:
        return self.context_object.get("Map", {}).get("Item")
