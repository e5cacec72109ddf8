"""What a test may assert of an execution. Each assertion gives the execution back, so that one can follow another.

Thin: what they do, and how they tell of it, is loaded when first asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from re import Pattern
    from types import EllipsisType
    from typing import Self

    from asl_engine.execution.execution import Execution

ANY: Any = type("AnyOutput", (), {"__repr__": lambda self: "ANY"})()
"""Stands for an output that is not looked at."""


class Assertions:
    """Asserted of an execution; an AssertionError tells the path taken, the state that broke, its input and failure."""

    def assert_succeeded(self, *, output: Any = ANY) -> Self:
        """It succeeded; with `output` it gave this. An output may hold what compares itself, as `unittest.mock.ANY`."""
        __tracebackhide__ = True
        from asl_engine.execution.checks import succeeded

        succeeded(_own(self), output)
        return self

    def assert_failed(self, error: str | Pattern[str] | None = None, cause: str | Pattern[str] | None = None) -> Self:
        """It failed, with this error and this cause: texts for the whole, compiled patterns for a part (`search`)."""
        __tracebackhide__ = True
        from asl_engine.execution.checks import ended

        ended(_own(self), "FAILED", error, cause)
        return self

    def assert_timed_out(self) -> Self:
        """Its own TimeoutSeconds ran out; a state's time-out is a failure, `assert_failed("States.Timeout")`."""
        __tracebackhide__ = True
        from asl_engine.execution.checks import ended

        ended(_own(self), "TIMED_OUT", None, None)
        return self

    def assert_aborted(self, error: str | Pattern[str] | None = None, cause: str | Pattern[str] | None = None) -> Self:
        """It was stopped from outside, with this error and cause as in `assert_failed`."""
        __tracebackhide__ = True
        from asl_engine.execution.checks import ended

        ended(_own(self), "ABORTED", error, cause)
        return self

    def assert_path(self, *path: str | EllipsisType | Sequence[Any]) -> Self:
        """It took this path, from first to last: names of the machine's own states, `...` for any between.

        A Map's or Parallel's name alone leaves its inside open. A list after it says what happened there: of names,
        the path of every iteration or branch; of lists, one for each in order. Names of inner states in the order
        of `path`, without lists, are taken too.
        """
        __tracebackhide__ = True
        from asl_engine.execution.checks import took_path

        took_path(_own(self), path)
        return self

    def went_through(self, *names: str) -> bool:
        """Whether it entered these states in this order, others between them or not. Raises LookupError for a name
        that no state of the machine has."""
        from asl_engine.execution.checks import is_on_path

        return is_on_path(_own(self), names)

    def assert_went_through(self, *names: str) -> Self:
        """It entered these states in this order, others between them or not. Raises what `went_through` does."""
        __tracebackhide__ = True
        from asl_engine.execution.checks import went_through

        went_through(_own(self), names)
        return self

    def assert_not_entered(self, *names: str) -> Self:
        """It entered none of these states. Raises what `went_through` does."""
        __tracebackhide__ = True
        from asl_engine.execution.checks import not_entered

        not_entered(_own(self), names)
        return self


def _own(execution: Any) -> Execution:
    return execution  # type: ignore[no-any-return]  # only Execution is made of this
