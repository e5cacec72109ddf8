"""The program: functions compiled from the definition, one `Step` a state. Frozen once bound; shared by executions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from asl_engine.jsonvalue import Json
from asl_engine.query.language import IDENTITY, Growth
from asl_engine.query.scope import Expr, Scope
from asl_engine.records import field, record
from asl_engine.states.moves import Move, Next

if TYPE_CHECKING:
    from asl_engine.states.catch import CatchPolicy
    from asl_engine.states.retry import RetryPolicy

Behaviour: TypeAlias = Callable[[Scope], Move]
Finish: TypeAlias = Callable[[Json, Scope], Next]
Watch: TypeAlias = Callable[[str, Scope, Next], None]
"""Where coverage is measured: called with the JSON pointer of a rule that has decided, the scope and the move made."""


def _unbound(*_: Any) -> Any:
    raise AssertionError("a step was run before it was bound")


@record(slots=True, eq=False)
class Step:
    """One state, compiled.

    `behaviour` answers when a frame enters the state; `finish` takes the result of work that took time. `growth` bounds
    the output's size: of the raw input for a behaviour that leaves at once, of raw input and result for `finish`.
    `item_input` makes the input of one Map iteration; `items_in_document` says that the items are
    part of the Map's effective input. `needs_token` says that the context object shows a task token. `watch` is told
    which rule of a Choice was taken, where coverage is measured.
    """

    name: str
    type: str
    state: Any
    entered: str = field(init=False)
    exited: str = field(init=False)
    behaviour: Behaviour = _unbound
    finish: Finish = _unbound
    growth: Growth = IDENTITY
    input_growth: Growth = IDENTITY
    factor: int = 1
    added: int = 0
    retry: RetryPolicy | None = None
    retriers: int = 0
    catch: CatchPolicy | None = None
    item_input: Expr | None = None
    item_growth: Growth = IDENTITY
    items_in_document: bool = False
    nested: tuple[Program, ...] = ()
    needs_token: bool = False
    watch: Watch | None = None

    def __post_init__(self) -> None:
        self.entered = f"{self.type}StateEntered"
        self.exited = f"{self.type}StateExited"

    def watched(self, pointer: str, finish: Finish) -> Finish:
        """The function, which tells `watch` of the pointer whenever it has done its work."""
        watch = self.watch
        if watch is None:
            return finish

        def told(result: Json, scope: Scope) -> Next:
            move = finish(result, scope)
            watch(pointer, scope, move)
            return move

        return told

    def __repr__(self) -> str:
        return f"<Step {self.name} ({self.type})>"


@record(frozen=True, slots=True)
class Program:
    """A machine, compiled: its first step, and all its steps by name."""

    first: Step
    steps: Mapping[str, Step]
    timeout_seconds: int | None = None
