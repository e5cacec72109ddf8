"""Generated cases: machines drawn with `asl_engine.testing.strategies`, the same ones in every run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .compare import Json


def draw_machines(number: int, *, tasks: bool = True) -> Iterator[tuple[dict[str, Any], Json]]:
    """So many (definition, input); without `tasks` there are no Task states, and no time-outs.

    Raises ImportError without Hypothesis.
    """
    from hypothesis import given
    from hypothesis import strategies as st

    from asl_engine.testing.strategies import STATE_TYPES, inputs_for, machines

    found: list[tuple[dict[str, Any], Json]] = []
    types = [kind for kind in STATE_TYPES if tasks or kind != "Task"]
    pairs = machines(types=types, time_outs=tasks).flatmap(
        lambda definition: st.tuples(st.just(definition), inputs_for(definition)),
    )

    def keep(pair: tuple[dict[str, Any], Json]) -> None:
        found.append(pair)

    run: Any = settings_for(number)(given(pairs)(keep))
    run()
    yield from found[:number]


def settings_for(number: int, *, shrink: bool = False, derandomize: bool = True) -> Any:
    """Hypothesis's settings for a run of so many examples: no database, no deadline."""
    from hypothesis import HealthCheck, Phase, settings

    return settings(
        max_examples=number,
        database=None,
        derandomize=derandomize,
        deadline=None,
        phases=[Phase.generate, *([Phase.shrink] if shrink else [])],
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
