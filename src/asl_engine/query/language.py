"""The one interface behind which the two query languages meet: all that a state may ask.

A state never asks which language it is in. Every answer is compiled once, when the machine is loaded; with it comes its
`Growth`, from which the execution bounds payload sizes without serialising them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from asl_engine.jsonvalue import Json
from asl_engine.query.scope import Expr, Scope


class Growth(NamedTuple):
    """An upper bound of a value's size: `input` times the raw input's bound, plus `document` times the bound of the
    document the expression reads, plus `constant` bytes."""

    input: int
    document: int
    constant: int


UNBOUNDED = Growth(0, 0, 1 << 40)
"""Nothing is known beforehand: the value must be measured."""

IDENTITY = Growth(0, 1, 0)


class Sized(NamedTuple):
    """A compiled expression and the growth of what it gives."""

    expr: Expr
    growth: Growth


class QueryLanguage(Protocol):
    """What JSONPath and JSONata each say for the fields of a state. None stands for "unchanged"."""

    name: str

    def before(self, state: Any) -> Sized | None:
        """Raw input -> effective input (InputPath and Parameters, or Arguments)."""

    def selected(self, state: Any) -> Sized | None:
        """Raw input -> what the state's other paths read (InputPath)."""

    def after(self, state: Any) -> Sized | None:
        """Result -> state output (ResultSelector, ResultPath and OutputPath, or Output)."""

    def caught(self, catcher: Any, index: int) -> Sized | None:
        """Error output -> state output of a Catch (ResultPath, or Output)."""

    def assign(self, template: Json, field: str, has_result: bool) -> Expr | None:
        """Document -> the variables that `Assign` sets, by name; None where it sets none."""

    def value(self, field: str, text: Json, path: str | None) -> Expr | None:
        """A single value: the literal or expression in `field`, or the path in `<field>Path`; None where neither is."""

    def fail_text(self, field: str, text: Json, path: str | None) -> Expr | None:
        """Error or Cause of a Fail state: like `value`, but the path may be an intrinsic function, and AWS words a
        missing value differently."""

    def template(self, field: str, template: Json) -> Sized:
        """A payload template."""

    def item_template(self, field: str, template: Json) -> Sized:
        """The payload template of an ItemSelector; `input` of its growth counts the Map's item."""

    def rule_output(self, rule: Any, index: int, state: Any) -> Sized | None:
        """What a Choice rule that holds makes of the state's input (OutputPath, or the rule's Output)."""

    def condition(self, text: Json, field: str) -> Callable[[Json, Scope], bool]:
        """A boolean expression of a Choice rule."""
